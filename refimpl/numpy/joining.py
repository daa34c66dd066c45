"""Joining and splitting arrays."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..errors import ArgumentError, IndexingError, ShapeError
from ..ops import movement
from ..ops.index import gather
from ..ops.linear import broadcast_to, cast_to, reshape
from ..ops.linear import moveaxis as move_one
from .common import (
    as_int,
    as_shape,
    dtype_of,
    expand,
    ndim_of,
    one_axis,
    operand,
    promote,
    shape_of,
    size_of,
    strong_operand,
)
from .concrete import concrete
from .function import VIEWS, alias, numpy_function, refuse_out
from .manipulation import atleast_1d, atleast_2d, atleast_3d, ravel, transpose

# ---- joining ----

@numpy_function
def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Join arrays along an existing axis (None: all raveled)."""
    refuse_out(out, "concatenate")
    arrays = [strong_operand(a) for a in arrays]
    if not arrays:
        raise ArgumentError("concatenate needs at least one array")
    if axis is None:
        arrays, axis = [ravel(a) for a in arrays], 0
    arrays = promote(*arrays) if dtype is None else [cast_to(a, np.dtype(dtype)) for a in arrays]
    if not ndim_of(arrays[0]):
        raise ShapeError("concatenate: arrays without axes cannot be joined", instead="np.stack")
    return movement.concatenate(arrays, one_axis(axis, ndim_of(arrays[0]), "concatenate"))


alias("concat", concatenate)


@numpy_function
def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Join arrays of one shape along a new axis."""
    arrays = [strong_operand(a) for a in arrays]
    if len({shape_of(a) for a in arrays}) != 1:
        raise ShapeError("stack: all arrays have one shape", wanted="equal shapes",
                         got=" and ".join(str(shape_of(a)) for a in arrays) or "no arrays")
    axis = one_axis(axis, ndim_of(arrays[0]) + 1, "stack")
    return concatenate([expand(a, (axis,)) for a in arrays], axis, out, dtype=dtype)


@numpy_function
def vstack(tup, *, dtype=None, casting="same_kind"):
    """Join arrays along the first axis; vectors are rows."""
    return concatenate([atleast_2d(a) for a in tup], 0, dtype=dtype)


alias("row_stack", vstack)


@numpy_function
def hstack(tup, *, dtype=None, casting="same_kind"):
    """Join arrays along the second axis; vectors along their only one."""
    arrays = [atleast_1d(a) for a in tup]
    axis = 0 if arrays and ndim_of(arrays[0]) == 1 else 1
    return concatenate(arrays, axis, dtype=dtype)


@numpy_function
def dstack(tup):
    """Join arrays along the third axis."""
    return concatenate([atleast_3d(a) for a in tup], 2)


@numpy_function
def column_stack(tup):
    """Join arrays along the second axis; vectors are columns."""
    arrays = [strong_operand(a) for a in tup]
    return concatenate([transpose(atleast_2d(a)) if ndim_of(a) < 2 else a for a in arrays], 1)


@numpy_function
def append(arr, values, axis=None):
    """Join values at the end."""
    if axis is None:
        arr, values, axis = ravel(arr), ravel(values), 0
    return concatenate([arr, values], axis)


@numpy_function
def block(arrays):
    """Join nested lists of arrays: the innermost along the last axis, the next before it, ..."""
    depth = _list_depth(arrays)
    leaves = [strong_operand(a) for a in _list_leaves(arrays)]
    ndim = max([depth, *map(ndim_of, leaves)])

    def join(nest, level):
        if level == depth:
            a = strong_operand(nest)
            return expand(a, tuple(range(ndim - ndim_of(a))))
        return concatenate([join(x, level + 1) for x in nest], ndim - depth + level)
    return join(arrays, 0)


def _list_depth(nest):
    if not isinstance(nest, list):
        return 0
    depths = {_list_depth(x) for x in nest}
    if len(depths) != 1:
        raise ArgumentError("block: lists are not empty, and nested to one depth",
                            got=f"depths {sorted(depths)}")
    return 1 + depths.pop()


def _list_leaves(nest):
    if not isinstance(nest, list):
        return [nest]
    return [leaf for x in nest for leaf in _list_leaves(x)]


# ---- splitting ----

@numpy_function
def split(ary, indices_or_sections, axis=0):
    """Cut an axis into equal parts, or at given places."""
    return _split(ary, indices_or_sections, axis, equal=True)


@numpy_function
def array_split(ary, indices_or_sections, axis=0):
    """Cut an axis into nearly equal parts, or at given places."""
    return _split(ary, indices_or_sections, axis, equal=False)


def _split(ary, sections, axis, equal):
    ary = strong_operand(ary)
    axis = one_axis(axis, ndim_of(ary), "split")
    n = shape_of(ary)[axis]
    cuts = [0, *_cuts(sections, n, equal), n]
    return [ary[(slice(None),) * axis + (slice(a, max(a, b)),)] for a, b in pairwise(cuts)]


def _cuts(sections, n, equal):
    """The places where parts meet."""
    if isinstance(sections, (tuple, list)) or np.ndim(sections):
        return [slice(None, int(k)).indices(n)[1] for k in sections]
    count = as_int(sections, "split: the number of parts")
    if count <= 0 or (equal and n % count):
        raise ShapeError("split: an equal division is not possible",
                         got=f"{n} into {count}", instead="np.array_split")
    sizes = [n // count + (i < n % count) for i in range(count)]
    return np.cumsum(sizes)[:-1].tolist()


@numpy_function
def vsplit(ary, indices_or_sections):
    """split along the first axis."""
    return split(_with_axes(ary, 2, "vsplit"), indices_or_sections, 0)


@numpy_function
def hsplit(ary, indices_or_sections):
    """split along the second axis, or the only one."""
    ary = _with_axes(ary, 1, "hsplit")
    return split(ary, indices_or_sections, 0 if ndim_of(ary) == 1 else 1)


@numpy_function
def dsplit(ary, indices_or_sections):
    """split along the third axis."""
    return split(_with_axes(ary, 3, "dsplit"), indices_or_sections, 2)


def _with_axes(a, n, name):
    a = strong_operand(a)
    if ndim_of(a) < n:
        raise ShapeError(f"{name}: at least {n} axes", got=str(shape_of(a)))
    return a


@numpy_function
def unstack(x, /, *, axis=0):
    """The arrays that stand along an axis."""
    x = _with_axes(x, 1, "unstack")
    axis = one_axis(axis, ndim_of(x), "unstack")
    return tuple([x[(slice(None),) * axis + (i,)] for i in range(shape_of(x)[axis])])


VIEWS.update(f.__wrapped__ for f in (split, array_split, vsplit, hsplit, dsplit, unstack))


# ---- inserting and deleting, at known places ----

def take_places(a, places, axis):
    """Elements at known places of one axis."""
    return move_one(gather(move_one(a, axis, 0), places), 0, axis)


def renumbered(function, n, *args):
    """Where the n elements of an axis go, by NumPy's function applied to their numbers."""
    try:
        return function(np.arange(n), *args)
    except IndexError as error:
        raise IndexingError(f"{function.__name__}: {error}") from None
    except ValueError as error:
        raise ShapeError(f"{function.__name__}: {error}") from None


