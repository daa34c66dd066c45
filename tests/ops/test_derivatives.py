"""Derivatives of every operation against differences of its exact oracle.

The oracle works to 80 digits, so a central difference of step 1e-25 is exact for our purpose.
"""

from typing import NamedTuple

import numpy as np
import pytest

from isograd.refimpl.aval import aval_of
from isograd.refimpl.errors import MissingRuleError
from isograd.refimpl.ops import index, reduce, scan
from isograd.refimpl.primitive import PRIMITIVES
from isograd.refimpl.trace import bind
from isograd.refimpl.transforms.grad import vjp
from isograd.refimpl.transforms.jvp import jvp, tangent_dtype
from isograd.refimpl.transforms.transpose import linear_transpose

from ..cases import (
    ALL,
    DOUBLE,
    SMOOTH,
    SPECIAL,
    random_like,
    special_arguments,
    with_some_fixed,
)
from ..oracle import ORACLES, ctx, exact
from ..table import ROWS
from .compare import assert_close, pairing

STEP = ctx.mpf("1e-25")
TOLERANCE = 400     # in units of eps times the largest number of the result
smooth = pytest.mark.parametrize("case", SMOOTH, ids=str)
double = pytest.mark.parametrize("case", DOUBLE, ids=str)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


class Point(NamedTuple):
    """A function of the arguments that have derivatives, a point, directions, and a cotangent."""

    f: object
    oracle: object
    primals: tuple
    dots: tuple
    dots2: tuple
    out: object
    ct: object
    eps: float


def point(case):
    args, moving = case.arguments(), case.differentiable()
    f = with_some_fixed(case.function(), args, moving)
    oracle = with_some_fixed(case.oracle(), list(map(exact, args)), moving)
    primals = tuple(args[n] for n in moving)
    out = np.asarray(f(*primals))[()]
    if out.dtype.kind not in "fc":
        pytest.skip("the result is not floating-point")
    rng = np.random.default_rng(1)
    dots, dots2 = [tuple(random_like(rng, x) for x in primals) for _ in range(2)]
    eps = max(case.eps, float(np.finfo(out.dtype).eps))
    return Point(f, oracle, primals, dots, dots2, out, random_like(rng, out), eps)


# ---- exact derivatives ----

def moved(primals, *directions):
    """The exact point, moved along (step, tangents)."""
    moved = list(map(exact, primals))
    for step, tangents in directions:
        moved = [np.asarray(x + step * exact(t), object)
                 for x, t in zip(moved, tangents, strict=True)]
    return moved


def derivative(f, primals, dots):
    difference = f(*moved(primals, (STEP, dots))) - f(*moved(primals, (-STEP, dots)))
    return np.asarray(difference / (2 * STEP), object)


def second_derivative(f, primals, dots, dots2):
    total = 0
    for a in (1, -1):
        for b in (1, -1):
            total = total + a * b * f(*moved(primals, (a * STEP, dots), (b * STEP, dots2)))
    return np.asarray(total / (4 * STEP**2), object)


# ---- pairings of cotangents and tangents: Re(sum(ct * t)) ----

def paired(cts, dots):
    return sum(pairing(c, t) for c, t in zip(cts, dots, strict=True))


def exact_pairing(ct, dot):
    terms = [exact(c)[()] * t for c, t in zip(np.asarray(ct).flat, dot.flat, strict=True)]
    return ctx.re(sum(terms, start=ctx.mpf(0)))


# ---- the suites ----

@smooth
def test_jvp(case):
    p = point(case)
    out, dot = jvp(p.f, p.primals, p.dots)
    np.testing.assert_array_equal(out, p.out)
    assert aval_of(dot).dtype == p.out.dtype
    assert_close(dot, derivative(p.oracle, p.primals, p.dots), TOLERANCE * p.eps)


@smooth
def test_vjp_is_the_transpose_of_jvp(case):
    p = point(case)
    cts = vjp(p.f, *p.primals)[1](p.ct)
    for x, ct in zip(p.primals, cts, strict=True):
        assert (ct.shape, ct.dtype) == (x.shape, x.dtype)
    _, dot = jvp(p.f, p.primals, p.dots)
    size = paired(map(np.abs, cts), map(np.abs, p.dots))
    assert abs(paired(cts, p.dots) - pairing(p.ct, dot)) <= 100 * p.eps * (size + 1)


