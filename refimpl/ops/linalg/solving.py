"""Linear equations: triangular_solve, lu, solve, sylvester."""

from __future__ import annotations

import numpy as np

from ...aval import Aval, aval_of
from ...errors import MissingRuleError
from ...graph import Var
from ...trace import bind
from ..index import take_along
from ..linear import broadcast_to
from ..movement import concatenate, stop_gradient_p
from .matrices import (
    batch_columns,
    block,
    column,
    h,
    identity,
    lapack,
    last_aval,
    linalg,
    lower_part,
    mm,
    of_stacks,
    scipy_linalg,
    t,
    upper_part,
)
from .stacked import lu_of_stack, solve_stack, substitute


def plus(x, y):
    """The sum of two terms of a tangent, each None if it is zero."""
    return y if x is None else x if y is None else x + y


def only_last_is_linear(args, name):
    if type(args[-1]) is not Var or any(type(a) is Var for a in args[:-1]):
        raise MissingRuleError(f"{name} is linear in its right-hand side only")


# ---- triangular matrices ----

def triangular_solve(a, b, lower, unit=False):
    """x such that triangle(a) x = b: of a only the lower (or upper) triangle is read.

    a: (..., n, n), b: (..., n, k). unit: the diagonal is taken to be 1.
    Raises numpy.linalg.LinAlgError where the diagonal has a zero.
    """
    return bind(triangular_solve_p, a, b, lower=lower, unit=unit)


def _triangular_solve(a, b, *, lower, unit):
    if not b.size:
        return b
    trtrs, turned = lapack("trtrs", b.dtype), a.flags.c_contiguous
    x, info = trtrs(a.T if turned else a, b, lower=lower != turned, trans=turned, unitdiag=unit)
    if info > 0:
        raise np.linalg.LinAlgError("Singular matrix")
    return x


def _triangle(a, lower, unit):
    return lower_part(a, -unit) if lower else upper_part(a, +unit)


def _triangular_solve_jvp(prim, primals, tangents, params):
    """a x = b, so da x + a dx = db."""
    a, (da, db) = primals[0], tangents
    x = bind(prim, *primals, **params)
    if da is not None:
        db = plus(-mm(_triangle(da, **params), x), db)
    return x, bind(prim, a, db, **params)


def _triangular_solve_transpose(ct, args, params):
    only_last_is_linear(args, "triangular_solve")
    return None, triangular_solve(t(args[0]), ct, not params["lower"], params["unit"])


triangular_solve_p = linalg(
    "triangular_solve", of_stacks(_triangular_solve, last_aval, (2, 2), many=substitute),
    last_aval,
    _triangular_solve_jvp, transpose=_triangular_solve_transpose, batch=batch_columns,
    doc="Solve triangle(a) x = b.")


# ---- lu ----

def lu(a):
    """(packed factors, pivots, permutation) of a[permutation] = L U, by rows with partial pivoting.

    a: (..., m, n); the packed factors have its shape, L below the diagonal (its own is 1), U above.
    pivots: (..., min(m, n)) of int32, rows swapped one after another, as LAPACK's getrf gives them.
    """
    return bind(lu_p, a)


def _lu_aval(a):
    *lead, m, n = a.shape
    integer = np.dtype(np.int32)
    return (Aval(a.shape, a.dtype), Aval((*lead, min(m, n)), integer), Aval((*lead, m), integer))


def _lu(a):
    m, n = a.shape
    order = np.arange(m, dtype=np.int32)
    if not a.size:
        return a, order[:min(m, n)], order
    packed, pivots, _ = lapack("getrf", a.dtype)(a)
    for i, pivot in enumerate(pivots):
        order[[i, pivot]] = order[[pivot, i]]
    return packed, pivots, order


def permuted_rows(a, order):
    return take_along(a, broadcast_to(column(order), aval_of(a).shape), aval_of(a).ndim - 2)


