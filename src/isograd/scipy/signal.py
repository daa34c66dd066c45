"""scipy.signal on arrays and traced values alike: convolution, correlation, trends, envelopes.

On plain arrays, outside of transformations, each function is SciPy's own. On traced ones the direct
method is isograd.lax's convolution, the fast one numpy.fft; both have derivatives in both operands.
"""

from __future__ import annotations

import functools
from math import prod

import numpy as np
import scipy.fft
import scipy.signal

from isograd._convolution import conv_general_dilated
from isograd.refimpl.errors import ArgumentError, DtypeError, ShapeError
from isograd.refimpl.numpy.common import (
    dtype_of,
    ndim_of,
    one_axis,
    promote,
    sequence,
    shape_of,
    strong_operand,
    to_float,
)
from isograd.refimpl.numpy.concrete import concrete
from isograd.refimpl.numpy.function import numpy_function

PUBLIC: dict = {}
signal_function = functools.partial(numpy_function, module=scipy.signal, public=PUBLIC)

# ---- which part of the full convolution ----

def _part(name, mode, n, k):
    """The range (start, stop) of the full convolution of n and k elements that a mode keeps."""
    if mode == "full":
        return 0, n + k - 1
    if mode == "same":
        return (k - 1) // 2, (k - 1) // 2 + n
    if mode == "valid":
        return min(n, k) - 1, max(n, k)
    raise ArgumentError(f"{name}: an unknown mode", got=repr(mode),
                        wanted="'full', 'same' or 'valid'")


def _parts(name, mode, x, y, axes):
    """_part of each of the axes."""
    sizes = [(shape_of(x)[i], shape_of(y)[i]) for i in axes]
    if mode == "valid" and any(n < k for n, k in sizes) and any(n > k for n, k in sizes):
        raise ShapeError(f"{name}: for mode 'valid' one array is at least as large in every axis",
                         got=f"{shape_of(x)} and {shape_of(y)}")
    return [_part(name, mode, n, k) for n, k in sizes]


def _operands(name, in1, in2):
    x, y = promote(strong_operand(in1), strong_operand(in2))
    if ndim_of(x) != ndim_of(y):
        raise ShapeError(f"{name}: two arrays with as many axes",
                         got=f"{shape_of(x)} and {shape_of(y)}")
    return x, y


# ---- the two methods ----

def _direct(x, y, parts):
    """out[i] = sum over k of x[i - k] y[k], for i in the ranges `parts`, one an axis."""
    n = ndim_of(x)
    pads = []
    for size, k, (start, stop) in zip(shape_of(x), shape_of(y), parts, strict=True):
        pads.append((k - 1 - start, stop - size))
    w = np.flip(y, tuple(range(n)))
    out = conv_general_dilated(np.reshape(x, (1, 1, *shape_of(x))),
                               np.reshape(w, (1, 1, *shape_of(w))), (1,) * n, pads)
    return np.reshape(out, shape_of(out)[2:])


def _fast(x, y, parts, axes):
    """The same along some axes, by products of Fourier transforms; others broadcast."""
    sizes = [scipy.fft.next_fast_len(shape_of(x)[i] + shape_of(y)[i] - 1) for i in axes]
    if dtype_of(x).kind == "c":
        out = np.fft.ifftn(np.fft.fftn(x, sizes, axes) * np.fft.fftn(y, sizes, axes), axes=axes)
    else:
        x, y = to_float(x), to_float(y)
        out = np.fft.irfftn(np.fft.rfftn(x, sizes, axes) * np.fft.rfftn(y, sizes, axes), sizes,
                            axes)
    for axis, (start, stop) in zip(axes, parts, strict=True):
        out = out[(slice(None),) * axis + (slice(start, stop),)]
    return out


SMALL = 2000    # products for each place, above which transforms are faster


@signal_function
def convolve(in1, in2, mode="full", method="auto"):
    """The convolution of two arrays over all axes: sum over k of in1[i - k] in2[k].

    mode: "full"; "same", the middle part in the shape of in1; "valid", where no zeros are needed.
    method: "direct", "fft", or "auto": fft for large arrays of floating-point numbers.
    """
    x, y = _operands("convolve", in1, in2)
    if not ndim_of(x):
        return x * y
    if method not in ("auto", "direct", "fft"):
        raise ArgumentError("convolve: an unknown method", got=repr(method),
                            wanted="'auto', 'direct' or 'fft'")
    axes = tuple(range(ndim_of(x)))
    parts = _parts("convolve", mode, x, y, axes)
    if method == "auto":
        large = min(prod(shape_of(x)), prod(shape_of(y))) > SMALL
        method = "fft" if large and dtype_of(x).kind in "fc" else "direct"
    if method == "direct" or not prod(shape_of(x)) * prod(shape_of(y)):
        return _direct(x, y, parts)
    dtype, out = dtype_of(x), _fast(x, y, parts, axes)
    return np.rint(out).astype(dtype) if dtype.kind in "iu" else out


def _turned(y):
    """What makes a convolution a correlation."""
    y = strong_operand(y)
    return np.conj(np.flip(y, tuple(range(ndim_of(y))))) if ndim_of(y) else np.conj(y)


@signal_function
def correlate(in1, in2, mode="full", method="auto"):
    """The correlation: sum over k of in1[i + k] conj(in2[k]); mode, method: as for convolve."""
    x, y = _operands("correlate", in1, in2)
    return convolve(x, _turned(y), mode, method)


