"""Polynomials through linear algebra: roots, fits, and division."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ops import elementwise as ops
from ..ops.linear import cast_to
from .common import (
    as_int,
    dtype_of,
    expand,
    is_traced,
    ndim_of,
    promote,
    shape_of,
    size_of,
    strong_operand,
    to_float,
)
from .concrete import primal_of
from .function import numpy_function
from .joining import concatenate
from .linalg.decompositions import eigvals
from .linalg.equations import inv, lstsq
from .manipulation import atleast_1d
from .matrices import vander
from .products import convolve, outer
from .reductions import sum


@numpy_function
def poly(seq_of_zeros):
    """The coefficients of the polynomial with these roots, or the characteristic one of a matrix:
    (x - r[0]) (x - r[1]) ..., the highest power first; real for a real argument."""
    r = atleast_1d(to_float(strong_operand(seq_of_zeros)))
    real = dtype_of(r).kind == "f"
    if ndim_of(r) == 2 and shape_of(r)[0] == shape_of(r)[1]:
        r = eigvals(r)
    elif ndim_of(r) != 1:
        raise ShapeError("poly: a vector of roots or a square matrix", got=str(shape_of(r)))
    if not size_of(r):
        return 1.0
    p = one = np.ones(1, dtype_of(r))
    for k in range(size_of(r)):
        p = convolve(p, concatenate([one, ops.negative(r[k:k + 1])]))
    return ops.real(p) if real and dtype_of(p).kind == "c" else p


@numpy_function
def roots(p):
    """The roots of a polynomial: eigenvalues of its companion matrix; always complex.

    Zeros in front and at the end are taken off where the numbers are known; elsewhere the first
    coefficient must not be 0. Horn and Johnson, *Matrix Analysis*, section 3.3.
    """
    p = to_float(atleast_1d(strong_operand(p)))
    if ndim_of(p) != 1:
        raise ShapeError("roots: coefficients are a vector", got=str(shape_of(p)))
    p, zeros = _trimmed(p)
    n = size_of(p) - 1
    dtype = np.result_type(dtype_of(p), np.complex64)
    if n < 1:
        return np.zeros(zeros, dtype)
    first = ops.negative(ops.divide(p[1:], p[0]))
    companion = concatenate([expand(first, (0,)), np.eye(n - 1, n, dtype=dtype_of(p))])
    return concatenate([eigvals(companion), np.zeros(zeros, dtype)])


def _trimmed(p):
    """p without the zeros around it, and how many there were at the end."""
    numbers = primal_of(p)
    if is_traced(numbers):
        return p, 0
    places, = np.nonzero(numbers)
    if not places.size:
        return p[:0], 0
    return p[places[0]:places[-1] + 1], size_of(p) - 1 - int(places[-1])


@numpy_function
def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """The coefficients c that minimise sum of (w (y - polyval(c, x)))**2, the highest power first.

    full: also residuals, rank, singular values and rcond of the scaled least-squares problem.
    cov: also the covariance of c, scaled so that chi-square is the number of degrees of freedom,
    unless cov="unscaled".
    """
    x, y = promote(to_float(strong_operand(x)), to_float(strong_operand(y)))
    n, order = _sizes_of_fit(x, y, deg)
    rcond = n * np.finfo(dtype_of(x)).eps if rcond is None else rcond
    lhs, rhs = vander(x, order), y
    if w is not None:
        w = strong_operand(w)
        if shape_of(w) != (n,):
            raise ShapeError("polyfit: a weight for each point", got=str(shape_of(w)))
        lhs = ops.multiply(lhs, expand(w, (1,)))
        rhs = ops.multiply(rhs, expand(w, (1,)) if ndim_of(y) == 2 else w)
    scale = ops.sqrt(sum(ops.square(lhs), 0))
    lhs = ops.divide(lhs, scale)
    c, residuals, rank, s = lstsq(lhs, rhs, rcond)
    c = ops.divide(c, expand(scale, (1,)) if ndim_of(c) == 2 else scale)
    if full:
        return c, residuals, rank, s, rcond
    if not cov:
        return c
    base = ops.divide(inv(lhs.T @ lhs), outer(scale, scale))
    factor = 1 if cov == "unscaled" else _chi_square(residuals, n, order)
    return c, ops.multiply(expand(base, (2,)) if ndim_of(y) == 2 else base, factor)


def _sizes_of_fit(x, y, deg):
    """How many points and how many coefficients there are."""
    deg = as_int(deg, "polyfit: the degree")
    if ndim_of(x) != 1 or not size_of(x) or ndim_of(y) not in (1, 2) or deg < 0:
        raise ShapeError("polyfit: points of one axis, values of one or two, a degree from 0 on",
                         got=f"shapes {shape_of(x)} and {shape_of(y)}, degree {deg}")
    if shape_of(y)[0] != size_of(x):
        raise ShapeError("polyfit: a value for each point", got=str(shape_of(y)),
                         wanted=str(shape_of(x)))
    return size_of(x), deg + 1


def _chi_square(residuals, n, order):
    if n <= order:
        raise ArgumentError("polyfit: more points than coefficients, to scale the covariance",
                            got=f"{n} points, {order} coefficients", instead='cov="unscaled"')
    return ops.divide(residuals, n - order)


@numpy_function
def polydiv(u, v):
    """(quotient, remainder) of two polynomials; zeros in front of the remainder are kept."""
    u, v = promote(*[to_float(atleast_1d(strong_operand(p))) for p in (u, v)])
    m, n = size_of(u) - 1, size_of(v) - 1
    if m < n:
        return np.zeros(1, dtype_of(u)), u
    quotient = []
    for _ in range(m - n + 1):
        d = ops.divide(u[0], v[0])
        quotient.append(expand(d, (0,)))
        u = concatenate([ops.subtract(u[1:n + 1], ops.multiply(d, v[1:])), u[n + 1:]])
    remainder = u if n else np.zeros(1, dtype_of(v))
    return concatenate(quotient), cast_to(remainder, dtype_of(v))
