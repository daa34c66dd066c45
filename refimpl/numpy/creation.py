"""Arrays from nothing, from ranges, and in the likeness of others."""

from __future__ import annotations

import numpy as np

from ..ops import elementwise as ops
from ..ops.linear import broadcast_to, cast_to
from ..trace import CURRENT
from .common import (
    along,
    as_int,
    as_shape,
    dtype_of,
    is_traced,
    ndim_of,
    one_axis,
    operand,
    promoted_dtype,
    shape_of,
    strong_operand,
)
from .function import MEANINGS, numpy_function
from .manipulation import array, asarray, ascontiguousarray, moveaxis

# ---- one number everywhere ----

@numpy_function
def full(shape, fill_value, dtype=None, order="C", *, device=None, like=None):
    """An array of one value, which may be traced."""
    value = strong_operand(fill_value)
    if not is_traced(value) and not value.shape:
        value = np.full((), fill_value, dtype)[()]
    elif dtype is not None:
        value = cast_to(value, np.dtype(dtype))
    return CURRENT.trace.lift(broadcast_to(value, as_shape(shape)))


@numpy_function
def zeros(shape, dtype=None, order="C", *, device=None, like=None):
    """Zeros."""
    return full(shape, 0, dtype or float)


@numpy_function
def ones(shape, dtype=None, order="C", *, device=None, like=None):
    """Ones."""
    return full(shape, 1, dtype or float)


@numpy_function
def empty(shape, dtype=None, order="C", *, device=None, like=None):
    """An array of any numbers: here, zeros."""
    return full(shape, 0, dtype or float)


@numpy_function
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """One value in a's shape and dtype."""
    a = strong_operand(a)
    return full(shape_of(a) if shape is None else shape, fill_value, dtype or dtype_of(a))


@numpy_function
def zeros_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Zeros in a's shape and dtype."""
    return full_like(a, 0, dtype, order, subok, shape)


@numpy_function
def ones_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Ones in a's shape and dtype."""
    return full_like(a, 1, dtype, order, subok, shape)


@numpy_function
def empty_like(prototype, /, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Any numbers, here zeros, in an array's shape and dtype."""
    return full_like(prototype, 0, dtype, order, subok, shape)


# ---- ranges ----

@numpy_function
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *,
             device=None):
    """num numbers from start to stop, evenly apart; start and stop may be arrays, and traced."""
    num = as_int(num, "linspace: the number of samples")
    start, stop = operand(start), operand(stop)
    inexact = promoted_dtype(start, stop, 1.0)
    start, stop = cast_to(start, inexact), cast_to(stop, inexact)
    gaps = num - 1 if endpoint else num
    span = ops.subtract(stop, start)
    step = ops.divide(span, gaps) if gaps > 0 else np.float64(np.nan)
    ndim = max(ndim_of(start), ndim_of(stop)) + 1
    places = along(0, np.arange(num, dtype=np.zeros((), inexact).real.dtype), ndim)
    y = ops.add(ops.multiply(places, step if gaps > 0 else span), start)
    if endpoint and num > 1:
        y = ops.select(ops.equal(places, num - 1), stop, y)
    if ndim > 1:
        y = moveaxis(y, 0, one_axis(axis, ndim, "linspace"))
    if dtype is not None:
        y = ops.floor(y) if np.dtype(dtype).kind in "iu" else y
        y = cast_to(y, np.dtype(dtype))
    return (y, step) if retstep else y


@numpy_function
def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """base to the powers linspace(start, stop)."""
    y = ops.power(operand(base), linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else cast_to(y, np.dtype(dtype))


@numpy_function
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """num numbers from start to stop, in even proportion; both of one sign."""
    start, stop = strong_operand(start), strong_operand(stop)
    inexact = promoted_dtype(start, stop, 1.0)
    start, stop = cast_to(start, inexact), cast_to(stop, inexact)
    sign = ops.sign(start)
    ends = [ops.divide(x, sign) for x in (start, stop)]
    y = logspace(*map(ops.log10, ends), num, endpoint)
    places = along(0, np.arange(num), ndim_of(y))
    y = ops.select(ops.equal(places, 0), ends[0], y)
    if endpoint and num > 1:
        y = ops.select(ops.equal(places, num - 1), ends[1], y)
    y = moveaxis(ops.multiply(y, sign), 0, axis)
    return y if dtype is None else cast_to(y, np.dtype(dtype))


@numpy_function
def arange(start_or_stop, /, stop=None, step=1, *, dtype=None, device=None, like=None):
    """start, start + step, ... up to stop, without it; how many there are must be known."""
    start, stop = (0, start_or_stop) if stop is None else (start_or_stop, stop)
    if not any(map(is_traced, (start, stop, step))):
        return np.arange(start, stop, step, dtype)
    bounds = [as_int(x, "arange: a traced bound") for x in (start, stop, step)]
    return np.arange(*bounds, dtype)


# ---- like= ----

def _traced(function):
    """The meaning of a function called with like=x, x a traced array: its result is traced too."""
    def meaning(*args, like=None, **kwargs):
        return CURRENT.trace.adopt(function(*args, **kwargs))
    meaning.__doc__ = function.__doc__
    return meaning


_LIKE = {np.array: array, np.asarray: asarray, np.asanyarray: asarray,
         np.ascontiguousarray: ascontiguousarray,
         np.arange: np.arange, np.eye: np.eye, np.identity: np.identity, np.tri: np.tri}
MEANINGS.update({function: _traced(meaning) for function, meaning in _LIKE.items()})


# ---- what has no traced arguments, or what NumPy dispatches: NumPy's own functions ----

_PLAIN = """
eye identity tri indices tril_indices triu_indices diag_indices mask_indices fromfunction
hanning hamming blackman bartlett broadcast_shapes finfo iinfo dtype
promote_types isdtype issubdtype isscalar iterable errstate geterr seterr
printoptions get_printoptions set_printoptions ndindex mgrid ogrid s_ index_exp fromiter frombuffer
copyto fill_diagonal place put put_along_axis putmask
base_repr binary_repr format_float_positional format_float_scientific mintypecode typename
"""

_CONSTANTS = """
pi e inf nan euler_gamma newaxis True_ False_ bool_ bool int8 int16 int32 int64
uint8 uint16 uint32 uint64
float16 float32 float64 complex64 complex128 int_ uint intp uintp byte ubyte short ushort intc uintc
long ulong longlong ulonglong half single double csingle cdouble integer signedinteger
unsignedinteger inexact floating complexfloating number generic ndarray ufunc
"""

PLAIN, CONSTANTS = _PLAIN.split(), _CONSTANTS.split()