@signal_function
def fftconvolve(in1, in2, mode="full", axes=None):
    """convolve, by Fourier transforms, along some axes; along others the arrays broadcast."""
    x, y = _operands("fftconvolve", in1, in2)
    if not ndim_of(x):
        return x * y
    axes = range(ndim_of(x)) if axes is None else sequence(axes)
    axes = tuple([one_axis(i, ndim_of(x), "fftconvolve") for i in axes])
    if not prod(shape_of(x)) * prod(shape_of(y)):
        return np.zeros(0)
    return _fast(x, y, _parts("fftconvolve", mode, x, y, axes), axes)


@signal_function
def oaconvolve(in1, in2, mode="full", axes=None):
    """The convolution that SciPy computes in overlapping blocks; here by whole transforms."""
    return fftconvolve(in1, in2, mode, axes)


# ---- images ----

_BOUNDARIES = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}


@signal_function
def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """The convolution of two matrices.

    boundary: what is around in1: "fill", fillvalue; "wrap", in1 again; "symm", in1 mirrored.
    """
    x, y = _operands("convolve2d", in1, in2)
    if ndim_of(x) != 2:
        raise ShapeError("convolve2d: two matrices", got=f"{shape_of(x)} and {shape_of(y)}")
    if boundary not in _BOUNDARIES:
        raise ArgumentError("convolve2d: an unknown boundary", got=repr(boundary),
                            wanted="'fill', 'wrap' or 'symm'")
    parts = _parts("convolve2d", mode, x, y, (0, 1))
    if mode == "valid":
        return _direct(x, y, parts)
    around = [(k - 1, k - 1) for k in shape_of(y)]
    given = {"constant_values": fillvalue} if boundary == "fill" else {}
    x = np.pad(x, around, _BOUNDARIES[boundary], **given)
    return _direct(x, y, [(start + k - 1, stop + k - 1)
                          for (start, stop), k in zip(parts, shape_of(y), strict=True)])


@signal_function
def correlate2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """The correlation of two matrices; mode, boundary: as for convolve2d."""
    x, y = _operands("correlate2d", in1, in2)
    if mode == "same":      # SciPy's middle is that of the turned window
        full = convolve2d(x, _turned(y), "full", boundary, fillvalue)
        starts = [k // 2 for k in shape_of(y)]
        return full[tuple([slice(a, a + n) for a, n in zip(starts, shape_of(x), strict=True)])]
    return convolve2d(x, _turned(y), mode, boundary, fillvalue)


# ---- trends and envelopes ----

@signal_function
def detrend(data, axis=-1, type="linear", bp=0, overwrite_data=False):
    """The data less their mean ("constant") or their least-squares lines ("linear").

    bp: the places, which are known, where a new line begins.
    """
    x = to_float(strong_operand(data))
    axis = one_axis(axis, ndim_of(x), "detrend")
    if type in ("constant", "c"):
        return x - np.mean(x, axis, keepdims=True)
    if type not in ("linear", "l"):
        raise ArgumentError("detrend: an unknown type", got=repr(type),
                            wanted="'linear' or 'constant'")
    n = shape_of(x)[axis]
    breaks = concrete(bp, "a place where a line begins", "a known place")
    places = np.unique([0, n, *np.atleast_1d(breaks).tolist()]).tolist()
    if places[-1] > n or places[0] < 0:
        raise ArgumentError("detrend: a break beyond the data", got=str(bp), wanted=f"0 to {n}")
    lines = np.moveaxis(x, axis, -1)
    parts = [_less_line(lines[..., a:b])
             for a, b in zip(places[:-1], places[1:], strict=True)]
    return np.moveaxis(np.concatenate(parts, -1), -1, axis)


def _less_line(y):
    """y - mean - slope t, with t = 0 in the middle, slope = sum(t y) / sum(t^2)."""
    n = shape_of(y)[-1]
    t = (np.arange(n) - (n - 1) / 2).astype(np.zeros((), dtype_of(y)).real.dtype)
    y = y - np.mean(y, -1, keepdims=True)
    squares = float(np.sum(t * t)) or 1.0       # 0 for one number, which is its mean
    return y - np.sum(t * y, -1, keepdims=True) / squares * t


@signal_function
def hilbert(x, N=None, axis=-1):
    """The analytic signal x + i H x: negative frequencies are 0, positive ones double."""
    x = strong_operand(x)
    if dtype_of(x).kind == "c":
        raise DtypeError("hilbert: a real signal", got=dtype_of(x).name, instead="np.real(x)")
    axis = one_axis(axis, ndim_of(x), "hilbert")
    y = np.fft.fft(x, N, axis)
    n = shape_of(y)[axis]
    weights = np.zeros(n)
    weights[0] = 1
    weights[1:(n + 1) // 2] = 2
    if n % 2 == 0:
        weights[n // 2] = 1
    shape = [n if i == axis else 1 for i in range(ndim_of(x))]
    weights = weights.reshape(shape).astype(np.zeros((), dtype_of(y)).real.dtype)
    return np.fft.ifft(y * weights, axis=axis)


correlation_lags = scipy.signal.correlation_lags
globals().update(PUBLIC)
__all__ = sorted([*PUBLIC, "correlation_lags"])


def __dir__():
    return __all__
