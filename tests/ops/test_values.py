"""Every operation computes what the exact oracle says, in the dtype that its aval rule says."""

import itertools

import numpy as np
import pytest

from isograd.refimpl.aval import Aval, aval_of
from isograd.refimpl.errors import DtypeError
from isograd.refimpl.primitive import PRIMITIVES
from isograd.refimpl.trace import bind

from ..cases import ALL
from ..oracle import ORACLES, SIZES, exact
from ..table import ROWS
from .compare import assert_exact_type, assert_within, assert_within_ulps


def test_every_primitive_has_a_row():
    assert set(ROWS) == set(PRIMITIVES)


def test_every_row_has_an_oracle_or_says_where_it_is_tested():
    for row in ROWS.values():
        assert row.prim in ORACLES or row.elsewhere or row.special, row.prim


@pytest.mark.parametrize("case", ALL, ids=str)
def test_value(case):
    args = case.arguments()
    with np.errstate(all="ignore"):
        got = case.function()(*args)
    want = case.oracle()(*map(exact, args))
    if case.row.accumulates and np.asarray(got).dtype.kind in "fc":
        sizes_of = SIZES.get(case.row.prim, ORACLES[case.row.prim])
        sizes = sizes_of(*[np.abs(exact(x)) if x.dtype.kind in "fc" else exact(x)
                           for x in args], **case.example.params)
        assert_within(got, want, 4 * (max(map(np.size, args)) + 1) * case.eps * sizes)
    else:
        assert_within_ulps(got, want, case.row.ulp)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_type_is_what_the_aval_rule_says(case):
    args = case.arguments()
    prim = PRIMITIVES[case.row.prim]
    aval = prim.aval(*map(aval_of, args), **case.example.params)
    with np.errstate(all="ignore"):
        assert_exact_type(case.function()(*args), aval)


SPECIALS = [(row.prim, dtype, args, want) for row in ROWS.values()
            for args, want in row.special for dtype in row.dtypes if dtype.startswith("float")]


@pytest.mark.parametrize(("prim", "dtype", "args", "want"), SPECIALS)
def test_special_value(prim, dtype, args, want):
    """NaN, infinities and signed zeros, as scalars and inside an array."""
    dtype = np.dtype(dtype)
    want = want if isinstance(want, bool) else dtype.type(want)
    for shape in ((), (9,)):
        arrays = [np.full(shape, x, bool if isinstance(x, bool) else dtype)[()] for x in args]
        with np.errstate(all="ignore"):
            got = np.asarray(bind(PRIMITIVES[prim], *arrays))
        if np.isnan(want):
            assert np.isnan(got).all()
        elif want == 0 or np.isinf(want) or isinstance(want, bool):
            assert (got == want).all()
            assert (np.signbit(got) == np.signbit(want)).all()
        else:
            np.testing.assert_allclose(got, want, 8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nextafter_is_one_unit_away(dtype):
    f = PRIMITIVES["nextafter"]
    assert bind(f, dtype(1), dtype(2)) == dtype(1) + np.finfo(dtype).eps
    assert bind(f, dtype(1), dtype(0)) == dtype(1) - np.finfo(dtype).epsneg
    assert bind(f, dtype(0), dtype(-1)) == -np.finfo(dtype).smallest_subnormal


@pytest.mark.parametrize("order", ["C", "F"])
def test_scatter_keeps_the_last_in_c_order_whatever_the_layout(order):
    i, v = np.array([[0, 1], [1, 0]], order=order), np.array([[1, 2], [3, 4]], order=order)
    got = bind(PRIMITIVES["scatter"], np.zeros(2, int), v, i, mode="set", unique=False)
    np.testing.assert_array_equal(got, [4, 3])


# ---- dtypes ----

DTYPES = [np.dtype(c) for c in "?bBhHiIqQefdFD"]
OTHERWISE = ("cast", "checked_cast", "weaken")     # promote in a way of their own
ELEMENTWISE = [p for p in PRIMITIVES.values()
               if p.kind == "elementwise" and p.name not in OTHERWISE
               and not ROWS[p.name].elsewhere]


def result_dtype(f, *args):
    """The dtype of f(*args), or that it is a TypeError."""
    try:
        with np.errstate(all="ignore"):
            return f(*args).dtype
    except TypeError:
        return "a TypeError"


def arity(prim):
    return len(ROWS[prim.name].derivative)


@pytest.mark.parametrize("prim", ELEMENTWISE, ids=str)
def test_promotion(prim):
    """The aval rule gives the dtype that NumPy gives, or an error where NumPy gives one."""
    for dtypes in itertools.product(DTYPES, repeat=arity(prim)):
        arrays = [np.ones(2, d) for d in dtypes]
        avals = [Aval((2,), d) for d in dtypes]
        assert result_dtype(prim.aval, *avals) == result_dtype(prim.impl, *arrays), dtypes


@pytest.mark.parametrize("prim", [p for p in ELEMENTWISE if arity(p) == 2], ids=str)
@pytest.mark.parametrize("scalar", [1, 1.0, 1.0 + 0j], ids=str)
def test_promotion_of_python_scalars(prim, scalar):
    """A Python scalar takes the dtype of the array it meets (NEP 50)."""
    for dtype in DTYPES:
        for pair in ((np.ones(2, dtype), scalar), (scalar, np.ones(2, dtype))):
            want = result_dtype(prim.impl, *pair)
            assert result_dtype(prim.aval, *map(aval_of, pair)) == want, dtype


def test_missing_loop_is_a_dtype_error():
    with pytest.raises(DtypeError, match="bitwise_and has no loop"):
        PRIMITIVES["bitwise_and"].aval(Aval((), np.dtype("f4")), Aval((), np.dtype("f4")))
