"""Medians and quantiles: elements at fractions of the sorted ones; ignoring NaN or not."""

from __future__ import annotations

from math import prod

import numpy as np

from ..errors import ArgumentError, DtypeError, IndexingError
from ..ops import elementwise as ops
from ..ops.index import gather, iota_along
from ..ops.linear import cast_to, constant, reshape
from ..ops.linear import sum as sum_over
from ..ops.scan import sort
from .common import (
    axes_first,
    dtype_of,
    is_traced,
    is_weak,
    ndim_of,
    operand,
    promoted_dtype,
    shape_of,
    strong_operand,
    to_float,
    zeros_of,
)
from .function import UNSET, numpy_function, refuse
from .reductions import prepare

INT64 = np.dtype(np.int64)

# Among elements 0 to n - 1 the quantile q stands at n q + alpha + q (1 - alpha - beta) - 1.
# Hyndman and Fan, *Sample quantiles in statistical packages*, 1996.
CONTINUOUS = {"linear": (1, 1), "hazen": (0.5, 0.5), "weibull": (0, 0),
              "median_unbiased": (1 / 3, 1 / 3), "normal_unbiased": (3 / 8, 3 / 8),
              "interpolated_inverted_cdf": (0, 1)}
# Methods that round the place of "linear" to an element, or to halfway between two.
ROUNDED = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint,
           "midpoint": lambda place: (np.floor(place) + np.ceil(place)) * 0.5}
METHODS = (*CONTINUOUS, *ROUNDED)


# ---- NumPy's functions ----

@numpy_function
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """The middle of the sorted elements, or the mean of the two middle ones; NaN wins."""
    return _median("median", a, axis, out, keepdims, False)


@numpy_function
def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=UNSET):
    """The median of the elements that are not NaN."""
    return _median("nanmedian", a, axis, out, keepdims, True)


@numpy_function
def quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *,
             weights=None):
    """The element at the fraction q of the sorted ones, interpolated; NaN wins."""
    return _quantile("quantile", a, q, axis, out, method, keepdims, weights, False)


@numpy_function
def nanquantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=UNSET,
                *, weights=None):
    """The quantile of the elements that are not NaN."""
    return _quantile("nanquantile", a, q, axis, out, method, keepdims, weights, True)


@numpy_function
def percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False,
               *, weights=None):
    """quantile(a, q / 100)."""
    return _quantile("percentile", a, _hundredth(a, q), axis, out, method, keepdims, weights, False)


@numpy_function
def nanpercentile(a, q, axis=None, out=None, overwrite_input=False, method="linear",
                  keepdims=UNSET, *, weights=None):
    """nanquantile(a, q / 100)."""
    return _quantile("nanpercentile", a, _hundredth(a, q), axis, out, method, keepdims, weights,
                     True)


def _hundredth(a, q):
    """q / 100, in the precision of a; a known q stays known."""
    a = strong_operand(a)
    return np.divide(operand(q), constant(100, a) if dtype_of(a).kind == "f" else 100)


# ---- meaning ----

def _median(name, a, axis, out, keepdims, skip_nan):
    a, axes = prepare(name, to_float(strong_operand(a)), axis, None, out)
    lines = sort(axes_first(a, axes), 0)
    shape = _left(a, axes, keepdims)
    if not shape_of(lines)[0]:
        return ops.add(zeros_of(shape, dtype_of(a)), constant(np.nan, a))
    last = _last_place(lines, skip_nan)
    middle = last * np.full((1,) * (1 + ndim_of(last)), 0.5)
    low, high = _at(lines, np.floor(middle)), _at(lines, np.ceil(middle))
    return reshape(_spoil(lines, ops.divide(ops.add(low, high), 2), skip_nan), shape)


