"""Awkward arrays give the reference's answer or its clear error, never a crash."""

import numpy as np
import pytest

import isograd
from isograd import errors, grad, jit

rng = np.random.default_rng(0)


class Quantity(np.ndarray):
    """An array whose numbers mean more than numbers."""


SQUARE = rng.random((6, 6))


def unaligned(dtype):
    """An array that does not start at a multiple of its item size."""
    raw = np.zeros(8 * 12 + 1, np.uint8)[1:].view(dtype)
    raw[:] = np.arange(len(raw)).astype(dtype)
    return raw


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


ARRAYS = {
    "0-d": np.array(2.0),
    "number": np.float32(2.0),
    "no elements": np.zeros((0, 3)),
    "no rows": np.zeros((3, 0)),
    "negative strides": SQUARE[::-1, ::-2],
    "read-only": read_only(SQUARE),
    "unaligned float64": unaligned(np.float64),
    "unaligned float32": unaligned(np.float32),
    "unaligned int64": unaligned(np.int64),
    "Fortran order": np.asfortranarray(SQUARE),
    "byte-swapped": SQUARE.astype(SQUARE.dtype.newbyteorder()),
    "byte-swapped int32": np.arange(5, dtype=">i4"),
    "every second": SQUARE[::2, 1::2],
    "one element everywhere": np.broadcast_to(np.float64(1.5), (4, 5)),
    "overlapping windows": np.lib.stride_tricks.sliding_window_view(np.arange(9.0), 4),
    "nan and inf": np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1e308]),
    "float16": np.arange(4, dtype=np.float16),
    "longdouble": np.arange(4, dtype=np.longdouble),
    "complex": np.arange(4) * (1 + 2j),
    "uint8": np.arange(4, dtype=np.uint8),
    "int16": np.arange(-4, 4, dtype=np.int16),
    "bool": np.array([True, False]),
    "many axes": np.ones((1, 2) * 8),
    "structured field": np.zeros(3, [("a", "f8"), ("b", "i4")])["a"],
    "memory map's kind": np.asarray(memoryview(b"\1\2\3\4")).view(np.int8),
}
PROGRAMS = {
    "elementwise": lambda x: np.exp(0.0 - np.abs(x)) + x * 2,
    "sum": lambda x: np.sum(x * x),
    "rows": lambda x: np.sum(x, axis=-1) if np.ndim(x) else x,
    "transpose": lambda x: np.transpose(x) + 1,
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)),
    "identity": lambda x: x,
    "compare": lambda x: x > 0,
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("array", ARRAYS)
def test_awkward_arrays(backend, array, program):
    x, f = ARRAYS[array], PROGRAMS[program]
    before = np.array(x)
    with np.errstate(all="ignore"):
        want = np.asarray(f(x))
    got = np.asarray(jit(f, backend=backend)(x))
    assert got.shape == want.shape
    assert got.dtype == want.dtype.newbyteorder("=")
    assert not np.shares_memory(got, x)
    kind = want.dtype.kind
    eps = np.finfo(want.dtype).eps if kind in "fc" else 0
    np.testing.assert_allclose(got, want, rtol=64 * eps)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("array", [k for k, x in ARRAYS.items() if x.dtype.kind == "f"])
def test_gradients_of_awkward_arrays(backend, array):
    x = ARRAYS[array]

    def f(x):
        return np.sum(np.tanh(x) * x)
    want = grad(f)(x)
    got = jit(grad(f), backend=backend)(x)
    assert got.shape == x.shape and got.dtype == x.dtype.newbyteorder("=")
    np.testing.assert_allclose(got, want, rtol=64 * np.finfo(x.dtype).eps)


@pytest.mark.parametrize(("bad", "kind"), [
    (np.array([1, None], object), errors.DtypeError),
    (np.array(["a", "b"]), errors.DtypeError),
    (np.array(["2020-01-01"], "M8[D]"), errors.DtypeError),
    (np.zeros(3, [("a", "f8")]), errors.DtypeError),
    (np.ma.masked_array([1.0, 2.0], [True, False]), errors.DtypeError),
    (np.ones(3).view(Quantity), errors.DtypeError),
    ("text", errors.DtypeError),
    (object(), errors.DtypeError),
], ids=str)
def test_what_is_no_array_of_numbers(backend, bad, kind):
    for transform in (lambda f: jit(f, backend=backend), grad, isograd.vmap,
                      lambda f: lambda x: isograd.jvp(f, (x,), (x,)),
                      lambda f: lambda x: isograd.vjp(f, x)):
        with pytest.raises(kind):
            transform(lambda x: x)(bad)


def test_ragged_lists():
    with pytest.raises(errors.ShapeError):
        isograd.numpy.array([[1.0, 2.0], [3.0]])
    with pytest.raises(errors.ShapeError):
        grad(lambda x: np.sum(isograd.numpy.array([[x, x], [x]])))(1.0)


def test_more_than_two_to_the_31_elements(backend):
    """A single byte, seen so often that 32-bit counters overflow."""
    if backend == "reference":
        pytest.skip("NumPy's own business")
    many = np.broadcast_to(np.array(True), (2**31 + 5,))
    assert jit(lambda x: np.all(x), backend=backend)(many)
    assert not jit(lambda x: np.any(~x), backend=backend)(many)


def test_python_integers_too_large(backend):
    with pytest.raises(errors.DtypeError):
        jit(lambda x: x * 2, backend=backend)(2**70)


def test_an_argument_inside_itself():
    nest = []
    nest.append(nest)
    with pytest.raises((RecursionError, errors.IsogradError, ValueError)):
        jit(lambda x: 1.0)(nest)
