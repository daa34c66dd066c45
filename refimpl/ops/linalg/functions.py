"""Functions of matrices, and the pseudo-inverse.

Higham, *Functions of Matrices* (2008): the Frechet derivative L(a, e) of f at a in the direction e
is a block of f itself,

    f([[a, e], [0, a]]) = [[f(a), L(a, e)], [0, f(a)]]         (theorem 3.6)

which gives the derivatives of every order.
"""

from __future__ import annotations

import numpy as np

from ...aval import aval_of
from ...primitive import formulas
from ...trace import bind
from ..linear import constant
from ..movement import concatenate
from .matrices import (
    block,
    h,
    hermitian_part,
    last_aval,
    linalg,
    mm,
    of_stacks,
    same_aval,
    scipy_linalg,
    t,
)
from .solving import only_last_is_linear, plus, sylvester

# ---- f(a) ----

NAMES = {"expm": "expm", "logm": "logm", "power": "fractional_matrix_power", "sqrtm": "sqrtm"}


def matrix_function(a, name, *options):
    """expm, logm, or the power with the exponent options[0], of square matrices (..., n, n).

    A real a has a real result. Raises numpy.linalg.LinAlgError if the principal one is complex.
    """
    return bind(matrix_function_p, a, name=name, options=options)


def _value(a, *, name, options):
    if not a.size:
        return a
    return in_kind(getattr(scipy_linalg(), NAMES[name])(a, *options), a, name)


def in_kind(y, a, name):
    """y, which must be real if a is."""
    if a.dtype.kind != "c" and np.iscomplexobj(y):
        w = np.linalg.eigvals(a)
        if np.any((w.imag == 0) & (w.real < 0)):
            raise np.linalg.LinAlgError(
                f"{name} of a real matrix with negative eigenvalues is complex; "
                f"write {name}(a.astype(complex))")
        return y.real
    return y


matrix_function_p = linalg(
    "matrix_function", of_stacks(_value, same_aval, (2,)), same_aval,
    formulas(lambda g, y, a, **params: bind(frechet_p, a, g, **params)),
    doc="A function of a square matrix.")


# ---- its derivative ----

def frechet(a, e, name, *options):
    """The derivative of `matrix_function` at a in the direction e: (..., n, n) both."""
    return bind(frechet_p, a, e, name=name, options=options)


def corner(a):
    """The upper right quarter."""
    n = aval_of(a).shape[-1]
    return block(a, (0, n // 2), (n // 2, n))


def above(a, e):
    """[[a, e], [0, a]]."""
    rows, columns = aval_of(a).ndim - 2, aval_of(a).ndim - 1
    return concatenate([concatenate([a, e], columns),
                        concatenate([constant(0, a) * a, a], columns)], rows)


def _frechet(a, e, *, name, options):
    """e at the size of a: a large one would cost accuracy."""
    size = np.linalg.norm(e) / max(np.linalg.norm(a), 1)
    if not size or not np.isfinite(size):
        size = 1
    zero = np.zeros_like(a)
    both = np.block([[a, (e / size).astype(a.dtype)], [zero, a]])
    return size * corner(_value(both, name=name, options=options)) if a.size else e


def _frechet_jvp(prim, primals, tangents, params):
    """Linear in e. In a: the corner of the derivative of f at [[a, e], [0, a]] in the direction
    [[da, 0], [0, da]]."""
    a, e = primals
    da, de = tangents
    out = bind(prim, a, e, **params)
    term = None if de is None else bind(prim, a, de, **params)
    if da is not None:
        bent = bind(prim, above(a, e), above(da, constant(0, da) * da), **params)
        term = plus(term, corner(bent))
    return out, term


def _frechet_transpose(ct, args, params):
    """f(t(a)) = t(f(a)), so the transpose of L(a, .) is L(t(a), .)."""
    only_last_is_linear(args, "a Frechet derivative")
    return None, bind(frechet_p, t(args[0]), ct, **params)


frechet_p = linalg("frechet", of_stacks(_frechet, last_aval, (2, 2)), last_aval, _frechet_jvp,
                   transpose=_frechet_transpose, doc="The derivative of a function of a matrix.")


# ---- square roots ----

def sqrtm(a):
    """The principal square root: (..., n, n). Real for real a, as `matrix_function`."""
    return bind(sqrtm_p, a)


def _sqrtm_jvp(prim, primals, tangents, params):
    """y y = a, so dy y + y dy = da. Higham, section 6.1."""
    y = bind(prim, *primals)
    return y, sylvester(y, y, tangents[0])


sqrtm_p = linalg(
    "sqrtm", of_stacks(lambda a: _value(a, name="sqrtm", options=()), same_aval, (2,)), same_aval,
    _sqrtm_jvp, doc="The principal square root of a square matrix.")


# ---- pinv ----

def pinv(a, rtol, hermitian=False):
    """The Moore-Penrose inverse: (..., m, n) to (..., n, m).

    Singular values up to rtol times the largest count as zero. The derivative is that at constant
    rank: Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973), formula 4.12.
    """
    return bind(pinv_p, a, rtol=rtol, hermitian=hermitian)


def _pinv_aval(a, *, rtol, hermitian):
    *lead, m, n = a.shape
    return a._replace(shape=(*lead, n, m), weak=False)


def _pinv_jvp(prim, primals, tangents, params):
    a, da = primals[0], tangents[0]
    da = hermitian_part(da) if params["hermitian"] else da
    p = bind(prim, a, **params)
    pda = mm(p, da)
    right = mm(mm(p, h(p)), h(da))      # p h(p) h(da) (1 - a p)
    left = mm(h(da), mm(h(p), p))       # (1 - p a) h(da) h(p) p
    return p, (right - mm(mm(right, a), p)) + (left - mm(p, mm(a, left))) - mm(pda, p)


pinv_p = linalg("pinv", lambda a, *, rtol, hermitian: np.linalg.pinv(a, rtol, hermitian),
                _pinv_aval, _pinv_jvp, doc="The Moore-Penrose inverse.")
