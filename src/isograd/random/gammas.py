"""The gamma distribution and what is made of it; differentiable in the shape parameters."""

from __future__ import annotations

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.errors import ShapeError
from isograd.refimpl.ops.random_gamma import random_gamma

from .arguments import common_shape, dtype_argument, parameters, sampler
from .bits import draw
from .discrete import rademacher
from .normal import normal


@sampler
def gamma(key, a, shape=None, dtype=None):
    """The gamma distribution, density x^(a - 1) exp(-x) / Gamma(a).

    a > 0: shape parameter. shape: that of the result, by default a's. Differentiable once in a, by
    implicit reparameterisation. For small a, see `loggamma`.
    """
    return _gamma(key, a, shape, dtype, "gamma", False)


@sampler
def loggamma(key, a, shape=None, dtype=None):
    """The logarithm of a gamma variable, exact where that itself is too small for the dtype."""
    return _gamma(key, a, shape, dtype, "loggamma", True)


def _gamma(key, a, shape, dtype, name, log_space):
    dtype, shape = dtype_argument(dtype, name), common_shape(shape, name, a)
    a, = parameters(dtype, a)
    return random_gamma(key, inp.broadcast_to(a, shape), log_space)


@sampler
def beta(key, a, b, shape=None, dtype=None):
    """The beta distribution, density proportional to x^(a - 1) (1 - x)^(b - 1).

    a, b > 0. shape: that of the result, by default the parameters'. x / (x + y) of gamma variables.
    """
    dtype, shape = dtype_argument(dtype, "beta"), common_shape(shape, "beta", a, b)
    a_key, b_key = draw(key, (2,), "pair")
    x, y = loggamma(a_key, a, shape, dtype), loggamma(b_key, b, shape, dtype)
    largest = inp.maximum(x, y)
    x, y = inp.exp(x - largest), inp.exp(y - largest)
    return x / (x + y)


@sampler
def dirichlet(key, alpha, shape=None, dtype=None):
    """The Dirichlet distribution: gamma variables of shapes alpha, divided by their sum.

    alpha: [..., n], positive. shape: the leading axes of the result, by default alpha's; the result
    is shape + (n,) and sums to 1 along the last axis.
    """
    dtype = dtype_argument(dtype, "dirichlet")
    if np.ndim(alpha) < 1:
        raise ShapeError("dirichlet: alpha has at least one axis", got="a number",
                         instead="random.beta for two categories")
    alpha, = parameters(dtype, alpha)
    shape = common_shape(shape, "dirichlet", alpha[..., 0])
    logs = loggamma(key, alpha, (*shape, alpha.shape[-1]), dtype)
    x = inp.exp(logs - inp.max(logs, axis=-1, keepdims=True))
    return x / inp.sum(x, axis=-1, keepdims=True)


@sampler
def t(key, df, shape=None, dtype=None):
    """Student's t distribution with df > 0 degrees of freedom: a normal variable over the square
    root of a gamma variable of mean 1. shape: that of the result, by default df's."""
    dtype, shape = dtype_argument(dtype, "t"), common_shape(shape, "t", df)
    half, = parameters(dtype, df)
    half = half / 2
    normal_key, gamma_key = draw(key, (2,), "pair")
    return normal(normal_key, shape, dtype) * inp.sqrt(half / gamma(gamma_key, half, shape, dtype))


@sampler
def chisquare(key, df, shape=None, dtype=None):
    """The chi-squared distribution with df > 0 degrees of freedom: twice a gamma variable of shape
    df / 2. shape: that of the result, by default df's."""
    dtype, shape = dtype_argument(dtype, "chisquare"), common_shape(shape, "chisquare", df)
    df, = parameters(dtype, df)
    return 2 * inp.exp(loggamma(key, df / 2, shape, dtype))


@sampler
def f(key, dfnum, dfden, shape=None, dtype=None):
    """The F distribution: the quotient of two chi-squared variables, each over its degrees of
    freedom. shape: that of the result, by default the parameters'."""
    dtype, shape = dtype_argument(dtype, "f"), common_shape(shape, "f", dfnum, dfden)
    dfnum, dfden = parameters(dtype, dfnum, dfden)
    below_key, above_key = draw(key, (2,), "pair")
    above = chisquare(above_key, dfnum, shape, dtype) / dfnum
    return above / (chisquare(below_key, dfden, shape, dtype) / dfden)


@sampler
def generalized_normal(key, p, shape=(), dtype=None):
    """The generalised normal distribution, density proportional to exp(-|x|^p), p > 0.

    p = 1 is the Laplace distribution, p = 2 the normal one of variance 1/2.
    """
    dtype, shape = dtype_argument(dtype, "generalized_normal"), common_shape(
        shape, "generalized_normal", p)
    p, = parameters(dtype, p)
    gamma_key, sign_key = draw(key, (2,), "pair")
    size = gamma(gamma_key, 1 / p, shape, dtype) ** (1 / p)
    return rademacher(sign_key, shape, dtype) * size
