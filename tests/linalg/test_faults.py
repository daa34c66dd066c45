"""The suites can fail: a rule that is off by a thousandth is noticed, for every operation."""

import pytest

from isograd.refimpl.primitive import PRIMITIVES

from ..differential.test_faults import planted
from . import test_derivatives
from .table import CASES

NOTICED_BY = {
    "care": "solve_continuous_are", "dare": "solve_discrete_are",
    "cholesky": "cholesky", "det": "det", "cofactors": "det", "eig": "eig", "eigh": "eigh",
    "frechet": "expm", "lower_sylvester": "schur", "lu": "lu (3, 3)", "matrix_function": "expm",
    "pinv": "pinv, tall", "polar": "polar (4, 2)", "qr": "qr (4, 2)", "schur": "schur",
    "slogdet": "slogdet", "solve": "solve", "sqrtm": "sqrtm", "svd": "svd (4, 2)",
    "sylvester": "solve_sylvester", "triangular_solve": "solve_triangular, lower=True, trans=0",
}
ONLY_SECOND = {"cofactors", "frechet", "lower_sylvester"}     # rules that derivatives are made of
TRANSPOSED = [name for name in NOTICED_BY if PRIMITIVES[name].transpose]


def case_of(prim):
    return next(c for c in CASES if c.row.name == NOTICED_BY[prim] and c.dtype == "float64")


def off(x):
    return None if x is None or x.dtype.kind not in "fc" else 1.001 * x


def test_every_operation_is_here():
    assert set(NOTICED_BY) == {p.name for p in PRIMITIVES.values() if p.kind == "linalg"} - {
        "pivoted_columns"}


@pytest.mark.parametrize("prim", NOTICED_BY)
def test_a_derivative_off_by_a_thousandth(prim):
    record = PRIMITIVES[prim]
    rule = record.jvp

    def wrong(*args):
        out, dots = rule(*args)
        return out, tuple(map(off, dots)) if record.multiple else off(dots)

    check = (test_derivatives.test_second_derivative if prim in ONLY_SECOND
             else test_derivatives.test_jvp)
    check(case_of(prim))
    with planted(record, jvp=wrong), pytest.raises(AssertionError):
        check(case_of(prim))


@pytest.mark.parametrize("prim", TRANSPOSED)
def test_a_transpose_off_by_a_thousandth(prim):
    record = PRIMITIVES[prim]
    rule = record.transpose
    check = test_derivatives.test_vjp_is_the_transpose_of_jvp
    check(case_of(prim))
    with planted(record, transpose=lambda *args: tuple(map(off, rule(*args)))), pytest.raises(
            AssertionError):
        check(case_of(prim))
