"""Gaussian process regression: predict the progress of diabetes, and see which measurements count.

The covariance has one length scale a measurement; they, the signal and the noise maximise the
marginal likelihood (Rasmussen and Williams, *Gaussian Processes for Machine Learning*, 2006,
section 5.4). The data are scikit-learn's diabetes study: 442 patients, ten measurements (Efron,
Hastie, Johnstone and Tibshirani, *Least Angle Regression*, 2004; shipped under BSD-3-Clause).

    python examples/gaussian_process.py [--short] [--iterations N] [--out FILE.png]
"""

import argparse

import matplotlib
import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_diabetes
from tqdm import tqdm

import isograd

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# ---- the model: plain NumPy ----

def covariance(params, x, z):
    """k(x, z) = s^2 exp(-|x - z|^2 / 2) in units of the length scales; [n, m]."""
    log_signal, log_scales = params["signal"], params["scales"]
    a, b = x / np.exp(log_scales), z / np.exp(log_scales)
    squares = np.sum(a**2, 1)[:, None] + np.sum(b**2, 1) - 2 * a @ b.T
    return np.exp(2 * log_signal - 0.5 * np.maximum(squares, 0.0))


def factorise(params, x):
    """The Cholesky factor of the covariance of noisy observations at x."""
    noise = np.exp(2 * params["noise"]) + 1e-8
    return np.linalg.cholesky(covariance(params, x, x) + noise * np.eye(len(x)))


def negative_log_likelihood(params, x, y):
    """-log p(y | x), per observation; equation 2.30."""
    factor = factorise(params, x)
    alpha = np.linalg.solve(factor, y)
    log_determinant = np.sum(np.log(np.diagonal(factor)))
    return (0.5 * alpha @ alpha + log_determinant) / len(y) + 0.5 * np.log(2 * np.pi)


def predict(params, x, y, z):
    """Mean and standard deviation of observations at z; equations 2.25 and 2.26."""
    factor = factorise(params, x)
    cross = np.linalg.solve(factor, covariance(params, x, z))
    mean = cross.T @ np.linalg.solve(factor, y)
    variance = np.exp(2 * params["signal"]) - np.sum(cross**2, 0) + np.exp(2 * params["noise"])
    return mean, np.sqrt(variance)


# ---- the run ----

def load():
    """Standardised (x, y) to learn from, (x, y) held out, and the names of the measurements."""
    data = load_diabetes(scaled=False)
    x = (data.data - data.data.mean(0)) / data.data.std(0)
    y = (data.target - data.target.mean()) / data.target.std()
    order = np.random.default_rng(0).permutation(len(x))
    train, test = order[:342], order[342:]
    return (x[train], y[train]), (x[test], y[test]), data.feature_names


def fit(x, y, iterations):
    """Return (params, negative log likelihood at each evaluation)."""
    start = {"signal": np.float64(0), "noise": np.float64(0), "scales": np.full(x.shape[1], 1.5)}
    leaves, struct = isograd.tree.flatten(start)
    sizes = np.cumsum([np.size(leaf) for leaf in leaves])[:-1]
    value_and_grad = isograd.jit(isograd.value_and_grad(negative_log_likelihood))
    history = []

    def unpack(flat):
        parts = np.split(flat, sizes)
        return isograd.tree.unflatten(struct, [part.reshape(np.shape(leaf)) for part, leaf
                                               in zip(parts, leaves, strict=True)])

    def objective(flat):
        value, gradient = value_and_grad(unpack(flat), x, y)
        history.append(float(value))
        return value, np.concatenate([np.ravel(g) for g in isograd.tree.leaves(gradient)])

    with tqdm(total=iterations, desc="L-BFGS", unit="iteration") as bar:
        def show(intermediate_result):
            bar.update()
            bar.set_postfix(nll=f"{intermediate_result.fun:.4f}")
        flat = np.concatenate([np.ravel(leaf) for leaf in leaves])
        found = minimize(objective, flat, jac=True, method="L-BFGS-B", callback=show,
                         options={"maxiter": iterations})
    return unpack(found.x), history


def plot(path, params, names, predicted, y):
    mean, deviation = predicted
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.errorbar(y, mean, 2 * deviation, fmt=".", alpha=0.5, elinewidth=0.5)
    left.axline((0, 0), slope=1, color="gray", linestyle=":")
    left.set(xlabel="observed", ylabel="predicted, +- 2 deviations", title="held-out patients")
    order = np.argsort(-params["scales"])
    right.barh([names[i] for i in order], np.exp(-params["scales"][order]))
    right.set(xlabel="1 / length scale", title="which measurements count")
    fig.savefig(path, dpi=120)
    plt.close(fig)


def main(argv=None):
    """Run, and return the part of the held-out variance that is explained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="few iterations, for a quick check")
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--out", default="gaussian_process.png", help="where to save the picture")
    args = parser.parse_args(argv)
    (x, y), (x_test, y_test), names = load()
    params, history = fit(x, y, 25 if args.short else args.iterations)
    mean, deviation = predict(params, x, y, x_test)
    plot(args.out, params, names, (mean, deviation), y_test)
    explained = 1 - np.mean((mean - y_test) ** 2) / np.var(y_test)
    covered = np.mean(np.abs(mean - y_test) < 2 * deviation)
    print(f"negative log likelihood  {history[0]:.4f} -> {min(history):.4f} per observation")
    print(f"held-out variance        {explained:.1%} explained; {covered:.0%} within 2 deviations")
    print(f"picture                  {args.out}")
    return explained


if __name__ == "__main__":
    main()
