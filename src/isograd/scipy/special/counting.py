"""Factorials and binomial coefficients of real numbers: DLMF 5.4.1, 1.2.6, 5.2.5."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ArgumentError
from isograd.refimpl.numpy.common import strong_operand
from isograd.refimpl.numpy.function import refuse
from isograd.scipy.special._function import special_function
from isograd.scipy.special.ufuncs import UFUNCS

gamma, poch, binom = UFUNCS["gamma"], UFUNCS["poch"], UFUNCS["binom"]


def _refuse_exact(name, exact):
    refuse(name, "exact=True", exact, "Python's integers, which are not traced")


@special_function
def factorial(n, exact=False, extend="zero"):
    """n! = Gamma(n + 1), 0 for n < 0 unless extend="complex"."""
    _refuse_exact("factorial", exact)
    if extend not in ("zero", "complex"):
        raise ArgumentError("factorial: an unknown extension", got=repr(extend),
                            wanted="'zero' or 'complex'")
    n = strong_operand(n)
    if extend == "complex":
        return gamma(n + 1)
    below = n < 0
    return np.where(below, 0, gamma(np.where(below, 0, n) + 1))


@special_function
def comb(N, k, *, exact=False, repetition=False):
    """How many ways there are to choose k of N things, each at most once unless repetition.

    0 where k is not between 0 and N. Derivatives: those of binom.
    """
    _refuse_exact("comb", exact)
    N, k = strong_operand(N), strong_operand(k)
    if repetition:
        return np.where((k == 0) & (N >= 0), 1.0, binom(N + k - 1, k))
    return np.where(_possible(N, k), binom(N, k), 0.0)


@special_function
def perm(N, k, exact=False):
    """How many sequences of k of N things there are: N! / (N - k)!.

    0 where k is not between 0 and N. Derivatives: those of poch.
    """
    _refuse_exact("perm", exact)
    N, k = strong_operand(N), strong_operand(k)
    return np.where(_possible(N, k), poch(N - k + 1, k), 0.0)


def _possible(N, k):
    return (k <= N) & (N >= 0) & (k >= 0)
