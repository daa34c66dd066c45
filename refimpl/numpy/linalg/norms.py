"""Norms of vectors and matrices, condition numbers, ranks."""

from __future__ import annotations

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...ops import elementwise as ops
from ...ops import linalg, reduce
from ...ops.linear import broadcast_to, cast_to, constant, moveaxis, permute
from ..common import (
    axes_first,
    dtype_of,
    expand,
    keep_axes,
    many_axes,
    ndim_of,
    one_axis,
    shape_of,
    strong_operand,
    to_float,
)
from ..elementwise import root
from ..reductions import total
from ..statistics import squared_size
from .decompositions import svd
from .register import floating, linalg_function, matrices, square_matrices


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
    if ord in _SPECTRAL:
        rest = [i for i in range(ndim_of(x)) if i not in (rows, columns)]
        s, = linalg.svd(floating("norm", permute(x, (*rest, rows, columns))), vectors=False)
        return _SPECTRAL[ord](s, (ndim_of(s) - 1,))
    summed = {1: rows, -1: rows, np.inf: columns, -np.inf: columns}.get(ord)
    if summed is None:
        raise ArgumentError("norm: this norm is not one of matrices", got=f"ord={ord!r}",
                            wanted="'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    sums = total(ops.absolute(axes_first(moveaxis(x, summed, 0), (0,))), (0,))
    other = rows + columns - summed
    fold = reduce.max if ord > 0 else reduce.min
    return fold(sums, (other - (summed < other),))


def _sum_of_positive(s, axes):
    """The nuclear norm: where a singular value is 0, so is its derivative."""
    return total(ops.select(ops.equal(s, 0), constant(0, s), s), axes)


_SPECTRAL = {2: reduce.max, -2: reduce.min, "nuc": _sum_of_positive}


# ---- conditions ----

@linalg_function
def cond(x, p=None):
    """The norm of x times that of its inverse; infinite for singular x."""
    x = matrices("cond", x)
    if p in (None, 2, -2):
        s, = linalg.svd(x, vectors=False)
        largest, smallest = s[..., 0], s[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    x = square_matrices("cond", x)
    _, packed, _ = linalg.factored(x)
    zeros = ops.equal(linalg.diagonal_of(packed), 0)
    singular = reduce.any(zeros, (ndim_of(zeros) - 1,))
    eye = np.eye(shape_of(x)[-1], dtype=dtype_of(x))
    regular = ops.select(linalg.column(linalg.column(singular)), eye, x)
    inverse = linalg.solve(regular, broadcast_to(eye, shape_of(x)))
    size = norm(x, p, (-2, -1)) * norm(inverse, p, (-2, -1))
    return ops.select(singular, constant(np.inf, size), size)


@linalg_function
def matrix_rank(A, tol=None, hermitian=False, *, rtol=None):
    """The number of singular values above tol, by default rtol = max(m, n) eps of the largest."""
    A = floating("matrix_rank", A)
    if ndim_of(A) < 2:
        some = reduce.any(ops.not_equal(A, 0), tuple(range(ndim_of(A))))
        return cast_to(some, np.dtype(np.int64))
    s = svd(A, compute_uv=False, hermitian=hermitian)
    if tol is None:
        if rtol is None:
            rtol = max(shape_of(A)[-2:]) * float(np.finfo(dtype_of(A)).eps)
        tol = reduce.max(s, (ndim_of(s) - 1,)) * rtol
    elif rtol is not None:
        raise ArgumentError("matrix_rank: tol or rtol, not both", got="both")
    tol = strong_operand(tol)
    return total(ops.greater(s, expand(tol, (ndim_of(tol),))), (ndim_of(s) - 1,))
