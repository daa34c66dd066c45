"""scan and map: a function along the leading axis of arrays, carrying a state.

    carry, y_k = f(carry, x_k),   k = 0 .. length - 1

Reverse mode keeps, for each step, what the derivative of the body needs, and runs the transposed
body from the last step to the first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .. import tree
from ..aval import Aval, aval_of, strong
from ..backend import executable_of
from ..call import scatter_marked
from ..errors import ArgumentError, ShapeError
from ..graph import Graph, Var, eval_graph, remembered
from ..ops.linear import moveaxis, reshape
from ..ops.movement import concatenate
from ..primitive import Primitive
from ..trace import bind
from ..transforms.jvp import instantiate
from ..transforms.linearize import Zero, linearize_graph
from ..transforms.transpose import transpose_graph
from ..transforms.vmap import batch_graph, vmap
from .bodies import (
    Carry,
    chosen,
    depends,
    filled,
    flat_arrays,
    force_batched,
    graph_of,
    restricted,
    stage_loop,
    widened,
    with_batch_axis,
)


class Counts(NamedTuple):
    """How the arguments of a loop's body are made up; what is left is xs (or ys)."""

    consts: int
    carry: int

    def split(self, values):
        a, b = self.consts, self.consts + self.carry
        return values[:a], values[a:b], values[b:]


# ---- for users ----

def scan(f, init, xs=None, length=None, reverse=False, unroll=1):
    """Return `(last carry, ys)` of `carry, y = f(carry, x)` along the leading axis of xs.

    init, xs: pytrees; f is traced once, with one slice of xs. ys has the structure of y, with the
    steps along a new leading axis. length is needed only if xs has no leaves. reverse: from the
    last step to the first; y_k belongs to x_k all the same. unroll is taken, as a hint, and does
    not change the result.

    Reverse mode keeps what the derivative of each step needs: memory grows with the length (see
    `while_loop` for a loop that keeps a bounded number of states, and `checkpoint` for f).
    Raises ShapeError, TreeError or DtypeError, naming the leaf of the carry that changes.
    """
    leaves, xs_tree = flat_arrays(xs, "scan")
    length = _length(leaves, length)
    slices = [Aval(aval_of(x).shape[1:], aval_of(x).dtype) for x in leaves]
    example = tree.unflatten(xs_tree, range(len(leaves)))
    body, carry = stage_loop("scan", f, Carry.start("scan", init), slices, [example])
    counts = Counts(len(body.captured), len(carry.avals))
    outs = bind(scan_p, *body.captured, *carry.values, *leaves, body=body.graph, counts=counts,
                length=length, reverse=bool(reverse))
    n = counts.carry
    return carry.restored(outs[:n]), tree.unflatten(body.out_tree, list(outs[n:]))


def _length(leaves, length):
    sizes = {}
    for i, x in enumerate(leaves):
        shape = aval_of(x).shape
        if not shape:
            raise ShapeError(f"scan: leaf {i} of xs has no axis to run along", got=str(aval_of(x)),
                             instead="an array, or a value that f closes over")
        sizes.setdefault(shape[0], i)
    if length is not None:
        sizes.setdefault(int(length), "length")
    if len(sizes) > 1:
        raise ShapeError("scan: the leading axes differ", wanted="one size", got=", ".join(
            f"{where if where == 'length' else f'leaf {where}'} has {n}"
            for n, where in sizes.items()))
    if not sizes:
        raise ArgumentError("scan: nothing says how many steps there are", instead="length=n")
    return next(iter(sizes))


def map(f, xs, *, batch_size=None):
    """Return `f(x)` for each x along the leading axis of xs, one after the other, stacked.

    Like vmap in what it computes, like a loop in the memory that it needs. batch_size: so many
    examples at a time are vectorised.
    """
    if batch_size is None:
        return scan(lambda _, x: (None, f(x)), None, xs)[1]
    return _map_batches(f, xs, int(batch_size))


