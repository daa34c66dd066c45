"""Derivatives where formulas break down: at zeros, at ties, next to poles, to second order."""

import numpy as np
import pytest

from isograd import grad, hessian, jacobian, jit

PI2 = np.pi ** 2
ZERO, ONES = np.zeros(3), np.ones(3)

FIRST = {
    # name: (function, argument, gradient)
    "std of equal numbers": (np.std, ONES, ZERO),
    "nanstd of equal numbers": (np.nanstd, np.array([1.0, np.nan, 1.0]), ZERO),
    "norm of zeros": (np.linalg.norm, ZERO, ZERO),
    "3-norm of zeros": (lambda x: np.linalg.norm(x, 3), ZERO, ZERO),
    "p-norm beside a zero": (lambda x: np.linalg.norm(x, 1.5), np.array([0.0, 1.0]), [0, 1]),
    "the branch not taken": (lambda x: np.where(x > 0, np.log(x), 0.0), -1.0, 0),
    "max shares ties": (np.max, np.array([2.0, 1.0, 2.0]), [0.5, 0, 0.5]),
    "clip at a bound": (lambda x: np.clip(x, 0.0, 1.0), 1.0, 0.5),
    "median of two": (np.median, np.array([3.0, 1.0]), [0.5, 0.5]),
    "square at 0": (lambda x: x ** 2.0, 0.0, 0),
    "power at 0": (lambda x: np.power(x, np.float64(2)), 0.0, 0),
    "exponent at 0": (lambda y: 0.0 ** y, 2.0, 0),
    "product with a zero": (np.prod, np.array([0.0, 2.0, 3.0]), [6, 0, 0]),
    "quantile in q": (lambda q: np.quantile(np.array([1.0, 2.0, 4.0]), q), 0.3, 2),
    "nan_to_num": (lambda x: np.nan_to_num(x, nan=5.0) * 3.0, np.nan, 0),
    "interp in its places": (lambda xp: np.interp(1.5, xp, [0.0, 1, 4]), np.array([0.0, 1, 2]),
                             [0, -1.5, -1.5]),
    "average in its weights": (lambda w: np.average(np.array([1.0, 2, 4]), weights=w),
                               np.array([1.0, 1, 2]), [-0.4375, -0.1875, 0.3125]),
    "sinc near 0": (np.sinc, 1e-8, -PI2 / 3 * 1e-8),
    "sinc inside the series": (np.sinc, 0.15, None),
    "sinc outside": (np.sinc, 0.17, None),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FIRST)
def test_first_derivative(name):
    f, x, want = FIRST[name]
    if want is None:
        want = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    np.testing.assert_allclose(grad(f)(x), want, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("x", [0.0, 1e-12, 1e-8, 1e-4])
def test_sinc_to_fourth_order(x):
    second = grad(grad(np.sinc))
    np.testing.assert_allclose(second(x), -PI2 / 3, rtol=1e-6)
    np.testing.assert_allclose(grad(grad(second))(x), PI2 ** 2 / 5, rtol=1e-6)


def test_cumprod_with_a_zero():
    got = jacobian(np.cumprod)(np.array([0.0, 2.0, 3.0]))
    np.testing.assert_array_equal(got, [[1, 0, 0], [2, 0, 0], [6, 0, 0]])


def test_second_derivative_of_a_variance():
    got = hessian(np.var)(np.array([1.0, 2.0, 4.0]))
    np.testing.assert_allclose(got, 2 / 3 * (np.eye(3) - 1 / 3), atol=1e-14)


PARTS = [np.inf, -np.inf, np.nan, 1.26, -2.35, 0.04, 15.5, 1e300]


@pytest.mark.parametrize("decimals", [2, 1, 0, -1])
def test_complex_numbers_are_rounded_by_parts(decimals, backend):
    z = np.array([complex(x, y) for x in PARTS for y in PARTS])
    with np.errstate(all="ignore"):
        want = np.round(z, decimals)
    got = jit(lambda z: np.round(z, decimals), backend=backend)(z)
    np.testing.assert_array_equal(got.real, want.real)
    np.testing.assert_array_equal(got.imag, want.imag)
