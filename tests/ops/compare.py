"""Comparison of results with exact ones, in units that mean something."""

import numpy as np

from ..oracle import ctx, exact


def assert_exact_type(got, want_aval):
    """Shape and dtype are as stated, and 0-d results are NumPy scalars."""
    assert np.shape(got) == want_aval.shape
    assert np.asarray(got).dtype == want_aval.dtype
    assert want_aval.shape or want_aval.weak or isinstance(got, np.generic)


def spacing(x, dtype):
    """The unit in the last place at the exact number x."""
    real = np.zeros((), dtype).real.dtype
    return float(np.spacing(real.type(abs(complex(x)))))


def assert_within_ulps(got, want, ulp):
    """Integers and booleans are equal, floating-point numbers within `ulp` units."""
    got = np.asarray(got)
    assert got.shape == want.shape
    for x, y in zip(got.flat, want.flat, strict=True):
        if got.dtype.kind in "fc":
            error = abs(exact(x)[()] - y) / spacing(y, got.dtype)
            assert error <= ulp * (4 if got.dtype.kind == "c" else 1), (x, y, float(error))
        else:
            assert x == y


def assert_within(got, want, bounds):
    """Each number is within its bound of the exact one."""
    got = np.asarray(got)
    assert got.shape == want.shape
    for x, y, bound in zip(got.flat, want.flat, np.asarray(bounds, object).flat, strict=True):
        assert abs(exact(x)[()] - y) <= bound, (x, y, float(bound))


def assert_close(got, want, tolerance):
    """Numbers are within `tolerance` times the largest exact one of the array."""
    largest = max([abs(complex(y)) for y in want.flat], default=0.0)
    bound = tolerance * max(largest, 1e-3)
    assert_within(got, want, np.full(want.shape, ctx.mpf(bound), object))


def pairing(a, b):
    """The real pairing of a cotangent and a tangent, in double precision."""
    a, b = np.asarray(a, np.complex128), np.asarray(b, np.complex128)
    return float(np.sum(a * b).real)
