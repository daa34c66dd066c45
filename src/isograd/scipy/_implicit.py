"""Functions given by equations: pytrees as vectors, functions without captured values, roots.

F(x, p) = 0 defines x as a function of p wherever dF/dx is regular (implicit function theorem):

    dx = -(dF/dx)^-1 (dF/dp) dp

The rule asks for x as the same function of p again, so it holds at every order. How x was found
does not matter, and is not differentiated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd import tree
from isograd.refimpl.aval import is_differentiable
from isograd.refimpl.custom import custom_jvp
from isograd.refimpl.errors import ArgumentError
from isograd.refimpl.graph import eval_graph
from isograd.refimpl.numpy.common import dtype_of, promoted_dtype, shape_of, strong_operand
from isograd.refimpl.transforms.grad import jacobian
from isograd.refimpl.transforms.jvp import jvp
from isograd.refimpl.transforms.stage import make_graph


class Shapes(NamedTuple):
    """What a vector leaves out of the pytree that it holds the numbers of."""

    struct: object
    shapes: tuple

    def restored(self, vector):
        """The pytree whose numbers are these."""
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        parts = np.split(vector, ends[:-1]) if len(self.shapes) > 1 else [vector]
        return tree.unflatten(self.struct, [np.reshape(part, shape)[()] for part, shape
                                            in zip(parts, self.shapes, strict=True)])


def raveled(x, name):
    """(the numbers of a pytree as one vector of a floating-point or complex dtype, its Shapes)."""
    leaves, struct = tree.flatten(x)
    leaves = [strong_operand(leaf) for leaf in leaves]
    if not leaves:
        raise ArgumentError(f"{name}: there is no number in it", got=repr(x))
    dtype = promoted_dtype(*leaves)
    dtype = dtype if dtype.kind in "fc" else np.dtype(np.float64)
    vector = np.concatenate([np.reshape(leaf, -1).astype(dtype) for leaf in leaves])
    return vector, Shapes(struct, tuple([shape_of(leaf) for leaf in leaves]))


class Closed(NamedTuple):
    """A function of `captured` and of its arguments, and of nothing else that is traced."""

    graph: object
    captured: list

    def __call__(self, captured, *args):
        outs = eval_graph(self.graph.graph, [*captured, *tree.leaves(args)])
        return tree.unflatten(self.graph.out_tree, list(outs))


def closed(fun, *examples):
    """Trace a function once, at arguments like these; what it captures becomes an argument."""
    graph = make_graph(fun)(*examples)
    return Closed(graph, list(graph.captured))


def implicit_root(residual, solve, params):
    """Return (x, further results) of solve(params); x is the root of residual(x, params).

    x: a vector, as is the residual; params: a pytree. x is differentiable in params as the root,
    to any order; further results are taken as constants. Neither function may capture traced
    values: see `closed`.
    """
    leaves, struct = tree.flatten(params)

    @custom_jvp
    def root(*leaves):
        return solve(tree.unflatten(struct, list(leaves)))

    @root.defjvp
    def rule(primals, tangents):
        moving = [i for i, p in enumerate(primals) if is_differentiable(dtype_of(p))]
        x, rest = root(*primals)

        def at(x, moved):
            filled = list(primals)
            for i, p in zip(moving, moved, strict=True):
                filled[i] = p
            return residual(x, tree.unflatten(struct, filled))
        p, p_dot = [[values[i] for i in moving] for values in (primals, tangents)]
        change = jvp(lambda *moved: at(x, moved), tuple(p), tuple(p_dot))[1]
        slope = jacobian(lambda x: at(x, p), holomorphic=dtype_of(x).kind == "c")(x)
        return (x, rest), (-np.linalg.solve(slope, change), tree.map(lambda _: None, rest))

    return root(*leaves)
