"""The rows of the table as runnable cases: a function, and its arguments in one dtype."""

from __future__ import annotations

import math
from typing import NamedTuple
from zlib import crc32

import numpy as np

from isograd.refimpl import custom, jit
from isograd.refimpl.ops import dot, index, movement, reduce, scan
from isograd.refimpl.primitive import PRIMITIVES
from isograd.refimpl.trace import bind

from .oracle import ORACLES
from .table import FLOAT, ROWS, Example, Row

DEFINED_IN = (custom, jit, dot, index, movement, reduce, scan)   # importing them fills PRIMITIVES


class Case(NamedTuple):
    """One example of one row in one dtype."""

    row: Row
    example: Example
    dtype: str
    number: int

    def __str__(self):
        return f"{self.row.prim}-{self.number}-{self.dtype}"

    @property
    def eps(self):
        return float(np.finfo(self.dtype).eps)

    def function(self):
        """The primitive as a function of its arrays."""
        prim, params = PRIMITIVES[self.row.prim], self.example.params
        return lambda *arrays: bind(prim, *arrays, **params)

    def oracle(self):
        """The same in exact arithmetic."""
        f, params = ORACLES[self.row.prim], self.example.params
        return lambda *arrays: f(*arrays, **params)

    def arguments(self, seed=0):
        """Random arguments; the same for the same case and seed."""
        rng = np.random.default_rng((crc32(str(self).encode()), seed))
        return [numbers(rng, arg, np.dtype(arg.dtype or self.dtype)) for arg in self.example.args]

    def differentiable(self):
        """The numbers of the arguments that have a derivative here."""
        return [n for n, (has, arg) in enumerate(
                    zip(self.row.derivative, self.example.args, strict=False))
                if has and (arg.dtype or self.dtype)[0] in "fc"]


def with_some_fixed(f, args, moving):
    """f as a function of the arguments whose numbers are in `moving` only."""
    def partial(*moved):
        full = list(args)
        for n, x in zip(moving, moved, strict=True):
            full[n] = x
        return f(*full)
    return partial


def numbers(rng, arg, dtype):
    """Make the numbers of an argument; scalars are NumPy scalars."""
    if arg.value is not None:
        return np.array(arg.value, dtype)[()]
    low, high = arg.domain
    if dtype.kind == "b":
        return rng.integers(0, 2, arg.shape).astype(dtype)[()]
    if dtype.kind in "iu":
        return rng.integers(math.ceil(low), math.floor(high) + 1, arg.shape).astype(dtype)[()]
    x = rng.uniform(low, high, arg.shape)
    if dtype.kind == "c":
        x = x + 1j * rng.uniform(low, high, arg.shape)
    return np.asarray(x).astype(dtype)[()]


def special_arguments(row, dtype):
    """All pairs (or single ones, triples) of numbers where loops go wrong, for elementwise rows."""
    dtype = np.dtype(dtype)
    limits = np.finfo(dtype)
    reals = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, np.inf, -np.inf, np.nan, limits.max,
             limits.smallest_normal, limits.smallest_subnormal, -limits.smallest_subnormal]
    axes = [np.array([False, True] if arg.dtype == "bool" else reals, arg.dtype or dtype)
            for arg in row.examples[0].args]
    return [x.ravel() for x in np.meshgrid(*axes, indexing="ij")]


def random_like(rng, x):
    """A random tangent or cotangent for x."""
    t = rng.standard_normal(np.shape(x))
    if x.dtype.kind == "c":
        t = t + 1j * rng.standard_normal(np.shape(x))
    return np.asarray(t).astype(x.dtype)[()]


ELEMENTWISE = [name for name, prim in PRIMITIVES.items()
               if prim.kind == "elementwise" and name not in ("cast", "checked_cast", "weaken")
               and not ROWS[name].elsewhere]
SPECIAL = [(name, dtype) for name in ELEMENTWISE for dtype in FLOAT if dtype in ROWS[name].dtypes]
ALL = [Case(row, example, dtype, number)
       for row in ROWS.values() for number, example in enumerate(row.examples)
       for dtype in row.dtypes]
SMOOTH = [case for case in ALL if case.differentiable()]
DOUBLE = [case for case in SMOOTH if case.dtype in ("float64", "complex128")]
