"""Distributions to try: shape parameters inside their ranges, and some that are out of range."""

from __future__ import annotations

import inspect
from typing import NamedTuple

import numpy as np
import scipy.stats

from isograd.scipy import stats

INF = np.inf


class Row(NamedTuple):
    """Shape parameters to try, and those that give NaN."""

    shapes: list = [()]
    invalid: list = []


CONTINUOUS = {
    "norm": Row(),
    "cauchy": Row(),
    "laplace": Row(),
    "logistic": Row(),
    "t": Row([(1.0,), (3.5,), (40.0,), (INF,)], [(0.0,)]),
    "gumbel_r": Row(),
    "gumbel_l": Row(),
    "gennorm": Row([(0.8,), (1.0,), (2.0,), (3.3,)], [(0.0,), (-1.0,)]),
    "vonmises": Row([(0.3,), (4.0,)], [(-1.0,)]),
    "expon": Row(),
    "weibull_min": Row([(0.7,), (1.0,), (2.4,)], [(0.0,)]),
    "rayleigh": Row(),
    "pareto": Row([(0.8,), (3.0,)], [(-0.5,)]),
    "gamma": Row([(0.6,), (1.0,), (3.2,)], [(0.0,), (-1.0,)]),
    "invgamma": Row([(0.6,), (2.5,)], [(0.0,)]),
    "chi2": Row([(1.0,), (2.0,), (5.5,)], [(0.0,)]),
    "chi": Row([(1.0,), (2.5,)], [(-2.0,)]),
    "maxwell": Row(),
    "f": Row([(1.5, 4.0), (2.0, 7.0), (6.0, 3.0)], [(0.0, 1.0), (1.0, -1.0)]),
    "halfnorm": Row(),
    "lognorm": Row([(0.4,), (1.3,)], [(0.0,)]),
    "invgauss": Row([(0.5,), (2.0,)], [(0.0,)]),
    "uniform": Row(),
    "beta": Row([(1.0, 1.0), (0.6, 2.5), (3.0, 1.4)], [(0.0, 1.0), (1.0, -1.0)]),
    "triang": Row([(0.3,), (0.0,), (1.0,)], [(-0.1,), (1.2,)]),
    "truncnorm": Row([(-0.5, 1.3), (0.4, 2.0), (-3.0, -1.0), (1.0, INF), (-INF, 0.5)],
                     [(1.0, 1.0), (2.0, 1.0)]),
    "wrapcauchy": Row([(0.2,), (0.7,)], [(0.0,), (1.0,)]),
    "powerlaw": Row([(1.0,), (2.5,)], [(0.0,)]),
    "loguniform": Row([(0.5, 4.0)], [(-1.0, 1.0), (2.0, 1.0)]),
    "arcsine": Row(),
    "semicircular": Row(),
    "hypsecant": Row(),
    "moyal": Row(),
    "johnsonsu": Row([(0.4, 1.3)], [(0.0, 0.0)]),
    "exponnorm": Row([(0.7,), (2.0,)], [(0.0,)]),
    "skewnorm": Row([(0.0,), (-1.5,), (3.0,)], [(INF,)]),
    "genpareto": Row([(0.3,), (0.0,), (1e-5,), (-0.2,)], [(INF,)]),
    "genextreme": Row([(0.3,), (0.0,), (-1e-5,), (-0.2,)], [(INF,)]),
    "weibull_max": Row([(0.7,), (2.4,)], [(0.0,)]),
    "invweibull": Row([(1.3,), (3.0,)], [(0.0,)]),
    "gompertz": Row([(0.4,), (2.0,)], [(0.0,)]),
    "fisk": Row([(1.4,), (3.0,)], [(0.0,)]),
    "nakagami": Row([(0.6,), (2.5,)], [(0.0,)]),
    "lomax": Row([(0.8,), (3.0,)], [(0.0,)]),
    "halfcauchy": Row(),
    "halflogistic": Row(),
    "levy": Row(),
    "betaprime": Row([(1.3, 2.5)], [(0.0, 1.0), (1.0, -1.0)]),
}

DISCRETE = {
    "bernoulli": Row([(0.3,)], [(-0.1,), (1.1,)]),
    "binom": Row([(6.0, 0.3), (20.0, 0.8)], [(5.5, 0.3), (-1.0, 0.3), (5.0, 1.1)]),
    "nbinom": Row([(2.5, 0.4), (4.0, 0.8)], [(0.0, 0.5), (1.0, 0.0), (1.0, 1.2)]),
    "geom": Row([(0.25,), (0.9,)], [(0.0,), (1.1,)]),
    "poisson": Row([(0.7,), (6.0,)], [(-1.0,)]),
    "betabinom": Row([(6.0, 1.2, 2.0), (15.0, 0.7, 0.9)],
                     [(5.5, 1.0, 1.0), (5.0, 0.0, 1.0), (5.0, 1.0, -1.0)]),
    "hypergeom": Row([(20.0, 7.0, 12.0)], [(20.0, 21.0, 2.0), (20.0, 7.5, 12.0)]),
    "betanbinom": Row([(5.0, 3.2, 2.0)], [(5.5, 1.0, 1.0), (5.0, 0.0, 1.0), (5.0, 1.0, -1.0)]),
    "randint": Row([(-2.0, 7.0)], [(3.0, 3.0), (0.5, 3.0)]),
    "planck": Row([(0.5,)], [(0.0,)]),
    "dlaplace": Row([(0.6,)], [(0.0,)]),
    "logser": Row([(0.6,)], [(0.0,), (1.0,)]),
    "skellam": Row([(3.0, 2.2)], [(0.0, 1.0), (1.0, -1.0)]),
}

ROWS = CONTINUOUS | DISCRETE
PROBABILITIES = np.array([0.03, 0.35, 0.6, 0.96])
INNER = np.array([0.22, 0.45, 0.72, 0.9])    # so far from the ends that differences are good
LOC, SCALE = 0.5, 2.0      # exact, so that the ends of supports are met exactly


class Case(NamedTuple):
    """A method of a distribution, and parameters."""

    name: str
    method: str
    shapes: tuple

    def __str__(self):
        return "-".join([self.name, self.method, *map(str, self.shapes)])

    @property
    def ours(self):
        return getattr(getattr(stats, self.name), self.method)

    @property
    def theirs(self):
        return getattr(getattr(scipy.stats, self.name), self.method)

    @property
    def params(self):
        return (*self.shapes, *((LOC, SCALE) if self.name in CONTINUOUS else (1.0,)))

    @property
    def names(self):
        return list(inspect.signature(self.ours).parameters)

    def inside(self, probabilities=PROBABILITIES):
        """Points in the support, or probabilities."""
        if self.method in ("ppf", "isf"):
            return probabilities
        return getattr(scipy.stats, self.name).ppf(probabilities, *self.params)

    def outside(self):
        """Points beyond the ends of the support, that is where the density is 0."""
        ends = np.array(getattr(scipy.stats, self.name).support(*self.params))
        points = np.array([ends[0] - 1.5, ends[1] + 2, -INF, INF])
        return points[[0, 2, 3]] if np.isinf(ends[1]) else points

    def arguments(self, points):
        """The points and parameters, broadcast."""
        return [np.broadcast_to(x, np.shape(points)).copy() for x in (points, *self.params)]


METHODS = ["pdf", "logpdf", "pmf", "logpmf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf"]
CASES = [Case(name, method, tuple(shapes)) for name, row in ROWS.items()
         for shapes in row.shapes for method in METHODS
         if method in getattr(stats, name).formulas]
