"""Systems of equations and sums of squares: root, least_squares, curve_fit."""

from __future__ import annotations

import inspect
from functools import partial
from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import dtype_of, ndim_of, shape_of, strong_operand, to_float
from isograd.refimpl.transforms.grad import grad, jacfwd
from isograd.refimpl.transforms.jvp import stop_gradient
from isograd.scipy._arguments import bound, check_derivative, refuse
from isograd.scipy._implicit import implicit_root, raveled, traced
from isograd.scipy.linalg.equations import solve_triangular

from .results import LeastSquaresResults, RootResults


class Limits(NamedTuple):
    ftol: float
    xtol: float
    gtol: float
    maxiter: int


# ---- Levenberg and Marquardt ----

class State(NamedTuple):
    x: object
    r: object           # residuals
    jac: object
    scale: object       # of the variables: the largest squares of the columns of jac so far
    damping: object
    growth: object      # of the damping, at the next failure
    k: object
    nfev: object
    status: object      # of LeastSquaresResults, or GOING


GOING = -2
FIRST_DAMPING, LEAST_DAMPING = 1e-3, 1e-14      # the least keeps the equations regular
ROOT_XTOL = 1e-13


def levenberg_marquardt(residuals, x, limits):
    """The State in which half the sum of squares is smallest.

    (J'J + mu D) h = -J'r, where D scales the variables (Marquardt 1963; More, *The
    Levenberg-Marquardt algorithm*, 1978) and mu follows the gain of each step (Madsen, Nielsen and
    Tingleff, *Methods for Non-Linear Least Squares Problems*, 2004, algorithm 3.16).
    """
    jacobian = jacfwd(residuals)
    r, jac = residuals(x), jacobian(x)
    one = np.ones((), dtype_of(x))
    status = np.where(_flat(jac, r, limits), 1, GOING)
    status = np.where(np.all(np.isfinite(r)) & np.all(np.isfinite(jac)), status, -1)
    start = State(x, r, jac, np.sum(jac ** 2, 0), FIRST_DAMPING * one, 2 * one, np.int64(0),
                  np.int64(1), status)
    s = while_loop(lambda s: (s.status == GOING) & (s.k < limits.maxiter),
                   lambda s: _step(residuals, jacobian, s, limits), start)
    return s._replace(status=np.where(s.status == GOING, 0, s.status))


def _flat(jac, r, limits):
    return np.max(np.abs(r @ jac)) <= limits.gtol


def _step(residuals, jacobian, s, limits):
    g, d = s.r @ s.jac, s.damping * np.where(s.scale > 0, s.scale, 1.0)
    h = -np.linalg.solve(s.jac.T @ s.jac + np.diag(d), g)
    x = s.x + h
    r = residuals(x)
    cost, new_cost = np.sum(s.r ** 2) / 2, np.sum(r ** 2) / 2
    gain = (cost - new_cost) / (np.sum(h * (d * h - g)) / 2)
    good = gain > 0
    jac = np.where(good, jacobian(x), s.jac)
    kept = np.where(good, r, s.r)
    smaller = np.maximum(1 / 3, 1 - (2 * gain - 1) ** 3)
    status = np.where(good & (cost - new_cost < limits.ftol * cost) & (gain > 0.25), 2, GOING)
    short = np.linalg.norm(h) < limits.xtol * (limits.xtol + np.linalg.norm(s.x))
    status = np.where(short, 3, status)
    status = np.where(good & _flat(jac, kept, limits), 1, status)
    damping = np.maximum(s.damping * np.where(good, smaller, s.growth), LEAST_DAMPING)
    growth = np.where(good, 2.0, 2 * s.growth)
    return State(np.where(good, x, s.x), kept, jac, np.maximum(s.scale, np.sum(jac ** 2, 0)),
                 damping.astype(dtype_of(x)), growth.astype(dtype_of(x)), s.k + 1, s.nfev + 1,
                 status)


