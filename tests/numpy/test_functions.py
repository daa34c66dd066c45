"""Every function, on plain arrays and on traced ones, gives what NumPy gives."""

import inspect

import numpy as np
import pytest

import isograd
from isograd import numpy as inp
from isograd import tree
from isograd.refimpl.graph import eval_graph
from isograd.refimpl.numpy import creation, fft, linalg
from isograd.refimpl.numpy.function import EXTENDED

from .calls import split
from .table import FFT, LINALG, OWN, TABLE


def results(function, example, values=None):
    """Call with the arrays of an example, or others in their place; a list of arrays."""
    arrays, rebuild = split(example)
    args, kwargs = rebuild(arrays if values is None else values)
    out = function(*args, **kwargs)
    outs = list(out) if isinstance(out, (list, tuple)) else [out]
    outs = [y for x in outs for y in (x if isinstance(x, (list, tuple)) else [x])]
    return [np.bool_(y) if isinstance(y, bool) else y for y in outs]


def arrays_only(outs):
    """Without dtypes, types and sizes, which are no results of a traced program."""
    return [y for y in outs if hasattr(y, "shape") and not isinstance(y, (np.dtype, type))]


# ---- the calls ----

LATEST = np.lib.NumpyVersion(np.__version__) >= "2.4.0"
CHANGED = {"fix", "count_nonzero"}      # give other types before NumPy 2.4


def tried(name, theirs):
    """Whether to try a call: an older NumPy may lack the function, or some of its arguments."""
    def try_call(example):
        try:
            results(getattr(theirs, name), example)
        except (AttributeError, TypeError):
            return False
        return name not in CHANGED
    return (lambda example: True) if LATEST else try_call


def calls_of(table, theirs, ours, prefix=""):
    return [pytest.param(theirs, ours, name, example, id=f"{prefix}{name}-{i}")
            for name, examples in table.items()
            for i, example in enumerate(filter(tried(name, theirs), examples))]


CALLS = calls_of(TABLE, np, inp) + calls_of(LINALG, np.linalg, linalg, "linalg.")
CALLS += calls_of(FFT, np.fft, fft, "fft.")
OWN_CALLS = calls_of(OWN, np, inp)


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def expect_same(got, want, tol):
    """Equal shapes, dtypes and kinds of scalar; equal numbers, up to tol."""
    assert len(got) == len(want)
    for x, y in zip(got, want, strict=True):
        assert np.shape(x) == np.shape(y)
        if not isinstance(y, (np.ndarray, np.generic)):
            assert x == y
            continue
        assert np.asarray(x).dtype == y.dtype
        assert isinstance(x, np.generic) == isinstance(y, np.generic) or not y.shape
        np.testing.assert_allclose(x, y, rtol=tol, atol=tol * np.max(np.abs(y), initial=0)
                                   if y.dtype.kind in "fc" and tol else 0, equal_nan=True)
        if not tol and y.dtype.kind == "f":
            assert np.array_equal(np.signbit(x), np.signbit(y)) or np.isnan(y).any()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("theirs", "ours", "name", "example"), CALLS + OWN_CALLS)
def test_plain_arrays(theirs, ours, name, example):
    got = results(getattr(ours, name), example)
    want = results(getattr(theirs, name), example)
    assert list(map(type, got)) == list(map(type, want))
    expect_same(got, want, 0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("theirs", "ours", "name", "example"), CALLS + OWN_CALLS)
def test_staged(theirs, ours, name, example):
    """The graph of the call, checked and run."""
    if example.known:
        pytest.skip("the numbers decide the shape")
    arrays, _ = split(example)
    function = getattr(ours, name)
    closed = isograd.make_graph(lambda *xs: arrays_only(results(function, example, xs)))(*arrays)
    closed.graph.check()
    got = tree.unflatten(closed.out_tree, eval_graph(closed.graph, [*closed.captured, *arrays]))
    expect_same(got, arrays_only(results(getattr(theirs, name), example)), example.tol)


def is_smooth(x):
    return x.dtype.kind in "fc"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("theirs", "ours", "name", "example"), CALLS)
def test_traced_through_numpy(theirs, ours, name, example):
    """NumPy's own function on traced values: values as NumPy's, derivatives as differences say."""
    arrays, _ = split(example)
    rng = np.random.default_rng(1)
    dots = [rng.normal(size=x.shape).astype(x.dtype) if is_smooth(x) else None for x in arrays]
    outs, out_dots = isograd.jvp(
        lambda *xs: arrays_only(results(getattr(theirs, name), example, xs)),
        tuple(arrays), tuple(dots))
    expect_same(outs, arrays_only(results(getattr(theirs, name), example)), example.tol)
    if example.smooth and any(x.dtype.char in "dD" for x in arrays):
        expect_differences(getattr(theirs, name), example, arrays, dots, out_dots)


