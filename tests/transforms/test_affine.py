"""linear_transpose takes linear functions: a constant term is found, also one that is traced."""

import numpy as np
import pytest

import isograd
import isograd.numpy as inp
from isograd import custom_jvp, jit, jvp, lax, linear_transpose, vmap
from isograd.errors import MissingRuleError

X = np.array([1.0, 2.0])
A = np.array([[1.0, 2.0], [3.0, 4.0]])

AFFINE = {      # functions of x and of a number
    "sum": lambda x, c: A @ x * 2 + c,
    "difference": lambda x, c: c - x,
    "sine": lambda x, c: x + np.sin(c),
    "choice": lambda x, c: np.where(np.array([True, False]), x, c),
    "part": lambda x, c: np.concatenate([x, c * np.ones(1)]),
    "written": lambda x, c: inp.at(np.ones(3) * c)[:2].set(x),
    "result": lambda x, c: (x, c),
    "captured by a jitted function": lambda x, c: jit(lambda x: x + A[0])(x) * c,
    "argument of a jitted function": lambda x, c: jit(lambda x, d: x + d)(x, X * c),
    "inside of a jitted function": lambda x, c: jit(lambda x, d: jit(np.add)(x, d * 2))(x, c),
}


@custom_jvp
def product(x, y):
    return x * y


product.defjvps(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x)

LINEAR = {      # functions of x and of a number whose transpose is that of 2 c x
    "product": lambda x, c: 2 * c * x,
    "sum from zeros": lambda x, c: np.zeros_like(x) + c * x + c * x,
    "written into zeros": lambda x, c: inp.at(np.zeros_like(x))[:].set(2 * c * x),
    "choice": lambda x, c: np.where(np.array([True, True]), 2 * c * x, 0.0),
    "jitted": lambda x, c: jit(lambda x, d: np.zeros_like(x) + d * x + c * x)(x, c),
    "jitted, of zeros": lambda x, c: jit(lambda x, d: 2 * c * x + d * c)(x, np.zeros(2)),
    "tangent of a jitted function": lambda t, c: jvp(
        lambda y: jit(product)(y, 2 * c), (X,), (t,))[1],
    "zero times a number": lambda x, c: 2 * c * x + np.zeros(2) * c,
    "tangent": lambda t, c: jvp(lambda y: product(y, 2 * c), (X,), (t,))[1],
    "tangent of a loop": lambda t, c: jvp(
        lambda y: lax.fori_loop(0, 1, lambda i, s: 2 * c * s, y), (X,), (t,))[1],
}
MODES = {
    "un-jitted": lambda f: f,
    "jit": jit,
    "vmap": lambda f: lambda c: vmap(f)(np.array([c, c])),
    "jvp": lambda f: lambda c: jvp(f, (c,), (1.0,))[0],
}


def ones_like(tree):
    return isograd.tree.map(np.ones_like, tree)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", AFFINE)
def test_affine_functions_are_refused(name, mode):
    def transposed(c):
        def f(x):
            return AFFINE[name](x, c)
        return linear_transpose(f, X)(ones_like(f(X)))
    with pytest.raises(MissingRuleError, match="a constant is added"):
        MODES[mode](transposed)(1.0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", LINEAR)
def test_linear_functions_are_taken(name, mode):
    def transposed(c):
        return linear_transpose(lambda x: LINEAR[name](x, c), X)(X)[0]
    got = MODES[mode](transposed)(1.5)
    np.testing.assert_allclose(got, np.broadcast_to(3 * X, np.shape(got)))
