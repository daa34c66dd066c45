"""Keys as arrays, as pytrees, and as arguments; the report of keys used twice."""

import pickle

import numpy as np
import pytest

import isograd
from isograd import random
from isograd.errors import (
    ArgumentError,
    DtypeError,
    IndexingError,
    KeyReuseError,
    ShapeError,
)

KEY = random.key(42)


def test_a_key_spells_its_shape():
    assert repr(KEY) == "key<threefry2x32>[] (0, 42)"
    assert repr(random.split(KEY, (2, 3))) == "key<threefry2x32>[2,3]"
    assert random.key_impl(KEY) == "threefry2x32"


def test_key_arrays_index_and_iterate_as_arrays():
    keys = random.split(KEY, (2, 3))
    assert (keys.shape, keys.ndim, keys.size, len(keys)) == ((2, 3), 2, 6, 2)
    first, second = keys
    assert np.all(first == keys[0]) and not np.any(first == second)
    assert keys[1, 2].shape == () and keys[:, 1].shape == (2,) and keys[..., 0].shape == (2,)
    assert keys[np.array([True, False])].shape == (1, 3)
    assert np.all(keys.ravel()[4] == keys[1, 1]) and keys.reshape(3, 2).shape == (3, 2)


def test_equality_is_that_of_words():
    assert random.key(42) == KEY and random.key(43) != KEY
    assert KEY != 42
    with pytest.raises(TypeError, match="unhashable"):
        hash(KEY)


def test_a_key_can_be_pickled():
    assert pickle.loads(pickle.dumps(KEY)) == KEY


def test_seeds_fill_both_words():
    for seed, words in ((0, (0, 0)), (2**40 + 7, (256, 7)), (-1, (2**32 - 1, 2**32 - 1)),
                        (np.int64(-2), (2**32 - 1, 2**32 - 2)), (np.int32(-1), (0, 2**32 - 1)),
                        (np.uint64(2**64 - 1), (2**32 - 1, 2**32 - 1))):
        assert tuple(random.key_data(random.key(seed)).tolist()) == words
        assert isograd.jit(random.key)(seed) == random.key(seed)


def test_plain_words_are_a_key_too():
    words = random.PRNGKey(42)
    assert type(words) is np.ndarray and random.wrap_key_data(words) == KEY
    assert random.normal(words) == random.normal(KEY)
    assert type(random.split(words)) is np.ndarray
    assert type(random.fold_in(words, 1)) is np.ndarray


def test_keys_pass_through_transformations():
    keys = random.split(KEY, 4)
    doubled = isograd.vmap(random.split)(keys)
    assert type(doubled) is random.Key and doubled.shape == (4, 2)
    assert all(np.all(doubled[i] == random.split(keys[i])) for i in range(4))
    jitted = isograd.jit(lambda k: {"next": random.fold_in(k, 3)})(KEY)
    assert jitted["next"] == random.fold_in(KEY, 3)
    slope = isograd.grad(lambda s, k: np.sum(s * random.normal(k, (5,))))(2.0, KEY)
    np.testing.assert_allclose(slope, np.sum(random.normal(KEY, (5,))), rtol=1e-14)
    with_steps = isograd.vmap(random.fold_in, in_axes=(None, 0))(KEY, np.arange(3))
    assert with_steps[2] == random.fold_in(KEY, 2)


MISTAKES = [
    (lambda: random.normal(0), DtypeError, r"normal\(random.key\(0\), ...\)"),
    (lambda: random.normal((3,)), DtypeError, "random key"),
    (lambda: random.normal(np.zeros(2)), DtypeError, r"array float64\[2\]"),
    (lambda: random.uniform(random.split(KEY)), ShapeError, "isograd.vmap"),
    (lambda: random.split(KEY, -1), ShapeError, "negative"),
    (lambda: random.split(KEY, 2.5), DtypeError, "tuple of ints"),
    (lambda: random.normal(KEY, (-1, 2)), ShapeError, "-1 is not inferred"),
    (lambda: isograd.jit(lambda n: random.normal(KEY, (n,)))(3), TypeError, "known while"),
    (lambda: random.normal(KEY, (2,), "int32"), DtypeError, "int32"),
    (lambda: random.bits(KEY, (2,), "int32"), DtypeError, "uint32"),
    (lambda: random.randint(KEY, (2,), 0.5, 3), DtypeError, "random.uniform"),
    (lambda: random.randint(KEY, (2,), 0, 2**70), DtypeError, "64 bits"),
    (lambda: random.uniform(KEY, (2,), minval=np.zeros(3)), ShapeError, "broadcast"),
    (lambda: random.pareto(KEY, np.ones(3), (2,)), ShapeError, "broadcast"),
    (lambda: random.triangular(KEY, np.zeros(2), np.zeros(3), 1.0), ShapeError, "fit together"),
    (lambda: random.bernoulli(KEY, 1), DtypeError, "probability"),
    (lambda: random.bernoulli(KEY, 0.5, mode="medium"), ArgumentError, "'low', 'high'"),
    (lambda: random.choice(KEY, 3, (4,), replace=False), ArgumentError, "4 of 3"),
    (lambda: random.choice(KEY, 0, (4,)), ArgumentError, "nothing to choose"),
    (lambda: random.choice(KEY, 3, (1,), p=np.ones(2)), ShapeError, "one probability"),
    (lambda: random.categorical(KEY, np.zeros(3), shape=(4,), replace=False), ArgumentError,
     "4 of 3"),
    (lambda: random.categorical(KEY, np.zeros(3), axis=1), ShapeError, "axis 1"),
    (lambda: random.permutation(KEY, np.zeros(3), axis=1), ShapeError, "axis 1"),
    (lambda: random.key(1.5), DtypeError, "seed is an integer"),
    (lambda: random.key(2**64), ArgumentError, "fold_in"),
    (lambda: random.key(np.arange(3)), ShapeError, r"isograd.vmap\(random.key\)"),
    (lambda: random.key(KEY), DtypeError, "seed is an integer"),
    (lambda: random.key(0, impl="rbg"), ArgumentError, "threefry2x32"),
    (lambda: random.fold_in(KEY, -1), DtypeError, "32 bits"),
    (lambda: random.fold_in(KEY, 0.5), DtypeError, "integer"),
    (lambda: random.fold_in(KEY, np.arange(3)), ShapeError, "isograd.vmap"),
    (lambda: random.wrap_key_data(np.zeros(2)), DtypeError, "uint32"),
    (lambda: random.key_data(3), DtypeError, "random.key"),
    (lambda: list(KEY), IndexingError, "random.split"),
    (lambda: KEY[0], IndexingError, "single key"),
    (lambda: np.asarray(KEY), DtypeError, "key_data"),
]


