"""The passes, each a pure function from Graph to Graph, linear in the number of equations."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...refimpl.aval import Aval
from ...refimpl.effects import has_effect
from ...refimpl.errors import IsogradError
from ...refimpl.graph import Eqn, Graph, Lit, Var, graph_of_call, remembered, result_avals
from ...refimpl.ops.elementwise import weaken
from ...refimpl.ops.linear import broadcast_to_p, cast_p
from ...refimpl.primitive import PRIMITIVES
from ...refimpl.promotion import explicit_dtypes
from .pattern import Hole, Subject, literal_key, match
from .products import simplify_products
from .rules import RULES


def simplify(graph, backend=None):
    """All passes. backend: the name of the backend that compiles, whose own calls are inlined."""
    graph = explicit_dtypes(drop_dead(inline(graph, backend)))
    return simplify_products(drop_dead(rewrite(graph)))


# ---- inline ----

INLINED = frozenset({"call", "checkpoint", "custom_jvp", "custom_vjp", "custom_linear_solve",
                     "custom_root"})


# Equations: a function of more, called more than once, is compiled by itself and stays a call.
# (Functions that call each other twice, n deep, would be written out 2**n times.)
LARGE = 1000


def inline(graph, backend=None):
    """Put the bodies of called graphs in the place of the calls, but for large repeated ones."""
    eqns = []
    outputs = _run(graph, graph.inputs, eqns, backend)
    return Graph(graph.inputs, tuple(eqns), tuple(outputs))


def _run(graph, args, eqns, backend):
    """Append the equations of a graph applied to atoms; return its outputs as atoms."""
    env = dict(zip(graph.inputs, args, strict=True))

    def read(atom):
        return atom if type(atom) is Lit else env[atom]

    for e, inner in _inlined(graph, backend):
        args = tuple(map(read, e.args))
        if inner is None:
            outs = tuple([Var(v.aval) for v in e.outs])
            eqns.append(Eqn(e.prim, args, e.params, outs, e.source))
        else:
            args = [_as(a, v.aval, e, eqns) for a, v in zip(args, inner.inputs, strict=True)]
            outs = _run(inner, args, eqns, backend)
            outs = [_as(a, v.aval, e, eqns) for a, v in zip(outs, e.outs, strict=True)]
        env.update(zip(e.outs, outs, strict=True))
    return [read(atom) for atom in graph.outputs]


def _inlined(graph, backend):
    """(equation, the graph to put in its place or None) for each equation."""
    bodies = [graph_of_call(e.prim, e.params)
              if e.prim.name in INLINED and e.params.get("backend") in (None, backend) else None
              for e in graph.eqns]
    times = Counter(bodies)
    large = {g for g, n in times.items() if g and n > 1 and _size(g, backend) > LARGE}
    return [(e, None if e.prim.name == "call" and inner in large else inner)
            for e, inner in zip(graph.eqns, bodies, strict=True)]


def _size(graph, backend):
    """How many equations a graph has when its calls are inlined."""
    def count():
        return sum([1 if inner is None else _size(inner, backend)
                    for _, inner in _inlined(graph, backend)]), True
    return remembered(graph, "size", backend, count)


def _as(atom, aval, e, eqns):
    """The atom as a value of another weakness (or dtype)."""
    if atom.aval == aval:
        return atom
    prim, params = (weaken.prim, {}) if aval.weak else (cast_p, {"dtype": aval.dtype})
    out = Var(aval)
    eqns.append(Eqn(prim, (atom,), params, (out,), e.source))
    return out


# ---- dead code ----

def drop_dead(graph):
    """Leave out equations whose results nobody uses and that have no effect."""
    needed = {a for a in graph.outputs if type(a) is Var}
    eqns = []
    for e in reversed(graph.eqns):
        if not needed.isdisjoint(e.outs) or has_effect(e.prim, e.params):
            eqns.append(e)
            needed.update([a for a in e.args if type(a) is Var])
    return Graph(graph.inputs, tuple(reversed(eqns)), graph.outputs)


# ---- fold constants, apply rules, share common subexpressions: one walk ----

def rewrite(graph):
    """Bring every equation to its simplest form, and compute nothing twice."""
    rewriter = Rewriter()
    for e in graph.eqns:
        rewriter.add(e)
    return Graph(graph.inputs, tuple(rewriter.eqns), tuple(map(rewriter.read, graph.outputs)))


class Rewriter:
    """env: what each old variable has become. known: the variables that hold an operation."""

    def __init__(self):
        self.eqns = []
        self.env = {}
        self.definitions = {}
        self.known = {}

    def read(self, atom):
        return atom if type(atom) is Lit else self.env.get(atom, atom)

    def add(self, e):
        args = tuple(map(self.read, e.args))
        if e.prim.multiple:
            self.append(e._replace(args=args))
            return
        self.env[e.outs[0]] = self.simplest(e, e.prim, args, e.params)

    def simplest(self, e, prim, args, params):
        """Return the atom for `prim(*args)`, which has the type of e's result."""
        (out,) = e.outs
        if prim.kind == "elementwise":
            value = _fold(prim, args, params)
            if value is not None and value.aval == out.aval:
                return value
            pulled = self.broadcast_later(e, prim, args, params)
            if pulled is not None:
                return pulled
        elif prim.name in MOVEMENTS:
            number = self.repeated_number(args[0])
            if number is not None and (prim is not broadcast_to_p or number is not args[0]):
                atom = self.of_shape(e, number, out.aval)
                if atom is not None:
                    return atom
        subject = Subject(prim, args, params, self.definitions)
        for rule in RULES_OF.get(prim.name, ()):
            found = match(rule.lhs, subject)
            if found is not None and rule.when(found):
                atom = self.replacement(e, rule.rhs, found)
                if atom is not None:
                    return atom
        return self.shared(e._replace(prim=prim, args=args, params=params))

    def replacement(self, e, rhs, found):
        aval = e.outs[0].aval
        if type(rhs) is Hole:
            return self.of_shape(e, found[rhs.name], aval)
        name, args, params = rhs(found)
        atoms = tuple([self.argument(e, a) for a in args])
        return self.simplest(e, PRIMITIVES[name], atoms, params)

    def argument(self, e, arg):
        """The atom for an argument of a rule's result."""
        if type(arg) in (Var, Lit):
            return arg
        if type(arg) is not tuple:
            return Lit(arg)
        name, args = arg
        atoms = tuple([self.argument(e, a) for a in args])
        (aval,) = result_avals(PRIMITIVES[name], [a.aval for a in atoms], {})
        return self.simplest(e._replace(outs=(Var(aval),)), PRIMITIVES[name], atoms, {})

    def of_shape(self, e, atom, aval):
        """The atom, broadcast to the result's shape; None if the type would not be the same."""
        have = atom.aval
        if have == aval:
            return atom
        if (have.dtype, have.weak) != (aval.dtype, aval.weak):
            return None
        return self.simplest(e, broadcast_to_p, (atom,), {"shape": aval.shape})

    def broadcast_later(self, e, prim, args, params):
        """f(broadcast_to(x), y) is f(x, y) if that has the same shape, else broadcast_to(f(x, y)).
        """
        narrow = tuple(map(self.before_broadcast, args))
        if narrow == args:
            return None
        aval = e.outs[0].aval
        shape = np.broadcast_shapes(*[a.aval.shape for a in narrow])
        if shape == aval.shape:
            return self.simplest(e, prim, narrow, params)
        inner = e._replace(outs=(Var(Aval(shape, aval.dtype, aval.weak)),))
        atom = self.simplest(inner, prim, narrow, params)
        return self.simplest(e, broadcast_to_p, (atom,), {"shape": aval.shape})

    def before_broadcast(self, atom):
        """The array that this one repeats. (A Python scalar is of another type than its array.)"""
        eqn = self.definitions.get(atom) if type(atom) is Var else None
        if eqn is None or eqn.prim is not broadcast_to_p or eqn.args[0].aval.weak:
            return atom
        return eqn.args[0]

    def repeated_number(self, atom):
        """The 0-d atom that an array repeats; moving its elements leaves it as it is."""
        if not atom.aval.shape:
            return atom
        before = self.before_broadcast(atom)
        return None if before.aval.shape else before

    def shared(self, e):
        """The variable that already holds this operation, or a new equation."""
        key = _key(e)
        if key is not None and key in self.known:
            return self.known[key]
        (out,) = e.outs
        if out in self.definitions:
            e = e._replace(outs=(Var(out.aval),))
        self.append(e)
        if key is not None:
            self.known[key] = e.outs[0]
        return e.outs[0]

    def append(self, e):
        self.eqns.append(e)
        for v in e.outs:
            self.definitions[v] = e


MOVEMENTS = frozenset({"reshape", "permute", "broadcast_to", "slice", "flip"})

RULES_OF = {}
for _rule in RULES:
    RULES_OF.setdefault(_rule.lhs.name, []).append(_rule)


def _fold(prim, args, params):
    """The literal that an operation on literals gives, or None."""
    if not args or any(type(a) is not Lit for a in args):
        return None
    try:
        with np.errstate(all="ignore"):
            value = prim.impl(*[a.value for a in args], **params)
    except (ArithmeticError, TypeError, ValueError, IsogradError):
        return None
    return None if isinstance(value, np.ndarray) else Lit(value)


def _key(e):
    """What two equations must have in common to be one; None if they must not be."""
    if e.prim.kind == "call" or e.prim.effect:
        return None
    args = tuple([literal_key(a) if type(a) is Lit else a for a in e.args])
    try:
        key = (e.prim, args, tuple(sorted(e.params.items())))
        hash(key)
    except TypeError:
        return None
    return key
