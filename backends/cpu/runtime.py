"""CpuBackend: from a Graph to something that runs, and the count of what the reference ran."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ...fastpath import CallCache, Program, repeat
from ...refimpl.backend import executable_of
from ...refimpl.errors import source_line
from ...refimpl.graph import inner_graphs
from ..fusion import fuse
from ..memory import MemoryPlan, plan_memory
from ..plan import FusionPlan
from ..rewrite import simplify
from .lower import NAME, lower, place
from .table import why_unsupported

# How often the reference ran an operation in place of the engine: {(primitive, reason): times}.
FALLBACKS = Counter()


class Fallback(NamedTuple):
    """An operation of a compiled graph that the reference runs; line: where the user wrote it."""

    primitive: str
    reason: str
    line: str | None


def count_fallback(kernel):
    FALLBACKS[kernel.prim.name, kernel.reason] += 1


class Compiled:
    """An executable: `run(leaves)` returns fresh C-contiguous arrays, 0-d ones as NumPy scalars.

    graph: what was asked for; simplified: what was planned; plan, memory: how; program: that of the
    engine.
    """

    def __init__(self, graph, simplified, plan: FusionPlan):
        self.graph = graph
        self.simplified = simplified
        self.plan = plan
        lowered = lower(plan, count_fallback)
        self.memory: MemoryPlan = plan_memory(plan, lowered.one_pass)
        self.program = Program(*place(plan, lowered, self.memory))
        self.run = self.program.run

    def repeat(self, args, consts, carry, length, reverse=False, until=False):
        """Run as the body of a loop; None if that needs Python: see refimpl/backend.py."""
        if self.program.has_calls:
            return None
        return repeat(self.program, args, consts, carry, length or 0, reverse, until)

    @property
    def fallbacks(self):
        """The operations that the reference runs, as a tuple of Fallback."""
        return tuple([Fallback(k.prim.name, k.reason, source_line(k.source))
                      for k in self.plan.kernels if k.kind == "call"])

    @property
    def bodies(self):
        """{number of a kernel: [(name, Compiled)]}: what loops and branches run."""
        found = {i: inner_graphs(dict(k.params)) for i, k in enumerate(self.plan.kernels)
                 if k.kind == "call"}
        return {i: [(name, executable_of(graph, CpuBackend.name)) for name, graph in graphs]
                for i, graphs in found.items() if graphs}

    @property
    def steps(self):
        """{number of a kernel: how the loop there goes from step to step}"""
        loops = {i: bodies for i, bodies in self.bodies.items()
                 if self.plan.kernels[i].prim.name in LOOPS}
        return {i: _way(self.plan.kernels[i].prim.name, bodies) for i, bodies in loops.items()}


LOOPS = ("scan", "while", "reverse_while")


def _way(loop, bodies):
    if loop == "reverse_while":
        return "each a call from Python, which keeps some of the states"
    if any(body.program.has_calls for _, body in bodies):
        return "each a call from Python: the reference has a part in the body"
    return "in the engine, without Python"


class CpuBackend:
    """The engine of this package, on CPUs."""

    name = NAME
    call_cache = CallCache

    def compile(self, graph, layouts=None):
        """Compile for inputs with the given strides in bytes (None: C-contiguous)."""
        simplified = simplify(graph, self.name)
        plan = fuse(simplified, layouts, why_unsupported)
        return Compiled(graph, simplified, plan)
