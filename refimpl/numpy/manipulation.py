"""Shapes: reshaping, transposing, joining, splitting, repeating, rolling, padding."""

from __future__ import annotations

import operator
from math import prod

import numpy as np

from ..errors import ShapeError
from ..ops import elementwise as ops
from ..ops import linear, movement
from ..ops.index import gather, take_range
from ..ops.linear import broadcast_to as broadcast
from ..ops.linear import cast_to, permute
from ..ops.linear import reshape as reshape_to
from .common import (
    broadcast_all,
    expand,
    many_axes,
    one_axis,
    operand,
    promote,
    refuse_out,
    shape_of,
    stack_nest,
    strong_operand,
)


def shape(a):
    """The sizes of the axes."""
    return shape_of(operand(a))


def ndim(a):
    """The number of axes."""
    return len(shape_of(operand(a)))


def size(a, axis=None):
    """The number of elements, or the size of an axis."""
    sizes = shape_of(operand(a))
    return prod(sizes) if axis is None else sizes[one_axis(axis, len(sizes), "size")]


# ---- one array ----

def as_shape(shape):
    """A shape as a tuple of ints."""
    try:
        return (operator.index(shape),)
    except TypeError:
        return tuple([operator.index(n) for n in shape])


def reshape(a, /, shape, order="C", *, copy=None):
    """The same elements in C (or Fortran) order with another shape; one size may be -1."""
    a = strong_operand(a)
    shape = fill_in(as_shape(shape), prod(shape_of(a)), shape_of(a))
    if order == "F":
        return transpose(reshape_to(transpose(a), shape[::-1]))
    return reshape_to(a, shape)


