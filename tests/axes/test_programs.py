"""Random programs with collectives: a thread for each example against maps with a named axis."""

from functools import cache

import numpy as np
import pytest

import isograd
from isograd import lax
from isograd.refimpl.graph import graphs_in
from isograd.sharding import PartitionSpec as P

from .processes import run
from .random_program import COLLECTIVES, TWO_NAMES, N, program_of

SEEDS = range(12)
rng = np.random.default_rng(0)
X, DX, CT = 0.5 * rng.normal(size=(3, N, 4, 4))
STEP = 2e-5


def close(got, want, rtol=1e-10):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol)


def slope(f, X, DX):
    """The central difference of fourth order."""
    near = f(X + STEP * DX) - f(X - STEP * DX)
    far = f(X + 2 * STEP * DX) - f(X - 2 * STEP * DX)
    return (8 * near - far) / (12 * STEP)


@cache
def program(seed):
    return program_of(seed)


@cache
def by_processes(f):
    """The values of f at X, and their slopes along DX."""
    return run(f, X), slope(lambda X: run(f, X), X, DX)


def mapped(f):
    return isograd.vmap(f, axis_name="i")


MAPS = {
    "vmap": mapped,
    "jit of vmap": lambda f: isograd.jit(mapped(f)),
    "vmap of jit": lambda f: mapped(isograd.jit(f)),
    "vmap of checkpoint": lambda f: mapped(isograd.checkpoint(f)),
    "pmap": lambda f: isograd.pmap(f, "i"),
    "along another axis": lambda f: lambda X: isograd.vmap(
        f, in_axes=1, out_axes=2, axis_name="i")(np.moveaxis(X, 0, 1)).transpose(2, 0, 1),
    "in a batch": lambda f: lambda X: isograd.vmap(mapped(f))(np.stack([X, 2 * X]))[0],
    "around a batch": lambda f: mapped(
        lambda x: isograd.vmap(f)(isograd.numpy.stack([2 * x, x]))[1]),
}


def check_values(f, how):
    close(MAPS[how](lambda x: f(lax, x))(X), by_processes(f)[0])


def check_derivatives(f):
    """Of all results in all arguments: forwards, backwards, and each compiled."""
    _, want = by_processes(f)
    for how in ("vmap", "jit of vmap", "vmap of jit"):
        g = MAPS[how](lambda x: f(lax, x))
        close(isograd.jvp(g, (X,), (DX,))[1], want, 1e-6)
        close(np.sum(isograd.vjp(g, X)[1](CT)[0] * DX), np.sum(CT * want), 1e-6)


def check_derivatives_inside(f):
    """Forwards, of one's own result as all arguments move; backwards, of the sum of all results."""
    _, want = by_processes(f)
    g = lambda x: f(lax, x)
    forwards = lambda x, dx: isograd.jvp(g, (x,), (dx,))[1]
    backwards = lambda x, ct: isograd.vjp(g, x)[1](ct)[0]
    for wrap in (lambda f: f, isograd.jit):
        close(wrap(mapped(forwards))(X, DX), want, 1e-6)
        close(np.sum(wrap(mapped(backwards))(X, CT) * DX), np.sum(CT * want), 1e-6)
        close(np.sum(mapped(wrap(backwards))(X, CT) * DX), np.sum(CT * want), 1e-6)


def check_second_derivatives(f):
    """Outside of the map and inside of it: there too it is the sum of all results."""
    gradient = isograd.grad(lambda X: np.sum(CT * mapped(lambda x: f(lax, x))(X)))
    want = slope(gradient, X, DX)
    forwards = isograd.jvp(gradient, (X,), (DX,))[1]
    close(forwards, want, 1e-5)
    close(isograd.grad(lambda X: np.sum(gradient(X) * DX))(X), forwards)
    one = lambda ct: isograd.grad(lambda x: np.sum(ct * f(lax, x)))
    close(mapped(lambda x, dx, ct: isograd.jvp(one(ct), (x,), (dx,))[1])(X, DX, CT), forwards)
    close(mapped(lambda x, dx, ct: isograd.grad(lambda x: np.sum(one(ct)(x) * dx))(x))(X, DX, CT),
          forwards)


