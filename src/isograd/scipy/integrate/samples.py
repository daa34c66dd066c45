"""Integrals of functions that are known at points: compound rules along an axis."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ArgumentError, ShapeError
from isograd.refimpl.numpy.common import ndim_of, one_axis, shape_of, strong_operand, to_float


def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral of samples y at places x, or dx apart, by the trapezoidal rule."""
    return np.trapezoid(strong_operand(y), x, dx, axis)


def cumulative_trapezoid(y, x=None, dx=1.0, axis=-1, initial=None):
    """The integral of samples up to each of them but the first, by the trapezoidal rule.

    initial: None, or 0 to put that value in front.
    """
    y, h, axis = _samples("cumulative_trapezoid", y, x, dx, axis)
    sums = np.cumsum(h * (y[1:] + y[:-1]) / 2, 0)
    if initial is not None:
        if initial != 0:
            raise ArgumentError("cumulative_trapezoid: initial is None or 0", got=repr(initial))
        sums = np.concatenate([np.zeros_like(y[:1]), sums])
    return np.moveaxis(sums, 0, axis)


def simpson(y, x=None, *, dx=1.0, axis=-1):
    """The integral of samples y at places x, or dx apart, by Simpson's rule.

    For an even number of samples the last interval is that of the parabola through the last three
    (Cartwright, *Simpson's Rule Cumulative Integration with MS Excel and Irregularly-spaced Data*,
    2017); of two samples it is the trapezoidal rule.
    """
    y, h, axis = _samples("simpson", y, x, dx, axis)
    n = shape_of(y)[0]
    if n == 2:
        return (h * (y[1:] + y[:-1]) / 2)[0]
    h = h * np.ones((n - 1,) + (1,) * (ndim_of(y) - 1))
    last = n - 1 if n % 2 else n - 2        # the last sample of whole pairs of intervals
    total = _parabolas(y[:last + 1], h[:last])
    return total if n % 2 else total + _last_interval(y[-3:], h[-2], h[-1])


def _parabolas(y, h):
    """Each pair of intervals h0, h1 integrated by the parabola through its three samples."""
    h0, h1 = h[::2], h[1::2]
    both = h0 + h1
    return np.sum(both / 6 * (y[:-2:2] * (2 - h1 / h0) + y[1:-1:2] * both ** 2 / (h0 * h1)
                              + y[2::2] * (2 - h0 / h1)), 0)


def _last_interval(y, h0, h1):
    """The interval h1 under the parabola through samples h0 and h1 apart; equation 8."""
    return (y[2] * (2 * h1 ** 2 + 3 * h0 * h1) / (6 * (h0 + h1))
            + y[1] * (h1 ** 2 + 3 * h0 * h1) / (6 * h0)
            - y[0] * h1 ** 3 / (6 * h0 * (h0 + h1)))


def romb(y, dx=1.0, axis=-1, show=False):
    """The integral of 2^k + 1 samples dx apart by Romberg's method: trapezoidal sums, extrapolated.

    show is not supported. Raises ShapeError for another number of samples.
    """
    if show:
        raise ArgumentError("romb: show prints, which is not supported", instead="show=False")
    y, _, _ = _samples("romb", y, None, dx, axis)
    intervals = shape_of(y)[0] - 1
    if intervals & (intervals - 1):
        raise ShapeError("romb: the number of samples is not a power of 2, plus 1",
                         got=str(intervals + 1), instead="simpson")
    row = []
    for k in range(intervals.bit_length()):
        stride = intervals >> k
        new = [dx * stride * (np.sum(y[::stride], 0) - (y[0] + y[-1]) / 2)]
        for j, coarse in enumerate(row, 1):
            new.append(new[-1] + (new[-1] - coarse) / (4 ** j - 1))
        row = new
    return row[-1]


def _samples(name, y, x, dx, axis):
    """(samples with their axis first, the distances between them, that axis)."""
    y = to_float(strong_operand(y))
    axis = one_axis(axis, ndim_of(y), name)
    y = np.moveaxis(y, axis, 0)
    n = shape_of(y)[0]
    if n < 2:
        raise ShapeError(f"{name}: too few samples", got=str(n), wanted="two or more")
    if x is None:
        return y, dx, axis
    x = to_float(strong_operand(x))
    if ndim_of(x) == 1:
        x = np.reshape(x, (-1,) + (1,) * (ndim_of(y) - 1))
    else:
        x = np.moveaxis(x, axis, 0)
    if shape_of(x)[0] != n:
        raise ShapeError(f"{name}: a place for each sample", got=str(shape_of(x)[0]),
                         wanted=str(n))
    return y, np.diff(x, axis=0), axis
