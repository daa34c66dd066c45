"""Tracers as arrays: NEP 13 and NEP 18, and the operators and methods of numpy/operators.py.

`np.sin(tracer)` arrives in `__array_ufunc__`, `np.sum(tracer)` in `__array_function__`; both look
up what the function means in the one table of `numpy/function.py`.
"""

from __future__ import annotations

from .errors import MissingRuleError
from .mutation import View, refresh, write_into
from .numpy import writing
from .numpy.absent import ABSENT, ABSENT_ATTRIBUTES
from .numpy.concrete import CONVERSIONS
from .numpy.function import MEANINGS, call
from .numpy.operators import ATTRIBUTES
from .numpy.ufunc_methods import UFUNC_METHODS
from .numpy.ufuncs import special_function
from .trace import Tracer

# ---- ufuncs ----

def array_ufunc(self, ufunc, method, *inputs, **kwargs):
    """NEP 13: what a ufunc, or a method of one, means on traced values."""
    if method == "__call__":
        meaning = MEANINGS.get(ufunc)
        if meaning is not None:
            return meaning(*inputs, **kwargs)
        return special_function(ufunc)(*inputs, **kwargs)
    out = kwargs.pop("out", None)
    y = UFUNC_METHODS[method](ufunc, *inputs, **kwargs)
    return y if out is None else write_into(out, y)


# ---- functions ----

def array_function(self, func, types, args, kwargs):
    """NEP 18: what a function of NumPy's means on traced values."""
    meaning = MEANINGS.get(func)
    if meaning is not None:
        return call(meaning, args, kwargs)
    if func in writing.FUNCTIONS:
        return writing.FUNCTIONS[func](*args, **kwargs)
    name = f"{func.__module__}.{func.__name__}"
    what, reason = f"{name} has no rule for traced arrays", ABSENT.get(func.__name__)
    if reason is not None:
        raise MissingRuleError(f"{what}: {reason}", got=repr(self), wanted="a plain array",
                               instead="isograd.debug.callback, which calls it with the numbers")
    raise MissingRuleError(what, got=repr(self), wanted="one of the functions of isograd.numpy",
                           instead="functions that it is made of, or isograd.custom_jvp")


# ---- tracers ----

def missing_attribute(self, name):
    """What has not been set: the value of an outdated view, a note that there is nothing to note.

    Raises AttributeError, which says why, for attributes of arrays that tracers lack.
    """
    if name in ("_base", "_views"):
        return None
    if name in type(self).__slots__ and type(self._base) is View:
        refresh(self)
        return object.__getattribute__(self, name)
    reason = ABSENT_ATTRIBUTES.get(name)
    what = f"a traced array has no attribute {name!r}"
    raise AttributeError(f"{what}: {reason}" if reason else what, name=name, obj=self)


for _name, _attribute in {**CONVERSIONS, **ATTRIBUTES}.items():
    setattr(Tracer, _name, _attribute)
Tracer.__getattr__ = missing_attribute
Tracer.__array_ufunc__ = array_ufunc
Tracer.__array_function__ = array_function
