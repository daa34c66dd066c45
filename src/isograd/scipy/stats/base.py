"""What distributions of numbers and of vectors share: names, fixed parameters, operands."""

from __future__ import annotations

import functools

import numpy as np
import scipy

from isograd.refimpl.aval import is_python_scalar
from isograd.refimpl.errors import DtypeError, MissingRuleError
from isograd.refimpl.numpy.common import has_tracers, promoted_dtype, strong_operand
from isograd.refimpl.ops.elementwise import positive
from isograd.refimpl.ops.linear import cast_to


class Named:
    """A distribution. What SciPy's of this name has beyond ours is SciPy's, for plain arrays."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"isograd.scipy.stats.{self.name}"

    def __call__(self, *params, **named):
        """The distribution with its parameters fixed."""
        return Frozen(self, params, named)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        theirs = getattr(getattr(scipy.stats, self.name), name)
        return _plain_only(theirs, f"scipy.stats.{self.name}.{name}") if callable(
            theirs) else theirs


class Frozen:
    """A distribution with its parameters fixed."""

    def __init__(self, distribution, params, named):
        self.distribution, self.params, self.named = distribution, params, named

    def __repr__(self):
        given = [*map(repr, self.params), *[f"{k}={v!r}" for k, v in self.named.items()]]
        return f"{self.distribution}({', '.join(given)})"

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(self.distribution, name)
        return lambda *args: method(*args, *self.params, **self.named)


INSTEAD = {"rvs": "isograd.random", "cdf": "isograd.scipy.integrate.quad of the density",
           "ppf": "isograd.scipy.optimize.root_scalar of cdf(x) - q"}


def _plain_only(theirs, name):
    """SciPy's method, which refuses traced values."""
    @functools.wraps(theirs)
    def method(*args, **kwargs):
        if has_tracers([*args, *kwargs.values()]):
            raise MissingRuleError(f"{name} has no rule for traced arrays",
                                   instead=INSTEAD.get(theirs.__name__, "densities and tails"))
        return theirs(*args, **kwargs)
    return method


def real_operands(name, *args):
    """Operands of one floating-point dtype; if the function is staged, values of its graph, so
    that captured arrays are read again at every call."""
    args = [strong_operand(x) if isinstance(x, (list, tuple)) else x for x in args]
    dtype = promoted_dtype(*args)
    if dtype.kind not in "biuf":
        raise DtypeError(f"{name} takes real numbers", got=str(dtype), instead="np.real(x)")
    dtype = np.promote_types(dtype, np.float32 if dtype.kind == "f" else np.float64)
    return [dtype.type(x) if is_python_scalar(x) else positive(cast_to(x, dtype)) for x in args]
