"""Distributions on an interval.

N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions* (1994, 1995).
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import scipy.special as sp

from .distribution import Continuous
from .formulas import log1mexp
from .real_line import LOG_2, LOG_2PI

unit = partial(Continuous, support=(0.0, 1.0))


uniform = unit(
    "uniform",
    logpdf=lambda z: 0 * z,
    cdf=lambda z: z,
    ppf=lambda q: q,
    mean=lambda: 0.5,
    var=lambda: 1 / 12,
    entropy=lambda: 0.0,
    doc="The uniform distribution, density 1, 0 <= z <= 1.")

beta = unit(
    "beta", "a b",
    logpdf=lambda z, a, b: sp.xlogy(a - 1, z) + sp.xlog1py(b - 1, -z) - sp.betaln(a, b),
    cdf=lambda z, a, b: sp.betainc(a, b, z),
    sf=lambda z, a, b: sp.betainc(b, a, 1 - z),
    ppf=lambda q, a, b: sp.betaincinv(a, b, q),
    isf=lambda q, a, b: 1 - sp.betaincinv(b, a, q),
    mean=lambda a, b: a / (a + b),
    var=lambda a, b: a * b / ((a + b) ** 2 * (a + b + 1)),
    entropy=lambda a, b: (sp.betaln(a, b) - (a - 1) * sp.psi(a) - (b - 1) * sp.psi(b)
                          + (a + b - 2) * sp.psi(a + b)),
    doc="The beta distribution, density z^(a - 1) (1 - z)^(b - 1) / B(a, b), 0 <= z <= 1; "
        "a, b > 0.")


# ---- triangle ----

def _triang_logpdf(z, c):
    height = np.where(z < c, z / c, (1 - z) / (1 - c))
    return np.log(2 * np.where(z == c, 1.0, height))


def _triang_ppf(q, c):
    rest = (1 - c) * (1 - q)
    return np.where(q < c, np.sqrt(c * q), (q + c - c * q) / (1 + np.sqrt(rest)))


triang = unit(
    "triang", "c", valid=lambda c: (c >= 0) & (c <= 1),
    logpdf=_triang_logpdf,
    cdf=lambda z, c: np.where(z < c, z * z / c, (z * (2 - z) - c) / (1 - c)),
    sf=lambda z, c: np.where(z < c, 1 - z * z / c, (1 - z) ** 2 / (1 - c)),
    ppf=_triang_ppf,
    mean=lambda c: (1 + c) / 3,
    var=lambda c: (1 - c + c * c) / 18,
    entropy=lambda c: 0 * c + 0.5 - LOG_2,
    doc="The triangular distribution, density 2 z / c for 0 <= z <= c, 2 (1 - z) / (1 - c) for "
        "c <= z <= 1; 0 <= c <= 1.")


# ---- normal between two ends ----

def _log_mass(a, b):
    """log P(a < x < b) of the normal distribution, a < b.

    By the tails below a and b where both are negative (where both are positive, mirrored), else by
    those outside of (a, b).
    """
    mirror = a > 0
    low, high = np.where(mirror, -b, a), np.where(mirror, -a, b)
    log_high = sp.log_ndtr(high)
    one_side = log_high + log1mexp(sp.log_ndtr(low) - log_high)
    return np.where(high <= 0, one_side, np.log1p(-sp.ndtr(low) - sp.ndtr(-high)))


def _truncnorm_ppf(q, a, b):
    """By the distribution function of the normal one on the side of the smaller numbers."""
    left = sp.ndtri(sp.ndtr(a) + q * np.exp(_log_mass(a, b)))
    right = -sp.ndtri(sp.ndtr(-b) + (1 - q) * np.exp(_log_mass(a, b)))
    return np.where(a < 0, left, right)


def _truncnorm_ends(a, b):
    """(p - q, a p - b q) of the densities p at a and q at b."""
    log_mass = _log_mass(a, b)
    p, q = [np.exp(-(x * x + LOG_2PI) / 2 - log_mass) for x in (a, b)]
    ap, bq = [np.where(np.isinf(x), 0.0, x * d) for x, d in ((a, p), (b, q))]
    return p - q, ap - bq


def _truncnorm_var(a, b):
    difference, moment = _truncnorm_ends(a, b)
    return 1 + moment - difference**2


truncnorm = Continuous(
    "truncnorm", "a b", support=lambda a, b: (a, b), valid=lambda a, b: a < b,
    logpdf=lambda z, a, b: -(z * z + LOG_2PI) / 2 - _log_mass(a, b),
    logcdf=lambda z, a, b: _log_mass(a, z) - _log_mass(a, b),
    logsf=lambda z, a, b: _log_mass(z, b) - _log_mass(a, b),
    ppf=_truncnorm_ppf,
    isf=lambda q, a, b: -_truncnorm_ppf(q, -b, -a),
    mean=lambda a, b: _truncnorm_ends(a, b)[0],
    var=_truncnorm_var,
    entropy=lambda a, b: (LOG_2PI + 1 + _truncnorm_ends(a, b)[1]) / 2 + _log_mass(a, b),
    doc="The normal distribution, given that a <= z <= b: density "
        "exp(-z^2 / 2) / (sqrt(2 pi) (Phi(b) - Phi(a))). The ends a < b are of the standardised "
        "variable.")


# ---- circle ----

def _wrapcauchy_cdf(z, c):
    """K. V. Mardia, P. E. Jupp, *Directional Statistics* (2000), 3.5.7."""
    ratio = (1 + c) / (1 - c)
    half = np.arctan(ratio * np.tan(np.where(z < math.pi, z, 2 * math.pi - z) / 2)) / math.pi
    return np.where(z < math.pi, half, 1 - half)


def _wrapcauchy_ppf(q, c):
    ratio = (1 - c) / (1 + c)
    half = 2 * np.arctan(ratio * np.tan(math.pi * np.where(q < 0.5, q, 1 - q)))
    return np.where(q < 0.5, half, 2 * math.pi - half)


wrapcauchy = Continuous(
    "wrapcauchy", "c", support=(0.0, 2 * math.pi), valid=lambda c: (c > 0) & (c < 1),
    logpdf=lambda z, c: np.log1p(-c * c) - LOG_2PI - np.log1p(c * c - 2 * c * np.cos(z)),
    cdf=_wrapcauchy_cdf,
    ppf=_wrapcauchy_ppf,
    entropy=lambda c: LOG_2PI + np.log1p(-c * c),
    doc="The Cauchy distribution wrapped around the circle, density "
        "(1 - c^2) / (2 pi (1 + c^2 - 2 c cos z)), 0 <= z <= 2 pi; 0 < c < 1.")


# ---- powers and roots ----

powerlaw = unit(
    "powerlaw", "a",
    logpdf=lambda z, a: np.log(a) + sp.xlogy(a - 1, z),
    logcdf=lambda z, a: a * np.log(z),
    ilogcdf=lambda log_q, a: np.exp(log_q / a),
    mean=lambda a: a / (a + 1),
    var=lambda a: a / ((a + 2) * (a + 1) ** 2),
    entropy=lambda a: 1 - 1 / a - np.log(a),
    doc="The distribution of powers of a uniform number, density a z^(a - 1), 0 <= z <= 1; a > 0.")

loguniform = Continuous(
    "loguniform", "a b", support=lambda a, b: (a, b), valid=lambda a, b: (a > 0) & (a < b),
    logpdf=lambda z, a, b: -np.log(z) - np.log(np.log(b / a)),
    cdf=lambda z, a, b: np.log(z / a) / np.log(b / a),
    sf=lambda z, a, b: np.log(b / z) / np.log(b / a),
    ppf=lambda q, a, b: a * (b / a) ** q,
    isf=lambda q, a, b: b * (a / b) ** q,
    mean=lambda a, b: (b - a) / np.log(b / a),
    entropy=lambda a, b: np.log(a * b) / 2 + np.log(np.log(b / a)),
    doc="The distribution of exp(x) for uniform x, density 1 / (z log(b / a)), a <= z <= b; "
        "0 < a < b.")

arcsine = unit(
    "arcsine",
    logpdf=lambda z: -math.log(math.pi) - (np.log(z) + np.log1p(-z)) / 2,
    cdf=lambda z: 2 / math.pi * np.arcsin(np.sqrt(z)),
    sf=lambda z: 2 / math.pi * np.arcsin(np.sqrt(1 - z)),
    ppf=lambda q: np.sin(math.pi / 2 * q) ** 2,
    isf=lambda q: np.cos(math.pi / 2 * q) ** 2,
    mean=lambda: 0.5,
    var=lambda: 1 / 8,
    entropy=lambda: math.log(math.pi / 4),
    doc="The arcsine distribution, density 1 / (pi sqrt(z (1 - z))), 0 <= z <= 1.")

semicircular = Continuous(
    "semicircular", support=(-1.0, 1.0), symmetric=True,
    logpdf=lambda z: math.log(2 / math.pi) + (np.log1p(-z) + np.log1p(z)) / 2,
    cdf=lambda z: 0.5 + (z * np.sqrt(1 - z * z) + np.arcsin(z)) / math.pi,
    mean=lambda: 0.0,
    var=lambda: 0.25,
    entropy=lambda: math.log(math.pi) - 0.5,
    doc="Wigner's semicircle, density 2 sqrt(1 - z^2) / pi, -1 <= z <= 1.")
