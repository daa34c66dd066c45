"""integrate and optimize take SciPy's arguments by name and place, or say why not."""

import importlib
import inspect

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize

import isograd
from isograd import errors
from isograd.scipy import integrate, optimize

TIMES = np.linspace(0.0, 2.0, 5)
CALLS = {
    # name: (module, arguments of a call that works)
    "odeint": (integrate, (lambda y, t: -y, np.ones(1), TIMES)),
    "solve_ivp": (integrate, (lambda t, y: -y, (0, 1), np.ones(1))),
    "quad": (integrate, (np.sin, 0, 1)),
    "fixed_quad": (integrate, (np.sin, 0, 1)),
    "trapezoid": (integrate, (TIMES,)),
    "cumulative_trapezoid": (integrate, (TIMES,)),
    "simpson": (integrate, (TIMES,)),
    "romb": (integrate, (TIMES,)),
    "minimize": (optimize, (lambda x: np.sum((x - 1) ** 2), np.zeros(2))),
    "root": (optimize, (lambda x: x - 1, np.zeros(2))),
    "root_scalar": (optimize, (lambda x: x - 1, (), "brentq", (0, 4))),
    "newton": (optimize, (lambda x: x - 1, 0.0)),
    "brentq": (optimize, (lambda x: x - 1, 0, 4)),
    "bisect": (optimize, (lambda x: x - 1, 0, 4)),
    "fixed_point": (optimize, (np.cos, 1.0)),
    "least_squares": (optimize, (lambda x: x - 1, np.zeros(2))),
    "curve_fit": (optimize, (lambda x, a: a * x, TIMES, 2 * TIMES)),
}


def signatures(name):
    module, given = CALLS[name]
    theirs = importlib.import_module(module.__name__.removeprefix("isograd."))
    parameters = [inspect.signature(getattr(m, name)).parameters for m in (module, theirs)]
    return getattr(module, name), given, *parameters


@pytest.mark.parametrize("name", CALLS)
def test_scipys_defaults_may_be_given(name):
    f, given, ours, theirs = signatures(name)
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    others = {key: p.default for key, p in list(theirs.items())[len(given):]
              if p.kind not in variadic and key != "method"}
    options = {"jac": None} if name == "least_squares" else {}     # SciPy's are differences
    f(*given, **{**others, **options})


