"""The reverse of a loop: from the last step to the first, in bounded memory.

The states before each step are computed again from checkpoints: which, says `checkpoints`. `impl`
does this, a segment of the loop at a time: the segment runs again and records its states, then the
transposed step runs along them. The derivatives and the vmap of a reverse are those of `program`,
the same computation written as loops, with states in arrays of LEVELS rows and by bisection.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..aval import Aval, aval_of, strong
from ..backend import executable_of, repeated
from ..call import call_p, scatter_marked
from ..graph import Graph, Var, eval_graph, remembered
from ..ops.elementwise import floor_divide, greater, less, logical_and, subtract
from ..ops.index import gather, scatter, zeros
from ..ops.linear import broadcast_to
from ..primitive import PRIMITIVES, Primitive
from ..trace import bind
from ..transforms.jvp import instantiate
from ..transforms.linearize import Zero
from ..transforms.stage import no_tracers
from ..transforms.transpose import transpose_graph
from .bodies import Counts, chosen, filled, graph_of, left_out, restricted
from .checkpoints import run_forward, segments_backward

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
    going = executable_of(graphs.cond).run
    stepping, recording = [executable_of(at_most(graphs, records)) for records in (False, True)]

    def run(state, n):
        return record(state, n, stepping)[:2]

    def record(state, n, executable=recording):
        if not going([*fixed, *state])[0]:
            return state, 0, []
        return _run_at_most(executable, fixed, state, n)

    steps, kept, states = run_forward(state, run, record)
    for state, n in segments_backward(steps, kept, run):
        rows = record(state, n)[2] if states is None else states
        cts = _pull_back(executable_of(along_states(graphs)), fixed, rows, cts, n)
    return tuple([np.array(x)[()] for x in cts]) if not steps else tuple(cts)


def at_most(graphs, records):
    """fixed, n; state, steps made -> state, steps made, whether it goes on [; the state before]"""
    def fun(*args):
        fixed, n = args[:graphs.fixed], args[graphs.fixed]
        *state, made = args[graphs.fixed + 1:]
        new = eval_graph(graphs.body, [*fixed, *state])
        going = logical_and(eval_graph(graphs.cond, [*fixed, *new])[0], less(made + 1, n))
        return [*new, made + 1, going, *(state if records else [])]

    def make():
        avals = [v.aval for v in graphs.body.inputs]
        count = Aval((), np.dtype(np.int64))
        return graph_of(fun, [*avals[:graphs.fixed], count, *avals[graphs.fixed:], count],
                        "while_loop"), True
    return remembered(graphs.body, "at most", (graphs.cond, records), make)


def _run_at_most(executable, fixed, state, n):
    """(state, steps made, the states before each, if they are recorded)."""
    consts, carry = [*fixed, np.int64(n)], [*state, np.int64(0)]
    out = repeated(executable, [*consts, *carry], len(consts), len(carry), n, until=True)
    if out is None:
        out = _one_by_one(executable, consts, carry)
    k = len(state)
    return list(out[:k]), int(out[k]), out[k + 1:]


def _one_by_one(executable, consts, carry):
    rows, going = [], True
    while going:
        out = executable.run([*consts, *carry])
        carry, going = out[:len(carry)], out[len(carry)]
        rows.append(out[len(carry) + 1:])
    return [*carry, *[np.stack(column) for column in zip(*rows, strict=True)]]


def along_states(graphs):
    """The transposed step as the body of a scan: fixed, cts, state -> cts."""
    a, b = graphs.fixed, graphs.fixed + graphs.states
    back = graphs.back
    inputs = (*back.inputs[:a], *back.inputs[b:], *back.inputs[a:b])
    return remembered(back, "along states", None, lambda: (
        Graph(inputs, back.eqns, back.outputs), True))


def _pull_back(executable, fixed, rows, cts, n):
    """The cotangents before n steps, whose states are the first rows."""
    rows = [x[:n] for x in rows]
    out = repeated(executable, [*fixed, *cts, *rows], len(fixed), len(cts), n, reverse=True)
    if out is None:
        out = cts
        for k in reversed(range(n)):
            out = executable.run([*fixed, *out, *[x[k] for x in rows]])
    return out


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
