"""Operations that others define: they compose as isograd's own do, and errors say what lacks."""

import numpy as np
import pytest

import isograd
from isograd import extend
from isograd.errors import ArgumentError, MissingRuleError
from isograd.refimpl.primitive import PRIMITIVES

X = np.array([-1.3, 0.4, 2.0])

softsign = extend.elementwise(
    "tests.softsign", lambda x: x / (1 + np.abs(x)),
    lambda y, x: 1 / (1 + np.abs(x)) ** 2, aval=extend.ufunc_aval(np.exp))


def plain(x):
    return x / (1 + np.abs(x))


bare = extend.operation(extend.Primitive(
    "tests.bare", "movement", lambda x: x + 1, lambda x: extend.Aval(x.shape, x.dtype)))

TRANSFORMED = {
    "value": lambda f: f,
    "grad": lambda f: isograd.grad(lambda x: np.sum(f(x))),
    "jacfwd": isograd.jacfwd,
    "hessian": lambda f: isograd.hessian(lambda x: np.sum(f(x) * x)),
    "vmap": lambda f: isograd.vmap(lambda x: f(x) * 2),
    "chained": lambda f: lambda x: np.exp(f(np.sin(x)) + x),
}


@pytest.mark.parametrize("name", TRANSFORMED)
@pytest.mark.parametrize("compiled", [False, True])
def test_own_operation_is_as_its_formula(backend, name, compiled):
    wrap = (lambda f: isograd.jit(f, backend=backend)) if compiled else lambda f: f
    got, want = wrap(TRANSFORMED[name](softsign))(X), TRANSFORMED[name](plain)(X)
    np.testing.assert_allclose(got, want, rtol=1e-14)


def test_dtype_rule():
    assert softsign(X.astype("f")).dtype == np.float32
    assert isograd.jit(softsign)(np.arange(3)).dtype == np.float64


def test_it_runs_by_the_reference_and_says_so():
    fallback, = isograd.explain(lambda x: np.exp(bare(x)))(X).fallbacks
    assert fallback.primitive == "tests.bare" and "does not know" in fallback.reason


@pytest.mark.parametrize(("transform", "message"), [
    (isograd.jacfwd, "no derivative is known for tests.bare"),
    (isograd.jacrev, "no derivative is known for tests.bare"),
    (isograd.vmap, "no vmap rule is known for tests.bare"),
    (lambda f: lambda x: isograd.linear_transpose(f, x)(x), "tests.bare is not linear"),
])
def test_missing_rules_say_what_lacks(transform, message):
    with pytest.raises(MissingRuleError, match=message):
        transform(bare)(X)


def test_names():
    """Others' names stay out of isograd's table, and may be defined again (as in a notebook)."""
    extend.Primitive("tests.bare", "movement", lambda x: x, lambda x: x)
    assert "tests.bare" not in PRIMITIVES
    with pytest.raises(ArgumentError, match=r"mypackage\.sum"):
        extend.Primitive("sum", "reduce", lambda x: x, lambda x: x)
