"""The suites can fail: faults are planted, and each must be noticed."""

from contextlib import contextmanager

import numpy as np
import pytest

from isograd.refimpl.backend import get_backend
from isograd.refimpl.ops import elementwise as ops
from isograd.refimpl.primitive import PRIMITIVES

from ..cases import ALL, SMOOTH
from ..ops import test_derivatives, test_values
from ..transforms import test_laws
from ..transforms.programs import PROGRAMS
from . import test_primitives, test_programs


@contextmanager
def planted(record, **fields):
    """A record (frozen as it is) with other fields, for a while."""
    before = {name: getattr(record, name) for name in fields}
    try:
        for name, value in fields.items():
            object.__setattr__(record, name, value)
        yield
    finally:
        for name, value in before.items():
            object.__setattr__(record, name, value)


def first_case(cases, name):
    return next(c for c in cases if c.row.prim == name and c.dtype == "float64")


def scaled_partial(prim, factor=1.001):
    """The partial derivatives of a primitive, off by 0.1 %."""
    def off(partial):
        return lambda *xs: ops.multiply(factor, partial(*xs))
    return tuple(off(p) for p in prim.partials)


RULES = ["sin", "exp", "tanh", "log", "sqrt", "multiply", "divide", "power", "logaddexp"]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_off_by_a_thousandth(name):
    prim, case = PRIMITIVES[name], first_case(SMOOTH, name)
    test_derivatives.test_jvp(case)
    with planted(prim, partials=scaled_partial(prim)), pytest.raises(AssertionError):
        test_derivatives.test_jvp(case)


def test_a_transpose_off_by_a_thousandth():
    prim, case = PRIMITIVES["sum"], first_case(SMOOTH, "sum")

    def off(ct, args, params):
        return tuple(1.001 * c for c in rule(ct, args, params))
    rule = prim.transpose
    test_derivatives.test_vjp_is_the_transpose_of_jvp(case)
    with planted(prim, transpose=off), pytest.raises(AssertionError):
        test_derivatives.test_vjp_is_the_transpose_of_jvp(case)


def test_laws_notice_a_wrong_rule():
    program = next(p for p in PROGRAMS if p.name == "gelu")
    prim = PRIMITIVES["tanh"]
    with planted(prim, partials=scaled_partial(prim)), pytest.raises(AssertionError):
        test_laws.test_jvp_is_the_directional_derivative(program)


def test_a_value_off_by_a_few_units():
    prim, case = PRIMITIVES["expm1"], first_case(ALL, "expm1")
    check = test_values.test_value
    check(case)
    with planted(prim, impl=lambda x: np.expm1(x) * (1 + 2e-15)), pytest.raises(AssertionError):
        check(case)


class OneElementOff:
    """An executable whose last result differs in its last element by one unit."""

    def __init__(self, executable):
        self.executable = executable

    def run(self, leaves):
        *rest, last = self.executable.run(leaves)
        last = np.array(last)
        if last.size:
            flat = last.reshape(-1)
            flat[-1] = np.nextafter(flat[-1], np.inf) if last.dtype.kind == "f" else ~flat[-1]
        return [*rest, last[()]]


@pytest.mark.parametrize("name", ["add", "exp", "less", "permute", "max"])
def test_an_engine_loop_off_by_one_element(backend, name, monkeypatch):
    case = first_case(ALL, name)
    engine = type(get_backend(backend))
    compile_right = engine.compile
    test_primitives.test_values(backend, "value", case)
    monkeypatch.setattr(engine, "compile",
                        lambda self, *args: OneElementOff(compile_right(self, *args)))
    with pytest.raises(AssertionError):
        test_primitives.test_values(backend, "value", case)


def test_random_programs_notice_a_wrong_operation(backend, monkeypatch):
    engine = type(get_backend(backend))
    compile_right = engine.compile

    class Wrong(OneElementOff):
        def run(self, leaves):
            return [np.asarray(x + np.asarray(0.01, np.asarray(x).dtype))[()]
                    for x in self.executable.run(leaves)]

    monkeypatch.setattr(engine, "compile", lambda self, *args: Wrong(compile_right(self, *args)))
    with pytest.raises(AssertionError):
        test_programs.test_compiled_is_eager(backend)
