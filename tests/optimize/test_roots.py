"""Roots, fixed points and least squares: SciPy's values, derivatives of implicit functions."""

import numpy as np
import pytest
import scipy.optimize

import isograd
from isograd import errors
from isograd.scipy import optimize

rng = np.random.default_rng(0)


def cubic(x, a):
    return x ** 3 - a * x - 1


def solvers():
    """name: a function of a that gives the largest root of the cubic."""
    return {
        "bisect": lambda a: optimize.bisect(cubic, 0.5, 4.0, (a,), xtol=1e-14),
        "brentq": lambda a: optimize.brentq(lambda x: cubic(x, a), 0.5, 4),
        "newton": lambda a: optimize.newton(cubic, 2, args=(a,)),
        "root_scalar bracket": lambda a: optimize.root_scalar(cubic, a, bracket=(0.5, 4)).root,
        "root_scalar x0": lambda a: optimize.root_scalar(cubic, (a,), x0=2.0).root,
        "root": lambda a: optimize.root(lambda x: cubic(x, a), 2.0).x,
        "fixed_point": lambda a: optimize.fixed_point(
            lambda x, a: np.cbrt(a * x + 1), 2.0, (a,), xtol=1e-12),
        "iteration": lambda a: optimize.fixed_point(
            lambda x: np.cbrt(a * x + 1), 2.0, method="iteration", xtol=1e-13),
        "least_squares": lambda a: optimize.least_squares(cubic, 2.0, args=(a,), gtol=1e-13).x,
    }


SOLVERS = solvers()
A = 1.3


def exact(a, order):
    """The root, and its derivatives: x' = x / (3x^2 - a), and so on, by hand."""
    x = max(np.roots([1, 0, -a, -1]).real)
    slope = 3 * x ** 2 - a
    first = x / slope
    second = (2 * first - 6 * x * first ** 2) / slope
    return [x, first, second][order]


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["eager", "jit"])
@pytest.mark.parametrize("name", SOLVERS)
def test_values_and_derivatives(name, wrap):
    f = SOLVERS[name]
    np.testing.assert_allclose(wrap(f)(A), exact(A, 0), rtol=1e-10)
    np.testing.assert_allclose(wrap(isograd.grad(f))(A), exact(A, 1), rtol=1e-9)
    np.testing.assert_allclose(wrap(isograd.jacfwd(f))(A), exact(A, 1), rtol=1e-9)
    np.testing.assert_allclose(wrap(isograd.hessian(f))(A), exact(A, 2), rtol=1e-8)
    np.testing.assert_allclose(wrap(isograd.grad(isograd.grad(f)))(A), exact(A, 2), rtol=1e-8)


@pytest.mark.parametrize("name", SOLVERS)
def test_vmap_is_a_loop(name):
    f, many = SOLVERS[name], np.array([0.9, 1.3, 2.0])
    np.testing.assert_allclose(isograd.vmap(f)(many), [exact(a, 0) for a in many], rtol=1e-10)
    np.testing.assert_allclose(isograd.vmap(isograd.grad(f))(many), [exact(a, 1) for a in many],
                               rtol=1e-9)


BRACKETS = {
    "line": (lambda x: x - 0.25, 0, 1), "at a": (lambda x: x, 0, 1), "at b": (lambda x: x, -1, 0),
    "cubic": (lambda x: x ** 3 - 2 * x - 5, 2, 3), "steep": (lambda x: np.exp(x) - 1e5, 0, 20),
    "back": (lambda x: np.cos(x) - x, 1, 0),
    "jump": (lambda x: np.where(x < 0.3, -1.0, 2.0), 0, 1),
}


@pytest.mark.parametrize("method", ["bisect", "brentq"])
@pytest.mark.parametrize("name", BRACKETS)
def test_brackets(method, name):
    f, a, b = BRACKETS[name]
    ours, report = getattr(optimize, method)(f, a, b, full_output=True)
    theirs, want = getattr(scipy.optimize, method)(f, a, b, full_output=True)
    np.testing.assert_allclose(ours, theirs, atol=1e-11)
    assert report.converged and report.function_calls <= want.function_calls + 3
    assert report.root == ours


