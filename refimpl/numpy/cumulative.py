"""Along one axis: cumulative sums and products, differences, integrals, interpolation."""

from __future__ import annotations

import math

import numpy as np

from ..aval import aval_of
from ..errors import ArgumentError, DtypeError, ShapeError
from ..ops import elementwise as ops
from ..ops import scan
from ..ops.index import gather, take_range
from ..ops.linear import broadcast_to, cast_to, constant
from .common import (
    along,
    as_int,
    dtype_of,
    is_traced,
    ndim_of,
    one_axis,
    operand,
    promoted_dtype,
    shape_of,
    size_of,
    strong_operand,
    to_float,
)
from .function import UNSET, numpy_function, refuse_out
from .joining import concatenate
from .manipulation import ravel
from .reductions import is_number_axis, sum, without_nan
from .selection import searchsorted

# ---- cumulative sums and products ----

def _accumulate(name, operation, a, axis, dtype, out):
    refuse_out(out, name)
    a = strong_operand(a)
    if axis is None or is_number_axis(a, axis):
        a, axis = ravel(a), 0
    axis = one_axis(axis, ndim_of(a), name)
    if dtype is None:
        return operation(a, axis)
    return cast_to(operation(cast_to(a, np.dtype(dtype)), axis), np.dtype(dtype))


@numpy_function
def cumsum(a, axis=None, dtype=None, out=None):
    """The sums of the first 1, 2, ... elements."""
    return _accumulate("cumsum", scan.cumsum, a, axis, dtype, out)


@numpy_function
def cumprod(a, axis=None, dtype=None, out=None):
    """The products of the first 1, 2, ... elements."""
    return _accumulate("cumprod", scan.cumprod, a, axis, dtype, out)


@numpy_function
def nancumsum(a, axis=None, dtype=None, out=None):
    """cumsum, NaN counting as 0."""
    return cumsum(without_nan(a, 0), axis, dtype, out)


@numpy_function
def nancumprod(a, axis=None, dtype=None, out=None):
    """cumprod, NaN counting as 1."""
    return cumprod(without_nan(a, 1), axis, dtype, out)


