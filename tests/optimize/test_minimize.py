"""minimize: SciPy's minima, and their derivatives by the implicit function theorem."""

import numpy as np
import pytest
import scipy.optimize

import isograd
from isograd import errors
from isograd.scipy.optimize import minimize
from isograd.scipy.optimize.line_search import C1, C2, line_search

METHODS = ["BFGS", "L-BFGS"]
methods = pytest.mark.parametrize("method", METHODS)
rng = np.random.default_rng(0)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def beale(x):
    return ((1.5 - x[0] + x[0] * x[1]) ** 2 + (2.25 - x[0] + x[0] * x[1] ** 2) ** 2
            + (2.625 - x[0] + x[0] * x[1] ** 3) ** 2)


def logistic(x):
    rows = np.array([[1.0, 2, -1], [0.5, -1, 2], [-1, 0.3, 1], [0.2, 1, 1]])
    return np.sum(np.logaddexp(0, rows @ x)) + 0.1 * np.sum(x ** 2)


PROBLEMS = {
    # name: (function, start, number of steps and evaluations of SciPy's times this is enough)
    "rosenbrock 2": (rosenbrock, np.array([-1.2, 1.0]), 1.5),
    "rosenbrock 10": (rosenbrock, np.linspace(-1.2, 1, 10), 1.5),
    "beale": (beale, np.array([0.5, 0.5]), 2.0),
    "logistic": (logistic, np.ones(3), 2.0),
}


@methods
@pytest.mark.parametrize("name", PROBLEMS)
def test_minima_are_scipys(method, name):
    f, start, enough = PROBLEMS[name]
    want = scipy.optimize.minimize(f, start, jac=isograd.grad(f), tol=1e-9,
                                   method=method.replace("L-BFGS", "L-BFGS-B"))
    for run in (minimize, isograd.jit(minimize, static_argnums=0, static_argnames="method")):
        found = run(f, start, method=method)
        assert found.success and found.status in (0, 4)
        np.testing.assert_allclose(found.x, want.x, atol=2e-4)
        np.testing.assert_allclose(found.fun, want.fun, atol=1e-7)
        np.testing.assert_allclose(found.jac, isograd.grad(f)(found.x), atol=1e-12)
        assert found.nfev <= enough * want.nfev + 10
    assert "as" in found.message


@methods
def test_tolerance(method):
    found = minimize(logistic, np.ones(3), method=method, options={"gtol": 1e-10})
    if method == "L-BFGS":
        found = minimize(logistic, np.ones(3), method=method, options={"gtol": 1e-10, "ftol": 0})
    assert found.status == 0 and np.max(np.abs(found.jac)) <= 1e-10


def test_the_inverse_hessian_of_a_quadratic():
    """After n exact enough steps BFGS knows it."""
    a = np.diag([1.0, 2, 5]) + 0.1
    found = minimize(lambda x: x @ a @ x / 2 - np.sum(x), np.ones(3), tol=1e-10)
    np.testing.assert_allclose(found.hess_inv, np.linalg.inv(a), atol=0.05)
    assert minimize(rosenbrock, np.zeros(2), method="L-BFGS").hess_inv is None


def test_pytrees_and_numbers():
    f = lambda p: (p["a"] - 1) ** 2 + np.sum((p["b"] - p["a"]) ** 2)
    found = minimize(f, {"a": 0.0, "b": np.zeros((2, 2))})
    np.testing.assert_allclose(found.x["b"], np.ones((2, 2)), atol=1e-5)
    assert found.x["b"].shape == found.jac["b"].shape == (2, 2)
    number = minimize(lambda x: (x - 2) ** 2, 0)
    np.testing.assert_allclose(number.x, 2)
    assert isinstance(number.x, np.float64) and not np.shape(number.status)


def test_float32():
    found = minimize(logistic_32, np.ones(3, np.float32), tol=1e-3)
    assert found.success and found.x.dtype == np.float32


def logistic_32(x):
    return np.sum(np.logaddexp(np.float32(0), x)) + np.sum(x ** 2)


# ---- the line search ----

@pytest.mark.parametrize("first", [1e-4, 0.3, 1.0, 50.0])
@pytest.mark.parametrize("name", PROBLEMS)
def test_strong_wolfe_conditions(name, first):
    f, x, _ = PROBLEMS[name]
    value, g = isograd.value_and_grad(f)(x)
    d = -g
    p, lower, n = line_search(isograd.value_and_grad(f), x, d, value, g, first)
    assert lower and 1 <= n <= 30
    slope = isograd.grad(f)(x + p.a * d) @ d
    assert f(x + p.a * d) <= value + C1 * p.a * (g @ d)
    assert abs(slope) <= C2 * abs(g @ d)


def test_the_line_search_steps_back_from_where_the_function_is_not_defined():
    f = lambda x: np.sum(x - np.log(x))
    found = minimize(f, np.array([0.01, 5.0]))
    assert found.success
    np.testing.assert_allclose(found.x, 1, atol=1e-4)


# ---- derivatives of the minimum ----

MATRIX = np.array([[3.0, 1], [1, 2]])


