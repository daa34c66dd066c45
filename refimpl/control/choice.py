"""cond and switch: one of several functions, chosen by a number that need not be known.

All branches are traced; one runs. Under `vmap` with a batched index all of them run, and `select`
takes each example's own: its zero tangents absorb what the others would poison.
"""

from __future__ import annotations

import numpy as np

from .. import tree
from ..aval import aval_of, strong
from ..backend import executable_of
from ..call import scatter_marked, weaken_results
from ..errors import ArgumentError, DtypeError, ShapeError
from ..graph import Var, eval_graph, remembered
from ..ops.elementwise import equal, maximum, minimum, not_equal, select
from ..ops.linear import align_batch, cast_to
from ..primitive import Primitive
from ..trace import bind
from ..transforms.linearize import linearize_graph
from ..transforms.transpose import transpose_graph
from ..transforms.vmap import batch_graph
from .bodies import (
    Body,
    any_of,
    check_same_tree,
    chosen,
    filled,
    flat_arrays,
    force_batched,
    graph_of,
    joined_aval,
    paths,
    spread_captured,
    stage_body,
    with_batch_axis,
    with_outputs,
)

INT = np.dtype(np.int64)

# ---- for users ----

def cond(pred, true_fun, false_fun, *operands):
    """Return `true_fun(*operands)` if pred holds, else `false_fun(*operands)`.

    pred: a number or an array of shape (), true where it is not 0; it may be traced. operands: any
    pytrees. Both functions are traced, so both must return the same structure, shapes and dtypes;
    only the chosen one runs, but under `vmap` over pred. They may close over traced values.

    Raises ShapeError, TreeError or DtypeError, naming the leaf that differs.
    """
    aval = aval_of(pred)
    if aval.shape:
        raise ShapeError("cond: the condition is not a single truth", got=str(aval), wanted="()",
                         instead="np.where(pred, x, y), or np.all(pred), np.any(pred)")
    index = cast_to(pred if aval.dtype.kind == "b" else not_equal(pred, 0), INT)
    return _choose("cond", index, (false_fun, true_fun), operands)


def switch(index, branches, *operands):
    """Return `branches[index](*operands)`; an index out of range is brought to the nearest.

    index: an integer of shape (), which may be traced. All branches must return the same
    structure, shapes and dtypes. Raises ArgumentError, ShapeError, TreeError or DtypeError.
    """
    branches = tuple(branches)
    if not branches:
        raise ArgumentError("switch: there is no branch", wanted="at least one function")
    aval = aval_of(index)
    if aval.shape or aval.dtype.kind not in "iu":
        raise DtypeError("switch: the index is not a single integer", got=str(aval),
                         instead="index.astype(int); cond(pred, f, g, x) for a truth")
    index = minimum(maximum(cast_to(index, INT), np.int64(0)), np.int64(len(branches) - 1))
    return _choose("switch", index, branches, operands)


def _choose(name, index, functions, operands):
    leaves, in_tree = flat_arrays(operands, name)
    bodies = [stage_body(f, name, in_tree, list(map(aval_of, leaves))) for f in functions]
    for body in bodies[1:]:
        check_same_tree(body.out_tree, bodies[0].out_tree, name, "the result of a branch")
    graphs, captured = spread_captured(bodies)
    avals = _result_avals(name, graphs, bodies[0].out_tree)
    branches = tuple([with_outputs(graph, avals) for graph in graphs])
    outs = bind(cond_p, index, *captured, *leaves, branches=branches)
    return tree.unflatten(bodies[0].out_tree, list(outs))


def _result_avals(name, graphs, out_tree):
    avals = []
    for path, *atoms in zip(paths(out_tree), *[g.outputs for g in graphs], strict=True):
        aval = joined_aval([a.aval for a in atoms])
        if aval is None:
            raise DtypeError(f"{name}: the branches return different types at {path}",
                             got=" and ".join(str(a.aval) for a in atoms),
                             wanted="one shape and dtype",
                             instead="convert the results: x.astype(dtype), np.broadcast_to")
        avals.append(aval)
    return avals


# ---- the operation ----

def _cond_impl(index, *operands, branches):
    graph = branches[int(index)]
    return tuple(weaken_results(graph.outputs, executable_of(graph).run(operands)))


def _cond_avals(index, *operands, branches):
    return tuple([a.aval for a in branches[0].outputs])


def _each(branches, kind, key, make):
    """Derive from all branches together; remembered with the first."""
    return remembered(branches[0], kind, (branches, key), lambda: (make(), True))


# ---- derivatives ----

def _cond_linearize(prim, primals, tangents, params):
    """Each branch is split; the residuals of all of them are passed on, zeros for those not run."""
    index, *operands = primals
    branches, active = params["branches"], tuple([t is not None for t in tangents[1:]])
    splits = [linearize_graph(branch, active) for branch in branches]
    nonzero = any_of(*[split.nonzero for split in splits])
    captured = [x for split in splits for x in split.captured]
    known, linear = _each(branches, "linearize cond", active,
                          lambda: _split_branches(branches, splits, active, nonzero))
    results = bind(prim, index, *captured, *operands, branches=known)
    n = len(nonzero)
    dots = bind(prim, index, *results[n:], *chosen(tangents[1:], active), branches=linear)
    return results[:n], scatter_marked(dots, nonzero)


