"""The Bessel function that NumPy has, and the window that is made of it."""

from __future__ import annotations

import math

import numpy as np

from ..errors import DtypeError
from ..ops.linear import cast_to
from ..ops.special import bessel
from .common import as_int, dtype_of, strong_operand, to_float
from .function import numpy_function


@numpy_function
def i0(x):
    """The modified Bessel function of order 0. DLMF 10.25.2."""
    x = strong_operand(x)
    if dtype_of(x).kind == "c":
        raise DtypeError("i0: a real argument", got=str(dtype_of(x)),
                         instead="isograd.scipy.special.iv(0, x)")
    x = to_float(x)
    return cast_to(bessel.i0(x), dtype_of(x))


@numpy_function
def kaiser(M, beta):
    """The Kaiser window i0(beta sqrt(1 - t^2)) / i0(beta), M values of t from -1 to 1."""
    M, beta = as_int(M, "the length of a window"), strong_operand(beta)
    if M == 1:
        return beta * 0 + np.ones(1)
    half = (M - 1) / 2
    circle = np.array([math.sqrt(1 - ((n - half) / half) ** 2) for n in range(M)])
    return i0(beta * circle) / i0(beta)
