"""What each transformation promises beyond the laws: structure, arguments, closures, captures."""

import functools
from collections import namedtuple

import numpy as np
import pytest

import isograd
from isograd import (
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jit,
    jvp,
    linear_transpose,
    linearize,
    stop_gradient,
    value_and_grad,
    vjp,
    vmap,
)

Point = namedtuple("Point", "x y")


# ---- nesting ----

def test_perturbations_are_not_confused():
    # Siskind and Pearlmutter (2005): d/dx (x * d/dy (x + y)) = 1, not 2.
    inner = lambda x: jvp(lambda y: x + y, (1.0,), (1.0,))[1]
    assert jvp(lambda x: x * inner(x), (1.0,), (1.0,))[1] == 1
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6


def test_higher_derivatives_by_nesting():
    f, x = np.sin, 0.7
    for want in (np.cos(x), -np.sin(x), -np.cos(x), np.sin(x)):
        f = grad(f)
        np.testing.assert_allclose(f(x), want, rtol=1e-14)
        np.testing.assert_allclose(jit(f)(x), want, rtol=1e-14)


def test_closures_over_outer_tracers():
    def outer(x):
        return grad(lambda y: jit(lambda z: z * x * y)(2.0))(3.0) * x   # = 2 x^2
    assert grad(outer)(5.0) == 20
    assert jit(grad(outer))(5.0) == 20
    np.testing.assert_array_equal(vmap(grad(outer))(np.array([1.0, 2.0])), [4, 8])


def test_closure_through_vmap():
    w = np.array([1.0, 2.0])
    xs = np.arange(6.0).reshape(3, 2)
    g = grad(lambda w: np.sum(vmap(lambda x: np.sum(w * x) ** 2)(xs)))(w)
    np.testing.assert_allclose(g, 2 * xs.T @ (xs @ w))


# ---- structure ----

def test_any_nest_in_and_out():
    def f(tree, p):
        return {"sum": tree["a"][0] + tree["b"], "p": Point(p.x * 2, [p.y, None])}

    args = {"a": [1.0, 2.0], "b": 3.0}, Point(4.0, np.ones(2))
    out, pullback = vjp(f, *args)
    assert out["p"].x == 8 and out["p"].y[1] is None
    tree_ct, p_ct = pullback({"sum": 1.0, "p": Point(1.0, [np.ones(2), None])})
    assert tree_ct == {"a": [1.0, 0.0], "b": 1.0}
    assert isinstance(p_ct, Point) and p_ct.x == 2
    jitted = jit(f)(*args)
    assert isinstance(jitted["p"], Point) and jitted["sum"] == 4
    g = grad(lambda tree: tree["a"][0] * tree["b"])(args[0])
    assert g == {"a": [3.0, 0.0], "b": 1.0}


def test_argnums():
    f = lambda x, y, z: x * y**2 * z
    assert grad(f)(2.0, 3.0, 4.0) == 36
    assert grad(f, 1)(2.0, 3.0, 4.0) == 48
    assert grad(f, -1)(2.0, 3.0, 4.0) == 18
    assert grad(f, (0, 2))(2.0, 3.0, 4.0) == (36, 18)
    assert value_and_grad(f, 1)(2.0, 3.0, 4.0) == (72, 48)
    assert grad(f)(2.0, y=3.0, z=4.0) == 36


def test_has_aux():
    f = lambda x: (np.sum(x**2), {"x": x, "n": 3})
    x = np.arange(3.0)
    g, aux = grad(f, has_aux=True)(x)
    np.testing.assert_array_equal(g, 2 * x)
    assert aux["n"] == 3 and type(aux["x"]) is np.ndarray
    (value, _), g = value_and_grad(f, has_aux=True)(x)
    assert value == 5
    _, pullback, aux = vjp(f, x, has_aux=True)
    np.testing.assert_array_equal(pullback(1.0)[0], 2 * x)
    out, tangent, aux = jvp(f, (x,), (x,), has_aux=True)
    assert (out, tangent) == (5, 10)
    np.testing.assert_array_equal(jacrev(f, has_aux=True)(x)[0], 2 * x)
    np.testing.assert_array_equal(hessian(f, has_aux=True)(x)[0], 2 * np.eye(3))


def test_integer_arguments_have_float0_tangents():
    f = lambda x, n: x * n
    out, tangent = jvp(f, (2.0, 3), (1.0, None))
    assert (out, tangent) == (6, 3)
    x_ct, n_ct = vjp(f, 2.0, 3)[1](1.0)
    assert x_ct == 3 and n_ct.dtype == isograd.float0
    assert jvp(f, (2.0, 3), (1.0, np.zeros((), isograd.float0)))[1] == 3
    out, tangent = jvp(lambda x: x > 0, (1.0,), (1.0,))
    assert tangent.dtype == isograd.float0


