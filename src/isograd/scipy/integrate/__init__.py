"""scipy.integrate on arrays and traced values alike: differential equations, integrals.

Everything is differentiable, and runs under jit and vmap.
"""

from isograd.scipy._arguments import names_in as _names_in
from isograd.scipy.integrate.ode import OdeResult as OdeResult
from isograd.scipy.integrate.ode import odeint as odeint
from isograd.scipy.integrate.ode import solve_ivp as solve_ivp
from isograd.scipy.integrate.quadrature import fixed_quad as fixed_quad
from isograd.scipy.integrate.quadrature import quad as quad
from isograd.scipy.integrate.samples import cumulative_trapezoid as cumulative_trapezoid
from isograd.scipy.integrate.samples import romb as romb
from isograd.scipy.integrate.samples import simpson as simpson
from isograd.scipy.integrate.samples import trapezoid as trapezoid

__all__ = _names_in(globals())


def __dir__():
    return __all__
