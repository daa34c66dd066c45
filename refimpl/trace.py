"""Trace and Tracer: how one run of a Python function comes to mean something else.

Each transformation runs the user's function on *tracers*. Every operation goes through `bind`,
which hands it to the current trace; the trace unwraps its own tracers, does its work with its
*parent* trace as the current one, and wraps the results. At the bottom `EvalTrace` runs NumPy.

A trace knows its own tracers by identity, so values of outer transformations pass through inner
ones as constants: closures over tracers work, and perturbations cannot be confused.
(Compare the "stackless" design of jax/docs/autodidax2_part1.py.)
"""

from __future__ import annotations

import threading

import numpy as np

from .aval import Aval
from .errors import IsogradError, LeakedTracerError, source_line, user_frame


class Trace:
    """One activation of a transformation. `process` gives an operation its meaning there."""

    thread = None
    axis = None         # the AxisSize of the batch axis that this trace binds a name to
    is_staging = False      # whether values are unknown, and what is done to them is written down

    def __init__(self, name, parent):
        self.name = name
        self.parent = parent
        self.alive = True
        self.is_inner = parent is not EVAL
        self.records_source = parent.records_source
        self.thread = threading.get_ident()
        frame = user_frame()
        self._started = frame and (frame.f_code, frame.f_lineno)

    @property
    def origin(self):
        """The user's line that started this transformation."""
        return source_line(self._started)

    @property
    def stage(self):
        """The trace that stages the graph that this runs in, or None."""
        return self.parent and self.parent.stage

    def process(self, prim, args, params):
        raise NotImplementedError

    def pass_on(self, prim, args, params):
        """Leave an operation on values that are constants here to the parent.

        Functions that the operation carries run there too, so they cannot close over this trace's
        values: whether they do must not depend on what the parent does with them.
        """
        if prim.stage is None:
            return self.parent.process(prim, args, params)
        with use(self.parent) as parent:
            return parent.process(prim, args, params)

    def lift(self, x):
        """A value that is constant here as a tracer of this trace, a handle to write into."""
        return x

    def adopt(self, x):
        """Like lift, for a plain array that the user may still change."""
        return self.lift(x.copy() if type(x) is np.ndarray else x)

    def constant(self, prim, args, out):
        """A result that is constant here; it stays traced if an operand was a handle to write into.
        """
        if not any(isinstance(a, Tracer) and a._trace is self for a in args):
            return out
        return tuple(map(self._array, out)) if prim.multiple else self._array(out)

    def _array(self, x):
        return self.lift(x) if getattr(x, "shape", ()) else x

    def named_axes(self):
        """{name: size} of the axes that are bound here, the innermost of each name."""
        axes, trace = {}, self
        while trace is not None:
            if trace.axis is not None:
                axes.setdefault(trace.axis.name, int(trace.axis))
            trace = trace.parent
        return axes

    def encloses(self, trace):
        """Whether `trace` is this one or one that was started while this one ran."""
        while trace is not None and trace is not self:
            trace = trace.parent
        return trace is self


class AxisSize(int):
    """The size of a batch axis that has a name, by which collectives find it.

    Wherever a rule hands a batch on (to the graph that it carries, to a rule of the user's that
    runs later), it hands on the size, and so the name.
    """

    def __new__(cls, size, name):
        axis = super().__new__(cls, size)
        axis.name = name
        return axis


def axis_name_of(size):
    """The name of a batch axis, or None."""
    return getattr(size, "name", None)


class Tracer:
    """What a transformed function sees in place of an array.

    Operators, methods and NumPy's protocols are attached by `numpy_protocol`. `_base` and `_views`
    tell which elements are shared, None if none are: see `mutation`.
    """

    __slots__ = ("__weakref__", "_base", "_trace", "_views")
    __array_priority__ = 1000

    @property
    def aval(self) -> Aval:
        raise NotImplementedError


class EvalTrace(Trace):
    """The bottom: run the primitive's own implementation, which is NumPy."""

    def __init__(self):
        self.name, self.parent, self.alive = "evaluation", None, True
        self.records_source, self._started = False, None

    def process(self, prim, args, params):
        for a in args:
            if isinstance(a, Tracer):
                raise leaked(a)
        return prim.impl(*args, **params)


EVAL = EvalTrace()

# Whether a function is being staged, in any thread. Then a fast path that would run a compiled
# function at once must ask `current_trace` first.
STAGING = bytearray(1)
_staging_count = 0
_staging_lock = threading.Lock()


def count_staging(change):
    global _staging_count
    with _staging_lock:
        _staging_count += change
        STAGING[0] = _staging_count > 0


class _Current(threading.local):
    trace: Trace = EVAL
    source = None       # the user's line of an equation that is being run again


CURRENT = _Current()


def bind(prim, *args, **params):
    """Apply a primitive: arrays are positional, metadata is by keyword."""
    return CURRENT.trace.process(prim, args, params)


def current_trace():
    return CURRENT.trace


def bottom_of(trace):
    """The trace under all others, which evaluates: EVAL, or one that watches it."""
    while trace.parent is not None:
        trace = trace.parent
    return trace


def source_here():
    """Return (code object, line) of the user's program, for the equations of a graph."""
    if CURRENT.source is not None:
        return CURRENT.source
    frame = user_frame()
    return frame and (frame.f_code, frame.f_lineno)


class source_of:
    """Context manager: what is traced inside stems from this source line, if there is one."""

    __slots__ = ("previous", "source")

    def __init__(self, source):
        self.source = source

    def __enter__(self):
        self.previous = CURRENT.source
        CURRENT.source = self.source or self.previous

    def __exit__(self, *exception):
        CURRENT.source = self.previous


class use:
    """Context manager: make `trace` the current one (a class, for it runs at every operation)."""

    __slots__ = ("previous", "trace")

    def __init__(self, trace):
        self.trace = trace

    def __enter__(self):
        self.previous = CURRENT.trace
        CURRENT.trace = self.trace
        return self.trace

    def __exit__(self, *exception):
        CURRENT.trace = self.previous


class running(use):
    """Like `use`, for the whole run of the user's function: afterwards the trace is dead."""

    __slots__ = ()

    def __exit__(self, kind, error, traceback):
        CURRENT.trace = self.previous
        self.trace.alive = False
        # NumPy hides what `plain_array[0] = traced` raises behind a ValueError.
        if isinstance(error, ValueError) and isinstance(error.__cause__, IsogradError):
            note = str(error.__cause__)
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)


def leaked(tracer):
    """Return the error for a tracer that turned up where its transformation is not running."""
    trace = tracer._trace
    state, instead = _escape(trace)
    return LeakedTracerError(
        f"a traced value {tracer.aval} of {trace.name} escaped: that transformation {state}",
        got=f"a tracer of {trace.name}, started at {trace.origin or 'an unknown line'}",
        wanted="a value of this call", instead=instead)


def _escape(trace):
    """Say what became of a tracer's trace, and what to write instead."""
    if not trace.alive:
        return ("has finished",
                "return the value from the transformed function, or pass it as an argument; "
                "do not keep it in a global, an attribute, a list or a closure of a custom rule")
    if trace.thread not in (None, threading.get_ident()):
        return (f"runs in another thread than {threading.current_thread().name}",
                "transform the function in the thread that runs it")
    return ("is not the one running here",
            "pass the value as an argument: a function with a custom rule, and the rule, "
            "cannot close over it")


def check_alive(values):
    """Return the results of a transformed function; raise if one is of a finished transformation.
    """
    for x in values:
        if isinstance(x, Tracer) and not x._trace.alive:
            raise leaked(x)
    return values
