"""Primitives that carry functions: each means its function, under every transformation."""

import numpy as np
import pytest

from isograd.refimpl.custom import custom_jvp, custom_vjp
from isograd.refimpl.errors import MissingRuleError
from isograd.refimpl.graph import eval_graph
from isograd.refimpl.jit import checkpoint, jit
from isograd.refimpl.ops.elementwise import cos, exp, multiply, sin
from isograd.refimpl.ops.movement import barrier_p
from isograd.refimpl.trace import bind
from isograd.refimpl.transforms.grad import grad, vjp
from isograd.refimpl.transforms.jvp import jvp
from isograd.refimpl.transforms.stage import make_graph
from isograd.refimpl.transforms.vmap import vmap

X = np.linspace(0.5, 2.0, 4)


def plain(x, y):
    return multiply(sin(x), exp(y))


def with_barrier(x, y):
    return plain(*bind(barrier_p, x, y))


@custom_jvp
def with_jvp_rule(x, y):
    return plain(x, y)


@with_jvp_rule.defjvp
def _(primals, tangents):
    (x, y), (gx, gy) = primals, tangents
    out = with_jvp_rule(x, y)
    return out, multiply(cos(x), exp(y)) * gx + out * gy


@custom_vjp
def with_vjp_rule(x, y):
    return plain(x, y)


with_vjp_rule.defvjp(
    lambda x, y: (plain(x, y), (x, y)),
    lambda saved, ct: (ct * cos(saved[0]) * exp(saved[1]), ct * plain(*saved)))

FUNCTIONS = {"call": jit(plain), "checkpoint": checkpoint(plain), "barrier": with_barrier,
             "custom_jvp": with_jvp_rule, "custom_vjp": with_vjp_rule}
every_function = pytest.mark.parametrize("name", FUNCTIONS)


def close(got, want):
    np.testing.assert_allclose(got, want, 1e-13)


@every_function
def test_value_and_graph(name):
    f = FUNCTIONS[name]
    close(f(X, -X), plain(X, -X))
    closed = make_graph(f)(X, -X)
    closed.graph.check()
    assert f"= {name}" in str(closed.graph)
    close(eval_graph(closed.graph, [*closed.captured, X, -X])[0], plain(X, -X))


@every_function
def test_derivatives_in_both_modes(name):
    f = FUNCTIONS[name]
    g = np.cos(X)
    for got, want in zip(vjp(f, X, -X)[1](g), vjp(plain, X, -X)[1](g), strict=True):
        close(got, want)
    if name == "custom_vjp":
        with pytest.raises(MissingRuleError, match="custom_jvp"):
            jvp(f, (X, -X), (g, g))
    else:
        close(jvp(f, (X, -X), (g, g))[1], jvp(plain, (X, -X), (g, g))[1])
        close(jvp(f, (X, -X), (g, None))[1], jvp(plain, (X, -X), (g, None))[1])


@every_function
def test_second_derivative(name):
    f = FUNCTIONS[name]
    close(grad(grad(f))(0.7, 0.3), -plain(0.7, 0.3))
    close(grad(grad(f, 1), 0)(0.7, 0.3), np.cos(0.7) * np.exp(0.3))


@every_function
@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)], ids=str)
def test_vmap_of_values_and_gradients(name, axes):
    args = [X if ax == 0 else 0.3 for ax in axes]
    close(vmap(FUNCTIONS[name], axes)(*args), vmap(plain, axes)(*args))
    for n in (0, 1):
        close(vmap(grad(FUNCTIONS[name], n), axes)(*args), vmap(grad(plain, n), axes)(*args))


@every_function
def test_nested_in_jit(name):
    f = FUNCTIONS[name]
    close(jit(grad(f))(0.7, 0.3), grad(plain)(0.7, 0.3))
    close(jit(vmap(grad(f)))(X, -X), vmap(grad(plain))(X, -X))
    close(grad(jit(lambda x: f(x, 0.3)))(0.7), grad(plain)(0.7, 0.3))