def test_gradients_own_their_memory():
    gx, gy = grad(lambda x, y: np.sum(x + y), (0, 1))(np.ones(3), np.ones(3))
    gx += 1
    np.testing.assert_array_equal(gy, np.ones(3))
    out, pullback = vjp(lambda x: x, np.ones(3))
    ct = np.ones(3)
    pullback(ct)[0][:] = 5
    np.testing.assert_array_equal(ct, np.ones(3))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_have_the_dtype_of_the_argument(dtype):
    x = np.ones(3, dtype)
    f = lambda x: np.sum(np.sin(x) * 2.0 + x.astype(np.float64))
    assert grad(f)(x).dtype == dtype
    assert jit(grad(f))(x).dtype == dtype


# ---- Python scalars are weak, as in NumPy ----

def test_python_scalars_do_not_promote():
    w = np.ones(3, np.float32)
    step = lambda w, lr: w - 0.5 * lr * w
    assert step(w, 0.1).dtype == jit(step)(w, 0.1).dtype == np.float32
    assert grad(lambda w, lr: np.sum(step(w, lr)))(w, 0.1).dtype == np.float32
    assert jit(lambda x: np.sin(x) * w)(1.0).dtype == np.float64     # np.sin(1.0) is float64


# ---- vmap ----

def test_vmap_axes():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    f = lambda x, y: (x * y, x + 1)
    prod, plus = vmap(f, in_axes=(0, None))(a, 2.0)
    np.testing.assert_array_equal(prod, a * 2)
    out = vmap(lambda x: x * 2, in_axes=1, out_axes=-1)(a)
    np.testing.assert_array_equal(out, a * 2)
    out = vmap(lambda d: d["u"] * d["v"], in_axes=({"u": 1, "v": 0},))({"u": a, "v": b})
    np.testing.assert_array_equal(out, (a * b).T)
    same, const = vmap(lambda x: (x, b), out_axes=(0, None))(a)
    np.testing.assert_array_equal(const, b)
    np.testing.assert_array_equal(vmap(lambda x: b)(a), np.stack([b, b]))
    np.testing.assert_array_equal(vmap(lambda: b, axis_size=2)(), np.stack([b, b]))
    nested = vmap(vmap(lambda x, y: x * y, (None, 0)), (0, None))(b, b)
    np.testing.assert_array_equal(nested, np.outer(b, b))


def test_vmap_of_zero_examples():
    assert vmap(lambda x: np.sum(np.sin(x)))(np.zeros((0, 3))).shape == (0,)


# ---- jit ----

def test_captured_arrays_are_read_at_each_call():
    table = np.ones(3)
    f = jit(lambda x: x + table)
    np.testing.assert_array_equal(f(np.zeros(3)), [1, 1, 1])
    table[:] = 5
    np.testing.assert_array_equal(f(np.zeros(3)), [5, 5, 5])


def test_traces_once_per_type():
    calls = []

    @jit
    def f(x, y=1.0):
        calls.append(None)
        return x * y

    for x in (np.ones(3), np.zeros(3), np.ones((3, 1))[:, 0]):
        f(x)
    assert len(calls) == 1
    f(np.ones(4))
    f(np.ones(3, np.float32))
    f(np.ones(3), 2.0)
    f(np.ones(3), 5.0)
    f(np.ones(3), y=2.0)
    assert len(calls) == 5
    f.clear_cache()
    f(np.ones(3))
    assert len(calls) == 6


def test_static_arguments():
    @functools.partial(jit, static_argnums=1, static_argnames="mode")
    def f(x, n, mode="add"):
        for _ in range(n):
            x = x + 1 if mode == "add" else x * 2
        return x

    assert f(1.0, 3) == 4
    assert f(1.0, 4) == 5
    assert f(1.0, n=4) == 5
    assert f(1.0, 3, mode="mul") == 8
    assert f(1.0, 3, "mul") == 8
    assert grad(f)(1.0, 3, "mul") == 8


def test_jit_results_are_fresh():
    x = np.ones(3)
    a, b = jit(lambda x: (x, x))(x)
    assert not np.shares_memory(a, x) and not np.shares_memory(a, b)
    assert type(jit(np.sum)(x)) is np.float64


def test_jit_of_methods_and_decorators():
    class Model:
        scale = 3.0

        @functools.partial(jit, static_argnums=0)
        def __call__(self, x):
            return self.scale * x

    assert Model()(2.0) == 6


def test_layouts():
    x = np.arange(12.0).reshape(3, 4)
    f = jit(lambda x: x * 2 + 1)
    for view in (x, x.T, x[::-1], x[:, ::2], np.asfortranarray(x), np.broadcast_to(x[0], (3, 4))):
        np.testing.assert_array_equal(f(view), view * 2 + 1)


# ---- linear functions ----

def test_linear_transpose():
    a = np.arange(6.0).reshape(2, 3)
    ct, = linear_transpose(lambda x: a @ x, np.ones(3))(np.ones(2))
    np.testing.assert_array_equal(ct, a.sum(0))
    with pytest.raises(isograd.errors.MissingRuleError, match="sin is not linear"):
        linear_transpose(np.sin, 1.0)(1.0)


