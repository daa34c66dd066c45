"""Bodies may write to what is their own, under every transformation; nothing else, ever."""

import functools
import tracemalloc
import types

import numpy as np
import pytest

import isograd
from isograd import grad, jacfwd, jacrev, jit, jvp, lax, vjp, vmap
from isograd.errors import InPlaceError

from .writing import PROGRAMS

X = np.array([0.9, 1.3, 0.7, 1.1, 0.4, 1.6])
DIRECTION = np.array([0.3, -0.5, 0.2, 0.7, -0.4, 0.1])
every_program = pytest.mark.parametrize("name", PROGRAMS)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def difference(f, x, dx):
    return (f(x + 1e-6 * dx) - f(x - 1e-6 * dx)) / 2e-6


@every_program
def test_values(name, backend):
    structured, loop = PROGRAMS[name]
    x, want = X.copy(), loop(X)
    np.testing.assert_allclose(structured(x), want, 1e-13)
    np.testing.assert_array_equal(x, X)
    compiled = jit(structured, backend=backend)
    for _ in range(2):
        np.testing.assert_allclose(compiled(x), want, 1e-13)
    np.testing.assert_array_equal(x, X)
    assert compiled.graph(x).written == ()


@every_program
def test_derivatives(name):
    structured, loop = PROGRAMS[name]
    want = difference(loop, X, DIRECTION)
    out, dot = jvp(structured, (X,), (DIRECTION,))
    np.testing.assert_allclose(dot, want, 1e-6, 1e-8)
    ct = np.cos(np.arange(out.size)).reshape(out.shape)
    for f in (structured, jit(structured)):
        pulled, = vjp(f, X)[1](ct)
        np.testing.assert_allclose(np.sum(pulled * DIRECTION), np.sum(ct * want), 1e-6)


@every_program
def test_second_derivatives(name):
    structured, loop = PROGRAMS[name]
    loss = lambda f: lambda x: np.sum(np.sin(f(x)))
    slope = lambda x: grad(loss(loop))(x) @ DIRECTION       # eager writes: tests/mutation
    want = difference(slope, X, DIRECTION)
    for derivative in (jacfwd(grad(loss(structured))), jit(jacrev(jacfwd(loss(structured))))):
        np.testing.assert_allclose(DIRECTION @ derivative(X) @ DIRECTION, want, 1e-5, 1e-7)


@every_program
@pytest.mark.parametrize("wrap", [lambda f: f, jit], ids=["eager", "jit"])
def test_batches(name, wrap):
    """The examples differ in where they go, and in the number of steps."""
    structured, loop = PROGRAMS[name]
    batch = np.stack([X, X[::-1], 0.4 * X])
    np.testing.assert_allclose(wrap(vmap(structured))(batch), [loop(x) for x in batch], 1e-13)
    got = wrap(vmap(grad(lambda x: np.sum(structured(x) ** 2))))(batch)
    want = [grad(lambda x: np.sum(loop(x) ** 2))(x) for x in batch]
    np.testing.assert_allclose(got, want, 1e-10)


@every_program
def test_results_share_no_elements_with_arguments(name):
    x = X.copy()
    y = PROGRAMS[name].structured(x)
    y[...] = 0
    np.testing.assert_array_equal(x, X)


