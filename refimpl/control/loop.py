"""while_loop and fori_loop: a body that runs until a condition fails.

    while cond(x): x = body(x)

The derivative of a loop is a loop: x and its tangent go round together. How it is transposed
stands in `reverse`.
"""

from __future__ import annotations

import numpy as np

from .. import tree
from ..aval import aval_of, strong
from ..backend import executable_of, repeated
from ..call import scatter_marked
from ..effects import without_effects
from ..errors import DtypeError, MissingRuleError
from ..graph import Var, eval_graph, remembered
from ..ops.elementwise import less, select, weaken
from ..ops.linear import align_batch
from ..ops.reduce import any as any_along
from ..primitive import Primitive
from ..promotion import without_weak
from ..trace import bind
from ..transforms.jvp import instantiate
from ..transforms.linearize import TapeTracer, linearize_graph
from ..transforms.stage import no_tracers
from ..transforms.vmap import BatchTracer, batch_graph
from .bodies import (
    Body,
    Carry,
    Counts,
    check_same_tree,
    chosen,
    depends,
    filled,
    force_batched,
    graph_of,
    paths,
    spread_captured,
    stage_body,
    stage_loop,
    widened,
    with_batch_axis,
)
from .reverse import reverse_of

# ---- for users ----

def while_loop(cond_fun, body_fun, init_val):
    """Return the first x of `x = body_fun(x)`, from init_val on, for which cond_fun(x) is false.

    init_val: a pytree; body_fun keeps its structure, shapes and dtypes. Both functions are traced
    once, and may close over traced values. Under `vmap` the loop runs until the last example is
    done; an example that is done does not change any more.

    Reverse mode works: it runs the loop again, keeping at most 64 states at a time (spread over the
    steps, and thinned out as the loop goes on), and computes those between them again when they are
    needed: about 2 times the steps of the loop up to 1,000 steps, 4 times for 100,000.

    Raises TreeError or DtypeError, naming the leaf whose type the body changes.
    """
    return _loop(cond_fun, body_fun, Carry.start("while_loop", init_val))


def _loop(cond_fun, body_fun, carry):
    body, carry = stage_loop(lambda x: (body_fun(x), None), carry, [], [])
    test = _stage_condition(cond_fun, carry)
    return carry.restored(_bind_loop(test, body, carry.values))


def fori_loop(lower, upper, body_fun, init_val, *, unroll=None):
    """Return x after `for i in range(lower, upper): x = body_fun(i, x)`.

    lower, upper: integers of shape (), which may be traced. In the body, i is like a Python int: it
    takes the dtype of what it meets. unroll is taken, as a hint, and does not change the result.
    Otherwise as `while_loop`, reverse mode included.
    """
    for name, bound in (("lower", lower), ("upper", upper)):
        aval = aval_of(bound)
        if aval.shape or aval.dtype.kind not in "iu":
            raise DtypeError(f"fori_loop: {name} is not a single integer", got=str(aval),
                             instead="x.astype(int)")

    struct = tree.structure(init_val)

    def body(state):
        i, x = state
        out = body_fun(i, x)
        check_same_tree(tree.structure(out), struct, "fori_loop", "what the body returns")
        return weaken(i + 1), out
    first = lower if type(lower) is int else weaken(lower)
    carry = Carry.start("fori_loop", (first, init_val))
    carry = carry._replace(paths=["the counter", *paths(struct)])
    return _loop(lambda state: less(state[0], upper), body, carry)[1]


def _stage_condition(cond_fun, carry):
    in_tree = tree.structure((tree.unflatten(carry.tree, range(len(carry.avals))),))
    body = stage_body(cond_fun, carry.name, in_tree, carry.avals)
    avals = [a.aval for a in body.graph.outputs]
    if len(avals) != 1 or avals[0].shape or avals[0].dtype.kind != "b":
        raise DtypeError("while_loop: the condition is not a single truth",
                         got=", ".join(map(str, avals)), wanted="bool[]",
                         instead="np.any(...), np.all(...), or x != 0")
    return body._replace(graph=without_weak(body.graph, len(body.captured)))


def _bind_loop(test, body, values):
    (cond, step), captured = spread_captured([test, body])
    return bind(while_p, *captured, *values, cond=cond, body=step,
                counts=Counts(len(captured), len(values)))


# ---- the operation ----

def _while_impl(*args, cond, body, counts):
    fixed, state, _ = counts.split(args)
    if not executable_of(cond).run(args)[0]:
        return tuple([np.array(x)[()] for x in state])
    step = executable_of(step_and_test(cond, body, counts.consts))
    at_once = repeated(step, args, counts.consts, counts.carry, None, until=True)
    if at_once is not None:
        return at_once
    going = True
    while going:
        *state, going = step.run([*fixed, *state])
    return tuple(state)


def step_and_test(cond, body, consts):
    """consts, state -> next state, whether it goes on."""
    def fun(*args):
        state = eval_graph(body, args)
        return [*state, *eval_graph(cond, [*args[:consts], *state])]
    return remembered(body, "step and test", cond, lambda: (
        graph_of(fun, [v.aval for v in body.inputs], "while_loop"), True))


def _while_avals(*avals, cond, body, counts):
    return tuple([a.aval for a in body.outputs])


# ---- derivatives ----

def _while_jvp(prim, primals, tangents, params):
    if any(map(_is_on_tape, tangents)):
        return _while_linearize(prim, primals, tangents, params)
    return _with_tangents(prim, primals, tangents, params)


