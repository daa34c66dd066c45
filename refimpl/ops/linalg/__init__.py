"""Linear algebra on stacks of matrices: arrays (..., m, n). Reading order:

matrices     products, triangles, diagonals; what all these operations share
stacked      LU and substitution of many small matrices at once
solving      triangular_solve, lu, solve, sylvester
factors      cholesky, qr, polar
spectra      eigh, eig, svd
triangular   schur
determinants det, slogdet
riccati      the equations of optimal control
functions    pinv, sqrtm, and matrix functions by their Frechet derivative

LAPACK computes the values, by NumPy or SciPy. The derivatives are those of M. Giles, *Collected
matrix derivative results for forward and reverse mode algorithmic differentiation* (2008), unless
said otherwise. In a rule da is a tangent of a; h(a) is the conjugate transpose, t(a) the plain one.
"""

from .determinants import det, slogdet
from .factors import cholesky, pivoted_columns, polar_factor, qr
from .functions import frechet, matrix_function, pinv, sqrtm
from .matrices import (
    as_diagonal,
    below_diagonal,
    block,
    column,
    conj,
    diagonal_of,
    h,
    identity,
    lower_part,
    mm,
    scale_columns,
    t,
    upper_part,
    where,
)
from .riccati import care, dare, stein
from .solving import (
    factored,
    hermitian_inverse_sandwich,
    lu,
    solve,
    solve_factored,
    sylvester,
    triangular_solve,
)
from .spectra import eig, eigh, svd
from .triangular import schur

__all__ = [
    "as_diagonal", "below_diagonal", "block", "care", "cholesky", "column", "conj", "dare",
    "det", "diagonal_of", "eig", "eigh", "factored", "frechet", "h",
    "hermitian_inverse_sandwich", "identity", "lower_part", "lu", "matrix_function", "mm",
    "pinv", "pivoted_columns", "polar_factor", "qr", "scale_columns", "schur", "slogdet",
    "solve", "solve_factored", "sqrtm", "stein", "svd", "sylvester", "t", "triangular_solve",
    "upper_part", "where",
]
