"""Equations, inverses and determinants."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ArgumentError, MissingRuleError
from isograd.refimpl.numpy import linalg as nla
from isograd.refimpl.numpy.common import dtype_of, ndim_of, shape_of
from isograd.refimpl.numpy.function import refuse
from isograd.refimpl.numpy.linalg.equations import solve_stacks
from isograd.refimpl.numpy.linalg.register import (
    floating,
    matrices,
    same_dtype,
    square_matrices,
)
from isograd.refimpl.numpy.products import kron, matmul
from isograd.refimpl.ops import linalg as ops
from isograd.refimpl.ops.linear import broadcast_to, reshape

from .arrays import circulant, toeplitz
from .register import from_triangle, scipy_function

# ---- general and structured matrices ----

STRUCTURES = {
    None: lambda a, lower: a,
    "gen": lambda a, lower: a,
    "general": lambda a, lower: a,
    "tridiagonal": lambda a, lower: a,
    "banded": lambda a, lower: a,
    "diagonal": lambda a, lower: ops.as_diagonal(ops.diagonal_of(a)),
    "sym": lambda a, lower: from_triangle(a, lower, symmetric=True),
    "symmetric": lambda a, lower: from_triangle(a, lower, symmetric=True),
    "her": from_triangle,
    "hermitian": from_triangle,
    "upper triangular": lambda a, lower: ops.upper_part(a),
    "lower triangular": lambda a, lower: ops.lower_part(a),
}
POSITIVE = ("pos", "positive definite")


def _structured(name, a, assume_a, lower):
    """The matrix of which `assume_a` says what is read."""
    if assume_a in POSITIVE:
        return from_triangle(a, lower)
    if assume_a not in STRUCTURES:
        raise ArgumentError(f"{name}: an unknown structure", got=f"assume_a={assume_a!r}",
                            wanted=", ".join(map(repr, [*STRUCTURES, *POSITIVE])))
    return STRUCTURES[assume_a](a, lower)


@scipy_function
def solve(a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True,
          assume_a=None, transposed=False):
    """x such that a x = b (or t(a) x = b). assume_a says which part of a is read.

    Raises numpy.linalg.LinAlgError where a is singular, or not positive definite where assumed so.
    """
    a = square_matrices("solve", a)
    if assume_a in POSITIVE:
        return cho_solve((cho_factor(a, lower)[0], lower), b)
    a = _structured("solve", a, assume_a, lower)
    return solve_stacks("solve", ops.t(a) if transposed else a, b, ops.solve)


@scipy_function
def inv(a, overwrite_a=False, check_finite=True, *, assume_a=None, lower=False):
    """The inverse."""
    return nla.inv(_structured("inv", square_matrices("inv", a), assume_a, lower))


@scipy_function
def det(a, overwrite_a=False, check_finite=True):
    """The determinant; its derivative is right for singular matrices too."""
    return nla.det(a)


TRANSPOSED = {0: 0, "N": 0, 1: 1, "T": 1, 2: 2, "C": 2}


def _turned(name, trans):
    if trans not in TRANSPOSED:
        raise ArgumentError(f"{name}: trans is 0, 1, 2, 'N', 'T' or 'C'", got=repr(trans))
    return TRANSPOSED[trans]


@scipy_function
def solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False, overwrite_b=False,
                     check_finite=True):
    """x such that a x = b, or t(a) x = b (trans 1), or h(a) x = b (trans 2), a a triangle."""
    trans = _turned("solve_triangular", trans)

    def solver(a, b):
        turned = ops.h(a) if trans == 2 else ops.t(a) if trans else a
        return ops.triangular_solve(turned, b, bool(lower) != bool(trans), bool(unit_diagonal))
    return solve_stacks("solve_triangular", a, b, solver)


# ---- by factors ----

@scipy_function
def cho_factor(a, lower=False, overwrite_a=False, check_finite=True):
    """(c, lower): a Cholesky factor in one triangle of c, for cho_solve. The rest of c is a's."""
    a = square_matrices("cho_factor", a)
    if lower:
        return ops.cholesky(a) + ops.upper_part(a, 1), lower
    return ops.h(ops.cholesky(ops.h(a))) + ops.lower_part(a, -1), lower


@scipy_function
def cho_solve(c_and_lower, b, overwrite_b=False, check_finite=True):
    """x such that a x = b, a by its Cholesky factor (c, lower)."""
    c, lower = c_and_lower

    def solver(c, b):
        first, second = (c, ops.h(c)) if lower else (ops.h(c), c)
        return ops.triangular_solve(second, ops.triangular_solve(first, b, True), False)
    return solve_stacks("cho_solve", c, b, solver)


@scipy_function
def lu_factor(a, overwrite_a=False, check_finite=True):
    """(lu, piv): packed factors, and the row swapped with each."""
    packed, pivots, _ = ops.lu(matrices("lu_factor", a))
    return packed, pivots


@scipy_function
def lu_solve(lu_and_piv, b, trans=0, overwrite_b=False, check_finite=True):
    """x such that a x = b, or t(a) x = b (trans 1), or h(a) x = b (trans 2)."""
    packed, pivots = lu_and_piv
    trans = _turned("lu_solve", trans)

    def solver(lu, b):
        swaps = ops.identity(lu), ops.identity(lu), broadcast_to(pivots, shape_of(lu)[:-1])
        if not trans:
            b = ops.solve_factored(swaps, b)        # unit factors: the row swaps alone
            return ops.triangular_solve(lu, ops.triangular_solve(lu, b, True, True), False)
        lu = ops.t(lu) if trans == 1 else ops.h(lu)
        x = ops.triangular_solve(lu, ops.triangular_solve(lu, b, True), False, True)
        return ops.solve_factored(swaps, x, transposed=True)
    return solve_stacks("lu_solve", packed, b, solver)


