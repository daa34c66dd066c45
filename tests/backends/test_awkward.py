"""Awkward programs, compiled: the same bits and dtypes as when they run un-jitted."""

import numpy as np
import pytest

import isograd
from isograd import grad, jit, vmap

from .random_programs import assert_same_bits
from .test_rewrites import nested

pytest.importorskip("isograd.fastpath", reason="the engine was not built")

X = np.arange(-4.0, 5.0).reshape(3, 3)
F32 = X.astype(np.float32)


def check(f, *args):
    """Compare with the program itself, whose Python scalars meet NumPy instead of a trace."""
    with np.errstate(all="ignore"):
        wanted = f(*[fresh(x) for x in args])
    got = jit(f, backend="cpu")(*[fresh(x) for x in args])
    if type(wanted) is not tuple:
        got, wanted = (got,), (wanted,)
    for a, b in zip(got, wanted, strict=True):
        assert_same_bits(a, b)


def fresh(x):
    return x.copy() if isinstance(x, np.ndarray) else x


def cases(table):
    return [pytest.param(f, args, id=name) for name, (f, *args) in table.items()]


# ---- Python scalars that are moved ----

def lifted(s):
    """s[None], also of what is no trace."""
    return s[None] if hasattr(s, "aval") else np.reshape(s, 1)



def written(write):
    """The function of an array that writes to it, and returns it."""
    def f(x, *args):
        write(x, *args)
        return x
    return f


@isograd.custom_vjp
def product(x, s):
    return x * s


product.defvjp(lambda x, s: (x * s, (x, s)), lambda saved, g: (g * saved[1], np.sum(g * saved[0])))

MOVED_SCALARS = {
    "a number, of one axis": (lambda x, s: x * lifted(s), X, 2.0),
    "an integer": (lambda x, s: x * lifted(s), X, 2),
    "the array decides": (lambda x, s: x * np.broadcast_to(s, (3,)), F32, 0.1),
    "x.flat[2] = 7.0": (written(lambda x: x.flat.__setitem__(2, 7.0)), X),
    "fill_diagonal": (written(lambda x: np.fill_diagonal(x, 3)), X),
    "put": (written(lambda x: np.put(x, [1], 2.0)), X),
    "putmask": (written(lambda x: np.putmask(x, x > 0, 2.0)), X),
    "flip": (lambda s: np.flip(lifted(s)), 2.0),
    "reference, shape (1,)": (lambda s: np.cumsum(lifted(s)), 2.0),
    "reference, shape (3, 2)": (lambda s: np.sort(np.broadcast_to(s, (3, 2))), 2.0),
}


@pytest.mark.parametrize(("f", "args"), cases(MOVED_SCALARS))
def test_python_scalars_are_moved(f, args):
    check(f, *args)
    check(lambda *args: jit(f)(*args), *args)


def test_python_scalars_are_moved_under_vmap():
    def add_twice(row, i):
        row = row * 1.0
        np.add.at(row, [i, i], 1.0)
        return row
    got = jit(vmap(add_twice), backend="cpu")(X, np.arange(3))
    np.testing.assert_array_equal(got, X + 2 * np.eye(3))


def test_python_scalars_of_a_custom_rule():
    f = vmap(product, (0, None))
    got = jit(grad(lambda x, s: np.sum(f(x, s)), argnums=(0, 1)), backend="cpu")(X, 2.0)
    np.testing.assert_array_equal(got[0], np.full((3, 3), 2.0))
    assert got[1] == X.sum()


# ---- arrays put together of pieces that nobody wants, or of none ----

EMPTY = np.zeros(0)
PIECES = {
    "a part left out": (lambda x, y: np.concatenate([np.concatenate([x, y])[:0], x]), X[0], X[1]),
    "a join left out": (lambda x, y: (np.concatenate([x, y])[1:1].sum(), x + y), X[0], X[1]),
    "another copy": (lambda x, y: (np.pad(x, 2)[:0], np.concatenate([y, x]), x), X[0], X[1]),
    "nothing": (lambda x: np.concatenate([x, x]), EMPTY),
    "padded nothing": (lambda x: (np.pad(x, 0), np.pad(x, 2)), EMPTY),
    "empty rows": (lambda x: np.concatenate([x, x * 2]) + 1, np.zeros((3, 0))),
}


@pytest.mark.parametrize(("f", "args"), cases(PIECES))
def test_pieces(f, args):
    check(f, *args)


def test_the_gradient_of_nothing_is_empty():
    def f(x):
        return np.sum(np.concatenate([x, x]) ** 2)
    assert jit(grad(f), backend="cpu")(EMPTY).shape == (0,)


# ---- what looks like nothing, and is not ----

LARGE = np.array([2**53 + 1, -2**63, 2**63 - 1])
UNSIGNED = np.array([2**64 - 1, 2**53 + 1, 3], np.uint64)
COMPLEX = np.array([complex(-1.0, -0.0), complex(np.inf, 1), complex(-0.0, 2), complex(3, np.nan)])


def through(*dtypes):
    """The function that casts to one dtype after the other."""
    def f(x):
        for dtype in dtypes:
            x = x.astype(dtype)
        return x
    return f


