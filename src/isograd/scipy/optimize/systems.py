"""Systems of equations and sums of squares: root, least_squares, curve_fit."""

from __future__ import annotations

import inspect
from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import dtype_of, shape_of, strong_operand, to_float
from isograd.refimpl.transforms.grad import grad, jacfwd
from isograd.refimpl.transforms.jvp import stop_gradient
from isograd.scipy._implicit import implicit_root, raveled, traced

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


def least_squares(fun, x0, args=(), *, method="lm", ftol=1e-8, xtol=1e-8, gtol=1e-8,
                  max_nfev=None):
    """Find a minimum of half the sum of squares of fun(x, *args); return LeastSquaresResults.

    x0: a pytree of real numbers; fun returns real residuals, of any number and shape. Levenberg and
    Marquardt's method: no bounds. max_nfev: steps, 100 n by default. Differentiable in args and in
    what fun captures, by the implicit function theorem on grad = 0 with the whole second
    derivative, not only J'J. Raises MissingRuleError, DtypeError, ShapeError.
    """
    if method != "lm":
        raise MissingRuleError(f"least_squares: the method {method!r}", instead="method='lm'")
    x0, shapes = raveled(x0, "least_squares: x0")
    args = args if isinstance(args, tuple) else (args,)
    x0 = stop_gradient(x0)
    f = traced(lambda x: _real("least_squares", fun(shapes.restored(x), *args)), x0)
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


def _real(name, r):
    """Residuals as a vector."""
    r = raveled(r, f"{name}: what fun returns")[0]
    if dtype_of(r).kind == "c":
        raise DtypeError(f"{name}: the residuals are complex",
                         instead="real and imaginary parts")
    return r


# ---- curves ----

def curve_fit(f, xdata, ydata, p0=None, sigma=None, absolute_sigma=False, **options):
    """Fit ydata = f(xdata, *p) by least squares; return (p, its estimated covariance).

    p0: where to start, a vector; all 1 by default. sigma: deviations of ydata, with which residuals
    are divided; absolute_sigma: whether they are deviations or only relative weights. options: of
    least_squares. Differentiable in xdata, ydata, sigma and in what f captures. NaN if no minimum
    was found. Raises ShapeError, ArgumentError.
    """
    ydata = to_float(strong_operand(ydata))
    n = _number_of_parameters(f) if p0 is None else None
    p0 = np.ones(n) if p0 is None else np.reshape(to_float(strong_operand(p0)), -1)
    n, m = shape_of(p0)[0], shape_of(np.reshape(ydata, -1))[0]
    if m < n:
        raise ShapeError("curve_fit: fewer data than parameters", got=f"{m} and {n}")

    def residuals(p, xdata, ydata, sigma):
        r = f(xdata, *[p[i] for i in range(n)]) - ydata
        return r if sigma is None else r / sigma
    found = least_squares(residuals, p0, (xdata, ydata, sigma), **options)
    covariance = np.linalg.inv(found.jac.T @ found.jac)
    if not absolute_sigma:
        covariance = covariance * (2 * found.cost / (m - n) if m > n else np.inf)
    return (np.where(found.success, found.x, np.nan),
            np.where(found.success, covariance, np.nan))


def _number_of_parameters(f):
    kinds = [p.kind for p in inspect.signature(f).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        raise ArgumentError("curve_fit: the number of parameters of f is not known",
                            instead="p0=where to start")
    return len(kinds) - 1


# ---- roots ----

def root(fun, x0, args=(), method="lm", tol=None, options=None):
    """Find a root of fun(x, *args), as many equations as unknowns; return RootResults.

    x0: a pytree of real numbers. method: "lm", Levenberg and Marquardt's, which becomes Newton's
    near a root. tol: the norm of fun that counts as a root, by default 1e-9 (1 + that at x0).
    options: maxiter. That no root was found is said by success. Differentiable in args and in what
    fun captures, by the implicit function theorem.
    Raises ShapeError, DtypeError, ArgumentError, MissingRuleError; LinAlgError for a derivative
    where that of fun is singular.
    """
    if method != "lm":
        raise MissingRuleError(f"root: the method {method!r}", instead="method='lm'")
    options = {"maxiter": 200, **(options or {})}
    if set(options) - {"maxiter"}:
        raise ArgumentError("root: an unknown option", got=", ".join(options), wanted="maxiter")
    x0, shapes = raveled(x0, "root: x0")
    args = args if isinstance(args, tuple) else (args,)
    x0 = stop_gradient(x0)
    f = traced(lambda x: _real("root", fun(shapes.restored(x), *args)), x0)
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
