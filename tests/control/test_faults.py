"""The suites can fail: faults are planted in the rules of loops and branches, and each is noticed.
"""

import numpy as np
import pytest

from isograd.refimpl.control import checkpoints, choice, closures, loop, prefix, reverse, sequence
from isograd.refimpl.primitive import PRIMITIVES

from ..differential.test_faults import planted
from . import test_programs, test_reverse, test_writing


def off(x):
    return None if x is None or x.dtype.kind not in "fc" else 1.001 * x


def off_results(rule):
    """A rule that returns (results, what goes with them), these off by a thousandth."""
    def wrong(*args):
        outs, rest = rule(*args)
        return outs, tuple(map(off, rest))
    return wrong


def off_cotangents(rule):
    return lambda *args: list(map(off, rule(*args)))


def means(program, mode):
    return lambda: test_programs.test_means_the_python_loop(program, mode)


def batch_means(program, mode="value", which=(0, 0)):
    return lambda: test_programs.test_vmap(program, mode, which)


# operation: (program, of which the derivative and the transpose are off)
NOTICED_BY = {"scan": "scan", "while": "while of vectors", "cond": "cond"}


@pytest.mark.parametrize("name", NOTICED_BY)
def test_a_derivative_off_by_a_thousandth(name):
    record, check = PRIMITIVES[name], means(NOTICED_BY[name], "jvp")
    check()
    wrong = {"jvp": off_results(record.jvp), "linearize": off_results(record.linearize)}
    with planted(record, **wrong), pytest.raises(AssertionError):
        check()


@pytest.mark.parametrize("name", NOTICED_BY)
def test_a_transpose_off_by_a_thousandth(name):
    record, check = PRIMITIVES[name], means(NOTICED_BY[name], "vjp")
    check()
    with planted(record, transpose=off_cotangents(record.transpose)), pytest.raises(
            AssertionError):
        check()


# ---- what the rules are made of: each takes the right function, and gives a wrong one ----

def last_branch(real):
    """Whatever the index, the last branch."""
    return lambda size, args, parts: real(size, (np.full(size, len(parts) - 1), *args[1:]), parts)


def never_done(real):
    """Examples that are done go on as long as any does."""
    return lambda test, step: (real(test, step)[0], step)


def first_to_last(real):
    """The states in the order of the steps."""
    return lambda *args: iter(list(real(*args))[::-1])


def one_short(real):
    def forward(*args):
        steps, *rest = real(*args)
        return max(steps - 1, 0), *rest
    return forward


def turned(real):
    """Parts that are joined in the opposite order."""
    return lambda parts, axis: real(list(parts)[::-1], axis)


def from_one(real):
    """Sums of cotangents that do not start at zero."""
    return lambda aval: real(aval) + 1.0


def writes(name):
    return lambda: test_writing.test_values(name, "reference")


def refused():
    test_writing.test_a_body_does_not_write_to_arrays_from_outside("scan", "known value", "eager")


def bounded():
    test_reverse.test_states_come_backward_in_bounded_memory(10_000, 3.4)


# name: (module, attribute, what becomes of it, the test that notices)
FAULTS = {
    "vmap takes a branch for all": (choice, "_batch_choice", last_branch, batch_means("cond")),
    "vmap moves examples that are done": (
        loop, "_until_all_are_done", never_done, batch_means("while by value")),
    "the reverse goes forward": (
        reverse, "segments_backward", first_to_last, means("while of vectors", "vjp")),
    "the reverse leaves out a step": (
        reverse, "run_forward", one_short, means("fori dynamic", "vjp")),
    "a sum in the reverse of a loop": (
        reverse, "zeros", from_one, means("while of vectors", "vjp")),
    "a sum in the reverse of a scan": (sequence, "zeros", from_one, means("scan", "vjp")),
    "prefixes in another order": (
        prefix, "_interleaved", lambda real: lambda even, odd: real(odd, even[:odd.shape[0]]),
        means("associative_scan", "value")),
    "prefixes write into what they were given": (
        prefix, "_own", lambda real: lambda x: x, writes("associative_scan")),
    "batches of map in another order": (sequence, "concatenate", turned, writes("map")),
    "what is closed over is not looked at": (
        closures, "closed_over", lambda real: lambda fun: {}, refused),
    "as many states are kept as there are steps": (
        checkpoints, "SLOTS", lambda real: 10**6, bounded),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_noticed(name, monkeypatch):
    module, attribute, wrong, check = FAULTS[name]
    check()
    monkeypatch.setattr(module, attribute, wrong(getattr(module, attribute)))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check()
