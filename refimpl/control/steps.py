"""The graphs that a scan's rules are made of: its body split, transposed, batched.

Each function is pure: from the body of a scan to the body of another scan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..aval import strong
from ..call import scatter_marked
from ..graph import Graph, eval_graph
from ..transforms.linearize import linearize_graph
from ..transforms.transpose import transpose_graph
from ..transforms.vmap import batch_graph
from .bodies import chosen, depends, filled, graph_of, left_out, restricted, widened


def chosen_groups(groups, flags):
    return [chosen(values, on) for values, on in zip(groups, flags, strict=True)]


# ---- which inputs take part ----

def active_inputs(graph, counts, active):
    """Which inputs have a tangent at some step."""
    consts, carry, xs = counts.split(active)
    carry = widened(carry, lambda carry: linearize_graph(
        graph, (*consts, *carry, *xs)).nonzero[:counts.carry])
    return (*consts, *carry, *xs)


def linear_inputs(graph, counts, linear):
    """Which inputs are linear: those given, and the states that come to depend on them."""
    consts, carry, xs = counts.split(linear)
    carry = widened(carry, lambda carry: depends(graph, (*consts, *carry, *xs))[:counts.carry])
    return (*consts, *carry, *xs)


def batched_inputs(graph, counts, size, batched):
    """Which inputs have a batch axis at some step."""
    consts, carry, xs = counts.split(batched)
    carry = widened(carry, lambda carry: batch_graph(
        graph, size, (*consts, *carry, *xs))[2][:counts.carry])
    return (*consts, *carry, *xs)


# ---- split into a known and a linear body ----

class Linearized(NamedTuple):
    """A scan split in two scans.

    known: also gives, at each step, residuals that change from step to step. linear: takes
    `fixed` and `sliced`, the numbers of inputs of `known` that are residuals as they are.
    """

    known: Graph
    captured: list
    linear: Graph
    nonzero: tuple
    fixed: list
    sliced: list


def linearized(graph, counts, active):
    split = linearize_graph(graph, active)
    first = len(split.captured)
    carry_start, xs_start = first + counts.consts, first + counts.consts + counts.carry
    groups = {"fixed": [], "stacked": [], "sliced": []}
    for place in dict.fromkeys(split.residuals):
        is_input, i = place
        kind = ("fixed" if is_input and i < carry_start else
                "sliced" if is_input and i >= xs_start else "stacked")
        groups[kind].append(place)
    fixed, stacked, sliced = groups.values()
    known = Graph(split.known.inputs, split.known.eqns, (
        *split.known.outputs[:len(graph.outputs)],
        *[(split.known.inputs if is_input else split.known.outputs)[i]
          for is_input, i in stacked]))
    carry_out = counts.split(active)[1]
    nonzero = (*carry_out, *split.nonzero[counts.carry:])
    linear = _linear_step(graph, counts, active, split, (fixed, stacked, sliced), nonzero)
    return Linearized(known, split.captured, linear, nonzero, [i for _, i in fixed],
                      [i for _, i in sliced])


def _linear_step(graph, counts, active, split, groups, nonzero):
    """(fixed, dots of consts, dots of carry, stacked, sliced, dots of xs) -> dots of the results.
    """
    def aval_at(place):
        is_input, i = place
        return strong((split.known.inputs if is_input else split.known.outputs)[i].aval)

    fixed, stacked, sliced = groups
    dots = [strong(v.aval) for v in graph.inputs]
    on = chosen_groups(counts.split(dots), counts.split(active))
    avals = [*map(aval_at, fixed), *on[0], *on[1], *map(aval_at, stacked),
             *map(aval_at, sliced), *on[2]]
    ends = np.cumsum([len(fixed), len(on[0]), len(on[1]), len(stacked), len(sliced)])
    wanted = [strong(a.aval) for a in chosen(graph.outputs, nonzero)]

    def fun(*args):
        parts = [args[a:b] for a, b in zip([0, *ends], [*ends, len(args)], strict=True)]
        values = dict(zip((*fixed, *stacked, *sliced), (*parts[0], *parts[3], *parts[4]),
                          strict=True))
        out = eval_graph(split.linear, [*[values[p] for p in split.residuals],
                                        *parts[1], *parts[2], *parts[5]])
        return filled(out, chosen(split.nonzero, nonzero), wanted)
    return graph_of(fun, avals, "scan")


# ---- transposed ----

def transposed(graph, counts, linear, given):
    """(scan of the known states, captured values, body that runs backwards)."""
    on_carry = counts.split(linear)[1]
    states = left_out(counts.split(graph.inputs)[1], on_carry)
    last = left_out(graph.outputs[:counts.carry], on_carry)
    known = restricted(Graph(graph.inputs, graph.eqns, (*last, *states)),
                       left_out(graph.inputs, linear))
    pulled = transpose_graph(graph, linear, given)
    return known, pulled[1], _back_step(graph, counts, linear, given, pulled)


def _back_step(graph, counts, linear, given, transposed):
    """captured, known consts; cts of the carry, sums for consts; known states, xs, cts of ys."""
    pulled, captured, which = transposed
    groups = counts.split([strong(v.aval) for v in graph.inputs])
    flags = counts.split(linear)
    known = [left_out(group, on) for group, on in zip(groups, flags, strict=True)]
    moving = chosen_groups(groups, flags)
    ys = [strong(a.aval) for a in chosen(graph.outputs[counts.carry:], given[counts.carry:])]
    avals = [*[v.aval for v in pulled.inputs[:len(captured)]], *known[0], *moving[1], *moving[0],
             *known[1], *known[2], *ys]
    sizes = [len(captured) + len(known[0]), len(moving[1]), len(moving[0]), len(known[1]),
             len(known[2])]
    ends = list(np.cumsum(sizes))

    def fun(*args):
        fixed, ct_carry, sums, states, xs, ct_ys = [
            args[a:b] for a, b in zip([0, *ends], [*ends, len(args)], strict=True)]
        out = eval_graph(pulled, [*fixed, *states, *xs, *ct_carry, *ct_ys])
        cts = scatter_marked(out, which)
        c, k, x = chosen_groups(counts.split(cts), flags)
        sums = [s if ct is None else s + ct for s, ct in zip(sums, c, strict=True)]
        return [*_or_zeros(k, moving[1]), *sums, *_or_zeros(x, moving[2])]
    return graph_of(fun, avals, "scan")


def _or_zeros(cts, avals):
    return filled([ct for ct in cts if ct is not None], [ct is not None for ct in cts], avals)
