"""Bits packed in bytes."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError, DtypeError
from ..ops import elementwise as ops
from ..ops.index import take_range
from ..ops.linear import cast_to, reshape
from ..ops.linear import sum as sum_over
from ..ops.movement import pad
from .common import as_int, dtype_of, ndim_of, one_axis, shape_of, strong_operand
from .function import numpy_function
from .manipulation import moveaxis, ravel

BYTE = np.dtype(np.uint8)
_SHIFTS = {"big": np.arange(7, -1, -1, dtype=np.uint8), "little": np.arange(8, dtype=np.uint8)}


def _last_axis(name, a, axis, bitorder):
    """The array with the axis of the bits last, that axis, and by how much each bit is shifted."""
    if bitorder not in _SHIFTS:
        raise ArgumentError(f"{name}: an unknown bitorder", got=repr(bitorder),
                            wanted="'big' or 'little'")
    a = ravel(a) if axis is None else strong_operand(a)
    axis = one_axis(-1 if axis is None else axis, ndim_of(a), name)
    return moveaxis(a, axis, -1), axis, _SHIFTS[bitorder]


@numpy_function
def packbits(a, /, axis=None, bitorder="big"):
    """Eight truth values a byte, the first one the highest bit ("little": the lowest)."""
    a, axis, shifts = _last_axis("packbits", a, axis, bitorder)
    if dtype_of(a).kind not in "biu":
        raise DtypeError("packbits: integers or booleans", got=str(dtype_of(a)))
    *outer, n = shape_of(a)
    bits = cast_to(ops.not_equal(a, 0), BYTE)
    bits = pad(bits, (*[(0, 0, 0)] * len(outer), (0, -n % 8, 0)))
    groups = reshape(bits, (*outer, -(-n // 8), 8))
    packed = sum_over(ops.left_shift(groups, shifts), (ndim_of(groups) - 1,))
    return moveaxis(cast_to(packed, BYTE), -1, axis)


@numpy_function
def unpackbits(a, /, axis=None, count=None, bitorder="big"):
    """The bits of bytes as 0 and 1; count: how many, or if negative how many fewer."""
    a, axis, shifts = _last_axis("unpackbits", a, axis, bitorder)
    if dtype_of(a) != BYTE:
        raise DtypeError("unpackbits: bytes", got=str(dtype_of(a)), wanted="uint8")
    *outer, n = shape_of(a)
    one = np.uint8(1)
    bits = ops.bitwise_and(ops.right_shift(reshape(a, (*outer, n, 1)), shifts), one)
    bits = reshape(bits, (*outer, 8 * n))
    if count is not None:
        count = as_int(count, "unpackbits: count")
        count = count if count >= 0 else max(8 * n + count, 0)
        last = len(outer)
        bits = take_range(bits, last, 0, min(count, 8 * n))
        bits = pad(bits, (*[(0, 0, 0)] * last, (0, max(count - 8 * n, 0), 0)))
    return moveaxis(bits, -1, axis)
