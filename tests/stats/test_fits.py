"""Maximum likelihood through the derivatives, against what is known of the maximum."""

import numpy as np
import pytest
import scipy.stats

from isograd import grad, hessian, jit
from isograd.scipy import stats
from isograd.scipy.optimize import minimize

rng = np.random.default_rng(3)


def fit(negative_log_likelihood, start):
    """Newton's method: it needs the first and second derivatives."""
    step = jit(lambda p: np.linalg.solve(hessian(negative_log_likelihood)(p),
                                         grad(negative_log_likelihood)(p)))
    p = start
    for _ in range(30):
        p = p - step(p)
    return p


def test_normal():
    data = rng.normal(2.0, 3.0, 50)
    p = fit(lambda p: -np.sum(stats.norm.logpdf(data, p[0], np.exp(p[1]))),
            np.array([data.mean() + 0.1, 1.0]))
    np.testing.assert_allclose([p[0], np.exp(p[1])], [data.mean(), data.std()], rtol=1e-10)


def test_poisson_regression():
    """At the maximum the residuals are orthogonal to the regressors."""
    x = rng.normal(size=(80, 2))
    counts = rng.poisson(np.exp(x @ [0.4, -0.7] + 0.5))
    design = np.column_stack([x, np.ones(80)])
    p = fit(lambda p: -np.sum(stats.poisson.logpmf(counts, np.exp(design @ p))), np.zeros(3))
    np.testing.assert_allclose(design.T @ (counts - np.exp(design @ p)), 0, atol=1e-9)


@pytest.mark.parametrize("name", ["gamma", "weibull_min", "lognorm", "invgauss"])
def test_shape_and_scale_are_scipys(name):
    law, theirs = getattr(stats, name), getattr(scipy.stats, name)
    data = theirs.rvs(1.6, 0, 2.0, size=200, random_state=0)

    def loss(logs):
        return -np.mean(law.logpdf(data, np.exp(logs[0]), 0, np.exp(logs[1])))

    got = np.exp(minimize(loss, np.zeros(2), tol=1e-9).x)
    shape, _, scale = theirs.fit(data, floc=0)
    np.testing.assert_allclose(got, [shape, scale], rtol=1e-4)


def test_censored_data():
    """Times above 3 are only known to be above: the exponential rate is events / total time."""
    times = np.minimum(rng.exponential(2.0, 100), 3.0)
    seen = times < 3

    def loss(log_scale):
        scale = np.exp(log_scale)
        return -np.sum(np.where(seen, stats.expon.logpdf(times, 0, scale),
                                stats.expon.logsf(times, 0, scale)))

    got = np.exp(minimize(loss, 0.0, tol=1e-10).x)
    np.testing.assert_allclose(got, times.sum() / seen.sum(), rtol=1e-7)
