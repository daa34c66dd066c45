"""How a function of NumPy's gets its meaning on traced values.

    @numpy_function
    def ptp(a, axis=None, out=None, keepdims=UNSET): ...

says what `np.ptp` means on tracers, by the name and with the signature that NumPy gives it. The
public function is NumPy's own while nothing is traced, so un-traced code pays one check.
"""

from __future__ import annotations

import functools

import numpy as np

from ..errors import InPlaceError, MissingRuleError
from ..trace import CURRENT, EVAL

UNSET = np._NoValue     # the default that NumPy gives to arguments that were not passed
MEANINGS = {}           # NumPy's function or ufunc -> what it means on tracers
PUBLIC = {}             # the names of isograd.numpy


def numpy_function(meaning, module=np, public=PUBLIC):
    """Register the meaning of the function of NumPy that has this name; return the public one."""
    name = meaning.__name__
    theirs = getattr(module, name, None)    # None: this NumPy is too old to have it
    MEANINGS[theirs] = meaning
    public[name] = _dispatcher(theirs or meaning, meaning)
    return public[name]


def _dispatcher(theirs, meaning):
    def function(*args, **kwargs):
        if CURRENT.trace is EVAL:
            return theirs(*args, **kwargs)
        return meaning(*args, **kwargs)
    return functools.update_wrapper(function, meaning)


def alias(name, function):
    """Make NumPy's second name of a function known."""
    MEANINGS[getattr(np, name, None)] = function.__wrapped__
    PUBLIC[name] = function


def own_function(function):
    """Publish a function that NumPy lacks, or one that cannot leave plain values to NumPy."""
    PUBLIC[function.__name__] = function
    return function


# ---- arguments that are not supported ----

def refuse_out(out, name):
    """out= writes into an array; a traced result cannot be written into one."""
    if out is not None and out is not UNSET:
        raise InPlaceError(f"{name}: out= would write a traced value into an array",
                           got="out=...", instead=f"y = {name}(...), without out= (x = x + y for "
                                                  "x += y where x is a plain array)")


def refuse(name, argument, given, instead):
    """Raise MissingRuleError if an argument was given that has no meaning on tracers yet."""
    if given:
        raise MissingRuleError(f"{name}: the argument {argument} is not supported on traced arrays",
                               instead=instead)