@methods
@pytest.mark.parametrize("jacobian", [isograd.jacfwd, isograd.jacrev])
def test_the_minimum_of_a_quadratic_is_linear(method, jacobian):
    """argmin x'Ax/2 - b'x = A^-1 b."""
    def solution(a, b):
        options = {"gtol": 1e-11, **({"ftol": 0} if method == "L-BFGS" else {})}
        return minimize(lambda x, b: x @ a @ x / 2 - b @ x, np.zeros(2), (b,), method=method,
                        options=options).x
    b = np.array([1.0, -2])
    inverse = np.linalg.inv(MATRIX)
    by_a, by_b = jacobian(solution, (0, 1))(MATRIX, b)
    np.testing.assert_allclose(by_b, inverse, rtol=1e-9)
    symmetric = rng.normal(size=(2, 2))
    symmetric += symmetric.T
    np.testing.assert_allclose(by_a.reshape(2, 4) @ symmetric.ravel(),
                               -inverse @ symmetric @ inverse @ b, rtol=1e-8)


def cube(t):
    """t^3, as a minimum."""
    return minimize(lambda x: (x - t ** 3) ** 2 * (1 + x ** 2) + (x - t ** 3) ** 4, 0.3,
                    tol=1e-10).x


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["eager", "jit"])
def test_derivatives_of_every_order_in_captured_values(wrap):
    f, want = cube, [1.331, 3.63, 6.6, 6.0]
    for value in want:
        np.testing.assert_allclose(wrap(f)(1.1), value, rtol=1e-8)
        f = isograd.grad(f)
    np.testing.assert_allclose(wrap(isograd.jacfwd(isograd.grad(cube)))(1.1), 6.6, rtol=1e-8)
    np.testing.assert_allclose(wrap(isograd.jacfwd(isograd.jacfwd(cube)))(1.1), 6.6, rtol=1e-8)


def test_the_least_value_has_the_partial_derivative():
    """The envelope theorem: d min f / dt = the partial derivative of f in t."""
    value = lambda t: minimize(lambda x: np.sum((x - t) ** 2) + t ** 2, np.zeros(2)).fun
    np.testing.assert_allclose(isograd.grad(value)(0.7), 1.4, rtol=1e-5)
    assert isograd.grad(lambda x0: np.sum(minimize(rosenbrock, x0).x))(np.zeros(2)).any() == 0


def test_integers_and_pytrees_among_the_arguments():
    def f(x, p, labels):
        return np.sum((x - p["centre"][labels]) ** 2)
    run = lambda p: np.sum(minimize(f, np.zeros(3), (p, np.array([0, 1, 1]))).x)
    got = isograd.grad(run)({"centre": np.array([1.0, 2.0])})
    np.testing.assert_allclose(got["centre"], [1, 2], rtol=1e-6)


def test_vmap_is_a_loop():
    ts = np.array([0.5, 1.1, -0.7])
    np.testing.assert_allclose(isograd.vmap(cube)(ts), ts ** 3, rtol=1e-8)
    np.testing.assert_allclose(isograd.vmap(isograd.grad(cube))(ts), 3 * ts ** 2, rtol=1e-8)
    np.testing.assert_allclose(isograd.grad(lambda ts: np.sum(isograd.vmap(cube)(ts)))(ts),
                               3 * ts ** 2, rtol=1e-8)
    starts = np.array([[0, 0.0], [2, 2], [-1.2, 1]])
    found = isograd.vmap(lambda x0: minimize(rosenbrock, x0))(starts)
    each = [minimize(rosenbrock, x0) for x0 in starts]
    np.testing.assert_array_equal(found.nit, [r.nit for r in each])
    np.testing.assert_allclose(found.x, [r.x for r in each], rtol=1e-6)


# ---- what does not converge says so ----

FAILURES = {
    # name: (function, start, options, status)
    "too few steps": (rosenbrock, np.zeros(5), {"maxiter": 3}, 1),
    "not smooth": (lambda x: np.sum(np.abs(x)), np.array([1.0, 2.0]), {}, 2),
    "not finite": (lambda x: np.sum(np.log(x)), np.array([-1.0, 2.0]), {}, 3),
}


@methods
@pytest.mark.parametrize("name", FAILURES)
def test_failures_are_reported(method, name):
    f, start, options, status = FAILURES[name]
    if method == "L-BFGS":
        options = {"ftol": 0, **options}
    found = minimize(f, start, method=method, options=options)
    assert not found.success and found.status == status and found.message


BAD = [
    (errors.MissingRuleError, "Powell", lambda: minimize(rosenbrock, np.ones(2), method="Powell")),
    (errors.ArgumentError, "no such option",
     lambda: minimize(rosenbrock, np.ones(2), options={"ftol": 1})),
    (errors.ShapeError, "one number", lambda: minimize(lambda x: x, np.ones(2))),
    (errors.DtypeError, "complex", lambda: minimize(rosenbrock, np.ones(2) + 1j)),
    (errors.DtypeError, "real number", lambda: minimize(lambda x: x[0] * 1j, np.ones(2))),
    (errors.ArgumentError, "no number", lambda: minimize(rosenbrock, ())),
]


@pytest.mark.parametrize(("error", "words", "call"), BAD, ids=[words for _, words, _ in BAD])
def test_bad_input(error, words, call):
    with pytest.raises(error, match=words):
        call()
