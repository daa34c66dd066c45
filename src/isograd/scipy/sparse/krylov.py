"""Methods that find x with A x = b in Krylov spaces: of A, only its products with vectors are used.

Each is a function of (matvec, Start, preconditioner, Limits) that returns (x, info). Vectors have
one axis; the preconditioner is an approximate inverse of A, as a function.

Saad, *Iterative Methods for Sparse Linear Systems*, 2003.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.numpy.common import dtype_of, shape_of
from isograd.refimpl.numpy.updates import at
from isograd.scipy.linalg.equations import solve_triangular


class Start(NamedTuple):
    """Where a method starts: x, and the residual b - A x."""

    x: object
    r: object


class Limits(NamedTuple):
    """bound: on the norm of the residual; maxiter: steps, restarts for gmres."""

    bound: object
    maxiter: object


GOING, DONE, BROKEN = 1, 0, -1


def norm(r):
    return np.sqrt(np.real(np.vdot(r, r)))


def _started(r, bound):
    return np.where(norm(r) <= bound, DONE, GOING)


def _status(r, bound):
    return np.where(np.isfinite(norm(r)), _started(r, bound), BROKEN)


def _info(status, steps):
    """0, the number of steps that did not suffice, or -1; without any step, 1."""
    return np.where(status == GOING, np.maximum(steps, 1), status)


def _quotient(a, b):
    """a / b and whether it is one."""
    good = b != 0
    return a / np.where(good, b, 1), good


# ---- conjugate gradients ----

class CG(NamedTuple):
    x: object
    r: object
    p: object
    rho: object         # <r, M r>
    k: object
    status: object


def cg(matvec, start, precondition, limits):
    """Hestenes and Stiefel's method for Hermitian, positive definite A and M; algorithm 9.1."""
    z = precondition(start.r)
    state = CG(*start, z, _inner(start.r, z), np.int64(0),
               _started(start.r, limits.bound))

    def step(s):
        q = matvec(s.p)
        curvature = _inner(s.p, q)
        definite = ~(curvature <= 0)         # NaN goes on into x
        alpha = s.rho / np.where(definite, curvature, 1)
        r = s.r - alpha * q
        z = precondition(r)
        rho = _inner(r, z)
        p = z + rho / s.rho * s.p
        status = np.where(definite, _status(r, limits.bound), BROKEN)
        return CG(np.where(definite, s.x + alpha * s.p, s.x), r, p, rho, s.k + 1, status)

    end = while_loop(lambda s: (s.status == GOING) & (s.k < limits.maxiter), step, state)
    return end.x, _info(end.status, end.k)


def _inner(x, y):
    """<x, y>, which is real where it is used."""
    return np.real(np.vdot(x, y))


# ---- stabilised biconjugate gradients ----

class BiCGStab(NamedTuple):
    x: object
    r: object
    p: object
    rho: object         # <shadow, r>, the shadow being the first r
    k: object
    status: object


def bicgstab(matvec, start, precondition, limits):
    """Van der Vorst's method, 1992; algorithm 7.7, preconditioned from the right."""
    shadow = start.r
    state = BiCGStab(*start, start.r, np.vdot(shadow, start.r), np.int64(0),
                     _started(start.r, limits.bound))

    def step(s):
        p = precondition(s.p)
        v = matvec(p)
        alpha, regular = _quotient(s.rho, np.vdot(shadow, v))
        half = s.r - alpha * v
        y = precondition(half)
        t = matvec(y)
        omega, _ = _quotient(np.vdot(t, half), np.vdot(t, t))
        r = half - omega * t
        rho = np.vdot(shadow, r)
        beta, advanced = _quotient(rho * alpha, s.rho * omega)
        status = _status(r, limits.bound)
        status = np.where((status == GOING) & ~(advanced & (rho != 0)), BROKEN, status)
        x = np.where(regular, s.x + alpha * p + omega * y, s.x)
        return BiCGStab(x, r, r + beta * (s.p - omega * v), rho, s.k + 1,
                        np.where(regular, status, BROKEN))

    end = while_loop(lambda s: (s.status == GOING) & (s.k < limits.maxiter), step, state)
    return end.x, _info(end.status, end.k)


