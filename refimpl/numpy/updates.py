"""at(x)[index].set(v): functional updates of arrays and traced values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..aval import aval_of
from ..errors import DtypeError, IndexingError, ShapeError
from ..ops import elementwise as ops
from ..ops.index import scatter
from ..ops.linear import broadcast_to, cast_to, inverse_permutation, permute, reshape
from ..ops.movement import flip, pad
from ..trace import Tracer
from .common import (
    dtype_of,
    is_weak,
    ndim_of,
    operand,
    promoted_dtype,
    shape_of,
    stored,
    strong_operand,
)
from .function import own_function
from .indexing import get_basic, getitem, index_axes_order, read_index


@own_function
def at(x):
    """Functional updates of an array or traced value: `at(x)[index].set(v)`; see At."""
    return At(x)


class At:
    """`at(x)[i].set(v)`: x with x[i] replaced; likewise add, multiply, min, max, apply, get, ...

    x itself does not change, and the result has its dtype. Where an index names an element more
    than once, `set` keeps the last value, and the other updates apply all of them.
    """

    def __init__(self, x):
        self.x = strong_operand(x)

    def __getitem__(self, index):
        return Place(self.x, index)

    def __repr__(self):
        return f"at({aval_of(self.x)})[index].set/add/multiply/min/max/apply/get(...)"


class Place(NamedTuple):
    """A place of an array; see At."""

    x: object
    index: object

    def get(self):
        """x[index]."""
        return getitem(self.x, self.index)

    def set(self, values):
        """x with x[index] = values."""
        return update(self, values, "set")

    def add(self, values):
        """x with x[index] += values."""
        return update(self, values, "add")

    def subtract(self, values):
        """x with x[index] -= values."""
        return update(self, ops.negative(operand(values)), "add")

    def multiply(self, values):
        """x with x[index] *= values."""
        return update(self, values, "multiply")

    def divide(self, values):
        """x with x[index] /= values; no element may be named twice."""
        return self.set(ops.divide(self.get(), operand(values)))

    def power(self, values):
        """x with x[index] **= values; no element may be named twice."""
        return self.set(ops.power(self.get(), operand(values)))

    def min(self, values):
        """x with the smaller of x[index] and values."""
        return update(self, values, "minimum")

    def max(self, values):
        """x with the larger of x[index] and values."""
        return update(self, values, "maximum")

    def apply(self, function):
        """x with function(x[index]) at the index; no element may be named twice."""
        return self.set(function(self.get()))


UPDATES = {"set": lambda x, v: v, "add": ops.add, "multiply": ops.multiply,
           "minimum": ops.minimum, "maximum": ops.maximum}


def update(place, values, mode):
    """x with x[index] updated by values."""
    x, index = place
    values = stored(values, dtype_of(x)) if mode == "set" else _beside(x, operand(values))
    if _is_plain_mask(x, index, values):
        mask = reshape(index, shape_of(index) + (1,) * (ndim_of(x) - ndim_of(index)))
        return ops.select(mask, _updated(x, values, mode), x)
    read = read_index(index, shape_of(x))
    old = get_basic(x, read.basic)
    if not read.arrays:
        shape = shape_of(old)
        return _set_basic(x, read.basic, _updated(old, _broadcast(values, shape), mode))
    new = _scatter(old, read, values, mode)
    return new if read.basic.is_whole(shape_of(x)) else _set_basic(x, read.basic, new)


def _is_plain_mask(x, index, values):
    """A mask whose values do not run along it: no shape depends on what the mask holds."""
    if not isinstance(index, (Tracer, np.ndarray)) or dtype_of(index).kind != "b":
        return False
    sizes = shape_of(index)
    if shape_of(x)[:len(sizes)] != sizes:
        raise IndexingError("a mask does not fit its array", got=str(sizes),
                            wanted=str(shape_of(x)[:len(sizes)]))
    return ndim_of(values) <= ndim_of(x) - len(sizes)


def _updated(old, values, mode):
    """What an update makes of old values; the dtype may not change (NumPy's rule for +=)."""
    new = UPDATES[mode](old, values)
    if mode != "set" and not np.can_cast(dtype_of(new), dtype_of(old), "same_kind"):
        raise DtypeError("an update would change the array's dtype",
                         got=f"{aval_of(values)} into {aval_of(old)}",
                         instead=f"x.astype({dtype_of(new).name!r})")
    return broadcast_to(cast_to(new, dtype_of(old)), shape_of(old))


def _broadcast(values, shape):
    """Broadcast to the shape of x[index]; leading axes of size 1 are dropped as NumPy does."""
    have = shape_of(values)
    while len(have) > len(shape) and have[0] == 1:
        have = have[1:]
    try:
        return broadcast_to(reshape(values, have), shape)
    except ShapeError:
        raise ShapeError("x[index] = values: the values do not fit the place",
                         got=str(shape_of(values)), wanted=f"what broadcasts to {shape}") from None


def _beside(x, values):
    """A Python number in the dtype of the array that it is computed with, where it fits in kind."""
    fits = is_weak(values) and promoted_dtype(x, values) == dtype_of(x)
    return cast_to(values, dtype_of(x)) if fits else values


def _set_basic(x, basic, values):
    """Put values, of the shape that the basic part has, into x."""
    if basic.lead is not None:
        return scatter(x, values, *map(np.asarray, basic.lead), mode="set", unique=True)
    sizes = tuple([len(range(*t)) for t in
                   zip(basic.starts, basic.stops, basic.steps, strict=True)])
    values = reshape(values, sizes)
    if basic.reversed:
        values = flip(values, axes=basic.reversed)
    if basic.keeps_all(shape_of(x)):
        return values
    config = _pad_config(basic, sizes, shape_of(x))
    inside = pad(broadcast_to(np.True_, sizes), config)
    return ops.select(inside, pad(values, config), x)


def _pad_config(basic, sizes, shape):
    """(low, high, interior) for each axis: what the slices left out."""
    config = []
    for start, step, count, n in zip(basic.starts, basic.steps, sizes, shape, strict=True):
        low = start if count else 0
        used = low + (count - 1) * step + 1 if count else 0
        config.append((low, n - used, step - 1))
    return tuple(config)


def _scatter(x, read, values, mode):
    """Update the elements that the index arrays name, whose axes are brought to the front."""
    order, places = read.order(ndim_of(x)), index_axes_order(read)
    moved = permute(x, order)
    front = tuple(np.broadcast_shapes(*map(shape_of, read.arrays)))
    picked = front + shape_of(moved)[len(read.axes):]
    values = _broadcast(values, tuple([picked[i] for i in places]))
    values = permute(values, inverse_permutation(places))
    unique = _are_unique(read.arrays, shape_of(moved)[:len(read.axes)])
    new = scatter(moved, values, *read.arrays, mode=mode, unique=unique)
    return permute(new, inverse_permutation(order))


def _are_unique(arrays, shape):
    """Whether known index arrays name no element twice."""
    if any(isinstance(i, Tracer) for i in arrays):
        return False
    places = [np.where(i < 0, i + n, i) for i, n in zip(arrays, shape, strict=True)]
    flat = np.ravel_multi_index(np.broadcast_arrays(*places), shape).ravel()
    return np.unique(flat).size == flat.size
