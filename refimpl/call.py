"""Primitives that carry a Graph: `call` (a jitted function) and `checkpoint`.

Their rules transform the graph, once per way of use, and call the transformed graph.
"""

from __future__ import annotations

from .aval import strong
from .backend import executable_of
from .effects import without_effects
from .graph import Var, eval_graph, remembered
from .ops.movement import barrier_p
from .primitive import Primitive
from .trace import bind
from .transforms.linearize import linearize_graph
from .transforms.stage import no_tracers, stage
from .transforms.transpose import transpose_graph
from .transforms.vmap import batch_graph


def _avals(*avals, graph, **_):
    return [a.aval for a in graph.outputs]


def scatter_marked(values, marks):
    """Put values in the marked places, None elsewhere."""
    values = iter(values)
    return [next(values) if mark else None for mark in marks]


def _marked(values, marks):
    return [x for x, mark in zip(values, marks, strict=True) if mark]


# ---- call ----

def _call_impl(*args, graph, name, backend):
    return weaken_results(graph.outputs, executable_of(graph, backend).run(args))


def weaken_results(outputs, results):
    """Python arithmetic on Python numbers gives Python numbers, also when it was compiled."""
    return [x.item() if a.aval.weak else x for a, x in zip(outputs, results, strict=True)]


def _call_linearize(prim, primals, tangents, params):
    """Run the graph with its residuals, then the linear part. Forward mode does the same: a call
    whose results mix primals and tangents could not be transposed later."""
    active = tuple([t is not None for t in tangents])
    split = linearize_graph(params["graph"], active)
    inputs = [*split.captured, *primals]
    results = bind(prim, *inputs, **{**params, "graph": split.known})
    n = len(split.nonzero)
    if True not in split.nonzero:
        return results[:n], (None,) * n
    residuals = [inputs[i] if known else results[i] for known, i in split.residuals]
    dots = bind(call_p, *residuals, *_marked(tangents, active), graph=split.linear,
                name=params["name"], backend=params["backend"])
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


call_p = Primitive("call", "call", _call_impl, _avals, _call_linearize, _call_transpose,
                   _call_batch, linearize=_call_linearize, multiple=True,
                   doc="Run a graph, compiled by a backend.")


# ---- checkpoint ----

def _checkpoint_linearize(prim, primals, tangents, params):
    """Keep only the inputs: the linear part computes everything else again, silently."""
    active = tuple([t is not None for t in tangents])
    split = linearize_graph(params["graph"], active)
    outs = bind(prim, *primals, **params)
    if True not in split.nonzero:
        return outs, (None,) * len(outs)
    kept = bind(barrier_p, *primals)
    dots = bind(call_p, *split.captured, *kept, *_marked(tangents, active),
                graph=recomputing_graph(params["graph"], active, split),
                name=params["name"], backend=params["backend"])
    return outs, scatter_marked(dots, split.nonzero)


def recomputing_graph(graph, active, split):
    """The graph: captured values, primals, tangents -> tangents of the nonzero results."""
    n = len(split.known.inputs)

    def fun(*args):
        inputs = args[:n]
        results = eval_graph(without_effects(split.known), inputs)
        residuals = [inputs[i] if known else results[i] for known, i in split.residuals]
        return eval_graph(split.linear, [*residuals, *args[n:]])

    def make():
        avals = [v.aval for v in split.known.inputs] + [
            strong(v.aval) for v in _marked(graph.inputs, active)]
        recomputing, captured = stage(fun, avals, "checkpoint")
        assert not captured, "the parts of a linearised graph are closed"
        return recomputing, no_tracers(split.captured)
    return remembered(graph, "recompute", active, make)


checkpoint_p = Primitive("checkpoint", "call", _call_impl, _avals, _checkpoint_linearize, None,
                         _call_batch, linearize=_checkpoint_linearize, multiple=True,
                         doc="A call that keeps nothing but its inputs for reverse mode.")
