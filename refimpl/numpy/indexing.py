"""x[index]: one reading of NumPy's index, used for getting (here) and for setting (updates.py).

An index is read as a *basic* part (slices, integers, new axes) and integer arrays for some of the
axes that it leaves. A mask stands for the integer arrays of the places where it holds.
"""

from __future__ import annotations

import operator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..errors import ArgumentError, ConcretizationError, IndexingError
from ..ops.index import gather, index_shape
from ..ops.linear import permute, reshape
from ..ops.movement import flip, slice_
from ..trace import Tracer
from .common import dtype_of, has_tracers, ndim_of, operand, shape_of
from .concrete import places_where


class Basic(NamedTuple):
    """One slice an axis, the axes to reverse, and the shape after dropping and adding axes.

    lead: the integers of an index x[i, j] that is nothing but leading integers, else None.
    """

    starts: tuple
    stops: tuple
    steps: tuple
    reversed: tuple
    shape: tuple
    lead: tuple | None

    def keeps_all(self, shape):
        """Whether the slices leave nothing out."""
        return self.stops == shape and not any(self.starts) and set(self.steps) <= {1}

    def is_whole(self, shape):
        """Whether everything stays in place."""
        return self.keeps_all(shape) and not self.reversed and self.shape == shape


class Index(NamedTuple):
    """A read index: the basic part, then integer arrays for `axes` of what that gives.

    destination: where the axes of the index arrays stand in the result.
    """

    basic: Basic
    axes: tuple[int, ...]
    arrays: tuple
    destination: int

    def order(self, ndim):
        """The axes of the basic part, those of the index arrays first."""
        return (*self.axes, *[i for i in range(ndim) if i not in self.axes])


# ---- reading ----

class Mask(NamedTuple):
    """A mask: an array of places for each of its axes; without axes, one for a new axis."""

    shape: tuple[int, ...]
    places: tuple


_ARRAYS = (np.ndarray, Tracer, Mask)


def read_index(index, shape):
    """Normalise NumPy's index for an array of this shape."""
    items = [_read_item(item) for item in (index if type(index) is tuple else (index,))]
    items = _complete(items, len(shape))
    advanced = any(isinstance(item, _ARRAYS) for item in items)
    slices, out, axes, arrays = [], [], [], []

    def add_array(places, n):
        axes.append(len(out))
        arrays.append(places)
        out.append(n)

    for item in items:
        axis = len(slices)
        if item is None:
            out.append(1)
        elif type(item) is slice:
            slices.append(_slice(item, shape[axis]))
            out.append(len(range(*slices[-1][:3])))
        elif isinstance(item, Mask) and not item.shape:
            add_array(item.places[0], 1)
        elif isinstance(item, _ARRAYS) or (advanced and item is not Ellipsis):
            for places, n in _index_arrays(item, shape, axis):
                slices.append((0, n, 1, False))
                add_array(places, n)
        elif item is not Ellipsis:
            i = _one_place(item, shape[axis], axis)
            slices.append((i, i + 1, 1, False))
    starts, stops, steps, backwards = zip(*slices, strict=True) if slices else ((), (), (), ())
    lead = None if advanced else _leading_integers(items, starts)
    basic = Basic(starts, stops, steps, tuple([i for i, b in enumerate(backwards) if b]),
                  tuple(out), lead)
    return Index(basic, tuple(axes), tuple(arrays), _destination(items, axes))


def _read_basic_again(index, shape):
    """A basic index read before: integers, slices of integers, None and ... only, else None."""
    key = []
    for item in index if type(index) is tuple else (index,):
        if type(item) is slice:
            item = (item.start, item.stop, item.step)
            if not _STATIC.issuperset(map(type, item)):
                return None
        elif type(item) not in _STATIC:
            return None
        key.append(item)
    return _read_key(tuple(key), shape)


_STATIC = frozenset((int, type(None), type(Ellipsis)))


@lru_cache(4096)
def _read_key(key, shape):
    items = [slice(*item) if type(item) is tuple else item for item in key]
    return read_index(tuple(items), shape)


def _read_item(item):
    """Return None, Ellipsis, a slice, an int, a Mask, or an integer array, traced or not."""
    if item is None or item is Ellipsis or type(item) is slice:
        return item
    if not isinstance(item, (bool, np.bool_, np.ndarray, list, tuple, Tracer)):
        try:
            return operator.index(item)
        except TypeError:
            raise _not_an_index(item) from None
    if isinstance(item, (list, tuple)) and not has_tracers(item) and not np.size(item):
        item = np.zeros(np.shape(item), np.intp)    # an empty list names no place
    item = operand(item)
    kind = dtype_of(item).kind
    if kind == "b":
        places = places_where(item) if np.ndim(item) else (np.zeros(int(bool(item)), np.intp),)
        return Mask(np.shape(item), places)
    if kind not in "iu":
        raise _not_an_index(item)
    return item if isinstance(item, Tracer) or np.ndim(item) else int(item)


