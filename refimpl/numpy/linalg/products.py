"""Products and powers of matrices, under the names of numpy.linalg."""

from __future__ import annotations

import numpy as np

from ...errors import ShapeError
from .. import manipulation, matrices, products
from ..common import as_int, dtype_of, shape_of, strong_operand
from ..function import VIEWS, refuse_out
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
    """The product of matrices, in the order with the fewest multiplications; the first and last
    may be vectors."""
    refuse_out(out, "multi_dot")
    arrays = [strong_operand(a) for a in arrays]
    if len(arrays) < 2:
        raise ShapeError("multi_dot: two arrays or more", got=str(len(arrays)))
    first, last = shape_of(arrays[0]), shape_of(arrays[-1])
    sizes = [first[0] if len(first) > 1 else 1, *[shape_of(a)[0] for a in arrays[1:]],
             last[1] if len(last) > 1 else 1]
    return _product(arrays, 0, len(arrays) - 1, _chain(sizes))


def _product(arrays, i, j, splits):
    """arrays[i] @ ... @ arrays[j], split where `splits` says."""
    if i == j:
        return arrays[i]
    k = splits[i, j]
    return products.dot(_product(arrays, i, k, splits), _product(arrays, k + 1, j, splits))


def _chain(sizes):
    """{(i, j): the k after which matrices i to j are best split}, matrix i being of shape
    (sizes[i], sizes[i + 1]). Cormen et al., *Introduction to Algorithms*, section 15.2."""
    n = len(sizes) - 1
    cost, splits = {(i, i): 0 for i in range(n)}, {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            costs = [cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                     for k in range(i, j)]
            splits[i, j] = i + costs.index(min(costs))
            cost[i, j] = min(costs)
    return splits


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


VIEWS.update((matrix_transpose.__wrapped__, diagonal.__wrapped__))
