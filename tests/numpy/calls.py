"""Example calls as data: NumPy itself says what each must give."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

INF, NAN = float("inf"), float("nan")


class Call(NamedTuple):
    """Arguments of a call, and how it is tried.

    Every array among the arguments is traced, but those wrapped in `Fixed`.
    tol: relative tolerance where the order of additions is free; 0 means equal bits.
    smooth: whether the derivative is compared with differences, if an argument is float64.
    known: the numbers decide the shape of the result, so there is no jit and no vmap.
    """

    args: tuple
    kwargs: dict
    tol: float
    smooth: bool
    known: bool


class Fixed:
    """An argument that is never traced: a mask, a list of places."""

    def __init__(self, value):
        self.value = value


def call(*args, tol=0, smooth=True, known=False, **kwargs):
    return Call(args, kwargs, tol, smooth, known)


def rough(*args, **kwargs):
    """A call whose derivative is not compared: ties, special values, piecewise constants."""
    return call(*args, smooth=False, **kwargs)


class Slot:
    """Where a traced value goes."""

    def __init__(self, place):
        self.place = place


def each(names, calls):
    """The same calls for several functions."""
    return dict.fromkeys(names.split(), calls)


def split(example):
    """Return (the arrays to trace, function that puts values for them back): (args, kwargs)."""
    arrays = []

    def strip(x):
        if isinstance(x, (list, tuple)):
            return type(x)([strip(item) for item in x])
        if isinstance(x, np.ndarray):
            arrays.append(x)
            return Slot(len(arrays) - 1)
        return x.value if isinstance(x, Fixed) else x

    args = tuple(map(strip, example.args))
    kwargs = {key: strip(x) for key, x in example.kwargs.items()}

    def rebuild(values):
        def fill(x):
            if isinstance(x, (list, tuple)):
                return type(x)([fill(item) for item in x])
            return values[x.place] if isinstance(x, Slot) else x
        return tuple(map(fill, args)), {key: fill(x) for key, x in kwargs.items()}
    return arrays, rebuild




# ---- arrays to try things on ----

rng = np.random.default_rng(0)
A = rng.uniform(0.5, 1.5, (3, 4))
B = rng.uniform(0.5, 1.5, (3, 4))
S = rng.normal(size=(2, 3, 4))
T = rng.normal(size=(2, 4, 3))
V = rng.normal(size=4)
W = rng.uniform(0.5, 1.5, 4)
X3 = rng.normal(size=3)
M = rng.normal(size=(4, 4))
ROW, COLUMN = rng.normal(size=(1, 4)), rng.normal(size=(3, 1))
F32, F16 = S.astype(np.float32), A.astype(np.float16)
C, C64 = M + 1j * M.T, (A + 1j * B).astype(np.complex64)
K, K2 = rng.integers(-5, 6, (3, 4)), rng.integers(1, 6, (3, 4))
I8, U8 = K.astype(np.int8), K2.astype(np.uint8)
MASK = rng.random((3, 4)) > 0.5
TIES = np.array([[1.0, 2.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, -1.0, 3.0, 3.0]])
SPECIAL = np.array([NAN, INF, -INF, 0.0, -0.0, 1.5, -2.5, 1e300])
NANS = np.where(MASK, A, NAN)
SCALAR = np.array(0.7)
EMPTY = np.zeros((0, 3))
SORTED = np.sort(V)
