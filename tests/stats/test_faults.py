"""The suites can fail: any formula that is off by a thousandth is noticed, for every distribution.

A factor is noticed in the values; what adds a function of x or of a parameter, also in derivatives.
"""

import numpy as np
import pytest

from isograd.scipy import stats

from . import test_derivatives, test_moments, test_values
from .table import CASES, DISCRETE, METHODS, ROWS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
PLANTED = [(name, method) for name in ROWS for method in getattr(stats, name).given
           if method in METHODS]


def case_of(name, method):
    return next(c for c in CASES if (c.name, c.method) == (name, method))


@pytest.mark.parametrize(("name", "method"), PLANTED)
def test_a_formula_off_by_a_thousandth(name, method, monkeypatch):
    formulas, case = getattr(stats, name).formulas, case_of(name, method)
    right = formulas[method]
    monkeypatch.setitem(formulas, method, lambda z, *shapes: 1.001 * right(z, *shapes) + 1e-9)
    with pytest.raises(AssertionError):
        test_values.test_values(case)


@pytest.mark.parametrize(("name", "method"), [
    (name, method) for name, method in PLANTED if name not in DISCRETE or (
        method == "logpmf" and test_derivatives.moving(case_of(name, method)))])
def test_a_slope_off_by_a_thousandth(name, method, monkeypatch):
    """In z, or in the last parameter of a discrete distribution."""
    formulas, case = getattr(stats, name).formulas, case_of(name, method)
    right = formulas[method]

    def wrong(z, *shapes):
        moving = shapes[-1] if method == "logpmf" else z
        return right(z, *shapes) + 1e-3 * np.sin(moving)

    monkeypatch.setitem(formulas, method, wrong)
    with pytest.raises(AssertionError):
        test_derivatives.test_first_derivatives(case)


@pytest.mark.parametrize("case", [c for c in test_moments.MOMENTS if c.method != "std" and
                                  np.isfinite(test_moments.expected(c))], ids=str)
def test_a_moment_off_by_a_thousandth(case, monkeypatch):
    formulas = getattr(stats, case.name).formulas
    right = formulas[case.method]
    monkeypatch.setitem(formulas, case.method, lambda *shapes: right(*shapes) + 1e-3)
    with pytest.raises(AssertionError):
        test_moments.test_values(case)


def test_a_derivative_that_leaks_from_outside_is_noticed(monkeypatch):
    """Without the exact zero outside of the support."""
    law = stats.gamma
    monkeypatch.setattr(law, "_is_outside", lambda *_: np.False_)
    with pytest.raises(AssertionError):
        test_derivatives.test_outside_of_the_support_derivatives_are_zero(
            case_of("gamma", "logpdf"))
