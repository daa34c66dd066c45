"""Reductions: sums, products, extrema, truth, places of extrema; ignoring NaN or not."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError
from ..ops import elementwise as ops
from ..ops import reduce
from ..ops.linear import cast_to, constant, reshape
from ..ops.linear import sum as sum_over
from ..transforms.jvp import stop_gradient
from .common import (
    dtype_of,
    keep_axes,
    many_axes,
    ndim_of,
    one_axis,
    operand,
    shape_of,
    strong_operand,
    to_float,
)
from .function import UNSET, alias, numpy_function, refuse_out


def masked(a, where, neutral):
    """Put a neutral number where the mask `where=` leaves elements out."""
    if where is UNSET or where is True:
        return a
    return ops.select(operand(where), a, constant(neutral, a))


def prepare(name, a, axis, dtype=None, out=None):
    """Return (operand with its dtype, axes)."""
    refuse_out(out, name)
    a = strong_operand(a)
    axes = many_axes(axis, ndim_of(a), name)
    return a if dtype is None else cast_to(a, np.dtype(dtype)), axes


def prepare_fold(name, a, axis, dtype=None, out=None):
    """Like prepare, for reductions that are methods of ufuncs."""
    a = strong_operand(a)
    return prepare(name, a, None if is_number_axis(a, axis) else axis, dtype, out)


def is_number_axis(a, axis):
    """Ufuncs let a number have an axis 0, and an axis -1."""
    return not ndim_of(a) and isinstance(axis, int) and axis in (0, -1)


# ---- sums and products ----

def _fold(name, fold, combine, neutral):
    """A reduction that has an identity."""
    def apply(a, axis, dtype, out, keepdims, initial, where):
        a, axes = prepare_fold(name, a, axis, dtype, out)
        y = fold(masked(a, where, neutral), axes)
        if dtype is not None:
            y = cast_to(y, np.dtype(dtype))
        if initial is not UNSET:
            y = combine(cast_to(operand(initial), dtype_of(y)), y)
        return keep_axes(y, a, axes, keepdims)
    return apply


def total(x, axes):
    """The sum over axes; booleans and small integers are added in 64 bits, whatever the axes."""
    return sum_over(x, axes) if axes else cast_to(x, reduce.sum_dtype(dtype_of(x)))


_sum = _fold("sum", total, ops.add, 0)
_prod = _fold("prod", reduce.prod, ops.multiply, 1)


@numpy_function
def sum(a, axis=None, dtype=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The sum over axes."""
    return _sum(a, axis, dtype, out, keepdims, initial, where)


