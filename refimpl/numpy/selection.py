"""Picking elements: by place, by condition, by order."""

from __future__ import annotations

import numpy as np

from ..aval import aval_of
from ..errors import ArgumentError, DtypeError, ShapeError
from ..ops import elementwise as ops
from ..ops import scan
from ..ops.index import gather, take_along
from ..ops.linear import cast_to, reshape
from .common import (
    as_shape,
    broadcast_all,
    dtype_of,
    ndim_of,
    one_axis,
    operand,
    promote,
    shape_of,
    size_of,
    strong_operand,
    zeros_of,
)
from .concrete import concrete, places_where
from .function import numpy_function, refuse, refuse_out
from .indexing import getitem
from .joining import stack, take_places
from .manipulation import ravel
from .reductions import any, is_number_axis

INT64 = np.dtype(np.int64)


# ---- by place ----

@numpy_function
def take(a, indices, axis=None, out=None, mode="raise"):
    """Elements at integer places of an axis (None: of the raveled array)."""
    refuse_out(out, "take")
    a, indices = strong_operand(a), strong_operand(indices)
    if axis is None:
        a, axis = ravel(a), 0
    axis = one_axis(axis, ndim_of(a), "take")
    indices = _within(indices, shape_of(a)[axis], mode)
    return getitem(a, (*(slice(None),) * axis, indices))


def _within(indices, n, mode):
    """Bring places into range, as mode says."""
    if mode == "wrap":
        return ops.remainder(indices, n)
    if mode == "clip":
        return ops.minimum(ops.maximum(indices, 0), n - 1)
    if mode != "raise":
        raise ArgumentError("an unknown mode of indexing", got=repr(mode),
                            wanted="'raise', 'wrap' or 'clip'")
    return indices


@numpy_function
def take_along_axis(arr, indices, axis=-1):
    """Elements at places that are given for each line along an axis."""
    arr, indices = strong_operand(arr), strong_operand(indices)
    if axis is None:
        return gather(ravel(arr), indices)
    ndim = ndim_of(arr)
    axis = one_axis(axis, ndim, "take_along_axis")
    if ndim_of(indices) != ndim:
        raise ShapeError("take_along_axis: as many axes in the places as in the array",
                         got=f"{shape_of(indices)} for {shape_of(arr)}")
    grid = [np.arange(n).reshape([n if i == j else 1 for j in range(ndim)])
            for i, n in enumerate(shape_of(arr))]
    grid[axis] = indices
    return gather(arr, *grid)


@numpy_function
def choose(a, choices, out=None, mode="raise"):
    """For each place, the element of the choice that a names."""
    refuse_out(out, "choose")
    choices = promote(*[strong_operand(c) for c in choices])
    a = _within(strong_operand(a), len(choices), mode)
    a, *choices = broadcast_all(a, *choices)
    return reshape(take_along(stack(choices), reshape(a, (1, *shape_of(a))), 0), shape_of(a))


@numpy_function
def unravel_index(indices, shape, order="C"):
    """The place in each axis of places that are counted in C order."""
    refuse("unravel_index", "order=", order != "C", "order='C'")
    indices, places = strong_operand(indices), []
    for n in reversed(as_shape(shape)):
        places.append(ops.remainder(indices, n))
        indices = ops.floor_divide(indices, n)
    return tuple(reversed(places))


@numpy_function
def ravel_multi_index(multi_index, dims, mode="raise", order="C"):
    """The place, counted in C order, of the places in each axis."""
    refuse("ravel_multi_index", "order=", order != "C", "order='C'")
    place = 0
    for i, n in zip(multi_index, as_shape(dims), strict=True):
        place = ops.add(ops.multiply(place, n), _within(strong_operand(i), n, mode))
    return place


# ---- by condition; the places must be known ----

@numpy_function
def nonzero(a):
    """The places where a is not zero, an array an axis."""
    return places_where(a)


@numpy_function
def argwhere(a):
    """The places where a is not zero, a row each."""
    return np.transpose(places_where(a))


@numpy_function
def flatnonzero(a):
    """The places where the raveled a is not zero."""
    return _flat_places(a)


def _flat_places(condition):
    """The places where it holds in the raveled array."""
    places = places_where(condition)
    return np.ravel_multi_index(places, shape_of(operand(condition))) if places else places


@numpy_function
def compress(condition, a, axis=None, out=None):
    """The parts of an axis where a condition holds."""
    refuse_out(out, "compress")
    a = ravel(a) if axis is None else strong_operand(a)
    axis = one_axis(axis or 0, ndim_of(a), "compress")
    return take_places(a, places_where(condition)[0], axis)


@numpy_function
def extract(condition, arr):
    """The elements where a condition holds."""
    return gather(ravel(arr), _flat_places(condition))


