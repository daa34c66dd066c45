"""Gamma, beta and polygamma functions, Riemann's zeta function. DLMF chapters 5, 25."""

from __future__ import annotations

import math

from ..elementwise import cos, divide, exp, less, power, select, sin
from ..linear import constant
from .common import (
    SciPyFunction,
    example_aval,
    is_complex,
    refuse_complex,
    special,
)
from .zeta import hurwitz_zeta, zeta_s

# ---- Gamma ----


def _digamma_slope(y, x):
    refuse_complex(x, "digamma")
    return hurwitz_zeta(constant(2, x), x)


def _rgamma_slope(y, x):
    """Left of 1/2 by reflection, 1 / Gamma(x) = sin(pi x) Gamma(1 - x) / pi: no poles there."""
    right = -y * digamma(x)
    if is_complex(x):
        return right
    t = select(less(x, 0.5), 1 - x, 1.0)
    left = gamma(t) * (cos(math.pi * x) - sin(math.pi * x) * digamma(t) / math.pi)
    return select(less(x, 0.5), left, right)


gamma = special("gamma", "z", lambda y, z: y * digamma(z), doc="Gamma(z). DLMF 5.2.1, 5.2.2.")
gammaln = special("gammaln", "x", lambda y, x: digamma(x),
                  doc="The logarithm of the absolute value of Gamma. DLMF 5.2.")
loggamma = special("loggamma", "z", lambda y, z: digamma(z),
                   doc="The logarithm of Gamma, analytic off the negative axis. DLMF 5.2.")
gammasgn = special("gammasgn", "x", doc="The sign of Gamma(x).")
rgamma = special("rgamma", "z", _rgamma_slope, doc="1 / Gamma(z). DLMF 5.2, 5.5.3.")
digamma = special("digamma", "z", _digamma_slope, ufunc="psi",
                  doc="The logarithmic derivative of Gamma. DLMF 5.2.2, 5.15.1.")
poch = special("poch", "z m", lambda y, z, m: y * (digamma(z + m) - digamma(z)),
               lambda y, z, m: y * digamma(z + m),
               doc="Pochhammer's symbol, Gamma(z + m) / Gamma(z). DLMF 5.2.5.")

# ---- zeta ----

def polygamma(n, x):
    """The n-th derivative of digamma, n a Python integer. DLMF 5.15.1, 25.11.12."""
    if n == 0:
        return digamma(x)
    return (-1) ** (n + 1) * math.factorial(n) * hurwitz_zeta(constant(n + 1, x), x)



def _zetac_slope(y, x):
    """Left of -1/2 by reflection, zeta(x) = a sin(pi x / 2) with
    a = 2 (2 pi)**(x - 1) Gamma(1 - x) zeta(1 - x). DLMF 25.4.1."""
    left = less(x, -0.5)
    t = select(left, 1 - x, 2.0)
    zeta_t = hurwitz_zeta(t, 1.0)
    a = 2 * power(2 * math.pi, -t) * gamma(t) * zeta_t
    log_slope = math.log(2 * math.pi) - digamma(t) - divide(zeta_s(t, 1.0), zeta_t)
    angle = math.pi / 2 * (1 - t)
    reflected = a * (log_slope * sin(angle) + math.pi / 2 * cos(angle))
    return select(left, reflected, zeta_s(select(left, 2.0, x), 1.0))


zetac = special("zetac", "x", _zetac_slope, doc="Riemann's zeta function minus 1. DLMF 25.2.1.")

# ---- beta ----


def _beta_slope(a, b):
    return digamma(a) - digamma(a + b)


beta = special("beta", "a b", lambda y, a, b: y * _beta_slope(a, b),
               lambda y, a, b: y * _beta_slope(b, a),
               doc="B(a, b) = Gamma(a) Gamma(b) / Gamma(a + b). DLMF 5.12.1.")
betaln = special("betaln", "a b", lambda y, a, b: _beta_slope(a, b),
                 lambda y, a, b: _beta_slope(b, a),
                 doc="The logarithm of |B(a, b)|. DLMF 5.12.1.")
binom = special("binom", "n k",
                lambda y, n, k: y * (digamma(n + 1) - digamma(n - k + 1)),
                lambda y, n, k: y * (digamma(n - k + 1) - digamma(k + 1)),
                doc="The binomial coefficient of real n and k. DLMF 1.2.6, 5.12.")

# ---- solutions of w exp(w) = z and w + log(w) = z ----

lambertw = special("lambertw", "z k", lambda w, z, k: divide(1.0, exp(w) * (1 + w)), None,
                   impl=SciPyFunction("lambertw"), aval=example_aval(SciPyFunction("lambertw")),
                   doc="Lambert's W on its branch k: W exp(W) = z. DLMF 4.13.")
wrightomega = special("wrightomega", "z", lambda w, z: divide(w, 1 + w),
                      doc="Wright's omega: w + log(w) = z. DLMF 4.13.")
