"""What is audited of isograd.lax: small loops, branches, convolutions and windows."""

from __future__ import annotations

import numpy as np

from isograd import lax

from ..conv import test_conv, test_windows
from .subjects import Subject

X, W = np.array([0.3, -0.6, 0.9]), np.array([0.5, 1.2, -0.8])
ROWS = np.array([[0.3, -0.2, 0.5], [0.7, 0.4, -0.1], [0.2, 0.6, 0.8], [-0.3, 0.1, 0.4]])
SCALAR = np.array(0.7)


def step(c, x):
    c = np.sin(c) * x + 0.5 * c
    return c, c * c


def until_large(x, w):
    """How often it runs depends on x."""
    return lax.while_loop(lambda c: np.sum(c * c) < 40, lambda c: 1.5 * c + w, x)


def affine(a, b):
    return a[0] * b[0], a[1] * b[0] + b[1]


# name: pairs of a function and its arrays
CONTROL = {
    "associative_scan": [
        (lambda x, y: list(lax.associative_scan(affine, (x, y))), (ROWS, ROWS[::-1].copy())),
        (lambda x: [lax.associative_scan(np.multiply, x, reverse=True, axis=1)], (ROWS,))],
    "cond": [
        (lambda x, w: [lax.cond(np.sum(x) > 0, np.sin, lambda a: a * w, x)], (X, W)),
        (lambda x, w: [lax.cond(x[1] > 0, lambda: np.log(x), lambda: x * w)], (X, W))],
    "fori_loop": [
        (lambda x, w: [lax.fori_loop(0, 4, lambda i, c: np.cos(c) * w + i * x, x)], (X, W)),
        (lambda n, x: [lax.fori_loop(0, n, lambda i, c: c * np.sin(c), x)], (np.array(3), X))],
    "map": [
        (lambda x, w: [lax.map(lambda row: np.tanh(row) @ w, x)], (ROWS, W)),
        (lambda x: [lax.map(lambda row: row / np.sum(row * row), x, batch_size=3)], (ROWS,))],
    "scan": [
        (lambda c, xs: list(lax.scan(step, c, xs)), (SCALAR, ROWS[:, 0].copy())),
        (lambda c, xs, w: list(lax.scan(lambda c, x: step(c * w, x), c, xs, reverse=True)),
         (X, ROWS, W))],
    "switch": [
        (lambda i, x, w: [lax.switch(i, [np.sin, lambda a: a * w, np.exp], x)],
         (np.array(1), X, W)),
        (lambda x: [lax.switch(np.sum(x > 0), [np.sin, np.cos, np.exp], x)], (X,))],
    "while_loop": [
        (lambda x, w: [until_large(x, w)], (X, W)),
        (lambda x: [lax.while_loop(lambda c: c[0] < 5, lambda c: (c[0] + 1, np.sin(c[1]) * x),
                                   (0, x))[1]], (X,))],
}
CONTROL = {name: [Subject(f, list(arrays), True, [1.2 * a if a.dtype.kind == "f" else a + 1
                                                  for a in arrays]) for f, arrays in calls]
           for name, calls in CONTROL.items()}


# ---- convolutions and windows ----

def normal(shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


def of_conv(name):
    f = test_conv.case(name)[0]
    _, lhs, rhs, _ = test_conv.CONFIGS[name]
    return Subject(lambda x, w: [f(x, w)], [normal(lhs, 1), normal(rhs, 2)], True)


def of_window(name):
    """Windows without an element have the initial value, which may be infinite."""
    f = test_windows.case(name)[0]
    return Subject(lambda x: [np.nan_to_num(f(x), posinf=0, neginf=0)],
                   [normal(test_windows.CONFIGS[name][0], 1)], True)


CONVOLUTIONS = {}
for name, (function, *_) in test_conv.CONFIGS.items():
    CONVOLUTIONS.setdefault(function, []).append(of_conv(name))

SECTIONS = {"lax": {**CONTROL, **CONVOLUTIONS,
                    "reduce_window": list(map(of_window, test_windows.CONFIGS))}}
