"""Functions given by equations: pytrees as vectors, roots of vectors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd import tree
from isograd.refimpl.control.implicit import custom_root
from isograd.refimpl.errors import ArgumentError, ShapeError
from isograd.refimpl.graph import eval_graph
from isograd.refimpl.numpy.common import (
    dtype_of,
    ndim_of,
    promoted_dtype,
    shape_of,
    strong_operand,
)
from isograd.refimpl.transforms.stage import stage_tree
from isograd.refimpl.transforms.vmap import vmap


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


    def __str__(self):
        return str(tree.unflatten(self.struct, list(map(str, self.shapes))))


def raveled(x, name):
    """(the numbers of a pytree as one vector of a floating-point or complex dtype, its Shapes).

    A list of numbers counts as an array, as in SciPy.
    """
    leaves, struct = tree.flatten(strong_operand(x) if _is_list_of_numbers(x) else x)
    leaves = [strong_operand(leaf) for leaf in leaves]
    if not leaves:
        raise ArgumentError(f"{name}: there is no number in it", got=repr(x))
    dtype = promoted_dtype(*leaves)
    dtype = dtype if dtype.kind in "fc" else np.dtype(np.float64)
    vector = np.concatenate([np.reshape(leaf, -1).astype(dtype) for leaf in leaves])
    return vector, Shapes(struct, tuple([shape_of(leaf) for leaf in leaves]))


def _is_list_of_numbers(x):
    if type(x) is not list or not x:
        return False
    leaves, struct = tree.flatten(x)
    return struct == tree.structure([0] * len(x)) and not any(map(ndim_of, leaves))


def raveled_like(shapes, x, name, model):
    """The vector of x, which has these Shapes; for those of an array, x may be a list or tuple."""
    if shapes.struct.is_leaf() and isinstance(x, (list, tuple)):
        x = strong_operand(x)
    vector, got = raveled(x, name)
    if got != shapes:
        raise ShapeError(f"{name} is something else than {model}", got=str(got),
                         wanted=str(shapes))
    return vector


def traced(name, fun, x):
    """fun, traced once, at an argument like x: calls of the result run its graph."""
    graph = stage_tree(fun, (x,), {}, name)
    return lambda x: tree.unflatten(graph.out_tree,
                                    eval_graph(graph.graph, [*graph.captured, *tree.leaves(x)]))


def implicit_root(residual, solve, x0):
    """Return (x, further results) of solve(x0); x is the root of residual, a vector like x0.

    x is differentiable as the root, to any order, in what residual closes over; further results are
    taken as constants.
    """
    return custom_root(residual, x0, lambda _, x: solve(x), _by_matrix, has_aux=True)


def _by_matrix(g, y):
    """The solution of g(x) = y for a linear g, whose columns are what it makes of unit vectors."""
    columns = vmap(g, out_axes=1)(np.eye(shape_of(y)[0], dtype=dtype_of(y)))
    return np.linalg.solve(columns, y)