def test_what_is_not_found_is_nan_and_said():
    x, report = optimize.bisect(cubic, 0.5, 4, (A,), maxiter=5, full_output=True)
    assert np.isnan(x) and not report.converged and report.iterations == 5
    assert np.isnan(optimize.brentq(cubic, 0.5, 4, (A,), maxiter=2))
    assert np.isnan(optimize.newton(lambda x: x ** 2 + 1, 0.5))
    assert np.isnan(optimize.fixed_point(lambda x: 2 * x + 1, 1.0, method="iteration"))
    assert np.isnan(isograd.jit(lambda a: optimize.brentq(cubic, a, 4.0, (A,)))(3.0))
    found = optimize.root(lambda x: x ** 2 + 1, 0.5)
    assert not found.success
    assert not optimize.least_squares(cubic, 2.0, args=(A,), max_nfev=1).success


# ---- systems ----

def circle(x, c):
    return np.stack([x[0] ** 2 + x[1] ** 2 - c, x[0] - x[1] ** 3])


def test_a_system():
    start = np.array([1.0, 1.5])
    solve = lambda c: optimize.root(circle, start, (c,))
    want = scipy.optimize.root(circle, start, (3.0,), tol=1e-13).x
    found = solve(3.0)
    assert found.success and np.max(np.abs(found.fun)) < 1e-9
    np.testing.assert_allclose(found.x, want, rtol=1e-10)
    slopes = np.array([[2 * want[0], 2 * want[1]], [1, -3 * want[1] ** 2]])
    np.testing.assert_allclose(isograd.jacrev(lambda c: solve(c).x)(3.0),
                               np.linalg.solve(slopes, [1, 0]), rtol=1e-9)


def test_a_system_as_pytrees():
    f = lambda p: {"u": p["u"] ** 2 - 2, "v": p["v"] - p["u"]}
    found = optimize.root(f, {"u": 1.0, "v": np.zeros(2)})
    np.testing.assert_allclose(found.x["v"], np.sqrt([2, 2]))


# ---- least squares ----

TIMES = np.linspace(0, 4, 40)


def decay(t, a, b, c):
    return a * np.exp(-b * t) + c


DATA = decay(TIMES, 2.5, 1.3, 0.5) + 0.1 * rng.normal(size=40)


COVARIANCE = 0.01 * np.exp(-20 * np.abs(TIMES[:, None] - TIMES))


@pytest.mark.parametrize("sigma", [None, 0.1 + TIMES / 10, COVARIANCE],
                         ids=["none", "deviations", "covariance"])
@pytest.mark.parametrize("absolute", [False, True])
def test_curve_fit_is_scipys(sigma, absolute):
    ours, theirs = [fit(decay, TIMES, DATA, sigma=sigma, absolute_sigma=absolute)
                    for fit in (optimize.curve_fit, scipy.optimize.curve_fit)]
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-6)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-4, atol=1e-9)


def test_derivative_of_a_fit_in_its_data():
    fit = lambda y: optimize.curve_fit(decay, TIMES, y, ftol=0, gtol=1e-13)[0]

    def scipys(y):      # the root of the gradient, which is sharper than the minimum
        def gradient(p):
            e = np.exp(-p[1] * TIMES)
            return np.stack([e, -p[0] * TIMES * e, np.ones(40)]) @ (decay(TIMES, *p) - y)
        return scipy.optimize.root(gradient, fit(y), tol=1e-15).x
    v, h = rng.normal(size=40), 1e-4
    want = (scipys(DATA + h * v) - scipys(DATA - h * v)) / (2 * h)
    np.testing.assert_allclose(isograd.jacrev(fit)(DATA) @ v, want, rtol=1e-5)
    np.testing.assert_allclose(isograd.jvp(fit, (DATA,), (v,))[1], want, rtol=1e-5)


def test_least_squares_is_scipys():
    valley = lambda x: np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0], x[0] * x[1]])
    start = np.array([-1.2, 1.0])
    ours = optimize.least_squares(valley, start, gtol=1e-10, ftol=0)
    theirs = scipy.optimize.least_squares(valley, start, method="lm", gtol=1e-12, xtol=1e-12,
                                          ftol=1e-12)
    assert ours.success and ours.optimality < 1e-6
    np.testing.assert_allclose(ours.x, theirs.x, rtol=1e-6)
    np.testing.assert_allclose(ours.cost, theirs.cost, rtol=1e-10)
    np.testing.assert_allclose(ours.jac, theirs.jac, rtol=1e-4, atol=1e-4)


