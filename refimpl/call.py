"""Primitives that carry a Graph: `call` (a jitted function) and `checkpoint`.

Their rules transform the graph, once per way of use, and call the transformed graph.
"""

from __future__ import annotations

import functools
from weakref import WeakKeyDictionary

from . import tree
from .aval import strong
from .backend import executable_of
from .graph import Var, eval_graph
from .ops.movement import barrier_p
from .primitive import Primitive
from .trace import bind
from .transforms.jvp import all_zero, jvp_flat
from .transforms.linearize import linearize_graph
from .transforms.stage import stage, stage_tree
from .transforms.transpose import transpose_graph
from .transforms.vmap import batch_graph


def body(eqn):
    """Return the Graph that an equation stands for, or None if it is an operation of its own."""
    params = eqn.params
    return params.get("graph") or getattr(params.get("fun"), "graph", None)


def _avals(*avals, graph, **_):
    return [strong(a.aval) for a in graph.outputs]


def scatter_marked(values, marks):
    """Put values in the marked places, None elsewhere."""
    values = iter(values)
    return [next(values) if mark else None for mark in marks]


def _marked(values, marks):
    return [x for x, mark in zip(values, marks, strict=True) if mark]


# ---- call ----

def _call_impl(*args, graph, name, backend):
    return executable_of(graph, backend).run(args)


def _call_jvp(prim, primals, tangents, params):
    active = tuple([t is not None for t in tangents])
    graph, captured, nonzero = jvp_graph(params["graph"], active)
    outs = bind(prim, *captured, *primals, *_marked(tangents, active), **{**params, "graph": graph})
    n = len(nonzero)
    return outs[:n], scatter_marked(outs[n:], nonzero)


def _call_linearize(prim, primals, tangents, params):
    active = tuple([t is not None for t in tangents])
    split = linearize_graph(params["graph"], active)
    results = bind(prim, *split.captured, *primals, **{**params, "graph": split.known})
    n = len(split.nonzero)
    if True not in split.nonzero:
        return results[:n], (None,) * n
    dots = bind(prim, *results[n:], *_marked(tangents, active), **{**params, "graph": split.linear})
    return results[:n], scatter_marked(dots, split.nonzero)


def _call_transpose(cts, args, params):
    linear = tuple([type(a) is Var for a in args])
    nonzero = tuple([ct is not None for ct in cts])
    graph, captured, which = transpose_graph(params["graph"], linear, nonzero)
    known = [a for a in args if type(a) is not Var]
    out = bind(call_p, *captured, *known, *_marked(cts, nonzero), **{**params, "graph": graph})
    return scatter_marked(out, which)


def _call_batch(prim, size, args, batched, params):
    graph, captured, out_batched = batch_graph(params["graph"], size, tuple(batched))
    return bind(prim, *captured, *args, **{**params, "graph": graph}), out_batched


call_p = Primitive("call", "call", _call_impl, _avals, _call_jvp, _call_transpose, _call_batch,
                   linearize=_call_linearize, multiple=True,
                   doc="Run a graph, compiled by a backend.")


_differentiated = WeakKeyDictionary()


def jvp_graph(graph, active):
    """Return (Graph: inputs, active tangents -> outputs, nonzero tangents; captured; nonzero)."""
    cache = _differentiated.setdefault(graph, {})
    if active not in cache:
        cache[active] = _jvp_graph(graph, active)
    return cache[active]


def _jvp_graph(graph, active):
    n, box = len(graph.inputs), {}

    def fun(*args):
        tangents = scatter_marked(args[n:], active)
        outs, dots = jvp_flat(lambda *xs: eval_graph(graph, xs), args[:n], tangents)
        box["nonzero"] = [t is not None for t in dots]
        return outs + [t for t in dots if t is not None]

    avals = [v.aval for v in graph.inputs]
    tangent_avals = [strong(aval) for aval in _marked(avals, active)]
    return *stage(fun, avals + tangent_avals, "jvp"), box["nonzero"]


# ---- checkpoint ----

def _checkpoint_linearize(prim, primals, tangents, params):
    """Keep only the inputs: the linear part computes everything else again when it is run."""
    active = tuple([t is not None for t in tangents])
    graph, captured, nonzero = jvp_graph(params["graph"], active)
    outs = bind(prim, *primals, **params)
    if all_zero([mark or None for mark in nonzero]):
        return outs, (None,) * len(outs)
    tangent_graph = tangents_only(graph, len(nonzero))
    kept = bind(barrier_p, *primals)
    dots = bind(call_p, *captured, *kept, *_marked(tangents, active),
                graph=tangent_graph, name=params["name"], backend=params["backend"])
    return outs, scatter_marked(dots, nonzero)


_tangent_parts = WeakKeyDictionary()


def tangents_only(graph, n):
    """The graph without its first n outputs."""
    if graph not in _tangent_parts:
        _tangent_parts[graph] = type(graph)(graph.inputs, graph.eqns, graph.outputs[n:])
    return _tangent_parts[graph]


checkpoint_p = Primitive("checkpoint", "call", _call_impl, _avals, _call_jvp, None, _call_batch,
                         linearize=_checkpoint_linearize, multiple=True,
                         doc="A call that keeps nothing but its inputs for reverse mode.")


def checkpoint(f):
    """Return f, differentiated in less memory: reverse mode computes its inner values again.

    f is traced: its Python control flow may depend on shapes, but not on traced numbers.
    Griewank and Walther, *Evaluating Derivatives*, chapter 12.
    """
    @functools.wraps(f)
    def checkpointed(*args, **kwargs):
        name = getattr(f, "__name__", "checkpoint")
        closed = stage_tree(f, args, kwargs, f"checkpoint of {name}")
        leaves = tree.leaves((args, kwargs))
        outs = bind(checkpoint_p, *closed.captured, *leaves,
                    graph=closed.graph, name=name, backend=None)
        return tree.unflatten(closed.out_tree, list(outs))
    return checkpointed


remat = checkpoint
