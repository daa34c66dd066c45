"""Captured arrays: what each use of one means, and what that costs while a function is traced."""

import tracemalloc

import numpy as np
import pytest

import isograd
from isograd.refimpl.transforms.stage import same_bits

CHANGES = {     # two arrays of one type, not the same
    "numbers": (np.array([1.0, 2.0]), np.array([1.0, 3.0])),
    "signs of zero": (np.array([0.0]), np.array([-0.0])),
    "imaginary parts": (np.array([1 + 2j]), np.array([1 + 3j])),
    "truth values": (np.array([True]), np.array([False])),
    "halves": (np.array([1, 2], np.float16), np.array([1, 3], np.float16)),
    "not contiguous": (np.arange(6.0)[::2], np.arange(6.0)[1::2]),
    "no axes": (np.array(1.0), np.array(2.0)),
    "long": (np.array([1], np.longdouble), np.array([2], np.longdouble)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_bits(name):
    x, y = CHANGES[name]
    assert not same_bits(x, y)
    assert same_bits(x, x.copy())


def test_a_nan_is_what_it_was():
    x = np.array([np.nan, 1.0])
    assert same_bits(x, x.copy())


@pytest.mark.parametrize("dtype", ["float64", "complex128", "bool", "float32"])
def test_each_use_means_what_the_array_held_then(dtype):
    table = np.zeros(3, dtype)

    def f(x):
        table[0] = 0
        y = x + table
        table[0] = 1
        return y, x + table
    before, after = isograd.jit(f)(np.zeros(3))
    assert before[0] == 0
    assert after[0] == 1


def test_tracing_copies_a_captured_array_once():
    table = np.ones(500_000)

    def f(x):
        for _ in range(5):
            x = x + np.sum(table * x)
        return x
    tracemalloc.start()
    try:
        isograd.make_graph(f)(1.0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * table.nbytes
