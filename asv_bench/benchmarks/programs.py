"""The programs that several benchmarks run, in plain NumPy.

compare.py puts another library's namespace in the place of `np`.
"""

import numpy
import numpy as np


def fused_sum(x, y, z):
    return np.sum(x + y * z)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def layer_norm(x, gain, bias):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.mean((x - mean) ** 2, axis=-1, keepdims=True)
    return gain * (x - mean) / np.sqrt(variance + 1e-5) + bias


def cross_entropy(logits, onehot):
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    return -np.mean(np.sum(onehot * (shifted - log_sum), axis=-1))


def mlp_loss(params, x, onehot):
    for w, b in params[:-1]:
        x = np.tanh(x @ w + b)
    w, b = params[-1]
    return cross_entropy(x @ w + b, onehot)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def three_operations(x):
    return np.sum(np.sin(x) * x)


def scalar(x):
    return x * 2 + 1


def arrays(*shapes, dtype=numpy.float32, seed=0):
    """Random arrays, uniform in (0, 1)."""
    rng = numpy.random.default_rng(seed)
    return [numpy.asarray(rng.random(shape), dtype)[()] for shape in shapes]


def mlp_inputs(sizes=(784, 512, 512, 10), batch=128, dtype=numpy.float32):
    """Return (params, x, onehot) for mlp_loss."""
    rng = numpy.random.default_rng(0)
    params = [(rng.standard_normal((n, m)).astype(dtype) / dtype(n ** 0.5),
               numpy.zeros(m, dtype)) for n, m in zip(sizes[:-1], sizes[1:], strict=True)]
    onehot = numpy.eye(sizes[-1], dtype=dtype)[rng.integers(0, sizes[-1], batch)]
    return params, rng.random((batch, sizes[0])).astype(dtype), onehot
