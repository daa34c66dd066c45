"""Vectorisation: run a function once on whole batches, as if it saw one example."""

from __future__ import annotations

import functools
import operator
from collections.abc import Hashable

import numpy as np

from .. import tree
from ..aval import Aval, aval_of, check_array, is_python_scalar
from ..errors import ArgumentError, ShapeError, check_function
from ..graph import eval_graph, remembered
from ..mutation import values_of
from ..ops.linear import broadcast_to, moveaxis
from ..primitive import batch_rule
from ..trace import (
    AxisSize,
    Trace,
    Tracer,
    axis_name_of,
    check_alive,
    current_trace,
    running,
    use,
)
from .jvp import own
from .stage import no_tracers, stage

SPEAK_OF_AXES = ("call", "collective")      # kinds of primitives


class BatchTracer(Tracer):
    """A batch of values, the batch axis in front, that looks like one of them.

    Not batched, it is one value for all: a handle into which batches can be written.
    """

    __slots__ = ("batched", "value")

    def __init__(self, trace, value, batched=True):
        self._trace = trace
        self.value = value
        self.batched = batched
        self._base = None

    @property
    def aval(self):
        shape, dtype, weak = aval_of(self.value)
        return Aval(shape[1:] if self.batched else shape, dtype, weak)


class BatchTrace(Trace):
    """Apply each primitive's batch rule; what does not depend on the batch stays single.

    A trace whose axis has a name also sees what may speak of it: collectives of that name, and
    primitives that carry functions or graphs. Only their rules are told the name with the size.
    """

    def __init__(self, name, parent, size):
        super().__init__(name, parent)
        self.size = size
        self.length = int(size)
        self.axis = size if axis_name_of(size) is not None else None

    def process(self, prim, args, params):
        values, batched = self.split(args)
        if True not in batched and not self.is_named_in(prim, params):
            return self.constant(prim, args, self.pass_on(prim, values, params))
        size = self.size if prim.kind in SPEAK_OF_AXES else self.length
        with use(self.parent):
            out, out_batched = batch_rule(prim)(prim, size, values, batched, params)
        if prim.multiple:
            return tuple(map(self.join, out, out_batched))
        if prim.kind == "collective" and not out_batched:
            return self._array(out)     # so that each example can read it at its own place
        return self.join(out, out_batched)

    def is_named_in(self, prim, params):
        if self.axis is None:
            return False
        return prim.kind == "call" or self.axis.name in params.get("axis_names", ())

    def split(self, args):
        """Return the values and whether each has a batch axis."""
        values, batched = [], []
        for a in args:
            mine = type(a) is BatchTracer and a._trace is self
            values.append(a.value if mine else a)
            batched.append(mine and a.batched)
        return values, batched

    def join(self, value, batched):
        return BatchTracer(self, value) if batched else value

    def lift(self, x):
        mine = type(x) is BatchTracer and x._trace is self
        return x if mine else BatchTracer(self, x, False)


def vmap_flat(fun, size, args, batched, name="vmap"):
    """Run `fun(*args) -> list` over batches; return (results, whether each is batched)."""
    trace = BatchTrace(name, current_trace(), size)
    if trace.is_inner:
        args = values_of(args)
    with running(trace):
        outs = fun(*map(trace.join, args, batched))
    outs, batched = trace.split(outs)
    return check_alive(outs), batched


def vmap(f, in_axes=0, out_axes=0, axis_size=None, axis_name=None):
    """Return a function that maps f over an axis of its arguments.

    in_axes: an int, None (the argument is not mapped), or a tuple with one entry a positional
    argument, each a pytree prefix of it. out_axes: likewise for the result. Keyword arguments are
    mapped over axis 0. axis_size is needed only if nothing is mapped. axis_name: a name for
    the axis (hashable, no tuple), by which f can speak of the whole batch: `lax.psum(x, name)`.
    Floating-point warnings are off while f runs.

    Raises ArgumentError if in_axes does not fit the arguments, ShapeError if the sizes disagree.
    """
    check_function("vmap", f)

    @functools.wraps(f)
    def vmapped(*args, **kwargs):
        in_tree, leaves, axes = _mapped_leaves(args, kwargs, in_axes)
        size = named_size(_axis_size(args, kwargs, leaves, axes, axis_size), axis_name)
        values = [x if ax is None else moveaxis(x, ax, 0)
                  for x, ax in zip(leaves, axes, strict=True)]
        box = {}

        def fun(*flat):
            call_args, call_kwargs = tree.unflatten(in_tree, flat)
            outs, box["out"] = tree.flatten(f(*call_args, **call_kwargs))
            return outs

        name = f"vmap of {getattr(f, '__name__', 'a function')}"
        with np.errstate(all="ignore"):
            outs, batched = vmap_flat(fun, size, values, [ax is not None for ax in axes], name)
        out = tree.unflatten(box["out"], outs)
        wanted = _axes(out_axes, out, "out_axes")
        placed = [_place(x, b, ax, size) for x, b, ax in zip(outs, batched, wanted, strict=True)]
        return tree.unflatten(box["out"], own(placed, leaves))
    return vmapped


