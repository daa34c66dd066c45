"""scan and map: a function along the leading axis of arrays, carrying a state.

    carry, y_k = f(carry, x_k),   k = 0 .. length - 1

Reverse mode keeps, for each step, what the derivative of the body needs, and runs the transposed
body from the last step to the first.
"""

from __future__ import annotations

import numpy as np

from .. import tree
from ..aval import Aval, aval_of, strong
from ..backend import executable_of, repeated
from ..call import scatter_marked
from ..errors import ArgumentError, ShapeError
from ..graph import Var, remembered
from ..ops.index import zeros
from ..ops.linear import moveaxis, reshape
from ..ops.movement import concatenate
from ..primitive import Primitive
from ..trace import bind
from ..transforms.jvp import instantiate
from ..transforms.linearize import Zero
from ..transforms.stage import no_tracers
from ..transforms.vmap import batch_graph, vmap
from .bodies import (
    Carry,
    Counts,
    chosen,
    flat_arrays,
    force_batched,
    left_out,
    stage_loop,
    with_batch_axis,
)
from .steps import (
    active_inputs,
    batched_inputs,
    chosen_groups,
    linear_inputs,
    linearized,
    transposed,
)

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
    body, carry = stage_loop(f, Carry.start("scan", init), slices, [example])
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
    if min(sizes) < 0:
        raise ArgumentError("scan: a negative number of steps", got=str(length))
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
    n = _length(flat_arrays(xs, "map")[0], None)
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
    step, n = executable_of(body), counts.carry
    at_once = repeated(step, args, counts.consts, n, length, reverse)
    if at_once is not None:
        return at_once
    xs = [np.ascontiguousarray(x) for x in xs]
    ys = [np.empty((length, *a.aval.shape), a.aval.dtype) for a in body.outputs[n:]]
    for k in reversed(range(length)) if reverse else range(length):
        outs = step.run([*consts, *carry, *[x[k] for x in xs]])
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
    active = active_inputs(graph, counts, [t is not None for t in tangents])

    def make():
        parts = linearized(graph, counts, active)
        return parts, no_tracers(parts.captured)
    parts = remembered(graph, "linearize scan", active, make)
    outs = bind(prim, *parts.captured, *primals, **{
        **params, "body": parts.known, "counts": Counts(
            len(parts.captured) + counts.consts, counts.carry)})
    n = len(graph.outputs)
    results, stacked = outs[:n], outs[n:]
    inputs = [*parts.captured, *primals]
    dots = [instantiate(t, x) if on else None
            for t, x, on in zip(tangents, primals, active, strict=True)]
    const_dots, carry_dots, x_dots = chosen_groups(counts.split(dots), counts.split(active))
    out = bind(prim, *[inputs[i] for i in parts.fixed], *const_dots, *carry_dots, *stacked,
               *[inputs[i] for i in parts.sliced], *x_dots, **{
                   **params, "body": parts.linear,
                   "counts": Counts(len(parts.fixed) + len(const_dots), len(carry_dots))})
    return results, scatter_marked(out, parts.nonzero)


# ---- transpose ----

def _scan_transpose(cts, args, params):
    """Run the states that are known, and keep them; then the transposed body from the end."""
    graph, counts = params["body"], params["counts"]
    linear = linear_inputs(graph, counts, [type(a) is Var for a in args])
    lin_consts, lin_carry, _ = counts.split(linear)
    given = (*lin_carry, *[ct is not None for ct in cts[counts.carry:]])

    def make():
        parts = transposed(graph, counts, linear, given)
        return parts, no_tracers(parts[1])
    known, captured, back = remembered(graph, "transpose scan", (counts, linear, given), make)
    consts, carry, xs = [left_out(group, on) for group, on in
                         zip(counts.split(args), counts.split(linear), strict=True)]
    states = _states_kept(known, consts, carry, xs, params) if carry else ()
    ct_carry = [instantiate(ct, Zero(strong(a.aval))) for ct, a in zip(
        *[chosen(group[:counts.carry], lin_carry) for group in (cts, graph.outputs)], strict=True)]
    sums = [zeros(strong(v.aval)) for v in chosen(graph.inputs[:counts.consts], lin_consts)]
    out = bind(scan_p, *captured, *consts, *ct_carry, *sums, *states, *xs,
               *chosen(cts[counts.carry:], given[counts.carry:]), **{
                   **params, "body": back, "reverse": not params["reverse"],
                   "counts": Counts(len(captured) + len(consts), len(ct_carry) + len(sums))})
    k = len(ct_carry)
    pulled = scatter_marked([*out[k:k + len(sums)], *out[:k], *out[k + len(sums):]], linear)
    return [ct if type(a) is Var else None for ct, a in zip(pulled, args, strict=True)]


def _states_kept(known, consts, carry, xs, params):
    """The states before each step, of those that do not depend on what is linear."""
    n = len(carry)
    return bind(scan_p, *consts, *carry, *xs, **{
        **params, "body": known, "counts": Counts(len(consts), n)})[n:]


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


scan_p = Primitive("scan", "call", _scan_impl, _scan_avals, _scan_linearize, _scan_transpose,
                   _scan_batch, linearize=_scan_linearize, multiple=True,
                   doc="Run a body along the leading axis of arrays, carrying a state.")
