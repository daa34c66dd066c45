"""Loads of every layout, registers, stores, modes and accumulations."""

import math

import numpy as np
import pytest

from isograd.fastpath import Program
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
    Instr,
    Load,
    Loop,
    Register,
    Slot,
    Store,
)
from isograd.fastpath.table import BOOL, EVERY, FLOATS, INTS
from isograd.fastpath.tiling import row_depth, sum_depth

from .builder import LoopBuilder, assert_same_bits

RNG = np.random.default_rng(7)
SPACES = [(1,), (5,), (1024,), (1025,), (3, 5), (7, 300), (300, 7), (40, 1, 50), (4, 5, 6, 7),
          (2, 3000), (3000, 2), (33, 1024), (70, 999)]


# ---- loads ----

def layouts(space, dtype):
    """(name, array) of every kind of layout that broadcasts to the space."""
    def random(*shape):
        return (50 * RNG.standard_normal(shape)).astype(dtype)

    x = random(*space)
    yield "contiguous", x
    yield "fortran", np.asfortranarray(x)
    yield "reversed", np.flip(x)
    yield "every second", random(*[2 * n for n in space])[tuple([slice(None, None, 2)] * x.ndim)]
    yield "part", random(*[n + 3 for n in space])[tuple([slice(1, n + 1) for n in space])]
    yield "scalar", random()
    yield "row", random(space[-1])
    yield "column", random(*space[:-1], 1)
    yield "outer", random(space[0], *[1] * (len(space) - 1))
    yield "first axis repeated", np.broadcast_to(random(1, *space[1:]), space)


@pytest.mark.parametrize("dtype", EVERY)
@pytest.mark.parametrize("space", SPACES, ids=str)
def test_load_of_every_layout_in_mode_map(space, dtype):
    other = RNG.integers(0, 2, space).astype(dtype)
    for name, x in layouts(space, dtype):
        builder = LoopBuilder(space)
        result = builder.op("bitwise_or" if dtype in BOOL + INTS else "add", dtype,
                            builder.load(x), builder.load(other))
        builder.store(result, space)
        want = x | other if dtype in BOOL + INTS else x + other
        assert_same_bits(builder.program()(x, other)[0], want), name


@pytest.mark.parametrize("mode", [ROWS, SEGMENTS, COLUMNS])
@pytest.mark.parametrize("space", [s for s in SPACES if len(s) > 1], ids=str)
def test_load_of_every_layout_in_modes_with_rows(space, mode):
    for _, x in layouts(space, "d"):
        builder = LoopBuilder(space, space[-1], mode)
        builder.store(builder.op("negative", "d", builder.load(x)), space)
        assert_same_bits(builder.program()(x)[0], -np.broadcast_to(x, space))


@pytest.mark.parametrize("space", [s for s in SPACES if len(s) > 1], ids=str)
def test_row_registers(space):
    """x / scale - x.max(row): a ROW load, a row fold, and both spread over the row again."""
    for scale in (RNG.random((*space[:-1], 1)), RNG.random((1,) * len(space)),
                  RNG.random((space[0], *[1] * (len(space) - 1)))):
        x = RNG.standard_normal(space)
        builder = LoopBuilder(space, space[-1], ROWS)
        full = builder.load(x)
        divisor = builder.op("expand", "d", builder.load(scale, ROW))
        highest = builder.op("max", "d", full, level=ROW)
        spread = builder.op("expand", "d", highest)
        quotient = builder.op("divide", "d", full, divisor)
        builder.store(builder.op("subtract", "d", quotient, spread), space)
        builder.store(highest, space[:-1])
        got, top = builder.program()(x, scale)
        assert_same_bits(got, x / scale - x.max(-1, keepdims=True))
        assert_same_bits(top, x.max(-1))


def test_a_row_of_two_axes():
    x = RNG.standard_normal((6, 5, 7))
    builder = LoopBuilder(x.shape, 35, ROWS)
    builder.store(builder.op("max", "d", builder.load(x), level=ROW), (6,))
    assert_same_bits(builder.program()(x)[0], x.max((1, 2)))


