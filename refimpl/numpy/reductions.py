"""Reductions, statistics and cumulative functions."""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from ..ops import elementwise as ops
from ..ops import reduce, scan
from ..ops.linear import cast_to, constant, reshape
from ..ops.linear import sum as sum_over
from .common import (
    dtype_of,
    keep_axes,
    many_axes,
    one_axis,
    operand,
    refuse_out,
    shape_of,
    strong_operand,
)
from .elementwise import imag, real, root, where

_UNSET = np._NoValue


def _prepare(name, a, axis, dtype=None, out=None, where_=_UNSET, neutral=None):
    """Return (operand, axes): dtype applied, masked elements replaced by the neutral one."""
    refuse_out(out, name)
    a = strong_operand(a)
    if dtype is not None:
        a = cast_to(a, np.dtype(dtype))
    axes = many_axes(axis, len(shape_of(a)), name)
    if where_ is not _UNSET and where_ is not True:
        a = ops.select(operand(where_), a, constant(neutral(dtype_of(a)), a))
    return a, axes


def _initial(y, initial, combine):
    return y if initial is _UNSET else combine(y, operand(initial))


def sum(a, axis=None, dtype=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The sum over axes."""
    a, axes = _prepare("sum", a, axis, dtype, out, where, lambda _: 0)
    y = sum_over(a, axes) if axes else cast_to(a, reduce.sum_dtype(dtype_of(a)))
    if dtype is not None:
        y = cast_to(y, np.dtype(dtype))
    return keep_axes(_initial(y, initial, ops.add), a, axes, keepdims is True)


def prod(a, axis=None, dtype=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The product over axes."""
    a, axes = _prepare("prod", a, axis, dtype, out, where, lambda _: 1)
    y = reduce.prod(a, axes)
    if dtype is not None:
        y = cast_to(y, np.dtype(dtype))
    return keep_axes(_initial(y, initial, ops.multiply), a, axes, keepdims is True)


def _lowest(dtype):
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _highest(dtype):
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max


def max(a, axis=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The largest element over axes; NaN wins. Ties share the derivative."""
    return _extremum("max", reduce.max, ops.maximum, _lowest, a, axis, out, keepdims, initial,
                     where)


def min(a, axis=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The smallest element over axes; NaN wins. Ties share the derivative."""
    return _extremum("min", reduce.min, ops.minimum, _highest, a, axis, out, keepdims, initial,
                     where)


def _extremum(name, fold, combine, neutral, a, axis, out, keepdims, initial, where):
    a, axes = _prepare(name, a, axis, None, out, where, neutral)
    empty = 0 in [shape_of(a)[i] for i in axes]
    if empty and initial is not _UNSET:
        y = ops.add(sum_over(a, axes), operand(initial))
    else:
        y = _initial(fold(a, axes), initial, combine)
    return keep_axes(y, a, axes, keepdims is True)


amax, amin = max, min


def any(a, axis=None, out=None, keepdims=_UNSET, *, where=_UNSET):
    """Whether an element is not zero."""
    a, axes = _prepare("any", a, axis, None, out, where, lambda _: 0)
    return keep_axes(reduce.any(a, axes), a, axes, keepdims is True)


def all(a, axis=None, out=None, keepdims=_UNSET, *, where=_UNSET):
    """Whether no element is zero."""
    a, axes = _prepare("all", a, axis, None, out, where, lambda _: 1)
    return keep_axes(reduce.all(a, axes), a, axes, keepdims is True)


def argmax(a, axis=None, out=None, *, keepdims=_UNSET):
    """The place of the first largest element; without axis, counted in C order."""
    return _search("argmax", reduce.argmax, a, axis, out, keepdims)


def argmin(a, axis=None, out=None, *, keepdims=_UNSET):
    """The place of the first smallest element; without axis, counted in C order."""
    return _search("argmin", reduce.argmin, a, axis, out, keepdims)


def _search(name, fold, a, axis, out, keepdims):
    a, axes = _prepare(name, a, axis, None, out)
    if not axes:
        a = reshape(a, (1,))
        return fold(a, (0,))
    return keep_axes(fold(a, axes), a, axes, keepdims is True)


def count_nonzero(a, axis=None, *, keepdims=False):
    """How many elements are not zero."""
    return sum(ops.not_equal(operand(a), 0), axis, keepdims=keepdims)


# ---- statistics ----

def _count(a, axes, where_):
    if where_ is not _UNSET and where_ is not True:
        mask = ops.logical_and(operand(where_), ops.equal(a, a) | True)
        return sum_over(cast_to(mask, np.dtype(np.float64)), axes)
    n = 1
    for i in axes:
        n *= shape_of(a)[i]
    return n


def _to_float(a, dtype):
    if dtype is not None:
        return cast_to(a, np.dtype(dtype))
    return cast_to(a, np.dtype(np.float64)) if dtype_of(a).kind in "biu" else a


def mean(a, axis=None, dtype=None, out=None, keepdims=_UNSET, *, where=_UNSET):
    """The sum divided by the number of elements."""
    a = _to_float(strong_operand(a), dtype)
    _, axes = _prepare("mean", a, axis, None, out)
    half = dtype_of(a) == np.float16
    wide = cast_to(a, np.dtype(np.float32)) if half else a
    total = sum(wide, axes, keepdims=keepdims is True, where=where)
    n = _count(a, axes, where)
    if not isinstance(n, int):
        n = keep_axes(n, a, axes, keepdims is True)
    return cast_to(ops.divide(total, n), dtype_of(a))


def average(a, axis=None, weights=None, returned=False, *, keepdims=_UNSET):
    """The mean with weights: sum(a w) / sum(w)."""
    a = strong_operand(a)
    if weights is None:
        result = mean(a, axis, keepdims=keepdims)
        total = ops.add(ops.multiply(result, 0), a_size(a) / a_size(result))
        return (result, total) if returned else result
    weights = strong_operand(weights)
    if shape_of(weights) != shape_of(a):
        axis = one_axis(axis, len(shape_of(a)), "average")
        if shape_of(weights) != (shape_of(a)[axis],):
            raise ShapeError("average: weights do not fit", got=str(shape_of(weights)),
                             wanted=f"{shape_of(a)} or ({shape_of(a)[axis]},)")
        weights = reshape(weights, tuple([n if i == axis else 1
                                          for i, n in enumerate(shape_of(a))]))
        weights = ops.multiply(weights, cast_to(ops.equal(a, a), dtype_of(weights)) * 0 + 1)
    total = sum(weights, axis, keepdims=keepdims)
    result = ops.divide(sum(ops.multiply(a, weights), axis, keepdims=keepdims), total)
    return (result, total) if returned else result


def a_size(a):
    return int(np.prod(shape_of(a)))


def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=_UNSET, *, where=_UNSET,
        mean=_UNSET, correction=_UNSET):
    """The mean of |a - mean|^2 in two passes, divided by n - ddof."""
    ddof = ddof if correction is _UNSET else correction
    a = _to_float(strong_operand(a), dtype)
    _, axes = _prepare("var", a, axis, None, out)
    center = _mean_of(a, axes, where) if mean is _UNSET else operand(mean)
    centered = ops.subtract(a, center)
    if dtype_of(a).kind == "c":
        squares = ops.square(real(centered)) + ops.square(imag(centered))
    else:
        squares = ops.square(centered)
    total = sum(squares, axes, keepdims=keepdims is True, where=where)
    n = _count(a, axes, where)
    if not isinstance(n, int):
        n = keep_axes(n, a, axes, keepdims is True)
        return cast_to(ops.divide(total, ops.maximum(n - ddof, 0)), dtype_of(total))
    return ops.divide(total, n - ddof if n > ddof else 0)


def _mean_of(a, axes, where):
    return mean(a, axes, keepdims=True, where=where)


def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=_UNSET, *, where=_UNSET,
        mean=_UNSET, correction=_UNSET):
    """The square root of var; the derivative at constant a is 0."""
    return root(var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean,
                    correction=correction))


