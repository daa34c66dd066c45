"""The rule matrix that isograd states is the one that the tests find."""

import pytest

import isograd
from isograd.errors import ArgumentError

from .matrix import DATA, NONE, PAGE, YES, matrix, page, text


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
