"""Spectra: eigenvalues and eigenvectors, singular values and vectors.

Vectors belong to a *gauge*: each may be multiplied by a number of size 1. What is stated here is
the one that the derivative follows. At repeated values vectors have no derivative: the factors
1 / (w_j - w_i) are infinite, and the product `scale` drops them where what they meet is exactly
zero. So values alone, and sums over all of them, have finite derivatives everywhere.
"""

from __future__ import annotations

import numpy as np

from ...aval import Aval, aval_of
from ...trace import bind
from ..elementwise import absolute, conjugate, divide, imag, multiply, real, scale
from ..index import take_along, take_range
from ..linear import cast_to, constant, reshape
from ..linear import sum as sum_over
from ..movement import concatenate
from ..reduce import argmax
from .matrices import (
    as_diagonal,
    column,
    complex_dtype,
    diagonal_of,
    h,
    hermitian_part,
    linalg,
    mm,
    off_diagonal,
    real_diagonal,
    real_dtype,
    row,
    scale_columns,
)
from .solving import solve


def gaps(w):
    """1 / (w_j - w_i) off the diagonal, which is 0: (..., n, n)."""
    return off_diagonal(divide(1.0, row(w) - column(w)))


# ---- hermitian matrices ----

def eigh(a, lower=True, vectors=True):
    """(w, v) with a v = v diag(w), w real and ascending, or (w,) without vectors: (..., n, n).

    Of a only one triangle is read; the derivative is that at its hermitian part, and in it
    dv_i is orthogonal to v_i, which fixes the gauge.
    """
    return bind(eigh_p, a, lower=lower, vectors=vectors)


def _eigh_aval(a, *, lower, vectors):
    w = Aval(a.shape[:-1], real_dtype(a.dtype))
    return (w, Aval(a.shape, a.dtype)) if vectors else (w,)


def _eigh(a, *, lower, vectors):
    side = "L" if lower else "U"
    return tuple(np.linalg.eigh(a, side)) if vectors else (np.linalg.eigvalsh(a, side),)


def _eigh_jvp(prim, primals, tangents, params):
    """With e = h(v) da v: dw = diag(e), dv = v (e o gaps). Giles, section 3.1."""
    w, v = eigh(*primals, lower=params["lower"])
    e = mm(h(v), mm(hermitian_part(tangents[0]), v))
    if not params["vectors"]:
        return bind(prim, *primals, **params), (real_diagonal(e),)
    return (w, v), (real_diagonal(e), mm(v, scale(e, gaps(w))))


eigh_p = linalg("eigh", _eigh, _eigh_aval, _eigh_jvp, multiple=True,
                doc="Eigenvalues and eigenvectors of a hermitian matrix.")


# ---- general matrices ----

def eig(a, vectors=True):
    """(w, v) with a v = v diag(w), complex, in LAPACK's order, or (w,): (..., n, n).

    Gauge, as LAPACK's: each v_i has norm 1, and its largest component is real.
    """
    return bind(eig_p, a, vectors=vectors)


def _eig_aval(a, *, vectors):
    dtype = complex_dtype(a.dtype)
    w = Aval(a.shape[:-1], dtype)
    return (w, Aval(a.shape, dtype)) if vectors else (w,)


def _eig(a, *, vectors):
    dtype = complex_dtype(a.dtype)
    out = np.linalg.eig(a) if vectors else (np.linalg.eigvals(a),)
    return tuple([x.astype(dtype) for x in out])


def _eig_jvp(prim, primals, tangents, params):
    """With e = v^-1 da v: dw = diag(e), dv = v (e o gaps), then the gauge. Giles, section 3.1."""
    w, v = eig(*primals)
    e = solve(v, mm(cast_to(tangents[0], aval_of(v).dtype), v))
    if not params["vectors"]:
        return bind(prim, *primals, **params), (diagonal_of(e),)
    return (w, v), (diagonal_of(e), _in_gauge(v, mm(v, scale(e, gaps(w)))))


