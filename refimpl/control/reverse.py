"""The reverse of a loop: states computed again from checkpoints, in bounded memory.

A loop of n steps has states s_0 .. s_n. Its reverse wants s_{n-1}, ..., s_0, one after the other,
and keeps at most SLOTS of them. Going forward it keeps every 2^k-th, and doubles the distance when
half of the slots are full (online checkpointing: Stumm and Walther, *New algorithms for optimal
online checkpointing*, 2010). Going backward it spreads the free slots over the gap before the
wanted state (compare revolve: Griewank and Walther, *Algorithm 799*, 2000). Steps run in all, of a
loop of n: n up to 31, 2 n for 1,000, 2.9 n for 10,000, 3.7 n for 100,000 (tests/control counts).

`impl` does this; the derivatives and the vmap of a reverse are those of `program`, the same
computation written as loops, with states in arrays of LEVELS rows and by bisection.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..aval import aval_of, strong
from ..backend import executable_of
from ..call import call_p, scatter_marked
from ..graph import Graph, Var, eval_graph, remembered
from ..ops.elementwise import floor_divide, greater, less, subtract
from ..ops.index import gather, scatter, zeros
from ..ops.linear import broadcast_to
from ..primitive import PRIMITIVES, Primitive
from ..trace import bind
from ..transforms.jvp import instantiate
from ..transforms.linearize import Zero
from ..transforms.stage import no_tracers
from ..transforms.transpose import transpose_graph
from .bodies import Counts, chosen, filled, graph_of, left_out, restricted

SLOTS = 64      # states that are kept at a time
LEVELS = 64     # of bisection: loops of up to 2**63 steps


class Reverse(NamedTuple):
    """The graphs of a reverse; `fixed` are the values that do not change.

    cond: fixed, state -> whether the loop goes on
    body: fixed, state -> state
    back: fixed, state, cts -> cts: the transposed step
    """

    cond: Graph
    body: Graph
    back: Graph
    fixed: int
    states: int

    @property
    def groups(self):
        return ("consts", self.fixed), ("state", self.states), ("cotangents", None)


def reverse_of(cts, args, linear, params):
    """The transpose rule of a loop, linear in the arguments marked so."""
    body, consts = params["body"], params["counts"].consts

    def make():
        parts = _reverse_graphs(params["cond"], body, consts, linear)
        return parts, no_tracers(parts[1])
    graphs, captured = remembered(body, "reverse", (params["cond"], tuple(linear)), make)
    known = left_out(args, linear)
    on_consts, on_carry = linear[:consts], linear[consts:]
    ct_state = [instantiate(ct, Zero(strong(a.aval))) for ct, a, on in
                zip(cts, body.outputs, on_carry, strict=True) if on]
    sums = [zeros(strong(v.aval)) for v in chosen(body.inputs[:consts], on_consts)]
    out = bind(reverse_p, *captured, *known, *ct_state, *sums, graphs=graphs)
    n = len(ct_state)
    pulled = scatter_marked([*out[n:], *out[:n]], linear)
    return [ct if type(a) is Var else None for ct, a in zip(pulled, args, strict=True)]


def _reverse_graphs(cond, body, consts, linear):
    """(Reverse, captured values); cts are those of the linear state, then sums for the consts."""
    on_carry = linear[consts:]
    states = Graph(body.inputs, body.eqns, tuple(left_out(body.outputs, on_carry)))
    pulled, captured, which = transpose_graph(body, tuple(linear), tuple(on_carry))
    k = len(captured)
    front = tuple([Var(v.aval) for v in pulled.inputs[:k]])
    fixed, n = k + linear[:consts].count(False), on_carry.count(False)
    back = _back_step(body, consts, linear, (pulled, which), fixed, n)
    return Reverse(
        restricted(cond, [*front, *left_out(cond.inputs, linear)]),
        restricted(states, [*front, *left_out(body.inputs, linear)]), back, fixed, n), captured


def _back_step(body, consts, linear, transposed, fixed, n):
    pulled, which = transposed
    moving = [strong(v.aval) for v in chosen(body.inputs, linear)]
    on_consts = sum(linear[:consts])
    sums, state = moving[:on_consts], moving[on_consts:]
    known = [v.aval for v in pulled.inputs[:fixed + n]]

    def fun(*args):
        last = fixed + n + len(state)
        out = eval_graph(pulled, args[:last])
        cts = chosen(scatter_marked(out, which), linear)
        total = [s if ct is None else s + ct
                 for s, ct in zip(args[last:], cts[:on_consts], strict=True)]
        new = cts[on_consts:]
        return [*filled([ct for ct in new if ct is not None],
                        [ct is not None for ct in new], state), *total]
    return graph_of(fun, [*known, *state, *sums], "while_loop")


# ---- the operation ----

def _reverse_impl(*args, graphs):
    fixed, state = args[:graphs.fixed], args[graphs.fixed:graphs.fixed + graphs.states]
    cts = args[graphs.fixed + graphs.states:]
    going, forward, back = [executable_of(g).run for g in (graphs.cond, graphs.body, graphs.back)]
    steps, kept = run_forward(state, lambda s: going([*fixed, *s])[0],
                              lambda s: forward([*fixed, *s]))
    for state in states_backward(steps, kept, lambda s: forward([*fixed, *s])):
        cts = back([*fixed, *state, *cts])
    return tuple([np.array(x)[()] for x in cts]) if not steps else tuple(cts)


def run_forward(state, going, forward):
    """Run a loop; return (its number of steps, [(step, state)] at most SLOTS / 2 of them)."""
    step, distance, kept = 0, 1, [(0, state)]
    while going(state):
        state = forward(state)
        step += 1
        if step % distance == 0:
            kept.append((step, state))
            if len(kept) > SLOTS // 2:
                kept, distance = kept[::2], 2 * distance
    return step, kept


def states_backward(steps, kept, forward):
    """Yield the states before each step, the last first; `kept` never exceeds SLOTS."""
    for wanted in reversed(range(steps)):
        while kept[-1][0] > wanted:
            kept.pop()
        step, state = kept[-1]
        while step < wanted:
            gap, free = wanted - step, SLOTS - len(kept)
            ahead = 1 if gap <= free else -(-gap // (free // 2 + 1))
            for _ in range(ahead):
                state = forward(state)
            step += ahead
            if free:
                kept.append((step, state))
        yield state


def _reverse_avals(*avals, graphs):
    return tuple([a.aval for a in graphs.back.outputs])


# ---- the same as loops: what is differentiated and vectorised ----

def program(graphs):
    """The reverse as a Graph of loops, with checkpoints by bisection."""
    def fun(*args):
        fixed = args[:graphs.fixed]
        first = args[graphs.fixed:graphs.fixed + graphs.states]
        cts = args[graphs.fixed + graphs.states:]
        steps = _count_steps(graphs, fixed, first)
        rows = [scatter(zeros(aval_of(x)._replace(shape=(LEVELS, *aval_of(x).shape))), x,
                        np.int64(0), mode="set") for x in first]
        places = broadcast_to(np.int64(0), (LEVELS,))
        return _run_backward(graphs, fixed, steps, (np.int64(0), places, *rows), cts)

    avals = [v.aval for v in graphs.back.inputs]
    return remembered(graphs.back, "program", None, lambda: (
        graph_of(fun, avals, "while_loop"), True))


def loop(test, body, fixed, state):
    """`while test(fixed, state): state = body(fixed, state)`; lists of arrays.

    The operation is looked up by its name, for its own transpose is made of this.
    """
    n = len(fixed)
    avals = [strong(aval_of(x)) for x in (*fixed, *state)]
    cond = graph_of(lambda *xs: [test(xs[:n], xs[n:])], avals, "while_loop")
    step = graph_of(lambda *xs: body(xs[:n], xs[n:]), avals, "while_loop")
    return bind(PRIMITIVES["while"], *fixed, *state, cond=cond, body=step,
                counts=Counts(n, len(state)))


def _count_steps(graphs, fixed, first):
    return loop(lambda fixed, s: eval_graph(graphs.cond, [*fixed, *s[1:]])[0],
                lambda fixed, s: [s[0] + 1, *eval_graph(graphs.body, [*fixed, *s[1:]])],
                fixed, [np.int64(0), *first])[0]


def _run_backward(graphs, fixed, steps, stack, cts):
    """Go down from the last step; stack: (top, places, rows of each part of the state)."""
    n = len(stack)

    def body(fixed, state):
        left, stack, cts = state[0] - 1, state[1:1 + n], state[1 + n:]
        top, places, *rows = _climb(graphs, fixed, left, stack)
        now = [gather(r, top) for r in rows]
        cts = eval_graph(graphs.back, [*fixed, *now, *cts])
        down = subtract(top, greater(top, 0).astype(np.int64))
        return [left, down, places, *rows, *cts]
    out = loop(lambda fixed, state: greater(state[0], 0), body, fixed, [steps, *stack, *cts])
    return out[1 + n:]


def _climb(graphs, fixed, wanted, stack):
    """Put the states at the middles of the gap before `wanted` on the stack, till it is on top."""
    k = len(fixed)

    def body(fixed, stack):
        *fixed, wanted = fixed
        top, places, *rows = stack
        place = gather(places, top)
        ahead = floor_divide(wanted - place + 1, 2)
        state = loop(lambda f, s: greater(s[0], 0),
                     lambda f, s: [s[0] - 1, *eval_graph(graphs.body, [*f, *s[1:]])],
                     fixed, [ahead, *[gather(r, top) for r in rows]])[1:]
        top = top + 1
        return [top, scatter(places, place + ahead, top, mode="set"),
                *[scatter(r, x, top, mode="set") for r, x in zip(rows, state, strict=True)]]
    return loop(lambda fixed, stack: less(gather(stack[1], stack[0]), fixed[k]), body,
                [*fixed, wanted], stack)


def _as_call(rule):
    """The rule of the call of `program`."""
    def of_reverse(prim, *args):
        *rest, params = args
        return rule(call_p, *rest, _call_params(params))
    return of_reverse


def _call_params(params):
    return {"graph": program(params["graphs"]), "name": "the reverse of while_loop",
            "backend": None}


def _reverse_transpose(cts, args, params):
    return call_p.transpose(cts, args, _call_params(params))


reverse_p = Primitive("reverse_while", "call", _reverse_impl, _reverse_avals,
                      _as_call(call_p.jvp), _reverse_transpose, _as_call(call_p.batch),
                      linearize=_as_call(call_p.linearize), multiple=True,
                      doc="The transposed steps of a loop, from the last to the first.")
