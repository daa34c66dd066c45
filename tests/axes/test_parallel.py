"""pmap and shard_map: programs on parts of arrays, against the same on the whole arrays."""

import numpy as np
import pytest

import isograd
from isograd import lax
from isograd.errors import ArgumentError, ShapeError, UnboundAxisError
from isograd.sharding import Device, Mesh
from isograd.sharding import PartitionSpec as P

rng = np.random.default_rng(0)
LINE = isograd.make_mesh((4,), ("x",))
GRID = isograd.make_mesh((2, 3), ("x", "y"))
A, B = rng.normal(size=(8, 12)), rng.normal(size=(12, 6))


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-12)


# ---- arrays on a mesh ----

SPECS = {
    "not divided": P(),
    "rows": P("x"),
    "columns": P(None, "y"),
    "both": P("x", "y"),
    "crossed": P("y", "x"),
    "rows by both": P(("x", "y")),
    "rows by both, the other way": P(("y", "x")),
    "columns by both": P(None, ("x", "y")),
}
WHOLE = np.arange(6 * 12.0).reshape(6, 12)
LOCAL = {"not divided": (6, 12), "rows": (3, 12), "columns": (6, 4), "both": (3, 4),
         "crossed": (2, 6), "rows by both": (1, 12), "rows by both, the other way": (1, 12),
         "columns by both": (6, 2)}


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("name", SPECS)
def test_an_array_comes_back_as_it_went(name, wrap):
    shapes = []

    def f(x):
        shapes.append(x.shape)
        return x
    f = isograd.shard_map(f, mesh=GRID, in_specs=SPECS[name], out_specs=SPECS[name])
    np.testing.assert_array_equal(wrap(f)(WHOLE), WHOLE)
    assert set(shapes) == {LOCAL[name]}


def part(x, spec, place):
    """What the device at `place` = {axis: number} has of x."""
    for axis, names in enumerate(spec.groups()):
        n, k = 1, 0
        for name in names:
            n, k = n * GRID.shape[name], k * GRID.shape[name] + place[name]
        x = np.split(x, n, axis)[k]
    return x


@pytest.mark.parametrize("name", SPECS)
def test_each_device_has_its_part(name):
    def f(x):
        number = lax.axis_index(("x", "y"))
        return (x + 0 * number)[None], np.reshape(number, 1)
    f = isograd.shard_map(f, mesh=GRID, in_specs=(SPECS[name],),
                          out_specs=(P(("x", "y")), P(("x", "y"))))
    parts, numbers = f(WHOLE)
    np.testing.assert_array_equal(numbers, np.arange(6))
    for i in range(2):
        for j in range(3):
            np.testing.assert_array_equal(parts[3 * i + j],
                                          part(WHOLE, SPECS[name], {"x": i, "y": j}))


def test_one_spec_for_a_pytree_and_one_for_a_part_of_it():
    tree = {"a": WHOLE, "b": (WHOLE[:, 0], None)}
    double = lambda t: {"a": t["a"] * 2, "b": (t["b"][0] * 2, None)}
    for specs in (P("x"), ({"a": P("x", "y"), "b": P("x")},)):
        f = isograd.shard_map(double, mesh=GRID, in_specs=specs,
                              out_specs=specs if isinstance(specs, P) else specs[0])
        close(f(tree)["a"], 2 * WHOLE)
        close(f(tree)["b"][0], 2 * WHOLE[:, 0])


# ---- programs that people write ----

def matmul_gather(a, b):
    """Rows of a on each device, rows of b gathered."""
    return a @ lax.all_gather(b, "x", axis=0, tiled=True)


def matmul_scatter(a, b):
    """Columns of a and rows of b: partial products, summed and spread by rows."""
    return lax.psum_scatter(a @ b, "x", scatter_dimension=0, tiled=True)


def matmul_psum(a, b):
    return lax.psum(a @ b, "x")


