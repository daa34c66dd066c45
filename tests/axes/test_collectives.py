"""Collectives against the same on stacked arrays, where the named axis is an axis like others."""

import numpy as np
import pytest

import isograd
from isograd import lax, tree
from isograd.errors import (
    ArgumentError,
    ArrayConversionError,
    MissingRuleError,
    UnboundAxisError,
)

N = 4
GROUPS = [[0, 3], [2, 1]]
MATES = np.array([[0, 3], [2, 1], [2, 1], [0, 3]])
PARTIAL = [(0, 2), (2, 1)]


def everywhere(x):
    """One result that all examples get."""
    return np.stack([x] * N)


def of_groups(fold, X):
    out = np.empty_like(X)
    for group in GROUPS:
        out[group] = fold(X[group], 0)
    return out


def moved(X, pairs):
    out = np.zeros_like(X)
    for source, destination in pairs:
        out[destination] = X[source]
    return out


def parts(X):
    """Of an axis 0 of examples, example i's n-th part."""
    return np.array([np.split(x, N) for x in X])


# name: (what one example computes, the same of all of them stacked along axis 0)
LINEAR = {
    "psum": (lambda x: lax.psum(x, "i"), lambda X: everywhere(X.sum(0))),
    "psum of groups": (lambda x: lax.psum(x, "i", axis_index_groups=GROUPS),
                       lambda X: of_groups(np.sum, X)),
    "pmean": (lambda x: lax.pmean(x, "i"), lambda X: everywhere(X.mean(0))),
    "pmean of groups": (lambda x: lax.pmean(x, "i", axis_index_groups=GROUPS),
                        lambda X: of_groups(np.mean, X)),
    "all_gather": (lambda x: lax.all_gather(x, "i"), everywhere),
    "all_gather axis": (lambda x: lax.all_gather(x, "i", axis=-1),
                        lambda X: everywhere(np.moveaxis(X, 0, -1))),
    "all_gather tiled": (lambda x: lax.all_gather(x, "i", axis=1, tiled=True),
                         lambda X: everywhere(np.concatenate(list(X), 1))),
    "psum_scatter": (lambda x: lax.psum_scatter(x, "i"), lambda X: X.sum(0)),
    "psum_scatter axis": (lambda x: lax.psum_scatter(x.T, "i", scatter_dimension=1),
                          lambda X: X.sum(0)),
    "psum_scatter tiled": (
        lambda x: lax.psum_scatter(np.concatenate([x, 2 * x]), "i", tiled=True),
        lambda X: np.array(np.split(np.concatenate([X, 2 * X], 1).sum(0), N))),
    "ppermute": (lambda x: lax.ppermute(x, "i", [(j, (j + 1) % N) for j in range(N)]),
                 lambda X: np.roll(X, 1, 0)),
    "ppermute partial": (lambda x: lax.ppermute(x, "i", PARTIAL), lambda X: moved(X, PARTIAL)),
    "pshuffle": (lambda x: lax.pshuffle(x, "i", [2, 0, 3, 1]), lambda X: X[[2, 0, 3, 1]]),
    "all_to_all": (lambda x: lax.all_to_all(x, "i", 0, 0), lambda X: np.swapaxes(X, 0, 1)),
    "all_to_all axes": (lambda x: lax.all_to_all(x, "i", 0, 1),
                        lambda X: np.moveaxis(X, (1, 0), (0, 2))),
    "all_to_all tiled": (
        lambda x: lax.all_to_all(np.concatenate([x, 2 * x]), "i", 0, 1, tiled=True),
        lambda X: np.array([np.concatenate([p[i] for p in parts(np.concatenate([X, 2 * X], 1))], 1)
                            for i in range(N)])),
    "all_gather of groups": (lambda x: lax.all_gather(x, "i", axis=1, axis_index_groups=GROUPS),
                             lambda X: np.moveaxis(X[MATES], 1, 2)),
    "all_gather tiled, of groups": (
        lambda x: lax.all_gather(x, "i", tiled=True, axis_index_groups=GROUPS),
        lambda X: X[MATES].reshape(N, 8, 3)),
    "psum_scatter of groups": (
        lambda x: lax.psum_scatter(x[2:], "i", axis_index_groups=GROUPS),
        lambda X: X[MATES].sum(1)[np.arange(N), [2, 3, 2, 3]]),
    "psum_scatter tiled, of groups": (
        lambda x: lax.psum_scatter(x, "i", tiled=True, axis_index_groups=GROUPS),
        lambda X: X[MATES].sum(1).reshape(N, 2, 2, 3)[np.arange(N), [0, 1, 0, 1]]),
    "all_to_all of groups": (
        lambda x: lax.all_to_all(x[2:], "i", 0, 1, axis_index_groups=GROUPS),
        lambda X: np.stack([X[MATES[:, k], [2, 3, 2, 3]] for k in (0, 1)], -1)),
    "groups of constants": (
        lambda x: x * lax.psum_scatter(np.arange(6.0).reshape(2, 3), "i", axis_index_groups=GROUPS)
        * lax.all_gather(np.arange(3.0), "i", axis_index_groups=GROUPS)[1],
        lambda X: X * 2 * np.arange(6.0).reshape(2, 1, 3)[[0, 1, 0, 1]] * np.arange(3.0)),
    "pswapaxes": (lambda x: lax.pswapaxes(x, "i", 0), lambda X: np.swapaxes(X, 0, 1)),
    "pbroadcast": (lambda x: lax.pbroadcast(x, "i", 2), lambda X: everywhere(X[2])),
    "with axis_index": (lambda x: x * lax.axis_index("i"),
                        lambda X: X * np.arange(N).reshape(-1, 1, 1)),
    "constant": (lambda x: x * lax.psum(np.arange(3.0), "i"), lambda X: X * 4 * np.arange(3.0)),
}
EXTREME = {
    "pmax": (lambda x: lax.pmax(x, "i"), lambda X: everywhere(X.max(0))),
    "pmin": (lambda x: lax.pmin(x, "i"), lambda X: everywhere(X.min(0))),
    "pmax of groups": (lambda x: lax.pmax(x, "i", axis_index_groups=GROUPS),
                       lambda X: of_groups(np.max, X)),
}
ALL = {**LINEAR, **EXTREME}

