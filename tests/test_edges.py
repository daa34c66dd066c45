"""The choices at awkward points: every row of the tables in docs/edges.md, in every mode."""

import re
from pathlib import Path

import numpy as np
import pytest

import isograd
from isograd import grad, jacfwd, jit, jvp, lax, use_backend, vmap
from isograd.errors import NanError

LINES = (Path(__file__).parents[1] / "docs" / "edges.md").read_text().splitlines()
HEADINGS = ("| f(x) | x | gradient |", "| f(x) | x | reverse | forward |")


def rows(heading):
    """The cells between backquotes of the table that has this heading."""
    start = next(i for i, line in enumerate(LINES) if line.startswith(heading)) + 2
    end = LINES.index("", start)
    return [re.findall(r"`([^`]+)`", line) for line in LINES[start:end]]


ONE_CHOICE, TWO_CHOICES = map(rows, HEADINGS)
CASES = ([(f, x, want, want) for f, x, want, *_ in ONE_CHOICE]
         + [(f, x, reverse, forward) for f, x, reverse, forward, _ in TWO_CHOICES])


def over_a_batch(f):
    return lambda x: vmap(grad(f))(np.stack([x, x]))[1]


REVERSE = {"grad": grad, "vmap": over_a_batch,
           "jit of grad": lambda f: jit(grad(f)), "grad of jit": lambda f: grad(jit(f)),
           "jit of grad of jit": lambda f: jit(grad(jit(f))),
           "jit of vmap": lambda f: jit(over_a_batch(f))}
FORWARD = {"jacfwd": jacfwd, "jit of jacfwd": lambda f: jit(jacfwd(f)),
           "jacfwd of jit": lambda f: jacfwd(jit(f))}
MODES = {**REVERSE, **FORWARD}


def test_the_tables_are_read():
    assert len(ONE_CHOICE) >= 30
    assert len(TWO_CHOICES) >= 2


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("expression", "at", "reverse", "forward"), CASES)
def test_row(expression, at, reverse, forward, mode, backend):
    names = {"np": np, "nan": np.nan, "inf": np.inf}
    f = eval(f"lambda x: {expression}", names)
    x = np.asarray(eval(at, names))[()]
    with use_backend(backend):
        got = MODES[mode](f)(x)
    want = eval(forward if mode in FORWARD else reverse, names)
    np.testing.assert_allclose(got, want, 1e-12)
    assert np.shape(got) == np.shape(x)


# ---- the report of the first NaN ----

SOURCES = [
    # a program, its argument, the operation that makes the NaN, what the report suggests
    (lambda x: np.log(x - 3), 2.0, "log", "np.log1p"),
    (lambda x: np.sqrt(x), -1.0, "sqrt", "np.where"),
    (lambda x: x / x, 0.0, "divide", "np.where"),
    (lambda x: np.exp(x) - np.exp(x), 800.0, "subtract", None),
    (grad(lambda x: np.sqrt(x * x)), 0.0, "scale", "np.abs"),
]


def traced(f):
    return lambda x: jvp(f, (x,), (0.0,))


@pytest.mark.parametrize("wrap", [traced, jit])
@pytest.mark.parametrize(("program", "x", "operation", "instead"), SOURCES)
def test_the_first_nan_is_reported(program, x, operation, instead, wrap):
    with pytest.raises(NanError, match=operation) as error, isograd.debug.nans():
        wrap(program)(x)
    assert instead is None or instead in str(error.value)
    assert "test_edges.py" in str(error.value)


def log_of_state(c, x):
    return c - x, np.log(c)


LOOPS = {       # functions of 2.0 that make a NaN inside, in log_of_state
    "scan": lambda x: lax.scan(log_of_state, x, np.ones(4))[1].sum(),
    "fori_loop": lambda x: lax.fori_loop(0, 9, lambda i, c: sum(log_of_state(c, 1.0)), x),
    "while_loop": lambda x: lax.while_loop(lambda c: c[1] < 4, lambda c: (
        log_of_state(c[0] - 4.0, 1.0)[1], c[1] + 1), (x, 0))[0],
    "cond": lambda x: lax.cond(x > 0, lambda x: log_of_state(x - 9, 1.0)[1], lambda x: x, x),
    "scan in cond": lambda x: lax.cond(x > 0, LOOPS["scan"], lambda x: x, x),
}


@pytest.mark.parametrize("wrap", [lambda f: f, jit, grad, lambda f: jit(grad(f)), over_a_batch])
@pytest.mark.parametrize("name", LOOPS)
def test_the_first_nan_inside_of_a_loop_is_reported(name, wrap):
    with pytest.raises(NanError, match="log") as error, isograd.debug.nans():
        wrap(LOOPS[name])(2.0)
    assert "in log_of_state" in str(error.value)


def test_infinities_are_reported_if_asked_for():
    with isograd.debug.nans():
        assert grad(np.sqrt)(0.0) == np.inf
    with pytest.raises(NanError, match="an infinity"), isograd.debug.nans(infinities=True):
        grad(np.sqrt)(0.0)


def test_nans_that_come_in_are_not_reported():
    with isograd.debug.nans():
        assert np.isnan(jit(lambda x: x + 1)(np.nan))
        assert np.isnan(grad(lambda x: x * x)(np.nan))
        assert jit(lambda x: np.where(x > 0, np.log(x), 0.0))(0.0) == 0
    assert np.isnan(jit(lambda x: x - x)(np.inf))       # outside, nobody watches
