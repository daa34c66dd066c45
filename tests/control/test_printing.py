"""Graphs with loops print their bodies, and `explain` says how a loop runs."""

import textwrap

import numpy as np
import pytest

import isograd
from isograd import grad, lax

X, W = np.array([1.0, 2.0, 3.0]), np.ones(3)


def halve(x):
    return lax.while_loop(lambda c: c[0] > 1, lambda c: c * W, x)


def running(x):
    return lax.scan(lambda c, t: (np.tanh(c) * t, np.sum(c)), x, np.arange(4.0))


def either(x):
    return lax.cond(x[0] > 1, lambda a: a * W, np.sin, x)


GRAPHS = {
    "while": (halve, """
        graph(captured a:f64[3]; arguments b:f64[3])
          c:f64[3] = while a b
            cond: graph(consts a:f64[3]; carry b:f64[3])
              c:f64[1] = slice[starts=(0,) stops=(1,) steps=(1,)] b
              d:f64[] = reshape[shape=()] c
              e:bool[] = greater d 1.0
              return e
            body: graph(consts a:f64[3]; carry b:f64[3])
              c:f64[3] = multiply b a
              return c
          return c
        """),
    "scan": (running, """
        graph(captured a:f64[4]; arguments b:f64[3])
          c:f64[3] d:f64[4] = scan[length=4 reverse=False] b a
            body: graph(carry a:f64[3]; xs b:f64[])
              c:f64[3] = tanh a
              d:f64[3] = multiply c b
              e:f64[] = sum[axes=(0,)] a
              return d e
          return c d
        """),
    "cond": (lambda x: lax.cond(True, lambda a: a * W, np.sin, x), """
        graph(captured a:f64[3]; arguments b:f64[3])
          c:i64[] = cast[dtype=int64] True
          d:f64[3] = cond c a b
            branches[0]: graph(a:f64[3] b:f64[3])
              c:f64[3] = sin b
              return c
            branches[1]: graph(a:f64[3] b:f64[3])
              c:f64[3] = multiply b a
              return c
          return d
        """),
    "jit": (isograd.jit(lambda x: x * 2), """
        graph(a:f64[3])
          b:f64[3] = call[name=<lambda> backend=None] a
            graph: graph(a:f64[3])
              b:f64[3] = multiply a 2
              return b
          return b
        """),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_prints_its_bodies(name):
    f, text = GRAPHS[name]
    shown = str(isograd.make_graph(f)(X))
    assert shown == textwrap.dedent(text).strip()


def test_the_reverse_of_a_loop_names_its_groups():
    shown = str(isograd.make_graph(grad(lambda x: np.sum(halve(x))))(X))
    assert "reverse_while a b" in shown
    assert "back: graph(consts a:f64[3]; state b:f64[3]; cotangents c:f64[3])" in shown


def test_custom_rules_print_their_function():
    @isograd.custom_jvp
    def f(x):
        return np.sin(x)
    f.defjvps(lambda t, y, x: t * np.cos(x))
    shown = str(isograd.make_graph(f)(X))
    assert "\n    fun: graph(a:f64[3])\n      b:f64[3] = sin a\n" in shown


# ---- explain ----

def shown_of(f):
    return str(isograd.explain(f)(X))


def test_explain_says_how_a_loop_runs():
    shown = shown_of(halve)
    assert "call while by the reference: a loop, whose body is compiled" in shown
    assert "output0 float64 3 <- while %0 %1\n        " in shown
    assert "        body: graph(consts a:f64[3]; carry b:f64[3])\n" in shown
    assert "    kernels of body: 1 (1 loop)\n" in shown
    assert "test_printing.py" in shown and "object at 0x" not in shown


STEPS = {
    "in the engine": (halve, "in the engine, without Python"),
    "scan": (running, "in the engine, without Python"),
    "with sorting": (lambda x: lax.fori_loop(0, 3, lambda i, c: np.sort(c) * W, x),
                     "each a call from Python: the reference has a part in the body"),
    "backward": (grad(lambda x: np.sum(halve(x))), "each a call from Python, which keeps"),
}


@pytest.mark.parametrize("name", STEPS)
def test_explain_says_how_a_loop_goes_from_step_to_step(name):
    f, says = STEPS[name]
    assert f"    steps: {says}" in shown_of(f)


def test_explain_says_how_a_branch_runs():
    shown = shown_of(either)
    assert "call cond by the reference: a choice of branches, which are compiled" in shown
    assert "    kernels of branches[0]: 1 (1 loop)\n" in shown


def test_explain_shows_what_the_reference_runs_inside_of_a_body():
    def f(x):
        return lax.scan(lambda c, t: (lax.cond(t > 1, np.sort, np.sin, c), t), x, np.arange(3.0))
    shown = shown_of(f)
    places = [shown.index(part) for part in (
        "run by the reference:\n    scan: ", "\n      in body:\n        cond: ",
        "\n          in branches[1]:\n            sort: ")]
    assert places == sorted(places)
    assert len(isograd.explain(f)(X).fallbacks) == 1


def test_a_program_without_loops_says_nothing_of_bodies():
    shown = shown_of(lambda x: np.sort(np.sin(x)))
    assert "run by the reference:\n    sort: " in shown
    assert "kernels of" not in shown and "in body" not in shown
