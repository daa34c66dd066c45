"""Gamma, beta and zeta functions. DLMF chapters 5, 8, 25."""

from __future__ import annotations

import math

from ..elementwise import cos, divide, exp, less, select, sin, ufunc_aval
from ..linear import constant
from .common import (
    GAP,
    SciPyFunction,
    SciPyUfunc,
    example_aval,
    is_complex,
    refuse_complex,
    special,
)

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

hurwitz_zeta = special(
    "zeta", "x q", GAP, lambda y, x, q: -x * hurwitz_zeta(x + 1, q), prim="hurwitz_zeta",
    impl=SciPyFunction("zeta"), aval=ufunc_aval(SciPyUfunc("beta")),    # a ufunc like it
    doc="The Hurwitz zeta function of order x > 1 at q. DLMF 25.11.1, 25.11.17.")


def polygamma(n, x):
    """The n-th derivative of digamma, n a Python integer. DLMF 5.15.1, 25.11.12."""
    if n == 0:
        return digamma(x)
    return (-1) ** (n + 1) * math.factorial(n) * hurwitz_zeta(constant(n + 1, x), x)


zetac = special("zetac", "x", GAP, doc="Riemann's zeta function minus 1. DLMF 25.2.1.")

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