def _on_axis(a, axis, name):
    a = strong_operand(a)
    if axis is None:
        return ravel(a), 0
    return a, one_axis(axis, ndim_of(a), name)


@numpy_function
def delete(arr, obj, axis=None):
    """Leave out the elements at known places of an axis."""
    a, axis = _on_axis(arr, axis, "delete")
    return take_places(a, renumbered(np.delete, shape_of(a)[axis], _known(obj)), axis)


def _known(places):
    """Places as NumPy takes them: a slice, or numbers that are known."""
    if isinstance(places, slice):
        return places
    known = concrete(places, "a list of places", "places that do not depend on traced values")
    is_empty_list = not known.size and not isinstance(places, np.ndarray)
    return known.astype(np.intp) if is_empty_list else known


@numpy_function
def insert(arr, obj, values, axis=None):
    """Put values before the elements at known places of an axis."""
    a, axis = _on_axis(arr, axis, "insert")
    n, places = shape_of(a)[axis], _known(obj)
    values = cast_to(operand(values), dtype_of(a))
    values = reshape(values, (1,) * (ndim_of(a) - ndim_of(values)) + shape_of(values))
    if not isinstance(places, slice) and places.ndim == 0:
        values = move_one(values, 0, axis)
    count = len(renumbered(np.insert, n, places, 0)) - n
    count = shape_of(values)[axis] if count == 1 else count     # many elements at one place
    rest = [count if i == axis else m for i, m in enumerate(shape_of(a))]
    joined = concatenate([a, broadcast_to(values, tuple(rest))], axis)
    return take_places(joined, renumbered(np.insert, n, places, n + np.arange(count)), axis)


@numpy_function
def resize(a, new_shape):
    """Repeat the raveled elements until a shape is full."""
    a, sizes = ravel(a), as_shape(new_shape)
    if min(sizes, default=0) < 0:
        raise ShapeError("resize: a size is negative", got=str(sizes))
    n = size_of(a)
    count = int(np.prod(sizes))
    if not n or not count:
        return broadcast_to(dtype_of(a).type(0), sizes)
    return gather(a, (np.arange(count) % n).reshape(sizes))