@pytest.mark.parametrize("how", MAPS)
@pytest.mark.parametrize("seed", SEEDS)
def test_values(seed, how):
    check_values(program(seed), how)


@pytest.mark.parametrize("seed", SEEDS)
def test_derivatives(seed):
    check_derivatives(program(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_derivatives_inside(seed):
    check_derivatives_inside(program(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_second_derivatives(seed):
    check_second_derivatives(program(seed))


@pytest.mark.parametrize("name", COLLECTIVES)
def test_each_collective(name):
    f = COLLECTIVES[name]
    check_values(f, "vmap")
    check_derivatives(f)
    check_derivatives_inside(f)
    check_second_derivatives(f)


def numbers_in(graph):
    """The types of all sizes of arrays in a graph."""
    for v in graph.inputs:
        yield from map(type, v.aval.shape)
    for e in graph.eqns:
        for n in (*e.params.get("shape", ()), *[n for v in e.outs for n in v.aval.shape]):
            yield type(n)
        for param in e.params.values():
            for inner in graphs_in(param):
                yield from numbers_in(inner)


@pytest.mark.parametrize("seed", range(8))
def test_a_size_leaves_its_name_where_it_becomes_part_of_a_shape(seed):
    f = program(seed)
    loss = lambda x: np.sum(f(lax, x))
    for g in (isograd.grad(lambda X: np.sum(mapped(lambda x: f(lax, x))(X))),
              mapped(isograd.grad(loss)), mapped(isograd.jit(isograd.grad(loss)))):
        assert set(numbers_in(isograd.make_graph(g)(X).graph)) == {int}


# ---- what is the same for all ----

def mapped_or_not(f):
    """f of one x, of all examples: given to each, and given once."""
    repeat = lambda g: lambda x, *xs: g(np.stack([x] * N), *xs)
    return {
        "to each": repeat(mapped(f)),
        "once": isograd.vmap(f, in_axes=(None,), axis_size=N, axis_name="i"),
        "once, jit": isograd.jit(isograd.vmap(f, in_axes=(None,), axis_size=N, axis_name="i")),
        "once to a jit": isograd.vmap(isograd.jit(f), in_axes=(None,), axis_size=N, axis_name="i"),
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_what_all_examples_share_may_be_mapped_or_not(seed):
    f = program(seed)
    x, dx = X[0], DX[0]
    same = lambda X: np.stack([X] * N)
    one = lambda x: f(lax, x)
    want = run(f, same(x))
    slopes = slope(lambda x: run(f, same(x)), x, dx)
    for how, g in mapped_or_not(one).items():
        close(g(x), want)
        close(isograd.jvp(g, (x,), (dx,))[1], slopes, 1e-6)
        close(np.sum(isograd.vjp(g, x)[1](CT)[0] * dx), np.sum(CT * slopes), 1e-6)
        inside = mapped_or_not(lambda x: isograd.jvp(one, (x,), (dx,))[1])[how]
        close(inside(x), slopes, 1e-6)
    inside = [g(x) for g in mapped_or_not(isograd.grad(lambda x: np.sum(one(x) ** 2))).values()]
    for got in inside[1:]:
        close(got, inside[0])


# ---- custom rules that say what the formulas say ----

def with_vjp(f):
    g = isograd.custom_vjp(f)
    g.defvjp(lambda x: (f(x), x), lambda x, ct: isograd.vjp(f, x)[1](ct))
    return g


def with_jvp(f):
    g = isograd.custom_jvp(f)
    g.defjvp(lambda primals, tangents: isograd.jvp(f, primals, tangents))
    return g


RULED = {
    "custom_vjp": with_vjp,
    "custom_jvp": with_jvp,
    "jit of custom_vjp": lambda f: isograd.jit(with_vjp(f)),
    "custom_vjp of jit": lambda f: with_vjp(isograd.jit(f)),
    "custom_jvp of checkpoint": lambda f: with_jvp(isograd.checkpoint(f)),
    "custom_vjp in a loop": lambda f: lambda x: lax.scan(
        lambda c, _: (with_vjp(f)(c), None), x, None, length=1)[0],
}


@pytest.mark.parametrize("how", RULED)
@pytest.mark.parametrize("seed", range(6))
def test_custom_rules(seed, how):
    f = program(seed)
    g = RULED[how](lambda x: f(lax, x))
    want = np.sum(CT * by_processes(f)[1])
    outside = lambda X, ct: isograd.vjp(mapped(g), X)[1](ct)[0]
    inside = mapped(lambda x, ct: isograd.vjp(g, x)[1](ct)[0])
    for backwards in (outside, isograd.jit(outside), inside, isograd.jit(inside)):
        close(np.sum(backwards(X, CT) * DX), want, 1e-6)
    if "jvp" in how:
        close(np.sum(CT * isograd.jvp(mapped(g), (X,), (DX,))[1]), want, 1e-6)


# ---- two names ----

BOTH = ("i", "j")
X2, DX2, CT2 = 0.5 * rng.normal(size=(3, N, 2, 4, 4))
MESH = isograd.make_mesh((N, 2), BOTH)


def on_mesh(f):
    return isograd.shard_map(lambda x: f(x[0, 0])[None, None], mesh=MESH, in_specs=P("i", "j"),
                             out_specs=P("i", "j"))


GRIDS = {
    "vmap": lambda f: isograd.vmap(isograd.vmap(f, axis_name="j"), axis_name="i"),
    "the other order": lambda f: isograd.vmap(isograd.vmap(f, axis_name="i"), axis_name="j",
                                              in_axes=1, out_axes=1),
    "jit between": lambda f: isograd.vmap(isograd.jit(isograd.vmap(isograd.jit(f), axis_name="j")),
                                          axis_name="i"),
    "pmap": lambda f: isograd.pmap(isograd.pmap(f, "j"), "i"),
    "shard_map": on_mesh,
    "jit of shard_map": lambda f: isograd.jit(on_mesh(f)),
    "vmap in shard_map": lambda f: isograd.shard_map(
        isograd.vmap(lambda x: f(x[0])[None], axis_name="k"), mesh=MESH, in_specs=P("i", "j"),
        out_specs=P("i", "j")),
}


@cache
def program_of_two(seed):
    """A program, its values at X2, and their slopes along DX2."""
    f = program_of(seed, {**COLLECTIVES, **TWO_NAMES}, BOTH)
    return f, run(f, X2, BOTH), slope(lambda X: run(f, X, BOTH), X2, DX2)


@pytest.mark.parametrize("how", GRIDS)
@pytest.mark.parametrize("seed", range(8))
def test_two_names(seed, how):
    f, values, want = program_of_two(seed)
    g = GRIDS[how](lambda x: f(lax, x))
    close(g(X2), values)
    close(isograd.jvp(g, (X2,), (DX2,))[1], want, 1e-6)
    close(np.sum(isograd.vjp(g, X2)[1](CT2)[0] * DX2), np.sum(CT2 * want), 1e-6)


@pytest.mark.parametrize("name", TWO_NAMES)
def test_each_collective_of_two_names(name):
    f = TWO_NAMES[name]
    want = slope(lambda X: run(f, X, BOTH), X2, DX2)
    ct = np.cos(run(f, X2, BOTH))
    for how in GRIDS:
        backwards = GRIDS[how](lambda x: isograd.grad(lambda x: np.sum(np.sin(f(lax, x))))(x))
        close(np.sum(backwards(X2) * DX2), np.sum(ct * want), 1e-6)
