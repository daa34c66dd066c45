"""Clusters: which equations come together in one kernel.

Each equation starts as a cluster of its own and merges with the clusters that compute its
arguments, the latest first, if the rules in cluster.py allow it and no cycle arises: a cluster must
not both feed a third one and be fed by it. Each cluster keeps the set of those that it depends upon
as a bit mask, so the test is one operation on integers.
"""

from __future__ import annotations

from .axes import resolve
from .cluster import Cluster, correspond, joint, merge
from .places import Place
from .plan import Const

# Reductions that remember a position in their row.
POSITIONAL = frozenset({"argmax", "argmin"})


def needs_row(prim, dtype):
    """Whether a reduction needs its row as a whole: for places in it, or to fold it in order.

    Floating-point products overflow if they are grouped in another way than NumPy's.
    """
    return prim.name in POSITIONAL or (prim.name == "prod" and dtype.kind == "f")


class Clusters:
    """homes: the cluster that computes a base variable. stored: the variables that others read.

    effects: the clusters that have an effect, in the order of the program.
    """

    def __init__(self):
        self.all = []
        self.homes = {}
        self.stored = set()
        self.effects = []

    def home(self, place):
        """The cluster that computes what a place shows, or None for an input."""
        cluster = self.homes.get(place.base)
        return cluster and cluster.now()

    def living(self):
        return [c for c in self.all if c.into is None]

    def new(self, kind, node, outs, space=()):
        cluster = Cluster(kind, len(self.all), [node], space)
        self.all.append(cluster)
        self.homes.update(dict.fromkeys(outs, cluster))
        return cluster

    def add_loop(self, node):
        """A node that runs over a space joins the clusters of its producers."""
        space = node.axes()
        cluster = self.new("loop", node, (node.out,), space)
        if node.folded:
            cluster.levels = frozenset({node.result_level(space)})
            if needs_row(node.prim, node.out.aval.dtype):
                cluster.row = node.result_level(space)
        self._join_producers(cluster, node)

    def add_opaque(self, kind, node, has_effect=False):
        """A node that is a kernel of its own; one with an effect runs after the effect before."""
        cluster = self.new(kind, node, node.out)
        self.stored.update(node.out)
        self._read_from_memory(cluster, node)
        if has_effect:
            if self.effects:
                self._depend(cluster, self.effects[-1])
                cluster.after = self.effects[-1]
            self.effects.append(cluster)

    # ---- producers ----

    def _join_producers(self, cluster, node):
        producers, outside = self._producers(node)
        order = sorted(producers, key=lambda c: c.bit, reverse=True)
        is_read = False
        for home in order:
            others = [c for c in (*order, *outside) if c is not home and c.into is None]
            if home in outside or _is_cyclic(cluster, home, others):
                outside.add(home)
                continue
            uses = [place.dims for place in producers[home]]
            fit = correspond(cluster, home, node.dims, uses)
            result = fit and joint(cluster, home, fit, node, uses)
            if not result:
                outside.add(home)
                continue
            is_read |= home.is_read
            merge(cluster, home, fit, result)
        self._read_from_memory(cluster, node)
        if is_read:
            self._propagate(cluster)

    def _producers(self, node):
        """Return ({cluster: places that a merge could make internal}, clusters only read)."""
        producers, outside = {}, set()
        empty = any(a.size == 0 for a in node.axes())   # no pass over it: it cannot share one
        for place in node.args:
            home = self.home(place) if type(place) is Place else None
            if home is None:
                continue
            visible = place.dims is not None and place.key is place.base
            if home.kind == "loop" and visible and not empty:
                producers.setdefault(home, []).append(place)
            else:
                outside.add(home)
        return producers, outside

    def _read_from_memory(self, cluster, node):
        """Note what a node reads that its cluster does not compute."""
        reads = []
        for arg in node.args:
            if type(arg) is Const:
                reads.append(repr(arg.value))
                continue
            home = self.home(arg)
            if home is not cluster:
                reads.append((arg.base, arg.layout))
                self.stored.add(arg.base)
                if home is not None:
                    self._depend(cluster, home)
        cluster.reads |= frozenset(reads)

    def _depend(self, cluster, earlier):
        cluster.ancestors |= earlier.bit | earlier.ancestors
        earlier.is_read = True

    def _propagate(self, cluster):
        """Tell the clusters that depend on this one what it now depends upon itself."""
        for c in self.living():
            if c.ancestors & cluster.bit:
                c.ancestors |= cluster.ancestors

    # ---- readers of the same data ----

    def merge_readers(self):
        """Merge clusters that read the same data in the same way, so that it is read once."""
        readers = {}
        for cluster in self.living():
            if cluster.kind != "loop":
                continue
            for key, dims in self._full_reads(cluster):
                mates = readers.setdefault(key, [])
                for mate, mate_dims in mates[-2:]:
                    self._merge_pair(mate.now(), cluster.now(), mate_dims, dims)
                mates.append((cluster, dims))

    def _full_reads(self, cluster):
        """(what, axes along it) for all that a cluster reads with an element for each point."""
        rank = len(resolve(cluster.space))
        found = {}
        for node in cluster.nodes:
            if len(node.axes()) != rank:
                continue
            for place in node.args:
                if (type(place) is Place and self.home(place) is not cluster
                        and place.layout.size and 0 not in place.layout.strides):
                    found[place.key, place.layout] = node.dims
        return found.items()

    def _merge_pair(self, mine, other, dims, other_dims):
        if mine is other or _is_cyclic(mine, other, ()):
            return
        fit = correspond(mine, other, dims, [other_dims])
        result = fit and not fit.mine and not fit.other and joint(mine, other, fit)
        if result:
            merge(mine, other, fit, result)
            if mine.is_read:
                self._propagate(mine)


def _is_cyclic(cluster, home, others):
    """Whether a path through a third cluster leads from one to the other."""
    return bool(cluster.ancestors & home.bit or home.ancestors & cluster.bit
                or any(other.ancestors & home.bit for other in others))
