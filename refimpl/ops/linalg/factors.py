"""Factors: cholesky, qr, and the unitary factor of the polar decomposition."""

from __future__ import annotations

import numpy as np

from ...aval import Aval, aval_of
from ...primitive import no_derivative
from ...trace import bind
from ..movement import concatenate, pad
from .matrices import (
    as_diagonal,
    block,
    conj,
    diagonal_of,
    h,
    hermitian_part,
    linalg,
    lower_part,
    mm,
    of_stacks,
    same_aval,
    scipy_linalg,
)
from .solving import hermitian_inverse_sandwich, right_divide, solve, sylvester

# ---- cholesky ----

def cholesky(a):
    """The lower triangular L with a = L h(L), for a hermitian positive definite a: (..., n, n).

    Only the lower triangle of a is read; the derivative is that at its hermitian part.
    Raises numpy.linalg.LinAlgError if a is not positive definite.
    """
    return bind(cholesky_p, a)


def _cholesky_jvp(prim, primals, tangents, params):
    """dL = L low(L^-1 da L^-H), low with half of the diagonal. Murray (2016), arXiv:1602.07527."""
    low = bind(prim, *primals)
    inner = hermitian_inverse_sandwich(low, hermitian_part(tangents[0]))
    return low, mm(low, 0.5 * (lower_part(inner) + lower_part(inner, -1)))


cholesky_p = linalg("cholesky", np.linalg.cholesky, same_aval, _cholesky_jvp,
                    doc="The lower triangular factor of a = L h(L).")


# ---- qr ----

def qr(a, complete=False):
    """(q, r) with a = q r: q (..., m, k), r (..., k, n), k = min(m, n), or m if `complete`.

    The columns of q are orthonormal; the diagonal of r is real, of either sign.
    The derivative wants the first k columns of a to be independent. That of the columns which
    `complete` adds is the smallest possible: only the space that they span is a function of a.
    """
    return bind(qr_p, a, complete=complete)


def _qr_aval(a, *, complete):
    *lead, m, n = a.shape
    k = m if complete else min(m, n)
    return Aval((*lead, m, k), a.dtype), Aval((*lead, k, n), a.dtype)


def _qr(a, *, complete):
    return tuple(np.linalg.qr(a, "complete" if complete else "reduced"))


def _qr_jvp(prim, primals, tangents, params):
    """Walter and Lehmann, *Algorithmic differentiation of linear algebra functions with application
    in optimum experimental design* (2010).

    With the first k columns a1 = q1 r1 and c = h(q1) da1 r1^-1: dq1 = da1 r1^-1 - q1 (c - x),
    dr1 = (c - x) r1, where x is skew-hermitian and c - x upper triangular with a real diagonal.
    """
    a, da = primals[0], tangents[0]
    q, r = bind(prim, a, **params)
    m, n = aval_of(a).shape[-2:]
    k = min(m, n)
    q1, r1 = block(q, (0, m), (0, k)), block(r, (0, k), (0, k))
    w = right_divide(block(da, (0, m), (0, k)), r1)
    c = mm(h(q1), w)
    x = _skew(c)
    dq, dr = w - mm(q1, c - x), mm(c - x, r1)
    axis = aval_of(a).ndim
    if n > m:       # q is square: r2 = h(q) a2
        r2 = mm(h(q), block(da, (0, m), (k, n))) - mm(x, block(r, (0, m), (k, n)))
        dr = concatenate([dr, r2], axis - 1)
    if params["complete"] and m > k:
        q2 = block(q, (0, m), (k, m))
        dq = concatenate([dq, -mm(q1, mm(h(dq), q2))], axis - 1)
        dr = pad(dr, ((0, 0, 0),) * (axis - 2) + ((0, m - k, 0), (0, 0, 0)))
    return (q, r), (dq, dr)


def _skew(c):
    """The skew-hermitian x for which c - x is upper triangular with a real diagonal."""
    below = lower_part(c, -1)
    x = below - h(below)
    if aval_of(c).dtype.kind != "c":
        return x
    d = diagonal_of(c)
    return x + as_diagonal(0.5 * (d - conj(d)))


qr_p = linalg("qr", _qr, _qr_aval, _qr_jvp, multiple=True, doc="a = q r, q with orthonormal "
              "columns, r upper triangular.")


def pivoted_columns(a):
    """The order of columns in which pivoting takes them, the largest rest first: (..., n)."""
    return bind(pivoted_columns_p, a)


def _columns_aval(a):
    *lead, _, n = a.shape
    return Aval((*lead, n), np.dtype(np.int32))


def _pivoted_columns(a):
    if not a.size:
        return np.arange(a.shape[1], dtype=np.int32)
    return scipy_linalg().qr(a, mode="r", pivoting=True)[1]


pivoted_columns_p = linalg("pivoted_columns", of_stacks(_pivoted_columns, _columns_aval, (2,)),
                           _columns_aval, no_derivative,
                           doc="The order of columns of a pivoted QR decomposition.")


# ---- polar ----

def polar_factor(a):
    """The u of a = u p: the nearest matrix with orthonormal columns (or rows). (..., m, n).

    p = h(u) a is positive semidefinite; the derivative wants a of full rank.
    Higham, *Functions of Matrices* (2008), chapter 8.
    """
    return bind(polar_p, a)


def _polar(a):
    return scipy_linalg().polar(a)[0] if a.size else a


def _polar_jvp(prim, primals, tangents, params):
    """p w + w p = h(u) da - h(da) u for w = h(u) du; beyond the columns of u, du p = da.

    A wide a is treated by its conjugate transpose.
    """
    a, da = primals[0], tangents[0]
    u = bind(prim, a)
    m, n = aval_of(a).shape[-2:]
    if m < n:
        return u, h(_polar_tangent(h(a), h(da), h(u)))
    return u, _polar_tangent(a, da, u)


def _polar_tangent(a, da, u):
    m, n = aval_of(a).shape[-2:]
    p = hermitian_part(mm(h(u), a))
    c = mm(h(u), da)
    du = mm(u, sylvester(p, p, c - h(c)))
    if m > n:
        rest = da - mm(u, c)
        du = du + h(solve(p, h(rest)))
    return du


polar_p = linalg("polar", of_stacks(_polar, same_aval, (2,)), same_aval, _polar_jvp,
                 doc="The unitary factor of the polar decomposition.")
