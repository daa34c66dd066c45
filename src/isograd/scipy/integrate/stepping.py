"""Steps of adaptive length as a traced loop: the state of an integration, and how it moves on.

The derivative is that of the numbers computed (discretise, then differentiate), with the lengths of
the steps as constants: it is exact for the method, and as accurate as the solution for the
equation. Reverse mode goes back through the loop in bounded memory.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.control.sequence import scan
from isograd.refimpl.errors import ArgumentError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import dtype_of, is_traced, shape_of, strong_operand
from isograd.refimpl.numpy.concrete import concrete
from isograd.refimpl.transforms.jvp import stop_gradient

from . import runge_kutta
from .runge_kutta import METHODS, attempt, error_of, extended, first_step, step_factor


class State(NamedTuple):
    """Where an integration is: at (t, y), the end of a step of length h from (start, origin)."""

    t: object
    y: object
    start: object
    origin: object
    h: object
    k: object           # the stages of that step
    ahead: object       # the length to try next, without its sign
    rejected: object    # whether the last attempt was
    failed: object      # the steps became too short for the numbers
    nfev: object
    steps: object


class Problem(NamedTuple):
    """dy/dt = fun(t, y) towards t = bound, which lies in the direction of `sign`."""

    fun: object
    pair: runge_kutta.Pair
    bound: object
    sign: object
    rtol: object
    atol: object
    longest: object     # step
    most: object        # steps


def problem(fun, t0, y0, bound, *, method="RK45", rtol, atol, longest=np.inf, most=np.inf):
    """A Problem; fun's results are brought to the type of y0."""
    if method not in METHODS:
        raise MissingRuleError(f"the integration method {method!r}",
                               instead=" or ".join(map(repr, METHODS)))
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if not is_traced(tolerance) and np.any(np.asarray(tolerance) < 0):
            raise ArgumentError(f"{name} is negative", got=repr(tolerance))
    if not is_traced(longest) and longest <= 0:
        raise ArgumentError("the longest step is not positive", got=repr(longest))

    sign = stop_gradient(np.where(bound >= t0, 1.0, -1.0).astype(dtype_of(t0)))
    return Problem(partial(_slope, fun, shape_of(y0), dtype_of(y0)), METHODS[method], bound, sign,
                   rtol, atol, longest, most)


def _slope(fun, shape, dtype, t, y):
    dy = strong_operand(fun(t, y))
    if shape_of(dy) != shape:
        raise ShapeError("the right-hand side of the equation has another shape than y",
                         got=str(shape_of(dy)), wanted=str(shape))
    return dy.astype(dtype)


def start(p, t0, y0, first=None):
    """The State before the first step: a step of length 1 along the slope has led to it."""
    slope = p.fun(t0, y0)
    length = np.abs(p.bound - t0)
    tried = first is None
    if tried:
        fixed = stop_gradient((t0, y0, slope, length))
        first = stop_gradient(first_step(p.pair, p.fun, (fixed[0], p.sign, fixed[3]), *fixed[1:3],
                                         (p.rtol, p.atol, p.longest)))
    k = np.broadcast_to(slope, (len(p.pair.e), *shape_of(slope)))
    return State(t0, y0, t0, y0, p.sign, k, np.abs(first) + 0 * p.sign, np.bool_(False),
                 np.bool_(False), np.int64(1 + tried), np.int64(0))


def advance(p, s):
    """Attempt a step; if its error is too large, only the length of the next attempt changes."""
    shortest = 10 * np.abs(np.nextafter(s.t, p.sign * np.inf) - s.t)
    length = np.minimum(np.where(s.rejected, s.ahead, np.maximum(s.ahead, shortest)), p.longest)
    t = s.t + p.sign * length
    t = np.where(p.sign * (t - p.bound) > 0, p.bound, t)
    h = stop_gradient(t - s.t)
    t = s.t + h + stop_gradient(t - (s.t + h))      # the end exactly; its derivative that of s.t
    step = _as_step(h, s.y)
    y, k = attempt(p.pair, p.fun, s.t, s.y, s.k[-1], step)
    error = error_of(p.pair, step, s.y, y, k, p.rtol, p.atol)
    good = error < 1
    moved = [np.where(good, new, old) for new, old in
             zip((t, y, s.t, s.y, h, k), s[:6], strict=True)]
    ahead = np.abs(h) * step_factor(p.pair, error, s.rejected).astype(h.dtype)
    return State(*moved, ahead, ~good, (ahead < shortest) & ~good,
                 s.nfev + len(p.pair.b), s.steps + 1)


def _as_step(h, y):
    """A length in the precision of y."""
    return h.astype(np.zeros(0, dtype_of(y)).real.dtype)


def reach(p, s, target):
    """Step until t is at the target or beyond it."""
    return while_loop(lambda s: (p.sign * (s.t - target) < 0) & ~s.failed & (s.steps < p.most),
                      partial(advance, p), s)


def value_at(p, s, target):
    """y at a time within the last step; NaN where the integration did not get so far."""
    theta = (target - s.start) / s.h
    y = extended(p.pair, theta, s.origin, s.k, _as_step(s.h, s.y))
    return np.where(p.sign * (s.t - target) < 0, np.nan, y).astype(dtype_of(s.y))


def values_at(p, s, targets):
    """Return (State at the bound, y at each of the targets, which lie in order)."""
    def body(s, target):
        s = reach(p, s, target)
        return s, value_at(p, s, target)
    s, ys = scan(body, s, targets)
    return reach(p, s, p.bound), ys


def natural_times(p, s, name):
    """The ends of the steps that the integration takes, as numbers."""
    def numbers(x):
        return concrete(stop_gradient(x), f"{name}: the number of steps", "t_eval=times")
    times = []
    while numbers((p.sign * (s.t - p.bound) < 0) & ~s.failed):
        s = advance(p, s)
        if not numbers(s.rejected):
            times.append(float(numbers(s.t)))
    return times