def fill_in(shape, n, have):
    """Replace a size of -1 by what is left."""
    if shape.count(-1) == 0:
        return shape
    rest = prod([k for k in shape if k != -1])
    if shape.count(-1) > 1 or rest == 0 or n % rest:
        raise ShapeError("reshape: -1 does not work out", got=f"{have} to {shape}",
                         wanted=f"sizes whose product divides {n}")
    return tuple([n // rest if k == -1 else k for k in shape])


def ravel(a, order="C"):
    """All elements in one axis."""
    return reshape(a, (-1,) if prod(shape(a)) else (0,), order)


def transpose(a, axes=None):
    """Reorder axes; reversed by default."""
    a = strong_operand(a)
    ndim = len(shape_of(a))
    if axes is None:
        return permute(a, tuple(reversed(range(ndim))))
    perm = tuple([one_axis(i, ndim, "transpose") for i in axes])
    if sorted(perm) != list(range(ndim)):
        raise ShapeError("transpose: axes do not match the array", got=str(tuple(axes)),
                         wanted=f"a permutation of 0..{ndim - 1}")
    return permute(a, perm)


permute_dims = transpose


def matrix_transpose(x, /):
    """Swap the last two axes."""
    return swapaxes(x, -1, -2)


def swapaxes(a, axis1, axis2):
    """Swap two axes."""
    a = strong_operand(a)
    perm = list(range(len(shape_of(a))))
    i, j = (one_axis(x, len(perm), "swapaxes") for x in (axis1, axis2))
    perm[i], perm[j] = perm[j], perm[i]
    return permute(a, tuple(perm))


def moveaxis(a, source, destination):
    """Move axes to other places; the others keep their order."""
    a = strong_operand(a)
    ndim = len(shape_of(a))
    sources = [one_axis(i, ndim, "moveaxis") for i in _sequence(source)]
    targets = [one_axis(i, ndim, "moveaxis") for i in _sequence(destination)]
    if len(sources) != len(targets):
        raise ShapeError("moveaxis: as many sources as destinations",
                         got=f"{source} and {destination}")
    order = [i for i in range(ndim) if i not in sources]
    for target, source_axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, source_axis)
    return permute(a, tuple(order))


def _sequence(x):
    return list(x) if isinstance(x, (tuple, list)) else [x]


def rollaxis(a, axis, start=0):
    """Move an axis in front of another."""
    a = strong_operand(a)
    axis = one_axis(axis, len(shape_of(a)), "rollaxis")
    start = start if start >= 0 else start + len(shape_of(a))
    return moveaxis(a, axis, start - (start > axis))


def squeeze(a, axis=None):
    """Drop axes of size 1."""
    a = strong_operand(a)
    sizes = shape_of(a)
    axes = [i for i, n in enumerate(sizes) if n == 1] if axis is None else \
        many_axes(axis, len(sizes), "squeeze")
    if any(sizes[i] != 1 for i in axes):
        raise ShapeError("squeeze: an axis is not of size 1", got=f"axis {axis} of {sizes}")
    return reshape_to(a, tuple([n for i, n in enumerate(sizes) if i not in axes]))


def expand_dims(a, axis):
    """Insert axes of size 1."""
    a = strong_operand(a)
    count = len(_sequence(axis))
    return expand(a, many_axes(axis, len(shape_of(a)) + count, "expand_dims"))


def atleast_1d(*arys):
    return _at_least(1, arys, lambda a: reshape_to(a, (1,)))


def atleast_2d(*arys):
    return _at_least(2, arys, lambda a: reshape_to(a, (1, prod(shape_of(a)))))


def atleast_3d(*arys):
    def grow(a):
        sizes = shape_of(a)
        return reshape_to(a, {0: (1, 1, 1), 1: (1, *sizes, 1)}.get(len(sizes), (*sizes, 1)))
    return _at_least(3, arys, grow)


def _at_least(n, arys, grow):
    out = [a if len(shape_of(a)) >= n else grow(a) for a in map(strong_operand, arys)]
    return out[0] if len(out) == 1 else tuple(out)


def broadcast_to(array, shape, subok=False):
    """Repeat along new leading axes and axes of size 1."""
    return broadcast(strong_operand(array), as_shape(shape))


def broadcast_arrays(*args, subok=False):
    """Broadcast arrays against each other."""
    return tuple(broadcast_all(*map(strong_operand, args)))


def flip(m, axis=None):
    """Reverse the order along axes."""
    m = strong_operand(m)
    axes = many_axes(axis, len(shape_of(m)), "flip")
    return movement.flip(m, axes=axes) if axes else m


def flipud(m):
    return flip(m, 0)


def fliplr(m):
    return flip(m, 1)


def rot90(m, k=1, axes=(0, 1)):
    """Rotate by 90 degrees k times in the plane of two axes."""
    m = strong_operand(m)
    i, j = (one_axis(a, len(shape_of(m)), "rot90") for a in axes)
    k %= 4
    if k == 0:
        return m
    if k == 2:
        return flip(flip(m, i), j)
    return swapaxes(flip(m, j), i, j) if k == 1 else flip(swapaxes(m, i, j), j)


def roll(a, shift, axis=None):
    """Move elements along axes; those that fall off the end come back at the start."""
    a = strong_operand(a)
    if axis is None:
        return reshape_to(roll(ravel(a), shift, 0), shape_of(a))
    for k, i in np.broadcast(shift, axis):
        a = _roll_axis(a, int(k), one_axis(int(i), len(shape_of(a)), "roll"))
    return a


def _roll_axis(a, shift, axis):
    n = shape_of(a)[axis]
    shift = shift % n if n else 0
    if shift == 0:
        return a
    return movement.concatenate([take_range(a, axis, n - shift, n),
                                 take_range(a, axis, 0, n - shift)], axis)


def repeat(a, repeats, axis=None):
    """Repeat each element along an axis."""
    a = strong_operand(a)
    if axis is None:
        a, axis = ravel(a), 0
    axis = one_axis(axis, len(shape_of(a)), "repeat")
    places = np.repeat(np.arange(shape_of(a)[axis]), np.asarray(repeats))
    return take_places(a, places, axis)


def take_places(a, places, axis):
    """Elements of one axis at given places."""
    moved = linear.moveaxis(a, axis, 0)
    return linear.moveaxis(gather(moved, places), 0, axis)


def tile(A, reps):
    """Repeat the whole array along axes."""
    a, reps = strong_operand(A), as_shape(reps)
    ndim = max(len(reps), len(shape_of(a)))
    reps = (1,) * (ndim - len(reps)) + reps
    sizes = (1,) * (ndim - len(shape_of(a))) + shape_of(a)
    pairs = [k for n in sizes for k in (1, n)]
    wide = [k for r, n in zip(reps, sizes, strict=True) for k in (r, n)]
    return reshape_to(broadcast(reshape_to(a, tuple(pairs)), tuple(wide)),
                      tuple([r * n for r, n in zip(reps, sizes, strict=True)]))


# ---- joining and splitting ----

def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Join arrays along an existing axis (None: all raveled)."""
    refuse_out(out, "concatenate")
    arrays = [strong_operand(a) for a in arrays]
    if not arrays:
        raise ShapeError("concatenate needs at least one array")
    if axis is None:
        arrays, axis = [ravel(a) for a in arrays], 0
    arrays = promote(*arrays) if dtype is None else [cast_to(a, np.dtype(dtype)) for a in arrays]
    if not shape_of(arrays[0]):
        raise ShapeError("concatenate: arrays without axes cannot be joined",
                         instead="np.stack")
    return movement.concatenate(arrays, one_axis(axis, len(shape_of(arrays[0])), "concatenate"))


concat = concatenate


def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Join arrays of one shape along a new axis."""
    arrays = [strong_operand(a) for a in arrays]
    shapes = {shape_of(a) for a in arrays}
    if len(shapes) != 1:
        raise ShapeError("stack: all arrays must have one shape",
                         got=" and ".join(map(str, sorted(shapes))) or "no arrays")
    ndim = len(next(iter(shapes))) + 1
    axis = one_axis(axis, ndim, "stack")
    return concatenate([expand(a, (axis,)) for a in arrays], axis, out, dtype=dtype)


def vstack(tup, *, dtype=None, casting="same_kind"):
    return concatenate([atleast_2d(a) for a in tup], 0, dtype=dtype)


def hstack(tup, *, dtype=None, casting="same_kind"):
    arrays = [atleast_1d(a) for a in tup]
    return concatenate(arrays, 0 if len(shape_of(arrays[0])) == 1 else 1, dtype=dtype)


def dstack(tup):
    return concatenate([atleast_3d(a) for a in tup], 2)


def column_stack(tup):
    return concatenate([transpose(atleast_2d(a)) if ndim(a) < 2 else strong_operand(a)
                        for a in tup], 1)


def append(arr, values, axis=None):
    """Join values at the end."""
    if axis is None:
        arr, values, axis = ravel(arr), ravel(values), 0
    return concatenate([arr, values], axis)


def split(ary, indices_or_sections, axis=0):
    """Cut an axis into equal parts, or at given places."""
    return _split(ary, indices_or_sections, axis, equal=True)


def array_split(ary, indices_or_sections, axis=0):
    """Cut an axis into nearly equal parts, or at given places."""
    return _split(ary, indices_or_sections, axis, equal=False)


def _split(ary, sections, axis, equal):
    ary = strong_operand(ary)
    axis = one_axis(axis, len(shape_of(ary)), "split")
    n = shape_of(ary)[axis]
    if np.ndim(sections):
        cuts = [0, *(min(max(k + n if k < 0 else k, 0), n) for k in map(int, sections)), n]
    else:
        sections = operator.index(sections)
        if sections <= 0 or (equal and n % sections):
            raise ShapeError("split: an equal division is not possible",
                             got=f"{n} into {sections}", instead="np.array_split")
        sizes = [n // sections + (i < n % sections) for i in range(sections)]
        cuts = [0, *np.cumsum(sizes).tolist()]
    return [take_range(ary, axis, a, max(a, b)) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]


def vsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0)


def hsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0 if ndim(ary) == 1 else 1)


def dsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 2)


def unstack(x, /, *, axis=0):
    """The arrays that stand along an axis."""
    x = strong_operand(x)
    axis = one_axis(axis, len(shape_of(x)), "unstack")
    n = shape_of(x)[axis]
    return tuple([squeeze(take_range(x, axis, i, i + 1), axis) for i in range(n)])


# ---- padding ----

def pad(array, pad_width, mode="constant", **kwargs):
    """Put elements around: mode "constant" (constant_values=), "edge", "reflect", "symmetric" or
    "wrap"."""
    a = strong_operand(array)
    widths = np.broadcast_to(np.asarray(pad_width), (len(shape_of(a)), 2)).tolist()
    if mode == "constant":
        return _pad_constant(a, widths, kwargs.get("constant_values", 0))
    if mode not in ("edge", "reflect", "symmetric", "wrap") or kwargs:
        raise ShapeError(f"pad: mode {mode!r} is not supported on traced arrays", got=str(kwargs),
                         wanted="constant, edge, reflect, symmetric or wrap")
    for axis, (low, high) in enumerate(widths):
        if low or high:
            places = np.pad(np.arange(shape_of(a)[axis]), (low, high), mode=mode)
            a = take_places(a, places, axis)
    return a


def _pad_constant(a, widths, value):
    padded = movement.pad(a, tuple([(low, high, 0) for low, high in widths]))
    if np.ndim(value) == 0 and not hasattr(value, "trace") and value == 0:
        return padded
    if np.ndim(value):
        raise ShapeError("pad: one constant for all sides", got=repr(value))
    inside = np.pad(np.ones(shape_of(a), bool), widths)
    return ops.select(inside, padded, cast_to(operand(value), a.dtype))


# ---- copies ----

def copy(a, order="K", subok=False):
    """The same array (traced arrays never change, so they need no copy)."""
    a = strong_operand(a)
    return np.array(a, order=order) if isinstance(a, np.ndarray) else a


def asarray(a, dtype=None, order=None, *, device=None, copy=None, like=None):
    """An array of numbers, tracers, or nests of these."""
    if isinstance(a, (list, tuple)):
        a = stack_nest(a, dtype)
    a = operand(a)
    if not hasattr(a, "trace"):
        return np.asarray(a, dtype, order=order, copy=copy)
    return a if dtype is None else cast_to(a, np.dtype(dtype))


def array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0, like=None):
    """A new array of numbers, tracers, or nests of these: what np.array cannot do with tracers."""
    a = asarray(object, dtype)
    if not hasattr(a, "trace"):
        return np.array(a, dtype, copy=copy, order=order, ndmin=ndmin)
    missing = ndmin - len(shape_of(a))
    return expand(a, tuple(range(missing))) if missing > 0 else a


asanyarray = ascontiguousarray = asarray
