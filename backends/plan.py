"""FusionPlan: which kernels run on which buffers, in which order. Plain frozen data.

This is what a backend lowers, and nothing here knows a machine. Four kinds of kernels:

LoopKernel   an elementwise program over an iteration space, with reductions
GemmKernel   a batch of matrix products
RandomKernel random numbers from keys
CallKernel   one operation run by the reference, because the backend lacks it
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from ..refimpl.errors import source_line
from ..refimpl.graph import format_inner, format_params
from ..refimpl.primitive import Primitive
from .views import Layout


class Buffer(NamedTuple):
    """`role` is "input", "output" or "temp"; `index` says which input or output it is.

    strides: an input's, in elements; None if it is C-contiguous, as all outputs and temporaries
    are. A *weak* input is a Python scalar.
    """

    role: str
    index: int
    shape: tuple[int, ...]
    dtype: np.dtype
    strides: tuple[int, ...] | None = None
    weak: bool = False

    @property
    def nbytes(self):
        return prod(self.shape) * self.dtype.itemsize

    def __str__(self):
        dims = "x".join(map(str, self.shape)) or "scalar"
        return f"{self.role}{self.index} {self.dtype.name} {dims}"


class View(NamedTuple):
    """Elements of a buffer that a kernel reads."""

    buffer: int
    layout: Layout


class Const(NamedTuple):
    """A number in a kernel's text, already of the dtype that the operation wants."""

    value: object


class Op(NamedTuple):
    """One instruction: `prim(*args, **params)`, in static single assignment form.

    args: numbers of values (the kernel's inputs come first, then the body), or Const.
    over: the axes of the kernel's space that it runs along, for which arguments are broadcast.
    axes: those that its result varies along; a reduction folds the others. Values are arrays of the
    space's rank, of size 1 along axes that they do not vary along.
    """

    prim: Primitive
    args: tuple
    params: tuple
    over: tuple[int, ...]
    axes: tuple[int, ...]
    dtype: np.dtype
    source: tuple | None = None

    @property
    def is_reduction(self):
        return self.prim.kind == "reduce"


class Store(NamedTuple):
    """Write a value, broadcast along `axes`, C-contiguously into a buffer from `offset` on."""

    value: int | Const
    axes: tuple[int, ...]
    buffer: int
    offset: int = 0


class LoopKernel(NamedTuple):
    """A pass over the iteration space `shape`.

    inputs: views over the space, of size 1 along the axes that they do not vary along.
    rows: the trailing axes that make up a row, if the kernel treats rows.
    resident: whether results of a row are used again on the elements of that row, so that the row
    must be at hand as a whole (softmax); otherwise reductions only accumulate.
    Every reduction folds the rows, all the axes in front of them (a *column* sum), or everything.
    """

    shape: tuple[int, ...]
    rows: tuple[int, ...]
    resident: bool
    inputs: tuple[View, ...]
    body: tuple[Op, ...]
    outputs: tuple[Store, ...]

    kind = "loop"

    @property
    def reads(self):
        return tuple([v.buffer for v in self.inputs])

    @property
    def writes(self):
        return tuple([s.buffer for s in self.outputs])

    def axes_of(self, number):
        """The axes along which a value varies."""
        if number >= len(self.inputs):
            return self.body[number - len(self.inputs)].axes
        return tuple([i for i, n in enumerate(self.inputs[number].layout.shape) if n != 1])


class GemmKernel(NamedTuple):
    """c[..., m, n] = sum over k of a[..., m, k] * b[..., k, n]; c is C-contiguous.

    Each matrix of a and b has one axis of stride 1 (or size 1) and no stride that is not positive,
    as BLAS demands; the leading batch axes may have any strides.
    """

    inputs: tuple[View, View]
    output: int
    dtype: np.dtype
    source: tuple | None = None

    kind = "gemm"

    @property
    def reads(self):
        return tuple([v.buffer for v in self.inputs])

    @property
    def writes(self):
        return (self.output,)

    @property
    def sizes(self):
        """(batch shape, m, n, k)"""
        *batch, m, k = self.inputs[0].layout.shape
        return tuple(batch), m, self.inputs[1].layout.shape[-1], k


class RandomKernel(NamedTuple):
    """Random elements of `shape` for each key of the input, in a form: see ops/random.py."""

    input: View
    output: int
    shape: tuple[int, ...]
    form: str
    source: tuple | None = None

    kind = "random"

    @property
    def inputs(self):
        return (self.input,)

    @property
    def reads(self):
        return (self.input.buffer,)

    @property
    def writes(self):
        return (self.output,)


