"""Threefry against integers of Python and the authors' vectors; the engine and the primitives."""

import math

import mpmath
import numpy as np
import pytest

import isograd
from isograd import random
from isograd.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from isograd.refimpl.ops.random import FORMS, random_bits, threefry2x32
from isograd.refimpl.ops.random_counts import random_poisson
from isograd.refimpl.ops.random_gamma import log_gamma_slope, random_gamma

KEY = random.key(2**40 + 17)
WORDS = KEY.data


def threefry(key, counter):
    """Threefry-2x32-20 on Python's integers, each word a remainder modulo 2^32."""
    (k0, k1), (x, y) = key, counter
    k = [k0, k1, k0 ^ k1 ^ 0x1BD11BDA]
    x, y = (x + k[0]) % 2**32, (y + k[1]) % 2**32
    for r in range(20):
        x = (x + y) % 2**32
        y = y * 2**[13, 15, 26, 6, 17, 29, 16, 24][r % 8]
        y = (y % 2**32 + y // 2**32) ^ x
        if r % 4 == 3:
            s = r // 4 + 1
            x, y = (x + k[s % 3]) % 2**32, (y + k[(s + 1) % 3] + s) % 2**32
    return x, y


VECTORS = [     # of the Random123 library: counter, key, result
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("counter", "key", "result"), VECTORS)
def test_the_vectors_of_the_authors(counter, key, result):
    words = [np.uint32(w) for w in (*key, *counter)]
    assert threefry(key, counter) == result
    assert tuple(map(int, threefry2x32(*words))) == result
    assert tuple(map(int, isograd.jit(threefry2x32)(*words))) == result


def test_every_element_is_made_of_its_own_counter():
    key = tuple(map(int, WORDS))
    pairs = [threefry(key, (0, i)) for i in range(12)]
    want = {"pair": pairs, "uint64": [x * 2**32 + y for x, y in pairs],
            **{f"uint{n}": [(x ^ y) % 2**n for x, y in pairs] for n in (8, 16, 32)},
            "float64": [(x * 2**32 + y) // 2**12 / 2**52 for x, y in pairs],
            "float32": [(x ^ y) // 2**9 / 2**23 for x, y in pairs],
            "float16": [(x ^ y) % 2**16 // 2**6 / 2**10 for x, y in pairs]}
    assert set(want) == set(FORMS)
    for form, numbers in want.items():
        expected = np.array(numbers, FORMS[form].dtype).reshape(3, 4, *FORMS[form].inner)
        np.testing.assert_array_equal(random_bits(WORDS, (3, 4), form), expected)
        jitted = isograd.jit(lambda key, form=form: random_bits(key, (3, 4), form))
        np.testing.assert_array_equal(jitted(WORDS), expected)


def test_fold_in_encrypts_the_number():
    got = random.key_data(random.fold_in(KEY, 2**31 + 5))
    assert tuple(map(int, got)) == threefry(tuple(map(int, WORDS)), (0, 2**31 + 5))


def test_the_engine_runs_uniform_numbers():
    fallbacks = pytest.importorskip(
        "isograd.backends.cpu", reason="the engine was not built").FALLBACKS
    fallbacks.clear()
    isograd.jit(lambda key: 3 * random.uniform(random.split(key)[1], (1000,)) + 1)(KEY)
    isograd.jit(isograd.vmap(lambda key: random.normal(key, (10,))))(random.split(KEY, 5))
    assert not fallbacks


def test_the_reference_backend_draws_the_same():
    for dtype in ("uint8", "uint16", "uint32", "uint64"):
        f = lambda key, d=dtype: random.bits(key, (70_000,), d)
        np.testing.assert_array_equal(isograd.jit(f, backend="reference")(KEY), isograd.jit(f)(KEY))


def test_batches_of_words_broadcast():
    counters = np.arange(6, dtype=np.uint32)
    mapped = isograd.vmap(threefry2x32, in_axes=(None, 0, None, 0))(
        WORDS[0], counters, WORDS[1], counters)
    looped = [threefry2x32(WORDS[0], c, WORDS[1], c) for c in counters]
    np.testing.assert_array_equal(np.stack(mapped, -1), looped)


@pytest.mark.parametrize(("mistake", "error", "message"), [
    (lambda: random_bits(WORDS, (2,), "normal"), ArgumentError, "unknown form"),
    (lambda: isograd.jit(lambda k: random_bits(k, (2,), "uint8"))(np.zeros(3)), ShapeError,
     "two words"),
    (lambda: isograd.jit(threefry2x32)(*np.zeros(4)), DtypeError, "words of 32 bits"),
    (lambda: isograd.jit(lambda k: random_poisson(k, np.zeros(2, "f"), np.dtype(int)))(
        np.zeros((3, 2), np.uint32)), ShapeError, "starts with the keys"),
    (lambda: isograd.jvp(lambda a: log_gamma_slope(a, 0.1), (0.5,), (1.0,)), MissingRuleError,
     "second derivative"),
])
def test_primitives_refuse_what_makes_no_sense(mistake, error, message):
    with pytest.raises(error, match=message):
        mistake()


# ---- how exact the numbers are ----

ctx = mpmath.MPContext()
ctx.dps = 50
INVERSES = {    # of u in [0, 1), exact to 50 digits
    "exponential": lambda u: -ctx.log(1 - u), "rayleigh": lambda u: ctx.sqrt(-2 * ctx.log(u)),
    "pareto": lambda u: (1 - u) ** -ctx.mpf("0.5"),
    "weibull_min": lambda u: 2 * (-ctx.log(1 - u)) ** (1 / ctx.mpf("1.5")),
}
ARGUMENTS = {"rayleigh": (1.0,), "pareto": (2.0,), "weibull_min": (2.0, 1.5)}


@pytest.mark.parametrize("name", INVERSES)
def test_inverted_distributions_are_exact_to_a_few_units(name):
    u = random.uniform(KEY, (200,))
    got = getattr(random, name)(KEY, *ARGUMENTS.get(name, ()), shape=(200,))
    want = np.array([float(INVERSES[name](ctx.mpf(float(x)))) for x in u])
    assert np.max(np.abs(got - want) / np.spacing(want)) <= 8


@pytest.mark.parametrize(("dtype", "ulp"), [("float32", 4), ("float64", 4)])
def test_normal_numbers_are_exact_to_a_few_units(dtype, ulp):
    low = np.nextafter(np.dtype(dtype).type(-1), np.dtype(dtype).type(0))
    u = random.uniform(KEY, (300,), dtype, low, 1.0)
    want = np.array([float(ctx.sqrt(2) * ctx.erfinv(ctx.mpf(float(x)))) for x in u])
    got = random.normal(KEY, (300,), dtype)
    assert np.max(np.abs(got - want) / np.spacing(np.abs(want).astype(dtype))) <= ulp


# ---- how gamma variables move with their shape ----

@pytest.mark.parametrize("a", [1e-3, 0.3, 1.0, 2.5, 30.0, 3000.0])
def test_the_slope_of_gamma_variables(a):
    """d(log x)/da = -(dP/da) / (x p(x)) by differences of P (or 1 - P) to 50 digits."""
    log_xs = np.array([float(random.loggamma(key, a)) for key in random.split(KEY, 6)])
    log_xs = log_xs[log_xs > -300]
    for log_x, got in zip(log_xs, log_gamma_slope(np.full(log_xs.shape, a), log_xs), strict=True):
        x, h, exact = ctx.exp(ctx.mpf(log_x)), ctx.mpf(a) * ctx.mpf(10) ** -16, ctx.mpf(a)
        tail = x > a

        def place(b, x=x, tail=tail):
            return (-ctx.gammainc(b, x, ctx.inf, regularized=True) if tail
                    else ctx.gammainc(b, 0, x, regularized=True))
        density = x ** exact * ctx.exp(-x) / ctx.gamma(exact)
        want = -(place(exact + h) - place(exact - h)) / (2 * h) / density
        assert math.isclose(got, float(want), rel_tol=1e-12)


def test_gamma_variables_of_no_number():
    x = random_gamma(random.split(KEY, 3).data, np.array([np.nan, 0.0, -1.0]), False)
    assert np.isnan(x[0]) and x[1] == 0
