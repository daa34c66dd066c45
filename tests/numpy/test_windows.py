"""np.i0 and the Kaiser window: derivatives, and what is refused."""

import numpy as np
import pytest

import isograd
from isograd import errors
from isograd import numpy as inp


@pytest.mark.parametrize("length", [0, 1, 2, 5])
def test_derivative_of_the_window(length):
    dot = isograd.jvp(lambda beta: inp.kaiser(length, beta), (4.0,), (1.0,))[1]
    want = (np.kaiser(length, 4 + 1e-6) - np.kaiser(length, 4 - 1e-6)) / 2e-6
    np.testing.assert_allclose(dot, want, 1e-6, 1e-9)


def test_windows_for_many_parameters():
    betas = np.array([0.0, 2.0, 14.0])
    got = isograd.jit(isograd.vmap(lambda beta: inp.kaiser(6, beta)))(betas)
    np.testing.assert_allclose(got, [np.kaiser(6, beta) for beta in betas], 1e-14)


def test_i0_is_even_and_flat_at_0():
    np.testing.assert_array_equal(isograd.vmap(isograd.grad(np.i0))(np.array([0.0, -0.0])), 0)
    slopes = isograd.vmap(isograd.grad(np.i0))(np.array([1.5, -1.5]))
    assert slopes[0] == -slopes[1]


def test_i0_of_complex_numbers_is_refused():
    with pytest.raises(errors.DtypeError, match=r"special\.iv"):
        isograd.jit(np.i0)(np.array([1j]))
