"""The smallest program of each kind, by every transformation, against Python's own loop."""

import numpy as np
import pytest

from isograd import custom_jvp, grad, hessian, jacfwd, jacrev, jit, jvp, lax, tree, vmap
from isograd.errors import ArgumentError, DtypeError, TreeError

XS = np.linspace(0.1, 1, 5)


def close(got, want):
    for x, y in zip(tree.leaves(got), tree.leaves(want), strict=True):
        np.testing.assert_allclose(x, y, 1e-9, atol=1e-12)


def by_scan(c, w, xs):
    c, ys = lax.scan(lambda c, x: (np.sin(c * w) + x * c, c * x), c, xs)
    return np.sum(ys * ys) + c


def by_python(c, w, xs):
    total = 0.0
    for x in xs:
        c, y = np.sin(c * w) + x * c, c * x
        total = total + y * y
    return total + c


def by_fori(c, w, xs):
    return np.sum(lax.fori_loop(0, 7, lambda i, x: np.sin(x) * w + c * x * 0.1 * i, xs) ** 2)


def by_range(c, w, xs):
    for i in range(7):
        xs = np.sin(xs) * w + c * xs * 0.1 * i
    return np.sum(xs ** 2)


def by_cond(c, w, xs):
    return lax.cond(w > 0.5, lambda x: np.sum(np.sin(x) * w), lambda x: np.sum(x) ** 3 * c, xs)


def by_if(c, w, xs):
    return np.sum(np.sin(xs) * w) if w > 0.5 else np.sum(xs) ** 3 * c


PAIRS = {"scan": (by_scan, by_python), "fori_loop": (by_fori, by_range), "cond": (by_cond, by_if)}
ALL = (0, 1, 2)
TRANSFORMED = {
    # mode: (what is done with the traced program, the same for Python's, which cannot be jitted)
    "value": (lambda f: f, lambda f: f),
    "grad": (lambda f: grad(f, ALL), lambda f: grad(f, ALL)),
    "jit of grad": (lambda f: jit(grad(f, ALL)), lambda f: grad(f, ALL)),
    "grad of jit": (lambda f: grad(jit(f), ALL), lambda f: grad(f, ALL)),
    "forward": (lambda f: jacfwd(f, ALL), lambda f: grad(f, ALL)),
    "hessian": (lambda f: hessian(f, 2), lambda f: hessian(f, 2)),
    "jit of hessian": (lambda f: jit(hessian(f, 2)), lambda f: hessian(f, 2)),
    "reverse over forward": (lambda f: jacrev(jacfwd(f, 2), 2), lambda f: hessian(f, 2)),
    "reverse over reverse": (lambda f: jacrev(jacrev(f, 2), ALL),
                             lambda f: jacrev(grad(f, 2), ALL)),
}


@pytest.mark.parametrize("mode", TRANSFORMED)
@pytest.mark.parametrize("kind", PAIRS)
def test_is_pythons_loop(kind, mode):
    ours, theirs = [wrap(f) for wrap, f in zip(TRANSFORMED[mode], PAIRS[kind], strict=True)]
    close(ours(1.0, 0.7, XS), theirs(1.0, 0.7, XS))


@pytest.mark.parametrize("wrap", [lambda f: f, jit], ids=["eager", "jit"])
@pytest.mark.parametrize("kind", PAIRS)
def test_batches(kind, wrap):
    f, g = PAIRS[kind]
    ws = np.array([0.7, 0.3])
    close(wrap(vmap(grad(f, 2), (None, 0, None)))(1.0, ws, XS),
          np.stack([grad(g, 2)(1.0, w, XS) for w in ws]))
    close(wrap(grad(lambda ws: np.sum(vmap(f, (None, 0, None))(1.0, ws, XS))))(ws),
          np.stack([grad(g, 1)(1.0, w, XS) for w in ws]))


def root(a):
    return lax.while_loop(lambda x: np.abs(x * x - a) > 1e-14 * a, lambda x: 0.5 * (x + a / x), a)


@pytest.mark.parametrize("wrap", [lambda f: f, jit], ids=["eager", "jit"])
def test_newtons_method(wrap):
    x = np.array([4.0, 9.0])
    close(wrap(vmap(root))(x), np.sqrt(x))
    close(wrap(vmap(grad(root)))(x), 0.5 / np.sqrt(x))
    close(wrap(vmap(grad(grad(root))))(x), -0.25 * x**-1.5)


def test_associative_scan():
    for n in range(12):
        e = np.random.default_rng(n).normal(size=(n, 2))
        close(lax.associative_scan(np.add, e), np.cumsum(e, 0))
        close(lax.associative_scan(np.multiply, e, reverse=True), np.cumprod(e[::-1], 0)[::-1])
        close(lax.associative_scan(np.add, e.T, axis=-1), np.cumsum(e, 0).T)


def test_python_numbers_are_carried_as_python_carries_them():
    assert lax.fori_loop(0, 5, lambda i, s: s + i, 0) == 10
    assert lax.fori_loop(0, 3, lambda i, s: s + i, np.float32(1)).dtype == np.float32
    assert lax.scan(lambda c, x: (c + x, None), 0.0, np.ones(3, np.float32))[0].dtype == np.float32


def test_errors_name_the_leaf():
    with pytest.raises(DtypeError, match=r"\['a'\]"):
        lax.while_loop(lambda x: x["a"] < 3, lambda x: {"a": x["a"].astype(np.float32)},
                       {"a": np.ones(())})
    with pytest.raises(DtypeError, match=r"\['a'\]"):
        lax.cond(True, lambda x: {"a": x}, lambda x: {"a": x.astype(int)}, XS)
    with pytest.raises(DtypeError, match=r"fori_loop: .* at \['a'\]"):
        lax.fori_loop(0, 3, lambda i, x: {"a": x["a"] / 2}, {"a": np.arange(3)})
    with pytest.raises(TreeError, match="fori_loop: what the body returns"):
        lax.fori_loop(0, 3, lambda i, x: None, XS)
    with pytest.raises(TreeError, match="pair"):
        lax.scan(lambda c, x: c, 0.0, XS)


@pytest.mark.parametrize("name", PAIRS)
def test_a_rule_that_maps_over_tangents(name):
    """Its loop has tangents in a batch: what it computes of primals alone must not depend on them.
    """
    f, same = PAIRS[name]
    one = lambda x: f(0.3, 0.7, x)

    @custom_jvp
    def mapped(xs):
        return vmap(one)(xs)
    mapped.defjvp(lambda xs, gs: vmap(lambda x, g: jvp(one, (x,), (g,)))(*xs, *gs))
    xs = np.linspace(-1, 1, 12).reshape(3, 4)
    close(grad(lambda xs: np.sum(mapped(xs)))(xs),
          np.stack([grad(lambda x: same(0.3, 0.7, x))(x) for x in xs]))


def test_a_negative_number_of_steps_is_refused():
    with pytest.raises(ArgumentError, match="negative"):
        jit(lambda x: lax.scan(lambda c, _: (c, c), x, None, length=-1))(1.0)
