"""Every distribution against SciPy's: Kolmogorov and Smirnov's test, moments, transformations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

import isograd
from isograd import random

N = 4000
KEY = random.key(2024)


class Law(NamedTuple):
    """`function(key, *args, shape=..., **kwargs)` follows `law`, a frozen distribution of SciPy."""

    function: str
    args: tuple
    law: object
    kwargs: dict = {}


CONTINUOUS = [
    Law("uniform", (), stats.uniform()),
    Law("uniform", (), stats.uniform(-2, 5), {"minval": -2.0, "maxval": 3.0}),
    Law("normal", (), stats.norm()),
    Law("truncated_normal", (-0.5, 2.0), stats.truncnorm(-0.5, 2.0)),
    Law("lognormal", (0.7,), stats.lognorm(0.7)),
    Law("maxwell", (), stats.maxwell()),
    Law("wald", (1.7,), stats.invgauss(1.7)),
    Law("exponential", (), stats.expon()),
    Law("gumbel", (), stats.gumbel_r()),
    Law("gumbel", (), stats.gumbel_r(), {"mode": "high"}),
    Law("laplace", (), stats.laplace()),
    Law("logistic", (), stats.logistic()),
    Law("cauchy", (), stats.cauchy()),
    Law("pareto", (2.5,), stats.pareto(2.5)),
    Law("rayleigh", (1.5,), stats.rayleigh(scale=1.5)),
    Law("weibull_min", (2.0, 1.5), stats.weibull_min(1.5, scale=2.0)),
    Law("triangular", (-1.0, 0.5, 2.0), stats.triang(0.5, -1, 3)),
    *[Law("gamma", (a,), stats.gamma(a)) for a in (0.2, 1.0, 7.5)],
    *[Law("loggamma", (a,), stats.loggamma(a)) for a in (0.2, 7.5)],
    Law("beta", (0.5, 2.0), stats.beta(0.5, 2.0)),
    Law("t", (3.5,), stats.t(3.5)),
    Law("chisquare", (3.0,), stats.chi2(3.0)),
    Law("f", (3.0, 8.0), stats.f(3.0, 8.0)),
    Law("generalized_normal", (1.5,), stats.gennorm(1.5)),
]

DISCRETE = [
    Law("bernoulli", (0.3,), stats.bernoulli(0.3)),
    Law("bernoulli", (0.3,), stats.bernoulli(0.3), {"mode": "high"}),
    Law("geometric", (0.2,), stats.geom(0.2)),
    *[Law("poisson", (lam,), stats.poisson(lam)) for lam in (0.5, 6.0, 30.0)],
    *[Law("binomial", (np.float64(n), p), stats.binom(n, p))
      for n, p in ((12, 0.3), (200, 0.4), (200, 0.95))],
]

LAWS = [*CONTINUOUS, *DISCRETE]


def label(law):
    return f"{law.function}{law.args}"


def draw(law, key, shape, dtype=None):
    """Draw; functions whose dtype is not for choice have none."""
    chosen = {} if dtype is None or law.function == "bernoulli" else {"dtype": dtype}
    return getattr(random, law.function)(key, *law.args, shape=shape, **law.kwargs, **chosen)


@pytest.mark.parametrize("law", CONTINUOUS, ids=label)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_continuous_laws(law, dtype):
    x = draw(law, KEY, (N,), dtype)
    assert x.dtype == dtype and x.shape == (N,)
    assert stats.kstest(x.astype(float), law.law.cdf).pvalue > 1e-3


@pytest.mark.parametrize("law", DISCRETE, ids=label)
def test_discrete_laws(law):
    """Pearson's test on the values with at least 5 expected."""
    x = draw(law, KEY, (N,)).astype(int)
    values = np.arange(x.min(), x.max() + 1)
    expected = N * law.law.pmf(values)
    common = values[expected >= 5]
    seen = np.array([np.sum(x == v) for v in common])
    rest = N - seen.sum(), N - expected[expected >= 5].sum()
    statistic = np.sum((seen - expected[expected >= 5]) ** 2 / expected[expected >= 5])
    statistic += (rest[0] - rest[1]) ** 2 / rest[1] if rest[1] > 5 else 0
    assert stats.chi2(max(1, len(common) - 1)).sf(statistic) > 1e-3
    assert np.all((x >= law.law.support()[0]) & (x <= law.law.support()[1]))


