"""The call cache: what is one signature, what is not, and what goes to `miss`."""

import collections

import numpy as np
import pytest

from isograd.fastpath import CallCache, Entry

from .builder import LoopBuilder


class Recorder:
    """A miss function that remembers its calls, and entries that return their leaves."""

    def __init__(self, **options):
        self.misses = []
        self.cache = CallCache(self.miss, **options)

    def miss(self, args, kwargs):
        self.misses.append((args, kwargs))
        return "missed", Entry(self, (), tuple)

    def run(self, leaves):
        return list(leaves)

    def hits(self, *args, **kwargs):
        """Whether a call finds an entry; a known call returns its leaves."""
        before = len(self.misses)
        self.cache(*args, **kwargs)
        return len(self.misses) == before


A = np.arange(6.0).reshape(2, 3)

SIGNATURES = [
    (), (A,), (A, A), ((A, A),), ([A, A],), ([A], A), (A.astype("f"),), (A.T,), (A[:, ::2],),
    (A[0],), (A[:1],), (A.reshape(3, 2),), (np.asfortranarray(A),), (A[::-1],), (1,), (1.0,),
    (True,), (1j,), (None,), (np.float64(1),), (np.float32(1),), (np.True_,), ({},), ({"a": A},),
    ({"b": A},), ({"a": 1, "b": 1},), ({"a": {"b": 1}},), ({"a": (), "b": ()},), ((),), ([],),
    ((), ()), (((),),), ({"a:": 1},), ({"": {"": 1}},), ([1], [1]), ([1, [1]],), (A.astype("F"),),
    (A.astype(np.uint8),), (np.array(1.0), 1)]


def test_signatures_are_told_apart():
    recorder = Recorder()
    for args in SIGNATURES:
        assert not recorder.hits(*args)
    for args in SIGNATURES:
        assert recorder.hits(*args)
    assert recorder.cache.size == len(SIGNATURES)
    recorder.cache.clear()
    assert recorder.cache.size == 0 and not recorder.hits(A)


def test_other_values_of_one_signature():
    recorder = Recorder()
    assert recorder.cache(A, 1, {"b": 2.0, "a": [None, A]}) == "missed"
    other = A + 1
    got = recorder.cache(other, 5, {"a": [None, A], "b": 3.0})
    assert got[0] is other and got[1] == 5 and got[2] is A and got[3] == 3.0
    assert recorder.hits(np.array(2.0)) is False
    assert recorder.hits(np.float64(2.0))           # a scalar is an array without axes


def test_keywords():
    recorder = Recorder()
    for call in ({"x": 1}, {"y": 1}, {"x": 1, "y": 2.0}):
        assert not recorder.hits(**call)
    assert recorder.hits(y=3.0, x=4)
    assert not recorder.hits({"x": 1})              # a dict is not a keyword
    assert not recorder.hits(1)
    assert recorder.cache(y=3.0, x=4) == (4, 3.0)


class Tracer:
    """Looks like an array."""

    shape, dtype, ndim = (2,), np.dtype("d"), 1

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("must not be converted")


class Sub(np.ndarray):
    pass


Point = collections.namedtuple("Point", "x y")
UNKNOWN = [Tracer(), A.view(Sub), Point(1, 2), {1: 2}, {"a": 1, 2: 3}, {"\ud800": 1}, "text",
           object(), np.array(["a"]), np.array([None]), np.str_("a"), np.datetime64(1, "s"),
           A.astype(A.dtype.newbyteorder()), collections.OrderedDict(a=1), {"k" * 300: 1},
           {1, 2}, np.zeros((1,) * 40), np.ma.array([1.0]), type("Int", (int,), {})(1),
           np.zeros(2, "f,f"), [1] * 5000, [A] * 500]


@pytest.mark.parametrize("x", UNKNOWN, ids=lambda x: type(x).__name__)
def test_what_the_cache_does_not_know_goes_to_miss(x):
    recorder = Recorder()
    for args in ((x,), ([1, (x,)],)):
        for _ in range(2):
            assert not recorder.hits(*args)
        assert recorder.misses[-1][0] is not None
    assert recorder.cache.size == 0


def nested(depth):
    x = 1
    for _ in range(depth):
        x = [x]
    return x


def test_nesting():
    recorder = Recorder()
    recorder.hits(nested(20))
    assert recorder.hits(nested(20))
    recorder.hits(nested(2000))
    assert not recorder.hits(nested(2000))
    loop, table = [], {}
    loop.append(loop)
    table["me"] = table
    assert not recorder.hits(loop)
    assert not recorder.hits(table)
    assert not recorder.hits(nested(100_000))


