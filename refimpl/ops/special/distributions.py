"""Distribution functions of scipy.special. Their derivatives in x are densities.

Those of the normal distribution are in error.py; gammainc and betainc are in incomplete.py.
"""

from __future__ import annotations

from ..elementwise import (
    divide,
    equal,
    exp,
    floor,
    greater_equal,
    log,
    log1p,
    select,
    sign,
    square,
)
from .common import special
from .elementary import xlog1py, xlogy
from .gamma import betaln, gammaln
from .parameters import betainc_ab, gamma_log_density, gammainc_a

# ---- chi square, gamma ----


def _gamma_density(a, x):
    return exp(gamma_log_density(a, x))


def _gamma_ratio(a, x):
    return divide(gammainc_a(a, x), _gamma_density(a, x))


chdtr = special("chdtr", "v x", lambda y, v, x: 0.5 * gammainc_a(0.5 * v, 0.5 * x),
                lambda y, v, x: 0.5 * _gamma_density(0.5 * v, 0.5 * x),
                doc="The chi square distribution function P(v / 2, x / 2).")
chdtrc = special("chdtrc", "v x", lambda y, v, x: -0.5 * gammainc_a(0.5 * v, 0.5 * x),
                 lambda y, v, x: -0.5 * _gamma_density(0.5 * v, 0.5 * x),
                 doc="The upper tail of the chi square distribution.")
chdtri = special("chdtri", "v p", lambda x, v, p: -_gamma_ratio(0.5 * v, 0.5 * x),
                 lambda x, v, p: -divide(2.0, _gamma_density(0.5 * v, 0.5 * x)),
                 doc="The x with chdtrc(v, x) = p.")
gdtr = special("gdtr", "a b x", lambda y, a, b, x: x * _gamma_density(b, a * x),
               lambda y, a, b, x: gammainc_a(b, a * x),
               lambda y, a, b, x: a * _gamma_density(b, a * x),
               doc="The gamma distribution function P(b, a x).")
gdtrc = special("gdtrc", "a b x", lambda y, a, b, x: -x * _gamma_density(b, a * x),
                lambda y, a, b, x: -gammainc_a(b, a * x),
                lambda y, a, b, x: -a * _gamma_density(b, a * x),
                doc="The upper tail of the gamma distribution.")
gdtrix = special("gdtrix", "a b p", lambda x, a, b, p: -divide(x, a),
                 lambda x, a, b, p: -divide(_gamma_ratio(b, a * x), a),
                 lambda x, a, b, p: divide(1.0, a * _gamma_density(b, a * x)),
                 doc="The x with gdtr(a, b, x) = p.")

# ---- Student's t: 1/2 + sign(t) I(1/2, v / 2, u) / 2, u = t**2 / (v + t**2) ----


def _t_density(v, t):
    return exp(-0.5 * (v + 1) * log1p(divide(square(t), v)) - betaln(0.5 * v, 0.5)
               - 0.5 * log(v))


def _t_slope(v, t):
    """The derivative in v: at constant u, and along u; its slope at t = 0 is that just beside."""
    t = select(equal(t, 0), t + 1e-15, t)
    u = divide(square(t), v + square(t))
    along = divide(t * _t_density(v, t), v)
    return 0.25 * sign(t) * betainc_ab(0.5, 0.5 * v, u, 0, 1) - 0.5 * along


stdtr = special("stdtr", "df t", lambda y, v, t: _t_slope(v, t), lambda y, v, t: _t_density(v, t),
                doc="Student's distribution function.")
stdtrit = special("stdtrit", "df p", lambda t, v, p: -divide(_t_slope(v, t), _t_density(v, t)),
                  lambda t, v, p: divide(1.0, _t_density(v, t)),
                  doc="The inverse of stdtr in t.")

# ---- F: I(m / 2, n / 2, u), u = m x / (m x + n) ----