def expect_differences(function, example, arrays, dots, out_dots):
    step = 1e-6
    high, low = [results(function, example, [x if t is None else x + sign * step * t
                                             for x, t in zip(arrays, dots, strict=True)])
                 for sign in (1, -1)]
    for dot, y1, y0 in zip(out_dots, high, low, strict=True):
        if np.asarray(y1).dtype.char in "dD":
            np.testing.assert_allclose(dot, (y1 - y0) / (2 * step), rtol=2e-4, atol=2e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("theirs", "ours", "name", "example"), CALLS)
def test_reverse_mode_is_the_transpose(theirs, ours, name, example):
    arrays, _ = split(example)
    rng = np.random.default_rng(2)
    places = [i for i, x in enumerate(arrays) if x.dtype.char in "fd"]
    if not places or not example.smooth:
        pytest.skip("no derivative")

    def f(*xs):
        values = list(arrays)
        for i, x in zip(places, xs, strict=True):
            values[i] = x
        outs = results(getattr(theirs, name), example, values)
        return [y for y in outs if isinstance(y, isograd.refimpl.trace.Tracer)]

    primals = [arrays[i] for i in places]
    dots = [rng.normal(size=x.shape).astype(x.dtype) for x in primals]
    _, out_dots = isograd.jvp(f, tuple(primals), tuple(dots))
    outs, pull = isograd.vjp(f, *primals)
    cts = [np.asarray(rng.normal(size=np.shape(y)), np.asarray(y).dtype)[()] for y in outs]
    pulled = pull(cts)
    left = sum(np.sum(ct * t) for ct, t in zip(cts, out_dots, strict=True)
               if np.asarray(t).dtype.kind in "fc")
    right = sum(np.sum(ct * t) for ct, t in zip(pulled, dots, strict=True))
    np.testing.assert_allclose(np.real(right), np.real(left), rtol=1e-4, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("theirs", "ours", "name", "example"), CALLS)
def test_vmap_is_a_loop(theirs, ours, name, example):
    arrays, _ = split(example)
    if example.known or not arrays:
        pytest.skip("the numbers decide the shape")
    other = [np.roll(x, 1) if x.ndim else x for x in arrays]
    function = getattr(ours, name)
    batches = [np.stack(pair) for pair in zip(arrays, other, strict=True)]

    def f(*xs):
        return arrays_only(results(function, example, xs))

    rows = [arrays_only(results(getattr(theirs, name), example, xs)) for xs in (arrays, other)]
    for got, *want in zip(isograd.vmap(f)(*batches), *rows, strict=True):
        expect_same(list(got), want, max(example.tol, 1e-14))


OF_NAMESPACE = """__array_api_version__ __array_namespace_info__ c_ r_ from_dlpack roots
                  unique_values vectorize""".split()


def test_every_function_has_calls():
    plain = {*creation.PLAIN, *creation.CONSTANTS}
    aliases = {"conj", "abs"}
    untested = set(inp.__all__) - set(TABLE) - set(OWN) - plain
    assert {getattr(inp, name) for name in untested} <= {
        getattr(inp, name) for name in {*TABLE, *OWN}} | {
        getattr(inp, name) for name in ("at", "linalg", "fft", "empty", "empty_like", "partition",
                                        "argpartition", "einsum_path", *OF_NAMESPACE)}
    assert aliases <= untested
    assert set(linalg.__all__) == set(LINALG)
    assert set(fft.__all__) == set(FFT) == set(np.fft.__all__)


@pytest.mark.parametrize("name", sorted({*inp.__all__} - {"at", "linalg", "fft", "vectorize"}))
def test_signatures_are_numpys(name):
    theirs, ours = getattr(np, name, None), getattr(inp, name)
    if not callable(theirs) or theirs is ours:
        return
    if not LATEST:
        pytest.skip("the signatures are those of NumPy 2.4")
    signature = inspect.signature(ours)
    beyond = [signature.parameters[k] for k in EXTENDED.get(name, ())]
    assert all(p.kind == p.KEYWORD_ONLY and p.default is None for p in beyond)
    signature = signature.replace(parameters=[p for p in signature.parameters.values()
                                              if p not in beyond])
    assert signature == inspect.signature(theirs)
    assert ours.__doc__


@pytest.mark.parametrize("name", linalg.__all__)
def test_signatures_of_linalg(name):
    assert inspect.signature(getattr(linalg, name)) == inspect.signature(getattr(np.linalg, name))


@pytest.mark.parametrize("name", fft.__all__)
def test_signatures_of_fft(name):
    assert inspect.signature(getattr(fft, name)) == inspect.signature(getattr(np.fft, name))
