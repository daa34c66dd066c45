"""Polynomials by their coefficients, from the highest power down.

Leading zeros are kept where NumPy would trim them: whether a traced number is zero is not known.
"""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from ..ops import elementwise as ops
from ..ops.linear import broadcast_to
from ..ops.movement import pad
from .common import as_int, ndim_of, shape_of, size_of, strong_operand, to_float
from .function import numpy_function
from .joining import concatenate
from .manipulation import ravel
from .products import convolve


@numpy_function
def polyval(p, x):
    """p[0] x**(n - 1) + ... + p[n - 1], by Horner's scheme."""
    p, x = strong_operand(p), strong_operand(x)
    y = ops.multiply(x, 0)
    for i in range(shape_of(p)[0]):
        y = y * x + p[i]
    return y


@numpy_function
def polyadd(a1, a2):
    """The sum of two polynomials."""
    return ops.add(*_of_one_length(a1, a2))


@numpy_function
def polysub(a1, a2):
    """The difference of two polynomials."""
    return ops.subtract(*_of_one_length(a1, a2))


def _of_one_length(*ps):
    ps = list(map(ravel, ps))
    longest = max(map(size_of, ps))
    return [pad(p, ((longest - size_of(p), 0, 0),)) for p in ps]


@numpy_function
def polymul(a1, a2):
    """The product of two polynomials."""
    return convolve(ravel(a1), ravel(a2))


def _coefficients(name, p):
    p = strong_operand(p)
    if ndim_of(p) != 1:
        raise ShapeError(f"{name}: coefficients are a vector", got=str(shape_of(p)))
    return p


@numpy_function
def polyder(p, m=1):
    """The coefficients of the m-th derivative of a polynomial."""
    p = _coefficients("polyder", p)
    for _ in range(as_int(m, "polyder: the order")):
        n = shape_of(p)[0]
        p = ops.multiply(p[:-1], np.arange(n - 1, 0, -1))
    return p


@numpy_function
def polyint(p, m=1, k=None):
    """The coefficients of the m-th antiderivative, with the constants of integration k."""
    p, m = to_float(_coefficients("polyint", p)), as_int(m, "polyint: the order")
    constants = np.zeros(m) if k is None else broadcast_to(ravel(k), (m,))
    for i in range(m):
        p = concatenate([ops.divide(p, np.arange(size_of(p), 0, -1)), constants[i:i + 1]])
    return p
