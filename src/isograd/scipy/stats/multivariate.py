"""Distributions of vectors.

S. Kotz, N. Balakrishnan, N. L. Johnson, *Continuous Multivariate Distributions* (2000); N. L.
Johnson, S. Kotz, N. Balakrishnan, *Discrete Multivariate Distributions* (1997).
"""

from __future__ import annotations

import functools
import math

import numpy as np
import scipy.special as sp

from isograd.refimpl.errors import MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import dtype_of, ndim_of, shape_of
from isograd.refimpl.ops.elementwise import select
from isograd.scipy.linalg.equations import solve_triangular

from .base import Named, real_operands
from .formulas import exp_settled
from .real_line import LOG_2PI, LOG_PI


class Multivariate(Named):
    """A distribution of vectors: the logarithm of its density or mass, and its exponential."""

    def __init__(self, logarithm):
        name, method = logarithm.__qualname__.split("_log")
        super().__init__(name.lstrip("_"))
        self.__doc__ = logarithm.__doc__
        setattr(self, f"log{method}", self._method(f"log{method}", logarithm, lambda y: y))
        setattr(self, method, self._method(method, logarithm, exp_settled))

    def _method(self, name, logarithm, finish):
        @functools.wraps(logarithm)
        def method(*args, **kwargs):
            with np.errstate(all="ignore"):
                y = finish(logarithm(*args, **kwargs))
            return y[()] if isinstance(y, np.ndarray) else y
        method.__name__, method.__qualname__ = name, f"{self.name}.{name}"
        return method


# ---- ellipses: distributions of the distance from a centre ----

def _ellipse(name, x, centre, matrix):
    """(n, log det, d): the dimension, the determinant of the matrix A, and for each x the squared
    distance (x - c)^T A^-1 (x - c), by the Cholesky factor of A."""
    x, centre, matrix = real_operands(name, x, 0.0 if centre is None else centre, matrix)
    n = (*shape_of(matrix)[-1:], *shape_of(centre)[-1:], 1)[0]
    if ndim_of(matrix) < 2:     # a number or a diagonal
        matrix = np.reshape(matrix, (-1, 1)) * np.eye(n, dtype=dtype_of(x))
    if n == 1 and shape_of(x)[-1:] != (1,):
        x = x[..., None]
    if shape_of(x)[-1:] != (n,) or shape_of(matrix)[-2:] != (n, n) or (
            shape_of(centre)[-1:] not in ((), (1,), (n,))):
        raise ShapeError(f"{name}: vectors, and a square matrix, of one dimension",
                         got=f"x {shape_of(x)}, centre {shape_of(centre)}, matrix "
                             f"{shape_of(matrix)}", wanted=f"the last axis of x to be {n}")
    factor = np.linalg.cholesky(matrix)
    log_det = 2 * np.sum(np.log(np.diagonal(factor, axis1=-2, axis2=-1)), axis=-1)
    return n, log_det, np.sum(_whitened(factor, x - centre) ** 2, axis=-1)


def _whitened(factor, vectors):
    """factor^-1 v for each vector: as columns of one system if there is one factor."""
    if ndim_of(factor) > 2:
        return solve_triangular(factor, vectors[..., None], lower=True)[..., 0]
    columns = np.reshape(vectors, (-1, shape_of(vectors)[-1])).T
    return np.reshape(solve_triangular(factor, columns, lower=True).T, shape_of(vectors))


def _multivariate_normal_logpdf(x, mean=None, cov=1, allow_singular=False):
    """The normal distribution of vectors: -(n log(2 pi) + log det(cov) + d) / 2, where
    d = (x - mean)^T cov^-1 (x - mean).

    x: shape (..., n); mean: (..., n), by default 0; cov: (..., n, n), positive definite (else
    LinAlgError), or the diagonal of one matrix, or a number. The result has the shapes before the
    last axes, broadcast.
    """
    if allow_singular:
        raise MissingRuleError("multivariate_normal: allow_singular has no rule",
                               instead="cov + eps * np.eye(n)")
    n, log_det, d = _ellipse("multivariate_normal.logpdf", x, mean, cov)
    return -(n * LOG_2PI + log_det + d) / 2


