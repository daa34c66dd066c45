"""The arrays that a function closes over: a body must not write to them.

A body is traced: its Python code runs once, however often the loop goes round, and so would a
write to an array from outside. Where the value is traced, NumPy refuses to store it; where it is
known, nothing but the array itself tells.
"""

from __future__ import annotations

import functools
from types import CodeType, FunctionType, MethodType, ModuleType

import numpy as np

from .. import tree
from ..aval import aval_of
from ..errors import InPlaceError
from ..jit import Jitted
from ..trace import Tracer

LARGEST = 2**20     # bytes: a loop around a large table must not copy it each time it is traced


def contents_outside(fun):
    """[(name, array, a copy of it)] of the arrays that fun could write to from inside.

    Arrays of more than LARGEST bytes are left out.
    """
    return [(name, x, x.copy()) for name, x in closed_over(fun).items()
            if x.flags.writeable and x.nbytes <= LARGEST]


def check_unwritten(name, before):
    """Raise InPlaceError, and undo it, if an array of `contents_outside` was written to since."""
    for path, x, contents in before:
        if x.tobytes() != contents.tobytes():
            x[...] = contents
            raise InPlaceError(
                f"{name}: a function that is traced writes to an array from outside: that would "
                "happen once, while it is traced", got=f"{path}: {aval_of(x)}",
                wanted="writes to its own arguments and arrays",
                instead=f"carry the array, and return it; or {path} = {path}.copy() inside")


def closed_over(fun):
    """{name: array} of the arrays that a function reaches by the names in its code.

    They are looked for in its closure, its globals and its defaults, in containers and attributes
    there, and in the functions that it closes over.
    """
    found = {}
    _search("", fun, frozenset(), found, set())
    return found


# Where nothing is searched; what a jitted function does while it is traced, `jit` says.
_LEFT_OUT = (type, ModuleType, type(None), int, float, complex, str, np.generic, Tracer, Jitted)


def _search(path, value, names, found, seen):
    """Put the arrays in a value into `found`; names are those in the code that uses it."""
    if id(value) in seen or isinstance(value, _LEFT_OUT):
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        found[path] = value
        return
    for part in _parts(path, value, names):
        _search(*part, found, seen)


def _parts(path, value, names):
    """(path, part, names in its code) of what is reached from a value."""
    if isinstance(value, FunctionType):
        return _parts_of_function(value)
    if isinstance(value, MethodType):
        code = getattr(value.__func__, "__code__", None)
        return [(path, value.__func__, names),
                ("self", value.__self__, _names_in(code) if code else names)]
    if isinstance(value, functools.partial):
        return [(path, x, names) for x in (value.func, *value.args, *value.keywords.values())]
    leaves = tree.leaves(value)
    if len(leaves) != 1 or leaves[0] is not value:
        if all(isinstance(leaf, _LEFT_OUT) for leaf in leaves):
            return []
        return [(path + place, leaf, names) for place, leaf in tree.leaves_with_path(value)]
    attributes = getattr(value, "__dict__", {})
    return [(path if name == "__wrapped__" else f"{path}.{name}", part, frozenset())
            for name, part in attributes.items() if name in names or name == "__wrapped__"]


def _parts_of_function(fun):
    """Functions among the globals are left out: they lead through the whole program."""
    names = _names_in(fun.__code__)
    cells = zip(fun.__code__.co_freevars, fun.__closure__ or (), strict=True)
    inside = [pair for name, cell in cells for pair in _contents(name, cell)]
    outside = [(name, fun.__globals__[name]) for name in sorted(names & fun.__globals__.keys())
               if not callable(fun.__globals__[name])]
    defaults = [("a default", x) for x in (*(fun.__defaults__ or ()),
                                           *(fun.__kwdefaults__ or {}).values())]
    return [(name, value, names) for name, value in inside + outside + defaults]


@functools.lru_cache(maxsize=1024)
def _names_in(code):
    """The names that a function's code, and that of the functions in it, mentions."""
    inner = [_names_in(c) for c in code.co_consts if isinstance(c, CodeType)]
    return frozenset(code.co_names).union(*inner)


def _contents(name, cell):
    """What a variable of a closure holds; none if it has not been bound yet."""
    try:
        return [(name, cell.cell_contents)]
    except ValueError:
        return []
