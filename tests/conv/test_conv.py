"""Convolutions in every layout: values recorded from JAX, derivatives, batches, compiled calls."""

import numpy as np
import pytest

from isograd import grad, hessian, jit, jvp, lax, vjp, vmap
from isograd.errors import ArgumentError, ShapeError

CONFIGS = {
    # name: (function, shape of lhs, shape of rhs, arguments)
    "valid": ("conv", (2, 3, 6, 5), (4, 3, 3, 2), {"window_strides": (1, 1), "padding": "VALID"}),
    "same": ("conv", (1, 2, 7, 6), (3, 2, 3, 4), {"window_strides": (2, 3), "padding": "SAME"}),
    "same lower": ("conv_general_dilated", (1, 2, 7, 6), (3, 2, 4, 2), {
        "window_strides": (2, 1), "padding": "SAME_LOWER"}),
    "pairs, cropping": ("conv_general_dilated", (1, 1, 7, 6), (1, 1, 2, 3), {
        "window_strides": (1, 2), "padding": ((-1, 2), (3, -2))}),
    "dilated": ("conv_general_dilated", (1, 2, 5, 4), (2, 2, 3, 2), {
        "window_strides": (2, 1), "padding": ((1, 0), (2, 3)), "lhs_dilation": (2, 3),
        "rhs_dilation": (1, 2)}),
    "same, dilated window": ("conv_general_dilated", (1, 1, 8), (2, 1, 3), {
        "window_strides": (2,), "padding": "SAME", "rhs_dilation": (3,)}),
    "groups of features": ("conv_general_dilated", (2, 4, 5), (6, 2, 3), {
        "window_strides": (1,), "padding": "VALID", "feature_group_count": 2}),
    "depthwise, last": ("conv_general_dilated", (2, 5, 4, 3), (2, 2, 1, 6), {
        "window_strides": (1, 2), "padding": "SAME", "feature_group_count": 3,
        "dimension_numbers": ("NHWC", "HWIO", "NHWC")}),
    "groups of examples": ("conv_general_dilated", (4, 3, 5), (6, 3, 2), {
        "window_strides": (1,), "padding": "VALID", "batch_group_count": 2}),
    "odd layout": ("conv_general_dilated", (5, 2, 4, 3), (3, 2, 2, 4), {
        "window_strides": (1, 2), "padding": "VALID",
        "dimension_numbers": ("HNWC", "IWHO", "CWNH")}),
    "no places": ("conv_general_dilated", (2, 3), (4, 3), {"window_strides": (), "padding": ()}),
    "general padding": ("conv_with_general_padding", (1, 2, 5), (1, 2, 2), {
        "window_strides": (2,), "padding": "VALID", "lhs_dilation": None, "rhs_dilation": (2,)}),
    "transpose same": ("conv_transpose", (1, 4, 3, 2), (3, 3, 2, 4), {
        "strides": (2, 2), "padding": "SAME"}),
    "transpose valid": ("conv_transpose", (1, 4, 2), (3, 2, 4), {
        "strides": (3,), "padding": "VALID"}),
    "transpose kernel": ("conv_transpose", (1, 4, 3, 2), (3, 2, 5, 2), {
        "strides": (2, 3), "padding": "SAME", "transpose_kernel": True}),
    "transpose pairs": ("conv_transpose", (1, 4, 2), (3, 2, 4), {
        "strides": (2,), "padding": ((1, 2),), "rhs_dilation": (2,)}),
    "transpose consistent": ("conv_transpose", (1, 4, 2), (3, 2, 4), {
        "strides": (2,), "padding": ((1, 0),), "use_consistent_padding": True}),
    "transpose, first": ("conv_transpose", (1, 2, 4), (2, 3, 2), {
        "strides": (2,), "padding": "SAME", "dimension_numbers": ("NCH", "IOH", "NCH")}),
}

# Shape, and the sum of the elements times 1, ..., 97, 1, ...: what jax.lax 0.10.2 gives.
RECORDED = {
    "valid": ((2, 4, 4, 4), 84235),
    "same": ((1, 3, 4, 2), -5940),
    "same lower": ((1, 3, 4, 6), -9139),
    "pairs, cropping": ((1, 1, 7, 3), -1032),
    "dilated": ((1, 2, 4, 13), 107),
    "same, dilated window": ((1, 2, 4), -360),
    "groups of features": ((2, 6, 3), -752),
    "depthwise, last": ((2, 5, 2, 6), 13034),
    "groups of examples": ((2, 6, 4), -6169),
    "odd layout": ((4, 3, 2, 2), 28681),
    "no places": ((2, 4), 513),
    "general padding": ((1, 1, 2), 38),
    "transpose same": ((1, 8, 6, 4), 11032),
    "transpose valid": ((1, 12, 4), -6511),
    "transpose kernel": ((1, 8, 9, 5), -20108),
    "transpose pairs": ((1, 6, 4), 556),
    "transpose consistent": ((1, 8, 4), -3956),
    "transpose, first": ((1, 3, 8), -1027),
}


