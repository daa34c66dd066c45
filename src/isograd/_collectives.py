"""`isograd.lax`: collectives, on pytrees and with the arguments of `jax.lax`.

axis_name is the name of an axis that an enclosing vmap, pmap or shard_map binds, or a tuple of
such names: then the examples of all these axes take part, numbered in row-major order.
"""

from __future__ import annotations

from math import prod

import numpy as np

from isograd.refimpl import tree
from isograd.refimpl.aval import aval_of, check_array, is_python_scalar
from isograd.refimpl.errors import ArgumentError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import cast_to, dtype_of, one_axis, shape_of
from isograd.refimpl.ops import collective as ops
from isograd.refimpl.ops.elementwise import divide, equal, select
from isograd.refimpl.ops.index import zeros
from isograd.refimpl.ops.linear import reshape

FLOAT64 = np.dtype(np.float64)


def _names(axis_name):
    names = tuple(axis_name) if isinstance(axis_name, (tuple, list)) else (axis_name,)
    if len(set(names)) != len(names) or not names:
        raise ArgumentError("a collective names each axis once", got=repr(axis_name))
    return names


def _one_name(name, axis_name):
    names = _names(axis_name)
    if len(names) != 1:
        raise MissingRuleError(f"{name} over several axes at once", got=repr(axis_name),
                               instead="one axis after the other")
    return names


def axis_size(axis_name):
    """The number of examples along a named axis: an int."""
    return prod(ops.axis_sizes(_names(axis_name)))


def axis_index(axis_name):
    """The place of this example in the named axes: an int64 scalar."""
    names = _names(axis_name)
    place = ops.axis_index(names[0])
    for name in names[1:]:
        place = place * axis_size(name) + ops.axis_index(name)
    return place


# ---- sums and extremes ----

def psum(x, axis_name, *, axis_index_groups=None):
    """The sum over all examples, which all get it; of a pytree, leaf by leaf.

    axis_index_groups: a list of lists of examples, of one length, that covers the axis: each
    example gets the sum over its group. The dtype stays as it is; booleans are counted in int64.
    A Python number gives a Python number: `psum(1, "i")` is the size of the axis.
    Its transpose is psum: in `grad` inside the mapped function, the results of all examples count.
    """
    names = _names(axis_name)
    n, groups = axis_size(names), _groups(names, axis_index_groups)

    def one(leaf):
        if is_python_scalar(leaf):
            return leaf * (len(groups[0]) if groups else n)
        return ops.psum(_countable(leaf, "psum"), axis_names=names, groups=groups)
    return tree.map(one, x)


def _countable(x, name):
    return cast_to(x, ops.INT64) if dtype_of(check_array(x, name)).kind == "b" else x


def pmean(x, axis_name, *, axis_index_groups=None):
    """The mean over all examples; see psum. Integers give float64."""
    n = psum(1, axis_name, axis_index_groups=axis_index_groups)
    total = psum(tree.map(_fraction, x), axis_name, axis_index_groups=axis_index_groups)
    return tree.map(lambda leaf: divide(leaf, n), total)


def _fraction(x):
    """x as something whose sum does not overflow, and can be divided."""
    if is_python_scalar(x) or dtype_of(check_array(x, "pmean")).kind not in "biu":
        return x
    return cast_to(x, FLOAT64)


def pmax(x, axis_name, *, axis_index_groups=None):
    """The largest of all examples; see psum. Ties share the derivative equally."""
    return _extreme(ops.pmax, x, axis_name, axis_index_groups)


def pmin(x, axis_name, *, axis_index_groups=None):
    """The smallest of all examples; see psum. Ties share the derivative equally."""
    return _extreme(ops.pmin, x, axis_name, axis_index_groups)


def _extreme(operation, x, axis_name, groups):
    names = _names(axis_name)
    axis_size(names)
    groups = _groups(names, groups)
    return tree.map(lambda leaf: leaf if is_python_scalar(leaf) else
                    operation(leaf, axis_names=names, groups=groups), x)


def _groups(names, groups):
    if groups is None:
        return None
    n = axis_size(_one_name("axis_index_groups", names))
    groups = tuple(map(tuple, groups))
    if len({len(group) for group in groups}) != 1 or sorted(sum(groups, ())) != list(range(n)):
        raise ArgumentError("axis_index_groups: groups of one length, each example in one of them",
                            got=str([list(group) for group in groups]),
                            wanted=f"a partition of range({n})")
    return groups


def pbroadcast(x, axis_name, source):
    """The value of example `source`, which all get."""
    names = _one_name("pbroadcast", axis_name)
    n = axis_size(names)
    if not 0 <= source < n:
        raise ArgumentError("pbroadcast: no such example", got=str(source), wanted=f"0 to {n - 1}")
    is_source = equal(axis_index(axis_name), source)

    def one(leaf):
        kept = select(is_source, leaf, zeros(aval_of(leaf)))
        return cast_to(psum(kept, axis_name), dtype_of(leaf))
    return tree.map(one, x)


# ---- moving data ----

def ppermute(x, axis_name, perm):
    """For pairs (source, destination): the destination gets the source's value, others zeros."""
    names = _one_name("ppermute", axis_name)
    perm = _pairs(perm, axis_size(names))
    return tree.map(lambda leaf: ops.ppermute(leaf, axis_names=names, perm=perm), x)