# ---- Toeplitz and circulant matrices: as dense ones ----

@scipy_function
def solve_toeplitz(c_or_cr, b, check_finite=True):
    """x such that toeplitz(c, r) x = b, as a dense system."""
    return nla.solve(_toeplitz_of(c_or_cr), b)


@scipy_function
def matmul_toeplitz(c_or_cr, x, check_finite=False, workers=None):
    """toeplitz(c, r) @ x."""
    return matmul(_toeplitz_of(c_or_cr), x)


def _toeplitz_of(c_or_cr):
    return toeplitz(*c_or_cr) if isinstance(c_or_cr, tuple) else toeplitz(c_or_cr)


@scipy_function
def solve_circulant(c, b, singular="raise", tol=None, caxis=-1, baxis=0, outaxis=0):
    """x such that circulant(c) x = b, as a dense system."""
    refuse("solve_circulant", "singular='lstsq'", singular != "raise",
           "lstsq(circulant(c), b)")
    refuse("solve_circulant", "axes other than the default",
           (caxis, baxis, outaxis) not in ((-1, 0, 0), (0, 0, 0)), "isograd.vmap")
    return nla.solve(circulant(c), b)


# ---- matrix equations ----

def _equation(name, *matrices):
    return same_dtype(*[square_matrices(name, a) for a in matrices])


@scipy_function
def solve_sylvester(a, b, q):
    """x such that a x + x b = q."""
    a, b = _equation("solve_sylvester", a, b)
    return ops.sylvester(*same_dtype(a, b, matrices("solve_sylvester", q)))


@scipy_function
def solve_continuous_lyapunov(a, q):
    """x such that a x + x h(a) = q."""
    a, q = _equation("solve_continuous_lyapunov", a, q)
    return ops.sylvester(a, ops.h(a), q)


@scipy_function
def solve_lyapunov(a, q):
    """x such that a x + x h(a) = q."""
    return solve_continuous_lyapunov(a, q)


@scipy_function
def solve_discrete_lyapunov(a, q, method=None):
    """x such that a x h(a) - x + q = 0: "direct" by a Kronecker product, "bilinear" by Cayley's
    transform (by default from 10 rows on)."""
    a, q = _equation("solve_discrete_lyapunov", a, q)
    n = shape_of(a)[-1]
    method = method or ("direct" if n < 10 else "bilinear")
    if method == "direct":
        operator = np.eye(n * n, dtype=dtype_of(a)) - kron(a, ops.conj(a))
        flat = nla.solve(operator, reshape(q, (n * n,)))
        return reshape(flat, (n, n))
    if method != "bilinear":
        raise ArgumentError("solve_discrete_lyapunov: an unknown method", got=repr(method),
                            wanted="'direct' or 'bilinear'")
    return ops.stein(a, q)


def _riccati(name, solver, a, b, q, r, e, s):
    """Without e, and with s put into a and q."""
    refuse(name, "e=", e is not None, "a and b multiplied by inv(e)")
    a, b, q, r = same_dtype(square_matrices(name, a), matrices(name, b), square_matrices(name, q),
                            square_matrices(name, r))
    if s is not None:
        cross = ops.h(same_dtype(matrices(name, s), a)[0])
        back = nla.solve(r, cross)
        a, q = a - matmul(b, back), q - matmul(ops.h(cross), back)
    return solver(a, b, q, r)


@scipy_function
def solve_continuous_are(a, b, q, r, e=None, s=None, balanced=True):
    """The stabilising x of h(a) x + x a - (x b + s) r^-1 (h(b) x + h(s)) + q = 0."""
    return _riccati("solve_continuous_are", ops.care, a, b, q, r, e, s)


@scipy_function
def solve_discrete_are(a, b, q, r, e=None, s=None, balanced=True):
    """The stabilising x of h(a) x a - x - k h(r + h(b) x b) h(k) + q = 0, with
    k = (h(a) x b + s) (r + h(b) x b)^-1."""
    return _riccati("solve_discrete_are", ops.dare, a, b, q, r, e, s)


# ---- least squares ----

def _only_rtol(name, atol):
    if atol is not None:
        raise MissingRuleError(f"{name}: atol has no rule for traced arrays", instead="rtol=")


@scipy_function
def pinv(a, *, atol=None, rtol=None, return_rank=False, check_finite=True):
    """The Moore-Penrose inverse; its derivative is that at constant rank."""
    _only_rtol("pinv", atol)
    p = nla.pinv(a, rtol=rtol)
    return (p, nla.matrix_rank(a, rtol=rtol)) if return_rank else p


@scipy_function
def pinvh(a, atol=None, rtol=None, lower=True, return_rank=False, check_finite=True):
    """The Moore-Penrose inverse of a hermitian matrix, of which one triangle is read."""
    _only_rtol("pinvh", atol)
    a = from_triangle(square_matrices("pinvh", a), lower)
    p = nla.pinv(a, hermitian=True, rtol=rtol)
    return (p, nla.matrix_rank(a, hermitian=True, rtol=rtol)) if return_rank else p


@scipy_function
def lstsq(a, b, cond=None, overwrite_a=False, overwrite_b=False, check_finite=True,
          lapack_driver=None):
    """(x, residuals, rank, s), the x of least norm; the derivative is that at constant rank."""
    cond = float(np.finfo(dtype_of(floating("lstsq", a))).eps) if cond is None else cond
    x, residuals, rank, s = nla.lstsq(a, b, cond)
    if ndim_of(x) == 1 and shape_of(residuals):
        residuals = residuals[0] if shape_of(residuals) == (1,) else residuals
    return x, residuals, rank, s

