"""Rules of the user's that write to what they are given: nobody else sees it."""

import numpy as np
import pytest

import isograd

X = np.array([0.1, 0.2, 0.3])


@isograd.custom_vjp
def clip(x):
    return x * 1.0


def clip_bwd(_, ct):
    ct[ct > 0.5] = 0.5
    return (ct,)


clip.defvjp(lambda x: (x * 1.0, None), clip_bwd)


@isograd.custom_jvp
def double(x):
    return x * 2.0


@double.defjvp
def double_jvp(primals, tangents):
    (x,), (t,) = primals, tangents
    t *= 2.0
    return x * 2.0, t


@isograd.custom_vjp
def square(x):
    return x * x


def square_bwd(x, ct):
    ct *= x
    ct *= 2
    return (ct,)


square.defvjp(lambda x: (x * x, x), square_bwd)


def used_twice(f):
    def total(x):
        s = x * 1.0
        return np.sum(f(s) + s)
    return total


DERIVATIVES = {clip: 0.5 + 1, double: 2.0 + 1, square: 2 * X + 1}
MODES = {
    "grad": isograd.grad,
    "jit": lambda f: isograd.jit(isograd.grad(f)),
    "grad of jit": lambda f: isograd.grad(isograd.jit(f)),
    "vmap": lambda f: lambda x: isograd.vmap(isograd.grad(f))(np.stack([x, x]))[1],
    "checkpoint": lambda f: isograd.grad(isograd.checkpoint(f)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rule", DERIVATIVES, ids=lambda f: f.name)
def test_a_rule_may_write_to_its_cotangent(rule, mode):
    got = MODES[mode](used_twice(rule))(X.copy())
    np.testing.assert_allclose(got, np.broadcast_to(DERIVATIVES[rule], 3), rtol=1e-14)


def test_a_rule_may_write_to_its_tangent():
    t = np.ones(3)
    out, dot = isograd.jvp(lambda x: double(x) + x, (X,), (t,))
    np.testing.assert_allclose(dot, 3.0)
    np.testing.assert_array_equal(t, 1.0)


def test_a_pullback_may_be_called_again():
    _, pull = isograd.vjp(square, X)
    ct = np.ones(3)
    for _ in range(2):
        np.testing.assert_allclose(pull(ct)[0], 2 * X)
    np.testing.assert_array_equal(ct, 1.0)


def test_a_rule_cannot_spoil_a_plain_residual():
    @isograd.custom_vjp
    def f(x):
        return x * x

    def bwd(x, ct):
        x *= 2
        return (x * ct,)
    f.defvjp(lambda x: (x * x, x), bwd)
    x = X.copy()
    with pytest.raises(ValueError, match="read-only"):
        isograd.grad(lambda x: np.sum(f(x)))(x)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_allclose(isograd.jit(isograd.grad(lambda x: np.sum(f(x))))(x), 2 * X)
