"""NumPy's protocols: methods of ufuncs, SciPy's ufuncs, functions without a rule, derivatives at
edges."""

import numpy as np
import pytest
import scipy.special

import isograd
from isograd import errors
from isograd import numpy as inp
from isograd.refimpl.graph import eval_graph
from isograd.refimpl.numpy.function import MEANINGS
from isograd.refimpl.numpy.reductions import logsumexp

X = np.random.default_rng(0).uniform(0.5, 1.5, (3, 4))
V = X[0]


def staged(f, *args):
    closed = isograd.make_graph(f)(*args)
    closed.graph.check()
    return eval_graph(closed.graph, [*closed.captured, *args])[0]


UFUNC_METHODS = {
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce axis": lambda x: np.add.reduce(x, axis=1, keepdims=True),
    "add.reduce all": lambda x: np.add.reduce(x, axis=None),
    "add.reduce dtype": lambda x: np.add.reduce(x, dtype=np.float32),
    "multiply.reduce": lambda x: np.multiply.reduce(x, axis=(0, 1)),
    "maximum.reduce": lambda x: np.maximum.reduce(x, initial=1.2, axis=1),
    "minimum.reduce": lambda x: np.minimum.reduce(x, where=X > 0.7, initial=9.0),
    "logical_and.reduce": lambda x: np.logical_and.reduce(x > 0.6),
    "logical_or.reduce": lambda x: np.logical_or.reduce(x > 1.2, axis=1),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1),
    "add.accumulate": lambda x: np.add.accumulate(x),
    "multiply.accumulate": lambda x: np.multiply.accumulate(x, axis=1),
    "maximum.accumulate": lambda x: np.maximum.accumulate(x, axis=-1),
    "minimum.accumulate": lambda x: np.minimum.accumulate(x),
    "logaddexp.accumulate": lambda x: np.logaddexp.accumulate(x, axis=1),
    "multiply.outer": lambda x: np.multiply.outer(x, V),
    "subtract.outer": lambda x: np.subtract.outer(V, x),
    "hypot.outer": lambda x: np.hypot.outer(x, [1.0, 2.0]),
}


@pytest.mark.parametrize("name", UFUNC_METHODS)
def test_methods_of_ufuncs(name):
    f = UFUNC_METHODS[name]
    want = f(X)
    got = staged(f, X)
    assert np.shape(got) == np.shape(want) and got.dtype == want.dtype
    np.testing.assert_allclose(got, want, rtol=1e-6 if want.dtype == np.float32 else 1e-13)
    np.testing.assert_allclose(isograd.jvp(f, (X,), (X,))[0], want, rtol=1e-6)


SPECIAL = {"erf": (X,), "erfc": (X,), "erfinv": (X - 1,), "gammaln": (X,), "psi": (X,),
           "digamma": (X,), "expit": (X,), "logit": (X / 2,), "xlogy": (X, X), "log_expit": (X,),
           "ndtr": (X - 1,)}


@pytest.mark.parametrize("name", SPECIAL)
def test_ufuncs_of_scipy(name):
    f, args = getattr(scipy.special, name), SPECIAL[name]
    value, dot = isograd.jvp(f, args, (np.ones_like(X),) * len(args))
    np.testing.assert_allclose(value, f(*args), rtol=1e-14)
    steps = [f(*[x + h for x in args]) for h in (1e-6, -1e-6)]
    np.testing.assert_allclose(dot, (steps[0] - steps[1]) / 2e-6, rtol=1e-6)
    np.testing.assert_allclose(staged(f, *args), f(*args), rtol=1e-14)


MISSING = {
    "np.shares_memory": lambda x: np.shares_memory(x, x),
    "raw": lambda x: np.linalg.qr(x, "raw"),
    "signature=": lambda x: np.sin(x, signature="d->d"),
    "pad": lambda x: np.pad(x, 1, "mean"),
    "quantile": lambda x: np.quantile(x, 0.5, weights=x),
    "abs (vectorized)": lambda x: np.frompyfunc(abs, 1, 1)(x), "view": lambda x: x.view(np.int64),
}


@pytest.mark.parametrize("name", MISSING)
def test_honest_gaps(name):
    with pytest.raises(errors.MissingRuleError) as caught:
        isograd.jit(MISSING[name])(X)
    message = str(caught.value)
    assert name.split(".")[-1].rstrip("=") in message and "test_protocol.py" in message


