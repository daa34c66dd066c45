"""minimize: a minimum of a smooth function, differentiable in what the function depends on."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import dtype_of, ndim_of, shape_of, strong_operand
from isograd.refimpl.transforms.grad import grad, value_and_grad
from isograd.refimpl.transforms.jvp import stop_gradient
from isograd.scipy._implicit import implicit_root, raveled, traced

from . import descent
from .results import OptimizeResults

_OPTIONS = {"BFGS": {"gtol": 1e-5, "norm": np.inf, "maxiter": None},
            "L-BFGS": {"gtol": 1e-5, "ftol": 2.220446049250313e-09, "maxcor": 10,
                       "maxiter": 15000}}
_NAMES = {None: "BFGS", "L-BFGS-B": "L-BFGS"}


def minimize(fun, x0, args=(), *, method=None, tol=None, options=None):
    """Find a minimum of fun(x, *args), one real number, from x0 on; return OptimizeResults.

    x0: a pytree of real numbers. method: "BFGS", which keeps an n by n matrix, or "L-BFGS" (also
    "L-BFGS-B", without bounds). tol: for gtol and ftol. options: gtol, the largest
    entry of the gradient, maxiter, and for BFGS norm, for L-BFGS ftol (0 for none) and maxcor, with
    SciPy's defaults. The gradient is taken by
    reverse mode. Runs under jit and vmap. That it did not converge is said by success and status.

    The result is differentiable in args and in what fun captures, not in x0: x is where the
    gradient is zero, so dx = -H^-1 d(gradient), with H the whole Hessian of fun at x (implicit
    function theorem); the derivative is as accurate as x. Raises ShapeError, DtypeError,
    ArgumentError, MissingRuleError.
    """
    name = _NAMES.get(method, method)
    if name not in _OPTIONS:
        raise MissingRuleError(f"minimize: the method {method!r}", instead="'BFGS' or 'L-BFGS'")
    options = _filled(name, tol, options or {})
    vector, shapes = raveled(x0, "minimize: x0")
    if dtype_of(vector).kind == "c":
        raise DtypeError("minimize: x0 is complex", instead="real and imaginary parts")
    if not isinstance(args, tuple):
        args = (args,)

    vector = stop_gradient(vector)
    f = traced(lambda x: _one_number(fun(shapes.restored(x), *args)), vector)
    evaluate = value_and_grad(f)
    x, found = implicit_root(grad(f), lambda x: _solved(evaluate, x, name, options), vector)
    value, jac = evaluate(x)
    status = found["status"][()]
    return OptimizeResults(shapes.restored(x), (status == 0) | (status == 4), status, value,
                           shapes.restored(jac), found["hess_inv"], found["nfev"], found["nfev"],
                           found["nit"])


def _filled(name, tol, options):
    unknown = set(options) - set(_OPTIONS[name])
    if unknown:
        raise ArgumentError(f"minimize: {name} has no such option", got=", ".join(sorted(unknown)),
                            wanted=", ".join(_OPTIONS[name]))
    tolerances = {} if tol is None else {key: tol for key in ("gtol", "ftol")
                                         if key in _OPTIONS[name]}
    return {"ftol": 0.0, "norm": np.inf, **_OPTIONS[name], **tolerances, **options}


def _one_number(y):
    y = strong_operand(y)
    if ndim_of(y):
        raise ShapeError("minimize: the function returns one number", got=str(shape_of(y)),
                         instead="np.sum(...), or least_squares for residuals")
    if dtype_of(y).kind != "f":
        raise DtypeError("minimize: the function returns a real number", got=str(dtype_of(y)))
    return y


def _solved(evaluate, x, name, options):
    """(x, {what else was found}) by the named method."""
    n = shape_of(x)[0]
    maxiter = 200 * n if options["maxiter"] is None else options["maxiter"]
    method = descent.BFGS if name == "BFGS" else descent.limited_memory(options["maxcor"])
    limits = descent.Limits(options["gtol"], options["ftol"], options["norm"], maxiter)
    s = descent.descend(evaluate, x, method, limits)
    return s.x, {"status": s.status, "nfev": s.nfev, "nit": s.k,
                 "hess_inv": s.known if name == "BFGS" else None}
