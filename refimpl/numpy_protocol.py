"""Tracers as arrays: NEP 13 and NEP 18, and the operators and methods of numpy/operators.py.

`np.sin(tracer)` arrives in `__array_ufunc__`, `np.sum(tracer)` in `__array_function__`; both look
up what the function means in the one table of `numpy/function.py`.
"""

from __future__ import annotations

import numpy as np

from . import numpy as inp
from .errors import MissingRuleError
from .mutation import write_into
from .numpy import writing
from .numpy.common import ndim_of, one_axis, operand, shape_of
from .numpy.concrete import CONVERSIONS
from .numpy.function import MEANINGS, UNSET, call, refuse
from .numpy.operators import ATTRIBUTES
from .numpy.reductions import logsumexp
from .numpy.ufuncs import special_function
from .ops import scan
from .trace import Tracer

# ---- ufuncs ----

def array_ufunc(self, ufunc, method, *inputs, **kwargs):
    """NEP 13: what a ufunc, or a method of one, means on traced values."""
    if method == "__call__":
        meaning = MEANINGS.get(ufunc)
        if meaning is not None:
            return meaning(*inputs, **kwargs)
        return special_function(ufunc)(*map(operand, inputs), **kwargs)
    return UFUNC_METHODS[method](ufunc, *inputs, **kwargs)


# What np.<ufunc>.reduce and .accumulate are by another name.
REDUCTIONS = {np.add: inp.sum, np.multiply: inp.prod, np.maximum: inp.max, np.minimum: inp.min,
              np.logical_and: inp.all, np.logical_or: inp.any, np.logaddexp: logsumexp}
ACCUMULATIONS = {np.add: scan.cumsum, np.multiply: scan.cumprod, np.maximum: scan.cummax,
                 np.minimum: scan.cummin, np.logaddexp: scan.cumlogsumexp}


def _reduce(ufunc, array, axis=0, dtype=None, out=None, keepdims=False, initial=UNSET,
            where=UNSET):
    function = _lookup(REDUCTIONS, ufunc, "reduce")
    array = operand(array) if dtype is None else inp.astype(array, dtype)
    given = {"initial": initial, "where": where}
    given = {name: value for name, value in given.items() if value is not UNSET}
    y = function(array, axis, keepdims=keepdims, **given)
    return y if out is None else write_into(out, y)


def _accumulate(ufunc, array, axis=0, dtype=None, out=None):
    operation = _lookup(ACCUMULATIONS, ufunc, "accumulate")
    array = operand(array) if dtype is None else inp.astype(array, dtype)
    y = operation(array, one_axis(axis, ndim_of(array), "accumulate"))
    return y if out is None else write_into(out, y)


def _outer(ufunc, a, b, **kwargs):
    meaning = _lookup(MEANINGS, ufunc, "outer")
    a, b = operand(a), operand(b)
    return meaning(inp.reshape(a, shape_of(a) + (1,) * ndim_of(b)), b, **kwargs)


def _reduceat(ufunc, *args, **kwargs):
    refuse(f"np.{ufunc.__name__}", "indices of reduceat", True,
           "isograd.numpy.at(zeros)[segment].add(x)")


UFUNC_METHODS = {"reduce": _reduce, "accumulate": _accumulate, "outer": _outer,
                 "at": writing.ufunc_at, "reduceat": _reduceat}


def _lookup(table, ufunc, method):
    meaning = table.get(ufunc)
    if meaning is None:
        raise MissingRuleError(f"np.{ufunc.__name__}.{method} has no rule for traced arrays",
                               wanted=", ".join(sorted(f.__name__ for f in table if f)),
                               instead="a loop over the elements, or isograd.custom_jvp")
    return meaning


# ---- functions ----

PRINTED = (np.array_repr, np.array_str, np.array2string)


def array_function(self, func, types, args, kwargs):
    """NEP 18: what a function of NumPy's means on traced values."""
    meaning = MEANINGS.get(func)
    if meaning is not None:
        return call(meaning, args, kwargs)
    if func in PRINTED:
        return repr(args[0])
    if func in writing.FUNCTIONS:
        return writing.FUNCTIONS[func](*args, **kwargs)
    name = f"{func.__module__}.{func.__name__}"
    raise MissingRuleError(f"{name} has no rule for traced arrays", got=repr(self),
                           wanted="one of the functions of isograd.numpy",
                           instead="functions that it is made of, or isograd.custom_jvp")


# ---- tracers ----

for _name, _attribute in {**CONVERSIONS, **ATTRIBUTES}.items():
    setattr(Tracer, _name, _attribute)
Tracer.__array_ufunc__ = array_ufunc
Tracer.__array_function__ = array_function
