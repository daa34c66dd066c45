"""The same numbers as JAX: bit for bit, or as close as two implementations of log and erfinv are.

The numbers are recorded (record.py); where JAX is installed, it is asked again.
"""

import importlib.util

import numpy as np
import pytest

from isograd import random

from .calls import CALLS
from .record import PATH, name, run

RECORDED = np.load(PATH)
NAMES = [name(i, call) for i, call in enumerate(CALLS)]
HAS_JAX = importlib.util.find_spec("jax") is not None


def agree(got, want, call):
    """Raise AssertionError unless results are equal, or as close as the call states."""
    assert got.shape == want.shape and got.dtype == want.dtype
    if not call.ulp and call.share == 1:
        np.testing.assert_array_equal(got, want)
        return
    eps = np.finfo(want.dtype).eps if want.dtype.kind in "fc" else 0
    bound = call.ulp * eps * np.maximum(np.abs(want), call.scale)
    close = (np.abs(got - want) <= bound) | (got == want) | (np.isnan(got) & np.isnan(want))
    worst = np.max(np.abs(got - want) / np.where(bound > 0, bound, 1), initial=0)
    assert close.mean() >= call.share if close.size else True, f"{worst} times the bound"


@pytest.mark.parametrize(("label", "call"), list(zip(NAMES, CALLS, strict=True)), ids=NAMES)
def test_the_numbers_that_jax_draws(label, call):
    agree(run(random, call), RECORDED[label], call)


def test_every_recorded_array_has_its_call():
    assert set(RECORDED) == {*NAMES, "version"}


@pytest.mark.slow
@pytest.mark.skipif(not HAS_JAX, reason="JAX is not installed")
def test_jax_still_draws_the_recorded_numbers():
    import jax
    jax.config.update("jax_enable_x64", True)
    for label, call in zip(NAMES, CALLS, strict=True):
        np.testing.assert_array_equal(run(jax.random, call), RECORDED[label], err_msg=label)