def ptp(a, axis=None, out=None, keepdims=_UNSET):
    """max - min."""
    return max(a, axis, out, keepdims) - min(a, axis, out, keepdims)


def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """The middle of the sorted elements, or the mean of the two middle ones."""
    return quantile(a, 0.5, axis, out, overwrite_input, keepdims=keepdims)


def quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *,
             weights=None):
    """The element at the fraction q of the sorted ones, interpolated linearly; q is a number."""
    refuse_out(out, "quantile")
    if method != "linear" or weights is not None or np.ndim(q) != 0:
        raise ShapeError("quantile on traced arrays takes one number q, method='linear' and no "
                         "weights", got=f"q={q!r}, method={method!r}")
    a = _to_float(strong_operand(a), None)
    axes = many_axes(axis, len(shape_of(a)), "quantile")
    ordered = _sorted_first(a, axes)
    n = shape_of(ordered)[0]
    place = float(q) * (n - 1)
    low = int(np.floor(place))
    below, above = ordered[low], ordered[low + 1 if low + 1 < n else low]
    t = place - low
    y = above - (above - below) * (1 - t) if t >= 0.5 else below + (above - below) * t
    bad = reduce.any(ops.isnan(a), axes)
    y = ops.select(bad, constant(np.nan, a), y)
    return keep_axes(y, a, axes, keepdims)


