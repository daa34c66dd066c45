"""The suites can fail: faults are planted in the collectives, and each must be noticed."""

from types import SimpleNamespace

import pytest

from isograd.refimpl.ops import collective as ops
from isograd.refimpl.ops.elementwise import multiply
from isograd.refimpl.primitive import PRIMITIVES

from ..differential.test_faults import planted
from . import test_collectives, test_programs
from .random_program import COLLECTIVES

NOTICED_BY = {"psum": "psum", "pmax": "pmax", "pmin": "pmin of groups", "all_gather": "all_gather",
              "psum_scatter": "psum_scatter", "ppermute": "ring", "all_to_all": "all_to_all"}
TRANSPOSED = [name for name in NOTICED_BY if PRIMITIVES[name].transpose]


def test_every_collective_is_here():
    assert set(NOTICED_BY) == {p.name for p in PRIMITIVES.values() if p.kind == "collective"} - {
        "axis_index"}


def check_derivatives(prim):
    test_programs.check_derivatives_inside(COLLECTIVES[NOTICED_BY[prim]])


@pytest.mark.parametrize("prim", NOTICED_BY)
def test_a_derivative_off_by_a_thousandth(prim):
    record = PRIMITIVES[prim]
    rule = record.jvp

    def off(*args):
        out, dot = rule(*args)
        return out, multiply(1.001, dot)
    check_derivatives(prim)
    with planted(record, jvp=off), pytest.raises(AssertionError):
        check_derivatives(prim)


@pytest.mark.parametrize("prim", TRANSPOSED)
def test_a_transpose_off_by_a_thousandth(prim):
    record = PRIMITIVES[prim]
    rule = record.transpose

    def off(ct, args, params):
        return (multiply(1.001, rule(ct, args, params)[0]),)
    with planted(record, transpose=off), pytest.raises(AssertionError):
        check_derivatives(prim)


WRONG_TRANSPOSES = {
    "psum that sums no cotangents": ("psum", lambda ct, args, params: (ct,)),
    "ppermute in the same direction": (
        "ppermute", lambda ct, args, params: (ops.ppermute(ct, **params),)),
    "all_to_all in the same direction": (
        "all_to_all", lambda ct, args, params: (ops.all_to_all(ct, **params),)),
}


@pytest.mark.parametrize("fault", WRONG_TRANSPOSES)
def test_another_transpose(fault):
    prim, rule = WRONG_TRANSPOSES[fault]
    with planted(PRIMITIVES[prim], transpose=rule), pytest.raises(AssertionError):
        check_derivatives(prim)


WITH_GROUPS = {"psum": "psum of groups", "pmax": "pmax of groups",
               "all_to_all": "all_to_all of groups"}


@pytest.mark.parametrize("prim", WITH_GROUPS)
def test_groups_in_another_order(prim):
    record = PRIMITIVES[prim]
    rule = record.batch
    other = tuple(map(tuple, [[0, 2], [3, 1]]))

    def off(prim, size, args, batched, params):
        return rule(prim, size, args, batched, {**params, "groups": other})
    test_collectives.test_values(WITH_GROUPS[prim], "vmap")
    with planted(record, batch=off), pytest.raises(AssertionError):
        test_collectives.test_values(WITH_GROUPS[prim], "vmap")


def test_a_trace_that_forgets_its_axis(monkeypatch):
    """jit must know by the bound names what a trace is good for."""
    nameless = SimpleNamespace(named_axes=dict)
    monkeypatch.setattr("isograd.refimpl.jit.current_trace", lambda: nameless)
    with pytest.raises(AssertionError):
        test_collectives.test_one_jitted_function_under_several_axes()
