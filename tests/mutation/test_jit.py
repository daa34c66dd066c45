"""jit writes back to its arguments, as the function un-jitted would; what is ambiguous is refused.
"""

import numpy as np
import pytest

import isograd
from isograd.errors import InPlaceError

X = np.array([1.0, 2.0, 3.0])


def increase(x, y):
    x += y
    return x.sum()


def write_nest(nest):
    nest["a"][0][1] = 9.0
    nest["a"][1][:] = nest["a"][0][:2]


def first_row(a):
    a[0] = a[1] * 2
    return a[0] + 1


ARGUMENTS = {
    "vector": (increase, lambda: (X.copy(), X)),
    "strided view": (increase, lambda: (np.arange(6.0)[::2], X)),
    "reversed view": (increase, lambda: (np.arange(3.0)[::-1], X)),
    "interleaved views": (increase, lambda: (lambda a: (a[::2], a[1::2]))(np.arange(6.0))),
    "disjoint views": (increase, lambda: (lambda a: (a[:3], a[3:]))(np.arange(6.0))),
    "other byte order": (increase, lambda: (X.astype(">f8"), X)),
    "integers": (increase, lambda: (np.arange(3), np.arange(3))),
    "Fortran order": (first_row, lambda: (np.asfortranarray(np.arange(6.0).reshape(2, 3)),)),
    "transposed": (first_row, lambda: (np.arange(6.0).reshape(3, 2).T,)),
    "nest": (write_nest, lambda: ({"a": [X.copy(), np.ones((2, 2))[:, 0]]},)),
    "no axes": (lambda x: x.__setitem__((), 2 * x), lambda: (np.array(2.0),)),
    "Python number beside": (increase, lambda: (X.copy(), 2)),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_are_written_to(name, backend):
    f, arguments = ARGUMENTS[name]
    jitted = isograd.jit(f, backend=backend)
    want, got = arguments(), arguments()
    for _ in range(3):      # the second call goes through the call cache
        result, expected = jitted(*got), f(*want)
        if expected is not None:
            np.testing.assert_allclose(result, expected)
        for x, y in zip(isograd.tree.leaves(got), isograd.tree.leaves(want), strict=True):
            np.testing.assert_array_equal(x, y)
            assert np.asarray(x).dtype == np.asarray(y).dtype


def read_only():
    x = X.copy()
    x.flags.writeable = False
    return x, X


REFUSED = {
    "twice": (increase, lambda: (lambda x: (x, x))(X.copy()), "another way"),
    "overlap": (increase, lambda: (lambda a: (a[:3], a[2:]))(np.arange(5.0)), "another way"),
    "read-only": (increase, read_only, "read-only"),
    "number": (lambda x: x.__setitem__((), 2.0), lambda: (np.float64(1.0),), "a number"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    f, arguments, part = REFUSED[name]
    args = arguments()
    before = [np.copy(x) for x in args]
    jitted = isograd.jit(f)
    for _ in range(2):
        with pytest.raises(InPlaceError, match=part):
            jitted(*args)
    for x, y in zip(args, before, strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_cached_call_is_checked_too():
    jitted, x = isograd.jit(increase), X.copy()
    jitted(x, X)
    with pytest.raises(InPlaceError, match="another way"):
        jitted(x, x)
    with pytest.raises(InPlaceError, match="read-only"):
        jitted(*read_only())


def test_a_captured_array_must_not_be_the_one_written_to():
    captured = X.copy()
    jitted = isograd.jit(lambda x: increase(x, captured))
    with pytest.raises(InPlaceError, match="another way"):
        jitted(captured)
    x = X.copy()
    jitted(x)
    np.testing.assert_array_equal(x, 2 * X)


def test_results_are_fresh():
    @isograd.jit
    def f(x):
        x *= 2
        return x, x[:2]
    x = X.copy()
    whole, part = f(x)
    assert not any(np.shares_memory(a, b) for a, b in [(whole, x), (part, x), (whole, part)])
    np.testing.assert_array_equal(whole, x)


def test_a_function_that_only_reads_keeps_its_arguments():
    x = X.copy()
    jitted = isograd.jit(lambda x: x.copy().__iadd__(1.0))
    assert jitted.graph(x).written == ()
    np.testing.assert_array_equal(jitted(x), X + 1)
    np.testing.assert_array_equal(x, X)


# ---- inside of other transformations ----

double = isograd.jit(lambda x: x.__imul__(2.0) is None)


def test_calls_update_traced_arrays():
    def f(x):
        y = x * x
        double(y)
        double(y[1:])
        return np.sum(y * x)
    np.testing.assert_allclose(isograd.grad(f)(X), 3 * X ** 2 * [2, 4, 4])
    np.testing.assert_allclose(isograd.vmap(f)(np.stack([X, 2 * X])), [f(X), f(2 * X)])
    np.testing.assert_allclose(isograd.jit(isograd.grad(f))(X), isograd.grad(f)(X))


def test_nested_calls_write_through():
    outer = isograd.jit(lambda x: double(x[::2]))
    x = X.copy()
    outer(x)
    np.testing.assert_array_equal(x, [2, 2, 6])
    overlapping = isograd.jit(lambda x: isograd.jit(increase)(x[1:], x[:2]))
    with pytest.raises(InPlaceError, match="another way"):
        overlapping(X.copy())


def test_checkpoint_writes_back():
    def f(x):
        y = x * 1
        isograd.checkpoint(lambda z: z.__imul__(np.sin(z)) is None)(y)
        return np.sum(y)
    np.testing.assert_allclose(isograd.grad(f)(X), np.sin(X) + X * np.cos(X))


def test_a_plain_array_cannot_take_a_traced_result():
    buffer = np.zeros(3)
    jitted = isograd.jit(increase)
    with pytest.raises(InPlaceError, match="plain array"):
        isograd.grad(lambda x: jitted(buffer, x))(X)
    isograd.grad(lambda x: np.sum(x) + jitted(buffer, X))(X)
    np.testing.assert_array_equal(buffer, X)
