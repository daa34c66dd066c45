"""Random indices of every kind: what NumPy gives, and its class of error, in every mode."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import isograd
from isograd import errors, tree
from isograd.numpy import at
from isograd.refimpl.graph import eval_graph

SETTINGS = settings(max_examples=150, deadline=None)


# ---- shapes and indices ----

SHAPES = st.lists(st.sampled_from([0, 1, 2, 3, 3, 4]), min_size=0, max_size=4).map(tuple)
BOUND = st.none() | st.integers(-5, 5)
SLICE = st.builds(slice, BOUND, BOUND, st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]))


@st.composite
def index_array(draw, n, shape):
    """Integers for an axis of size n; now and then one is out of range."""
    margin = draw(st.sampled_from([0, 0, 0, 0, 0, 0, 1]))
    low, high = -n - margin, n - 1 + margin
    if low > high:
        shape = (0, *shape[1:]) if shape else (0,)
    size = int(np.prod(shape))
    numbers = draw(st.lists(st.integers(low, max(low, high)), min_size=size, max_size=size))
    return np.array(numbers, draw(st.sampled_from([np.int64, np.int32]))).reshape(shape)


@st.composite
def indices(draw, shape, arrays=True):
    """An index for an array of this shape, nearly always a valid one."""
    common = draw(st.sampled_from([(), (2,), (3,), (2, 3), (1,), (0,)]))
    items, axis, dots = [], 0, False
    kinds = ["int", "slice", "none", "array", "mask", "list", "flag", "stop", "dots"]
    weights = {"int": 3, "slice": 4, "array": 4, "stop": 1}
    kinds = [k for k in kinds for _ in range(weights.get(k, 1))
             if arrays or k not in ("array", "mask", "list", "flag")]
    while True:
        kind = draw(st.sampled_from(kinds))
        if kind == "stop":
            break
        if kind == "none":
            items.append(None)
        elif kind == "dots":
            if not dots:
                dots = True
                items.append(Ellipsis)
                axis = draw(st.integers(axis, len(shape)))
        elif kind == "flag":
            items.append(draw(st.booleans()))
        elif axis >= len(shape):
            break
        elif kind == "mask":
            width = draw(st.integers(1, len(shape) - axis))
            sizes = shape[axis:axis + width]
            items.append(np.array(draw(st.lists(st.booleans(), min_size=int(np.prod(sizes)),
                                                max_size=int(np.prod(sizes)))),
                                  bool).reshape(sizes))
            axis += width
        else:
            n = shape[axis]
            items.append(draw({"int": st.integers(-n, max(n - 1, -n)), "slice": SLICE,
                               "array": index_array(n, draw(st.sampled_from([common, (1,), ()]))),
                               "list": st.lists(st.integers(-n, max(-n, n - 1)), max_size=2),
                               }[kind]))
            axis += 1
    index = tuple(items)
    return index[0] if len(index) == 1 and draw(st.booleans()) else index


@st.composite
def cases(draw, arrays=True):
    shape = draw(SHAPES)
    return shape, draw(indices(shape, arrays))


def numbers(shape):
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def outcome(function, *args):
    """Return the result, or the class of NumPy's error."""
    try:
        return function(*args)
    except (IndexError, ValueError, TypeError) as error:
        return type(error)


def expect(function, want, overlooked=False):
    """function() gives an array equal to `want`, or raises that error and ours.

    overlooked: NumPy does not see places out of range where an index names no element; we do.
    """
    if isinstance(want, type):
        with pytest.raises(want) as caught:
            function()
        assert isinstance(caught.value, errors.IsogradError), caught.value
        return
    try:
        got = function()
    except IndexError:
        assert overlooked or np.size(want) == 0
        return
    assert np.shape(got) == np.shape(want)
    np.testing.assert_array_equal(got, want)


def is_traceable(item):
    return isinstance(item, np.ndarray) and item.dtype.kind == "i"


