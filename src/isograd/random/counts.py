"""Counts: Poisson, binomial, multinomial variables."""

from __future__ import annotations

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.errors import ShapeError
from isograd.refimpl.ops.random_counts import random_binomial, random_poisson

from .arguments import common_shape, dtype_argument, fits, parameters, sampler, shape_argument
from .bits import draw


@sampler
def poisson(key, lam, shape=None, dtype=None):
    """The Poisson distribution, probability lam^n exp(-lam) / n! of n = 0, 1, ...

    lam >= 0: the mean (read as float32, as JAX does); the result is -1 where it is NaN. shape: that
    of the result, by default lam's. Default dtype: int64.
    """
    dtype = dtype_argument(dtype, "poisson", "iu", np.int64)
    shape = common_shape(shape, "poisson", lam)
    lam, = parameters(np.float32, lam)
    return random_poisson(key, inp.broadcast_to(lam, shape), dtype)


@sampler
def binomial(key, n, p, shape=None, dtype=None):
    """The binomial distribution: how many of n trials succeed, each with probability p.

    shape: that of the result, by default the parameters'. The numbers are floating-point ones:
    NaN where n or p make no sense.
    """
    dtype, shape = dtype_argument(dtype, "binomial"), common_shape(shape, "binomial", n, p)
    p = inp.asarray(p)
    p = p if p.dtype.kind == "f" else p.astype(np.float64)
    n, = parameters(p.dtype, n)
    n, p = inp.broadcast_to(n, shape), inp.broadcast_to(p, shape)
    return random_binomial(key, n, p).astype(dtype)


@sampler
def multinomial(key, n, p, *, shape=None, dtype=None):
    """The multinomial distribution: how many of n trials fall into each category.

    p: [..., k], probabilities of the k categories. n: [...], the trials. shape: that of the result,
    [..., k], by default p's. One category after the other, binomial among what is left.
    """
    p = inp.asarray(p)
    if p.ndim < 1:
        raise ShapeError("multinomial: the probabilities have at least one axis", got="a number",
                         instead="random.binomial for two categories")
    p = p if p.dtype.kind == "f" else p.astype(np.float64)
    dtype = dtype_argument(dtype, "multinomial", "fiu", p.dtype)
    shape = p.shape if shape is None else shape_argument(shape, "multinomial")
    fits(shape, "multinomial", p.shape, (*np.shape(n), 1))
    p, (left,) = inp.broadcast_to(p, shape), parameters(p.dtype, n)
    left, counts = inp.broadcast_to(left, shape[:-1]), []
    remaining = inp.flip(inp.cumsum(inp.flip(p, -1), axis=-1), -1)
    ratios = inp.clip(p / inp.where(remaining == 0, 1, remaining), 0, 1)
    for i, subkey in enumerate(draw(key, (shape[-1],), "pair")):
        counts.append(random_binomial(subkey, left, ratios[..., i]))
        left = left - counts[-1]
    return inp.stack(counts, axis=-1).astype(dtype)