NOTHING = {
    "int64 through float64": (through("float64", "int64"), LARGE[:2]),
    "uint64 through float64": (through("float64", "uint64"), UNSIGNED[1:]),
    "int64 through complex128": (lambda x: x.astype(complex).real.astype(int), LARGE[:2]),
    "int64 to float64 to longdouble": (through("float64", "longdouble", "int64"), LARGE[:2]),
    "int64 through longdouble": (through("longdouble", "int64"), LARGE),
    "int32 through float64": (through("float64", "int32"), LARGE.astype("int32")),
    "1.0 * n": (lambda x: (1.0 * x).astype("int64"), LARGE[:2]),
    "z * 1": (lambda z: z * 1, COMPLEX),
    "z / 1": (lambda z: np.log(z / 1), COMPLEX),
    "1 * z in complex64": (lambda z: 1 * z, COMPLEX.astype("complex64")),
    "b * True": (lambda b: b * True, np.array([True, False])),
}


@pytest.mark.parametrize(("f", "args"), cases(NOTHING))
def test_what_looks_like_nothing(f, args):
    check(f, *args)


# ---- reductions of one element, and the order of products ----

HUGE_AND_TINY = np.tile([1e200, 1e-200], 1000)
ZERO_THEN_HUGE = np.r_[0.0, np.full(2000, 3.0)]
HUGE_THEN_ZERO = ZERO_THEN_HUGE[::-1].copy()
REDUCTIONS = {f"{name}, {axis}, {shape}": (
    lambda x, f=f, axis=axis: f(x, axis=axis), np.full(shape, -0.0))
    for name, f in {"sum": np.sum, "mean": np.mean, "max": np.max, "prod": np.prod}.items()
    for shape in ((3, 1), (1, 3), (1, 1), (2, 3)) for axis in (0, 1, None)}
PRODUCTS = {
    f"{name}, {view}": (lambda x, axis=axis: np.prod(x, axis=axis), x)
    for name, data in {"huge and tiny": HUGE_AND_TINY, "zero": ZERO_THEN_HUGE[:2000],
                       "zero at last": HUGE_THEN_ZERO[1:]}.items()
    for view, axis, x in [("all", None, data), ("rows", 1, np.stack([data, data[::-1]])),
                          ("columns", 0, np.stack([data, data[::-1]], axis=1)),
                          ("short rows", 1, data.reshape(-1, 4)),
                          ("float32", 0, np.float32(data / 1e170))]}


@pytest.mark.parametrize(("f", "args"), cases(REDUCTIONS) + cases(PRODUCTS))
def test_reductions(f, args):
    check(f, *args)


def test_products_do_not_overflow_where_numpys_do_not(backend):
    for gradient in (grad(np.prod), jit(grad(np.prod), backend=backend)):
        np.testing.assert_allclose(gradient(HUGE_AND_TINY), 1 / HUGE_AND_TINY, rtol=1e-12)
        np.testing.assert_array_equal(gradient(ZERO_THEN_HUGE), [np.inf] + [0.0] * 2000)


# ---- Python integers that are arguments ----

MEETINGS = {
    "add": lambda a, n: a + n, "minimum": lambda a, n: np.minimum(a, n),
    "floor": lambda a, n: n // a,
    "less": lambda a, n: a < n, "reversed": lambda a, n: n <= a, "equal": lambda a, n: a == n,
    "where": lambda a, n: np.where(a > 0, n, a), "shift": lambda a, n: a << (n % 4),
}


def outcome(f, *args):
    """What a function returns, with its dtype, or the kind of error that it raises."""
    try:
        y = f(*args)
    except OverflowError as error:
        return str(error)
    return y.dtype, y.tolist()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64", "uint64", "float32"])
@pytest.mark.parametrize("name", MEETINGS)
def test_python_integers_fit_or_raise_as_in_numpy(name, dtype, backend):
    f, a = MEETINGS[name], np.array([1, 2, 100]).astype(dtype)
    if dtype == "float32" and name == "shift":
        return
    compiled = jit(f, backend=backend)
    for n in (2, 256, 300, -1, 2**31, 2**40 + 1):
        assert outcome(compiled, a, n) == outcome(f, a, n), n


def test_python_integers_are_checked_in_loops_and_batches(backend):
    a = np.array([250, 251], np.uint8)
    f = jit(lambda a, n: isograd.lax.fori_loop(0, n, lambda i, a: np.maximum(a, i), a),
            backend=backend)
    assert outcome(f, a, 255) == (a.dtype, [254, 254])
    assert "out of bounds for uint8" in outcome(f, a, 258)
    g = jit(vmap(lambda a, n: a * n, (0, None)), backend=backend)
    assert outcome(g, a, 1) == (a.dtype, [250, 251])
    assert "out of bounds for uint8" in outcome(g, a, 256)


def test_python_scalars_that_keep_their_dtype_need_no_cast():
    for a, n in ((X, 2), (F32, 2), (np.arange(3), 2), (X, 0.5)):
        assert not isograd.explain(lambda a, n: a * n + (a < n))(a, n).fallbacks


# ---- functions that stay calls ----

def test_large_functions_that_are_called_again():
    x = np.linspace(-1, 1, 5)
    for f in (nested(12), grad(lambda x: np.sum(nested(11)(x)))):
        assert_same_bits(jit(f, backend="cpu")(x), jit(f, backend="reference")(x))
    assert isograd.explain(nested(12))(x).fallbacks[0].primitive == "call"