@pytest.mark.parametrize("law", LAWS, ids=label)
def test_vmap_over_keys_is_a_loop_and_jit_changes_nothing(law):
    keys = random.split(KEY, 3)
    one = isograd.jit(lambda key: draw(law, key, (4,)))
    looped = np.stack([draw(law, key, (4,)) for key in keys])
    mapped = isograd.vmap(lambda key: draw(law, key, (4,)))(keys)
    assert np.asarray(mapped).dtype == looped.dtype
    np.testing.assert_allclose(mapped, looped, rtol=1e-14, atol=0)
    np.testing.assert_allclose(one(keys[1]), looped[1], rtol=1e-14)
    np.testing.assert_allclose(isograd.jit(isograd.vmap(one))(keys), looped, rtol=1e-14)


@pytest.mark.parametrize("law", LAWS, ids=label)
def test_parameters_give_the_shape(law):
    if not law.args or law.function in ("generalized_normal", "bernoulli"):
        return
    args = [np.full((2, 3), value) for value in law.args]
    x = getattr(random, law.function)(KEY, *args)
    assert x.shape == (2, 3) and np.unique(x).size > 1
    assert draw(law, KEY, ()).shape == () and draw(law, KEY, (0, 2)).shape == (0, 2)


# ---- derivatives in the parameters: a draw moves along its place in the distribution ----

MOVING = [
    ("pareto", stats.pareto, (2.5,)),
    ("gamma", stats.gamma, (0.3,)), ("gamma", stats.gamma, (4.0,)),
    ("loggamma", stats.loggamma, (0.3,)), ("chisquare", stats.chi2, (3.0,)),
    ("lognormal", stats.lognorm, (0.7,)), ("truncated_normal", stats.truncnorm, (-0.5, 2.0)),
]


@pytest.mark.parametrize(("function", "family", "args"), MOVING)
def test_derivatives_keep_the_place_in_the_distribution(function, family, args):
    """F(x(a), a) does not change: dx/da = -(dF/da) / f, by differences of SciPy's F."""
    sampler, h = getattr(random, function), 1e-5
    for i in range(len(args)):
        def moved(value, i=i):
            return sampler(KEY, *args[:i], value, *args[i + 1:], shape=(20,))
        x, slope = isograd.jvp(moved, (args[i],), (1.0,))

        def place(step, x=x, i=i):
            return family(*args[:i], args[i] + step, *args[i + 1:]).cdf(x)
        expected = -(place(h) - place(-h)) / (2 * h) / family(*args).pdf(x)
        np.testing.assert_allclose(slope, expected, rtol=2e-5, atol=1e-6)
        pulled = isograd.grad(lambda value, f=moved: np.sum(f(value)))(args[i])
        np.testing.assert_allclose(pulled, np.sum(slope), rtol=1e-10)
        np.testing.assert_allclose(isograd.jit(isograd.grad(
            lambda value, f=moved: np.sum(f(value))))(args[i]), np.sum(slope), rtol=1e-10)


def test_shift_and_scale_are_differentiated():
    low, high = isograd.grad(lambda a, b: np.sum(random.uniform(KEY, (50,), None, a, b)),
                             argnums=(0, 1))(1.0, 3.0)
    u = random.uniform(KEY, (50,))
    np.testing.assert_allclose([low, high], [np.sum(1 - u), np.sum(u)], rtol=1e-12)


def test_the_mean_of_beta_moves_as_the_formula_says():
    slope = isograd.grad(lambda a: np.mean(random.beta(KEY, a, 3.0, (20_000,))))(2.0)
    np.testing.assert_allclose(slope, 3 / 25, rtol=0.05)        # d/da a / (a + b)


def test_the_mean_of_dirichlet_moves_as_the_formula_says():
    alpha = np.array([1.0, 2.0, 3.0])
    slope = isograd.jacobian(lambda a: np.mean(random.dirichlet(KEY, a, (20_000,)), 0))(alpha)
    np.testing.assert_allclose(slope, np.eye(3) / 6 - alpha[:, None] / 36, atol=0.005)


def test_second_derivatives_of_gamma_are_an_honest_gap():
    with pytest.raises(isograd.errors.MissingRuleError, match="second derivative"):
        isograd.grad(isograd.grad(lambda a: random.gamma(KEY, a)))(2.0)


