"""NumPy's functions, made of the operations. Each keeps NumPy's name, signature and results.

function       how a function gets its meaning on traced values; the table of them all
common         operands, promotion, axes
absent         what has no meaning on traced arrays, and why
concrete       traced values where Python wants a number
ufuncs         elementwise operations under NumPy's names
places         where a mask holds
elementwise    where, clip, round, isclose, ...
reductions     sums, extrema, truth
manipulation   shapes and axes
joining        joining, splitting, inserting
rearranging    flipping, rolling, repeating, padding
indexing       x[i]
updates        at(x)[i].set(v)
selection      take, sort, searchsorted
sets           unique, union1d
products       matmul, tensordot, convolve
einstein       sums of products by letters
matrices       diagonals and triangles
statistics     mean, var, cov
quantiles      median, quantile
cumulative     cumsum, diff, gradient, interp
polynomials    polyval, polymul, polyint
creation       zeros, linspace
counting       bincount, histogram
windows        kaiser, i0
bits           packbits, unpackbits
converting     conversions, r_, vectorize
mapping        apply_along_axis
linalg/        numpy.linalg
fitting        roots, polyfit
fft            discrete Fourier transforms
ufunc_methods  reduce, accumulate, reduceat of any ufunc
operators      operators and methods of traced values
"""

import numpy as _np

from . import bits as bits
from . import converting as converting
from . import counting as counting
from . import creation as creation
from . import cumulative as cumulative
from . import einstein as einstein
from . import elementwise as elementwise
from . import fft as fft
from . import fitting as fitting
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
from . import sets as sets
from . import statistics as statistics
from . import ufuncs as ufuncs
from . import updates as updates
from . import windows as windows
from .function import PUBLIC as _PUBLIC

_taken = {name: getattr(_np, name) for name in (*creation.PLAIN, *creation.CONSTANTS)}
globals().update(_taken | _PUBLIC)

# The Python array API standard (data-apis.org), as far as NumPy's main namespace follows it.
_standard = ["__array_api_version__", "__array_namespace_info__"]
globals().update({name: getattr(_np, name) for name in _standard if hasattr(_np, name)})

__all__ = sorted([*_PUBLIC, *_taken, "linalg", "fft", *_standard])
