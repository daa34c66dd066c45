"""`isograd.lax`: reductions over windows that slide; what windows and paddings share."""

from __future__ import annotations

from math import prod

import numpy as np

from isograd.refimpl.errors import ArgumentError, ShapeError
from isograd.refimpl.numpy.common import as_int, ndim_of, promote, shape_of, strong_operand
from isograd.refimpl.numpy.function import MEANINGS
from isograd.refimpl.numpy.manipulation import reshape
from isograd.refimpl.ops import elementwise as ops
from isograd.refimpl.ops import linear, reduce
from isograd.refimpl.ops.conv import extents, n_places
from isograd.refimpl.ops.index import gather, iota, take_range
from isograd.refimpl.ops.movement import concatenate, pad, slice_

# ---- windows and paddings ----

def one_each(name, numbers, n):
    """A positive integer an axis; None for ones."""
    if numbers is None:
        return (1,) * n
    numbers = tuple([as_int(k, name) for k in numbers])
    if len(numbers) != n or min(numbers, default=1) < 1:
        raise ArgumentError(f"{name}: a positive integer an axis", got=str(numbers),
                            wanted=f"{n} of them")
    return numbers


def window_pads(name, padding, sizes, reach, strides):
    """The padding as pairs (low, high), one an axis: "VALID", "SAME", "SAME_LOWER", or pairs."""
    if not isinstance(padding, str):
        pads = tuple([(as_int(low, name), as_int(high, name)) for low, high in padding])
        if len(pads) != len(sizes):
            raise ArgumentError(f"{name}: a pair (low, high) an axis", got=str(pads),
                                wanted=f"{len(sizes)} of them")
        return pads
    if padding == "VALID":
        return ((0, 0),) * len(sizes)
    if padding not in ("SAME", "SAME_LOWER"):
        raise ArgumentError(f"{name}: an unknown padding", got=repr(padding),
                            wanted="'SAME', 'SAME_LOWER', 'VALID' or pairs (low, high)")
    pads = []
    for n, k, s in zip(sizes, reach, strides, strict=True):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        low = total // 2 if padding == "SAME" else -(-total // 2)
        pads.append((low, total - low))
    return tuple(pads)


def crop_or_pad(x, pads, dilation):
    """Put dilation - 1 zeros between elements and (low, high) around them; negative crops."""
    x = pad(x, tuple([(max(low, 0), max(high, 0), d - 1)
                      for (low, high), d in zip(pads, dilation, strict=True)]))
    shape = shape_of(x)
    starts = tuple([min(max(-low, 0), n) for (low, _), n in zip(pads, shape, strict=True)])
    stops = tuple([max(n - max(-high, 0), a)
                   for (_, high), n, a in zip(pads, shape, starts, strict=True)])
    if starts == (0,) * len(shape) and stops == shape:
        return x
    return slice_(x, starts, stops, (1,) * len(shape))


# ---- reductions ----

def _meanings(ufunc, op):
    """The ways to name an operation: NumPy's ufunc, its meaning, the operation itself."""
    return ufunc, MEANINGS[ufunc], op


_FOLDS = {f: fold for names, fold in (
    (_meanings(np.add, ops.add), linear.sum), (_meanings(np.multiply, ops.multiply), reduce.prod),
    (_meanings(np.maximum, ops.maximum), reduce.max),
    (_meanings(np.minimum, ops.minimum), reduce.min)) for f in names}


def reduce_window(operand, init_value, computation, window_dimensions, window_strides=None,
                  padding="VALID", base_dilation=None, window_dilation=None):
    """Fold each window that slides over an array to one value.

        out[i] = fold over k of x[i * stride + k * window_dilation]

    where x is operand with base_dilation - 1 times init_value between its elements, and `padding`
    (as in conv_general_dilated) filled with init_value around it. One number an axis.
    computation: np.add, np.multiply, np.maximum, np.minimum, or any associative and commutative
    function of two arrays; init_value: what it leaves as it is: 0, 1, -inf, inf.
    Equal largest (smallest) elements of a window share its derivative equally.
    """
    x = strong_operand(operand)
    x, init = promote(x, init_value if shape_of(init_value) == () else _no_array(init_value))
    n = ndim_of(x)
    window = one_each("reduce_window: window_dimensions", window_dimensions, n)
    strides = one_each("reduce_window: window_strides", window_strides, n)
    stretch = one_each("reduce_window: base_dilation", base_dilation, n)
    dilation = one_each("reduce_window: window_dilation", window_dilation, n)
    sizes = [(m - 1) * d + 1 if m else 0 for m, d in zip(shape_of(x), stretch, strict=True)]
    pads = window_pads("reduce_window", padding, sizes, extents(window, dilation), strides)
    x = _filled(x, init, pads, stretch)
    return computation(init, _fold(_seen(x, window, strides, dilation), n, computation))


def _no_array(init_value):
    raise ShapeError("reduce_window: init_value is a number", got=str(shape_of(init_value)))


def _filled(x, init, pads, stretch):
    """crop_or_pad, but with init for the zeros."""
    padded = crop_or_pad(x, pads, stretch)
    if padded is x:
        return x
    original = crop_or_pad(np.ones(shape_of(x), bool), pads, stretch)
    return ops.select(original, padded, init)


def _seen(x, window, strides, dilation):
    """x[i * stride + k * dilation] with the axes i..., k."""
    places = n_places(shape_of(x), window, strides, dilation)
    n = len(window)
    indices = []
    for axis in range(n):
        i, k = [1] * (2 * n), [1] * (2 * n)
        i[axis], k[n + axis] = places[axis], window[axis]
        indices.append(iota(places[axis]).reshape(i) * strides[axis]
                       + iota(window[axis]).reshape(k) * dilation[axis])
    seen = gather(x, *indices) if n else x
    return reshape(seen, (*places, prod(window)))


def _fold(x, axis, computation):
    """Fold one axis by a known reduction, or else by halves."""
    fold = _FOLDS.get(computation)
    if fold is not None:
        return fold(x, (axis,))
    while (size := shape_of(x)[axis]) > 1:
        half = size // 2
        y = computation(take_range(x, axis, 0, half), take_range(x, axis, half, 2 * half))
        x = y if size % 2 == 0 else concatenate([y, take_range(x, axis, size - 1, size)], axis)
    return reshape(x, shape_of(x)[:axis])
