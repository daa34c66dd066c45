"""Plans: how many kernels a program becomes, and that the plan alone says what it means."""

import time

import numpy as np
import pytest

from isograd.backends.fusion import fuse
from isograd.backends.memory import lifetimes, plan_memory
from isograd.backends.rewrite import simplify
from isograd.refimpl.graph import eval_graph
from isograd.refimpl.jit import checkpoint
from isograd.refimpl.ops import elementwise as e
from isograd.refimpl.ops import linear as li
from isograd.refimpl.ops import movement as mv
from isograd.refimpl.ops import reduce as rd
from isograd.refimpl.ops.dot import dot_general
from isograd.refimpl.ops.scan import cumsum
from isograd.refimpl.transforms.grad import grad
from isograd.refimpl.transforms.stage import make_graph

from .plan_interpreter import run_plan
from .random_programs import RandomProgram, assert_same_numbers

RNG = np.random.default_rng(7)
X, Y, Z = RNG.standard_normal((3, 32, 48))
ROW = RNG.standard_normal(48)


def plan_of(f, *args):
    layouts = [x.strides if isinstance(x, np.ndarray) else None for x in args]
    return fuse(simplify(make_graph(f)(*args).graph).check(), layouts)


def check(f, *args):
    """Plan, check the plan by interpreting it, and return it."""
    layouts = [x.strides if isinstance(x, np.ndarray) else None for x in args]
    graph = make_graph(f)(*args).graph
    plan = fuse(simplify(graph).check(), layouts)
    with np.errstate(all="ignore"):
        wanted = eval_graph(graph, args)
    for got, want in zip(run_plan(plan, args, layouts), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)
        assert np.asarray(got).dtype == np.asarray(want).dtype
    check_memory(plan)
    assert str(plan)
    return plan


def every_kernel(plan):
    """Their numbers, as if each ran in one pass."""
    return range(len(plan.kernels))


def check_memory(plan):
    """No two temporaries overlap while both are alive, but where one inherits from another."""
    memory = plan_memory(plan, every_kernel(plan))
    alive = lifetimes(plan)
    for a, life in alive.items():
        start, size = memory.offsets[a], plan.buffers[a].nbytes
        assert start % 64 == 0 and start + size <= memory.arena_bytes
        for b, other in alive.items():
            apart = (start + size <= memory.offsets[b]
                     or memory.offsets[b] + plan.buffers[b].nbytes <= start)
            inherited = life.last == other.first or other.last == life.first
            assert a == b or apart or life.last < other.first or other.last < life.first or (
                inherited and start == memory.offsets[b])
    assert memory.peak <= memory.arena_bytes


# ---- programs, as NumPy spells them ----

def keep(reduction, x, axis=-1):
    axis %= x.aval.ndim
    shape = tuple(1 if i == axis else n for i, n in enumerate(x.aval.shape))
    return li.reshape(reduction(x, (axis,)), shape)


def mean(x, axis=-1):
    return e.divide(keep(li.sum, x, axis), x.aval.shape[axis])


def softmax(x, axis=-1):
    y = e.exp(e.subtract(x, keep(rd.max, x, axis)))
    return e.divide(y, keep(li.sum, y, axis))


def logsumexp(x):
    top = keep(rd.max, x)
    return e.add(e.log(keep(li.sum, e.exp(e.subtract(x, top)))), top)


def layer_norm(x, gain, bias):
    centred = e.subtract(x, mean(x))
    scaled = e.divide(centred, e.sqrt(e.add(mean(e.square(centred)), 1e-5)))
    return e.add(e.multiply(scaled, gain), bias)


def cross_entropy(x, onehot):
    losses = li.sum(e.multiply(onehot, e.subtract(x, logsumexp(x))), (1,))
    return e.negative(e.divide(li.sum(losses, (0,)), x.aval.shape[0]))


def gelu(x):
    inner = e.multiply(0.79788456, e.add(x, e.multiply(0.044715, e.power(x, 3))))
    return e.multiply(e.multiply(0.5, x), e.add(1.0, e.tanh(inner)))


def adam(p, m, v, g):
    m = e.add(e.multiply(0.9, m), e.multiply(0.1, g))
    v = e.add(e.multiply(0.99, v), e.multiply(0.01, e.square(g)))
    return [e.subtract(p, e.divide(e.multiply(1e-3, m), e.add(e.sqrt(v), 1e-8))), m, v]


def variance(x):
    return li.reshape(mean(e.square(e.subtract(x, mean(x)))), (x.aval.shape[0],))


def sum_all(f):
    return lambda x, *rest: li.sum(f(x, *rest), (0, 1))


