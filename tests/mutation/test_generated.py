"""Random programs of views and writes, against NumPy: every array, at the end, in every mode."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import isograd

X = np.linspace(0.5, 1.5, 12)
SLICES = [slice(None), slice(1, None), slice(None, -1), slice(None, None, 2), slice(None, None, -1),
          slice(-2, None), slice(0, 1)]


def basic_index(a, p, q):
    """An index without arrays; the first axis is cut, and perhaps the last."""
    if a.ndim == 1:
        return SLICES[p]
    return [p % a.shape[0], SLICES[p], (..., SLICES[q]), (SLICES[p], SLICES[q]), (None, SLICES[p]),
            (SLICES[p], q % a.shape[1]), (p % a.shape[0], ...)][(p + q) % 7]


# Each makes an array out of one: the first seven are views in NumPy, or are where it can have one.
MAKERS = [
    lambda a, p, q: a[basic_index(a, p, q)],
    lambda a, p, q: a.T,
    lambda a, p, q: a.reshape(-1),
    lambda a, p, q: np.ravel(a),
    lambda a, p, q: np.flip(a, p % a.ndim),
    lambda a, p, q: np.expand_dims(a, 0).squeeze(),
    lambda a, p, q: np.array_split(a, 2, q % a.ndim)[0],
    lambda a, p, q: a[[p % len(a), q % len(a)]],
    lambda a, p, q: a.copy(),
    lambda a, p, q: a * 2,
    lambda a, p, q: np.zeros_like(a),
]


def set_basic(a, b, p, q):
    a[basic_index(a, p, q)] = np.sum(b) / b.size


def set_all(a, b, p, q):
    a[...] = b if b.shape == a.shape else b.ravel()[p % b.size]


def add(a, b, p, q):
    a += b if b.shape == a.shape else b.ravel()[p % b.size]


def multiply_part(a, b, p, q):
    a[basic_index(a, p, q)] *= b.ravel()[q % b.size]


def set_places(a, b, p, q):
    a[np.array([q, p]) % len(a)] = b.ravel()[0]


def set_mask(a, b, p, q):
    a[np.arange(len(a)) % (p + 1) == 0] = b.ravel()[q % b.size]


def add_at(a, b, p, q):
    np.add.at(a, np.array([p, q, p]) % len(a), b.ravel()[-1])


def write_out(a, b, p, q):
    np.multiply(a, b.ravel()[q % b.size], out=a)


def fill(a, b, p, q):
    a.fill(b.ravel()[p % b.size])


def diagonal(a, b, p, q):
    if a.ndim == 2:
        np.fill_diagonal(a, b.ravel()[q % b.size])


WRITERS = [set_basic, set_all, add, multiply_part, set_places, set_mask, add_at, write_out, fill,
           diagonal]


def run(x, steps):
    """Make and write arrays; return all of them, in one vector."""
    arrays = [x, x.reshape(3, 4)]
    for is_maker, kind, i, j, p, q in steps:
        a, b = arrays[i % len(arrays)], arrays[j % len(arrays)]
        if is_maker:
            new = MAKERS[kind % len(MAKERS)](a, p, q)
            if new.ndim in (1, 2) and new.size:
                arrays.append(new)
        else:
            WRITERS[kind % len(WRITERS)](a, b, p, q)
    return np.concatenate([np.ravel(a) for a in arrays])


number = st.integers(0, 10)
index = st.integers(0, 6)
programs = st.lists(st.tuples(st.booleans(), number, number, number, index, index), min_size=1,
                    max_size=9)


def close(got, want, rtol=1e-12):
    scale = max(1.0, np.abs(want).max())
    np.testing.assert_allclose(got / scale, want / scale, rtol=rtol, atol=rtol)


@settings(max_examples=150, deadline=None)
@given(programs)
def test_values(steps):
    want = run(X.copy(), steps)
    x = X.copy()
    close(isograd.jvp(lambda x: run(x, steps), (x,), (x,))[0], want)
    assert (x == X).all()
    batch = np.stack([X, X[::-1]])
    close(isograd.vmap(lambda x: run(x, steps))(batch),
          np.stack([want, run(X[::-1].copy(), steps)]))


@settings(max_examples=60, deadline=None)
@given(programs)
def test_jit(steps):
    x, y = X.copy(), X.copy()
    want = run(y, steps)
    close(isograd.jit(lambda x: run(x, steps))(x), want)
    close(x, y)


@settings(max_examples=80, deadline=None)
@given(programs)
def test_derivatives(steps):
    g, h = np.cos(np.arange(12.0)), 1e-6
    want = (run(X + h * g, steps) - run(X - h * g, steps)) / (2 * h)
    out, dot = isograd.jvp(lambda x: run(x, steps), (X,), (g,))
    close(dot, want, 1e-5)
    ct = np.sin(np.arange(out.size) + 1.0)
    pulled, = isograd.vjp(lambda x: run(x, steps), X)[1](ct)
    assert np.isclose(pulled @ g, dot @ ct, rtol=1e-9, atol=1e-9 * np.abs(dot).max())
