"""What a Program takes and gives: inputs of every kind, results, calls, memory."""

import gc

import numpy as np
import pytest

from isograd.fastpath import Program, pool_clear, pool_stats
from isograd.fastpath.program import Call, Operand, ProgramError, Slot, Store, c_strides
from isograd.fastpath.table import EVERY, NUMBERS

from .builder import LoopBuilder, assert_same_bits

F64 = np.dtype("d")


def negative(example):
    """The program of -x for arrays of one dtype, shape and layout."""
    builder = LoopBuilder(example.shape)
    builder.store(builder.op("negative", example.dtype, builder.load(example)), example.shape)
    return builder.program()


# ---- inputs ----

def misaligned(x):
    memory = np.zeros(x.nbytes + 1, np.uint8)
    view = memory[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    assert not view.flags.aligned
    return view


def variants(x):
    read_only = x.copy()
    read_only.flags.writeable = False
    yield read_only
    yield misaligned(x)
    yield x.astype(x.dtype.newbyteorder())
    yield np.asfortranarray(x)
    yield np.flip(np.flip(x).copy())
    yield np.repeat(x, 2, -1)[..., ::2]
    yield x.view(type("Sub", (np.ndarray,), {}))


@pytest.mark.parametrize("dtype", NUMBERS)
def test_inputs_are_copied_to_the_expected_layout(dtype):
    x = np.arange(60).reshape(4, 15).astype(dtype)
    program = negative(x)
    for y in variants(x):
        before = y.copy()
        assert_same_bits(program(y)[0], -x)
        np.testing.assert_array_equal(y, before)


@pytest.mark.parametrize("make", [np.asfortranarray, np.flip, lambda x: x[:, ::2], lambda x: x.T,
                                  lambda x: np.broadcast_to(x[:1], x.shape)])
def test_programs_for_strided_inputs(make):
    x = np.arange(60.0).reshape(4, 15)
    view = make(x)
    program = negative(view)
    for y in (view, view.copy(), *variants(view.copy())):
        assert_same_bits(program(y)[0], -view)


def test_axes_of_size_one_have_any_stride():
    x = np.arange(12.0).reshape(3, 1, 4)
    assert_same_bits(negative(x)(x[:, :, :])[0], -x)
    view = np.ndarray((3, 1, 4), F64, x, 0, (32, 8888, 8))
    assert_same_bits(negative(x)(view)[0], -x)


def test_wrong_inputs():
    program = negative(np.zeros((2, 3)))
    with pytest.raises(TypeError, match="the program takes 1 inputs, got 2"):
        program(np.zeros((2, 3)), 1)
    with pytest.raises(TypeError, match="input 0: got float32, wanted float64"):
        program(np.zeros((2, 3), "f"))
    with pytest.raises(ValueError, match=r"input 0: got shape \(3, 2\), wanted \(2, 3\)"):
        program(np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"input 0: got shape \(2, 3, 1\)"):
        program(np.zeros((2, 3, 1)))
    with pytest.raises(TypeError, match="input 0: got object"):
        program(object())


@pytest.mark.parametrize(("dtype", "values"), [
    ("d", [1.5, 2, True, np.float64(2.5), np.array(3.5), -0.0]),
    ("f", [1.5, 2, True, np.float32(2.5), np.array(3.5, "f")]),
    (np.int64, [2, True, np.int64(3), np.array(4), 2**63 - 1]),
    (np.int32, [2, np.int32(3), 2**31 - 1])])
def test_numbers(dtype, values):
    program = negative(np.zeros((), dtype))
    for x in values:
        (got,) = program(x)
        assert type(got) is np.dtype(dtype).type
        assert_same_bits(got, -np.asarray(x).astype(dtype))


def test_numbers_that_do_not_fit():
    program = negative(np.zeros((), np.int64))
    for x in (2**63, -2**63 - 1, 10**5000):
        with pytest.raises(OverflowError, match="a Python int that does not fit int64"):
            program(x)
    with pytest.raises(OverflowError, match="does not fit float64"):
        negative(np.zeros(()))(10**400)
    with pytest.raises(TypeError, match="input 0: got a Python float, wanted int64"):
        program(1.5)
    with pytest.raises(TypeError, match="input 0: got float64, wanted int64"):
        program(np.float64(1.5))


def test_other_names_of_a_dtype():
    """long and long long are one dtype on many systems."""
    for code in "lqip":
        x = np.arange(5).astype(code)
        np.testing.assert_array_equal(negative(x)(x)[0], -x)


# ---- results ----

def test_results_are_fresh():
    for n in (3, 100_000):
        x = np.arange(float(n))
        builder = LoopBuilder(x.shape)
        builder.store(builder.load(x), x.shape)
        program = builder.program()
        (first,) = program(x)
        (second,) = program(x)
        assert not np.shares_memory(first, x) and not np.shares_memory(first, second)
        assert first.flags.writeable and first.flags.c_contiguous and first.flags.aligned
        first[:] = 0
        assert_same_bits(second, x)


def test_results_without_axes_are_scalars():
    for dtype in EVERY:
        builder = LoopBuilder(())
        builder.store(builder.op("copy", dtype, builder.load(np.ones((), dtype))), ())
        assert type(builder.program()(np.ones((), dtype))[0]) is np.dtype(dtype).type


def test_no_steps_and_no_slots():
    assert Program([], [], [], [])() == []


def test_more_slots_than_fit_on_the_stack():
    builder = LoopBuilder((4,))
    arrays = [np.full(4, float(i)) for i in range(40)]
    total = builder.load(arrays[0])
    for x in arrays[1:]:
        total = builder.op("add", "d", total, builder.load(x))
    builder.store(total, (4,))
    program = builder.program()
    assert_same_bits(program(*arrays)[0], np.full(4, 780.0))
    with pytest.raises(ValueError, match="input 39"):
        program(*arrays[:-1], np.zeros(5))


# ---- calls ----

def call_program(function, results=1, dtype=F64):
    slots = [Slot("input", F64, (2, 3)), Slot("temp", F64, (2, 3))] + [
        Slot("output", dtype, (2, 3)) for _ in range(results)]
    double = LoopBuilder((2, 3))
    double.slots = slots
    double.op("add", "d", double.load_slot(0, (24, 8)), 0)
    step = double.loop()._replace(stores=(Store(1, 1),))
    outs = tuple(range(2, 2 + results))
    call = Call(function, (Operand(1, 0, (3, 2), (8, 24)), Operand(0, 8, (), ())), outs)
    return Program(slots, [step, call], [0], outs, 64)


def test_a_call_sees_views():
    x = np.arange(6.0).reshape(2, 3)
    seen = []

    def function(double, number):
        seen.append((double.flags.writeable, number.shape, float(number)))
        return double.T

    program = call_program(function)
    assert_same_bits(program(x)[0], 2 * x)
    assert seen == [(False, (), 1.0)]
    assert program.calls == 1


@pytest.mark.parametrize(("function", "message"), [
    (lambda a, b: a, r"returned float64\(3, 2\), wanted float64\(2, 3\)"),
    (lambda a, b: a.T.astype("f"), r"returned float32\(2, 3\), wanted float64\(2, 3\)"),
    (lambda a, b: (a.T, a.T), "returned 2 results, wanted 1"),
    (lambda a, b: (), "returned 0 results, wanted 1")])
def test_results_of_a_call_are_checked(function, message):
    with pytest.raises(ProgramError, match=message):
        call_program(function)(np.ones((2, 3)))


def test_a_call_that_raises():
    fail = [True]

    def function(double, number):
        if fail[0]:
            raise KeyError("mine")
        return double.T

    program, x = call_program(function), np.ones((2, 3))
    for _ in range(3):
        with pytest.raises(KeyError, match="mine"):
            program(x)
    fail[0] = False
    assert_same_bits(program(x)[0], 2 * x)


def test_views_outlive_the_call():
    kept = []

    def function(double, number):
        kept.append((double, number))
        return double.T

    program = call_program(function)
    for i in range(3):
        program(np.full((2, 3), float(i)))
    del program
    gc.collect()
    for i, (double, number) in enumerate(kept):
        np.testing.assert_array_equal(double, np.full((3, 2), 2.0 * i))
        assert number == i


def test_calls_take_other_dtypes():
    for dtype in (np.float16, np.complex128, np.uint8, np.longdouble):
        dtype = np.dtype(dtype)
        slots = [Slot("input", dtype, ()), Slot("output", dtype, ()), Slot("output", dtype, (2,))]
        program = Program(slots, [Call(lambda x: (x, np.stack([x, x])), (Operand(0, 0, (), ()),),
                                       (1, 2))], [0], [1, 2])
        one, two = program(dtype.type(3))
        assert type(one) is dtype.type and one == 3
        assert two.dtype == dtype and two.tolist() == [3, 3]


# ---- memory ----

def test_the_pool_uses_memory_again():
    pool_clear()
    x = np.arange(100_000.0)
    program = negative(x)
    (first,) = program(x)
    place = first.ctypes.data
    assert place % 64 == 0
    view = first[5:10]
    del first
    (second,) = program(x)
    assert second.ctypes.data != place          # the view keeps the memory
    np.testing.assert_array_equal(view, -x[5:10])
    del view
    (third,) = program(x)
    assert third.ctypes.data == place
    del second, third
    assert pool_stats()["free_bytes"] >= 2 * x.nbytes
    pool_clear()
    assert pool_stats()["free_bytes"] == 0


def test_the_pool_is_bounded():
    pool_clear()
    x = np.zeros(100_000)
    program = negative(x)
    results = [program(x)[0] for _ in range(40)]
    del results
    assert pool_stats()["free_bytes"] <= 8 * 2 * x.nbytes
    large = np.zeros(40_000_000)
    program = negative(large)
    del large
    results = [program(np.broadcast_to(0.0, 40_000_000))[0] for _ in range(1)]
    del results
    assert pool_stats()["free_bytes"] <= 2**28
    pool_clear()


def test_memory_that_does_not_exist():
    n = 2**50
    slots = [Slot("input", F64, (n,), (0,)), Slot("output", F64, (n,))]
    builder = LoopBuilder((n,))
    builder.slots, builder.inputs, builder.outputs = slots, [0], [1]
    builder.op("negative", "d", builder.load_slot(0, (0,)))
    builder.stores.append(Store(1, 1))
    program = builder.program()
    for _ in range(2):
        with pytest.raises(MemoryError):
            program(np.broadcast_to(0.0, n))
    arena = Program([Slot("temp", F64, (n,))], [], [], [], n * 8)
    for _ in range(2):
        with pytest.raises(MemoryError, match="bytes of temporaries"):
            arena()


def test_c_strides():
    assert c_strides((2, 3, 4), 8) == (96, 32, 8)
    assert c_strides((), 8) == ()
