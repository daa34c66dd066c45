"""Equations, inverses and determinants, under the names of numpy.linalg."""

from __future__ import annotations

from math import prod

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...ops import elementwise as ops
from ...ops import linalg
from ...ops.linear import broadcast_shapes, broadcast_to, cast_to, permute, reshape
from ..common import (
    as_int,
    dtype_of,
    expand,
    ndim_of,
    one_axis,
    shape_of,
    strong_operand,
    zeros_of,
)
from ..function import UNSET
from ..reductions import total
from ..statistics import squared_size
from .register import (
    MatrixError,
    floating,
    linalg_function,
    matrices,
    same_dtype,
    square_matrices,
)

SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


@linalg_function
def solve(a, b):
    """x such that a x = b: (..., n, n), and (n,) or (..., n, k).

    Raises numpy.linalg.LinAlgError where a is singular.
    """
    return solve_stacks("solve", a, b, linalg.solve)


def solve_stacks(name, a, b, solver):
    """Apply a solver of stacks of matrices to what NumPy takes: vectors, axes that broadcast."""
    a, b = same_dtype(square_matrices(name, a), floating(name, b))
    vector = ndim_of(b) == 1
    columns = expand(b, (1,)) if vector else b
    if ndim_of(columns) < 2 or shape_of(columns)[-2] != shape_of(a)[-1]:
        raise MatrixError(f"{name}: the right-hand side does not fit the matrix",
                          got=f"shapes {shape_of(a)} and {shape_of(b)}",
                          wanted=f"({shape_of(a)[-1]},) or (..., {shape_of(a)[-1]}, k)")
    x = solver(*common_stack(a, columns))
    return reshape(x, shape_of(x)[:-1]) if vector else x


def common_stack(*matrices):
    """Broadcast all axes but the last two."""
    lead = broadcast_shapes(*[shape_of(a)[:-2] for a in matrices])
    return [broadcast_to(a, (*lead, *shape_of(a)[-2:])) for a in matrices]


@linalg_function
def inv(a):
    """The inverse. Raises numpy.linalg.LinAlgError where a is singular."""
    a = square_matrices("inv", a)
    return linalg.solve(a, broadcast_to(np.eye(shape_of(a)[-1], dtype=dtype_of(a)), shape_of(a)))


@linalg_function
def det(a):
    """The determinant; its derivative is right for singular matrices too."""
    return linalg.det(square_matrices("det", a))


@linalg_function
def slogdet(a):
    """The sign (or phase) of the determinant, and the logarithm of its size."""
    return SlogdetResult(*linalg.slogdet(square_matrices("slogdet", a)))


def cutoff(name, rcond, rtol, default):
    """The relative tolerance as a constant."""
    if rcond is not None and rtol is not UNSET and rtol is not None:
        raise ArgumentError(f"{name}: `rtol` and `rcond` are one and the same", got="both")
    given = [x for x in (rcond, rtol) if x is not None and x is not UNSET]
    return np.asarray(given[0]) if given else np.asarray(default)


@linalg_function
def pinv(a, rcond=None, hermitian=False, *, rtol=UNSET):
    """The Moore-Penrose inverse; its derivative is that at constant rank.

    Singular values up to rcond (by default 1e-15, or max(m, n) eps with rtol=None) times the
    largest count as zero.
    """
    a = matrices("pinv", a)
    default = 1e-15 if rtol is UNSET else max(shape_of(a)[-2:]) * np.finfo(dtype_of(a)).eps
    rtol = cutoff("pinv", rcond, rtol, default)
    if rtol.ndim:
        raise ShapeError("pinv: one tolerance for all matrices", got=f"shape {rtol.shape}",
                         instead="isograd.vmap over matrices, with a number as rcond")
    return linalg.pinv(a, float(rtol), bool(hermitian))


@linalg_function
def lstsq(a, b, rcond=None):
    """(x, residuals, rank, s): the x of least norm that minimises |a x - b|.

    Singular values up to rcond (by default max(m, n) eps) times the largest count as zero; the
    derivative is that at constant rank. On traced values the residuals are there, of shape (k,),
    whenever m > n; NumPy leaves them out where the rank is less than n.
    """
    a, b = same_dtype(matrices("lstsq", a), floating("lstsq", b))
    if ndim_of(a) != 2 or ndim_of(b) not in (1, 2) or shape_of(a)[0] != shape_of(b)[0]:
        raise MatrixError("lstsq: a matrix and its right-hand sides",
                          got=f"shapes {shape_of(a)} and {shape_of(b)}",
                          wanted="(m, n), and (m,) or (m, k)", instead="isograd.vmap for stacks")
    m, n = shape_of(a)
    eps = float(np.finfo(dtype_of(a)).eps)
    rcond = max(m, n) * eps if rcond is None else eps if rcond == -1 else float(rcond)
    columns = b if ndim_of(b) == 2 else expand(b, (1,))
    x = linalg.mm(linalg.pinv(a, rcond), columns)
    rest = linalg.mm(a, x) - columns
    s, = linalg.svd(a, vectors=False)
    residuals = total(squared_size(rest), (0,)) if m > n else zeros_of((0,), dtype_of(s))
    rank = cast_to(total(ops.greater(s, rcond * s[:1]), (0,)), np.dtype(np.int32))
    return x if ndim_of(b) == 2 else reshape(x, (n,)), residuals, rank, s


# ---- tensors as matrices ----

@linalg_function
def tensorinv(a, ind=2):
    """The inverse for `tensordot` over the last `ndim - ind` and the first `ind` axes."""
    a, ind = floating("tensorinv", a), as_int(ind, "tensorinv: ind")
    if ind <= 0:
        raise ArgumentError("tensorinv: ind is positive", got=str(ind))
    rows, columns = shape_of(a)[:ind], shape_of(a)[ind:]
    return reshape(inv(reshape(a, (prod(rows), prod(columns)))), columns + rows)


@linalg_function
def tensorsolve(a, b, axes=None):
    """x such that tensordot(a, x, x.ndim) = b; `axes` of a are moved to the end first."""
    a, b = floating("tensorsolve", a), strong_operand(b)
    ndim = ndim_of(a)
    last = [one_axis(i, ndim, "tensorsolve") for i in axes or ()]
    a = permute(a, tuple([i for i in range(ndim) if i not in last] + last))
    shape = shape_of(a)[ndim_of(b):]
    rows = prod(shape_of(b))
    if prod(shape_of(a)) != rows * prod(shape) or rows != prod(shape):
        raise MatrixError("tensorsolve: the tensor is not a square matrix",
                          got=f"shapes {shape_of(a)} and {shape_of(b)}",
                          wanted="prod(a.shape[b.ndim:]) == prod(b.shape)")
    flat = reshape(b, (rows,))
    return reshape(solve(reshape(a, (rows, prod(shape))), flat), shape)