def _lu_jvp(prim, primals, tangents, params):
    """dL = L low(F), dU = up(F) U with F = L^-1 dA U^-1, low without diagonal; the rows (or
    columns) beyond the square part follow from A = L U."""
    packed, pivots, order = bind(prim, *primals)
    da = permuted_rows(tangents[0], order)
    m, n = aval_of(packed).shape[-2:]
    k = min(m, n)
    square = block(packed, (0, k), (0, k))
    unit_lower, upper = lower_part(square, -1) + identity(square), upper_part(square)
    f = right_divide(triangular_solve(square, block(da, (0, k), (0, k)), True, True), square)
    d_lower, d_upper = mm(unit_lower, lower_part(f, -1)), mm(upper_part(f), upper)
    d_packed = d_lower + d_upper
    axis = aval_of(packed).ndim
    if m > n:
        rest = block(da, (k, m), (0, n)) - mm(block(packed, (k, m), (0, n)), d_upper)
        d_packed = concatenate([d_packed, right_divide(rest, square)], axis - 2)
    if n > m:
        rest = block(da, (0, m), (k, n)) - mm(d_lower, block(packed, (0, m), (k, n)))
        d_packed = concatenate([d_packed, triangular_solve(square, rest, True, True)], axis - 1)
    return (packed, pivots, order), (d_packed, None, None)


def right_divide(b, a):
    """b U^-1, U the upper triangle of a."""
    return t(triangular_solve(t(a), t(b), True))


lu_p = linalg("lu", of_stacks(_lu, _lu_aval, (2,), many=lu_of_stack), _lu_aval, _lu_jvp,
              multiple=True, doc="Factors, pivots and permutation of LU with partial pivoting.")


# ---- solve ----

def factored(a):
    """(a, its LU factors, pivots): what `solve_factored` takes."""
    packed, pivots, _ = lu(bind(stop_gradient_p, a))
    return a, packed, pivots


def solve_factored(factors, b, transposed=False):
    """x such that a x = b (or t(a) x = b), a given by `factored(a)`: (..., n, n), b: (..., n, k).

    The factors serve the derivatives of every order; they themselves are constants in these.
    """
    return bind(solve_p, *factors, b, transposed=transposed)


def solve(a, b):
    """x such that a x = b. Raises numpy.linalg.LinAlgError where a is singular."""
    return solve_factored(factored(a), b)


def _solve(a, packed, pivots, b, *, transposed):
    if not np.all(np.diagonal(packed)):
        raise np.linalg.LinAlgError("Singular matrix")
    if not b.size:
        return b
    return lapack("getrs", b.dtype)(packed, pivots, b, trans=transposed)[0]


def _solve_many(a, packed, pivots, b, *, transposed):
    return solve_stack(packed, pivots, b, transposed)


def _solve_jvp(prim, primals, tangents, params):
    """a x = b, so da x + a dx = db."""
    *factors, b = primals
    da, _, _, db = tangents
    x = bind(prim, *primals, **params)
    if da is not None:
        db = plus(-mm(t(da) if params["transposed"] else da, x), db)
    return x, None if db is None else bind(prim, *factors, db, **params)


def _solve_transpose(ct, args, params):
    only_last_is_linear(args, "solve")
    return None, None, None, bind(solve_p, *args[:-1], ct, transposed=not params["transposed"])


solve_p = linalg("solve", of_stacks(_solve, last_aval, (2, 2, 1, 2), many=_solve_many), last_aval,
                 _solve_jvp, transpose=_solve_transpose, batch=batch_columns,
                 doc="Solve a x = b, or t(a) x = b, by the LU factors of a.")


# ---- sylvester ----

def sylvester(a, b, q):
    """x such that a x + x b = q: (..., m, m), (..., n, n), (..., m, n).

    Bartels and Stewart (1972). Unique if no eigenvalue of a is the negative of one of b.
    """
    return bind(sylvester_p, a, b, q)


def _sylvester(a, b, q):
    return scipy_linalg().solve_sylvester(a, b, q) if q.size else q


def _sylvester_jvp(prim, primals, tangents, params):
    """a x + x b = q, so a dx + dx b = dq - da x - x db."""
    a, b, _ = primals
    da, db, dq = tangents
    x = bind(prim, *primals)
    if da is not None:
        dq = plus(-mm(da, x), dq)
    if db is not None:
        dq = plus(-mm(x, db), dq)
    return x, sylvester(a, b, dq)


def _sylvester_transpose(ct, args, params):
    only_last_is_linear(args, "sylvester")
    return None, None, sylvester(t(args[0]), t(args[1]), ct)


sylvester_p = linalg("sylvester", of_stacks(_sylvester, last_aval, (2, 2, 2)), last_aval,
                     _sylvester_jvp, transpose=_sylvester_transpose,
                     doc="Solve a x + x b = q.")


def hermitian_inverse_sandwich(lower, a):
    """L^-1 a L^-H for a lower triangular L."""
    left = triangular_solve(lower, a, True)
    return h(triangular_solve(lower, h(left), True))
