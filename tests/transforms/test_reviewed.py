"""The smallest programs that once went wrong."""

import functools
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import isograd.numpy as inp
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
    linearize,
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


def scaled_by(w):
    f = custom_jvp(lambda z: z * w)
    f.defjvp(lambda primals, dots: (primals[0] * w, dots[0] * w))
    return f


@pytest.mark.parametrize("outer", [lambda f: f, jit, lambda f: lambda x: vmap(f)(np.full(2, x))],
                         ids=["eager", "jit", "vmap"])
def test_a_custom_function_cannot_close_over_a_value_of_the_trace_it_runs_in(outer):
    f = outer(lambda x: jvp(lambda w: scaled_by(w)(x), (2.0,), (1.0,)))
    with pytest.raises(errors.LeakedTracerError, match="pass the value as an argument"):
        f(3.0)


def test_a_custom_function_may_close_over_outer_values():
    same(vmap(lambda w: grad(lambda x: scaled_by(w)(x))(2.0)), lambda x: x)
    same(vmap(jit(lambda w: grad(lambda x: scaled_by(w)(x))(2.0))), lambda x: x)


def test_no_derivative_in_what_a_jitted_custom_function_closes_over():
    with pytest.raises(errors.MissingRuleError, match="captured value"):
        grad(lambda w: jit(lambda x: scaled_by(w)(x))(3.0))(2.0)


def product_with_constant(make):
    f = make(lambda a, x: a * x, nondiff_argnums=(0,))
    if make is custom_jvp:
        f.defjvp(lambda a, primals, dots: (a * primals[0], 10.0 * a * dots[0]))
    else:
        f.defvjp(lambda a, x: (a * x, None), lambda a, _, ct: (10.0 * a * ct,))
    return f


@pytest.mark.parametrize("make", [custom_jvp, custom_vjp])
def test_traced_values_in_nondiff_argnums(make):
    f = product_with_constant(make)
    g = grad(f, 1)
    for run in (g, jit(g), grad(jit(f), 1)):
        assert run(2.0, 3.0) == 20
    same(lambda a: vmap(f)(a, a), np.square)
    for slopes in (vmap(g), vmap(grad(jit(f), 1)), jit(vmap(g))):
        same(lambda a, slopes=slopes: slopes(a, a), lambda a: 10 * a)
    with pytest.raises(errors.MissingRuleError, match="nondiff_argnums"):
        grad(f, 0)(2.0, 3.0)


def test_rules_an_argument():
    f = custom_jvp(lambda x: x * 1.0)
    f.defjvps(None)
    assert grad(f)(2.0) == 0
    f = custom_jvp(lambda x, n: x * n, nondiff_argnums=(1,))
    f.defjvps(lambda g, out, x: g * 7.0)
    assert grad(f)(3.0, 2) == 7


def test_a_function_without_a_name():
    f = custom_jvp(functools.partial(np.multiply, 2.0))
    with pytest.raises(errors.MissingRuleError, match="partial has no rule"):
        f(1.0)


# ---- tracers that escape ----

def test_a_dead_tracer_is_not_returned():
    escaped = []
    grad(lambda x: np.sum(escaped.append(x) or x))(X)
    for run in (vjp, lambda f, x: jvp(f, (x,), (x,)), lambda f, x: vmap(f)(x)):
        with pytest.raises(errors.LeakedTracerError, match="has finished"):
            run(lambda x: escaped[0], X)


def test_a_thread_is_named():
    def in_thread(x):
        with ThreadPoolExecutor(1, "worker") as pool:
            return pool.submit(np.sin, x).result()
    with pytest.raises(errors.LeakedTracerError, match="another thread than worker_0"):
        grad(in_thread)(2.0)


# ---- warnings ----