X = np.random.default_rng(0).normal(size=(N, 4, 3))
DX, DY = np.random.default_rng(1).normal(size=(2, N, 4, 3))

MAPS = {
    "vmap": lambda f: isograd.vmap(f, axis_name="i"),
    "jit of vmap": lambda f: isograd.jit(isograd.vmap(f, axis_name="i")),
    "vmap of jit": lambda f: isograd.vmap(isograd.jit(f), axis_name="i"),
    "checkpoint": lambda f: isograd.vmap(isograd.checkpoint(f), axis_name="i"),
    "scan": lambda f: isograd.vmap(
        lambda x: lax.scan(lambda c, _: (c, f(c)), x, None, length=1)[1][0], axis_name="i"),
    "cond": lambda f: isograd.vmap(
        lambda x: lax.cond(lax.psum(1, "i") > 0, f, f, x), axis_name="i"),
    "loop": lambda f: isograd.vmap(lambda x: lax.fori_loop(
        0, 1, lambda i, c: (c[0], f(c[0])), (x, f(0 * x)))[1], axis_name="i"),
    "out of the middle": lambda f: isograd.vmap(
        lambda x: isograd.vmap(lambda y: f(x), axis_name="j", axis_size=2)(None)[0],
        axis_name="i"),
}


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("how", MAPS)
@pytest.mark.parametrize("name", ALL)
def test_values(name, how):
    f, oracle = ALL[name]
    close(MAPS[how](f)(X), oracle(X))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32", "complex128", "bool"])
@pytest.mark.parametrize("name", ["psum", "pmax", "all_gather", "ppermute partial", "all_to_all",
                                  "psum_scatter"])
def test_dtypes(name, dtype):
    f, oracle = ALL[name]
    x = (np.abs(X) * 3).astype(dtype)
    got = isograd.vmap(f, axis_name="i")(x)
    want = oracle(x if dtype != "bool" or name not in ("psum", "psum_scatter") else x.astype(int))
    np.testing.assert_allclose(got, want, rtol=1e-6)
    assert got.dtype == (want.dtype if dtype == "bool" else x.dtype)


@pytest.mark.parametrize("how", ["vmap", "jit of vmap", "vmap of jit", "checkpoint", "scan", "cond",
                                 "loop"])
@pytest.mark.parametrize("name", LINEAR)
def test_linear_collectives_are_their_own_derivatives(name, how):
    """The oracle itself, being linear, is its derivative; its transpose by the inner product."""
    f, oracle = LINEAR[name]
    mapped = MAPS[how](f)
    close(isograd.jvp(mapped, (X,), (DX,))[1], oracle(DX))
    out, pull = isograd.vjp(mapped, X)
    ct = np.random.default_rng(2).normal(size=out.shape)
    close(np.sum(pull(ct)[0] * DX), np.sum(ct * oracle(DX)))