SHAPES = {
    "axis": (lambda x: np.sum(x, axis=2), errors.ShapeError, ["axis 2", "2 axes"]),
    "axis error": (lambda x: np.max(x, axis=-3), np.exceptions.AxisError, ["axis -3"]),
    "axis twice": (lambda x: np.sum(x, axis=(0, 0)), errors.ShapeError, ["twice"]),
    "axis type": (lambda x: np.sum(x, axis=1.5), errors.DtypeError, ["integer", "1.5"]),
    "reshape": (lambda x: x.reshape(5, -1), errors.ShapeError, ["-1", "12"]),
    "reshape size": (lambda x: x.reshape(5), errors.ShapeError, ["(3, 4)", "(5,)"]),
    "transpose": (lambda x: np.transpose(x, (0, 0)), errors.ShapeError, ["permutation"]),
    "squeeze": (lambda x: np.squeeze(x, 0), errors.ShapeError, ["size 1"]),
    "concatenate": (lambda x: np.concatenate([x, V]), errors.ShapeError, ["(4,)", "(3, 4)"]),
    "concatenate numbers": (lambda x: np.concatenate([x[0, 0], x[0, 1]]), errors.ShapeError,
                            ["np.stack"]),
    "concatenate nothing": (lambda x: inp.concatenate([]), errors.ArgumentError, ["at least one"]),
    "stack": (lambda x: np.stack([x, V]), errors.ShapeError, ["one shape"]),
    "split": (lambda x: np.split(x, 2), errors.ShapeError, ["array_split"]),
    "matmul": (lambda x: x @ x, errors.ShapeError, ["(3, 4)", "4 == 3"]),
    "matmul number": (lambda x: np.matmul(x, 2.0), errors.ShapeError, ["np.multiply"]),
    "einsum letters": (lambda x: np.einsum("ij,jk->il", x, x.T), errors.ArgumentError, ["letter"]),
    "einsum axes": (lambda x: np.einsum("ijk->i", x), errors.ShapeError, ["one letter"]),
    "einsum sizes": (lambda x: np.einsum("ij,ik", x, x.T), errors.ShapeError, ["'i'", "3 and 4"]),
    "einsum groups": (lambda x: np.einsum("ij", x, x), errors.ArgumentError, ["1 groups", "2"]),
    "broadcast": (lambda x: x + np.ones(3), errors.ShapeError, ["(3, 4) and (3,)"]),
    "empty max": (lambda x: np.max(x[:0]), errors.ShapeError, ["initial="]),
    "max where": (lambda x: np.max(x, where=X > 1), errors.ArgumentError, ["initial="]),
    "where": (lambda x: np.where(x > 1, x), errors.ArgumentError, ["both"]),
    "cross": (lambda x: np.cross(x, x), errors.ShapeError, ["three"]),
    "pad": (lambda x: np.pad(x, (1, 2, 3)), errors.ShapeError, ["pairs"]),
    "pad negative": (lambda x: np.pad(x, -1), errors.ArgumentError, ["negative"]),
    "average": (lambda x: np.average(x, weights=V), errors.ArgumentError, ["axis="]),
    "quantile": (lambda x: np.quantile(x, 1.5), errors.ArgumentError, ["0 to 1"]),
    "ragged": (lambda x: inp.array([x, V]), errors.ShapeError, ["one shape"]),
    "searchsorted": (lambda x: np.searchsorted(V, x, "middle"), errors.ArgumentError, ["'left'"]),
    "bitwise": (lambda x: np.bitwise_and(x, 1), errors.DtypeError, ["bitwise_and", "float64"]),
    "arguments": (lambda x: inp.sin(x, x, x), TypeError, ["operands"]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_errors(name):
    f, kind, parts = SHAPES[name]
    with pytest.raises(kind) as caught:
        isograd.jit(f)(X)
    for part in parts:
        assert part in str(caught.value)


SCALARS = {
    "sum": np.sum, "mean": np.mean, "std": np.std, "max": np.max, "argmax": np.argmax,
    "any": np.any, "index": lambda x: x[0, 1], "row then place": lambda x: x[0][-1],
    "median": np.median, "quantile": lambda x: np.quantile(x, 0.3), "take": lambda x: np.take(x, 3),
    "norm": np.linalg.norm, "reshape": lambda x: x[:1, :1].reshape(()),
    "squeeze": lambda x: np.squeeze(x[:1, :1]),
    "dot": lambda x: x[0] @ x[1], "vdot": lambda x: np.vdot(x, x), "trace": np.trace,
    "trace method": lambda x: x.trace(),
    "einsum": lambda x: np.einsum("ij,ij", x, x), "where": lambda x: np.where(True, x[0, 0], 1.0),
    "diagonal": lambda x: np.diagonal(x)[1], "full": lambda x: inp.full((), x[0, 0]),
    "ptp": np.ptp, "prod": np.prod, "trapezoid": lambda x: np.trapezoid(x[0]),
}


@pytest.mark.parametrize("name", SCALARS)
def test_results_without_axes_are_scalars(name):
    f = SCALARS[name]
    value, dot = isograd.jvp(f, (X,), (X,))
    assert isinstance(staged(f, X), np.generic) and isinstance(value, np.generic)
    assert isinstance(dot, np.generic) or dot.dtype == isograd.float0


# ---- derivatives where formulas are at an edge ----

def gradient(f, x):
    return isograd.grad(f)(np.asarray(x, float))


def test_norms_and_deviations_of_zeros_have_gradient_zero():
    zero, constant = np.zeros(3), np.full(3, 2.0)
    np.testing.assert_array_equal(gradient(np.linalg.norm, zero), zero)
    np.testing.assert_array_equal(gradient(lambda x: np.linalg.norm(x, 3), zero), zero)
    np.testing.assert_array_equal(gradient(np.std, constant), zero)
    np.testing.assert_array_equal(gradient(lambda x: np.sum(np.hypot(x, x)), zero), zero)
    rows = np.array([[1.0, 1.0], [1.0, 2.0]])
    got = gradient(lambda x: np.sum(np.std(x, 1)), rows)
    np.testing.assert_allclose(got, [[0, 0], [-0.5, 0.5]])


def test_sinc_has_all_derivatives_at_zero():
    f, exact = np.sinc, [1.0, 0.0, -np.pi**2 / 3, 0.0, np.pi**4 / 5]
    for want in exact:
        np.testing.assert_allclose(f(0.0), want, rtol=1e-12, atol=1e-12)
        f = isograd.grad(f)


def test_ties_share_and_branches_do_not_poison():
    np.testing.assert_allclose(gradient(np.max, [1.0, 3.0, 3.0]), [0, 0.5, 0.5])
    got = gradient(lambda x: np.sum(np.clip(x, 0, 1)), [-1, 0, 0.5])
    np.testing.assert_allclose(got, [0, 0.5, 1])
    got = gradient(lambda x: np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0)), [-1.0, 2.0])
    np.testing.assert_allclose(got, [0, 0.5])
    got = gradient(lambda x: np.nansum(np.sqrt(x)), [-1.0, 4.0])
    np.testing.assert_allclose(got, [0, 0.25])


