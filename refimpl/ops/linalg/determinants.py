"""Determinants. Their derivatives are cofactors, which are finite for singular matrices too."""

from __future__ import annotations

import numpy as np

from ...aval import Aval, aval_of
from ...primitive import formulas
from ...trace import bind
from ..elementwise import conjugate, greater, imag, isfinite, multiply, real, select
from ..index import take_range
from ..linear import broadcast_to, constant
from ..linear import sum as sum_over
from ..movement import concatenate, flip
from ..scan import cumprod
from .matrices import (
    as_diagonal,
    column,
    diagonal_of,
    identity,
    linalg,
    mm,
    real_dtype,
    row,
    same_aval,
    t,
    trace_of_product,
    where,
)
from .solving import solve
from .spectra import svd

REGULAR = 1e-3      # the ratio of singular values above which the inverse is used

# ---- det ----

def det(a):
    """The determinant: (..., n, n) to (...). Its derivative is tr(t(cofactors(a)) da)."""
    return bind(det_p, a)


def _det_aval(a):
    return Aval(a.shape[:-2], a.dtype)


det_p = linalg("det", np.linalg.det, _det_aval,
               formulas(lambda g, y, a: trace_of_product(g, t(cofactors(a)))),
               doc="The determinant.")


# ---- cofactors ----

def cofactors(a):
    """The matrix c with c t(a) = det(a) 1, of the minors of a with signs: (..., n, n)."""
    return bind(cofactors_p, a)


def _cofactors(a):
    """By singular values: the cofactors of a product are the products of the cofactors."""
    n = a.shape[-1]
    u, s, vh = np.linalg.svd(a)
    others = np.where(np.eye(n, dtype=bool), 1, s[..., None, :]).prod(-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return (sign[..., None, None] * ((u.conj() * others[..., None, :]) @ vh.conj()))


def _cofactors_jvp(prim, primals, tangents, params):
    """Two formulas for one polynomial: by the inverse where that is accurate, else by singular
    values, which is accurate everywhere but has no third derivative where they repeat."""
    a, da = primals[0], tangents[0]
    c = bind(prim, a)
    n = aval_of(a).shape[-1]
    if n < 2:
        return c, None
    u, s, vh = svd(a)
    axis = aval_of(s).ndim - 1
    smallest, largest = take_range(s, axis, n - 1, n), take_range(s, axis, 0, 1)
    regular = column(greater(smallest, constant(REGULAR, s) * largest))
    by_inverse = _tangent_by_inverse(select(regular, a, identity(a)), da, c)
    return c, select(regular, by_inverse, _tangent_by_svd(da, u, s, vh))


def _tangent_by_inverse(a, da, c):
    """d(det(a) a^-T) = c tr(a^-1 da) - c t(a^-1 da)."""
    x = solve(a, da)
    trace = sum_over(diagonal_of(x), (aval_of(x).ndim - 2,))
    return multiply(c, column(column(trace))) - t(mm(x, t(c)))


def _tangent_by_svd(da, u, s, vh):
    """With e = h(u) da v and m_ij the product of all s but s_i and s_j, the cofactors of
    diag(s) + e change by diag(m diag(e)) - m o t(e)."""
    uc, vc = conjugate(u), conjugate(vh)
    e = mm(t(uc), mm(da, t(vc)))
    m = _without_two(s)
    inner = sum_over(multiply(m, row(diagonal_of(e))), (aval_of(e).ndim - 1,))
    sign = multiply(det(u), det(vh))
    change = as_diagonal(inner) - multiply(m, t(e))
    return multiply(mm(uc, mm(change, vc)), column(column(sign)))


def _without_two(s):
    """m_ij, i != j: the product of all s_k but s_i and s_j; 0 on the diagonal. (..., n, n)."""
    n, ndim = aval_of(s).shape[-1], aval_of(s).ndim
    backward = {"axes": (ndim - 1,)}
    before = _exclusive(s, ndim - 1)                                        # of s_k, k < i
    after = flip(_exclusive(flip(s, **backward), ndim - 1), **backward)     # of s_k, k > j
    later = select(np.tri(n, n, 0, dtype=bool), constant(1, s), row(s))
    between = _exclusive(later, ndim)                                       # of s_k, i < k < j
    m = multiply(multiply(column(before), row(after)), between)
    m = where(~np.tri(n, n, 0, dtype=bool), m)
    return m + t(m)


def _exclusive(x, axis):
    """Cumulative products of all elements before each."""
    shape = aval_of(x).shape
    first = broadcast_to(constant(1, x), (*shape[:axis], 1, *shape[axis + 1:]))
    return cumprod(concatenate([first, take_range(x, axis, 0, shape[axis] - 1)], axis), axis)


cofactors_p = linalg("cofactors", _cofactors, same_aval, _cofactors_jvp,
                     doc="The minors of a, with signs: the derivative of its determinant.")


# ---- slogdet ----

def slogdet(a):
    """(sign, log |det a|) with det(a) = sign exp(log): (..., n, n) to (...) and (...).

    A singular a has (0, -inf), and infinite derivatives.
    """
    return bind(slogdet_p, a)


def _slogdet_aval(a):
    return Aval(a.shape[:-2], a.dtype), Aval(a.shape[:-2], real_dtype(a.dtype))


def _slogdet_jvp(prim, primals, tangents, params):
    """d log det(a) = tr(a^-1 da): its real part is that of the logarithm, its imaginary part turns
    the sign."""
    a, da = primals[0], tangents[0]
    sign, log = bind(prim, a)
    regular = column(column(isfinite(log)))
    safe = select(regular, a, identity(a))
    inverse = select(regular, solve(safe, identity(a)), constant(np.inf, a))
    d_log = trace_of_product(da, inverse)
    if aval_of(a).dtype.kind != "c":
        return (sign, log), (None, d_log)
    return (sign, log), (multiply(sign, 1j * imag(d_log)), real(d_log))


slogdet_p = linalg("slogdet", lambda a: tuple(np.linalg.slogdet(a)), _slogdet_aval, _slogdet_jvp,
                   multiple=True, doc="The sign and the logarithm of the determinant.")
