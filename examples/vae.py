"""A variational autoencoder: learn to draw digits.

An encoder gives each picture a normal distribution over two numbers, a decoder draws pictures from
them; both minimise the negative evidence lower bound (Kingma and Welling 2014) through
reparameterised noise. The data are scikit-learn's bundled UCI digits (CC BY 4.0, Alpaydin and
Kaynak 1998).

    python examples/vae.py [--short] [--epochs N] [--out FILE.png]
"""

import argparse

import matplotlib
import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

import isograd
from isograd import random

matplotlib.use("Agg")
import matplotlib.pyplot as plt

LATENT, HIDDEN, BATCH = 2, 128, 64


# ---- the model: plain NumPy ----

def network(layers, x):
    for w, b in layers[:-1]:
        x = np.tanh(x @ w + b)
    w, b = layers[-1]
    return x @ w + b


def encode(params, x):
    """Means and log variances of the latent numbers of pictures [n, 64]; each [n, LATENT]."""
    both = network(params["encoder"], x)
    return both[:, :LATENT], both[:, LATENT:]


def negative_elbo(params, x, key):
    """Mean over pictures of -log p(x | z) + KL(q(z | x) || N(0, 1)), z one sample of q."""
    mean, log_variance = encode(params, x)
    z = mean + np.exp(0.5 * log_variance) * random.normal(key, mean.shape)
    logits = network(params["decoder"], z)
    reconstruction = np.sum(np.logaddexp(0.0, logits) - x * logits, axis=1)
    divergence = 0.5 * np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance, axis=1)
    return np.mean(reconstruction + divergence)


@isograd.jit
def train_step(params, moments, t, x, key):
    """One step of Adam (Kingma and Ba 2015)."""
    value, gradient = isograd.value_and_grad(negative_elbo)(params, x, key)
    first = isograd.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradient)
    second = isograd.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, moments[1], gradient)

    def update(p, m, v):
        return p - 2e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return value, isograd.tree.map(update, params, first, second), (first, second)


# ---- the run ----

def initial_params(key):
    def layers(key, *sizes):
        keys = random.split(key, len(sizes) - 1)
        return [(random.normal(k, (n, m)) / np.sqrt(n), np.zeros(m))
                for k, n, m in zip(keys, sizes[:-1], sizes[1:], strict=True)]
    for_encoder, for_decoder = random.split(key)
    return {"encoder": layers(for_encoder, 64, HIDDEN, HIDDEN, 2 * LATENT),
            "decoder": layers(for_decoder, LATENT, HIDDEN, HIDDEN, 64)}


def train(x, epochs):
    """Return (params, negative ELBO of each epoch)."""
    key = random.key(0)
    params = initial_params(key)
    zeros = isograd.tree.map(np.zeros_like, params)
    moments, t, losses = (zeros, zeros), 0, []
    for epoch in (bar := tqdm(range(epochs), unit="epoch")):
        order = np.random.default_rng(epoch).permutation(len(x))
        values = []
        for i in range(0, len(x) - BATCH + 1, BATCH):
            t += 1
            value, params, moments = train_step(params, moments, float(t), x[order[i:i + BATCH]],
                                                random.fold_in(key, t))
            values.append(value)
        losses.append(float(np.mean(values)))
        bar.set_postfix(negative_elbo=f"{losses[-1]:.2f}")
    return params, losses


def plot(path, params, x, labels, losses):
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    left.plot(losses)
    left.set(title="negative evidence lower bound", xlabel="epoch")
    mean, _ = encode(params, x)
    shown = middle.scatter(*mean.T, c=labels, cmap="tab10", s=4)
    middle.set(title="where the digits lie")
    fig.colorbar(shown, ax=middle)
    side = np.linspace(-2.2, 2.2, 12)
    z = np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2)
    drawn = 1 / (1 + np.exp(-network(params["decoder"], z)))
    tiles = drawn.reshape(12, 12, 8, 8).transpose(0, 2, 1, 3).reshape(96, 96)
    right.imshow(tiles, cmap="gray")
    right.set(title="drawn by the decoder", xticks=[], yticks=[])
    fig.savefig(path, dpi=120)
    plt.close(fig)


def main(argv=None):
    """Run, and return the negative evidence lower bound of the last epoch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="few epochs, for a quick check")
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--out", default="vae.png", help="where to save the picture")
    args = parser.parse_args(argv)
    digits = load_digits()
    x = digits.data / 16.0
    params, losses = train(x, 12 if args.short else args.epochs)
    plot(args.out, params, x, digits.target, losses)
    print(f"negative ELBO  {losses[0]:.2f} -> {losses[-1]:.2f} nats a picture")
    print(f"picture        {args.out}")
    return losses[-1]


if __name__ == "__main__":
    main()
