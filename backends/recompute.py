"""Compute cheap values again instead of keeping them: less memory is written and read.

A kernel often reads what an earlier one stored only because reverse mode needs it there: the slopes
of an activation function, say, a few multiplications away from the activation itself. Where what a
kernel reads of another can be computed again, by cheap operations, from fewer bytes (what the other
one read, or values of it that are dear), the equations are repeated in the reader. The decision
depends on shapes and dtypes only, and the repeated operations give the same bits.
"""

from __future__ import annotations

from ..refimpl.graph import Var
from .axes import resolve
from .cluster import Node
from .places import Place
from .plan import Const

# Operations that take a processor no longer than reading their result from memory.
CHEAP = frozenset({
    "add", "subtract", "multiply", "divide", "negative", "absolute", "square", "scale", "sign",
    "maximum", "minimum", "reciprocal", "select", "cast", "equal", "not_equal", "less",
    "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_not",
})
REPEATED_LIMIT = 24     # nodes


def recompute(clusters, outputs):
    """Change the clusters in place; `outputs` are the variables that are stored in any case."""
    pinned, readers = set(outputs), {}
    for cluster in clusters.living():
        bases = {p.base for node in cluster.nodes for p in node.args if _is_place(p)}
        if cluster.kind != "loop":
            pinned.update(bases)
        for base in bases:
            readers.setdefault(base, set()).add(cluster)
    for reader in clusters.living():
        if reader.kind == "loop":
            for source, reads in _reads_by_source(clusters, reader).items():
                attempt = _Attempt(clusters, pinned, readers, source, reader, reads)
                attempt.apply_if_it_pays()
    clusters.stored = _stored(clusters, outputs)


def _is_place(arg):
    return type(arg) is not Const


def _reads_by_source(clusters, reader):
    """{other loop cluster: [(node, argument number), ...]} for all that a cluster reads."""
    sources = {}
    for node in reader.nodes:
        for i, arg in enumerate(node.args):
            home = clusters.home(arg) if _is_place(arg) else None
            if home is not None and home is not reader and home.kind == "loop":
                sources.setdefault(home, []).append((node, i))
    return sources


def _nbytes(*variables):
    return sum([v.aval.size * v.aval.dtype.itemsize for v in variables])


class _Attempt:
    """What it would take to compute again in `reader` what it reads of `source`.

    pinned: what has to be stored anyway. readers: the clusters that read each variable.
    repeated: the nodes of `source` to repeat, in order. leaves: the variables that they read.
    """

    def __init__(self, clusters, pinned, readers, source, reader, reads):
        self.clusters = clusters
        self.pinned = pinned
        self.readers = readers
        self.source = source
        self.reader = reader
        self.reads = reads
        self.nodes = {node.out: node for node in source.nodes}
        self.repeated = {}
        self.leaves = {}

    def apply_if_it_pays(self):
        places = [node.args[i] for node, i in self.reads]
        wanted = {p.base for p in places} - self.pinned
        wanted -= {p.base for p in places if not self._can_repeat(p)}
        for v in sorted(wanted, key=lambda v: self.nodes[v].step):
            self._collect(v)
        if wanted and len(self.repeated) <= REPEATED_LIMIT and self._saving(wanted) > 0:
            self._apply(wanted)

    def _can_repeat(self, place):
        """Whether a place shows all of a cheap value as it is."""
        node = self.nodes[place.base]
        return ((node.prim is None or node.prim.name in CHEAP) and not node.folded
                and place.layout.is_contiguous and place.shape == place.base.aval.shape)

    def _collect(self, v):
        if v in self.repeated:
            return
        for arg in self.nodes[v].args:
            if not _is_place(arg):
                continue
            inside = arg.base in self.nodes and arg.base not in self.pinned
            if inside and self._can_repeat(arg):
                self._collect(arg.base)
            else:
                self.leaves[arg.base] = arg
        self.repeated[v] = self.nodes[v]

    def _saving(self, wanted):
        """Bytes that need not be written and read, less those that must be instead."""
        new_reads = [v for v in self.leaves if self.reader not in self.readers[v]]
        new_writes = [v for v in new_reads if v in self.nodes and v not in self.pinned
                      and not self._is_stored(v)]
        no_writes = [v for v in wanted if self.readers[v] <= {self.source, self.reader}]
        return (_nbytes(*wanted) + _nbytes(*no_writes)
                - _nbytes(*new_reads) - _nbytes(*new_writes))

    def _is_stored(self, v):
        return not self.readers[v] <= {self.source}

    def _apply(self, wanted):
        for v in wanted:
            self.readers[v].discard(self.reader)
        for v in self.leaves:
            self.readers[v].add(self.reader)
        copies = {}
        for node, i in self.reads:
            if node.args[i].base in wanted:
                place = self._copy(node.args[i], node.dims, copies)
                node.args = (*node.args[:i], place, *node.args[i + 1:])

    def _copy(self, place, dims, copies):
        """Repeat the node that computes a place; return the place of its result."""
        key = place.base, tuple(map(resolve, dims))
        if key not in copies:
            node = self.nodes[place.base]
            out = Var(node.out.aval)
            args = tuple([self._copy(a, dims, copies) if _is_place(a) and a.base in self.repeated
                          and a.base not in self.leaves else a for a in node.args])
            self.reader.nodes.append(Node(node.step, node.prim, args, node.params, out, dims, (),
                                          node.source))
            self.clusters.homes[out] = self.reader
            copies[key] = out
        out = copies[key]
        return Place(out, place.layout, place.dims, out)


def _stored(clusters, outputs):
    """The variables that are read outside of the cluster that computes them."""
    stored = set(outputs)
    for cluster in clusters.living():
        for node in cluster.nodes:
            stored.update([p.base for p in node.args
                           if _is_place(p) and clusters.home(p) is not cluster])
            if cluster.kind != "loop":
                stored.update(node.out)
    return stored