def matmul_ring(a, b):
    """Rows of b go round; each device multiplies with what is there."""
    n, me = lax.axis_size("x"), lax.axis_index("x")
    width = b.shape[0]
    total = 0
    for step in range(n):
        start = (me - step) % n * width
        total = total + a[:, start + np.arange(width)] @ b
        b = lax.ppermute(b, "x", [(i, (i + 1) % n) for i in range(n)])
    return total


def matmul_ring_in_a_loop(a, b):
    n, me, width = lax.axis_size("x"), lax.axis_index("x"), b.shape[0]

    def step(i, state):
        total, b = state
        total = total + a[:, (me - i) % n * width + np.arange(width)] @ b
        return total, lax.ppermute(b, "x", [(i, (i + 1) % n) for i in range(n)])
    return lax.fori_loop(0, n, step, (np.zeros((a.shape[0], b.shape[1])), b))[0]


MATMULS = {
    "gather": (matmul_gather, (P("x"), P("x")), P("x")),
    "scatter": (matmul_scatter, (P(None, "x"), P("x")), P("x")),
    "psum": (matmul_psum, (P(None, "x"), P("x")), P()),
    "ring": (matmul_ring, (P("x"), P("x")), P("x")),
    "ring in a loop": (matmul_ring_in_a_loop, (P("x"), P("x")), P("x")),
}


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("name", MATMULS)
def test_matrix_products(name, wrap):
    f, in_specs, out_specs = MATMULS[name]
    f = wrap(isograd.shard_map(f, mesh=LINE, in_specs=in_specs, out_specs=out_specs))
    close(f(A, B), A @ B)
    loss = lambda product: lambda a, b: np.sum(np.sin(product(a, b)))
    got = isograd.grad(loss(f), (0, 1))(A, B)
    for g, want in zip(got, isograd.grad(loss(np.matmul), (0, 1))(A, B), strict=True):
        close(g, want)


def test_a_product_on_a_grid():
    """Blocks of both: the sum over k is a psum over y."""
    f = isograd.shard_map(lambda a, b: lax.psum(a @ b, "y"), mesh=GRID,
                          in_specs=(P("x", "y"), P("y")), out_specs=P("x"))
    close(isograd.jit(f)(A, B), A @ B)
    got = isograd.vmap(f, (0, None))(np.stack([A, 2 * A]), B)
    close(got, np.stack([A @ B, 2 * A @ B]))


def mlp(params, x):
    for w, b in params[:-1]:
        x = np.tanh(x @ w + b)
    w, b = params[-1]
    return x @ w + b


def mean_loss(params, x, y):
    return np.mean((mlp(params, x) - y) ** 2)


PARAMS = [(rng.normal(size=(5, 7)), rng.normal(size=7)), (rng.normal(size=(7, 2)), np.zeros(2))]
BATCH = rng.normal(size=(8, 5)), rng.normal(size=(8, 2))


def step_inside(params, x, y):
    """The derivative of the device's own loss, averaged."""
    g = isograd.grad(mean_loss)(params, x, y)
    return isograd.tree.map(lambda p, g: p - 0.1 * lax.pmean(g, "x"), params, g)


def step_outside(params, x, y):
    loss = isograd.shard_map(lambda *args: lax.pmean(mean_loss(*args), "x"), mesh=LINE,
                             in_specs=(P(), P("x"), P("x")), out_specs=P())
    g = isograd.grad(loss)(params, x, y)
    return isograd.tree.map(lambda p, g: p - 0.1 * g, params, g)


DATA_PARALLEL = {
    "inside": isograd.shard_map(step_inside, mesh=LINE, in_specs=(P(), P("x"), P("x")),
                                out_specs=P()),
    "outside": step_outside,
    "pmap": lambda params, x, y: isograd.tree.map(lambda p: p[0], isograd.pmap(
        step_inside, "x", in_axes=(None, 0, 0))(
            params, x.reshape(4, 2, 5), y.reshape(4, 2, 2))),
}


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("name", DATA_PARALLEL)
def test_a_step_with_divided_data_is_the_step_on_all_of_it(name, wrap):
    got = wrap(DATA_PARALLEL[name])(PARAMS, *BATCH)
    g = isograd.grad(mean_loss)(PARAMS, *BATCH)
    want = isograd.tree.map(lambda p, g: p - 0.1 * g, PARAMS, g)
    for x, y in zip(isograd.tree.leaves(got), isograd.tree.leaves(want), strict=True):
        close(x, y)


