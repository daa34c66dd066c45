"""Backends: the protocol through which `jit` gets executables, and their registry.

The reference backend interprets the graph with NumPy: it *is* the meaning, and every other backend
must match it. A package adds a backend by the entry-point group `isograd.backends` (the entry
point's name is the backend's name, its value a function without arguments that returns it).
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import NamedTuple, Protocol

import numpy as np

from .errors import BackendError
from .graph import Graph, eval_graph, remembered
from .trace import bottom_of, current_trace, use


class Executable(Protocol):
    """A compiled graph."""

    def run(self, leaves) -> list:
        """Take arrays and numbers as the graph's inputs; return fresh, C-contiguous arrays.

        Results never share memory with the inputs or with each other; 0-d results are NumPy
        scalars.
        """

    def repeat(self, args, consts, carry, length, reverse=False, until=False):
        """Optional: run as the body of a loop, as `control` says it, all steps at once.

        args: consts, the state, xs. Returns the last state and ys. With `until` there are no xs,
        and it goes round at least once, until the result after the state is false; if there are ys
        behind it, no more than `length` times.
        Returns None where it cannot.
        """


def repeated(executable, *args, **options):
    """What `executable.repeat` returns, or None."""
    repeat = getattr(executable, "repeat", None)
    return repeat and repeat(*args, **options)


class Entry(NamedTuple):
    """What a call cache runs: `unflatten(executable.run(captured + leaves))`."""

    executable: Executable
    captured: tuple
    unflatten: object


class CallCache:
    """How a jitted function finds its executable: here, by asking `miss(args, kwargs)` each time.

    `miss` returns (result, Entry or None). A fast backend keeps the entries by the signature of the
    arguments (types, dtypes, shapes, layouts, nesting), and asks only for new signatures, or while
    the first byte of `staging` says that some function is being traced.
    """

    def __init__(self, miss, static_argnums, static_argnames, staging):
        self.miss = miss

    def __call__(self, *args, **kwargs):
        return self.miss(args, kwargs)[0]

    def clear(self):
        _CHOICE.running = self.name


class Backend(Protocol):
    """A way to run graphs."""

    name: str
    call_cache: type

    def compile(self, graph: Graph, layouts=None) -> Executable:
        """Compile for inputs with the given strides in bytes (None: C-contiguous)."""


class Interpreted:
    """The reference's executable: run the equations one by one."""

    def __init__(self, graph):
        self.graph = graph

    def run(self, leaves):
        bottom = bottom_of(current_trace())
        with use(bottom), running_on(ReferenceBackend.name), np.errstate(all="ignore"):
            return [np.array(x, order="C")[()] for x in eval_graph(self.graph, leaves)]


class ReferenceBackend:
    """The definition."""

    name = "reference"
    call_cache = CallCache

    def compile(self, graph, layouts=None):
        return Interpreted(graph)


# ---- the registry ----

_backends = {"reference": ReferenceBackend()}


class _Choice(threading.local):
    """Of a thread: the backend chosen by use_backend, and the one whose program is running."""

    chosen = os.environ.get("ISOGRAD_BACKEND")
    running = None


_CHOICE = _Choice()
GROUP = "isograd.backends"


def register_backend(backend):
    """Make a backend known by its name; a later one of the same name replaces it."""
    _backends[backend.name] = backend
    return backend


def backend_names():
    """The names of all backends that can be had here."""
    return sorted({*_backends, *(point.name for point in entry_points(group=GROUP))})


def get_backend(name=None):
    """Return the backend of this name, or the default: the fastest that works on any machine.

    For the programs inside a program that is running, the default is the backend that runs it.
    """
    name = (name or _CHOICE.running or _CHOICE.chosen
            or ("cpu" if "cpu" in _backends else "reference"))
    if name not in _backends:
        for point in entry_points(group=GROUP, name=name):
            register_backend(point.load()())
    if name not in _backends:
        raise BackendError(f"there is no backend {name!r}", got=name,
                           wanted=" or ".join(backend_names()))
    return _backends[name]


@contextmanager
def use_backend(name):
    """Context manager: jitted functions use this backend by default inside, in this thread."""
    previous, _CHOICE.chosen = _CHOICE.chosen, get_backend(name).name
    try:
        yield get_backend(name)
    finally:
        _CHOICE.chosen = previous


class running_on:
    """Context manager, for backends: the programs that operations carry run here, too."""

    __slots__ = ("name", "previous")

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.previous = _CHOICE.running
        _CHOICE.running = self.name

    def __exit__(self, *exception):
        _CHOICE.running = self.previous


# ---- executables of graphs that appear as operations ----

LAYOUTS = 64    # executables that are kept for a graph: one for each memory layout of its inputs


def executable_of(graph, backend_name=None, layouts=None):
    """Compile a graph once per backend and layouts (see Backend.compile); the latest are kept."""
    backend = get_backend(backend_name)
    known = remembered(graph, "executables", backend.name, lambda: ({}, True))
    executable = known.get(layouts)
    if executable is None:
        executable = known[layouts] = backend.compile(graph, layouts)
        for oldest in list(known)[:-LAYOUTS]:
            known.pop(oldest, None)
    return executable
