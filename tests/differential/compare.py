"""How close a backend must be to the reference (contract M1, M2, M4)."""

import numpy as np

import isograd


def assert_matches(got, want, units=0):
    """Structure, shape and dtype are equal; numbers too, or within `units` eps of the largest one
    of the array. The sign of zero and the payload of NaN are left open."""
    got, got_tree = isograd.tree.flatten(got)
    want, want_tree = isograd.tree.flatten(want)
    assert got_tree == want_tree
    for x, y in zip(got, want, strict=True):
        x, y = np.asarray(x), np.asarray(y)
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        if units == 0 or y.dtype.kind not in "fc":
            np.testing.assert_array_equal(x, y)
            continue
        eps = np.finfo(y.dtype).eps
        largest = np.max(np.abs(y), initial=0, where=np.isfinite(y))
        np.testing.assert_allclose(x, y, rtol=units * eps, atol=units * eps * largest)