def test_a_derivative_inside_is_the_device_s_own():
    """Values recorded from JAX 0.10.2 with check_vma=False, and from its pmap.

    With check_vma=True JAX sums what the devices want of an argument that they share: (3612, 3860,
    4108), and has (0, 2, 4, 6) below.
    """
    x, y = np.arange(24.0).reshape(8, 3), np.arange(8.0)
    loss = lambda w, x, y: np.mean((x @ w - y) ** 2)
    f = isograd.shard_map(lambda *args: lax.pmean(isograd.grad(loss)(*args), "x"), mesh=LINE,
                          in_specs=(P(), P("x"), P("x")), out_specs=P())
    close(f(np.ones(3), x, y), [903.0, 965.0, 1027.0])
    square = isograd.grad(lambda x: lax.psum(np.sum(x ** 2), "x"))
    for g in (isograd.shard_map(square, mesh=LINE, in_specs=P("x"), out_specs=P("x")),
              isograd.pmap(square, "x")):
        close(g(np.arange(4.0)), [0.0, 8.0, 16.0, 24.0])


def test_a_layer_divided_by_its_width():
    """Megatron's layer: columns of the first matrix, rows of the second, one psum."""
    w1, w2, x = rng.normal(size=(5, 8)), rng.normal(size=(8, 3)), rng.normal(size=(6, 5))
    plain = lambda x, w1, w2: np.tanh(x @ w1) @ w2
    divided = isograd.shard_map(lambda x, w1, w2: lax.psum(plain(x, w1, w2), "x"), mesh=LINE,
                                in_specs=(P(), P(None, "x"), P("x")), out_specs=P())
    close(divided(x, w1, w2), plain(x, w1, w2))
    for f, g in ((divided, plain), (isograd.jit(divided), plain)):
        for got, want in zip(isograd.grad(lambda *a: np.sum(f(*a) ** 2), (0, 1, 2))(x, w1, w2),
                             isograd.grad(lambda *a: np.sum(g(*a) ** 2), (0, 1, 2))(x, w1, w2),
                             strict=True):
            close(got, want)


def test_softmax_of_a_divided_row():
    def softmax(x):
        x = np.exp(x - lax.pmax(isograd.stop_gradient(x).max(-1), "x")[:, None])
        return x / lax.psum(x.sum(-1), "x")[:, None]
    f = isograd.shard_map(softmax, mesh=LINE, in_specs=P(None, "x"), out_specs=P(None, "x"))
    e = np.exp(A - A.max(-1, keepdims=True))
    want = e / e.sum(-1, keepdims=True)
    close(isograd.jit(f)(A), want)
    weights = rng.normal(size=A.shape)
    got = isograd.grad(lambda a: np.sum(weights * f(a)))(A)
    close(got, want * (weights - np.sum(weights * want, -1, keepdims=True)))


def test_rows_become_columns_and_back():
    def turn(x):
        x = lax.all_to_all(x, "x", split_axis=1, concat_axis=0, tiled=True)
        return lax.all_to_all(x, "x", split_axis=0, concat_axis=1, tiled=True)
    f = isograd.shard_map(turn, mesh=LINE, in_specs=P("x"), out_specs=P("x"))
    np.testing.assert_array_equal(f(A), A)


