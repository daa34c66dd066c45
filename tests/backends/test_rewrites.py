"""Rewrites keep every bit, are idempotent, and do what each rule says."""

import mpmath
import numpy as np
import pytest

from isograd.backends.rewrite import passes, simplify
from isograd.backends.rewrite.passes import drop_dead, inline, rewrite
from isograd.backends.rewrite.rules import RULES
from isograd.refimpl.graph import Lit, eval_graph
from isograd.refimpl.jit import checkpoint, jit
from isograd.refimpl.ops import elementwise as e
from isograd.refimpl.ops import linear as li
from isograd.refimpl.ops import movement as mv
from isograd.refimpl.promotion import explicit_dtypes
from isograd.refimpl.transforms.stage import make_graph

from .random_programs import RandomProgram, assert_same_bits

EDGES = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, -1e-310, 1e308, 0.1])


def run(graph, args):
    with np.errstate(all="ignore"):
        return eval_graph(graph, args)


@pytest.mark.parametrize("seed", range(300))
def test_random_programs_keep_their_bits(seed):
    program = RandomProgram(seed, whole=False)
    graph = program.graph()
    want = run(graph, program.arguments)
    for p in (inline, explicit_dtypes, drop_dead, simplify):
        got = run(p(graph).check(), program.arguments)
        for x, y in zip(got, want, strict=True):
            assert_same_bits(x, y, p.__name__)


@pytest.mark.parametrize("seed", range(0, 300, 3))
def test_a_second_time_changes_nothing(seed):
    once = simplify(RandomProgram(seed, whole=False).graph())
    assert str(simplify(once)) == str(once)


FOLDED = [      # function of an array, operations that are left
    (lambda x: e.multiply(x, 1.0), []),
    (lambda x: e.multiply(1, x), []),
    (lambda x: e.divide(x, 1), []),
    (lambda x: e.subtract(x, 0.0), []),
    (lambda x: e.add(-0.0, x), []),
    (lambda x: e.negative(e.negative(x)), []),
    (lambda x: e.multiply(x, x), ["square"]),
    (lambda x: e.power(x, 2), ["square"]),
    (lambda x: e.power(x, 1.0), []),
    (lambda x: e.divide(x, 8), ["multiply"]),
    (lambda x: e.power(x, 3), ["square", "multiply"]),
    (lambda x: e.power(x, -1), ["reciprocal"]),
    (lambda x: e.scale(x, 1.0), []),
    (lambda x: e.positive(x), []),
    (lambda x: e.real(e.conjugate(x)), []),
    (lambda x: e.maximum(x, x), []),
    (lambda x: e.select(e.less(x, 1), x, x), []),
    (lambda x: e.select(True, x, 1.0), []),
    (lambda x: e.absolute(e.negative(x)), ["absolute"]),
    (lambda x: li.cast_to(li.cast_to(x, np.dtype("complex128")), x.aval.dtype), []),
    (lambda x: li.permute(li.permute(x, (1, 0)), (1, 0)), []),
    (lambda x: li.reshape(li.reshape(x, (11,)), (1, 11)), []),
    (lambda x: mv.flip(mv.flip(x, axes=(1,)), axes=(1,)), []),
    (lambda x: mv.slice_(x, (0, 0), (1, 11), (1, 1)), []),
    (lambda x: mv.slice_(mv.slice_(x, (0, 1), (1, 11), (1, 2)), (0, 1), (1, 4), (1, 1)), ["slice"]),
    (lambda x: e.add(li.broadcast_to(e.exp(li.constant(0, x)), (1, 11)), x), ["add"]),
    (lambda x: e.add(e.sin(x), e.sin(x)), ["sin", "add"]),
    (lambda x: e.add(x, e.weaken(e.multiply(2.0, 3.0))), ["add"]),
]
KEPT = [        # what looks as if it could be left out
    (lambda x: e.add(x, 0.0), ["add"]),
    (lambda x: e.multiply(x, 0.0), ["multiply"]),
    (lambda x: e.subtract(x, x), ["subtract"]),
    (lambda x: e.divide(x, x), ["divide"]),
    (lambda x: e.subtract(x, -0.0), ["subtract"]),
    (lambda x: e.divide(x, 3.0), ["divide"]),
    (lambda x: e.divide(x, 2.0**1023), ["divide"]),
    (lambda x: e.maximum(x, -np.inf), ["maximum"]),
    (lambda x: li.cast_to(li.cast_to(x, np.dtype("float16")), x.aval.dtype), ["cast", "cast"]),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("f", "left"), FOLDED + KEPT)
def test_rule(f, left, dtype):
    with np.errstate(all="ignore"):
        x = EDGES.astype(dtype)[None]
    graph = make_graph(f)(x).graph
    simple = simplify(graph).check()
    assert [q.prim.name for q in simple.eqns] == left
    (got,), (want,) = run(simple, [x]), run(graph, [x])
    assert_same(got, want)


