"""Write one Loop of the engine: loads, instructions, and which registers they share."""

from __future__ import annotations

import numpy as np

from ...fastpath import program as engine
from ...refimpl.ops.linear import cast_p
from ...refimpl.primitive import PRIMITIVES
from .table import TABLE, Formula, engine_op, reduction_dtype


class TooManyRegisters(ValueError):
    """The engine has registers for so many values only."""


class LoopWriter:
    """Every value has a register of its own here; `loop` lets values that are dead share one."""

    def __init__(self, space, row, mode, slots):
        self.space = space
        self.row = row
        self.mode = mode
        self.slots = slots
        self.registers = []
        self.loads = []
        self.instrs = []
        self.stores = []
        self.accums = []
        self.constants = {}

    def new(self, dtype, level):
        self.registers.append(engine.Register(dtype, level))
        return len(self.registers) - 1

    # ---- what comes in ----

    def load(self, view, axes, level):
        """Load a view over the kernel's space; `axes` are those that this loop runs over."""
        buffer = self.slots.slots[view.buffer]
        size = buffer.dtype.itemsize
        strides = tuple([view.layout.strides[a] * size if view.layout.shape[a] != 1 else 0
                         for a in axes])
        register = self.new(buffer.dtype, level)
        self.loads.append(engine.Load(register, view.buffer, view.layout.offset * size, strides))
        return register

    def constant(self, value, level):
        """A register full of one number (of a NumPy dtype)."""
        value = np.asarray(value)
        key = (value.dtype, value.tobytes(), level)
        if key not in self.constants:
            register = self.constants[key] = self.new(value.dtype, level)
            slot = self.slots.constant(value)
            self.loads.append(engine.Load(register, slot, 0, (0,) * len(self.space)))
        return self.constants[key]

    # ---- instructions ----

    def operation(self, op, sources, level):
        """Emit an operation of a kernel; return the register of its result."""
        if op.is_reduction:
            source = self.reduction_operand(op, sources[0])
            return self._instr(op.prim.name, (source,), op.dtype, engine.ROW)
        return self.emit(op.prim, sources, op.dtype, level)

    def emit(self, prim, sources, out, level):
        row = TABLE[prim.name]
        if type(row) is Formula:
            return row.build(Emitter(self, out, level), *sources)
        dtypes = tuple([self.registers[s].dtype for s in sources])
        op = engine_op(prim, dtypes, out)
        return self._instr(op.op, tuple(sources), out, level, op.ufunc)

    def reduction_operand(self, op, source):
        """The argument of a reduction, in the dtype that it is folded in."""
        have, level = self.registers[source]
        want = reduction_dtype(op.prim.name, have, op.dtype)
        return source if have == want else self.emit(cast_p, (source,), want, level)

    def expand(self, source):
        return self._instr("expand", (source,), self.registers[source].dtype, engine.FULL)

    def _instr(self, name, sources, dtype, level, ufunc=None):
        register = self.new(dtype, level)
        self.instrs.append(engine.Instr(name, register, sources, ufunc))
        return register

    # ---- what goes out ----

    def store(self, register, slot, offset):
        size = self.registers[register].dtype.itemsize
        self.stores.append(engine.Store(register, slot, offset * size))

    def accumulate(self, name, register, kind, slot, offset):
        size = self.registers[register].dtype.itemsize
        self.accums.append(engine.Accum(name, register, kind, slot, offset * size))

    def loop(self):
        """The Loop, with few registers, so that the tiles in use stay in the fastest memory."""
        numbers, registers = share_registers(self)
        if len(registers) > engine.MAX_REGISTERS:
            raise TooManyRegisters(f"a kernel needs {len(registers)} registers")

        def renumber(records, field):
            return tuple([r._replace(**{field: numbers[getattr(r, field)]}) for r in records])

        instrs = tuple([i._replace(dst=numbers[i.dst], srcs=tuple([numbers[s] for s in i.srcs]))
                        for i in self.instrs])
        return engine.Loop(self.space, self.row, self.mode, tuple(registers),
                           renumber(self.loads, "register"), instrs,
                           renumber(self.stores, "register"), renumber(self.accums, "register"))


class Emitter:
    """What a Formula writes with: operations by name, of one dtype and level."""

    def __init__(self, writer, dtype, level):
        self.writer = writer
        self.dtype = dtype
        self.level = level

    def __call__(self, name, *sources):
        out = np.dtype(bool) if name in _PREDICATES else self.dtype
        return self.writer.emit(PRIMITIVES[name], sources, out, self.level)

    def constant(self, value):
        return self.writer.constant(self.dtype.type(value), self.level)


_PREDICATES = frozenset({"greater_equal"})


def share_registers(writer):
    """Linear scan: return ({register of the text: register of the loop}, the loop's registers).

    A loaded register may point into an input, so nothing else may be written to it; what is stored
    or accumulated must survive until the end of the tile.
    """
    numbers, registers, free = {}, [], {}
    keep = {r.register for r in (*writer.loads, *writer.stores, *writer.accums)}
    last_use = {}
    for i, instr in enumerate(writer.instrs):
        last_use.update(dict.fromkeys((*instr.srcs, instr.dst), i))

    def take(register):
        kind = writer.registers[register]
        pool = free.setdefault(kind, [])
        if pool:
            numbers[register] = pool.pop()
        else:
            numbers[register] = len(registers)
            registers.append(kind)

    for load in writer.loads:
        take(load.register)
    for i, instr in enumerate(writer.instrs):
        take(instr.dst)
        for register in {*instr.srcs, instr.dst}:
            if last_use[register] == i and register not in keep:
                free.setdefault(writer.registers[register], []).append(numbers[register])
    return numbers, registers
