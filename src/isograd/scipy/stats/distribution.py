"""Distributions as objects with methods: what is the same for all of them.

Continuous and Discrete move arguments to the standardised variable, apply a formula there, and say
what holds outside of the support, for parameters out of range, and for NaN.
"""

from __future__ import annotations

import functools
import inspect
import math

import numpy as np
import scipy

from isograd.refimpl.errors import DtypeError, MissingRuleError
from isograd.refimpl.numpy.common import dtype_of, has_tracers, promoted_dtype, strong_operand
from isograd.refimpl.ops.elementwise import positive, select
from isograd.refimpl.ops.linear import cast_to

from .formulas import completed

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
}
BELOW_AND_ABOVE = {"cdf": (0.0, 1.0), "sf": (1.0, 0.0), "logcdf": (-math.inf, 0.0),
                   "logsf": (0.0, -math.inf), "pdf": (0.0, 0.0), "logpdf": (-math.inf, -math.inf),
                   "pmf": (0.0, 0.0), "logpmf": (-math.inf, -math.inf)}


def all_positive(*shapes):
    """Whether all shape parameters are positive: what most distributions ask for."""
    valid = np.bool_(True)
    for a in shapes:
        valid = valid & (a > 0)
    return valid


class Distribution:
    """A distribution of one variable, with a method for each of its formulas.

    Arguments broadcast; integers count as float64, and float32 stays float32. What SciPy's
    distribution has beyond these methods is SciPy's, for plain arrays.
    """

    variable = "x"

    def __init__(self, name, shapes="", *, support=(-math.inf, math.inf), valid=all_positive,
                 symmetric=False, doc="", **formulas):
        self.name, self.shapes = name, tuple(shapes.split())
        self.support = support if callable(support) else lambda *shapes: support
        self.valid = valid
        self.given = formulas
        self.formulas = completed(formulas, symmetric)
        self.__doc__ = doc
        for method in SUMMARIES:
            if method in self.formulas:
                setattr(self, method, self._method(method))

    def __repr__(self):
        return f"isograd.scipy.stats.{self.name}"

    def __call__(self, *params, **named):
        """The distribution with its parameters fixed."""
        return Frozen(self, params, named)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return plain_only(f"scipy.stats.{self.name}.{name}",
                          getattr(getattr(scipy.stats, self.name), name), _instead_of(name))

    def _method(self, name):
        variable = "q" if name in ("ppf", "isf") else self.variable
        signature = _signature(variable, self.shapes, self.defaults)
        evaluate = functools.partial(
            self._quantile if variable == "q" else self._at_points, name)

        def method(*args, **kwargs):
            if kwargs or len(args) != len(signature.parameters):
                args = _bound(method, signature, args, kwargs)
            args = _operands(method, args)
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
        valid = self.valid(*shapes) & (scale > 0)
        z = select(valid, (x - loc) / scale, math.nan)
        y = self.formulas[name](z, *shapes)
        if name == "logpdf":
            y = y - np.log(scale)
        elif name == "pdf":
            y = y / scale
        return self._outside(name, y, z, *self.support(*shapes))

    def _outside(self, name, y, z, a, b):
        """y, but what holds beyond the ends where z is there."""
        closed = name in ("pdf", "logpdf") and not self.open_ends
        is_below = (z < a) | (z == -math.inf) if closed else z <= a
        is_above = (z > b) | (z == math.inf) if closed else z >= b
        below, above = BELOW_AND_ABOVE[name]
        y = select(is_above, above, select(is_below, below, y))
        return select(np.isnan(z), math.nan, y)

    def _quantile(self, name, q, *params):
        *shapes, loc, scale = params
        low, high = self.support(*shapes)
        if name == "isf":
            low, high = high, low
        valid = self.valid(*shapes) & (scale > 0) & (q >= 0) & (q <= 1)
        z = select(q == 0, low, select(q == 1, high, self.formulas[name](q, *shapes)))
        return select(valid, z * scale + loc, math.nan)


class Discrete(Distribution):
    """A distribution of integers: location is its last parameter.

    Elsewhere the probability is 0. The derivative in an integer is 0.
    """

    variable = "k"
    defaults = {"loc": 0}

    def _at_points(self, name, x, *params):
        *shapes, loc = params
        k = np.floor(x - loc)
        a, b = self.support(*shapes)
        below, above = BELOW_AND_ABOVE[name]
        z = select(self.valid(*shapes), k, math.nan)
        y = self.formulas[name](z, *shapes)
        if name in ("pmf", "logpmf"):
            is_above = (z > b) | (z == math.inf) | (k != x - loc)
        else:
            is_above = z >= b
        y = select(is_above, above, select(z < a, below, y))
        return select(np.isnan(z), math.nan, y)


class Frozen:
    """A distribution with its parameters fixed."""

    def __init__(self, distribution, params, named):
        self.distribution, self.params, self.named = distribution, params, named

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(self.distribution, name)
        return lambda *args: method(*args, *self.params, **self.named)


# ---- arguments ----

def _signature(variable, shapes, defaults):
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    required = [inspect.Parameter(name, kind) for name in (variable, *shapes)]
    optional = [inspect.Parameter(name, kind, default=x) for name, x in defaults.items()]
    return inspect.Signature([*required, *optional])


def _bound(method, signature, args, kwargs):
    """All arguments by position."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{method.__qualname__}{signature}: {error}") from None
    bound.apply_defaults()
    return bound.args


def _operands(method, args):
    """Operands of one floating-point dtype; traced, if the function is staged."""
    args = [strong_operand(x) if isinstance(x, (list, tuple)) else x for x in args]
    dtype = promoted_dtype(*args)
    if dtype.kind not in "biuf":
        raise DtypeError(f"{method.__qualname__} takes real numbers", got=str(dtype),
                         instead="np.real(x)")
    dtype = np.promote_types(dtype, np.float32 if dtype.kind == "f" else np.float64)
    return [positive(cast_to(x, dtype)) for x in args]


# ---- what is SciPy's alone ----

def plain_only(name, theirs, instead):
    """SciPy's function, which refuses traced values."""
    if not callable(theirs):
        return theirs

    @functools.wraps(theirs)
    def function(*args, **kwargs):
        if has_tracers([*args, *kwargs.values()]):
            raise MissingRuleError(f"{name} has no rule for traced arrays", instead=instead)
        return theirs(*args, **kwargs)
    return function


def _instead_of(name):
    return {"rvs": "isograd.random"}.get(name, "the methods " + ", ".join(SUMMARIES))
