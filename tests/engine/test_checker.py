"""Programs that could leave their memory, or make no sense, are refused: each error once."""

import numpy as np
import pytest

from isograd.fastpath import Program, ProgramError, has_ufunc_loop
from isograd.fastpath.program import (
    ALL,
    COLUMN,
    COLUMNS,
    MAP,
    ROW,
    ROWS,
    SEGMENT,
    SEGMENTS,
    Accum,
    Call,
    Gemm,
    Instr,
    Load,
    Loop,
    Matrix,
    Operand,
    Register,
    Slot,
    Store,
)

F64, I64 = np.dtype("d"), np.dtype(np.int64)
R, RROW = Register(F64), Register(F64, ROW)

# Slots of the good program: y = -x for 4 x 6, in a temporary too.
X = Slot("input", F64, (4, 6))
Y = Slot("output", F64, (4, 6))
T = Slot("temp", F64, (4, 6))
GOOD = Loop((4, 6), 6, ROWS, (R, R), (Load(0, 0, 0, (48, 8)),), (Instr("negative", 1, (0,)),),
            (Store(1, 1),))
GEMM = Gemm(F64, False, False, (), 4, 4, 6, Matrix(0, 0, 6), Matrix(3, 0, 4), Matrix(4, 0, 4))
SLOTS = (X, Y, T, Slot("input", F64, (6, 4)), Slot("output", F64, (4, 4)))


def check(*steps, slots=SLOTS, arena=192):
    inputs = [i for i, s in enumerate(slots) if s.kind == "input"]
    outputs = [i for i, s in enumerate(slots) if s.kind == "output"]
    return Program(slots, steps, inputs, outputs, arena)


def test_the_good_program():
    check(GOOD, GEMM)


def slots_with(slot):
    return (X, Y, slot)


BAD_SLOTS = [
    (Slot("thing", F64, (4,)), "slot 2: kind 'thing'"),
    (Slot("temp", F64, (-1,)), "slot 2: negative size"),
    (Slot("temp", F64, (1,) * 33), "slot 2: more than 32 axes"),
    (Slot("temp", F64.newbyteorder(), (4,)), "slot 2: dtype >f8|slot 2: dtype <f8"),
    (Slot("temp", np.dtype(object), (4,)), "slot 2: dtype object"),
    (Slot("temp", np.dtype("U3"), (4,)), "slot 2: dtype <U3"),
    (Slot("output", F64, (2**31, 2**31)), "slot 2: 36893488147419103232 bytes"),
    (Slot("temp", F64, (4,), (8,)), "slot 2: only inputs have strides"),
    (Slot("input", F64, (4, 2), (8,)), "slot 2: strides do not fit the shape"),
    (Slot("input", F64, (4,), (12,)), "slot 2: strides of parts of an element"),
    (Slot("temp", F64, (4, 7)), "slot 2: outside the arena of 192 bytes"),
    (Slot("temp", F64, (4,), offset=8), "slot 2: outside the arena"),
    (Slot("temp", F64, (4,), offset=-64), "slot 2: outside the arena"),
    (Slot("const", F64, (4,)), "slot 2: the constant is not a C-contiguous float64"),
    (Slot("const", F64, (4,), array=np.zeros(8)[::2]), "slot 2: the constant is not"),
    (Slot("const", F64, (4,), array=np.zeros(4, "f")), "slot 2: the constant is not"),
]


@pytest.mark.parametrize(("slot", "message"), BAD_SLOTS)
def test_slots(slot, message):
    with pytest.raises(ProgramError, match=message):
        check(slots=slots_with(slot))


@pytest.mark.parametrize(("inputs", "outputs", "arena", "message"), [
    ([1], [1], 0, "slot 1 is no input"),
    ([0], [0], 0, "slot 0 is no output"),
    ([-2], [1], 0, "slot -2 is no input"),
    ([0], [7], 0, "slot 7 is no output"),
    ([0, 0], [1], 0, "an input slot is named twice"),
    ([0], [], 0, r"slots \[1\]: of kind output, but not among the outputs"),
    ([], [1], 0, r"slots \[0\]: of kind input"),
    ([0], [1], -1, "an arena of -1 bytes"),
    ([0], [1], 2**60, "an arena of")])
def test_inputs_and_outputs(inputs, outputs, arena, message):
    with pytest.raises(ProgramError, match=message):
        Program((X, Y), (), inputs, outputs, arena)


