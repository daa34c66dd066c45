"""Statistics of samples: on plain arrays, outside of transformations, SciPy's own functions.

M. G. Kendall, A. Stuart, *The Advanced Theory of Statistics* (1977), volume 1.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
import scipy
import scipy.special as sp

from isograd.refimpl.errors import ArgumentError, MissingRuleError
from isograd.refimpl.numpy.common import (
    many_axes,
    ndim_of,
    one_axis,
    promote,
    shape_of,
    strong_operand,
    to_float,
)
from isograd.refimpl.numpy.function import call
from isograd.refimpl.trace import CURRENT, EVAL
from isograd.refimpl.transforms.vmap import vmap


def of_samples(meaning):
    """A function of traced arrays as SciPy's function of its name, which is called otherwise."""
    @functools.wraps(meaning)
    def function(*args, **kwargs):
        if CURRENT.trace is EVAL:
            return getattr(scipy.stats, meaning.__name__)(*args, **kwargs)
        return call(meaning, args, kwargs)
    return function


def _sample(name, a, axis, nan_policy="propagate"):
    """The sample as floating-point numbers, its axes, and the number of elements along these."""
    if nan_policy != "propagate":
        raise MissingRuleError(f"{name}: nan_policy={nan_policy!r} has no rule on traced arrays",
                               instead="np.nanmean and its relatives")
    a = to_float(strong_operand(a))
    axes = many_axes(axis, ndim_of(a), name)
    return a, axes, math.prod([shape_of(a)[i] for i in axes])


# ---- moments ----

def _central(a, order, axes, keepdims, center=None):
    center = np.mean(a, axis=axes, keepdims=True) if center is None else center
    return np.mean((a - center) ** order, axis=axes, keepdims=keepdims)


@of_samples
def moment(a, order=1, axis=0, nan_policy="propagate", *, center=None, keepdims=False):
    """The mean of (a - center)^order along the axes; center is the mean by default."""
    a, axes, _ = _sample("moment", a, axis, nan_policy)
    if np.ndim(order):
        orders = [moment(a, k, axis, center=center, keepdims=keepdims) for k in order]
        return np.stack(orders)
    return _central(a, order, axes, keepdims, center)


@of_samples
def sem(a, axis=0, ddof=1, nan_policy="propagate", *, keepdims=False):
    """The standard error of the mean, std / sqrt(n)."""
    a, axes, n = _sample("sem", a, axis, nan_policy)
    return np.std(a, axis=axes, ddof=ddof, keepdims=keepdims) / math.sqrt(n)


@of_samples
def zscore(a, axis=0, ddof=0, nan_policy="propagate"):
    """(a - mean) / std."""
    a, axes, _ = _sample("zscore", a, axis, nan_policy)
    return ((a - np.mean(a, axis=axes, keepdims=True))
            / np.std(a, axis=axes, ddof=ddof, keepdims=True))


@of_samples
def skew(a, axis=0, bias=True, nan_policy="propagate", *, keepdims=False):
    """m3 / m2^(3/2) of the central moments; with bias=False times sqrt(n (n - 1)) / (n - 2)."""
    a, axes, n = _sample("skew", a, axis, nan_policy)
    m2, m3 = [_central(a, k, axes, keepdims) for k in (2, 3)]
    g = m3 / m2 ** 1.5
    return g if bias or n < 3 else g * (math.sqrt(n * (n - 1)) / (n - 2))


@of_samples
def kurtosis(a, axis=0, fisher=True, bias=True, nan_policy="propagate", *, keepdims=False):
    """m4 / m2^2 of the central moments, corrected with bias=False; minus 3 with fisher=True."""
    a, axes, n = _sample("kurtosis", a, axis, nan_policy)
    m2, m4 = [_central(a, k, axes, keepdims) for k in (2, 4)]
    g = m4 / m2 ** 2
    if not bias and n > 3:
        g = ((n + 1) * g - 3 * (n - 1)) * ((n - 1) / ((n - 2) * (n - 3))) + 3
    return g - 3 if fisher else g


# ---- means ----

def _weighted_mean(a, weights, axes, keepdims):
    if weights is None:
        return np.mean(a, axis=axes, keepdims=keepdims)
    a, weights = promote(a, strong_operand(weights))
    total = np.sum(np.broadcast_to(weights, shape_of(a)), axis=axes, keepdims=keepdims)
    return np.sum(a * weights, axis=axes, keepdims=keepdims) / total


