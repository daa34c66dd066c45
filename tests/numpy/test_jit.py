"""Every function compiled by every backend gives what NumPy gives."""

import numpy as np
import pytest

import isograd
from isograd.refimpl.backend import use_backend

from .calls import split
from .test_functions import CALLS, arrays_only, quiet, results  # noqa: F401


def expect_close(got, want, tol):
    """Equal types; equal numbers up to the order of additions."""
    assert len(got) == len(want)
    for x, y in zip(got, want, strict=True):
        assert np.shape(x) == np.shape(y)
        assert np.asarray(x).dtype == np.asarray(y).dtype
        if np.asarray(y).dtype.kind in "fc":
            scale = np.max(np.abs(y), initial=0, where=np.isfinite(y))
            tol = max(tol, 64 * np.finfo(np.asarray(y).dtype).eps)
            np.testing.assert_allclose(x, y, rtol=tol, atol=tol * scale, equal_nan=True)
        else:
            np.testing.assert_array_equal(x, y)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("theirs", "ours", "name", "example"), CALLS)
def test_jitted(backend, theirs, ours, name, example):
    arrays, _ = split(example)
    if example.known or not arrays:
        pytest.skip("the numbers decide the shape")
    function = getattr(theirs, name)
    with use_backend(backend):
        got = isograd.jit(lambda *xs: arrays_only(results(function, example, xs)))(*arrays)
    expect_close(got, arrays_only(results(function, example)), example.tol)
