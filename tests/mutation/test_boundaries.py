"""Whose array is written: made arrays, closures, plain arrays, other transformations."""

import copy
import operator

import numpy as np
import pytest

import isograd
import isograd.numpy as inp
from isograd import errors

X = np.array([1.0, 2.0, 3.0])


ONES = np.ones(3)
# name: (an array made from a vector, what it holds for X, its derivative)
MADE = {
    "zeros_like": (np.zeros_like, 0 * X, 0), "ones_like": (np.ones_like, ONES, 0),
    "empty_like": (lambda x: np.empty_like(x) * 0, 0 * X, 0),
    "full_like": (lambda x: np.full_like(x, 7.0), 7 * ONES, 0),
    "copy": (lambda x: x.copy(), X, 1), "np.copy": (np.copy, X, 1),
    "copy.copy": (copy.copy, X, 1), "array": (inp.array, X, 1),
    "astype": (lambda x: x.astype(float), X, 1),
    "sum with zeros": (lambda x: np.zeros_like(x) + 1, ONES, 0),
    "zeros like=": (lambda x: np.zeros(3, like=x), 0 * X, 0),
    "ones like=": (lambda x: np.ones(3, like=x), ONES, 0),
    "full like=": (lambda x: np.full(3, 2.0, like=x), 2 * ONES, 0),
    "empty like=": (lambda x: np.empty(3, like=x) * 0, 0 * X, 0),
    "arange like=": (lambda x: np.arange(3.0, like=x), X - 1, 0),
    "eye like=": (lambda x: np.eye(3, like=x)[0], np.eye(3)[0], 0),
    "array like=": (lambda x: np.array([3.0, 2.0, 1.0], like=x), X[::-1], 0),
    "asarray like=": (lambda x: np.asarray(X, like=x), X, 0),
    "zeros": (lambda x: inp.zeros(3), 0 * X, 0), "ones": (lambda x: inp.ones(3), ONES, 0),
    "full": (lambda x: inp.full(3, 4.0), 4 * ONES, 0),
    "reshaped": (lambda x: inp.zeros((3, 1)).reshape(3), 0 * X, 0),
    "twice": (lambda x: np.zeros_like(np.zeros_like(x)), 0 * X, 0),
    "floor": (np.floor, X, 0), "sign": (np.sign, ONES, 0),
    "stop_gradient": (isograd.stop_gradient, X, 0),
}


@pytest.mark.parametrize("name", MADE)
def test_made_arrays_can_be_written_to(name):
    make, values, slope = MADE[name]

    def f(x):
        y = make(x)
        y[1] = 2 * x[0]
        return np.sum(y * x)
    y = np.array([values[0], 2 * X[0], values[2]])
    value = y @ X
    gradient = y + [2 * X[1] + slope * X[0], 0, slope * X[2]]
    direction, pair = np.array([0.3, -0.2, 0.5]), np.stack([X, X])
    got, dot = isograd.jvp(f, (X,), (direction,))
    np.testing.assert_allclose(got, value)
    np.testing.assert_allclose(dot, gradient @ direction)
    np.testing.assert_allclose(isograd.grad(f)(X), gradient)
    np.testing.assert_allclose(isograd.jit(f)(X), value)
    np.testing.assert_allclose(isograd.vmap(f)(pair), [value, value])
    np.testing.assert_allclose(isograd.vmap(isograd.grad(f))(pair), [gradient, gradient])
    np.testing.assert_allclose(isograd.grad(isograd.jit(f))(X), gradient)


@pytest.mark.parametrize("transform", [isograd.grad, lambda f: lambda x: isograd.jvp(
    f, (x,), (x,)), lambda f: lambda x: isograd.vmap(f)(np.stack([x, x]))])
def test_writes_of_plain_values_are_copies(transform):
    """What the user does to the plain array afterwards does not reach the traced one."""
    def f(x):
        y, buffer = np.zeros_like(x), np.ones(3)
        y[...] = buffer
        buffer[:] = 7.0
        seen.append(np.asarray(y))
        return np.sum(y * x)
    seen = []
    transform(f)(X)
    np.testing.assert_array_equal(seen[0], ONES)


