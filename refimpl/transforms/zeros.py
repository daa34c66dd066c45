"""What is zero by how it was made, also where its numbers are not known."""

from __future__ import annotations

import numpy as np

from ..graph import Lit
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
    for e in trace.eqns:
        flags = [is_zero(a.value) if type(a) is Lit else a in zeros for a in e.args]
        if _gives_zero(e.prim, flags):
            zeros.update(e.outs)
    return zeros


def _gives_zero(prim, flags):
    if prim.name in PRODUCTS:
        return any(flags)
    terms = slice(None) if prim.kind == "movement" else SUMS.get(prim.name)
    return terms is not None and all(flags[terms])
