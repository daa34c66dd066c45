"""jit: trace a function once per type of its arguments, compile the graph, and run that.

`checkpoint` traces in the same way, for another end.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from typing import NamedTuple

import numpy as np

from . import tree
from .aval import aval_of, check_array
from .backend import Entry, executable_of, get_backend
from .call import call_p, checkpoint_p, weaken_results
from .errors import ArgumentError, check_function
from .mutation import WritingExecutable, check_targets, write_back
from .trace import EVAL, STAGING, Tracer, bind, current_trace
from .transforms.stage import ClosedGraph, stage_tree


class TraceRecord(NamedTuple):
    """One tracing of a jitted function: which arguments made it necessary."""

    avals: tuple
    statics: tuple
    closed: ClosedGraph


class Jitted:
    """A function that is compiled for each new type of arguments. Made by `jit`.

    Arrays that the function captures are hidden inputs, with the promises that `jit` states.
    Results are fresh, C-contiguous arrays, or Python numbers where Python would compute them.
    """

    def __init__(self, fun, static_argnums, static_argnames, backend):
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.name = getattr(fun, "__name__", type(fun).__name__)
        self.backend = backend
        self.statics = _Statics(fun, static_argnums, static_argnames)
        self.records = {}
        self._caches = {}

    def __call__(self, *args, **kwargs):
        return self._cache()(*args, **kwargs)

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def _cache(self):
        backend = get_backend(self.backend)
        cache = self._caches.get(backend.name)
        if cache is None:
            miss = functools.partial(_miss, weakref.ref(self), backend)
            cache = self._caches[backend.name] = backend.call_cache(
                miss, self.statics.argnums, self.statics.argnames, STAGING)
        return cache

    def _miss(self, backend, args, kwargs):
        """Run a call that the cache does not know; return (result, Entry to remember or None)."""
        leaves, record = self.record(args, kwargs)
        graph, captured, _, out_tree, written = record.closed
        values = [*captured, *leaves]
        if current_trace() is not EVAL or any(isinstance(x, Tracer) for x in values):
            return self.apply(call_p, args, kwargs, leaves, record.closed, self.backend), None
        executable = executable_of(graph, backend.name, _layouts(values))
        unflatten = _unflatten(graph.outputs[:out_tree.num_leaves], out_tree)
        if written:
            executable = WritingExecutable(executable, captured, written, self.name)
            out = unflatten(executable.run_into(self.leaves(args, kwargs), values))
        else:
            out = unflatten(executable.run(values))
        alone = out_tree.is_leaf() and not graph.outputs[0].aval.weak
        return out, Entry(executable, tuple(captured), None if alone else unflatten)

    def leaves(self, args, kwargs):
        """The dynamic leaves of the arguments, as the caller gave them."""
        return tree.leaves(self.statics.split(args, kwargs)[1])

    def apply(self, prim, args, kwargs, leaves, closed, backend):
        """Bind a primitive that carries the graph; return the result as the user's function."""
        if closed.written:
            targets = self.leaves(args, kwargs)
            check_targets(targets, closed.written, closed.captured, self.name)
        outs = bind(prim, *closed.captured, *leaves, graph=closed.graph, name=self.name,
                    backend=backend)
        n = closed.out_tree.num_leaves
        if closed.written:
            write_back(targets, closed.written, outs[n:], self.name)
        return tree.unflatten(closed.out_tree, list(outs[:n]))

    def record(self, args, kwargs):
        """Return (dynamic leaves, TraceRecord) for a call, tracing if its types are new."""
        statics, dynamic, rebuild = self.statics.split(args, kwargs)
        leaves, in_tree = tree.flatten(dynamic)
        leaves = [check_array(x, f"jit of {self.name}") for x in leaves]
        avals = tuple([aval_of(x) for x in leaves])
        axes = tuple(current_trace().named_axes().items())
        key = (in_tree, avals, tuple(map(static_key, statics)), axes)
        record = self.records.get(key)
        if record is None:
            record = self._trace(rebuild, tree.unflatten(in_tree, leaves), avals, statics)
            if not any(isinstance(x, Tracer) for x in record.closed.captured):
                self.records[key] = record
        return leaves, record

    def _trace(self, rebuild, dynamic, avals, statics):
        def fun(*args, **kwargs):
            args, kwargs = rebuild(args, kwargs)
            return self.fun(*args, **kwargs)
        closed = stage_tree(fun, *dynamic, f"jit of {self.name}")
        return TraceRecord(avals, statics, closed)

    def graph(self, *args, **kwargs):
        """Return the ClosedGraph that a call with these arguments runs."""
        return self.record(args, kwargs)[1].closed

    def clear_cache(self):
        """Forget every trace and executable of this function."""
        self.records.clear()
        for cache in self._caches.values():
            cache.clear()


def _miss(jitted, backend, args, kwargs):
    """Jitted._miss by a weak reference: no cycle keeps captured arrays alive."""
    return jitted()._miss(backend, args, kwargs)


def _unflatten(outputs, out_tree):
    """The function from an executable's list of results to what the user's function returns."""
    if any(a.aval.weak for a in outputs):
        return lambda results: tree.unflatten(out_tree, weaken_results(outputs, results))
    return functools.partial(tree.unflatten, out_tree)


def _layouts(values):
    """Strides in bytes of each value that is not C-contiguous; None if all are."""
    layouts = tuple([None if not isinstance(x, np.ndarray) or x.flags.c_contiguous else x.strides
                     for x in values])
    return None if layouts.count(None) == len(layouts) else layouts