def _f_density(m, n, x):
    u = divide(m * x, n)
    log_density = xlogy(0.5 * m - 1, u) - 0.5 * (m + n) * log1p(u) - betaln(0.5 * m, 0.5 * n)
    return divide(m, n) * exp(log_density)


def _f_slope(m, n, x, i):
    """The derivative in m (i = 1) or n (i = 0): at constant u, and along u."""
    u = divide(m * x, m * x + n)
    along = x * _f_density(m, n, x)
    own = 0.5 * betainc_ab(0.5 * m, 0.5 * n, u, i, 1 - i)
    return own + divide(along, m) if i else own - divide(along, n)


fdtr = special("fdtr", "dfn dfd x", lambda y, m, n, x: _f_slope(m, n, x, 1),
               lambda y, m, n, x: _f_slope(m, n, x, 0), lambda y, m, n, x: _f_density(m, n, x),
               doc="The distribution function of F.")
fdtrc = special("fdtrc", "dfn dfd x", lambda y, m, n, x: -_f_slope(m, n, x, 1),
                lambda y, m, n, x: -_f_slope(m, n, x, 0), lambda y, m, n, x: -_f_density(m, n, x),
                doc="The upper tail of F.")
fdtri = special("fdtri", "dfn dfd p",
                lambda x, m, n, p: -divide(_f_slope(m, n, x, 1), _f_density(m, n, x)),
                lambda x, m, n, p: -divide(_f_slope(m, n, x, 0), _f_density(m, n, x)),
                lambda x, m, n, p: divide(1.0, _f_density(m, n, x)),
                doc="The x with fdtr(dfn, dfd, x) = p.")

# ---- counts: k and n are integers, which have no derivative ----


def _poisson_mass(k, m):
    k = floor(k)
    return exp(xlogy(k, m) - m - gammaln(k + 1))


def _binomial_slope(k, n, p):
    """(n - k) C(n, k) p**k (1 - p)**(n - k - 1)."""
    k, n = floor(k), floor(n)
    log_slope = xlogy(k, p) + xlog1py(n - k - 1, -p) - betaln(k + 1, n - k)
    return select(greater_equal(k, n), 0.0, exp(log_slope))


pdtr = special("pdtr", "k m", None, lambda y, k, m: -_poisson_mass(k, m),
               doc="The Poisson distribution function: at most k of m expected.")
pdtrc = special("pdtrc", "k m", None, lambda y, k, m: _poisson_mass(k, m),
                doc="The upper tail of the Poisson distribution.")
bdtr = special("bdtr", "k n p", None, None, lambda y, k, n, p: -_binomial_slope(k, n, p),
               doc="The binomial distribution function: at most k of n trials.")
bdtrc = special("bdtrc", "k n p", None, None, lambda y, k, n, p: _binomial_slope(k, n, p),
                doc="The upper tail of the binomial distribution.")


def _negative_binomial_slope(k, n, p):
    """p**(n - 1) (1 - p)**k / B(n, k + 1)."""
    k, n = floor(k), floor(n)
    return exp(xlogy(n - 1, p) + xlog1py(k, -p) - betaln(n, k + 1))


nbdtr = special("nbdtr", "k n p", None, None,
                lambda y, k, n, p: _negative_binomial_slope(k, n, p),
                doc="At most k failures before the n-th success.")
nbdtrc = special("nbdtrc", "k n p", None, None,
                 lambda y, k, n, p: -_negative_binomial_slope(k, n, p),
                 doc="More than k failures before the n-th success.")
pdtri = special("pdtri", "k y", None, lambda m, k, y: -divide(1.0, _poisson_mass(k, m)),
                doc="The m with pdtr(k, m) = y.")
bdtri = special("bdtri", "k n y", None, None,
                lambda p, k, n, y: -divide(1.0, _binomial_slope(k, n, p)),
                doc="The p with bdtr(k, n, p) = y.")
nbdtri = special("nbdtri", "k n y", None, None,
                 lambda p, k, n, y: divide(1.0, _negative_binomial_slope(k, n, p)),
                 doc="The p with nbdtr(k, n, p) = y.")