# ---- vectors, matrices, choices ----

def test_multivariate_normal_has_its_moments():
    mean, cov = np.array([1.0, -2.0]), np.array([[2.0, 0.5], [0.5, 1.0]])
    for method in ("cholesky", "eigh", "svd"):
        x = random.multivariate_normal(KEY, mean, cov, (20_000,), method=method)
        np.testing.assert_allclose(x.mean(0), mean, atol=0.05)
        np.testing.assert_allclose(np.cov(x.T), cov, atol=0.07)
    slope = isograd.grad(lambda m: np.sum(random.multivariate_normal(KEY, m, cov, (5,))))(mean)
    np.testing.assert_allclose(slope, [5, 5])


@pytest.mark.parametrize(("n", "m"), [(3, None), (4, 2), (2, 4)])
def test_orthogonal_matrices(n, m):
    q = random.orthogonal(KEY, n, (6,), m=m)
    assert q.shape == (6, n, m or n)
    tall = q if n >= (m or n) else np.swapaxes(q, -1, -2)
    product = np.swapaxes(tall, -1, -2) @ tall
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(min(q.shape[1:])), product.shape),
                               atol=1e-14)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_points_of_a_ball(p):
    """The p-norm to the power of the dimension is uniform."""
    x = random.ball(KEY, 3, p, (N,))
    radius = np.sum(np.abs(x) ** p, -1) ** (1 / p)
    assert x.shape == (N, 3) and stats.kstest(radius ** 3, stats.uniform().cdf).pvalue > 1e-3


def test_dirichlet_marginals_are_beta():
    x = random.dirichlet(KEY, np.array([0.5, 1.0, 2.0]), (N,))
    np.testing.assert_allclose(x.sum(-1), 1, rtol=1e-14)
    assert stats.kstest(x[:, 0], stats.beta(0.5, 3.0).cdf).pvalue > 1e-3


def test_double_sided_maxwell_has_the_shape_that_jax_gives():
    x = random.double_sided_maxwell(KEY, np.zeros(2), np.ones((3, 1)), (5,))
    assert x.shape == (5, 3, 2)
    assert stats.kstest(np.abs(x).ravel(), stats.maxwell().cdf).pvalue > 1e-3


def test_multinomial_counts():
    p = np.array([0.2, 0.5, 0.3])
    x = random.multinomial(KEY, np.full(N, 60.0), np.broadcast_to(p, (N, 3)))
    assert np.all(x.sum(-1) == 60)
    np.testing.assert_allclose(x.mean(0), 60 * p, rtol=0.03)
    np.testing.assert_allclose(x.var(0), 60 * p * (1 - p), rtol=0.1)


def test_categories_are_drawn_by_their_weights():
    weights = np.array([0.1, 0.2, 0.7])
    for x in (random.categorical(KEY, np.log(weights), shape=(N,)),
              random.choice(KEY, 3, (N,), p=weights)):
        np.testing.assert_allclose(np.bincount(x) / N, weights, atol=0.03)


def test_permutations_are_permutations_and_all_likely():
    x = isograd.vmap(lambda key: random.permutation(key, 4))(random.split(KEY, N))
    assert np.all(np.sort(x) == np.arange(4))
    seen = np.unique(x, axis=0, return_counts=True)[1]
    assert len(seen) == 24 and stats.chisquare(seen).pvalue > 1e-3


def test_draws_without_replacement_are_distinct():
    x = random.choice(KEY, 50, (50,), replace=False)
    assert np.all(np.sort(x) == np.arange(50))
    y = random.categorical(KEY, np.zeros((3, 5)), shape=(4, 3), replace=False)
    assert all(len(set(row)) == 4 for row in y.T)


def test_signs_and_integers_are_fair():
    assert abs(random.rademacher(KEY, (N,)).mean()) < 0.05
    seen = np.bincount(random.randint(KEY, (N,), 0, 7), minlength=7)
    assert stats.chisquare(seen).pvalue > 1e-3


def test_bits_are_fair_in_every_place():
    for width in (8, 16, 32, 64):
        x = random.bits(KEY, (N,), f"uint{width}")
        ones = [np.mean(x >> place & 1) for place in range(width)]
        np.testing.assert_allclose(ones, 0.5, atol=0.04)
