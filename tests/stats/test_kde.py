"""gaussian_kde: SciPy's values, and their derivatives against differences."""

import numpy as np
import pytest
import scipy.stats

from isograd import errors, grad, jit, jvp, vmap
from isograd.scipy import stats

rng = np.random.default_rng(2)
DATA, PLANE = rng.normal(size=12), rng.normal(size=(2, 15))
WEIGHTS = rng.uniform(0.5, 2.0, 12)
X, X2 = np.linspace(-2, 2, 5), rng.normal(size=(2, 6))
BANDWIDTHS = [None, "scott", "silverman", 0.4, lambda kde: 1 / kde.n]


def estimates(data, *args):
    return [module.gaussian_kde(data, *args) for module in (stats, scipy.stats)]


@pytest.mark.parametrize("bw_method", BANDWIDTHS)
@pytest.mark.parametrize(("data", "weights", "x"), [
    (DATA, None, X), (DATA, WEIGHTS, X), (PLANE, None, X2), (PLANE, None, X2[:, 0])])
def test_values(data, weights, x, bw_method):
    ours, theirs = estimates(data, bw_method, weights)
    for name in ("pdf", "logpdf", "evaluate"):
        np.testing.assert_allclose(getattr(ours, name)(x), getattr(theirs, name)(x), rtol=1e-11)
    np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-11)
    for name in ("d", "n", "neff", "weights", "factor", "covariance", "inv_cov"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-11)
    traced = jit(lambda *args: stats.gaussian_kde(args[0], bw_method, weights).logpdf(args[1]))
    np.testing.assert_allclose(traced(data, x), theirs.logpdf(x), rtol=1e-11)


def test_integrals():
    (ours, theirs), others = estimates(DATA, None, WEIGHTS), estimates(DATA[:7] + 0.5)
    assert ours.integrate_box_1d(-1, 0.7) == pytest.approx(theirs.integrate_box_1d(-1, 0.7))
    assert ours.integrate_gaussian(0.2, 1.5) == pytest.approx(theirs.integrate_gaussian(0.2, 1.5))
    assert ours.integrate_kde(others[0]) == pytest.approx(theirs.integrate_kde(others[1]))
    (ours, theirs), others = estimates(PLANE), estimates(2 * PLANE[:, 3:])
    cov = np.array([[2.0, 0.3], [0.3, 1.0]])
    assert ours.integrate_gaussian(X2[:, 0], cov) == pytest.approx(
        theirs.integrate_gaussian(X2[:, 0], cov))
    assert ours.integrate_kde(others[0]) == pytest.approx(theirs.integrate_kde(others[1]))


def of(module):
    def f(data, weights, factor, x):
        kde = module.gaussian_kde(data, factor, weights)
        return np.sum(np.cos(kde.logpdf(x))) + kde.integrate_box_1d(-1.0, 0.3)
    return f


def test_derivatives():
    args = (DATA, WEIGHTS, np.float64(0.5), X)
    dots = tuple(rng.normal(size=np.shape(a)) for a in args)
    got = jvp(of(stats), args, dots)[1]
    high, low = [of(scipy.stats)(*[a + s * t for a, t in zip(args, dots, strict=True)])
                 for s in (1e-5, -1e-5)]
    np.testing.assert_allclose(got, (high - low) / 2e-5, rtol=1e-7)
    pulled = grad(of(stats), (0, 1, 2, 3))(*args)
    np.testing.assert_allclose(sum(np.sum(p * t) for p, t in zip(pulled, dots, strict=True)), got)
    many = jit(vmap(grad(of(stats), 3), (None, None, 0, None)))(DATA, WEIGHTS, np.array(
        [0.3, 0.5]), X)
    np.testing.assert_allclose(many[1], pulled[3], rtol=1e-10)


def test_wrong_input():
    with pytest.raises(errors.ShapeError, match="two observations or more"):
        stats.gaussian_kde([1.0])
    with pytest.raises(errors.ShapeError, match="a weight for each observation"):
        stats.gaussian_kde(DATA, weights=X)
    with pytest.raises(errors.ArgumentError, match="unknown bw_method"):
        stats.gaussian_kde(DATA, "wide")
    with pytest.raises(errors.ShapeError, match="points of the dimension"):
        stats.gaussian_kde(PLANE)(rng.normal(size=(3, 4)))
    with pytest.raises(errors.ShapeError, match="data of one dimension"):
        stats.gaussian_kde(PLANE).integrate_box_1d(0, 1)
    with pytest.raises(np.linalg.LinAlgError):
        stats.gaussian_kde(np.ones((2, 5)))
