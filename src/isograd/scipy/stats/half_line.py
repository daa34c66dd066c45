"""Distributions on z >= 0 (pareto: z >= 1).

N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions* (1994, 1995).
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import scipy.special as sp

from .distribution import Continuous
from .real_line import LOG_2, LOG_2PI, SQRT_2

LOG_2_OVER_PI = math.log(2 / math.pi)
positive = partial(Continuous, support=(0.0, math.inf))


# ---- exponential, and powers of it: all follow from the logarithm of the survival function ----

expon = positive(
    "expon",
    logpdf=lambda z: -z,
    logsf=lambda z: -z,
    ilogsf=lambda log_q: -log_q,
    mean=lambda: 1.0,
    var=lambda: 1.0,
    entropy=lambda: 1.0,
    doc="The exponential distribution, density exp(-z), z >= 0.")

weibull_min = positive(
    "weibull_min", "c",
    logpdf=lambda z, c: np.log(c) + sp.xlogy(c - 1, z) - z ** c,
    logsf=lambda z, c: -z ** c,
    ilogsf=lambda log_q, c: (-log_q) ** (1 / c),
    mean=lambda c: sp.gamma(1 + 1 / c),
    var=lambda c: sp.gamma(1 + 2 / c) - sp.gamma(1 + 1 / c) ** 2,
    entropy=lambda c: np.euler_gamma * (1 - 1 / c) - np.log(c) + 1,
    doc="The Weibull distribution of minima, density c z^(c - 1) exp(-z^c), z >= 0; c > 0.")

rayleigh = positive(
    "rayleigh",
    logpdf=lambda z: np.log(z) - z * z / 2,
    logsf=lambda z: -z * z / 2,
    ilogsf=lambda log_q: np.sqrt(-2 * log_q),
    mean=lambda: math.sqrt(math.pi / 2),
    var=lambda: 2 - math.pi / 2,
    entropy=lambda: np.euler_gamma / 2 + 1 - LOG_2 / 2,
    doc="The Rayleigh distribution, density z exp(-z^2 / 2), z >= 0.")

pareto = Continuous(
    "pareto", "b", support=(1.0, math.inf),
    logpdf=lambda z, b: np.log(b) - (b + 1) * np.log(z),
    logsf=lambda z, b: -b * np.log(z),
    ilogsf=lambda log_q, b: np.exp(-log_q / b),
    mean=lambda b: np.where(b > 1, b / (b - 1), math.inf),
    var=lambda b: np.where(b > 2, b / ((b - 2) * (b - 1) ** 2), math.inf),
    entropy=lambda b: 1 + 1 / b - np.log(b),
    doc="The Pareto distribution, density b / z^(b + 1), z >= 1; b > 0.")


# ---- gamma, and what is made of it ----

gamma = positive(
    "gamma", "a",
    logpdf=lambda z, a: sp.xlogy(a - 1, z) - z - sp.gammaln(a),
    cdf=lambda z, a: sp.gammainc(a, z),
    sf=lambda z, a: sp.gammaincc(a, z),
    ppf=lambda q, a: sp.gammaincinv(a, q),
    isf=lambda q, a: sp.gammainccinv(a, q),
    mean=lambda a: a,
    var=lambda a: a,
    entropy=lambda a: a + sp.gammaln(a) + (1 - a) * sp.psi(a),
    doc="The gamma distribution, density z^(a - 1) exp(-z) / Gamma(a), z >= 0; a > 0.")

invgamma = positive(
    "invgamma", "a", open_ends=True,
    logpdf=lambda z, a: -(a + 1) * np.log(z) - sp.gammaln(a) - 1 / z,
    cdf=lambda z, a: sp.gammaincc(a, 1 / z),
    sf=lambda z, a: sp.gammainc(a, 1 / z),
    ppf=lambda q, a: 1 / sp.gammainccinv(a, q),
    isf=lambda q, a: 1 / sp.gammaincinv(a, q),
    mean=lambda a: np.where(a > 1, 1 / (a - 1), math.inf),
    var=lambda a: np.where(a > 2, 1 / ((a - 1) ** 2 * (a - 2)), math.inf),
    entropy=lambda a: a + sp.gammaln(a) - (1 + a) * sp.psi(a),
    doc="The distribution of 1 / z for z of the gamma distribution, density "
        "z^(-a - 1) exp(-1 / z) / Gamma(a), z > 0; a > 0.")

chi2 = positive(
    "chi2", "df",
    logpdf=lambda z, df: (sp.xlogy(df / 2 - 1, z) - z / 2 - sp.gammaln(df / 2) - df / 2 * LOG_2),
    cdf=lambda z, df: sp.gammainc(df / 2, z / 2),
    sf=lambda z, df: sp.gammaincc(df / 2, z / 2),
    ppf=lambda q, df: 2 * sp.gammaincinv(df / 2, q),
    isf=lambda q, df: 2 * sp.gammainccinv(df / 2, q),
    mean=lambda df: df,
    var=lambda df: 2 * df,
    entropy=lambda df: (df / 2 + LOG_2 + sp.gammaln(df / 2) + (1 - df / 2) * sp.psi(df / 2)),
    doc="Chi square of df degrees of freedom, density z^(df / 2 - 1) exp(-z / 2) "
        "/ (2^(df / 2) Gamma(df / 2)), z >= 0; df > 0.")

chi = positive(
    "chi", "df",
    logpdf=lambda z, df: (sp.xlogy(df - 1, z) - z * z / 2 - sp.gammaln(df / 2)
                          - (df / 2 - 1) * LOG_2),
    cdf=lambda z, df: sp.gammainc(df / 2, z * z / 2),
    sf=lambda z, df: sp.gammaincc(df / 2, z * z / 2),
    ppf=lambda q, df: np.sqrt(2 * sp.gammaincinv(df / 2, q)),
    isf=lambda q, df: np.sqrt(2 * sp.gammainccinv(df / 2, q)),
    mean=lambda df: SQRT_2 * sp.poch(df / 2, 0.5),
    var=lambda df: df - 2 * sp.poch(df / 2, 0.5) ** 2,
    entropy=lambda df: sp.gammaln(df / 2) + (df - LOG_2 - (df - 1) * sp.psi(df / 2)) / 2,
    doc="The square root of chi square, density z^(df - 1) exp(-z^2 / 2) "
        "/ (2^(df / 2 - 1) Gamma(df / 2)), z >= 0; df > 0.")

maxwell = positive(
    "maxwell",
    logpdf=lambda z: LOG_2_OVER_PI / 2 + 2 * np.log(z) - z * z / 2,
    cdf=lambda z: sp.gammainc(1.5, z * z / 2),
    sf=lambda z: sp.gammaincc(1.5, z * z / 2),
    ppf=lambda q: np.sqrt(2 * sp.gammaincinv(1.5, q)),
    isf=lambda q: np.sqrt(2 * sp.gammainccinv(1.5, q)),
    mean=lambda: 2 * math.sqrt(2 / math.pi),
    var=lambda: 3 - 8 / math.pi,
    entropy=lambda: np.euler_gamma + (LOG_2PI - 1) / 2,
    doc="The Maxwell distribution, density sqrt(2 / pi) z^2 exp(-z^2 / 2), z >= 0.")

f = positive(
    "f", "dfn dfd",
    logpdf=lambda z, n, m: (n / 2 * np.log(n / m) + sp.xlogy(n / 2 - 1, z)
                            - (n + m) / 2 * np.log1p(n * z / m) - sp.betaln(n / 2, m / 2)),
    cdf=lambda z, n, m: sp.betainc(n / 2, m / 2, n * z / (m + n * z)),
    sf=lambda z, n, m: sp.betainc(m / 2, n / 2, m / (m + n * z)),
    ppf=lambda q, n, m: (m / n * sp.betaincinv(n / 2, m / 2, q)
                         / sp.betainccinv(m / 2, n / 2, q)),
    isf=lambda q, n, m: (m / n * sp.betainccinv(n / 2, m / 2, q)
                         / sp.betaincinv(m / 2, n / 2, q)),
    mean=lambda n, m: np.where(m > 2, m / (m - 2), math.inf),
    var=lambda n, m: np.where(
        m > 4, 2 * m**2 * (n + m - 2) / (n * (m - 2) ** 2 * (m - 4)), math.inf),
    entropy=lambda n, m: (np.log(m / n) + sp.betaln(n / 2, m / 2) + (1 - n / 2) * sp.psi(n / 2)
                          - (1 + m / 2) * sp.psi(m / 2) + (n + m) / 2 * sp.psi((n + m) / 2)),
    doc="F of dfn and dfd degrees of freedom, density (n / m)^(n / 2) z^(n / 2 - 1) "
        "(1 + n z / m)^(-(n + m) / 2) / B(n / 2, m / 2), z >= 0, n = dfn, m = dfd; n, m > 0.")


# ---- normal, and what is made of it ----

halfnorm = positive(
    "halfnorm",
    logpdf=lambda z: (LOG_2_OVER_PI - z * z) / 2,
    cdf=lambda z: sp.erf(z / SQRT_2),
    sf=lambda z: sp.erfc(z / SQRT_2),
    ppf=lambda q: SQRT_2 * sp.erfinv(q),
    isf=lambda q: SQRT_2 * sp.erfcinv(q),
    mean=lambda: math.sqrt(2 / math.pi),
    var=lambda: 1 - 2 / math.pi,
    entropy=lambda: (math.log(math.pi / 2) + 1) / 2,
    doc="The distribution of |z| for z of the normal one, density sqrt(2 / pi) exp(-z^2 / 2), "
        "z >= 0.")

lognorm = positive(
    "lognorm", "s", open_ends=True,
    logpdf=lambda z, s: -((np.log(z) / s) ** 2 + LOG_2PI) / 2 - np.log(s * z),
    cdf=lambda z, s: sp.ndtr(np.log(z) / s),
    sf=lambda z, s: sp.ndtr(-np.log(z) / s),
    logcdf=lambda z, s: sp.log_ndtr(np.log(z) / s),
    logsf=lambda z, s: sp.log_ndtr(-np.log(z) / s),
    ppf=lambda q, s: np.exp(s * sp.ndtri(q)),
    isf=lambda q, s: np.exp(-s * sp.ndtri(q)),
    mean=lambda s: np.exp(s * s / 2),
    var=lambda s: np.expm1(s * s) * np.exp(s * s),
    entropy=lambda s: np.log(s) + (1 + LOG_2PI) / 2,
    doc="The distribution of exp(s x) for x of the normal one, density "
        "exp(-log(z)^2 / (2 s^2)) / (s z sqrt(2 pi)), z > 0; s > 0.")


def _invgauss_tails(z, mu):
    """The logarithms of P(Z <= z) = A + B and P(Z > z) = A' - B, as (A, A', B).

    J. Shuster, *On the inverse Gaussian distribution function* (1968).
    """
    root = 1 / np.sqrt(z)
    a = root * (z / mu - 1)
    return sp.log_ndtr(a), sp.log_ndtr(-a), 2 / mu + sp.log_ndtr(-root * (z / mu + 1))


def _invgauss_logcdf(z, mu):
    a, _, b = _invgauss_tails(z, mu)
    return np.logaddexp(a, b)


def _invgauss_logsf(z, mu):
    _, a, b = _invgauss_tails(z, mu)
    return a + np.log1p(-np.exp(b - a))


invgauss = positive(
    "invgauss", "mu", open_ends=True,
    logpdf=lambda z, mu: -(LOG_2PI + 3 * np.log(z) + (z / mu - 1) ** 2 / z) / 2,
    logcdf=_invgauss_logcdf,
    logsf=_invgauss_logsf,
    mean=lambda mu: mu,
    var=lambda mu: mu**3,
    doc="The inverse Gaussian distribution, density "
        "exp(-(z / mu - 1)^2 / (2 z)) / sqrt(2 pi z^3), z > 0; mu > 0.")