def test_a_pipeline():
    """Each device is a layer; examples move from one to the next at each tick."""
    layers, inputs = rng.normal(size=(4, 3, 3)), rng.normal(size=(5, 3))

    def stage(w, inputs):
        w, me, n = w[0], lax.axis_index("x"), lax.axis_size("x")

        def tick(held, t):
            fed = inputs[np.minimum(t, len(inputs) - 1)]
            out = np.tanh(np.where(me == 0, fed, held) @ w)
            return lax.ppermute(out, "x", [(i, i + 1) for i in range(n - 1)]), out
        _, outs = lax.scan(tick, np.zeros(3), np.arange(len(inputs) + n - 1))
        return lax.psum(np.where(me == n - 1, outs[n - 1:], 0.0), "x")
    run = isograd.shard_map(stage, mesh=LINE, in_specs=(P("x"), P()), out_specs=P())

    def plain(layers, x):
        for w in layers:
            x = np.tanh(x @ w)
        return x
    close(isograd.jit(run)(layers, inputs), plain(layers, inputs))
    got, want = [isograd.grad(lambda w, f=f: np.sum(f(w, inputs) ** 2))(layers)
                 for f in (run, plain)]
    close(got, want)


def test_halos():
    """A stencil on a divided line: the neighbours' edges come by ppermute."""
    def diffuse(u):
        n = lax.axis_size("x")
        left = lax.ppermute(u[-1:], "x", [(i, i + 1) for i in range(n - 1)])
        right = lax.ppermute(u[:1], "x", [(i + 1, i) for i in range(n - 1)])
        u = np.concatenate([left, u, right])
        return u[1:-1] + 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
    f = isograd.shard_map(diffuse, mesh=LINE, in_specs=P("x"), out_specs=P("x"))
    u = rng.normal(size=20)
    padded = np.concatenate([[0.0], u, [0.0]])
    close(f(u), u + 0.1 * (padded[2:] - 2 * u + padded[:-2]))


# ---- what is the same on all devices ----

def test_a_result_must_be_the_same_where_it_is_said_to_be():
    f = lambda x: x.sum(0)
    with pytest.raises(ArgumentError, match="same along 'x'") as error:
        isograd.shard_map(f, mesh=LINE, in_specs=P("x"), out_specs=P())(A)
    assert "psum" in str(error.value) and "result x" in str(error.value)
    got = isograd.shard_map(f, mesh=LINE, in_specs=P("x"), out_specs=P(), check_vma=False)(A)
    close(got, A[:2].sum(0))


@pytest.mark.parametrize("collective", [lax.psum, lax.pmean, lax.pmax, lax.all_gather])
def test_collectives_make_results_the_same(collective):
    f = isograd.shard_map(lambda x: collective(x, "x"), mesh=GRID, in_specs=P("x", "y"),
                          out_specs=P(None, "y") if collective is not lax.all_gather
                          else P(None, None, "y"))
    f(A)


def test_a_result_that_is_the_same_may_be_joined():
    f = isograd.shard_map(lambda x: x, mesh=LINE, in_specs=P(), out_specs=P("x"))
    close(f(np.arange(2.0)), np.tile(np.arange(2.0), 4))


def test_some_axes_only():
    seen = []

    def f(x):
        seen.append(x.shape)
        with pytest.raises(UnboundAxisError):
            lax.psum(x, "y")
        return lax.psum(x, "x")
    for names in ({"x"}, "x"):
        g = isograd.shard_map(f, mesh=GRID, in_specs=P("x"), out_specs=P(), axis_names=names)
        close(g(A), A[:4] + A[4:])
    assert seen == [(4, 12)] * 2


def test_one_axis_in_the_other():
    """Inside a map over x, one over y: collectives then speak of both."""
    def inner(x):
        return lax.psum(x, ("x", "y"))

    def outer(x):
        return isograd.shard_map(inner, mesh=GRID, in_specs=P("y"), out_specs=P(),
                                 axis_names={"y"})(x)
    f = isograd.shard_map(outer, mesh=GRID, in_specs=P("x"), out_specs=P(), axis_names={"x"})
    close(f(np.arange(12.0)), np.arange(12.0).reshape(6, 2).sum(0))


def test_as_a_decorator():
    @isograd.shard_map(mesh=LINE, in_specs=P("x"), out_specs=P())
    def total(x):
        return lax.psum(x.sum(), "x")
    assert total.__name__ == "total"
    close(total(A), A.sum())


