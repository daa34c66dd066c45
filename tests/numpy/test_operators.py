"""Operators, methods and attributes of traced values against those of ndarray."""

import copy
import math
import operator
import pickle

import numpy as np
import pytest

import isograd
from isograd import errors
from isograd.refimpl.graph import eval_graph

X = np.array([[0.5, -1.5, 2.0], [1.25, 3.0, -0.75]])
Y = np.array([1.5, 0.25, -2.0])
F32 = X.astype(np.float32)
N, M = np.array([[3, 5, 6], [1, 2, 4]]), np.array([2, 1, 3])


def staged(f, *args):
    closed = isograd.make_graph(f)(*args)
    closed.graph.check()
    return eval_graph(closed.graph, [*closed.captured, *args])[0]


def forward(f, *args):
    dots = tuple([np.ones_like(x) if np.asarray(x).dtype.kind == "f" else None for x in args])
    return isograd.jvp(f, args, dots)[0]


def batched(f, *args):
    return isograd.vmap(f)(*[np.stack([x, x]) for x in args])[0]


RUNS = [staged, forward, batched]


def expect_same(got, want):
    assert np.shape(got) == np.shape(want)
    assert np.asarray(got).dtype == np.asarray(want).dtype
    np.testing.assert_array_equal(got, want)


ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv,
              operator.mod, operator.lt, operator.le, operator.gt, operator.ge, operator.eq,
              operator.ne]
BITWISE = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("op", ARITHMETIC, ids=lambda f: f.__name__)
def test_arithmetic(op, run):
    for x in (X, F32, N):
        expect_same(run(lambda x: op(x, 2.5), x), op(x, 2.5))
        expect_same(run(lambda x: op(2, x), x), op(2, x))
        expect_same(run(lambda x: op(x, Y), x), op(x, Y))
        expect_same(run(lambda x: op(Y, x), x), op(Y, x))
        expect_same(run(lambda x: op(x, np.float32(1.5)), x), op(x, np.float32(1.5)))
        expect_same(run(lambda x: op(np.float64(1.5), x), x), op(np.float64(1.5), x))
        expect_same(run(lambda x: op(x, [1, 2, 3]), x), op(x, [1, 2, 3]))
        expect_same(run(op, x, x[::-1].copy()), op(x, x[::-1]))


@pytest.mark.parametrize("op", BITWISE, ids=lambda f: f.__name__)
def test_bitwise(op):
    for run in (staged, batched):
        expect_same(run(lambda x: op(x, 2), N), op(N, 2))
        expect_same(run(lambda x: op(3, x), N), op(3, N))
        expect_same(run(lambda x: op(x, M), N), op(N, M))
    expect_same(staged(lambda x: ~x, N), ~N)


@pytest.mark.parametrize("run", RUNS)
def test_unary_divmod_power_matmul(run):
    expect_same(run(lambda x: -x, X), -X)
    expect_same(run(lambda x: +x, X), X)
    expect_same(run(abs, X), abs(X))
    expect_same(run(lambda x: divmod(x, 0.75)[0], X), divmod(X, 0.75)[0])
    expect_same(run(lambda x: divmod(5.0, x)[1], X), divmod(5.0, X)[1])
    expect_same(run(round, X), np.round(X))
    expect_same(run(lambda x: round(x, 1), X), np.round(X, 1))
    for y in (2, 3, -1, 0.5, 2.0, 0, 1.5, -1.0):
        with np.errstate(all="ignore"):
            expect_same(run(lambda x, y=y: x**y, np.abs(X)), np.abs(X) ** y)
            expect_same(run(lambda x, y=y: x**y, np.abs(F32)), np.abs(F32) ** y)
    expect_same(run(lambda x: x**2, N), N**2)
    expect_same(run(lambda x: 2**x, X), 2**X)
    np.testing.assert_allclose(run(lambda x: x @ Y, X), X @ Y)
    np.testing.assert_allclose(run(lambda x: Y @ x.T, X), Y @ X.T)
    np.testing.assert_allclose(run(lambda x: [[1.0, 2.0]] @ x, X), [[1.0, 2.0]] @ X)


def test_short_powers_are_those_of_ndarray():
    """x**2 is a square, which is exact to half an ulp and has no logarithm in its derivative."""
    graph = str(isograd.make_graph(lambda x: x**2 + x**0.5 + x**-1)(X))
    assert "square" in graph and "sqrt" in graph and "reciprocal" in graph
    assert "power" not in graph


# ---- Python numbers ----

WEAK = {
    "product": lambda n, x: (n * 2.0 + 1) * x,
    "both traced": lambda n, x: (n * n - n) * x,
    "negative": lambda n, x: -n * x,
    "reflected": lambda n, x: (1.0 - n) * x,
    "power": lambda n, x: n**2 * x,
    "bool": lambda n, x: (n + True) * x,
    "item": lambda n, x: x[0, 0].item() * x,
}


