"""Which results share elements with their argument, against NumPy's: a write to one is seen in the
other, at whatever time the other is read."""

import numpy as np
import pytest

import isograd
from isograd.errors import InPlaceError

ALIASES = {     # of a 3 by 3 matrix
    "diagonal": np.diagonal,
    "x.diagonal()": lambda x: x.diagonal(1),
    "diag": np.diag,
    "linalg.diagonal": np.linalg.diagonal,
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 3, 3)),
    "broadcast_to, same shape": lambda x: np.broadcast_to(x, (3, 3)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0])[0],
    "broadcast_arrays, repeated": lambda x: np.broadcast_arrays(x[0], x)[0],
    "astype": lambda x: x.astype(float, copy=False),
    "np.astype": lambda x: np.astype(x, float, copy=False),
    "conj": lambda x: x.conj(),
    "conjugate": lambda x: x.conjugate(),
    "real_if_close": np.real_if_close,
    "real": np.real,
    "meshgrid": lambda x: np.meshgrid(x[0], x[1], copy=False, sparse=True)[0],
    "meshgrid, repeated": lambda x: np.meshgrid(x[0], x[1], copy=False)[1],
    "a view of a diagonal": lambda x: np.diagonal(x)[1:].reshape(2, 1),
    "slice": lambda x: x[1:, ::2],
    "einsum": lambda x: np.einsum("ii->i", x),
    "transpose of a view": lambda x: np.swapaxes(x[1:], 0, 1),
    # copies
    "np.conj": np.conj,
    "astype copy": lambda x: x.astype(float),
    "meshgrid copy": lambda x: np.meshgrid(x[0], x[1])[0],
    "diag of a vector": lambda x: np.diag(x[0]),
    "np.astype copy": lambda x: np.astype(x, float),
}


def matrix():
    return np.arange(1.0, 10.0).reshape(3, 3)


def read_after_write(alias, x):
    y = alias(x)
    x[0, 0] = 99.0
    x[1] *= x[0]
    return y * 1.0


def write_to_alias(alias, x):
    y = alias(x)
    y[...] = y * 2.0
    return x * 1.0


MODES = {
    "jit": isograd.jit,
    "jvp": lambda f: lambda x: isograd.jvp(f, (x,), (np.ones_like(x),))[0],
    "linearize": lambda f: lambda x: isograd.linearize(f, x)[0],
    "vmap": lambda f: lambda x: isograd.vmap(f)(np.stack([x, x]))[1],
    "jit of vmap": lambda f: lambda x: isograd.jit(isograd.vmap(f))(np.stack([x, x]))[1],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ALIASES)
def test_a_write_is_seen_in_aliases(name, mode):
    def f(x):
        return read_after_write(ALIASES[name], x)
    np.testing.assert_array_equal(MODES[mode](f)(matrix()), f(matrix()))


@pytest.mark.filterwarnings("error")    # NumPy warns where it will soon make arrays read-only
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ALIASES)
def test_a_write_to_an_alias_is_seen(name, mode):
    def f(x):
        return write_to_alias(ALIASES[name], x)
    try:
        want = f(matrix())
    except (ValueError, DeprecationWarning):
        with pytest.raises(InPlaceError, match="read-only in NumPy"):
            MODES[mode](f)(matrix())
    else:
        np.testing.assert_array_equal(MODES[mode](f)(matrix()), want)


def test_a_refused_write_changes_nothing():
    def f(x):
        y = np.diagonal(x)
        with pytest.raises((InPlaceError, ValueError)):
            y[0] = 5.0
        return np.sum(x) + np.sum(y)
    assert isograd.jit(f)(matrix()) == f(matrix())


# ---- a view takes its elements when it is read, wherever that is ----

def outdated(x):
    """A view of an array that was written to since, and nothing was read of it."""
    view = x[1:]
    x *= x
    return view


READERS = {
    "result": outdated,
    "view of it": lambda x: outdated(x).T[::-1],
    "written as a whole": lambda x: np.copyto(y := outdated(x), x[:2] + 1) or x * y[0, 0],
    "part written": lambda x: outdated(x).__setitem__(0, 7.0) or x * 1.0,
    "inside of vmap": lambda x: isograd.vmap(lambda r, v: r @ v, (0, None))(x, outdated(x)[0]),
    "closed over by vmap": lambda x: (lambda v: isograd.vmap(lambda r: v @ r)(x))(outdated(x)),
    "closed over by jit": lambda x: (lambda v: isograd.jit(lambda r: v @ r)(x))(outdated(x)),
    "closed over by jvp": lambda x: (lambda v: isograd.jvp(
        lambda r: v @ r, (x,), (x * x,))[1])(outdated(x)),
    "argument of grad": lambda x: isograd.grad(lambda v: np.sum(v ** 3))(outdated(x)),
    "condition": lambda x: x * 2 if outdated(x).any() else x,
    "written twice, read between": lambda x: (lambda v: v * outdated(x)[0, 0] + v)(outdated(x)),
}
PLAIN = {
    "inside of vmap": lambda x: x @ outdated(x)[0],
    "closed over by vmap": lambda x: x @ outdated(x).T,
    "closed over by jit": lambda x: outdated(x) @ x,
    "closed over by jvp": lambda x: (lambda v: v @ (x * x))(outdated(x)),
    "argument of grad": lambda x: 3 * outdated(x) ** 2,
}
NEEDS_NUMBERS = {"condition"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", READERS)
def test_outdated_views(name, mode):
    if name in NEEDS_NUMBERS and mode not in ("jvp", "linearize"):
        pytest.skip("its numbers are not known")
    x = matrix() / 4
    # x @ f(x): Python evaluates the left operand first, a traced one too.
    want = PLAIN.get(name, READERS[name])(x.copy())
    np.testing.assert_allclose(MODES[mode](READERS[name])(x.copy()), want, rtol=1e-14)


def test_outdated_views_have_derivatives():
    def f(x):
        view = x[1:]
        x *= x
        return np.sum(view * np.arange(1.0, 3.0)[:, None])
    want = 2 * matrix() * np.array([[0.0], [1.0], [2.0]])
    np.testing.assert_allclose(isograd.grad(f)(matrix()), want)
    np.testing.assert_allclose(isograd.jit(isograd.grad(f))(matrix()), want)


def test_outdated_views_in_auxiliary_results():
    def f(x):
        view = outdated(x)
        return np.sum(x), view
    _, aux = isograd.grad(f, has_aux=True)(matrix())
    np.testing.assert_array_equal(aux, matrix()[1:] ** 2)


def test_views_that_are_not_read_cost_no_equations():
    def f(x, count):
        views = [x[i:] for i in range(1, 1 + count)]
        for _ in range(20):
            x *= 1.01
        return views[-1]
    sizes = [len(isograd.make_graph(lambda x, n=n: f(x, n))(np.ones(50)).graph.eqns)
             for n in (1, 40)]
    assert sizes[1] == sizes[0] + 39    # one for each view, when it was made


def test_attributes_that_arrays_have_and_tracers_lack():
    def f(x):
        assert not hasattr(x, "ctypes") and not hasattr(x, "nonsense")
        with pytest.raises(AttributeError, match="no attribute 'tofile'"):
            x.tofile("name")
        return x
    isograd.jit(f)(matrix())