def assert_same(got, want):
    """The same bits, but for powers, which are within 2 + 1 units of NumPy's."""
    try:
        assert_same_bits(got, want)
    except AssertionError:
        np.testing.assert_array_max_ulp(got, want, 3)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("exponent", [-1, 1, 2, 3])
def test_powers_are_within_two_units_of_the_exact_ones(exponent, dtype):
    limits = np.finfo(dtype)
    rng = np.random.default_rng(0)
    span = np.log2(float(limits.max)) / abs(exponent)
    x = (rng.choice([-1, 1], 2000) * 2 ** rng.uniform(-span, span, 2000)).astype(dtype)
    x = x[np.isfinite(x)]
    graph = make_graph(lambda x: e.power(x, exponent))(x).graph
    (got,) = run(simplify(graph), [x])
    with mpmath.workprec(200):
        for a, y in zip(x, got, strict=True):
            exact = mpmath.mpf(float(a)) ** exponent
            if abs(exact) <= float(limits.max):
                assert abs(mpmath.mpf(float(y)) - exact) <= 2 * float(np.spacing(abs(y)))


WIDE = np.dtype("float64")


def in_double(f):
    """f computed in float64 on float32 arguments, and rounded."""
    return lambda *xs: li.cast_to(f(*[li.cast_to(x, WIDE) for x in xs]), xs[0].aval.dtype)


DETOURS = [e.add, e.subtract, e.multiply, e.divide, e.scale]


def awkward_floats(n=4000):
    """float32 numbers of all sizes, with mantissas that make ties, and pairs that nearly cancel."""
    rng = np.random.default_rng(3)
    bits = rng.integers(0, 2**32, (2, n), dtype=np.uint64).astype(np.uint32)
    bits[:, ::3] &= 0xFFFFF000
    x, y = bits.view(np.float32)
    with np.errstate(invalid="ignore"):
        y[::5] = np.nextafter(-x[::5], np.float32(0))
    return x, y


@pytest.mark.parametrize("f", DETOURS)
def test_detours_through_double_precision_are_left_out(f):
    x, y = awkward_floats()
    numbers = [0.125, 3.0, -0.0, float(np.float32(1e-40)), float(np.float32(0.1)), np.inf]
    cases = [in_double(f)] + [in_double(lambda x, y, c=c: f(x, np.float64(c))) for c in numbers]
    cases += [in_double(lambda x, y, c=c: f(np.float64(c), x)) for c in numbers]
    for case in cases:
        graph = make_graph(case)(x, y).graph
        simple = simplify(graph).check()
        assert all(v.aval.dtype != WIDE for q in simple.eqns for v in q.outs), simple
        assert_same_bits(run(simple, [x, y])[0], run(graph, [x, y])[0])
    kept = make_graph(in_double(lambda x, y: f(x, np.float64(0.1))))(x, y).graph
    assert any(v.aval.dtype == WIDE for q in simplify(kept).eqns for v in q.outs)


def test_detours_of_one_argument():
    x, _ = awkward_floats()
    for f in (e.sqrt, e.square):
        graph = make_graph(in_double(f))(x).graph
        assert len(simplify(graph).eqns) == 1
        assert_same_bits(run(simplify(graph), [x])[0], run(graph, [x])[0])


WHOLE_NUMBERS = [
    lambda n: e.add(n, 0), lambda n: e.subtract(n, 0), lambda n: e.invert(e.invert(n)),
]
TRUTHS = [
    lambda b: e.logical_not(e.logical_not(b)), lambda b: e.logical_and(b, b),
    lambda b: e.logical_or(b, b), lambda b: e.logical_and(True, b),
    lambda b: e.logical_or(b, False),
]
MORE = [
    lambda x: e.minimum(x, x), lambda x: e.absolute(e.absolute(x)), lambda x: e.power(x, 1),
    lambda x: e.select(False, 1.0, x), lambda x: li.cast_to(li.cast_to(
        li.cast_to(x, np.dtype("float32")), np.dtype("float64")), np.dtype("complex128")),
    lambda x: li.broadcast_to(li.broadcast_to(x, (2, 11)), (3, 2, 11)),
    lambda x: li.bind(li.reshape_p, x, shape=x.aval.shape),
    lambda x: li.bind(li.broadcast_to_p, x, shape=x.aval.shape),
    lambda x: li.bind(li.permute_p, x, perm=(0, 1)),
    lambda x: li.bind(li.cast_p, x, dtype=x.aval.dtype), lambda x: li.bind(mv.stop_gradient_p, x),
]