def _not_an_index(item):
    return IndexingError("an index is made of integers, slices, None, ..., integer arrays, masks",
                         got=repr(item), instead="x[i.astype(int)]")


def _complete(items, ndim):
    """Put slices of whole axes behind `...`, which still separates index arrays, or at the end."""
    used = sum([_axes_taken(item) for item in items])
    if used > ndim:
        raise IndexingError("too many indices", got=f"{used} for an array of {ndim} axes")
    dots = [i for i, item in enumerate(items) if item is Ellipsis]
    if len(dots) > 1:
        raise IndexingError("an index has one ellipsis at most", got=f"{len(dots)} of them")
    place = dots[0] + 1 if dots else len(items)
    return [*items[:place], *[slice(None)] * (ndim - used), *items[place:]]


def _axes_taken(item):
    if item is None or item is Ellipsis:
        return 0
    return len(item.shape) if isinstance(item, Mask) else 1


def _slice(item, n):
    """Return (start, stop, step > 0, reversed): the same elements from low to high."""
    start, stop, step = [_bound(part) for part in (item.start, item.stop, item.step)]
    if step == 0:
        raise ArgumentError("a slice has step 0", got=str(item), wanted="another step, or none")
    places = range(*slice(start, stop, step).indices(n))
    if not places:
        return places.start if step is None or step > 0 else 0, 0, 1, False
    if places.step > 0:
        return places.start, places.stop, places.step, False
    return places[-1], places[0] + 1, -places.step, True


def _bound(part):
    if part is None:
        return None
    try:
        return operator.index(part)
    except ConcretizationError:
        raise ConcretizationError(
            "a slice with a traced bound has no static shape", got=repr(part),
            wanted="Python integers in x[a:b]",
            instead="x[start + np.arange(length)], or static_argnums") from None


def _one_place(item, n, axis):
    i = operator.index(item)
    if not -n <= i < n:
        raise IndexingError(f"index {i} is out of bounds", got=f"axis {axis} of size {n}",
                            wanted=f"{-n} to {n - 1}")
    return i % n


def _index_arrays(item, shape, axis):
    """Return (integer array, size of the axis that it reads), one for each axis of a mask."""
    if isinstance(item, Mask):
        sizes = shape[axis:axis + len(item.shape)]
        if item.shape != sizes:
            raise IndexingError("a mask does not fit the axes that it stands for",
                                got=str(item.shape), wanted=str(sizes))
        return zip(item.places, sizes, strict=True)
    n = shape[axis]
    if isinstance(item, int):
        item = np.asarray(_one_place(item, n, axis))
    elif not isinstance(item, Tracer) and item.size:
        for i in (item.min(), item.max()):
            _one_place(i, n, axis)
    return [(item, n)]


def _leading_integers(items, starts):
    """The integers of x[i, j, ...], if the index has nothing else."""
    flags = [isinstance(item, int) for item in items]
    count = sum(flags)
    nothing_else = all(item is Ellipsis or item == slice(None) for item in items[count:])
    return starts[:count] if count and all(flags[:count]) and nothing_else else None


def _destination(items, axes):
    """NumPy's rule: in place of the index arrays if these are neighbours, else in front."""
    places = [i for i, item in enumerate(items)
              if item is not None and item is not Ellipsis and type(item) is not slice]
    if not axes or places != list(range(places[0], places[0] + len(places))):
        return 0
    return axes[0]


# ---- getting ----

def getitem(x, index):
    """x[index] with NumPy's meaning."""
    shape = shape_of(x)
    if isinstance(index, (np.ndarray, Tracer)) and dtype_of(index).kind in "iu" and shape:
        (places, _), = _index_arrays(index, shape, 0)
        return gather(x, places)
    read = _read_basic_again(index, shape) or read_index(index, shape)
    y = get_basic(x, read.basic)
    if not read.arrays:
        return y
    return place_index_axes(gather(permute(y, read.order(ndim_of(y))), *read.arrays), read)


def get_basic(x, basic):
    """The basic part: slice, reverse, drop and add axes."""
    if not basic.keeps_all(shape_of(x)):
        x = slice_(x, basic.starts, basic.stops, basic.steps)
    if basic.reversed:
        x = flip(x, axes=basic.reversed)
    return reshape(x, basic.shape)


def index_axes_order(read):
    """The permutation that moves the axes of the index arrays from the front to their place."""
    count = len(index_shape(*[shape_of(i) for i in read.arrays]))
    rest = len(read.basic.shape) - len(read.axes)
    before = range(count, count + read.destination)
    after = range(count + read.destination, count + rest)
    return (*before, *range(count), *after)


def place_index_axes(picked, read):
    return permute(picked, index_axes_order(read))
