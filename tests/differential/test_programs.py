"""Random programs, shrunk to the smallest that fails: each backend is the reference, each
transformation keeps its law."""

import numpy as np
from hypothesis import given

from isograd import grad, jit, jvp, make_graph, vjp, vmap

from .compare import assert_matches
from .random_program import programs

# Programs are up to ten steps of sums and exponentials: errors add up over the steps.
UNITS = 2000


def loss(program):
    return lambda *xs: np.sum(np.sin(program(*xs)))


@given(program=programs)
def test_compiled_is_eager(backend, program):
    args = program.arguments()
    assert_matches(jit(program, backend=backend)(*args), program(*args), UNITS)


@given(program=programs)
def test_compiled_gradient_is_eager(backend, program):
    args = program.arguments()
    f = grad(loss(program), tuple(range(len(args))))
    assert_matches(jit(f, backend=backend)(*args), f(*args), UNITS)
    assert_matches(grad(jit(loss(program), backend=backend), tuple(range(len(args))))(*args),
                   f(*args), UNITS)


@given(program=programs)
def test_compiled_batch_is_a_loop(backend, program):
    batch = [np.stack([program.arguments(seed)[i] for seed in range(3)])
             for i in range(len(program.shapes))]
    loop = np.stack([program(*xs) for xs in zip(*batch, strict=True)])
    assert_matches(jit(vmap(program), backend=backend)(*batch), loop, UNITS)


@given(program=programs)
def test_vjp_is_the_transpose_of_jvp(program):
    program = program._replace(dtype="float64")
    args, dots = program.arguments(), program.arguments(1)
    out, pullback = vjp(program, *args)
    ct = np.asarray(np.random.default_rng(2).standard_normal(np.shape(out)))
    tangent = jvp(program, args, dots)[1]
    left = np.sum(ct * tangent)
    right = sum(np.sum(c * t) for c, t in zip(pullback(ct), dots, strict=True))
    scale = np.sum(np.abs(ct * tangent)) + sum(
        np.sum(np.abs(c * t)) for c, t in zip(pullback(ct), dots, strict=True))
    assert abs(left - right) <= 1e-11 * scale + 1e-15     # a mean of a softmax has slope 0


@given(program=programs)
def test_hessian_is_symmetric(program):
    program = program._replace(dtype="float64")
    args = program.arguments()
    v, w = program.arguments(1)[0], program.arguments(2)[0]

    def f(x):
        return np.sum(np.sin(program(x, *args[1:])))

    hv, hw = (jvp(grad(f), (args[0],), (t,))[1] for t in (v, w))
    left, right = np.sum(w * hv), np.sum(v * hw)
    scale = np.sum(np.abs(w * hv)) + np.sum(np.abs(v * hw))
    assert abs(left - right) <= 1e-9 * scale + 1e-12


@given(program=programs)
def test_graphs_are_valid(program):
    args = program.arguments()
    make_graph(program)(*args).graph.check()
    make_graph(grad(loss(program)))(*args).graph.check()
