"""Diagonals, triangles and Vandermonde matrices."""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from ..ops import elementwise as ops
from ..ops.index import gather
from ..ops.linear import broadcast_to, cast_to, constant, permute, reshape
from ..ops.movement import pad
from ..ops.scan import cumprod
from .common import (
    as_int,
    dtype_of,
    ndim_of,
    one_axis,
    promoted_dtype,
    shape_of,
    size_of,
    strong_operand,
)
from .function import VIEWS, numpy_function
from .joining import concatenate
from .manipulation import moveaxis, ravel
from .reductions import sum
from .views import view


@numpy_function
@view(None)
def diagonal(a, offset=0, axis1=0, axis2=1):
    """The elements a[..., i, i + offset], along a last axis."""
    a = strong_operand(a)
    ndim, offset = ndim_of(a), as_int(offset, "diagonal: the offset")
    i, j = [one_axis(axis, ndim, "diagonal") for axis in (axis1, axis2)]
    if i == j:
        raise ShapeError("diagonal: two different axes", got=f"{axis1} and {axis2}")
    rest = tuple([k for k in range(ndim) if k not in (i, j)])
    down, right = max(-offset, 0), max(offset, 0)
    n = max(0, min(shape_of(a)[i] - down, shape_of(a)[j] - right))
    picked = gather(permute(a, (i, j, *rest)), np.arange(n) + down, np.arange(n) + right)
    return moveaxis(picked, 0, -1)


@numpy_function
def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum of a diagonal."""
    return sum(diagonal(a, offset, axis1, axis2), -1, dtype, out)


@numpy_function
def diag(v, k=0):
    """The k-th diagonal of a matrix, or the matrix with a vector as its k-th diagonal."""
    v = strong_operand(v)
    if ndim_of(v) == 2:
        return diagonal(v, k)
    if ndim_of(v) != 1:
        raise ShapeError("diag: one or two axes", got=str(shape_of(v)))
    square = ops.select(np.eye(size_of(v), dtype=bool), v, constant(0, v))
    below, right = max(-k, 0), max(k, 0)
    return pad(square, ((below, right, 0), (right, below, 0)))


VIEWS.add(diag.__wrapped__)


@numpy_function
def diagflat(v, k=0):
    """The matrix with the raveled array as its k-th diagonal."""
    return diag(ravel(v), k)


@numpy_function
def tril(m, k=0):
    """The lower triangle; zero above the k-th diagonal."""
    return _triangle(m, lambda rows, columns: np.tri(rows, columns, k, dtype=bool))


@numpy_function
def triu(m, k=0):
    """The upper triangle; zero below the k-th diagonal."""
    return _triangle(m, lambda rows, columns: ~np.tri(rows, columns, k - 1, dtype=bool))


def _triangle(m, mask):
    m = strong_operand(m)
    if ndim_of(m) < 1:
        raise ShapeError("a triangle of an array without axes", got=str(shape_of(m)))
    sizes = shape_of(m)[-2:] if ndim_of(m) > 1 else shape_of(m) * 2
    return ops.select(mask(*sizes), m, constant(0, m))


@numpy_function
def vander(x, N=None, increasing=False):
    """Powers of x, a column each, from x**(N - 1) to 1 (or from 1, if increasing)."""
    x = strong_operand(x)
    if ndim_of(x) != 1:
        raise ShapeError("vander: a vector", got=str(shape_of(x)))
    size = size_of(x)
    n = size if N is None else as_int(N, "vander: the number of columns")
    x = cast_to(x, promoted_dtype(dtype_of(x), np.dtype(int)))
    if n == 0:
        return broadcast_to(constant(0, x), (size, 0))
    ones = broadcast_to(constant(1, x), (size, 1))
    powers = cumprod(broadcast_to(reshape(x, (size, 1)), (size, n - 1)), 1)
    rising = concatenate([ones, powers], 1)
    return rising if increasing else rising[:, ::-1]
