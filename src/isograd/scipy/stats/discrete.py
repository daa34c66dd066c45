"""Distributions of integers.

N. L. Johnson, A. W. Kemp, S. Kotz, *Univariate Discrete Distributions* (2005).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.special as sp

from .distribution import Discrete


def probability(p):
    return (p >= 0) & (p <= 1)


def is_integer(n):
    return n == np.floor(n)


def log_choose(n, k):
    """The logarithm of the binomial coefficient."""
    return sp.gammaln(n + 1) - sp.gammaln(k + 1) - sp.gammaln(n - k + 1)


bernoulli = Discrete(
    "bernoulli", "p", support=(0.0, 1.0), valid=probability,
    logpmf=lambda k, p: sp.xlogy(k, p) + sp.xlog1py(1 - k, -p),
    cdf=lambda k, p: 1 - p,
    sf=lambda k, p: p,
    mean=lambda p: p,
    var=lambda p: p * (1 - p),
    entropy=lambda p: sp.entr(p) + sp.entr(1 - p),
    doc="1 with probability p, else 0; 0 <= p <= 1.")

binom = Discrete(
    "binom", "n p", support=lambda n, p: (0.0, n),
    valid=lambda n, p: (n >= 0) & is_integer(n) & probability(p),
    logpmf=lambda k, n, p: log_choose(n, k) + sp.xlogy(k, p) + sp.xlog1py(n - k, -p),
    cdf=lambda k, n, p: sp.betainc(n - k, k + 1, 1 - p),
    sf=lambda k, n, p: sp.betainc(k + 1, n - k, p),
    mean=lambda n, p: n * p,
    var=lambda n, p: n * p * (1 - p),
    doc="The number of successes of n trials: C(n, k) p^k (1 - p)^(n - k), 0 <= k <= n; n is an "
        "integer, 0 <= p <= 1.")

nbinom = Discrete(
    "nbinom", "n p", support=(0.0, math.inf), valid=lambda n, p: (n > 0) & (p > 0) & (p <= 1),
    logpmf=lambda k, n, p: (sp.gammaln(n + k) - sp.gammaln(k + 1) - sp.gammaln(n)
                            + n * np.log(p) + sp.xlog1py(k, -p)),
    cdf=lambda k, n, p: sp.betainc(n, k + 1, p),
    sf=lambda k, n, p: sp.betainc(k + 1, n, 1 - p),
    mean=lambda n, p: n * (1 - p) / p,
    var=lambda n, p: n * (1 - p) / p**2,
    doc="The number of failures before the n-th success: "
        "Gamma(n + k) / (k! Gamma(n)) p^n (1 - p)^k, k >= 0; n > 0, 0 < p <= 1.")

geom = Discrete(
    "geom", "p", support=(1.0, math.inf), valid=lambda p: (p > 0) & (p <= 1),
    logpmf=lambda k, p: sp.xlog1py(k - 1, -p) + np.log(p),
    logsf=lambda k, p: sp.xlog1py(k, -p),
    mean=lambda p: 1 / p,
    var=lambda p: (1 - p) / p**2,
    entropy=lambda p: (sp.entr(p) + sp.entr(1 - p)) / p,
    doc="The number of trials up to the first success: (1 - p)^(k - 1) p, k >= 1; 0 < p <= 1.")

poisson = Discrete(
    "poisson", "mu", support=(0.0, math.inf), valid=lambda mu: mu >= 0,
    logpmf=lambda k, mu: sp.xlogy(k, mu) - sp.gammaln(k + 1) - mu,
    cdf=lambda k, mu: sp.gammaincc(k + 1, mu),
    sf=lambda k, mu: sp.gammainc(k + 1, mu),
    mean=lambda mu: mu,
    var=lambda mu: mu,
    doc="The Poisson distribution: mu^k exp(-mu) / k!, k >= 0; mu >= 0.")

betabinom = Discrete(
    "betabinom", "n a b", support=lambda n, a, b: (0.0, n),
    valid=lambda n, a, b: (n >= 0) & is_integer(n) & (a > 0) & (b > 0),
    logpmf=lambda k, n, a, b: (log_choose(n, k) + sp.betaln(k + a, n - k + b)
                               - sp.betaln(a, b)),
    mean=lambda n, a, b: n * a / (a + b),
    var=lambda n, a, b: n * a * b * (a + b + n) / ((a + b) ** 2 * (a + b + 1)),
    doc="The binomial distribution, p of the beta distribution: "
        "C(n, k) B(k + a, n - k + b) / B(a, b), 0 <= k <= n; n is an integer, a, b > 0.")


# ---- without replacement, until a number of failures ----

hypergeom = Discrete(
    "hypergeom", "M n N",
    support=lambda total, n, draws: (np.maximum(0.0, draws - total + n), np.minimum(n, draws)),
    valid=lambda total, n, draws: ((n >= 0) & (draws >= 0) & (n <= total) & (draws <= total)
                                   & is_integer(total) & is_integer(n) & is_integer(draws)),
    logpmf=lambda k, total, n, draws: (log_choose(n, k) + log_choose(total - n, draws - k)
                                       - log_choose(total, draws)),
    mean=lambda total, n, draws: draws * n / total,
    var=lambda total, n, draws: (draws * n * (total - n) * (total - draws)
                                 / (total**2 * (total - 1))),
    doc="The number of marked objects among N drawn of M, of which n are marked: "
        "C(n, k) C(M - n, N - k) / C(M, N); M, n, N are integers.")

betanbinom = Discrete(
    "betanbinom", "n a b", support=lambda n, a, b: (0.0, math.inf),
    valid=lambda n, a, b: (n >= 0) & is_integer(n) & (a > 0) & (b > 0),
    logpmf=lambda k, n, a, b: (sp.betaln(a + n, b + k) - sp.betaln(a, b) - np.log(n + k)
                               - sp.betaln(n, k + 1)),
    mean=lambda n, a, b: np.where(a > 1, n * b / (a - 1), math.inf),
    doc="The negative binomial distribution, p of the beta distribution: "
        "C(n + k - 1, k) B(a + n, b + k) / B(a, b), k >= 0; n is an integer, a, b > 0.")


# ---- by closed formulas ----

randint = Discrete(
    "randint", "low high", support=lambda low, high: (low, high - 1),
    valid=lambda low, high: (low < high) & is_integer(low) & is_integer(high),
    logpmf=lambda k, low, high: -np.log(high - low),
    cdf=lambda k, low, high: (k - low + 1) / (high - low),
    sf=lambda k, low, high: (high - 1 - k) / (high - low),
    mean=lambda low, high: (low + high - 1) / 2,
    var=lambda low, high: ((high - low) ** 2 - 1) / 12,
    entropy=lambda low, high: np.log(high - low),
    doc="An integer low <= k < high, each as likely; low and high are integers.")

planck = Discrete(
    "planck", "lambda_", support=(0.0, math.inf),
    logpmf=lambda k, rate: np.log(-np.expm1(-rate)) - rate * k,
    logsf=lambda k, rate: -rate * (k + 1),
    mean=lambda rate: 1 / np.expm1(rate),
    var=lambda rate: np.exp(-rate) / np.expm1(-rate) ** 2,
    entropy=lambda rate: rate / np.expm1(rate) - np.log(-np.expm1(-rate)),
    doc="Planck's discrete exponential distribution: (1 - exp(-lambda)) exp(-lambda k), k >= 0; "
        "lambda > 0.")

dlaplace = Discrete(
    "dlaplace", "a",
    logpmf=lambda k, a: np.log(np.tanh(a / 2)) - a * np.abs(k),
    cdf=lambda k, a: np.where(k >= 0, 1 - np.exp(-a * k) / (np.exp(a) + 1),
                              np.exp(a * (k + 1)) / (np.exp(a) + 1)),
    sf=lambda k, a: np.where(k >= 0, np.exp(-a * k) / (np.exp(a) + 1),
                             1 - np.exp(a * (k + 1)) / (np.exp(a) + 1)),
    mean=lambda a: 0 * a,
    var=lambda a: 0.5 / np.sinh(a / 2) ** 2,
    entropy=lambda a: a / np.sinh(a) - np.log(np.tanh(a / 2)),
    doc="The discrete Laplace distribution: tanh(a / 2) exp(-a |k|) for all integers; a > 0.")

logser = Discrete(
    "logser", "p", support=(1.0, math.inf), valid=lambda p: (p > 0) & (p < 1),
    logpmf=lambda k, p: k * np.log(p) - np.log(k) - np.log(-np.log1p(-p)),
    mean=lambda p: p / ((p - 1) * np.log1p(-p)),
    var=lambda p: -p * (p + np.log1p(-p)) / ((1 - p) * np.log1p(-p)) ** 2,
    doc="The logarithmic series distribution: -p^k / (k log(1 - p)), k >= 1; 0 < p < 1.")

skellam = Discrete(
    "skellam", "mu1 mu2",
    logpmf=lambda k, m, n: (np.log(sp.ive(np.abs(k), 2 * np.sqrt(m * n))) + k / 2 * np.log(m / n)
                            - (np.sqrt(m) - np.sqrt(n)) ** 2),
    mean=lambda m, n: m - n,
    var=lambda m, n: m + n,
    doc="The difference of two Poisson numbers: "
        "exp(-mu1 - mu2) (mu1 / mu2)^(k / 2) I_k(2 sqrt(mu1 mu2)); mu1, mu2 > 0.")
