"""x[index]: one reading of NumPy's index, used for getting (here) and for setting (at.py).

An index is read as a *basic* part (slices, integers, new axes) and integer arrays for some of the
axes that it leaves. A mask stands for the integer arrays of the places where it holds.
"""

from __future__ import annotations

import operator
from typing import NamedTuple

import numpy as np

from ..errors import ConcretizationError, IndexingError
from ..ops.index import gather, index_shape
from ..ops.linear import permute, reshape
from ..ops.movement import flip, slice_
from ..trace import Tracer
from .common import dtype_of, ndim_of, operand, shape_of
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

    def is_whole(self, shape):
        """Whether the slices keep everything in place."""
        return (not self.reversed and self.stops == shape
                and not any(self.starts) and set(self.steps) <= {1})


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

def read_index(index, shape):
    """Normalise NumPy's index for an array of this shape."""
    items = _spell_out(index if type(index) is tuple else (index,), shape)
    advanced = any(map(_is_array, items))
    slices, out, axes, arrays = [], [], [], []
    for item in items:
        n = shape[len(slices)] if item is not None else 1
        if item is None:
            out.append(1)
        elif type(item) is slice:
            slices.append(_slice(item, n))
            out.append(len(range(*slices[-1][:3])))
        elif not advanced:
            i = _one_place(item, n, len(slices))
            slices.append((i, i + 1, 1, False))
        else:       # among arrays an integer is an array without axes
            axes.append(len(out))
            arrays.append(_index_array(item, n, len(slices)))
            slices.append((0, n, 1, False))
            out.append(n)
    starts, stops, steps, backwards = zip(*slices, strict=True) if slices else ((), (), (), ())
    lead = None if advanced else _leading_integers(items, starts)
    basic = Basic(starts, stops, steps, tuple([i for i, b in enumerate(backwards) if b]),
                  tuple(out), lead)
    return Index(basic, tuple(axes), tuple(arrays), _destination(items, axes))


def _is_integer(item):
    if isinstance(item, (bool, np.bool_, Tracer, np.ndarray)):
        return False
    return hasattr(item, "__index__")


def _is_array(item):
    return item is not None and type(item) is not slice and not _is_integer(item)


def _spell_out(items, shape):
    """Replace lists by arrays, masks by places, `...` and missing axes by full slices."""
    spelled = []
    axis = 0        # of a mask, if no ellipsis came before it
    for item in items:
        item = operand(item) if isinstance(item, (list, tuple)) else item
        if _is_mask(item):
            spelled += _mask_places(item, shape, axis)
        else:
            spelled.append(item)
        axis = None if item is Ellipsis or axis is None else axis + _axes_taken(item)
    used = sum(item is not None and item is not Ellipsis for item in spelled)
    if used > len(shape):
        raise IndexingError("too many indices", got=f"{used} for an array of {len(shape)} axes")
    dots = [i for i, item in enumerate(spelled) if item is Ellipsis]
    if len(dots) > 1:
        raise IndexingError("an index has one ellipsis at most", got=f"{len(dots)} of them")
    place = dots[0] if dots else len(spelled)
    return [*spelled[:place], *[slice(None)] * (len(shape) - used), *spelled[place + 1:]]


def _axes_taken(item):
    if item is None:
        return 0
    return ndim_of(item) if _is_mask(item) else 1


def _is_mask(item):
    if isinstance(item, (bool, np.bool_)):
        raise IndexingError("a single truth value as an index", got=repr(item),
                            instead="x[None] for True; np.where(condition, x, y)")
    return isinstance(item, (Tracer, np.ndarray)) and dtype_of(item).kind == "b"


def _mask_places(mask, shape, axis):
    """The places where a mask holds, an array an axis."""
    sizes = shape_of(mask)
    if axis is not None and shape[axis:axis + len(sizes)] != sizes:
        raise IndexingError("a mask does not fit the axes that it stands for", got=str(sizes),
                            wanted=str(shape[axis:axis + len(sizes)]))
    return list(places_where(mask))


def _slice(item, n):
    """Return (start, stop, step > 0, reversed): the same elements from low to high."""
    start, stop, step = [_bound(part) for part in (item.start, item.stop, item.step)]
    if step == 0:
        raise IndexingError("a slice has step 0", got=str(item))
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


def _index_array(item, n, axis):
    """Integers, traced or not, as an index array; known ones are checked here."""
    if _is_integer(item):
        return np.asarray(_one_place(item, n, axis))
    item = operand(item)
    if isinstance(item, np.ndarray) and item.size == 0 and item.dtype.kind == "f":
        item = item.astype(np.intp)     # the empty list
    if dtype_of(item).kind not in "iu":
        raise IndexingError("an index is made of integers, slices, None, ... and masks",
                            got=f"dtype {dtype_of(item)}", instead="x[i.astype(int)]")
    if not isinstance(item, Tracer) and item.size:
        for i in (np.min(item), np.max(item)):
            _one_place(i, n, axis)
    return item


def _leading_integers(items, starts):
    """The integers of x[i, j, ...], if the index has nothing else."""
    flags = [_is_integer(item) for item in items]
    count = sum(flags)
    nothing_else = all(item == slice(None) for item in items[count:])
    return starts[:count] if count and all(flags[:count]) and nothing_else else None


def _destination(items, axes):
    """NumPy's rule: in place of the index arrays if these are neighbours, else in front."""
    places = [i for i, item in enumerate(items) if item is not None and type(item) is not slice]
    if not axes or places != list(range(places[0], places[0] + len(places))):
        return 0
    return axes[0]


# ---- getting ----

def getitem(x, index):
    """x[index] with NumPy's meaning."""
    read = read_index(index, shape_of(x))
    y = get_basic(x, read.basic)
    if not read.arrays:
        return y
    return place_index_axes(gather(permute(y, read.order(ndim_of(y))), *read.arrays), read)


def get_basic(x, basic):
    """The basic part: slice, reverse, drop and add axes."""
    if not basic.is_whole(shape_of(x)):
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