# ---- registers and stores ----

def run(space, registers, loads, instrs, stores, *arrays, slots=None, steps=(), arena=0):
    """Run loops of inputs that are contiguous over the space, with one output a store."""
    slots = slots or [Slot("input", a.dtype, a.shape) for a in arrays] + [
        Slot("output", registers[s.register].dtype, space) for s in stores]
    loop = Loop(space, 1, MAP, tuple(registers), tuple(loads), tuple(instrs), tuple(stores))
    outputs = [i for i, s in enumerate(slots) if s.kind == "output"]
    program = Program(slots, [loop, *steps], range(len(arrays)), outputs, arena)
    return program(*arrays)


F64 = Register(np.dtype("d"))


@pytest.mark.parametrize("n", [3, 1024, 5000, 100_000])
def test_a_loaded_register_is_written_later(n):
    """r0 = x; r0 = r0 * r0; r0 = r0 + y: the input itself must stay as it is."""
    x, y = RNG.standard_normal((2, n))
    before = x.copy()
    (got,) = run((n,), [F64, F64], [Load(0, 0, 0, (8,)), Load(1, 1, 0, (8,))],
                 [Instr("multiply", 0, (0, 0)), Instr("add", 0, (0, 1))], [Store(0, 2)], x, y)
    assert_same_bits(got, x * x + y)
    assert_same_bits(x, before)


@pytest.mark.parametrize("n", [3, 1024, 5000, 100_000])
def test_one_register_stored_twice_and_a_load_stored(n):
    x = RNG.standard_normal(n)
    first, second, third = run((n,), [F64, F64], [Load(0, 0, 0, (8,))],
                               [Instr("negative", 1, (0,))],
                               [Store(1, 1), Store(1, 2), Store(0, 3)], x)
    assert_same_bits(first, -x)
    assert_same_bits(second, -x)
    assert_same_bits(third, x)


def test_a_stored_register_is_used_on_the_way():
    """The output memory holds intermediate values: r1 = -x; r1 = r1 * r1; r2 = r1 + r1."""
    x = RNG.standard_normal(5000)
    square, double = run((5000,), [F64, F64, F64], [Load(0, 0, 0, (8,))],
                         [Instr("negative", 1, (0,)), Instr("multiply", 1, (1, 1)),
                          Instr("add", 2, (1, 1))], [Store(1, 1), Store(2, 2)], x)
    assert_same_bits(square, x * x)
    assert_same_bits(double, 2 * (x * x))


@pytest.mark.parametrize("n", [3, 5000, 100_000])
def test_a_temporary_is_updated_in_place(n):
    x = RNG.standard_normal(n)
    arena = (n * 8 + 63) // 64 * 64
    slots = [Slot("input", F64.dtype, (n,)), Slot("temp", F64.dtype, (n,)),
             Slot("temp", F64.dtype, (n,)), Slot("output", F64.dtype, (n,))]

    def step(op, source, target):
        return Loop((n,), 1, MAP, (F64, F64), (Load(0, source, 0, (8,)),),
                    (Instr(op, 1, (0,)),), (Store(1, target),))

    program = Program(slots, [step("negative", 0, 1), step("square", 1, 2), step("negative", 2, 3)],
                      [0], [3], arena)
    for _ in range(2):
        assert_same_bits(program(x)[0], -(x * x))


def test_stores_at_an_offset():
    x = RNG.standard_normal(1500)
    slots = [Slot("input", F64.dtype, (1500,)), Slot("output", F64.dtype, (2, 1500))]
    loop = Loop((1500,), 1, MAP, (F64, F64), (Load(0, 0, 0, (8,)),),
                (Instr("negative", 1, (0,)),), (Store(0, 1, 0), Store(1, 1, 12000)))
    assert_same_bits(Program(slots, [loop], [0], [1])(x)[0], np.stack([x, -x]))