def test_warnings_are_off_in_every_transformation():
    zero = np.zeros(2)
    with np.errstate(all="raise"):
        jvp(np.log, (zero,), (zero,))
        vmap(np.log)(zero)
        _, push = linearize(np.log, zero)
        push(zero)
        vjp(np.log, zero)[1](zero)
        jit(np.log)(zero)
        linear_transpose(lambda x: x / 0.0, zero)(zero + 1)


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
    a, b = vmap(lambda x: (x, x))(X)
    assert not np.shares_memory(a, b) and not np.shares_memory(a, X)
    tangent = jvp(lambda x: x, (X,), (X,))[1]
    assert not np.shares_memory(tangent, X)
    f = custom_vjp(lambda x: np.sum(x))
    f.defvjp(lambda x: (np.sum(x), x), lambda x, ct: (x,))
    pullback = vjp(f, X)[1]
    assert not np.shares_memory(pullback(1.0)[0], X)


def test_a_jitted_function_and_its_arrays_die_at_once():
    def once():
        captured = np.ones(3)
        jit(lambda x: x + captured)(X)
        return weakref.ref(captured)
    gc.disable()
    try:
        assert once()() is None
    finally:
        gc.enable()


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


def test_large_integers():
    with pytest.raises(errors.DtypeError, match="64 bits"):
        jit(lambda n: n)(2**70)


def test_the_jacobian_has_one_dtype():
    x = np.ones(2, np.float32)
    jacobian = jacrev(lambda x: (x.astype(float), np.ones(2)))(x)
    assert [j.dtype for j in jacobian] == [np.float32, np.float32]


def test_a_tangent_has_the_dtype_of_its_value():
    assert type(jvp(lambda x: x, (np.float32(1),), (1.0,))[1]) is np.float32


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


@pytest.mark.parametrize(("function", "statics"), [
    (lambda x, k: x + k[0], [(1,), (1.0,), (True,)]),
    (lambda x, k: np.copysign(x, k), [0.0, -0.0]),
    (lambda x, k: np.copysign(x, k[0]), [(0.0,), (-0.0,)]),
])
def test_statics_that_compare_equal_are_told_apart(function, statics, backend):
    f = jit(function, static_argnums=1, backend=backend)
    for k in statics:
        assert f(1, k) == function(1, k)
        assert np.asarray(f(1, k)).dtype == np.asarray(function(1, k)).dtype


@pytest.mark.parametrize("compare", [np.less, np.equal, np.greater_equal, np.not_equal])
def test_python_ints_are_compared_in_compiled_functions(compare, backend):
    f = jit(lambda a, b: compare(a, b), backend=backend)
    assert f(2, 3) == compare(2, 3) and f(3, 3) == compare(3, 3)
    assert jit(lambda a: a < 3, backend=backend)(2)


def test_jacobians_of_a_rule_that_returns_a_constant():
    """Its rows and columns are the same for each unit array, so they have no batch axis."""
    @custom_vjp
    def f(x):
        return x
    f.defvjp(lambda x: (x, None), lambda residual, ct: (np.ones(2),))
    np.testing.assert_array_equal(jacrev(f)(np.ones(2)), np.ones((2, 2)))


def test_axes_may_be_numpy_integers():
    x = np.arange(6.0).reshape(2, 3)
    got = vmap(lambda v: v * 2, in_axes=np.int64(1), out_axes=np.int64(1))(x)
    np.testing.assert_array_equal(got, 2 * x)
    np.testing.assert_array_equal(vmap(lambda v: v * 2, in_axes=(np.int8(0),))(x), 2 * x)


@pytest.mark.parametrize("read", [lambda t, i: inp.at(t)[i].get(),
                                  lambda t, i: inp.take(t, i, axis=0)])
def test_what_the_error_of_a_table_advises_works(read):
    table = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(vmap(lambda i: read(table, i))(np.array([2, 0])), table[[2, 0]])


@pytest.mark.parametrize("f", [lambda x: np.delete(x, []), lambda x: np.delete(x, [], 0),
                               lambda x: np.insert(x, [], 5.0), lambda x: (x > 1) ** 2,
                               lambda x: (x > 1) ** 3, lambda x: np.power(x > 1, 2)])
def test_dtypes_that_depend_on_how_it_is_said(f):
    x = np.arange(3.0)
    want, got = f(x), jit(f)(x)
    np.testing.assert_array_equal(got, want)
    assert got.dtype == want.dtype