UNCHANGED = {
    "fori_loop": lambda x: lax.fori_loop(0, 2, lambda i, c: c, x),
    "no step": lambda x: lax.fori_loop(0, 0, lambda i, c: c + 1, x),
    "scan": lambda x: lax.scan(lambda c, _: (c, None), x, None, 2)[0],
    "ys": lambda x: lax.scan(lambda c, _: (None, x), None, None, 1)[1][0],
    "cond": lambda x: lax.cond(True, lambda c: c, lambda c: c, x),
    "closed over": lambda x: lax.cond(True, lambda: x, lambda: x),
    "map": lambda x: lax.map(lambda c: c, x),
    "associative_scan": lambda x: lax.associative_scan(np.add, x[:1]),
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_passes_unchanged_is_a_copy(name):
    x = X.copy()
    for f in (UNCHANGED[name], jit(UNCHANGED[name]), jit(UNCHANGED[name], backend="reference")):
        y = f(x)
        assert not np.shares_memory(x, y)
        assert y.flags.writeable


# ---- arrays from outside ----

LOOPS = {
    "fori_loop": lambda body, x: lax.fori_loop(0, 3, lambda i, c: body(c), x),
    "while_loop": lambda body, x: lax.while_loop(
        lambda s: s[0] < 3, lambda s: (s[0] + 1, body(s[1])), (0, x))[1],
    "while_loop, condition": lambda body, x: lax.while_loop(
        lambda s: np.sum(body(s)) < 0, lambda s: s, x),
    "scan": lambda body, x: lax.scan(lambda c, _: (body(c), None), x, None, 3)[0],
    "map": lambda body, x: lax.map(body, np.stack([x, 2 * x])),
    "map in batches": lambda body, x: lax.map(body, np.stack([x, 2 * x, x]), batch_size=2),
    "cond": lambda body, x: lax.cond(True, lambda c: c, body, x),
    "switch": lambda body, x: lax.switch(1, [lambda c: c, body], x),
}
doubled = jit(lambda a: a.__imul__(2.0) is None)
WRITES = {
    "known value": lambda a, c: a.__setitem__(0, 5.0),
    "known +=": lambda a, c: a.__iadd__(1.0), "traced +=": lambda a, c: a.__iadd__(c),
    "view": lambda a, c: a[1:].__iadd__(c[1:]), "view, known": lambda a, c: a[1:].__imul__(2.0),
    "out=": lambda a, c: np.sin(c, out=a), "out=, known": lambda a, c: np.sin(X, out=a),
    "copyto": lambda a, c: np.copyto(a, c), "copyto, known": lambda a, c: np.copyto(a, DIRECTION),
    "compiled": lambda a, c: doubled(a), "add.at": lambda a, c: np.add.at(a, [0, 0], 1.0),
    "put": lambda a, c: np.put(a, [1], 4.0), "reshaped": lambda a, c: a.reshape(2, 3)[1].fill(0.0),
    "sort": lambda a, c: a.sort(), "fill": lambda a, c: a.fill(3.0),
}
TRANSFORMED = {
    "eager": lambda f: f, "jit": jit, "grad": grad, "vmap": lambda f: lambda x: vmap(f)(x[None]),
    "jit of grad": lambda f: jit(grad(f)), "grad of jit": lambda f: grad(jit(f)),
}


@pytest.mark.parametrize("mode", TRANSFORMED)
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("loop", LOOPS)
def test_a_body_does_not_write_to_arrays_from_outside(loop, write, mode):
    """Neither to a plain one nor to a traced one; and a branch that is not taken neither."""
    plain = X.copy()
    for array in (lambda x: plain, lambda x: 2 * x):
        def f(x, array=array):
            a = array(x)

            def body(c):
                WRITES[write](a, c)
                return c * a
            return np.sum(LOOPS[loop](body, x)) + np.sum(a)
        with pytest.raises(InPlaceError, match=r"copy\(\)|plain array"):
            TRANSFORMED[mode](f)(X)
    np.testing.assert_array_equal(plain, X)


def test_numpys_own_error_is_explained():
    """NumPy raises ValueError for a[0] = traced; what to write instead is a note on it."""
    a = np.zeros(3)
    with pytest.raises(ValueError, match="sequence") as caught:
        lax.fori_loop(0, 3, lambda i, c: (a.__setitem__(0, c), c)[1], 1.0)
    note, = caught.value.__notes__
    assert "np.zeros_like(x)" in note and "test_writing.py" in note


SEEN = X.copy()


class Layer:
    def __init__(self):
        self.weights = np.ones(3)

    def step(self, i, x):
        self.weights += 1.0
        return x * self.weights


def default(i, x, seen=SEEN):
    seen[0] = 9.0
    return x


def in_container(i, x):
    STATE["arrays"][1][0] = 9.0
    return x


def in_a_function_outside():
    a = X.copy()

    def helper():
        a[0] = 9.0
    return lambda i, x: (helper(), x)[1]


def of_attribute():
    layer = Layer()

    def body(i, x):
        layer.weights[0] = 9.0
        return x
    return body


STATE = {"arrays": [X, X.copy()]}
RULED = isograd.custom_jvp(in_container)
RULED.defjvps(None, lambda t, y, i, x: t)
REACHED = {
    "global": (in_container, r"STATE\['arrays'\]\[1\]: f64\[6\]"),
    "default": (default, "a default: "), "method": (Layer().step, r"self\.weights: "),
    "attribute": (of_attribute(), r"layer\.weights: "),
    "function": (in_a_function_outside(), "got: a: "),
    "partial": (functools.partial(lambda a, i, x: (a.fill(0), x)[1], X.copy()), "a"),
    "custom rule": (RULED, "STATE"),
}


@pytest.mark.parametrize("name", REACHED)
def test_the_array_is_found_and_named(name):
    body, says = REACHED[name]
    for _ in range(2):      # the write was undone
        with pytest.raises(InPlaceError, match=says) as caught:
            lax.fori_loop(0, 3, body, np.ones(3))
        assert "where: test_writing.py" in str(caught.value)


class Callable:
    def __call__(self, layer, i, x):
        return x * layer.weights


def test_functions_of_any_kind_can_be_bodies():
    layer = Layer()
    cyclic = types.SimpleNamespace(weights=X[:3])
    cyclic.itself = cyclic
    bodies = [types.MethodType(Callable(), layer), functools.partial(Callable(), layer),
              types.MethodType(jit(Callable(), static_argnums=0), layer),
              lambda i, x: x * cyclic.itself.weights,
              lambda i, x, cell=[]: x * len([*cell, 1]), np.multiply]
    for body in bodies:
        assert lax.fori_loop(0, 2, body, np.ones(3)).shape == (3,)

    def defined_later(i, x):
        return x * later if i is None else x
    np.testing.assert_array_equal(lax.fori_loop(0, 2, defined_later, X), X)
    later = 1.0


def test_a_large_table_is_not_copied_for_each_loop():
    table = np.ones(2**20)
    tracemalloc.start()
    lax.cond(True, lambda: table[3], lambda: 0.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < table.nbytes / 2


def test_arrays_from_outside_are_read_and_may_be_copied():
    table, x = X.copy(), X.copy()

    def body(i, c):
        own = table.copy()
        own[0] = 7.0        # known, and in an array of its own
        scratch = np.array([1.0, 2.0])
        scratch += 1.0
        return c + own * scratch[0]
    np.testing.assert_allclose(lax.fori_loop(0, 2, body, x), X + 4 * np.array([7.0, *X[1:]]))
    np.testing.assert_array_equal(table, X)
