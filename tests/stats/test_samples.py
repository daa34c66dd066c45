"""Statistics of samples: SciPy's on plain arrays, and the same numbers when they are traced."""

import inspect

import numpy as np
import pytest
import scipy.stats

from isograd import errors, grad, jit, jvp, tree, vmap
from isograd.scipy import stats

rng = np.random.default_rng(7)
X = rng.gamma(2.0, size=(5, 4))
Y = rng.gamma(2.0, size=(5, 4))
TIES = rng.integers(0, 4, size=(4, 7))
WITH_NAN = np.where(TIES == 0, np.nan, TIES)
RANKS = ["average", "min", "max", "dense", "ordinal"]

# (name, arrays, keywords)
SMOOTH = [
    ("moment", (X,), {"order": 3}),
    ("moment", (X,), {"order": [2, 4], "axis": 1}),
    ("moment", (X,), {"order": 2, "center": 1.0, "keepdims": True}),
    ("sem", (X,), {}),
    ("sem", (X,), {"axis": None, "ddof": 0}),
    ("zscore", (X,), {"axis": 1, "ddof": 1}),
    ("skew", (X,), {}),
    ("skew", (X,), {"bias": False, "axis": None}),
    ("kurtosis", (X,), {}),
    ("kurtosis", (X,), {"bias": False, "fisher": False}),
    ("gmean", (X,), {"axis": None}),
    ("gmean", (X,), {"weights": Y}),
    ("hmean", (X,), {"axis": 1, "keepdims": True}),
    ("hmean", (X,), {"weights": Y}),
    ("entropy", (X,), {}),
    ("entropy", (X, Y), {"base": 2, "axis": 1}),
]
ORDER = [
    *[("rankdata", (a,), {"method": method, "axis": axis})
      for a in (X, TIES) for method in RANKS for axis in (None, 0, -1)],
    ("rankdata", (WITH_NAN,), {"axis": 1}),
    *[("mode", (a,), {"axis": axis, "keepdims": keepdims}) for a in (TIES, X, WITH_NAN)
      for axis in (0, 1, None) for keepdims in (False, True)],
]
every = pytest.mark.parametrize(("name", "arrays", "kwargs"), SMOOTH + ORDER)


def close(got, want, **bounds):
    got, want = tree.leaves(got), list(want) if isinstance(want, tuple) else [want]
    for x, y in zip(got, want, strict=True):
        assert np.shape(x) == np.shape(y) and x.dtype == y.dtype
        np.testing.assert_allclose(x, y, **bounds)


@every
def test_values(name, arrays, kwargs):
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    want = theirs(*arrays, **kwargs)
    close(ours(*arrays, **kwargs), want)
    close(jit(lambda *xs: ours(*xs, **kwargs))(*arrays), want, rtol=1e-12, atol=1e-14)
    batches = [np.stack([x[::-1], x]) for x in arrays]
    many = vmap(lambda *xs: tuple(tree.leaves(ours(*xs, **kwargs))))(*batches)
    close([x[1] for x in many], want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("name", "arrays", "kwargs"), SMOOTH)
def test_derivatives(name, arrays, kwargs):
    def run(module):
        return lambda *xs: getattr(module, name)(*xs, **kwargs)
    dots = [rng.normal(size=x.shape) for x in arrays]
    got = jvp(run(stats), arrays, dots)[1]
    high, low = [run(scipy.stats)(*[x + s * t for x, t in zip(arrays, dots, strict=True)])
                 for s in (1e-5, -1e-5)]
    np.testing.assert_allclose(got, (high - low) / 2e-5, rtol=1e-6, atol=1e-7)
    f = lambda *xs: np.sum(np.sin(run(stats)(*xs)))
    n = tuple(range(len(arrays)))
    pulled = grad(f, n)(*arrays)
    paired = sum(np.sum(x * t) for x, t in zip(pulled, dots, strict=True))
    np.testing.assert_allclose(paired, jvp(f, arrays, dots)[1], rtol=1e-10)


def test_ranks_do_not_move():
    for method in RANKS:
        assert (grad(lambda x, method=method: np.sum(
            X.ravel() * stats.rankdata(x, method)))(X) == 0).all()


@pytest.mark.parametrize("name", sorted({call[0] for call in SMOOTH + ORDER}))
def test_signatures_are_scipys(name):
    if np.lib.NumpyVersion(scipy.__version__) < "1.17.0":
        pytest.skip("an older SciPy has other arguments")
    ours, theirs = [inspect.signature(getattr(m, name)) for m in (stats, scipy.stats)]
    assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
        (p.name, p.kind, p.default) for p in theirs.parameters.values()]


def test_wrong_arguments():
    assert stats.sem([1.0, 2.0, np.nan], nan_policy="omit") == 0.5     # SciPy's own
    with pytest.raises(errors.MissingRuleError, match="nan_policy='omit'"):
        jit(lambda x: stats.sem(x, nan_policy="omit"))(X)
    with pytest.raises(errors.ArgumentError, match="unknown method"):
        jit(lambda x: stats.rankdata(x, "middle"))(X)
    with pytest.raises(errors.ArgumentError, match="base of the logarithm"):
        jit(lambda x: stats.entropy(x, base=-1))(X)