def least_squares(fun, x0, jac=None, bounds=(-np.inf, np.inf), method="lm", ftol=1e-8, xtol=1e-8,
                  gtol=1e-8, *, max_nfev=None, args=(), kwargs=None, **others):
    """Find a minimum of half the sum of squares of fun(x, *args, **kwargs): LeastSquaresResults.

    x0: real numbers: an array, a list of numbers, which means an array, or a pytree; fun returns
    real residuals, of any number and shape. Levenberg and Marquardt's method: no bounds. jac is
    taken, and not needed: the Jacobian is that of fun, by forward mode. max_nfev: steps, 100 n by
    default. Differentiable in args and in what fun captures, by the implicit function theorem on
    grad = 0 with the whole second derivative, not only J'J.
    Raises MissingRuleError, DtypeError, ShapeError.
    """
    refuse("least_squares", {"bounds": bounds, **others}, _REFUSED_BY_LEAST_SQUARES)
    check_derivative("least_squares", "jac", jac)
    if method != "lm":
        raise MissingRuleError(f"least_squares: the method {method!r}", instead="method='lm'")
    x0, shapes = raveled(x0, "least_squares: x0")
    x0 = stop_gradient(x0)
    fun = bound("least_squares", partial(fun, **(kwargs or {})), args)
    f = traced("least_squares", lambda x: _real("least_squares", fun(shapes.restored(x))), x0)
    limits = Limits(ftol, xtol, gtol, max_nfev or 100 * shape_of(x0)[0])

    def solve(x):
        s = levenberg_marquardt(f, x, limits)
        return s.x, (s.nfev, s.k, s.status[()])
    gradient = grad(lambda x: np.sum(f(x) ** 2) / 2)
    x, (nfev, nit, status) = implicit_root(gradient, solve, x0)
    r, jac = f(x), jacfwd(f)(x)
    g = r @ jac
    return LeastSquaresResults(shapes.restored(x), np.sum(r ** 2) / 2, r, jac, g,
                               np.max(np.abs(g)), nfev, nit + 1, status, status > 0)


_NO_BOUNDS = ("a minimum over z, all of whose x are within the bounds: x = low + np.exp(z), or "
              "x = low + (high - low) / (1 + np.exp(-z))", (-np.inf, np.inf))
_WITHOUT = "no such argument: the method is Levenberg and Marquardt's with exact derivatives"
_REFUSED_BY_LEAST_SQUARES: dict = {
    # argument: (what to write instead, the values that ask for nothing)
    "bounds": _NO_BOUNDS,
    "x_scale": ("no such argument: the method scales by the columns of the Jacobian", 1.0, 1,
                "jac"),
    "loss": ("residuals with np.sqrt(rho(r ** 2)) for r, or minimize", "linear"),
    "f_scale": ("residuals with np.sqrt(rho(r ** 2)) for r, or minimize", 1.0, 1),
    "diff_step": (_WITHOUT, ), "tr_solver": (_WITHOUT, ), "tr_options": (_WITHOUT, {}),
    "jac_sparsity": (_WITHOUT, ), "verbose": ("isograd.debug.print in fun", 0),
    "callback": ("isograd.debug.callback in fun", ), "workers": (_WITHOUT, 1)}


def _real(name, r):
    """Residuals as a vector."""
    r = raveled(r, f"{name}: what fun returns")[0]
    if dtype_of(r).kind == "c":
        raise DtypeError(f"{name}: the residuals are complex",
                         instead="real and imaginary parts")
    return r


# ---- curves ----

