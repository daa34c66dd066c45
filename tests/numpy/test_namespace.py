"""Every public name of NumPy has a meaning or a reason why not; what NumPy lacks: size=, r_, ..."""

import numpy as np
import pytest

import isograd
from isograd import errors
from isograd import numpy as inp
from isograd.refimpl.numpy.absent import ABSENT
from isograd.refimpl.numpy.function import MEANINGS

LATEST = np.lib.NumpyVersion(np.__version__) >= "2.4.0"


def test_every_name_of_numpy_is_there_or_has_a_reason():
    assert set(np.__all__) - set(inp.__all__) - set(ABSENT) == set()


@pytest.mark.skipif(not LATEST, reason="the names of NumPy 2.4")
def test_nothing_is_both_there_and_absent():
    assert set(ABSENT) <= set(np.__all__)
    assert not set(ABSENT) & set(inp.__all__)


def test_how_many_functions_have_a_meaning():
    functions = {name for name in np.__all__ if callable(getattr(np, name))
                 and not isinstance(getattr(np, name), type)}
    traced = {name for name in functions & set(inp.__all__)
              if getattr(np, name) in MEANINGS or getattr(inp, name) is not getattr(np, name)}
    assert len(traced) >= 315
    assert len(functions & set(inp.__all__)) >= 345


def test_what_is_absent_says_why():
    with pytest.raises(errors.MissingRuleError, match="no place and no order in memory"):
        isograd.jit(lambda x: np.shares_memory(x, x))(np.ones(3))


# ---- a given number of places: jit and vmap need not know the mask ----

X = np.array([3.0, 1.0, 2.0, 1.0, np.nan, 3.0, 0.0, 0.0])
GRID = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 3.0]])
SIZED = {
    # name: (function, argument, what it gives)
    "nonzero": (lambda x: inp.nonzero(x, size=4), GRID, ([0, 1, 1, 0], [1, 0, 2, 0])),
    "nonzero fill": (lambda x: inp.nonzero(x, size=4, fill_value=(-1, 9)), GRID,
                     ([0, 1, 1, -1], [1, 0, 2, 9])),
    "fewer": (lambda x: inp.nonzero(x, size=2), GRID, ([0, 1], [1, 0])),
    "where": (lambda x: inp.where(x > 1, size=3, fill_value=-1), GRID, ([1, 1, -1], [0, 2, -1])),
    "argwhere": (lambda x: inp.argwhere(x, size=3), GRID, [[0, 1], [1, 0], [1, 2]]),
    "flatnonzero": (lambda x: inp.flatnonzero(x, size=4, fill_value=6), GRID, [1, 3, 5, 6]),
    "extract": (lambda x: inp.extract(x > 1, x, size=3), GRID, [2, 3, 0]),
    "compress": (lambda x: inp.compress(x[1] > 1, x, 1, size=3, fill_value=7.0), GRID,
                 [[0, 0, 7], [2, 3, 7]]),
    "unique": (lambda x: inp.unique(x, True, True, True, size=6), X,
               ([0, 1, 2, 3, np.nan, 0], [6, 1, 2, 0, 4, 6], [3, 1, 2, 1, 4, 3, 0, 0],
                [2, 2, 1, 2, 1, 0])),
    "unique fewer": (lambda x: inp.unique(x, return_counts=True, size=2), X, ([0, 1], [2, 2])),
    "unique fill": (lambda x: inp.unique(x, size=7, fill_value=-1), X,
                    [0, 1, 2, 3, np.nan, -1, -1]),
    "unique_values": (lambda x: inp.unique_values(x[:4], size=3), X, [1, 2, 3]),
    "unique_counts": (lambda x: inp.unique_counts(x[:4], size=4), X, ([1, 2, 3, 1], [2, 1, 1, 0])),
    "unique_inverse": (lambda x: inp.unique_inverse(x[:4], size=3), X,
                       ([1, 2, 3], [2, 0, 1, 0])),
    "unique_all": (lambda x: inp.unique_all(x[:4], size=3), X,
                   ([1, 2, 3], [1, 2, 0], [2, 0, 1, 0], [2, 1, 1])),
    "union1d": (lambda x: inp.union1d(x[:4], [0.0, 2.0], size=5), X, [0, 1, 2, 3, 0]),
    "no elements": (lambda x: inp.nonzero(x[:0], size=2, fill_value=5), X, ([5, 5],)),
    "unique of none": (lambda x: inp.unique(x[:0], size=2, fill_value=5), X, [5, 5]),
}


def parts(result):
    return list(result) if isinstance(result, tuple) else [result]


@pytest.mark.parametrize("how", ["plain", "jit", "vmap"])
@pytest.mark.parametrize("name", SIZED)
def test_given_number_of_places(name, how):
    f, x, want = SIZED[name]
    if how == "plain":
        got = parts(f(x))
    elif how == "jit":
        got = parts(isograd.jit(f)(x))
    else:
        got = [y[1] for y in parts(isograd.vmap(f)(np.stack([x[::-1], x])))]
    for y, z in zip(got, parts(want), strict=True):
        np.testing.assert_array_equal(y, z)


