"""Sparse matrices of SciPy's: products with traced arrays, in every transformation."""

import numpy as np
import pytest
import scipy.sparse

from isograd import grad, jit, jvp, linear_transpose, vjp, vmap
from isograd.scipy.sparse import linalg as ours
from isograd.scipy.sparse.product import Sparse, product

from ..implicit.test_implicit import WRAPS, close

rng = np.random.default_rng(5)
DENSE = rng.normal(size=(5, 5)) * (rng.random((5, 5)) < 0.4) + np.eye(5)
MATRIX = Sparse(scipy.sparse.csr_array(DENSE))
X, Y = rng.normal(size=(2, 5))
MANY = rng.normal(size=(3, 5, 2))

USES = {
    "value": lambda f: f(X),
    "columns": lambda f: f(MANY[0]),
    "jvp": lambda f: jvp(f, (X,), (Y,)),
    "vjp": lambda f: vjp(f, MANY[0])[1](MANY[1]),
    "transpose": lambda f: linear_transpose(f, X)(Y),
    "second": lambda f: grad(lambda x: np.sum(grad(lambda x: np.sum(f(x) ** 3))(x) ** 2))(X),
    "vmap": lambda f: vmap(f)(MANY),
    "vmap over columns": lambda f: vmap(f, 1)(MANY[0]),
    "vmap of grad": lambda f: vmap(grad(lambda x: np.sum(np.sin(f(x)))))(MANY),
    "vmap twice": lambda f: vmap(vmap(f, 1))(MANY),
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
@pytest.mark.parametrize("use", USES)
def test_product(use, wrap):
    close(wrap(lambda: USES[use](lambda x: product(MATRIX, x)))(),
          USES[use](lambda x: DENSE @ x))


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("kind", ["csr_array", "csc_array", "coo_matrix", "dia_array",
                                  "bsr_matrix"])
def test_solvers_take_every_kind(kind, dtype):
    a = getattr(scipy.sparse, kind)((DENSE + 4 * np.eye(5)).astype(dtype))
    x, info = ours.gmres(a, X.astype(dtype), tol=1e-6)
    assert info == 0 and x.dtype == dtype
    np.testing.assert_allclose(a @ x, X, atol=1e-4)


def test_of_integers_and_of_several_columns():
    a = scipy.sparse.csr_array(np.diag([2, 4, 8, 16, 32]))
    b = MANY[0]
    x, _ = ours.cg(a, b, tol=1e-12)
    close(x, b / np.array([2, 4, 8, 16, 32])[:, None])
    close(ours.cg(a, np.ones(5), M=scipy.sparse.diags_array(1 / a.diagonal()), maxiter=1)[0],
          1 / a.diagonal())


def test_derivatives_of_solutions():
    a = scipy.sparse.csc_array(DENSE + 4 * np.eye(5))
    f = lambda b: np.sum(np.sin(ours.bicgstab(a, b, tol=1e-13)[0]))
    exact = lambda b: np.sum(np.sin(np.linalg.solve(a.toarray(), b)))
    for wrap in (grad, lambda f: jit(grad(f)), lambda f: grad(lambda b: np.sum(grad(f)(b) ** 2))):
        close(wrap(f)(X), wrap(exact)(X))
    close(vmap(grad(f))(MANY[:, :, 0]), vmap(grad(exact))(MANY[:, :, 0]))