def named_size(size, name):
    """The size of an axis that has this name, if it is not None."""
    if name is None:
        return int(size)
    if isinstance(name, tuple) or not isinstance(name, Hashable):
        raise ArgumentError("an axis has one name, which is hashable and not a tuple",
                            got=repr(name), instead="axis_name='i'")
    return AxisSize(size, name)


def _mapped_leaves(args, kwargs, in_axes):
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)
    if isinstance(in_axes, tuple) and len(in_axes) != len(args):
        raise ArgumentError("vmap: in_axes has one entry a positional argument",
                            got=f"{len(in_axes)} entries for {len(args)} arguments",
                            wanted=f"an int, None or a tuple of {len(args)}")
    axes = _axes(in_axes, args, "in_axes") + [0] * len(tree.leaves(kwargs))
    leaves, in_tree = tree.flatten((args, kwargs))
    return in_tree, [check_array(x, "vmap") for x in leaves], axes


def _axes(prefix, values, name):
    """The axis of each leaf of some values, an int or None."""
    axes = tree.prefix_leaves(prefix, values, f"vmap: {name}")
    try:
        return [None if axis is None else operator.index(axis) for axis in axes]
    except TypeError:
        raise ArgumentError(f"vmap: an entry of {name} is no axis", got=repr(prefix),
                            wanted="an int, None, or a pytree of these") from None


_FOR_NO_AXIS = {     # whether the leaf is a Python number: what to write instead
    False: "another in_axes, or None",
    True: "np.array([...]) for a list, each entry of which is a leaf; another in_axes, or None"}


def _axis_size(args, kwargs, leaves, axes, axis_size):
    sizes = {}
    for i, (x, ax) in enumerate(zip(leaves, axes, strict=True)):
        if ax is None:
            continue
        shape = aval_of(x).shape
        if not -len(shape) <= ax < len(shape):
            raise ShapeError(f"vmap: leaf {i} of the arguments has no axis {ax}",
                             got=f"shape {shape}", instead=_FOR_NO_AXIS[is_python_scalar(x)])
        sizes.setdefault(shape[ax], i)
    if axis_size is not None:
        sizes.setdefault(axis_size, "axis_size")
    if len(sizes) > 1:
        names = [name for name, _ in tree.leaves_with_path((args, kwargs))]
        spelled = ", ".join(f"{names[i] if isinstance(i, int) else i} has {n}"
                            for n, i in sizes.items())
        raise ShapeError("vmap: the mapped axes have different sizes", got=spelled,
                         wanted="one size")
    if not sizes:
        raise ArgumentError("vmap: nothing is mapped", got="in_axes without an axis",
                            instead="in_axes=0, or axis_size=n")
    return next(iter(sizes))


def _place(x, batched, axis, size):
    if axis is None:
        if batched:
            raise ArgumentError("vmap: out_axes is None for a result that depends on the batch",
                                instead="out_axes=0, or reduce the result over the batch")
        return x
    if not batched:
        x = broadcast_to(x, (int(size), *aval_of(x).shape))
    ndim = aval_of(x).ndim
    if not -ndim <= axis < ndim:
        raise ArgumentError(f"vmap: out_axes names axis {axis} of a result with {ndim} axes",
                            wanted=f"-{ndim} <= axis < {ndim}")
    return moveaxis(x, 0, axis)


# ---- graphs ----

def batch_graph(graph, size, batched):
    """Return (Graph over batches, captured values, whether each output is batched)."""
    def make():
        result = _batch_graph(graph, size, batched)
        return result, no_tracers(result[1])
    return remembered(graph, "vmap", (size, axis_name_of(size), tuple(batched)), make)


def _batch_graph(graph, size, batched):
    box = []

    def fun(*args):
        outs, out_batched = vmap_flat(lambda *xs: eval_graph(graph, xs), size, args, batched)
        box.append(out_batched)
        return outs

    avals = [Aval((int(size), *v.aval.shape), v.aval.dtype) if b else v.aval
             for v, b in zip(graph.inputs, batched, strict=True)]
    return *stage(fun, avals, "vmap"), box[0]
