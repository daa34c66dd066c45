"""Distributions of vectors: values against SciPy's, derivatives against differences of these."""

import inspect

import numpy as np
import pytest
import scipy.stats

from isograd import errors, grad, hessian, jit, jvp, vmap
from isograd.scipy import stats

rng = np.random.default_rng(5)
FACTOR = np.tril(rng.normal(size=(3, 3))) + 2 * np.eye(3)
COV, MEAN, X = FACTOR @ FACTOR.T, rng.normal(size=3), rng.normal(size=(4, 3))
ALPHA, SIMPLEX = np.array([0.7, 2.0, 3.5]), rng.dirichlet([2.0, 2.0, 2.0], size=4).T
P, COUNTS = np.array([0.2, 0.3, 0.5]), np.array([[1, 2, 3], [0, 6, 0], [2, 2, 2]])

# (distribution, method, arguments, which of them have derivatives)
CALLS = [
    ("multivariate_normal", "logpdf", (X, MEAN, COV), (0, 1, 2)),
    ("multivariate_normal", "pdf", (X[0], MEAN, COV), (0, 1, 2)),
    ("multivariate_normal", "logpdf", (X, MEAN, np.array([0.5, 1.0, 2.0])), (0, 1, 2)),
    ("multivariate_normal", "logpdf", (X, None, COV), (0, 2)),
    ("multivariate_normal", "logpdf", (X, MEAN, np.float64(1.3)), (0, 1, 2)),
    ("multivariate_normal", "logpdf", (X[0], np.float64(0.2), np.float64(1.3)), (0, 1, 2)),
    ("multivariate_t", "logpdf", (X, MEAN, COV, np.float64(2.5)), (0, 1, 2, 3)),
    ("multivariate_t", "pdf", (X[0], MEAN, COV, np.float64(7.0)), (0, 1, 2, 3)),
    ("multivariate_t", "logpdf", (X, MEAN, COV, np.float64(np.inf)), (0, 1, 2)),
    ("dirichlet", "logpdf", (SIMPLEX, ALPHA), (1,)),
    ("dirichlet", "logpdf", (SIMPLEX[:2, 0], ALPHA), (0, 1)),
    ("dirichlet", "pdf", (SIMPLEX[:2], ALPHA), (0, 1)),
    ("multinomial", "logpmf", (COUNTS, 6, P), ()),
    ("multinomial", "pmf", (COUNTS[0], 6, P), ()),
]
calls = pytest.mark.parametrize(("name", "method", "args", "moving"), CALLS)


def functions(name, method):
    return [getattr(getattr(module, name), method) for module in (stats, scipy.stats)]


@calls
def test_values(name, method, args, moving):
    ours, theirs = functions(name, method)
    want = theirs(*args)
    for got in (ours(*args), jit(lambda: ours(*args))(), getattr(getattr(stats, name)(
            *args[1:]), method)(args[0])):
        assert np.shape(got) == np.shape(want) and type(got) is type(want)
        np.testing.assert_allclose(got, want, rtol=1e-12)


def difference(f, x, direction, step):
    total = 0
    for shift, weight in [(-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12)]:
        total = total + weight * f(x + shift * step * direction)
    return total / step


@calls
def test_derivatives(name, method, args, moving):
    ours, theirs = functions(name, method)
    for i in moving:
        def at(f, x, i=i):
            return f(*args[:i], x, *args[i + 1:])
        dot = np.random.default_rng(i).normal(size=np.shape(args[i]))
        dot = dot + dot.T if dot.ndim == 2 and i == 2 else dot
        got = jvp(lambda x: at(ours, x), (args[i],), (dot,))[1]
        want = difference(lambda x: at(theirs, x), args[i], dot, 1e-3)
        np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-9)
        second = jvp(lambda x: jvp(lambda y: at(ours, y), (x,), (dot,))[1], (args[i],), (dot,))[1]
        want = difference(lambda x: difference(lambda y: at(theirs, y), x, dot, 1e-3),
                          args[i], dot, 1e-3)
        np.testing.assert_allclose(second, want, rtol=1e-5, atol=1e-6)
        pulled = grad(lambda x: np.sum(at(ours, x)))(args[i])
        np.testing.assert_allclose(np.sum(pulled * dot), np.sum(got), rtol=1e-10)


