"""Products and powers of matrices, under the names of numpy.linalg."""

from __future__ import annotations

import functools

import numpy as np

from .. import manipulation, matrices, products
from ..common import as_int, dtype_of, shape_of, strong_operand
from ..function import refuse_out
from .equations import inv
from .register import linalg_function


@linalg_function
def matrix_power(a, n):
    """a @ a @ ... @ a, n times; for n = 0 the identity."""
    a, n = strong_operand(a), as_int(n, "matrix_power: the exponent")
    if n < 0:
        a, n = inv(a), -n
    if n == 0:
        return manipulation.broadcast_to(np.eye(shape_of(a)[-1], dtype=dtype_of(a)), shape_of(a))
    result = None
    while n:
        if n % 2:
            result = a if result is None else products.matmul(result, a)
        n //= 2
        a = products.matmul(a, a) if n else a
    return result


@linalg_function
def multi_dot(arrays, *, out=None):
    """The product of matrices, from left to right; the first and last may be vectors."""
    refuse_out(out, "multi_dot")
    return functools.reduce(products.dot, arrays)


@linalg_function
def matmul(x1, x2, /):
    """x1 @ x2."""
    return products.matmul(x1, x2)


@linalg_function
def outer(x1, x2, /):
    """x1_i x2_j of two vectors."""
    return products.outer(x1, x2)


@linalg_function
def cross(x1, x2, /, *, axis=-1):
    """The vector product of vectors of three elements."""
    return products.cross(x1, x2, axis=axis)


@linalg_function
def tensordot(x1, x2, /, *, axes=2):
    """The sum over pairs of axes."""
    return products.tensordot(x1, x2, axes)


@linalg_function
def vecdot(x1, x2, /, *, axis=-1):
    """The sum of conj(x1) x2 over an axis."""
    return products.vecdot(x1, x2, axis=axis)


@linalg_function
def matrix_transpose(x, /):
    """Swap the last two axes."""
    return manipulation.matrix_transpose(x)


@linalg_function
def trace(x, /, *, offset=0, dtype=None):
    """The sum of a diagonal of the last two axes."""
    return matrices.trace(x, offset, -2, -1, dtype)


@linalg_function
def diagonal(x, /, *, offset=0):
    """A diagonal of the last two axes."""
    return matrices.diagonal(x, offset, -2, -1)
