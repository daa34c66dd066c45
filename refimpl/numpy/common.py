"""What NumPy's functions share: operands, promotion, axes."""

from __future__ import annotations

import operator
from math import prod

import numpy as np

from ..aval import aval_of, is_python_scalar
from ..errors import DtypeError, IsogradError, ShapeError
from ..ops.linear import broadcast_shapes, broadcast_to, cast_to, permute, reshape
from ..ops.movement import concatenate
from ..trace import Tracer
from ..transforms.jvp import JVPTracer
from .function import UNSET

# ---- operands ----

_NUMBERS = "biufc"
_WEAK_TYPES = (int, float, complex)


def operand(x):
    """Return what a primitive takes for a user's array-like: arrays, numbers, tracers, nests.

    Python numbers stay as they are: weak. Raises DtypeError for what is no array of numbers.
    """
    kind = type(x)
    if kind is np.ndarray:
        return x if x.dtype.kind in _NUMBERS else _plain_array(x)
    if isinstance(x, Tracer) or is_python_scalar(x):
        return x
    if isinstance(x, (list, tuple)):
        return stack_nest(x)
    return _plain_array(x)


def strong_operand(x):
    """Like operand, but a Python number, traced or not, becomes an array of its default dtype."""
    x = operand(x)
    if is_python_scalar(x):
        return np.asarray(x)[()]
    return cast_to(x, aval_of(x).dtype) if is_weak(x) else x


def stored(values, dtype):
    """What an array of this dtype holds after it was given numbers, or lists of them.

    NumPy's errors for what does not fit: 300 in uint8, NaN in integers, 1j in floats. Arrays and
    traced values, which are cast by "unsafe", stay as they are.
    """
    x = operand(values)
    if isinstance(values, (Tracer, np.ndarray)) or isinstance(x, Tracer):
        return x
    kept = np.empty(np.shape(x), dtype)
    kept[...] = values
    return kept[()]


def is_weak(x):
    """Whether x is a Python number, or traces one. A look at types: no aval is built."""
    while type(x) is JVPTracer:
        x = x.primal
    if isinstance(x, Tracer):
        return x.aval.weak
    return type(x) in _WEAK_TYPES


def is_traced(x):
    return isinstance(x, Tracer)


def _plain_array(x):
    if isinstance(x, (np.ma.MaskedArray, np.matrix)):
        raise DtypeError(f"{type(x).__name__} is not a plain array", wanted="numpy.ndarray",
                         instead="np.asarray(x), or np.where(x.mask, 0, x.data)")
    x = np.asarray(x)
    if x.dtype.kind not in _NUMBERS:
        raise DtypeError("not an array of numbers", got=f"dtype {x.dtype}",
                         wanted="booleans, integers, floating-point or complex numbers",
                         instead="x.astype(float)")
    return x if x.shape else x[()]


def stack_nest(xs):
    """The array of a nest of lists; tracers inside it are stacked, dtypes promoted as np.array."""
    if not has_tracers(xs):
        try:
            return _plain_array(np.array(xs))
        except ValueError as error:
            raise ShapeError(f"a list that is not an array: {error}",
                             instead="lists of equal lengths") from None
    parts = promote(*[strong_operand(x) for x in xs])
    if len({shape_of(x) for x in parts}) > 1:
        raise ShapeError("a list that is not an array",
                         got=" and ".join(str(shape_of(x)) for x in parts),
                         wanted="elements of one shape")
    return concatenate([expand(x, (0,)) for x in parts], 0)


def has_tracers(x):
    """Whether x is a tracer, or a nest of lists with one in it."""
    if isinstance(x, (list, tuple)):
        return any(map(has_tracers, x))
    return isinstance(x, Tracer)


# These run several times in every function, so they build no aval where they need none.

def shape_of(x):
    while type(x) is JVPTracer:
        x = x.primal
    return x.shape if type(x) is np.ndarray else aval_of(x).shape


def dtype_of(x):
    while type(x) is JVPTracer:
        x = x.primal
    return x.dtype if type(x) is np.ndarray else aval_of(x).dtype


def ndim_of(x):
    return len(shape_of(x))