def _map_batches(f, xs, size):
    from_leaves, struct = flat_arrays(xs, "map")
    n = _length(from_leaves, None)
    whole = n // size * size
    body = vmap(f)
    parts = []
    if whole:
        blocks = tree.map(lambda x: reshape(x[:whole], (n // size, size, *aval_of(x).shape[1:])),
                          xs)
        outs = scan(lambda _, x: (None, body(x)), None, blocks)[1]
        parts.append(tree.map(lambda y: reshape(y, (whole, *aval_of(y).shape[2:])), outs))
    if whole < n or not n:
        parts.append(body(tree.map(lambda x: x[whole:], xs)))
    return parts[0] if len(parts) == 1 else tree.map(lambda *ys: concatenate(list(ys), 0), *parts)


# ---- the operation ----

def _scan_impl(*args, body, counts, length, reverse):
    consts, carry, xs = counts.split(args)
    step, n = executable_of(body).run, counts.carry
    xs = [np.ascontiguousarray(x) for x in xs]
    ys = [np.empty((length, *a.aval.shape), a.aval.dtype) for a in body.outputs[n:]]
    for k in reversed(range(length)) if reverse else range(length):
        outs = step([*consts, *carry, *[x[k] for x in xs]])
        carry = outs[:n]
        for y, out in zip(ys, outs[n:], strict=True):
            y[k] = out
    return (*[x if length else np.array(x)[()] for x in carry], *ys)


def _scan_avals(*avals, body, counts, length, reverse):
    outs = [a.aval for a in body.outputs]
    return (*outs[:counts.carry],
            *[Aval((length, *a.shape), a.dtype) for a in outs[counts.carry:]])


# ---- linearize ----

def _scan_linearize(prim, primals, tangents, params):
    graph, counts = params["body"], params["counts"]
    active = _active_inputs(graph, counts, [t is not None for t in tangents])
    parts = remembered(graph, "linearize scan", active,
                       lambda: (_linearized(graph, counts, active), True))
    outs = bind(prim, *parts.captured, *primals, **{
        **params, "body": parts.known, "counts": Counts(
            len(parts.captured) + counts.consts, counts.carry)})
    n = len(graph.outputs)
    results, stacked = outs[:n], outs[n:]
    inputs = [*parts.captured, *primals]
    dots = [instantiate(t, x) if on else None
            for t, x, on in zip(tangents, primals, active, strict=True)]
    const_dots, carry_dots, x_dots = map_chosen(counts.split(dots), counts.split(active))
    out = bind(prim, *[inputs[i] for i in parts.fixed], *const_dots, *carry_dots, *stacked,
               *[inputs[i] for i in parts.sliced], *x_dots, **{
                   **params, "body": parts.linear,
                   "counts": Counts(len(parts.fixed) + len(const_dots), len(carry_dots))})
    return results, scatter_marked(out, parts.nonzero)


def map_chosen(groups, flags):
    return [chosen(values, on) for values, on in zip(groups, flags, strict=True)]


def _active_inputs(graph, counts, active):
    """Which inputs have a tangent at some step."""
    consts, carry, xs = counts.split(active)
    carry = widened(carry, lambda carry: linearize_graph(
        graph, (*consts, *carry, *xs)).nonzero[:counts.carry])
    return (*consts, *carry, *xs)


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


def _linearized(graph, counts, active):
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
    on = map_chosen(counts.split(dots), counts.split(active))
    avals = [*map_avals(aval_at, fixed), *on[0], *on[1], *map_avals(aval_at, stacked),
             *map_avals(aval_at, sliced), *on[2]]
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


def map_avals(aval_at, places):
    return [aval_at(place) for place in places]


# ---- transpose ----

def _scan_transpose(cts, args, params):
    graph, counts = params["body"], params["counts"]
    linear = linear_inputs(graph, counts, [type(a) is Var for a in args])
    given = tuple([ct is not None for ct in cts])
    lin_consts, lin_carry, lin_xs = counts.split(linear)
    given = (*lin_carry, *given[counts.carry:])
    known, captured, back = remembered(
        graph, "transpose scan", (counts, linear, given),
        lambda: (_transposed(graph, counts, linear, given), True))
    consts, carry, xs = [[a for a, is_linear in zip(group, flags, strict=True) if not is_linear]
                         for group, flags in zip(counts.split(args), counts.split(linear),
                                                 strict=True)]
    n = len(carry)
    states = bind(scan_p, *consts, *carry, *xs, **{
        **params, "body": known, "counts": Counts(len(consts), n)})[n:] if n else ()
    ct_carry = [instantiate(ct, Zero(strong(a.aval))) for ct, a, is_linear in zip(
        cts[:counts.carry], graph.outputs, lin_carry, strict=False) if is_linear]
    sums = filled((), [False] * sum(lin_consts),
                  [strong(v.aval) for v in chosen(graph.inputs[:counts.consts], lin_consts)])
    out = bind(scan_p, *captured, *consts, *ct_carry, *sums, *states, *xs,
               *chosen(cts[counts.carry:], given[counts.carry:]), **{
                   **params, "body": back, "reverse": not params["reverse"],
                   "counts": Counts(len(captured) + len(consts), len(ct_carry) + len(sums))})
    k = len(ct_carry)
    ordered = [*out[k:k + len(sums)], *out[:k], *out[k + len(sums):]]
    pulled = scatter_marked(ordered, linear)
    return [ct if type(a) is Var else None for ct, a in zip(pulled, args, strict=True)]


def linear_inputs(graph, counts, linear):
    """Which inputs are linear: those given, and the states that come to depend on them."""
    consts, carry, xs = counts.split(linear)
    carry = widened(carry, lambda carry: depends(graph, (*consts, *carry, *xs))[:counts.carry])
    return (*consts, *carry, *xs)


def _transposed(graph, counts, linear, given):
    """(scan of the known states, captured values, body that runs backwards)."""
    known_inputs = [v for v, is_linear in zip(graph.inputs, linear, strict=True) if not is_linear]
    states = [v for v, is_linear in zip(counts.split(graph.inputs)[1], counts.split(linear)[1],
                                        strict=True) if not is_linear]
    last = [a for a, is_linear in zip(graph.outputs, counts.split(linear)[1], strict=False)
            if not is_linear]
    needed = Graph(graph.inputs, graph.eqns, (*last, *states))
    known = restricted(needed, known_inputs)
    pulled, captured, which = transpose_graph(graph, linear, given)
    return known, captured, _back_step(graph, counts, linear, given, (pulled, captured, which))


def _back_step(graph, counts, linear, given, transposed):
    """captured, known consts; cts of the carry, sums for consts; known states, xs, cts of ys."""
    pulled, captured, which = transposed
    groups = [[(strong(v.aval), is_linear) for v, is_linear in zip(vs, flags, strict=True)]
              for vs, flags in zip(counts.split(graph.inputs), counts.split(linear), strict=True)]
    known = [[aval for aval, is_linear in group if not is_linear] for group in groups]
    moving = [[aval for aval, is_linear in group if is_linear] for group in groups]
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
        c, k, x = [chosen(group, flags) for group, flags in
                   zip(counts.split(cts), counts.split(linear), strict=True)]
        sums = [s if ct is None else s + ct for s, ct in zip(sums, c, strict=True)]
        return [*_or_zeros(k, moving[1]), *sums, *_or_zeros(x, moving[2])]
    return graph_of(fun, avals, "scan")


def _or_zeros(cts, avals):
    return filled([ct for ct in cts if ct is not None], [ct is not None for ct in cts], avals)


# ---- vmap ----

def _scan_batch(prim, size, args, batched, params):
    graph, counts = params["body"], params["counts"]
    consts, carry, xs = counts.split(args)
    flags = batched_inputs(graph, counts, size, batched)
    inner, captured, out = batch_graph(graph, size, flags)
    wanted = (*counts.split(flags)[1], *out[counts.carry:])
    inner = force_batched(inner, size, out, wanted)
    carry = with_batch_axis(carry, counts.split(batched)[1], counts.split(flags)[1], size)
    xs = [moveaxis(x, 0, 1) if b else x for x, b in zip(xs, counts.split(batched)[2],
                                                        strict=True)]
    outs = bind(prim, *captured, *consts, *carry, *xs, **{
        **params, "body": inner, "counts": Counts(len(captured) + counts.consts, counts.carry)})
    n = counts.carry
    ys = [moveaxis(y, 1, 0) if b else y for y, b in zip(outs[n:], wanted[n:], strict=True)]
    return (*outs[:n], *ys), wanted


def batched_inputs(graph, counts, size, batched):
    """Which inputs have a batch axis at some step."""
    consts, carry, xs = counts.split(batched)
    carry = widened(carry, lambda carry: batch_graph(
        graph, size, (*consts, *carry, *xs))[2][:counts.carry])
    return (*consts, *carry, *xs)


scan_p = Primitive("scan", "call", _scan_impl, _scan_avals, _scan_linearize, _scan_transpose,
                   _scan_batch, linearize=_scan_linearize, multiple=True,
                   doc="Run a body along the leading axis of arrays, carrying a state.")
