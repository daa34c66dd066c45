"""Gamma, beta and zeta functions. DLMF chapters 5, 8, 25."""

from __future__ import annotations

import math

from ..elementwise import cos, divide, exp, isinf, less, select, sin, ufunc_aval
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
from .elementary import xlog1py, xlogy

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

# ---- incomplete gamma functions: P, Q = 1 - P, and their inverses ----


def gamma_log_density(a, x):
    """The logarithm of dP/dx = x**(a - 1) exp(-x) / Gamma(a). DLMF 8.8.13."""
    return select(isinf(x), -math.inf, xlogy(a - 1, x) - x - gammaln(a))


gammainc = special("gammainc", "a x", GAP, lambda y, a, x: exp(gamma_log_density(a, x)),
                   doc="The incomplete gamma function P(a, x). DLMF 8.2.4.")
gammaincc = special("gammaincc", "a x", GAP, lambda y, a, x: -exp(gamma_log_density(a, x)),
                    doc="The incomplete gamma function Q(a, x) = 1 - P(a, x). DLMF 8.2.4.")
gammaincinv = special("gammaincinv", "a y", GAP, lambda x, a, y: exp(-gamma_log_density(a, x)),
                      doc="The x with P(a, x) = y. DLMF 8.12.")
gammainccinv = special("gammainccinv", "a y", GAP,
                       lambda x, a, y: -exp(-gamma_log_density(a, x)),
                       doc="The x with Q(a, x) = y. DLMF 8.12.")

# ---- incomplete beta functions: I, 1 - I, and their inverses ----


def _beta_log_density(a, b, x):
    """The logarithm of dI/dx = x**(a - 1) (1 - x)**(b - 1) / B(a, b). DLMF 8.17.1."""
    return xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b)


betainc = special("betainc", "a b x", GAP, GAP, lambda y, a, b, x: exp(_beta_log_density(a, b, x)),
                  doc="The incomplete beta function I(a, b, x). DLMF 8.17.2.")
betaincc = special("betaincc", "a b x", GAP, GAP,
                   lambda y, a, b, x: -exp(_beta_log_density(a, b, x)),
                   doc="1 - I(a, b, x). DLMF 8.17.4.")
betaincinv = special("betaincinv", "a b y", GAP, GAP,
                     lambda x, a, b, y: exp(-_beta_log_density(a, b, x)),
                     doc="The x with I(a, b, x) = y.")
betainccinv = special("betainccinv", "a b y", GAP, GAP,
                      lambda x, a, b, y: -exp(-_beta_log_density(a, b, x)),
                      doc="The x with 1 - I(a, b, x) = y.")

# ---- solutions of w exp(w) = z and w + log(w) = z ----

lambertw = special("lambertw", "z k", lambda w, z, k: divide(1.0, exp(w) * (1 + w)), None,
                   impl=SciPyFunction("lambertw"), aval=example_aval(SciPyFunction("lambertw")),
                   doc="Lambert's W on its branch k: W exp(W) = z. DLMF 4.13.")
wrightomega = special("wrightomega", "z", lambda w, z: divide(w, 1 + w),
                      doc="Wright's omega: w + log(w) = z. DLMF 4.13.")
