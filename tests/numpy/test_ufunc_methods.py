"""reduce, accumulate, reduceat and outer of every ufunc of two operands, on traced arrays."""

import numpy as np
import pytest

import isograd
from isograd import numpy as inp
from isograd.errors import IndexingError, ShapeError

rng = np.random.default_rng(0)
X = rng.uniform(0.5, 1.5, (3, 4))
K = rng.integers(1, 9, (3, 4))
# NumPy's own vector loops of these do not fold from left to right on every processor.
UNORDERED = {"arctan2", "power", "float_power"}
BINARY = sorted({f for f in map(np.__dict__.get, np.__all__)
                 if isinstance(f, np.ufunc) and f.nin == 2 and f.nout == 1 and not f.signature
                 and f is not np.ldexp},
                key=lambda f: f.__name__)
CALLS = {
    "reduce": lambda f, x: f.reduce(x),
    "reduce axis": lambda f, x: f.reduce(x, axis=1, keepdims=True),
    "reduce initial": lambda f, x: f.reduce(x, initial=1),
    "reduce where": lambda f, x: f.reduce(x, initial=1, where=[True, False, True, True]),
    "reduce axes": lambda f, x: f.reduce(x, axis=None),
    "accumulate": lambda f, x: f.accumulate(x, axis=1),
    "reduceat": lambda f, x: f.reduceat(x, [0, 2, 1, 3], axis=1),
    "reduceat 0": lambda f, x: f.reduceat(x, [1, 2]),
    "outer": lambda f, x: f.outer(x[0], x[:2]),
}


def arguments(f):
    """Arrays that the ufunc takes; NumPy refuses those of some other dtypes."""
    for x in (X, K):
        try:
            f(x, x)
            yield x
        except TypeError:
            continue


CASES = [pytest.param(f, name, x, id=f"{f.__name__} {name} {x.dtype}")
         for f in BINARY for name in CALLS for x in arguments(f)
         if f.__name__ not in UNORDERED or name in ("reduce", "outer", "reduceat 0")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("f", "name", "x"), CASES)
def test_method(f, name, x):
    call = CALLS[name]
    try:
        want = call(f, x)
    except (ValueError, TypeError):
        pytest.skip("NumPy refuses the call, so there is nothing to compare with")
    got = isograd.jit(lambda x: call(f, x))(x)
    assert (np.shape(got), np.asarray(got).dtype) == (want.shape, want.dtype)
    np.testing.assert_allclose(got, want, rtol=1e-13)
    if x is X and want.dtype == float:
        np.testing.assert_allclose(isograd.vmap(lambda x: call(f, x))(X[None])[0], want, rtol=1e-13)


SMOOTH = {"hypot", "divide", "subtract", "copysign", "logaddexp2", "fmax", "multiply"}


@pytest.mark.parametrize("name", ["reduce axis", "accumulate", "reduceat", "outer"])
@pytest.mark.parametrize("f", [f for f in BINARY if f.__name__ in SMOOTH], ids=str)
def test_derivative(f, name):
    call, dx = (lambda x: CALLS[name](f, x)), rng.normal(size=X.shape)
    out, dot = isograd.jvp(call, (X,), (dx,))
    np.testing.assert_allclose(dot, (call(X + 1e-6 * dx) - call(X - 1e-6 * dx)) / 2e-6, rtol=1e-5,
                               atol=1e-7)
    ct = rng.normal(size=out.shape)
    pulled, = isograd.vjp(call, X)[1](ct)
    np.testing.assert_allclose(np.sum(pulled * dx), np.sum(ct * dot))


BAD = {
    "no elements": (lambda x: np.hypot.reduce(x[:, :0], axis=1), None),
    "no identity": (lambda x: np.fmax.reduce(x[:, :0], axis=1), ShapeError),
    "where without initial": (lambda x: np.fmax.reduce(x, where=x > 1), ShapeError),
    "out of range": (lambda x: np.add.reduceat(x, [0, 7]), IndexingError),
    "one operand": (lambda x: np.sin.reduce(x), ValueError),
}


@pytest.mark.parametrize("name", BAD)
def test_borders(name):
    call, error = BAD[name]
    if error is None:
        np.testing.assert_array_equal(isograd.jit(call)(X), call(X))
        return
    with pytest.raises(error):
        isograd.jit(call)(X)


def test_frexp():
    x = np.array([0.0, -3.0, 1e300, 5e-324, np.inf])
    m, e = isograd.jit(np.frexp)(x)
    np.testing.assert_array_equal(m, np.frexp(x)[0])
    np.testing.assert_array_equal(e, np.frexp(x)[1])
    assert e.dtype == np.frexp(x)[1].dtype
    assert isograd.grad(lambda x: np.frexp(x)[0])(-3.0) == 0.25
    assert isograd.grad(lambda x: inp.ldexp(*np.frexp(x)))(5.0) == 1