def traced(run, x, index):
    """Run on traced x, and with every integer array of the index traced as well."""
    def staged(x, index):
        leaves = [x, *[item for item in spread(index) if is_traceable(item)]]

        def f(x, *arrays):
            rest = iter(arrays)
            return run(x, put_back(index, rest))
        closed = isograd.make_graph(f)(*leaves)
        outs = eval_graph(closed.graph.check(), [*closed.captured, *leaves])
        return tree.unflatten(closed.out_tree, outs)
    return staged(x, index)


def spread(index):
    return index if isinstance(index, tuple) else (index,)


def put_back(index, arrays):
    items = tuple([next(arrays) if is_traceable(item) else item for item in spread(index)])
    return items if isinstance(index, tuple) else items[0]


# ---- getting ----

@SETTINGS
@given(cases())
def test_getting_from_a_derivative(case):
    shape, index = case
    x = numbers(shape)
    want = outcome(lambda: x[index])
    expect(lambda: isograd.jvp(lambda x: x[index], (x,), (2 * x,))[1],
           want if isinstance(want, type) else 2 * want)


@SETTINGS
@given(cases())
def test_getting_from_a_graph_with_a_known_index(case):
    shape, index = case
    x = numbers(shape)
    graph_of = isograd.make_graph(lambda x: x[index])
    want = outcome(lambda: x[index])
    expect(lambda: run(graph_of(x), x), want)


def run(closed, *args):
    out, = eval_graph(closed.graph.check(), [*closed.captured, *args])
    return out


@SETTINGS
@given(cases())
def test_getting_with_a_traced_index(case):
    shape, index = case
    x = numbers(shape)
    want = outcome(lambda: x[index])
    if isinstance(want, type):
        with pytest.raises(want):
            traced(lambda x, index: x[index], x, index)
    else:
        expect(lambda: traced(lambda x, index: x[index], x, index), want)


# ---- setting ----

def assign(x, index, values):
    x = x.copy()
    x[index] = values
    return x


def add(x, index, values):
    x = x.copy()
    np.add.at(x, index, values)
    return x


def names_nothing(x, index):
    shape = outcome(lambda: x[index].shape)
    return not isinstance(shape, type) and 0 in shape


def values_for(x, index):
    shape = outcome(lambda: x[index].shape)
    return 7.0 if isinstance(shape, type) else 100 + numbers(shape)


@SETTINGS
@given(cases())
def test_setting_with_a_known_index(case):
    shape, index = case
    x = numbers(shape)
    values = values_for(x, index)
    expect(lambda: isograd.jvp(lambda x: at(x)[index].set(values), (x,), (x,))[0],
           outcome(assign, x, index, values), names_nothing(x, index))
    expect(lambda: run(isograd.make_graph(lambda x, v: at(x)[index].add(v))(x, values), x, values),
           outcome(add, x, index, values), names_nothing(x, index))


@SETTINGS
@given(cases())
def test_setting_with_a_traced_index(case):
    shape, index = case
    x = numbers(shape)
    values = values_for(x, index)
    for want, update in ((assign, lambda x, i: at(x)[i].set(values)),
                         (add, lambda x, i: at(x)[i].add(values))):
        result = outcome(want, x, index, values)
        if isinstance(result, type):
            with pytest.raises(result):
                traced(update, x, index)
        else:
            expect(lambda: traced(update, x, index), result, names_nothing(x, index))


@SETTINGS
@given(cases(arrays=False))
def test_setting_one_value_everywhere(case):
    shape, index = case
    x = numbers(shape)
    for modes in ((assign, "set"), (add, "add")):
        want = outcome(modes[0], x, index, 0.5)
        expect(lambda: isograd.jvp(lambda x: getattr(at(x)[index], modes[1])(0.5), (x,), (x,))[0],
               want)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_jit_of_get_and_set(case):
    shape, index = case
    x = numbers(shape)
    values = values_for(x, index)
    want = outcome(lambda: x[index])
    if isinstance(want, type):
        with pytest.raises(want):
            isograd.jit(lambda x: x[index])(x)
    elif want.size:
        np.testing.assert_array_equal(isograd.jit(lambda x: x[index])(x), want)
        np.testing.assert_array_equal(isograd.jit(lambda x: at(x)[index].set(values))(x),
                                      assign(x, index, values))