@numpy_function
def prod(a, axis=None, dtype=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The product over axes."""
    return _prod(a, axis, dtype, out, keepdims, initial, where)


@numpy_function
def count_nonzero(a, axis=None, *, keepdims=False):
    """How many elements are not zero."""
    return sum(ops.not_equal(strong_operand(a), 0), axis, keepdims=keepdims)


# ---- truth ----

@numpy_function
def any(a, axis=None, out=None, keepdims=UNSET, *, where=UNSET):
    """Whether an element is not zero."""
    a, axes = prepare_fold("any", a, axis, None, out)
    return keep_axes(reduce.any(masked(a, where, 0), axes), a, axes, keepdims)


@numpy_function
def all(a, axis=None, out=None, keepdims=UNSET, *, where=UNSET):
    """Whether no element is zero."""
    a, axes = prepare_fold("all", a, axis, None, out)
    return keep_axes(reduce.all(masked(a, where, 1), axes), a, axes, keepdims)


# ---- extrema ----

@numpy_function
def max(a, axis=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The largest element over axes; NaN wins. Ties share the derivative."""
    return _extremum("max", reduce.max, ops.maximum, a, axis, out, keepdims, initial, where)


@numpy_function
def min(a, axis=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The smallest element over axes; NaN wins. Ties share the derivative."""
    return _extremum("min", reduce.min, ops.minimum, a, axis, out, keepdims, initial, where)


def _extremum(name, fold, combine, a, axis, out, keepdims, initial, where):
    a, axes = prepare_fold(name, a, axis, None, out)
    if initial is UNSET:
        if where is not UNSET and where is not True:
            raise ArgumentError(f"{name}: with where=, initial= says what an empty choice gives",
                                got="no initial=", instead="initial=number")
        return keep_axes(fold(a, axes), a, axes, keepdims)
    initial = cast_to(operand(initial), dtype_of(a))
    if where is not UNSET and where is not True:
        a = ops.select(operand(where), a, initial)
    if 0 in [shape_of(a)[i] for i in axes]:
        y = ops.add(cast_to(sum_over(a, axes), dtype_of(a)), initial)
    else:
        y = combine(initial, fold(a, axes))
    return keep_axes(y, a, axes, keepdims)


alias("amax", max)
alias("amin", min)


@numpy_function
def ptp(a, axis=None, out=None, keepdims=UNSET):
    """max - min."""
    return ops.subtract(max(a, axis, out, keepdims), min(a, axis, out, keepdims))


# ---- places of extrema ----

@numpy_function
def argmax(a, axis=None, out=None, *, keepdims=UNSET):
    """The place of the first largest element or NaN; without axis, counted in C order."""
    return _search("argmax", reduce.argmax, a, axis, out, keepdims)


@numpy_function
def argmin(a, axis=None, out=None, *, keepdims=UNSET):
    """The place of the first smallest element or NaN; without axis, counted in C order."""
    return _search("argmin", reduce.argmin, a, axis, out, keepdims)


def _search(name, fold, a, axis, out, keepdims):
    refuse_out(out, name)
    a = strong_operand(a)
    if axis is None or is_number_axis(a, axis):
        axes = many_axes(None, ndim_of(a), name)
    else:
        axes = (one_axis(axis, ndim_of(a), name),)
    y = fold(a, axes) if axes else fold(reshape(a, (1,)), (0,))
    return keep_axes(y, a, axes, keepdims)


# ---- ignoring NaN ----

def without_nan(a, value):
    """Replace NaN by a number."""
    a = strong_operand(a)
    return ops.select(ops.isnan(a), constant(value, a), a) if dtype_of(a).kind in "fc" else a


@numpy_function
def nansum(a, axis=None, dtype=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The sum of the elements that are not NaN."""
    return sum(without_nan(a, 0), axis, dtype, out, keepdims, initial, where)


@numpy_function
def nanprod(a, axis=None, dtype=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The product of the elements that are not NaN."""
    return prod(without_nan(a, 1), axis, dtype, out, keepdims, initial, where)


@numpy_function
def nanmax(a, axis=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The largest element that is not NaN; NaN if all are."""
    y = max(without_nan(a, -np.inf), axis, out, keepdims, initial, where)
    return _nan_if_all(a, axis, keepdims, y)


@numpy_function
def nanmin(a, axis=None, out=None, keepdims=UNSET, initial=UNSET, where=UNSET):
    """The smallest element that is not NaN; NaN if all are."""
    y = min(without_nan(a, np.inf), axis, out, keepdims, initial, where)
    return _nan_if_all(a, axis, keepdims, y)


def _nan_if_all(a, axis, keepdims, y):
    a = strong_operand(a)
    if dtype_of(a).kind not in "fc":
        return y
    return ops.select(all(ops.isnan(a), axis, keepdims=keepdims), constant(np.nan, a), y)


@numpy_function
def nanargmax(a, axis=None, out=None, *, keepdims=UNSET):
    """The place of the first largest element that is not NaN."""
    return argmax(without_nan(a, -np.inf), axis, out, keepdims=keepdims)


@numpy_function
def nanargmin(a, axis=None, out=None, *, keepdims=UNSET):
    """The place of the first smallest element that is not NaN."""
    return argmin(without_nan(a, np.inf), axis, out, keepdims=keepdims)


# ---- log-sum-exp ----

def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))) without overflow; np.logaddexp.reduce."""
    x = to_float(strong_operand(x))
    axes = many_axes(axis, ndim_of(x), "logsumexp")
    largest = stop_gradient(keep_axes(reduce.max(x, axes), x, axes, True))
    shift = ops.select(ops.isfinite(largest), largest, constant(0, x))
    y = ops.log(sum_over(ops.exp(ops.subtract(x, shift)), axes))
    return keep_axes(ops.add(y, reshape(shift, shape_of(y))), x, axes, keepdims)
