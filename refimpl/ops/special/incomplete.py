"""Incomplete gamma and beta functions, and their inverses. DLMF chapter 8.

Of an inverse x(a, y) of F(a, x) = y, the derivatives are dx/dy = 1 / F_x and dx/da = -F_a / F_x.
"""

from __future__ import annotations

from ..elementwise import divide, exp
from .common import special
from .parameters import beta_log_density, betainc_ab, gamma_log_density, gammainc_a

# ---- P, Q = 1 - P ----


def _gamma_quantile_a(x, a, y):
    return -divide(gammainc_a(a, x), exp(gamma_log_density(a, x)))


gammainc = special("gammainc", "a x", lambda y, a, x: gammainc_a(a, x),
                   lambda y, a, x: exp(gamma_log_density(a, x)),
                   doc="The incomplete gamma function P(a, x). DLMF 8.2.4.")
gammaincc = special("gammaincc", "a x", lambda y, a, x: -gammainc_a(a, x),
                    lambda y, a, x: -exp(gamma_log_density(a, x)),
                    doc="The incomplete gamma function Q(a, x) = 1 - P(a, x). DLMF 8.2.4.")
gammaincinv = special("gammaincinv", "a y", _gamma_quantile_a,
                      lambda x, a, y: exp(-gamma_log_density(a, x)),
                      doc="The x with P(a, x) = y. DLMF 8.12.")
gammainccinv = special("gammainccinv", "a y", _gamma_quantile_a,
                       lambda x, a, y: -exp(-gamma_log_density(a, x)),
                       doc="The x with Q(a, x) = y. DLMF 8.12.")

# ---- I, 1 - I ----


def _beta_quantile_a(x, a, b, y):
    return -divide(betainc_ab(a, b, x, 1, 0), exp(beta_log_density(a, b, x)))


def _beta_quantile_b(x, a, b, y):
    return -divide(betainc_ab(a, b, x, 0, 1), exp(beta_log_density(a, b, x)))


betainc = special("betainc", "a b x", lambda y, a, b, x: betainc_ab(a, b, x, 1, 0),
                  lambda y, a, b, x: betainc_ab(a, b, x, 0, 1),
                  lambda y, a, b, x: exp(beta_log_density(a, b, x)),
                  doc="The incomplete beta function I(a, b, x). DLMF 8.17.2.")
betaincc = special("betaincc", "a b x", lambda y, a, b, x: -betainc_ab(a, b, x, 1, 0),
                   lambda y, a, b, x: -betainc_ab(a, b, x, 0, 1),
                   lambda y, a, b, x: -exp(beta_log_density(a, b, x)),
                   doc="1 - I(a, b, x). DLMF 8.17.4.")
betaincinv = special("betaincinv", "a b y", _beta_quantile_a, _beta_quantile_b,
                     lambda x, a, b, y: exp(-beta_log_density(a, b, x)),
                     doc="The x with I(a, b, x) = y.")
betainccinv = special("betainccinv", "a b y", _beta_quantile_a, _beta_quantile_b,
                      lambda x, a, b, y: -exp(-beta_log_density(a, b, x)),
                      doc="The x with 1 - I(a, b, x) = y.")
