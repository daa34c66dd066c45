"""Truncated Taylor series in two parameters: arrays [i, j, ...] of coefficients.

Arithmetic on them differentiates series and continued fractions term by term.
"""

from __future__ import annotations

from math import comb, factorial

import numpy as np


def constant_series(x, orders):
    """The series of x, up to the given two orders."""
    series = np.zeros((orders[0] + 1, orders[1] + 1, *np.shape(x)))
    series[0, 0] = x
    return series


def parameter_series(x, axis, orders):
    """The series of the first (axis 0) or second parameter, where it is x."""
    series = constant_series(x, orders)
    if orders[axis]:
        series[(1, 0) if axis == 0 else (0, 1)] = 1
    return series


def product(p, q):
    out = np.zeros_like(p)
    for i, j in np.ndindex(p.shape[:2]):
        out[i:, j:] += p[i, j] * q[:len(q) - i, :q.shape[1] - j]
    return out


def quotient(p, q):
    """The series r with q r = p, one coefficient after the other."""
    r = np.zeros_like(p)
    for i, j in np.ndindex(p.shape[:2]):
        known = sum(q[k, m] * r[i - k, j - m]
                    for k, m in np.ndindex(i + 1, j + 1) if k or m)
        r[i, j] = (p[i, j] - known) / q[0, 0]
    return r


def exponential_ratio(i, j, slopes):
    """The derivative of exp(l) of orders i, j over exp(l), by those of l: `slopes(i, j)`."""
    if i == j == 0:
        return 1.0
    first, (i, j) = ((1, 0), (i - 1, j)) if i else ((0, 1), (i, j - 1))
    return sum(comb(i, k) * comb(j, m) * slopes(first[0] + k, first[1] + m)
               * exponential_ratio(i - k, j - m, slopes)
               for k in range(i + 1) for m in range(j + 1))


def derivative_of_product(log_factor, slopes, series):
    """The derivative of exp(log_factor) times a series, of the highest orders of the series."""
    i, j = len(series) - 1, series.shape[1] - 1
    total = 0.0
    for k, m in np.ndindex(i + 1, j + 1):
        rest = factorial(i - k) * factorial(j - m) * series[i - k, j - m]
        total = total + comb(i, k) * comb(j, m) * exponential_ratio(k, m, slopes) * rest
    factor = np.exp(log_factor)
    return np.where(factor == 0, 0.0, factor * total)
