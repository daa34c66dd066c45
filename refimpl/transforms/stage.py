"""Staging: run a function on tracers of unknown value and keep what it did, as a Graph."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .. import tree
from ..aval import aval_of
from ..graph import Eqn, Graph, Lit, Var, format_graph, result_avals
from ..trace import (
    Trace,
    Tracer,
    count_staging,
    current_trace,
    leaked,
    running,
    source_here,
)


class StageTracer(Tracer):
    """A value that is not known yet: a variable of the graph being built."""

    __slots__ = ("variable",)       # not `var`, which is a method of arrays

    def __init__(self, trace, variable):
        self._trace = trace
        self.variable = variable
        self._base = None

    @property
    def aval(self):
        return self.variable.aval


class Captured(NamedTuple):
    """A value that the function did not get as an argument, and a copy of what it was when used.

    An array that the function changes while it is traced stands for several values: each use means
    what it held then, as when it runs un-jitted.
    """

    var: Var
    value: object
    before: object

    def has_changed(self):
        return self.before is not self.value and not same_bits(self.before, self.value)


def same_bits(x, y):
    """Whether arrays of one type hold the same: NaN equals NaN, and 0.0 is not -0.0. No copies."""
    if x.dtype.kind == "c":
        return same_bits(x.real, y.real) and same_bits(x.imag, y.imag)
    if x.dtype.itemsize not in (1, 2, 4, 8):
        return x.tobytes() == y.tobytes()
    bits = f"u{x.dtype.itemsize}"
    return np.array_equal(x.view(bits), y.view(bits))


WRITEABLE = 0x400       # NPY_ARRAY_WRITEABLE; to read flags.writeable can warn


def may_change(x):
    """Whether the elements of an array can be written to, be it by an array that it is a view of.
    """
    while isinstance(x, np.ndarray):
        if x.flags.num & WRITEABLE:
            return True
        x = x.base
    return x is not None and not isinstance(x, bytes)


def snapshot(x):
    return x.copy() if isinstance(x, np.ndarray) and may_change(x) else x


class StageTrace(Trace):
    """Append an equation for every operation, also for those on constants.

    Arrays that the function did not get as arguments (captured arrays and tracers of outer
    transformations) become hidden inputs: what is changed in place later is seen.
    """

    is_staging = True

    def __init__(self, name, parent):
        super().__init__(name, parent)
        self.records_source = True
        self.eqns = []
        self._captured = {}     # id -> the newest Captured of that array or tracer
        self._inputs = []

    @property
    def stage(self):
        return self

    def process(self, prim, args, params):
        if prim.stage is not None:
            args, params = prim.stage(args, params)
        atoms = tuple(map(self.atom, args))
        avals = result_avals(prim, [a.aval for a in atoms], params)
        outs = tuple(map(Var, avals))
        self.eqns.append(Eqn(prim, atoms, params, outs, source_here()))
        tracers = tuple(StageTracer(self, v) for v in outs)
        return tracers if prim.multiple else tracers[0]

    def atom(self, x):
        """Return the Var or Lit that stands for a value in this graph."""
        if type(x) is StageTracer and x._trace is self:
            return x.variable
        if not isinstance(x, (Tracer, np.ndarray)):
            return Lit(x)
        if isinstance(x, Tracer) and not (x._trace.alive and x._trace.encloses(self)):
            raise leaked(x)
        known = self._captured.get(id(x))
        if known is None or known.has_changed():
            known = self._captured[id(x)] = Captured(Var(aval_of(x)), x, snapshot(x))
            self._inputs.append(known)
        return known.var

    def captured(self):
        """(variable, value) of what the function used without getting it as an argument."""
        return [(c.var, c.value) for c in self._inputs]

    def lift(self, x):
        mine = type(x) is StageTracer and x._trace is self
        return x if mine else StageTracer(self, self.atom(x))

    adopt = lift        # a captured array is read again at every call

    def graph(self, inputs, outputs):
        """Return (Graph of the input Vars, captured values, which are the first inputs)."""
        atoms = tuple(map(self.atom, outputs))
        captured_vars = tuple(c.var for c in self._inputs)
        captured = [c.before if c.has_changed() else c.value for c in self._inputs]
        return Graph(captured_vars + inputs, tuple(self.eqns), atoms), captured


def stage(fun, avals, name="jit"):
    """Run `fun(*tracers) -> list of results` once; return (Graph, captured values)."""
    trace = StageTrace(name, current_trace())
    inputs = tuple(map(Var, avals))
    count_staging(1)
    try:
        with running(trace):
            outputs = fun(*[StageTracer(trace, v) for v in inputs])
            return trace.graph(inputs, outputs)
    finally:
        count_staging(-1)


def no_tracers(values):
    """Whether captured values may be kept: tracers belong to one run of a transformation."""
    return not any(isinstance(x, Tracer) for x in values)


class Flat:
    """A function over the leaves of its arguments that remembers the structure of its result.

    Arguments that it writes to are further results: `written` are their numbers.
    """

    def __init__(self, fun, in_tree):
        self.fun = fun
        self.in_tree = in_tree
        self.out_tree = None
        self.written = ()

    def __call__(self, *leaves):
        args, kwargs = tree.unflatten(self.in_tree, leaves)
        before = [x.variable for x in leaves]
        out, self.out_tree = tree.flatten(self.fun(*args, **kwargs))
        self.written = tuple([i for i, (x, variable) in enumerate(zip(leaves, before, strict=True))
                              if x.variable is not variable])
        return [*out, *[leaves[i] for i in self.written]]


class ClosedGraph(NamedTuple):
    """A Graph with the arrays it captured (its first inputs) and its pytree structures.

    written: the numbers of the leaves of the arguments that the function writes to; what they hold
    afterwards are the last results.
    """

    graph: Graph
    captured: list
    in_tree: object
    out_tree: object
    written: tuple = ()

    def __str__(self):
        count = len(self.captured)
        groups = (("captured", count), ("arguments", None)) if count else ()
        return format_graph(self.graph, groups=groups)


def stage_tree(fun, args, kwargs, name="jit"):
    """Stage a function of pytrees; the leaves may be arrays, numbers or tracers."""
    leaves, in_tree = tree.flatten((args, kwargs))
    flat = Flat(fun, in_tree)
    graph, captured = stage(flat, [aval_of(x) for x in leaves], name)
    return ClosedGraph(graph, captured, in_tree, flat.out_tree, flat.written)


def make_graph(fun):
    """Return a function that returns the Graph of `fun(*args, **kwargs)` as a ClosedGraph.

    >>> import numpy as np, isograd
    >>> print(isograd.make_graph(lambda x: np.sum(x * 2.0))(np.ones(3)))
    graph(a:f64[3])
      b:f64[3] = multiply a 2.0
      c:f64[] = sum[axes=(0,)] b
      return c
    """
    def graph_of(*args, **kwargs):
        return stage_tree(fun, args, kwargs, getattr(fun, "__name__", "make_graph"))
    return graph_of
