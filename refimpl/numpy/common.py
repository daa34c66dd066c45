"""What NumPy's functions share: operands, axes, and the arguments that are not supported."""

from __future__ import annotations

import operator

import numpy as np

from ..aval import aval_of, is_python_scalar
from ..errors import DtypeError, InPlaceError, ShapeError
from ..ops.linear import broadcast_to, cast_to, reshape
from ..ops.movement import concatenate
from ..trace import Tracer


def operand(x):
    """Return what a primitive takes for a user's array-like: arrays, numbers, tracers, nests."""
    kind = type(x)
    if kind is np.ndarray or isinstance(x, Tracer) or is_python_scalar(x):
        return x
    if isinstance(x, np.generic):
        return x
    if isinstance(x, (list, tuple)):
        return stack_nest(x)
    return _plain_array(np.asanyarray(x))


def _plain_array(x):
    if isinstance(x, np.ma.MaskedArray):
        raise DtypeError("masked arrays are not supported", got="a MaskedArray",
                         instead="np.where(mask, 0, x.data)")
    x = np.asarray(x)
    if x.dtype.kind not in "biufc":
        raise DtypeError("not an array of numbers", got=f"dtype {x.dtype}",
                         wanted="booleans, integers, floating-point or complex numbers")
    return x


def stack_nest(xs, dtype=None):
    """The array of a nest of lists; tracers inside it are stacked."""
    if not any(isinstance(x, Tracer) for x in _leaves(xs)):
        try:
            return _plain_array(np.array(xs, dtype))
        except ValueError as error:
            raise ShapeError(f"a list that is not an array: {error}",
                             instead="lists of equal lengths") from None
    parts = [stack_nest(x) if isinstance(x, (list, tuple)) else operand(x) for x in xs]
    dtype = np.dtype(dtype) if dtype else result_type(*parts)
    shapes = {aval_of(x).shape for x in parts}
    if len(shapes) > 1:
        raise ShapeError("a list that is not an array", got=" and ".join(map(str, shapes)),
                         wanted="elements of one shape")
    return concatenate([expand(cast_to(x, dtype), (0,)) for x in parts], 0)


def _leaves(xs):
    for x in xs:
        if isinstance(x, (list, tuple)):
            yield from _leaves(x)
        else:
            yield x


def result_type(*xs):
    """NumPy's promotion of arrays, dtypes and (weak) Python numbers."""
    return np.result_type(*[_example(x) for x in xs])


_ZEROS = {"i": 0, "f": 0.0, "c": 0j}


def _example(x):
    if isinstance(x, (Tracer, np.ndarray, np.generic)) or is_python_scalar(x):
        aval = aval_of(x)
        return _ZEROS[aval.dtype.kind] if aval.weak else aval.dtype
    return x


def shape_of(x):
    return aval_of(x).shape


def dtype_of(x):
    return aval_of(x).dtype


def promote(*xs):
    """Cast operands to their common dtype."""
    dtype = result_type(*xs)
    return [cast_to(x, dtype) for x in xs]


def strong_operand(x):
    """An operand whose Python number became an array of its default dtype."""
    x = operand(x)
    return np.asarray(x)[()] if is_python_scalar(x) else x


# ---- axes ----

def one_axis(axis, ndim, name):
    """A single axis as a non-negative int."""
    try:
        axis = operator.index(axis)
    except TypeError:
        raise ShapeError(f"{name}: an axis is an integer", got=repr(axis)) from None
    if not -ndim <= axis < ndim:
        raise AxisError(f"{name}: axis {axis} is out of range", got=f"an array with {ndim} axes",
                        wanted=f"-{ndim} <= axis < {ndim}")
    return axis % ndim


class AxisError(ShapeError, np.exceptions.AxisError):
    """ShapeError that is NumPy's AxisError too."""

    def __str__(self):
        return str(self.args[0])


def many_axes(axis, ndim, name):
    """`axis` as NumPy takes it (None, an int, a tuple) as a sorted tuple of non-negative ints."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple([one_axis(a, ndim, name) for a in axes])
    if len(set(axes)) != len(axes):
        raise ShapeError(f"{name}: an axis is named twice", got=str(axis))
    return tuple(sorted(axes))


def expand(x, axes):
    """Insert axes of size 1 at the given places of the result."""
    shape = iter(shape_of(x))
    ndim = len(shape_of(x)) + len(axes)
    return reshape(x, tuple([1 if i in axes else next(shape) for i in range(ndim)]))


def keep_axes(y, x, axes, keepdims):
    """Give a reduction's result its folded axes back, with size 1, if asked."""
    if not keepdims:
        return y
    return reshape(y, tuple([1 if i in axes else n for i, n in enumerate(shape_of(x))]))


def broadcast_all(*xs):
    shape = np.broadcast_shapes(*[shape_of(x) for x in xs])
    return [broadcast_to(x, shape) for x in xs]


# ---- arguments ----

def refuse_out(out, name):
    if out is not None:
        raise InPlaceError(f"{name}: out= would write into an array", got="out=...",
                           instead=f"y = {name}(...), the result without out=")


def refuse(name, **arguments):
    """Refuse arguments that are given but not supported; each with its neutral value."""
    for key, (value, neutral) in arguments.items():
        if value is not neutral:
            raise DtypeError(f"{name}: the argument {key}= is not supported on traced arrays",
                             got=f"{key}={value!r}", instead=f"the default, {key}={neutral!r}")