def linear_arguments(case):
    """The numbers of the arguments in which the operation itself is linear."""
    if (PRIMITIVES[case.row.prim].transpose is None
            or case.example.params.get("mode") in ("multiply", "minimum", "maximum")):
        return []
    return [0] if case.row.prim == "divide" else case.differentiable()


def beside(case, args):
    """What stands beside the linear argument: in a sum, a choice, or side by side, zeros."""
    if case.row.prim not in ("add", "subtract", "select", "concatenate", "scatter"):
        return args
    return [x * 0 if x.dtype.kind in "fc" else x for x in args]


@pytest.mark.parametrize("case", [case for case in SMOOTH if linear_arguments(case)], ids=str)
def test_transpose_rule(case):
    """Differentiation seldom asks for the transposes of add, multiply, ...: linear_transpose does.
    """
    p, args = point(case), case.arguments()
    for n in linear_arguments(case):
        f = with_some_fixed(case.function(), beside(case, args), [n])
        dot = random_like(np.random.default_rng(n), args[n])
        ct, = linear_transpose(f, args[n])(p.ct)
        assert (ct.shape, ct.dtype) == (args[n].shape, args[n].dtype)
        want = pairing(p.ct, jvp(f, (args[n],), (dot,))[1])
        size = pairing(np.abs(ct), np.abs(dot))
        assert abs(pairing(ct, dot) - want) <= 100 * p.eps * (size + 1)


@double
def test_second_derivative_forward_over_forward(case):
    p = point(case)
    _, got = jvp(lambda *xs: jvp(p.f, xs, p.dots)[1], p.primals, p.dots2)
    want = second_derivative(p.oracle, p.primals, p.dots, p.dots2)
    assert_close(got, want, TOLERANCE * p.eps)


@double
def test_second_derivative_forward_over_reverse(case):
    """<D_u (J^T ct), g> = <ct, D_u D_g f>."""
    p = point(case)
    _, pulled = jvp(lambda *xs: vjp(p.f, *xs)[1](p.ct), p.primals, p.dots2)
    want = exact_pairing(p.ct, second_derivative(p.oracle, p.primals, p.dots, p.dots2))
    assert abs(paired(pulled, p.dots) - want) <= TOLERANCE * p.eps * (1 + abs(want))


@double
def test_second_derivative_reverse_over_forward(case):
    """<(D (J g))^T ct, u> = <ct, D_u D_g f>."""
    p = point(case)
    pulled = vjp(lambda *xs: jvp(p.f, xs, p.dots)[1], *p.primals)[1](p.ct)
    want = exact_pairing(p.ct, second_derivative(p.oracle, p.primals, p.dots, p.dots2))
    assert abs(paired(pulled, p.dots2) - want) <= TOLERANCE * p.eps * (1 + abs(want))


# ---- where the derivative is zero, a convention, or missing ----

FLAT = [(case, n) for case in ALL if case.dtype == "float64" and case.number == 0
        for n, has in enumerate(case.row.derivative) if not has and case.example.args[n][2] is None]


@pytest.mark.parametrize(("case", "n"), FLAT, ids=str)
def test_tangent_is_zero_where_the_table_says_so(case, n):
    args = case.arguments()
    out, dot = jvp(lambda x: case.function()(*args[:n], x, *args[n + 1:]),
                   (args[n],), (np.ones_like(args[n]),))
    assert np.shape(dot) == np.shape(out)
    assert dot.dtype == tangent_dtype(out.dtype)
    assert dot.dtype.kind == "V" or not np.any(dot)


KINKS = [(row.prim, *kink) for row in ROWS.values() for kink in row.kinks]


@pytest.mark.parametrize(("prim", "args", "dots", "want"), KINKS)
def test_kink(prim, args, dots, want):
    """The conventions: zero absorbs, ties share, corners have derivative zero."""
    args = [np.bool_(x) if isinstance(x, bool) else np.float64(x) for x in args]
    moving = [n for n, t in enumerate(dots) if t]
    f = with_some_fixed(lambda *xs: bind(PRIMITIVES[prim], *xs), args, moving)
    primals = tuple(args[n] for n in moving)
    tangents = tuple(np.float64(dots[n]) for n in moving)
    np.testing.assert_allclose(jvp(f, primals, tangents)[1], want, 1e-12)
    cts = vjp(f, *primals)[1](np.float64(1))
    np.testing.assert_allclose(np.dot(cts, tangents), want, 1e-12)