def _is_on_tape(x):
    """Whether x, or what it is a batch of, is a variable of a linear program."""
    while type(x) is BatchTracer:
        x = x.value
    return type(x) is TapeTracer


def _while_linearize(prim, primals, tangents, params):
    """The loop by itself, and the loop with tangents: what is left on the tape is only linear."""
    again = {**params, "cond": without_effects(params["cond"]),
             "body": without_effects(params["body"])}
    return bind(prim, *primals, **params), _with_tangents(prim, primals, tangents, again)[1]


def _with_tangents(prim, primals, tangents, params):
    cond, body, consts = params["cond"], params["body"], params["counts"].consts
    active = _active_inputs(body, consts, [t is not None for t in tangents])

    def make():
        parts = _jvp_graphs(params["cond"], params["body"], consts, active)
        return parts, no_tracers(parts[2])
    cond, body, captured = remembered(body, "jvp while", (cond, active), make)
    dots = [instantiate(t, x) for t, x in zip(tangents, primals, strict=True)]
    const_dots, carry_dots = [chosen(dots[part], active[part])
                              for part in (slice(consts), slice(consts, None))]
    fixed = [*captured, *primals[:consts], *const_dots]
    state = [*primals[consts:], *carry_dots]
    out = bind(prim, *fixed, *state, cond=cond, body=body, counts=Counts(len(fixed), len(state)))
    n = len(primals) - consts
    return out[:n], tuple(scatter_marked(out[n:], active[consts:]))


def _active_inputs(body, consts, active):
    fixed, carry = tuple(active[:consts]), active[consts:]
    return fixed + widened(carry, lambda carry: linearize_graph(body, fixed + carry).nonzero)


def _jvp_graphs(cond, body, consts, active):
    """(cond, body, captured) of: captured, consts, their dots | state, its dots -> the same."""
    split = linearize_graph(body, active)
    k = len(split.captured)
    avals = [v.aval for v in body.inputs]
    dots = [strong(a) for a in avals]
    on_consts, on_carry = active[:consts], active[consts:]
    inputs = [*[v.aval for v in split.known.inputs[:k]], *avals[:consts],
              *chosen(dots[:consts], on_consts), *avals[consts:], *chosen(dots[consts:], on_carry)]
    a = k + consts
    b = a + sum(on_consts)
    c = b + len(avals) - consts
    wanted = chosen(dots[consts:], on_carry)

    def step(*args):
        known = [*args[:a], *args[b:c]]
        outs = eval_graph(split.known, known)
        residuals = [known[i] if is_input else outs[i] for is_input, i in split.residuals]
        moved = eval_graph(split.linear, [*residuals, *args[a:b], *args[c:]])
        return [*outs[:len(on_carry)], *filled(moved, chosen(split.nonzero, on_carry), wanted)]

    def test(*args):
        return eval_graph(cond, [*args[k:a], *args[b:c]])
    return (graph_of(test, inputs, "while_loop"), graph_of(step, inputs, "while_loop"),
            split.captured)


def _while_transpose(cts, args, params):
    """The states that do not depend on tangents run forward, the cotangents backward."""
    cond, body, consts = params["cond"], params["body"], params["counts"].consts
    linear = [type(a) is Var for a in args]
    fixed = tuple(linear[:consts])
    linear = fixed + widened(linear[consts:], lambda carry: depends(body, fixed + carry))
    if depends(cond, linear)[0]:
        raise MissingRuleError("while_loop: how often it runs depends on a linear argument",
                               instead="a loop whose length does not depend on it")
    return reverse_of(cts, args, linear, params)


# ---- vmap ----

def _while_batch(prim, size, args, batched, params):
    cond, body, consts = params["cond"], params["body"], params["counts"].consts
    fixed, carry = tuple(batched[:consts]), batched[consts:]
    carry = widened(carry, lambda carry: batch_graph(body, size, fixed + carry)[2])
    if batch_graph(cond, size, fixed + carry)[2][0]:
        carry = (True,) * len(carry)
    step, step_captured, out = batch_graph(body, size, fixed + carry)
    test, test_captured, (separate,) = batch_graph(cond, size, fixed + carry)
    step = force_batched(step, size, out, carry)
    (test, step), captured = spread_captured([Body(test, test_captured, None),
                                              Body(step, step_captured, None)])
    counts = Counts(len(captured) + consts, len(carry))
    if separate:
        test, step = _until_all_are_done(test, step)
    state = with_batch_axis(args[consts:], batched[consts:], carry, size)
    outs = bind(prim, *captured, *args[:consts], *state, cond=test, body=step, counts=counts)
    return outs, carry


def _until_all_are_done(test, step):
    """Where the condition differs among examples: those that are done keep their state."""
    avals = [v.aval for v in step.inputs]
    n = len(step.inputs) - len(step.outputs)
    test_again = without_effects(test)

    def any_going(*args):
        return [any_along(eval_graph(test, args)[0], (0,))]

    def guarded(*args):
        going, = eval_graph(test_again, args)
        return [select(align_batch(going, aval_of(new).ndim - 1), new, old) for new, old in
                zip(eval_graph(step, args), args[n:], strict=True)]
    return (graph_of(any_going, avals, "while_loop"), graph_of(guarded, avals, "while_loop"))


while_p = Primitive("while", "call", _while_impl, _while_avals, _while_jvp, _while_transpose,
                    _while_batch, linearize=_while_linearize, multiple=True,
                    doc="Run a body until a condition fails.")