def loop(**changes):
    return GOOD._replace(**changes)


LOAD = GOOD.loads[0]
NEG = GOOD.instrs[0]
BAD_LOOPS = [
    (loop(space=(-4, 6)), "bad space"),
    (loop(space=(1,) * 33), "bad space"),
    (loop(space=(2**40, 2**20)), "too many elements"),
    (loop(mode=4), "mode 4"),
    (loop(row=0), "a row has at least one element"),
    (loop(row=5), r"no trailing axes of \(4, 6\) make a row of 5"),
    (loop(registers=(R,) * 129), "more than 128 registers"),
    (loop(registers=(R, Register(np.dtype("f2")))), "registers cannot hold float16"),
    (loop(registers=(R, Register(F64, 2))), "level 2"),
    (loop(mode=SEGMENTS, registers=(R, R, RROW)), "ROW registers need mode ROWS"),
    (loop(loads=(LOAD._replace(register=5),)), "no register 5"),
    (loop(loads=(LOAD._replace(strides=(8,)),)), "a load has one stride for each axis"),
    (loop(loads=(LOAD._replace(slot=9),)), "no slot 9"),
    (loop(loads=(LOAD._replace(slot=-1),)), "no slot -1"),
    (loop(registers=(Register(I64), R)), "slot 0 is float64, not int64"),
    (loop(loads=(LOAD._replace(offset=8),)), "a view reaches outside slot 0"),
    (loop(loads=(LOAD._replace(offset=-8),)), "a view reaches outside slot 0"),
    (loop(loads=(LOAD._replace(strides=(48, 16)),)), "a view reaches outside slot 0"),
    (loop(loads=(LOAD._replace(strides=(48, -8)),)), "a view reaches outside slot 0"),
    (loop(loads=(LOAD._replace(strides=(4, 4)),)), "a view of parts of elements of slot 0"),
    (loop(loads=(LOAD._replace(offset=4, strides=(0, 0)),)), "a view of parts of elements"),
    (loop(registers=(RROW, R)), "a ROW load varies inside the row"),
    (loop(loads=(LOAD, LOAD)), "a register is loaded twice"),
    (loop(loads=()), "negative reads a register before it is filled"),
    (loop(instrs=()), "register 1 is never filled"),
    (loop(instrs=(NEG._replace(op="frobnicate"),)), r"no operation frobnicate from \('d',\)"),
    (loop(instrs=(NEG._replace(srcs=(0, 0)),)), r"no operation negative from \('d', 'd'\)"),
    (loop(instrs=(NEG._replace(srcs=()),)), "negative: registers of two levels"),
    (loop(instrs=(NEG._replace(dst=7),)), "no register 7"),
    (loop(instrs=(NEG._replace(srcs=(-1,)),)), "no register -1"),
    (loop(registers=(R, RROW)), "negative: registers of two levels"),
    (loop(registers=(R, Register(I64))), "no operation negative from .* to int64"),
    (loop(instrs=(Instr("sum", 1, (0,)),)), "sum folds a FULL register into a ROW register"),
    (loop(registers=(R, RROW), instrs=(Instr("any", 1, (0,)),)), "no row reduction any"),
    (loop(instrs=(Instr("expand", 1, (0,)),)), "expand turns a ROW into a FULL register"),
    (loop(instrs=(Instr("ufunc", 1, (0,)),)), "a ufunc instruction without ufunc"),
    (loop(instrs=(Instr("ufunc", 1, (0,), np.add),)), "add does not make one result of 1"),
    (loop(instrs=(Instr("ufunc", 1, (0,), np.modf),)), "modf does not make one result"),
    (loop(instrs=(Instr("ufunc", 1, (0,), np.bitwise_count),)), "has no inner loop for 'dd'"),
    (loop(instrs=(Instr("ufunc", 1, (0, 0), np.matmul),)), "matmul is not elementwise"),
    (loop(stores=(Store(1, 0),)), "slot 0 must not be written"),
    (loop(stores=(Store(1, 1, 8),)), "a view reaches outside slot 1"),
    (loop(stores=(Store(1, 4),)), "a view reaches outside slot 4"),
    (loop(space=(4, 0), row=0, registers=(R, RROW), instrs=(Instr("sum", 1, (0,)),),
          loads=(Load(0, 0, 0, (0, 8)),)), "a ROW store where rows have no elements"),
    (loop(accums=(Accum("sum", 1, SEGMENT, 4),)), "accumulation kind 2 in mode rows"),
    (loop(mode=MAP, accums=(Accum("sum", 1, COLUMN, 4),)), "accumulation kind 1 in mode map"),
    (loop(mode=COLUMNS, accums=(Accum("sum", 1, ALL, 4),)), "accumulation kind 0 in mode columns"),
    (loop(accums=(Accum("sum", 1, 3, 4),)), "accumulation kind 3"),
    (loop(accums=(Accum("any", 1, ALL, 4),)), "no accumulation any of float64"),
    (loop(registers=(R, R, Register(I64)), instrs=(NEG, Instr(f"cast_{I64.char}", 2, (0,))),
          accums=(Accum("argmax", 2, ALL, 4),)), "no accumulation argmax of int64"),
    (loop(accums=(Accum("sum", 1, ALL, 0),)), "slot 0 must not be written"),
    (loop(accums=(Accum("sum", 1, ALL, 4, 128),)), "a view reaches outside slot 4"),
    (loop(space=(0, 6), accums=(Accum("max", 1, ALL, 4),)), "max of nothing"),
]


