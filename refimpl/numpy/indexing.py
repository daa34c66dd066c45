"""x[index] and x.at[index]: one reading of NumPy's index for getting and for setting."""

from __future__ import annotations

import operator
from typing import NamedTuple

import numpy as np

from ..aval import aval_of
from ..errors import ConcretizationError, DtypeError, IndexingError, ShapeError
from ..ops import elementwise as ops
from ..ops.index import gather, iota, scatter
from ..ops.linear import broadcast_to, cast_to, permute, reshape
from ..ops.movement import flip, slice_
from ..trace import Tracer
from .common import dtype_of, one_axis, operand, refuse_out, shape_of, strong_operand
from .elementwise import concrete, nonzero_of
from .manipulation import ravel, take_places


class Basic(NamedTuple):
    """Slices for every axis, those to reverse, and the shape after dropping and adding axes."""

    starts: tuple
    stops: tuple
    steps: tuple
    reversed: tuple
    shape: tuple


class Index(NamedTuple):
    """A read index: first the basic part, then integer arrays for `axes` of what that gives.

    destination: where the axes of the index arrays stand in the result.
    """

    basic: Basic
    axes: tuple[int, ...]
    arrays: tuple
    destination: int


# ---- reading an index ----

def read_index(index, shape):
    """Normalise NumPy's index for an array of this shape."""
    items = _expand_ellipsis(index if isinstance(index, tuple) else (index,), len(shape))
    advanced = any(map(_is_array, items))
    sliced, out, arrays = [], [], []        # one (start, stop, step, reversed) for each axis
    for item in items:
        axis = len(sliced)
        n = shape[axis] if item is not None else 1
        if item is None:
            out.append(1)
        elif isinstance(item, slice):
            sliced.append(_slice(item, n))
            out.append(len(range(*sliced[-1][:3])))
        elif _is_int(item):
            start = _one_place(operator.index(item), n, axis)
            sliced.append((start, start + 1, 1, False))
            if advanced:        # among arrays, an integer is an array without axes
                arrays.append((len(out), np.zeros((), int)))
                out.append(1)
        else:
            sliced.append((0, n, 1, False))
            arrays.append((len(out), _index_array(item, n, axis)))
            out.append(n)
    basic = Basic(*_columns(sliced), tuple([i for i, s in enumerate(sliced) if s[3]]), tuple(out))
    axes = tuple([place for place, _ in arrays])
    return Index(basic, axes, tuple([a for _, a in arrays]), _destination(items, axes))


def _columns(sliced):
    return [tuple([s[k] for s in sliced]) for k in range(3)]


def _is_int(item):
    if isinstance(item, (bool, np.bool_)):
        return False
    if isinstance(item, Tracer):
        return False
    return hasattr(item, "__index__") and not isinstance(item, np.ndarray)


def _is_array(item):
    return not (item is None or isinstance(item, slice) or _is_int(item))


def _expand_ellipsis(items, ndim):
    """Spell out `...`, boolean masks (as the places where they hold), and missing axes."""
    spelled = []
    for item in items:
        spelled += _mask_places(item) if _is_mask(item) else [item]
    used = sum(item is not None and item is not Ellipsis for item in spelled)
    if used > ndim:
        raise IndexingError("too many indices", got=f"{used} for an array with {ndim} axes")
    dots = [i for i, item in enumerate(spelled) if item is Ellipsis]
    if len(dots) > 1:
        raise IndexingError("an index has one ellipsis at most", got=f"{len(dots)}")
    place = dots[0] if dots else len(spelled)
    return [*spelled[:place], *[slice(None)] * (ndim - used), *spelled[place + 1:]]


def _is_mask(item):
    if isinstance(item, list):
        item = np.asarray(item)
    if isinstance(item, (bool, np.bool_)):
        raise IndexingError("a single bool is no index for traced arrays", got=repr(item),
                            instead="np.where, or x[None]")
    return isinstance(item, (Tracer, np.ndarray)) and dtype_of(item).kind == "b"


def _mask_places(mask):
    return list(np.nonzero(np.asarray(concrete(mask))))


def _slice(item, n):
    """Return (start, stop, step > 0, reversed): the same elements from low to high."""
    parts = [part if part is None else _static(part) for part in
             (item.start, item.stop, item.step)]
    places = range(*slice(*parts).indices(n))
    if places.step > 0:
        return places.start, max(places.start, places.stop), places.step, False
    if not places:
        return 0, 0, 1, False
    return places[-1], places[0] + 1, -places.step, True


def _static(part):
    if isinstance(part, Tracer):
        try:
            return operator.index(part)
        except ConcretizationError:
            raise ConcretizationError(
                "a slice with a traced bound has no static shape", got=f"{part!r}",
                wanted="Python integers in x[a:b]",
                instead="x[start + np.arange(length)], or static_argnums") from None
    return operator.index(part)