def test_constants_are_read():
    c = np.arange(6.0)
    builder = LoopBuilder((2, 6))
    x = RNG.standard_normal((2, 6))
    r = builder.load(x)
    builder.slots.append(Slot("const", c.dtype, c.shape, array=c))
    builder.store(builder.op("add", "d", r, builder.load_slot(1, (0, 8))), (2, 6))
    assert_same_bits(builder.program()(x)[0], x + c)


def test_a_hundred_registers():
    x = RNG.standard_normal(3000)
    builder = LoopBuilder((3000,))
    r = first = builder.load(x)
    for _ in range(100):
        r = builder.op("add", "d", r, first)
    builder.store(r, (3000,))
    want = x
    for _ in range(100):
        want = want + x
    assert_same_bits(builder.program()(x)[0], want)


# ---- accumulations ----

def exact_sum(x):
    return math.fsum(x.tolist())


def assert_within_bound(got, rows, depth):
    """Each result is within (depth + 1) * eps * sum|x| of the exact sum of its row."""
    eps = np.finfo(rows.dtype).eps
    for value, row in zip(np.ravel(got), rows, strict=True):
        wide = row.astype("d")
        bound = (depth + 1) * eps * exact_sum(np.abs(wide))
        assert abs(float(value) - exact_sum(wide)) <= bound


def summed(space, row, mode, kind, shape, x):
    builder = LoopBuilder(space, row, mode)
    builder.accum("sum", builder.load(x), kind, shape)
    loop = builder.loop()
    return builder.program()(x)[0], sum_depth(loop, loop.accums[0], builder.slots)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [1, 2, 31, 32, 63, 64, 65, 255, 256, 1000, 1023, 1024, 1025, 5000,
                               32768, 32769, 100_000, 1_000_001])
def test_sum_of_all(n, dtype):
    x = (RNG.standard_normal(n) * 10.0 ** RNG.integers(-3, 4, n)).astype(dtype)
    got, depth = summed((n,), n, MAP, ALL, (), x)
    assert depth <= 64 + math.log2(n + 1)
    assert_within_bound(got, x[None], depth)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 3), (300, 7), (7, 300), (1000, 32),
                                               (20_000, 2), (3, 5000), (40, 1024), (2, 9000)])
def test_sums_over_rows_and_columns(rows, columns, dtype):
    x = RNG.standard_normal((rows, columns)).astype(dtype)
    for mode in (ROWS, COLUMNS):
        got, depth = summed(x.shape, columns, mode, COLUMN, (columns,), x)
        assert_within_bound(got, x.T, depth)
    got, depth = summed(x.shape, columns, SEGMENTS, SEGMENT, (rows,), x)
    assert_within_bound(got, x, depth)
    got, depth = summed(x.shape, columns, ROWS, ALL, (), x)
    assert_within_bound(got, x.reshape(1, -1), depth)
    builder = LoopBuilder(x.shape, columns, ROWS)
    builder.store(builder.op("sum", dtype, builder.load(x), level=ROW), (rows,))
    assert_within_bound(builder.program()(x)[0], x, row_depth(columns))


def test_sum_of_row_results():
    x = RNG.standard_normal((3000, 10))
    builder = LoopBuilder(x.shape, 10, ROWS)
    builder.accum("sum", builder.op("max", "d", builder.load(x), level=ROW), ALL, ())
    loop = builder.loop()
    depth = sum_depth(loop, loop.accums[0], builder.slots)
    assert_within_bound(builder.program()(x)[0], x.max(1)[None], depth)


FOLDS = [("sum", INTS), ("prod", INTS), ("max", EVERY), ("min", EVERY), ("any", "?"),
         ("all", "?")]


@pytest.mark.parametrize(("op", "dtype"), [(op, d) for op, dtypes in FOLDS for d in dtypes])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (700, 9), (9, 700), (2, 40_000), (40_000, 2)],
                         ids=str)
