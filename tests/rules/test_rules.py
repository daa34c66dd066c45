"""The rule matrix that isograd states is the one that the tests find; and the audit can fail."""

import numpy as np
import pytest

import isograd
from isograd._rules import VERDICTS
from isograd.errors import ArgumentError, MissingRuleError

from .audit import GAP, NONE, NUMBERS, YES, audit
from .matrix import DATA, PAGE, matrix, page, text


@pytest.fixture(scope="module")
def found():
    return matrix()


@pytest.mark.filterwarnings("ignore")
def test_the_stated_matrix_is_what_the_tests_find(found):
    write = "run: python -m tests.rules.matrix"
    assert DATA.read_text() == text(found), write
    assert PAGE.read_text() == page(found), write


def test_rules_by_name():
    assert isograd.rules("numpy.sin").jvp == YES
    assert isograd.rules("argsort").second == NONE
    assert set(isograd.rules("linalg.pinvh")._fields) >= {"jvp", "vjp", "second", "vmap", "engine"}
    assert isograd.rules("expm") == isograd.rules("scipy.linalg.expm")
    assert isograd.rules("lax.scan").second == YES
    assert len(isograd.rules()) > 400


def test_a_name_in_several_modules_gives_all_of_them():
    found = isograd.rules("norm")
    assert list(found) == ["numpy.linalg.norm", "scipy.linalg.norm", "scipy.stats.norm"]
    for name, rules in found.items():
        assert f"{name}\n  jit     yes" in repr(found) and rules.vjp == YES


def test_bad_names():
    with pytest.raises(ArgumentError, match="no function"):
        isograd.rules("no_such_function")



# ---- faults are found ----

X = np.array([0.3, 1.2, -0.7])


@isograd.custom_jvp
def wrong_derivative(x):
    return np.sin(x)


wrong_derivative.defjvp(lambda primals, tangents: (np.sin(primals[0]), tangents[0]))


@isograd.custom_jvp
def wrong_second_derivative(x):
    return np.sin(x)


wrong_second_derivative.defjvp(lambda primals, tangents: (
    np.sin(primals[0]), tangents[0] * np.cos(isograd.stop_gradient(primals[0]))))


@pytest.mark.parametrize("f", [wrong_derivative, wrong_second_derivative])
def test_a_wrong_rule_is_found(f):
    with pytest.raises(AssertionError):
        audit(lambda x: [f(x)], [X], True)


def without_rule(x):
    raise MissingRuleError("no rule")


def test_gaps_are_named():
    def gap(x):
        return [without_rule(x) if isinstance(x, isograd.refimpl.trace.Tracer) else x]
    assert set(audit(gap, [X], True)[:len(VERDICTS)]) == {GAP}
    assert audit(lambda x: [x[x > 0]], [X], True)[:5] == (NUMBERS, YES, YES, YES, NUMBERS)