def _split_branches(branches, splits, active, nonzero):
    """The known and the linear graphs, which take and give the residuals of every branch."""
    avals = [[aval_of_residual(split, place) for place in split.residuals] for split in splits]
    captured = [v.aval for split in splits for v in split.known.inputs[:len(split.captured)]]
    residuals = [aval for group in avals for aval in group]
    operands = [v.aval for v in branches[0].inputs]
    tangents = [strong(a) for a in chosen(operands, active)]
    dots = [strong(a.aval) for a in chosen(branches[0].outputs, nonzero)]
    return (tuple([graph_of(_known(splits, k, avals), captured + operands, "cond")
                   for k in range(len(splits))]),
            tuple([graph_of(_linear(splits, k, avals, nonzero, dots), residuals + tangents,
                            "cond") for k in range(len(splits))]))


def aval_of_residual(split, place):
    is_input, i = place
    return (split.known.inputs if is_input else split.known.outputs)[i].aval


def _known(splits, k, avals):
    """Branch k: captured values of all, operands -> results, residuals of all."""
    counts = [len(split.captured) for split in splits]
    start, split = sum(counts[:k]), splits[k]

    def fun(*args):
        inputs = [*args[start:start + counts[k]], *args[sum(counts):]]
        outs = eval_graph(split.known, inputs)
        residuals = [inputs[i] if is_input else outs[i] for is_input, i in split.residuals]
        return [*outs[:len(split.nonzero)], *[
            x for i, group in enumerate(avals)
            for x in (residuals if i == k else filled((), [False] * len(group), group))]]
    return fun


def _linear(splits, k, avals, nonzero, dot_avals):
    """Branch k: residuals of all, tangents -> tangents of the results that have one anywhere."""
    counts = list(map(len, avals))
    start, split = sum(counts[:k]), splits[k]

    def fun(*args):
        dots = eval_graph(split.linear, [*args[start:start + counts[k]], *args[sum(counts):]])
        return filled(dots, chosen(split.nonzero, nonzero), dot_avals)
    return fun


def _cond_transpose(cts, args, params):
    index, *operands = args
    branches = params["branches"]
    linear = tuple([type(a) is Var for a in operands])
    nonzero = tuple([ct is not None for ct in cts])
    parts = [transpose_graph(branch, linear, nonzero) for branch in branches]
    which = any_of(*[part[2] for part in parts])
    captured = [x for _, values, _ in parts for x in values]
    graphs = _each(branches, "transpose cond", (linear, nonzero),
                   lambda: _transposed(branches, parts, linear, nonzero, which))
    known = [a for a in operands if type(a) is not Var]
    out = bind(cond_p, index, *captured, *known, *chosen(cts, nonzero), branches=graphs)
    return [None, *scatter_marked(out, which)]


def _transposed(branches, parts, linear, nonzero, which):
    counts = [len(captured) for _, captured, _ in parts]
    first = branches[0]
    captured = [v.aval for graph, values, _ in parts for v in graph.inputs[:len(values)]]
    rest = [v.aval for v, is_linear in zip(first.inputs, linear, strict=True) if not is_linear]
    rest += [a.aval for a in chosen(first.outputs, nonzero)]
    wanted = [strong(v.aval) for v in chosen(first.inputs, which)]

    def branch(k):
        graph, _, own = parts[k]
        start = sum(counts[:k])

        def fun(*args):
            cts = eval_graph(graph, [*args[start:start + counts[k]], *args[sum(counts):]])
            return filled(cts, chosen(own, which), wanted)
        return graph_of(fun, captured + rest, "cond")
    return tuple(map(branch, range(len(parts))))


# ---- vmap ----

def _cond_batch(prim, size, args, batched, params):
    parts = [batch_graph(branch, size, tuple(batched[1:])) for branch in params["branches"]]
    flags = any_of(*[part[2] for part in parts])
    if batched[0]:
        return _batch_choice(size, args, parts), (True,) * len(flags)
    captured = [x for _, values, _ in parts for x in values]
    graphs, _ = spread_captured([Body(graph, values, None) for graph, values, _ in parts])
    branches = tuple([force_batched(graph, size, own, flags)
                      for graph, (_, _, own) in zip(graphs, parts, strict=True)])
    return bind(prim, args[0], *captured, *args[1:], branches=branches), flags


def _batch_choice(size, args, parts):
    """Run every branch, and select each example's own result."""
    index, *operands = args
    results = []
    for graph, captured, own in parts:
        outs = eval_graph(graph, [*captured, *operands])
        results.append(with_batch_axis(outs, own, (True,) * len(own), size))
    chosen_outs = results[-1]
    for k in range(len(parts) - 2, -1, -1):
        here = equal(index, np.int64(k))
        chosen_outs = [select(align_batch(here, aval_of(x).ndim - 1), x, y)
                       for x, y in zip(results[k], chosen_outs, strict=True)]
    return tuple(chosen_outs)


cond_p = Primitive("cond", "call", _cond_impl, _cond_avals, _cond_linearize, _cond_transpose,
                   _cond_batch, linearize=_cond_linearize, multiple=True,
                   doc="Run the branch that the index names.")