ONE_KERNEL = {
    "sum of products": (lambda x, y, z: li.sum(e.add(x, e.multiply(y, z)), (0, 1)), (X, Y, Z)),
    "mean": (lambda x: e.divide(li.sum(x, (0, 1)), 1536), (X,)),
    "column mean": (lambda x: e.divide(li.sum(x, (0,)), 32), (X,)),
    "softmax": (softmax, (X,)),
    "softmax of a vector": (softmax, (ROW,)),
    "softmax in three axes": (softmax, (X.reshape(4, 8, 48),)),
    "log-sum-exp": (logsumexp, (X,)),
    "layer norm": (layer_norm, (X, ROW, ROW)),
    "layer norm in three axes": (layer_norm, (X.reshape(4, 8, 48), ROW, ROW)),
    "cross-entropy": (cross_entropy, (X, np.eye(48)[RNG.integers(0, 48, 32)])),
    "variance of rows": (variance, (X,)),
    "gelu": (gelu, (X,)),
    "adam": (adam, (X, Y, np.abs(Z), Y)),
    "three reductions of one array": (
        lambda x: [li.sum(x, (0,)), li.sum(x, (1,)), rd.max(x, (0, 1))], (X,)),
    "reshape inside": (lambda x: e.multiply(li.reshape(e.exp(x), (8, 4, 48)),
                                            li.reshape(x, (8, 4, 48))), (X,)),
    "transposed input": (lambda x: e.exp(li.permute(x, (1, 0))), (X,)),
    "strided input": (lambda x: e.exp(mv.slice_(x, (1, 0), (31, 48), (3, 5))), (X,)),
    "flipped input": (lambda x: e.exp(mv.flip(x, axes=(0, 1))), (X,)),
    "bias": (lambda x, b: e.maximum(e.add(x, b), 0.0), (X, ROW)),
    "argmax": (lambda x: rd.argmax(e.exp(x), (1,)), (X,)),
    "one result twice": (lambda x: (lambda y: [y, y])(e.exp(x)), (X,)),
    "an input and its copy": (lambda x: [x, x], (X,)),
    "a number": (lambda x: 3.0, (X,)),
    "rows scaled by a computed number": (
        lambda x, s: e.multiply(x, li.reshape(e.exp(s), (32, 1))), (X, X[:, 0].copy())),
    "gradient of the sum of softmax squared": (
        grad(sum_all(lambda x: e.square(softmax(x)))), (X,)),
    "gradient of layer norm": (
        grad(sum_all(lambda x, g, b: e.square(layer_norm(x, g, b))), argnums=(0, 1, 2)),
        (X, ROW, ROW)),
    "gradient of cross-entropy": (
        grad(cross_entropy), (X, np.eye(48)[RNG.integers(0, 48, 32)])),
}


@pytest.mark.parametrize("name", ONE_KERNEL)
def test_one_kernel_and_no_temporaries(name):
    f, args = ONE_KERNEL[name]
    plan = check(f, *args)
    assert len(plan.kernels) == 1 and not plan.temporaries, str(plan)


def test_what_is_not_a_pass_over_rows_takes_more_passes():
    assert len(check(lambda x: softmax(x, 0), X).kernels) == 3
    long = RNG.standard_normal((2, 20000))
    plan = check(softmax, long)
    assert len(plan.kernels) == 3 and not any(k.resident for k in plan.kernels)


def test_long_rows_are_accumulated_in_one_pass():
    plan = check(lambda x: e.sqrt(li.sum(e.square(x), (1,))), RNG.standard_normal((2, 20000)))
    assert len(plan.kernels) == 1 and plan.kernels[0].rows == (1,)


def test_a_reduction_of_middle_axes_puts_them_last():
    plan = check(lambda x: li.sum(e.exp(x), (1,)), X.reshape(4, 8, 48))
    assert plan.kernels[0].shape == (4, 48, 8)
    plan = check(lambda x: [e.exp(x), li.sum(e.exp(x), (1,))], X.reshape(4, 8, 48))
    assert len(plan.kernels) == 2 and not plan.temporaries


def batch_norm(x):
    n = x.aval.size // x.aval.shape[1]

    def averaged(y):
        return li.reshape(e.divide(li.sum(y, (0, 2, 3)), n), (1, x.aval.shape[1], 1, 1))
    centred = e.subtract(x, averaged(x))
    return e.divide(centred, e.sqrt(e.add(averaged(e.square(centred)), 1e-5)))


def test_batch_norm():
    assert len(check(batch_norm, RNG.standard_normal((4, 3, 5, 6))).kernels) <= 4


def mlp(w1, b1, w2, b2, x, y):
    hidden = e.tanh(e.add(dot_general(x, w1, ((1,), (0,))), b1))
    out = e.add(dot_general(hidden, w2, ((1,), (0,))), b2)
    return li.sum(e.square(e.subtract(out, y)), (0, 1))


