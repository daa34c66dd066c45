"""Arrays from nothing, from ranges, and in the likeness of others."""

from __future__ import annotations

import numpy as np

from ..ops import elementwise as ops
from ..ops.linear import broadcast_to, cast_to
from .common import dtype_of, operand, shape_of, strong_operand
from .manipulation import as_shape

# These have no traced arguments that matter: NumPy's own functions serve.
PLAIN = ["zeros", "ones", "empty", "eye", "identity", "arange", "indices", "tri", "tril_indices",
         "triu_indices", "diag_indices", "mask_indices", "fromfunction", "ix_", "hanning",
         "hamming", "blackman", "bartlett", "kaiser", "ndindex", "broadcast_shapes", "finfo",
         "iinfo", "dtype", "can_cast", "promote_types", "isdtype", "issubdtype", "isscalar",
         "unravel_index", "ravel_multi_index", "errstate", "printoptions", "set_printoptions"]
for _name in PLAIN:
    globals()[_name] = getattr(np, _name)

CONSTANTS = ["pi", "e", "inf", "nan", "euler_gamma", "newaxis", "bool_", "bool", "int8", "int16",
             "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
             "float64", "complex64", "complex128", "integer", "signedinteger", "unsignedinteger",
             "inexact", "floating", "complexfloating", "number", "generic", "ndarray"]
for _name in CONSTANTS:
    globals()[_name] = getattr(np, _name)


def full(shape, fill_value, dtype=None, order="C", *, device=None, like=None):
    """An array of one value, which may be traced."""
    value = strong_operand(fill_value)
    if dtype is not None:
        value = cast_to(value, np.dtype(dtype))
    return broadcast_to(value, as_shape(shape))


def zeros_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Zeros of a's shape and dtype: a constant."""
    return _like(np.zeros, a, dtype, shape)


def ones_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Ones of a's shape and dtype: a constant."""
    return _like(np.ones, a, dtype, shape)


empty_like = zeros_like


def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """One value in a's shape and dtype."""
    a = strong_operand(a)
    value = cast_to(strong_operand(fill_value), np.dtype(dtype or dtype_of(a)))
    return broadcast_to(value, shape_of(a) if shape is None else as_shape(shape))


def _like(make, a, dtype, shape):
    a = operand(a)
    return make(shape_of(a) if shape is None else shape, dtype or dtype_of(a))


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *,
             device=None):
    """num numbers from start to stop, evenly apart; start and stop may be traced numbers."""
    start, stop = strong_operand(start), strong_operand(stop)
    if not hasattr(start, "trace") and not hasattr(stop, "trace"):
        return np.linspace(start, stop, num, endpoint, retstep, dtype, axis)
    places = np.arange(num, dtype=float)
    step = ops.divide(ops.subtract(stop, start), max(1, num - 1 if endpoint else num))
    y = ops.add(ops.multiply(places, step), start)
    y = y if dtype is None else cast_to(y, np.dtype(dtype))
    return (y, step) if retstep else y


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """base to the powers of linspace."""
    y = ops.power(operand(base), linspace(start, stop, num, endpoint))
    return y if dtype is None else cast_to(y, np.dtype(dtype))


def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """num numbers from start to stop, in even proportion."""
    y = logspace(ops.log10(operand(start)), ops.log10(operand(stop)), num, endpoint)
    return y if dtype is None else cast_to(y, np.dtype(dtype))


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """Coordinate arrays from coordinate vectors."""
    xs = [strong_operand(x) for x in xi]
    ndim = len(xs)
    order = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        order[:2] = [1, 0]
    grids = [x.reshape([-1 if i == order[k] else 1 for i in range(ndim)])
             for k, x in enumerate(xs)]
    if sparse:
        return tuple(grids)
    shape = np.broadcast_shapes(*[shape_of(g) for g in grids])
    return tuple([broadcast_to(g, shape) for g in grids])


def vander(x, N=None, increasing=False):
    """Powers of x, a column for each."""
    x = strong_operand(x)
    n = shape_of(x)[0] if N is None else N
    powers = np.arange(n) if increasing else np.arange(n)[::-1]
    return ops.power(x.reshape(-1, 1), powers)


def interp(x, xp, fp, left=None, right=None, period=None):
    """Linear interpolation of the points (xp, fp), xp ascending; constant outside."""
    x, xp, fp = strong_operand(x), strong_operand(xp), strong_operand(fp)
    if period is not None:
        raise NotImplementedError("interp: period= on traced arrays")
    n = shape_of(xp)[0]
    above = cast_to(ops.greater_equal(x.reshape(*shape_of(x), 1), xp), np.dtype(int)).sum(-1)
    i = ops.minimum(ops.maximum(above - 1, 0), max(n - 2, 0))
    j = ops.minimum(i + 1, n - 1)
    width = xp[j] - xp[i]
    flat = ops.equal(width, 0)
    t = ops.select(flat, 0.0, (x - xp[i]) / ops.select(flat, 1.0, width))
    y = fp[i] + t * (fp[j] - fp[i])
    y = ops.select(ops.less(x, xp[0]), fp[0] if left is None else left, y)
    return ops.select(ops.greater_equal(x, xp[n - 1]),
                      ops.select(ops.equal(x, xp[n - 1]), fp[n - 1],
                                 fp[n - 1] if right is None else right), y)