def _in_gauge(v, dv):
    """Subtract from each dv_i a multiple of v_i: |v_i| stays 1, its largest component real."""
    ndim = aval_of(v).ndim
    inner = sum_over(real(multiply(conjugate(v), dv)), (ndim - 2,))
    shape = aval_of(inner).shape
    largest = reshape(argmax(absolute(v), (ndim - 2,)), (*shape[:-1], 1, shape[-1]))
    turn = imag(take_along(dv, largest, ndim - 2)) / real(take_along(v, largest, ndim - 2))
    return dv - multiply(v, row(inner) + 1j * turn)


eig_p = linalg("eig", _eig, _eig_aval, _eig_jvp, multiple=True,
               doc="Eigenvalues and eigenvectors of a square matrix.")


# ---- singular values ----

def svd(a, full=False, vectors=True):
    """(u, s, vh) with a = u diag(s) vh, s descending, or (s,): (..., m, n).

    u: (..., m, k), vh: (..., k, n), k = min(m, n); square matrices if `full`.
    Gauge: h(v_i) dv_i = 0, and h(u_i) du_i is imaginary (real vectors have no choice but a sign).
    The derivative of the vectors that `full` adds is the smallest possible: only the space that
    they span is a function of a.
    """
    return bind(svd_p, a, full=full, vectors=vectors)


def _svd_aval(a, *, full, vectors):
    *lead, m, n = a.shape
    k = min(m, n)
    s = Aval((*lead, k), real_dtype(a.dtype))
    if not vectors:
        return (s,)
    u, vh = ((m, m), (n, n)) if full else ((m, k), (k, n))
    return Aval((*lead, *u), a.dtype), s, Aval((*lead, *vh), a.dtype)


def _svd(a, *, full, vectors):
    out = np.linalg.svd(a, full, vectors)
    return tuple(out) if vectors else (out,)


def _svd_jvp(prim, primals, tangents, params):
    """With p = h(u) da v: ds = Re diag(p); see `_svd_vectors`."""
    a, da = primals[0], tangents[0]
    u, s, vh = svd(a)
    v = h(vh)
    p = mm(h(u), mm(da, v))
    ds = real_diagonal(p)
    if not params["vectors"]:
        return bind(prim, a, **params), (ds,)
    du, dv = _svd_vectors(da, u, s, v, p)
    if params["full"]:
        u, s, vh = bind(prim, a, **params)
        du, dv = _completed(u, du), _completed(h(vh), dv)
    return (u, s, vh), (du, ds, h(dv))


def _svd_vectors(da, u, s, v, p):
    """du = u (x o f) + (1 - u h(u)) da v / s, with x = p s + s h(p), f = gaps(s) / (s_i + s_j).

    Likewise dv from h(da). The phases of complex vectors follow Wan and Zhang, arXiv:1909.02659.
    """
    f = gaps(s) / (row(s) + column(s))
    ps, sp = scale_columns(p, s), scale(p, column(s))
    du = mm(u, scale(off_diagonal(ps + h(ps)), f))
    dv = mm(v, scale(off_diagonal(sp + h(sp)), f))
    if aval_of(p).dtype.kind == "c":
        phase = scale(imag(diagonal_of(p)), divide(1.0, s))
        du = du + mm(u, as_diagonal(1j * phase))
    return du + _outside(da, u, v, s), dv + _outside(h(da), v, u, s)


def _outside(da, u, v, s):
    """The part of du outside the columns of u; there is none if u is square."""
    m, k = aval_of(u).shape[-2:]
    if m == k:
        return constant(0, u)
    dav = mm(da, v)
    return scale_columns(dav - mm(u, mm(h(u), dav)), divide(1.0, s))


def _completed(u, du):
    """du with columns for those that u has beyond du's, so that u stays unitary."""
    k, extra = aval_of(du).shape[-1], aval_of(u).shape[-1] - aval_of(du).shape[-1]
    if not extra:
        return du
    axis = aval_of(u).ndim - 1
    u1, u2 = take_range(u, axis, 0, k), take_range(u, axis, k, k + extra)
    return concatenate([du, -mm(u1, mm(h(du), u2))], axis)


svd_p = linalg("svd", _svd, _svd_aval, _svd_jvp, multiple=True,
               doc="Singular values and vectors.")