def test_gradient_of_a_perceptron():
    args = [RNG.standard_normal(s) for s in ((48, 20), (20,), (20, 5), (5,), (32, 48), (32, 5))]
    plan = check(grad(mlp, argnums=(0, 1, 2, 3)), *args)
    assert plan.count("gemm") == 5 and plan.count("loop") == 3 and plan.count("call") == 0


def test_cheap_values_are_computed_again_in_place_of_being_kept():
    """Of tanh-gelu only the product, and tanh, are kept for its derivative."""
    def f(x, w, b):
        return li.sum(e.square(gelu(e.add(dot_general(x, w, ((1,), (0,))), b))), (0, 1))
    plan = check(grad(f, argnums=1), X, X.T.copy(), X[0, :32].copy())
    assert [p.kind for p in plan.kernels] == ["gemm", "loop", "gemm"]

    def g(x, w, v):
        return li.sum(e.square(dot_general(gelu(dot_general(x, w, ((1,), (0,)))), v,
                                           ((1,), (0,)))), (0, 1))
    plan = check(grad(g, argnums=(1, 2)), X, X.T.copy(), X.copy())
    backward = [p for p in plan.kernels if p.kind == "loop"][-1]
    assert len(backward.inputs) == 3    # the product, tanh, the cotangent


def deep(block, x, w):
    for _ in range(6):
        x = block(x, w)
    return li.sum(x, (0, 1))


def test_a_checkpoint_saves_memory():
    def block(x, w):
        for _ in range(4):
            x = e.sin(dot_general(x, w, ((1,), (0,))))
        return x
    args = RNG.standard_normal((2, 32, 32))
    plain = check(grad(lambda x, w: deep(block, x, w)), *args)
    saving = check(grad(lambda x, w: deep(checkpoint(block), x, w)), *args)
    assert plan_memory(saving).peak < 0.6 * plan_memory(plain).peak


def attention(q, k, v):
    scores = dot_general(q, k, ((3,), (3,)), ((0, 2), (0, 2)))
    out = dot_general(softmax(e.multiply(scores, 0.5)), v, ((3,), (1,)), ((0, 1), (0, 2)))
    return li.permute(out, (0, 2, 1, 3))


def test_attention_reads_heads_where_they_lie():
    q, k, v = RNG.standard_normal((3, 2, 8, 3, 4))
    plan = check(attention, q, k, v)
    assert [p.kind for p in plan.kernels] == ["gemm", "loop", "gemm", "loop"]


def test_operands_that_blas_does_not_take_are_copied():
    plan = check(lambda x, y: dot_general(x, y, ((1,), (0,))), X[::-1, ::2], Y[:24])
    assert [p.kind for p in plan.kernels] == ["loop", "gemm"]
    plan = check(lambda x, y: dot_general(x, y, ((0,), (1,))), X, Z[:, :32])
    assert [p.kind for p in plan.kernels] == ["gemm"]


def test_what_the_backend_lacks_is_a_call_with_its_reason():
    graph = simplify(make_graph(lambda x: e.exp(e.sin(e.cos(x))))(X).graph)
    plan = fuse(graph, supports=lambda q: "no sine" if q.prim.name == "sin" else None)
    assert [p.kind for p in plan.kernels] == ["loop", "call", "loop"]
    call = plan.kernels[1]
    assert call.reason == "no sine" and call.source[0].co_filename == __file__
    np.testing.assert_allclose(run_plan(plan, [X])[0], np.exp(np.sin(np.cos(X))))


def test_calls_read_views():
    plan = check(lambda x: cumsum(li.permute(e.exp(x), (1, 0)), 1), X)
    assert [p.kind for p in plan.kernels] == ["loop", "call"]


def test_pieces_are_written_where_they_belong():
    def stack(x, y):
        rows = [li.reshape(f(x), (1, 48)) for f in (e.sin, e.cos, e.exp)]
        return mv.concatenate([*rows, li.reshape(y, (1, 48))], 0), li.sum(e.sin(x), (0,))
    plan = check(stack, ROW, X[0].copy())
    assert plan.count("call") == 0 and not plan.temporaries and len(plan.kernels) == 2

    plan = check(lambda x: e.exp(mv.pad(e.sin(x), ((2, 1, 0), (0, 0, 0)))), X)
    assert plan.count("call") == 0 and len(plan.temporaries) == 1
    plan = check(lambda x: mv.pad(x, ((0, 0, 0), (2, 1, 0))), X)
    assert plan.kernels[0].reason == "the pieces do not lie side by side"
    check(lambda x: mv.pad(x, ((2, 1, 3), (0, 0, 0))), X)
    check(lambda x: mv.pad(x, ((2, 1, 3), (0, 0, 0))), X[:1])
    check(lambda x: mv.concatenate([x, x[:0], x], 0), X)


