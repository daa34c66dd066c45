"""Random bits, and what is made of them at once: uniform numbers and integers."""

from __future__ import annotations

import functools

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.errors import DtypeError
from isograd.refimpl.jit import jit
from isograd.refimpl.ops.random import random_bits
from isograd.refimpl.trace import EVAL, Tracer, current_trace

from .arguments import common_shape, dtype_argument, fits, parameters, sampler, shape_argument

_compiled = jit(random_bits, static_argnames=("shape", "form"))


def draw(words, shape, form):
    """`random_bits`, by the default backend even where nothing is traced or jitted."""
    if current_trace() is EVAL and not isinstance(words, Tracer):
        return _compiled(words, shape=shape, form=form)
    return random_bits(words, shape, form)


@sampler
def bits(key, shape=(), dtype=None):
    """Unsigned integers, uniform over all values of the dtype (default: uint64)."""
    dtype = dtype_argument(dtype, "bits", "u", np.uint64)
    return draw(key, shape_argument(shape, "bits"), dtype.name)


@sampler
def uniform(key, shape=(), dtype=None, minval=0.0, maxval=1.0):
    """Uniform numbers, minval <= x < maxval; differentiable in both.

    Of the 2**23 (float32) or 2**52 (float64) numbers k / 2**n between 0 and 1, shifted and scaled.
    """
    shape, dtype = shape_argument(shape, "uniform"), dtype_argument(dtype, "uniform")
    unit = draw(key, shape, dtype.name)
    if type(minval) in (int, float) and type(maxval) in (int, float) and (minval, maxval) == (0, 1):
        return unit
    fits(shape, "uniform", np.shape(minval), np.shape(maxval))
    minval, maxval = parameters(dtype, minval, maxval)
    return inp.maximum(minval, unit * (maxval - minval) + minval)


@sampler
def randint(key, shape, minval, maxval, dtype=None):
    """Integers, minval <= n < maxval, all (nearly) equally likely; minval where there are none.

    Two words of the dtype's width are reduced modulo the span, so that the bias is below
    span / 2**(2 * width); narrow dtypes draw 32 bits.
    """
    dtype = dtype_argument(dtype, "randint", "iu", np.int64)
    shape = common_shape(shape, "randint", minval, maxval)
    wide = dtype if dtype.itemsize >= 4 else np.dtype(np.int32)
    low, high = _bound(minval, "minval"), _bound(maxval, "maxval")
    if wide != dtype:
        info = np.iinfo(dtype)
        low, high = inp.clip(low, info.min, info.max), inp.clip(high, info.min, info.max + 1)
    return _randint(key, low, high, shape=shape, dtype=wide).astype(dtype)


def _bound(x, argument):
    """A bound as an array of integers."""
    if isinstance(x, int) and not -2**63 <= x < 2**64:
        raise DtypeError(f"randint: {argument} has more than 64 bits", got=str(x))
    x = inp.asarray(x)
    if x.dtype.kind not in "iu":
        raise DtypeError(f"randint: {argument} is an integer", got=str(x.dtype),
                         instead="int(x), or random.uniform for real numbers")
    return x


@functools.partial(jit, static_argnames=("shape", "dtype"))
def _randint(words, minval, maxval, *, shape, dtype):
    """minval + a number below the span; the span of all integers of the dtype wraps to 0."""
    beyond = maxval > min(np.iinfo(dtype).max, np.iinfo(maxval.dtype).max)
    minval, maxval = _saturated(minval, dtype), _saturated(maxval, dtype)
    unsigned = np.dtype(f"uint{dtype.itemsize * 8}")
    span = inp.where(maxval > minval, (maxval - minval).astype(unsigned), unsigned.type(1))
    span = span + (beyond & (maxval > minval)).astype(unsigned)
    first, second = draw(words, (2,), "pair")
    upper, lower = draw(first, shape, unsigned.name), draw(second, shape, unsigned.name)
    factor = _modulo(unsigned.type(1 << dtype.itemsize * 4), span)
    factor = _modulo(factor * factor, span)         # 2**width modulo the span
    offset = _modulo(_modulo(upper, span) * factor + _modulo(lower, span), span)
    return minval + offset.astype(dtype)


def _saturated(x, dtype):
    """Convert integers; those that the dtype cannot hold become its nearest."""
    have, want = np.iinfo(x.dtype), np.iinfo(dtype)
    return inp.clip(x, max(have.min, want.min), min(have.max, want.max)).astype(dtype)


def _modulo(x, span):
    """x % span, where a span of 0 stands for 2**width."""
    return inp.where(span == 0, x, x % inp.maximum(span, 1))