@pytest.mark.parametrize("name", LINEAR)
def test_complex_and_single_precision(name):
    """Of complex numbers the pullback is the plain transpose."""
    f, oracle = LINEAR[name]
    mapped = isograd.vmap(f, axis_name="i")
    Z, DZ = X + 1j * DX, DX - 1j * DY
    close(isograd.jvp(mapped, (Z,), (DZ,))[1], oracle(DZ))
    out, pull = isograd.vjp(mapped, Z)
    ct = np.cos(np.arange(out.size)).reshape(out.shape) * (1 + 2j)
    close(np.sum(pull(ct)[0] * DZ), np.sum(ct * oracle(DZ)))
    x = X.astype(np.float32)
    out, pull = isograd.vjp(isograd.vmap(lambda x: f(x).astype(np.float32), axis_name="i"), x)
    assert pull(out)[0].dtype == out.dtype == np.float32


@pytest.mark.parametrize("name", LINEAR)
def test_derivatives_inside_the_map_are_those_of_all_results(name):
    """vmap(grad(f)): each example's derivative of the sum of all examples' results."""
    f, oracle = LINEAR[name]
    loss = lambda x: np.sum(np.sin(f(x)))
    for wrap in (lambda g: g, isograd.jit):
        got = wrap(isograd.vmap(isograd.grad(loss), axis_name="i"))(X)
        change = (np.sum(np.sin(oracle(X + 1e-6 * DX))) - np.sum(np.sin(oracle(X - 1e-6 * DX))))
        np.testing.assert_allclose(np.sum(got * DX), change / 2e-6, rtol=1e-7)
        close(wrap(isograd.vmap(lambda x, d: isograd.jvp(f, (x,), (d,))[1], axis_name="i"))(X, DX),
              oracle(DX))


@pytest.mark.parametrize("name", EXTREME)
def test_derivatives_of_extremes(name):
    f, oracle = EXTREME[name]
    mapped = isograd.vmap(f, axis_name="i")
    want = (oracle(X + 1e-6 * DX) - oracle(X - 1e-6 * DX)) / 2e-6
    np.testing.assert_allclose(isograd.jvp(mapped, (X,), (DX,))[1], want, atol=1e-8)
    _, pull = isograd.vjp(mapped, X)
    np.testing.assert_allclose(np.sum(pull(DY)[0] * DX), np.sum(DY * want), rtol=1e-7)


def test_ties_of_extremes_share_the_derivative():
    g = isograd.grad(lambda x: np.sum(isograd.vmap(lambda v: lax.pmax(v, "i"), axis_name="i")(x)))
    np.testing.assert_array_equal(g(np.array([2.0, 1.0, 2.0])), [1.5, 0.0, 1.5])


@pytest.mark.parametrize("name", ["psum", "pmean", "all_to_all", "ppermute", "psum_scatter"])
def test_second_derivatives(name):
    f, oracle = LINEAR[name]
    loss = lambda x: np.sum(isograd.vmap(f, axis_name="i")(x) ** 3)
    got = isograd.jvp(isograd.grad(loss), (X,), (DX,))[1]
    y = oracle(X)
    # of sum y^3, y linear in x: the form d2(DX, DY) = sum 6 y y(DX) y(DY)
    close(np.sum(got * DY), np.sum(6 * y * oracle(DX) * oracle(DY)))


# ---- several names ----

def grid(f):
    return isograd.vmap(isograd.vmap(f, axis_name="j"), axis_name="i")


TWO = np.random.default_rng(3).normal(size=(2, 3, 6))
BOTH = {
    "psum of both": (lambda x: lax.psum(x, ("i", "j")),
                     lambda Y: np.broadcast_to(Y.sum((0, 1)), Y.shape)),
    "psum of the outer": (lambda x: lax.psum(x, "i"),
                          lambda Y: np.broadcast_to(Y.sum(0), Y.shape)),
    "psum of the inner": (lambda x: lax.psum(x, "j"),
                          lambda Y: np.broadcast_to(Y.sum(1, keepdims=True), Y.shape)),
    "pmax of both": (lambda x: lax.pmax(x, ("j", "i")),
                     lambda Y: np.broadcast_to(Y.max((0, 1)), Y.shape)),
    "all_gather": (lambda x: lax.all_gather(x, ("i", "j")),
                   lambda Y: np.broadcast_to(Y.reshape(6, 6), (2, 3, 6, 6))),
    "all_gather the other way": (
        lambda x: lax.all_gather(x, ("j", "i")),
        lambda Y: np.broadcast_to(np.swapaxes(Y, 0, 1).reshape(6, 6), (2, 3, 6, 6))),
    "psum_scatter": (lambda x: lax.psum_scatter(x, ("i", "j")),
                     lambda Y: Y.sum((0, 1)).reshape(2, 3)),
    "index": (lambda x: lax.axis_index(("i", "j")) + 0 * x[0],
              lambda Y: np.arange(6.0).reshape(2, 3)),
    "size": (lambda x: x * lax.axis_size(("i", "j")), lambda Y: Y * 6),
    "permute the outer": (lambda x: lax.ppermute(x, "i", [(0, 1), (1, 0)]), lambda Y: Y[::-1]),
    "of what the inner axis does not change": (
        lambda x: lax.psum(lax.psum(x, "j"), "j"),
        lambda Y: np.broadcast_to(3 * Y.sum(1, keepdims=True), Y.shape)),
}


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("name", BOTH)
def test_two_names(name, wrap):
    f, oracle = BOTH[name]
    close(wrap(grid(f))(TWO), oracle(TWO))
    close(wrap(grid(isograd.jit(f)))(TWO), oracle(TWO))


