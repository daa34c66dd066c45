"""Every operation of the engine's table equals the NumPy line it stands for, bit for bit."""

import warnings

import numpy as np
import pytest

from isograd.fastpath import has_ufunc_loop, native_ops
from isograd.fastpath.program import ROW, ROWS, ProgramError
from isograd.fastpath.table import EVERY, FLOATS, INTS

from .builder import LoopBuilder, assert_same_bits, one_op, pairs, special_values

SIZES = (0, 1, 7, 31, 1023, 1024, 1025, 5000)
SIGN_OF_ZERO_IS_FREE = ("maximum", "minimum")


def scale(g, d):
    return np.where(g == 0, g, g * d)


def numpy_of(name):
    """The NumPy function of a name in the table."""
    if name.startswith("cast_"):
        return lambda x: x.astype(name[-1])
    if name == "copy":
        return np.copy
    return {"select": np.where, "scale": scale}.get(name) or getattr(np, name)


def operands(name, dtypes, n):
    if name == "select":
        x, y = pairs(dtypes[1], n)
        return np.arange(n) % 3 == 0, x, y
    x, y = pairs(dtypes[0], n)
    if name.startswith("cast_") and dtypes[0] in FLOATS and name[-1] in INTS:
        x = np.where(np.abs(x) < 2e9, x, 1).astype(dtypes[0])      # NaN fails the comparison
    return (x, y)[:len(dtypes)]


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("key", native_ops, ids="-".join)
def test_native(key, n):
    name, dtypes = key[0], key[1:]
    args = operands(name, dtypes, n)
    got, want = one_op(name, native_ops[key], *args), numpy_of(name)(*args)
    if name in SIGN_OF_ZERO_IS_FREE:
        got, want = got + 0, want + 0
        np.testing.assert_array_equal(got, want)
        return
    assert_same_bits(got, want)


UFUNCS = [np.exp, np.log, np.tanh, np.sin, np.expm1, np.arctan, np.cbrt, np.power, np.arctan2,
          np.hypot, np.fmod, np.remainder, np.floor_divide, np.logaddexp, np.nextafter]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
def test_ufunc(ufunc, dtype):
    for n in SIZES:
        args = pairs(dtype, n)[:ufunc.nin]
        assert_same_bits(one_op("ufunc", dtype, *args, ufunc=ufunc), ufunc(*args))


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("ufunc", [np.remainder, np.floor_divide, np.left_shift, np.right_shift,
                                   np.gcd], ids=lambda u: u.__name__)
def test_integer_ufunc(ufunc, dtype):
    for n in SIZES:
        args = pairs(np.dtype(dtype).char, n)
        assert_same_bits(one_op("ufunc", dtype, *args, ufunc=ufunc), ufunc(*args))


def test_which_ufuncs_there_are():
    assert has_ufunc_loop(np.exp, "ff")
    assert not has_ufunc_loop(np.exp, "ll")
    assert not has_ufunc_loop(np.exp, "?f")
    with pytest.raises(ProgramError, match="exp has no inner loop for 'll'"):
        one_op("ufunc", np.int64, np.arange(3), ufunc=np.exp)



@pytest.mark.parametrize("dtype", EVERY)
@pytest.mark.parametrize("name", ["max", "min", "argmax", "argmin"])
@pytest.mark.parametrize("columns", [1, 2, 15, 16, 17, 31, 33, 64, 100, 255, 256, 1000, 5000])
def test_extreme_of_rows(name, dtype, columns):
    """The first place wins, NaN is greater and less than everything."""
    rng = np.random.default_rng(columns)
    values = special_values(dtype)
    x = rng.choice(values, (40, columns))
    x[::2] = rng.choice(values[~np.isnan(values)] if dtype in FLOATS else values, (20, columns))
    builder = LoopBuilder(x.shape, columns, ROWS)
    result = np.int64 if name.startswith("arg") else dtype
    builder.store(builder.op(name, result, builder.load(x), level=ROW), (40,))
    np.testing.assert_array_equal(builder.program()(x)[0], getattr(np, name)(x, -1))
