"""Builds one-Loop and one-Gemm programs, and knows the special values of every dtype."""

import numpy as np

from isograd.fastpath import Program
from isograd.fastpath.program import (
    FULL,
    MAP,
    Accum,
    Gemm,
    Instr,
    Load,
    Loop,
    Matrix,
    Register,
    Slot,
    Store,
    c_strides,
)


class LoopBuilder:
    """Collects slots, registers, loads, instructions, stores and accumulations of one Loop."""

    def __init__(self, space, row=1, mode=MAP):
        self.space, self.row, self.mode = space, row, mode
        self.slots, self.registers, self.loads, self.instrs = [], [], [], []
        self.stores, self.accums, self.inputs, self.outputs = [], [], [], []

    def register(self, dtype, level=FULL):
        self.registers.append(Register(np.dtype(dtype), level))
        return len(self.registers) - 1

    def load(self, array, level=FULL):
        """A register with an input, broadcast over the space."""
        strides = None if array.flags.c_contiguous else array.strides
        self.slots.append(Slot("input", array.dtype, array.shape, strides))
        self.inputs.append(len(self.slots) - 1)
        return self.load_slot(self.inputs[-1], np.broadcast_to(array, self.space).strides, level)

    def load_slot(self, slot, strides, level=FULL, offset=0):
        register = self.register(self.slots[slot].dtype, level)
        self.loads.append(Load(register, slot, offset, strides))
        return register

    def op(self, name, dtype, *srcs, level=FULL, ufunc=None):
        dst = self.register(dtype, level)
        self.instrs.append(Instr(name, dst, srcs, ufunc))
        return dst

    def output(self, dtype, shape):
        self.slots.append(Slot("output", np.dtype(dtype), shape))
        self.outputs.append(len(self.slots) - 1)
        return self.outputs[-1]

    def store(self, register, shape):
        slot = self.output(self.registers[register].dtype, shape)
        self.stores.append(Store(register, slot))

    def accum(self, op, register, kind, shape):
        slot = self.output(self.registers[register].dtype, shape)
        self.accums.append(Accum(op, register, kind, slot))

    def loop(self):
        return Loop(self.space, self.row, self.mode, tuple(self.registers), tuple(self.loads),
                    tuple(self.instrs), tuple(self.stores), tuple(self.accums))

    def program(self):
        return Program(self.slots, [self.loop()], self.inputs, self.outputs)


def one_op(name, result, *arrays, ufunc=None):
    """The result of one instruction on 1-d arrays."""
    builder = LoopBuilder(arrays[0].shape)
    srcs = [builder.load(a) for a in arrays]
    builder.store(builder.op(name, result, *srcs, ufunc=ufunc), arrays[0].shape)
    return builder.program()(*arrays)[0]


def gemm_program(a, b, trans_a=False, trans_b=False):
    """The program of `op(a) @ op(b)` for stored matrices; batch axes broadcast."""
    m, k = a.shape[-2:] if not trans_a else a.shape[:-3:-1]
    n = b.shape[-2] if trans_b else b.shape[-1]
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = (*batch, m, n)
    size = a.dtype.itemsize
    matrices = [Matrix(i, 0, max(1, x.shape[-1]),
                       np.broadcast_to(x, (*batch, *x.shape[-2:])).strides[:len(batch)])
                for i, x in enumerate((a, b))]
    c = Matrix(2, 0, max(1, n), c_strides(out, size)[:len(batch)])
    step = Gemm(a.dtype, trans_a, trans_b, batch, m, n, k, *matrices, c)
    slots = [Slot("input", a.dtype, a.shape), Slot("input", b.dtype, b.shape),
             Slot("output", a.dtype, out)]
    return Program(slots, [step], [0, 1], [2])


# ---- data ----

def special_values(dtype):
    """Values where operations differ: zeros of both signs, infinities, NaN, subnormals, limits."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind == "i":
        info = np.iinfo(dtype)
        return np.array([0, 1, -1, 2, -2, 3, 7, -7, info.max, info.min, info.max - 1], dtype)
    info = np.finfo(dtype)
    positive = [0.0, 1.0, 0.5, 1.5, 2.5, 3.0, 1e-3, 1e9, info.max, info.tiny,
                info.smallest_subnormal, np.inf, np.nan]
    return np.array(positive + [-x for x in positive], dtype)


def pairs(dtype, n, seed=0):
    """Two arrays of n elements: all pairs of special values first, then random ones."""
    values = special_values(dtype)
    x, y = [v.ravel() for v in np.meshgrid(values, values)]
    rng = np.random.default_rng(seed)
    more = np.dtype(dtype).type(50) * rng.standard_normal((2, n)) if dtype != "?" else \
        rng.integers(0, 2, (2, n))
    more = more.astype(dtype)
    return np.concatenate([x, more[0]])[:n], np.concatenate([y, more[1]])[:n]


def assert_same_bits(got, want):
    """Equal dtype, shape and bits; any NaN equals any NaN."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.dtype == want.dtype and got.shape == want.shape
    if got.dtype.kind != "f":
        np.testing.assert_array_equal(got, want)
        return
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    known = ~np.isnan(want)
    unsigned = f"u{got.dtype.itemsize}"
    np.testing.assert_array_equal(got[known].view(unsigned), want[known].view(unsigned))
