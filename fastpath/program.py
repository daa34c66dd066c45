"""The program format: flat data that the engine runs, and the checker that makes it safe.

A Program is a list of steps over *slots* (buffers). The engine works on raw pointers, so
`check_program` proves first that no step can reach outside its slots.

A Loop is one fused pass over an iteration space in C order. Its last axes form *rows* of `row`
elements. Registers hold *tiles*, contiguous pieces of the space; loads bring any strided view into
a tile, instructions work on whole tiles, stores write tiles to C-contiguous slots.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple

import numpy as np

from .table import CHAR_OF, NATIVE_OPS, RANDOM_FORMS, ROW_REDUCTIONS, SEARCHES, SUPPORTED

FULL, ROW = 0, 1                                  # levels of a register
MAP, ROWS, SEGMENTS, COLUMNS = 0, 1, 2, 3         # modes of a loop
ALL, COLUMN, SEGMENT = 0, 1, 2                    # kinds of an accumulation
MODE_NAMES = ("map", "rows", "segments", "columns")
MAX_REGISTERS, MAX_NDIM = 128, 32
MAX_SIZE = 2**55                                  # elements, or bytes: no index overflows


class Slot(NamedTuple):
    """A buffer. kind: "input", "output", "temp" (at `offset` of the arena) or "const".

    Inputs have the given strides in bytes (None: C-contiguous); the others are C-contiguous.
    """

    kind: str
    dtype: np.dtype
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None = None
    offset: int = 0
    array: np.ndarray | None = None

    @property
    def nbytes(self):
        return prod(self.shape) * self.dtype.itemsize


class Register(NamedTuple):
    """A tile: one value an element (FULL) or one a row (ROW)."""

    dtype: np.dtype
    level: int = FULL


class Load(NamedTuple):
    """Fill a register from a view: strides in bytes, one for each axis of the space."""

    register: int
    slot: int
    offset: int
    strides: tuple[int, ...]


class Instr(NamedTuple):
    """`dst = op(*srcs)` on a tile.

    op: a name of NATIVE_OPS; "expand" (ROW -> FULL); a row reduction (FULL -> ROW); or "ufunc",
    which runs NumPy's own inner loop of `ufunc` for exactly the registers' dtypes.
    """

    op: str
    dst: int
    srcs: tuple[int, ...]
    ufunc: np.ufunc | None = None


class Store(NamedTuple):
    """Write a register to a slot from `offset` on: its FULL values, or its ROW values."""

    register: int
    slot: int
    offset: int = 0


class Accum(NamedTuple):
    """Fold a register over all tiles into a slot. kind ALL: to one value; COLUMN: to one for each
    element of a row; SEGMENT (mode SEGMENTS): to one a row."""

    op: str
    register: int
    kind: int
    slot: int
    offset: int = 0


class Loop(NamedTuple):
    """A fused pass. mode MAP: no row structure; ROWS: tiles are whole rows; SEGMENTS: long rows,
    accumulated piece by piece; COLUMNS: long rows, accumulated over the rows."""

    space: tuple[int, ...]
    row: int
    mode: int
    registers: tuple[Register, ...]
    loads: tuple[Load, ...]
    instrs: tuple[Instr, ...]
    stores: tuple[Store, ...]
    accums: tuple[Accum, ...] = ()


class Matrix(NamedTuple):
    """A batch of row-major matrices: byte offset, leading dimension in elements, byte strides of
    the batch axes."""

    slot: int
    offset: int
    ld: int
    batch_strides: tuple[int, ...] = ()


class Gemm(NamedTuple):
    """c = op(a) @ op(b), op transposing where asked; c [m, n] is C-contiguous, batch after batch.

    As stored, a is [m, k] (or [k, m] if trans_a), b is [k, n] (or [n, k] if trans_b).
    """

    dtype: np.dtype
    trans_a: bool
    trans_b: bool
    batch: tuple[int, ...]
    m: int
    n: int
    k: int
    a: Matrix
    b: Matrix
    c: Matrix


class Operand(NamedTuple):
    """A view that a Call reads: strides in bytes."""

    slot: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Random(NamedTuple):
    """Random elements of a form (RANDOM_FORMS): `count` for each key of a view uint32[..., 2].

    Element i of a key is what Threefry-2x32 makes of counter i; they lie in slot `out`.
    """

    form: str
    key: Operand
    count: int
    out: int


class Call(NamedTuple):
    """`results = function(*views)`; the results are copied into the slots `outs`."""

    function: Callable
    ins: tuple[Operand, ...]
    outs: tuple[int, ...]


# ---- checking ----

class ProgramError(ValueError):
    """A program that the engine refuses to run. If a lowering made it, that is a bug there."""


def require(condition, message):
    if not condition:
        raise ProgramError(message)


def check_program(slots, steps, inputs, outputs, arena_bytes):
    """Raise ProgramError unless every step stays inside its slots and makes sense."""
    require(0 <= arena_bytes <= MAX_SIZE, f"an arena of {arena_bytes} bytes")
    for i, slot in enumerate(slots):
        _check_slot(i, slot, arena_bytes)
    for numbers, kind in ((inputs, "input"), (outputs, "output")):
        for i in numbers:
            require(0 <= i < len(slots) and slots[i].kind == kind, f"slot {i} is no {kind}")
        require(len(set(numbers)) == len(numbers), f"an {kind} slot is named twice")
        missing = [i for i, s in enumerate(slots) if s.kind == kind and i not in numbers]
        require(not missing, f"slots {missing}: of kind {kind}, but not among the {kind}s")
    for i, step in enumerate(steps):
        check = _CHECKS.get(type(step))
        require(check is not None, f"step {i}: unknown kind {type(step).__name__}")
        try:
            check(slots, step)
        except ProgramError as error:
            raise ProgramError(f"step {i} ({type(step).__name__.lower()}): {error}") from None


def _check_slot(i, slot, arena_bytes):
    require(slot.kind in ("input", "output", "temp", "const"), f"slot {i}: kind {slot.kind!r}")
    require(all(n >= 0 for n in slot.shape), f"slot {i}: negative size in {slot.shape}")
    require(len(slot.shape) <= MAX_NDIM, f"slot {i}: more than {MAX_NDIM} axes")
    require(slot.dtype.isnative and slot.dtype.kind in "biufc", f"slot {i}: dtype {slot.dtype}")
    require(slot.kind == "input" or slot.nbytes <= MAX_SIZE, f"slot {i}: {slot.nbytes} bytes")
    if slot.strides is not None:
        require(len(slot.strides) == len(slot.shape), f"slot {i}: strides do not fit the shape")
        require(slot.kind == "input", f"slot {i}: only inputs have strides")
        require(_is_aligned(slot.dtype, slot.strides), f"slot {i}: strides of parts of an element")
    if slot.kind == "temp":
        require(slot.offset % 64 == 0 and slot.offset >= 0
                and slot.offset + slot.nbytes <= arena_bytes,
                f"slot {i}: outside the arena of {arena_bytes} bytes, or not aligned to 64")
    if slot.kind == "const":
        array = slot.array
        require(isinstance(array, np.ndarray) and array.dtype == slot.dtype
                and array.shape == slot.shape and array.flags.c_contiguous
                and array.flags.aligned,
                f"slot {i}: the constant is not a C-contiguous {slot.dtype.name}{slot.shape}")


def _is_aligned(dtype, numbers):
    return all(n % dtype.alignment == 0 for n in numbers)


def extent(shape, strides, itemsize):
    """Return (lowest, highest + 1) byte that a view touches, relative to its first element."""
    if 0 in shape:
        return 0, 0
    low = sum(min(0, (n - 1) * s) for n, s in zip(shape, strides, strict=True))
    high = sum(max(0, (n - 1) * s) for n, s in zip(shape, strides, strict=True))
    return low, high + itemsize


def check_view(slots, number, offset, shape, strides, dtype, writing=False):
    """A view must lie inside its slot; only outputs and temporaries may be written."""
    require(0 <= number < len(slots), f"no slot {number}")
    slot = slots[number]
    require(slot.dtype == dtype, f"slot {number} is {slot.dtype}, not {dtype}")
    require(not writing or slot.kind in ("output", "temp"), f"slot {number} must not be written")
    require(_is_aligned(dtype, (offset, *strides)), f"a view of parts of elements of slot {number}")
    low, high = extent(shape, strides, dtype.itemsize)
    contiguous = slot.strides is None
    lowest, highest = (0, slot.nbytes) if contiguous else extent(
        slot.shape, slot.strides, slot.dtype.itemsize)
    require(low == high or (lowest <= offset + low and offset + high <= highest),
            f"a view reaches outside slot {number}")


def c_strides(shape, itemsize):
    """The byte strides of a C-contiguous array."""
    strides, step = [], itemsize
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def outer_ndim(loop):
    """How many leading axes of the space are outside the row."""
    size, axis = 1, len(loop.space)
    while size != loop.row and axis > 0:
        axis -= 1
        size *= loop.space[axis]
    require(size == loop.row, f"no trailing axes of {loop.space} make a row of {loop.row}")
    return axis


def count_rows(loop):
    """How many rows there are (in mode MAP, where there are none, any row is whole: 1)."""
    return 1 if loop.mode == MAP else prod(loop.space[:outer_ndim(loop)])


def _check_loop(slots, loop):
    n = prod(loop.space)
    require(len(loop.space) <= MAX_NDIM and all(k >= 0 for k in loop.space), "bad space")
    require(n * (len(loop.instrs) + 1) <= MAX_SIZE, f"too many elements: {n}")
    require(loop.mode in (MAP, ROWS, SEGMENTS, COLUMNS), f"mode {loop.mode}")
    require(loop.row >= 1 or n == 0, "a row has at least one element")
    require(len(loop.registers) <= MAX_REGISTERS, f"more than {MAX_REGISTERS} registers")
    outer = outer_ndim(loop) if loop.mode != MAP else 0
    for r in loop.registers:
        require(r.dtype in SUPPORTED, f"registers cannot hold {r.dtype}")
        require(r.level in (FULL, ROW), f"level {r.level}")
        require(r.level == FULL or loop.mode == ROWS, "ROW registers need mode ROWS")
    for load in loop.loads:
        _check_load(slots, loop, load, outer)
    _check_order(loop)
    rows = count_rows(loop)
    for store in loop.stores:
        r = _register(loop, store.register)
        count = n if r.level == FULL else rows
        require(n > 0 or count == 0, "a ROW store where rows have no elements")
        check_view(slots, store.slot, store.offset, (count,), (r.dtype.itemsize,), r.dtype, True)
    for accum in loop.accums:
        _check_accum(slots, loop, accum, n, rows)


def _check_order(loop):
    """Check the instructions, and that each register is filled before it is read."""
    filled = [load.register for load in loop.loads]
    require(len(set(filled)) == len(filled), "a register is loaded twice")
    filled = set(filled)
    for instr in loop.instrs:
        _check_instr(loop, instr)
        require(filled.issuperset(instr.srcs), f"{instr.op} reads a register before it is filled")
        filled.add(instr.dst)
    for target in (*loop.stores, *loop.accums):
        require(target.register in filled, f"register {target.register} is never filled")


def _register(loop, number):
    require(0 <= number < len(loop.registers), f"no register {number}")
    return loop.registers[number]


def _check_load(slots, loop, load, outer):
    r = _register(loop, load.register)
    require(len(load.strides) == len(loop.space), "a load has one stride for each axis")
    check_view(slots, load.slot, load.offset, loop.space, load.strides, r.dtype)
    if r.level == ROW:
        require(not any(load.strides[outer:]), "a ROW load varies inside the row")


def _check_instr(loop, instr):
    dst = _register(loop, instr.dst)
    srcs = [_register(loop, s) for s in instr.srcs]
    signature = tuple([CHAR_OF[s.dtype] for s in srcs])
    if instr.op in ROW_REDUCTIONS:
        require(len(srcs) == 1 and srcs[0].level == FULL and dst.level == ROW,
                f"{instr.op} folds a FULL register into a ROW register")
        require(ROW_REDUCTIONS[instr.op].get(signature) == CHAR_OF[dst.dtype],
                f"no row reduction {instr.op} from {signature} to {dst.dtype}")
        return
    if instr.op == "expand":
        require(len(srcs) == 1 and srcs[0].level == ROW and dst.level == FULL
                and srcs[0].dtype == dst.dtype, "expand turns a ROW into a FULL register")
        return
    require(srcs and all(s.level == dst.level for s in srcs),
            f"{instr.op}: registers of two levels")
    if instr.op == "ufunc":
        require(isinstance(instr.ufunc, np.ufunc), "a ufunc instruction without ufunc")
        require(instr.ufunc.nin == len(srcs) <= 3 and instr.ufunc.nout == 1,
                f"{instr.ufunc.__name__} does not make one result of {len(srcs)} operands")
        return
    require(NATIVE_OPS.get((instr.op, *signature)) == CHAR_OF[dst.dtype],
            f"no operation {instr.op} from {signature} to {dst.dtype}")


def _check_accum(slots, loop, accum, n, rows):
    r = _register(loop, accum.register)
    count = {ALL: 1, COLUMN: loop.row, SEGMENT: rows}.get(accum.kind)
    allowed = {ALL: (MAP, ROWS), COLUMN: (ROWS, COLUMNS), SEGMENT: (SEGMENTS,)}
    require(count is not None and loop.mode in allowed[accum.kind],
            f"accumulation kind {accum.kind} in mode {MODE_NAMES[loop.mode]}")
    require(r.level == FULL or accum.kind == ALL, "a ROW register is accumulated to one value")
    known = ROW_REDUCTIONS.get(accum.op, {}).get((CHAR_OF[r.dtype],))
    require(known and accum.op not in SEARCHES, f"no accumulation {accum.op} of {r.dtype}")
    require(n > 0 or accum.op in ("sum", "prod", "any", "all"), f"{accum.op} of nothing")
    check_view(slots, accum.slot, accum.offset, (count,), (r.dtype.itemsize,), r.dtype, True)


def _check_gemm(slots, gemm):
    require(gemm.dtype.char in "fd", f"gemm takes float32 or float64, not {gemm.dtype}")
    require(min((gemm.m, gemm.n, gemm.k, *gemm.batch), default=0) >= 0, "negative size")
    size = gemm.dtype.itemsize
    for matrix, shape, writing in (
            (gemm.a, (gemm.k, gemm.m) if gemm.trans_a else (gemm.m, gemm.k), False),
            (gemm.b, (gemm.n, gemm.k) if gemm.trans_b else (gemm.k, gemm.n), False),
            (gemm.c, (gemm.m, gemm.n), True)):
        require(matrix.ld >= max(1, shape[1]), f"leading dimension {matrix.ld} < {shape[1]}")
        require(len(matrix.batch_strides) == len(gemm.batch), "one stride for each batch axis")
        check_view(slots, matrix.slot, matrix.offset, (*gemm.batch, *shape),
                   (*matrix.batch_strides, matrix.ld * size, size), gemm.dtype, writing)
    full = (*gemm.batch, gemm.m, gemm.n)
    require((gemm.c.ld == max(1, gemm.n)
            and gemm.c.batch_strides == c_strides(full, size)[:len(gemm.batch)])
            or 0 in full, "c must be C-contiguous")


def _check_random(slots, step):
    require(step.form in RANDOM_FORMS, f"no random elements of the form {step.form!r}")
    key = step.key
    require(len(key.shape) == len(key.strides) <= MAX_NDIM, "a view has one stride for each axis")
    require(key.shape[-1:] == (2,), "a key is two words")
    check_view(slots, key.slot, key.offset, key.shape, key.strides, np.dtype(np.uint32))
    dtype, width = RANDOM_FORMS[step.form]
    size = prod(key.shape[:-1]) * step.count * width
    require(step.count >= 0 and size <= MAX_SIZE, f"too many elements: {size}")
    check_view(slots, step.out, 0, (size,), (dtype.itemsize,), dtype, True)


def _check_call(slots, call):
    require(callable(call.function), "a call needs a function")
    for view in call.ins:
        require(0 <= view.slot < len(slots), f"no slot {view.slot}")
        require(len(view.shape) <= MAX_NDIM, f"more than {MAX_NDIM} axes")
        require(len(view.shape) == len(view.strides), "a view has one stride for each axis")
        check_view(slots, view.slot, view.offset, view.shape, view.strides,
                   slots[view.slot].dtype)
    for number in call.outs:
        require(0 <= number < len(slots), f"no slot {number}")
        slot = slots[number]
        check_view(slots, number, 0, (prod(slot.shape),), (slot.dtype.itemsize,),
                   slot.dtype, True)


_CHECKS = {Loop: _check_loop, Gemm: _check_gemm, Random: _check_random, Call: _check_call}
