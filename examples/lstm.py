"""An LSTM learns the Zen of Python by heart, letter by letter.

The cell is plain NumPy, `lax.scan` runs it along the text (Hochreiter and Schmidhuber, *Long
Short-Term Memory*, 1997). The text is that of `import this` (Tim Peters, public domain), which
every Python ships.

    python examples/lstm.py [--short] [--steps N] [--out FILE.png]
"""

import argparse
import codecs
import contextlib
import io
import textwrap

import matplotlib
import numpy as np
from tqdm import tqdm

import isograd
from isograd import lax, random

matplotlib.use("Agg")
import matplotlib.pyplot as plt

with contextlib.redirect_stdout(io.StringIO()):
    import this

TEXT = codecs.decode(this.s, "rot13")
LETTERS = sorted(set(TEXT))
HIDDEN, LENGTH, BATCH = 96, 48, 32


# ---- the model: plain NumPy ----

def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cell(params, state, letter):
    """One letter (one-hot rows [n, letters]): new (hidden, memory), each [n, HIDDEN]."""
    hidden, memory = state
    gates = letter @ params["input"] + hidden @ params["recurrent"] + params["bias"]
    i, f, o, g = np.split(gates, 4, axis=-1)
    memory = sigmoid(f + 1) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(memory), memory


def scores(params, text):
    """Scores of each next letter: one-hot text [time, n, letters] -> the same shape."""
    def step(state, letter):
        state = cell(params, state, letter)
        return state, state[0] @ params["output"]
    zeros = np.zeros((text.shape[1], HIDDEN))
    return lax.scan(step, (zeros, zeros), text)[1]


def loss(params, text):
    """Mean cross-entropy of the next letter, in nats."""
    s = scores(params, text[:-1])
    s = s - np.max(s, axis=-1, keepdims=True)
    log_probability = s - np.log(np.sum(np.exp(s), axis=-1, keepdims=True))
    return -np.mean(np.sum(text[1:] * log_probability, axis=-1))


@isograd.jit
def train_step(params, velocity, text):
    """One step of RMSProp with clipped gradients."""
    value, gradient = isograd.value_and_grad(loss)(params, text)
    gradient = isograd.tree.map(lambda g: np.clip(g, -1, 1), gradient)
    velocity = isograd.tree.map(lambda v, g: 0.95 * v + 0.05 * g * g, velocity, gradient)
    params = isograd.tree.map(lambda p, v, g: p - 3e-3 * g / (np.sqrt(v) + 1e-6),
                              params, velocity, gradient)
    return value, params, velocity


# ---- the run ----

def one_hot(indices):
    return np.eye(len(LETTERS))[indices]


def initial_params():
    keys, n = random.split(random.key(0), 3), len(LETTERS)
    return {"input": random.normal(keys[0], (n, 4 * HIDDEN)) / np.sqrt(n),
            "recurrent": random.normal(keys[1], (HIDDEN, 4 * HIDDEN)) / np.sqrt(HIDDEN),
            "bias": np.zeros(4 * HIDDEN),
            "output": random.normal(keys[2], (HIDDEN, n)) / np.sqrt(HIDDEN)}


def train(steps):
    """Return (params, loss at each step)."""
    indices = np.array([LETTERS.index(c) for c in TEXT])
    params = initial_params()
    velocity = isograd.tree.map(np.zeros_like, params)
    rng, losses = np.random.default_rng(0), []
    for _ in (bar := tqdm(range(steps), unit="step")):
        starts = rng.integers(0, len(indices) - LENGTH - 1, BATCH)
        windows = indices[starts + np.arange(LENGTH + 1)[:, None]]
        value, params, velocity = train_step(params, velocity, one_hot(windows))
        losses.append(float(value))
        bar.set_postfix(nats=f"{np.mean(losses[-20:]):.3f}")
    return params, losses


def write(params, opening, length):
    """Continue an opening with the most probable letters."""
    advance = isograd.jit(cell)
    zeros = np.zeros((1, HIDDEN))
    state, text = (zeros, zeros), opening
    for n in range(len(opening) + length - 1):
        state = advance(params, state, one_hot([LETTERS.index(text[n])]))
        if n + 1 == len(text):
            text += LETTERS[int(np.argmax(state[0] @ params["output"]))]
    return text


def plot(path, losses, text):
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
    left.plot(losses, linewidth=0.7)
    left.axhline(np.log(len(LETTERS)), color="gray", linestyle=":", label="guessing")
    left.set(xlabel="step", ylabel="nats a letter", title="training loss")
    left.legend()
    wrapped = "\n".join(textwrap.fill(line, 52) for line in text.splitlines())
    right.text(0, 1, wrapped, va="top", family="monospace", fontsize=8)
    right.set(title="written by the network")
    right.axis("off")
    fig.savefig(path, dpi=120)
    plt.close(fig)


def main(argv=None):
    """Run, and return the loss of the last steps, in nats a letter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="few steps, for a quick check")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--out", default="lstm.png", help="where to save the picture")
    args = parser.parse_args(argv)
    params, losses = train(60 if args.short else args.steps)
    text = write(params, "Beautiful is", 300)
    plot(args.out, losses, text)
    final = float(np.mean(losses[-20:]))
    print(f"{text}\n")
    print(f"loss     {losses[0]:.3f} -> {final:.3f} nats a letter")
    print(f"picture  {args.out}")
    return final


if __name__ == "__main__":
    main()
