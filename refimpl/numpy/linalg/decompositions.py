"""Decompositions, under the names of numpy.linalg and with its types of results."""

from __future__ import annotations

import numpy as np

from ...errors import ArgumentError, MissingRuleError
from ...ops import elementwise as ops
from ...ops import linalg
from ...ops.index import take_along
from ...ops.linear import broadcast_to
from ...ops.movement import flip
from ...ops.scan import argsort
from ..common import expand, ndim_of, shape_of
from .register import linalg_function, matrices, square_matrices

ONE = np.eye(1)
QRResult = type(np.linalg.qr(ONE))
SVDResult = type(np.linalg.svd(ONE))
EighResult = type(np.linalg.eigh(ONE))
EigResult = type(np.linalg.eig(ONE))


@linalg_function
def cholesky(a, /, *, upper=False):
    """The lower triangular L with a = L L^H, or if `upper` the U with a = U^H U.

    Only that triangle of a is read; the derivative is that at the hermitian part of a.
    Raises numpy.linalg.LinAlgError if a is not positive definite.
    """
    a = square_matrices("cholesky", a)
    return linalg.h(linalg.cholesky(linalg.h(a))) if upper else linalg.cholesky(a)


@linalg_function
def qr(a, mode="reduced"):
    """a = Q R, Q with orthonormal columns, R upper triangular; mode reduced, complete or r.

    The derivative wants the first min(m, n) columns of a to be independent.
    """
    if mode == "raw":
        raise MissingRuleError("qr: mode 'raw' has no rule", got="mode='raw'",
                               wanted="'reduced', 'complete' or 'r'")
    if mode not in ("reduced", "complete", "r"):
        raise ArgumentError("qr: an unknown mode", got=f"mode={mode!r}",
                            wanted="'reduced', 'complete' or 'r'")
    q, r = linalg.qr(matrices("qr", a), mode == "complete")
    return r if mode == "r" else QRResult(q, r)


@linalg_function
def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    """a = U diag(S) Vh, S descending. The derivative of the vectors wants different values."""
    if hermitian:
        return _svd_of_hermitian(square_matrices("svd", a), compute_uv)
    a = matrices("svd", a)
    if not compute_uv:
        return linalg.svd(a, vectors=False)[0]
    return SVDResult(*linalg.svd(a, bool(full_matrices)))


def _svd_of_hermitian(a, compute_uv):
    """Singular values are the sizes of eigenvalues; u has their signs."""
    w, v = linalg.eigh(a)
    last = ndim_of(w) - 1
    order = flip(argsort(ops.absolute(w), axis=last), axes=(last,))
    w = take_along(w, order, last)
    if not compute_uv:
        return ops.absolute(w)
    columns = broadcast_to(expand(order, (last,)), shape_of(v))
    u = take_along(v, columns, last + 1)
    return SVDResult(u, ops.absolute(w), linalg.h(linalg.scale_columns(u, ops.sign(w))))


@linalg_function
def svdvals(x, /):
    """The singular values, descending."""
    return svd(x, compute_uv=False)


def _lower(name, UPLO):
    if UPLO.upper() not in ("L", "U"):
        raise ArgumentError(f"{name}: UPLO is 'L' or 'U'", got=repr(UPLO))
    return UPLO.upper() == "L"


@linalg_function
def eigh(a, UPLO="L"):
    """Eigenvalues, ascending, and orthonormal eigenvectors of a hermitian matrix.

    One triangle of a is read; the derivative is that at the hermitian part of a. That of the
    vectors wants different eigenvalues.
    """
    return EighResult(*linalg.eigh(square_matrices("eigh", a), _lower("eigh", UPLO)))


@linalg_function
def eigvalsh(a, UPLO="L"):
    """The eigenvalues of a hermitian matrix, ascending."""
    a = square_matrices("eigvalsh", a)
    return linalg.eigh(a, _lower("eigvalsh", UPLO), vectors=False)[0]


@linalg_function
def eig(a):
    """Eigenvalues and eigenvectors of norm 1; complex on traced values, whatever the matrix.

    The derivative of the vectors keeps their norm, and their largest components real.
    """
    return EigResult(*linalg.eig(square_matrices("eig", a)))


@linalg_function
def eigvals(a):
    """The eigenvalues; complex on traced values, whatever the matrix."""
    return linalg.eig(square_matrices("eigvals", a), vectors=False)[0]
