"""Density estimates: a normal distribution around each observation.

D. W. Scott, *Multivariate Density Estimation* (1992); B. W. Silverman, *Density Estimation* (1986).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.special as sp

from isograd.refimpl.errors import ArgumentError, ShapeError
from isograd.refimpl.numpy.common import ndim_of, shape_of
from isograd.scipy.linalg.equations import solve_triangular
from isograd.scipy.special.sums import logsumexp

from .base import real_operands
from .multivariate import multivariate_normal


class gaussian_kde:
    """The density of observations: their mean, smoothed by a normal distribution.

    dataset: shape (d, n), or (n,). bw_method: "scott" (the default), "silverman", a number, or a
    function of the estimate: the factor of the standard deviations of the data. weights: (n,).
    Attributes: dataset d n weights neff factor covariance inv_cov. Everything can be differentiated
    in data, weights, factor and points. Needs more than d observations, not in a hyperplane (else
    LinAlgError).
    """

    def __init__(self, dataset, bw_method=None, weights=None):
        self.dataset, = real_operands("gaussian_kde", dataset)
        if ndim_of(self.dataset) == 1:
            self.dataset = self.dataset[None]
        self.d, self.n = shape_of(self.dataset)
        if self.n < 2:
            raise ShapeError("gaussian_kde: two observations or more", got=f"{self.n}")
        self.weights = self._normalised(weights)
        self.neff = 1 / np.sum(self.weights**2)
        self.set_bandwidth(bw_method)

    def _normalised(self, weights):
        if weights is None:
            return np.full(self.n, 1 / self.n, self.dataset.dtype)
        weights, _ = real_operands("gaussian_kde", weights, self.dataset)
        if shape_of(weights) != (self.n,):
            raise ShapeError("gaussian_kde: a weight for each observation",
                             got=str(shape_of(weights)), wanted=str((self.n,)))
        return weights / np.sum(weights)

    # ---- how wide ----

    def scotts_factor(self):
        """neff^(-1 / (d + 4))."""
        return self.neff ** (-1 / (self.d + 4))

    def silverman_factor(self):
        """(neff (d + 2) / 4)^(-1 / (d + 4))."""
        return (self.neff * (self.d + 2) / 4) ** (-1 / (self.d + 4))

    def set_bandwidth(self, bw_method=None):
        """Choose the factor: see the class."""
        rules = {None: self.scotts_factor, "scott": self.scotts_factor,
                 "silverman": self.silverman_factor}
        if bw_method is None or isinstance(bw_method, str):
            if bw_method not in rules:
                raise ArgumentError("gaussian_kde: an unknown bw_method", got=repr(bw_method),
                                    wanted="'scott', 'silverman', a number or a function")
            self.factor = rules[bw_method]()
        else:
            self.factor = bw_method(self) if callable(bw_method) else bw_method
        deviations = self.dataset - self._mean()
        covariance = (deviations * self.weights) @ deviations.T / (1 - np.sum(self.weights**2))
        self.covariance = covariance * self.factor**2
        self._cholesky = np.linalg.cholesky(self.covariance)

    def _mean(self):
        return (self.dataset @ self.weights)[:, None]

    @property
    def inv_cov(self):
        """The inverse of the covariance."""
        return np.linalg.inv(self.covariance)

    # ---- the density ----

    def logpdf(self, x):
        """The logarithm of the density at points of shape (d, m), or (m,) if d is 1 (or (d,), one
        point): shape (m,)."""
        points = self._points(x)
        z = solve_triangular(self._cholesky, np.concatenate([points, self.dataset], axis=1),
                             lower=True)
        m = shape_of(points)[1]
        d2 = np.sum((z[:, :m, None] - z[:, None, m:]) ** 2, axis=0)
        log_norm = (self.d * math.log(2 * math.pi) / 2
                    + np.sum(np.log(np.diagonal(self._cholesky))))
        return logsumexp(-d2 / 2, axis=1, b=self.weights) - log_norm

    def pdf(self, x):
        """The density at points: see logpdf."""
        return np.exp(self.logpdf(x))

    evaluate = __call__ = pdf

    def _points(self, x):
        x, _ = real_operands("gaussian_kde", x, self.dataset)
        if ndim_of(x) < 2:
            x = np.reshape(x, (self.d, 1) if shape_of(x) == (self.d,) else (1, -1))
        if ndim_of(x) != 2 or shape_of(x)[0] != self.d:
            raise ShapeError("gaussian_kde: points of the dimension of the data",
                             got=str(shape_of(x)), wanted=f"({self.d}, number of points)")
        return x

    # ---- integrals ----

    def integrate_gaussian(self, mean, cov):
        """The integral of the density times that of a normal distribution."""
        mean, cov = real_operands("gaussian_kde", mean, cov)
        mean, cov = np.reshape(mean, (self.d,)), np.reshape(cov, (self.d, self.d))
        return self.weights @ multivariate_normal.pdf(self.dataset.T, mean, self.covariance + cov)

    def integrate_box_1d(self, low, high):
        """The probability of an interval, of data of one dimension."""
        if self.d != 1:
            raise ShapeError("integrate_box_1d: data of one dimension", got=f"d = {self.d}")
        deviation = self._cholesky[0, 0]
        low, high = [sp.ndtr((x - self.dataset[0]) / deviation) for x in (low, high)]
        return self.weights @ (high - low)

    def integrate_kde(self, other):
        """The integral of the product with another estimate."""
        if other.d != self.d:
            raise ShapeError("integrate_kde: estimates of one dimension",
                             got=f"{self.d} and {other.d}")
        pairs = self.dataset.T[:, None] - other.dataset.T
        densities = multivariate_normal.pdf(pairs, np.zeros(self.d),
                                            self.covariance + other.covariance)
        return self.weights @ densities @ other.weights