class CallKernel(NamedTuple):
    """`outputs = prim(*args, **params)` by the reference's implementation; args as in Op.

    weak: which inputs have to be passed as Python scalars.
    """

    prim: Primitive
    args: tuple
    params: tuple
    inputs: tuple[View, ...]
    outputs: tuple[int, ...]
    reason: str
    weak: tuple[bool, ...] = ()
    source: tuple | None = None

    kind = "call"

    @property
    def reads(self):
        return tuple([v.buffer for v in self.inputs])

    @property
    def writes(self):
        return self.outputs


class FusionPlan(NamedTuple):
    """inputs, outputs: numbers of buffers, in the order of the graph's."""

    inputs: tuple[int, ...]
    buffers: tuple[Buffer, ...]
    kernels: tuple
    outputs: tuple[int, ...]

    @property
    def temporaries(self):
        return tuple([i for i, b in enumerate(self.buffers) if b.role == "temp"])

    def count(self, kind):
        return sum(k.kind == kind for k in self.kernels)

    def __str__(self):
        return format_plan(self)


# ---- printing ----

def format_plan(plan):
    lines = [f"plan({', '.join(_names(plan, plan.inputs))})"]
    for i in range(len(plan.kernels)):
        lines += [f"  {line}" for line in format_kernel(plan, i).splitlines()]
    lines.append(f"  return {', '.join(_names(plan, plan.outputs))}")
    return "\n".join(lines)


def _names(plan, numbers):
    return [str(plan.buffers[i]) for i in numbers]


def short_name(plan, number):
    buffer = plan.buffers[number]
    return f"{buffer.role}{buffer.index}"


def format_kernel(plan, index):
    """Spell one kernel as text, one operation a line."""
    kernel = plan.kernels[index]
    return "\n".join([f"k{index} {line}" if i == 0 else f"    {line}"
                      for i, line in enumerate(_FORMATS[kernel.kind](plan, kernel))])


def _format_loop(plan, kernel):
    rows = f" rows={_dims([kernel.shape[a] for a in kernel.rows])}" if kernel.rows else ""
    yield f"loop {_dims(kernel.shape)}{rows}{' resident' * kernel.resident}"
    n = len(kernel.inputs)
    for i, view in enumerate(kernel.inputs):
        yield f"%{i} = {_view(plan, view)}"
    for i, op in enumerate(kernel.body):
        yield f"%{n + i} = {_operation(op.prim, op.args, op.params)}   : {_type(kernel, op)}"
    for store in kernel.outputs:
        where = f" from {store.offset} on" if store.offset else ""
        yield f"{plan.buffers[store.buffer]}{where} <- {_arg(store.value)}"


def _format_gemm(plan, kernel):
    batch, m, n, k = kernel.sizes
    times = f"{_dims(batch)} times " if batch else ""
    yield f"gemm {times}{m}x{k} @ {k}x{n} {kernel.dtype.name}"
    for view in kernel.inputs:
        yield _view(plan, view)
    yield f"{plan.buffers[kernel.output]} <- product"


def _format_random(plan, kernel):
    yield f"random {kernel.form} {_dims(kernel.shape)} for each key of"
    yield _view(plan, kernel.input)
    yield f"{plan.buffers[kernel.output]} <- threefry2x32"


def _format_call(plan, kernel):
    line = source_line(kernel.source)
    yield f"call {kernel.prim} by the reference: {kernel.reason}{f' ({line})' if line else ''}"
    for i, view in enumerate(kernel.inputs):
        yield f"%{i} = {_view(plan, view)}"
    targets = ", ".join(_names(plan, kernel.outputs))
    operation = _operation(kernel.prim, kernel.args, kernel.params)
    yield f"{targets} <- {operation}" if targets else operation
    for text in format_inner(dict(kernel.params), "    "):
        yield from text.splitlines()


_FORMATS = {"loop": _format_loop, "gemm": _format_gemm, "random": _format_random,
            "call": _format_call}


def _view(plan, view):
    layout = view.layout
    where = "" if layout.is_contiguous else f" strides {_dims(layout.strides, ',')}"
    offset = f" offset {layout.offset}" if layout.offset else ""
    return f"{short_name(plan, view.buffer)}[{_dims(layout.shape)}]{where}{offset}"


def _operation(prim, args, params):
    return f"{prim.name}{format_params(dict(params))} {' '.join(map(_arg, args))}"


def _arg(arg):
    return str(arg.value) if type(arg) is Const else f"%{arg}"


def _type(kernel, op):
    return f"{op.dtype.name} {_dims([kernel.shape[a] for a in op.axes])}"


def _dims(shape, separator="x"):
    return separator.join(map(str, shape)) or "scalar"
