"""How large models are divided: each scheme against the plain program, in values and gradients."""

import numpy as np
import pytest

import isograd
from isograd import lax, tree
from isograd.sharding import PartitionSpec as P

rng = np.random.default_rng(0)
LINE = isograd.make_mesh((4,), ("x",))
GRID = isograd.make_mesh((2, 2), ("data", "model"))
RING = [(i, (i + 1) % 4) for i in range(4)]


def close(got, want):
    for x, y in zip(tree.leaves(got), tree.leaves(want), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


# ---- attention over a sequence that lies in parts on the devices ----

def attention(q, k, v):
    """Causal: [time, width] each; position t looks at those up to t."""
    scores = q @ k.T / np.sqrt(q.shape[1])
    earlier = np.tri(len(q), dtype=bool)
    scores = np.where(earlier, scores, -1e30)
    weights = np.exp(scores - scores.max(1, keepdims=True))
    return weights @ v / weights.sum(1, keepdims=True)


def ring_attention(q, k, v):
    """Keys and values go round; softmax is made of running maxima and sums (Liu et al., 2023)."""
    n, me, length = lax.axis_size("x"), lax.axis_index("x"), len(q)
    mine = me * length + np.arange(length)

    def meet(state, step):
        top, total, out, k, v = state
        theirs = (me - step) % n * length + np.arange(length)
        scores = q @ k.T / np.sqrt(q.shape[1])
        scores = np.where(mine[:, None] >= theirs, scores, -1e30)
        new = np.maximum(top, scores.max(1))
        weights, shrink = np.exp(scores - new[:, None]), np.exp(top - new)
        total = total * shrink + weights.sum(1)
        out = out * shrink[:, None] + weights @ v
        return (new, total, out, lax.ppermute(k, "x", RING), lax.ppermute(v, "x", RING)), None
    start = np.full_like(q[:, 0], -1e30), np.zeros_like(q[:, 0]), np.zeros_like(v), k, v
    (_, total, out, _, _), _ = lax.scan(meet, start, np.arange(n))
    return out / total[:, None]


def exchanged_attention(q, k, v):
    """Heads [time, head, width]: all of the sequence for a part of the heads, and back."""
    turn = lambda x: lax.all_to_all(x, "x", 1, 0, tiled=True)
    out = isograd.vmap(attention, 1, 1)(turn(q), turn(k), turn(v))
    return lax.all_to_all(out, "x", 0, 1, tiled=True)


SEQUENCES = {
    "ring": (ring_attention, attention, (12, 5)),
    "exchanged heads": (exchanged_attention, isograd.vmap(attention, 1, 1), (12, 4, 3)),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_attention(name):
    divided, plain, shape = SEQUENCES[name]
    divided = isograd.shard_map(divided, mesh=LINE, in_specs=P("x"), out_specs=P("x"))
    q, k, v, target = rng.normal(size=(4, *shape))
    close(divided(q, k, v), plain(q, k, v))
    gradient = lambda f: isograd.grad(lambda *qkv: np.sum((f(*qkv) - target) ** 2), (0, 1, 2))
    want = gradient(plain)(q, k, v)
    close(gradient(divided)(q, k, v), want)
    close(isograd.jit(gradient(isograd.jit(divided)))(q, k, v), want)
    close(gradient(isograd.shard_map(isograd.checkpoint(SEQUENCES[name][0]), mesh=LINE,
                                     in_specs=P("x"), out_specs=P("x")))(q, k, v), want)


# ---- a network whose data and weights are both divided ----

def network(params, x):
    for w, b in params[:-1]:
        x = np.tanh(x @ w + b)
    return x @ params[-1][0] + params[-1][1]


def loss(params, x, y):
    return np.mean((network(params, x) - y) ** 2)


SIZES = [6, 8, 4, 8, 2]
PARAMS = [(rng.normal(size=(m, n)), rng.normal(size=n))
          for m, n in zip(SIZES[:-1], SIZES[1:], strict=True)]
X, Y = rng.normal(size=(12, 6)), rng.normal(size=(12, 2))
WANT = isograd.value_and_grad(loss)(PARAMS, X, Y)


def by_data_and_width(params, x, y):
    """Rows of x on "data"; of each two layers columns, then rows of the weights on "model"."""
    for i in range(0, len(params), 2):
        (w1, b1), (w2, b2) = params[i], params[i + 1]
        x = lax.psum(np.tanh(x @ w1 + b1) @ w2, "model") + b2
        x = x if i + 2 == len(params) else np.tanh(x)
    return lax.pmean(np.mean((x - y) ** 2), "data")


WIDTHS = [(P(None, "model"), P("model")), (P("model"), P())] * 2


def by_parts_of_weights(params, x, y):
    """Each device keeps a part of all weights, and gathers a layer when it needs it."""
    def gathered(part):
        return lax.all_gather(part, ("data", "model"), tiled=True)
    for i, (w, b) in enumerate(params):
        x = x @ gathered(w) + gathered(b)
        x = x if i + 1 == len(params) else np.tanh(x)
    return lax.pmean(np.mean((x - y) ** 2), ("data", "model"))


PARTS = P(("data", "model"))


def test_data_and_width_both_divided():
    f = isograd.shard_map(by_data_and_width, mesh=GRID, in_specs=(WIDTHS, P("data"), P("data")),
                          out_specs=P())
    for g in (isograd.value_and_grad(f), isograd.jit(isograd.value_and_grad(isograd.jit(f)))):
        close(g(PARAMS, X, Y), WANT)
    dots = tree.map(np.ones_like, PARAMS)
    close(isograd.jvp(lambda p: isograd.grad(f)(p, X, Y), (PARAMS,), (dots,))[1],
          isograd.jvp(lambda p: isograd.grad(loss)(p, X, Y), (PARAMS,), (dots,))[1])


def test_weights_that_are_gathered_when_needed():
    """The gradient comes back in parts: all_gather's transpose is psum_scatter."""
    sizes = [4, 8, 4, 8, 4]
    params = [(rng.normal(size=(m, n)), rng.normal(size=n))
              for m, n in zip(sizes[:-1], sizes[1:], strict=True)]
    x, y = rng.normal(size=(12, 4)), rng.normal(size=(12, 4))
    f = isograd.shard_map(by_parts_of_weights, mesh=GRID, in_specs=(PARTS, PARTS, PARTS),
                          out_specs=P())
    want = isograd.value_and_grad(loss)(params, x, y)
    for g in (isograd.value_and_grad(f), isograd.jit(isograd.value_and_grad(f))):
        close(g(params, x, y), want)


def test_experts():
    """Each device has an expert; rows go to theirs, and come back (capacity: all that there are).
    """
    experts, gate = rng.normal(size=(4, 3, 3)), rng.normal(size=(3, 4))
    x = rng.normal(size=(20, 3))

    def plain(experts, x):
        choice = np.argmax(x @ gate, 1)
        out = np.stack([np.tanh(x @ w) for w in experts])
        return np.sum(out * (choice == np.arange(4)[:, None])[..., None], 0)

    def divided(expert, x):
        choice = np.argmax(x @ gate, 1)
        mine = choice == np.arange(4)[:, None]                  # [expert, row]
        sent = np.where(mine[..., None], x, 0.0)                # [expert, row, width]
        there = lax.all_to_all(sent, "x", 0, 0)
        back = lax.all_to_all(np.tanh(there @ expert[0]), "x", 0, 0)
        return np.sum(np.where(mine[..., None], back, 0.0), 0)
    f = isograd.shard_map(divided, mesh=LINE, in_specs=P("x"), out_specs=P("x"))
    close(isograd.jit(f)(experts, x), plain(experts, x))
    gradient = lambda f: isograd.grad(lambda *args: np.sum(f(*args) ** 2), (0, 1))
    close(gradient(f)(experts, x), gradient(plain)(experts, x))


# ---- functions with rules of their own, of what is the same on all devices ----

@isograd.custom_jvp
def softplus(x):
    return np.logaddexp(x, 0)


softplus.defjvps(lambda g, y, x: g / (1 + np.exp(-x)))


@isograd.custom_vjp
def total(x):
    return lax.psum(x, "x")


total.defvjp(lambda x: (total(x), None), lambda _, ct: (lax.psum(ct, "x"),))

SHARED = {
    "of what is the same": (lambda x, w: softplus(w), lambda x, w: softplus(w)),
    "of a sum": (lambda x, w: softplus(lax.psum(x.sum(), "x")), lambda x, w: softplus(x.sum())),
    "that sums": (lambda x, w: total(x.sum() * w), lambda x, w: x.sum() * w),
    "of a root": (
        lambda x, w: lax.custom_root(lambda y: y ** 3 - w, np.ones(2), newton, divided),
        lambda x, w: np.cbrt(w)),
}


def newton(f, y):
    return lax.fori_loop(0, 40, lambda i, y: y - f(y) / (3 * y * y), y)


def divided(g, y):
    return y / g(np.ones(2))


@pytest.mark.parametrize("name", SHARED)
def test_custom_rules_keep_what_is_the_same(name):
    divided, plain = SHARED[name]
    f = isograd.shard_map(divided, mesh=LINE, in_specs=(P("x"), P()), out_specs=P())
    x, w = rng.normal(size=8), np.array([1.5, 0.5])
    for wrap in (lambda f: f, isograd.jit):
        close(wrap(f)(x, w), plain(x, w))
        gradient = lambda f: isograd.grad(lambda x, w: np.sum(f(x, w) ** 2), (0, 1))
        close(gradient(wrap(f))(x, w), gradient(plain)(x, w))
