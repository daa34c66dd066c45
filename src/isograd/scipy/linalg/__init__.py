"""scipy.linalg on arrays and traced values alike; see the SciPy function of the same name.

On plain arrays, outside of transformations, each function is SciPy's own. In traced code
check_finite and overwrite_* have no effect. What each derivative means: docs/linalg.md.

equations        solve and its relatives, matrix equations, det, inv, pinv, lstsq
decompositions   cholesky, lu, qr, svd, eigh, eig, schur, polar
forms            hessenberg, rsf2csf
banded           solve_banded, eig_banded, eigh_tridiagonal, ...
functions        expm, logm, sqrtm, powers, cosm, ...
arrays           toeplitz, hankel, circulant, block_diag, ...

`GAPS` lists the functions that refuse traced values, and what to write instead.
"""

import scipy.linalg as _scipy

from isograd.refimpl.numpy.linalg.norms import norm as _norm

from . import arrays as arrays
from . import banded as banded
from . import decompositions as decompositions
from . import equations as equations
from . import forms as forms
from . import functions as functions
from .register import PUBLIC as _PUBLIC
from .register import gap as _gap
from .register import scipy_function as _scipy_function

GAPS = {
    "bandwidth": "known numbers",
    "cdf2rdf": "the complex w and v",
    "clarkson_woodruff_transform": "a known matrix times x",
    "cossin": "svd of the blocks",
    "expm_cond": "isograd.jacfwd(expm)",
    "fiedler_companion": "companion",
    "funm": "expm, logm, sqrtm, fractional_matrix_power, cosm, ...",
    "ishermitian": "known numbers",
    "issymmetric": "known numbers",
    "ldl": "cholesky, or lu",
    "matrix_balance": "known numbers",
    "null_space": "the projection 1 - pinv(a) a on it: a basis is no function of a",
    "ordqz": "schur(solve(b, a))",
    "orth": "the projection a pinv(a) on it: a basis is no function of a",
    "qr_delete": "qr",
    "qr_insert": "qr",
    "qr_multiply": "qr",
    "qr_update": "qr",
    "qz": "schur(solve(b, a))",
}
# These take sizes, not arrays.
_PLAIN = ("LinAlgError", "LinAlgWarning", "dft", "hadamard", "helmert", "hilbert", "invhilbert",
          "invpascal", "pascal", "get_blas_funcs", "get_lapack_funcs", "find_best_blas_type")


@_scipy_function
def norm(a, ord=None, axis=None, keepdims=False, check_finite=True):
    """The norm of vectors or matrices; its derivative where the norm is 0 is 0."""
    return _norm(a, ord, axis, keepdims)


for _name in GAPS:
    _gap(_name, GAPS[_name])
globals().update(_PUBLIC | {_name: getattr(_scipy, _name) for _name in _PLAIN
                            if hasattr(_scipy, _name)})

__all__ = sorted([*_PUBLIC, *[_name for _name in _PLAIN if hasattr(_scipy, _name)]])


def __dir__():
    return __all__
