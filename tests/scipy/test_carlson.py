"""Derivatives of Carlson's integrals where arguments are equal, zero, far apart or negative."""

import mpmath
import numpy as np
import pytest

import isograd
from isograd.refimpl.ops.special.carlson import elliprd, elliprf, elliprj, integral

ctx = mpmath.mp.clone()
ctx.dps = 30
PLACES = [-400, -100, -40, -20, -10, 0, 10, 20, 40, 100]


def exact(powers, xs):
    """By mpmath's quadrature in u = log(t)."""
    def f(u):
        return ctx.exp(u) * ctx.fprod(ctx.power(ctx.exp(u) + x, -ctx.mpf(p))
                                      for p, x in zip(powers, xs, strict=True))
    return ctx.quad(f, PLACES)


INTEGRALS = [
    ((1.5, 0.5, 1.5), (1.0, 1.0, 1.0)), ((1.5, 0.5, 1.5), (1.0, 2.0, 1.0001)),
    ((1.5, 0.5, 1.5), (1e-8, 3.0, 1e3)), ((0.5, 0.5, 2.5), (1e-3, 1e-3, 5.0)),
    ((0.5, 0.5, 2.5), (0.0, 2.0, 3.0)), ((0.5, 0.5, 1.5, 1.0), (1.0, 1.0, 1.0, 1.0)),
    ((2.5, 0.5, 1.5, 2.0), (1.0, 1e-12, 1.0, 1.0)), ((3.5, 1.5, 1.5), (0.3, 0.3, 0.3)),
]


@pytest.mark.parametrize(("powers", "xs"), INTEGRALS)
def test_integrals(powers, xs):
    np.testing.assert_allclose(float(integral(powers, *xs)), float(exact(powers, xs)), 1e-13)


def test_broadcasting_and_dtypes():
    x, y = np.array([[0.5], [1.0]]), np.array([0.25, 0.5, 1.0])
    got = integral((0.5, 1.5, 0.5), x, y, 2.0)
    want = [[float(exact((0.5, 1.5, 0.5), (a, b, 2.0))) for b in y] for a in x[:, 0]]
    np.testing.assert_allclose(got, want, 1e-13)
    single = integral((0.5, 1.5, 0.5), x.astype(np.float32), y.astype(np.float32), np.float32(2))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, want, 1e-6)


def test_infinite_and_outside():
    assert integral((1.5, 0.5, 1.5), 0.0, 1.0, 1.0) == np.inf
    assert integral((0.5, 0.5, 1.5), 0.0, 0.0, 1.0) == np.inf
    assert np.isnan(integral((1.5, 0.5, 1.5), -1.0, 1.0, 1.0))
    assert np.isnan(integral((1.5, 0.5, 1.5), np.nan, 1.0, 1.0))
    assert integral((1.5, 0.5, 1.5), np.zeros(0), 1.0, 1.0).shape == (0,)


EQUAL = [
    # R(1, 1, ...): the integral of a power of t + 1
    (elliprd, (1.0, 1.0, 1.0), [-0.3, -0.3, -0.9]),
    (elliprj, (1.0, 1.0, 1.0, 1.0), [-0.3, -0.3, -0.3, -0.6]),
]


@pytest.mark.parametrize(("f", "args", "want"), EQUAL)
def test_equal_arguments(f, args, want):
    got = isograd.grad(f, tuple(range(len(args))))(*args)
    np.testing.assert_allclose(got, want, 1e-14)


@pytest.mark.parametrize("compiled", [lambda f: f, isograd.jit], ids=["plain", "jit"])
def test_hessian_at_equal_arguments(compiled):
    hessian = compiled(isograd.hessian(elliprf, (0, 1, 2)))(1.0, 1.0, 1.0)
    np.testing.assert_allclose(hessian, 0.05 + 0.1 * np.eye(3), 1e-13)


def test_nearly_equal_arguments_lose_nothing():
    near, equal = [isograd.grad(elliprd)(1.0 + h, 2.0, 1.0) for h in (1e-9, 0.0)]
    np.testing.assert_allclose(near, equal, 1e-8)


def test_principal_values():
    """Below p = 0, against differences of SciPy's function."""
    args = (0.5, 1.0, 2.0, -0.8)
    got = isograd.grad(elliprj, (0, 1, 2, 3))(*args)
    for i, slope in enumerate(got):
        high, low = [elliprj(*[x + h * (i == j) for j, x in enumerate(args)])
                     for h in (1e-6, -1e-6)]
        np.testing.assert_allclose(slope, (high - low) / 2e-6, 1e-7)
