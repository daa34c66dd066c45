"""Carlson's symmetric elliptic integrals: DLMF 19.16.

    (powers; x, y, ...)  stands for  int_0^inf (t + x)**-p (t + y)**-q ... dt

R_F, R_D and R_J are such integrals, and so are all derivatives of these: in x, it is -p times the
integral with p + 1. By t = exp(u) the integrand decays exponentially to both sides, and the
trapezoidal rule converges geometrically: its error is about exp(-2 pi**2 / STEP).
"""

from __future__ import annotations

from math import ceil

import numpy as np

from ...aval import aval_of
from ...primitive import Primitive
from ...trace import bind
from ..elementwise import (
    SciPyUfunc,
    absolute,
    batch_elementwise,
    divide,
    fit,
    less,
    real,
    scale,
    select,
    sqrt,
    ufunc_aval,
)
from .common import special
from .hypergeometric import hyp2f1

STEP, NEGLIGIBLE = 0.4, 38      # exp(-38) is below rounding

_AVALS = {2: ufunc_aval(SciPyUfunc("elliprc")), 3: ufunc_aval(SciPyUfunc("elliprf")),
          4: ufunc_aval(SciPyUfunc("elliprj"))}


# ---- the integrals ----

def _aval(*avals, powers):
    return _AVALS[len(avals)](*avals)


def _integral(*xs, powers):
    out = _AVALS[len(xs)](*map(aval_of, xs))
    xs = [np.asarray(x, np.result_type(out.dtype, np.float64)) for x in np.broadcast_arrays(*xs)]
    with np.errstate(all="ignore"):
        first, last = _range(xs, powers)
        nodes = np.max(last - first, initial=0, where=np.isfinite(last - first))
        total = np.zeros(out.shape, xs[0].dtype)
        for k in range(ceil(nodes / STEP) + 1):
            u = first + k * STEP
            total += np.exp(u - sum(p * np.log(np.exp(u) + x)
                                    for p, x in zip(powers, xs, strict=True)))
    return np.where(first == -np.inf, np.inf, total * STEP).astype(out.dtype)[()]


def _range(xs, powers):
    """Where the integrand in u is not negligible; from -inf if the integral is infinite."""
    sizes = [np.where(x == 0, np.inf, abs(x)) for x in xs]
    at_zero = 1 - sum(p * (x == 0) for p, x in zip(powers, xs, strict=True))
    decay = np.where(at_zero > 0, NEGLIGIBLE / np.maximum(at_zero, 0), np.inf)
    last = np.log(np.max(np.abs(xs), axis=0)) + NEGLIGIBLE / (sum(powers) - 1)
    return np.log(np.min(sizes, axis=0)) - decay, last


def _jvp(prim, primals, tangents, params):
    powers, total = params["powers"], None
    out = bind(prim, *primals, **params)
    for i, g in enumerate(tangents):
        if g is not None:
            raised = tuple([p + (i == j) for j, p in enumerate(powers)])
            term = fit(scale(g, -powers[i] * integral(raised, *primals)), out)
            total = term if total is None else total + term
    return out, total


carlson_p = Primitive(
    "carlson", "elementwise", _integral, _aval, _jvp, batch=batch_elementwise,
    doc="The integral of (t + x)**-p (t + y)**-q ... over t from 0 to infinity.")


def integral(powers, *xs):
    return bind(carlson_p, *xs, powers=powers)


# ---- the functions of scipy.special ----

def _rc_x(w, x, y):
    """R_C(x, y) = F(1/2, 1/2; 3/2; 1 - x / y) / sqrt(y). DLMF 19.2.17, 19.25."""
    t = 1 - divide(x, y)
    near = less(absolute(t), 0.3)
    series = hyp2f1(1.5, 1.5, 2.5, select(near, t, 0.0))
    return select(near, -divide(series, 6 * y * sqrt(y)),
                  divide(w - divide(1.0, sqrt(x)), 2 * (y - x)))


def _rd_x(w, x, y, z):
    return -0.75 * integral((1.5, 0.5, 1.5), x, y, z)


def _rd_z(w, x, y, z):
    return -2.25 * integral((0.5, 0.5, 2.5), x, y, z)


def _rj_x(w, x, y, z, p):
    """For p < 0, where R_J is a principal value, by partial fractions."""
    principal = less(real(p), 0)
    difference = divide(w - elliprd(y, z, x), 2 * (p - x))
    return select(principal, difference,
                  -0.75 * integral((1.5, 0.5, 0.5, 1.0), x, y, z, select(principal, 1.0, p)))


def _rj_p(w, x, y, z, p):
    """For p < 0 by homogeneity of degree -3/2. DLMF 19.18.11."""
    principal = less(real(p), 0)
    rest = x * _rj_x(w, x, y, z, p) + y * _rj_x(w, y, x, z, p) + z * _rj_x(w, z, x, y, p)
    return select(principal, -divide(1.5 * w + rest, p),
                  -1.5 * integral((0.5, 0.5, 0.5, 2.0), x, y, z, select(principal, 1.0, p)))


def _rg_x(x, y, z):
    return 0.25 * (elliprf(x, y, z) - x * elliprd(y, z, x) / 3)


elliprc = special("elliprc", "x y", _rc_x,
                  lambda w, x, y: -divide(0.5 * w + x * _rc_x(w, x, y), y),
                  doc="Carlson's R_C(x, y). DLMF 19.2.17.")
elliprd = special("elliprd", "x y z", _rd_x, lambda w, x, y, z: _rd_x(w, y, x, z), _rd_z,
                  doc="Carlson's R_D(x, y, z). DLMF 19.16.5.")
elliprf = special("elliprf", "x y z", lambda w, x, y, z: -elliprd(y, z, x) / 6,
                  lambda w, x, y, z: -elliprd(z, x, y) / 6,
                  lambda w, x, y, z: -elliprd(x, y, z) / 6,
                  doc="Carlson's R_F(x, y, z). DLMF 19.16.1.")
elliprg = special("elliprg", "x y z", lambda w, x, y, z: _rg_x(x, y, z),
                  lambda w, x, y, z: _rg_x(y, z, x), lambda w, x, y, z: _rg_x(z, x, y),
                  doc="Carlson's R_G(x, y, z). DLMF 19.16.3.")
elliprj = special("elliprj", "x y z p", _rj_x, lambda w, x, y, z, p: _rj_x(w, y, x, z, p),
                  lambda w, x, y, z, p: _rj_x(w, z, x, y, p), _rj_p,
                  doc="Carlson's R_J(x, y, z, p). DLMF 19.16.2.")