def test_logsumexp_is_stable():
    big = np.array([1000.0, 1000.0])
    np.testing.assert_allclose(staged(lambda x: np.logaddexp.reduce(x), big), 1000 + np.log(2))
    np.testing.assert_allclose(gradient(np.logaddexp.reduce, big), [0.5, 0.5])
    with np.errstate(divide="ignore"):
        assert logsumexp(np.array([-np.inf, -np.inf])) == -np.inf


# ---- the table ----

def test_the_table_of_meanings_is_numpys():
    for theirs, meaning in MEANINGS.items():
        assert theirs is None or callable(theirs)
        assert meaning.__doc__, meaning
    assert len(inp.__all__) >= 340


def test_plain_arrays_run_numpy_itself():
    """One check, then NumPy's own function: also with arguments that tracing does not support."""
    out = np.zeros(4)
    assert inp.add(V, 1.0, out=out) is out
    assert inp.sum(V, out=np.zeros(())).shape == ()
    assert inp.sin(V, where=V > 1, out=out) is out
    assert inp.roll is not np.roll and inp.eye is np.eye


def test_plain_arrays_under_a_trace_are_traced():
    """A captured array is read at every call, not frozen into the graph."""
    w = np.ones(3)
    f = isograd.jit(lambda x: x * inp.sin(w))
    first = f(np.ones(3))
    w[:] = 0
    np.testing.assert_array_equal(f(np.ones(3)), np.zeros(3))
    assert first[0] != 0