@pytest.mark.parametrize("name", CALLS)
def test_what_scipy_takes_is_taken_or_refused(name):
    f, given, ours, theirs = signatures(name)
    for key, p in list(theirs.items())[len(given):]:
        if key not in ours and p.kind is not inspect.Parameter.VAR_KEYWORD:
            with pytest.raises(errors.MissingRuleError, match=rf"{name}.*{key}(.|\n)*instead"):
                f(*given, **{key: object()})


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"odeint"}))
def test_positions_are_scipys(name):
    _, _, ours, theirs = signatures(name)
    places = [[key for key, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
              for parameters in (ours, theirs)]
    assert places[0] == places[1][:len(places[0])]


@pytest.mark.parametrize("name", ["odeint", "solve_ivp", "quad", "least_squares"])
def test_an_unknown_argument(name):
    f, given, *_ = signatures(name)
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        f(*given, colour=1)


REFUSED = [
    ("points", lambda: integrate.quad(np.sin, 0, 1, points=[0.5])),
    ("events", lambda: integrate.solve_ivp(lambda t, y: y, (0, 1), [1.0], events=abs)),
    ("full_output", lambda: integrate.odeint(lambda y, t: y, 1.0, TIMES, full_output=True)),
    ("bounds", lambda: optimize.minimize(np.sum, np.ones(2), bounds=[(0, 1)] * 2)),
    ("jac='3-point'", lambda: optimize.minimize(np.sum, np.ones(2), jac="3-point")),
    ("jac='cs'", lambda: optimize.root(np.sin, np.ones(2), jac="cs")),
    ("jac=True", lambda: optimize.root(np.sin, np.ones(2), jac=True)),
    ("fprime=True", lambda: optimize.root_scalar(np.sin, x0=1.0, fprime=True)),
    ("x1", lambda: optimize.newton(np.sin, 1.0, x1=2.0)),
    ("bounds", lambda: optimize.least_squares(np.sin, np.ones(2), bounds=(np.zeros(2), np.inf))),
    ("loss", lambda: optimize.least_squares(np.sin, np.ones(2), loss="huber")),
    ("bounds", lambda: optimize.curve_fit(np.multiply, TIMES, TIMES, [1.0], bounds=(0, 1))),
]


@pytest.mark.parametrize(("words", "call"), REFUSED)
def test_what_is_refused_says_what_to_write(words, call):
    with pytest.raises(errors.MissingRuleError, match=rf"{words}(.|\n)*instead"):
        call()


# ---- odeint ----

def pendulum(y, t, friction, gravity):
    angle, speed = y
    return [speed, -friction * speed - gravity * np.sin(angle)]


@pytest.mark.parametrize("start", [[3.0, 0.0], np.array([3.0, 0.0])], ids=["list", "array"])
@pytest.mark.parametrize("result", [list, tuple, np.array])
def test_odeint_as_scipys(start, result):
    func = lambda *args: result(pendulum(*args)) if result is not np.array else np.stack(
        pendulum(*args))
    theirs = scipy.integrate.odeint(pendulum, start, TIMES, (0.25, 5.0), rtol=1e-10, atol=1e-10)
    calls = [lambda **o: integrate.odeint(func, start, TIMES, args=(0.25, 5.0), **o),
             lambda **o: integrate.odeint(func, start, TIMES, 0.25, 5.0, **o),
             lambda **o: integrate.odeint(lambda t, y, *args: func(y, t, *args), start, TIMES,
                                          args=(0.25, 5.0), tfirst=True, h0=0.01, **o)]
    for call in calls:
        np.testing.assert_allclose(call(rtol=1e-10, atol=1e-10), theirs, rtol=1e-7, atol=1e-8)


def test_odeint_one_further_argument_needs_no_tuple():
    np.testing.assert_allclose(integrate.odeint(lambda y, t, a: -a * y, 1.0, TIMES, args=2.0),
                               np.exp(-2 * TIMES), rtol=1e-6)


def test_odeint_tuples_are_pytrees():
    func = lambda y, t: (y[1], -y[0])
    cosine, _ = integrate.odeint(func, (1.0, 0.0), TIMES)
    np.testing.assert_allclose(cosine, np.cos(TIMES), atol=1e-7)
    with pytest.raises(errors.ShapeError, match="something else than y"):
        integrate.odeint(lambda y, t: np.stack(func(y, t)), (1.0, 0.0), TIMES)


def test_odeint_arguments_given_twice():
    with pytest.raises(errors.ArgumentError, match="given twice"):
        integrate.odeint(pendulum, [3.0, 0.0], TIMES, 0.25, args=(5.0,))


def test_a_list_of_traced_numbers_is_an_array():
    end = lambda a: integrate.odeint(lambda y, t: -y, [a, 2 * a], TIMES)[-1, 1]
    for wrap in (lambda f: f, isograd.jit):
        np.testing.assert_allclose(wrap(isograd.grad(end))(1.5), 2 * np.exp(-2.0), rtol=1e-6)


def test_a_list_is_an_array_for_solvers():
    square = lambda x: x ** 2 - np.array([1.0, 4.0])
    np.testing.assert_allclose(optimize.root(square, [2.0, 3.0]).x, [1, 2], rtol=1e-9)
    np.testing.assert_allclose(optimize.least_squares(square, [2.0, 3.0]).x, [1, 2], rtol=1e-9)
    np.testing.assert_allclose(optimize.fixed_point(lambda x: np.cos(x), [1.0, 0.5]),
                               [0.7390851332151607] * 2)
    np.testing.assert_allclose(optimize.minimize(lambda x: np.sum(square(x) ** 2), [2.0, 3.0]).x,
                               [1, 2], rtol=1e-4)


# ---- minimize: gradients by hand ----

def bowl(x, centre):
    return np.sum((x - centre) ** 2) + np.sum(x ** 4)


def slope(x, centre):
    return 2 * (x - centre) + 4 * x ** 3


GIVEN = {"function": (bowl, slope), "pair": (lambda x, c: (bowl(x, c), slope(x, c)), True)}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("method", ["bfgs", "L-BFGS-B"])
def test_minimize_goes_by_the_given_gradient(given, method):
    fun, jac = GIVEN[given]

    def minimum(fun, jac, c):
        return optimize.minimize(fun, [0.5, 0.5], (c,), method, jac, tol=1e-11).x
    c = np.array([3.0, 1.0])
    for wrap in (lambda f: f, isograd.jacrev, lambda f: isograd.jit(isograd.jacfwd(f))):
        np.testing.assert_allclose(wrap(lambda c: minimum(fun, jac, c))(c),
                                   wrap(lambda c: minimum(bowl, None, c))(c), atol=1e-6)
    x = optimize.minimize(fun, c, (c,), method, jac).x
    want = scipy.optimize.minimize(bowl, c, (c,), "BFGS", slope).x
    np.testing.assert_allclose(x, want, atol=1e-4)


def test_minimize_follows_a_wrong_gradient():
    """The gradient that is given is the one that counts for the steps."""
    found = optimize.minimize(lambda x: np.sum(x ** 2), np.ones(2), jac=lambda x: 0 * x)
    assert found.success and found.nit == 0 and np.all(found.x == 1)


def test_minimize_a_gradient_of_another_shape():
    with pytest.raises(errors.ShapeError, match="gradient by jac is something else than x0"):
        optimize.minimize(lambda x: np.sum(x ** 2), np.ones(2), jac=lambda x: np.sum(x))


# ---- functions with Python's if ----

def bent(x):
    return x - 0.3 if x < 0.5 else 2 * x - 0.8


BRANCHES = {
    "odeint": lambda: integrate.odeint(lambda y, t: bent(t), 1.0, TIMES),
    "solve_ivp": lambda: integrate.solve_ivp(lambda t, y: bent(t) * y, (0, 1), [1.0]),
    "quad": lambda: integrate.quad(bent, 0, 1),
    "brentq": lambda: optimize.brentq(bent, 0, 1),
    "newton": lambda: optimize.newton(bent, 1.0),
    "fixed_point": lambda: optimize.fixed_point(bent, 1.0),
    "minimize": lambda: optimize.minimize(bent, 1.0),
    "root": lambda: optimize.root(bent, 1.0),
    "least_squares": lambda: optimize.least_squares(bent, 1.0),
    "curve_fit": lambda: optimize.curve_fit(lambda x, a: bent(a) * x, TIMES, TIMES),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_an_if_on_what_the_solver_gives_says_why_not(name):
    with pytest.raises(errors.ConcretizationError) as caught:
        BRANCHES[name]()
    message = str(caught.value)
    assert message.count("why: ") == 1 and f"why: {name} traces its function" in message
    assert "np.where" in message and "in bent" in message


@pytest.mark.parametrize("name", ["integrate", "interpolate", "linalg", "optimize", "signal",
                                  "sparse.linalg", "special", "stats"])
def test_dir_shows_what_is_public(name):
    module = importlib.import_module(f"isograd.scipy.{name}")
    assert sorted(module.__all__) == dir(module) and module.__all__
    for public in dir(module):
        assert not inspect.ismodule(getattr(module, public)) and public[0] != "_"
        assert not hasattr(errors, public), public