# ---- generalised minimal residuals ----

class Arnoldi(NamedTuple):
    """A M V = V H with orthonormal V, and the QR decomposition of H: unitary H = triangle."""

    basis: object       # (m + 1, n)
    unitary: object     # (m + 1, m + 1)
    triangle: object    # (m + 1, m)
    k: object           # columns so far
    left: object        # norm of the residual


def gmres(matvec, start, precondition, limits, restart, within):
    """Saad and Schultz's method, 1986: sections 6.5.3 and 9.3.2, preconditioned from the right.

    restart: the dimension of the spaces; within: whether to stop inside one.
    """
    bound = limits.bound if within else 0 * limits.bound

    def cycle(s):
        x, r, k, _ = s
        size = norm(r)
        a = _arnoldi(lambda v: matvec(precondition(v)), r, size, restart, bound)
        y = _least_squares(a, size, restart)
        dx = precondition(y @ a.basis[:-1])
        new = r - matvec(dx)
        better = ~(norm(new) >= size)        # NaN goes on into x
        status = np.where(better, _status(new, limits.bound), BROKEN)
        return np.where(better, x + dx, x), np.where(better, new, r), k + 1, status

    x, _, k, status = while_loop(lambda s: (s[3] == GOING) & (s[2] < limits.maxiter), cycle,
                                 (*start, np.int64(0), _started(start.r, limits.bound)))
    return x, _info(status, k)


def _arnoldi(matvec, r, size, m, bound):
    """The Arnoldi process from r, which has this norm: at most m steps."""
    dtype, n = dtype_of(r), shape_of(r)[0]
    basis = at(np.zeros((m + 1, n), dtype))[0].set(r / size)
    start = Arnoldi(basis, np.eye(m + 1, dtype=dtype), np.eye(m + 1, m, dtype=dtype), np.int64(0),
                    size)
    tiny = np.finfo(dtype).eps

    def step(a):
        w = matvec(a.basis[a.k])
        first = norm(w)
        w, h = _orthogonal(a.basis, w)
        w, again = _orthogonal(a.basis, w)      # the second time to working accuracy
        last = norm(w)
        last = np.where(last > tiny * first, last, 0)
        basis = at(a.basis)[a.k + 1].set(w / np.where(last > 0, last, 1))
        basis = np.where(last > 0, basis, a.basis)
        column = at(a.unitary @ (h + again))[a.k + 1].set(last)
        unitary, column = _rotated(a.unitary, column, a.k)
        left = size * np.abs(unitary[a.k + 1, 0])
        return Arnoldi(basis, unitary, at(a.triangle)[:, a.k].set(column), a.k + 1,
                       np.where(last > 0, left, 0))
    return while_loop(lambda a: (a.k < m) & (a.left > bound), step, start)


def _orthogonal(basis, w):
    """w without its parts along the rows of the basis, and these."""
    h = np.conj(basis) @ w
    return w - h @ basis, h


def _rotated(unitary, column, k):
    """Rotate rows k and k + 1 so that entry k + 1 of the column, which is real, becomes 0."""
    a, b = column[k], np.real(column[k + 1])
    t = np.sqrt(np.real(a * np.conj(a)) + b * b)
    c, s = np.where(t > 0, a / np.where(t > 0, t, 1), 1), np.where(t > 0, b / t, 0)

    def rotate(rows):
        upper, lower = rows[k], rows[k + 1]
        rows = at(rows)[k].set(np.conj(c) * upper + s * lower)
        return at(rows)[k + 1].set(c * lower - s * upper)
    return rotate(unitary), rotate(column)


def _least_squares(a, size, m):
    """The y of the first k columns for which |size e - H y| is smallest; zeros for the others."""
    used = np.arange(m) < a.k
    triangle = a.triangle[:-1]
    diagonal = np.diagonal(triangle)
    triangle = triangle + np.diag((diagonal == 0).astype(dtype_of(triangle)))
    rhs = np.where(used & (diagonal != 0), size * a.unitary[:-1, 0], 0)
    return solve_triangular(triangle, rhs)
