"""Distributions as objects with methods: what is the same for all of them.

Continuous and Discrete move arguments to the standardised variable, apply a formula there, and say
what holds outside of the support, for parameters out of range, and for NaN.
"""

from __future__ import annotations

import functools
import inspect
import math

import numpy as np

from isograd.refimpl.numpy.common import dtype_of
from isograd.refimpl.ops.elementwise import select
from isograd.refimpl.ops.linear import cast_to
from isograd.refimpl.transforms.jvp import stop_gradient

from .base import Named, real_operands
from .formulas import completed, settled
from .search import smallest

SUMMARIES = {
    "pdf": "The density at x.",
    "logpdf": "The logarithm of the density at x; -inf outside of the support.",
    "pmf": "The probability of the integer k.",
    "logpmf": "The logarithm of the probability of the integer k; -inf outside of the support.",
    "cdf": "The probability of at most {x}.",
    "logcdf": "The logarithm of the probability of at most {x}.",
    "sf": "The probability of more than {x}, 1 - cdf.",
    "logsf": "The logarithm of the probability of more than {x}.",
    "ppf": "The inverse of cdf: the number that a probability q lies below.",
    "isf": "The inverse of sf: the number that a probability q lies above.",
    "mean": "The mean.",
    "var": "The variance.",
    "std": "The standard deviation.",
    "entropy": "The entropy: the mean of minus the logarithm of the density, or probability.",
}
QUANTILES, MOMENTS = ("ppf", "isf"), ("mean", "var", "std", "entropy")
BELOW_AND_ABOVE = {"cdf": (0.0, 1.0), "sf": (1.0, 0.0), "logcdf": (-math.inf, 0.0),
                   "logsf": (0.0, -math.inf), "pdf": (0.0, 0.0), "logpdf": (-math.inf, -math.inf),
                   "pmf": (0.0, 0.0), "logpmf": (-math.inf, -math.inf)}


def all_positive(*shapes):
    """Whether all shape parameters are positive: what most distributions ask for."""
    valid = np.bool_(True)
    for a in shapes:
        valid = valid & (a > 0)
    return valid


class Distribution(Named):
    """A distribution of one variable, with a method for each of its formulas.

    Arguments broadcast; integers count as float64, and float32 stays float32.
    """

    variable = "x"
    defaults: dict = {}

    def __init__(self, name, shapes="", *, support=(-math.inf, math.inf), valid=all_positive,
                 symmetric=False, doc="", **formulas):
        super().__init__(name)
        self.parameters = (*shapes.split(), *self.defaults)
        self.ends = support if callable(support) else lambda *shapes: support
        self.valid = valid
        self.given = formulas
        self.formulas = self._completed(formulas, symmetric)
        self.__doc__ = doc
        for method in SUMMARIES:
            if method in self.formulas:
                setattr(self, method, self._method(method))

    def _completed(self, formulas, symmetric):
        return completed(formulas, symmetric)

    def _method(self, name):
        variable = "q" if name in QUANTILES else self.variable
        names = self.parameters if name in MOMENTS else (variable, *self.parameters)
        signature = _signature(names, self.defaults)
        evaluate = functools.partial(
            self._quantile if name in QUANTILES else
            self._moment if name in MOMENTS else self._at_points, name)

        def method(*args, **kwargs):
            if kwargs or len(args) != len(signature.parameters):
                args = _bound(method, signature, args, kwargs)
            args = real_operands(method.__qualname__, *args)
            with np.errstate(all="ignore"):
                return cast_to(evaluate(*args), dtype_of(args[0]))

        method.__name__, method.__qualname__ = name, f"{self.name}.{name}"
        method.__signature__ = signature
        method.__doc__ = f"{SUMMARIES[name].format(x=variable)}\n\n{self.__doc__}"
        return method


