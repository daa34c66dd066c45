"""Integrals of functions of one variable: fixed_quad, quad."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.errors import ArgumentError, DtypeError, ShapeError
from isograd.refimpl.numpy.common import (
    dtype_of,
    is_traced,
    ndim_of,
    operand,
    shape_of,
    strong_operand,
    to_float,
)
from isograd.refimpl.numpy.concrete import primal_of
from isograd.refimpl.numpy.updates import at
from isograd.refimpl.transforms.jvp import stop_gradient
from isograd.refimpl.transforms.vmap import vmap
from isograd.scipy._arguments import bound, refuse

EMPTY = 5       # Gauss nodes of an interval without length: right to derivatives of order 10


def fixed_quad(func, a, b, args=(), n=5):
    """(the integral of func(x, *args) over [a, b] by Gauss's rule with n nodes, None).

    func takes a vector of places, and returns values with the places as their last axis.
    """
    if n < 1:
        raise ArgumentError("fixed_quad: n nodes, one or more", got=repr(n))
    a, b = _end("fixed_quad", a), _end("fixed_quad", b)
    if _infinity(a) or _infinity(b):
        raise ArgumentError("fixed_quad: the interval is infinite", instead="quad")
    nodes, weights = np.polynomial.legendre.leggauss(n)
    values = strong_operand(func((b - a) * (nodes + 1) / 2 + a, *args))
    return (b - a) / 2 * np.sum(weights * values, -1), None


def _end(name, x):
    """An end of an interval, as a floating-point number; a known one stays known under jit."""
    x = operand(x)
    if dtype_of(x).kind == "c":
        raise DtypeError(f"{name}: an end of the interval is complex", got=dtype_of(x).name,
                         wanted="real numbers",
                         instead="the integral of func(a + t (b - a)) (b - a) from t = 0 to 1")
    return to_float(strong_operand(x)) if is_traced(x) else np.asarray(x, np.float64)[()]


# ---- Gauss and Kronrod ----

# Nodes of Kronrod's rule of 21 points, its weights, and the weights of Gauss's rule of 10 points,
# which has every other node (Piessens, de Doncker-Kapenga, Ueberhuber and Kahaner, QUADPACK, 1983).
_NODES = (0.995657163025808080735527280689003, 0.973906528517171720077964012084452,
          0.930157491355708226001207180059508, 0.865063366688984510732096688423493,
          0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
          0.562757134668604683339000099272694, 0.433395394129247190799265943165784,
          0.294392862701460198131126603103866, 0.148874338981631210884826001129720, 0.0)
_KRONROD = (0.011694638867371874278064396062192, 0.032558162307964727478818972459390,
            0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
            0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
            0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
            0.142775938577060080797094273138717, 0.147739104901338491374841515972068,
            0.149445554002916905664936468389821)
_GAUSS = (0.0, 0.066671344308688137593568809893332, 0.0, 0.149451349150580593145863396957658,
          0.0, 0.219086362515982043995534934228163, 0.0, 0.269266719309996355091226921569469,
          0.0, 0.295524224714752870173815619188769, 0.0)


def _both_sides(half, sign):
    return np.array([*[sign * x for x in half], *half[-2::-1]])


NODES, KRONROD, GAUSS = _both_sides(_NODES, -1), _both_sides(_KRONROD, 1), _both_sides(_GAUSS, 1)


def kronrod(f, low, high):
    """(the integral of f over [low, high], an estimate of its error as QUADPACK's)."""
    half = (high - low) / 2
    y = f((low + high) / 2 + half * NODES)
    integral, coarse = half * np.sum(KRONROD * y), half * np.sum(GAUSS * y)
    size = np.abs(half) * np.sum(KRONROD * np.abs(y))
    spread = np.abs(half) * np.sum(KRONROD * np.abs(y - np.sum(KRONROD * y) / 2))
    error = np.abs(integral - coarse)
    ratio = 200 * error / np.where(spread > 0, spread, 1.0)
    error = np.where(spread > 0, spread * np.minimum(1.0, ratio ** 1.5), error)
    return integral, np.maximum(error, 50 * np.finfo(float).eps * size)


# ---- adaptive intervals ----

class Mesh(NamedTuple):
    """Intervals with their integrals and errors; the first n rows are in use."""

    low: object
    high: object
    integral: object
    error: object
    n: object


def refined(f, low, high, epsabs, epsrel, limit):
    """Halve the interval with the largest error till the sum of errors is within the bounds."""
    def row(x):
        return at(np.zeros(limit))[0].set(x)

    def unfinished(m):
        wanted = np.maximum(epsabs, epsrel * np.abs(np.sum(m.integral)))
        return (np.sum(m.error) > wanted) & (m.n < limit)

    def halve(m):
        i = np.argmax(m.error)
        low, high = m.low[i], m.high[i]
        middle = (low + high) / 2
        left, right = kronrod(f, low, middle), kronrod(f, middle, high)
        rows = [(low, middle), (middle, high), (left[0], right[0]), (left[1], right[1])]
        return Mesh(*[at(at(x)[i].set(a))[m.n].set(b) for x, (a, b) in
                      zip(m[:4], rows, strict=True)], m.n + 1)
    integral, error = kronrod(f, low, high)
    return while_loop(unfinished, halve, Mesh(row(low), row(high), row(integral), row(error),
                                              np.int64(1)))


def quad(func, a, b, args=(), full_output=0, epsabs=1.49e-8, epsrel=1.49e-8, limit=50, points=None,
         weight=None, **others):
    """(the integral of func(x, *args) over [a, b], an estimate of its error).

    func: takes and returns one real number. a, b: numbers; an infinite one must be known.
    The error is at most max(epsabs, epsrel |integral|), unless `limit` intervals were not enough:
    look at the estimate. Kronrod's rule of 21 points on intervals that are halved where needed;
    SciPy adds an extrapolation, which is better at singular ends.

    Differentiable in a, b, args and in what func captures, by Leibniz's rule. The derivative of
    func is integrated on the same intervals; that a jump of func moves is not seen.
    Raises ShapeError, ArgumentError, MissingRuleError.
    """
    refuse("quad", {"full_output": full_output, "points": points, "weight": weight, **others},
           _REFUSED)
    a, b = _end("quad", a), _end("quad", b)
    if ndim_of(a) or ndim_of(b):
        raise ShapeError("quad: the ends are single numbers",
                         got=f"{shape_of(a)} and {shape_of(b)}", instead="isograd.vmap of quad")
    if limit < 1:
        raise ArgumentError("quad: limit is the number of intervals, one or more", got=repr(limit))

    func = bound("quad", func, args)

    def f(x):
        y = strong_operand(func(x))
        if ndim_of(y):
            raise ShapeError("quad: the function returns one number", got=str(shape_of(y)),
                             instead="fixed_quad, or isograd.vmap of quad")
        return y
    sign, f, low, high = _finite(f, a, b)
    value, error = _adaptive(vmap(f), low, high, epsabs, epsrel, limit)
    return sign * value, error


_WEIGHT = "the weight as a factor in func"
_REFUSED = {
    # argument: (what to write instead, the values that ask for nothing)
    "full_output": ("the two results: the integral, and an estimate of its error", 0, False),
    "points": ("the sum of the integrals between these points", ), "weight": (_WEIGHT, ),
    "wvar": (_WEIGHT, ), "wopts": (_WEIGHT, ), "maxp1": (_WEIGHT, 50), "limlst": (_WEIGHT, 50),
    "complex_func": ("the integrals of func(x).real and of func(x).imag", False)}


def _finite(f, a, b):
    """(sign, function, ends) of an integral over a finite interval that has the same value."""
    first, last = [_infinity(x) for x in (a, b)]
    if not first and not last:
        return 1.0, f, a, b
    if first == last:
        raise ArgumentError("quad: both ends are the same infinity", got=f"{first}")
    if first and last:      # x = +-(1 - t) / t
        def both(t):
            x = (1 - t) / t
            return (f(x) + f(-x)) / t ** 2
        return float(np.sign(last)), both, np.float64(0), np.float64(1)
    end, way = (a, float(np.sign(last))) if last else (b, float(np.sign(first)))

    def ray(t):
        return f(end + way * (1 - t) / t) / t ** 2
    return way if last else -way, ray, np.float64(0), np.float64(1)


def _infinity(x):
    """inf, -inf, or 0 for what is finite or not known."""
    number = primal_of(x)
    return 0.0 if is_traced(number) or not np.isinf(number) else float(number)


def _adaptive(f, low, high, epsabs, epsrel, limit):
    """The integral over intervals that are constants, and from these to where the ends are."""
    fixed = [stop_gradient(x) for x in (low, high)]
    mesh = stop_gradient(refined(f, *fixed, epsabs, epsrel, limit))
    used = np.arange(limit) < mesh.n
    lows, highs = [np.where(used, x, end) for x, end in
                   zip((mesh.low, mesh.high), fixed, strict=True)]
    parts = vmap(lambda low, high: kronrod(f, low, high)[0])(lows, highs)
    value = np.sum(np.where(used, parts, 0.0))
    for end, place, way in ((high, fixed[1], 1.0), (low, fixed[0], -1.0)):
        if is_traced(end):
            value = value + way * _empty(f, place, end)
    return value, np.sum(mesh.error)


def _empty(f, place, end):
    """The integral from a place to an end that is there: 0, with its derivatives.

    Where f is not finite its derivative is infinite, as that of the cube root at 0.
    """
    at_place = stop_gradient(f(np.reshape(place, (1,)))[0])
    whole = fixed_quad(f, place, end, n=EMPTY)[0]
    return np.where(np.isfinite(at_place), whole, np.copysign(1.0, at_place)
                    * np.cbrt(end - place))
