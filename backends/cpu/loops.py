"""From a LoopKernel to the engine's Loops: modes, registers, instructions.

Most kernels are one Loop. What is only known when the pass is done (a sum over everything, or over
columns, or over rows that are too long to stay at hand) is *accumulated* into memory, and the rest
of the kernel becomes a second, small Loop over the accumulated values.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ...fastpath import program as engine
from ..cluster import ROW_LIMIT
from ..plan import Const, Op, Store, View
from ..views import Layout, dense_strides
from .registers import LoopWriter, TooManyRegisters


class Accumulation(NamedTuple):
    """A reduction (the number of its value) into a slot from an element on."""

    value: int
    op: Op
    slot: int
    offset: int


class Pass(NamedTuple):
    """One Loop to be written: the axes of the kernel's space that it runs over, how, and for what.

    row: how many trailing elements make up a row. targets: Stores and Accumulations.
    """

    axes: tuple[int, ...]
    mode: int
    row: int
    targets: tuple


def lower_loop(kernel, slots):
    """Return the engine's Loops of a kernel; `slots` gives numbers to constants and scratch.

    There is nothing to do over an empty space: plans put no result in such a kernel that is not
    empty itself.
    """
    if 0 in kernel.shape:
        return []
    lowering = Lowering(kernel, slots)
    return [loop for p in lowering.passes() for loop in lowering.write(p)]


class Lowering:
    """places: for each value that an earlier pass left in memory, the View of it."""

    def __init__(self, kernel, slots):
        self.kernel = kernel
        self.slots = slots
        self.first = len(kernel.inputs)
        self.full = tuple(range(len(kernel.shape)))
        self.kept = tuple([a for a in self.full if a not in kernel.rows])
        self.row = prod([kernel.shape[a] for a in kernel.rows])
        self.in_tile = bool(kernel.rows) and (kernel.resident or self.row <= ROW_LIMIT)
        self.places = {}

    def op(self, value):
        """The operation that computes a value, or None."""
        if type(value) is Const or value < self.first:
            return None
        return self.kernel.body[value - self.first]

    # ---- which passes ----

    def level(self, axes):
        """Where something that runs over `axes` is computed: in the main pass, or later."""
        return self.full if self.in_tile and axes == self.kept else axes

    def is_accumulated(self, op):
        """Whether a reduction's result is not at hand within the tile."""
        return op.is_reduction and not (self.in_tile and op.axes == self.kept
                                        and self.level(op.over) == self.full)

    def passes(self):
        targets = {self.full: []}
        stores = list(self.kernel.outputs)
        for value, op in enumerate(self.kernel.body, self.first):
            if self.is_accumulated(op):
                target = Accumulation(value, op, *self._slot_of(value, op, stores))
                targets.setdefault(self.level(op.over), []).append(target)
        for store in stores:
            targets.setdefault(self.level(store.axes), []).append(store)
        for axes in sorted(targets, key=len, reverse=True):
            yield from self._modes(axes, targets[axes])

    def _slot_of(self, value, op, stores):
        """Accumulate straight into the buffer where the value is stored, if it is."""
        place = next((s for s in stores if s.value == value and s.axes == op.axes), None)
        if place is None:
            place = Store(value, op.axes, self._scratch(op))
        else:
            stores.remove(place)
        self.places[value] = self._view(place)
        return place.buffer, place.offset

    def _scratch(self, op):
        return self.slots.scratch(op.dtype, tuple([self.kernel.shape[a] for a in op.axes]))

    def _view(self, store):
        """What was stored, as a view over the space."""
        dense = dense_strides(tuple([self.kernel.shape[a] for a in store.axes]))
        strides = dict(zip(store.axes, dense, strict=True))
        shape = tuple([n if a in store.axes else 1 for a, n in enumerate(self.kernel.shape)])
        layout = Layout(shape, tuple([strides.get(a, 0) for a in self.full]), store.offset)
        return View(store.buffer, layout)

    def _modes(self, axes, targets):
        """Split the targets of one level by the mode that they need."""
        if axes != self.full:
            if targets:
                yield Pass(axes, engine.MAP, self._size(axes), tuple(targets))
            return
        groups = {}
        for target in targets:
            groups.setdefault(self._mode(target), []).append(target)
        row_mode = next((m for m in groups if m[0] == engine.ROWS), None)
        if row_mode:
            groups = {row_mode: [t for group in groups.values() for t in group]}
        plain = groups.pop((engine.MAP, self._size(axes)), [])
        sums = [t for t in plain if type(t) is Accumulation]
        if groups and not sums:
            mode = next(iter(groups))
            groups[mode] += plain
        elif plain:
            groups[engine.MAP, self._size(axes)] = plain
        for (mode, row), group in groups.items():
            yield Pass(axes, mode, row, tuple(group))

    def _size(self, axes):
        return prod([self.kernel.shape[a] for a in axes])

    def _mode(self, target):
        """The mode, and the length of a row, that a target of the main pass needs."""
        if self.in_tile:
            return engine.ROWS, self.row
        everything = (engine.MAP, self._size(self.full))
        if type(target) is Store or not target.op.axes:
            return everything
        if target.op.axes == self.kept and self.kernel.rows:
            return engine.SEGMENTS, self.row
        row = self._size(target.op.axes)
        return engine.ROWS if row <= ROW_LIMIT else engine.COLUMNS, row

    # ---- one pass ----

    def write(self, p):
        """Return the Loops of a pass: one, unless it needs more registers than there are.

        Then some results are left to another Loop; or, if there is one result only, the first half
        of the operations is run before, and what the others need of it goes through memory.
        """
        try:
            return [self._write(p)]
        except TooManyRegisters:
            n = len(p.targets)
            if n > 1:
                return [loop for part in (p.targets[:n // 2], p.targets[n // 2:])
                        for loop in self.write(p._replace(targets=part))]
            needed = self._needed(p)
            spilled = self._read_later(needed, p.targets)
            if not spilled:
                raise
            stores = tuple([Store(v, self.op(v).axes, self._scratch(self.op(v))) for v in spilled])
            loops = self.write(p._replace(targets=stores))
            self.places.update({s.value: self._view(s) for s in stores})
            return loops + self.write(p)

    def _read_later(self, needed, targets):
        """The results of the first half of some operations that the second half reads."""
        first = set(needed[:len(needed) // 2])
        reads = [a for v in needed[len(needed) // 2:] for a in self.op(v).args]
        for target in targets:
            reads += target.op.args if type(target) is Accumulation else (target.value,)
        return sorted(first.intersection(reads))

    def _write(self, p):
        shape = tuple([self.kernel.shape[a] for a in p.axes])
        writer = LoopWriter(shape, p.row, p.mode, self.slots)
        text = PassText(self, p, writer)
        for value in self._needed(p):
            text.compute(value)
        for target in p.targets:
            text.finish(target)
        return writer.loop()

    def _needed(self, p):
        """The operations to run in this pass, in order."""
        needed = set()
        for target in p.targets:
            needed.update(target.op.args if type(target) is Accumulation else (target.value,))
        last = self.first + len(self.kernel.body)
        for value in range(last - 1, self.first - 1, -1):
            if value in needed and value not in self.places:
                needed.update(self.op(value).args)
        return [v for v in range(self.first, last) if v in needed and v not in self.places]


class PassText:
    """Writes the instructions of one pass. registers: {(value, level): register}."""

    def __init__(self, lowering, p, writer):
        self.lowering = lowering
        self.axes = p.axes
        self.rows = p.mode == engine.ROWS and lowering.in_tile
        self.writer = writer
        self.registers = {}

    def level(self, axes):
        """ROW for what has one value a row, FULL for everything else."""
        low = self.lowering
        return engine.ROW if self.rows and axes == low.kept != low.full else engine.FULL

    def compute(self, value):
        op = self.lowering.op(value)
        level = self.level(op.over)
        sources = [self.read(a, level) for a in op.args]
        result = self.writer.operation(op, sources, level)
        self.registers[value, self.level(op.axes)] = result

    def read(self, value, level):
        """The register that holds a value at a level; loaded, or spread over the row, if needed."""
        if type(value) is Const:
            return self.writer.constant(value.value, level)
        if (value, level) not in self.registers:
            if (value, engine.ROW) in self.registers:
                register = self.writer.expand(self.registers[value, engine.ROW])
            else:
                register = self.writer.load(self.view(value), self.axes, level)
            self.registers[value, level] = register
        return self.registers[value, level]

    def view(self, value):
        low = self.lowering
        return low.kernel.inputs[value] if value < low.first else low.places[value]

    def finish(self, target):
        if type(target) is Store:
            level = self.level(target.axes)
            self.writer.store(self.read(target.value, level), target.buffer, target.offset)
            return
        op = target.op
        source = self.read(op.args[0], self.level(op.over))
        source = self.writer.reduction_operand(op, source)
        self.writer.accumulate(op.prim.name, source, self.kind(op), target.slot, target.offset)

    def kind(self, op):
        if not op.axes:
            return engine.ALL
        return engine.SEGMENT if self.writer.mode == engine.SEGMENTS else engine.COLUMN