@numpy_function
def trim_zeros(filt, trim="fb", axis=None):
    """Drop the zeros at the front ("f") and at the back ("b") of a vector."""
    a = strong_operand(filt)
    if ndim_of(a) != 1:
        raise ShapeError("trim_zeros on traced arrays takes a vector", got=str(shape_of(a)))
    places = places_where(a)[0]
    low, high = (places[0], places[-1] + 1) if places.size else (0, 0)
    front, back = "f" in trim.lower(), "b" in trim.lower()
    return a[low if front else 0:high if back else shape_of(a)[0]]


@numpy_function
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *,
           equal_nan=True, sorted=True):
    """The different elements in ascending order; which they are must be known."""
    refuse("unique", "axis=", axis is not None, "axis=None")
    numbers = concrete(ar, "the number of different elements", "np.sort(x)")
    _, first, *more = np.unique(numbers, True, return_inverse, return_counts, equal_nan=equal_nan)
    if return_inverse:
        more[0] = more[0].reshape(shape_of(operand(ar)))
    results = [gather(ravel(ar), first), *[first] * return_index, *more]
    return results[0] if len(results) == 1 else tuple(results)


@numpy_function
def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    """Whether each element is one of the others."""
    element, others = strong_operand(element), ravel(test_elements)
    found = any(ops.equal(reshape(element, (*shape_of(element), 1)), others), -1)
    return ops.logical_not(found) if invert else found


# ---- by order ----

def _line(name, a, axis):
    """An array and the axis to run along; None means the raveled array."""
    a = strong_operand(a)
    if axis is None:
        return ravel(a), 0
    return a, one_axis(axis, ndim_of(a), name)


@numpy_function
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """The elements in ascending order, NaN last; always stable."""
    return scan.sort(*_line("sort", a, axis))


@numpy_function
def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    """The places of the elements in ascending order; always stable."""
    if is_number_axis(strong_operand(a), axis):
        axis = None
    return scan.argsort(*_line("argsort", a, axis))


@numpy_function
def partition(a, kth, axis=-1, kind="introselect", order=None):
    """The elements with the k-th in its sorted place: here, all of them sorted."""
    return sort(a, axis)


@numpy_function
def argpartition(a, kth, axis=-1, kind="introselect", order=None):
    """The places of the elements with the k-th in its sorted place: here, all of them sorted."""
    return argsort(a, axis)


@numpy_function
def sort_complex(a):
    """The elements sorted, as complex numbers."""
    a = sort(a)
    if dtype_of(a).kind == "c":
        return a
    small = dtype_of(a).kind in "iu" and dtype_of(a).itemsize < 4
    return cast_to(a, np.dtype(np.complex64 if small else np.complex128))


@numpy_function
def lexsort(keys, axis=-1):
    """The order by the last key, ties by the one before it, and so on."""
    keys = [strong_operand(key) for key in keys]
    axis = one_axis(axis, ndim_of(keys[0]), "lexsort")
    order = scan.argsort(keys[0], axis)
    for key in keys[1:]:
        again = scan.argsort(take_along(key, order, axis), axis)
        order = take_along(order, again, axis)
    return order


@numpy_function
def searchsorted(a, v, side="left", sorter=None):
    """Where v would go in the sorted a: before ("left") or after ("right") equal elements."""
    if side not in ("left", "right"):
        raise ArgumentError("searchsorted: an unknown side", got=repr(side),
                            wanted="'left' or 'right'")
    a = strong_operand(a)
    a = a if sorter is None else gather(a, operand(sorter))
    return _search(*promote(a, strong_operand(v)), side)


def _search(a, v, side):
    """Halve the range of possible places until one is left."""
    n = size_of(a)
    low = zeros_of(shape_of(v), INT64)
    high = ops.add(low, n)
    for _ in range(n.bit_length()):
        middle = ops.floor_divide(ops.add(low, high), 2)
        x = gather(a, ops.minimum(middle, max(n - 1, 0)))
        right = _is_before(x, v) if side == "left" else ops.logical_not(_is_before(v, x))
        right = ops.logical_and(right, ops.less(low, high))
        low = ops.select(right, ops.add(middle, 1), low)
        high = ops.select(right, high, middle)
    return low


def _is_before(x, y):
    """x < y in the order of sorting, where NaN is last."""
    if dtype_of(x).kind not in "fc":
        return ops.less(x, y)
    nan_last = ops.logical_and(ops.isnan(y), ops.logical_not(ops.isnan(x)))
    return ops.logical_or(ops.less(x, y), nan_last)


@numpy_function
def digitize(x, bins, right=False):
    """The number of the bin that each x falls in; the bins ascend."""
    side, bins, x = "left" if right else "right", strong_operand(bins), strong_operand(x)
    if dtype_of(x).kind == "c":
        raise DtypeError("digitize: complex numbers have no order", got=str(aval_of(x)))
    edges = concrete(bins, "the direction of the bins", "np.searchsorted(bins, x, side='right')")
    if edges.size < 2 or edges[-1] >= edges[0]:
        return searchsorted(bins, x, side)
    return ops.subtract(edges.size, searchsorted(bins[::-1], x, side))
