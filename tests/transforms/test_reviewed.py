"""The smallest programs that once went wrong."""

import gc
import weakref

import numpy as np
import pytest

from isograd import (
    checkpoint,
    custom_jvp,
    custom_vjp,
    errors,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jit,
    jvp,
    linear_transpose,
    make_graph,
    vjp,
    vmap,
)
from isograd.refimpl.backend import executable_of

X = np.array([1.0, 2.0, 3.0])


def twice_with_rule(rule):
    f = custom_jvp(lambda x: x * 2.0)
    f.defjvp(rule)
    return f


def sine_with_vjp():
    f = custom_vjp(lambda x: np.sin(x))
    f.defvjp(lambda x: (np.sin(x), x), lambda x, ct: (ct * np.cos(x),))
    return f


def same(f, g, x=X):
    np.testing.assert_allclose(f(x), g(x), rtol=1e-13)


# ---- custom rules ----

def test_a_rule_may_return_zero():
    f = twice_with_rule(lambda primals, dots: (primals[0] * 2.0, np.zeros(3)))
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.sin(f(x))))(X), 0 * X)
    np.testing.assert_array_equal(grad(lambda x: np.sum(x + f(x)))(X), 1 + 0 * X)


def test_a_rule_must_be_linear():
    f = twice_with_rule(lambda primals, dots: (primals[0] * 2.0, np.ones(3)))
    with pytest.raises(errors.MissingRuleError, match="not linear in its tangents"):
        grad(lambda x: np.sum(f(x)))(X)


def test_cotangents_of_a_rule_are_checked():
    f = custom_vjp(lambda x: np.sum(x))
    f.defvjp(lambda x: (np.sum(x), None), lambda _, ct: (ct,))
    with pytest.raises(errors.ShapeError, match="cotangent 0 of bwd"):
        grad(f)(X)


def test_no_cotangent_under_vmap():
    f = custom_vjp(lambda x, y: x * y)
    f.defvjp(lambda x, y: (x * y, y), lambda y, ct: (ct * y, None))
    np.testing.assert_array_equal(grad(lambda x: np.sum(vmap(f)(x, X)))(X), X)
    captured = jit(lambda x: f(x, X))
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(vmap(captured)(np.stack([x, x]))))(X), 2 * X)


def test_a_rule_that_closes_over_a_tracer_does_not_poison_the_function():
    factor = [0.0]
    f = jit(twice_with_rule(lambda primals, dots: (primals[0] * 2.0, dots[0] * factor[0])))

    def slope(a):
        factor[0] = a
        return grad(f)(1.0)

    assert grad(slope)(3.0) == grad(slope)(3.0) == 1
    assert slope(5.0) == 5


# ---- checkpoint ----

@pytest.mark.parametrize("inner", [jit(np.sin), checkpoint(np.sin), sine_with_vjp()],
                         ids=["jit", "checkpoint", "custom_vjp"])
def test_checkpoint_of_functions_that_carry_graphs(inner):
    same(grad(checkpoint(lambda x: np.sum(np.sin(inner(x))))),
         grad(lambda x: np.sum(np.sin(np.sin(x)))))


def test_hessian_of_nested_checkpoints():
    inner = checkpoint(lambda y: np.sin(jit(np.sin)(y)))
    same(hessian(checkpoint(lambda x: np.sum(np.sin(inner(x))))),
         hessian(lambda x: np.sum(np.sin(np.sin(np.sin(x))))))


def test_a_rule_that_uses_jvp_of_a_jitted_function():
    f, sine = custom_jvp(lambda x: sine(x)), jit(np.sin)
    f.defjvp(lambda primals, dots: jvp(sine, primals, dots))
    same(grad(lambda x: np.sum(f(x))), np.cos)


# ---- vmap ----

def test_none_is_an_empty_container():
    np.testing.assert_array_equal(vmap(lambda x, y: x)(X, None), X)
    assert vmap(lambda x: (x, None))(X)[1] is None
    np.testing.assert_array_equal(vmap(lambda d: d["a"])({"a": X, "b": None}), X)