def _one_place(i, n, axis):
    if not -n <= i < n:
        raise IndexingError(f"index {i} is out of bounds", got=f"axis {axis} of size {n}")
    return i % n


def _index_array(item, n, axis):
    item = strong_operand(item)
    if dtype_of(item).kind not in "iu" and not (isinstance(item, np.ndarray) and item.size == 0):
        raise IndexingError("an index must be integers, slices, None, ... or a mask",
                            got=str(aval_of(item)), instead="x[i.astype(int)]")
    if isinstance(item, np.ndarray) and item.size == 0:
        item = item.astype(int)
    if isinstance(item, (np.ndarray, np.generic)) and np.size(item):
        low, high = np.min(item), np.max(item)
        if low < -n or high >= n:
            raise IndexingError(f"index {low if low < -n else high} is out of bounds",
                                got=f"axis {axis} of size {n}")
    return item


def _destination(items, axes):
    """NumPy's rule: in place of the index arrays if these are neighbours, else in front."""
    kinds = [not (item is None or isinstance(item, slice)) for item in items]
    where = [i for i, k in enumerate(kinds) if k]
    together = where == list(range(where[0], where[0] + len(where))) if where else True
    return axes[0] if axes and together else 0


# ---- getting ----

def getitem(x, index):
    """x[index] with NumPy's meaning."""
    read = read_index(index, shape_of(x))
    y = _basic(x, read.basic)
    if not read.arrays:
        return y
    rest = [i for i in range(len(shape_of(y))) if i not in read.axes]
    picked = gather(permute(y, (*read.axes, *rest)), *read.arrays)
    return _place_index_axes(picked, len(rest), read.destination)


def _basic(x, basic):
    sizes = shape_of(x)
    whole = (basic.starts == (0,) * len(sizes) and basic.stops == sizes
             and basic.steps == (1,) * len(sizes))
    y = x if whole else slice_(x, basic.starts, basic.stops, basic.steps)
    if basic.reversed:
        y = flip(y, axes=basic.reversed)
    return reshape(y, basic.shape)


def _place_index_axes(picked, rest, destination):
    """Move the axes of the index arrays, which stand in front, to their place."""
    count = len(shape_of(picked)) - rest
    order = [*range(count, count + destination), *range(count),
             *range(count + destination, count + rest)]
    return permute(picked, tuple(order))


# ---- setting: functional updates ----

class At:
    """`at(x)[i].set(v)`: x with x[i] replaced, and likewise add, multiply, min, max, apply, get.

    x itself does not change. Where an index names a place more than once, `add` adds every value,
    as np.add.at, and `set` keeps the last.
    """

    def __init__(self, x):
        self.x = strong_operand(x)

    def __getitem__(self, index):
        return Place(self.x, index)

    def __repr__(self):
        return "at(x)[index].set/add/subtract/multiply/divide/power/min/max/apply/get(...)"


class Place(NamedTuple):
    """A place of an array; see At."""

    x: object
    index: object

    def get(self):
        """x[index]."""
        return getitem(self.x, self.index)

    def set(self, values):
        """x with x[index] = values."""
        return _update(self, values, "set")

    def add(self, values):
        """x with x[index] += values, every repeated index counted."""
        return _update(self, values, "add")

    def subtract(self, values):
        """x with x[index] -= values."""
        return _update(self, ops.negative(operand(values)), "add")

    def multiply(self, values):
        """x with x[index] *= values."""
        return _update(self, values, "multiply")

    def divide(self, values):
        """x with x[index] /= values."""
        return self.set(ops.divide(self.get(), operand(values)))

    def power(self, values):
        """x with x[index] **= values."""
        return self.set(ops.power(self.get(), operand(values)))

    def min(self, values):
        """x with the smaller of x[index] and values."""
        return _update(self, values, "minimum")

    def max(self, values):
        """x with the larger of x[index] and values."""
        return _update(self, values, "maximum")

    def apply(self, function):
        """x with function(x[index]) at the index."""
        return self.set(function(self.get()))


def at(x):
    """Functional updates of an array or tracer: `at(x)[i].set(v)`; see At."""
    return At(x)


def _update(place, values, mode):
    """Scatter values to the flat places that the index names."""
    x, index = place
    if _is_mask(index) and isinstance(index, Tracer):
        return _update_where(x, index, values, mode)
    places = places_of(index, shape_of(x))
    values = cast_to(operand(values), dtype_of(x)) if mode == "set" else operand(values)
    shape = shape_of(places)
    try:
        values = broadcast_to(_drop_leading_ones(values, len(shape)), shape)
    except ShapeError:
        raise ShapeError("x[index] = values: the values do not fit", got=str(shape_of(values)),
                         wanted=str(shape)) from None
    static = not isinstance(places, Tracer)
    unique = static and len(np.unique(places)) == places.size
    flat = scatter(ravel(x), values, places, mode=mode, unique=unique)
    return reshape(flat, shape_of(x))