def _quantile(name, a, q, axis, out, method, keepdims, weights, skip_nan):
    refuse(name, "weights=", weights is not None, "weights=None")
    refuse(name, f"method={method!r}", method not in METHODS, ", ".join(METHODS))
    a, axes = prepare(name, strong_operand(a), axis, None, out)
    q = operand(q)
    _check_fractions(name, a, q)
    lines = sort(axes_first(a, axes), 0)
    if not shape_of(lines)[0]:
        raise IndexingError(f"{name} of no elements", got=str(shape_of(a)),
                         wanted="at least one element")
    last = _last_place(lines, skip_nan)
    fractions = reshape(strong_operand(q), (prod(shape_of(q)),))
    fractions = _beside(fractions, lines) if ndim_of(last) else fractions
    y = _pick(lines, _place(last, fractions, method), _result_dtype(a, q, method))
    return reshape(_spoil(lines, y, skip_nan), shape_of(q) + _left(a, axes, keepdims))


def _check_fractions(name, a, q):
    if dtype_of(a).kind in "bc":
        raise DtypeError(f"{name} of real numbers", got=str(dtype_of(a)))
    if not is_traced(q) and not np.all(np.greater_equal(q, 0) & np.less_equal(q, 1)):
        raise ArgumentError(f"{name}: a fraction is out of range", got=str(q), wanted="0 to 1")


def _result_dtype(a, q, method):
    """Elements themselves keep their dtype; Python numbers q do not widen the interpolated ones."""
    whole = method == "linear" and dtype_of(q).kind in "iu"
    if whole or method in ("lower", "higher", "nearest"):
        return dtype_of(a)
    return promoted_dtype(a, 1.0 if is_weak(q) else q)


def _place(last, q, method):
    """Where the quantile q stands among elements 0 to last."""
    if method in ROUNDED:
        return ROUNDED[method](last * q)
    if method == "linear":
        return last * q
    alpha, beta = CONTINUOUS[method]
    return np.clip((last + 1) * q + (alpha + q * (1 - alpha - beta)) - 1, 0, last)


def _pick(lines, place, dtype):
    """The elements at places; between two, interpolated from the nearer one."""
    low = np.floor(place)
    below = _at(lines, low)
    if dtype == dtype_of(lines) and dtype.kind in "iu":
        return below
    t, above = cast_to(_beside(place - low, lines), dtype), _at(lines, np.ceil(place))
    step = ops.subtract(above, below)
    y = ops.select(ops.less(t, 0.5), ops.add(below, ops.multiply(step, t)),
                   ops.subtract(above, ops.multiply(step, ops.subtract(1, t))))
    return cast_to(y, dtype)


# ---- sorted lines: the elements over the axes, along a first axis ----

def _left(a, axes, keepdims):
    """The shape that is left after a reduction over axes."""
    kept = keepdims is not UNSET and keepdims
    return tuple([1 if i in axes else n for i, n in enumerate(shape_of(a))
                  if kept or i not in axes])


def _last_place(lines, skip_nan):
    """The place of the last element that counts, for all lines or for each; NaN stands last."""
    n = shape_of(lines)[0]
    if not skip_nan or dtype_of(lines).kind not in "fc":
        return n - 1
    present = sum_over(ops.logical_not(ops.isnan(lines)), (0,))
    return ops.maximum(ops.subtract(present, 1), 0)


def _spoil(lines, y, skip_nan):
    """NaN where a line has NaN; if NaN is skipped, where it has nothing else."""
    if dtype_of(lines).kind not in "fc":
        return y
    return ops.select(ops.isnan(lines[0 if skip_nan else -1]), constant(np.nan, y), y)


def _beside(x, lines):
    """Give an array of one axis more axes, so that it broadcasts against the lines."""
    return x if ndim_of(x) > 1 else reshape(x, shape_of(x) + (1,) * (ndim_of(lines) - 1))


def _at(lines, place):
    """The elements at whole places: of one axis, or different ones for each line."""
    place = cast_to(place, INT64)
    if ndim_of(place) == 1:
        return gather(lines, place)
    shape = (1, *shape_of(lines)[1:])
    return gather(lines, place, *[iota_along(i, shape) for i in range(1, len(shape))])