@pytest.mark.parametrize(("step", "message"), BAD_LOOPS)
def test_loops(step, message):
    with pytest.raises(ProgramError, match=message):
        check(step)


def gemm(**changes):
    return GEMM._replace(**changes)


BAD_GEMMS = [
    (gemm(dtype=I64), "gemm takes float32 or float64"),
    (gemm(dtype=np.dtype("f")), "slot 0 is float64, not float32"),
    (gemm(m=-1), "negative size"),
    (gemm(a=Matrix(0, 0, 5)), "leading dimension 5 < 6"),
    (gemm(a=Matrix(0, 0, 6, (8,))), "one stride for each batch axis"),
    (gemm(a=Matrix(0, 8, 6)), "a view reaches outside slot 0"),
    (gemm(a=Matrix(0, 0, 7)), "a view reaches outside slot 0"),
    (gemm(trans_a=True), "leading dimension|a view reaches outside slot"),
    (gemm(c=Matrix(0, 0, 4)), "slot 0 must not be written"),
    (gemm(n=2, c=Matrix(4, 0, 4)), "c must be C-contiguous"),
    (gemm(batch=(2,), a=Matrix(0, 0, 6, (0,)), b=Matrix(3, 0, 4, (0,)),
          c=Matrix(4, 0, 4, (128,))), "a view reaches outside slot 4"),
]


@pytest.mark.parametrize(("step", "message"), BAD_GEMMS)
def test_gemms(step, message):
    with pytest.raises(ProgramError, match=message):
        check(step)


@pytest.mark.parametrize(("step", "message"), [
    (Call(None, (), ()), "a call needs a function"),
    (Call(print, (Operand(9, 0, (), ()),), ()), "no slot 9"),
    (Call(print, (Operand(0, 0, (2,), ()),), ()), "a view has one stride for each axis"),
    (Call(print, (Operand(0, 0, (25,), (8,)),), ()), "a view reaches outside slot 0"),
    (Call(print, (Operand(0, 0, (1,) * 33, (8,) * 33),), ()), "more than 32 axes"),
    (Call(print, (), (0,)), "slot 0 must not be written"),
    (Call(print, (), (17,)), "no slot 17"),
    ("step", "unknown kind str")])
def test_calls(step, message):
    with pytest.raises(ProgramError, match=message):
        check(step)


def test_the_message_names_the_step():
    with pytest.raises(ProgramError, match=r"^step 1 \(loop\): register 9 is never filled"):
        check(GOOD, loop(stores=(Store(9, 1),)))


def test_a_program_is_made_once():
    """Calling __init__ again changes nothing."""
    program = check(GOOD)
    x = np.arange(24.0).reshape(4, 6)
    program.__init__((), (), (), ())
    np.testing.assert_array_equal(program(x, x.reshape(6, 4))[0], -x)


@pytest.mark.parametrize(("ufunc", "types", "runs"), [
    (np.exp, "dd", True), (np.exp, "ii", False), (np.matmul, "ddd", False),
    (np.modf, "ddd", False)])
def test_which_ufuncs_have_a_loop(ufunc, types, runs):
    assert has_ufunc_loop(ufunc, types) is runs
