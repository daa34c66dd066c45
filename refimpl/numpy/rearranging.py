"""Rearranging elements along axes: flipping, rolling, repeating, padding."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ops import movement
from ..ops.index import take_range
from ..ops.linear import broadcast_to, cast_to
from ..ops.linear import reshape as reshape_to
from .common import (
    as_int,
    as_shape,
    dtype_of,
    expand,
    is_traced,
    many_axes,
    ndim_of,
    one_axis,
    operand,
    sequence,
    shape_of,
    strong_operand,
)
from .concrete import concrete
from .function import numpy_function, refuse
from .joining import renumbered, take_places
from .manipulation import ravel, swapaxes
from .views import back_by_place, view

# ---- flipping and rolling ----

@numpy_function
@view(back_by_place)
def flip(m, axis=None):
    """Reverse the order along axes."""
    m = strong_operand(m)
    axes = many_axes(axis, ndim_of(m), "flip")
    return movement.flip(m, axes=axes) if axes else m


@numpy_function
@view(back_by_place)
def flipud(m):
    """Reverse the order along the first axis."""
    return flip(m, 0)


@numpy_function
@view(back_by_place)
def fliplr(m):
    """Reverse the order along the second axis."""
    return flip(m, 1)


@numpy_function
@view(back_by_place)
def rot90(m, k=1, axes=(0, 1)):
    """Turn the plane of two axes by k right angles."""
    m = strong_operand(m)
    i, j = [one_axis(axis, ndim_of(m), "rot90") for axis in axes]
    if i == j:
        raise ArgumentError("rot90: two different axes", got=str(axes))
    turns = [lambda: m, lambda: swapaxes(flip(m, j), i, j), lambda: flip(flip(m, i), j),
             lambda: flip(swapaxes(m, i, j), j)]
    return turns[k % 4]()


@numpy_function
def roll(a, shift, axis=None):
    """Move elements along axes; those that fall off the end come back at the start."""
    a = strong_operand(a)
    if axis is None:
        return reshape_to(roll(ravel(a), shift, 0), shape_of(a))
    shifts, axes = np.broadcast_arrays(sequence(shift), sequence(axis))
    for n, i in zip(shifts.tolist(), axes.tolist(), strict=True):
        a = _roll_axis(a, as_int(n, "roll: the shift"), one_axis(i, ndim_of(a), "roll"))
    return a


def _roll_axis(a, shift, axis):
    n = shape_of(a)[axis]
    cut = -shift % n if n else 0
    if cut == 0:
        return a
    return movement.concatenate([take_range(a, axis, cut, n), take_range(a, axis, 0, cut)], axis)


# ---- repeating ----

@numpy_function
def repeat(a, repeats, axis=None):
    """Repeat each element along an axis."""
    a = strong_operand(a)
    if axis is None:
        a, axis = ravel(a), 0
    axis = one_axis(axis, ndim_of(a), "repeat")
    counts = concrete(repeats, "the number of repeats", "np.where, or static_argnums")
    n = shape_of(a)[axis]
    if counts.size == 1:
        return _repeat_all(a, as_int(counts.item(), "repeat: the number of repeats"), axis)
    return take_places(a, np.repeat(np.arange(n), counts), axis)


def _repeat_all(a, count, axis):
    """Repeat every element `count` times: a broadcast along a new axis."""
    sizes = shape_of(a)
    wide = broadcast_to(expand(a, (axis + 1,)), (*sizes[:axis + 1], count, *sizes[axis + 1:]))
    return reshape_to(wide, (*sizes[:axis], sizes[axis] * count, *sizes[axis + 1:]))


@numpy_function
def tile(A, reps):
    """Repeat the whole array along axes: a broadcast along new axes."""
    a, reps = strong_operand(A), as_shape(reps)
    ndim = max(len(reps), ndim_of(a))
    reps = (1,) * (ndim - len(reps)) + reps
    sizes = (1,) * (ndim - ndim_of(a)) + shape_of(a)
    narrow = tuple([k for n in sizes for k in (1, n)])
    wide = tuple([k for r, n in zip(reps, sizes, strict=True) for k in (r, n)])
    return reshape_to(broadcast_to(reshape_to(a, narrow), wide),
                      tuple([r * n for r, n in zip(reps, sizes, strict=True)]))


# ---- padding ----

BY_PLACE = ("edge", "reflect", "symmetric", "wrap")


@numpy_function
def pad(array, pad_width, mode="constant", **kwargs):
    """Put elements around: mode "constant" (constant_values=), "edge", "reflect", "symmetric",
    "wrap" or "empty".
    """
    a = strong_operand(array)
    widths = _pad_widths(pad_width, ndim_of(a))
    if mode == "constant":
        return _pad_constant(a, widths, kwargs.pop("constant_values", 0), **kwargs)
    if mode == "empty":
        return _pad_constant(a, widths, 0)
    even = kwargs.pop("reflect_type", "even") == "even"
    refuse("pad", f"mode={mode!r}", mode not in BY_PLACE or kwargs or not even,
           ", ".join(("constant", *BY_PLACE)))
    for axis, (low, high) in enumerate(widths):
        if low or high:
            places = renumbered(np.pad, shape_of(a)[axis], (low, high), mode)
            a = take_places(a, places, axis)
    return a


def _pad_widths(pad_width, ndim):
    if isinstance(pad_width, dict):
        widths = [(0, 0)] * ndim
        for axis, pair in pad_width.items():
            widths[axis] = (pair, pair) if np.ndim(pair) == 0 else tuple(pair)
        return widths
    try:
        widths = np.broadcast_to(np.asarray(pad_width), (ndim, 2)).tolist()
    except ValueError:
        raise ShapeError("pad: the widths do not fit the array", got=repr(pad_width),
                         wanted=f"pairs (before, after), one for each of {ndim} axes") from None
    if any(n < 0 for pair in widths for n in pair):
        raise ArgumentError("pad: widths cannot be negative", got=repr(pad_width))
    return widths


def _pad_constant(a, widths, values):
    """Zeros are an operation of its own; other numbers are joined, axis by axis as in NumPy."""
    if not is_traced(values) and np.ndim(values) == 0 and values == 0:
        return movement.pad(a, tuple([(low, high, 0) for low, high in widths]))
    values = broadcast_to(cast_to(operand(values), dtype_of(a)), (ndim_of(a), 2))
    for axis, pair in enumerate(widths):
        sides = [_slab(a, axis, n, values[axis, k]) for k, n in enumerate(pair)]
        a = movement.concatenate([sides[0], a, sides[1]], axis)
    return a


def _slab(a, axis, n, value):
    """n elements of one value, to put beside a along an axis."""
    return broadcast_to(value, tuple([n if i == axis else m for i, m in enumerate(shape_of(a))]))
