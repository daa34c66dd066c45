"""Pytrees: any nest of list, tuple, dict, namedtuple, None (and registered classes).

optree does the work: it is fast, maintained, and follows JAX's conventions (None is an empty
container, dicts are sorted by key).
"""

from __future__ import annotations

import numpy as np
import optree

from .errors import TreeError

NAMESPACE = "isograd"


LEAF = optree.tree_structure(0, namespace=NAMESPACE)


def flatten(tree):
    """Return (list of leaves, structure)."""
    if type(tree) is np.ndarray:    # the usual case, and the quick one
        return [tree], LEAF
    return optree.tree_flatten(tree, namespace=NAMESPACE)


def unflatten(structure, leaves):
    if structure is LEAF:
        leaf, = leaves
        return leaf
    return optree.tree_unflatten(structure, leaves)


def leaves(tree):
    return optree.tree_leaves(tree, namespace=NAMESPACE)


def structure(tree):
    return optree.tree_structure(tree, namespace=NAMESPACE)


def map(f, tree, *rest):
    """Apply f leaf by leaf to trees of the same structure."""
    flat, struct = flatten(tree)
    others = [flatten_like(struct, t, "tree.map: a further tree") for t in rest]
    return unflatten(struct, [f(*xs) for xs in zip(flat, *others, strict=True)])


def reduce(f, tree, *initial):
    return optree.tree_reduce(f, tree, *initial, namespace=NAMESPACE)


def all(tree):
    return optree.tree_all(tree, namespace=NAMESPACE)


def leaves_with_path(tree):
    """Return pairs (name of the place, leaf), the name as in 'params[0].w'."""
    paths, flat, struct = optree.tree_flatten_with_path(tree, namespace=NAMESPACE)
    accessors = optree.tree_accessors(tree, namespace=NAMESPACE)
    names = [accessor.codify("") for accessor in accessors]
    return list(zip(names, flat, strict=True))


def flatten_like(struct, tree, what):
    """Flatten a tree that must have the given structure."""
    flat, got = flatten(tree)
    if got != struct:
        raise TreeError(f"{what} has another structure", got=show(got), wanted=show(struct))
    return flat


def flatten_up_to(struct, tree, what):
    """Like flatten_like, but a None may stand in the place of a leaf."""
    try:
        return struct.flatten_up_to(tree)
    except ValueError:
        raise TreeError(f"{what} have another structure than what they belong to",
                        got=show(structure(tree)), wanted=show(struct)) from None


def prefix_leaves(prefix, tree, what):
    """Give each leaf of `tree` the leaf of `prefix` (a tree that may stop early) above it."""
    leaves, struct = flatten(tree)
    if prefix is None or isinstance(prefix, int):
        return [prefix] * len(leaves)
    places = unflatten(struct, range(len(leaves)))
    spread = [None] * len(leaves)
    try:
        optree.tree_map(lambda value, below: _spread(spread, value, below), prefix, places,
                        none_is_leaf=True, namespace=NAMESPACE)
        return spread
    except ValueError as error:
        raise TreeError(f"{what} does not fit the tree it describes: {error}",
                        got=repr(prefix), wanted=f"a prefix of {show(structure(tree))}") from None


def _spread(out, value, places):
    for i in leaves(places):
        out[i] = value


def show(struct):
    spelled = str(struct).removeprefix("PyTreeSpec(").removesuffix(")")
    return spelled.removesuffix(f", namespace={NAMESPACE!r}")


def register(cls, flatten, unflatten):
    """Let instances of `cls` be containers.

    flatten(x) returns (children, auxiliary data); unflatten(auxiliary data, children) returns x.
    """
    optree.register_pytree_node(cls, flatten, unflatten, namespace=NAMESPACE)
    return cls
