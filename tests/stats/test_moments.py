"""Means, variances and entropies: SciPy's values, and derivatives in the parameters."""

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from isograd import grad, jit, jvp
from isograd.scipy import stats

from .table import CASES, CONTINUOUS, DISCRETE, ROWS, Case
from .test_derivatives import difference, in_range, pushed

MOMENTS = [Case(name, method, tuple(shapes)) for name, row in ROWS.items()
           for shapes in row.shapes for method in ("mean", "var", "std", "entropy")
           if method in getattr(stats, name).formulas]
moments = pytest.mark.parametrize("case", MOMENTS, ids=str)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def expected(case):
    """SciPy's value, but for the entropy with an infinite end, of which it has none."""
    with np.errstate(all="ignore"):
        want = case.theirs(*case.params)
    if np.isnan(want) and (case.name, case.method) == ("truncnorm", "entropy"):
        law = scipy.stats.truncnorm(*case.params)
        want = scipy.integrate.quad(lambda x: -law.pdf(x) * law.logpdf(x), *law.support())[0]
    return want


@moments
def test_values(case):
    want = expected(case)
    for got in (case.ours(*case.params), jit(case.ours)(*case.params)):
        assert type(got) is np.float64
        np.testing.assert_allclose(got, want, rtol=1e-9)
    assert np.asarray(case.ours(*map(np.float32, case.params))).dtype == np.float32


@moments
def test_derivatives(case):
    args = [np.float64(p) for p in case.params]
    if not np.isfinite(case.theirs(*args)):
        pytest.skip("infinite, or none")
    for i in range(len(args)):
        if in_range(case, i) and np.isfinite(args[i]):
            got, want = pushed(case.ours, i)(*args), difference(case.theirs, i, 1e-3)(*args)
            np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)
            assert grad(case.ours, i)(*args) == pytest.approx(got, rel=1e-12, abs=1e-14)
            second = jvp(lambda x, i=i: pushed(case.ours, i)(*args[:i], x, *args[i + 1:]),
                         (args[i],), (1.0,))[1]
            want = difference(difference(case.theirs, i, 3e-3), i, 3e-3)(*args)
            np.testing.assert_allclose(second, want, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", [*CONTINUOUS, *DISCRETE])
def test_parameters_out_of_range_give_nan(name):
    law = getattr(stats, name)
    params = next(c for c in CASES if c.name == name).params
    for method in {"mean", "var", "entropy"} & set(law.formulas):
        for shapes in ROWS[name].invalid:
            assert np.isnan(getattr(law, method)(*shapes, *params[len(shapes):]))
        if name in CONTINUOUS:
            assert np.isnan(getattr(law, method)(*params[:-1], -1.0))


def test_parameters_broadcast():
    for law, args in ((stats.norm, (np.zeros(3), np.ones((2, 1)))), (stats.poisson, (2.0, [0, 1]))):
        for method in ("mean", "var", "std"):
            want = getattr(getattr(scipy.stats, law.name), method)(*args)
            np.testing.assert_array_equal(getattr(law, method)(*args), want)
    assert np.isnan(stats.norm.var(np.nan, 1.0)) and np.isnan(stats.geom.var(0.5, np.nan))


def test_moments_are_integrals():
    """By quantiles in place of SciPy's formulas."""
    q = (np.arange(200000) + 0.5) / 200000
    for name, shapes in [("gamma", (2.0,)), ("beta", (2.0, 3.0)), ("truncnorm", (-1.0, 0.5)),
                         ("gumbel_l", ()), ("weibull_min", (1.4,))]:
        law = getattr(stats, name)
        x = getattr(scipy.stats, name).ppf(q, *shapes)
        np.testing.assert_allclose([law.mean(*shapes), law.var(*shapes), law.entropy(*shapes)],
                                   [x.mean(), x.var(), -law.logpdf(x, *shapes).mean()], rtol=1e-3)
