"""Sums of exponentials, without overflow: everything is shifted by the largest exponent."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.numpy.common import (
    dtype_of,
    many_axes,
    ndim_of,
    promote,
    size_of,
    strong_operand,
    to_float,
)
from isograd.refimpl.ops.elementwise import scale
from isograd.refimpl.transforms.jvp import stop_gradient
from isograd.scipy.special._function import special_function


def _shift(x, axis):
    """The largest (real part of an) element along the axes, 0 where it is not finite."""
    largest = stop_gradient(np.max(np.real(x), axis=axis, keepdims=True))
    return np.where(np.isfinite(largest), largest, np.zeros((), dtype_of(largest)))


@special_function
def logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False):
    """log(sum(b exp(a))) over the axes, b = 1 by default.

    A sum of real numbers below 0 has the logarithm NaN; with return_sign the result is
    (log(abs(sum)), sign). The derivative in a is the share of each element, softmax(a).
    """
    a = to_float(strong_operand(a))
    axis = many_axes(axis, ndim_of(a), "logsumexp")
    if b is not None:
        a, b = promote(*np.broadcast_arrays(a, to_float(strong_operand(b))))
    if not size_of(a):
        return _of_nothing(a, axis, keepdims, return_sign)
    if b is None and not return_sign and dtype_of(a).kind != "c":
        return _without(axis, keepdims, _log_of_shares(a, axis))
    total, shift = _shifted_sum(a, b, axis)
    if not return_sign:
        return _without(axis, keepdims, np.log(total) + shift)
    log_of_sum = _without(axis, keepdims, np.log(np.abs(total)) + shift)
    return log_of_sum, _without(axis, keepdims, np.sign(total))


def _without(axis, keepdims, y):
    return y if keepdims else np.squeeze(y, axis)


def _log_of_shares(a, axis):
    """The largest elements count 1 each, so that log1p keeps what the small ones add."""
    shift = _shift(a, axis)
    terms, zero = np.exp(a - shift), np.zeros((), dtype_of(a))
    largest = stop_gradient(a) == shift
    large = np.sum(np.where(largest, terms, zero), axis=axis, keepdims=True)
    small = np.sum(np.where(largest, zero, terms), axis=axis, keepdims=True)
    none = large == 0       # where the largest one is infinite
    split = np.log(np.where(none, 1, large)) + np.log1p(small / np.where(none, 1, large))
    return np.where(none, np.log(small), split) + shift


def _shifted_sum(a, b, axis):
    """The sum over exp(shift), and the shift.

    Terms with b = 0 are 0, even where exp(a) is infinite; their derivative in b is exp(a).
    """
    counted = a if b is None else np.where(b == 0, np.full((), -np.inf, dtype_of(a)), a)
    shift = _shift(counted, axis)
    terms = np.exp(a - shift)
    if b is not None:
        terms = scale(b, terms)
    return np.sum(terms, axis=axis, keepdims=True), shift


def _of_nothing(a, axis, keepdims, return_sign):
    """The logarithm of the empty sum, 0."""
    zero = np.sum(np.real(a), axis=axis, keepdims=keepdims)
    return (zero - np.inf, zero) if return_sign else zero - np.inf


@special_function
def softmax(x, axis=None):
    """exp(x) / sum(exp(x)) over the axes."""
    x = to_float(strong_operand(x))
    e = np.exp(x - stop_gradient(np.max(x, axis=axis, keepdims=True)))
    return e / np.sum(e, axis=axis, keepdims=True)


@special_function
def log_softmax(x, axis=None):
    """log(softmax(x)): x - logsumexp(x)."""
    x = to_float(strong_operand(x))
    shifted = x - _shift(x, axis)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