@pytest.mark.parametrize("name", WEAK)
def test_arithmetic_of_python_numbers_stays_weak(name):
    f = WEAK[name]
    want = f(3.0, F32)
    assert want.dtype == np.float32
    expect_same(isograd.jit(f, backend="reference")(3.0, F32), want)
    value, _ = isograd.jvp(lambda n: f(n, F32), (3.0,), (1.0,))
    expect_same(value, want)
    gradient = isograd.grad(lambda n: np.sum(f(n, F32)))(3.0)
    assert np.asarray(gradient).dtype == np.float64


def test_functions_make_python_numbers_strong():
    assert isograd.jit(lambda n, x: np.sin(n) * x)(3.0, F32).dtype == np.float64
    assert isograd.jit(lambda n, x: np.add(n, 1.0) * x)(3.0, F32).dtype == np.float64
    assert isograd.jit(lambda n, x: n * np.float64(1) * x)(3.0, F32).dtype == np.float64


# ---- what is no array of numbers ----

def test_other_operands():
    def operand(x):
        with pytest.raises(TypeError):
            x + "text"
        with pytest.raises(TypeError):
            None * x
        with pytest.raises(TypeError):
            operator.lt(x, object())
        assert (x == "text") is False and (x != None) is True      # noqa: E711
        with pytest.raises(errors.DtypeError):
            x + np.array([1, None, 2], object)
        with pytest.raises(errors.DtypeError):
            np.equal(np.array(["a", "b", "c"]), x)
        with pytest.raises(errors.DtypeError):
            x * np.ma.masked_array([1.0, 2, 3], [1, 0, 0])
        with pytest.raises(errors.DtypeError):
            np.sin(x, dtype="M8[s]")
        return x
    isograd.grad(lambda x: np.sum(operand(x)))(Y)


# ---- methods ----

METHODS = {
    "sum": [(), (0,), (1, np.float32)], "prod": [(), (0,)], "mean": [(), (1,)], "std": [(), (0,)],
    "var": [(), (0,)], "max": [(), (1,)], "min": [(), (1,)], "argmax": [(), (1,)],
    "argmin": [(), (1,)], "any": [(), (0,)], "all": [(), (0,)], "cumsum": [(), (1,)],
    "cumprod": [(), (1,)], "reshape": [(3, 2), ((3, 2),), (-1,), (6,), ([2, 3],)],
    "transpose": [(), (1, 0), ((1, 0),), (None,), ([1, 0],)], "ravel": [(), ("F",)],
    "flatten": [(), ("F",)], "astype": [(np.float32,), (int,)], "clip": [(0.0, 1.0), (None, 1.0)],
    "round": [(), (1,)], "repeat": [(2,), (2, 1)], "take": [([0, 1],), ([0, 2], 1)],
    "swapaxes": [(0, 1)], "squeeze": [()], "diagonal": [(), (1,)], "dot": [(Y,)], "conj": [()],
    "conjugate": [()], "argsort": [(), (0,)], "copy": [()], "item": [(0,), (1, 2), ((1, 2),)],
    "compress": [([True, False], 0)], "argpartition": [(1, 0)], "view": [(), (np.float64,)],
}


@pytest.mark.parametrize("name", METHODS)
def test_methods(name):
    for args in METHODS[name]:
        want = getattr(X, name)(*args)
        for run in RUNS:
            got = run(lambda x, args=args: getattr(x, name)(*args), X)
            assert np.shape(got) == np.shape(want)
            assert np.asarray(got).dtype == np.asarray(want).dtype
            np.testing.assert_allclose(got, want, rtol=1e-14)


def test_methods_with_known_numbers():
    assert isograd.jvp(lambda x: x.nonzero(), (X,), (X,))[0][0].tolist() == X.nonzero()[0].tolist()
    value, dot = isograd.jvp(lambda x: x.tolist(), (X,), (2 * X,))
    assert value == X.tolist() and dot == (2 * X).tolist()
    assert staged(lambda v, x: v.searchsorted(x), np.sort(Y), X).dtype == np.int64
    assert staged(lambda i: i.choose([1.0, 2.0]), np.array([0, 1])).tolist() == [1, 2]


def test_attributes():
    def f(x):
        assert x.shape == (2, 3) and x.ndim == 2 and x.size == 6 and x.dtype == np.float32
        assert x.itemsize == 4 and x.nbytes == 24 and x.T.shape == (3, 2) and x.mT.shape == (3, 2)
        assert x.real is x and x.imag.shape == (2, 3) and len(list(x.flat)) == 6
        assert len(x) == 2 and [row.shape for row in x] == [(3,), (3,)]
        a, b = x
        assert x.at[0].set(b).shape == (2, 3)
        return a + b
    expect_same(staged(f, F32), F32[0] + F32[1])
    with pytest.raises(TypeError):
        staged(lambda x: len(x), 1.0)
    assert staged(lambda x: np.float64(0 in x.shape), X) == 0


# ---- numbers where Python wants them ----

def test_known_numbers_decide():
    def f(x):
        assert bool(x[0, 0] > 0) and int(x[1, 1]) == 3 and math.floor(x[0, 1]) == -2
        assert math.ceil(x[0, 1]) == -1 and math.trunc(x[0, 1]) == -1 and 3.0 in x
        assert [10, 20, 30][int(np.argmax(x[0]))] == 30
        assert float(isograd.stop_gradient(x[0, 0])) == 0.5
        return np.sum(x[:int(x[0, 2])])
    expect_same(isograd.grad(f)(X), np.ones_like(X))
    with pytest.raises(ValueError):
        isograd.grad(lambda x: 1.0 if x > 0 else x)(X)


