"""Gamma variables, and how they move with their shape parameter."""

from __future__ import annotations

from math import sqrt

import numpy as np

from ..errors import MissingRuleError
from ..primitive import Primitive
from ..trace import bind
from .elementwise import SciPyUfunc, batch_elementwise, log, scale, ufunc_aval
from .linear import operation
from .random import elements
from .rejection import Elements, sampler, split

_erfinv, _psi = SciPyUfunc("erfinv"), SciPyUfunc("psi")


# ---- draws ----

def _gamma(key, a, *, log_space):
    """Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).

    d (1 + c x)^3 is nearly a gamma variable for a normal x, with d = a - 1/3, c = 1 / (3 sqrt(d)).
    For a < 1 that of a + 1 is multiplied by u^(1/a).
    """
    shape, of, a = np.shape(a), Elements(key, np.shape(a)), np.ravel(a)
    keys, boost_keys = split(of.draw(of.keys, slice(None), "pair"), 2)
    u = elements(boost_keys, 0, a.dtype.name)
    with np.errstate(all="ignore"):
        d, cube = _accepted_cubes(keys, np.where(a >= 1, a, a + 1))
        if log_space:
            log_u = np.log1p(-u)
            boost = np.where((a >= 1) | (log_u == 0), a.dtype.type(0), log_u / a)
            out = np.log(d) + np.log(cube) + boost
        else:
            out = d * cube * np.where(a >= 1, a.dtype.type(1), (1 - u) ** (1 / a))
    return out.reshape(shape)[()]


def _accepted_cubes(keys, a):
    """d, and v = (1 + c x)^3 such that log(u) < x^2 / 2 + d (1 - v + log v)."""
    d = a - a.dtype.type(1 / 3)
    c = a.dtype.type(1 / 3) / np.sqrt(d)
    cube, waiting = np.ones_like(a), np.arange(a.size)
    while waiting.size:
        keys[waiting], x_keys, u_keys = split(keys[waiting], 3)
        x, v = _positive(x_keys, c[waiting])
        square, v = x * x, v * v * v
        cube[waiting] = v
        u = elements(u_keys, 0, a.dtype.name)
        bound = square * a.dtype.type(0.5) + d[waiting] * (1 - v + np.log(v))
        rejected = (u >= 1 - a.dtype.type(0.0331) * (square * square)) & (np.log(u) >= bound)
        waiting = waiting[rejected]
    return d, cube


def _positive(keys, c):
    """Normal numbers x such that v = 1 + c x is positive, and v."""
    x, v, waiting = np.zeros_like(c), np.ones_like(c), np.arange(c.size)
    while waiting.size:
        keys[waiting], used = split(keys[waiting], 2)
        x[waiting] = _normal(used, c.dtype)
        v[waiting] = 1 + x[waiting] * c[waiting]
        waiting = waiting[v[waiting] <= 0]
    return x, v


def _normal(keys, dtype):
    """A standard normal number for each key: sqrt(2) erfinv(u), u uniform in (-1, 1)."""
    low = np.nextafter(dtype.type(-1), dtype.type(0))
    u = np.maximum(low, elements(keys, 0, dtype.name) * (1 - low) + low)
    return dtype.type(sqrt(2)) * _erfinv(u)


def _gamma_jvp(prim, primals, tangents, params):
    """Implicit reparameterisation gradients: Figurnov, Mohamed, Mnih (2018).

    A draw x stays at its place P(a, x) of the distribution: dx/da = -(dP/da) / (dP/dx).
    """
    x = bind(prim, *primals, **params)
    a, g = primals[1], tangents[1]
    if g is None:
        return x, None
    slope = log_gamma_slope(a, x) if params["log_space"] else x * log_gamma_slope(a, log(x))
    return x, scale(g, slope)


random_gamma_p = sampler("random_gamma", _gamma, _gamma_jvp,
                         "Gamma variables of shape a, or their logarithms if log_space.")


def random_gamma(key, a, log_space):
    """Gamma variables of shape a > 0 for keys uint32[..., 2], or their logarithms; NaN for NaN."""
    return bind(random_gamma_p, key, a, log_space=log_space)


# ---- the derivative ----

MOST_TERMS = 100_000


def _log_gamma_slope(a, log_x):
    """d(log x)/da at constant P(a, x), the regularised incomplete gamma function.

    By the series DLMF 8.7.1 up to x = a + 1, by the continued fraction DLMF 8.9.2 above.
    """
    a, log_x = np.broadcast_arrays(*np.atleast_1d(a, log_x))
    dtype = np.result_type(a, log_x)
    out = np.empty(a.shape)
    a, log_x = a.astype(np.float64), log_x.astype(np.float64)
    with np.errstate(all="ignore"):
        below = np.exp(log_x) <= a + 1
        out[below] = _slope_below(a[below], log_x[below])
        out[~below] = _slope_above(a[~below], log_x[~below])
    return out.astype(dtype)


def _slope_below(a, log_x):
    """P = x^a e^-x / Gamma(a + 1) * s, s = 1 + x / (a + 1) (1 + x / (a + 2) (1 + ...))."""
    x = np.exp(log_x)
    s, ds = np.ones_like(a), np.zeros_like(a)       # ds: ds/da
    for n in range(_terms(a), 0, -1):
        ratio = x / (a + n)
        s, ds = 1 + ratio * s, ratio * (ds - s / (a + n))
    return -(s * (log_x - _psi(a + 1)) + ds) / a


def _slope_above(a, log_x):
    """1 - P = x^a e^-x / Gamma(a) / f, f = x + 1 - a - (1 - a) / (x + 3 - a - ...)."""
    x = np.exp(log_x)
    n = _terms(a)
    f, df = x + 2 * n + 1 - a, -np.ones_like(a)     # df: df/da
    for k in range(n, 0, -1):
        ratio = k * (k - a) / f
        f, df = x + 2 * k - 1 - a - ratio, -1 + (k + ratio * df) / f
    return (log_x - _psi(a) - df / f) / f


def _terms(a):
    """How many terms leave errors below those of rounding near x = a, where most are needed."""
    largest = np.max(a[np.isfinite(a)], initial=1)
    return int(min(100 + 10 * sqrt(largest), MOST_TERMS))


def _no_second(prim, primals, tangents, params):
    raise MissingRuleError("no second derivative is known for gamma variables in their shape",
                           instead="first derivatives, or isograd.stop_gradient")


def _log_gamma_slope_impl(a, log_x):
    shape = np.broadcast_shapes(np.shape(a), np.shape(log_x))
    return _log_gamma_slope(a, log_x).reshape(shape)[()]


log_gamma_slope = operation(Primitive(
    "log_gamma_slope", "random", _log_gamma_slope_impl, ufunc_aval(np.arctan2), _no_second,
    batch=batch_elementwise,
    doc="How the logarithm of a gamma variable moves with its shape parameter a."))
