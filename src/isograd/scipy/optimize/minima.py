"""minimize: a minimum of a smooth function, differentiable in what the function depends on."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import dtype_of, ndim_of, shape_of, strong_operand
from isograd.refimpl.transforms.grad import grad, value_and_grad
from isograd.refimpl.transforms.jvp import stop_gradient
from isograd.scipy._arguments import bound, refuse
from isograd.scipy._implicit import implicit_root, raveled, raveled_like, traced

from . import descent
from .results import OptimizeResults

_OPTIONS = {"BFGS": {"gtol": 1e-5, "norm": np.inf, "maxiter": None},
            "L-BFGS": {"gtol": 1e-5, "ftol": 2.220446049250313e-09, "maxcor": 10,
                       "maxiter": 15000}}
_NAMES = {None: "BFGS", "L-BFGS-B": "L-BFGS"}


def minimize(fun, x0, args=(), method=None, jac=None, hess=None, hessp=None, bounds=None,
             constraints=(), tol=None, callback=None, options=None):
    """Find a minimum of fun(x, *args), one real number, from x0 on; return OptimizeResults.

    x0: real numbers: an array, a list of numbers, which means an array, or a pytree. method:
    "BFGS", which keeps an n by n matrix, or "L-BFGS" (also "L-BFGS-B", without bounds). jac: the
    gradient that the method goes by, like x0, as a function of (x, *args); True if fun returns
    (value, gradient); None for the gradient by reverse mode. tol: for gtol and ftol. options: gtol,
    the largest entry of the gradient, maxiter, and for BFGS norm, for L-BFGS ftol (0 for none) and
    maxcor, with SciPy's defaults. Runs under jit and vmap. That it did not converge is said by
    success and status.

    The result is differentiable in args and in what fun captures, not in x0: x is where the
    gradient is zero, so dx = -H^-1 d(gradient), with H the whole Hessian of fun at x (implicit
    function theorem); the derivative is as accurate as x. Both derivatives are isograd's own of
    fun, also where jac is given. Raises ShapeError, DtypeError, ArgumentError; MissingRuleError for
    what is not supported.
    """
    refuse("minimize", {"hess": hess, "hessp": hessp, "bounds": bounds, "constraints": constraints,
                        "callback": callback}, _REFUSED)
    name = method.upper() if isinstance(method, str) else method
    name = _NAMES.get(name, name)
    if name not in _OPTIONS:
        raise MissingRuleError(f"minimize: the method {method!r}", instead="'BFGS' or 'L-BFGS'")
    options = _filled(name, tol, options or {})
    vector, shapes = raveled(x0, "minimize: x0")
    if dtype_of(vector).kind == "c":
        raise DtypeError("minimize: x0 is complex", instead="real and imaginary parts")

    vector = stop_gradient(vector)
    f, evaluate = _with_gradient(bound("minimize", fun, args), jac, args, shapes, vector)
    x, found = implicit_root(grad(f), lambda x: _solved(evaluate, x, name, options), vector)
    value, slope = evaluate(x)
    status = found["status"][()]
    return OptimizeResults(shapes.restored(x), (status == 0) | (status == 4), status, value,
                           shapes.restored(slope), found["hess_inv"], found["nfev"], found["nfev"],
                           found["nit"])


_ESTIMATED = "no such argument: the methods estimate the second derivative"
_REFUSED: dict = {
    # argument: (what to write instead, the values that ask for nothing)
    "hess": (_ESTIMATED, ), "hessp": (_ESTIMATED, ),
    "bounds": ("a minimum over z, all of whose x are within the bounds: x = low + np.exp(z), or "
               "x = low + (high - low) / (1 + np.exp(-z))", ),
    "constraints": ("a minimum over z, all of whose x fulfil them, or a penalty in fun", (), []),
    "callback": ("isograd.debug.callback in fun", )}


def _with_gradient(fun, jac, args, shapes, vector):
    """(fun of a vector, traced; what gives it and the gradient that the user chose)."""
    value = (lambda x: fun(x)[0]) if jac is True else fun
    f = traced("minimize", lambda x: _one_number(value(shapes.restored(x))), vector)
    if jac is None or jac is False:
        return f, value_and_grad(f)
    if not (jac is True or callable(jac)):
        raise MissingRuleError(f"minimize: jac={jac!r} is not supported",
                               instead="no jac: the gradient is exact, by reverse mode")
    slope = (lambda x: fun(x)[1]) if jac is True else bound("minimize", jac, args)

    def gradient(x):
        g = raveled_like(shapes, slope(shapes.restored(x)), "minimize: the gradient by jac", "x0")
        return g.astype(dtype_of(vector))
    gradient = traced("minimize", gradient, vector)
    return f, lambda x: (f(x), gradient(x))


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
