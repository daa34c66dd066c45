"""Extremes, lifetimes and heavy tails.

S. Coles, *An Introduction to Statistical Modeling of Extreme Values* (2001); N. L. Johnson,
S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions* (1994, 1995).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.special as sp

from .distribution import Continuous
from .formulas import mirrored
from .half_line import positive, weibull_min
from .real_line import LOG_2, LOG_2PI

TERMS = 9       # of series in c z, used for |c z| < 0.01


# ---- generalised extremes: c = 0 is the exponential case, met smoothly ----

def _series(x, *coefficients):
    """The polynomial with these coefficients, lowest first."""
    y = 0.0
    for c in reversed(coefficients):
        y = y * x + c
    return y


def _log1p_over(c, z):
    """log(1 + c z) / c, which is z at c = 0."""
    small = np.abs(c * z) < 0.01
    near = z * _series(c * z, *[(-1) ** k / (k + 1) for k in range(TERMS)])
    c = np.where(small, 1.0, c)
    return np.where(small, near, np.log1p(np.where(small, 0.0, c * z)) / c)


def _expm1_over(c, z):
    """(exp(c z) - 1) / c, which is z at c = 0."""
    small = np.abs(c * z) < 0.01
    near = z * _series(c * z, *[1 / math.factorial(k + 1) for k in range(TERMS)])
    c = np.where(small, 1.0, c)
    return np.where(small, near, np.expm1(np.where(small, 0.0, c * z)) / c)


def _end(c, beyond):
    """1 / c, or `beyond` where c is 0 or has the other sign."""
    there = c * beyond > 0
    return np.where(there, 1 / np.where(there, c, 1.0), beyond)


genpareto = Continuous(
    "genpareto", "c", support=lambda c: (0.0, _end(-c, math.inf)), valid=np.isfinite,
    logpdf=lambda z, c: -(1 + c) * _log1p_over(c, z),
    logsf=lambda z, c: -_log1p_over(c, z),
    ilogsf=lambda log_q, c: _expm1_over(c, -log_q),
    mean=lambda c: np.where(c < 1, 1 / (1 - c), math.inf),
    var=lambda c: np.where(c < 0.5, 1 / ((1 - c) ** 2 * (1 - 2 * c)), math.inf),
    entropy=lambda c: 1 + c,
    doc="The generalised Pareto distribution of excesses, density (1 + c z)^(-1 - 1 / c), z >= 0, "
        "and z <= -1 / c for c < 0; exp(-z) at c = 0. Derivatives in c are right there too.")

genextreme = Continuous(
    "genextreme", "c", support=lambda c: (_end(c, -math.inf), _end(c, math.inf)),
    valid=np.isfinite, open_ends=True,
    logpdf=lambda z, c: -(1 - c) * _log1p_over(-c, z) - np.exp(-_log1p_over(-c, z)),
    logcdf=lambda z, c: -np.exp(-_log1p_over(-c, z)),
    ilogcdf=lambda log_q, c: _expm1_over(-c, -np.log(-log_q)),
    entropy=lambda c: np.euler_gamma * (1 - c) + 1,
    doc="The generalised extreme value distribution of maxima, with the distribution function "
        "exp(-(1 - c z)^(1 / c)), c z <= 1; exp(-exp(-z)) at c = 0. Derivatives in c are right "
        "there too.")

weibull_max = Continuous(
    "weibull_max", "c", support=(-math.inf, 0.0), **mirrored(weibull_min.given),
    doc="The Weibull distribution of maxima, density c (-z)^(c - 1) exp(-(-z)^c), z <= 0; c > 0.")

invweibull = positive(
    "invweibull", "c", open_ends=True,
    logpdf=lambda z, c: np.log(c) - (c + 1) * np.log(z) - z ** -c,
    logcdf=lambda z, c: -z ** -c,
    ilogcdf=lambda log_q, c: (-log_q) ** (-1 / c),
    entropy=lambda c: 1 + np.euler_gamma * (1 + 1 / c) - np.log(c),
    doc="The Frechet distribution, density c z^(-c - 1) exp(-z^-c), z > 0; c > 0.")


# ---- lifetimes ----

gompertz = positive(
    "gompertz", "c",
    logpdf=lambda z, c: np.log(c) + z - c * np.expm1(z),
    logsf=lambda z, c: -c * np.expm1(z),
    ilogsf=lambda log_q, c: np.log1p(-log_q / c),
    doc="The Gompertz distribution, density c exp(z - c (exp(z) - 1)), z >= 0; c > 0.")

fisk = positive(
    "fisk", "c",
    logpdf=lambda z, c: (np.log(c) + sp.xlogy(c - 1, z) - 2 * np.logaddexp(0.0, c * np.log(z))),
    cdf=lambda z, c: sp.expit(c * np.log(z)),
    sf=lambda z, c: sp.expit(-c * np.log(z)),
    logcdf=lambda z, c: sp.log_expit(c * np.log(z)),
    logsf=lambda z, c: sp.log_expit(-c * np.log(z)),
    ppf=lambda q, c: np.exp(sp.logit(q) / c),
    isf=lambda q, c: np.exp(-sp.logit(q) / c),
    entropy=lambda c: 2 - np.log(c),
    doc="The log-logistic distribution, density c z^(c - 1) / (1 + z^c)^2, z >= 0; c > 0.")

nakagami = positive(
    "nakagami", "nu",
    logpdf=lambda z, nu: (LOG_2 + nu * np.log(nu) - sp.gammaln(nu) + sp.xlogy(2 * nu - 1, z)
                          - nu * z * z),
    cdf=lambda z, nu: sp.gammainc(nu, nu * z * z),
    sf=lambda z, nu: sp.gammaincc(nu, nu * z * z),
    ppf=lambda q, nu: np.sqrt(sp.gammaincinv(nu, q) / nu),
    isf=lambda q, nu: np.sqrt(sp.gammainccinv(nu, q) / nu),
    mean=lambda nu: sp.poch(nu, 0.5) / np.sqrt(nu),
    var=lambda nu: 1 - sp.poch(nu, 0.5) ** 2 / nu,
    doc="The Nakagami distribution, density 2 nu^nu z^(2 nu - 1) exp(-nu z^2) / Gamma(nu), z >= 0; "
        "nu > 0.")


# ---- heavy tails ----

lomax = positive(
    "lomax", "c",
    logpdf=lambda z, c: np.log(c) - (c + 1) * np.log1p(z),
    logsf=lambda z, c: -c * np.log1p(z),
    ilogsf=lambda log_q, c: np.expm1(-log_q / c),
    mean=lambda c: np.where(c > 1, 1 / (c - 1), math.inf),
    var=lambda c: np.where(c > 2, c / ((c - 1) ** 2 * (c - 2)), math.inf),
    entropy=lambda c: 1 + 1 / c - np.log(c),
    doc="The Pareto distribution from 0, density c / (1 + z)^(c + 1), z >= 0; c > 0.")

halfcauchy = positive(
    "halfcauchy",
    logpdf=lambda z: math.log(2 / math.pi) - np.log1p(z * z),
    cdf=lambda z: 2 / math.pi * np.arctan(z),
    sf=lambda z: 2 / math.pi * np.arctan2(1.0, z),
    ppf=lambda q: np.tan(math.pi / 2 * q),
    isf=lambda q: 1 / np.tan(math.pi / 2 * q),
    mean=lambda: math.inf,
    var=lambda: math.inf,
    entropy=lambda: LOG_2PI,
    doc="The distribution of |z| for z of the Cauchy one, density 2 / (pi (1 + z^2)), z >= 0.")

halflogistic = positive(
    "halflogistic",
    logpdf=lambda z: LOG_2 - z - 2 * np.log1p(np.exp(-z)),
    cdf=lambda z: np.tanh(z / 2),
    sf=lambda z: 2 * sp.expit(-z),
    ppf=lambda q: 2 * np.arctanh(q),
    isf=lambda q: np.log(2 - q) - np.log(q),
    mean=lambda: 2 * LOG_2,
    var=lambda: math.pi**2 / 3 - 4 * LOG_2**2,
    entropy=lambda: 2 - LOG_2,
    doc="The distribution of |z| for z of the logistic one, density "
        "2 exp(-z) / (1 + exp(-z))^2, z >= 0.")

levy = positive(
    "levy", open_ends=True,
    logpdf=lambda z: -(LOG_2PI + 3 * np.log(z) + 1 / z) / 2,
    cdf=lambda z: sp.erfc(np.sqrt(0.5 / z)),
    sf=lambda z: sp.erf(np.sqrt(0.5 / z)),
    ppf=lambda q: 0.5 / sp.erfcinv(q) ** 2,
    isf=lambda q: 0.5 / sp.erfinv(q) ** 2,
    mean=lambda: math.inf,
    var=lambda: math.inf,
    entropy=lambda: (1 + 3 * np.euler_gamma + math.log(16 * math.pi)) / 2,
    doc="The Levy distribution, density exp(-1 / (2 z)) / sqrt(2 pi z^3), z > 0.")

betaprime = positive(
    "betaprime", "a b",
    logpdf=lambda z, a, b: sp.xlogy(a - 1, z) - sp.xlog1py(a + b, z) - sp.betaln(a, b),
    cdf=lambda z, a, b: sp.betainc(a, b, z / (1 + z)),
    sf=lambda z, a, b: sp.betainc(b, a, 1 / (1 + z)),
    ppf=lambda q, a, b: sp.betaincinv(a, b, q) / sp.betainccinv(b, a, q),
    isf=lambda q, a, b: sp.betainccinv(a, b, q) / sp.betaincinv(b, a, q),
    mean=lambda a, b: np.where(b > 1, a / (b - 1), math.inf),
    var=lambda a, b: np.where(b > 2, a * (a + b - 1) / ((b - 2) * (b - 1) ** 2), math.inf),
    doc="The distribution of the odds y / (1 - y) for y of the beta one, density "
        "z^(a - 1) (1 + z)^(-a - b) / B(a, b), z >= 0; a, b > 0.")
