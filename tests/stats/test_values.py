"""Values are SciPy's: in the support, at its ends, outside, at infinity, for NaN and bad input."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from isograd import errors, grad, jit, make_graph, vmap
from isograd.scipy import stats
from isograd.scipy.stats.distribution import BELOW_AND_ABOVE

from .table import CASES, CONTINUOUS, DISCRETE, INF, METHODS, ROWS, Case

cases = pytest.mark.parametrize("case", CASES, ids=str)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def points(case):
    """Points everywhere: also between the integers, for probabilities beyond [0, 1]."""
    if case.method in ("ppf", "isf"):
        return np.concatenate([case.inside(), [-0.5, 0.0, 1e-3, 1 - 1e-3, 1.0, 1.5, np.nan]])
    ends = getattr(scipy.stats, case.name).support(*case.params)
    between = case.inside() + 0.25 if case.name in DISCRETE else []
    return np.concatenate([case.inside(), between, [0.0, *ends, -INF, INF, np.nan],
                           case.inside() - 1, case.inside() + 3, case.inside() * 3])


def expected(case, x):
    """SciPy's values; at infinity, where some of its formulas have no value, the limits."""
    y = case.theirs(x, *case.params)
    if case.method in BELOW_AND_ABOVE:
        below, above = BELOW_AND_ABOVE[case.method]
        y = np.where(x == -INF, below, np.where(x == INF, above, y))
    return y


@cases
def test_values(case):
    """Near 0, SciPy's logarithms of probabilities are as good as its probabilities near 1."""
    x, atol = points(case), 1e-15 if case.method in ("logcdf", "logsf") else 1e-300
    got = case.ours(x, *case.params)
    np.testing.assert_allclose(got, expected(case, x), rtol=1e-11, atol=atol)


@pytest.mark.parametrize("case", [c for c in CASES if c.method == "logcdf"], ids=str)
def test_logarithms_of_probabilities_near_one(case):
    """log(1 - p) is -p for tiny p: nothing is lost to rounding."""
    law = getattr(scipy.stats, case.name)
    x = law.isf(1e-25, *case.params)
    if np.isfinite(law.support(*case.params)[1]) or not 0 < law.sf(x, *case.params) < 1e-20:
        pytest.skip("no such point")
    np.testing.assert_allclose(case.ours(x, *case.params), -law.sf(x, *case.params), rtol=1e-9)


@pytest.mark.parametrize("case", [c for c in CASES if c.method in ("ppf", "isf")], ids=str)
def test_far_quantiles(case):
    """Tiny probabilities keep their digits, unless the quantile meets a finite end."""
    law = getattr(stats, case.name)
    end = law.support(*map(np.float64, case.shapes))[case.method == "isf"]
    if case.name in DISCRETE or (np.isfinite(end) and end != 0):
        pytest.skip("integers, or a finite end")
    back = law.cdf if case.method == "ppf" else law.sf
    q = np.array([1e-40, 1e-20, 1e-8])
    np.testing.assert_allclose(back(case.ours(q, *case.shapes), *case.shapes), q, rtol=1e-9)


@cases
def test_single_precision(case):
    x = case.inside().astype(np.float32)
    params = [np.float32(p) for p in case.params]
    got = case.ours(x, *params)
    assert got.dtype == np.float32
    want = case.theirs(x.astype(float), *[float(p) for p in params])
    np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-6)
    assert case.ours(x, *map(float, params)).dtype == np.float32       # Python's numbers are weak
    assert grad(lambda x: np.sum(case.ours(x, *params)))(x).dtype == np.float32


@pytest.mark.parametrize("case", [c for c in CASES if c.name in (
    "hypergeom", "randint") or (c.name in DISCRETE and c.method in ("ppf", "isf"))], ids=str)
def test_compiled_where_there_is_nothing_to_differentiate(case):
    args = case.arguments(points(case))
    for f in (jit(case.ours), vmap(case.ours)):
        np.testing.assert_allclose(f(*args), case.ours(*args), rtol=1e-13)


@pytest.mark.parametrize("case", [c for c in CASES if c.name in DISCRETE and c.method == "ppf"],
                         ids=str)
def test_quantiles_of_integers_are_the_first_to_reach_q(case):
    law = getattr(stats, case.name)
    q = np.linspace(0.001, 0.999, 97)
    k = case.ours(q, *case.params)
    assert (law.cdf(k, *case.params) >= q).all() and (law.cdf(k - 1, *case.params) < q).all()
    k = law.isf(q, *case.params)
    assert (law.sf(k, *case.params) <= q).all() and (law.sf(k - 1, *case.params) > q).all()
    assert grad(case.ours)(0.4, *case.params) == 0


def test_quantiles_of_large_integers():
    assert stats.poisson.ppf(0.3, 1e9) == scipy.stats.poisson.ppf(0.3, 1e9)
    assert stats.dlaplace.ppf(1e-300, 1e-3) == scipy.stats.dlaplace.ppf(1e-300, 1e-3)
    near = stats.poisson.ppf(np.float32(0.3), np.float32(1e9))
    assert near.dtype == np.float32 and near == pytest.approx(1e9, rel=1e-4)


