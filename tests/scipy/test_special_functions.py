"""Every special function: values and derivatives against an exact oracle, in every way to ask."""

import numpy as np
import pytest

from isograd import jit
from isograd.refimpl.aval import aval_of
from isograd.refimpl.errors import MissingRuleError
from isograd.refimpl.ops.special import RECORDS
from isograd.refimpl.primitive import PRIMITIVES
from isograd.refimpl.trace import bind
from isograd.refimpl.transforms.grad import vjp
from isograd.refimpl.transforms.jvp import jvp
from isograd.refimpl.transforms.vmap import vmap

from ..cases import Case, random_like, with_some_fixed
from ..differential.compare import assert_matches
from ..ops.compare import assert_close, assert_exact_type, assert_within_ulps, pairing
from ..ops.test_derivatives import derivative, exact_pairing, paired, point, second_derivative
from ..oracle import exact
from ..oracle_special import SPECIAL_ORACLES
from ..table import ROWS
from ..table_special import SPECIAL_ROWS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


class SpecialCase(Case):
    """A case whose oracle is in oracle_special.py."""

    def oracle(self):
        return SPECIAL_ORACLES[self.row.prim]

    @property
    def data(self):
        return SPECIAL_ROWS[self.row.prim]

    @property
    def tolerance(self):
        return self.data.slope * self.eps


CASES = [SpecialCase(r.row, r.row.examples[0], dtype, 0)
         for r in SPECIAL_ROWS.values() for dtype in r.row.dtypes]
SMOOTH = [case for case in CASES if case.differentiable()]
DOUBLE = [case for case in SMOOTH if case.dtype == "float64" and case.data.second]
every_case = pytest.mark.parametrize("case", CASES, ids=str)
smooth = pytest.mark.parametrize("case", SMOOTH, ids=str)
double = pytest.mark.parametrize("case", DOUBLE, ids=str)


def test_every_function_has_a_row_and_an_oracle():
    named = {op.prim.name for record in RECORDS.values() for op in record.operations}
    assert named <= set(SPECIAL_ROWS) | {name for name, row in ROWS.items() if not row.elsewhere}
    assert set(SPECIAL_ROWS) == set(SPECIAL_ORACLES)


# ---- values ----

@every_case
def test_value_and_type(case):
    args = case.arguments()
    with np.errstate(all="ignore"):
        got = case.function()(*args)
    assert_within_ulps(got, case.oracle()(*map(exact, args)), case.row.ulp)
    assert_exact_type(got, PRIMITIVES[case.row.prim].aval(*map(aval_of, args)))


SPECIALS = [(r.row.prim, dtype, args, want) for r in SPECIAL_ROWS.values()
            for args, want in r.row.special for dtype in r.row.dtypes if dtype.startswith("f")]


@pytest.mark.parametrize(("prim", "dtype", "args", "want"), SPECIALS)
def test_special_value(prim, dtype, args, want):
    args = [np.dtype(dtype).type(x) for x in args]
    with np.errstate(all="ignore"):
        got = bind(PRIMITIVES[prim], *args)
    np.testing.assert_allclose(got, np.dtype(dtype).type(want), 1e-14)


@every_case
def test_batches_and_compiled_calls(case):
    """vmap is a loop; the compiled call gives the bits of the plain one."""
    f, rows = case.function(), [case.arguments(seed) for seed in range(3)]
    stacks = [np.stack(xs) for xs in zip(*rows, strict=True)]
    with np.errstate(all="ignore"):
        want = np.stack([f(*row) for row in rows])
        np.testing.assert_allclose(vmap(f)(*stacks), want, 64 * case.eps)
        assert_matches(jit(f)(*rows[0]), f(*rows[0]), 64 if case.dtype[0] == "c" else 0)


# ---- derivatives ----

@smooth
def test_derivative_forward_and_reverse(case):
    p = point(case)
    out, dot = jvp(p.f, p.primals, p.dots)
    np.testing.assert_array_equal(out, p.out)
    assert aval_of(dot).dtype == p.out.dtype
    assert_close(dot, derivative(p.oracle, p.primals, p.dots), case.tolerance)
    cts = vjp(p.f, *p.primals)[1](p.ct)
    for x, ct in zip(p.primals, cts, strict=True):
        assert (ct.shape, ct.dtype) == (x.shape, x.dtype)
    size = paired(map(np.abs, cts), map(np.abs, p.dots))
    assert abs(paired(cts, p.dots) - pairing(p.ct, dot)) <= 100 * p.eps * (size + 1)