def test_linearize_runs_the_function_once():
    runs = []

    def f(x):
        runs.append(None)
        return np.sin(x)

    _, push = linearize(f, 1.0)
    push(1.0), push(2.0)
    _, pullback = vjp(f, 1.0)
    pullback(1.0), pullback(2.0)
    assert len(runs) == 2


def test_stop_gradient():
    assert grad(lambda x: x * stop_gradient(x))(3.0) == 3
    assert grad(lambda x: stop_gradient({"a": x})["a"] * 2)(3.0) == 0
    assert jit(grad(lambda x: x * stop_gradient(x)))(3.0) == 3


# ---- complex values: as Autograd and JAX ----

def test_complex_gradients():
    z = 1.0 + 2.0j
    np.testing.assert_allclose(grad(lambda z: np.abs(z) ** 2)(z), 2 * np.conj(z))
    np.testing.assert_allclose(grad(np.real)(z), 1)
    np.testing.assert_allclose(grad(np.imag)(z), -1j)
    np.testing.assert_allclose(grad(lambda z: np.exp(z), holomorphic=True)(z), np.exp(z))
    np.testing.assert_allclose(jacfwd(lambda z: z**3, holomorphic=True)(z), 3 * z**2)
    np.testing.assert_allclose(grad(lambda x: np.abs(np.exp(1j * x) + x))(0.5),
                               jvp(lambda x: np.abs(np.exp(1j * x) + x), (0.5,), (1.0,))[1])


# ---- custom rules ----

def make_custom_jvp():
    @custom_jvp
    def f(x, y):
        return np.sin(x) * y

    @f.defjvp
    def rule(primals, tangents):
        (x, y), (x_dot, y_dot) = primals, tangents
        return f(x, y), 10.0 * x_dot * y + y_dot * 0.0
    return f


def make_custom_vjp():
    @custom_vjp
    def f(x, y):
        return np.sin(x) * y

    f.defvjp(lambda x, y: (f(x, y), {"y": y}), lambda res, ct: (10.0 * ct * res["y"], None))
    return f


@pytest.mark.parametrize("make", [make_custom_jvp, make_custom_vjp])
def test_custom_rules_under_everything(make):
    f, x = make(), np.array([0.3, 0.6])
    want = 10 * np.full(2, 2.0)

    def loss(x, y=2.0):
        return np.sum(f(x, y))
    np.testing.assert_allclose(f(x, 2.0), np.sin(x) * 2)
    np.testing.assert_allclose(grad(loss)(x), want)
    np.testing.assert_allclose(grad(loss, 1)(x, 2.0), 0)
    np.testing.assert_allclose(vmap(grad(f), (0, None))(x, 2.0), want)
    np.testing.assert_allclose(grad(lambda x: np.sum(vmap(f, (0, None))(x, 2.0)))(x), want)


def test_custom_rules_under_jit():
    f, x = make_custom_vjp(), np.array([0.3, 0.6])

    def loss(x):
        return np.sum(f(x, 2.0))
    for g in (jit(grad(loss)), grad(jit(loss)), jit(grad(jit(loss)))):
        np.testing.assert_allclose(g(x), [20, 20])


def test_custom_functions_branch_in_python():
    @custom_jvp
    def relu(x):
        return x if x > 0 else 0 * x

    relu.defjvp(lambda primals, tangents: (relu(*primals), tangents[0] * 5.0))
    assert grad(relu)(2.0) == 5


def test_custom_jvp_details():
    @functools.partial(custom_jvp, nondiff_argnums=(0,))
    def apply(g, x):
        return g(x)

    @apply.defjvp
    def rule(g, primals, tangents):
        return g(primals[0]), 7.0 * tangents[0]

    assert grad(lambda x: apply(np.sin, x))(1.0) == 7

    @custom_jvp
    def product(x, y):
        return x * y

    product.defjvps(lambda g, out, x, y: g * y, None)
    assert grad(product, (0, 1))(2.0, 3.0) == (3, 0)


def test_custom_vjp_refuses_forward_mode():
    f = make_custom_vjp()
    with pytest.raises(isograd.errors.MissingRuleError, match="custom_vjp"):
        jvp(lambda x: f(x, 1.0), (1.0,), (1.0,))


def test_checkpoint_recomputes():
    runs = []

    def block(x):
        runs.append(None)
        return np.sin(np.sin(x))

    pulled = grad(lambda x: np.sum(isograd.checkpoint(block)(x)))(np.ones(3))
    np.testing.assert_allclose(pulled, np.cos(np.sin(1.0)) * np.cos(1.0) * np.ones(3))
    w = np.float64(3.0)
    g = grad(lambda w: isograd.checkpoint(lambda x: np.sin(w * x))(2.0))(w)
    np.testing.assert_allclose(g, 2 * np.cos(6.0))