class Continuous(Distribution):
    """A distribution with a density: location and scale are its last parameters.

    `open_ends`: the density is 0 at the ends of the support, whatever its formula says there.
    """

    defaults = {"loc": 0, "scale": 1}

    def __init__(self, *args, open_ends=False, **kwargs):
        self.open_ends = open_ends
        super().__init__(*args, **kwargs)

    def _at_points(self, name, x, *params):
        *shapes, loc, scale = params
        z = select(self.valid(*shapes) & (scale > 0), (x - loc) / scale, math.nan)
        y = self.formulas[name](z, *shapes)
        a, b = self.ends(*shapes)
        below, above = BELOW_AND_ABOVE[name]
        if name in ("pdf", "logpdf"):
            y = y - np.log(scale) if name == "logpdf" else y / scale
            y = select(self._is_outside(z, a, b), below, settled(y))
        else:
            y = select(z >= b, above, select(z <= a, below, y))
        return select(np.isnan(z), math.nan, y)

    def _is_outside(self, z, a, b):
        """Whether the density is 0 at z, whatever its formula says there."""
        return (z <= a) | (z >= b) if self.open_ends else (z < a) | (z > b) | np.isinf(z)

    def _quantile(self, name, q, *params):
        *shapes, loc, scale = params
        low, high = self.ends(*shapes)
        if name == "isf":
            low, high = high, low
        valid = self.valid(*shapes) & (scale > 0) & (q >= 0) & (q <= 1)
        z = select(q == 0, low, select(q == 1, high, self.formulas[name](q, *shapes)))
        return select(valid, z * scale + loc, math.nan)

    def _moment(self, name, *params):
        *shapes, loc, scale = params
        y = MOVED[name](self.formulas[name](*shapes), loc, scale)
        return select(self.valid(*shapes) & (scale > 0) & ~np.isnan(loc), y, math.nan)


MOVED = {"mean": lambda y, loc, scale: loc + scale * y, "var": lambda y, loc, scale: scale**2 * y,
         "std": lambda y, loc, scale: scale * y, "entropy": lambda y, loc, scale: y + np.log(scale)}


class Discrete(Distribution):
    """A distribution of integers: location is its last parameter.

    Elsewhere the probability is 0. The derivative in an integer is 0.
    """

    variable = "k"
    defaults = {"loc": 0}

    def _completed(self, formulas, symmetric):
        """Quantiles are searched for: the smallest k with cdf(k) >= q, or with sf(k) <= q."""
        found = completed(formulas, symmetric)
        if "cdf" in found:
            found["ppf"] = lambda q, *shapes: self._smallest(
                lambda k: found["cdf"](k, *shapes) < q, q, shapes)
            found["isf"] = lambda q, *shapes: self._smallest(
                lambda k: found["sf"](k, *shapes) > q, q, shapes)
        return found

    def _smallest(self, is_before, q, shapes):
        q, *shapes = map(stop_gradient, (q, *shapes))
        a, b = self.ends(*shapes)
        start = np.zeros_like(sum(shapes, q)) + np.where(np.isinf(a), 0.0, a)
        return smallest(lambda k: (k >= b) | ((k >= a) & ~is_before(k)), start)

    def _quantile(self, name, q, *params):
        *shapes, loc = params
        a, b = self.ends(*shapes)
        low, high = (b, a - 1) if name == "isf" else (a - 1, b)
        inside = (q > 0) & (q < 1)
        k = self.formulas[name](select(inside, q, 0.5), *shapes)
        k = select(inside, k, select(q == 0, low, high))
        return select(self.valid(*shapes) & (q >= 0) & (q <= 1), k + loc, math.nan)

    def _at_points(self, name, x, *params):
        *shapes, loc = params
        k = np.floor(x - loc)
        z = select(self.valid(*shapes), k, math.nan)
        y = self.formulas[name](z, *shapes)
        a, b = self.ends(*shapes)
        below, above = BELOW_AND_ABOVE[name]
        is_below = (z < a) | (z == -math.inf)
        if name in ("pmf", "logpmf"):
            is_above = (z > b) | (z == math.inf) | (k != x - loc)
        else:
            is_above = z >= b
        y = select(is_above, above, select(is_below, below, y))
        return select(np.isnan(z), math.nan, y)

    def _moment(self, name, *params):
        *shapes, loc = params
        y = self.formulas[name](*shapes)
        y = y + loc if name == "mean" else y
        return select(self.valid(*shapes) & ~np.isnan(loc), y, math.nan)


# ---- arguments ----

def _signature(names, defaults):
    empty, kind = inspect.Parameter.empty, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(name, kind, default=defaults.get(name, empty))
                              for name in names])


def _bound(method, signature, args, kwargs):
    """All arguments by position."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{method.__qualname__}{signature}: {error}") from None
    bound.apply_defaults()
    return bound.args
