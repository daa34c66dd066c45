"""Random vectors and matrices."""

from __future__ import annotations

import operator

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.errors import ShapeError
from isograd.refimpl.numpy import linalg

from .arguments import choose, dtype_argument, fits, parameters, sampler, shape_argument
from .bits import draw
from .continuous import exponential
from .gammas import generalized_normal
from .normal import normal


@sampler
def multivariate_normal(key, mean, cov, shape=None, dtype=None, method="cholesky"):
    """The normal distribution with a mean [..., n] and a covariance [..., n, n].

    shape: the leading axes of the result, by default those of the parameters. method: how the
    covariance is factored, "cholesky", "eigh" or "svd" (these two also if it is singular).
    Differentiable in both parameters. Default dtype: that of the parameters.
    """
    mean, cov = inp.asarray(mean), inp.asarray(cov)
    _check_moments(mean, cov)
    default = np.result_type(mean.dtype, cov.dtype, np.float32 if mean.dtype == cov.dtype
                             == np.float32 else np.float64)
    dtype = dtype_argument(dtype, "multivariate_normal", default=default)
    mean, cov = parameters(dtype, mean, cov)
    batches = mean.shape[:-1], cov.shape[:-2]
    shape = np.broadcast_shapes(*batches) if shape is None else shape_argument(
        shape, "multivariate_normal")
    fits(shape, "multivariate_normal", *batches)
    factor = _FACTORS[choose(method, "multivariate_normal", "method", *_FACTORS)](cov)
    x = normal(key, (*shape, mean.shape[-1]), dtype)
    return mean + inp.einsum("...ij,...j->...i", factor, x)


def _check_moments(mean, cov):
    if mean.ndim < 1 or cov.shape[-2:] != (mean.shape[-1], mean.shape[-1]):
        raise ShapeError("multivariate_normal: a mean [..., n] and a covariance [..., n, n]",
                         got=f"shapes {mean.shape} and {cov.shape}")


def _by_eigh(cov):
    w, v = linalg.eigh(cov)
    return v * inp.sqrt(w)[..., None, :]


def _by_svd(cov):
    u, s, _ = linalg.svd(cov)
    return u * inp.sqrt(s)[..., None, :]


def _by_cholesky(cov):
    return linalg.cholesky(cov)


_FACTORS = {"cholesky": _by_cholesky, "eigh": _by_eigh, "svd": _by_svd}


@sampler
def orthogonal(key, n, shape=(), dtype=None, m=None):
    """Orthogonal n x n matrices, uniform (by Haar's measure); with m, n x m ones with orthonormal
    rows or columns. F. Mezzadri, "How to generate random matrices from the classical compact
    groups" (2007): the factor Q of a normal matrix, its columns signed as R's diagonal."""
    dtype = dtype_argument(dtype, "orthogonal", "fc")
    n = operator.index(n)
    m = n if m is None else operator.index(m)
    z = normal(key, (*shape_argument(shape, "orthogonal"), max(n, m), min(n, m)), dtype)
    q, r = linalg.qr(z)
    q = q * inp.sign(inp.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
    return inp.swapaxes(q, -1, -2) if n < m else q


@sampler
def ball(key, d, p=2, shape=(), dtype=None):
    """Points of the unit ball of the p-norm in d dimensions, uniform; a result of shape + (d,).

    F. Barthe, O. Guédon, S. Mendelson, A. Naor, "A probabilistic approach to the geometry of the
    l_p^n-ball" (2005).
    """
    dtype, shape = dtype_argument(dtype, "ball"), shape_argument(shape, "ball")
    normal_key, radius_key = draw(key, (2,), "pair")
    x = generalized_normal(normal_key, p, (*shape, operator.index(d)), dtype)
    p, = parameters(dtype, p)
    length = inp.sum(inp.abs(x) ** p, axis=-1) + exponential(radius_key, shape, dtype)
    return x / (length ** (1 / p))[..., None]
