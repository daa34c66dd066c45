"""Equations in vectors, which are pytrees of arrays: the functions of one, as graphs that agree.

Every graph takes the same captured values first, then one or two vectors, and returns a vector,
maybe with further results.
"""

from __future__ import annotations

from typing import NamedTuple

from .. import tree
from ..aval import aval_of, is_differentiable, is_python_scalar, strong
from ..errors import ArgumentError, DtypeError, TreeError
from ..graph import Graph, Var
from ..transforms.vmap import batch_graph
from .bodies import (
    Body,
    check_same_tree,
    converted,
    flat_arrays,
    force_batched,
    joined_aval,
    paths,
    stage_body,
    with_batch_axis,
    with_outputs,
)


class Space(NamedTuple):
    """The vectors of an equation: pytrees of one structure, whose leaves have these types."""

    name: str
    tree: object
    avals: list

    @classmethod
    def of(cls, name, role, x):
        """Return (the space in which the user's x is, its leaves)."""
        leaves, struct = flat_arrays(x, name)
        leaves = [aval_of(leaf).dtype.type(leaf) if is_python_scalar(leaf) else leaf
                  for leaf in leaves]
        avals = [strong(aval_of(leaf)) for leaf in leaves]
        if not leaves:
            raise ArgumentError(f"{name}: there is no number in {role}", got=tree.show(struct))
        for path, aval in zip(paths(struct), avals, strict=True):
            if not is_differentiable(aval.dtype):
                raise DtypeError(f"{name}: {role} is not of floating-point numbers, at {path}",
                                 got=str(aval), instead=f"{role}.astype(float)")
        return cls(name, struct, avals), converted(leaves, avals)

    def stage(self, fun, role, has_aux=False, copies=1):
        """Stage a function of one or two vectors, whose result is one: as a pair (x, aux)."""
        def paired(*args):
            out = fun(*args)
            x, aux = _pair(self.name, role, out) if has_aux else (out, ())
            check_same_tree(tree.structure(x), self.tree, self.name, role)
            return x, aux

        example = tree.unflatten(self.tree, range(len(self.avals)))
        in_tree = tree.structure((example,) * copies)
        body = stage_body(paired, self.name, in_tree, self.avals * copies)
        got = [a.aval for a in body.graph.outputs]
        for path, want, aval in zip(paths(self.tree), self.avals, got, strict=False):
            self._check(role, path, want, aval)
        return body._replace(graph=with_outputs(body.graph, [*self.avals, *got[len(self.avals):]]))

    def _check(self, role, path, want, got):
        if joined_aval([want, got]) != want:
            raise DtypeError(f"{self.name}: {role} has another type than what it belongs to, at "
                             f"{path}", got=str(got), wanted=str(want),
                             instead=f"x.astype({want.dtype.name!r})" if got.shape == want.shape
                             else "a result of the same shape")


def _pair(name, role, out):
    if not isinstance(out, tuple) or len(out) != 2:
        raise TreeError(f"{name}: {role} is a pair (x, aux)", got=type(out).__name__,
                        instead="return x, None if there is no aux")
    return out


def sharing(bodies):
    """Graphs that all take the values that any body captures, and these values, each once."""
    values = {id(x): x for body in bodies for x in body.captured}
    graphs = []
    for graph, captured, _ in bodies:
        own = dict(zip(map(id, captured), graph.inputs, strict=False))
        fixed = [own.get(place) or Var(aval_of(x)) for place, x in values.items()]
        rest = graph.inputs[len(captured):]
        graphs.append(Graph((*fixed, *rest), graph.eqns, graph.outputs))
    return graphs, list(values.values())


def batched_graphs(size, args, batched, graphs, n):
    """(graphs, operands, whether anything differs among examples): then all but the captured values
    is batched, and otherwise nothing.
    """
    k = len(args) - n

    def mapped_graphs(differs):
        return [batch_graph(graph, size, (*batched[:k], *(differs,) * (len(graph.inputs) - k)))
                for graph in graphs]
    differs = any(batched) or any(True in own for _, _, own in mapped_graphs(False))
    bodies = [Body(force_batched(mapped, size, own, (differs,) * len(own)), captured, None)
              for mapped, captured, own in mapped_graphs(differs)]
    mapped, captured = sharing(bodies)
    x = with_batch_axis(args[k:], batched[k:], (differs,) * n, size)
    return mapped, [*captured, *args[:k], *x], differs
