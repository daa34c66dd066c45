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
