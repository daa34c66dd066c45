"""Arguments as SciPy's functions take them: further arguments of functions, what is refused."""

from __future__ import annotations

import inspect

from isograd.refimpl.errors import ConcretizationError, MissingRuleError


def bound(name, fun, args):
    """fun(..., *args); if it needs a number that is not known, the error says that `name` traces.

    args: a tuple, or the only further argument.
    """
    args = args if isinstance(args, tuple) else (args,)

    def f(*places):
        try:
            return fun(*places, *args)
        except ConcretizationError as error:
            error.because(f"{name} traces its function once, to run it in a loop, also without "
                          "jit: its arguments have no numbers then")
            raise
    return f


def refuse(name, given, refused):
    """Raise for arguments of SciPy's that mean nothing here, unless they ask for nothing.

    given: {argument: value}. refused: {argument: (what to write instead, *values that ask for
    nothing)}; so does None. Raises MissingRuleError, and TypeError for what is no argument.
    """
    for argument, value in given.items():
        if argument not in refused:
            raise TypeError(f"{name}() got an unexpected keyword argument {argument!r}")
        instead, *nothing = refused[argument]
        if value is not None and repr(value) not in map(repr, nothing):
            raise MissingRuleError(f"{name}: the argument {argument} is not supported",
                                   got=repr(value), instead=instead)


def check_derivative(name, argument, value):
    """Take a function that computes a derivative, which is not needed; refuse other choices."""
    if value is True:
        raise MissingRuleError(f"{name}: {argument}=True is not supported",
                               instead="a function that returns only its value")
    if not (value is None or value is False or callable(value)):
        raise MissingRuleError(f"{name}: the choice {argument}={value!r} is not supported",
                               instead=f"no {argument}: derivatives are exact, by the rules of "
                                       "automatic differentiation")


def names_in(package):
    """The public names of a package, from its globals(): neither private ones nor its modules."""
    return sorted(name for name, x in package.items()
                  if not (name.startswith("_") or inspect.ismodule(x)))