def test_exact_folds(op, dtype, shape):
    """Folds without rounding equal NumPy's, along every axis and in every mode."""
    x = RNG.integers(-9, 9, shape).astype(dtype)
    if op == "all":
        x = RNG.random(shape) < 0.9
    fold = getattr(np, op)
    kwargs = {"dtype": dtype} if op in ("sum", "prod") else {}
    cases = [(MAP, ALL, (), None), (ROWS, ALL, (), None), (ROWS, COLUMN, shape[1:], 0),
             (COLUMNS, COLUMN, shape[1:], 0), (SEGMENTS, SEGMENT, shape[:1], 1)]
    with np.errstate(over="ignore"):
        for mode, kind, out, axis in cases:
            builder = LoopBuilder(shape, shape[1], mode)
            builder.accum(op, builder.load(x), kind, out)
            assert_same_bits(builder.program()(x)[0], fold(x, axis, **kwargs))
        builder = LoopBuilder(shape, shape[1], ROWS)
        builder.store(builder.op(op, dtype, builder.load(x), level=ROW), shape[:1])
        assert_same_bits(builder.program()(x)[0], fold(x, 1, **kwargs))


@pytest.mark.parametrize("op", ["max", "min"])
def test_nan_propagates_through_folds(op):
    for n in (5, 64, 1024, 5000, 100_000):
        x = RNG.standard_normal(n)
        x[n // 2] = np.nan
        builder = LoopBuilder((n,), n)
        builder.accum(op, builder.load(x), ALL, ())
        assert np.isnan(builder.program()(x)[0])


def test_several_results_of_one_pass():
    x = RNG.standard_normal((500, 20))
    builder = LoopBuilder(x.shape, 20, ROWS)
    full = builder.load(x)
    builder.store(builder.op("square", "d", full), x.shape)
    builder.store(builder.op("argmax", np.int64, full, level=ROW), (500,))
    builder.accum("max", full, COLUMN, (20,))
    builder.accum("min", full, ALL, ())
    square, where, columns, least = builder.program()(x)
    assert_same_bits(square, x * x)
    assert_same_bits(where, x.argmax(1))
    assert_same_bits(columns, x.max(0))
    assert_same_bits(least, x.min())


# ---- nothing ----

@pytest.mark.parametrize(("op", "want"), [("sum", 0.0), ("prod", 1.0)])
def test_folds_of_nothing(op, want):
    for space, row, mode, kind, shape in [
            ((0,), 0, MAP, ALL, ()), ((0, 4), 4, ROWS, ALL, ()), ((0, 4), 4, ROWS, COLUMN, (4,)),
            ((0, 4), 4, COLUMNS, COLUMN, (4,)), ((3, 0), 0, SEGMENTS, SEGMENT, (3,)),
            ((0, 4), 4, SEGMENTS, SEGMENT, (0,))]:
        builder = LoopBuilder(space, row, mode)
        builder.accum(op, builder.load(np.zeros(space)), kind, shape)
        assert_same_bits(builder.program()(np.zeros(space))[0], np.full(shape, want))


def test_maps_of_nothing():
    x = np.zeros((3, 0, 2))
    builder = LoopBuilder(x.shape)
    builder.store(builder.op("negative", "d", builder.load(x)), x.shape)
    assert builder.program()(x)[0].shape == (3, 0, 2)


# ---- size ----

def test_more_than_two_to_the_31_elements():
    """One byte, read 2**31 + 5 times."""
    n = 2**31 + 5
    builder = LoopBuilder((n,), n)
    x = np.ones(1, bool)
    builder.accum("all", builder.load(x), ALL, ())
    assert builder.program()(x)[0]
    slots = [Slot("input", np.dtype(bool), (n,), (0,)), Slot("output", np.dtype(bool), ())]
    loop = Loop((n,), n, MAP, (Register(np.dtype(bool)),), (Load(0, 0, 0, (0,)),), (), (),
                (Accum("any", 0, ALL, 1),))
    assert not Program(slots, [loop], [0], [1])(np.broadcast_to(np.zeros(1, bool), n))[0]