def test_probabilities_have_the_derivative_of_the_formula():
    slope = grad(stats.multinomial.logpmf, 2)(COUNTS[0], 6, P)
    np.testing.assert_allclose(slope, COUNTS[0] / P)
    np.testing.assert_allclose(hessian(stats.multinomial.logpmf, 2)(COUNTS[0], 6, P),
                               -np.diag(COUNTS[0] / P**2))


def test_stacks_of_parameters():
    """A mean and a matrix for each vector, as vmap over them."""
    covs = np.stack([COV, 2 * COV, COV + np.eye(3), COV])
    for f in (stats.multivariate_normal.logpdf, stats.multivariate_t.logpdf):
        want = [f(*each) for each in zip(X, X[::-1], covs, strict=True)]
        np.testing.assert_allclose(f(X, X[::-1], covs), want, rtol=1e-12)
        np.testing.assert_allclose(jit(vmap(f))(X, X[::-1], covs), want, rtol=1e-12)


def test_beyond_the_support():
    assert stats.dirichlet.logpdf(np.array([0.5, 0.6, -0.1]), ALPHA) == -np.inf
    assert stats.dirichlet.logpdf(np.array([0.5, 0.6, 0.1]), ALPHA) == -np.inf
    assert (grad(stats.dirichlet.pdf, 1)(np.array([0.5, 0.6, 0.1]), ALPHA) == 0).all()
    assert np.isnan(stats.dirichlet.logpdf(SIMPLEX[:, 0], -ALPHA))
    for counts in ([1, 2, 4], [1.5, 1.5, 3], [-1, 3, 4]):
        assert stats.multinomial.logpmf(counts, 6, P) == -np.inf
        assert (grad(stats.multinomial.pmf, 2)(counts, 6, P) == 0).all()
    assert np.isnan(stats.multinomial.logpmf([1, 2], 3, [1.5, -0.5]))
    assert np.isnan(stats.multivariate_t.logpdf(X, MEAN, COV, -1.0)).all()


def test_single_precision():
    f32 = np.float32
    for name, method, args, _ in CALLS[:4] + CALLS[6:7] + CALLS[9:10]:
        ours, theirs = functions(name, method)
        got = ours(*[None if x is None else x.astype(f32) for x in args])
        assert np.asarray(got).dtype == f32
        np.testing.assert_allclose(got, theirs(*args), rtol=1e-4)


def test_wrong_input():
    with pytest.raises(errors.ShapeError, match="the last axis of x to be 3"):
        stats.multivariate_normal.logpdf(X[:, :2], MEAN, COV)
    with pytest.raises(errors.ShapeError, match="alpha is a vector"):
        stats.dirichlet.logpdf(X, ALPHA)
    with pytest.raises(errors.ShapeError, match="as many categories"):
        stats.multinomial.logpmf(COUNTS, 6, P[:2])
    with pytest.raises(np.linalg.LinAlgError):
        stats.multivariate_normal.logpdf(X, MEAN, -COV)
    with pytest.raises(errors.MissingRuleError, match="allow_singular"):
        stats.multivariate_normal.logpdf(X, MEAN, COV, allow_singular=True)
    with pytest.raises(errors.MissingRuleError, match=r"multivariate_normal\.cdf"):
        jit(stats.multivariate_normal.cdf)(X, MEAN, COV)


def test_signatures_are_scipys():
    for name, method, _, _ in CALLS:
        ours, theirs = [inspect.signature(f) for f in functions(name, method)]
        known = [p for p in ours.parameters if p != "allow_singular"]
        assert known == [p for p in theirs.parameters if p != "allow_singular"]