def _sorted_first(a, axes):
    """The elements of the given axes, sorted along a first axis."""
    rest = tuple([i for i in range(len(shape_of(a))) if i not in axes])
    n = 1
    for i in axes:
        n *= shape_of(a)[i]
    joined = reshape(reduce.permute(a, axes + rest), (n, *[shape_of(a)[i] for i in rest]))
    return scan.sort(joined, 0)


def percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False,
               *, weights=None):
    """quantile of q / 100."""
    return quantile(a, np.true_divide(q, 100), axis, out, overwrite_input, method, keepdims,
                    weights=weights)


# ---- ignoring NaN ----

def nansum(a, axis=None, dtype=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The sum of the elements that are not NaN."""
    return sum(_without_nan(a, 0), axis, dtype, out, keepdims, initial, where)


def nanprod(a, axis=None, dtype=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The product of the elements that are not NaN."""
    return prod(_without_nan(a, 1), axis, dtype, out, keepdims, initial, where)


def _without_nan(a, value):
    a = strong_operand(a)
    return where(ops.isnan(a), constant(value, a), a) if dtype_of(a).kind in "fc" else a


def nanmax(a, axis=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The largest element that is not NaN."""
    return _restore_nan(a, axis, max(_without_nan(a, -np.inf), axis, out, keepdims, initial,
                                     where), keepdims)


def nanmin(a, axis=None, out=None, keepdims=_UNSET, initial=_UNSET, where=_UNSET):
    """The smallest element that is not NaN."""
    return _restore_nan(a, axis, min(_without_nan(a, np.inf), axis, out, keepdims, initial,
                                     where), keepdims)


def _restore_nan(a, axis, y, keepdims):
    a = strong_operand(a)
    if dtype_of(a).kind != "f":
        return y
    return ops.select(all(ops.isnan(a), axis, keepdims=keepdims), constant(np.nan, a), y)


def nanmean(a, axis=None, dtype=None, out=None, keepdims=_UNSET, *, where=_UNSET):
    """The mean of the elements that are not NaN."""
    a = _to_float(strong_operand(a), dtype)
    n = sum(ops.logical_not(ops.isnan(a)), axis, keepdims=keepdims)
    return cast_to(ops.divide(nansum(a, axis, None, out, keepdims), n), dtype_of(a))


def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=_UNSET, *, where=_UNSET,
           mean=_UNSET, correction=_UNSET):
    """The variance of the elements that are not NaN."""
    ddof = ddof if correction is _UNSET else correction
    a = _to_float(strong_operand(a), dtype)
    present = ops.logical_not(ops.isnan(a))
    center = nanmean(a, axis, keepdims=True) if mean is _UNSET else operand(mean)
    squares = where_present(present, ops.square(ops.subtract(a, center)))
    n = ops.subtract(sum(present, axis, keepdims=keepdims), ddof)
    return cast_to(ops.divide(sum(squares, axis, None, out, keepdims), n), dtype_of(a))


def where_present(present, x):
    return ops.select(present, x, constant(0, x))


def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=_UNSET, *, where=_UNSET,
           mean=_UNSET, correction=_UNSET):
    """The square root of nanvar."""
    return root(nanvar(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean,
                       correction=correction))


# ---- cumulative ----

def _line(name, a, axis, dtype, out):
    refuse_out(out, name)
    a = strong_operand(a)
    if dtype is not None:
        a = cast_to(a, np.dtype(dtype))
    if axis is None:
        a, axis = reshape(a, (a_size(a),)), 0
    return a, one_axis(axis, len(shape_of(a)), name)


def cumsum(a, axis=None, dtype=None, out=None):
    """The sums of the first 1, 2, ... elements."""
    return scan.cumsum(*_line("cumsum", a, axis, dtype, out))


def cumprod(a, axis=None, dtype=None, out=None):
    """The products of the first 1, 2, ... elements."""
    return scan.cumprod(*_line("cumprod", a, axis, dtype, out))


def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """The elements in ascending order, NaN last."""
    return scan.sort(*_line("sort", a, axis, None, None))


def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    """The places of the elements in ascending order; always stable."""
    return scan.argsort(*_line("argsort", a, axis, None, None))


def diff(a, n=1, axis=-1, prepend=_UNSET, append=_UNSET):
    """Differences of neighbours along an axis, n times."""
    a = strong_operand(a)
    axis = one_axis(axis, len(shape_of(a)), "diff")
    if prepend is not _UNSET or append is not _UNSET:
        raise ShapeError("diff on traced arrays takes no prepend or append",
                         instead="np.concatenate first")
    for _ in range(n):
        size = shape_of(a)[axis]
        high = reduce.take_range(a, axis, 1, size)
        low = reduce.take_range(a, axis, 0, size - 1)
        a = ops.not_equal(high, low) if dtype_of(a).kind == "b" else ops.subtract(high, low)
    return a


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all elements are close."""
    a, b = operand(a), operand(b)
    near = ops.less_equal(ops.absolute(ops.subtract(a, b)),
                          ops.add(atol, ops.multiply(rtol, ops.absolute(b))))
    return all(ops.logical_or(near, ops.equal(a, b)))


def array_equal(a1, a2, equal_nan=False):
    """Whether two arrays have one shape and equal elements."""
    a1, a2 = strong_operand(a1), strong_operand(a2)
    if shape_of(a1) != shape_of(a2):
        return False
    return all(ops.equal(a1, a2))


def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral of y by the trapezoidal rule."""
    y = strong_operand(y)
    axis = one_axis(axis, len(shape_of(y)), "trapezoid")
    size = shape_of(y)[axis]
    step = dx
    if x is not None:
        step = diff(x, axis=-1 if len(shape_of(operand(x))) == 1 else axis)
        if len(shape_of(step)) == 1:
            step = reshape(step, tuple([-(-size + 1) if i == axis else 1
                                        for i in range(len(shape_of(y)))]))
    high = reduce.take_range(y, axis, 1, size)
    low = reduce.take_range(y, axis, 0, size - 1)
    return sum(ops.divide(ops.multiply(step, ops.add(high, low)), 2.0), axis)