CONCRETIZATION = {
    "bool jit": (isograd.jit, lambda x: 1 if x[0] > 0 else 2, ["truth", "jit", "np.where"]),
    "bool vmap": (isograd.vmap, lambda x: 1 if x > 0 else 2, ["truth", "vmap", "np.where"]),
    "int jit": (isograd.jit, lambda x: int(x[0]), ["int()", "jit", "x.astype(int)"]),
    "range": (isograd.jit, lambda x: list(range(np.argmax(x))), ["static_argnums"]),
    "float grad": (isograd.grad, lambda x: float(x[0]), ["derivative", "stop_gradient"]),
    "float jit": (isograd.jit, lambda x: float(x[0]), ["float()", "jit", "x.astype(float)"]),
    "complex": (isograd.grad, lambda x: complex(x[0]), ["derivative"]),
    "math.sin": (isograd.grad, lambda x: math.sin(x[0]), ["np.sin"]),
    "math.floor": (isograd.jit, lambda x: math.floor(x[0]), ["math.floor()", "np.floor"]),
    "nonzero": (isograd.jit, lambda x: np.nonzero(x), ["mask", "np.where"]),
    "unique": (isograd.jit, lambda x: np.unique(x), ["np.sort"]),
    "repeat": (isograd.jit, lambda x: np.repeat(x, x.astype(int)), ["repeats"]),
    "pickle": (isograd.grad, lambda x: pickle.dumps(x), ["pickled"]),
}


@pytest.mark.parametrize("name", CONCRETIZATION)
def test_concretization_errors(name):
    transform, f, parts = CONCRETIZATION[name]
    with pytest.raises(errors.ConcretizationError) as caught:
        transform(f)(Y)
    for part in (*parts, "where: ", "test_operators.py"):
        assert part in str(caught.value)


@pytest.mark.parametrize("convert", [np.array, np.asarray, np.float64, lambda x: np.array([x, x]),
                                     lambda x: np.full(3, x),
                                     lambda x: np.asarray([[x], [1.0]])])
@pytest.mark.parametrize("transform", [isograd.grad, isograd.jit])
def test_conversion_errors(transform, convert):
    with pytest.raises(errors.ArrayConversionError) as caught:
        transform(lambda x: convert(x))(2.0)
    assert "isograd.numpy.array" in str(caught.value)


@pytest.mark.parametrize("transform", [isograd.grad, isograd.jit])
def test_writing_into_an_element_of_a_plain_array(transform):
    """NumPy puts its own words on top; the cause says what to do."""
    with pytest.raises(ValueError) as caught:
        transform(lambda x: operator.setitem(np.zeros(3), 0, x))(2.0)
    assert "isograd.numpy.at(a)[i].set(x)" in str(caught.value.__cause__)


IN_PLACE = {
    "resize": lambda x: x.resize((2,)),
    "np.add.at": lambda x: np.add.at(np.zeros(3), [0, 1, 1], x),
    "np.put": lambda x: np.put(np.zeros(3), [0, 1, 1], x),
    "np.copyto": lambda x: np.copyto(np.zeros(3), x),
    "np.place": lambda x: np.place(np.zeros(3), Y > 0, x),
    "out": lambda x: np.add(x, 1, out=np.zeros(3)),
    "sum out=": lambda x: np.sum(x, out=np.zeros(())),
    "ndarray += x": lambda x: operator.iadd(np.zeros(3), x),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_writing_errors(name):
    with pytest.raises(errors.InPlaceError) as caught:
        isograd.grad(IN_PLACE[name])(Y)
    assert "instead: " in str(caught.value) and "test_operators.py" in str(caught.value)


def test_display():
    seen = []

    def f(x):
        seen.append((repr(x), str(x), f"{x}", f"{x:.2f}" if not x.shape else ""))
        return x * 2
    isograd.grad(f)(1.5)
    isograd.jit(f)(Y)
    isograd.vmap(f)(Y)
    assert seen[0] == ("Traced<f64[]* = 1.5 in grad>",) * 3 + ("1.50",)
    assert seen[1][:3] == ("Traced<f64[3] in jit of f>",) * 3
    assert "f64[]" in seen[2][0] and "vmap of f" in seen[2][0]


def test_identity():
    def f(x):
        assert hash(x) == hash(x) and x in {x} and copy.copy(x) is not x
        with pytest.raises(errors.ConcretizationError, match="return it"):
            copy.deepcopy(x)
        return x
    isograd.jit(f)(1.0)


def test_leaked_values_are_refused():
    kept = []
    isograd.grad(lambda x: [kept.append(x), x][1])(1.0)
    for use in (bool, int, float, np.sin, np.asarray, lambda x: x + 1, lambda x: x > 0):
        with pytest.raises(errors.LeakedTracerError):
            use(kept[0])
