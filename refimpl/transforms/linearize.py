"""Linearisation: run a function once, and keep its derivative there as a linear program.

`LinearizeTrace` is forward mode whose tangents are tracers of a `TapeTrace`: what depends only on
primal values is computed at once, what depends on tangents is written on the tape. What is left on
the tape is linear by construction; `transpose` reads it backwards.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .. import tree
from ..aval import Aval, aval_of, check_array, is_differentiable, strong
from ..errors import InPlaceError, MissingRuleError
from ..graph import Eqn, Graph, Var, eval_graph, remembered
from ..mutation import values_of
from ..ops.elementwise import transpose_weighted_sum, weighted_sum, weights_of
from ..primitive import linear
from ..trace import (
    EVAL,
    Trace,
    Tracer,
    bind,
    check_alive,
    current_trace,
    running,
    source_here,
    source_of,
    use,
)
from .jvp import JVPTrace, JVPTracer, all_zero, check_tangent, instantiate, own
from .stage import may_change, no_tracers, stage


class TapeTracer(Tracer):
    """A tangent: a variable of the linear program, or a constant to write such into."""

    __slots__ = ("var",)

    def __init__(self, trace, var):
        self._trace = trace
        self.var = var

    @property
    def aval(self):
        return aval_of(self.var)


class TapeTrace(Trace):
    """Evaluate what is known, write down what depends on tangents.

    watched: arrays of the user's that the program holds, and a checksum of what was in them.
    """

    def __init__(self, parent):
        self.name, self.parent, self.alive = "linearize", parent, True
        self.records_source, self._started = parent.records_source, None
        self.eqns = []
        self.watched = []

    def process(self, prim, args, params):
        operands, known = [], True
        for a in args:
            if type(a) is TapeTracer and a._trace is self:
                a = a.var
                known = known and type(a) is not Var
            operands.append(a)
        if known:
            return self.pass_on(prim, operands, params)
        avals = [a.aval if type(a) is Var else aval_of(a) for a in operands]
        if not prim.multiple:
            return self.write(prim, operands, params, prim.aval(*avals, **params))
        outs = tuple(map(Var, prim.aval(*avals, **params)))
        source = source_here() if self.records_source else None
        self.eqns.append(Eqn(prim, operands, params, outs, source))
        return tuple([TapeTracer(self, v) for v in outs])

    def write(self, prim, operands, params, aval):
        """Write down an equation with one result."""
        out = Var(aval)
        source = source_here() if self.records_source else None
        self.eqns.append(Eqn(prim, operands, params, (out,), source))
        return TapeTracer(self, out)

    def weighted_sum(self, weights, aval):
        """Write down the chain rule for one elementwise operation: one equation, or none."""
        if not weights:
            return None
        if len(weights) == 2 and weights[1] is None and weights[0].var.aval == aval:
            return weights[0]
        for i in range(0, len(weights), 2):
            weights[i] = weights[i].var
        return self.write(WEIGHTED_SUM, weights, {"aval": aval}, aval)

    def var(self, x):
        mine = type(x) is TapeTracer and x._trace is self and type(x.var) is Var
        return x.var if mine else None

    def lift(self, x):
        mine = type(x) is TapeTracer and x._trace is self
        return x if mine else TapeTracer(self, x)


class LinearizeTrace(JVPTrace):
    """Forward mode onto a tape. Primitives that carry graphs linearise these as a whole."""

    def rule(self, prim):
        return prim.linearize or prim.jvp

    def held(self, x):
        """What the tape may keep of an array that the user can still write to."""
        if not may_change(x):
            return x
        stage = self.stage
        if stage is not None:
            return stage.lift(x)
        if x.nbytes <= COPIED:
            return x.copy("K")
        self.parent.watched.append((x, checksum(x)))
        return x

    def join(self, primal, tangent):
        if tangent is None or self.parent.var(tangent) is not None:
            return super().join(primal, tangent)
        return constant_tangent(primal, tangent)

    def process(self, prim, args, params):
        if prim.partials is None and prim.jvp is not linear:
            return super().process(prim, args, params)
        primals, tangents = self.split(args)
        tape = self.parent
        if all_zero(tangents):
            return self.constant(prim, args, tape.process(prim, primals, params))
        with use(tape.parent) as known:     # neither result nor partials depend on tangents
            out = known.process(prim, primals, params)
            aval = strong(aval_of(out))
            if prim.jvp is linear:
                tangent = tape.write(prim, [tangents[0].var], params, aval)
            else:
                tangent = tape.weighted_sum(weights_of(prim, out, primals, tangents), aval)
        return self.join(out, None) if tangent is None else JVPTracer(self, out, tangent)


# ---- arrays that the user can write to before a derivative reads them ----

COPIED = 2**14      # bytes: larger ones are not copied but watched


def checksum(x):
    return zlib.crc32(np.ascontiguousarray(x))


def residuals_of(linear_map):
    """The arrays that a linear program holds."""
    return [a for e in linear_map.eqns for a in e.args if type(a) is np.ndarray]


def kept(values):
    """The values as a derivative that runs later may keep them."""
    return [x.copy("K") if type(x) is np.ndarray and x.nbytes <= COPIED and may_change(x) else x
            for x in values]


def given_back(linear_map, primals, outs):
    """The results as the user may have them, who can write to these and to the primals."""
    held = residuals_of(linear_map)
    ids = set(map(id, held))
    linear_map.watched.extend([(x, checksum(x)) for x in primals
                               if id(x) in ids and x.nbytes > COPIED and may_change(x)])
    return own(outs, held)


def check_unchanged(watched):
    """Raise InPlaceError if an array that a linear program holds was written to since."""
    for x, before in watched:
        if checksum(x) != before:
            raise InPlaceError(
                "an array was written to after a function used it and before its derivative did",
                got=str(aval_of(x)), instead="a new array for each value: buffer.copy()")


def constant_tangent(primal, tangent):
    """The result of a rule whose tangent does not depend on tangents: it must be zero."""
    if isinstance(tangent, Tracer) or np.any(tangent):
        raise MissingRuleError("a derivative rule is not linear in its tangents",
                               got="a tangent that is a constant, and not zero",
                               wanted="a linear function of the tangents, as x_dot * 2")
    return primal


class TapeOperation(NamedTuple):
    """An operation that exists only on tapes: `apply` says what it means in primitives."""

    name: str
    apply: Callable
    transpose: Callable
    multiple: bool = False


WEIGHTED_SUM = TapeOperation("weighted_sum", weighted_sum, transpose_weighted_sum)


class LinearMap(NamedTuple):
    """A linear function: equations whose arguments are Vars (linear) or plain values (residuals).

    inputs: one Var for each input, None for inputs without a derivative.
    outputs: a Var for each output, None where it is zero. watched: see TapeTrace.
    """

    inputs: list
    eqns: list
    outputs: list
    watched: list = ()

    def push(self, tangents):
        """Apply the map to tangents (None is zero); return the list of output tangents."""
        check_unchanged(self.watched)
        env = {v: t for v, t in zip(self.inputs, tangents, strict=True) if v is not None}
        env[None] = None
        for e in self.eqns:
            args = [env.get(a) if type(a) is Var else a for a in e.args]
            if all(x is None for x, a in zip(args, e.args, strict=True) if type(a) is Var):
                continue
            args = [instantiate_var(a) if x is None and type(a) is Var else x
                    for x, a in zip(args, e.args, strict=True)]
            with source_of(e.source):
                out = _apply(e, args)
            env.update(zip(e.outs, out if e.prim.multiple else (out,), strict=True))
        return [env.get(v) for v in self.outputs]


def _apply(e, args):
    if type(e.prim) is TapeOperation:
        return e.prim.apply(*args, **e.params)
    return bind(e.prim, *args, **e.params)


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
    trace.is_inner = tape.parent is not EVAL
    if trace.is_inner:
        primals = values_of(primals)
    inputs = [Var(strong(aval_of(x))) if a else None for x, a in zip(primals, active, strict=True)]
    args = [JVPTracer(trace, x, TapeTracer(tape, v)) if v else x
            for x, v in zip(primals, inputs, strict=True)]
    with running(trace):
        outs = fun(*args)
    tape.alive = False
    results, dots = trace.split(outs)
    linear_map = LinearMap(inputs, tape.eqns, [tape.var(t) for t in dots], tape.watched)
    if tape.watched:
        held = set(map(id, residuals_of(linear_map)))
        tape.watched[:] = [pair for pair in tape.watched if id(pair[0]) in held]
    return check_alive(results), linear_map


def linearize(f, *primals):
    """Return `(f(*primals), f_jvp)`, f_jvp the derivative at that point, a function of tangents.

    f runs once; `f_jvp(*tangents)` runs only the linear part. Tangents have the structure, shapes
    and dtypes of the primals. Floating-point warnings are off inside.
    """
    flat, struct = tree.flatten(primals)
    flat = kept([check_array(x, "linearize") for x in flat])
    box = {}

    def fun(*leaves):
        outs, box["out"] = tree.flatten(f(*tree.unflatten(struct, leaves)))
        return outs

    active = [is_differentiable(aval_of(x).dtype) for x in flat]
    with np.errstate(all="ignore"):
        outs, linear_map = linearize_flat(fun, flat, active, "linearize")
    outs = given_back(linear_map, flat, outs)

    def f_jvp(*tangents):
        dots = tree.flatten_up_to(struct, tangents, "linearize: the tangents")
        dots = [check_tangent(x, t, f"linearize: tangent {i}")
                for i, (x, t) in enumerate(zip(flat, dots, strict=True))]
        with np.errstate(all="ignore"):
            pushed = linear_map.push(dots)
        return tree.unflatten(box["out"], own(map(instantiate, pushed, outs), [*dots, *outs]))

    return tree.unflatten(box["out"], outs), f_jvp


# ---- graphs ----

class LinearizedGraph(NamedTuple):
    """A graph split in two: `known` also returns the residuals that `linear` needs.

    known:  captured values, primals        -> results, computed residuals
    linear: residuals, tangents of active   -> tangents of the results named in `nonzero`
    residuals: for each, (True, number of the input of `known`) or (False, number of its output)
    """

    known: Graph
    captured: list
    linear: Graph
    nonzero: tuple[bool, ...]
    residuals: tuple[tuple[bool, int], ...]


def linearize_graph(graph, active):
    """Linearise a graph in the inputs marked active; remembered with the graph."""
    def make():
        result = _linearize_graph(graph, active)
        return result, no_tracers(result.captured)
    return remembered(graph, "linearize", active, make)


def _linearize_graph(graph, active):
    box = {}

    def fun(*primals):
        outs, linear_map = linearize_flat(lambda *xs: eval_graph(graph, xs), primals, active)
        residuals, box["linear"] = close_linear_map(linear_map)
        box["nonzero"] = tuple(v is not None for v in linear_map.outputs)
        return outs + residuals

    known, captured = stage(fun, [v.aval for v in graph.inputs], "linearize")
    known, residuals = forward_inputs(known, len(box["nonzero"]))
    return LinearizedGraph(known, captured, box["linear"], box["nonzero"], residuals)


def forward_inputs(known, n):
    """Drop residuals (the outputs from n on) that are inputs, and say where each residual is."""
    places = {v: i for i, v in enumerate(known.inputs)}
    outputs, residuals = list(known.outputs[:n]), []
    for atom in known.outputs[n:]:
        if atom in places:
            residuals.append((True, places[atom]))
        else:
            residuals.append((False, len(outputs)))
            outputs.append(atom)
    return Graph(known.inputs, known.eqns, tuple(outputs)), tuple(residuals)


def close_linear_map(linear_map):
    """Return (residuals, Graph(residuals, inputs -> nonzero outputs)) for a LinearMap."""
    residuals = {}
    for e in linear_map.eqns:
        for a in e.args:
            if isinstance(a, (Tracer, np.ndarray)):
                residuals[id(a)] = a
    values = list(residuals.values())
    inputs = [v for v in linear_map.inputs if v is not None]

    def fun(*args):
        known = dict(zip(residuals, args, strict=False))
        eqns = [Eqn(e.prim, [known.get(id(a), a) for a in e.args], e.params, e.outs, e.source)
                for e in linear_map.eqns]
        tangents = iter(args[len(values):])
        pushed = linear_map._replace(eqns=eqns).push(
            [v and next(tangents) for v in linear_map.inputs])
        return [t for t in pushed if t is not None]

    avals = [aval_of(x) for x in values] + [v.aval for v in inputs]
    graph, captured = stage(fun, avals, "linearize")
    return captured + values, graph
