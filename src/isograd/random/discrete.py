"""Choices: coins, categories, permutations."""

from __future__ import annotations

import math
import operator

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.errors import ArgumentError, DtypeError, ShapeError

from .arguments import choose, common_shape, dtype_argument, fits, sampler, shape_argument
from .bits import draw, randint, uniform
from .continuous import gumbel


@sampler
def bernoulli(key, p=0.5, shape=None, mode="low"):
    """True with probability p. shape: that of the result, by default p's.

    mode: "low" compares p with one uniform number, "high" with one of twice the digits.
    """
    shape = common_shape(shape, "bernoulli", p)
    p = inp.asarray(p)
    if p.dtype.kind != "f":
        raise DtypeError("bernoulli: a probability is a floating-point number", got=str(p.dtype),
                         instead="p.astype(float)")
    if choose(mode, "bernoulli", "mode", "low", "high") == "low":
        return uniform(key, shape, p.dtype) < p
    high, low = uniform(key, (2, *shape), p.dtype)
    return low * p.dtype.type(2.0**-np.finfo(p.dtype).nmant) < p - high


@sampler
def rademacher(key, shape=(), dtype=None):
    """-1 or 1, with equal probability (default dtype: int64)."""
    dtype = dtype_argument(dtype, "rademacher", "iufc", np.int64)
    heads = bernoulli(key, 0.5, shape_argument(shape, "rademacher"))
    return (2 * heads.astype(dtype) - 1).astype(dtype)


@sampler
def geometric(key, p, shape=None, dtype=None):
    """How many trials it takes to succeed once, each with probability p: 1, 2, ...

    0 < p <= 1. shape: that of the result, by default p's. Default dtype: int64.
    """
    dtype = dtype_argument(dtype, "geometric", "iu", np.int64)
    shape = common_shape(shape, "geometric", p)
    p = inp.asarray(p)
    p = p if p.dtype.kind == "f" else p.astype(np.float64)
    u = uniform(key, shape, p.dtype)
    trials = inp.floor(inp.log(inp.where(u == 0, p.dtype.type(1), u)) / inp.log1p(-p)) + 1
    return trials.astype(dtype)


@sampler
def categorical(key, logits, axis=-1, shape=None, replace=True, mode=None):
    """Indices along an axis of `logits`, index i with probability proportional to exp(logits[i]).

    The largest of logits + Gumbel noise. shape: that of the result, samples + the other axes of
    logits. replace=False: the samples of each other axis are distinct.
    """
    logits = inp.asarray(logits)
    if not -logits.ndim <= axis < logits.ndim:
        raise ShapeError("categorical: logits have no such axis", got=f"axis {axis} of "
                         f"shape {logits.shape}")
    axis %= logits.ndim
    batch = logits.shape[:axis] + logits.shape[axis + 1:]
    shape = batch if shape is None else shape_argument(shape, "categorical")
    fits(shape, "categorical", batch)
    samples, rest = shape[:len(shape) - len(batch)], shape[len(shape) - len(batch):]
    if replace:
        full = (*samples, *rest[:axis], logits.shape[axis], *rest[axis:])
        noise = gumbel(key, full, logits.dtype, mode=mode)
        return inp.argmax(noise + logits, axis=axis - logits.ndim)
    count = math.prod(samples)
    if count > logits.shape[axis]:
        raise ArgumentError("categorical: more samples without replacement than categories",
                            got=f"{count} of {logits.shape[axis]}", instead="replace=True")
    scores = inp.moveaxis(logits + gumbel(key, logits.shape, logits.dtype, mode=mode), axis, -1)
    return inp.reshape(inp.moveaxis(_largest(scores, count), -1, 0), shape)


def _largest(x, k):
    """The indices of the k largest elements along the last axis, the largest first."""
    return inp.argsort(-x, axis=-1, stable=True)[..., :k]


# ---- order ----

@sampler
def permutation(key, x, axis=0, independent=False):
    """The slices of x along an axis (or 0, ..., x - 1 for an int x) in random order.

    independent: every line along the axis has an order of its own.
    """
    if isinstance(x, (int, np.integer)):
        return _shuffled(key, np.arange(x), 0)
    x = inp.asarray(x)
    axis = _axis(x, axis, "permutation")
    if independent or x.ndim == 1:
        return _shuffled(key, x, axis)
    return inp.take(x, _shuffled(key, np.arange(x.shape[axis]), 0), axis)


def _axis(x, axis, name):
    axis = operator.index(axis)
    if not -x.ndim <= axis < x.ndim:
        raise ShapeError(f"{name}: the array has no such axis", got=f"axis {axis} of shape "
                         f"{x.shape}", instead="an int n, for the numbers below n")
    return axis % x.ndim


def _shuffled(key, x, axis):
    """Sort by random words, so often that ties among them hardly matter."""
    rounds = math.ceil(3 * math.log(max(1, x.size)) / math.log(2**32 - 1))
    for _ in range(rounds):
        key, subkey = draw(key, (2,), "pair")
        order = inp.argsort(draw(subkey, x.shape, "uint32"), axis=axis, stable=True)
        x = inp.take_along_axis(x, order, axis)
    return x


@sampler
def choice(key, a, shape=(), replace=True, p=None, axis=0, mode=None):
    """Random slices of `a` along an axis (or of 0, ..., a - 1 for an int a).

    p: their probabilities, by default equal. replace=False: no slice is drawn twice.
    """
    shape = shape_argument(shape, "choice")
    numbers = isinstance(a, (int, np.integer))
    a = np.arange(a) if numbers else inp.asarray(a)
    axis = _axis(a, axis, "choice")
    _check_choice(a.shape[axis], shape, replace, p)
    if p is None and not replace:
        whole = permutation(key, a, axis)
        picked = inp.take(whole, np.arange(math.prod(shape)), axis)
    else:
        index = _choose(key, a.shape[axis], shape, replace, p, mode)
        picked = index if numbers else inp.take(a, index, axis)
    return inp.reshape(picked, a.shape[:axis] + shape + a.shape[axis + 1:])


def _check_choice(n, shape, replace, p):
    count = math.prod(shape)
    if n == 0 and count:
        raise ArgumentError("choice: there is nothing to choose from", got="a of size 0")
    if not replace and count > n:
        raise ArgumentError("choice: more samples without replacement than there are",
                            got=f"{count} of {n}", instead="replace=True")
    if p is not None and np.shape(p) != (n,):
        raise ShapeError("choice: one probability for each element", got=str(np.shape(p)),
                         wanted=str((n,)))


def _choose(key, n, shape, replace, p, mode):
    if p is None:
        return randint(key, shape, 0, n)
    p = inp.asarray(p)
    p = p if p.dtype.kind == "f" else p.astype(np.float64)
    if not replace:
        return _largest(gumbel(key, (n,), p.dtype, mode=mode) + inp.log(p), math.prod(shape))
    cumulative = inp.cumsum(p)
    return inp.searchsorted(cumulative, cumulative[-1] * (1 - uniform(key, shape, p.dtype)))
