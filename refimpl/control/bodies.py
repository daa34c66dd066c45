"""Bodies: a user's function as a Graph, and graphs brought to the types that others want."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .. import tree
from ..aval import Aval, aval_of, check_array, strong
from ..errors import DtypeError, TreeError, check_function
from ..graph import Eqn, Graph, Var, eval_graph
from ..ops.elementwise import weaken
from ..ops.index import zeros
from ..ops.linear import broadcast_to, cast_p, cast_to
from ..promotion import without_weak
from ..trace import source_here
from ..transforms.stage import stage
from .closures import check_unwritten, contents_outside


class Counts(NamedTuple):
    """How the inputs of a loop's body are made up; what is left is xs (or ys)."""

    consts: int
    carry: int

    @property
    def groups(self):
        """What the inputs are called when a graph is printed, and their numbers."""
        return ("consts", self.consts), ("carry", self.carry), ("xs", None)

    def split(self, values):
        a, b = self.consts, self.consts + self.carry
        return values[:a], values[a:b], values[b:]


class Body(NamedTuple):
    """A staged function: its Graph takes the captured values first, then the leaves."""

    graph: Graph
    captured: list
    out_tree: object


def stage_body(fun, name, in_tree, avals):
    """Stage `fun(*args)`, args of the structure in_tree, a tuple, with leaves of these avals."""
    check_function(name, fun)
    box = {}

    def flat(*leaves):
        outs, box["tree"] = tree.flatten(fun(*tree.unflatten(in_tree, leaves)))
        return [check_array(x, name) for x in outs]

    before = contents_outside(fun)
    graph, captured = stage(flat, avals, name)
    check_unwritten(name, before)
    return Body(graph, captured, box["tree"])


def flat_arrays(x, name):
    """Flatten a pytree into arrays and numbers that can be traced."""
    leaves, struct = tree.flatten(x)
    return [check_array(leaf, name) for leaf in leaves], struct


def paths(struct):
    """The path of each leaf of a structure, as the user would write it."""
    marks = tree.unflatten(struct, range(struct.num_leaves))
    return [path or "the value" for path, _ in tree.leaves_with_path(marks)]


# ---- types ----

def check_same_tree(got, want, name, role):
    if got != want:
        raise TreeError(f"{name}: {role} has another structure", got=tree.show(got),
                        wanted=tree.show(want))


def joined_aval(avals):
    """The type that fits all of some values: strong types win over weak ones; None if none does."""
    fixed = {strong(a) for a in avals if not a.weak}
    shapes = {a.shape for a in avals}
    if len(fixed) > 1 or len(shapes) > 1:
        return None
    if not fixed:
        return Aval(avals[0].shape, np.result_type(*[a.dtype for a in avals]), True)
    aval = fixed.pop()
    fits = all(np.can_cast(_KIND[a.dtype.kind], aval.dtype, "same_kind") for a in avals if a.weak)
    return aval if fits else None


_KIND = {"i": np.int8, "f": np.float16, "c": np.complex64}


def with_outputs(graph, avals):
    """The graph with its outputs converted to these avals, of the same shapes."""
    eqns, outputs = list(graph.eqns), []
    for atom, want in zip(graph.outputs, avals, strict=True):
        if atom.aval != want:
            prim, params = (weaken.prim, {}) if want.weak else (cast_p, {"dtype": want.dtype})
            out = Var(want)
            eqns.append(Eqn(prim, (atom,), params, (out,), source_here()))
            atom = out
        outputs.append(atom)
    return Graph(graph.inputs, tuple(eqns), tuple(outputs))


def converted(values, avals):
    """Values converted to these avals."""
    return [x if aval_of(x) == a or a.weak else cast_to(x, a.dtype)
            for x, a in zip(values, avals, strict=True)]


class Carry(NamedTuple):
    """What a loop carries: its leaves, their types (Python numbers are weak), its structure, and
    what the user calls the leaves."""

    name: str
    values: list
    avals: list
    tree: object
    paths: list

    @classmethod
    def start(cls, name, init):
        leaves, struct = flat_arrays(init, name)
        return cls(name, leaves, list(map(aval_of, leaves)), struct, paths(struct))

    def restored(self, values):
        """The pytree of these leaves; numbers that Python would have computed are weak again."""
        return tree.unflatten(self.tree, [weaken(x) if a.weak else x for x, a in
                                          zip(values, self.avals, strict=True)])


