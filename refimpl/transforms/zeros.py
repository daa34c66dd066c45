"""What is zero by how it was made, also where its numbers are not known."""

from __future__ import annotations

import numpy as np

from ..graph import Lit, graph_of_call
from ..trace import Tracer
from .jvp import JVPTracer
from .stage import StageTracer
from .vmap import BatchTracer

# Which arguments must be zero for the result to be: all of these, or (a product) any.
SUMS = {"add": slice(2), "subtract": slice(2), "negative": slice(1), "cast": slice(1),
        "select": slice(1, 3), "gather": slice(1), "scatter": slice(2)}
PRODUCTS = frozenset({"multiply", "scale", "dot_general"})


def is_zero(x):
    """Whether a value is known to be zero. Captured arrays count as what they hold now."""
    if type(x) is JVPTracer:
        return is_zero(x.primal) and (x.tangent is None or is_zero(x.tangent))
    if type(x) is BatchTracer:
        return is_zero(x.value)
    if type(x) is StageTracer:
        return x.variable in _zero_variables(x._trace)
    return not isinstance(x, Tracer) and not np.any(x)


def _zero_variables(trace):
    """The variables of a graph that is being made which are zero."""
    zeros = {var for var, value in trace.captured() if is_zero(value)}
    return zeros_of(trace.eqns, zeros)


def zeros_of(eqns, zeros):
    """The variables of a program that are zero if these are."""
    zeros = set(zeros)
    for e in eqns:
        flags = [is_zero_atom(a, zeros) for a in e.args]
        graph = graph_of_call(e.prim, e.params)
        if graph is not None:
            inner = zeros_of(graph.eqns, {v for v, f in zip(graph.inputs, flags, strict=True) if f})
            zeros.update([v for v, a in zip(e.outs, graph.outputs, strict=True)
                          if is_zero_atom(a, inner)])
        elif _gives_zero(e.prim, flags):
            zeros.update(e.outs)
    return zeros


def is_zero_atom(a, zeros):
    return is_zero(a.value) if type(a) is Lit else a in zeros


def _gives_zero(prim, flags):
    if prim.name in PRODUCTS:
        return any(flags)
    terms = slice(None) if prim.kind == "movement" else SUMS.get(prim.name)
    return terms is not None and all(flags[terms])
