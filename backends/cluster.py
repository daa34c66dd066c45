"""Cluster: equations that will be one loop kernel, and the rules by which clusters merge.

A cluster has an iteration space, an ordered tuple of axes. Each of its values varies along some of
them; the set of axes that it has lost is its *level*. Level {} is FULL: a value for each point. A
reduction leads from one level to a larger one. There are three rules:

L1  Values at one level combine freely; nothing else combines, except:
L2  One level may be chosen to be the *row* (trailing axes, short enough to stay in fast memory).
    Values at the row level may be spread over their row again: softmax, layer norm.
L3  All levels of a cluster are the row, all axes but the row (a column sum), or all axes, so that
    one pass over the space can make them. Without L2 a level is complete only when the pass is.

A cluster whose values are all FULL can join a larger space, at the level of the axes it lacks.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from .axes import align, resolve, unite

# A row stays in fast memory while it is used again. 16384 float32 elements are 64 KB a value: more
# values than one still fit a CPU core's second-level cache, or a GPU block's shared memory.
ROW_LIMIT = 16384

# Bounds on a kernel's text: an engine's registers are counted.
NODE_LIMIT, READ_LIMIT = 200, 64


class Node:
    """One equation in a cluster. It runs over `dims`, and folds those listed in `folded`.

    In a cluster that is not a loop, `dims` is empty and `folded` is the reason of a call.
    """

    __slots__ = ("args", "dims", "folded", "out", "params", "prim", "source", "step")

    def __init__(self, step, prim, args, params, out, dims, folded, source):
        self.step = step        # its place in the order of computation
        self.prim = prim        # None: the result is the argument, moved (a copy)
        self.args = args        # Place (spread over dims) or Const
        self.params = params
        self.out = out
        self.dims = dims
        self.folded = folded
        self.source = source

    def axes(self):
        """The axes that it runs over, in order."""
        return tuple([a for d in self.dims for a in resolve(d)])

    def result_dims(self):
        return tuple([d for i, d in enumerate(self.dims) if i not in self.folded])

    def result_level(self, space):
        kept = {a for d in self.result_dims() for a in resolve(d)}
        return frozenset([a for a in space if a not in kept])


class Cluster:
    """Mutable while plans are made. kind: "loop", "gemm", "random", "call" or "join"; loops merge.

    bit: the set of its own numbers, ancestors: of those that it depends upon, both as bit masks.
    reads: the data and the numbers that its nodes read. after: a cluster that runs before this
    one, though this one reads nothing of it, or None.
    """

    __slots__ = ("after", "ancestors", "bit", "into", "is_read", "kind", "levels", "nodes", "reads",
                 "row", "space")

    def __init__(self, kind, number, nodes, space=()):
        self.kind = kind
        self.bit = 1 << number
        self.nodes = nodes
        self.space = space
        self.row = None
        self.levels = frozenset()
        self.reads = frozenset()
        self.ancestors = 0
        self.after = None
        self.is_read = False    # whether a later cluster depends on it
        self.into = None        # the cluster that it has been merged into

    def now(self):
        """The cluster that this one is part of today."""
        cluster = self
        while cluster.into is not None:
            cluster = cluster.into
        return cluster

    def row_now(self):
        return None if self.row is None else frozenset(resolve(tuple(self.row)))

    def levels_now(self):
        return {frozenset(resolve(tuple(level))) for level in self.levels}


class Fit(NamedTuple):
    """How the spaces of two clusters lie in each other."""

    space: tuple
    rename: dict        # the other's axes -> mine
    mine: frozenset     # the level at which all of my values come to lie
    other: frozenset    # the level at which all of the other's come to lie


def correspond(mine, other, dims, uses):
    """Match the space of cluster `other` with `mine`: return a Fit, or None.

    dims: axes along each dimension in `mine`. uses: axes along the same dimensions in `other`,
    once for each way in which the equation reads it.
    """
    for use in uses:
        for xs, ys in zip(dims, use, strict=True):
            if ys and not align(xs, ys):
                return None
    rename = {}
    for use in uses:
        for xs, ys in zip(dims, use, strict=True):
            if ys and not _pair(rename, resolve(ys), resolve(xs)):
                return None
    return _fit(resolve(mine.space), resolve(other.space), rename)


def _pair(rename, ys, xs):
    return all(rename.setdefault(y, x) is x for x, y in zip(xs, ys, strict=True))


def _fit(mine, other, rename):
    matched = set(rename.values())
    my_rest = tuple([a for a in mine if a not in matched])
    other_rest = tuple([a for a in other if a not in rename])
    if my_rest and other_rest:
        if not align(my_rest, other_rest):
            return None
        mine, other = resolve(mine), resolve(other)
        rename.update(zip(resolve(other_rest), resolve(my_rest), strict=True))
        my_rest = other_rest = ()
    renamed = tuple([rename.get(a, a) for a in other])
    if len(set(renamed)) != len(renamed):
        return None
    space = renamed if other_rest else mine
    if not (_in_order(renamed, space) and _in_order(mine, space)):
        return None
    return Fit(space, rename, frozenset(other_rest), frozenset(my_rest))


def _in_order(axes, space):
    places = [space.index(a) for a in axes]
    return places == sorted(places)


class Joint(NamedTuple):
    """What a cluster is after a merge."""

    space: tuple
    row: frozenset | None
    levels: frozenset


def joint(mine, other, fit, node=None, uses=()):
    """The union of two clusters, joined by a node of `mine` that reads `other`; None if illegal."""
    def renamed(level):
        return frozenset([fit.rename.get(a, a) for a in level])

    if len(mine.nodes) + len(other.nodes) > NODE_LIMIT or len(
            mine.reads | other.reads) > READ_LIMIT:
        return None

    rows = {mine.row_now(), other.row_now() and renamed(other.row_now())} - {None}
    levels = set(map(renamed, other.levels_now()))
    if fit.other:
        if levels or other.row is not None:
            return None
        if not other.space and node.axes():
            return None         # a scalar is not worth making the whole space one row
        levels.add(fit.other)
    mine_levels = mine.levels_now()
    if fit.mine:
        if mine.row is not None or (mine_levels and len(mine.nodes) > 1):
            return None
        mine_levels = {fit.mine}
    levels |= mine_levels
    if node is not None:
        wanted = _expansions(node, fit, uses, levels)
        if wanted is None:
            return None
        rows |= wanted
    return _legal(fit.space, rows, levels)


def _expansions(node, fit, uses, levels):
    """The levels that must be the row because `node` spreads or folds them; None if illegal."""
    rows, everything = set(), frozenset(fit.space)
    level = everything - set(node.axes())
    for use in uses:
        axes = {fit.rename.get(a, a) for d in use for a in resolve(d)}
        read = everything - axes
        if read != level:
            if level:
                return None
            rows.add(read)
    if node.folded:
        result = node.result_level(fit.space)
        levels.add(result)
        if level:
            if result != everything:
                return None
            rows.add(level)
    return rows


def _legal(space, rows, levels):
    """L2 and L3: return the Joint, or None."""
    everything = frozenset(space)
    partial = [level for level in levels if level != everything]
    if len(rows) > 1 or len(partial) > 2:
        return None
    if not rows and len(partial) == 2:
        rows = {level for level in partial if fits_row(space, level)}
        if not rows:
            return None
        rows = {min(rows, key=len)}
        row = None
    else:
        row = next(iter(rows), None)
        if row is not None and not fits_row(space, row):
            return None
    for allowed in rows:
        if any(level not in (allowed, everything - allowed) for level in partial):
            return None
    return Joint(space, row, frozenset(levels))


def fits_row(space, level):
    """Whether these are trailing axes, and a row of them short enough to stay in fast memory."""
    n = len(level)
    return level == frozenset(space[len(space) - n:]) and prod(
        [a.size for a in level]) <= ROW_LIMIT


def merge(mine, other, fit, result):
    """Make `other` part of `mine`."""
    for axis, new in fit.rename.items():
        unite(axis, new)
    mine.space, mine.row, mine.levels = result
    if len(mine.nodes) < len(other.nodes):
        mine.nodes, other.nodes = other.nodes, mine.nodes
    mine.nodes += other.nodes
    mine.reads |= other.reads
    mine.bit |= other.bit
    mine.ancestors = (mine.ancestors | other.ancestors) & ~mine.bit
    mine.is_read |= other.is_read
    other.into = mine
