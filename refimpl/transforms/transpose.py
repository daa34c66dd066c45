"""Transposition: run a linear program backwards. Reverse mode is linearise, then transpose."""

from __future__ import annotations

import numbers

import numpy as np

from .. import tree
from ..aval import aval_of, strong
from ..errors import MissingRuleError, ShapeError, source_line
from ..graph import Var, eval_graph, graph_of_call, remembered
from ..primitive import transpose_rule
from ..trace import current_trace, running, source_of
from .jvp import all_zero, check_tangent, instantiate, own
from .linearize import LinearMap, TapeTrace, TapeTracer, Zero, check_unchanged
from .stage import no_tracers, stage
from .zeros import is_zero, is_zero_atom, zeros_of


def pull(linear_map, cotangents):
    """Apply the transposed map: cotangents of the outputs -> cotangents of the inputs.

    None is zero, in both directions.
    """
    check_unchanged(linear_map.watched)
    cts = {}
    for v, ct in zip(linear_map.outputs, cotangents, strict=True):
        accumulate(cts, v, ct)
    for e in reversed(linear_map.eqns):
        if e.prim.multiple:
            ct = [cts.pop(v, None) for v in e.outs]
            zero = all_zero(ct)
        else:
            ct = cts.pop(e.outs[0], None)
            zero = ct is None
        if zero:
            continue
        if e.source is None:
            _pull_equation(cts, e, ct)
        else:
            with source_of(e.source):
                _pull_equation(cts, e, ct)
    return [cts.get(v) for v in linear_map.inputs]


def _pull_equation(cts, e, ct):
    rule = e.prim.transpose or transpose_rule(e.prim)
    for a, term in zip(e.args, rule(ct, e.args, e.params), strict=True):
        if term is not None and type(a) is Var:
            cts[a] = cts[a] + term if a in cts else term


def accumulate(cts, v, term):
    """Add a term to the cotangent of v. Zeros (None) cost nothing."""
    if v is None or term is None:
        return
    previous = cts.get(v)
    cts[v] = term if previous is None else previous + term


def linear_map_of(fun, avals, linear, values):
    """Record `fun(*args) -> list`, linear in the arguments marked so, as a LinearMap."""
    tape = TapeTrace(current_trace())
    inputs = [Var(aval) if is_linear else None
              for aval, is_linear in zip(avals, linear, strict=True)]
    args = [TapeTracer(tape, v) if v else x for v, x in zip(inputs, values, strict=True)]
    with running(tape):
        outs = fun(*args)
    return LinearMap(inputs, tape.eqns, [tape.var(x) for x in outs]), outs


def linear_transpose(f, *primals):
    """Return the transpose of f, which must be linear in all its arguments.

    primals: examples of the arguments; only shapes and dtypes matter. The result takes a cotangent
    with the structure of f's result and returns a tuple of cotangents, one an argument.
    Raises MissingRuleError where f is not linear.
    """
    flat, struct = tree.flatten(primals)
    avals = [strong(aval_of(x)) for x in flat]
    box = {}

    def fun(*leaves):
        outs, box["out"] = tree.flatten(f(*tree.unflatten(struct, leaves)))
        return outs

    with np.errstate(all="ignore"):
        linear_map, outs = linear_map_of(fun, avals, [True] * len(flat), flat)
        check_no_constant(linear_map, outs)

    def transposed(ct):
        given = cotangent_leaves(box["out"], outs, ct, "linear_transpose")
        with np.errstate(all="ignore"):
            cts = map(instantiate, pull(linear_map, given), map(Zero, avals))
        return tree.unflatten(struct, own(cts, given))

    return transposed


# The arguments of which an operation makes a sum, or which it puts side by side.
TERMS = {"add": slice(2), "subtract": slice(2), "select": slice(1, 3), "scatter": slice(2),
         "concatenate": slice(None)}


def check_no_constant(linear_map, outs):
    """Raise MissingRuleError if a linear program has a known term that may be other than zero.

    Those in jitted functions are found too, those in the bodies of loops are not.
    """
    for v, x in zip(linear_map.outputs, outs, strict=True):
        if v is None and not is_zero(x):
            raise _not_linear(x, None)
    for e in linear_map.eqns:       # here every variable is linear
        _check_equation(e, [type(a) is Var for a in e.args], is_zero)


def _check_equation(e, linear, is_zero):
    """linear: which arguments are; is_zero: of the others, whether they are zero."""
    terms = TERMS.get(e.prim.name, slice(0))
    for a, on in zip(e.args[terms], linear[terms], strict=True):
        if not on and not is_zero(a):
            raise _not_linear(a, e.source)
    graph = graph_of_call(e.prim, e.params)
    if graph is not None:
        inputs = list(zip(graph.inputs, e.args, linear, strict=True))
        _check_graph(graph, {v for v, _, on in inputs if on},
                     {v for v, a, on in inputs if not on and is_zero(a)})


def _check_graph(graph, linear, zeros):
    zeros = zeros_of(graph.eqns, zeros)
    for e in graph.eqns:
        flags = [a in linear for a in e.args]
        if any(flags):
            _check_equation(e, flags, lambda a: is_zero_atom(a, zeros))
            linear.update(e.outs)


def _not_linear(constant, source):
    return MissingRuleError("not linear: a constant is added", got=str(aval_of(constant)),
                            where=source_line(source), instead="a function f with f(0) = 0")


def cotangent_leaves(out_tree, outs, ct, name):
    """Flatten and check a user's cotangent against the results it belongs to."""
    flat = tree.flatten_up_to(out_tree, ct, f"{name}: the cotangents")
    return [check_cotangent(x, c, f"{name}: cotangent {i}")
            for i, (x, c) in enumerate(zip(outs, flat, strict=True))]


def check_cotangent(out, ct, what):
    """Like check_tangent; a Python number may stand for a whole array's cotangent only if 0-d."""
    if ct is not None and not hasattr(ct, "shape") and aval_of(out).shape:
        kind = "number" if isinstance(ct, numbers.Number) else type(ct).__name__
        raise ShapeError(f"{what} is a {kind}, its result an array", got=repr(ct),
                         wanted=f"{aval_of(out)}, the structure of the result",
                         instead="np.ones_like(out)")
    return check_tangent(out, ct, what)


# ---- graphs ----

def transpose_graph(graph, linear, nonzero):
    """Transpose a graph in its inputs marked linear.

    nonzero marks the outputs whose cotangent is given. Returns (Graph, captured, which): the graph
    maps captured values, the other inputs and the given cotangents to the cotangents of those
    inputs that `which` marks; the rest are zero.
    """
    def make():
        result = _transpose_graph(graph, linear, nonzero)
        return result, no_tracers(result[1])
    return remembered(graph, "transpose", (linear, nonzero), make)


def _transpose_graph(graph, linear, nonzero):
    avals = [v.aval for v in graph.inputs]
    known = [aval for aval, is_linear in zip(avals, linear, strict=True) if not is_linear]
    given = [a.aval for a, nz in zip(graph.outputs, nonzero, strict=True) if nz]
    box = {}

    def fun(*args):
        values, cts = iter(args[:len(known)]), iter(args[len(known):])
        values = [None if is_linear else next(values) for is_linear in linear]
        linear_map, _ = linear_map_of(lambda *xs: eval_graph(graph, xs), avals, linear, values)
        out = pull(linear_map, [next(cts) if nz else None for nz in nonzero])
        box["which"] = tuple(ct is not None for ct in out)
        return [ct for ct in out if ct is not None]

    return *stage(fun, known + given, "transpose"), box["which"]
