"""Functions of matrices. Real matrices have real results, or raise numpy.linalg.LinAlgError."""

from __future__ import annotations

from isograd.refimpl.errors import DtypeError
from isograd.refimpl.numpy import linalg as nla
from isograd.refimpl.numpy.common import dtype_of, has_tracers
from isograd.refimpl.numpy.linalg.register import same_dtype, square_matrices
from isograd.refimpl.ops import linalg as ops
from isograd.refimpl.ops.elementwise import imag, real

from .register import scipy_function


@scipy_function
def expm(A):
    """The exponential of square matrices."""
    return ops.matrix_function(square_matrices("expm", A), "expm")


@scipy_function
def expm_frechet(A, E, method=None, compute_expm=True, check_finite=True):
    """(expm(A), its derivative at A in the direction E), or the latter alone."""
    A, E = same_dtype(square_matrices("expm_frechet", A), square_matrices("expm_frechet", E))
    derivative = ops.frechet(A, E, "expm")
    return (ops.matrix_function(A, "expm"), derivative) if compute_expm else derivative


@scipy_function
def logm(A):
    """The principal logarithm of square matrices without eigenvalues on the closed negative axis.
    """
    return ops.matrix_function(square_matrices("logm", A), "logm")


@scipy_function
def sqrtm(A):
    """The principal square root; the derivative wants a regular matrix."""
    return ops.sqrtm(square_matrices("sqrtm", A))


@scipy_function
def fractional_matrix_power(A, t):
    """The principal power A**t; t is a known number."""
    if has_tracers(t):
        raise DtypeError("fractional_matrix_power: the exponent is a known number", got=repr(t),
                         instead="expm(t * logm(A))")
    A = square_matrices("fractional_matrix_power", A)
    if float(t).is_integer():
        return nla.matrix_power(A, int(t))
    return ops.matrix_function(A, "power", float(t))


# ---- by exponentials ----

def _halves(name, A, unit):
    """exp(unit A) and exp(-unit A)."""
    A = square_matrices(name, A)
    return ops.matrix_function(unit * A, "expm"), ops.matrix_function(-unit * A, "expm")


@scipy_function
def cosm(A):
    """cos A = (exp(iA) + exp(-iA)) / 2."""
    e, f = _halves("cosm", A, 1j)
    return real(e) if _is_real(A) else 0.5 * (e + f)


@scipy_function
def sinm(A):
    """sin A = (exp(iA) - exp(-iA)) / 2i."""
    e, f = _halves("sinm", A, 1j)
    return imag(e) if _is_real(A) else -0.5j * (e - f)


def _is_real(A):
    return dtype_of(square_matrices("a function of matrices", A)).kind != "c"


@scipy_function
def tanm(A):
    """(cos A)^-1 sin A."""
    return nla.solve(cosm(A), sinm(A))


@scipy_function
def coshm(A):
    """cosh A = (exp(A) + exp(-A)) / 2."""
    e, f = _halves("coshm", A, 1.0)
    return 0.5 * (e + f)


@scipy_function
def sinhm(A):
    """sinh A = (exp(A) - exp(-A)) / 2."""
    e, f = _halves("sinhm", A, 1.0)
    return 0.5 * (e - f)


@scipy_function
def tanhm(A):
    """(cosh A)^-1 sinh A."""
    return nla.solve(coshm(A), sinhm(A))


@scipy_function
def signm(A):
    """The matrix sign A (A^2)^(-1/2), of matrices without eigenvalues on the imaginary axis."""
    A = square_matrices("signm", A)
    return nla.solve(ops.sqrtm(ops.mm(A, A)), A)