def test_variables_of_different_sizes():
    f = lambda p: np.stack([p[0] / 1e6 - 1, 1e4 * p[1] - 1, p[0] * p[1] - 100])
    found = optimize.least_squares(f, np.array([1.0, 1.0]))
    assert found.success
    np.testing.assert_allclose(found.x, [1e6, 1e-4], rtol=1e-6)


BAD = [
    (errors.ArgumentError, "same sign", lambda: optimize.brentq(cubic, 2.0, 4.0, (A,))),
    (errors.ShapeError, "single", lambda: optimize.newton(cubic, np.ones(2), args=(A,))),
    (errors.ShapeError, "one number", lambda: optimize.newton(lambda x: x * np.ones(2), 1.0)),
    (errors.ArgumentError, "no place", lambda: optimize.root_scalar(cubic, (A,))),
    (errors.ArgumentError, "pair", lambda: optimize.root_scalar(cubic, (A,), bracket=(1, 2, 3))),
    (errors.MissingRuleError, "ridder",
     lambda: optimize.root_scalar(cubic, (A,), "ridder", (0, 4))),
    (errors.ArgumentError, "unknown method",
     lambda: optimize.fixed_point(np.cos, 1.0, method="newton")),
    (errors.ShapeError, "something else", lambda: optimize.fixed_point(np.sum, np.ones(2))),
    (errors.MissingRuleError, "krylov", lambda: optimize.root(circle, np.ones(2), method="krylov")),
    (errors.ShapeError, "as many", lambda: optimize.root(lambda x: x[:1], np.ones(2))),
    (errors.ArgumentError, "unknown option",
     lambda: optimize.root(lambda x: x, np.ones(2), options={"eps": 1})),
    (errors.DtypeError, "complex", lambda: optimize.root(lambda x: x * 1j, np.ones(2))),
    (errors.DtypeError, "bisect: the function is",
     lambda: optimize.bisect(cubic, 0.5, 4, (A + 1j,))),
    (errors.DtypeError, "brentq: the function is", lambda: optimize.brentq(cubic, 0.5, 4j, (A,))),
    (errors.DtypeError, "newton: the function is", lambda: optimize.newton(
        cubic, 2.0, args=(A + 1j,))),
    (errors.DtypeError, "fixed_point: func", lambda: optimize.fixed_point(
        lambda x: np.cos(1j * x), 0.7)),
    (errors.MissingRuleError, "trf",
     lambda: optimize.least_squares(lambda x: x, np.ones(2), method="trf")),
    (errors.ShapeError, "fewer data", lambda: optimize.curve_fit(decay, TIMES[:2], DATA[:2])),
    (errors.ArgumentError, "number of parameters",
     lambda: optimize.curve_fit(lambda t, *p: t, TIMES, DATA)),
]


@pytest.mark.parametrize(("error", "words", "call"), BAD, ids=[words for _, words, _ in BAD])
def test_bad_input(error, words, call):
    with pytest.raises(error, match=words):
        call()


def test_complex_roots_from_complex_places():
    a = A + 0.5j
    solve = lambda a: optimize.newton(cubic, 2.0 + 0.1j, args=(a,), tol=1e-13)
    x = solve(a)
    np.testing.assert_allclose(x, scipy.optimize.newton(cubic, 2.0 + 0.1j, args=(a,)))
    slope = x / (3 * x ** 2 - a)
    np.testing.assert_allclose(isograd.jvp(solve, (a,), (1j,))[1], 1j * slope)
    np.testing.assert_allclose(isograd.grad(solve, holomorphic=True)(a), slope)
    fixed = lambda b: optimize.fixed_point(lambda x: np.cos(b * x), 0.7 + 0j, xtol=1e-12)
    x = fixed(1.1 + 0.2j)
    np.testing.assert_allclose(x, np.cos((1.1 + 0.2j) * x))
