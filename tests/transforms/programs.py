"""Small programs written in plain NumPy that every transformation is tried on.

Each row: name, function of arrays, shapes of the arguments. All are smooth at positive inputs.
"""

from typing import NamedTuple

import numpy as np


class Program(NamedTuple):
    name: str
    fun: object
    shapes: tuple

    def arguments(self, rng, dtype=np.float64):
        """Positive random arguments, away from every kink."""
        return [np.asarray(rng.uniform(0.5, 1.5, shape), dtype) for shape in self.shapes]


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def layer_norm(x, gain, bias):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.mean((x - mean) ** 2, axis=-1, keepdims=True)
    return gain * (x - mean) / np.sqrt(variance + 1e-5) + bias


def cross_entropy(logits, weights):
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    return -np.mean(np.sum(weights * (shifted - log_sum), axis=-1))


def gelu(x):
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def mlp(x, w1, b1, w2):
    return np.sum(np.tanh(x @ w1 + b1) @ w2)


def power_loop(x):
    y = x
    for i in range(4):
        y = y * x if i % 2 else y + np.sin(x)
    return y


def branch(x):
    return np.exp(x) if np.sum(x) > 1 else np.log(x)


def recursion(x, depth=3):
    return x if depth == 0 else np.sin(x) * recursion(x, depth - 1)


def closure(x, y):
    def inner(z):
        return z * y + x
    return inner(inner(x))


def nested(x, y):
    tree = {"a": [x, y], "b": (x * y,)}
    return tree["a"][0] * tree["b"][0] - tree["a"][1]


def einsum(a, b):
    return np.einsum("ij,jk->ki", a, b)


def gather(x):
    return x[np.array([2, 0, 2])] * x[1:][::-1][:1] + x[-1]


def running(x):
    return np.cumsum(x * x, axis=-1)[..., ::-1]


def select(x, y):
    return np.where(x > y, x * y, np.maximum(x, y) ** 2)


def stack(x, y):
    z = np.concatenate([x, y * 2, np.stack([x[0], y[0]])])
    return z.reshape(-1, 2).T * np.arange(1.0, 3.0)[:, None]


PROGRAMS = [
    Program("softmax", softmax, ((3, 4),)),
    Program("layer_norm", layer_norm, ((2, 5), (5,), (5,))),
    Program("cross_entropy", cross_entropy, ((3, 4), (3, 4))),
    Program("gelu", gelu, ((7,),)),
    Program("mlp", mlp, ((4, 3), (3, 5), (5,), (5, 2))),
    Program("power_loop", power_loop, ((3,),)),
    Program("branch", branch, ((3,),)),
    Program("recursion", recursion, ((2, 2),)),
    Program("closure", closure, ((3,), ())),
    Program("nested", nested, ((3,), (2, 3))),
    Program("einsum", einsum, ((2, 3), (3, 4))),
    Program("gather", gather, ((4,),)),
    Program("running", running, ((2, 4),)),
    Program("select", select, ((5,), (5,))),
    Program("stack", stack, ((2,), (2,))),
    Program("scalar", lambda x: np.sin(x) * x**2.5, ((),)),
]

# `branch` decides on a traced number: Python control flow works un-jitted only.
TRACEABLE = [p for p in PROGRAMS if p.name != "branch"]
