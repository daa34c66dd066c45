"""Graph: a program as data, and `eval_graph`, which is its meaning.

Legend, used everywhere: x y values, g tangent, ct cotangent, v Var, e Eqn, k Kernel, n size,
`axes` always a tuple.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, product
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np

from .aval import Aval, aval_of
from .errors import InvalidGraph, source_line
from .primitive import Primitive
from .trace import bind, source_of


class Var:
    """A variable: assigned once, known by identity."""

    __slots__ = ("aval",)

    def __init__(self, aval: Aval):
        self.aval = aval


class Lit:
    """A number written into the program: a Python or NumPy scalar, never a mutable array."""

    __slots__ = ("aval", "value")

    def __init__(self, value):
        self.value = value
        self.aval = aval_of(value)


class Eqn(NamedTuple):
    """`outs = prim(*args, **params)`; `source` is the user's (code object, line)."""

    prim: Primitive
    args: tuple
    params: dict
    outs: tuple[Var, ...]
    source: tuple | None = None


@dataclass(frozen=True, eq=False)
class Graph:
    """A pure function of its inputs in static single assignment form."""

    inputs: tuple[Var, ...]
    eqns: tuple[Eqn, ...]
    outputs: tuple[Var | Lit, ...]
    derived: dict = field(default_factory=dict, repr=False)     # see `remembered`

    def check(self):
        """Raise InvalidGraph unless every invariant holds; return the graph itself.

        G1 every variable is defined once, before its uses. G2 literals are immutable scalars.
        G3 the avals of each equation's results are what the primitive's rule says.
        """
        defined = set()
        for v in self.inputs:
            _define(defined, v, "an input")
        for e in self.eqns:
            for a in e.args:
                _check_atom(defined, a, e)
            _check_avals(e)
            for v in e.outs:
                _define(defined, v, f"a result of {e.prim.name}")
        for a in self.outputs:
            _check_atom(defined, a, None)
        return self

    def __str__(self):
        return format_graph(self)


def eval_graph(graph: Graph, args):
    """Run the equations in order under the current trace; return the list of outputs."""
    env = dict(zip(graph.inputs, args, strict=True))

    def read(atom):
        return atom.value if type(atom) is Lit else env[atom]

    for e in graph.eqns:
        with source_of(e.source):
            out = bind(e.prim, *map(read, e.args), **e.params)
        env.update(zip(e.outs, out if e.prim.multiple else (out,), strict=True))
    return [read(atom) for atom in graph.outputs]


def remembered(graph, kind, key, make):
    """What was derived from a graph before (its derivative, its executable), or `make()`.

    It is kept with the graph, and dies with it. `make` returns (result, whether to keep it).
    """
    place = (kind, key)
    if place not in graph.derived:
        result, keep = make()
        if not keep:
            return result
        graph.derived[place] = result
    return graph.derived[place]


def result_avals(prim, avals, params) -> tuple[Aval, ...]:
    """The avals of a primitive's results, always as a tuple."""
    out = prim.aval(*avals, **params)
    return tuple(out) if prim.multiple else (out,)


# ---- the graphs that an operation carries ----

def inner_graphs(params):
    """(name, Graph) of the graphs that parameters are, hold as their `graph`, or have in a tuple.
    """
    return [pair for name, p in params.items() for pair in _named_graphs(name, p)]


def _named_graphs(name, param):
    graph = getattr(param, "graph", param)
    if isinstance(graph, Graph):
        return [(name, graph)]
    if not isinstance(param, tuple):
        return []
    fields = getattr(param, "_fields", [f"{name}[{i}]" for i in range(len(param))])
    return [pair for field, x in zip(fields, param, strict=True)
            for pair in _named_graphs(field, x)]


def graphs_in(param):
    """The Graphs of one parameter."""
    return [graph for _, graph in _named_graphs("", param)]


def graph_of_call(prim, params):
    """The Graph that computes the results of an operation of its arguments, or None."""
    if prim.kind != "call":
        return None
    return next(iter(graphs_in(params.get("graph") or params.get("fun"))), None)


# ---- checking ----

def _define(defined, v, role):
    if not isinstance(v, Var) or v in defined:
        raise InvalidGraph(f"G1: {role} is not a new variable", got=repr(v))
    defined.add(v)


def _check_atom(defined, atom, eqn):
    where = f"an argument of {eqn.prim.name}" if eqn else "an output"
    if isinstance(atom, Lit):
        if isinstance(atom.value, np.ndarray):
            raise InvalidGraph(f"G2: {where} is an array literal", got=str(atom.aval))
    elif atom not in defined:
        raise InvalidGraph(f"G1: {where} is used before it is defined", got=repr(atom))


def _check_avals(e):
    want = result_avals(e.prim, [a.aval for a in e.args], e.params)
    got = tuple(v.aval for v in e.outs)
    if want != got:
        raise InvalidGraph(f"G3: {e.prim.name} has results of another type",
                           got=_types(got), wanted=_types(want), where=source_line(e.source))


def _types(avals):
    return ", ".join(map(str, avals))


# ---- printing ----

def format_graph(graph, indent="", name="", groups=()):
    """Spell a graph as text, one equation a line; inner graphs are indented, and have the names of
    the parameters that hold them. groups: ("consts", 2), ...: what the inputs are, and how many.
    """
    names = _names()
    env = {}

    def show(atom):
        if isinstance(atom, Lit):
            return str(atom.value)
        if atom not in env:
            env[atom] = next(names)
        return env[atom]

    def declare(vs):
        return " ".join(f"{show(v)}:{v.aval}" for v in vs)

    inputs = "; ".join(f"{label} {declare(vs)}".strip() for label, vs in _grouped(graph, groups))
    lines = [f"{indent}{name and f'{name}: '}graph({inputs})"]
    for e in graph.eqns:
        args = " ".join(map(show, e.args))
        lines.append(f"{indent}  {declare(e.outs)} = {e.prim.name}{format_params(e.params)} {args}")
        lines += format_inner(e.params, indent + "    ")
    lines.append(f"{indent}  return {' '.join(map(show, graph.outputs))}".rstrip())
    return "\n".join(lines)


def format_params(params):
    """The parameters of an equation but for inner graphs: "[axes=(0,)]", or nothing."""
    shown = [f"{name}={_show(p)}" for name, p in params.items()
             if not inner_graphs({name: p}) and not hasattr(p, "groups")]
    return f"[{' '.join(shown)}]" if shown else ""


def format_inner(params, indent):
    """The graphs among the parameters of an equation, as texts."""
    groups = next((p.groups for p in params.values() if hasattr(p, "groups")), ())
    return [format_graph(graph, indent, name, groups) for name, graph in inner_graphs(params)]


def _grouped(graph, groups):
    """The inputs by groups: (label, inputs) of those that are not empty."""
    start, found = 0, []
    for label, size in groups or [("", None)]:
        stop = len(graph.inputs) if size is None else start + size
        found.append((label, graph.inputs[start:stop]))
        start = stop
    return [pair for pair in found if pair[1]]


def _show(param):
    if isinstance(param, np.dtype):
        return param.name
    if callable(param):
        return getattr(param, "__name__", type(param).__name__)
    return str(param).replace(" ", "")


def _names():
    for n in count(1):
        for letters in product(ascii_lowercase, repeat=n):
            yield "".join(letters)
