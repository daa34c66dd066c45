"""Programs that write into arrays, against NumPy, in every mode."""

import numpy as np
import pytest

import isograd

from .programs import CONCRETE, PROGRAMS, total

X = np.array([0.7, 1.3, 0.9, 1.7, 1.1, 0.6])
BATCH = np.stack([X, X[::-1], X * 0.8])
STAGED = [name for name in PROGRAMS if name not in CONCRETE]


def value(name):
    """The program as a function of its vector: it writes, then a number is made of it."""
    def f(x):
        PROGRAMS[name](x)
        return total(x)
    f.__name__ = name
    return f


def plain(name, x):
    """What NumPy makes of it: the vector afterwards."""
    x = x.copy()
    PROGRAMS[name](x)
    return x


def plain_gradient(name, x, step=1e-5):
    """Central differences, of fourth order."""
    def difference(h):
        return np.array([total(plain(name, x + h * e)) - total(plain(name, x - h * e))
                         for e in np.eye(x.size)]) / (2 * h)
    return (4 * difference(step / 2) - difference(step)) / 3


def close(got, want, rtol=1e-12):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient(name):
    x = X.copy()
    got, gradient = isograd.value_and_grad(value(name))(x)
    close(got, total(plain(name, X)))
    close(gradient, plain_gradient(name, X), 1e-7)
    assert (x == X).all(), "the differentiated argument is the transformation's own"


@pytest.mark.parametrize("name", PROGRAMS)
def test_forward_mode(name):
    direction = np.cos(np.arange(6.0))
    got, dot = isograd.jvp(value(name), (X,), (direction,))
    close(got, total(plain(name, X)))
    close(dot, plain_gradient(name, X) @ direction, 1e-7)


@pytest.mark.parametrize("name", STAGED)
def test_vmap(name):
    batch = BATCH.copy()
    got = isograd.vmap(value(name))(batch)
    close(got, [total(plain(name, x)) for x in BATCH])
    assert (batch == BATCH).all()


@pytest.mark.parametrize("name", STAGED)
def test_jit_writes_into_its_argument(name):
    jitted = isograd.jit(value(name))
    for x in (X.copy(), X.copy() * 0.9, np.repeat(X, 2)[::2], np.repeat(X, 2)[::2]):
        want = plain(name, x)
        got = jitted(x)
        close(got, total(want))
        close(x, want)


@pytest.mark.parametrize("name", STAGED)
def test_jit_of_grad_and_grad_of_jit(name):
    want = isograd.grad(value(name))(X)
    close(isograd.jit(isograd.grad(value(name)))(X), want)
    close(isograd.grad(isograd.jit(value(name)))(X), want)


@pytest.mark.parametrize("name", STAGED)
def test_vmap_of_grad_and_grad_of_vmap(name):
    want = [isograd.grad(value(name))(x) for x in BATCH]
    close(isograd.vmap(isograd.grad(value(name)))(BATCH), want)
    close(isograd.grad(lambda xs: np.sum(isograd.vmap(value(name))(xs)))(BATCH), want)


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_derivatives(name):
    direction = np.sin(np.arange(6.0) + 1)
    h = 1e-5
    gradient = isograd.grad(value(name))
    want = (gradient(X + h * direction) - gradient(X - h * direction)) / (2 * h)
    over_reverse = isograd.jvp(gradient, (X,), (direction,))[1]
    close(over_reverse, want, 1e-5)
    close(isograd.grad(lambda x: gradient(x) @ direction)(X), over_reverse, 1e-10)
    forward = isograd.jvp(lambda x: isograd.jvp(value(name), (x,), (direction,))[1],
                          (X,), (direction,))[1]
    close(forward, over_reverse @ direction, 1e-10)