def test_an_inner_axis_hides_an_outer_one_of_its_name():
    f = isograd.vmap(isograd.vmap(lambda x: lax.psum(x, "i"), axis_name="i"), axis_name="i")
    close(f(TWO), np.broadcast_to(TWO.sum(1, keepdims=True), TWO.shape))


def test_an_unnamed_axis_between_is_just_mapped():
    f = isograd.vmap(isograd.vmap(lambda x: lax.all_gather(x, "i")), axis_name="i")
    close(f(TWO), np.broadcast_to(np.swapaxes(TWO, 0, 1), (2, 3, 2, 6)))


# ---- pytrees, numbers, sizes ----

def test_pytrees():
    f = isograd.vmap(lambda t: lax.psum(t, "i"), axis_name="i")
    out = f({"a": X, "b": (X[:, 0], None)})
    close(out["a"], everywhere(X.sum(0)))
    close(out["b"][0], everywhere(X[:, 0].sum(0)))
    assert tree.structure(out) == tree.structure({"a": 0, "b": (0, None)})


def test_a_mean_of_small_integers_does_not_overflow():
    got = isograd.vmap(lambda x: lax.pmean(x, "i"), axis_name="i")(np.full(4, 100, np.int8))
    assert got.dtype == np.float64 and got.tolist() == [100.0] * 4


def test_python_numbers_give_python_numbers():
    seen = []

    def f(x):
        seen.extend([lax.psum(1, "i"), lax.axis_size("i"), lax.psum(0.5, "i"), lax.pmax(3, "i")])
        return x
    isograd.vmap(f, axis_name="i")(X)
    assert seen == [4, 4, 2.0, 3] and type(seen[0]) is int


def test_one_jitted_function_under_several_axes():
    """The trace of one size or name must not serve another."""
    f = isograd.jit(lambda x: x / lax.psum(1, "i") + lax.axis_index("i"))
    for n in (2, 3, 2):
        x = np.arange(float(n))
        close(isograd.vmap(f, axis_name="i")(x), x / n + np.arange(n))
    nested = isograd.vmap(isograd.vmap(f, axis_name="i"), axis_name="j")
    close(nested(np.ones((2, 5))), np.broadcast_to(0.2 + np.arange(5), (2, 5)))
    with pytest.raises(UnboundAxisError):
        f(1.0)


def test_a_jitted_function_of_constants_sees_the_axis():
    f = isograd.jit(lambda c: c * lax.axis_index("i"))
    close(isograd.vmap(lambda x: x + f(10.0), axis_name="i")(np.zeros(3)), [0.0, 10.0, 20.0])


def test_a_size_does_not_carry_its_name_elsewhere():
    """An array as long as a named axis is mapped over by an axis without a name."""
    def f(x):
        ones = isograd.numpy.ones(lax.axis_size("i")) * lax.psum(x, "i")
        with pytest.raises(UnboundAxisError):
            isograd.jit(isograd.vmap(lambda y: lax.psum(y, "k")))(ones)
        return isograd.vmap(lambda y: lax.psum(y, "i"))(ones)
    close(isograd.vmap(f, axis_name="i")(np.arange(3.0)), np.full((3, 3), 9.0))


# ---- custom rules and random numbers ----

