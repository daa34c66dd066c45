"""Patterns: expressions with holes, matched against the equations of a graph.

    x, y = Hole("x"), Hole("y")
    match(x * 1, ...)      # multiply(anything, a literal that is exactly 1)

A number in a pattern matches a literal of the same bits after conversion to the literal's dtype, so
0.0 does not match -0.0. Of commutative operations both orders are tried.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...refimpl.graph import Lit

COMMUTATIVE = frozenset({"add", "multiply", "logical_and", "logical_or", "logical_xor",
                         "bitwise_and", "bitwise_or", "bitwise_xor", "equal", "not_equal"})


class Pattern:
    """What holes and applications share: operators that build applications."""

    __slots__ = ()

    def __add__(self, other):
        return apply("add", self, other)

    def __sub__(self, other):
        return apply("subtract", self, other)

    def __mul__(self, other):
        return apply("multiply", self, other)

    def __truediv__(self, other):
        return apply("divide", self, other)

    def __neg__(self):
        return apply("negative", self)

    def __invert__(self):
        return apply("invert", self)


class Hole(Pattern):
    """Matches any atom; twice the same hole, twice the same atom. `Hole("c", literal=True)` matches
    literals only."""

    __slots__ = ("literal", "name")

    def __init__(self, name, literal=False):
        self.name = name
        self.literal = literal


class Number(Pattern):
    """Matches a literal of this value."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


class Apply(Pattern):
    """Matches a variable defined by this operation; its params are bound to the name `params`."""

    __slots__ = ("args", "name", "params")

    def __init__(self, name, args, params):
        self.name = name
        self.args = args
        self.params = params


def apply(name, *args, params=None):
    """The pattern of an operation; numbers stand for literals."""
    wrapped = tuple([a if isinstance(a, Pattern) else Number(a) for a in args])
    return Apply(name, wrapped, params)


class Subject(NamedTuple):
    """What is looked at: an operation, and how the variables before it are defined."""

    prim: object
    args: tuple
    params: dict
    definitions: dict       # Var -> Eqn


def match(pattern, subject):
    """Return {hole: atom, params name: params} if the operation has this form, else None."""
    for args in _orders(pattern, subject.args):
        found = {}
        if pattern.params:
            found[pattern.params] = subject.params
        if _match_all(args, subject.args, subject.definitions, found):
            return found
    return None


def _orders(pattern, args):
    yield pattern.args
    if pattern.name in COMMUTATIVE and len(args) == 2:
        yield pattern.args[::-1]


def _match_all(patterns, atoms, definitions, found):
    return len(patterns) == len(atoms) and all(
        _match_atom(p, a, definitions, found) for p, a in zip(patterns, atoms, strict=True))


def _match_atom(pattern, atom, definitions, found):
    if type(pattern) is Hole:
        if pattern.literal and type(atom) is not Lit:
            return False
        return same_atom(found.setdefault(pattern.name, atom), atom)
    if type(pattern) is Number:
        return type(atom) is Lit and same_bits(atom.value, pattern.value)
    eqn = None if type(atom) is Lit else definitions.get(atom)
    if eqn is None or eqn.prim.name != pattern.name:
        return False
    if pattern.params:
        found[pattern.params] = eqn.params
    return _match_all(pattern.args, eqn.args, definitions, found)


def same_atom(x, y):
    if x is y:
        return True
    return type(x) is Lit and type(y) is Lit and literal_key(x) == literal_key(y)


def literal_key(lit):
    """What makes two literals the same: type, dtype, and bits (0.0 is not -0.0)."""
    return lit.aval, np.asarray(lit.value).tobytes()


def same_bits(value, number):
    """Whether a literal is exactly this number."""
    value = np.asarray(value)
    try:
        with np.errstate(all="ignore"):
            return value.tobytes() == np.asarray(number, value.dtype).tobytes()
    except (OverflowError, TypeError, ValueError):
        return False
