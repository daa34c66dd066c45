"""Traced values where Python wants a number: `if`, `range`, `float`, masks.

Under `grad` and `jvp` the number is known. Using it is right where the result is piecewise constant
(bool, int, comparisons); `float(x)` would lose the derivative, so it is refused always.
"""

from __future__ import annotations

import math
import operator

import numpy as np

from ..aval import is_differentiable
from ..errors import ArrayConversionError, ConcretizationError
from ..mutation import twin
from ..trace import Tracer, leaked
from ..transforms.jvp import JVPTracer
from ..transforms.vmap import BatchTracer
from .common import operand


def primal_of(x):
    """The value under tangents: a number, or a tracer whose number is not known."""
    while type(x) is JVPTracer or _is_single(x):
        x = x.primal if type(x) is JVPTracer else x.value
    return x


def _is_single(x):
    return type(x) is BatchTracer and not x.batched


def is_constant(x):
    """Whether a handle holds plain numbers: no tangent, no batch, nothing unknown."""
    while _is_single(x) or (type(x) is JVPTracer and x.tangent is None):
        x = x.value if type(x) is BatchTracer else x.primal
    return not isinstance(x, Tracer)


def known(x, what, instead):
    """The number of a tracer, or ConcretizationError."""
    if not x._trace.alive:
        raise leaked(x)
    value = primal_of(x)
    if isinstance(value, Tracer):
        raise ConcretizationError(
            f"{what} of a traced value: its number is not known under {value._trace.name}",
            got=repr(x), wanted="a concrete number", instead=instead)
    return value


def concrete(x, what, instead):
    """The numbers of an array that decide a shape."""
    x = operand(x)
    return np.asarray(known(x, what, instead) if isinstance(x, Tracer) else x)


def places_where(condition):
    """np.nonzero of an array whose numbers are known."""
    return np.nonzero(concrete(condition, "the places where a mask holds, which decide a shape,",
                               "np.where(mask, x, y), whose shape does not depend on the mask"))


# ---- what Python calls ----

def to_bool(x):
    return bool(known(x, "the truth", "np.where(condition, a, b) for if; np.logical_and(a, b) for "
                                      "and; static_argnums for options"))


def to_index(x):
    return operator.index(known(x, "the integer value", "static_argnums for sizes and counts; "
                                                        "shapes are always known: x.shape"))


def to_int(x):
    return int(known(x, "int()", "x.astype(int); static_argnums for sizes and counts"))


def to_float(x):
    instead = ("np.sin(x) for math.sin(x); x.astype(float) for float(x); "
               "for a[i] = x make the array by np.zeros_like(x), np.zeros(n, like=x) or "
               "isograd.numpy.zeros(n), or write a = isograd.numpy.at(a)[i].set(x)")
    value = known(x, "float()", instead)
    if is_constant(x) or not is_differentiable(x.aval.dtype):
        return float(value)
    raise ConcretizationError(
        f"float() of a value traced by {x._trace.name} would lose its derivative", got=repr(x),
        wanted="NumPy functions, which are traced", instead=f"{instead}; "
        "float(isograd.stop_gradient(x)) where no derivative is wanted")


def to_complex(x):
    return complex(to_float(x))


def rounded(function):
    """math.floor and the like: piecewise constant, so the number may be used."""
    name = function.__name__

    def method(x):
        return function(np.asarray(known(x, f"math.{name}()", f"np.{name}(x)")).item())
    return method


def to_array(x, dtype=None, copy=None, **options):
    if not x._trace.alive:
        raise leaked(x)
    if is_constant(x):
        return np.array(primal_of(x), dtype)
    raise ArrayConversionError(
        f"NumPy cannot store a value traced by {x._trace.name} in an array, or index one by it",
        got=repr(x), wanted="a NumPy function of the traced value",
        instead=f"{READ.get(x.aval.dtype.kind, '')}{STORE}")


# What to write instead: a plain array is indexed by a traced value of this kind, or takes it.
_READ_PLACES = ("for table[x] of a plain table isograd.numpy.at(table)[x].get() or "
                "isograd.numpy.take(table, x, axis=0); ")
READ = {"i": _READ_PLACES, "u": _READ_PLACES,
        "b": "for table[mask] of a plain table np.where(mask, table, 0); "}
STORE = ("for a[index] = x make the array by np.zeros_like(x), np.zeros(n, like=x) or "
         "isograd.numpy.zeros(n), or write a = isograd.numpy.at(a)[index].set(x); "
         "isograd.numpy.array([...]), np.stack([...]), isograd.numpy.full(shape, x)")


def refuse_storing(x, *args):
    raise ConcretizationError("a traced value cannot be pickled or deep-copied", got=repr(x),
                              instead="return it from the traced function")


def show(x):
    """Traced<f64[3] in grad>, with the numbers if they are known and few."""
    value = primal_of(x)
    numbers = "" if isinstance(value, Tracer) or np.size(value) > 8 else f" = {value}"
    return f"Traced<{x.aval}{numbers} in {x._trace.name}>"


def show_formatted(x, spec):
    value = primal_of(x)
    return show(x) if isinstance(value, Tracer) or not spec else format(value, spec)


CONVERSIONS = {
    "__bool__": to_bool, "__index__": to_index, "__int__": to_int, "__float__": to_float,
    "__complex__": to_complex, "__floor__": rounded(math.floor), "__ceil__": rounded(math.ceil),
    "__trunc__": rounded(math.trunc), "__array__": to_array, "__repr__": show, "__str__": show,
    "__format__": show_formatted, "__reduce__": refuse_storing, "__deepcopy__": refuse_storing,
    "__copy__": twin, "__dlpack__": to_array, "__dlpack_device__": lambda x: (1, 0),
}
