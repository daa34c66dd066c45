"""Derivatives of the incomplete gamma and beta functions in their parameters, of any order.

    gammainc_a(a, x, n)          the n-th derivative of P(a, x) in a
    betainc_ab(a, b, x, m, n)    the m-th in a and n-th in b of I(a, b, x)

Each function is a factor whose logarithm has simple derivatives, times a series or a continued
fraction that is evaluated backwards in Taylor series of the parameters (taylor.py). Relative errors
are below 1e-11 for parameters up to a thousand, and grow with them; above LIMIT the result is NaN.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from ...trace import bind
from ..elementwise import (
    SciPyUfunc,
    exp,
    isinf,
    log,
    log1p,
    scale,
    select,
)
from .common import SciPyFunction, operation_of_orders
from .elementary import xlog1py, xlogy
from .gamma import betaln, gammaln, polygamma
from .taylor import (
    constant_series,
    derivative_of_product,
    exponential_ratio,
    parameter_series,
    product,
    quotient,
)

LIMIT = 1e8         # of parameters: beyond, there are too many terms
LARGEST = np.finfo(np.float64).max
_polygamma, _gammaln = SciPyFunction("polygamma"), SciPyUfunc("gammaln")
_betaln = SciPyUfunc("betaln")


def _terms(*parameters):
    """How many terms leave errors below those of rounding, where most of them are needed."""
    return int(100 + 10 * sqrt(max(np.max(p, initial=1) for p in parameters)))


def _by_region(choose, function, otherwise, *args):
    """Compute elements by one function or another; `choose` tells those that are valid, too."""
    args = [np.asarray(x, np.float64) for x in np.broadcast_arrays(*args)]
    shape, args = args[0].shape, [x.ravel() for x in args]
    out = np.full(args[0].shape, np.nan)
    with np.errstate(all="ignore"):
        valid, chosen = choose(*args)
        for f, where in ((function, valid & chosen), (otherwise, valid & ~chosen)):
            out[where] = f(*[x[where] for x in args])
    return out.reshape(shape)


# ---- P(a, x) ----

def gamma_log_density(a, x):
    """The logarithm of dP/dx = x**(a - 1) exp(-x) / Gamma(a). DLMF 8.8.13."""
    return select(isinf(x), -np.inf, xlogy(a - 1, x) - x - gammaln(a))


def _gamma_slopes(psi, log_x, a):
    """Derivatives in a of the logarithm of x**a exp(-x) / Gamma(a)."""
    return lambda n, _: log_x - psi(0, a) if n == 1 else -psi(n - 1, a)


def _gamma_below(a, x, n):
    """P = x**a exp(-x) / Gamma(a + 1) s, s = 1 + x / (a + 1) (1 + x / (a + 2) (1 + ...)).
    DLMF 8.7.1."""
    shape, one = parameter_series(a, 0, (n, 0)), constant_series(np.ones_like(a), (n, 0))
    s = one
    for k in range(_terms(a), 0, -1):
        s = one + quotient(x * s, shape + k * one)
    log_x = np.log(x)
    return derivative_of_product(a * log_x - x - _gammaln(a + 1),
                                 _gamma_slopes(_polygamma, log_x, a + 1), s)


def _gamma_above(a, x, n):
    """1 - P = x**a exp(-x) / Gamma(a) / f, f = x + 1 - a - (1 - a) / (x + 3 - a - ...).
    DLMF 8.9.2."""
    shape, one = parameter_series(a, 0, (n, 0)), constant_series(np.ones_like(a), (n, 0))
    f = (x + 2 * _terms(a) + 1) * one - shape
    for k in range(_terms(a), 0, -1):
        f = (x + 2 * k - 1) * one - shape - quotient(k * (k * one - shape), f)
    log_x = np.log(x)
    return -derivative_of_product(a * log_x - x - _gammaln(a),
                                  _gamma_slopes(_polygamma, log_x, a), quotient(one, f))


def _gammainc_a(a, x, *, n):
    def choose(a, x):
        return (a > 0) & (a <= LIMIT) & (x >= 0), x <= a + 1
    return _by_region(choose, lambda a, x: _gamma_below(a, x, n),
                      lambda a, x: _gamma_above(a, x, n), a, np.minimum(x, LARGEST))


def _gamma_density_slope(a, x, n):
    """The n-th derivative of dP/dx in a."""
    ratio = exponential_ratio(n, 0, _gamma_slopes(polygamma, log(x), a))
    return scale(exp(gamma_log_density(a, x)), ratio)


gammainc_a_p = operation_of_orders(
    "gammainc_a", _gammainc_a,
    lambda g, y, a, x, *, n: scale(g, gammainc_a(a, x, n + 1)),
    lambda g, y, a, x, *, n: scale(g, _gamma_density_slope(a, x, n)),
    like="gammainc", doc="The n-th derivative of gammainc in its parameter a.")


def gammainc_a(a, x, n=1):
    return bind(gammainc_a_p, a, x, n=n)


# ---- I(a, b, x) ----

def beta_log_density(a, b, x):
    """The logarithm of dI/dx = x**(a - 1) (1 - x)**(b - 1) / B(a, b). DLMF 8.17.1."""
    return xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b)


def _beta_slopes(psi, log_x, log_rest, a, b, total):
    """Derivatives in a, b of the logarithm of x**a (1 - x)**b Gamma(total) / Gamma(a) / Gamma(b).
    """
    def slopes(i, j):
        common = psi(i + j - 1, total)
        if i and j:
            return common
        own = common - psi(i + j - 1, a if i else b)
        return own + (log_x if i else log_rest) if i + j == 1 else own
    return slopes


def _beta_fraction(a, b, x, one, k):
    """d_2m = m (b - m) x / ((a + 2 m - 1) (a + 2 m)),
    d_2m+1 = -(a + m) (a + b + m) x / ((a + 2 m) (a + 2 m + 1))."""
    m = k // 2
    top = product(a + m * one, -(a + b + m * one)) if k % 2 else m * (b - m * one)
    return quotient(x * quotient(top, a + (k - 1) * one), a + k * one)


def _beta_series(a, b, x, orders):
    """a B(a, b) I / (x**a (1 - x)**b) = 1 / (1 + d_1 / (1 + d_2 / (1 + ...))). DLMF 8.17.22."""
    terms, one = _terms(a, b), constant_series(np.ones_like(x), orders)
    a, b = parameter_series(a, 0, orders), parameter_series(b, 1, orders)
    f = one
    for k in range(terms, 0, -1):
        f = one + quotient(_beta_fraction(a, b, x, one, k), f)
    return quotient(one, f)


def _beta_below(a, b, x, orders):
    """I = x**a (1 - x)**b Gamma(a + b) / Gamma(a + 1) / Gamma(b) times the continued fraction."""
    log_x, log_rest = np.log(x), np.log1p(-x)
    slopes = _beta_slopes(_polygamma, log_x, log_rest, a + 1, b, a + b)
    log_factor = a * log_x + b * log_rest - _betaln(a, b) - np.log(a)
    return derivative_of_product(log_factor, slopes, _beta_series(a, b, x, orders))


def _betainc_ab(a, b, x, *, m, n):
    """Above its mean by I(a, b, x) = 1 - I(b, a, 1 - x). DLMF 8.17.4."""
    def choose(a, b, x):
        inside = (a > 0) & (a <= LIMIT) & (b > 0) & (b <= LIMIT) & (x >= 0) & (x <= 1)
        return inside, x <= (a + 1) / (a + b + 2)
    return _by_region(choose, lambda a, b, x: _beta_below(a, b, x, (m, n)),
                      lambda a, b, x: -_beta_below(b, a, 1 - x, (n, m)), a, b, x)


def _beta_density_slope(a, b, x, m, n):
    """The derivative of dI/dx of orders m in a and n in b."""
    slopes = _beta_slopes(polygamma, log(x), log1p(-x), a, b, a + b)
    return scale(exp(beta_log_density(a, b, x)), exponential_ratio(m, n, slopes))


betainc_ab_p = operation_of_orders(
    "betainc_ab", _betainc_ab,
    lambda g, y, a, b, x, *, m, n: scale(g, betainc_ab(a, b, x, m + 1, n)),
    lambda g, y, a, b, x, *, m, n: scale(g, betainc_ab(a, b, x, m, n + 1)),
    lambda g, y, a, b, x, *, m, n: scale(g, _beta_density_slope(a, b, x, m, n)),
    like="betainc", doc="The m-th derivative of betainc in a, and n-th in b.")


def betainc_ab(a, b, x, m, n):
    return bind(betainc_ab_p, a, b, x, m=m, n=n)