def curve_fit(f, xdata, ydata, p0=None, sigma=None, absolute_sigma=False, check_finite=None,
              bounds=(-np.inf, np.inf), method=None, jac=None, *, full_output=False,
              nan_policy=None, maxfev=None, **options):
    """Fit ydata = f(xdata, *p) by least squares; return (p, its estimated covariance).

    p0: where to start, a vector; all 1 by default. sigma: deviations of ydata, with which residuals
    are divided, or the covariance matrix of ydata; absolute_sigma: whether it is meant as such or
    only up to a factor. check_finite is taken, and changes nothing, and so is jac. maxfev, options:
    max_nfev and others of least_squares. Differentiable in xdata, ydata, sigma and in what f
    captures. NaN if no minimum was found. Raises ShapeError, ArgumentError, MissingRuleError.
    """
    refuse("curve_fit", {"bounds": bounds, "full_output": full_output, "nan_policy": nan_policy},
           _REFUSED_BY_CURVE_FIT)
    check_derivative("curve_fit", "jac", jac)
    options = {"method": method or "lm", "max_nfev": maxfev, **options}
    ydata = to_float(strong_operand(ydata))
    n = _number_of_parameters(f) if p0 is None else None
    p0 = np.ones(n) if p0 is None else np.reshape(to_float(strong_operand(p0)), -1)
    n, m = shape_of(p0)[0], shape_of(np.reshape(ydata, -1))[0]
    if m < n:
        raise ShapeError("curve_fit: fewer data than parameters", got=f"{m} and {n}")
    f = bound("curve_fit", f, ())

    def residuals(p, xdata, ydata, sigma):
        return _weighted(f(xdata, *[p[i] for i in range(n)]) - ydata, sigma)
    found = least_squares(residuals, p0, args=(xdata, ydata, sigma), **options)
    covariance = np.linalg.inv(found.jac.T @ found.jac)
    if not absolute_sigma:
        covariance = covariance * (2 * found.cost / (m - n) if m > n else np.inf)
    return (np.where(found.success, found.x, np.nan),
            np.where(found.success, covariance, np.nan))


_REFUSED_BY_CURVE_FIT = {
    # argument: (what to write instead, the values that ask for nothing)
    "bounds": _NO_BOUNDS, "full_output": ("least_squares", False, 0),
    "nan_policy": ("data without NaN", "raise")}


def _weighted(r, sigma):
    """Residuals whose covariance is 1: L^-1 r for the covariance L L' of r."""
    if sigma is None:
        return r
    sigma = to_float(strong_operand(sigma))
    if ndim_of(r) == 1 and ndim_of(sigma) == 2:
        return solve_triangular(np.linalg.cholesky(sigma), r, lower=True)
    return r / sigma


def _number_of_parameters(f):
    kinds = [p.kind for p in inspect.signature(f).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        raise ArgumentError("curve_fit: the number of parameters of f is not known",
                            instead="p0=where to start")
    return len(kinds) - 1


# ---- roots ----

_REFUSED_BY_ROOT = {"callback": ("isograd.debug.callback in fun", )}


def root(fun, x0, args=(), method="lm", jac=None, tol=None, callback=None, options=None):
    """Find a root of fun(x, *args), as many equations as unknowns; return RootResults.

    x0: real numbers: an array, a list of numbers, which means an array, or a pytree. method: "lm",
    Levenberg and Marquardt's, which becomes Newton's near a root. jac is taken, and not needed: the
    Jacobian is that of fun, by forward mode. tol: the norm of fun that counts as a root, by default
    1e-9 (1 + that at x0). options: maxiter. That no root was found is said by success.
    Differentiable in args and in what fun captures, by the implicit function theorem.
    Raises ShapeError, DtypeError, ArgumentError, MissingRuleError; LinAlgError for a derivative
    where that of fun is singular.
    """
    refuse("root", {"callback": callback}, _REFUSED_BY_ROOT)
    check_derivative("root", "jac", jac)
    if method != "lm":
        raise MissingRuleError(f"root: the method {method!r}", instead="method='lm'")
    options = {"maxiter": 200, **(options or {})}
    if set(options) - {"maxiter"}:
        raise ArgumentError("root: an unknown option", got=", ".join(options), wanted="maxiter")
    x0, shapes = raveled(x0, "root: x0")
    x0 = stop_gradient(x0)
    fun = bound("root", fun, args)
    f = traced("root", lambda x: _real("root", fun(shapes.restored(x))), x0)
    r0 = f(x0)
    if shape_of(r0) != shape_of(x0):
        raise ShapeError("root: not as many equations as unknowns", got=str(shape_of(r0)),
                         wanted=str(shape_of(x0)), instead="least_squares")
    tol = 1e-9 * (1 + np.linalg.norm(stop_gradient(r0))) if tol is None else tol
    limits = Limits(0.0, ROOT_XTOL, 0.0, options["maxiter"])

    def solve(x):
        s = levenberg_marquardt(f, x, limits)
        return s.x, (s.nfev, s.k)
    x, (nfev, nit) = implicit_root(f, solve, x0)
    r = f(x)
    return RootResults(shapes.restored(x), np.linalg.norm(stop_gradient(r)) <= tol, r, nfev, nit)
