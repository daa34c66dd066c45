"""Train a network on real handwriting, twice: on the fast backend and on the reference.

The data are scikit-learn's bundled UCI digits: 1,797 scans of 8x8 pixels (CC BY 4.0, Alpaydin and
Kaynak 1998). The network and the optimiser are plain NumPy; `isograd.jit` fuses them and
`isograd.value_and_grad` differentiates them. At the end the two runs are compared.

    python examples/digits.py [--short] [--epochs N] [--out FILE.png]
"""

import argparse
import time

import matplotlib
import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

import isograd

matplotlib.use("Agg")
import matplotlib.pyplot as plt

BATCH, HIDDEN, CLASSES = 64, 128, 10


# ---- the model: plain NumPy ----

def predict(params, x):
    """Class scores of images x [n, 64]: two hidden layers."""
    for w, b in params[:-1]:
        x = np.tanh(x @ w + b)
    w, b = params[-1]
    return x @ w + b


def loss(params, x, y):
    """Mean cross-entropy against one-hot labels y [n, 10]."""
    scores = predict(params, x)
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_probability = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(np.sum(y * log_probability, axis=1))


def adam(params, state, gradient, rate=2e-3, beta1=0.9, beta2=0.999):
    """One step of Adam (Kingma and Ba 2015); state is (step, first and second moments)."""
    t, m, v = state
    t = t + 1
    m = isograd.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradient)
    v = isograd.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradient)

    def update(p, m, v):
        return p - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + 1e-8)
    return isograd.tree.map(update, params, m, v), (t, m, v)


def train_step(params, state, x, y):
    value, gradient = isograd.value_and_grad(loss)(params, x, y)
    params, state = adam(params, state, gradient)
    return value, params, state


# ---- the run ----

def load():
    """Return (train images, one-hot train labels, test images, test labels)."""
    digits = load_digits()
    x, y = digits.data / 16.0, digits.target
    order = np.random.default_rng(0).permutation(len(x))
    train, test = order[:1437], order[1437:]
    return x[train], np.eye(CLASSES)[y[train]], x[test], y[test]


def initial_params(rng):
    sizes = [64, HIDDEN, HIDDEN, CLASSES]
    return [(rng.standard_normal((n, m)) / np.sqrt(n), np.zeros(m))
            for n, m in zip(sizes[:-1], sizes[1:], strict=True)]


def train(backend, epochs, data):
    """Train from a fixed seed; return (params, loss per step, accuracy per epoch, seconds)."""
    x, y, x_test, y_test = data
    rng = np.random.default_rng(1)
    params = initial_params(rng)
    zeros = isograd.tree.map(np.zeros_like, params)
    state = (np.float64(0), zeros, isograd.tree.map(np.zeros_like, params))
    step = isograd.jit(train_step, backend=backend)
    losses, accuracies, seconds = [], [], 0.0
    for _ in (bar := tqdm(range(epochs), desc=f"{backend:>9}", unit="epoch")):
        order = rng.permutation(len(x))
        start = time.perf_counter()
        for i in range(0, len(x) - BATCH + 1, BATCH):
            batch = order[i:i + BATCH]
            value, params, state = step(params, state, x[batch], y[batch])
            losses.append(value)
        seconds += time.perf_counter() - start
        accuracies.append(np.mean(np.argmax(predict(params, x_test), axis=1) == y_test))
        bar.set_postfix(loss=f"{np.mean(losses[-20:]):.4f}", held_out=f"{accuracies[-1]:.2%}")
    return params, np.array(losses), np.array(accuracies), seconds


def ulps(a, b):
    """The largest difference of two arrays, in units in the last place of the largest entry."""
    return np.max(np.abs(a - b)) / np.spacing(np.max(np.abs(b)))


def plot(path, losses, accuracies):
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    left.semilogy(losses, linewidth=0.7)
    left.set(xlabel="step", ylabel="cross-entropy", title="training loss")
    right.plot(np.arange(1, len(accuracies) + 1), accuracies, marker=".")
    right.axhline(0.97, color="gray", linestyle=":", label="97 %")
    right.set(xlabel="epoch", ylabel="accuracy", title="held-out digits")
    right.legend()
    fig.savefig(path, dpi=120)
    plt.close(fig)


def show_plan():
    """Print the plan of the seed example: one kernel, no temporaries."""
    def fused(x, y, z):
        return np.sum(x + y * z)
    x = np.ones(1_000_000, np.float32)
    print(isograd.explain(fused)(x, x, x), "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="few epochs, for a quick check")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", default="digits.png", help="where to save the learning curve")
    args = parser.parse_args()
    epochs = 15 if args.short else args.epochs

    show_plan()
    data = load()
    fast = isograd.default_backend()
    params, losses, accuracies, seconds = train(fast, epochs, data)
    reference = train("reference", epochs, data)
    plot(args.out, losses, accuracies)

    first = min(len(losses), 22)
    print(f"\nheld-out accuracy   {accuracies[-1]:.2%}   (reference {reference[2][-1]:.2%})")
    print(f"largest difference  {ulps(losses[:first], reference[1][:first]):.0f} ULP in the loss "
          f"of the first epoch, {ulps(losses, reference[1]):.0f} ULP in all {len(losses)} steps")
    worst = max(ulps(a, b) for a, b in zip(isograd.tree.leaves(params),
                                           isograd.tree.leaves(reference[0]), strict=True))
    print(f"                    {worst:.0f} ULP in the trained weights")
    print(f"speed               {reference[3] / seconds:.1f}x the reference "
          f"({1e3 * seconds / len(losses):.2f} ms a step)")
    print(f"learning curve      {args.out}")
    if accuracies[-1] < 0.97 and not args.short:
        raise SystemExit("the network did not reach 97 % on held-out digits")


if __name__ == "__main__":
    main()