def _drop_leading_ones(values, ndim):
    shape = shape_of(values)
    while len(shape) > ndim and shape[0] == 1:
        shape = shape[1:]
    return reshape(values, shape)


_MASKED = {"set": lambda x, v: v, "add": ops.add, "multiply": ops.multiply,
           "minimum": ops.minimum, "maximum": ops.maximum}


def _update_where(x, mask, values, mode):
    """A traced mask of x's shape and one value for all places: no shape depends on the mask."""
    if shape_of(mask) != shape_of(x) or shape_of(operand(values)):
        raise ConcretizationError("x[mask] = values with a traced mask wants a mask of x's shape "
                                  "and one value", got=f"mask {aval_of(mask)}",
                                  instead="np.where(mask, values, x)")
    return ops.select(mask, cast_to(_MASKED[mode](x, operand(values)), dtype_of(x)), x)


def places_of(index, shape):
    """The flat places that an index names, in the shape of x[index]."""
    size = int(np.prod(shape))
    return getitem(iota(size).reshape(shape) if size else np.zeros(shape, int), index)


# ---- functions ----

def take(a, indices, axis=None, out=None, mode="raise"):
    """Elements at integer places of an axis (None: of the raveled array)."""
    refuse_out(out, "take")
    a, indices = strong_operand(a), strong_operand(indices)
    if mode == "wrap" or mode == "clip":
        n = int(np.prod(shape_of(a))) if axis is None else shape_of(a)[axis]
        indices = ops.remainder(indices, n) if mode == "wrap" else \
            ops.minimum(ops.maximum(indices, 0), n - 1)
    if axis is None:
        return gather(ravel(a), indices)
    axis = one_axis(axis, len(shape_of(a)), "take")
    return getitem(a, (*(slice(None),) * axis, indices))


def take_along_axis(arr, indices, axis=-1):
    """Elements at places given for each line along an axis."""
    arr, indices = strong_operand(arr), strong_operand(indices)
    if axis is None:
        return gather(ravel(arr), indices)
    axis = one_axis(axis, len(shape_of(arr)), "take_along_axis")
    shape = list(shape_of(arr))
    shape[axis] = shape_of(indices)[axis]
    grids = [indices if i == axis else
             np.arange(n).reshape([n if j == i else 1 for j in range(len(shape))])
             for i, n in enumerate(shape)]
    return gather(arr, *grids)


def choose(a, choices, out=None, mode="raise"):
    """For each place, the element of the choice that a names."""
    refuse_out(out, "choose")
    stacked = np.broadcast_shapes(*[shape_of(operand(c)) for c in choices], shape_of(operand(a)))
    result = broadcast_to(operand(choices[0]), stacked)
    for i, choice in enumerate(choices[1:], 1):
        result = ops.select(ops.equal(operand(a), i), operand(choice), result)
    return result


def compress(condition, a, axis=None, out=None):
    """The parts of an axis where a (known) condition holds."""
    refuse_out(out, "compress")
    a = ravel(a) if axis is None else strong_operand(a)
    places, = nonzero_of(condition)
    return take_places(a, places, one_axis(axis or 0, len(shape_of(a)), "compress"))


def extract(condition, arr):
    """The elements where a (known) condition holds."""
    return compress(ravel(condition), ravel(arr))


def nonzero(a):
    """The places where a (known) array is not zero."""
    return nonzero_of(a)


def argwhere(a):
    """The places where a (known) array is not zero, one a row."""
    return np.transpose(nonzero_of(a))


def flatnonzero(a):
    """The places where a (known) raveled array is not zero."""
    return nonzero_of(ravel(a))[0]


def select(condlist, choicelist, default=0):
    """The first choice whose condition holds, else the default."""
    if len(condlist) != len(choicelist):
        raise DtypeError("select: as many conditions as choices",
                         got=f"{len(condlist)} and {len(choicelist)}")
    result = operand(default)
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = ops.select(operand(condition), operand(choice), result)
    return result


def piecewise(x, condlist, funclist, *args, **kw):
    """Functions of x by condition; every function is computed everywhere."""
    x = strong_operand(x)
    values = [f(x, *args, **kw) if callable(f) else f for f in funclist]
    default = values.pop() if len(values) == len(condlist) + 1 else 0
    y = default
    for condition, value in zip(condlist, values, strict=True):
        y = ops.select(operand(condition), operand(value), operand(y))
    return cast_to(y, dtype_of(x))
