"""numpy.fft: discrete Fourier transforms, all of them one operation (see ops/fft.py)."""

from __future__ import annotations

import functools

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ops import elementwise as ops
from ..ops import fft as dft
from ..ops.index import take_range
from ..ops.movement import pad
from .common import as_int, ndim_of, one_axis, sequence, shape_of, strong_operand
from .function import numpy_function, refuse_out
from .rearranging import roll

FFT = {}     # the names of isograd.numpy.fft
fft_function = functools.partial(numpy_function, module=np.fft, public=FFT)


def transform(name, form, a, sizes, axes, norm, out):
    """Crop or pad axes with zeros to their sizes (None: as they are), then transform them.

    form: as in ops/fft.py. For "irfft" the last size is that of the result.
    """
    refuse_out(out, name)
    a, norm = strong_operand(a), _norm(norm)
    axes, sizes = _axes_and_sizes(name, a, sizes, axes)
    if not axes:
        return a
    size = None
    if form == "irfft":
        size = 2 * (shape_of(a)[axes[-1]] - 1) if sizes[-1] is None else sizes[-1]
        _require_number(name, size)
        sizes[-1] = size // 2 + 1
    for axis, n in zip(axes, sizes, strict=True):
        a = a if n is None else _crop_or_pad(name, a, axis, n)
    return dft.fft(a, form, axes, norm, size)


def _norm(norm):
    if norm not in (None, *dft.NORMS):
        raise ArgumentError("fft: an unknown norm", got=repr(norm),
                            wanted="'backward', 'ortho' or 'forward'")
    return norm or "backward"


def _axes_and_sizes(name, a, sizes, axes):
    """The axes, not negative, and for each its size or None, as NumPy chooses them."""
    sizes = None if sizes is None else sequence(sizes)
    if axes is None:
        axes = range(ndim_of(a)) if sizes is None else range(-len(sizes), 0)
    axes = tuple([one_axis(i, ndim_of(a), name) for i in sequence(tuple(axes))])
    sizes = [None] * len(axes) if sizes is None else sizes
    if len(sizes) != len(axes) or len(set(axes)) < len(axes):
        raise ShapeError(f"{name}: a size for each axis, and no axis twice",
                         got=f"{len(sizes)} sizes, axes {axes}")
    sizes = [n if n is None else as_int(n, f"{name}: a size") for n in sizes]
    shape = shape_of(a)
    return axes, [shape[i] if n == -1 else n for i, n in zip(axes, sizes, strict=True)]


def _require_number(name, n):
    if n < 1:
        raise ShapeError(f"{name} of no numbers", got=f"n = {n}", wanted="n >= 1")


def _crop_or_pad(name, a, axis, n):
    _require_number(name, n)
    have = shape_of(a)[axis]
    if have >= n:
        return a if have == n else take_range(a, axis, 0, n)
    return pad(a, tuple([(0, n - have, 0) if i == axis else (0, 0, 0)
                         for i in range(ndim_of(a))]))


# ---- one axis ----

def _one_axis(name, form, doc):
    """Define a transform of one axis."""
    def function(a, n=None, axis=-1, norm=None, out=None):
        return transform(name, form, a, None if n is None else [n], (axis,), norm, out)
    return _named(function, name, doc)


def _named(function, name, doc):
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return fft_function(function)


fft = _one_axis("fft", "fft", "y[k] = sum over j of a[j] exp(-2 pi i j k / n).")
ifft = _one_axis("ifft", "ifft", "y[k] = sum over j of a[j] exp(2 pi i j k / n) / n.")
rfft = _one_axis("rfft", "rfft", "The frequencies 0 to n // 2 of real numbers.")
irfft = _one_axis("irfft", "irfft", "n real numbers from their frequencies 0 to n // 2.")


@fft_function
def hfft(a, n=None, axis=-1, norm=None, out=None):
    """The real transform of numbers with a[-j] = conj(a[j]), of which the first half is given."""
    refuse_out(out, "hfft")
    return irfft(ops.conjugate(strong_operand(a)), n, axis, dft.OPPOSITE[_norm(norm)])


@fft_function
def ihfft(a, n=None, axis=-1, norm=None, out=None):
    """The inverse of hfft."""
    refuse_out(out, "ihfft")
    return ops.conjugate(rfft(a, n, axis, dft.OPPOSITE[_norm(norm)]))


# ---- several axes ----

def _two_axes(name, form, doc):
    """Define a transform of two axes."""
    def function(a, s=None, axes=(-2, -1), norm=None, out=None):
        return transform(name, form, a, s, axes, norm, out)
    return _named(function, name, doc)


def _all_axes(name, form, doc):
    """Define a transform of several axes, by default all."""
    def function(a, s=None, axes=None, norm=None, out=None):
        return transform(name, form, a, s, axes, norm, out)
    return _named(function, name, doc)


fft2 = _two_axes("fft2", "fft", "fft of two axes.")
ifft2 = _two_axes("ifft2", "ifft", "ifft of two axes.")
rfft2 = _two_axes("rfft2", "rfft", "rfft of the last of two axes, then fft of the other.")
irfft2 = _two_axes("irfft2", "irfft", "ifft of the first of two axes, then irfft of the other.")
fftn = _all_axes("fftn", "fft", "fft of each of the axes.")
ifftn = _all_axes("ifftn", "ifft", "ifft of each of the axes.")
rfftn = _all_axes("rfftn", "rfft", "rfft of the last of the axes, then fft of the others.")
irfftn = _all_axes("irfftn", "irfft", "ifft of all axes but the last, then irfft of that.")


# ---- frequencies ----

def _shifted(x, axes, direction):
    x = strong_operand(x)
    axes = range(ndim_of(x)) if axes is None else sequence(axes)
    axes = [one_axis(i, ndim_of(x), "fftshift") for i in axes]
    half = [shape_of(x)[i] // 2 * direction for i in axes]
    return roll(x, tuple(half), tuple(axes)) if axes else x


@fft_function
def fftshift(x, axes=None):
    """Put frequency 0 in the middle of axes."""
    return _shifted(x, axes, 1)


@fft_function
def ifftshift(x, axes=None):
    """Undo fftshift."""
    return _shifted(x, axes, -1)


def _spaced(numbers, n, d):
    return ops.multiply(numbers, ops.divide(1.0, ops.multiply(n, strong_operand(d))))


@fft_function
def fftfreq(n, d=1.0, device=None):
    """The n frequencies of fft for samples that are d apart: 0, 1, ..., ..., -1, over n d."""
    return _spaced(np.fft.fftfreq(n, 1 / n), n, d)


@fft_function
def rfftfreq(n, d=1.0, device=None):
    """The n // 2 + 1 frequencies of rfft for samples that are d apart."""
    return _spaced(np.fft.rfftfreq(n, 1 / n), n, d)


__all__ = sorted(FFT)
