"""Operations along one axis: cumulative sums, products and extrema; sorting."""

from __future__ import annotations

import numpy as np

from ..aval import Aval, aval_of
from ..primitive import Primitive, formulas, linear, no_derivative
from ..trace import bind
from .elementwise import logaddexp, multiply, not_equal, select, weighted_sum
from .index import iota_along, take_along, take_range
from .linear import sum_dtype, unary_batch
from .movement import concatenate, flip, pad

INT64 = np.dtype(np.int64)


def cumsum(x, axis):
    """Sums of x[:1], x[:2], ...; booleans and small integers are added in 64 bits."""
    return bind(cumsum_p, x, axis=axis)


def cumprod(x, axis):
    """Products of x[:1], x[:2], ...; booleans and small integers are multiplied in 64 bits."""
    return bind(cumprod_p, x, axis=axis)


def cumlogsumexp(x, axis):
    """log of the sums of exp(x[:1]), exp(x[:2]), ..., without overflow."""
    return bind(cumlogsumexp_p, x, axis=axis)


def cummax(x, axis):
    """Maxima of x[:1], x[:2], ...; NaN wins. The first of equals gets the derivative."""
    return bind(cummax_p, x, axis=axis)


def cummin(x, axis):
    """Minima of x[:1], x[:2], ...; NaN wins. The first of equals gets the derivative."""
    return bind(cummin_p, x, axis=axis)


def sort(x, axis):
    """The elements in ascending order, NaN last; equal elements keep their order."""
    return bind(sort_p, x, axis=axis)


def argsort(x, axis):
    """The places, int64, whose elements make up `sort(x, axis)`."""
    return bind(argsort_p, x, axis=axis)


def _along_axis(name, impl, dtype, jvp, doc, transpose=None):
    """Define an operation along `axis` (not negative); `dtype(x's dtype)` is the result's."""
    return Primitive(
        name, "scan", impl, lambda x, *, axis: Aval(x.shape, dtype(x.dtype)), jvp, transpose,
        unary_batch(lambda size, x, params: {"axis": params["axis"] + 1}), doc=doc)


def _same(dtype):
    return dtype


def _accumulate(ufunc, dtype=_same):
    """The first elements of x as they are, then one more operand at a time."""
    def impl(x, *, axis):
        x = np.asarray(x)
        return ufunc.accumulate(x, axis, dtype(x.dtype))
    return impl


# ---- cumulative sums, products, log-sum-exps ----

def _cumsum_transpose(ct, args, params):
    axis = params["axis"]
    return (flip(cumsum(flip(ct, axes=(axis,)), axis), axes=(axis,)),)


def _doubling(op):
    """The tangent of op's accumulation, op an associative elementwise operation.

    After the step of length n, position k holds op over the last 2 n elements up to k (Hillis and
    Steele, *Data parallel algorithms*, 1986). Unlike a formula with quotients, this is right where
    elements are zero, to any order.
    """
    def tangent(g, out, x, *, axis):
        size, n = aval_of(x).shape[axis], 1
        while n < size:
            x, g = _combine_with_earlier(op, x, g, axis, n)
            n *= 2
        return g
    return tangent


def _combine_with_earlier(op, x, g, axis, n):
    """Replace x[k] by op(x[k - n], x[k]), with tangents; the first n elements stay."""
    size = aval_of(x).shape[axis]
    earlier, later = take_range(x, axis, 0, size - n), take_range(x, axis, n, size)
    g_earlier, g_later = take_range(g, axis, 0, size - n), take_range(g, axis, n, size)
    y = op(earlier, later)
    d_earlier, d_later = [partial(y, earlier, later) for partial in op.prim.partials]
    dot = weighted_sum(g_earlier, d_earlier, g_later, d_later, aval=aval_of(y))
    first, g_first = take_range(x, axis, 0, n), take_range(g, axis, 0, n)
    return concatenate([first, y], axis), concatenate([g_first, dot], axis)


cumsum_p = _along_axis("cumsum", _accumulate(np.add, sum_dtype), sum_dtype, linear,
                       "Cumulative sums along `axis`.", _cumsum_transpose)
cumprod_p = _along_axis("cumprod", _accumulate(np.multiply, sum_dtype), sum_dtype,
                        formulas(_doubling(multiply)), "Cumulative products along `axis`.")
cumlogsumexp_p = _along_axis("cumlogsumexp", _accumulate(np.logaddexp), _same,
                             formulas(_doubling(logaddexp)),
                             "Cumulative log-sum-exps along `axis`.")


# ---- cumulative extrema ----

def _follow_record(g, out, x, *, axis):
    """The tangent of the element that holds the record at each position."""
    shape = aval_of(x).shape
    size = shape[axis]
    if size == 0:
        return g
    broken = not_equal(take_range(out, axis, 1, size), take_range(out, axis, 0, size - 1))
    config = tuple([(1, 0, 0) if i == axis else (0, 0, 0) for i in range(len(shape))])
    holder = cummax(select(pad(broken, config), iota_along(axis, shape), 0), axis)
    return take_along(g, holder, axis)


cummax_p = _along_axis("cummax", _accumulate(np.maximum), _same, formulas(_follow_record),
                       "Cumulative maxima along `axis`.")
cummin_p = _along_axis("cummin", _accumulate(np.minimum), _same, formulas(_follow_record),
                       "Cumulative minima along `axis`.")


# ---- sorting ----

def _sort_jvp(prim, primals, tangents, params):
    (x,), (g,), axis = primals, tangents, params["axis"]
    order = argsort(x, axis)
    return take_along(x, order, axis), take_along(g, order, axis)


sort_p = _along_axis("sort", lambda x, *, axis: np.sort(x, axis, kind="stable"), _same, _sort_jvp,
                     "Sort along `axis`, stably.")
argsort_p = _along_axis(
    "argsort", lambda x, *, axis: np.argsort(x, axis, kind="stable").astype(INT64, copy=False),
    lambda dtype: INT64, no_derivative, "The stable order of elements along `axis`.")
