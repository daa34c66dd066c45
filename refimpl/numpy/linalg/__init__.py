"""numpy.linalg: every function of it. See docs/linalg.md for what each derivative means.

register         the table of names; what arguments must be
equations        solve, inv, det, slogdet, pinv, lstsq
decompositions   cholesky, qr, svd, eigh, eig
norms            norms, cond, matrix_rank
products         matmul and its relatives, powers
"""

from numpy.linalg import LinAlgError as LinAlgError

from . import decompositions as decompositions
from . import equations as equations
from . import norms as norms
from . import products as products
from .register import LINALG as _LINALG

globals().update(_LINALG)

__all__ = sorted(_LINALG)
