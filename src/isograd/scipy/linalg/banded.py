"""Banded matrices: traced, each is a dense one; right, but without the savings.

A matrix with `above` bands above its diagonal stands in an array ab with a[i, j] =
ab[above + i - j, j]. Of a hermitian one only a triangle is given, by its bands.
"""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ShapeError
from isograd.refimpl.numpy import linalg as nla
from isograd.refimpl.numpy.common import ndim_of, shape_of
from isograd.refimpl.numpy.function import refuse
from isograd.refimpl.numpy.linalg.register import floating, same_dtype
from isograd.refimpl.ops import linalg as ops
from isograd.refimpl.ops.index import gather

from .decompositions import eigh
from .equations import cho_solve
from .register import scipy_function


def from_bands(ab, below, above):
    """The matrix with a[i, j] = ab[above + i - j, j]."""
    n = shape_of(ab)[-1]
    i, j = np.arange(n)[:, None], np.arange(n)
    inside = (i - j <= below) & (j - i <= above)
    places = np.where(inside, above + i - j, 0)
    return ops.where(inside, gather(ab, places, np.broadcast_to(j, (n, n))))


def to_bands(a, below, above):
    """The array ab with ab[above + i - j, j] = a[i, j], 0 where that is outside."""
    n = shape_of(a)[-1]
    j, i = np.arange(n), np.arange(n) + np.arange(-above, below + 1)[:, None]
    inside = (i >= 0) & (i < n)
    return ops.where(inside, gather(a, np.where(inside, i, 0), np.broadcast_to(j, i.shape)))


def bands(name, ab, count=None):
    ab = floating(name, ab)
    if ndim_of(ab) != 2 or count not in (None, shape_of(ab)[0]):
        raise ShapeError(f"{name}: a row of ab for each band", got=f"shape {shape_of(ab)}",
                         wanted=f"({count or 'bands'}, n)")
    return ab


def lower_triangle(name, ab, lower):
    """(the lower triangle that the bands of one triangle say, how many bands are beside)."""
    ab = bands(name, ab)
    k = shape_of(ab)[0] - 1
    given = from_bands(ab, k if lower else 0, 0 if lower else k)
    return (given if lower else ops.h(given)), k


def hermitian_of(name, ab, lower):
    low, k = lower_triangle(name, ab, lower)
    return low + ops.h(ops.lower_part(low, -1)), k


@scipy_function
def solve_banded(l_and_u, ab, b, overwrite_ab=False, overwrite_b=False, check_finite=True):
    """x such that a x = b, a with l bands below and u above its diagonal."""
    below, above = map(int, l_and_u)
    ab = bands("solve_banded", ab, below + above + 1)
    return nla.solve(from_bands(ab, below, above), b)


@scipy_function
def solveh_banded(ab, b, overwrite_ab=False, overwrite_b=False, lower=False, check_finite=True):
    """x such that a x = b, a hermitian positive definite."""
    a, _ = hermitian_of("solveh_banded", ab, lower)
    return cho_solve((ops.cholesky(a), True), b)


@scipy_function
def cholesky_banded(ab, overwrite_ab=False, lower=False, check_finite=True):
    """The bands of the Cholesky factor of a hermitian positive definite matrix."""
    a, k = hermitian_of("cholesky_banded", ab, lower)
    low = ops.cholesky(a)
    return to_bands(low, k, 0) if lower else to_bands(ops.h(low), 0, k)


@scipy_function
def cho_solve_banded(cb_and_lower, b, overwrite_b=False, check_finite=True):
    """x such that a x = b, a by the bands of its Cholesky factor."""
    cb, lower = cb_and_lower
    return cho_solve((lower_triangle("cho_solve_banded", cb, lower)[0], True), b)


@scipy_function
def eig_banded(a_band, lower=False, eigvals_only=False, overwrite_a_band=False, select="a",
               select_range=None, max_ev=0, check_finite=True):
    """(w, v), or w, of a hermitian banded matrix."""
    refuse("eig_banded", "select", select != "a", "w[...] of all eigenvalues")
    return eigh(hermitian_of("eig_banded", a_band, lower)[0], eigvals_only=eigvals_only)


@scipy_function
def eigvals_banded(a_band, lower=False, overwrite_a_band=False, select="a", select_range=None,
                   check_finite=True):
    """The eigenvalues of a hermitian banded matrix."""
    return eig_banded(a_band, lower, True, select=select)


@scipy_function
def eigh_tridiagonal(d, e, eigvals_only=False, select="a", select_range=None, check_finite=True,
                     tol=0.0, lapack_driver="auto"):
    """(w, v), or w, of the symmetric matrix with diagonal d and e beside it, as a dense one."""
    refuse("eigh_tridiagonal", "select", select != "a", "w[...] of all eigenvalues")
    d, e = same_dtype(floating("eigh_tridiagonal", d), floating("eigh_tridiagonal", e))
    if len(shape_of(d)) != 1 or shape_of(e) != (shape_of(d)[0] - 1,):
        raise ShapeError("eigh_tridiagonal: e has one element less than d",
                         got=f"shapes {shape_of(d)} and {shape_of(e)}")
    beside = ops.below_diagonal(e)
    return eigh(ops.as_diagonal(d) + beside + ops.t(beside), eigvals_only=eigvals_only)


@scipy_function
def eigvalsh_tridiagonal(d, e, select="a", select_range=None, check_finite=True, tol=0.0,
                         lapack_driver="auto"):
    """The eigenvalues of the symmetric matrix with diagonal d and e beside it."""
    return eigh_tridiagonal(d, e, True, select, select_range)