def test_every_rule_is_tried_and_is_right(monkeypatch):
    fired = set()

    def counted(number, rule):
        return rule._replace(when=lambda m: rule.when(m) and (fired.add(number) or True))

    table = {}
    for number, rule in enumerate(RULES):
        table.setdefault(rule.lhs.name, []).append(counted(number, rule))
    monkeypatch.setattr(passes, "RULES_OF", table)
    narrow = EDGES[:9].astype("float32")
    detours = [in_double(g) for f in DETOURS for g in (
        lambda x, f=f: f(x, e.negative(x)), lambda x, f=f: f(x, np.float64(3)),
        lambda x, f=f: f(np.float64(3), x))]
    pairs = [lambda x, f=f: in_double(f)(x, e.exp(x)) for f in DETOURS]
    for functions, x in (([f for f, _ in FOLDED] + MORE, EDGES[None]),
                         ([*detours, *pairs, in_double(e.sqrt), in_double(e.square)], narrow),
                         (WHOLE_NUMBERS, np.arange(-3, 3)), (TRUTHS, np.array([True, False]))):
        for f in functions:
            graph = make_graph(f)(x).graph
            (got,), (want,) = run(simplify(graph).check(), [x]), run(graph, [x])
            assert_same(got, want)
    assert fired == set(range(len(RULES)))


def test_literals_are_shared_by_their_bits():
    graph = make_graph(lambda x: [e.add(x, 0.0), e.add(x, -0.0), e.subtract(x, 0.0)])(EDGES).graph
    assert [q.prim.name for q in simplify(graph).eqns] == ["add"]


def test_dead_equations_go():
    def f(x):
        e.exp(x)
        return e.sin(x)
    assert len(simplify(make_graph(f)(EDGES).graph).eqns) == 1


def test_calls_are_inlined_but_a_barrier_stays():
    def f(x):
        y, = mv.bind(mv.barrier_p, x)
        return jit(lambda x: e.add(e.sin(x), 1))(x), checkpoint(e.sin)(x), e.sin(y)
    simple = simplify(make_graph(f)(EDGES).graph).check()
    assert [q.prim.name for q in simple.eqns] == ["barrier", "sin", "add", "sin"]


def test_a_call_of_another_backend_is_left_alone():
    f = jit(lambda x: e.sin(x), backend="reference")
    graph = make_graph(lambda x: f(x))(EDGES).graph
    assert [q.prim.name for q in simplify(graph, "cpu").eqns] == ["call"]


def nested(depth, f=lambda x: e.sin(x)):
    """f, 2**depth times, by functions that call one another twice."""
    for _ in range(depth):
        f = jit(lambda x, inner=f: inner(inner(x)))
    return f


def test_large_functions_that_are_called_again_stay_calls():
    def sizes(depth):
        return len(inline(make_graph(nested(depth))(EDGES).graph).eqns)
    assert [sizes(9), sizes(10), sizes(11), sizes(12)] == [512, 1024, 2, 4]
    once = make_graph(lambda x: e.cos(nested(10)(x)))(EDGES).graph
    assert len(inline(once).eqns) == 1025


def test_python_scalars_keep_their_weakness_through_a_call():
    f = jit(lambda x, s: e.multiply(x, e.weaken(e.add(s, 1))))
    x = np.ones(3, "float32")
    graph = make_graph(lambda x, s: f(x, s))(x, 2.0).graph
    (got,) = run(simplify(graph).check(), [x, 2.0])
    assert got.dtype == np.float32


def test_a_python_number_may_be_broadcast_twice():
    def f(x):
        return e.add(x, li.broadcast_to(li.broadcast_to(7.0, (3,)), (2, 3)))
    graph = make_graph(f)(np.ones((2, 3))).graph
    (got,) = run(simplify(graph).check(), [np.ones((2, 3))])
    np.testing.assert_array_equal(got, np.full((2, 3), 8.0))
    (got,) = run(simplify(make_graph(lambda: li.broadcast_to(
        li.broadcast_to(7.0, (3,)), (2, 3)))().graph).check(), [])
    np.testing.assert_array_equal(got, np.full((2, 3), 7.0))


def test_a_number_that_does_not_fit_raises_when_it_is_run():
    x = np.ones(2, np.int32)
    graph = make_graph(lambda x: e.add(x, 2**40))(x).graph
    with pytest.raises(OverflowError):
        run(graph, [x])
    with pytest.raises(OverflowError):
        run(simplify(graph), [x])


def test_passes_are_linear():
    def deep(n):
        def f(x):
            for _ in range(n):
                x = e.add(e.multiply(x, 1.0), e.sin(x))
            return x
        return make_graph(f)(EDGES).graph

    assert len(rewrite(explicit_dtypes(deep(2000))).eqns) == 4000
    assert type(simplify(make_graph(lambda x: 3.0)(EDGES).graph).outputs[0]) is Lit