def test_long_signatures():
    recorder = Recorder()
    for n in (10, 50, 100):
        recorder.hits(*[A] * n)
        assert recorder.hits(*[A] * n)
    for n in range(150, 260):           # around the limit, arrays of many axes
        args = [np.zeros((1,) * 30)] * (n // 60) + [A] * n
        recorder.hits(args)
        assert len(recorder.cache(args) or ()) in (len("missed"), len(args))


# ---- static arguments ----

def test_static_arguments():
    recorder = Recorder(static_argnums=(1, -1), static_argnames=("mode",))
    calls = [(1, "a", 2, "b"), (1, "a", 2, "c"), (1, 0, 2, 1), (1, 0.0, 2, 1), (1, -0.0, 2, 1),
             (1, False, 2, 1), (1, (0,), 2, 1), (1, (0.0,), 2, 1), (1, (-0.0,), 2, 1),
             (1, ((True,),), 2, 1), (1, ((1,),), 2, 1), (1, None, 2, 1)]
    for args in calls:
        assert not recorder.hits(*args)
    for args in calls:
        assert recorder.hits(*args)
    assert recorder.cache(5, "a", 7, "b") == (5, 7)


def test_static_keywords():
    recorder = Recorder(static_argnames=("mode",))
    assert not recorder.hits(1, mode="a")
    assert not recorder.hits(1, mode="b")
    assert not recorder.hits(1)
    assert not recorder.hits(1, x=2, mode="a")
    assert recorder.hits(9, mode="a") and recorder.hits(9) and recorder.hits(3, mode="a", x=4)
    assert not recorder.hits(1, {"x": 2}, mode="a")


def test_nan_as_static_argument():
    recorder = Recorder(static_argnums=(0,))
    recorder.hits(float("nan"))
    assert recorder.hits(float("nan"))


@pytest.mark.parametrize("value", [[1], {}, np.zeros(2), ([1],)])
def test_unhashable_static_arguments_go_to_miss(value):
    recorder = Recorder(static_argnums=(0,), static_argnames=("mode",))
    for _ in range(2):
        assert not recorder.hits(value, 1)
        assert not recorder.hits(0, mode=value)
    assert recorder.misses[0][0][0] is value


# ---- entries ----

def test_staging():
    flag = bytearray(1)
    recorder = Recorder(staging=flag)
    recorder.hits(1)
    assert recorder.hits(1)
    flag[0] = 1
    assert not recorder.hits(1)
    flag[0] = 0
    assert recorder.hits(1)


def test_a_program_as_entry():
    builder = LoopBuilder((3,))
    c = np.arange(3.0)
    builder.store(builder.op("subtract", "d", builder.load(c), builder.load(c)), (3,))
    program = builder.program()

    def miss(args, kwargs):
        return program(c, *args)[0], Entry(program, (c,), None)

    cache = CallCache(miss)
    for i in range(3):
        np.testing.assert_array_equal(cache(np.full(3, float(i))), c - i)
    assert cache.size == 1


def test_an_object_with_a_program():
    builder = LoopBuilder((3,))
    builder.store(builder.load(np.zeros(3)), (3,))

    class Executable:
        program = builder.program()

    cache = CallCache(lambda args, kwargs: (None, Entry(Executable, (), lambda r: [r[0].sum()])))
    cache(np.ones(3))
    assert cache(np.ones(3)) == [3.0]


def test_no_entry_is_remembered_if_miss_gives_none():
    cache = CallCache(lambda args, kwargs: (args, None))
    assert cache(1) == (1,) and cache(2) == (2,)
    assert cache.size == 0


def test_errors_of_miss_and_of_entries_pass_through():
    def miss(args, kwargs):
        raise KeyError(args)

    with pytest.raises(KeyError):
        CallCache(miss)(1)

    class Failing:
        def run(self, leaves):
            raise IndexError("mine")

    cache = CallCache(lambda args, kwargs: (0, Entry(Failing(), (), None)))
    assert cache(1) == 0
    with pytest.raises(IndexError, match="mine"):
        cache(1)


def test_an_entry_may_clear_the_cache():
    class Clearing:
        def run(self, leaves):
            cache.clear()
            return list(leaves)

    cache = CallCache(lambda args, kwargs: (0, Entry(Clearing(), (), None)))
    cache(1)
    assert cache(2) == 2 and cache.size == 0