def _multivariate_t_logpdf(x, loc=None, shape=1, df=1):
    """Student's t of vectors: log(Gamma((df + n) / 2) / Gamma(df / 2)) - n / 2 log(df pi)
    - log det(shape) / 2 - (df + n) / 2 log(1 + d / df), where
    d = (x - loc)^T shape^-1 (x - loc).

    x, loc, shape: as in multivariate_normal; df > 0 degrees of freedom.
    """
    n, log_det, d = _ellipse("multivariate_t.logpdf", x, loc, shape)
    df, d = real_operands("multivariate_t.logpdf", df, d)
    y = (sp.gammaln((df + n) / 2) - sp.gammaln(df / 2) - n / 2 * (np.log(df) + LOG_PI)
         - (df + n) / 2 * np.log1p(d / df))
    y = np.where(df == math.inf, -(n * LOG_2PI + d) / 2, y) - log_det / 2
    return select(df > 0, y, math.nan)


# ---- the simplex, and counts ----

def _dirichlet_logpdf(x, alpha):
    """The Dirichlet distribution: sum((alpha - 1) log x) - sum(log Gamma(alpha))
    + log Gamma(sum(alpha)) where x >= 0 sums to 1, else -inf; alpha > 0.

    alpha: shape (n,). x: (n, ...), or (n - 1, ...) without the last component. Derivatives are
    those of the formula, also along directions that leave the simplex.
    """
    x, alpha = real_operands("dirichlet.logpdf", x, alpha)
    n = shape_of(alpha)[0] if ndim_of(alpha) == 1 else 0
    if shape_of(x)[:1] not in ((n,), (n - 1,)) or not n:
        raise ShapeError("dirichlet: alpha is a vector, the first axis of x its length, or 1 less",
                         got=f"x {shape_of(x)}, alpha {shape_of(alpha)}")
    if shape_of(x)[0] == n - 1:
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
    tolerance = max(1e-9, 64 * float(np.finfo(dtype_of(x)).eps))
    inside = np.all(x >= 0, axis=0) & (np.abs(np.sum(x, axis=0) - 1) <= tolerance)
    weights = np.reshape(alpha, (n,) + (1,) * (ndim_of(x) - 1))
    y = (np.sum(sp.xlogy(weights - 1, x), axis=0) - np.sum(sp.gammaln(alpha))
         + sp.gammaln(np.sum(alpha)))
    y = select(inside | np.any(np.isnan(x), axis=0), y, -math.inf)
    return select(np.all(alpha > 0), y, math.nan)


def _multinomial_logpmf(x, n, p):
    """The counts x of n draws of categories with probabilities p: log n! + sum(x log p - log x!)
    where x >= 0 are integers that sum to n, else -inf.

    x, p: shape (..., k); n: (...), integers. p sums to 1: SciPy changes the last component to make
    it so, here nothing is changed, and derivatives are those of the formula.
    """
    x, n, p = real_operands("multinomial.logpmf", x, n, p)
    if not ndim_of(x) or not ndim_of(p) or shape_of(x)[-1] != shape_of(p)[-1]:
        raise ShapeError("multinomial: counts and probabilities of as many categories",
                         got=f"x {shape_of(x)}, p {shape_of(p)}")
    possible = np.all((x >= 0) & (x == np.floor(x)), axis=-1) & (np.sum(x, axis=-1) == n)
    valid = np.all((p >= 0) & (p <= 1), axis=-1) & (n >= 0) & (n == np.floor(n))
    y = sp.gammaln(n + 1) + np.sum(sp.xlogy(x, p) - sp.gammaln(x + 1), axis=-1)
    return select(valid, select(possible | np.any(np.isnan(x), axis=-1), y, -math.inf), math.nan)


multivariate_normal = Multivariate(_multivariate_normal_logpdf)
multivariate_t = Multivariate(_multivariate_t_logpdf)
dirichlet = Multivariate(_dirichlet_logpdf)
multinomial = Multivariate(_multinomial_logpmf)
