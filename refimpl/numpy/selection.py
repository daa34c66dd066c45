"""Picking elements: by place, by condition, by order."""

from __future__ import annotations

import numpy as np

from ..aval import aval_of
from ..errors import ArgumentError, DtypeError, ShapeError
from ..ops import elementwise as ops
from ..ops import scan
from ..ops.index import gather, iota_along, take_along
from ..ops.linear import cast_to, reshape
from .common import (
    along,
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
from .function import VIEWS, extended_function, numpy_function, refuse_out
from .indexing import getitem
from .joining import stack, take_places
from .manipulation import ravel
from .places import nonzero_places
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
    return gather(arr, *places_along(arr, indices, axis, "take_along_axis"))


def places_along(arr, indices, axis, name):
    """Index arrays, one an axis: `indices` along one axis, the own place along the others."""
    ndim = ndim_of(arr)
    axis = one_axis(axis, ndim, name)
    if ndim_of(indices) != ndim:
        raise ShapeError(f"{name}: as many axes in the places as in the array",
                         got=f"{shape_of(indices)} for {shape_of(arr)}")
    grid = [iota_along(i, shape_of(arr)) for i in range(ndim)]
    grid[axis] = indices
    return grid


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
    """The place in each axis of places that are counted in C ("F": Fortran) order."""
    indices, places = strong_operand(indices), []
    for n in _by_order(as_shape(shape), order):
        places.append(ops.remainder(indices, n))
        indices = ops.floor_divide(indices, n)
    return tuple(_by_order(places, order))


def _by_order(items, order):
    """From the axis that runs fastest to the slowest one, and back."""
    if order not in ("C", "F"):
        raise ArgumentError("an unknown order", got=repr(order), wanted="'C' or 'F'")
    return list(items) if order == "F" else list(items)[::-1]


@numpy_function
def ravel_multi_index(multi_index, dims, mode="raise", order="C"):
    """The place, counted in C ("F": Fortran) order, of the places in each axis."""
    place, dims = 0, as_shape(dims)
    modes = mode if isinstance(mode, tuple) else (mode,) * len(dims)
    steps = list(zip(multi_index, dims, modes, strict=True))
    for i, n, how in reversed(_by_order(steps, order)):
        place = ops.add(ops.multiply(place, n), _within(strong_operand(i), n, how))
    return place


# ---- by condition; the places must be known, or their number given as size= ----

@extended_function("size", "fill_value")
def nonzero(a, *, size=None, fill_value=None):
    """The places where a is not zero, an array an axis.

    size: how many places, which need not be known then; fill_value (0) stands for those missing.
    """
    return nonzero_places(a, size, fill_value)


@extended_function("size", "fill_value")
def argwhere(a, *, size=None, fill_value=None):
    """The places where a is not zero, a row each; size, fill_value: as for nonzero."""
    if size is None:
        return np.transpose(places_where(a))
    places = nonzero_places(a, size, fill_value)
    return stack(places, -1) if places else zeros_of((size, 0), INT64)


@extended_function("size", "fill_value")
def flatnonzero(a, *, size=None, fill_value=None):
    """The places where the raveled a is not zero; size, fill_value: as for nonzero."""
    return _flat_places(a) if size is None else nonzero_places(ravel(a), size, fill_value)[0]


def _flat_places(condition):
    """The places where it holds in the raveled array."""
    places = places_where(condition)
    return np.ravel_multi_index(places, shape_of(operand(condition))) if places else places


@extended_function("size", "fill_value")
def compress(condition, a, axis=None, out=None, *, size=None, fill_value=None):
    """The parts of an axis where a condition holds.

    size: how many parts; fill_value (0) fills those missing.
    """
    refuse_out(out, "compress")
    a = ravel(a) if axis is None else strong_operand(a)
    axis = one_axis(axis or 0, ndim_of(a), "compress")
    if size is None:
        return take_places(a, places_where(condition)[0], axis)
    return _parts_where(a, axis, condition, size, fill_value)


def _parts_where(a, axis, condition, size, fill_value):
    places, = nonzero_places(condition, size, -1)
    parts = take_places(a, places, axis)
    there = along(axis, ops.greater_equal(places, 0), ndim_of(a))
    return ops.select(there, parts, np.asarray(fill_value or 0, dtype_of(a))[()])


@extended_function("size", "fill_value")
def extract(condition, arr, *, size=None, fill_value=None):
    """The elements where a condition holds; size, fill_value: as for compress."""
    if size is None:
        return gather(ravel(arr), _flat_places(condition))
    return _parts_where(ravel(arr), 0, ravel(condition), size, fill_value)


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


VIEWS.add(trim_zeros.__wrapped__)


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
