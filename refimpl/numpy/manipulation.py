"""Shapes and axes: reshaping, transposing, broadcasting, adding and dropping axes."""

from __future__ import annotations

from math import prod

import numpy as np

from ..errors import ShapeError
from ..mutation import twin
from ..ops.linear import broadcast_shapes, cast_to, permute
from ..ops.linear import broadcast_to as broadcast
from ..ops.linear import reshape as reshape_to
from .common import (
    as_int,
    as_shape,
    dtype_of,
    expand,
    has_tracers,
    is_traced,
    many_axes,
    ndim_of,
    one_axis,
    operand,
    promoted_dtype,
    sequence,
    shape_of,
    size_of,
    strong_operand,
)
from .function import PUBLIC, VIEWS, alias, numpy_function, own_function
from .views import back_by_axes, back_by_shape, view

# ---- what is known without the numbers ----

@numpy_function
def shape(a):
    """The sizes of the axes."""
    return shape_of(operand(a))


@numpy_function
def ndim(a):
    """The number of axes."""
    return ndim_of(operand(a))


@numpy_function
def size(a, axis=None):
    """The number of elements, or the product of the sizes of some axes."""
    sizes = shape_of(operand(a))
    return prod([sizes[i] for i in many_axes(axis, len(sizes), "size")])


@numpy_function
def result_type(*arrays_and_dtypes):
    """NumPy's promotion; traced Python numbers are weak."""
    return promoted_dtype(*arrays_and_dtypes)


# ---- the same elements in another shape ----

@numpy_function
@view(back_by_shape)
def reshape(a, /, shape, order="C", *, copy=None):
    """The same elements in C (or Fortran) order with another shape; one size may be -1."""
    a = strong_operand(a)
    sizes = _fill_in(as_shape(shape), shape_of(a))
    if order == "F":
        return transpose(reshape_to(transpose(a), sizes[::-1]))
    return reshape_to(a, sizes)