# ---- mistakes ----

MISTAKES = {
    "uneven": (P("x"), P("x"), np.ones((6, 2)), ShapeError, r"argument \[0\].*\n.*\n.*length 6"),
    "too few axes": (P(None, "x"), P(), np.ones(4), ShapeError, "fewer axes"),
    "no such axis": (P("z"), P(), np.ones(4), ArgumentError, "'x'"),
    "no spec": (None, P(), np.ones(4), ArgumentError, r"PartitionSpec\(\)"),
    "no such axis of the result": (P("x"), P("z"), np.ones(4), ArgumentError, "out_specs"),
    "too few axes of the result": (P("x"), P("x", None, None), np.ones(4), ShapeError, "result"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(mistake):
    in_specs, out_specs, x, kind, what = MISTAKES[mistake]
    with pytest.raises(kind, match=what):
        isograd.shard_map(lambda x: x, mesh=LINE, in_specs=in_specs, out_specs=out_specs)(x)


def test_meshes_and_specs():
    with pytest.raises(ArgumentError, match="is not a Mesh"):
        isograd.shard_map(lambda x: x, mesh=4, in_specs=P(), out_specs=P())
    with pytest.raises(ArgumentError, match="no such axis"):
        isograd.shard_map(lambda x: x, mesh=LINE, in_specs=P(), out_specs=P(), axis_names={"k"})
    with pytest.raises(ArgumentError, match="divides one axis"):
        P("x", "x")
    with pytest.raises(ArgumentError, match="positional"):
        isograd.shard_map(lambda a: a, mesh=LINE, in_specs=P(), out_specs=P())(a=A)
    with pytest.raises(ArgumentError, match="one name for each"):
        Mesh(isograd.devices(4), ("x", "y"))
    with pytest.raises(ArgumentError, match="too few"):
        isograd.make_mesh((3,), ("x",), devices=isograd.devices(2))
    mesh = Mesh(np.array(isograd.devices(6)).reshape(2, 3), ("x", "y"))
    assert mesh == GRID and hash(mesh) == hash(GRID) and mesh.size == 6
    assert mesh.shape == {"x": 2, "y": 3} and mesh.devices[1, 2] == Device(5)
    assert isograd.make_mesh(4, "x") == LINE
    assert P("x", None) == P(("x",), None) and P("x") != P("y")


# ---- pmap ----

def test_pmap_is_a_compiled_map():
    count = []

    def f(x, power, scale=1.0):
        count.append(x.shape)
        return lax.psum(x ** power, "i") * scale
    g = isograd.pmap(f, "i", static_broadcasted_argnums=1)
    for _ in range(2):
        close(g(A, 2), np.broadcast_to((A ** 2).sum(0), A.shape))
    assert len(count) == 1
    close(g(A, 3), np.broadcast_to((A ** 3).sum(0), A.shape))
    g = isograd.pmap(f, "i", in_axes=(1, None), out_axes=1, static_broadcasted_argnums=(1,))
    close(g(A, 2), np.broadcast_to((A ** 2).sum(1)[:, None], A.shape))


def test_pmap_checks_its_devices():
    with pytest.raises(ShapeError, match="different sizes"):
        isograd.pmap(lambda x: x, devices=isograd.devices(3))(A)
    close(isograd.pmap(lambda x: x + 1, devices=isograd.devices(8))(A), A + 1)
    close(isograd.pmap(lambda x: lax.axis_index("i") * x, "i", in_axes=None, axis_size=3)(2.0),
          [0.0, 2.0, 4.0])


def test_pmap_in_pmap_and_its_derivative():
    f = isograd.pmap(isograd.pmap(lambda x: np.sin(lax.psum(x, ("i", "j"))), "j"), "i")
    x = rng.normal(size=(2, 3))
    close(f(x), np.full((2, 3), np.sin(x.sum())))
    close(isograd.grad(lambda x: f(x)[0, 1])(x), np.full((2, 3), np.cos(x.sum())))
