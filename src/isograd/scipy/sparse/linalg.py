"""scipy.sparse.linalg's iterative solvers on arrays and traced values alike: cg, bicgstab, gmres.

A is an array, a sparse array or matrix of SciPy's, or a function x -> A x. Solutions are
differentiable in b and in all that A depends on, as the solutions of their equations: the
derivatives come from solves of the same kind, with A or its transpose.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.sparse.linalg import LinearOperator

from isograd.refimpl import tree
from isograd.refimpl.control.implicit import custom_linear_solve
from isograd.refimpl.errors import (
    ArgumentError,
    DtypeError,
    MissingRuleError,
    ShapeError,
    TreeError,
)
from isograd.refimpl.numpy.common import dtype_of, promoted_dtype, shape_of, strong_operand
from isograd.refimpl.transforms.jvp import stop_gradient
from isograd.scipy._implicit import raveled

from . import krylov
from .product import Sparse, product

__all__ = ["bicgstab", "cg", "gmres"]


def __dir__():
    return __all__


def cg(A, b, x0=None, *, tol=1e-5, atol=0.0, maxiter=None, M=None):
    """Solve A x = b, A Hermitian and positive definite, by conjugate gradients; return (x, info).

    A: shape (n, n), or a function that maps pytrees like b linearly to such. b: shape (n,), or a
    pytree of any shapes. x has the structure and shapes of b. x0: where to start, if that is nearer
    than 0. M: an approximate inverse of A, as A; for the transposed equations an array is
    transposed, a function used as it is.

    Stops when norm(b - A x) <= max(tol norm(b), atol). info: 0, or the number of steps if maxiter
    (10 n by default) did not suffice, or -1 if the method broke down: A is not positive definite.
    x is then the last one. The derivative is that of an exact solution; the solves that it takes
    have the same limits, so small tol and atol make it better. Not differentiable in x0 and M.

    Raises ShapeError, TreeError, DtypeError. Hestenes and Stiefel, 1952.
    """
    return _solved("cg", krylov.cg, A, b, x0, tol, atol, maxiter, M, hermitian=True)


def bicgstab(A, b, x0=None, *, tol=1e-5, atol=0.0, maxiter=None, M=None):
    """Solve A x = b by stabilised biconjugate gradients; return (x, info).

    A: any regular linear map. It breaks down (info is -1) where a denominator is 0, as for a skew
    A: then use gmres. Otherwise as `cg`. Van der Vorst, 1992.
    """
    return _solved("bicgstab", krylov.bicgstab, A, b, x0, tol, atol, maxiter, M)


def gmres(A, b, x0=None, *, tol=1e-5, atol=0.0, restart=20, maxiter=None, M=None,
          solve_method="batched"):
    """Solve A x = b by restarted generalised minimal residuals; return (x, info).

    A: any regular linear map. restart: the dimension of the Krylov spaces; memory is for that many
    vectors. solve_method: "batched" tests the residual after each restart, "incremental" after each
    step. maxiter and a positive info count restarts; info is -1 if a restart made no progress, as
    for a singular A. Otherwise as `cg`. Saad and Schultz, 1986.
    """
    if solve_method not in ("batched", "incremental"):
        raise ArgumentError("gmres: an unknown solve_method", got=repr(solve_method),
                            wanted="'batched' or 'incremental'")
    if not restart > 0:
        raise ArgumentError("gmres: restart is not positive", got=repr(restart))
    size = sum(int(np.prod(shape_of(strong_operand(leaf)))) for leaf in tree.leaves(b))
    method = functools.partial(krylov.gmres, restart=min(restart, size),
                               within=solve_method == "incremental")
    return _solved("gmres", method, A, b, x0, tol, atol, maxiter, M)


def _solved(name, method, A, b, x0, tol, atol, maxiter, M, hermitian=False):
    A, M = _as_operator(name, "A", A), M if M is None else _as_operator(name, "M", M)
    vector, shapes = raveled(b, f"{name}: b")
    matrices = [np.zeros((), x.dtype) for x in (A, M) if not (x is None or callable(x))]
    dtype = promoted_dtype(vector, *matrices)
    given = None if x0 is None else _guess(name, x0, shapes, dtype)
    maxiter = 10 * shape_of(vector)[0] if maxiter is None else maxiter

    def solver(M):
        precondition = _operator(name, "M", M, shapes, dtype)

        def solve(matvec, rhs):
            limits = krylov.Limits(np.maximum(tol * krylov.norm(rhs), atol), maxiter)
            return method(matvec, _start(matvec, rhs, given), precondition, limits)
        return solve

    x, info = custom_linear_solve(
        _operator(name, "A", A, shapes, dtype), vector.astype(dtype),
        solver(M), solver(M if M is None or callable(M) else M.T),
        symmetric=hermitian and dtype.kind == "f", has_aux=True)
    return shapes.restored(x), info


def _guess(name, x0, shapes, dtype):
    guess, own = raveled(x0, f"{name}: x0")
    if own != shapes:
        raise TreeError(f"{name}: x0 is not like b", got=str(own.shapes),
                        wanted=str(shapes.shapes))
    return stop_gradient(guess.astype(dtype))


def _start(matvec, rhs, guess):
    """Begin at the guess where it is nearer than 0, also for right-hand sides of derivatives."""
    zero = krylov.Start(np.zeros_like(rhs), rhs)
    if guess is None:
        return zero
    r = rhs - matvec(guess)
    nearer = krylov.norm(r) < krylov.norm(rhs)
    return krylov.Start(np.where(nearer, guess, zero.x), np.where(nearer, r, rhs))


# ---- operators ----

def _as_operator(name, role, A):
    if isinstance(A, LinearOperator):
        raise MissingRuleError(f"{name}: {role} is a LinearOperator of SciPy's, which cannot be "
                               "traced", instead="a function of NumPy's operations, or a sparse "
                               "array; isograd.pure_callback for others")
    return A if callable(A) or issparse(A) else strong_operand(A)


def _operator(name, role, A, shapes, dtype):
    """x -> A x for vectors, of what the user gave."""
    if A is None:
        return lambda x: x
    apply = A if callable(A) else _matrix(name, role, A, shapes, dtype)

    def matvec(x):
        y, own = raveled(apply(shapes.restored(x)), f"{name}: {role}(x)")
        if own.struct != shapes.struct:
            raise TreeError(f"{name}: {role}(x) has another structure than b",
                            got=tree.show(own.struct), wanted=tree.show(shapes.struct))
        if own != shapes:
            raise ShapeError(f"{name}: {role}(x) has another shape than b",
                             got=str(own.shapes), wanted=str(shapes.shapes))
        if dtype_of(y) != dtype:
            raise DtypeError(f"{name}: {role}(x) has another dtype than x",
                             got=dtype_of(y).name, wanted=dtype.name,
                             instead=f"b.astype({dtype_of(y).name!r})")
        return y
    return matvec


def _matrix(name, role, A, shapes, dtype):
    """x -> A x for one array x."""
    if not shapes.struct.is_leaf():
        raise TreeError(f"{name}: {role} is a matrix, and b not one array",
                        got=tree.show(shapes.struct), instead="a function of pytrees like b")
    n = shapes.shapes[0][0] if shapes.shapes[0] else 1
    shape = A.shape if issparse(A) else shape_of(A)
    if shape != (n, n):
        raise ShapeError(f"{name}: {role} does not fit b", got=str(shape), wanted=str((n, n)))
    if not issparse(A):
        return lambda x: A @ x
    sparse = Sparse(csr_array(A).astype(dtype))
    flat = (n,) if len(shapes.shapes[0]) < 2 else (n, -1)
    return lambda x: np.reshape(product(sparse, np.reshape(x, flat)), shape_of(x))