def stage_loop(fun, carry, more, more_tree):
    """Stage `fun(carry, *more) -> (carry, rest)`; return (Body, Carry), their types settled.

    A Python number that goes in takes the type of what comes out. In the graph every input and
    output of the carry is strong. Raises TreeError or DtypeError naming the leaf that changes.
    """
    box, name = {}, carry.name

    def checked(state, *rest):
        state, box["rest"] = _pair(name, fun(state, *rest))
        check_same_tree(tree.structure(state), carry.tree, name, "what the body returns as carry")
        return state, box["rest"]

    example = tree.unflatten(carry.tree, range(len(carry.avals)))
    body, carry = _settled(checked, carry, tree.structure((example, *more_tree)), more)
    graph = with_outputs(without_weak(body.graph, len(body.captured)),
                         [strong(a.aval) for a in body.graph.outputs])
    values = converted(carry.values, list(map(strong, carry.avals)))
    return (Body(graph, body.captured, tree.structure(box["rest"])),
            carry._replace(values=values))


def _settled(fun, carry, in_tree, more):
    """(Body, Carry), the body staged with what it carries having the types that it returns."""
    while True:
        body = stage_body(fun, carry.name, in_tree, [*carry.avals, *more])
        out = [a.aval for a in body.graph.outputs[:len(carry.avals)]]
        avals = [_carried(carry, *place) for place in
                 zip(carry.paths, carry.avals, out, strict=True)]
        if avals == carry.avals:
            return body, carry
        carry = carry._replace(avals=avals)


def _pair(name, out):
    if not isinstance(out, tuple) or len(out) != 2:
        raise TreeError(f"{name}: the body returns a pair (carry, y)", got=type(out).__name__,
                        instead="return carry, None if there is no y")
    return out


def _carried(carry, path, before, after):
    """The type of a leaf that goes into the body as `before` and comes out as `after`."""
    aval = joined_aval([before, after])
    if aval is None or (not before.weak and aval != before):
        raise DtypeError(f"{carry.name}: the body changes the type of what it carries, at {path}",
                         got=str(after), wanted=str(before),
                         instead=f"convert the result: x.astype({before.dtype.name!r}); or the "
                                 "first value" if after.shape == before.shape
                         else "a body that keeps the shape")
    return aval


# ---- graphs made of graphs ----

def graph_of(fun, avals, name):
    """Stage a function that captures nothing but constants; literal arrays stay out of it."""
    graph, captured = stage(fun, avals, name)
    assert not captured, f"{name} is closed"
    return graph


def spread_captured(bodies):
    """Graphs that all take the captured values of all bodies, and these values.

    Branch k of a choice captures values of its own; as operands they go to every branch.
    """
    groups = [[Var(v.aval) for v in body.graph.inputs[:len(body.captured)]] for body in bodies]
    graphs = []
    for k, body in enumerate(bodies):
        own = body.graph.inputs[:len(body.captured)]
        inputs = [v for i, group in enumerate(groups) for v in (own if i == k else group)]
        rest = body.graph.inputs[len(body.captured):]
        graphs.append(Graph((*inputs, *rest), body.graph.eqns, body.graph.outputs))
    return graphs, [x for body in bodies for x in body.captured]


def filled(values, flags, avals):
    """The given values where flagged, zeros of the avals elsewhere."""
    values = iter(values)
    return [next(values) if flag else zeros(aval) for flag, aval in zip(flags, avals, strict=True)]


def chosen(values, flags):
    return [x for x, flag in zip(values, flags, strict=True) if flag]


def left_out(values, flags):
    return [x for x, flag in zip(values, flags, strict=True) if not flag]


def any_of(*flags):
    """Where one of several tuples of flags is set."""
    return tuple(map(any, zip(*flags, strict=True)))


def depends(graph, marked):
    """Which outputs depend on the inputs that are marked."""
    touched = set(chosen(graph.inputs, marked))
    for e in graph.eqns:
        if not touched.isdisjoint([a for a in e.args if type(a) is Var]):
            touched.update(e.outs)
    return tuple([type(a) is Var and a in touched for a in graph.outputs])


def restricted(graph, inputs):
    """The part of a graph that its outputs need, as a graph of these inputs."""
    needed, eqns = {a for a in graph.outputs if type(a) is Var}, []
    for e in reversed(graph.eqns):
        if not needed.isdisjoint(e.outs):
            eqns.append(e)
            needed.update([a for a in e.args if type(a) is Var])
    return Graph(tuple(inputs), tuple(reversed(eqns)), graph.outputs)


def widened(carry, step):
    """The smallest marks of the carry that contain the given ones and are kept by `step`."""
    carry = tuple(carry)
    while True:
        wider = tuple([a or b for a, b in zip(carry, step(carry), strict=True)])
        if wider == carry:
            return carry
        carry = wider


# ---- batches ----

def with_batch_axis(values, have, want, size):
    """Give the batch axis to the values that are wanted to have it."""
    return [broadcast_to(x, (int(size), *aval_of(x).shape)) if w and not b else x
            for x, b, w in zip(values, have, want, strict=True)]


def force_batched(graph, size, have, want):
    """The graph with the batch axis also on outputs that are wanted to have it."""
    if tuple(have) == tuple(want):
        return graph
    return graph_of(lambda *args: with_batch_axis(eval_graph(graph, args), have, want, size),
                    [v.aval for v in graph.inputs], "vmap")