@double
def test_second_derivative_in_three_ways(case):
    p = point(case)
    want = second_derivative(p.oracle, p.primals, p.dots, p.dots2)
    _, forward = jvp(lambda *xs: jvp(p.f, xs, p.dots)[1], p.primals, p.dots2)
    assert_close(forward, want, case.tolerance)
    total = exact_pairing(p.ct, want)
    bound = case.tolerance * (1 + sum(abs(y) for y in want.flat))
    _, pulled = jvp(lambda *xs: vjp(p.f, *xs)[1](p.ct), p.primals, p.dots2)
    assert abs(paired(pulled, p.dots) - total) <= bound
    pulled = vjp(lambda *xs: jvp(p.f, xs, p.dots)[1], *p.primals)[1](p.ct)
    assert abs(paired(pulled, p.dots2) - total) <= bound


@smooth
def test_batches_and_compiled_derivatives(case):
    moving = case.differentiable()
    rng = np.random.default_rng(0)
    ct = random_like(rng, np.asarray(case.function()(*case.arguments())))
    dots = tuple(random_like(rng, case.arguments()[n]) for n in moving)

    def derivatives(*args):
        f = with_some_fixed(case.function(), args, moving)
        primals = tuple(args[n] for n in moving)
        return [jvp(f, primals, dots)[1], *vjp(f, *primals)[1](ct)]

    rows = [case.arguments(seed) for seed in range(2)]
    want = [derivatives(*row) for row in rows]
    assert_matches(jit(derivatives)(*rows[0]), want[0], 64)
    batched = vmap(derivatives)(*[np.stack(xs) for xs in zip(*rows, strict=True)])
    for n, got in enumerate(batched):
        stacked = np.stack([w[n] for w in want])
        np.testing.assert_allclose(got, stacked, 0, 200 * case.eps * np.max(np.abs(stacked)))


# ---- where a derivative is a convention, or missing ----

KINKS = [(r.row.prim, *kink) for r in SPECIAL_ROWS.values() for kink in r.row.kinks]


@pytest.mark.parametrize(("prim", "args", "dots", "want"), KINKS)
def test_kink(prim, args, dots, want):
    args = [np.float64(x) for x in args]
    moving = [n for n, t in enumerate(dots) if t]
    f = with_some_fixed(lambda *xs: bind(PRIMITIVES[prim], *xs), args, moving)
    primals, tangents = tuple(args[n] for n in moving), tuple(np.float64(dots[n]) for n in moving)
    np.testing.assert_allclose(jvp(f, primals, tangents)[1], want, 1e-12)
    np.testing.assert_allclose(np.dot(vjp(f, *primals)[1](np.float64(1)), tangents), want, 1e-12)


GAPS = [(r, n) for r in SPECIAL_ROWS.values() for n in r.gaps if any(r.row.derivative)]


@pytest.mark.parametrize(("row", "n"), GAPS, ids=lambda x: getattr(x, "row", x) and str(x)[:40])
def test_a_missing_derivative_names_function_and_argument(row, n):
    case = SpecialCase(row.row, row.row.examples[0], row.row.dtypes[-1], 0)
    args, name = case.arguments(), row.row.prim
    with pytest.raises(MissingRuleError, match=name) as caught:
        jvp(with_some_fixed(case.function(), args, [n]), (args[n],), (args[n],))
    assert f"in its argument {RECORDS[name].arguments[n]}" in str(caught.value)


AWKWARD = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, np.inf, -np.inf, np.nan, 5e-324])


@pytest.mark.parametrize("name", [r.row.prim for r in SPECIAL_ROWS.values()
                                  if len(r.row.derivative) < 3 and r.row.dtypes[0][0] == "f"])
def test_zero_tangents_absorb_whatever_the_derivative_is(name):
    row = SPECIAL_ROWS[name].row
    args = [x.ravel() for x in np.meshgrid(*[
        AWKWARD if arg.dtype is None else np.arange(3) for arg in row.examples[0].args])]
    moving = [n for n, has in enumerate(row.derivative) if has]
    if moving:
        f = with_some_fixed(lambda *xs: bind(PRIMITIVES[name], *xs), args, moving)
        primals = tuple(args[n] for n in moving)
        out, dot = jvp(f, primals, tuple(map(np.zeros_like, primals)))
        np.testing.assert_array_equal(dot, np.zeros_like(out))
        for pulled in vjp(f, *primals)[1](np.zeros_like(out)):
            np.testing.assert_array_equal(pulled, 0)
