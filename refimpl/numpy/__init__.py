"""NumPy's functions, made of the operations. Each keeps NumPy's name, signature and results.

function       how a function gets its meaning on traced values; the table of them all
common         operands, promotion, axes
concrete       traced values where Python wants a number
ufuncs         elementwise operations under NumPy's names
elementwise    where, clip, round, isclose, ...
reductions     sums, extrema, truth
manipulation   shapes and axes
joining        joining, splitting, inserting
rearranging    flipping, rolling, repeating, padding
indexing       x[i]
updates        at(x)[i].set(v)
selection      take, unique, sort, searchsorted
products       matmul, tensordot, convolve
einstein       sums of products by letters
matrices       diagonals and triangles
statistics     mean, var, cov
quantiles      median, quantile
cumulative     cumsum, diff, gradient, interp
polynomials    polyval, polymul, polyint
creation       zeros, linspace
counting       bincount, histogram
mapping        apply_along_axis
linalg/        numpy.linalg
fft            discrete Fourier transforms
operators      operators and methods of traced values
"""

import numpy as _np

from . import counting as counting
from . import creation as creation
from . import cumulative as cumulative
from . import einstein as einstein
from . import elementwise as elementwise
from . import fft as fft
from . import joining as joining
from . import linalg as linalg
from . import manipulation as manipulation
from . import mapping as mapping
from . import matrices as matrices
from . import polynomials as polynomials
from . import products as products
from . import quantiles as quantiles
from . import rearranging as rearranging
from . import reductions as reductions
from . import selection as selection
from . import statistics as statistics
from . import ufuncs as ufuncs
from . import updates as updates
from .function import PUBLIC as _PUBLIC

_taken = {name: getattr(_np, name) for name in (*creation.PLAIN, *creation.CONSTANTS)}
globals().update(_taken | _PUBLIC)

__all__ = sorted([*_PUBLIC, *_taken, "linalg", "fft"])
