"""Functions applied to lines or along axes of an array, one after the other."""

from __future__ import annotations

from math import prod

import numpy as np

from ..errors import ShapeError
from .common import expand, ndim_of, one_axis, sequence, shape_of, strong_operand
from .function import numpy_function
from .joining import stack
from .manipulation import moveaxis, reshape


@numpy_function
def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    """func1d of every line along an axis; isograd.vmap does all at once."""
    arr = strong_operand(arr)
    axis = one_axis(axis, ndim_of(arr), "apply_along_axis")
    lines = moveaxis(arr, axis, -1)
    outer = shape_of(lines)[:-1]
    if not prod(outer):
        raise ShapeError("apply_along_axis: no lines to apply a function to",
                         got=str(shape_of(arr)))
    results = stack([func1d(lines[i], *args, **kwargs) for i in np.ndindex(outer)])
    inner = shape_of(results)[1:]
    places = range(len(outer), len(outer) + len(inner))
    return moveaxis(reshape(results, outer + inner), list(places),
                    [axis + k for k in range(len(inner))])


@numpy_function
def apply_over_axes(func, a, axes):
    """func(a, axis) for one axis after the other; an axis that it drops comes back with size 1."""
    a = strong_operand(a)
    for axis in sequence(axes):
        axis = one_axis(axis, ndim_of(a), "apply_over_axes")
        result = func(a, axis)
        a = result if ndim_of(result) == ndim_of(a) else expand(result, (axis,))
    return a
