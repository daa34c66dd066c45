"""MemoryPlan: where the temporaries of a FusionPlan lie in one arena, so that they share memory.

A temporary lives from the kernel that writes it to the last one that reads it. The kernels are
walked in order; each new temporary takes the smallest hole that it fits in (best fit), and holes
that touch are joined. All places are multiples of 64 bytes.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

ALIGNMENT = 64


class MemoryPlan(NamedTuple):
    """offsets: of each buffer in the arena, None for inputs and outputs.

    peak: the largest number of bytes that are in use at once; no plan needs a smaller arena, unless
    buffers may be moved.
    """

    offsets: tuple[int | None, ...]
    arena_bytes: int
    peak: int


class Lifetime(NamedTuple):
    """The first and the last kernel that need a buffer, both included."""

    first: int
    last: int


def lifetimes(plan):
    """The Lifetime of each temporary: {buffer: Lifetime}."""
    spans = {}
    for i, kernel in enumerate(plan.kernels):
        for buffer in (*kernel.writes, *kernel.reads):
            if plan.buffers[buffer].role == "temp":
                first = spans[buffer].first if buffer in spans else i
                spans[buffer] = Lifetime(first, i)
    return spans


def plan_memory(plan, one_pass=frozenset()):
    """Assign the temporaries of a plan to places in an arena.

    one_pass: the numbers of the kernels that the backend runs as one pass over their space. A
    kernel that it runs as several may not write over what it reads.
    """
    spans = lifetimes(plan)
    born, dying = {}, {}
    for buffer, (first, last) in spans.items():
        born.setdefault(first, []).append(buffer)
        dying.setdefault(last, []).append(buffer)
    arena, offsets, in_use, peak = Arena(), {}, 0, 0
    for i, kernel in enumerate(plan.kernels):
        donors = {}
        if i in one_pass:
            donors = _donors(plan, kernel, born.get(i, ()), dying.get(i, ()))
        for buffer in born.get(i, ()):
            if buffer in donors:
                offsets[buffer] = offsets[donors[buffer]]
            else:
                offsets[buffer] = arena.take(padded(plan.buffers[buffer].nbytes))
                in_use += padded(plan.buffers[buffer].nbytes)
        peak = max(peak, in_use)
        inherited = set(donors.values())
        for buffer in dying.get(i, ()):
            if buffer not in inherited:
                arena.give_back(offsets[buffer], padded(plan.buffers[buffer].nbytes))
                in_use -= padded(plan.buffers[buffer].nbytes)
    return MemoryPlan(tuple([offsets.get(b) for b in range(len(plan.buffers))]), arena.size, peak)


def padded(nbytes):
    return -(-nbytes // ALIGNMENT) * ALIGNMENT


def _donors(plan, kernel, born, dying):
    """{new buffer: a buffer that dies in this kernel, whose memory the new one may take over}"""
    donors, free = {}, list(dying)
    for new in born:
        old = next((old for old in free if may_overwrite(plan, kernel, old, new)), None)
        if old is not None:
            donors[new] = old
            free.remove(old)
    return donors


def may_overwrite(plan, kernel, old, new):
    """Whether a kernel that is run in one pass may write `new` over `old`, element by element.

    Each element must be read only where it is written, and before: a loop without reductions that
    reads all of `old` in the order in which it writes all of `new`, with elements of one size, and
    stores none of them as it is, for that may come after.
    """
    if kernel.kind != "loop" or old not in kernel.reads or any(
            op.is_reduction for op in kernel.body):
        return False
    if plan.buffers[old].dtype.itemsize != plan.buffers[new].dtype.itemsize:
        return False
    nbytes = prod(kernel.shape) * plan.buffers[old].dtype.itemsize
    if not nbytes == plan.buffers[old].nbytes == plan.buffers[new].nbytes:
        return False
    everywhere = tuple(range(len(kernel.shape)))
    views = [v.layout for v in kernel.inputs if v.buffer == old]
    stores = [s for s in kernel.outputs if s.buffer == new]
    copied = {i for i, v in enumerate(kernel.inputs) if v.buffer == old}
    if any(s.value in copied for s in kernel.outputs):
        return False
    return (all(v.shape == kernel.shape and v.is_contiguous for v in views)
            and len(stores) == 1 and stores[0].axes == everywhere)


class Arena:
    """Holes between the buffers in use, as (offset, size), sorted by offset."""

    def __init__(self):
        self.size = 0
        self.holes = []

    def take(self, nbytes):
        """Return the offset of a free place: the smallest hole that is large enough, or the end."""
        fitting = [(size, offset) for offset, size in self.holes if size >= nbytes]
        if fitting and nbytes:
            size, offset = min(fitting)
            self.holes.remove((offset, size))
            if size > nbytes:
                self.holes.append((offset + nbytes, size - nbytes))
                self.holes.sort()
            return offset
        offset = self._last_hole()
        self.size = max(self.size, offset + nbytes)
        return offset

    def _last_hole(self):
        """The end of the arena, or where the hole before it begins, which is used up."""
        if self.holes and sum(self.holes[-1]) == self.size:
            return self.holes.pop()[0]
        return self.size

    def give_back(self, offset, nbytes):
        """Make a hole, and join it with its neighbours."""
        if not nbytes:
            return
        self.holes.append((offset, nbytes))
        self.holes.sort()
        joined = []
        for start, size in self.holes:
            if joined and sum(joined[-1]) == start:
                joined[-1] = (joined[-1][0], joined[-1][1] + size)
            else:
                joined.append((start, size))
        self.holes = joined