# ---- derivatives at edges ----

def test_remainder_and_cbrt():
    assert grad(lambda y: np.remainder(1.0, y))(0.1) == -9
    assert grad(np.cbrt)(0.0) == np.inf
    assert grad(np.logaddexp, (0, 1))(np.inf, np.inf) == (0.5, 0.5)


def test_division_by_a_python_number_does_not_promote():
    graph = make_graph(grad(lambda x: np.sum(x / 8.0)))(np.ones(3, np.float32)).graph
    assert {v.aval.dtype.name for e in graph.eqns for v in e.outs} == {"float32"}


# ---- memory and state ----

def test_graphs_die():
    def once():
        graph = make_graph(lambda x: jit(np.sin)(x) * 2)(X).graph
        executable_of(graph).run([X])
        return weakref.ref(graph)
    refs = [once() for _ in range(3)]
    gc.collect()
    assert [r() for r in refs] == [None] * 3


def test_many_nested_traces():
    def nest(n):
        return np.sin if n == 0 else jit(lambda x: nest(n - 1)(x))
    assert nest(60)(1.0) == np.sin(1.0)


def test_arrays_changed_while_tracing():
    def f(x):
        scratch = np.zeros(3)
        y = x + scratch
        scratch += 1
        return y, x + scratch
    for got, want in zip(jit(f)(X), f(X), strict=True):
        np.testing.assert_array_equal(got, want)


def test_results_do_not_share_memory():
    a, b = jacrev(lambda x, y: x + y, argnums=(0, 1))(X, X)
    assert not np.shares_memory(a, b)
    a, b = jacfwd(lambda x: (x, x))(X)
    assert not np.shares_memory(a, b)
    a, b = linear_transpose(np.add, X, X)(X)
    assert not np.shares_memory(a, b) and not np.shares_memory(a, X)
    tangent = jvp(lambda x: x, (X,), (X,))[1]
    assert not np.shares_memory(tangent, X)
    f = custom_vjp(lambda x: np.sum(x))
    f.defvjp(lambda x: (np.sum(x), x), lambda x, ct: (x,))
    pullback = vjp(f, X)[1]
    assert not np.shares_memory(pullback(1.0)[0], X)


# ---- Python numbers stay weak through calls ----

def test_weak_results():
    a = np.ones(2, np.float32)
    assert type(jit(lambda s: s * 2)(1.5)) is float
    for f in (jit, checkpoint, lambda f: jit(jit(f))):
        assert (f(lambda s: s * 2)(1.5) * a).dtype == np.float32
        assert jit(lambda s, f=f: f(lambda s: s * 2)(s) * a)(1.5).dtype == np.float32


# ---- linear_transpose refuses what is not linear ----

@pytest.mark.parametrize("f", [lambda x: x + 1, lambda x: x * x, lambda x: 1 / x,
                               lambda x: np.where(x > 0, x, 1.0), np.sin])
def test_not_linear(f):
    with pytest.raises(errors.MissingRuleError):
        linear_transpose(f, X)(X)


@pytest.mark.parametrize(("call", "part"), [
    (lambda: vmap(lambda x: x, out_axes=5)(X), "out_axes names axis 5"),
    (lambda: grad(lambda x, y: x * y, argnums=(0, -2))(1.0, 2.0), "twice"),
])
def test_arguments_are_checked(call, part):
    with pytest.raises(errors.ArgumentError, match=part):
        call()


def test_numpy_integers_are_argnums():
    assert grad(lambda x, y: x * y, argnums=np.int64(1))(2.0, 3.0) == 2


def test_checkpoint_traces_once_per_type():
    runs = []

    @checkpoint
    def block(x):
        runs.append(None)
        return np.sin(x)
    for _ in range(5):
        grad(lambda x: np.sum(block(x)))(X)
    assert len(runs) == 1