def test_derivatives_with_a_given_number_of_places():
    f = isograd.jit(lambda x: np.sum(inp.extract(x > 1, x, size=3) ** 2))
    np.testing.assert_array_equal(isograd.grad(f)(GRID), np.where(GRID > 1, 2 * GRID, 0))
    g = isograd.jit(lambda x: np.sum(inp.unique(x, size=4) ** 2))
    np.testing.assert_array_equal(isograd.grad(g)(X[:4]), [6, 4, 4, 0])     # 1 stands twice


@pytest.mark.parametrize("name", ["nonzero", "unique", "argwhere", "union1d", "unique_all"])
def test_an_unknown_number_is_refused(name):
    f = getattr(inp, name)
    arguments = (GRID,) if name == "union1d" else ()
    with pytest.raises(errors.ConcretizationError, match=r"decide a shape|number of different"):
        isograd.jit(lambda x: f(x, *arguments))(GRID)


# ---- index tricks, functions of numbers, roots ----

V, W = np.array([1.0, -2.0, 0.5]), np.array([2.0, 3.0, 4.0])
JOINED = {
    "r_": lambda x, y: (inp.r_[x, 1.0, y[:2]], np.r_[V, 1.0, W[:2]]),
    "r_ ranges": lambda x, y: (inp.r_[0:3, x, 0:1:3j], np.r_[0:3, V, 0:1:3j]),
    "r_ rows": lambda x, y: (inp.r_[x[None], y[None]], np.r_[V[None], W[None]]),
    "c_": lambda x, y: (inp.c_[x, y], np.c_[V, W]),
    "c_ wide": lambda x, y: (inp.c_[x, y[:, None] * np.ones(2)], np.c_[V, W[:, None] * np.ones(2)]),
}


@pytest.mark.parametrize("name", JOINED)
def test_index_tricks(name):
    got, want = isograd.jit(JOINED[name])(V, W)
    np.testing.assert_array_equal(got, want)
    _, dot = isograd.jvp(lambda x: JOINED[name](x, W)[0], (V,), (np.ones(3),))
    assert np.sum(dot) == 3


def test_directives_are_refused():
    with pytest.raises(errors.ArgumentError, match="column_stack"):
        isograd.jit(lambda x: inp.r_["0,2", x])(V)


def test_vectorize():
    @inp.vectorize
    def hinge(x, y):
        return np.where(x > y, x * y, 0.0)
    np.testing.assert_array_equal(hinge(V[:, None], W), np.zeros((3, 3)))
    got = isograd.jit(hinge)(V[:, None], W / 4)
    np.testing.assert_array_equal(got, hinge(V[:, None], W / 4))
    dot = inp.vectorize(lambda x, y, n: np.sum(x * y) * n, signature="(k),(k)->()", excluded={2})
    A = np.stack([V, W])
    gradient = isograd.grad(lambda x: np.sum(dot(x, W, 3)))(A)
    np.testing.assert_allclose(gradient, 3 * np.stack([W, W]))
    with pytest.raises(errors.ArgumentError, match="by position"):
        isograd.jit(lambda x: hinge(x=x, y=x))(V)


@pytest.mark.parametrize("p", [[1.0, -3.0, 2.0], [0.0, 2.0, 1.0, 5.0, 0.0, 0.0], [3.0], [0.0, 0.0],
                               [1.0, 2.0 + 1j, 3.0]])
def test_roots(p):
    p = np.array(p)
    got = isograd.jvp(np.roots, (p,), (np.zeros_like(p),))[0]
    assert got.dtype == complex
    np.testing.assert_allclose(np.sort_complex(got), np.sort_complex(np.roots(p)), atol=1e-12)


def test_derivative_of_roots():
    p, dp = np.array([2.0, -3.0, 1.0, 5.0]), np.array([0.1, 1.0, -0.5, 0.3])
    r, dot = isograd.jit(lambda p, dp: isograd.jvp(np.roots, (p,), (dp,)))(p, dp)
    np.testing.assert_allclose(dot, -np.polyval(dp, r) / np.polyval(np.polyder(p), r))


def test_unique_values():
    x = np.array([3.0, 1.0, 3.0])
    value, gradient = isograd.value_and_grad(lambda x: np.sum(np.unique_values(x) ** 2))(x)
    assert value == 10
    np.testing.assert_array_equal(gradient, [6, 2, 0])


def test_from_dlpack():
    np.testing.assert_array_equal(inp.from_dlpack(V), V)
    np.testing.assert_array_equal(isograd.grad(lambda x: np.sum(inp.from_dlpack(x) ** 2))(V), 2 * V)
