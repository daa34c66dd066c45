"""Arrays as sets: their different elements, unions, intersections, differences.

Which elements differ decides a shape, so their numbers must be known, or their count given as
`size=`. Results are in ascending order. Their derivative is that of the elements they are.
"""

from __future__ import annotations

import numpy as np

from ..ops import elementwise as ops
from ..ops import scan
from ..ops.index import gather, iota, scatter, take_range
from ..ops.linear import cast_to, reshape
from ..ops.movement import concatenate as join
from .common import (
    as_int,
    dtype_of,
    ndim_of,
    one_axis,
    promote,
    shape_of,
    size_of,
    strong_operand,
    zeros_of,
)
from .concrete import concrete
from .function import extended_function, numpy_function, refuse
from .joining import concatenate, take_places
from .manipulation import ravel
from .places import nonzero_places

INT64 = np.dtype(np.int64)
INSTEAD = "isograd.numpy.unique(x, size=n), or np.sort(x)"


def numbers_of(x):
    return concrete(x, "the number of different elements", INSTEAD)


# ---- different elements ----

@extended_function("size", "fill_value")
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *,
           equal_nan=True, sorted=True, size=None, fill_value=None):
    """The different elements in ascending order, the first places where they stand, the number of
    its element for each place, and how often each occurs.

    size: how many elements there are, which need not be known then; fill_value (the smallest
    element) stands for those missing, with count 0.
    """
    if size is None:
        return _unique_known(ar, return_index, return_inverse, return_counts, axis, equal_nan)
    refuse("unique", "axis= with size=", axis is not None, "axis=None")
    results = _unique_sized(ar, as_int(size, "unique: size"), fill_value, equal_nan)
    wanted = (True, return_index, return_inverse, return_counts)
    results = [y for y, want in zip(results, wanted, strict=True) if want]
    return results[0] if len(results) == 1 else tuple(results)


def _unique_known(ar, return_index, return_inverse, return_counts, axis, equal_nan):
    numbers = numbers_of(ar)
    _, first, *more = np.unique(numbers, True, return_inverse, return_counts, axis,
                                equal_nan=equal_nan)
    if axis is None:
        values = gather(ravel(ar), first)
    else:
        ar = strong_operand(ar)
        values = take_places(ar, first, one_axis(axis, ndim_of(ar), "unique"))
    results = [values, *[first] * return_index, *more]
    return results[0] if len(results) == 1 else tuple(results)


def _unique_sized(ar, size, fill_value, equal_nan):
    """Sort; the elements that differ from the one before are the first of their kind."""
    ar = strong_operand(ar)
    x, n = ravel(ar), size_of(ar)
    if not n:
        empty = zeros_of((size,), dtype_of(x))
        return empty + (fill_value or 0), iota(size) * 0, zeros_of(shape_of(ar), INT64), iota(size)
    order = scan.argsort(x, 0)
    x = gather(x, order)
    fresh = join([np.ones(1, bool), _differs(x, equal_nan)], 0)
    starts = nonzero_places(fresh, size + 1, n)[0]
    place = ops.minimum(take_range(starts, 0, 0, size), n - 1)
    there = ops.less(take_range(starts, 0, 0, size), n)
    fill = x[0] if fill_value is None else np.asarray(fill_value, dtype_of(x))[()]
    values = ops.select(there, gather(x, place), fill)
    index = ops.select(there, gather(order, place), order[0])
    numbers = ops.subtract(scan.cumsum(cast_to(fresh, INT64), 0), 1)
    inverse = scatter(zeros_of((n,), INT64), numbers, order, mode="set", unique=True)
    counts = ops.subtract(take_range(starts, 0, 1, size + 1), take_range(starts, 0, 0, size))
    return values, index, reshape(inverse, shape_of(ar)), counts


def _differs(x, equal_nan):
    """Whether each element of a sorted vector, but the first, differs from the one before."""
    n = size_of(x)
    before, here = take_range(x, 0, 0, n - 1), take_range(x, 0, 1, n)
    differs = ops.not_equal(before, here)
    if equal_nan and dtype_of(x).kind in "fc":
        both_nan = ops.logical_and(ops.isnan(before), ops.isnan(here))
        differs = ops.logical_and(differs, ops.logical_not(both_nan))
    return differs


# The types that NumPy's functions return.
_EXAMPLE = np.zeros(1)
UniqueAll, UniqueCounts, UniqueInverse = [
    type(f(_EXAMPLE)) for f in (np.unique_all, np.unique_counts, np.unique_inverse)]


@extended_function("size", "fill_value")
def unique_values(x, *, size=None, fill_value=None):
    """The different elements, each NaN one of its own; size, fill_value: as for unique."""
    return unique(x, equal_nan=False, size=size, fill_value=fill_value)


@extended_function("size", "fill_value")
def unique_counts(x, *, size=None, fill_value=None):
    """(values, counts): the different elements, and how often each occurs."""
    return UniqueCounts(*unique(x, return_counts=True, equal_nan=False, size=size,
                                fill_value=fill_value))


@extended_function("size", "fill_value")
def unique_inverse(x, *, size=None, fill_value=None):
    """(values, inverse_indices): x is values[inverse_indices]."""
    return UniqueInverse(*unique(x, return_inverse=True, equal_nan=False, size=size,
                                 fill_value=fill_value))


@extended_function("size", "fill_value")
def unique_all(x, *, size=None, fill_value=None):
    """(values, indices, inverse_indices, counts); see unique."""
    return UniqueAll(*unique(x, True, True, True, equal_nan=False, size=size,
                             fill_value=fill_value))


# ---- several sets ----

@extended_function("size", "fill_value")
def union1d(ar1, ar2, *, size=None, fill_value=None):
    """The different elements of both arrays; size, fill_value: as for unique."""
    return unique(concatenate((ravel(ar1), ravel(ar2))), size=size, fill_value=fill_value)


@numpy_function
def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    """The elements that are in both arrays; with return_indices their first places in each."""
    ar1, ar2 = promote(ravel(ar1), ravel(ar2))
    _, place1, place2 = np.intersect1d(numbers_of(ar1), numbers_of(ar2), assume_unique, True)
    values = gather(ar1, place1)
    return (values, place1, place2) if return_indices else values


@numpy_function
def setdiff1d(ar1, ar2, assume_unique=False):
    """The elements of the first array that are not in the second."""
    ar1, ar2 = ravel(ar1), numbers_of(ravel(ar2))
    numbers = numbers_of(ar1)
    first = iota(numbers.size) if assume_unique else np.unique(numbers, return_index=True)[1]
    return gather(ar1, first[~np.isin(numbers[first], ar2)])


@numpy_function
def setxor1d(ar1, ar2, assume_unique=False):
    """The elements that are in one of the arrays only."""
    ar1, ar2 = promote(ravel(ar1), ravel(ar2))
    return unique(concatenate((setdiff1d(ar1, ar2), setdiff1d(ar2, ar1))))