def test_constants_convert_to_plain_arrays():
    def f(x):
        mask = np.zeros_like(x, dtype=bool)
        mask[1] = True
        assert float((np.zeros_like(x) + 2.5)[:1].item()) == 2.5
        return np.sum(x * np.asarray(np.zeros_like(x) + 2)) + X[mask][0] * x[1]
    np.testing.assert_array_equal(isograd.grad(f)(X), [2, 4, 2])
    places = isograd.vmap(lambda a: a * np.nonzero(np.arange(3, like=a) % 2)[0])(X)
    np.testing.assert_array_equal(places[:, 0], X)


# ---- outer and inner ----

def in_inner(write):
    """grad of a function that runs an inner grad, in which outer arrays are written to."""
    def outer(x):
        return isograd.grad(lambda y: write(x, y))(2.0)
    return lambda: isograd.grad(outer)(X)


def inner_value(x, y):
    x[0] = y
    return y * x[1]


def inner_view(x, y):
    v = x[1:]
    v += y
    return np.sum(v)


def staged(x, y):
    @isograd.jit
    def g(z):
        x[0] = 5.0
        return z * np.sum(x)
    return g(y)


def staged_view(x, y):
    @isograd.jit
    def g(z):
        v = x[1:]
        v *= 2
        return z * np.sum(v)
    return g(y)


def plain_closure(x, y):
    a = np.zeros(3)
    b = isograd.jit(lambda z: inp.reshape(a, (3, 1)).__setitem__(0, z))
    return b(y)


REFUSED = {
    "inner value": in_inner(inner_value), "inner value into a view": in_inner(inner_view),
    "staged": in_inner(staged), "view, staged": in_inner(staged_view),
    "view of a plain array": in_inner(plain_closure),
    "broadcast": lambda: isograd.grad(lambda x: np.broadcast_to(x, (2, 3)).fill(0))(X),
    "diagonal": lambda: isograd.jit(lambda x: np.outer(x, x).diagonal().fill(0))(X),
    "broadcast_arrays": lambda: isograd.jit(lambda x: np.broadcast_arrays(x, np.ones(
        (2, 1)))[0].fill(0))(X),
    "plain +=": lambda: isograd.grad(lambda x: np.zeros(3).__iadd__(x))(X),
    "plain out=": lambda: isograd.jit(lambda x: np.cumsum(x, out=np.zeros(3)))(X),
    "plain add.at": lambda: isograd.jit(lambda x: np.add.at(np.zeros(3), [0, 0, 1], x))(X),
    "Python number": lambda: isograd.grad(lambda x: x.__setitem__((), 1.0))(2.0),
    "finished": lambda: leak().fill(0),
}


def leak():
    kept = []
    isograd.grad(lambda x: (kept.append(x), np.sum(x))[1])(X)
    return kept[0]


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    with pytest.raises((errors.InPlaceError, errors.LeakedTracerError)) as caught:
        REFUSED[name]()
    assert "instead: " in str(caught.value)


def test_outer_values_may_be_written_inside():
    """They are seen from then on; what the inner derivative has read before stays."""
    def inner(x, y):
        z = y * x[1]
        x[1] = x[0] * 5
        return z + x[1] * y
    gradient = isograd.grad(lambda x: isograd.grad(lambda y: inner(x, y))(2.0))(X)
    np.testing.assert_array_equal(gradient, [5, 1, 0])


def test_a_pullback_keeps_what_the_function_read():
    def f(x):
        z, pullback = isograd.vjp(lambda y: y ** 2 * x, x)
        x[:] = 100.0
        return np.sum(pullback(np.ones(3))[0] + z)
    np.testing.assert_allclose(isograd.grad(f)(X), 3 * X ** 2 + 4 * X)


# ---- as in NumPy: shapes, dtypes, errors ----

INTEGERS = np.arange(3)
ERRORS = {
    "+= to another dtype": (lambda x: x.__iadd__(0.5), INTEGERS, TypeError),
    "/= of integers": (lambda x: x.__itruediv__(2), INTEGERS, TypeError),
    "out= of another dtype": (lambda x: np.sin(X, out=x), INTEGERS, TypeError),
    "+= to another shape": (lambda x: x.__iadd__(np.ones((2, 3))), X, ValueError),
    "values do not broadcast": (lambda x: x.__setitem__(slice(2), np.ones(3)), X, ValueError),
    "out of range": (lambda x: x.__setitem__(3, 1.0), X, IndexError),
    "out= of another shape": (lambda x: np.add(x[:2], 1, out=x), X, ValueError),
    "copyto, same_kind": (lambda x: np.copyto(x, np.ones(3)), INTEGERS, TypeError),
    "fill_diagonal of a vector": (lambda x: np.fill_diagonal(x, 0), X, ValueError),
    "putmask of another size": (lambda x: np.putmask(x, [True], 1.0), X, ValueError),
}