def test_custom_rules():
    @isograd.custom_vjp
    def mean(x):
        return lax.pmean(x, "i")
    mean.defvjp(lambda x: (mean(x), None), lambda _, ct: (lax.psum(ct, "i"),))
    got = isograd.vmap(isograd.grad(lambda x: np.sum(mean(x) ** 2)), axis_name="i")(X)
    close(got, everywhere(N * 2 * X.mean(0)))

    @isograd.custom_jvp
    def total(x):
        return lax.psum(x, "i")
    total.defjvps(lambda g, y, x: 10 * lax.psum(g, "i"))
    for wrap in (lambda f: f, isograd.jit):
        close(isograd.jvp(wrap(isograd.vmap(wrap(total), axis_name="i")), (X,), (DX,))[1],
              everywhere(10 * DX.sum(0)))


def test_each_example_its_own_random_numbers():
    key = isograd.random.key(0)
    f = isograd.vmap(lambda _: isograd.random.uniform(
        isograd.random.fold_in(key, lax.axis_index("i"))), axis_name="i", axis_size=3, in_axes=None)
    want = [isograd.random.uniform(isograd.random.fold_in(key, i)) for i in range(3)]
    np.testing.assert_array_equal(f(0.0), want)


def test_batch_normalisation():
    """Data of all examples, normalised by all: the same as on the whole batch."""
    def normal(x):
        mean = lax.pmean(x.mean(0), "batch")
        variance = lax.pmean(((x - mean) ** 2).mean(0), "batch")
        return (x - mean) / np.sqrt(variance)
    whole = X.reshape(-1, 3)
    want = ((whole - whole.mean(0)) / whole.std(0)).reshape(X.shape)
    close(isograd.jit(isograd.vmap(normal, axis_name="batch"))(X), want)


# ---- loops whose condition all examples decide together ----

def test_a_loop_until_all_have_converged():
    def solve(x):
        def going(state):
            return lax.pmax(np.abs(state[0] ** 2 - x), "i") > 1e-12

        def newton(state):
            return (state[0] + x / state[0]) / 2, state[1] + 1
        return lax.while_loop(going, newton, (x, 0))
    roots, steps = isograd.jit(isograd.vmap(solve, axis_name="i"))(np.array([1.0, 4.0, 100.0]))
    close(roots, [1.0, 2.0, 10.0])
    assert len(set(steps.tolist())) == 1 and steps[0] > 5


def test_a_choice_that_all_examples_make_together():
    seen = []

    def f(x):
        isograd.debug.callback(lambda s: seen.append(s), lax.psum(x, "i"))
        return lax.cond(lax.psum(x, "i") > 0, lambda: x, lambda: -x)
    close(isograd.vmap(f, axis_name="i")(np.array([1.0, -3.0])), [-1.0, 3.0])
    assert seen == [-2.0]       # the same for all: once


# ---- what all have in common ----

@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
def test_what_all_have_in_common_is_read_at_each_one_s_place(wrap):
    def f(x):
        common = lax.all_gather(x, "i"), lax.psum(x, "i"), lax.pmax(np.arange(4.0), "i")
        common[1][0] = lax.axis_index("i")
        assert np.shape(common[0].sum()) == () and lax.axis_size("i") == 4
        return [c[lax.axis_index("i") - 1] for c in common]
    others, sums, numbers = wrap(isograd.vmap(f, axis_name="i"))(X)
    close(others, np.roll(X, 1, 0))
    close(sums, np.stack([X.sum(0)[3], np.ones(3), *X.sum(0)[1:3]]))
    close(numbers, [3, 0, 1, 2])


def test_python_may_choose_by_what_all_have_in_common():
    f = isograd.vmap(lambda x: x if lax.psum(x, "i").sum() > X.sum() - 1 else -x, axis_name="i")
    close(f(X), X)


def test_a_plain_table_is_read_as_the_error_says():
    table = np.arange(4.0) ** 2
    with pytest.raises(ArrayConversionError, match=r"isograd.numpy.take\(table, x, axis=0\)"):
        isograd.vmap(lambda x: table[lax.axis_index("i")], axis_name="i")(X)
    close(isograd.vmap(lambda x: isograd.numpy.take(table, lax.axis_index("i"), axis=0),
                       axis_name="i")(X), table)


def test_a_permutation_over_two_axes_is_refused():
    with pytest.raises(MissingRuleError, match="one axis after the other"):
        grid(lambda x: lax.ppermute(x, ("i", "j"), [(0, 1)]))(TWO)


@pytest.mark.parametrize("name", [("i", "j"), ["i"]])
def test_an_axis_has_one_name(name):
    with pytest.raises(ArgumentError, match="one name"):
        isograd.vmap(lambda x: x, axis_name=name)(X)


def test_no_axis_at_all():
    with pytest.raises(UnboundAxisError, match="axis_name='i'"):
        lax.psum(1.0, "i")
