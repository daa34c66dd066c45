"""Every program with control flow x every transformation, against the same loop in Python."""

import numpy as np
import pytest

from isograd import grad, hessian, jacrev, jit, jvp, linearize, use_backend, value_and_grad, vjp
from isograd import vmap as vmap_of

from .programs import PROGRAMS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def directions(args):
    return tuple([np.cos(np.arange(np.size(x)) + 1.0).reshape(np.shape(x)) for x in args])


def forward(f, *args):
    return jvp(f, args, directions(args))


def reverse(f, *args):
    return value_and_grad(f, (0, 1))(*args)


def linearized(f, *args):
    out, push = linearize(f, *args)
    return out, push(*directions(args))


def forward_over_reverse(f, *args):
    return jvp(grad(f, (0, 1)), args, directions(args))[1]


def reverse_over_forward(f, *args):
    return grad(lambda *xs: jvp(f, xs, directions(args))[1], (0, 1))(*args)


def reverse_over_reverse(f, *args):
    def slope(*xs):
        return sum(np.sum(g * d) for g, d in
                   zip(grad(f, (0, 1))(*xs), directions(args), strict=True))
    return grad(slope, (0, 1))(*args)


def forward_over_forward(f, *args):
    return jvp(lambda *xs: jvp(f, xs, directions(args))[1], args, directions(args))[1]


MODES = {
    "value": lambda f, *args: f(*args),
    "jvp": forward, "vjp": reverse, "linearize": linearized,
    "forward over reverse": forward_over_reverse,
    "reverse over forward": reverse_over_forward,
    "reverse over reverse": reverse_over_reverse,
    "forward over forward": forward_over_forward,
}
SECOND = [name for name in MODES if "over" in name]
every_program = pytest.mark.parametrize("name", PROGRAMS)


def leaves(x):
    return [leaf for part in x for leaf in leaves(part)] if isinstance(x, tuple) else [x]


def assert_close(got, want, tolerance=1e-10):
    for x, y in zip(leaves(got), leaves(want), strict=True):
        assert np.shape(x) == np.shape(y)
        np.testing.assert_allclose(x, y, tolerance, 1e-12)


@every_program
@pytest.mark.parametrize("mode", MODES)
def test_means_the_python_loop(name, mode):
    program = PROGRAMS[name]
    assert_close(MODES[mode](program.structured, *program.args),
                 MODES[mode](program.loop, *program.args))


@every_program
@pytest.mark.parametrize("mode", ["value", "vjp", "forward over reverse"])
def test_jit(name, mode):
    program = PROGRAMS[name]
    run = jit(lambda *xs: MODES[mode](program.structured, *xs))
    assert_close(run(*program.args), MODES[mode](program.loop, *program.args))


@every_program
def test_reference_backend(name):
    program = PROGRAMS[name]
    with use_backend("reference"):
        got = jit(lambda *xs: reverse(program.structured, *xs))(*program.args)
    assert_close(got, reverse(program.loop, *program.args))


@every_program
@pytest.mark.parametrize("mode", ["value", "jvp", "vjp", "forward over reverse"])
@pytest.mark.parametrize("which", [(0, 0), (0, None), (None, 0)], ids=str)
def test_vmap(name, mode, which):
    """vmap is the loop over the batch, also where examples take different branches and counts."""
    program = PROGRAMS[name]
    factors = np.array([1.0, 1.6, 0.7])
    args = [np.multiply.outer(factors, x) if ax == 0 else x
            for x, ax in zip(program.args, which, strict=True)]
    got = vmap_of(lambda *xs: MODES[mode](program.structured, *xs), which)(*args)
    rows = [MODES[mode](program.loop, *[x[i] if ax == 0 else x
                                        for x, ax in zip(args, which, strict=True)])
            for i in range(3)]
    want = [np.stack(column) for column in zip(*map(leaves, rows), strict=True)]
    assert_close(tuple(leaves(got)), tuple(want))


@every_program
def test_gradient_of_a_batch(name):
    program = PROGRAMS[name]
    args = [np.stack([x, np.multiply(x, 1.3)]) for x in program.args]
    got = grad(lambda *xs: np.sum(vmap_of(program.structured)(*xs)), (0, 1))(*args)
    rows = [grad(program.loop, (0, 1))(*[x[i] for x in args]) for i in range(2)]
    assert_close(got, tuple(np.stack(column) for column in zip(*rows, strict=True)))


@pytest.mark.parametrize("name", ["scan", "while by value", "while of vectors", "nested"])
def test_hessian_and_jacobian(name):
    program = PROGRAMS[name]
    assert_close(hessian(program.structured)(*program.args), hessian(program.loop)(*program.args))
    assert_close(jit(jacrev(program.structured))(*program.args),
                 jacrev(program.loop)(*program.args))


@every_program
def test_vjp_agrees_with_jvp(name):
    program = PROGRAMS[name]
    _, tangent = forward(program.structured, *program.args)
    _, pullback = vjp(program.structured, *program.args)
    pulled = pullback(1.0)
    want = sum(np.sum(g * d) for g, d in zip(pulled, directions(program.args), strict=True))
    np.testing.assert_allclose(tangent, want, 1e-11)
