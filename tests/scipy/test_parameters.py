"""Derivatives of incomplete and zeta functions in parameters, against differences to 60 digits."""

import mpmath
import numpy as np
import pytest

from isograd import grad, hessian, jit, jvp, vmap
from isograd.refimpl.ops.special.incomplete import betainc, betaincinv, gammainc, gammaincinv
from isograd.refimpl.ops.special.parameters import betainc_ab, gammainc_a
from isograd.refimpl.ops.special.zeta import hurwitz_zeta, zeta_s

from ..ops.compare import assert_within

ctx = mpmath.mp.clone()
ctx.dps = 60
STEP = ctx.mpf("1e-12")


def P(a, x):
    return ctx.gammainc(a, 0, x, regularized=True)


def beta_ratio(a, b, x):
    return ctx.betainc(a, b, 0, x, regularized=True)


def differences(f, orders, args):
    """The derivative of f of the given orders in its first arguments."""
    args = list(map(ctx.mpf, args))
    for place, order in enumerate(orders):
        f = difference(f, place, order)
    return f(*args)


def difference(f, place, order):
    def moved(args, h):
        return f(*args[:place], args[place] + h, *args[place + 1:])

    def of(*args):
        if order == 0:
            return f(*args)
        if order == 1:
            return (moved(args, STEP) - moved(args, -STEP)) / (2 * STEP)
        return (moved(args, STEP) - 2 * f(*args) + moved(args, -STEP)) / STEP**2
    return of


def assert_relative(got, f, orders, args, tolerance=1e-10):
    want = np.array([differences(f, orders, point) for point in zip(*args, strict=True)])
    assert_within(got, want, tolerance * np.abs(want))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("low", "high"), [(1e-3, 1), (1, 30), (30, 1000)])
def test_gammainc_in_its_parameter(low, high, order):
    rng = np.random.default_rng(0)
    a = np.exp(rng.uniform(np.log(low), np.log(high), 12))
    x = a * np.exp(rng.uniform(-2, 2, 12) / np.sqrt(a))
    assert_relative(gammainc_a(a, x, order), P, (order,), (a, x))


@pytest.mark.parametrize("orders", [(1, 0), (0, 1), (1, 1), (2, 0)])
@pytest.mark.parametrize(("low", "high"), [(1e-2, 1), (1, 30), (30, 1000)])
def test_betainc_in_its_parameters(low, high, orders):
    rng = np.random.default_rng(0)
    a, b = np.exp(rng.uniform(np.log(low), np.log(high), (2, 8)))
    x = np.clip(rng.beta(a, b), 1e-9, 1 - 1e-9)
    assert_relative(betainc_ab(a, b, x, *orders), beta_ratio, orders, (a, b, x))


@pytest.mark.parametrize("x", [1e-9, 1e-3, 0.3, 0.7, 0.999])
def test_powers_of_x(x):
    """I(a, 1, x) = x**a: derivatives of any order in closed form."""
    for n in range(1, 6):
        np.testing.assert_allclose(betainc_ab(2.5, 1.0, x, n, 0), x**2.5 * np.log(x) ** n,
                                   1e-9, atol=1e-14)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(("s", "q"), [(1.0001, 1.0), (1.5, 0.01), (3.0, 25.0), (50.0, 2.5),
                                      (0.5, 1.0), (-0.4, 1.0)])
def test_zeta_in_its_order(s, q, order):
    want = ctx.zeta(s, q, order) if q == 1 else ctx.diff(lambda t: ctx.zeta(t, q), s, order)
    np.testing.assert_allclose(float(zeta_s(s, q, order)), float(want), 1e-12)


def test_mixed_derivatives_of_zeta():
    mixed = grad(grad(hurwitz_zeta, 0), 1)(2.5, 0.7)
    want = ctx.diff(ctx.zeta, (2.5, ctx.mpf(0.7)), (1, 1))
    np.testing.assert_allclose(mixed, float(want), 1e-12)


def test_ends_of_the_range():
    """Constants at the ends have the derivative 0; outside there is none."""
    np.testing.assert_array_equal(gammainc_a(2.0, np.array([0.0, np.inf]), 1), 0)
    np.testing.assert_array_equal(betainc_ab(2.0, 3.0, np.array([0.0, 1.0]), 1, 0), 0)
    assert np.isnan(gammainc_a(2e8, 2e8, 1)) and np.isnan(betainc_ab(2e8, 1.0, 0.5, 1, 0))
    assert np.isnan(zeta_s(2.0, np.array([0.0, -0.5, np.nan]))).all()
    assert np.isnan(gammainc_a(2.0, np.array([-1.0, np.nan]), 1)).all()
    assert np.isnan(gammainc_a(np.array([-1.0, 0.0, np.nan]), 1.0, 1)).all()
    assert np.isnan(betainc_ab(2.0, np.array([-1.0, 3.0]), np.array([0.5, 1.5]), 0, 1)).all()


A, X = np.array([0.4, 2.0, 50.0]), np.array([0.1, 2.5, 45.0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_and_shape_are_those_of_the_function(dtype):
    a, x = A.astype(dtype)[:, None], X.astype(dtype)
    got = gammainc_a(a, x, 1)
    assert (got.dtype, got.shape) == (np.dtype(dtype), (3, 3))
    rtol = 2e-5 if dtype == "float32" else 0
    np.testing.assert_allclose(got, gammainc_a(A[:, None], X, 1), rtol, atol=1e-30)


@pytest.mark.parametrize("through", [jit, lambda f: f], ids=["jit", "plain"])
def test_gradients_compose(through):
    got = through(vmap(grad(gammainc, (0, 1))))(A, X)
    log_density = (A - 1) * np.log(X) - X - [float(ctx.loggamma(a)) for a in A]
    for y, want in zip(got, (gammainc_a(A, X, 1), np.exp(log_density)), strict=True):
        np.testing.assert_allclose(y, want, 1e-12)


def test_hessian_of_betainc():
    h = hessian(betainc, (0, 1, 2))(2.0, 3.5, 0.4)
    for i in range(3):
        for j in range(3):
            orders = [(i == k) + (j == k) for k in range(3)]
            want = float(differences(beta_ratio, orders, (2.0, 3.5, 0.4)))
            np.testing.assert_allclose(h[i][j], want, 1e-10)


def test_quantiles_move_so_that_probabilities_stay():
    def gamma_back(a):
        return gammainc(a, gammaincinv(a, 0.3))

    def beta_back(a, b):
        return betainc(a, b, betaincinv(a, b, 0.3))

    np.testing.assert_allclose(jvp(gamma_back, (2.5,), (1.0,))[1], 0, atol=1e-14)
    np.testing.assert_allclose(jvp(beta_back, (2.5, 0.7), (1.0, 1.0))[1], 0, atol=1e-14)
