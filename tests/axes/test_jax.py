"""JAX means the same by its collectives and their derivatives: figures recorded from JAX 0.10.2.

Where JAX is installed it is asked again. Left out of PROGRAMS is what its vmap refuses:
axis_index_groups (below, from its pmap on four devices), a ppermute of some examples only, and the
derivative of an all_to_all that moves an axis.
"""

from importlib.util import find_spec

import numpy as np
import pytest

import isograd

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
# (values, gradient inside of the map, outside of it), each summed up with weights; None: no rule
RECORDED = {
    "psum": (-5.586939829613399, -16.599400220960288, -16.599400220960288),
    "pmean": (0.7951251743028958, 1.5902503486057897, 1.5902503486057897),
    "pmax": (-5.351723020179061, None, None),
    "all_gather": (-12.574083278944242, -249.61957550983854, -249.61957550983854),
    "all_gather tiled": (-12.574083278944242, -249.61957550983854, -249.61957550983854),
    "psum_scatter": (1.3919575709196812, -12.19552381290287, -12.19552381290287),
    "ppermute": (-3.6544521711032463, 19.07226363124072, 19.07226363124072),
    "pshuffle": (-3.0611076779861643, 17.007629858773477, 17.007629858773477),
    "all_to_all": (-12.484704986820917, -62.404893877459635, -62.404893877459635),
    "pswapaxes": (-12.484704986820917, -62.404893877459635, -62.404893877459635),
    "axis_index": (-7.3986589979011965, -41.84545177734319, -41.84545177734319),
    "psum of a constant": (9.124602437942283, 145.99363900707652, 145.99363900707652),
}


def summed_up(y):
    y = np.asarray(y)
    return float(np.sum(y.ravel() * np.cos(np.arange(y.size))))


def figures(module, program):
    f = lambda x: program(module.lax, x)
    mapped = module.vmap(f, axis_name="i")
    inside = module.vmap(module.grad(lambda x: (f(x) ** 2).sum()), axis_name="i")
    outside = module.grad(lambda x: (mapped(x) ** 2).sum())
    wanted = (mapped, None, None) if program is PROGRAMS["pmax"] else (mapped, inside, outside)
    return [g and summed_up(g(X)) for g in wanted]


def check(got, want):
    for x, y in zip(got, want, strict=True):
        assert (x is None) == (y is None) and (x is None or np.isclose(x, y, 1e-11, 1e-11))


@pytest.mark.parametrize("name", PROGRAMS)
def test_jax_agrees(name):
    check(figures(isograd, PROGRAMS[name]), RECORDED[name])


@pytest.mark.skipif(not find_spec("jax"), reason="JAX is not installed")
@pytest.mark.parametrize("name", PROGRAMS)
def test_jax_still_says_so(name):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    check(figures(jax, PROGRAMS[name]), RECORDED[name])


# ---- groups: recorded from JAX's pmap of arange(16) as four examples of shape (2, 2) ----

GROUPS = {"axis_index_groups": [[0, 3], [2, 1]]}
OF_GROUPS = {
    "psum": (lambda lax, x: lax.psum(x[0, 0], "i", **GROUPS), [12, 12, 12, 12]),
    "all_gather": (lambda lax, x: lax.all_gather(x[0, 0], "i", **GROUPS),
                   [[0, 12], [8, 4], [8, 4], [0, 12]]),
    "all_gather tiled": (
        lambda lax, x: lax.all_gather(x, "i", axis=1, tiled=True, **GROUPS),
        [[[0, 1, 12, 13], [2, 3, 14, 15]], [[8, 9, 4, 5], [10, 11, 6, 7]],
         [[8, 9, 4, 5], [10, 11, 6, 7]], [[0, 1, 12, 13], [2, 3, 14, 15]]]),
    "psum_scatter": (lambda lax, x: lax.psum_scatter(x, "i", **GROUPS),
                     [[12, 14], [16, 18], [12, 14], [16, 18]]),
    "all_to_all": (lambda lax, x: lax.all_to_all(x, "i", 0, 0, **GROUPS),
                   [[[0, 1], [12, 13]], [[10, 11], [6, 7]], [[8, 9], [4, 5]], [[2, 3], [14, 15]]]),
    "all_to_all axes": (
        lambda lax, x: lax.all_to_all(x, "i", 0, 1, **GROUPS),
        [[[0, 12], [1, 13]], [[10, 6], [11, 7]], [[8, 4], [9, 5]], [[2, 14], [3, 15]]]),
    "all_to_all tiled": (
        lambda lax, x: lax.all_to_all(x, "i", 0, 1, tiled=True, **GROUPS),
        [[[0, 1, 12, 13]], [[10, 11, 6, 7]], [[8, 9, 4, 5]], [[2, 3, 14, 15]]]),
}


@pytest.mark.parametrize("name", OF_GROUPS)
def test_jax_s_groups(name):
    program, want = OF_GROUPS[name]
    x = np.arange(16.0).reshape(4, 2, 2)
    np.testing.assert_array_equal(isograd.pmap(lambda x: program(isograd.lax, x), "i")(x), want)