def size_of(x):
    return prod(shape_of(x))


# ---- promotion ----

_ZEROS = {"i": 0, "f": 0.0, "c": 0j}


def promoted_dtype(*xs):
    """NumPy's promotion of arrays, tracers, dtypes and (weak) Python numbers."""
    return np.result_type(*[_example(x) for x in xs])


def _example(x):
    if isinstance(x, (Tracer, np.ndarray, np.generic)) or is_python_scalar(x):
        aval = aval_of(x)
        return _ZEROS[aval.dtype.kind] if is_weak(x) else aval.dtype
    return x


def promote(*xs):
    """Cast operands to their common dtype."""
    if len({dtype_of(x) for x in xs}) == 1 and not any(map(is_weak, xs)):
        return list(xs)
    dtype = promoted_dtype(*xs)
    return [cast_to(x, dtype) for x in xs]


def to_float(x, dtype=None):
    """Cast to a dtype, or integers and booleans to float64."""
    if dtype is not None:
        return cast_to(x, np.dtype(dtype))
    return x if dtype_of(x).kind in "fc" else cast_to(x, np.dtype(np.float64))


def zeros_of(shape, dtype):
    """Zeros as an operation: a fresh array, and no captured one under jit."""
    return broadcast_to(dtype.type(0), shape)


# ---- axes ----

class AxisError(ShapeError, np.exceptions.AxisError):
    """ShapeError that is NumPy's AxisError too."""


def as_int(x, what):
    """A static integer: an axis, a size, a count."""
    try:
        return operator.index(x)
    except IsogradError:
        raise
    except TypeError:
        raise DtypeError(f"{what} is an integer", got=repr(x)) from None


def one_axis(axis, ndim, name):
    """A single axis as a non-negative int."""
    axis = as_int(axis, f"{name}: an axis")
    if not -ndim <= axis < ndim:
        raise AxisError(f"{name}: axis {axis} is out of range", got=f"an array with {ndim} axes",
                        wanted=f"-{ndim} <= axis < {ndim}")
    return axis % ndim


def many_axes(axis, ndim, name):
    """`axis` as NumPy takes it (None, an int, a tuple) as a sorted tuple of non-negative ints."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple([one_axis(i, ndim, name) for i in axes])
    if len(set(axes)) != len(axes):
        raise ShapeError(f"{name}: an axis is named twice", got=str(axis))
    return tuple(sorted(axes))


def as_shape(shape):
    """A shape, given as an int or a sequence of ints, as a tuple of ints."""
    if isinstance(shape, (tuple, list)) or (isinstance(shape, np.ndarray) and shape.ndim):
        return tuple([as_int(n, "a size") for n in shape])
    return (as_int(shape, "a size"),)


def sequence(x):
    """One or several axes or sizes, as a list."""
    return list(x) if isinstance(x, (tuple, list)) else [x]


def expand(x, axes):
    """Insert axes of size 1 at the given places of the result."""
    sizes = iter(shape_of(x))
    ndim = ndim_of(x) + len(axes)
    return reshape(x, tuple([1 if i in axes else next(sizes) for i in range(ndim)]))


def keep_axes(y, x, axes, keepdims):
    """Give a reduction's result its folded axes back, with size 1, if asked."""
    if keepdims is UNSET or not keepdims:
        return y
    return reshape(y, tuple([1 if i in axes else n for i, n in enumerate(shape_of(x))]))


def axes_first(x, axes):
    """Bring axes to the front and join them to one."""
    rest = tuple([i for i in range(ndim_of(x)) if i not in axes])
    shape = shape_of(x)
    count = prod([shape[i] for i in axes])
    return reshape(permute(x, tuple(axes) + rest), (count, *[shape[i] for i in rest]))


def along(axis, values, ndim):
    """A vector as an array of `ndim` axes that lies along one of them."""
    return reshape(values, tuple([size_of(values) if i == axis else 1 for i in range(ndim)]))


def broadcast_all(*xs):
    shape = broadcast_shapes(*[shape_of(x) for x in xs])
    return [broadcast_to(x, shape) for x in xs]