class _Statics:
    """Which arguments are compile-time constants."""

    def __init__(self, fun, argnums, argnames):
        self.argnums = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        self.argnames = (argnames,) if isinstance(argnames, str) else tuple(argnames)
        _check_names(fun, self.argnums, self.argnames)
        self.argnums, self.argnames = _both_ways(fun, self.argnums, self.argnames)

    def split(self, args, kwargs):
        """Return (hashable statics, (dynamic args, kwargs), function that puts them together)."""
        if not self.argnums and not self.argnames:
            return (), (args, kwargs), lambda a, k=None: (a, k)
        nums = {n % len(args) for n in self.argnums if -len(args) <= n < len(args)}
        statics = tuple((n, type(args[n]), args[n]) for n in sorted(nums))
        statics += tuple((k, type(kwargs[k]), kwargs[k])
                         for k in sorted(kwargs) if k in self.argnames)
        _check_hashable(statics)
        dynamic = (tuple(x for i, x in enumerate(args) if i not in nums),
                   {k: x for k, x in kwargs.items() if k not in self.argnames})

        def rebuild(dynamic_args, dynamic_kwargs=None):
            values = iter(dynamic_args)
            full = [args[i] if i in nums else next(values) for i in range(len(args))]
            named = {k: x for k, x in kwargs.items() if k in self.argnames}
            return full, {**(dynamic_kwargs or {}), **named}
        return statics, dynamic, rebuild


def _both_ways(fun, argnums, argnames):
    """An argument that is static by position is static by name too, and the other way round."""
    try:
        names = [p.name for p in inspect.signature(fun).parameters.values()
                 if p.kind == p.POSITIONAL_OR_KEYWORD]
    except (ValueError, TypeError):
        return argnums, argnames
    by_name = tuple(names[n] for n in argnums if -len(names) <= n < len(names))
    by_number = tuple(names.index(k) for k in argnames if k in names)
    return (tuple(dict.fromkeys(argnums + by_number)), tuple(dict.fromkeys(argnames + by_name)))


def _check_names(fun, argnums, argnames):
    if not all(isinstance(n, int) for n in argnums) or not all(
            isinstance(k, str) for k in argnames):
        raise ArgumentError("jit: static_argnums are ints, static_argnames are strings",
                            got=f"{argnums!r}, {argnames!r}")
    try:
        parameters = inspect.signature(fun).parameters
    except (ValueError, TypeError):
        return
    kinds = {p.kind for p in parameters.values()}
    unknown = [k for k in argnames if k not in parameters]
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        raise ArgumentError(f"jit: {getattr(fun, '__name__', 'the function')} has no argument "
                            f"{unknown[0]!r}", wanted=", ".join(parameters))
    if inspect.Parameter.VAR_POSITIONAL not in kinds and any(
            not -len(parameters) <= n < len(parameters) for n in argnums):
        raise ArgumentError("jit: static_argnums is out of range", got=str(argnums),
                            wanted=f"less than {len(parameters)}")


def static_key(x):
    """What tells static values apart: also 1, 1.0 and True, or 0.0 and -0.0, inside of tuples."""
    if type(x) is tuple:
        return (tuple, *map(static_key, x))
    return type(x), repr(x) if type(x) in (float, complex) else x


def _check_hashable(statics):
    for name, kind, value in statics:
        try:
            hash(value)
        except TypeError:
            raise ArgumentError(f"jit: static argument {name} is not hashable",
                                got=kind.__name__,
                                instead="a tuple, a frozen dataclass, or a traced argument"
                                ) from None


def jit(fun=None, *, static_argnums=(), static_argnames=(), backend=None):
    """Compile a function of pytrees of arrays: trace, fuse, run. Usable as a decorator.

    static_argnums, static_argnames: arguments that are hashable constants of the compilation; a new
    value means a new trace. backend: the name of a backend; by default the one in use.
    The function runs as Python once per new combination of dtypes, shapes and nesting; there is no
    compiler to wait for. Floating-point warnings are off inside.

    Captured arrays (globals, closures): an array object that an operation on a traced value used
    directly is read again at every call, so changes made in place are seen. Not seen are another
    array bound to the same name, and what NumPy computed of captured arrays alone: both happened
    while the function was traced. An array that the function itself changes while it is traced
    keeps, for each use, the contents that it had then. `clear_cache()` forgets it all.

    An argument that the function writes to (`x[i] = v`) is written to by each call, as un-jitted,
    once the results are computed. Raises InPlaceError if it is read-only, or shares elements with
    another argument or a captured array.
    """
    if fun is None:
        return functools.partial(jit, static_argnums=static_argnums,
                                 static_argnames=static_argnames, backend=backend)
    check_function("jit", fun)
    if isinstance(fun, Jitted) and not static_argnums and not static_argnames and backend is None:
        return fun
    return Jitted(fun, static_argnums, static_argnames, backend)


def checkpoint(fun):
    """Return fun, differentiated in less memory: reverse mode computes its inner values again.

    fun is traced, once for each type of arguments: its Python control flow may depend on shapes,
    but not on traced numbers. Griewank and Walther, *Evaluating Derivatives*, chapter 12.
    """
    traced = jit(fun)

    @functools.wraps(fun)
    def checkpointed(*args, **kwargs):
        leaves, record = traced.record(args, kwargs)
        return traced.apply(checkpoint_p, args, kwargs, leaves, record.closed, None)
    return checkpointed


remat = checkpoint
