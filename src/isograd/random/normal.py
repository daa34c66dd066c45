"""The normal distribution and what is made of it."""

from __future__ import annotations

import functools
import math

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.jit import jit
from isograd.refimpl.ops.special import erf, erfinv
from isograd.refimpl.transforms.jvp import stop_gradient

from .arguments import common_shape, dtype_argument, parameters, sampler, shape_argument
from .bits import draw, uniform
from .discrete import rademacher


@sampler
def normal(key, shape=(), dtype=None):
    """The standard normal distribution: sqrt(2) erfinv(u), u uniform between -1 and 1.

    A complex number has real and imaginary parts of variance 1/2.
    """
    dtype = dtype_argument(dtype, "normal", "fc")
    shape = shape_argument(shape, "normal")
    if dtype.kind == "f":
        return _normal(key, shape=shape, dtype=dtype)
    real = np.finfo(dtype).dtype
    re, im = [_normal(k, shape=shape, dtype=real) for k in draw(key, (2,), "pair")]
    return ((re + 1j * im) / math.sqrt(2)).astype(dtype)


@functools.partial(jit, static_argnames=("shape", "dtype"))
def _normal(words, *, shape, dtype):
    above = np.nextafter(dtype.type(-1), dtype.type(0))
    x = dtype.type(math.sqrt(2)) * erfinv(uniform(words, shape, dtype, above, 1.0))
    return x.astype(dtype)      # SciPy has no erfinv of float16


@sampler
def truncated_normal(key, lower, upper, shape=None, dtype=None):
    """The standard normal distribution between lower and upper, both excluded.

    shape: that of the result, by default the bounds'. Differentiable in the bounds.
    """
    dtype = dtype_argument(dtype, "truncated_normal")
    shape = common_shape(shape, "truncated_normal", lower, upper)
    lower, upper = parameters(dtype, lower, upper)
    sqrt2 = dtype.type(math.sqrt(2))
    u = uniform(key, shape, dtype, erf(lower / sqrt2), erf(upper / sqrt2))
    x, = parameters(dtype, sqrt2 * erfinv(u))
    infinity = dtype.type(np.inf)
    return inp.clip(x, inp.nextafter(stop_gradient(lower), infinity),
                    inp.nextafter(stop_gradient(upper), -infinity))


@sampler
def lognormal(key, sigma=1.0, shape=None, dtype=None):
    """exp(sigma x), x standard normal. shape: that of the result, by default sigma's."""
    dtype = dtype_argument(dtype, "lognormal", "fc")
    shape = common_shape(shape, "lognormal", sigma)
    sigma, = parameters(dtype, sigma)
    return inp.exp(normal(key, shape, dtype) * sigma)


@sampler
def maxwell(key, shape=(), dtype=None):
    """The Maxwell distribution: the length of a standard normal vector in space."""
    x = normal(key, (*shape_argument(shape, "maxwell"), 3), dtype_argument(dtype, "maxwell"))
    return inp.sqrt(inp.sum(x * x, axis=-1))


@sampler
def double_sided_maxwell(key, loc, scale, shape=(), dtype=None):
    """loc + scale * s * m, m of the Maxwell distribution, s = -1 or 1.

    The result has the shape `shape` (by default the parameters') + that of the parameters.
    """
    dtype = dtype_argument(dtype, "double_sided_maxwell")
    inner = common_shape(None, "double_sided_maxwell", loc, scale)
    shape = (shape_argument(shape, "double_sided_maxwell") or inner) + inner
    loc, scale = parameters(dtype, loc, scale)
    size_key, sign_key = draw(key, (2,), "pair")
    return rademacher(sign_key, shape, dtype) * maxwell(size_key, shape, dtype) * scale + loc


@sampler
def wald(key, mean, shape=None, dtype=None):
    """The Wald (inverse Gaussian) distribution with the given mean and scale 1.

    mean > 0. shape: that of the result, by default mean's. J. Michael, W. Schucany, R. Haas,
    "Generating random variates using transformations with multiple roots" (1976).
    """
    dtype, shape = dtype_argument(dtype, "wald"), common_shape(shape, "wald", mean)
    mean, = parameters(dtype, mean)
    normal_key, choice_key = draw(key, (2,), "pair")
    y = inp.square(normal(normal_key, shape, dtype))
    root = inp.sqrt(4 * mean * y + inp.square(mean) * inp.square(y))
    x = mean + inp.square(mean) * y / 2 - mean / 2 * root
    u = uniform(choice_key, shape, dtype)
    return inp.where(u <= mean / (mean + x), x, inp.square(mean) / x)
