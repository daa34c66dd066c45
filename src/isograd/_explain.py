"""`explain`: what a compiled call will do, before it does it."""

from __future__ import annotations

from isograd.backends.explain import describe
from isograd.refimpl.backend import get_backend
from isograd.refimpl.jit import Jitted, jit


class Explanation:
    """Prints as text; keeps what it was made from.

    plan: the FusionPlan. arena_bytes: temporaries. fallbacks: what the reference runs, with reason
    and source line. traces: the types of arguments the function was traced for so far.
    """

    def __init__(self, compiled, traces):
        self.compiled = compiled
        self.traces = traces

    @property
    def plan(self):
        return self.compiled.plan

    @property
    def arena_bytes(self):
        return self.compiled.memory.arena_bytes

    @property
    def fallbacks(self):
        return self.compiled.fallbacks

    def __str__(self):
        traces = "\n".join(f"  {', '.join(map(str, r.avals))}{_spell(r.statics)}"
                           for r in self.traces)
        return f"{describe(self.compiled)}\n\ntraces          {len(self.traces)}\n{traces}"

    __repr__ = __str__


def _spell(statics):
    return "".join(f" {name}={value!r}" for name, _, value in statics)


def explain(f):
    """Return a function that shows the plan of `f(*args, **kwargs)` instead of running it.

    f may be jitted already. The plan is that of the CPU engine: kernels, bytes moved, planned peak
    memory, and what falls back to the reference, with reason and source line.

    >>> import numpy as np, isograd
    >>> def f(x, y, z):
    ...     return np.sum(x + y * z)
    >>> isograd.explain(f)(*[np.ones(1000)] * 3).plan.count("loop")
    1
    """
    jitted = f if isinstance(f, Jitted) else jit(f)

    def explained(*args, **kwargs):
        graph = jitted.graph(*args, **kwargs).graph
        return Explanation(get_backend("cpu").compile(graph), list(jitted.records.values()))
    return explained
