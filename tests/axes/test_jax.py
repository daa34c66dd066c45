"""JAX, where it is installed, means the same by its collectives and their derivatives.

Left out is what JAX's vmap refuses: axis_index_groups, a ppermute of some examples only, and the
derivative of an all_to_all that moves an axis.
"""

import numpy as np
import pytest

import isograd

jax = pytest.importorskip("jax", reason="JAX is not installed")
jax.config.update("jax_enable_x64", True)

X = np.random.default_rng(0).normal(size=(4, 4, 3))

PROGRAMS = {
    "psum": lambda lax, x: x * lax.psum(x, "i"),
    "pmean": lambda lax, x: x - lax.pmean(x, "i"),
    "pmax": lambda lax, x: lax.pmax(x, "i"),
    "all_gather": lambda lax, x: lax.all_gather(x, "i", axis=1) ** 2,
    "all_gather tiled": lambda lax, x: lax.all_gather(x, "i", axis=1, tiled=True) ** 2,
    "psum_scatter": lambda lax, x: lax.psum_scatter(x * x, "i"),
    "ppermute": lambda lax, x: x * lax.ppermute(x, "i", [(0, 2), (2, 1), (1, 3), (3, 0)]),
    "pshuffle": lambda lax, x: x * lax.pshuffle(x, "i", [2, 0, 3, 1]),
    "all_to_all": lambda lax, x: lax.all_to_all(x * x, "i", 0, 0),
    "pswapaxes": lambda lax, x: lax.pswapaxes(x * x, "i", 0),
    "axis_index": lambda lax, x: x * lax.axis_index("i"),
    "psum of a constant": lambda lax, x: x * lax.psum(2.0, "i"),
}
WITHOUT_JAX_DERIVATIVE = {"pmax"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_jax_agrees(name):
    program = PROGRAMS[name]
    ours = lambda x: program(isograd.lax, x)
    theirs = lambda x: program(jax.lax, x)
    np.testing.assert_allclose(isograd.vmap(ours, axis_name="i")(X),
                               jax.vmap(theirs, axis_name="i")(X), rtol=1e-12)
    if name in WITHOUT_JAX_DERIVATIVE:
        return
    inside = [m.vmap(m.grad(lambda x, f=f: (f(x) ** 2).sum()), axis_name="i")(X)
              for m, f in ((isograd, ours), (jax, theirs))]
    np.testing.assert_allclose(*inside, rtol=1e-11, atol=1e-12)
    outside = [m.grad(lambda x, m=m, f=f: (m.vmap(f, axis_name="i")(x) ** 2).sum())(X)
               for m, f in ((isograd, ours), (jax, theirs))]
    np.testing.assert_allclose(*outside, rtol=1e-11, atol=1e-12)
