"""`explain`: what a compiled call will do, before it does it."""

from __future__ import annotations

import inspect

from isograd import tree
from isograd.backends.explain import describe
from isograd.refimpl.backend import get_backend
from isograd.refimpl.jit import Jitted, jit


class Explanation:
    """Prints as text; keeps what it was made from.

    plan: the FusionPlan. arena_bytes: temporaries. fallbacks: what the reference runs, with reason
    and source line. traces: the types of arguments the function was traced for so far; printed
    with what was new in each.
    """

    def __init__(self, compiled, fun, traces):
        self.compiled = compiled
        self.fun = fun
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
        return (f"{describe(self.compiled)}\n\ntraces          {len(self.traces)}\n"
                + "\n".join(_spell_traces(self.fun, self.traces)))

    __repr__ = __str__


# ---- traces, and why ----

def _spell_traces(fun, traces):
    """A line a trace: its types, and how they differ from those of the trace most like it."""
    earlier = []
    for record in traces:
        arguments = _arguments(fun, record)
        types = ", ".join(map(str, record.avals)) + "".join(
            f" {name}={value}" for name, value in _statics(fun, record).items())
        reasons = min([_differences(arguments, other) for other in earlier], key=len, default=[])
        why = ", ".join(reasons) or ("another nesting of the arguments" if earlier else "")
        yield f"  {types}{f'   because {why}' if why else ''}"
        earlier.append(arguments)


def _statics(fun, record):
    """{name: value} of the constants of a trace."""
    names = dict(enumerate(_positional(fun)))
    return {str(names.get(place, place)): repr(value) for place, _, value in record.statics}


def _arguments(fun, record):
    """{what the user calls an argument, or a leaf of it: its type or value}"""
    statics = _statics(fun, record)
    marks = range(record.closed.in_tree.num_leaves)
    args, kwargs = tree.unflatten(record.closed.in_tree, marks)
    names = [name for name in _positional(fun) if name not in statics]
    names += [f"further argument {i + 1}" for i in range(len(args) - len(names))]
    named = [*zip(names, args, strict=False), *kwargs.items()]
    return {**{f"{name}{path}": str(record.avals[mark]) for name, x in named
               for path, mark in tree.leaves_with_path(x)}, **statics}


def _positional(fun):
    try:
        parameters = inspect.signature(fun).parameters.values()
    except (ValueError, TypeError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _differences(now, before):
    return [f"{name} was {before.get(name, 'absent')}" if name in now else f"{name} is absent"
            for name in dict.fromkeys([*now, *before]) if now.get(name) != before.get(name)]


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
        return Explanation(get_backend("cpu").compile(graph), jitted.fun,
                           list(jitted.records.values()))
    return explained
