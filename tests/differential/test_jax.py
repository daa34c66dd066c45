"""JAX, where it is installed, agrees on random programs: values, derivatives, batches.

Compared is where JAX has a number: at the awkward points of docs/edges.md it has NaN.
"""

import numpy as np
import pytest
from hypothesis import given, settings

import isograd

from .random_program import operations, programs

jax = pytest.importorskip("jax", reason="JAX is not installed")
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
TABLE = operations(jax.numpy)
few = settings(max_examples=40)     # JAX compiles every operation of a new shape


def in_jax(program):
    return lambda *xs: program.run(TABLE, xs)


def loss_of(np, program):
    return lambda *xs: np.sum(np.sin(program(*xs)))


def agree(got, want):
    leaves = isograd.tree.leaves(got), isograd.tree.leaves(want)
    for x, y in zip(*leaves, strict=True):
        y = np.asarray(y)
        assert np.shape(x) == y.shape
        known = np.isfinite(y)
        np.testing.assert_allclose(np.asarray(x)[known], y[known], rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module", params=["eager", "jit"])
def wrap(request):
    return isograd.jit if request.param == "jit" else lambda f: f


@few
@given(program=programs)
def test_values(wrap, program):
    program = program._replace(dtype="float64")
    args = program.arguments()
    agree(wrap(program)(*args), in_jax(program)(*args))


@few
@given(program=programs)
def test_gradients(wrap, program):
    program = program._replace(dtype="float64")
    args = program.arguments()
    nums = tuple(range(len(args)))
    agree(wrap(isograd.grad(loss_of(np, program), nums))(*args),
          jax.grad(loss_of(jax.numpy, in_jax(program)), nums)(*args))


@few
@given(program=programs)
def test_hessian_vector_products(wrap, program):
    program = program._replace(dtype="float64")
    args, dots = program.arguments(), program.arguments(1)
    got = wrap(lambda *xs: isograd.jvp(isograd.grad(loss_of(np, program)), xs, dots)[1])(*args)
    gradient = jax.grad(loss_of(jax.numpy, in_jax(program)))
    agree(got, jax.jvp(gradient, tuple(args), tuple(dots))[1])


@few
@given(program=programs)
def test_batches(wrap, program):
    program = program._replace(dtype="float64")
    batch = [np.stack(pair) for pair in zip(program.arguments(), program.arguments(1),
                                            strict=True)]
    agree(wrap(isograd.vmap(program))(*batch), jax.vmap(in_jax(program))(*batch))
