"""Bayesian logistic regression by Hamiltonian Monte Carlo: which tumours are malignant, how surely?

Four chains run side by side under `vmap`, in one jitted loop; the leapfrog integrator follows the
gradient of the log posterior (Neal, *MCMC using Hamiltonian dynamics*, 2011). The data are
scikit-learn's Wisconsin breast cancer set, 569 tumours, 30 measurements (Wolberg, Mangasarian,
Street and Street 1995, CC BY 4.0).

    python examples/hmc.py [--short] [--samples N] [--out FILE.png]
"""

import argparse

import matplotlib
import numpy as np
from sklearn.datasets import load_breast_cancer
from tqdm import tqdm

import isograd
from isograd import lax, random

matplotlib.use("Agg")
import matplotlib.pyplot as plt

CHAINS, LEAPFROG, STEP, BLOCK = 4, 20, 0.06, 50


# ---- the model: plain NumPy ----

def log_posterior(w, x, y):
    """log p(w | x, y) up to a constant: standard normal prior, labels y in {-1, 1}."""
    return -np.sum(np.logaddexp(0.0, -y * (x @ w))) - 0.5 * w @ w


# ---- the sampler ----

def leapfrog(w, momentum, x, y):
    """Follow Hamilton's equations for LEAPFROG steps."""
    gradient = isograd.grad(log_posterior)

    def step(_, state):
        w, momentum = state
        momentum = momentum + 0.5 * STEP * gradient(w, x, y)
        w = w + STEP * momentum
        return w, momentum + 0.5 * STEP * gradient(w, x, y)
    return lax.fori_loop(0, LEAPFROG, step, (w, momentum))


def transition(w, key, x, y):
    """One step of the Markov chain: return (state, whether the proposal was accepted)."""
    for_momentum, for_choice = random.split(key)
    momentum = random.normal(for_momentum, w.shape)
    proposal, final = leapfrog(w, momentum, x, y)
    energy = log_posterior(w, x, y) - 0.5 * momentum @ momentum
    gain = log_posterior(proposal, x, y) - 0.5 * final @ final - energy
    accepted = np.log(random.uniform(for_choice)) < gain
    return np.where(accepted, proposal, w), accepted


@isograd.jit
def run_block(states, keys, x, y):
    """BLOCK transitions of every chain: states [chains, d] -> (states, samples, accepted)."""
    def chain(w, key):
        def step(w, key):
            w, accepted = transition(w, key, x, y)
            return w, (w, accepted)
        return lax.scan(step, w, random.split(key, BLOCK))
    states, (samples, accepted) = isograd.vmap(chain)(states, keys)
    return states, samples, accepted


# ---- the run ----

def load():
    """Standardised (x, y) to learn from and held out, with a constant column; names."""
    data = load_breast_cancer()
    x = (data.data - data.data.mean(0)) / data.data.std(0)
    x = np.column_stack([np.ones(len(x)), x])
    y = 1.0 - 2.0 * data.target         # malignant is 1
    order = np.random.default_rng(0).permutation(len(x))
    train, test = order[:400], order[400:]
    return (x[train], y[train]), (x[test], y[test]), ["constant", *data.feature_names]


def sample(x, y, samples):
    """Return (samples [chains, n, d], share of accepted proposals)."""
    key = random.key(0)
    states = random.normal(key, (CHAINS, x.shape[1])) * 0.1
    kept, rates = [], []
    for n in (bar := tqdm(range(samples // BLOCK), desc="HMC", unit=f"{BLOCK} samples")):
        keys = random.split(random.fold_in(key, n), CHAINS)
        states, block, accepted = run_block(states, keys, x, y)
        kept.append(block)
        rates.append(np.mean(accepted))
        bar.set_postfix(accepted=f"{rates[-1]:.0%}")
    burned = len(kept) // 4
    return np.concatenate(kept[burned:], axis=1), float(np.mean(rates[burned:]))


def r_hat(samples):
    """The largest potential scale reduction over the parameters (Gelman and Rubin 1992)."""
    n = samples.shape[1]
    within = np.mean(np.var(samples, axis=1, ddof=1), axis=0)
    between = np.var(np.mean(samples, axis=1), axis=0, ddof=1)
    return float(np.max(np.sqrt((n - 1) / n + between / within)))


def plot(path, samples, names, chance, y):
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    flat = samples.reshape(-1, samples.shape[-1])
    order = np.argsort(np.abs(flat.mean(0)))[-12:]
    left.boxplot(flat[:, order], orientation="horizontal", showfliers=False,
                 tick_labels=[names[i] for i in order])
    left.axvline(0, color="gray", linestyle=":")
    left.set(title="posterior of the largest weights")
    right.hist([chance[y < 0], chance[y > 0]], 20, stacked=True, label=["benign", "malignant"])
    right.set(title="held-out tumours", xlabel="probability of being malignant")
    right.legend()
    fig.savefig(path, dpi=120)
    plt.close(fig)


def main(argv=None):
    """Run, and return the accuracy on held-out tumours."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="few samples, for a quick check")
    parser.add_argument("--samples", type=int, default=2000, help="of each chain")
    parser.add_argument("--out", default="hmc.png", help="where to save the picture")
    args = parser.parse_args(argv)
    (x, y), (x_test, y_test), names = load()
    samples, rate = sample(x, y, 200 if args.short else args.samples)
    flat = samples.reshape(-1, samples.shape[-1])
    chance = np.mean(1 / (1 + np.exp(-flat @ x_test.T)), axis=0)
    plot(args.out, samples, names, chance, y_test)
    accuracy = float(np.mean((chance > 0.5) == (y_test > 0)))
    print(f"accepted           {rate:.0%} of the proposals")
    print(f"R-hat              {r_hat(samples):.3f} at most, over {samples.shape[2]} weights")
    print(f"held-out accuracy  {accuracy:.1%}")
    print(f"picture            {args.out}")
    return accuracy


if __name__ == "__main__":
    main()
