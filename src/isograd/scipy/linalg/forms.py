"""Forms that unitary matrices bring: made of reflections and rotations, one after another."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.numpy.common import dtype_of, ndim_of, shape_of
from isograd.refimpl.numpy.linalg.register import same_dtype, square_matrices
from isograd.refimpl.ops import linalg as ops
from isograd.refimpl.ops.elementwise import (
    absolute,
    conjugate,
    copysign,
    equal,
    imag,
    real,
    select,
    sqrt,
    square,
)
from isograd.refimpl.ops.linear import broadcast_to, cast_to, constant
from isograd.refimpl.ops.linear import sum as sum_over
from isograd.refimpl.ops.movement import concatenate, pad

from .register import scipy_function


@scipy_function
def hessenberg(a, calc_q=False, overwrite_a=False, check_finite=True):
    """The h of a = q h q^H that is 0 below its first subdiagonal; with calc_q, (h, q).

    By Householder's reflections, with the signs of LAPACK. Where a column has its zeros already,
    there is no derivative. Golub and Van Loan, *Matrix Computations*, algorithm 7.4.2.
    """
    form = square_matrices("hessenberg", a)
    n = shape_of(form)[-1]
    q = ops.identity(form)
    for j in range(n - 1):
        v, tau = _reflector(ops.block(form, (j + 1, n), (j, j + 1)))
        v = pad(v, (*((0, 0, 0),) * (ndim_of(v) - 2), (j + 1, 0, 0), (0, 0, 0)))
        form = form - ops.mm(conjugate(tau) * v, ops.mm(ops.h(v), form))
        form = form - ops.mm(ops.mm(form, v), tau * ops.h(v))
        q = q - ops.mm(ops.mm(q, v), tau * ops.h(v))
    form = ops.upper_part(form, -1)
    return (form, q) if calc_q else form


def _reflector(x):
    """(v, tau): 1 - tau v h(v), whose adjoint takes the column x to a real multiple of the first
    unit vector; tau is 0 if x is one already."""
    n, axis = shape_of(x)[-2], ndim_of(x) - 2
    first, rest = ops.block(x, (0, 1), (0, 1)), ops.block(x, (1, n), (0, 1))
    length = sum_over(square(real(rest)) + square(imag(rest)), (axis,))
    length = ops.column(length)
    done = equal(length, 0) & equal(imag(first), 0)
    size = sqrt(select(done, constant(1, length), length + square(absolute(first))))
    beta = -copysign(size, real(first))
    tau = select(done, constant(0, x), (beta - first) / beta)
    below = rest / select(done, constant(1, x), first - beta)
    one = broadcast_to(constant(1, x), shape_of(first))
    return concatenate([one, below], axis), tau


@scipy_function
def rsf2csf(T, Z, check_finite=True):
    """The complex Schur form of a real one: a rotation makes each 2 x 2 block triangular."""
    T, Z = same_dtype(square_matrices("rsf2csf", T), square_matrices("rsf2csf", Z))
    dtype = np.result_type(dtype_of(T), np.complex64)
    T, Z = cast_to(T, dtype), cast_to(Z, dtype)
    for m in range(shape_of(T)[-1] - 1, 0, -1):
        turn = _rotation(T, m)
        T, Z = ops.mm(ops.mm(turn, T), ops.h(turn)), ops.mm(Z, ops.h(turn))
    return ops.upper_part(T), Z


def _rotation(T, m):
    """The unitary matrix that turns rows m - 1 and m so that T[m, m - 1] becomes 0.

    Golub and Van Loan, *Matrix Computations*, section 7.6: [mu, c] / r, with mu the first
    eigenvalue of the block [[a, b], [c, d]] less d, is an eigenvector.
    """
    a, b, c, d = [ops.block(T, (i, i + 1), (j, j + 1)) for i in (m - 1, m) for j in (m - 1, m)]
    half = 0.5 * (a - d)
    absent = equal(c, 0)
    below = select(absent, constant(1, c), c)
    mu = half + sqrt(square(half) + b * c)
    mu = select(absent, constant(0, mu), mu)
    r = sqrt(mu * conjugate(mu) + below * conjugate(below))
    cosine = select(absent, constant(1, mu), mu / r)
    sine = select(absent, constant(0, mu), below / r)
    rows = [concatenate([conjugate(cosine), conjugate(sine)], ndim_of(T) - 1),
            concatenate([-sine, cosine], ndim_of(T) - 1)]
    around, n = ((0, 0, 0),) * (ndim_of(T) - 2), shape_of(T)[-1]
    margins = (m - 1, n - m - 1, 0)
    inner = concatenate(rows, ndim_of(T) - 2) - np.eye(2, dtype=dtype_of(T))
    return pad(inner, (*around, margins, margins)) + np.eye(n, dtype=dtype_of(T))