@numpy_function
def cumulative_sum(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    """The sums of the first 1, 2, ... elements; of the first 0 too, with include_initial."""
    return _cumulative(cumsum, 0, x, axis, dtype, out, include_initial)


@numpy_function
def cumulative_prod(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    """The products of the first 1, 2, ... elements; of the first 0 too, with include_initial."""
    return _cumulative(cumprod, 1, x, axis, dtype, out, include_initial)


def _cumulative(accumulate, initial, x, axis, dtype, out, include_initial):
    x = strong_operand(x)
    if axis is None and ndim_of(x) > 1:
        raise ArgumentError("cumulative: an array of more than one axis needs axis=",
                            got=str(shape_of(x)))
    x, axis = (ravel(x), 0) if axis is None else (x, one_axis(axis, ndim_of(x), "cumulative"))
    y = accumulate(x, axis, dtype, out)
    if not include_initial:
        return y
    first = tuple([1 if i == axis else n for i, n in enumerate(shape_of(y))])
    return concatenate([broadcast_to(constant(initial, y), first), y], axis)


# ---- differences ----

def neighbours(a, axis):
    """(all but the first, all but the last) elements along an axis."""
    n = shape_of(a)[axis]
    return take_range(a, axis, min(1, n), n), take_range(a, axis, 0, max(n - 1, 0))


@numpy_function
def diff(a, n=1, axis=-1, prepend=UNSET, append=UNSET):
    """Differences of neighbours along an axis, n times."""
    a, n = strong_operand(a), as_int(n, "diff: the order")
    if n < 0:
        raise ArgumentError("diff: the order is not negative", got=str(n))
    if not ndim_of(a):
        raise ShapeError("diff: an array without axes", got=str(shape_of(a)))
    axis = one_axis(axis, ndim_of(a), "diff")
    if n == 0:
        return a
    ends = [_end(x, a, axis) for x in (prepend, append)]
    a = concatenate([*ends[0], a, *ends[1]], axis) if any(ends) else a
    for _ in range(n):
        op = ops.not_equal if dtype_of(a).kind == "b" else ops.subtract
        a = op(*neighbours(a, axis))
    return a


def _end(x, a, axis):
    """What to put before or after a: a list of an array, or of none."""
    if x is UNSET:
        return []
    x = strong_operand(x)
    if ndim_of(x):
        return [x]
    return [broadcast_to(x, tuple([1 if i == axis else n for i, n in enumerate(shape_of(a))]))]


@numpy_function
def ediff1d(ary, to_end=None, to_begin=None):
    """Differences of the raveled neighbours, with numbers before and after."""
    ary = ravel(ary)
    _require_numbers("ediff1d", ary)
    y = diff(ary)
    ends = [[] if x is None else [cast_to(ravel(x), dtype_of(y))] for x in (to_begin, to_end)]
    return concatenate([*ends[0], y, *ends[1]])


def _require_numbers(name, a):
    if dtype_of(a).kind == "b":
        raise DtypeError(f"{name}: truth values have no difference", got=str(aval_of(a)),
                         instead="x.astype(int)")


@numpy_function
def gradient(f, *varargs, axis=None, edge_order=1):
    """Second-order differences inside, one-sided differences at the ends, for each axis."""
    _require_numbers("gradient", strong_operand(f))
    f = to_float(strong_operand(f))
    axes = list(range(ndim_of(f))) if axis is None else \
        [one_axis(i, ndim_of(f), "gradient") for i in (axis if isinstance(axis, tuple) else [axis])]
    if edge_order not in (1, 2):
        raise ArgumentError("gradient: edge_order is 1 or 2", got=repr(edge_order))
    spacings = _spacings(varargs, len(axes))
    y = [_gradient(f, spacing, i, edge_order) for i, spacing in zip(axes, spacings, strict=True)]
    return y[0] if len(y) == 1 else tuple(y)


def _spacings(varargs, count):
    """For each axis a distance of neighbours, or an array of places."""
    given = [operand(x) for x in varargs] or [1.0]
    if len(given) == 1 and not ndim_of(given[0]):
        return given * count
    if len(given) != count:
        raise ArgumentError("gradient: one spacing, or one for each axis",
                            got=f"{len(given)} for {count} axes")
    return given


def _gradient(f, spacing, axis, edge_order):
    n = shape_of(f)[axis]
    if n < edge_order + 1:
        raise ShapeError("gradient: too few elements", got=f"{n} along axis {axis}",
                         wanted=f"edge_order + 1 = {edge_order + 1}")
    if ndim_of(spacing) and shape_of(spacing) != (n,):
        raise ShapeError("gradient: the places do not fit the axis", got=str(shape_of(spacing)),
                         wanted=f"a number or {n} places")
    h = diff(to_float(spacing)) if ndim_of(spacing) else spacing

    def part(start, stop):
        return take_range(f, axis, start, stop)

    inside = _inside(part, n, h, axis, ndim_of(f))
    first, last = (_edge(part, n, h, end, edge_order) for end in (0, 1))
    return concatenate([first, inside, last], axis)


def _inside(part, n, h, axis, ndim):
    """The central difference that is exact for quadratics, h before and after each place."""
    if not ndim_of(h):
        return (part(2, n) - part(0, n - 2)) / (2.0 * h)
    h1, h2 = along(axis, h[:-1], ndim), along(axis, h[1:], ndim)
    return (part(0, n - 2) * (-h2 / (h1 * (h1 + h2))) + part(1, n - 1) * ((h2 - h1) / (h1 * h2))
            + part(2, n) * (h1 / (h2 * (h1 + h2))))


def _edge(part, n, h, end, edge_order):
    """The one-sided difference at the first (end = 0) or last (end = 1) place."""
    y = [part(n - 1 - i, n - i) if end else part(i, i + 1) for i in range(edge_order + 1)]
    steps = [(h[-1 - i] if end else h[i]) if ndim_of(h) else h for i in range(edge_order)]
    if edge_order == 1:
        return (y[0] - y[1] if end else y[1] - y[0]) / steps[0]
    h1, h2 = [-h for h in steps] if end else steps
    return (y[0] * (-(2.0 * h1 + h2) / (h1 * (h1 + h2))) + y[1] * ((h1 + h2) / (h1 * h2))
            - y[2] * (h1 / (h2 * (h1 + h2))))


# ---- integrals and phases ----

@numpy_function
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral of y by the trapezoidal rule: the sum of dx (y[i + 1] + y[i]) / 2."""
    y = strong_operand(y)
    axis = one_axis(axis, ndim_of(y), "trapezoid")
    if x is not None:
        x = strong_operand(x)
        dx = along(axis, diff(x), ndim_of(y)) if ndim_of(x) == 1 else diff(x, axis=axis)
    high, low = neighbours(y, axis)
    return sum(dx * (high + low) / 2.0, axis)


@numpy_function
def unwrap(p, discont=None, axis=-1, *, period=2 * math.pi):
    """Add multiples of the period so that neighbours differ by at most half of it."""
    p = strong_operand(p)
    axis = one_axis(axis, ndim_of(p), "unwrap")
    high, low = neighbours(p, axis)
    d = high - low
    whole = promoted_dtype(d, period).kind in "iu"
    half = period // 2 if whole else period / 2
    wrapped = ops.remainder(d + half, period) - half
    if not whole or period % 2 == 0:
        flipped = ops.logical_and(ops.equal(wrapped, -half), ops.greater(d, 0))
        wrapped = ops.select(flipped, half, wrapped)
    small = ops.less(ops.absolute(d), period / 2 if discont is None else discont)
    correction = scan.cumsum(ops.select(small, 0, wrapped - d), axis)
    first = take_range(p, axis, 0, 1)
    dtype = promoted_dtype(d, period)
    return concatenate([cast_to(first, dtype), cast_to(high + correction, dtype)], axis)


# ---- interpolation ----

@numpy_function
def interp(x, xp, fp, left=None, right=None, period=None):
    """Linear interpolation of the points (xp, fp), xp ascending; constant outside."""
    x, xp, fp = map(strong_operand, (x, xp, fp))
    if "c" in (dtype_of(x).kind, dtype_of(xp).kind):
        raise DtypeError("interp: places are real", got=f"{aval_of(x)} and {aval_of(xp)}")
    x, xp, fp = [to_float(a, dtype) for a, dtype in
                 ((x, float), (xp, float), (fp, None))]
    fp = cast_to(fp, np.dtype(complex if dtype_of(fp).kind == "c" else float))
    if shape_of(xp) != shape_of(fp) or ndim_of(xp) != 1:
        raise ShapeError("interp: xp and fp are vectors of one size",
                         got=f"{shape_of(xp)} and {shape_of(fp)}")
    if period is not None:
        return _interp_periodic(x, xp, fp, abs(period))
    n = size_of(xp)
    i = ops.minimum(ops.maximum(searchsorted(xp, x, "right") - 1, 0), max(n - 2, 0))
    j = ops.minimum(i + 1, n - 1)
    x0, x1, y0, y1 = gather(xp, i), gather(xp, j), gather(fp, i), gather(fp, j)
    width = ops.select(ops.equal(x1, x0), 1.0, x1 - x0)
    y = (y1 - y0) / width * (x - x0) + y0
    y = ops.select(ops.equal(x, xp[n - 1]), fp[n - 1], y)
    y = ops.select(ops.less(x, xp[0]), fp[0] if left is None else operand(left), y)
    return ops.select(ops.greater(x, xp[n - 1]), fp[n - 1] if right is None else operand(right), y)


def _interp_periodic(x, xp, fp, period):
    if not is_traced(period) and period == 0:
        raise ArgumentError("interp: the period is not 0", got="0")
    x, xp = ops.remainder(x, period), ops.remainder(xp, period)
    order = scan.argsort(xp, 0)
    xp, fp = gather(xp, order), gather(fp, order)
    xp = concatenate([xp[-1:] - period, xp, xp[:1] + period])
    fp = concatenate([fp[-1:], fp, fp[:1]])
    return interp(x, xp, fp)
