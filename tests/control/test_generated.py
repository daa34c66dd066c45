"""Random programs with loops, branches and writes, by every transformation, against Python's."""

import numpy as np
import pytest

from isograd import jit, vmap

from .generated import BLOCKS, SIMPLE, program, statements
from .test_programs import MODES, assert_close, leaves

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
FEW = ("value", "vjp", "forward over reverse")


def check(seed, modes):
    structured, loop, args = program(seed)
    for mode in modes:
        want = MODES[mode](loop, *args)
        assert all(np.isfinite(x).all() for x in leaves(want))
        f = lambda *xs, mode=mode: MODES[mode](structured, *xs)
        assert_close(f(*args), want, 1e-8)
        assert_close(jit(f)(*args), want, 1e-8)


def check_batch(seed, mode):
    """The examples take different branches, and numbers of steps."""
    structured, loop, args = program(seed)
    batch = [np.multiply.outer([1.0, 1.4, 0.6], x) for x in args]
    got = vmap(lambda *xs: MODES[mode](structured, *xs))(*batch)
    rows = [MODES[mode](loop, *[x[i] for x in batch]) for i in range(3)]
    assert_close(tuple(leaves(got)), tuple(map(np.stack, zip(*map(leaves, rows), strict=True))),
                 1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_a_program_means_the_same(seed):
    check(seed, FEW)
    check_batch(seed, "value")
    check_batch(seed, "vjp")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 46))
def test_many_programs_by_every_transformation(seed):
    check(seed, MODES)
    check_batch(seed, "value")
    check_batch(seed, "vjp")


def kinds_in(code):
    return {kind for s in code for kind in {s.kind}.union(*map(kinds_in, s.blocks))}


def test_every_statement_occurs():
    rng = np.random.default_rng(0)
    found = set().union(*[kinds_in(statements(rng, 3)) for _ in range(60)])
    assert found == {*SIMPLE, *BLOCKS}
