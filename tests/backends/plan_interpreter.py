"""Run a FusionPlan with NumPy from the plan alone: what its records mean, without any engine."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from isograd.backends.plan import Const, View
from isograd.backends.views import Layout, contiguous, span
from isograd.refimpl.ops.random import sample

REDUCTIONS = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum,
              "any": np.logical_or, "all": np.logical_and}


class Memory:
    """One buffer: `flat[origin]` is the first element, from which layouts count."""

    def __init__(self, layout, dtype):
        low, high = span(layout)
        self.flat = np.full(max(high - low + 1, 0), 99, dtype)
        self.origin = -low

    def view(self, layout):
        low, high = span(layout)
        assert layout.size == 0 or (self.origin + low >= 0 and self.origin + high < self.flat.size)
        start = self.flat[self.origin + layout.offset:] if layout.size else self.flat[:0]
        strides = [s * self.flat.itemsize for s in layout.strides]
        return as_strided(start, layout.shape, strides)


def run_plan(plan, args, layouts=None):
    """Return the list of results. layouts: strides in bytes of the arguments, as in `fuse`."""
    memory = [Memory(contiguous(b.shape), b.dtype) for b in plan.buffers]
    for number, x, strides in zip(plan.inputs, args, layouts or (None,) * len(args), strict=True):
        buffer = plan.buffers[number]
        layout = contiguous(buffer.shape)
        if strides is not None:
            layout = Layout(buffer.shape, tuple(s // buffer.dtype.itemsize for s in strides))
        memory[number] = Memory(layout, buffer.dtype)
        memory[number].view(layout)[...] = x
    with np.errstate(all="ignore"):
        for kernel in plan.kernels:
            RUN[kernel.kind](kernel, memory)
    return [view(memory, View(i, contiguous(plan.buffers[i].shape))).copy()[()]
            for i in plan.outputs]


def view(memory, v):
    """The ndarray that a View stands for."""
    return memory[v.buffer].view(v.layout)


def whole(memory, number):
    """A buffer that a kernel writes, as one line."""
    return memory[number].flat


def run_loop(kernel, memory):
    values = [view(memory, v) for v in kernel.inputs]

    def read(arg):
        return arg.value if type(arg) is Const else values[arg]

    for op in kernel.body:
        over = tuple(n if i in op.over else 1 for i, n in enumerate(kernel.shape))
        args = [np.broadcast_to(read(a), over) for a in op.args]
        run = reduce if op.is_reduction else apply
        out = run(op, *args)
        expected = tuple(n if i in op.axes else 1 for i, n in enumerate(kernel.shape))
        assert np.shape(out) == expected and out.dtype == op.dtype, (op, np.shape(out), out.dtype)
        values.append(out)
    for store in kernel.outputs:
        shape = tuple(n if i in store.axes else 1 for i, n in enumerate(kernel.shape))
        value = np.broadcast_to(read(store.value), shape).ravel()
        whole(memory, store.buffer)[store.offset:store.offset + value.size] = value


def apply(op, *args):
    return op.prim.impl(*args, **dict(op.params))


def reduce(op, x):
    folded = tuple(i for i in op.over if i not in op.axes)
    if op.prim.name in REDUCTIONS:
        return REDUCTIONS[op.prim.name].reduce(x, folded, dtype=op.dtype, keepdims=True)
    out = op.prim.impl(x, axes=folded)
    return np.asarray(np.expand_dims(out, folded))


def run_gemm(kernel, memory):
    a, b = (view(memory, v) for v in kernel.inputs)
    whole(memory, kernel.output)[...] = np.matmul(a, b).ravel()


def run_call(kernel, memory):
    values = [view(memory, v)[()] for v in kernel.inputs]
    args = [a.value if type(a) is Const else values[a] for a in kernel.args]
    outs = kernel.prim.impl(*args, **dict(kernel.params))
    for number, out in zip(kernel.outputs, outs if kernel.prim.multiple else (outs,), strict=True):
        whole(memory, number)[...] = np.ravel(out)


def run_random(kernel, memory):
    out = sample(view(memory, kernel.input), kernel.shape, kernel.form)
    whole(memory, kernel.output)[...] = np.ravel(out)


RUN = {"loop": run_loop, "gemm": run_gemm, "random": run_random, "call": run_call}