@pytest.mark.parametrize(("mistake", "error", "message"), MISTAKES)
def test_mistakes_say_what_to_write_instead(mistake, error, message):
    with pytest.raises(error, match=message):
        mistake()


# ---- keys used twice ----

def test_a_second_use_names_both_lines():
    with random.check_reuse(), pytest.raises(KeyReuseError) as info:
        random.normal(KEY)
        random.uniform(KEY)
    text = str(info.value)
    assert "uniform at test_keys.py" in text and "after normal at test_keys.py" in text
    assert "random.split(key)" in text


def test_reuse_is_seen_while_a_function_is_traced():
    def twice(key):
        return random.normal(key) + random.normal(key)
    with random.check_reuse(), pytest.raises(KeyReuseError):
        isograd.jit(twice)(KEY)
    with random.check_reuse(), pytest.raises(KeyReuseError):
        isograd.vmap(twice)(random.split(KEY))


def test_proper_use_is_not_reported():
    with random.check_reuse():
        a, b = random.split(KEY)
        random.choice(a, 5, (3,), replace=False)        # uses keys of its own inside
        random.normal(random.fold_in(b, 0))
        random.normal(random.fold_in(b, 1))
        random.normal(random.clone(a))


def test_splitting_a_used_key_is_a_second_use():
    with random.check_reuse(), pytest.raises(KeyReuseError, match="split"):
        random.normal(KEY)
        random.split(KEY)


def test_outside_of_the_watch_nothing_is_noted():
    random.normal(KEY)
    with random.check_reuse():
        random.normal(KEY)
    random.normal(KEY)


# ---- control flow ----

def test_keys_pass_through_scan_and_loops():
    def step(key, _):
        key, used = random.split(key)
        return key, random.normal(used)

    def looped(key, n):
        draws = []
        for _ in range(n):
            key, draw = step(key, None)
            draws.append(draw)
        return key, np.array(draws)

    for run in (lambda key: isograd.lax.scan(step, key, None, length=5),
                isograd.jit(lambda key: isograd.lax.scan(step, key, None, length=5))):
        last, draws = run(KEY)
        want_last, want = looped(KEY, 5)
        assert type(last) is random.Key and last == want_last
        np.testing.assert_allclose(draws, want, rtol=1e-14)
    over = isograd.lax.scan(lambda c, key: (c, random.uniform(key)), 0.0, random.split(KEY, 4))[1]
    np.testing.assert_array_equal(over, [random.uniform(key) for key in random.split(KEY, 4)])
    folded = isograd.lax.fori_loop(0, 3, lambda i, key: random.fold_in(key, i), KEY)
    assert folded == random.fold_in(random.fold_in(random.fold_in(KEY, 0), 1), 2)


def test_keys_pass_through_cond():
    def f(flag, key):
        return isograd.lax.cond(flag, random.normal, random.uniform, key)
    for g in (f, isograd.jit(f)):
        assert g(True, KEY) == random.normal(KEY) and g(False, KEY) == random.uniform(KEY)


def test_rejection_under_while_loop():
    """The first draw above 2, by a loop of unknown length."""
    def first(key):
        def body(state):
            key, used = random.split(state[0])
            return key, random.normal(used)
        return isograd.lax.while_loop(lambda state: state[1] < 2, body, (key, 0.0))[1]
    assert isograd.jit(first)(KEY) == first(KEY) > 2
    assert np.all(isograd.vmap(first)(random.split(KEY, 6)) > 2)


def test_gradients_flow_through_random_steps():
    """A random walk in a scan: d/ds of sum_t (sum of s x_1..t)."""
    def walk(s, key):
        def step(x, key):
            x = x + s * random.normal(key)
            return x, x
        return np.sum(isograd.lax.scan(step, 0.0, random.split(key, 8))[1])
    x = np.array([random.normal(key) for key in random.split(KEY, 8)])
    np.testing.assert_allclose(isograd.grad(walk)(0.7, KEY), np.sum(np.cumsum(x)), rtol=1e-12)
    np.testing.assert_allclose(isograd.jit(isograd.grad(walk))(0.7, KEY), np.sum(np.cumsum(x)),
                               rtol=1e-12)