def _fill_in(sizes, have):
    """Replace a size of -1 by what is left."""
    if -1 not in sizes:
        return sizes
    rest = prod([n for n in sizes if n != -1])
    if sizes.count(-1) > 1 or rest == 0 or prod(have) % rest:
        raise ShapeError("reshape: -1 does not work out", got=f"{have} to {sizes}",
                         wanted=f"one -1, and sizes whose product divides {prod(have)}")
    return tuple([prod(have) // rest if n == -1 else n for n in sizes])


@numpy_function
@view(back_by_shape)
def ravel(a, order="C"):
    """All elements in one axis."""
    a = strong_operand(a)
    return reshape(a, (size_of(a),), order)


@numpy_function
@view(back_by_shape)
def squeeze(a, axis=None):
    """Drop axes of size 1."""
    a = strong_operand(a)
    sizes = shape_of(a)
    ones = tuple([i for i, n in enumerate(sizes) if n == 1])
    axes = ones if axis is None else many_axes(axis, len(sizes), "squeeze")
    if not set(axes) <= set(ones):
        raise ShapeError("squeeze: an axis is not of size 1", got=f"axis {axis} of shape {sizes}")
    return reshape_to(a, tuple([n for i, n in enumerate(sizes) if i not in axes]))


@numpy_function
@view(back_by_shape)
def expand_dims(a, axis):
    """Insert axes of size 1 at the given places of the result."""
    a = strong_operand(a)
    axis = tuple(sequence(axis))
    return expand(a, many_axes(axis, ndim_of(a) + len(axis), "expand_dims"))


@numpy_function
def atleast_1d(*arys):
    """Give arrays without axes one axis."""
    return _each(arys, lambda a: a if ndim_of(a) else reshape(a, (1,)))


@numpy_function
def atleast_2d(*arys):
    """Give arrays leading axes until they have two."""
    return _each(arys, lambda a: a if ndim_of(a) > 1 else reshape(a, (1, size_of(a))))


@numpy_function
def atleast_3d(*arys):
    """Give arrays three axes: (1, n, 1) for vectors, (m, n, 1) for matrices."""
    shapes = {0: lambda: (1, 1, 1), 1: lambda n: (1, n, 1), 2: lambda m, n: (m, n, 1)}

    def grow(a):
        return a if ndim_of(a) > 2 else reshape(a, shapes[ndim_of(a)](*shape_of(a)))
    return _each(arys, grow)


def _each(arys, grow):
    out = [grow(strong_operand(a)) for a in arys]
    return out[0] if len(out) == 1 else tuple(out)


VIEWS.update(f.__wrapped__ for f in (atleast_1d, atleast_2d, atleast_3d))


# ---- the order of axes ----

@numpy_function
@view(back_by_axes)
def transpose(a, axes=None):
    """Reorder axes; reversed by default."""
    a = strong_operand(a)
    ndim = ndim_of(a)
    if axes is None:
        return permute(a, tuple(range(ndim))[::-1])
    perm = tuple([one_axis(i, ndim, "transpose") for i in sequence(axes)])
    if sorted(perm) != list(range(ndim)):
        raise ShapeError("transpose: the axes do not match the array", got=str(tuple(axes)),
                         wanted=f"a permutation of 0 to {ndim - 1}")
    return permute(a, perm)


alias("permute_dims", transpose)


@numpy_function
@view(back_by_axes)
def matrix_transpose(x, /):
    """Swap the last two axes."""
    if ndim_of(operand(x)) < 2:
        raise ShapeError("matrix_transpose: at least two axes", got=str(shape_of(operand(x))))
    return swapaxes(x, -1, -2)


@numpy_function
@view(back_by_axes)
def swapaxes(a, axis1, axis2):
    """Swap two axes."""
    a = strong_operand(a)
    perm = list(range(ndim_of(a)))
    i, j = [one_axis(axis, ndim_of(a), "swapaxes") for axis in (axis1, axis2)]
    perm[i], perm[j] = perm[j], perm[i]
    return permute(a, tuple(perm))


@numpy_function
@view(back_by_axes)
def moveaxis(a, source, destination):
    """Move axes to other places; the others keep their order."""
    a = strong_operand(a)
    ndim = ndim_of(a)
    sources, targets = [[one_axis(i, ndim, "moveaxis") for i in sequence(axes)]
                        for axes in (source, destination)]
    if len(sources) != len(targets):
        raise ShapeError("moveaxis: as many sources as destinations",
                         got=f"{source} and {destination}")
    order = [i for i in range(ndim) if i not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return permute(a, tuple(order))


@numpy_function
@view(back_by_axes)
def rollaxis(a, axis, start=0):
    """Move an axis in front of another."""
    a = strong_operand(a)
    ndim = ndim_of(a)
    axis = one_axis(axis, ndim, "rollaxis")
    start = one_axis(start, ndim + 1 if start >= 0 else ndim, "rollaxis")
    return moveaxis(a, axis, start - (start > axis))


# ---- broadcasting ----

@numpy_function
@view(None)
def broadcast_to(array, shape, subok=False):
    """Repeat along new leading axes and axes of size 1."""
    return broadcast(strong_operand(array), as_shape(shape))


@numpy_function
def broadcast_arrays(*args, subok=False):
    """Broadcast arrays against each other."""
    args = tuple(map(strong_operand, args))
    shape = broadcast_shapes(*map(shape_of, args))
    return tuple([a if shape_of(a) == shape else broadcast_to(a, shape) for a in args])


VIEWS.add(broadcast_arrays.__wrapped__)


@numpy_function
def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """Coordinate arrays of the grid that coordinate vectors span."""
    if indexing not in ("xy", "ij"):
        raise ShapeError("meshgrid: an unknown indexing", got=repr(indexing), wanted="'xy', 'ij'")
    order = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        order[:2] = [1, 0]
    grids = [reshape(x, [-1 if i == order[k] else 1 for i in range(len(xi))])
             for k, x in enumerate(xi)]
    grids = tuple(grids) if sparse else broadcast_arrays(*grids)
    return tuple(map(fresh, grids)) if copy else grids


VIEWS.add(meshgrid.__wrapped__)


# ---- conversion ----

# NumPy cannot convert nests with tracers in them, so these do not leave plain values to NumPy's
# function of the same name.

@own_function
def asarray(a, dtype=None, order=None, *, device=None, copy=None, like=None):
    """An array of numbers, traced values, or nests of these."""
    if not has_tracers(a):
        return _convert(np.asarray, a, dtype, order=order, copy=copy)
    a = strong_operand(a)
    return a if dtype is None else cast_to(a, np.dtype(dtype))


PUBLIC["asanyarray"] = asarray


@own_function
def ascontiguousarray(a, dtype=None, *, like=None):
    """An array of at least one axis, in C order."""
    return atleast_1d(asarray(a, dtype, "C"))


@own_function
def array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0, ndmax=0, like=None):
    """A new array of numbers, traced values, or nests of these: what np.array cannot do."""
    if not has_tracers(object):
        return _convert(np.array, object, dtype, copy=copy, order=order, ndmin=ndmin)
    a = strong_operand(object)
    a = a if dtype is None else cast_to(a, np.dtype(dtype))
    return fresh(expand(a, tuple(range(as_int(ndmin, "ndmin") - ndim_of(a)))))


def _convert(make, x, dtype, **options):
    try:
        return make(x, dtype, **options)
    except ValueError as error:
        raise ShapeError(f"not an array: {error}", instead="lists of equal lengths") from None


@numpy_function
def copy(a, order="K", subok=False):
    """The same elements in a new array."""
    return fresh(a, order=order)


def fresh(a, **options):
    """A new array, traced if a is: not a view."""
    a = strong_operand(a)
    return twin(a) if is_traced(a) else np.array(a, **options)


@numpy_function
def diag_indices_from(arr):
    """The places of the diagonal of an array whose axes are all of one size."""
    sizes = shape_of(operand(arr))
    if len(sizes) < 2 or len(set(sizes)) > 1:
        raise ShapeError("diag_indices_from: two or more axes of one size", got=str(sizes))
    return np.diag_indices(sizes[0], len(sizes))


@numpy_function
def tril_indices_from(arr, k=0):
    """The places of the lower triangle of a matrix."""
    return np.tril_indices(shape_of(operand(arr))[-2], k, shape_of(operand(arr))[-1])


@numpy_function
def triu_indices_from(arr, k=0):
    """The places of the upper triangle of a matrix."""
    return np.triu_indices(shape_of(operand(arr))[-2], k, shape_of(operand(arr))[-1])


@numpy_function
def common_type(*arrays):
    """The floating-point or complex scalar type that all arrays can be cast to."""
    return np.common_type(*[np.empty(0, dtype_of(operand(a))) for a in arrays])