@pytest.mark.parametrize("name", ROWS)
def test_arguments_are_scipys(name):
    """Scalars give scalars, arrays broadcast, parameters go by name; integers are numbers."""
    case = next(c for c in CASES if c.name == name)
    x, *params = [float(p) for p in (case.inside()[1], *case.params)]
    y = case.ours(x, *params)
    assert type(y) is np.float64
    assert case.ours(int(x), *params).dtype == np.float64
    assert case.ours(case.names[0] and x, **dict(zip(case.names[1:], params, strict=True))) == y
    grid = case.ours(np.full((3, 1), x), *[np.full(2, p) for p in params])
    np.testing.assert_array_equal(grid, np.full((3, 2), y))
    frozen = getattr(stats, name)(*params)
    assert getattr(frozen, case.method)(x) == y
    assert case.ours([x, x], *params).tolist() == [y, y]


@pytest.mark.parametrize("name", ROWS)
def test_parameters_out_of_range_give_nan(name):
    for case in [c for c in CASES if c.name == name]:
        x = case.inside()
        for shapes in ROWS[name].invalid:
            params = (*shapes, *case.params[len(shapes):])
            assert np.isnan(case.ours(x, *params)).all(), (case.method, shapes)
        if name in CONTINUOUS:
            for scale in (0.0, -1.0, np.nan):
                assert np.isnan(case.ours(x, *case.params[:-1], scale)).all()
        for i in range(len(case.params)):
            with_nan = [np.nan if i == j else p for j, p in enumerate(case.params)]
            assert np.isnan(case.ours(x, *with_nan)).all(), (case.method, i)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_densities_integrate_to_one(name):
    for shapes in CONTINUOUS[name].shapes:
        law = getattr(stats, name)(*shapes)
        ends = (0, 2 * np.pi) if name == "vonmises" else getattr(scipy.stats, name).support(*shapes)
        if np.isfinite(ends[0]):        # it may be far from where the density is
            ends = (max(ends[0], -60), ends[1])
        total = scipy.integrate.quad(law.pdf, *ends, limit=200)[0]
        assert abs(total - 1) < 1e-6, (shapes, total)


@pytest.mark.parametrize("name", DISCRETE)
def test_probabilities_sum_to_one(name):
    for shapes in DISCRETE[name].shapes:
        total = getattr(stats, name).pmf(np.arange(-300, 30000), *shapes).sum()
        assert abs(total - 1) < 1e-10


def test_signatures():
    assert str(inspect.signature(stats.gamma.logpdf)) == "(x, a, loc=0, scale=1)"
    assert str(inspect.signature(stats.binom.cdf)) == "(k, n, p, loc=0)"
    assert str(inspect.signature(stats.norm.ppf)) == "(q, loc=0, scale=1)"
    for name in ROWS:
        law = getattr(stats, name)
        assert law.name == name and law.__doc__ in Case(name, *_any(law)).ours.__doc__


def _any(law):
    return next(iter(set(law.formulas) & set(BELOW_AND_ABOVE))), ()


def test_wrong_calls_say_what_is_missing():
    with pytest.raises(TypeError, match=r"gamma.logpdf\(x, a, loc=0, scale=1\).*'a'"):
        stats.gamma.logpdf(1.0)
    with pytest.raises(errors.DtypeError, match=r"norm\.pdf takes real numbers"):
        stats.norm.pdf(1j)


def test_methods_beyond_are_scipys_for_plain_arrays():
    assert stats.vonmises.cdf(0.3, 2.0) == scipy.stats.vonmises.cdf(0.3, 2.0)
    assert stats.gamma.mean(2.0) == 2.0
    with pytest.raises(errors.MissingRuleError, match=r"scipy.stats.vonmises.cdf"):
        make_graph(stats.vonmises.cdf)(0.3, 2.0)
    with pytest.raises(AttributeError):
        stats.norm.nonsense  # noqa: B018


def test_captured_parameters_are_read_again():
    a, scale = np.array([2.0]), np.array([1.0])
    f = jit(lambda x: stats.weibull_min.logpdf(x, a, 0.0, scale))
    f(1.5)
    a[0], scale[0] = 3.0, 2.0
    np.testing.assert_allclose(f(1.5), scipy.stats.weibull_min.logpdf(1.5, a, 0, scale), rtol=1e-14)


def test_the_page_lists_the_methods_of_each_distribution():
    page = (Path(__file__).parents[2] / "docs" / "stats.md").read_text()
    stated = {}
    for line in page.splitlines():
        cells = line.split("|")
        if line.startswith("| ") and "`" in cells[1] and "of vectors" not in line:
            stated |= dict.fromkeys(re.findall(r"\w+", cells[2]), cells[1])
    for name in ROWS:
        methods = [m for m in METHODS if m in getattr(stats, name).formulas]
        have = set(METHODS[:2] + METHODS[4:8] if "all but" in stated[name]
                   else re.findall(r"\w+", stated[name]))
        assert set(methods) == have, name
