"""The exact oracles of transforms, convolutions, and functions of integers."""

from __future__ import annotations

import math
from functools import cache
from itertools import product

import numpy as np

from .oracle import build, ctx, elementwise

# ---- discrete Fourier transforms ----

@cache
def root(k, n):
    """exp(2 pi i k / n)."""
    return ctx.expjpi(ctx.mpf(2 * k) / n)


SCALES = {"backward": (0, 1), "ortho": (0.5, 0.5), "forward": (1, 0)}     # powers of 1 / n


def along(x, axis, size, coefficient):
    """y[k] = sum over j of coefficient(j, k) * x[j] along an axis."""
    lines = np.moveaxis(x, axis, -1)
    y = build((*lines.shape[:-1], size), lambda place: sum(
        coefficient(j, place[-1]) * lines[(*place[:-1], j)] for j in range(lines.shape[-1])))
    return np.moveaxis(y, -1, axis)


def dft(x, axis, size, n, sign, norm):
    """The frequencies 0 to size - 1 of n numbers."""
    scale = ctx.power(n, -SCALES[norm][sign > 0])
    return along(x, axis, size, lambda j, k: scale * root(sign * j * k % n, n))


def completed(y, axis, others, n):
    """The n frequencies of real numbers from the first half: the others are conjugates of those
    at the opposite place of every transformed axis."""
    def element(place):
        if place[axis] < y.shape[axis]:
            return y[place]
        opposite = list(place)
        for i in (*others, axis):
            opposite[i] = -place[i] % (n if i == axis else y.shape[i])
        return ctx.conj(y[tuple(opposite)])
    return build(tuple(n if i == axis else m for i, m in enumerate(y.shape)), element)


def fft(x, *, form, axes, norm, size):
    *others, last = axes
    sign = 1 if form in ("ifft", "irfft") else -1
    if form == "irfft":
        y = completed(x, last, others, size)
        for i in axes:
            y = dft(y, i, y.shape[i], y.shape[i], sign, norm)
        return np.asarray(np.frompyfunc(ctx.re, 1, 1)(y), object)
    n = x.shape[last]
    y = dft(x, last, n // 2 + 1 if form == "rfft" else n, n, sign, norm)
    for i in others:
        y = dft(y, i, y.shape[i], y.shape[i], sign, norm)
    return y


def fft_sizes(x, *, form, axes, norm, size):
    """How large the terms of each sum are together: no more than all |x|, twice for irfft."""
    shape = fft(x, form=form, axes=axes, norm=norm, size=size).shape
    scale = ctx.mpf(2)
    for i in axes:
        n = size if form == "irfft" and i == axes[-1] else x.shape[i]
        scale = scale * ctx.power(n, -SCALES[norm][form in ("ifft", "irfft")])
    total = sum(abs(v) for v in x.flat)
    return build(shape, lambda place: scale * total)


# ---- convolution ----

def conv(x, w, *, strides, dilation):
    groups, features, inputs, *window = w.shape
    places = [len(range(0, n - (k - 1) * d, s)) for n, k, s, d in
              zip(x.shape[3:], window, strides, dilation, strict=True)]

    def element(out):
        g, n, o, *i = out
        total = 0
        for c, *k in product(range(inputs), *map(range, window)):
            place = tuple(a * s + b * d for a, s, b, d in
                          zip(i, strides, k, dilation, strict=True))
            total = total + x[(g, n, c, *place)] * w[(g, o, c, *k)]
        return total
    return build((groups, x.shape[1], features, *places), element)


# ---- integers, and parts of floating-point numbers ----

ORACLES = {
    "fft": fft, "conv": conv, "gcd": elementwise(math.gcd, 2), "lcm": elementwise(math.lcm, 2),
    "bitwise_count": elementwise(lambda x: abs(x).bit_count()),
    "mantissa": elementwise(lambda x: ctx.frexp(x)[0]),
    "exponent": elementwise(lambda x: ctx.frexp(x)[1]),
}
SIZES = {"fft": fft_sizes}
