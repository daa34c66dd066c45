"""Methods of ufuncs: np.add.reduce, np.hypot.accumulate, np.multiply.outer, np.add.reduceat.

Where a reduction of its own exists (the sum), it is used. Else the operation itself folds: by
halves where it is associative, which NumPy's bits do not depend on, else from left to right.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..errors import ArgumentError, IndexingError, MissingRuleError, ShapeError
from ..ops import elementwise as ops
from ..ops import scan
from ..ops.index import take_range
from ..ops.linear import broadcast_to, cast_to, permute, reshape
from ..ops.movement import concatenate
from .common import (
    dtype_of,
    expand,
    keep_axes,
    many_axes,
    ndim_of,
    one_axis,
    operand,
    shape_of,
    strong_operand,
)
from .concrete import concrete
from .function import MEANINGS, UNSET
from .reductions import all, any, is_number_axis, logsumexp, max, min, sum
from .reductions import prod as product
from .writing import ufunc_at

# What np.<ufunc>.reduce and .accumulate are by another name.
REDUCTIONS = {np.add: sum, np.multiply: product, np.maximum: max, np.minimum: min,
              np.logical_and: all, np.logical_or: any, np.logaddexp: logsumexp}
ACCUMULATIONS = {np.add: scan.cumsum, np.multiply: scan.cumprod, np.maximum: scan.cummax,
                 np.minimum: scan.cummin, np.logaddexp: scan.cumlogsumexp}
STARTED = {np.add, np.multiply, np.maximum, np.minimum}     # these take initial= and where=
ASSOCIATIVE = {np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or,
               np.bitwise_xor, np.gcd, np.lcm, np.fmax, np.fmin, np.hypot, np.logaddexp,
               np.logaddexp2}


def _meaning(ufunc, method):
    """What the ufunc of two operands means."""
    if ufunc.nin != 2 or ufunc.nout != 1:
        raise ArgumentError(f"np.{ufunc.__name__}.{method}: not a function of two numbers",
                            got=f"{ufunc.nin} operands, {ufunc.nout} results")
    meaning = MEANINGS.get(ufunc)
    if meaning is None:
        raise MissingRuleError(f"np.{ufunc.__name__}.{method} has no rule for traced arrays",
                               instead="a loop over the elements, or isograd.custom_jvp")
    return meaning


# ---- reduce ----

def _reduce(ufunc, array, axis=0, dtype=None, keepdims=False, initial=UNSET, where=UNSET):
    meaning = _meaning(ufunc, "reduce")
    array = operand(array) if dtype is None else cast_to(operand(array), np.dtype(dtype))
    given = {"initial": initial, "where": where}
    given = {name: value for name, value in given.items() if value is not UNSET}
    if ufunc in REDUCTIONS and (ufunc in STARTED or not given):
        return REDUCTIONS[ufunc](array, axis, keepdims=keepdims, **given)
    array = _in_result_dtype(meaning, strong_operand(array))
    axes = many_axes(None if is_number_axis(array, axis) else axis, ndim_of(array), "reduce")
    chosen = None if where is UNSET or where is True else _line(
        broadcast_to(operand(where), shape_of(array)), axes)
    initial = None if initial is UNSET else np.asarray(initial, dtype_of(array))[()]
    total = _folded(ufunc, meaning, _line(array, axes), initial, chosen)
    return keep_axes(total, array, axes, keepdims)


def _in_result_dtype(meaning, array):
    """What is folded has the dtype of the results: integers are divided as floating-point."""
    return cast_to(array, dtype_of(meaning(array, array)))


def _line(x, axes):
    """Bring axes to the front and join them to one."""
    rest = tuple([i for i in range(ndim_of(x)) if i not in axes])
    shape = shape_of(x)
    return reshape(permute(x, axes + rest),
                   (prod([shape[i] for i in axes]), *[shape[i] for i in rest]))


def _folded(ufunc, meaning, line, initial, chosen):
    """Fold the first axis, or what is chosen of it, from initial (or the first element) on."""
    n = shape_of(line)[0]
    if initial is None and (chosen is not None or not n):
        initial = _identity(ufunc, line)
    if chosen is None and ufunc in ASSOCIATIVE and n:
        total = reshape(_by_halves(meaning, line), shape_of(line)[1:])
        return total if initial is None else meaning(initial, total)
    start = 0 if initial is not None else 1
    total = broadcast_to(initial, shape_of(line)[1:]) if start == 0 else line[0]
    for k in range(start, n):
        y = meaning(total, line[k])
        total = y if chosen is None else ops.select(chosen[k], y, total)
    return total


def _identity(ufunc, line):
    if ufunc.identity is None:
        raise ShapeError(f"np.{ufunc.__name__}.reduce has no number to start from",
                         got=f"no elements, or where=, of shape {shape_of(line)}",
                         instead="the argument initial=")
    return np.asarray(ufunc.identity, dtype_of(line))[()]


def _by_halves(meaning, x):
    while (n := shape_of(x)[0]) > 1:
        half = n // 2
        y = meaning(take_range(x, 0, 0, half), take_range(x, 0, half, 2 * half))
        x = concatenate([y, take_range(x, 0, n - 1, n)], 0) if n % 2 else y
    return x


# ---- accumulate, reduceat, outer, at ----

def _accumulate(ufunc, array, axis=0, dtype=None):
    meaning = _meaning(ufunc, "accumulate")
    array = strong_operand(array)
    array = array if dtype is None else cast_to(array, np.dtype(dtype))
    axis = one_axis(axis, ndim_of(array), "accumulate")
    operation = ACCUMULATIONS.get(ufunc)
    array = array if ufunc in STARTED else _in_result_dtype(meaning, array)
    if operation is not None:
        return operation(array, axis)
    parts = [take_range(array, axis, k, k + 1) for k in range(shape_of(array)[axis])]
    for k in range(1, len(parts)):
        parts[k] = meaning(parts[k - 1], parts[k])
    return concatenate(parts, axis) if parts else array


def _reduceat(ufunc, array, indices, axis=0, dtype=None):
    """The fold from each index to the next; the one element at an index that is not below it."""
    array = strong_operand(array)
    axis = one_axis(axis, ndim_of(array), "reduceat")
    n = shape_of(array)[axis]
    starts = concrete(indices, "where the parts of reduceat start, which decide their sizes,",
                      "isograd.numpy.at(zeros)[segment].add(x)").tolist()
    if [k for k in starts if not 0 <= k < n]:
        raise IndexingError("reduceat: an index is out of range", got=str(starts),
                         wanted=f"0 <= index < {n}")
    parts = [take_range(array, axis, a, b if b > a else a + 1)
             for a, b in zip(starts, [*starts[1:], n], strict=True)]
    folded = [_reduce(ufunc, part, axis, dtype, True) for part in parts]
    if not folded:
        return take_range(array, axis, 0, 0)
    return concatenate(folded, axis)


def _outer(ufunc, a, b, **kwargs):
    meaning = _meaning(ufunc, "outer")
    a, b = operand(a), operand(b)
    return meaning(expand(a, tuple(range(ndim_of(a), ndim_of(a) + ndim_of(b)))), b, **kwargs)


UFUNC_METHODS = {"reduce": _reduce, "accumulate": _accumulate, "outer": _outer, "at": ufunc_at,
                 "reduceat": _reduceat}
