"""scipy.optimize on arrays and traced values alike: minima, roots, fixed points, least squares.

Solutions are differentiable in everything that their equations depend on, by the implicit function
theorem. Solvers are traced loops: they run under jit and vmap.
"""

from isograd.scipy._arguments import names_in as _names_in
from isograd.scipy.optimize.minima import minimize as minimize
from isograd.scipy.optimize.results import LeastSquaresResults as LeastSquaresResults
from isograd.scipy.optimize.results import OptimizeResults as OptimizeResults
from isograd.scipy.optimize.results import RootResults as RootResults
from isograd.scipy.optimize.results import ScalarRootResults as ScalarRootResults
from isograd.scipy.optimize.scalar import bisect as bisect
from isograd.scipy.optimize.scalar import brentq as brentq
from isograd.scipy.optimize.scalar import fixed_point as fixed_point
from isograd.scipy.optimize.scalar import newton as newton
from isograd.scipy.optimize.scalar import root_scalar as root_scalar
from isograd.scipy.optimize.systems import curve_fit as curve_fit
from isograd.scipy.optimize.systems import least_squares as least_squares
from isograd.scipy.optimize.systems import root as root

__all__ = _names_in(globals())


def __dir__():
    return __all__
