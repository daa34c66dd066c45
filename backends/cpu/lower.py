"""From a FusionPlan to steps and slots, and with a MemoryPlan to an engine Program."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from ...fastpath import program as engine
from ...refimpl.backend import running_on
from ...refimpl.trace import EVAL, use
from ..memory import ALIGNMENT, padded
from ..plan import Const
from .loops import lower_loop

NAME = "cpu"


class Lowered(NamedTuple):
    """The steps of each kernel, and the slots that they use, before temporaries have places.

    scratch: {slot: offset} of the values that do not outlive their kernel, scratch_bytes in all.
    """

    slots: tuple
    steps: tuple[tuple, ...]
    scratch: dict
    scratch_bytes: int

    @property
    def one_pass(self):
        """The numbers of the kernels that are one step: plan_memory lets them run in place."""
        return frozenset([i for i, steps in enumerate(self.steps) if len(steps) == 1])


class Placed(NamedTuple):
    """The arguments of `isograd.fastpath.Program`."""

    slots: tuple
    steps: tuple
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    arena_bytes: int


def lower(plan, on_call):
    """Lower a plan. `on_call(kernel)` is told each time the reference runs an operation."""
    slots, steps = Slots(plan), []
    for kernel in plan.kernels:
        steps.append(tuple(_LOWER[kernel.kind](kernel, slots, on_call)))
        slots.end_kernel()
    return Lowered(tuple(slots.slots), tuple(steps), slots.scratches, slots.scratch_bytes)


def place(plan, lowered, memory):
    """Give the temporaries their places. Scratch lies behind the planned arena."""
    start = memory.arena_bytes
    offsets = {i: offset for i, offset in enumerate(memory.offsets) if offset is not None}
    offsets.update({i: start + offset for i, offset in lowered.scratch.items()})
    slots = tuple([slot._replace(offset=offsets[i]) if i in offsets else slot
                   for i, slot in enumerate(lowered.slots)])
    for kernel, steps in zip(plan.kernels, lowered.steps, strict=True):
        if len(steps) > 1:
            _check_apart(_spans(kernel.reads, slots), _spans(kernel.writes, slots))
    steps = tuple([step for steps in lowered.steps for step in steps])
    return Placed(slots, steps, plan.inputs, plan.outputs, start + lowered.scratch_bytes)


def _spans(buffers, slots):
    """(first byte, behind the last) in the arena of the temporaries among some buffers."""
    temps = [slots[b] for b in dict.fromkeys(buffers) if slots[b].kind == "temp"]
    return [(t.offset, t.offset + t.nbytes) for t in temps]


def _check_apart(reads, writes):
    """Each of several steps may read what the kernel reads, so none may write over it."""
    if any(start < other_end and other_start < end
           for start, end in reads for other_start, other_end in writes):
        raise AssertionError("a kernel of several loops writes over what it reads; "
                             "this is our bug, please report it")


class Slots:
    """The program's slots: the plan's buffers under their own numbers, then what lowering adds.

    Scratch holds accumulated values within a kernel; each kernel uses the same bytes again.
    """

    def __init__(self, plan):
        self.slots = list(map(_slot, plan.buffers))
        self.scratches = {}
        self.scratch_end = self.scratch_bytes = 0
        self.constants = {}

    def constant(self, value):
        """The slot of a number (a 0-d array)."""
        key = (value.dtype, value.tobytes())
        if key not in self.constants:
            array = np.array(value)
            array.flags.writeable = False
            self.constants[key] = self._add(engine.Slot("const", array.dtype, (), array=array))
        return self.constants[key]

    def scratch(self, dtype, shape):
        """A slot for values that do not outlive the kernel."""
        slot = engine.Slot("temp", dtype, shape)
        number = self._add(slot)
        self.scratches[number] = self.scratch_end
        self.scratch_end += max(padded(slot.nbytes), ALIGNMENT)
        self.scratch_bytes = max(self.scratch_bytes, self.scratch_end)
        return number

    def end_kernel(self):
        self.scratch_end = 0

    def _add(self, slot):
        self.slots.append(slot)
        return len(self.slots) - 1


def _slot(buffer):
    return engine.Slot(buffer.role, buffer.dtype, buffer.shape, _strides(buffer))


def _strides(buffer):
    """An input's strides in bytes; None if it is C-contiguous."""
    if buffer.strides is None:
        return None
    return tuple([s * buffer.dtype.itemsize for s in buffer.strides])


# ---- the kinds of kernels ----

def _lower_loop(kernel, slots, on_call):
    return lower_loop(kernel, slots)


def _lower_gemm(kernel, slots, on_call):
    batch, m, n, k = kernel.sizes
    size = kernel.dtype.itemsize
    (trans_a, a), (trans_b, b) = [_matrix(view, size) for view in kernel.inputs]
    strides = engine.c_strides((*batch, m, n), size)[:len(batch)]
    c = engine.Matrix(kernel.output, 0, max(1, n), strides)
    return [engine.Gemm(kernel.dtype, trans_a, trans_b, batch, m, n, k, a, b, c)]


def _matrix(view, size):
    """(whether the matrix is stored transposed, where it is)."""
    *batch_strides, row, column = view.layout.strides
    *_, m, n = view.layout.shape
    transposed = not ((n <= 1 or column == 1) and (m <= 1 or row >= n))
    lines, width, step = (n, m, column) if transposed else (m, n, row)
    leading = step if lines > 1 and step >= width else width
    return transposed, engine.Matrix(view.buffer, view.layout.offset * size, max(1, leading),
                                     tuple([s * size for s in batch_strides]))


def _operand(view, slots):
    size = slots.slots[view.buffer].dtype.itemsize
    return engine.Operand(view.buffer, view.layout.offset * size, view.layout.shape,
                          tuple([s * size for s in view.layout.strides]))


def _lower_random(kernel, slots, on_call):
    return [engine.Random(kernel.form, _operand(kernel.input, slots), prod(kernel.shape),
                          kernel.output)]


def _lower_call(kernel, slots, on_call):
    operands = [_operand(view, slots) for view in kernel.inputs]
    shapes = [slots.slots[number].shape for number in kernel.outputs]
    function = reference_function(kernel, shapes, on_call)
    return [engine.Call(function, tuple(operands), kernel.outputs)]


def reference_function(kernel, shapes, on_call):
    """The function of arrays that runs one operation as the reference does.

    shapes: those of the buffers, which may be what a later reshape made of the results.
    """
    params = dict(kernel.params)

    def run(*arrays):
        on_call(kernel)
        values = [x.item() if weak else x[()]
                  for x, weak in zip(arrays, kernel.weak, strict=True)]
        args = [a.value if type(a) is Const else values[a] for a in kernel.args]
        with use(EVAL), running_on(NAME), np.errstate(all="ignore"):
            out = kernel.prim.impl(*args, **params)
        results = out if kernel.prim.multiple else (out,)
        return [np.reshape(x, shape) for x, shape in zip(results, shapes, strict=True)]
    run.__name__ = kernel.prim.name
    return run


_LOWER = {"loop": _lower_loop, "gemm": _lower_gemm, "random": _lower_random, "call": _lower_call}
