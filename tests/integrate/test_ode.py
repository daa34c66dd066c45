"""odeint and solve_ivp: SciPy's steps, closed solutions, derivatives in everything."""

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg

import isograd
from isograd import errors
from isograd.scipy.integrate import odeint, runge_kutta, solve_ivp

rng = np.random.default_rng(0)
TIMES = np.linspace(0, 3, 7)
START = np.array([1.0, 2.0])


def predation(t, y, a, b):
    return np.stack([a * y[0] - b * y[0] * y[1], b * y[0] * y[1] - y[1]])


@pytest.mark.parametrize("method", ["RK45", "RK23"])
def test_the_tableaus_are_scipys(method):
    ours, theirs = runge_kutta.METHODS[method], getattr(scipy.integrate, method)
    for mine, name in ((ours.b, "B"), (ours.c, "C"), (ours.e, "E"), (ours.p, "P")):
        np.testing.assert_array_equal(mine, getattr(theirs, name))
    for i, row in enumerate(ours.a):
        np.testing.assert_array_equal(row, theirs.A[i, :i])


SPANS = {"forward": (0, 5.0), "backward": (5.0, -1.0), "empty": (1.0, 1.0)}
OPTIONS = {"default": {}, "tight": {"rtol": 1e-9, "atol": 1e-10}, "first_step": {"first_step": 0.3},
           "max_step": {"max_step": 0.2}, "atol": {"atol": np.array([1e-3, 1e-8])}}


