"""x[index] and at(x)[index] against NumPy, for generated indices."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import isograd
from isograd import errors
from isograd import numpy as inp
from isograd.refimpl.graph import eval_graph

SETTINGS = settings(max_examples=300, deadline=None, derandomize=True,
                    suppress_health_check=list(HealthCheck))


def array(shape):
    return np.random.default_rng(0).normal(size=shape)


@st.composite
def indices(draw, shape, repeats=True):
    """An index for an array of this shape: every kind of item, in any mixture."""
    items, axis = [], 0
    broadcast = draw(st.sampled_from([(), (2,), (3, 1), (1,), (0,)]))
    while axis < len(shape):
        kind = draw(st.sampled_from(["int", "slice", "slice", "array", "none", "end", "mask",
                                     "scalar"]))
        if kind == "end":
            break
        if kind == "none":
            items.append(None)
            continue
        n = shape[axis]
        if kind in ("int", "array", "scalar") and n == 0:
            kind = "slice"
        items.append(draw(item(kind, n, broadcast)))
        axis += 1
    if draw(st.booleans()):
        places = range(len(items) + 1)
        items.insert(draw(st.sampled_from(places)), Ellipsis)
    return _fit(tuple(items), shape)


def _fit(items, shape):
    """With an ellipsis in the middle, items meet other axes: keep what NumPy accepts."""
    try:
        np.empty(shape)[items]
    except IndexError:
        return (Ellipsis,)
    return items


@st.composite
def item(draw, kind, n, broadcast):
    if kind == "int":
        return draw(st.integers(-n, n - 1))
    if kind == "scalar":
        return np.array(draw(st.integers(-n, n - 1)))
    if kind == "slice":
        bound = st.none() | st.integers(-n - 2, n + 2)
        step = draw(st.none() | st.integers(-3, 3).filter(bool))
        return slice(draw(bound), draw(bound), step)
    if kind == "mask":
        return np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool)
    size = int(np.prod(broadcast))
    numbers = draw(st.lists(st.integers(-n, n - 1), min_size=size, max_size=size))
    return np.array(numbers, int).reshape(broadcast)


shapes = st.lists(st.sampled_from([0, 1, 2, 3, 4]), min_size=0, max_size=4).map(tuple)
cases = shapes.flatmap(lambda shape: st.tuples(st.just(shape), indices(shape)))


def staged(f, *args):
    closed = isograd.make_graph(f)(*args)
    closed.graph.check()
    return eval_graph(closed.graph, [*closed.captured, *args])[0]


def expect_same(got, want):
    assert np.shape(got) == np.shape(want)
    np.testing.assert_array_equal(got, want)


@SETTINGS
@given(cases)
def test_get(case):
    shape, index = case
    x = array(shape)
    want = x[index]
    expect_same(staged(lambda x: x[index], x), want)
    expect_same(inp.at(x)[index].get(), want)
    value, dot = isograd.jvp(lambda x: x[index], (x,), (2 * x,))
    expect_same(value, want)
    expect_same(dot, 2 * want)


@SETTINGS
@given(cases)
def test_gradient_of_get(case):
    shape, index = case
    x = array(shape)
    ct = array(np.shape(x[index])) + 1
    want = np.zeros(shape)
    np.add.at(want, index, ct)
    got, = isograd.vjp(lambda x: x[index], x)[1](ct[()])
    np.testing.assert_allclose(got, want, rtol=1e-13)


UFUNCS = {"add": np.add, "multiply": np.multiply, "min": np.minimum, "max": np.maximum,
          "subtract": np.subtract}


@SETTINGS
@given(cases, st.sampled_from(["set", *UFUNCS]), st.booleans())
def test_update(case, method, scalar):
    shape, index = case
    x = array(shape)
    values = 0.5 if scalar else array(np.shape(x[index]))[()] + 0.25
    want = x.copy()
    if method == "set":
        want[index] = values
    else:
        UFUNCS[method].at(want, index, values)
    before = x.copy()
    got = getattr(inp.at(x)[index], method)(values)
    np.testing.assert_allclose(got, want, rtol=1e-13)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(staged(lambda x: getattr(x.at[index], method)(values), x), want,
                               rtol=1e-13)


@SETTINGS
@given(cases)
def test_gradient_of_set(case):
    """What is written gets no gradient in x; the last value written to a place gets it."""
    shape, index = case
    x, v = array(shape), array(np.shape(array(shape)[index])) + 1
    ct = array(shape) + 2
    number = np.full(shape, -1)
    number[index] = np.arange(v.size).reshape(v.shape)
    want_v = np.zeros(v.size)
    want_v[number[number >= 0]] = ct[number >= 0]
    got_x, got_v = isograd.vjp(lambda x, v: x.at[index].set(v), x, v[()])[1](ct[()])
    expect_same(got_x, np.where(number < 0, ct, 0))
    expect_same(got_v, want_v.reshape(v.shape))


def test_traced_integers_are_indices():
    x, i, j = array((3, 4)), np.array(2), np.array([[0], [3]])
    for f, want in [(lambda x, i, j: x[i], x[2]), (lambda x, i, j: x[:, i], x[:, 2]),
                    (lambda x, i, j: x[i, j], x[2, j]), (lambda x, i, j: x[..., j], x[..., j]),
                    (lambda x, i, j: x[1:][:, i], x[1:, 2]), (lambda x, i, j: x[[i, 0]], x[[2, 0]]),
                    (lambda x, i, j: np.take(x, i, 1), x[:, 2])]:
        expect_same(staged(f, x, i, j), want)
        got = isograd.vmap(f, in_axes=(0, 0, None))(np.stack([x, -x]), np.array([2, 1]), j)
        expect_same(got[0], want)


def test_traced_masks():
    x, v = array((3, 4)), array(4)
    mask = x > 0
    want = x.copy()
    want[mask] = 9
    expect_same(staged(lambda x: x.at[x > 0].set(9.0), x), want)
    rows = np.array([True, False, True])
    want = x.copy()
    want[rows] *= v
    expect_same(staged(lambda x, rows: x.at[rows].multiply(v), x, rows), want)
    expect_same(isograd.grad(lambda x: np.sum(x[x > 0] ** 2))(x), np.where(x > 0, 2 * x, 0))


def test_writing_into_a_part_of_basic_and_advanced():
    x, i = array((3, 4, 5)), np.array([0, 2])
    want = x.copy()
    want[1:, i, ::-2] = 7
    expect_same(inp.at(x)[1:, i, ::-2].set(7), want)
    want = x.copy()
    want[i, :, i] = array((2, 4))
    expect_same(inp.at(x)[i, :, i].set(array((2, 4))), want)


def test_at_other_updates():
    x = np.array([1.0, 2.0, 4.0])
    expect_same(inp.at(x)[1:].divide(2.0), [1, 1, 2])
    expect_same(inp.at(x)[[0, 2]].power(2), [1, 2, 16])
    expect_same(inp.at(x)[0].apply(np.negative), [-1, 2, 4])
    assert inp.at(np.arange(3))[0].set(2.7).dtype == int
    assert "set" in repr(inp.at(x)) and inp.at(x)[0].get() == 1


ERRORS = {
    "out of bounds": (lambda x: x[3], errors.IndexingError, ["index 3", "size 3"]),
    "array out of bounds": (lambda x: x[np.array([0, -5])], errors.IndexingError, ["-5"]),
    "too many": (lambda x: x[0, 0, 0], errors.IndexingError, ["too many", "2 axes"]),
    "two ellipses": (lambda x: x[..., 0, ...], errors.IndexingError, ["ellipsis"]),
    "float": (lambda x: x[np.array([1.0])], errors.IndexingError, ["astype(int)"]),
    "float number": (lambda x: x[1.0], errors.IndexingError, ["integers"]),
    "step 0": (lambda x: x[::0], errors.ArgumentError, ["step 0"]),
    "mask": (lambda x: x[np.array([True, False])], errors.IndexingError, ["mask", "(2,)"]),
    "no broadcast": (lambda x: x[np.array([0, 1]), np.array([0, 1, 2])], errors.IndexingError,
                     ["broadcast"]),
    "values": (lambda x: x.at[0].set(np.ones(3)), errors.ShapeError, ["(3,)", "(4,)"]),
    "dtype": (lambda x: x.astype(int).at[0].add(0.5), errors.DtypeError, ["astype"]),
    "assignment": (lambda x: x.__setitem__(0, np.ones(3)), errors.ShapeError, ["(3,)"]),
    "mask get under jit": (lambda x: x[x > 0], errors.ConcretizationError, ["np.where", "jit"]),
    "slice bound": (lambda x: x[:np.argmax(x)], errors.ConcretizationError, ["np.arange"]),
    "long mask values": (lambda x: x.at[x > 0].set(np.ones(3)), errors.ConcretizationError,
                         ["mask"]),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    f, kind, parts = ERRORS[name]
    with pytest.raises(kind) as caught:
        isograd.jit(f)(array((3, 4)))
    for part in parts:
        assert part in str(caught.value)
    assert "test_indexing.py" in str(caught.value)