@pytest.mark.parametrize(("prim", "dtype"), [row for row in SPECIAL if row[0] != "scale"])
def test_zero_tangents_absorb_infinite_and_undefined_derivatives(prim, dtype):
    """In both modes, whatever the argument: a branch not taken never poisons a gradient.

    But for `scale` itself: its own first operand absorbs, so its second cannot.
    """
    args = special_arguments(ROWS[prim], dtype)
    moving = [n for n, has in enumerate(ROWS[prim].derivative) if has]
    f = with_some_fixed(lambda *xs: bind(PRIMITIVES[prim], *xs), args, moving)
    primals = [args[n] for n in moving]
    if not moving:
        return
    zeros = tuple(map(np.zeros_like, primals))
    out, dot = jvp(f, tuple(primals), zeros)
    np.testing.assert_array_equal(dot, np.zeros_like(out))
    for pulled in vjp(f, *primals)[1](np.zeros_like(out)):
        np.testing.assert_array_equal(pulled, 0)


def test_missing_derivatives_are_said_to_be_missing():
    bessel, scatter = PRIMITIVES["jv"], PRIMITIVES["scatter"]
    with pytest.raises(MissingRuleError, match="argument v"):
        jvp(lambda v: bind(bessel, v, 2.0), (3.0,), (1.0,))
    with pytest.raises(MissingRuleError, match="unique=True"):
        vjp(lambda v: bind(scatter, np.ones(3), v, np.array([0, 0]), mode="multiply",
                           unique=False), np.ones(2))


# ---- ties, zeros and repeated indices in whole arrays ----

TIES = np.array([[2.0, 1.0, 2.0, 0.0], [3.0, 3.0, 3.0, 3.0]])
REVERSE = [
    # function, argument, gradient of the sum of its results
    (lambda x: reduce.max(x, (1,)), TIES, [[1 / 2, 0, 1 / 2, 0], [1 / 4] * 4]),
    (lambda x: reduce.min(x, (0, 1)), TIES, [[0, 0, 0, 1], [0] * 4]),
    (lambda x: reduce.max(x, (0,)), np.array([np.nan, 1.0]), [0, 0]),
    (lambda x: scan.cummax(x, 1), TIES, [[4, 0, 0, 0], [4, 0, 0, 0]]),
    (lambda x: scan.cummin(x, 1), TIES, [[1, 2, 0, 1], [4, 0, 0, 0]]),
    (lambda x: scan.sort(x, 1), TIES, np.ones((2, 4))),
    (lambda x: reduce.prod(x, (0,)), np.array([2.0, 0.0, 3.0]), [0, 6, 0]),
    (lambda x: reduce.prod(x, (0,)), np.array([0.0, 5.0, 0.0]), [0, 0, 0]),
    (lambda x: scan.cumprod(x, 0), np.array([0.0, 5.0, 0.0]), [6, 0, 0]),
    (lambda x: index.scatter(np.zeros(3), x, np.array([1, 1, 2]), mode="set"),
     np.ones(3), [0, 1, 1]),
    (lambda x: index.scatter(x, np.array([2.0, 2.0]), np.array([0, 0]), mode="maximum"),
     np.array([2.0, 1.0]), [1 / 3, 1]),
    (lambda x: index.scatter(x, np.array([0.0, np.inf]), np.array([0, 1]), mode="multiply",
                             unique=True), np.ones(3), [0, np.inf, 1]),
]


@pytest.mark.parametrize("n", range(len(REVERSE)))
def test_gradient_at_ties_and_zeros(n):
    f, x, want = REVERSE[n]
    out, pullback = vjp(f, x)
    np.testing.assert_array_equal(pullback(np.ones_like(out))[0], want)


@pytest.mark.parametrize("zeros", [(), (0,), (0, 3), (0, 2, 3)], ids=str)
@pytest.mark.parametrize("prim", ["prod", "cumprod"])
def test_second_derivative_of_products_of_zeros(prim, zeros):
    x = np.linspace(0.5, 2, 5)
    x[list(zeros)] = 0
    g, u = np.linspace(-1, 1, 5), np.linspace(2, 1, 5)
    params = {"axes": (0,)} if prim == "prod" else {"axis": 0}

    def f(x):
        return bind(PRIMITIVES[prim], x, **params)

    _, got = jvp(lambda x: jvp(f, (x,), (g,))[1], (x,), (u,))
    want = second_derivative(lambda x: ORACLES[prim](x, **params), [x], [g], [u])
    assert_close(got, want, 1e-14)
