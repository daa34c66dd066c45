"""Matrices made of vectors, and block matrices."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ArgumentError, ShapeError
from isograd.refimpl.numpy.common import (
    as_int,
    dtype_of,
    expand,
    ndim_of,
    promote,
    shape_of,
    size_of,
    strong_operand,
    to_float,
    zeros_of,
)
from isograd.refimpl.numpy.joining import concatenate
from isograd.refimpl.ops import elementwise
from isograd.refimpl.ops import linalg as ops
from isograd.refimpl.ops.index import gather
from isograd.refimpl.ops.linear import cast_to, reshape
from isograd.refimpl.ops.movement import pad

from .register import scipy_function


def vector(name, x):
    x = strong_operand(x)
    if ndim_of(x) > 1:
        raise ShapeError(f"{name}: a vector", got=f"shape {shape_of(x)}",
                         instead="isograd.vmap over vectors")
    return reshape(x, (size_of(x),))


def _grid(rows, columns):
    return np.arange(rows)[:, None], np.arange(columns)


@scipy_function
def toeplitz(c, r=None):
    """The matrix with first column c, first row r (by default conj(c)), constant diagonals."""
    c = vector("toeplitz", c)
    r = ops.conj(c) if r is None else vector("toeplitz", r)
    n = size_of(r)
    i, j = _grid(size_of(c), n)
    return gather(concatenate([r[:0:-1], c]), i - j + max(n - 1, 0))


@scipy_function
def hankel(c, r=None):
    """The matrix with first column c, last row r (by default 0), constant antidiagonals."""
    c = vector("hankel", c)
    r = zeros_of(shape_of(c), dtype_of(c)) if r is None else vector("hankel", r)
    i, j = _grid(size_of(c), size_of(r))
    return gather(concatenate([c, r[1:]]), i + j)


@scipy_function
def circulant(c):
    """The matrix with first column c, each further column shifted down by one, cyclically."""
    c = vector("circulant", c)
    i, j = _grid(size_of(c), size_of(c))
    return gather(c, (i - j) % max(size_of(c), 1))


@scipy_function
def companion(a):
    """The matrix whose characteristic polynomial has the coefficients a, highest first."""
    a = to_float(vector("companion", a))
    if size_of(a) < 2:
        raise ShapeError("companion: two coefficients or more", got=f"shape {shape_of(a)}")
    return _first_row_above(-a[1:] / a[:1], np.ones(size_of(a) - 2, dtype_of(a)))


@scipy_function
def leslie(f, s):
    """The matrix with first row f and s below the diagonal."""
    f, s = promote(vector("leslie", f), vector("leslie", s))
    if size_of(f) != size_of(s) + 1:
        raise ShapeError("leslie: f has one element more than s",
                         got=f"shapes {shape_of(f)} and {shape_of(s)}")
    return _first_row_above(f, s)


def _first_row_above(first, below):
    """[first; diag(below), 0]."""
    rest = pad(ops.as_diagonal(below), ((0, 0, 0), (0, 1, 0)))
    return concatenate([expand(first, (0,)), rest])


@scipy_function
def fiedler(a):
    """The matrix of |a_i - a_j|."""
    a = vector("fiedler", a)
    return elementwise.absolute(expand(a, (1,)) - a)


@scipy_function
def convolution_matrix(a, n, mode="full"):
    """The matrix m with m @ v = convolve(a, v, mode) for v of n elements."""
    a, n = vector("convolution_matrix", a), as_int(n, "convolution_matrix: n")
    k = size_of(a)
    if n <= 0 or k == 0 or mode not in ("full", "same", "valid"):
        raise ArgumentError("convolution_matrix: elements in a, n > 0, and a mode",
                            got=f"{k} elements, n={n}, mode={mode!r}",
                            wanted="mode 'full', 'same' or 'valid'")
    i, j = _grid(n + k - 1, n)
    inside = (i >= j) & (i - j < k)
    full = ops.where(inside, gather(a, np.where(inside, i - j, 0)))
    if mode == "full":
        return full
    count = max(n, k) if mode == "same" else max(n, k) - min(n, k) + 1
    start = (n + k - 1 - count) // 2 if mode == "same" else min(n, k) - 1
    return full[start:start + count]


@scipy_function
def block_diag(*arrs):
    """The matrix with these matrices along its diagonal; a vector is a row."""
    blocks = promote(*[strong_operand(a) for a in arrs or ([],)])
    blocks = [reshape(a, (1,) * (2 - ndim_of(a)) + shape_of(a)) for a in blocks]
    if any(ndim_of(a) != 2 for a in blocks):
        raise ShapeError("block_diag: matrices or vectors",
                         got=" and ".join(str(shape_of(a)) for a in blocks))
    total, before, rows = sum(shape_of(a)[1] for a in blocks), 0, []
    for a in blocks:
        width = shape_of(a)[1]
        rows.append(pad(a, ((0, 0, 0), (before, total - before - width, 0))))
        before += width
    return concatenate(rows)


@scipy_function
def khatri_rao(a, b):
    """The Kronecker products of the columns."""
    a, b = promote(strong_operand(a), strong_operand(b))
    if ndim_of(a) != 2 or ndim_of(b) != 2 or shape_of(a)[1] != shape_of(b)[1]:
        raise ShapeError("khatri_rao: two matrices with as many columns",
                         got=f"shapes {shape_of(a)} and {shape_of(b)}")
    product = expand(a, (1,)) * expand(b, (0,))
    return reshape(product, (shape_of(a)[0] * shape_of(b)[0], shape_of(a)[1]))


@scipy_function
def diagsvd(s, M, N):
    """The (M, N) matrix with s on its diagonal."""
    s = vector("diagsvd", s)
    if size_of(s) not in (M, N):
        raise ShapeError("diagsvd: as many values as rows or columns",
                         got=f"{size_of(s)} for ({M}, {N})")
    return pad(ops.as_diagonal(cast_to(s, dtype_of(s))),
               ((0, M - size_of(s), 0), (0, N - size_of(s), 0)))