def test_a_diamond_does_not_become_a_cycle():
    def f(x, w):
        a = e.exp(x)
        b = dot_general(a, w, ((1,), (0,)))
        return e.add(a, b), e.multiply(a, 2.0)
    plan = check(f, X[:, :32].copy(), Y[:, :32].copy())
    assert plan.count("loop") == 2


def test_a_matrix_and_its_transpose():
    x = X[:, :32].copy()
    check(lambda x: e.add(x, li.permute(x, (1, 0))), x)
    check(lambda x: (lambda y: e.add(y, li.permute(y, (1, 0))))(e.exp(x)), x)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (0, 3), (1,), (1, 1), (2, 1, 3)])
def test_small_and_empty_shapes(shape):
    x = RNG.standard_normal(shape)
    axes = tuple(range(len(shape)))
    check(lambda x: [e.exp(x), e.add(x, x), li.sum(e.exp(x), axes), li.sum(x, axes[:1]),
                     rd.any(x, axes), rd.prod(x, axes[-1:]), x], x)
    if shape and 0 not in shape:
        check(lambda x: [softmax(x), rd.argmax(x, axes), rd.max(x, axes)], x)


def test_an_empty_row_beside_a_full_one():
    x, y = RNG.standard_normal(3), np.ones((3, 0))

    def f(x, y):
        z = e.exp(x)
        return z, e.add(li.reshape(z, (3, 1)), y), li.sum(y, (1,))
    check(f, x, y)


def with_layout(x, seed):
    """The same numbers in another memory layout."""
    kind = seed % 4
    if kind == 1 and x.ndim:
        return np.asfortranarray(x)
    if kind == 2 and x.ndim:
        return np.repeat(x, 2, axis=-1)[..., ::2]
    if kind == 3 and x.ndim:
        return x[..., ::-1].copy()[..., ::-1]
    return x


@pytest.mark.parametrize("seed", range(400))
def test_random_programs(seed):
    program = RandomProgram(seed, length=4 + seed % 20)
    args = [with_layout(x, seed) for x in program.arguments]
    layouts = [x.strides if isinstance(x, np.ndarray) and not x.flags.c_contiguous else None
               for x in args]
    graph = program.graph()
    with np.errstate(all="ignore"):
        wanted = eval_graph(graph, args)
    plan = fuse(simplify(graph), layouts)
    for got, want in zip(run_plan(plan, args, layouts), wanted, strict=True):
        assert_same_numbers(got, want, str(plan))
    check_memory(plan)


def test_in_place_where_an_element_is_read_only_where_it_is_written():
    def f(x):
        a = cumsum(x, 0)
        b = e.sin(a)
        return cumsum(b, 0)
    plan = check(f, X)
    first, second = plan.temporaries
    offsets = plan_memory(plan, every_kernel(plan)).offsets
    assert offsets[first] == offsets[second]
    offsets = plan_memory(plan).offsets
    assert offsets[first] != offsets[second]

    def g(x):
        a = cumsum(x, 0)
        return cumsum(e.sin(li.permute(a, (1, 0))), 0)
    plan = check(g, X)
    first, second = plan.temporaries
    offsets = plan_memory(plan, every_kernel(plan)).offsets
    assert offsets[first] != offsets[second]


def test_memory_is_used_again():
    def f(x):
        for _ in range(10):
            x = cumsum(e.sin(x), 0)
        return x
    plan = check(f, X)
    assert plan_memory(plan).arena_bytes <= 2 * X.nbytes


def test_plans_are_plain_data():
    args = [RNG.standard_normal(s) for s in ((48, 20), (20,), (20, 5), (5,), (32, 48), (32, 5))]
    graph = simplify(make_graph(grad(mlp, argnums=(0, 1)))(*args).graph)
    assert fuse(graph) == fuse(graph)
    assert len({fuse(graph), fuse(graph)}) == 1


def test_planning_is_linear():
    def deep(n):
        def f(x):
            total = x
            for i in range(n):
                x = e.sin(e.multiply(x, 1.5)) if i % 7 else cumsum(x, 0)
                total = e.add(total, x)
            return total
        return simplify(make_graph(f)(X).graph)

    def seconds(graph):
        start = time.perf_counter()
        fuse(graph)
        return (time.perf_counter() - start) / len(graph.eqns)

    small, large = deep(50), deep(1000)
    assert min(seconds(large) for _ in range(3)) < 5 * min(seconds(small) for _ in range(3)) + 1e-4
