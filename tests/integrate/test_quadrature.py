"""Integrals of functions and of samples: SciPy's values, Leibniz's rule."""

import numpy as np
import pytest
import scipy.integrate

import isograd
from isograd import errors
from isograd.scipy import integrate

rng = np.random.default_rng(0)
INF = np.inf


def bell(x, a):
    return np.exp(-a * x * x)


INTEGRALS = {
    # name: function of (x, a), ends, rtol
    "line": (bell, -INF, INF, 1e-10),
    "ray up": (bell, 0.3, INF, 1e-10),
    "ray down": (bell, -INF, 0.3, 1e-10),
    "ray up, back": (bell, INF, 0.3, 1e-10),
    "line, back": (bell, INF, -INF, 1e-10),
    "waves": (lambda x, a: np.sin(20 * a * x) + x, 0, 3, 1e-10),
    "back": (lambda x, a: np.cos(a * x), 2, -1, 1e-10),
    "empty": (bell, 0.3, 0.3, 1e-10),
    "kink": (lambda x, a: np.abs(x - a), 0, 2, 1e-8),
    "root": (lambda x, a: np.sqrt(a * x), 0, 2, 1e-8),
    "logarithm": (lambda x, a: np.log(a * x), 0, 2, 1e-8),
    "pole": (lambda x, a: a / np.sqrt(x), 0, 2, 1e-7),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_values_and_derivatives_in_a_parameter(name):
    f, low, high, rtol = INTEGRALS[name]
    run = lambda a, quad=integrate.quad: quad(f, low, high, (a,))
    value, error = run(1.3)
    want = run(1.3, scipy.integrate.quad)[0]
    np.testing.assert_allclose(value, want, rtol=rtol, atol=1e-12)
    assert abs(value - want) <= error + 1e-14 and error < 1e-6
    np.testing.assert_allclose(isograd.jit(lambda a: run(a)[0])(1.3), value, rtol=1e-12, atol=1e-14)
    slope = lambda x: isograd.grad(f, 1)(x, 1.3)
    want = scipy.integrate.quad(slope, low, high, points=[1.3] if name == "kink" else None)[0]
    rough = 1e-4 if name == "kink" else 1e-7        # the slope jumps within an interval
    np.testing.assert_allclose(isograd.grad(lambda a: run(a)[0])(1.3), want, rtol=rough, atol=1e-9)


def wave(low, high, p):
    return integrate.quad(lambda x: np.sin(p * x) * np.exp(x), low, high)[0]


def exact_wave(low, high, p):
    whole = lambda x: np.exp(x) * (np.sin(p * x) - p * np.cos(p * x)) / (1 + p * p)
    return whole(high) - whole(low)


PLACE = 0.2, 1.1, 2.0


@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_of_every_order_in_ends_and_captured_values(order):
    got, want = wave, exact_wave
    for _ in range(order):
        got, want = [isograd.jacrev(f, (0, 1, 2)) for f in (got, want)]
    np.testing.assert_allclose(np.array(got(*PLACE)), np.array(want(*PLACE)), rtol=1e-9, atol=1e-11)


def test_a_jump_counts_at_the_ends():
    """Leibniz's rule asks for the value at the end only, not for a slope inside."""
    step = lambda b: integrate.quad(lambda x: np.where(x > 1, 3.0, 1.0), 0, b)[0]
    np.testing.assert_allclose(isograd.grad(step)(2.0), 3.0)


def test_forward_mode_and_batches():
    np.testing.assert_allclose(isograd.jvp(wave, PLACE, (0.3, -0.2, 1.0))[1],
                               isograd.jvp(exact_wave, PLACE, (0.3, -0.2, 1.0))[1])
    ends = np.array([0.5, 1.1, 3.0])
    np.testing.assert_allclose(isograd.vmap(wave, (None, 0, None))(0.2, ends, 2.0),
                               exact_wave(0.2, ends, 2.0))
    slopes = isograd.vmap(isograd.grad(wave, 2), (None, 0, None))(0.2, ends, 2.0)
    np.testing.assert_allclose(slopes, [isograd.grad(exact_wave, 2)(0.2, b, 2.0) for b in ends])


def test_what_is_not_integrable_has_a_large_error():
    value, error = integrate.quad(lambda x: 1 / x, 0, 1.0)
    assert error > 1e-3


def test_kronrods_rule_is_exact_for_polynomials():
    """21 nodes with 10 of Gauss: degree 31; Gauss's alone: 19."""
    x, w, g = integrate.quadrature.NODES, integrate.quadrature.KRONROD, integrate.quadrature.GAUSS
    for degree in range(32):
        want = 2 / (degree + 1) if degree % 2 == 0 else 0
        np.testing.assert_allclose(w @ x ** degree, want, atol=1e-14)
        if degree < 20:
            np.testing.assert_allclose(g @ x ** degree, want, atol=1e-14)


# ---- samples ----

SAMPLED = ["trapezoid", "cumulative_trapezoid", "simpson"]


@pytest.mark.parametrize("name", SAMPLED)
@pytest.mark.parametrize("n", [2, 3, 4, 7, 8])
def test_samples(name, n):
    y, x = rng.normal(size=(3, n)), np.sort(rng.uniform(size=n))
    ours, theirs = [getattr(space, name) for space in (integrate, scipy.integrate)]
    for y_, options in ((y, {"x": x}), (y, {"dx": 0.3}), (y.T, {"dx": 0.3, "axis": 0}),
                        (y.T, {"x": x, "axis": 0}), (y, {"x": np.tile(x, (3, 1))})):
        want = theirs(y_, **options)
        np.testing.assert_allclose(ours(y_, **options), want, atol=1e-13)
        np.testing.assert_allclose(isograd.jit(lambda y, o=options: ours(y, **o))(y_), want,
                                   atol=1e-13)
    dots = rng.normal(size=y.shape), rng.normal(size=n)
    f = lambda y, x: ours(y, x=x)
    h = 1e-6
    want = (theirs(y + h * dots[0], x=x + h * dots[1])
            - theirs(y - h * dots[0], x=x - h * dots[1])) / (2 * h)
    value, got = isograd.jvp(f, (y, x), dots)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    ct = rng.normal(size=value.shape)
    pulled = isograd.vjp(f, y, x)[1](ct)
    np.testing.assert_allclose(sum(np.sum(p * d) for p, d in zip(pulled, dots, strict=True)),
                               np.sum(ct * got))


@pytest.mark.parametrize("n", [2, 3, 5, 17])
def test_romb(n):
    y = rng.normal(size=(2, n))
    np.testing.assert_allclose(integrate.romb(y, 0.2), scipy.integrate.romb(y, 0.2), atol=1e-14)
    np.testing.assert_allclose(integrate.romb(y.T, 0.2, axis=0), scipy.integrate.romb(y, 0.2),
                               atol=1e-14)


def test_initial_of_cumulative_trapezoid():
    y = rng.normal(size=(2, 5))
    np.testing.assert_allclose(integrate.cumulative_trapezoid(y, initial=0),
                               scipy.integrate.cumulative_trapezoid(y, initial=0), atol=1e-14)


@pytest.mark.parametrize("n", [1, 4, 9])
def test_fixed_quad(n):
    f = lambda x, a: np.cos(a * x)
    got = integrate.fixed_quad(f, 0.1, 1.0, (2.0,), n)
    np.testing.assert_allclose(got[0], scipy.integrate.fixed_quad(f, 0.1, 1.0, (2.0,), n)[0])
    assert got[1] is None


def test_an_end_where_the_function_is_infinite():
    f = lambda a, b: integrate.quad(lambda x: 1 / np.sqrt(x), a, b)[0]
    np.testing.assert_allclose(isograd.jit(f)(0.0, 4.0), 4.0, rtol=1e-6)
    np.testing.assert_allclose(isograd.grad(f, (0, 1))(0.0, 4.0), (-INF, 0.5))


BAD = [
    (errors.ShapeError, "one number", lambda: integrate.quad(lambda x: x * np.ones(2), 0, 1)),
    (errors.ShapeError, "single", lambda: integrate.quad(np.sin, 0, np.ones(2))),
    (errors.ArgumentError, "same infinity", lambda: integrate.quad(np.sin, INF, INF)),
    (errors.ArgumentError, "limit", lambda: integrate.quad(np.sin, 0, 1, limit=0)),
    (errors.ArgumentError, "infinite", lambda: integrate.fixed_quad(np.sin, 0, INF)),
    (errors.ArgumentError, "n nodes", lambda: integrate.fixed_quad(np.sin, 0, 1, n=0)),
    (errors.DtypeError, "quad: an end", lambda: integrate.quad(np.sin, 0, 1j)),
    (errors.DtypeError, "fixed_quad: an end", lambda: integrate.fixed_quad(np.sin, 1j, 1)),
    (errors.DtypeError, "end of the interval is", lambda: isograd.jit(
        lambda b: integrate.fixed_quad(np.sin, 0, b)[0])(1j)),
    (errors.ShapeError, "power of 2", lambda: integrate.romb(np.ones(4))),
    (errors.ArgumentError, "show", lambda: integrate.romb(np.ones(3), show=True)),
    (errors.ShapeError, "too few", lambda: integrate.simpson(np.ones(1))),
    (errors.ShapeError, "a place for each", lambda: integrate.simpson(np.ones(3), np.ones(2))),
    (errors.ArgumentError, "initial",
     lambda: integrate.cumulative_trapezoid(np.ones(3), initial=1)),
]


@pytest.mark.parametrize(("error", "words", "call"), BAD, ids=[words for _, words, _ in BAD])
def test_bad_input(error, words, call):
    with pytest.raises(error, match=words):
        call()


def test_an_integral_along_a_line_in_the_complex_plane():
    """What the error about complex ends says to write."""
    f = lambda b: integrate.fixed_quad(lambda t: np.exp(t * b) * b, 0, 1, n=12)[0]
    np.testing.assert_allclose(f(1 + 1j), np.exp(1 + 1j) - 1)
    np.testing.assert_allclose(isograd.jvp(f, (1 + 1j,), (1j,))[1], 1j * np.exp(1 + 1j))
