"""The names of numpy.linalg, and what its functions ask of their arguments."""

from __future__ import annotations

import functools

import numpy as np

from ...errors import DtypeError, ShapeError
from ...ops.linear import cast_to
from ..common import dtype_of, ndim_of, promoted_dtype, shape_of, strong_operand, to_float
from ..function import numpy_function

LINALG = {}     # the names of isograd.numpy.linalg
linalg_function = functools.partial(numpy_function, module=np.linalg, public=LINALG)


class MatrixError(ShapeError, np.linalg.LinAlgError):
    """ShapeError that is NumPy's LinAlgError too."""


def floating(name, x):
    """An operand in a dtype that LAPACK has: float32, float64, complex64 or complex128."""
    x = to_float(strong_operand(x))
    if dtype_of(x).char not in "fdFD":
        raise DtypeError(f"{name}: LAPACK has no {dtype_of(x)}", got=str(dtype_of(x)),
                         wanted="float32, float64, complex64 or complex128",
                         instead="x.astype(np.float64)")
    return x


def matrices(name, a):
    """A stack of matrices: (..., m, n)."""
    a = floating(name, a)
    if ndim_of(a) < 2:
        raise MatrixError(f"{name}: matrices in the last two axes", got=f"shape {shape_of(a)}",
                          wanted="two axes or more")
    return a


def square_matrices(name, a):
    """A stack of square matrices: (..., n, n)."""
    a = matrices(name, a)
    if shape_of(a)[-1] != shape_of(a)[-2]:
        raise MatrixError(f"{name}: the matrices are not square", got=f"shape {shape_of(a)}",
                          wanted="(..., n, n)")
    return a


def same_dtype(*xs):
    dtype = promoted_dtype(*xs)
    return [cast_to(x, dtype) for x in xs]
