"""fuse: from a Graph to a FusionPlan.

The equations are walked once, in order. Operations that move data become views (places.py); every
other equation joins a cluster (joining.py). Then clusters that read the same data merge, and each
cluster is written down as a kernel (kernels.py), after cheap values that others would have to store
for it have been moved into it (recompute.py).
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..refimpl.aval import Aval
from ..refimpl.effects import has_effect
from ..refimpl.graph import Eqn, Lit, Var
from ..refimpl.ops.linear import broadcast_to_p, cast_p, sum_p
from ..refimpl.primitive import PRIMITIVES
from .axes import Axis
from .cluster import ROW_LIMIT, Node
from .contraction import matrices
from .joining import POSITIONAL, Clusters, needs_row
from .kernels import write_plan
from .pieces import PIECES
from .places import MOVES, Place, permuted, reshaped, spread
from .plan import Const
from .recompute import recompute
from .views import Layout, contiguous


def nothing_unsupported(eqn):
    return None


def fuse(graph, layouts=None, supports=nothing_unsupported):
    """Plan the kernels of a graph whose operands have explicit dtypes (see refimpl/promotion).

    layouts: strides in bytes of each input, None where C-contiguous. supports: a backend's function
    from an equation to None, or to the reason why the reference has to run it.
    """
    planner = Planner(graph, layouts or (None,) * len(graph.inputs), supports)
    for eqn in graph.eqns:
        planner.add(eqn)
    outputs = [planner.output(atom) for atom in graph.outputs]
    planner.clusters.merge_readers()
    recompute(planner.clusters, outputs)
    return write_plan(graph, planner, outputs)


class Planner:
    """places: where each variable is. parts: {variable: (variable of which it is a part, offset)}.

    claimed: the variables that are stored as an output.
    """

    def __init__(self, graph, layouts, supports):
        self.supports = supports
        self.clusters = Clusters()
        self.places = {}
        self.parts = {}
        self.claimed = set()
        self.step = 0
        for v, strides in zip(graph.inputs, layouts, strict=True):
            self.places[v] = Place(v, _input_layout(v.aval, strides), None, v, v.aval.weak)

    def input_type(self, v):
        """Shape, dtype, strides and weakness of an input."""
        layout = self.places[v].layout
        strides = None if layout.is_contiguous else layout.strides
        return v.aval.shape, v.aval.dtype, strides, v.aval.weak

    # ---- one method per kind of equation ----

    def add(self, eqn):
        reason = self.supports(eqn)
        move = _move(eqn)
        if move:
            self.add_move(eqn, move)
        elif eqn.prim.name == "barrier":
            self.add_barrier(eqn)
        elif reason:
            self.add_call(eqn, reason)
        elif eqn.prim.name in PIECES:
            self.add_join(eqn)
        else:
            ADD.get(eqn.prim.kind, Planner.add_call)(self, eqn)

    def add_move(self, eqn, move):
        (arg,), (out,) = eqn.args, eqn.outs
        place = self.place(arg)
        moved = move(place, **eqn.params)
        if moved is None:
            moved = reshaped(self.copy(place, eqn.source), **eqn.params)
        self.places[out] = moved._replace(weak=out.aval.weak)

    def add_barrier(self, eqn):
        for arg, out in zip(eqn.args, eqn.outs, strict=True):
            self.places[out] = self.place(arg)._replace(key=out)

    def add_elementwise(self, eqn):
        (out,) = eqn.outs
        shape = out.aval.shape
        args = tuple([Const(a.value) if type(a) is Lit else spread(self.places[a], shape)
                      for a in eqn.args])
        self.add_node(eqn, args, shape, ())

    def add_reduction(self, eqn):
        place, axes = self.place(eqn.args[0]), eqn.params["axes"]
        if all(place.shape[a] == 1 for a in axes):
            return self.add_reduction_of_one(eqn, place)
        if place.layout.size == 0:
            return self.add_reduction_of_none(eqn)
        if needs_row(eqn.prim, eqn.outs[0].aval.dtype):
            kept = [i for i in range(len(place.shape)) if i not in axes]
            place = permuted(place, (*kept, *axes))
            axes = tuple(range(len(kept), len(place.shape)))
            if prod([place.shape[a] for a in axes]) > ROW_LIMIT:
                return self.add_call(eqn, f"a row longer than {ROW_LIMIT} elements")
        self.add_node(eqn, (place,), place.shape, axes)

    def add_reduction_of_one(self, eqn, place):
        """Fold axes of size 1: the element itself, in the result's dtype; sums begin with +0.0."""
        (out,) = eqn.outs
        if eqn.prim.name in POSITIONAL:
            return self.add_constant(eqn, 0)
        place = reshaped(place, out.aval.shape)
        if eqn.prim is sum_p and out.aval.dtype.kind == "f":
            plus_zero = eqn._replace(prim=PRIMITIVES["add"], params={})
            zero = Const(out.aval.dtype.type(0))
            return self.add_node(plus_zero, (place, zero), place.shape, ())
        if place.base.aval.dtype == out.aval.dtype:
            self.places[out] = place
            return
        cast = eqn._replace(prim=cast_p, params={"dtype": out.aval.dtype})
        self.add_node(cast, (place,), place.shape, ())

    def add_reduction_of_none(self, eqn):
        """Fold no elements: the identity (there is no result if the operation has none)."""
        self.add_constant(eqn, eqn.prim.name in ("prod", "all"))

    def add_constant(self, eqn, value):
        (out,) = eqn.outs
        number = self.copy(Const(out.aval.dtype.type(value)), eqn.source)
        self.places[out] = spread(number, out.aval.shape)

    def add_join(self, eqn):
        """Write each piece where it belongs in the result, if it is one run of elements there."""
        (out,) = eqn.outs
        pieces = PIECES[eqn.prim.name](eqn)
        if pieces is None:
            return self.add_call(eqn, "the pieces do not lie side by side")
        if not pieces:
            return self.add_constant(eqn, 0)
        places, offset = [], 0
        for atom, shape in pieces:
            arg = Const(atom.value) if type(atom) is Lit else self.places[atom]
            place = self.copy(arg, eqn.source, shape)
            self.parts[place.base] = out, offset
            places.append(place)
            offset += place.layout.size
        self.add_opaque("join", eqn, tuple(places))

    def add_dot(self, eqn):
        x, y = map(self.place, eqn.args)
        operands = tuple([
            place if shape is None else reshaped(self.copy(place, eqn.source), shape)
            for place, shape in matrices(x, y, **eqn.params)])
        self.add_opaque("gemm", eqn, operands)

    def add_random(self, eqn):
        self.add_opaque("random", eqn, (self.place(eqn.args[0]),))

    def add_call(self, eqn, reason="no kernel of this kind"):
        args = tuple([Const(a.value) if type(a) is Lit else self.places[a] for a in eqn.args])
        self.add_opaque("call", eqn, args, reason)

    # ---- values ----

    def place(self, atom):
        """The place of an atom; a literal gets a cluster that writes it down."""
        return self.copy(Const(atom.value), None) if type(atom) is Lit else self.places[atom]

    def copy(self, arg, source, shape=()):
        """Compute a place (or an array of one number) again as a contiguous value of its own."""
        if type(arg) is Const:
            aval = Aval(shape, np.asarray(arg.value).dtype)
        else:
            aval = Aval(arg.shape, arg.base.aval.dtype)
        out = Var(aval)
        eqn = Eqn(broadcast_to_p, (Var(aval),), {"shape": aval.shape}, (out,), source)
        reason = self.supports(eqn)
        if reason:
            self.add_opaque("call", eqn, (arg,), reason)
        else:
            self.add_loop(Node(self.next_step(), None, (arg,), (), out, _fresh_dims(aval.shape),
                               (), source))
        return self.places[out]

    def output(self, atom):
        """Return the variable that is stored as this output: each output has one of its own."""
        place = self.place(atom)
        base = place.base
        ready = (base in self.clusters.homes and base not in self.claimed
                 and place.layout.is_contiguous and place.layout.size == base.aval.size)
        if not ready:
            base = self.copy(place, None).base
        self.claimed.add(base)
        self.clusters.stored.add(base)
        return base

    # ---- nodes ----

    def next_step(self):
        self.step += 1
        return self.step

    def add_node(self, eqn, args, shape, folded):
        (out,) = eqn.outs
        self.add_loop(Node(self.next_step(), eqn.prim, args, sorted_params(eqn), out,
                           _fresh_dims(shape), folded, eqn.source))

    def add_loop(self, node):
        self.clusters.add_loop(node)
        layout = contiguous(node.out.aval.shape)
        self.places[node.out] = Place(node.out, layout, node.result_dims(), node.out)

    def add_opaque(self, kind, eqn, args, reason=None):
        node = Node(self.next_step(), eqn.prim, args, sorted_params(eqn), eqn.outs, (), reason,
                    eqn.source)
        self.clusters.add_opaque(kind, node, has_effect(eqn.prim, eqn.params))
        for out in eqn.outs:
            self.places[out] = Place(out, contiguous(out.aval.shape), None, out)


ADD = {"elementwise": Planner.add_elementwise, "reduce": Planner.add_reduction,
       "dot": Planner.add_dot, "random": Planner.add_random}


def _move(eqn):
    """How to look at the argument of an operation that does not compute, or None if it does."""
    if eqn.prim is cast_p and eqn.params["dtype"] == eqn.args[0].aval.dtype:
        return _as_it_is        # only a Python scalar becomes an array
    return MOVES.get(eqn.prim.name)


def _as_it_is(place, dtype):
    return place


def sorted_params(eqn):
    return tuple(sorted(eqn.params.items()))


def _fresh_dims(shape):
    return tuple([(Axis(n),) if n != 1 else () for n in shape])


def _input_layout(aval, strides):
    """Strides that are no whole number of elements are not followed: such arrays are copied."""
    size = aval.dtype.itemsize
    if strides is None or aval.size * size == 0 or any(s % size for s in strides):
        return contiguous(aval.shape)
    return Layout(aval.shape, tuple([s // size for s in strides]))
