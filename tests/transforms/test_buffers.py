"""Plain arrays that a program writes to between their uses: each use means what was in it then."""

import numpy as np
import pytest

from isograd import grad, jacfwd, jacrev, jit, linearize, tree, vjp, vmap
from isograd.errors import InPlaceError


def scratch(x):
    buffer, total = np.zeros(3), 0.0
    for i in range(3):
        buffer[:] = i
        total = total + np.sum(x * buffer)
    return total


def scratch_index(x):
    index, total = np.zeros(1, int), 0.0
    for i in range(3):
        index[0] = i
        total = total + np.sum(x[index] * (i + 1.0))
    return total


def scratch_mask(x):
    mask, total = np.zeros(3, bool), 0.0
    for i in range(3):
        mask[:] = np.arange(3) == i
        total = total + np.sum(np.where(mask, x, 0.0) * (i + 1)) + np.sum(x[mask])
    return total


def scratch_matrix(x):
    matrix = np.eye(3)
    for i in range(3):
        matrix[0, 1] = i
        x = matrix @ x
    return np.sum(x)


def scratch_divisor(x):
    divisor, total = np.ones(3), 0.0
    for _ in range(3):
        divisor *= 2
        total = total + np.sum(x / divisor)
    return total


X = np.array([1.0, 2.0, 3.0])
GRADIENTS = {scratch: [3.0, 3.0, 3.0], scratch_index: [1.0, 2.0, 3.0],
             scratch_mask: [2.0, 3.0, 4.0], scratch_matrix: [1.0, 4.0, 1.0],
             scratch_divisor: [0.875] * 3}
WAYS = {
    "grad": grad, "jit grad": lambda f: jit(grad(f)), "grad jit": lambda f: grad(jit(f)),
    "jacfwd": jacfwd, "jacrev": jacrev, "vjp": lambda f: lambda x: vjp(f, x)[1](1.0)[0],
    "vmap grad": lambda f: lambda x: vmap(grad(f))(x[None])[0],
    "jit vmap grad": lambda f: lambda x: jit(vmap(grad(f)))(x[None])[0],
    "half the gradient of the square": lambda f: lambda x: grad(
        lambda y: f(y) ** 2 / 2)(x) / f(x),
    "linear": lambda f: lambda x: np.array([linearize(f, x)[1](row) for row in np.eye(3)]),
    "second": lambda f: lambda x: grad(lambda y: np.sum(grad(lambda z: f(z) ** 2)(y)))(x) / (
        2 * np.sum(grad(f)(x))),
    "jit second": lambda f: lambda x: jit(grad(lambda y: np.sum(grad(lambda z: f(z) ** 2)(y))))(
        x) / (2 * np.sum(grad(f)(x))),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("program", GRADIENTS, ids=lambda f: f.__name__)
def test_a_buffer_means_what_was_in_it(program, way):
    np.testing.assert_allclose(WAYS[way](program)(X), GRADIENTS[program], rtol=1e-14)


N = 100_000


@pytest.mark.parametrize("way", [grad, jacrev, lambda f: lambda x: linearize(f, x)[1](x)])
def test_a_write_to_a_large_buffer_is_noticed(way):
    def f(x):
        buffer = np.ones(N)
        y = np.sum(x * buffer)
        buffer *= 2
        return y + np.sum(x * buffer)
    with pytest.raises(InPlaceError, match=r"buffer\.copy"):
        way(f)(np.ones(N))
    np.testing.assert_array_equal(jit(grad(f))(np.ones(N)), np.full(N, 3.0))


def test_a_write_to_a_large_buffer_that_no_derivative_reads_is_none_of_its_business():
    def f(x):
        buffer = np.ones(N)
        y = x + buffer
        buffer *= 2
        return np.sum(y)
    np.testing.assert_array_equal(vjp(f, np.ones(N))[1](1.0)[0], np.ones(N))


@pytest.mark.parametrize("n", [5, N])
def test_arguments_and_results_may_be_written_to_before_the_pullback(n):
    x = np.linspace(0.1, 1.0, n)
    for start in (lambda f, x: vjp(f, x), lambda f, x: linearize(f, x)):
        given = x.copy()
        y, go = start(lambda v: np.exp(v) + v, given)
        y[:] = np.nan
        np.testing.assert_allclose(tree.leaves(go(np.ones(n)))[0], np.exp(x) + 1)
        y, go = start(lambda v: v * v, given)
        given[:] = np.nan
        if n == N:
            with pytest.raises(InPlaceError):
                go(np.ones(n))
        else:
            np.testing.assert_allclose(tree.leaves(go(np.ones(n)))[0], 2 * x)


def through_broadcast(x):
    buffer = np.array([1.0, 2.0, 3.0])
    view = np.broadcast_to(buffer, (1, 3))
    y = np.sum(view * x)
    buffer[:] = 0
    return y


def through_windows(x):
    buffer = np.arange(5.0)
    y = np.sum(np.lib.stride_tricks.sliding_window_view(buffer, 3)[1] * x)
    buffer[:] = 0
    return y


def through_diagonal(x):
    matrix = np.diag([1.0, 2.0, 3.0]).copy()
    y = np.sum(np.diagonal(matrix) * x)
    matrix[:] = 0
    return y


@pytest.mark.parametrize("way", ["grad", "jit grad", "grad jit", "jacfwd", "vjp", "jit vmap grad"])
@pytest.mark.parametrize("program", [through_broadcast, through_windows, through_diagonal])
def test_a_read_only_view_of_a_buffer_can_change(program, way):
    np.testing.assert_array_equal(WAYS[way](program)(X), [1.0, 2.0, 3.0])
    assert jit(program)(np.ones(3)) == 6.0


def test_one_element_of_a_large_array_is_noticed():
    x = np.ones(4096)
    _, pull = vjp(lambda x: np.sum(x * x), x)
    x[1] = 50.0
    with pytest.raises(InPlaceError):
        pull(1.0)
