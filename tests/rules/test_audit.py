"""`isograd.testing.audit` finds each kind of fault, and names gaps."""

import numpy as np
import pytest

import isograd
from isograd import extend
from isograd.errors import MissingRuleError, TreeError
from isograd.refimpl import backend as backends
from isograd.testing import audit

from .matrix import GAP, NONE, NUMBERS, YES

X = np.array([0.3, 1.2, -0.7])


def sine_with(rule):
    f = isograd.custom_jvp(lambda x: np.sin(x))
    f.defjvp(lambda primals, tangents: (np.sin(primals[0]), rule(primals[0], tangents[0])))
    return f


def half_the_cotangent():
    f = isograd.custom_vjp(lambda x: np.sin(x))
    f.defvjp(lambda x: (np.sin(x), x), lambda x, ct: (0.5 * ct * np.cos(x),))
    return f


def impure(x):
    """It gives another value where it is traced."""
    return x + isinstance(x, isograd.refimpl.trace.Tracer)


def doubling(name, transpose, batch):
    """x -> 2 x as an operation of its own."""
    return extend.operation(extend.Primitive(
        f"test.{name}", "movement", impl=lambda x: 2 * x, aval=lambda x: x, jvp=extend.linear,
        transpose=transpose, batch=batch))


def right_transpose(ct, args, params):
    return (2 * ct,)


def right_batch(prim, size, args, batched, params):
    return extend.bind(prim, *args), True


right = doubling("right", right_transpose, right_batch)
FAULTS = {
    "jvp": (sine_with(lambda x, t: t), "jvp: a tangent"),
    "vjp": (doubling("transpose", lambda ct, args, params: (ct,), right_batch), "vjp: "),
    "vjp without jvp": (half_the_cotangent(), "vjp: "),
    "second": (sine_with(lambda x, t: t * np.cos(isograd.stop_gradient(x))), "second derivative"),
    "jit": (impure, "jit, on the backend"),
    "vmap": (doubling("batch", right_transpose, lambda prim, size, args, batched, params: (
        extend.bind(prim, args[0][::-1]), True)), "vmap: example 0"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_rule_is_found_and_named(name):
    f, says = FAULTS[name]
    with pytest.raises(AssertionError, match=says):
        audit(f, X)


class Coarse:
    """A backend that loses digits."""

    name, call_cache = "coarse", backends.CallCache

    def compile(self, graph, layouts=None):
        self.inner = backends.get_backend("reference").compile(graph, layouts)
        return self

    def run(self, leaves):
        return [x * (1 + 1e-6) for x in self.inner.run(leaves)]


def test_a_wrong_backend_is_found_and_named(monkeypatch):
    monkeypatch.setattr(backends, "_backends", dict(backends._backends))
    backends.register_backend(Coarse())
    with pytest.raises(AssertionError, match="'coarse'"):
        audit(np.sin, X)


# ---- what holds ----

def without_rule(x):
    raise MissingRuleError("no rule")


def test_gaps_are_named():
    def gap(x):
        return without_rule(x) if isinstance(x, isograd.refimpl.trace.Tracer) else x
    assert set(audit(gap, X)[:7]) == {GAP}
    assert audit(lambda x: x[x > 0], X)[:5] == (NUMBERS, YES, YES, YES, NUMBERS)
    assert audit(lambda x: np.sum(x > 0), X)[:6] == (YES, NONE, NONE, NONE, YES, NONE)


def test_right_rules_pass():
    found = audit(right, X)
    assert found[:6] == (YES,) * 6
    assert found.engine == "test.right"
    assert audit(np.sin, X).name == "sin"


def test_arguments_are_pytrees_and_numbers():
    def model(parameters, x):
        w, b = parameters["layers"]
        return {"out": np.tanh(x @ w) * b, "sum": (np.sum(x), 1.0)}
    args = ({"layers": (np.ones((3, 2)) * [1, 2], 0.5)}, np.stack([X, 2 * X]))
    assert audit(model, *args)[:5] == (YES,) * 5
    other = ({"layers": (np.ones((3, 2)), 0.25)}, np.zeros((2, 3)))
    assert audit(model, *args, other=other).vmap == YES
    with pytest.raises(TreeError, match="other"):
        audit(model, *args, other=args[1:])


def test_functions_of_real_numbers():
    softsign = extend.elementwise(
        "test.softsign", lambda x: x / (1 + np.abs(x)), lambda y, x: 1 / (1 + np.abs(x)) ** 2,
        aval=extend.ufunc_aval(np.exp))
    with pytest.raises(AssertionError, match="jvp"):
        audit(softsign, X)
    assert audit(softsign, X, real=True)[:6] == (*(YES,) * 5, NONE)


def test_where_a_function_is_not_smooth_derivatives_are_left_out():
    corner = np.array([0.0, 1.0])
    with pytest.raises(AssertionError, match="jvp"):
        audit(lambda x: np.maximum(x, 0.0) * np.array([3.0, 1.0]) + x * (x > 0), corner)
    found = audit(np.abs, corner, derivatives=False)
    assert (found.jvp, found.jit, found.vmap) == (NONE, YES, YES)
