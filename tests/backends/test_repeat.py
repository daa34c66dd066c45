"""A compiled graph as the body of a loop, all steps at once, against one call a step."""

import numpy as np
import pytest

import isograd
from isograd.backends.cpu.runtime import CpuBackend
from isograd.fastpath import ProgramError, repeat

W = np.random.default_rng(0).normal(size=(5, 5)) / 3
ROWS = np.random.default_rng(1).normal(size=(7, 5))

# name: (body of (consts, state, row) -> state and row, consts, state, xs)
BODIES = {
    "number": (lambda s, x: (s * 0.5 + x, s), 0, [1.0], [ROWS[:, 0].copy()]),
    "array": (lambda w, s, x: (np.tanh(w @ s) + x, s.sum(), s * 2), 1, [W, np.ones(5)], [ROWS]),
    "two states": (lambda a, n: (a * n, n + 1), 0, [np.ones(5), np.int64(1)], []),
    "exchanged": (lambda a, b: (b, a), 0, [np.zeros(5), np.ones(5)], []),
    "state as it is": (lambda a, x: (a, a + x), 0, [np.arange(5.0)], [ROWS]),
    "dtypes": (lambda b, i, f: (np.logical_not(b), i + 1, f * np.float32(0.5)), 0,
               [np.array([True, False]), np.arange(3, dtype=np.int32), np.float32(3)], []),
    "constants of every kind": (lambda a, b, c, s: (s * a + b - c,), 3,
                                [2.0, np.float64(3), W[0], np.ones(5)], []),
    "nothing in a row": (lambda s, x: (s + 1,), 0, [0.0], [np.zeros((7, 0))]),
    "large": (lambda w, s: (np.sin(w) * s + w,), 1, [np.linspace(0, 1, 200_000), np.ones(200_000)],
              []),
    "product": (lambda w, s: (w @ s,), 1, [W, np.eye(5)], []),
}


def compiled(body, args, xs):
    """The body compiled for these arguments, Python numbers as float64."""
    args = [np.float64(a) if isinstance(a, float) else a for a in args]
    return CpuBackend().compile(isograd.make_graph(body)(*args, *[x[0] for x in xs]).graph)


def one_by_one(executable, args, consts, carry, length, reverse):
    fixed, state, xs = args[:consts], args[consts:consts + carry], args[consts + carry:]
    outs = []
    for k in reversed(range(length)) if reverse else range(length):
        results = executable.run([*fixed, *state, *[x[k] for x in xs]])
        state = results[:carry]
        outs.append(results[carry:])
    outs = outs[::-1] if reverse else outs
    return [*state, *[np.array(column) for column in zip(*outs, strict=True)]]


def same(got, want):
    assert len(got) == len(want)
    for x, y in zip(got, want, strict=True):
        assert type(x) is type(y) and x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("length", [1, 2, 7])
@pytest.mark.parametrize("name", BODIES)
def test_the_same_bits_as_step_by_step(name, length, reverse):
    body, consts, args, xs = BODIES[name]
    rows = [x[:length] for x in xs]
    executable, carry = compiled(body, args, xs), len(args) - consts
    before = [np.copy(a) for a in args]
    for _ in range(2):
        got = executable.repeat([*args, *rows], consts, carry, length, reverse)
        same(got, one_by_one(executable, [*args, *rows], consts, carry, length, reverse))
    same([np.asarray(a) for a in args], [np.asarray(a) for a in before])


def test_no_steps():
    body, consts, args, xs = BODIES["array"]
    state, sums, ys = compiled(body, args, xs).repeat([*args, ROWS[:0]], consts, 1, 0)
    np.testing.assert_array_equal(state, args[1])
    assert state is not args[1] and sums.shape == (0,) and ys.shape == (0, 5)


def test_until_a_flag_is_false():
    body = lambda limit, s, n: (s * 2, n + 1, s * 2 < limit)
    executable = compiled(body, [100.0, np.ones(()), np.int64(0)], [])
    assert executable.repeat([100.0, 1.0, 0], 1, 2, None, until=True) == (128.0, 7)
    assert executable.repeat([0.0, 1.0, 0], 1, 2, None, until=True) == (2.0, 1)


def test_results_are_their_own():
    executable = compiled(lambda s: (s + 1,), [np.zeros(4)], [])
    first, = executable.repeat([np.zeros(4)], 0, 1, 3)
    second, = executable.repeat([first], 0, 1, 3)
    np.testing.assert_array_equal(first, 3.0)
    np.testing.assert_array_equal(second, 6.0)


def test_what_needs_python_goes_step_by_step():
    executable = compiled(lambda s: (np.sort(s) * 2,), [np.ones(3)], [])
    assert executable.repeat([np.ones(3)], 0, 1, 5) is None
    with pytest.raises(ProgramError, match="Call"):
        repeat(executable.program, [np.ones(3)], 0, 1, 5)


def test_what_does_not_fit_is_refused():
    executable = compiled(lambda s, x: (s + x,), [np.ones(3)], [np.ones((7, 3))])
    with pytest.raises(ValueError, match=r"\(6, 3\)"):
        executable.repeat([np.ones(3), np.ones((6, 3))], 0, 1, 7)
    with pytest.raises(ValueError, match="shape"):
        executable.repeat([np.ones(4), np.ones((7, 3))], 0, 1, 7)
    with pytest.raises(ProgramError, match="arguments"):
        executable.repeat([np.ones(3)], 0, 1, 7)
    with pytest.raises(ProgramError, match="type"):
        compiled(lambda s: (s.sum(),), [np.ones(3)], []).repeat([np.ones(3)], 0, 1, 2)


def test_until_a_flag_is_false_or_the_rows_are_full():
    body = lambda limit, s: (s * 2, s * 2 < limit, s)
    executable = compiled(body, [100.0, np.ones(())], [])
    last, rows = executable.repeat([100.0, 1.0], 1, 1, 4, until=True)
    assert last == 16.0 and rows.tolist() == [1.0, 2.0, 4.0, 8.0]
    last, rows = executable.repeat([100.0, 1.0], 1, 1, 9, until=True)
    assert last == 128.0 and rows[:7].tolist() == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    with pytest.raises(ProgramError, match="arguments"):
        executable.repeat([100.0, 1.0, np.ones(3)], 1, 1, 3, until=True)
