"""isograd.scipy.signal against SciPy: values, derivatives, batches, compiled calls."""

import inspect

import numpy as np
import pytest
import scipy.signal

import isograd
from isograd import errors
from isograd.scipy import signal

from .calls import CALLS, A, B, rng

names = pytest.mark.parametrize("name", CALLS)


def case(name, space=signal):
    """The function of the arrays of a call, and the arrays."""
    f, args, kwargs = CALLS[name]
    arrays = [x for x in args if isinstance(x, np.ndarray)]
    rest = args[len(arrays):]
    return (lambda *xs: getattr(space, f)(*xs, *rest, **kwargs)), arrays


@names
def test_compiled_values_are_scipys(name):
    f, arrays = case(name)
    want = case(name, scipy.signal)[0](*arrays)
    got = isograd.jit(f)(*arrays)
    assert np.shape(got) == np.shape(want) and np.asarray(got).dtype == want.dtype
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@names
def test_plain_values_are_scipys(name):
    f, arrays = case(name)
    np.testing.assert_array_equal(f(*arrays), case(name, scipy.signal)[0](*arrays))


SMOOTH = [name for name in CALLS if "integers" not in name]


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives(name):
    """All are multilinear: differences of SciPy's own function, of any step, are derivatives."""
    f, arrays = case(name)
    theirs = case(name, scipy.signal)[0]
    dots = [rng.normal(size=x.shape).astype(x.dtype) for x in arrays]
    out, dot = isograd.jvp(f, tuple(arrays), tuple(dots))
    h = 1e-3
    want = (theirs(*[x + h * t for x, t in zip(arrays, dots, strict=True)])
            - theirs(*[x - h * t for x, t in zip(arrays, dots, strict=True)])) / (2 * h)
    np.testing.assert_allclose(dot, want, rtol=1e-9, atol=1e-9)
    ct = np.asarray(rng.normal(size=np.shape(out)), out.dtype)[()]
    pulled = isograd.vjp(f, *arrays)[1](ct)
    paired = sum(np.sum(p * t) for p, t in zip(pulled, dots, strict=True))
    np.testing.assert_allclose(np.real(paired), np.real(np.sum(ct * dot)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in SMOOTH if "same" in name or "trend" in name])
def test_vmap_is_a_loop(name):
    f, arrays = case(name)
    rows = [np.stack([x, -2 * x]) for x in arrays]
    want = [f(*[x[k] for x in rows]) for k in range(2)]
    np.testing.assert_allclose(isograd.vmap(f)(*rows), want, rtol=1e-12, atol=1e-12)


def test_single_precision_stays():
    x, y = A.astype(np.float32), B.astype(np.float32)
    for f in (signal.convolve, signal.fftconvolve, signal.convolve2d):
        assert isograd.jit(f)(x, y).dtype == np.float32


def test_large_arrays_are_transformed():
    x = rng.normal(size=(70, 70))
    graph = str(isograd.make_graph(signal.convolve)(x, x).graph)
    assert "fft" in graph and "conv " not in graph
    np.testing.assert_allclose(isograd.jit(signal.convolve)(x, x), scipy.signal.convolve(x, x))


@pytest.mark.parametrize("name", sorted(signal.PUBLIC))
def test_signatures_are_scipys(name):
    ours, theirs = [inspect.signature(getattr(space, name)).parameters.values()
                    for space in (signal, scipy.signal)]
    assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]


BAD = {
    "mode": (lambda x: signal.convolve(x, x, "half"), errors.ArgumentError, "valid"),
    "method": (lambda x: signal.convolve(x, x, method="slow"), errors.ArgumentError, "direct"),
    "axes": (lambda x: signal.convolve(x, x[0]), errors.ShapeError, "as many axes"),
    "valid": (lambda x: signal.convolve(x, x[:2].T, "valid"), errors.ShapeError, "every axis"),
    "boundary": (lambda x: signal.convolve2d(x, x, boundary="?"), errors.ArgumentError, "symm"),
    "matrices": (lambda x: signal.convolve2d(x[0], x[0]), errors.ShapeError, "matrices"),
    "break": (lambda x: signal.detrend(x, bp=99), errors.ArgumentError, "beyond"),
    "complex": (lambda x: signal.hilbert(x * 1j), errors.DtypeError, "real"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments(name):
    call, error, says = BAD[name]
    with pytest.raises(error, match=says):
        isograd.jit(call)(A)
