"""Roots of functions of one number, and fixed points.

dx = -(df/dp) dp / (df/dx) at the root, at every order; how it was found does not matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.implicit import custom_root
from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import (
    dtype_of,
    is_traced,
    ndim_of,
    shape_of,
    strong_operand,
    to_float,
)
from isograd.refimpl.numpy.concrete import primal_of
from isograd.refimpl.transforms.jvp import jvp, stop_gradient
from isograd.scipy._arguments import bound, check_derivative, refuse
from isograd.scipy._implicit import implicit_root, raveled, raveled_like, traced

from .results import ScalarRootResults

EPS = np.finfo(float).eps


def bisect(f, a, b, args=(), xtol=2e-12, rtol=4 * EPS, maxiter=100, full_output=False, disp=True):
    """A root of f(x, *args) between a and b, where f has different signs, by halving.

    It is found to within xtol + rtol |root|; NaN if maxiter halvings are not enough, or if the
    signs are the same and not known; disp is taken, and changes nothing. With full_output, (root,
    ScalarRootResults). Differentiable in args and in what f captures, not in a and b.
    Raises ArgumentError for known, equal signs.
    """
    return _bracketed("bisect", f, (a, b), args, (xtol, rtol, maxiter), full_output)


def brentq(f, a, b, args=(), xtol=2e-12, rtol=4 * EPS, maxiter=100, full_output=False, disp=True):
    """As bisect, by inverse quadratic interpolation where that is faster.

    Brent, *Algorithms for Minimization Without Derivatives*, 1973, chapter 4.
    """
    return _bracketed("brentq", f, (a, b), args, (xtol, rtol, maxiter), full_output)


def newton(func, x0, fprime=None, args=(), tol=1.48e-8, maxiter=50, fprime2=None, x1=None,
           rtol=0.0, full_output=False, disp=True):
    """A root of func(x, *args) near the number x0 by Newton's method; NaN if none was found.

    The last step is within tol + rtol |root|. fprime and fprime2 are taken, and not needed: the
    derivative is that of func, by forward mode. From a complex x0 on a complex root of an analytic
    func is found. For arrays take `root`, or isograd.vmap of this. Otherwise as bisect.
    Raises MissingRuleError for x1.
    """
    refuse("newton", {"x1": x1}, _REFUSED)
    check_derivative("newton", "fprime", fprime)
    check_derivative("newton", "fprime2", fprime2)

    def solver(f, x0):
        return _newton(f, x0, tol, rtol, maxiter)
    return _found("newton", func, (x0,), args, solver, full_output)


def root_scalar(f, args=(), method=None, bracket=None, fprime=None, fprime2=None, x0=None, x1=None,
                xtol=None, rtol=None, maxiter=None, options=None):
    """A root of f(x, *args) as ScalarRootResults.

    method: "brentq" or "bisect" with a bracket (a, b), "newton" with x0; by default the first that
    fits. xtol, rtol, maxiter: as of these functions, which have the defaults.
    Raises MissingRuleError for other methods, x1 and options.
    """
    refuse("root_scalar", {"x1": x1, "options": options}, _REFUSED)
    method = method or ("brentq" if bracket is not None else "newton")
    limits = {"rtol": rtol, "maxiter": maxiter, "tol" if method == "newton" else "xtol": xtol}
    limits = {name: limit for name, limit in limits.items() if limit is not None}
    if method == "newton" and x0 is not None:
        return newton(f, x0, fprime, args, fprime2=fprime2, full_output=True, **limits)[1]
    if method in _BY_NAME and bracket is not None:
        if len(bracket) != 2:
            raise ArgumentError(f"{method}: a bracket is a pair (a, b)", got=repr(bracket))
        return _BY_NAME[method](f, *bracket, args, full_output=True, **limits)[1]
    if method in (*_BY_NAME, "newton"):
        raise ArgumentError(f"root_scalar: {method} has no place to start",
                            wanted="x0" if method == "newton" else "bracket=(a, b)")
    raise MissingRuleError(f"root_scalar: the method {method!r}",
                           instead="'brentq', 'bisect' or 'newton'")


# ---- what they share ----

_BY_NAME = {"bisect": bisect, "brentq": brentq}
_REFUSED: dict = {
    # argument: (what to write instead, the values that ask for nothing)
    "x1": ("x0 alone: Newton's method, whose slope is exact, not that of a secant", ),
    "options": ("xtol, rtol, maxiter", {})}


def _bracketed(name, f, bracket, args, limits, full_output):
    def solver(f, a, b):
        return _SOLVERS[name](f, a, b, *limits)
    return _found(name, f, bracket, args, solver, full_output)


def _found(name, f, places, args, solver, full_output):
    """The root that solver(f, *places) -> (x, converged, iterations, calls) finds."""
    f = bound(name, f, args)
    places = [stop_gradient(to_float(strong_operand(x))) for x in places]
    if any(map(ndim_of, places)):
        raise ShapeError(f"{name} starts from single numbers", got=str([*map(shape_of, places)]),
                         instead="root, or isograd.vmap")

    def one_number(x):
        y = strong_operand(f(x))
        if ndim_of(y):
            raise ShapeError(f"{name}: the function returns one number", got=str(shape_of(y)),
                             instead="root")
        return y
    g = traced(name, one_number, places[0])
    _check_kind(name, g, places)
    if len(places) == 2:
        _check_signs(name, g, places)

    def solve(_, x):
        x, *rest = solver(g, *places)
        return np.where(rest[0], x, np.nan), rest
    x, (converged, iterations, calls) = custom_root(
        g, places[0], solve, lambda slope, y: y / slope(np.ones_like(y)), has_aux=True)
    return (x, ScalarRootResults(x, iterations, calls, converged)) if full_output else x


def _check_kind(name, g, places):
    """Complex numbers have no sign, and from a real place on no complex root is found."""
    kinds = [dtype_of(x).kind for x in places]
    is_complex = "c" in (*kinds, dtype_of(g(places[0])).kind)
    if is_complex and kinds != ["c"]:
        raise DtypeError(f"{name}: the function is complex", instead="newton(f, x0 + 0j)",
                         wanted="real values, or newton from a complex place")


def _check_signs(name, g, places):
    ends = [primal_of(stop_gradient(g(x))) for x in places]
    if not any(map(is_traced, ends)) and ends[0] * ends[1] > 0:
        raise ArgumentError(f"{name}: the function has the same sign at both ends",
                            got=f"{ends[0]:.6g} and {ends[1]:.6g}",
                            wanted="a change of sign between a and b")


# ---- Newton ----

def _newton(f, x0, tol, rtol, maxiter):
    def step(state):
        x, _, k = state
        y, slope = jvp(f, (x,), (np.ones((), dtype_of(x))[()],))
        new = (x - np.where(y == 0, 0.0, y / np.where(y == 0, 1.0, slope))).astype(dtype_of(x))
        return new, np.abs(new - x), k + 1
    start = x0, _infinite(x0), np.int64(0)
    x, change, k = while_loop(lambda s: (s[1] > tol + rtol * np.abs(s[0])) & (s[2] < maxiter),
                              step, start)
    return x, np.isfinite(x) & (change <= tol + rtol * np.abs(x)), k, k


def _infinite(x):
    """Infinity in the dtype of |x|."""
    return np.zeros(0, dtype_of(x)).real.dtype.type(np.inf)


# ---- bisection ----

def _bisect(f, a, b, xtol, rtol, maxiter):
    fa, fb = f(a), f(b)
    valid = np.sign(fa) * np.sign(fb) <= 0

    def halve(state):
        a, fa, b, k = state
        middle = (a + b) / 2
        y = f(middle)
        left = np.sign(y) * np.sign(fa) <= 0        # the sign changes on the left
        exact = y == 0
        return (np.where(left & ~exact, a, middle), np.where(left, fa, y),
                np.where(left | exact, middle, b), k + 1)
    a, b = np.where(fb == 0, b, a), np.where(fa == 0, a, b)
    a, _, b, k = while_loop(lambda s: ~_close(s[0], s[2], xtol, rtol) & (s[3] < maxiter) & valid,
                            halve, (a, fa, b, np.int64(0)))
    return (a + b) / 2, valid & _close(a, b, xtol, rtol), k, k + 2


def _close(a, b, xtol, rtol):
    return np.abs(b - a) <= 2 * (xtol + rtol * np.abs(a + b) / 2)


# ---- Brent ----

class Bracket(NamedTuple):
    """b is the best place, a the one before it; the root is between b and c."""

    a: object
    fa: object
    b: object
    fb: object
    c: object
    fc: object
    d: object       # the last step
    e: object       # the one before it
    k: object


def _brent(f, a, b, xtol, rtol, maxiter):
    fa, fb = f(a), f(b)
    valid = np.sign(fa) * np.sign(fb) <= 0

    def unfinished(s):
        return valid & ~_at_root(s, xtol, rtol) & (s.k < maxiter)
    start = _arranged(Bracket(a, fa, b, fb, a, fa, b - a, b - a, np.int64(0)))
    s = while_loop(unfinished, lambda s: _brent_step(f, s, xtol, rtol), start)
    return s.b, valid & _at_root(s, xtol, rtol), s.k, s.k + 2


def _at_root(s, xtol, rtol):
    return (s.fb == 0) | (np.abs(s.c - s.b) / 2 <= (xtol + rtol * np.abs(s.b)) / 2)


def _arranged(s):
    """Let b and c lie on different sides, and b be the better one."""
    same = np.sign(s.fb) == np.sign(s.fc)
    c, fc = np.where(same, s.a, s.c), np.where(same, s.fa, s.fc)
    d, e = [np.where(same, s.b - s.a, step) for step in (s.d, s.e)]
    swap = np.abs(fc) < np.abs(s.fb)
    a, fa = np.where(swap, s.b, s.a), np.where(swap, s.fb, s.fa)
    b, fb = np.where(swap, c, s.b), np.where(swap, fc, s.fb)
    return Bracket(a, fa, b, fb, np.where(swap, a, c), np.where(swap, fa, fc), d, e, s.k)


def _brent_step(f, s, xtol, rtol):
    tolerance = (xtol + rtol * np.abs(s.b)) / 2
    middle = (s.c - s.b) / 2
    p, q = _interpolated(s, middle)
    useful = ((np.abs(s.e) >= tolerance) & (np.abs(s.fa) > np.abs(s.fb))
              & (2 * p < np.minimum(3 * middle * q - np.abs(tolerance * q), np.abs(s.e * q))))
    d = np.where(useful, p / np.where(q == 0, 1.0, q), middle)
    e = np.where(useful, s.d, middle)
    step = np.where(np.abs(d) > tolerance, d, np.copysign(tolerance, middle))
    b = s.b + step
    return _arranged(Bracket(s.b, s.fb, b, f(b), s.c, s.fc, d, e, s.k + 1))


def _interpolated(s, middle):
    """The step p / q, p >= 0: of the secant if only two places are known, else of the parabola."""
    def ratio(x, y):
        return x / np.where(y == 0, 1.0, y)
    t, u, v = ratio(s.fb, s.fa), ratio(s.fa, s.fc), ratio(s.fb, s.fc)
    secant = s.a == s.c
    p = np.where(secant, 2 * middle * t,
                 t * (2 * middle * u * (u - v) - (s.b - s.a) * (v - 1)))
    q = np.where(secant, 1 - t, (u - 1) * (v - 1) * (t - 1))
    return np.abs(p), np.where(p > 0, -q, q)


_SOLVERS = {"bisect": _bisect, "brentq": _brent}


# ---- fixed points ----

def fixed_point(func, x0, args=(), xtol=1e-8, maxiter=500, method="del2"):
    """x = func(x, *args), from the pytree x0 on; NaN if it was not found.

    method: "del2", Steffensen's with Aitken's extrapolation, entry by entry, or "iteration". xtol:
    on the relative change of each entry. Differentiable in args and in what func captures.
    """
    if method not in ("del2", "iteration"):
        raise ArgumentError("fixed_point: an unknown method", got=repr(method),
                            wanted="'del2' or 'iteration'")
    x0, shapes = raveled(x0, "fixed_point: x0")
    x0 = stop_gradient(x0)
    func = bound("fixed_point", func, args)

    def vector(x):
        y = raveled_like(shapes, func(shapes.restored(x)), "fixed_point: what func returns", "x")
        if dtype_of(y).kind == "c" and dtype_of(x).kind != "c":
            raise DtypeError("fixed_point: func returns complex numbers", got=dtype_of(y).name,
                             wanted=dtype_of(x).name, instead="a complex x0: x0 + 0j")
        return y.astype(dtype_of(x))
    g = traced("fixed_point", vector, x0)
    x, _ = implicit_root(lambda x: g(x) - x,
                         lambda x: _iterated(g, x, xtol, maxiter, method == "del2"), x0)
    return shapes.restored(x)


def _iterated(g, x, xtol, maxiter, extrapolate):
    def step(state):
        x, _, k = state
        new = first = g(x)
        if extrapolate:
            second = g(first)
            bend = second - 2 * first + x
            new = np.where(bend == 0, second, x - (first - x) ** 2 / np.where(bend == 0, 1, bend))
        change = np.max(np.abs(new - x) / np.where(x == 0, 1.0, np.abs(x)))
        return new, change, k + 1
    start = x, _infinite(x), np.int64(0)
    x, change, k = while_loop(lambda s: (s[1] > xtol) & (s[2] < maxiter), step, start)
    return np.where(change <= xtol, x, np.nan), k