@pytest.mark.parametrize("name", ERRORS)
def test_numpy_raises_too(name):
    f, x, kind = ERRORS[name]
    for run in (f, isograd.jit(f)):
        with pytest.raises(kind):
            run(x.copy())


CASTS = {
    "x[i] = 1.7 into integers": (lambda x: x.__setitem__(1, 1.7), INTEGERS),
    "x[:] = floats into integers": (lambda x: x.__setitem__(slice(None), X * 1.5), INTEGERS),
    "+= of integers to floats": (lambda x: x.__iadd__(INTEGERS) is None, X),
    "+= of doubles to singles": (lambda x: x.__iadd__(X) is None, X.astype(np.float32)),
    "//=, %=, **=": (lambda x: operator.imod(operator.ipow(operator.ifloordiv(x, 2), 2), 3), X),
    "@=": (lambda x: x.__imatmul__(np.diag(X)) is None, X),
    "&=, |=, ^=": (lambda x: operator.ixor(operator.ior(operator.iand(x, 3), 4), 1), INTEGERS),
    "<<=, >>=": (lambda x: operator.irshift(operator.ilshift(x, 3), 1), INTEGERS),
}


@pytest.mark.parametrize("name", CASTS)
def test_dtypes_are_numpys(name):
    f, x = CASTS[name]
    want, got = x.copy(), x.copy()
    f(want)
    isograd.jit(f)(got)
    np.testing.assert_array_equal(got, want)
    assert got.dtype == want.dtype


# ---- at ----

AT = {
    "set": lambda x: inp.at(x)[1].set(x[0] * 5), "add": lambda x: x * inp.at(x)[1:].add(x[:2]),
    "multiply": lambda x: inp.at(x)[np.array([0, 2])].multiply(x[1] * 3),
    "min": lambda x: inp.at(x)[1:].min(x[:2] * 1.2),
    "max": lambda x: inp.at(x)[::2].max(x[1] * 1.1),
    "apply": lambda x: inp.at(x)[:2].apply(np.sin), "divide": lambda x: inp.at(x)[2].divide(x[0]),
    "power": lambda x: inp.at(x)[0].power(3), "get": lambda x: inp.at(x)[::-1].get() * x,
}


@pytest.mark.parametrize("name", AT)
def test_at_leaves_its_array_as_it_is(name):
    def f(x):
        y = x + 0.5
        z = AT[name](y)
        return np.sum(z * np.arange(1, 4)) + np.sum(y)
    gradient = isograd.grad(f)(X)
    steps = [(f(X + 1e-6 * e) - f(X - 1e-6 * e)) / 2e-6 for e in np.eye(3)]
    np.testing.assert_allclose(gradient, steps, rtol=1e-7)
    np.testing.assert_allclose(isograd.jit(f)(X), f(X))
    np.testing.assert_allclose(isograd.jit(isograd.grad(f))(X), gradient)
    pair = np.stack([X, X[::-1]])
    np.testing.assert_allclose(isograd.vmap(f)(pair), [f(x) for x in pair])
    np.testing.assert_allclose(isograd.vmap(isograd.grad(f))(pair)[0], gradient)
    assert np.isfinite(isograd.hessian(f)(X)).all()


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float16", "float32", "int64", "float64"])
def test_python_numbers_take_the_dtype_of_the_array(dtype):
    x = np.arange(3).astype(dtype)

    def f(x):
        np.add.at(x, [1, 1], 2)
        return x.at[np.array([0, 2])].multiply(3)
    want = x.copy()
    np.add.at(want, [1, 1], 2)
    want[[0, 2]] *= 3
    for got in (isograd.jit(f)(x.copy()), isograd.vmap(f)(x[None])[0]):
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, want)
