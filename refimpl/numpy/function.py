"""How a function of NumPy's gets its meaning on traced values.

    @numpy_function
    def ptp(a, axis=None, out=None, keepdims=UNSET): ...

says what `np.ptp` means on tracers, by the name and with the signature that NumPy gives it. The
public function is NumPy's own while nothing is traced, so un-traced code pays one check.
"""

from __future__ import annotations

import functools
import inspect

import numpy as np

from ..errors import InPlaceError, MissingRuleError
from ..mutation import owned, write_into
from ..trace import CURRENT, EVAL

UNSET = np._NoValue     # the default that NumPy gives to arguments that were not passed
MEANINGS = {}           # NumPy's function or ufunc -> what it means on tracers
PUBLIC = {}             # the names of isograd.numpy
VIEWS = set()           # the meanings whose results share elements with their first argument


def numpy_function(meaning, module=np, public=PUBLIC):
    """Register the meaning of the function of NumPy that has this name; return the public one."""
    name = meaning.__name__
    theirs = getattr(module, name, None)    # None: this NumPy is too old to have it
    MEANINGS[theirs] = meaning
    public[name] = _dispatcher(theirs or meaning, meaning)
    public[name].__doc__ = sourced(meaning.__doc__, f"{module.__name__}.{name}")
    return public[name]


def sourced(doc, theirs):
    """A docstring that also says where the function is from."""
    return f"{inspect.cleandoc(doc or '')}\n\nOn plain arrays it is `{theirs}`: see there for more."


EXTENDED = {}           # the names of functions with keywords that NumPy's lack, and these keywords


def extended_function(*keywords):
    """Like numpy_function, for a meaning with keywords (None by default) that NumPy's lacks."""
    def register(meaning):
        public = numpy_function(meaning)
        EXTENDED[meaning.__name__] = keywords

        def function(*args, **kwargs):
            if not kwargs:
                return public(*args)
            if any(kwargs.get(k) is not None for k in keywords):
                return meaning(*args, **kwargs)
            return public(*args, **{k: v for k, v in kwargs.items() if k not in keywords})
        PUBLIC[meaning.__name__] = functools.update_wrapper(function, meaning)
        return function
    return register


def _dispatcher(theirs, meaning):
    is_ufunc = isinstance(theirs, np.ufunc)

    def function(*args, **kwargs):
        if CURRENT.trace is EVAL:
            return theirs(*args, **kwargs)
        return meaning(*args, **kwargs) if is_ufunc else call(meaning, args, kwargs)
    return functools.update_wrapper(function, meaning)


def call(meaning, args, kwargs):
    """Apply the meaning of a function that is no ufunc: its results are new arrays, or out=."""
    if "out" in kwargs:
        out = kwargs.pop("out")
        y = meaning(*args, **kwargs)
        return y if out is None or out is UNSET else write_into(out, y)
    y = meaning(*args, **kwargs)
    return y if meaning in VIEWS else owned(y, args)


def numpy_method(meaning):
    """The method of arrays that is the function of its name."""
    @functools.wraps(meaning)
    def method(*args, **kwargs):
        return call(meaning, args, kwargs)
    return method


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
    """out= by position: by name it would have been dealt with in `call`."""
    if out is not None and out is not UNSET:
        raise InPlaceError(f"{name}: out= of a traced result is given by name",
                           got="out by position", instead=f"{name}(..., out=y)")


def refuse(name, argument, given, instead):
    """Raise MissingRuleError if an argument was given that has no meaning on tracers yet."""
    if given:
        raise MissingRuleError(f"{name}: the argument {argument} is not supported on traced arrays",
                               instead=instead)
