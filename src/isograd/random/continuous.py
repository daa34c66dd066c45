"""Distributions by inversion: x = F^-1(u) of a uniform u; differentiable in their parameters.

L. Devroye, *Non-Uniform Random Variate Generation* (1986), chapter II.2.
"""

from __future__ import annotations

import math

import numpy as np

import isograd.numpy as inp

from .arguments import choose, common_shape, dtype_argument, parameters, sampler, shape_argument
from .bits import uniform


@sampler
def exponential(key, shape=(), dtype=None):
    """The exponential distribution, density exp(-x) for x >= 0: -log(1 - u)."""
    return -inp.log1p(-uniform(key, shape, dtype))


@sampler
def gumbel(key, shape=(), dtype=None, mode=None):
    """The Gumbel distribution, density exp(-(x + exp(-x))): -log(-log u).

    mode: "low" (the default) draws u once; "high" draws finer small values, for more exact tails.
    """
    shape, dtype = shape_argument(shape, "gumbel"), dtype_argument(dtype, "gumbel")
    info = np.finfo(dtype)
    if choose(mode or "low", "gumbel", "mode", "low", "high") == "low":
        return -inp.log(-inp.log(uniform(key, shape, dtype, info.tiny, 1.0)))
    high, low = uniform(key, (2, *shape), dtype)
    fine = high + dtype.type(2.0**-info.nmant) * low + info.tiny
    return -inp.log(-inp.log1p(-inp.where(high >= 0.5, high, fine)))


@sampler
def laplace(key, shape=(), dtype=None):
    """The Laplace distribution, density exp(-|x|) / 2."""
    dtype = dtype_argument(dtype, "laplace")
    u = uniform(key, shape, dtype, np.finfo(dtype).epsneg - 1, 1.0)
    return inp.sign(u) * inp.log1p(-inp.abs(u))


@sampler
def logistic(key, shape=(), dtype=None):
    """The logistic distribution, with the distribution function 1 / (1 + exp(-x)): the logit of u.
    """
    dtype = dtype_argument(dtype, "logistic")
    u = uniform(key, shape, dtype, np.finfo(dtype).tiny, 1.0)
    return inp.log(u) - inp.log1p(-u)


@sampler
def cauchy(key, shape=(), dtype=None):
    """The Cauchy distribution, density 1 / (pi (1 + x^2)): tan(pi (u - 1/2))."""
    dtype = dtype_argument(dtype, "cauchy")
    u = uniform(key, shape, dtype, np.finfo(dtype).eps, 1.0)
    return inp.tan(dtype.type(math.pi) * (u - dtype.type(0.5)))


@sampler
def pareto(key, b, shape=None, dtype=None):
    """The Pareto distribution, density b / x^(b + 1) for x >= 1.

    b > 0: shape parameter. shape: that of the result, by default b's.
    """
    dtype, shape = dtype_argument(dtype, "pareto"), common_shape(shape, "pareto", b)
    b, = parameters(dtype, b)
    return inp.exp(exponential(key, shape, dtype) / b)


@sampler
def rayleigh(key, scale, shape=None, dtype=None):
    """The Rayleigh distribution, density x / scale^2 exp(-x^2 / (2 scale^2)) for x >= 0.

    scale > 0. shape: that of the result, by default scale's.
    """
    dtype, shape = dtype_argument(dtype, "rayleigh"), common_shape(shape, "rayleigh", scale)
    scale, = parameters(dtype, scale)
    return scale * inp.sqrt(inp.log(uniform(key, shape, dtype)) * dtype.type(-2))


@sampler
def weibull_min(key, scale, concentration, shape=None, dtype=None):
    """The Weibull distribution, with the distribution function 1 - exp(-(x / scale)^concentration).

    scale, concentration > 0. shape: that of the result, by default the parameters'.
    """
    dtype = dtype_argument(dtype, "weibull_min")
    shape = common_shape(shape, "weibull_min", scale, concentration)
    scale, concentration = parameters(dtype, scale, concentration)
    return exponential(key, shape, dtype) ** (1 / concentration) * scale


@sampler
def triangular(key, left, mode, right, shape=None, dtype=None):
    """The triangular distribution: its density rises from left to mode, and falls to right.

    left <= mode <= right, left < right. shape: that of the result, by default the parameters'.
    """
    dtype = dtype_argument(dtype, "triangular")
    shape = common_shape(shape, "triangular", left, mode, right)
    left, mode, right = parameters(dtype, left, mode, right)
    u = uniform(key, shape, dtype)
    rising = left + inp.sqrt(u * (right - left) * (mode - left))
    falling = right - inp.sqrt((1 - u) * (right - left) * (right - mode))
    return inp.where(u < (mode - left) / (right - left), rising, falling)