@pytest.mark.parametrize("method", ["RK45", "RK23"])
@pytest.mark.parametrize("span", ["forward", "backward"])
@pytest.mark.parametrize("options", OPTIONS)
def test_steps_and_values_are_scipys(method, span, options):
    args = predation, SPANS[span], START, method
    ours, theirs = [solve(*args, args=(1.5, 1.0), **OPTIONS[options])
                    for solve in (solve_ivp, scipy.integrate.solve_ivp)]
    assert ours.success and ours.status == 0 and "reached" in ours.message
    assert ours.nfev == theirs.nfev
    np.testing.assert_allclose(ours.t, theirs.t, rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(ours.y, theirs.y, rtol=1e-8)


@pytest.mark.parametrize("span", SPANS)
def test_values_at_times(span):
    first, last = SPANS[span]
    times = np.linspace(first, last, 9)
    run = lambda solve: solve(predation, (first, last), START, t_eval=times, args=(1.5, 1.0))
    want = run(scipy.integrate.solve_ivp) if span != "empty" else None
    for ours in (run(solve_ivp), isograd.jit(lambda: run(solve_ivp))()):
        np.testing.assert_array_equal(ours.t, times)
        np.testing.assert_allclose(ours.y, want.y if want else np.tile(START[:, None], 9),
                                   rtol=1e-10)


def test_complex_equations():
    ours = solve_ivp(lambda t, y: 1j * y, (0, 2.0), np.array([1.0 + 0j]), t_eval=[1.0, 2.0],
                     rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(ours.y[0], np.exp(1j * np.array([1.0, 2.0])), rtol=1e-8)


def test_float32_stays():
    ys = odeint(lambda y, t: -y, np.ones(2, np.float32), np.array([0, 1], np.float32), rtol=1e-4)
    assert ys.dtype == np.float32
    np.testing.assert_allclose(ys[1], np.exp(-1), rtol=1e-3)


# ---- derivatives ----

MATRIX = np.array([[-0.3, 1.1], [-0.9, 0.2]])


def linear(y0, a, t):
    return odeint(lambda y, t, a: a @ y, y0, t, a, rtol=1e-10, atol=1e-10)


def test_derivatives_of_a_linear_equation_are_those_of_the_exponential():
    dots = [rng.normal(size=x.shape) for x in (START, MATRIX, TIMES)]
    dots[2][0] = 0
    ys, got = isograd.jvp(linear, (START, MATRIX, TIMES), tuple(dots))
    for t, t_dot, y, y_dot in zip(TIMES, dots[2], ys, got, strict=True):
        e, e_dot = scipy.linalg.expm_frechet(t * MATRIX, t * dots[1])
        np.testing.assert_allclose(y, e @ START, rtol=1e-8)
        want = e @ dots[0] + e_dot @ START + t_dot * MATRIX @ e @ START
        np.testing.assert_allclose(y_dot, want, rtol=1e-7, atol=1e-8)
    ct = rng.normal(size=ys.shape)
    pulled = isograd.vjp(linear, START, MATRIX, TIMES)[1](ct)
    paired = sum(np.sum(p * d) for p, d in zip(pulled, dots, strict=True))
    np.testing.assert_allclose(paired, np.sum(ct * got), rtol=1e-10)


def growth(rate, y0, t0, t1):
    """y' = rate t y: y = y0 exp(rate (t1^2 - t0^2) / 2)."""
    return solve_ivp(lambda t, y: rate * t * y, (t0, t1), np.stack([y0]), t_eval=np.stack([t1]),
                     rtol=1e-11, atol=1e-12).y[0, 0]


def exact_growth(rate, y0, t0, t1):
    return y0 * np.exp(rate * (t1 ** 2 - t0 ** 2) / 2)


POINT = 0.7, 1.3, -0.4, 1.2


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["eager", "jit"])
def test_gradient_in_captured_values_starts_and_ends(wrap):
    got = wrap(isograd.grad(growth, (0, 1, 2, 3)))(*POINT)
    np.testing.assert_allclose(got, isograd.grad(exact_growth, (0, 1, 2, 3))(*POINT), rtol=1e-7)


@pytest.mark.parametrize("outer", [isograd.jacfwd, isograd.jacrev])
@pytest.mark.parametrize("inner", [isograd.jacfwd, isograd.jacrev])
def test_second_order(outer, inner):
    got = outer(inner(growth, (0, 1)), (0, 1))(*POINT)
    want = isograd.hessian(exact_growth, (0, 1))(*POINT)
    np.testing.assert_allclose(np.array(got), np.array(want), rtol=1e-6)


def test_gradient_through_the_steps_that_are_reported():
    run = lambda a: solve_ivp(predation, (0, 2.0), START, args=(a, 1.0), rtol=1e-8)
    loss = lambda a: np.sum(run(a).y[:, -1])
    h = 1e-5
    np.testing.assert_allclose(isograd.grad(loss)(1.5), (loss(1.5 + h) - loss(1.5 - h)) / (2 * h),
                               rtol=1e-5)


def test_vmap_is_a_loop():
    rates = np.array([0.2, 0.9, 1.7])
    f = lambda a: odeint(lambda y, t: predation(t, y, a, 1.0), START, TIMES)
    np.testing.assert_allclose(isograd.vmap(f)(rates), np.stack(list(map(f, rates))), rtol=1e-12)
    g = isograd.grad(lambda a: np.sum(f(a) ** 2))
    np.testing.assert_allclose(isograd.vmap(g)(rates), np.stack(list(map(g, rates))), rtol=1e-10)


def test_pytrees():
    y0 = {"angle": np.float64(0.3), "speed": np.zeros(2)}
    ys = odeint(lambda y, t: {"angle": y["speed"][0], "speed": np.sin(t) - y["speed"]}, y0, TIMES)
    assert ys["angle"].shape == (7,) and ys["speed"].shape == (7, 2)
    flat = scipy.integrate.solve_ivp(lambda t, y: [y[1], *(np.sin(t) - y[1:])], (0, 3),
                                     [0.3, 0, 0], t_eval=TIMES, rtol=1e-9, atol=1e-9).y
    np.testing.assert_allclose(ys["angle"], flat[0], atol=1e-7)
    np.testing.assert_allclose(ys["speed"], flat[1:].T, atol=1e-7)


# ---- what goes wrong ----

def test_a_blow_up_is_reported():
    """y' = y^2 from 1 is 1 / (1 - t): there is no solution at 2."""
    for solve in (solve_ivp, isograd.jit(solve_ivp, static_argnums=(0, 3))):
        found = solve(lambda t, y: y ** 2, (0.0, 2.0), np.ones(1), "RK45", np.array([0.5, 2.0]))
        assert not found.success and found.status == -1
        np.testing.assert_allclose(found.y[0], [2.0, np.nan], rtol=1e-2)
    assert "shorter" in found.message
    natural = solve_ivp(lambda t, y: y ** 2, (0.0, 2.0), np.ones(1))
    assert natural.status == -1 and 0.99 < natural.t[-1] < 1.01


def test_too_many_steps():
    ys = odeint(lambda y, t: -y, 1.0, np.array([0, 0.01, 50]), mxstep=8)
    assert np.isfinite(ys[1]) and np.isnan(ys[2])


BAD = [
    (errors.MissingRuleError, "LSODA", lambda: solve_ivp(predation, (0, 1), START, "LSODA")),
    (errors.MissingRuleError, "events", lambda: solve_ivp(predation, (0, 1), START, events=abs)),
    (errors.ShapeError, "vector", lambda: solve_ivp(predation, (0, 1), 1.0)),
    (errors.ShapeError, "another shape", lambda: solve_ivp(lambda t, y: y[:1], (0, 1), START)),
    (errors.ArgumentError, "beyond", lambda: solve_ivp(lambda t, y: y, (0, 1), START, t_eval=[2])),
    (errors.ArgumentError, "direction",
     lambda: solve_ivp(lambda t, y: y, (1, 0), START, t_eval=[0, 1])),
    (errors.ArgumentError, "in order", lambda: odeint(lambda y, t: y, 1.0, np.array([0, 2, 1.0]))),
    (errors.ShapeError, "times", lambda: odeint(lambda y, t: y, 1.0, 3.0)),
    (errors.ShapeError, "something else", lambda: odeint(lambda y, t: (y, y), 1.0, TIMES)),
    (errors.ArgumentError, "rtol", lambda: odeint(lambda y, t: y, 1.0, TIMES, rtol=-1.0)),
    (errors.ArgumentError, "longest", lambda: odeint(lambda y, t: y, 1.0, TIMES, hmax=-1)),
    (errors.ConcretizationError, "t_eval",
     lambda: isograd.jit(lambda y: solve_ivp(lambda t, y: y, (0, 1), y).y)(START)),
]


@pytest.mark.parametrize(("error", "words", "call"), BAD, ids=[words for _, words, _ in BAD])
def test_bad_input(error, words, call):
    with pytest.raises(error, match=words):
        call()
