"""Distributions on the whole real line.

N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions* (1994, 1995).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.special as sp

from isograd.refimpl.numpy.common import dtype_of

from .distribution import Continuous
from .formulas import mirrored

LOG_2, LOG_PI, LOG_2PI = math.log(2), math.log(math.pi), math.log(2 * math.pi)
SQRT_2 = math.sqrt(2)


norm = Continuous(
    "norm", symmetric=True,
    logpdf=lambda z: -(z * z + LOG_2PI) / 2,
    cdf=sp.ndtr,
    logcdf=sp.log_ndtr,
    ppf=sp.ndtri,
    mean=lambda: 0.0,
    var=lambda: 1.0,
    entropy=lambda: (LOG_2PI + 1) / 2,
    doc="The normal distribution, density exp(-z^2 / 2) / sqrt(2 pi).")

cauchy = Continuous(
    "cauchy", symmetric=True,
    logpdf=lambda z: -LOG_PI - np.log1p(z * z),
    cdf=lambda z: np.arctan2(1.0, -z) / math.pi,
    ppf=lambda q: np.where(q < 0.5, -1.0, 1.0) / np.tan(math.pi * np.where(q < 0.5, q, 1 - q)),
    mean=lambda: math.nan,
    var=lambda: math.nan,
    entropy=lambda: LOG_PI + 2 * LOG_2,
    doc="The Cauchy distribution, density 1 / (pi (1 + z^2)).")

laplace = Continuous(
    "laplace", symmetric=True,
    logpdf=lambda z: -np.abs(z) - LOG_2,
    cdf=lambda z: np.where(z > 0, 1 - np.exp(-z) / 2, np.exp(z) / 2),
    logcdf=lambda z: np.where(z > 0, np.log1p(-np.exp(-z) / 2), z - LOG_2),
    ppf=lambda q: np.where(q > 0.5, -np.log(2 * (1 - q)), np.log(2 * q)),
    mean=lambda: 0.0,
    var=lambda: 2.0,
    entropy=lambda: 1 + LOG_2,
    doc="The Laplace distribution, density exp(-|z|) / 2.")

logistic = Continuous(
    "logistic", symmetric=True,
    logpdf=lambda z: z - 2 * np.logaddexp(0.0, z),
    cdf=sp.expit,
    logcdf=sp.log_expit,
    ppf=sp.logit,
    mean=lambda: 0.0,
    var=lambda: math.pi**2 / 3,
    entropy=lambda: 2.0,
    doc="The logistic distribution, density exp(-z) / (1 + exp(-z))^2.")


def _unless_normal(df, of_t, of_normal):
    """With infinitely many degrees of freedom, t is normal."""
    return np.where(df == math.inf, of_normal, of_t)


def _t_var(df):
    return np.where(df > 2, _unless_normal(df, df / (df - 2), 1.0),
                    np.where(df > 1, math.inf, math.nan))


def _t_entropy(df):
    half = (df + 1) / 2
    y = half * (sp.psi(half) - sp.psi(df / 2)) + np.log(df) / 2 + sp.betaln(df / 2, 0.5)
    return _unless_normal(df, y, (LOG_2PI + 1) / 2)


t = Continuous(
    "t", "df", symmetric=True,
    logpdf=lambda z, df: _unless_normal(
        df, -sp.betaln(0.5, df / 2) - np.log(df) / 2 - (df + 1) / 2 * np.log1p(z * z / df),
        -(z * z + LOG_2PI) / 2),
    cdf=lambda z, df: _unless_normal(df, sp.stdtr(df, z), sp.ndtr(z)),
    ppf=lambda q, df: _unless_normal(df, sp.stdtrit(df, q), sp.ndtri(q)),
    mean=lambda df: np.where(df > 1, 0.0, math.inf),
    var=_t_var,
    entropy=_t_entropy,
    doc="Student's t of df degrees of freedom, density (1 + z^2 / df)^(-(df + 1) / 2) "
        "/ (sqrt(df) B(1/2, df / 2)); df > 0.")

gumbel_r = Continuous(
    "gumbel_r",
    logpdf=lambda z: -z - np.exp(-z),
    logcdf=lambda z: -np.exp(-z),
    ilogcdf=lambda log_q: -np.log(-log_q),
    mean=lambda: np.euler_gamma,
    var=lambda: math.pi**2 / 6,
    entropy=lambda: np.euler_gamma + 1,
    doc="The Gumbel distribution of maxima, density exp(-z - exp(-z)).")

gumbel_l = Continuous(
    "gumbel_l", **mirrored(gumbel_r.given),
    doc="The Gumbel distribution of minima, density exp(z - exp(z)).")


def _gennorm_power(z, beta):
    """|z|^beta. As (z^2)^(beta / 2) it has its second derivative at 0 too, where there is one."""
    return np.where(beta < 2, np.abs(z) ** beta, (z * z) ** (beta / 2))


def _beside(z, place):
    """z, but not the place itself, where a factor is infinite and another one 0."""
    return np.where(z == place, z + 4 * np.finfo(dtype_of(z)).eps, z)


def _gennorm_cdf(z, beta):
    z = _beside(z, 0.0)
    tail = sp.gammaincc(1 / beta, _gennorm_power(z, beta)) / 2
    return np.where(z > 0, 1 - tail, tail)


def _gennorm_ppf(q, beta):
    q = _beside(q, 0.5)
    tail = np.where(q < 0.5, q, 1 - q)
    return np.where(q < 0.5, -1.0, 1.0) * sp.gammainccinv(1 / beta, 2 * tail) ** (1 / beta)


gennorm = Continuous(
    "gennorm", "beta", symmetric=True,
    logpdf=lambda z, beta: np.log(beta / 2) - sp.gammaln(1 / beta) - _gennorm_power(z, beta),
    cdf=_gennorm_cdf,
    ppf=_gennorm_ppf,
    mean=lambda beta: 0 * beta,
    var=lambda beta: np.exp(sp.gammaln(3 / beta) - sp.gammaln(1 / beta)),
    entropy=lambda beta: 1 / beta - np.log(beta / 2) + sp.gammaln(1 / beta),
    doc="The generalised normal distribution, density beta exp(-|z|^beta) / (2 Gamma(1 / beta)); "
        "beta > 0.")

vonmises = Continuous(
    "vonmises", "kappa", valid=lambda kappa: kappa >= 0,
    logpdf=lambda z, kappa: -2 * kappa * np.sin(z / 2) ** 2 - LOG_2PI - np.log(sp.i0e(kappa)),
    entropy=lambda kappa: (kappa * (1 - sp.i1e(kappa) / sp.i0e(kappa)) + LOG_2PI
                           + np.log(sp.i0e(kappa))),
    doc="The von Mises distribution on the circle, density exp(kappa cos z) / (2 pi I0(kappa)) at "
        "the angle z, of any turn; kappa >= 0.")


# ---- hyperbolic, skewed ----

hypsecant = Continuous(
    "hypsecant", symmetric=True,
    logpdf=lambda z: LOG_2 - LOG_PI - np.logaddexp(z, -z),
    cdf=lambda z: 2 / math.pi * np.arctan(np.exp(z)),
    ppf=lambda q: np.log(np.tan(math.pi / 2 * q)),
    isf=lambda q: -np.log(np.tan(math.pi / 2 * q)),
    mean=lambda: 0.0,
    var=lambda: math.pi**2 / 4,
    entropy=lambda: LOG_2PI,
    doc="The hyperbolic secant distribution, density 1 / (pi cosh z).")

moyal = Continuous(
    "moyal",
    logpdf=lambda z: -(z + np.exp(-z) + LOG_2PI) / 2,
    cdf=lambda z: sp.erfc(np.exp(-z / 2) / SQRT_2),
    sf=lambda z: sp.erf(np.exp(-z / 2) / SQRT_2),
    ppf=lambda q: -np.log(2 * sp.erfcinv(q) ** 2),
    isf=lambda q: -np.log(2 * sp.erfinv(q) ** 2),
    mean=lambda: np.euler_gamma + LOG_2,
    var=lambda: math.pi**2 / 2,
    doc="The Moyal distribution, density exp(-(z + exp(-z)) / 2) / sqrt(2 pi).")

johnsonsu = Continuous(
    "johnsonsu", "a b", valid=lambda a, b: np.isfinite(a) & (b > 0),
    logpdf=lambda z, a, b: (np.log(b) - np.log1p(z * z) / 2
                            - ((a + b * np.arcsinh(z)) ** 2 + LOG_2PI) / 2),
    cdf=lambda z, a, b: sp.ndtr(a + b * np.arcsinh(z)),
    sf=lambda z, a, b: sp.ndtr(-a - b * np.arcsinh(z)),
    ppf=lambda q, a, b: np.sinh((sp.ndtri(q) - a) / b),
    isf=lambda q, a, b: np.sinh((-sp.ndtri(q) - a) / b),
    doc="Johnson's distribution: a + b arcsinh z is normal; b > 0.")


def _exponnorm_log_tail(z, k):
    """The logarithm of K times the density."""
    return 1 / (2 * k * k) - z / k + sp.log_ndtr(z - 1 / k)


exponnorm = Continuous(
    "exponnorm", "K",
    logpdf=lambda z, k: _exponnorm_log_tail(z, k) - np.log(k),
    cdf=lambda z, k: sp.ndtr(z) - np.exp(_exponnorm_log_tail(z, k)),
    sf=lambda z, k: sp.ndtr(-z) + np.exp(_exponnorm_log_tail(z, k)),
    mean=lambda k: k,
    var=lambda k: 1 + k * k,
    doc="The sum of a normal number and K times an exponential one, density "
        "exp(1 / (2 K^2) - z / K) Phi(z - 1 / K) / K; K > 0.")


def _skewnorm_mean(a):
    return math.sqrt(2 / math.pi) * a / np.hypot(1, a)


skewnorm = Continuous(
    "skewnorm", "a", valid=np.isfinite,
    logpdf=lambda z, a: LOG_2 - (z * z + LOG_2PI) / 2 + sp.log_ndtr(a * z),
    mean=_skewnorm_mean,
    var=lambda a: 1 - _skewnorm_mean(a) ** 2,
    doc="The skew normal distribution, density 2 phi(z) Phi(a z).")
