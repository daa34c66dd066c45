"""Reductions over sliding windows: values recorded from JAX, ties, derivatives, batches."""

import numpy as np
import pytest

from isograd import grad, jit, jvp, lax, vjp, vmap
from isograd.errors import ArgumentError, ShapeError

from .test_conv import numbers

CONFIGS = {
    # name: (shape, initial value, operation, arguments)
    "max": ((2, 6, 5), -np.inf, "maximum", {"window_dimensions": (1, 2, 3)}),
    "max, strided": ((7, 6), -np.inf, "maximum", {
        "window_dimensions": (3, 2), "window_strides": (2, 2), "padding": "SAME"}),
    "min, dilated": ((7, 4), np.inf, "minimum", {
        "window_dimensions": (2, 3), "padding": ((1, 2), (0, 3)), "base_dilation": (2, 1),
        "window_dilation": (3, 2)}),
    "sum": ((3, 5), 0.0, "add", {
        "window_dimensions": (2, 2), "window_strides": (1, 1), "padding": "SAME_LOWER"}),
    "sum from 2": ((6,), 2.0, "add", {"window_dimensions": (3,), "window_strides": (3,)}),
    "product": ((4, 4), 1.0, "multiply", {
        "window_dimensions": (2, 2), "window_strides": (1, 1), "padding": "SAME"}),
}

# Shape, and the sum of the elements times 1, ..., 97, 1, ..., with 1000 for infinity: what
# jax.lax 0.10.2 gives.
RECORDED = {
    "max": ((2, 5, 3), 3405),
    "max, strided": ((4, 3), 568),
    "min, dilated": ((13, 3), 112864),
    "sum": ((3, 5), 392),
    "sum from 2": ((2,), -4),
    "product": ((4, 4), 20972),
}


def checksum(x):
    x = np.nan_to_num(x, posinf=1000, neginf=-1000)
    return int(np.sum(x * (np.arange(x.size).reshape(x.shape) % 97 + 1)))


def case(name):
    shape, initial, operation, arguments = CONFIGS[name]
    fold = getattr(np, operation)
    return (lambda x: lax.reduce_window(x, initial, fold, **arguments)), numbers(shape, 1)


configs = pytest.mark.parametrize("name", CONFIGS)


@configs
def test_values_are_those_of_jax(name):
    f, x = case(name)
    out = f(x)
    assert (out.shape, checksum(out)) == RECORDED[name]


@configs
def test_any_function_may_fold(name):
    shape, initial, operation, arguments = CONFIGS[name]
    fold = getattr(np, operation)
    _, x = case(name)
    got = lax.reduce_window(x, initial, lambda a, b: fold(a, b), **arguments)
    np.testing.assert_array_equal(got, case(name)[0](x))


@configs
def test_derivatives(name):
    f, _ = case(name)
    rng = np.random.default_rng(0)
    x, dx = rng.normal(size=(2, *CONFIGS[name][0]))
    out, dot = jvp(f, (x,), (dx,))
    h = 1e-6
    with np.errstate(invalid="ignore"):
        differences = (f(x + h * dx) - f(x - h * dx)) / (2 * h)
    np.testing.assert_allclose(dot, np.nan_to_num(differences), rtol=1e-6, atol=1e-8)
    ct = rng.normal(size=out.shape)
    np.testing.assert_allclose(np.sum(vjp(f, x)[1](ct)[0] * dx), np.sum(ct * dot), rtol=1e-12)


@configs
def test_vmap_and_jit(name, backend):
    f, x = case(name)
    rows = np.stack([x, x[::-1], -x])
    want = np.stack([f(row) for row in rows])
    np.testing.assert_array_equal(vmap(f)(rows), want)
    np.testing.assert_array_equal(jit(vmap(f), backend=backend)(rows), want)
    loss = lambda x: np.sum(np.where(np.isfinite(f(x)), f(x), 0.0))
    np.testing.assert_array_equal(jit(grad(loss), backend=backend)(x), grad(loss)(x))


def test_equal_largest_elements_share_the_derivative():
    pool = lambda x: np.sum(lax.reduce_window(x, -np.inf, np.maximum, (2, 2), (2, 2)))
    got = grad(pool)(np.array([[1.0, 1.0, 5.0, 2.0], [1.0, 0.0, 3.0, 5.0]]))
    np.testing.assert_allclose(got, [[1 / 3, 1 / 3, 1 / 2, 0], [1 / 3, 0, 0, 1 / 2]])


def test_integers():
    out = lax.reduce_window(np.arange(6), 0, np.add, (2,), (2,))
    np.testing.assert_array_equal(out, [1, 5, 9])
    assert out.dtype == np.int64


BAD = {
    "one an axis": (lambda: lax.reduce_window(np.ones((2, 3)), 0.0, np.add, (2,)),
                    ArgumentError, "window_dimensions"),
    "initial array": (lambda: lax.reduce_window(np.ones(3), np.zeros(3), np.add, (2,)),
                      ShapeError, "init_value"),
    "padding": (lambda: lax.reduce_window(np.ones(3), 0.0, np.add, (2,), padding="FULL"),
                ArgumentError, "SAME_LOWER"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments(name):
    call, error, says = BAD[name]
    with pytest.raises(error, match=says):
        call()
