"""Linearisation: run a function once, and keep its derivative there as a linear program.

`LinearizeTrace` is forward mode whose tangents are tracers of a `TapeTrace`: what depends only on
primal values is computed at once, what depends on tangents is written on the tape. What is left on
the tape is linear by construction; `transpose` reads it backwards.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from .. import tree
from ..aval import Aval, aval_of, is_differentiable
from ..graph import Eqn, Graph, Lit, Var, eval_graph, result_avals
from ..trace import Trace, Tracer, bind, current_trace, running, source_here, source_of
from .jvp import JVPTrace, check_tangent, instantiate
from .stage import stage


class TapeTracer(Tracer):
    """A tangent: a variable of the linear program."""

    __slots__ = ("var",)

    def __init__(self, trace, var):
        self.trace = trace
        self.var = var

    @property
    def aval(self):
        return self.var.aval


class TapeTrace(Trace):
    """Evaluate what is known, write down what depends on tangents."""

    def __init__(self, parent):
        super().__init__("linearize", parent)
        self.eqns = []

    def process(self, prim, args, params):
        operands = tuple([a.var if type(a) is TapeTracer and a.trace is self else a for a in args])
        if not any(type(a) is Var for a in operands):
            return self.parent.process(prim, args, params)
        avals = [a.aval if type(a) is Var else aval_of(a) for a in operands]
        outs = tuple(map(Var, result_avals(prim, avals, params)))
        source = source_here() if self.records_source else None
        self.eqns.append(Eqn(prim, operands, params, outs, source))
        tracers = tuple([TapeTracer(self, v) for v in outs])
        return tracers if prim.multiple else tracers[0]

    def var(self, x):
        return x.var if type(x) is TapeTracer and x.trace is self else None


class LinearizeTrace(JVPTrace):
    """Forward mode onto a tape. Primitives that carry graphs linearise these as a whole."""

    def rule(self, prim):
        return prim.linearize or prim.jvp


class LinearMap(NamedTuple):
    """A linear function: equations whose arguments are Vars (linear) or plain values (residuals).

    inputs: one Var for each input, None for inputs without a derivative.
    outputs: a Var for each output, None where it is zero.
    """

    inputs: tuple
    eqns: list
    outputs: tuple

    def push(self, tangents):
        """Apply the map to tangents (None is zero); return the list of output tangents."""
        env = {v: t for v, t in zip(self.inputs, tangents, strict=True) if v is not None}
        env[None] = None
        for e in self.eqns:
            args = [env.get(a) if type(a) is Var else a for a in e.args]
            if all(x is None for x, a in zip(args, e.args, strict=True) if type(a) is Var):
                continue
            args = [instantiate_var(a) if x is None else x
                    for x, a in zip(args, e.args, strict=True)]
            with source_of(e.source):
                out = bind(e.prim, *args, **e.params)
            env.update(zip(e.outs, out if e.prim.multiple else (out,), strict=True))
        return [env.get(v) for v in self.outputs]


def instantiate_var(v):
    return instantiate(None, Zero(v.aval))


class Zero(NamedTuple):
    """A symbolic zero of some type, where only the type matters."""

    aval: Aval


def linearize_flat(fun, primals, active, name="grad"):
    """Run `fun(*primals) -> list`; return (results, LinearMap of the derivative there).

    active: whether each primal is differentiated; the others are constants.
    """
    tape = TapeTrace(current_trace())
    trace = LinearizeTrace(name, tape)
    inputs = tuple([Var(aval_of(x)._replace(weak=False)) if a else None
                    for x, a in zip(primals, active, strict=True)])
    tangents = [v and TapeTracer(tape, v) for v in inputs]
    with running(tape), running(trace):
        outs = fun(*map(trace.join, primals, tangents))
    results, dots = trace.split(outs)
    return results, LinearMap(inputs, tape.eqns, tuple([tape.var(t) for t in dots]))


def linearize(f, *primals):
    """Return `(f(*primals), f_jvp)`, f_jvp the derivative at that point, a function of tangents.

    f runs once; `f_jvp(*tangents)` runs only the linear part. Tangents have the structure, shapes
    and dtypes of the primals.
    """
    flat, struct = tree.flatten(primals)
    box = {}

    def fun(*leaves):
        outs, box["out"] = tree.flatten(f(*tree.unflatten(struct, leaves)))
        return outs

    active = [is_differentiable(aval_of(x).dtype) for x in flat]
    outs, linear_map = linearize_flat(fun, flat, active, "linearize")

    def f_jvp(*tangents):
        dots = tree.flatten_up_to(struct, tangents, "linearize: the tangents")
        dots = [check_tangent(x, t, f"linearize: tangent {i}")
                for i, (x, t) in enumerate(zip(flat, dots, strict=True))]
        pushed = linear_map.push(dots)
        return tree.unflatten(box["out"], list(map(instantiate, pushed, outs)))

    return tree.unflatten(box["out"], outs), f_jvp


# ---- graphs ----

class LinearizedGraph(NamedTuple):
    """A graph split in two: `known` also returns the residuals that `linear` needs.

    known:  captured values, primals        -> results, residuals
    linear: residuals, tangents of active   -> tangents of the results named in `nonzero`
    """

    known: Graph
    captured: list
    linear: Graph
    nonzero: tuple[bool, ...]


_linearized = WeakKeyDictionary()


def linearize_graph(graph, active):
    """Linearise a graph in the inputs marked active; remembered per graph."""
    cache = _linearized.setdefault(graph, {})
    if active not in cache:
        cache[active] = _linearize_graph(graph, active)
    return cache[active]


def _linearize_graph(graph, active):
    box = {}

    def fun(*primals):
        outs, linear_map = linearize_flat(lambda *xs: eval_graph(graph, xs), primals, active)
        residuals, box["linear"] = close_linear_map(linear_map)
        box["nonzero"] = tuple(v is not None for v in linear_map.outputs)
        return outs + residuals

    known, captured = stage(fun, [v.aval for v in graph.inputs], "linearize")
    return LinearizedGraph(known, captured, box["linear"], box["nonzero"])


def close_linear_map(linear_map):
    """Return (residuals, Graph(residuals + inputs -> nonzero outputs)) for a LinearMap."""
    residuals = {}

    def atom(a):
        if type(a) is Var:
            return a
        if not isinstance(a, (Tracer, np.ndarray)):
            return Lit(a)
        return residuals.setdefault(id(a), (Var(aval_of(a)), a))[0]

    eqns = tuple(e._replace(args=tuple(map(atom, e.args))) for e in linear_map.eqns)
    inputs = tuple(v for v in linear_map.inputs if v is not None)
    outputs = tuple(v for v in linear_map.outputs if v is not None)
    graph = Graph(tuple(v for v, _ in residuals.values()) + inputs, eqns, outputs)
    return [a for _, a in residuals.values()], graph