def numbers(shape, seed):
    """Small integers as floating-point numbers: every sum is exact."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def checksum(x):
    return int(np.sum(x * (np.arange(x.size).reshape(x.shape) % 97 + 1)))


def case(name):
    """The function of two arrays, and the arrays."""
    function, lhs, rhs, arguments = CONFIGS[name]
    f = getattr(lax, function)
    return (lambda x, w: f(x, w, **arguments)), numbers(lhs, 1), numbers(rhs, 2)


configs = pytest.mark.parametrize("name", CONFIGS)


@configs
def test_values_are_those_of_jax(name):
    f, x, w = case(name)
    out = f(x, w)
    assert (out.shape, checksum(out)) == RECORDED[name]


@configs
def test_derivatives(name):
    """A bilinear function: its differences are its derivatives; integers, so all is exact."""
    f, x, w = case(name)
    dx, dw = numbers(x.shape, 3), numbers(w.shape, 4)
    out, dot = jvp(f, (x, w), (dx, dw))
    np.testing.assert_array_equal(out, f(x, w))
    np.testing.assert_array_equal(dot, f(dx, w) + f(x, dw))
    ct = numbers(out.shape, 5)
    cts = vjp(f, x, w)[1](ct)
    assert np.sum(cts[0] * dx) == np.sum(ct * f(dx, w))
    assert np.sum(cts[1] * dw) == np.sum(ct * f(x, dw))
    second = jvp(lambda x: vjp(f, x, w)[1](ct)[1], (x,), (dx,))[1]
    assert np.sum(second * dw) == np.sum(ct * f(dx, dw))


@configs
@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0), (1, 2)])
def test_vmap_is_a_loop(name, axes):
    f, x, w = case(name)
    args = [a if axis is None else np.stack([a, 2 * a[..., ::-1]], axis)
            for a, axis in zip((x, w), axes, strict=True)]
    rows = [[a if axis is None else np.take(a, k, axis) for a, axis in zip(args, axes, strict=True)]
            for k in range(2)]
    np.testing.assert_array_equal(vmap(f, axes)(*args), np.stack([f(*row) for row in rows]))


@configs
def test_jit(name, backend):
    f, x, w = case(name)
    gradient = grad(lambda x, w: np.sum(f(x, w) ** 2), (0, 1))
    np.testing.assert_array_equal(jit(f, backend=backend)(x, w), f(x, w))
    for got, want in zip(jit(gradient, backend=backend)(x, w), gradient(x, w), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("dtype", ["float32", "complex64", "complex128", "int32"])
def test_dtypes(dtype):
    f, x, w = case("groups of features")
    out = f(x.astype(dtype), w.astype(dtype))
    assert out.dtype == dtype
    np.testing.assert_array_equal(out, f(x, w))


def test_preferred_element_type():
    x, w = np.full((1, 1, 4), 2**30, np.int32), np.ones((1, 1, 3), np.int32)
    out = lax.conv(x, w, (1,), "VALID", preferred_element_type=np.int64)
    np.testing.assert_array_equal(out, np.full((1, 1, 2), 3 * 2**30))
    assert out.dtype == np.int64


def test_second_derivative_of_a_nonlinear_layer():
    f, x, w = case("general padding")
    g = lambda w: np.sum(np.tanh(f(x, w / 50)))
    h, step = 1e-5, np.zeros_like(w)
    step[0, 1, 0] = h
    want = (grad(g)(w + step) - grad(g)(w - step)) / (2 * h)
    np.testing.assert_allclose(hessian(g)(w)[..., 0, 1, 0], want, rtol=1e-6, atol=1e-9)


def test_an_empty_result():
    x, w = np.ones((1, 2, 2)), np.ones((3, 2, 4))
    assert lax.conv(x, w, (1,), "VALID").shape == (1, 3, 0)
    pulled = vjp(lambda x, w: lax.conv(x, w, (1,), "VALID"), x, w)[1](np.ones((1, 3, 0)))
    assert [p.shape for p in pulled] == [x.shape, w.shape] and not any(p.any() for p in pulled)


X, W = np.ones((2, 4, 5)), np.ones((6, 4, 3))
BAD = {
    "features": (lambda: lax.conv(X, np.ones((6, 3, 3)), (1,), "VALID"), ShapeError, "features"),
    "axes": (lambda: lax.conv(X, W[0], (1,), "VALID"), ShapeError, "as many axes"),
    "strides": (lambda: lax.conv(X, W, (1, 1), "VALID"), ArgumentError, "window_strides"),
    "stride 0": (lambda: lax.conv(X, W, (0,), "VALID"), ArgumentError, "positive"),
    "padding": (lambda: lax.conv(X, W, (1,), "FULL"), ArgumentError, "SAME_LOWER"),
    "pairs": (lambda: lax.conv_general_dilated(X, W, (1,), ((0, 0),) * 2), ArgumentError, "pair"),
    "letters": (lambda: lax.conv_general_dilated(
        X, W, (1,), "VALID", dimension_numbers=("NHC", "HIO", "NWC")), ArgumentError, "letters"),
    "group size": (lambda: lax.conv_general_dilated(X, W, (1,), "VALID", feature_group_count=3),
                   ShapeError, "equal size"),
    "both groups": (lambda: lax.conv_general_dilated(
        X, W, (1,), "VALID", feature_group_count=2, batch_group_count=2), ArgumentError, "both"),
    "same, lhs_dilation": (lambda: lax.conv_general_dilated(X, W, (1,), "SAME", (2,)),
                           ArgumentError, "conv_transpose"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments(name):
    call, error, says = BAD[name]
    with pytest.raises(error, match=says):
        call()
