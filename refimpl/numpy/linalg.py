"""numpy.linalg: norms, products, powers of matrices. (Decompositions have no rules yet.)"""

from __future__ import annotations

import functools

import numpy as np

from ..errors import ArgumentError, MissingRuleError, ShapeError
from ..ops import elementwise as ops
from ..ops import reduce
from ..ops.linear import cast_to, constant, moveaxis
from . import manipulation, matrices, products
from .common import (
    as_int,
    axes_first,
    dtype_of,
    keep_axes,
    many_axes,
    ndim_of,
    one_axis,
    shape_of,
    strong_operand,
    to_float,
)
from .elementwise import root
from .function import numpy_function, refuse_out
from .reductions import total
from .statistics import squared_size

LINALG = {}     # the names of isograd.numpy.linalg
linalg_function = functools.partial(numpy_function, module=np.linalg, public=LINALG)

# ---- norms ----

@linalg_function
def norm(x, ord=None, axis=None, keepdims=False):
    """The norm of vectors or matrices; its derivative where the norm is 0 is 0."""
    x = to_float(strong_operand(x))
    axes = many_axes(axis, ndim_of(x), "norm")
    flat = ord is None and axis is None
    if flat or len(axes) == 1:
        y = _vector_norm(x, 2 if ord is None else ord, axes)
    elif len(axes) == 2:
        y = _matrix_norm(x, "fro" if ord is None else ord, axis or (0, 1))
    else:
        raise ShapeError("norm: one axis or two", got=f"axis={axis} of shape {shape_of(x)}")
    return keep_axes(y, x, axes, keepdims)


@linalg_function
def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """sum(|x|**ord) ** (1 / ord) over axes; the largest |x| for infinity."""
    x = to_float(strong_operand(x))
    axes = many_axes(axis, ndim_of(x), "vector_norm")
    return keep_axes(_vector_norm(x, ord, axes), x, axes, keepdims)


@linalg_function
def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """The norm of the matrices in the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


def _vector_norm(x, ord, axes):
    if ord == 2:
        return root(total(squared_size(x), axes))
    size = ops.absolute(x)
    special = {np.inf: lambda: reduce.max(size, axes),
               -np.inf: lambda: reduce.min(size, axes),
               0: lambda: total(cast_to(ops.not_equal(x, 0), dtype_of(size)), axes),
               1: lambda: total(size, axes)}
    if isinstance(ord, str):
        raise ArgumentError("norm: this norm is not one of vectors", got=f"ord={ord!r}")
    if ord in special:
        return special[ord]()
    powers = total(ops.power(size, ord), axes)
    zero = ops.equal(powers, 0)
    return ops.select(zero, powers, ops.power(ops.select(zero, constant(1, powers), powers),
                                              1.0 / ord))


def _matrix_norm(x, ord, axis):
    rows, columns = [one_axis(i, ndim_of(x), "norm") for i in axis]
    if ord == "fro":
        return root(total(squared_size(x), tuple(sorted((rows, columns)))))
    summed = {1: rows, -1: rows, np.inf: columns, -np.inf: columns}.get(ord)
    if summed is None:
        raise MissingRuleError("norm: this norm of matrices needs singular values, which have no "
                               "rule yet", got=f"ord={ord!r}", wanted="'fro', 1, -1, inf or -inf")
    sums = total(ops.absolute(axes_first(moveaxis(x, summed, 0), (0,))), (0,))
    other = rows + columns - summed
    fold = reduce.max if ord > 0 else reduce.min
    return fold(sums, (other - (summed < other),))


# ---- products ----

@linalg_function
def matrix_power(a, n):
    """a @ a @ ... @ a, n times; for n = 0 the identity."""
    a, n = strong_operand(a), as_int(n, "matrix_power: the exponent")
    if n < 0:
        raise MissingRuleError("matrix_power: the inverse has no rule yet", got=f"n={n}")
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


__all__ = sorted(LINALG)
