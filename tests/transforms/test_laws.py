"""Laws that hold between transformations, on every program.

No law compares a derivative rule with itself: values come from NumPy, derivatives from the
complex-step-free central difference of NumPy's own result, batches from a Python loop.
"""

import numpy as np
import pytest

import isograd
from isograd import grad, hessian, jacfwd, jacrev, jit, jvp, linearize, make_graph, vjp, vmap
from isograd.refimpl.graph import eval_graph

from .programs import PROGRAMS, TRACEABLE

every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
traceable = pytest.mark.parametrize("program", TRACEABLE, ids=lambda p: p.name)


def directional_difference(f, args, dots, h=1e-5):
    """(f(x + h dx) - f(x - h dx)) / 2h with one Richardson step: error O(h^4)."""
    def central(step):
        plus = f(*[x + step * t for x, t in zip(args, dots, strict=True)])
        minus = f(*[x - step * t for x, t in zip(args, dots, strict=True)])
        return (plus - minus) / (2 * step)
    return (4 * central(h) - central(2 * h)) / 3


def setup(program, seed=0):
    rng = np.random.default_rng(seed)
    args = program.arguments(rng)
    dots = [rng.standard_normal(x.shape) for x in args]
    return rng, args, dots


def close(a, b, tol=1e-7):
    np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


@every_program
def test_jvp_is_the_directional_derivative(program):
    _, args, dots = setup(program)
    out, tangent = jvp(program.fun, args, dots)
    np.testing.assert_array_equal(out, program.fun(*args))
    close(tangent, directional_difference(program.fun, args, dots))


@every_program
def test_vjp_is_the_transpose_of_jvp(program):
    rng, args, dots = setup(program)
    out, pullback = vjp(program.fun, *args)
    ct = np.asarray(rng.standard_normal(np.shape(out)))
    tangent = jvp(program.fun, args, dots)[1]
    cts = pullback(ct)
    assert [np.shape(c) for c in cts] == [np.shape(x) for x in args]
    close(np.sum(ct * tangent), sum(np.sum(c * t) for c, t in zip(cts, dots, strict=True)), 1e-9)


@every_program
def test_linearize_is_jvp(program):
    _, args, dots = setup(program)
    out, push = linearize(program.fun, *args)
    np.testing.assert_array_equal(out, program.fun(*args))
    close(push(*dots), jvp(program.fun, args, dots)[1], 1e-12)


@every_program
def test_jacobians_of_both_modes_agree(program):
    _, args, _ = setup(program)
    close(jacfwd(program.fun)(*args), jacrev(program.fun)(*args), 1e-10)


@traceable
def test_vmap_is_a_loop(program):
    rng, args, _ = setup(program)
    batch = [np.stack([x, x + 0.1, x * 0.9]) for x in args]
    loop = np.stack([program.fun(*xs) for xs in zip(*batch, strict=True)])
    close(vmap(program.fun)(*batch), loop, 1e-12)
    only_first = (0,) + (None,) * (len(args) - 1)
    loop = np.stack([program.fun(x, *args[1:]) for x in batch[0]])
    close(vmap(program.fun, in_axes=only_first)(batch[0], *args[1:]), loop, 1e-12)


@traceable
def test_vmap_of_grad_is_a_loop_of_grads(program):
    _, args, _ = setup(program)
    batch = [np.stack([x, x + 0.1]) for x in args]

    def g(*xs):
        return grad(lambda x: np.sum(program.fun(x, *xs[1:])))(xs[0])
    close(vmap(g)(*batch), np.stack([g(*xs) for xs in zip(*batch, strict=True)]), 1e-11)


@traceable
def test_grad_of_vmap_is_a_sum_of_grads(program):
    _, args, _ = setup(program)
    batch = [np.stack([x, x + 0.1]) for x in args]
    total = grad(lambda *xs: np.sum(vmap(program.fun)(*xs)))(*batch)
    single = np.stack([grad(lambda *ys: np.sum(program.fun(*ys)))(*xs)
                       for xs in zip(*batch, strict=True)])
    close(total, single, 1e-11)


@traceable
@pytest.mark.parametrize("on", ["reference", None], ids=["reference", "default"])
def test_jit_changes_nothing(program, on):
    _, args, dots = setup(program)
    f = jit(program.fun, backend=on)
    close(f(*args), program.fun(*args), 1e-13)
    close(jvp(f, args, dots)[1], jvp(program.fun, args, dots)[1], 1e-12)

    def loss(fun):
        return lambda *xs: np.sum(fun(*xs) ** 2)
    want = grad(loss(program.fun))(*args)
    close(grad(loss(f))(*args), want, 1e-12)
    close(jit(grad(loss(program.fun)), backend=on)(*args), want, 1e-12)
    close(jit(grad(jit(loss(f))), backend=on)(*args), want, 1e-12)
    batch = [np.stack([x, x + 0.1]) for x in args]
    close(jit(vmap(f), backend=on)(*batch), vmap(program.fun)(*batch), 1e-12)
    close(vmap(f)(*batch), vmap(program.fun)(*batch), 1e-12)


@traceable
def test_second_order_in_every_nesting(program):
    _, args, dots = setup(program)
    x, v = args[0], dots[0]

    def f(x):
        return np.sum(program.fun(x, *args[1:]) ** 2)

    want = directional_difference(grad(f), [x], [v])
    forward_over_reverse = jvp(grad(f), (x,), (v,))[1]
    reverse_over_forward = grad(lambda x: jvp(f, (x,), (v,))[1])(x)
    reverse_over_reverse = grad(lambda x: np.sum(grad(f)(x) * v))(x)
    close(forward_over_reverse, want, 1e-6)
    close(reverse_over_forward, forward_over_reverse, 1e-9)
    close(reverse_over_reverse, forward_over_reverse, 1e-9)
    jitted = jit(grad(lambda x: np.sum(jit(grad(f))(x) * v)))(x)
    close(jitted, forward_over_reverse, 1e-9)
    h = hessian(f)(x)
    close(np.tensordot(h, v, v.ndim), forward_over_reverse, 1e-9)
    close(hessian(jit(f))(x), h, 1e-9)


@traceable
def test_checkpoint_changes_nothing(program):
    _, args, _ = setup(program)

    def loss(fun):
        return lambda *xs: np.sum(np.sin(fun(*xs)))
    f = isograd.checkpoint(program.fun)
    want = grad(loss(program.fun))(*args)
    close(grad(loss(f))(*args), want, 1e-12)
    close(jit(grad(loss(f)))(*args), want, 1e-12)
    close(hessian(loss(f))(*args), hessian(loss(program.fun))(*args), 1e-10)


@traceable
def test_the_graph_is_the_program(program):
    _, args, _ = setup(program)
    closed = make_graph(program.fun)(*args)
    closed.graph.check()
    out, = eval_graph(closed.graph, [*closed.captured, *args])
    np.testing.assert_array_equal(out, program.fun(*args))


@traceable
def test_graphs_of_derivatives_are_valid(program):
    _, args, dots = setup(program)
    make_graph(grad(lambda *xs: np.sum(program.fun(*xs))))(*args).graph.check()
    make_graph(lambda xs, ts: jvp(jit(program.fun), xs, ts))(args, dots).graph.check()
    make_graph(vmap(program.fun))(*[np.stack([x, x]) for x in args]).graph.check()