@of_samples
def gmean(a, axis=0, dtype=None, weights=None, *, nan_policy="propagate", keepdims=False):
    """The geometric mean, exp(mean(log a))."""
    a, axes, _ = _sample("gmean", a, axis, nan_policy)
    return np.exp(_weighted_mean(np.log(to_float(a, dtype)), weights, axes, keepdims))


@of_samples
def hmean(a, axis=0, dtype=None, *, weights=None, nan_policy="propagate", keepdims=False):
    """The harmonic mean, 1 / mean(1 / a)."""
    a, axes, _ = _sample("hmean", a, axis, nan_policy)
    return 1 / _weighted_mean(1 / to_float(a, dtype), weights, axes, keepdims)


@of_samples
def entropy(pk, qk=None, base=None, axis=0, *, nan_policy="propagate", keepdims=False):
    """-sum(p log p) of weights made to sum to 1; with qk, sum(p log(p / q)). base: of the log."""
    pk, axes, _ = _sample("entropy", pk, axis, nan_policy)
    if base is not None and base <= 0:
        raise ArgumentError("entropy: the base of the logarithm is positive", got=repr(base))
    terms = sp.entr(_shares(pk, axes)) if qk is None else sp.rel_entr(
        _shares(pk, axes), _shares(to_float(strong_operand(qk)), axes))
    total = np.sum(terms, axis=axes, keepdims=keepdims)
    return total if base is None else total / math.log(base)


def _shares(weights, axes):
    return weights / np.sum(weights, axis=axes, keepdims=True)


# ---- order ----

def _places(x):
    """The sorted vector, and for each element how many are less, and how many are not more."""
    ordered = np.sort(x)
    return ordered, np.searchsorted(ordered, x), np.searchsorted(ordered, x, "right")


def _dense(x):
    ordered, below, _ = _places(x)
    first = np.concatenate([np.ones_like(ordered[:1], dtype=bool), ordered[1:] != ordered[:-1]])
    return np.cumsum(first)[below]


RANKS = {
    "average": lambda x: (_places(x)[1] + _places(x)[2] + 1) / 2,
    "min": lambda x: _places(x)[1] + 1,
    "max": lambda x: _places(x)[2],
    "dense": _dense,
    "ordinal": lambda x: np.argsort(np.argsort(x, stable=True)) + 1,
}


@of_samples
def rankdata(a, method="average", *, axis=None, nan_policy="propagate"):
    """The ranks, from 1; method says which rank equal elements get. Their derivative is 0.

    With a NaN beside them ranks are NaN; those of the methods that give integers are 0 then.
    """
    if method not in RANKS:
        raise ArgumentError("rankdata: an unknown method", got=repr(method),
                            wanted=", ".join(map(repr, RANKS)))
    _sample("rankdata", a, None, nan_policy)
    a = strong_operand(a)
    a, axis = (np.ravel(a), 0) if axis is None else (a, one_axis(axis, ndim_of(a), "rankdata"))
    ranks = _along(RANKS[method], a, axis)
    undefined = np.any(np.isnan(a), axis=axis, keepdims=True)
    return np.where(undefined, math.nan if method == "average" else 0, ranks)


def _along(f, a, axis):
    """f of each vector along the axis."""
    rows = np.moveaxis(a, axis, -1)
    flat = np.reshape(rows, (-1, shape_of(rows)[-1]))
    return np.moveaxis(np.reshape(vmap(f)(flat), shape_of(rows)), -1, axis)


class ModeResult(NamedTuple):
    """The most common values, and how often they occur."""

    mode: object
    count: object       # type: ignore[assignment]  # a tuple has a method of that name


@of_samples
def mode(a, axis=0, nan_policy="propagate", keepdims=False):
    """The most common value along the axis, the smallest of several, and its count. NaN counts as
    a value, the largest."""
    _sample("mode", a, None, nan_policy)
    a = strong_operand(a)
    if axis is None:
        axis, kept = 0, (1,) * ndim_of(a)
        a = np.ravel(a)
    else:
        axis = one_axis(axis, ndim_of(a), "mode")
        kept = shape_of(a)[:axis] + (1,) + shape_of(a)[axis + 1:]
    ordered = np.sort(a, axis=axis)
    counts = _along(_runs, ordered, axis)
    place = np.argmax(counts, axis=axis, keepdims=True)
    found = [np.take_along_axis(x, place, axis) for x in (ordered, counts)]
    return ModeResult(*[np.reshape(x, kept) if keepdims else np.squeeze(x, axis) for x in found])


def _runs(x):
    _, below, upto = _places(x)
    return upto - below