def _pairs(perm, n):
    """The pairs as ints, checked: numbers below n, none twice on the same side."""
    perm = list(perm)
    if all(isinstance(pair, (tuple, list, np.ndarray)) and len(pair) == 2 for pair in perm):
        pairs = tuple([(int(i), int(j)) for i, j in perm])
        if all(_are_distinct(numbers, n) for numbers in zip(*pairs, strict=True)):
            return pairs
    raise ArgumentError("ppermute: each example is a source once, a destination once",
                        got=str(perm), wanted=f"pairs of numbers below {n}")


def _are_distinct(numbers, n):
    return len(set(numbers)) == len(numbers) and set(numbers) <= set(range(n))


def pshuffle(x, axis_name, perm):
    """Example i gets the value of example perm[i]."""
    if sorted(perm) != list(range(axis_size(axis_name))):
        raise ArgumentError("pshuffle: not a permutation of the axis", got=str(list(perm)),
                            wanted=f"an order of range({axis_size(axis_name)})")
    return ppermute(x, axis_name, [(source, i) for i, source in enumerate(perm)])


def _taking_part(axis_name, groups):
    """The names of the axes, the groups, and how many take part along each axis."""
    names = _names(axis_name)
    sizes, groups = ops.axis_sizes(names), _groups(names, groups)
    return names, groups, (len(groups[0]),) if groups else sizes


def all_gather(x, axis_name, *, axis_index_groups=None, axis=0, tiled=False):
    """All examples (of the group), stacked along a new axis, or with `tiled` joined along one."""
    names, groups, sizes = _taking_part(axis_name, axis_index_groups)

    def one(leaf):
        shape = shape_of(leaf)
        place = one_axis(axis, len(shape) + (not tiled), "all_gather")
        for name, size in zip(reversed(names), reversed(sizes), strict=True):
            leaf = ops.all_gather(leaf, axis_names=(name,), groups=groups, size=size, axis=place)
        joined = (prod(sizes), shape[place]) if tiled else (prod(sizes),)
        return reshape(leaf, _merged((*shape[:place], *joined, *shape[place:][tiled:]), place,
                                     tiled))
    return tree.map(one, x)


def _merged(shape, place, merge):
    """The shape after axes `place` and `place` + 1 were joined, if so."""
    if not merge:
        return tuple(shape)
    return (*shape[:place], shape[place] * shape[place + 1], *shape[place + 2:])


def psum_scatter(x, axis_name, *, scatter_dimension=0, axis_index_groups=None, tiled=False):
    """The sum over all examples, of which example i gets element i of an axis as long as there are
    examples; with `tiled` the i-th of so many equal parts of an axis. Groups: see psum.
    """
    names, groups, sizes = _taking_part(axis_name, axis_index_groups)
    n = prod(sizes)

    def one(leaf):
        shape = shape_of(leaf)
        place = one_axis(scatter_dimension, len(shape), "psum_scatter")
        rest = _split(shape[place], n, tiled, "psum_scatter")
        leaf = reshape(_countable(leaf, "psum_scatter"),
                       (*shape[:place], *sizes, *rest, *shape[place + 1:]))
        for name, size in zip(names, sizes, strict=True):
            leaf = ops.psum_scatter(leaf, axis_names=(name,), groups=groups, size=size,
                                    axis=place)
        return leaf
    return tree.map(one, x)


def _split(length, n, tiled, name):
    """What an axis of this length leaves for each of n examples: () or (length,)."""
    if length % n if tiled else length != n:
        raise ShapeError(f"{name}: the axis does not split over {n} examples", got=str(length),
                         wanted=f"a multiple of {n}" if tiled else str(n),
                         instead=None if tiled else "tiled=True for parts of several elements")
    return (length // n,) if tiled else ()


def all_to_all(x, axis_name, split_axis, concat_axis, *, axis_index_groups=None, tiled=False):
    """Example i gets the i-th part of every example's axis `split_axis`, along `concat_axis`.

    Not tiled, split_axis is as long as there are examples, and goes; the parts are stacked along a
    new axis of the result. Tiled, both axes stay: one is divided by the number of examples, along
    the other the parts are joined. Groups: see psum.
    """
    names, groups, (n,) = _taking_part(_one_name("all_to_all", axis_name), axis_index_groups)

    def one(leaf):
        shape = shape_of(leaf)
        split = one_axis(split_axis, len(shape), "all_to_all")
        concat = one_axis(concat_axis, len(shape), "all_to_all")
        rest = _split(shape[split], n, tiled, "all_to_all")
        leaf = reshape(leaf, (*shape[:split], n, *rest, *shape[split + 1:]))
        leaf = ops.all_to_all(leaf, axis_names=names, groups=groups, size=n, split=split,
                              concat=concat)
        return reshape(leaf, _merged(shape_of(leaf), concat, tiled))
    return tree.map(one, x)


def pswapaxes(x, axis_name, axis, *, axis_index_groups=None):
    """Exchange the named axis (or the group) and an axis of the same length."""
    return all_to_all(x, axis_name, axis, axis, axis_index_groups=axis_index_groups)
