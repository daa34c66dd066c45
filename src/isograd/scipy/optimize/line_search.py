"""A step length that satisfies the strong Wolfe conditions.

Nocedal and Wright, *Numerical Optimization*, 2006, algorithms 3.5 and 3.6, written as one loop: the
high end of the bracket is infinity until one is found. Where rounding hides the decrease, Hager and
Zhang's approximate condition stands in for the first (*A new conjugate gradient method with
guaranteed descent and an efficient line search*, 2005, equation 4.1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.numpy.common import dtype_of

C1, C2 = 1e-4, 0.9
MOST = 30       # evaluations


class Point(NamedTuple):
    """On the line: its place, value, slope, and the whole gradient."""

    a: object
    f: object
    slope: object
    g: object


class Search(NamedTuple):
    low: Point          # the best that satisfies the first condition
    high: Point         # the other end of the bracket
    bracketed: object
    done: object        # low satisfies both conditions
    trial: object
    n: object


def line_search(value_and_grad, x, d, f, g, first):
    """Return (Point, whether the function decreases there, number of evaluations).

    value_and_grad: of a vector; f, g: at x; d: a direction of descent; first: the length to try.
    """
    origin = Point(np.zeros((), dtype_of(x)), f, np.sum(g * d), g)
    start = Search(origin, origin, np.bool_(False), np.bool_(False), first, np.int64(0))

    def body(s):
        value, gradient = value_and_grad(x + s.trial * d)
        return _narrowed(origin, s, Point(s.trial, value, np.sum(gradient * d), gradient))
    s = while_loop(lambda s: ~s.done & (s.n < MOST), body, start)
    return s.low, s.low.a > 0, s.n


def _narrowed(origin, s, p):
    """The search with a bracket that has p as one of its ends."""
    lower = _decreases(origin, p) & (p.f <= s.low.f + _noise(origin.f))
    way = np.where(s.bracketed, s.high.a - s.low.a, 1.0)
    turned = lower & (p.slope * way >= 0)
    high = _either(lower, _either(turned, s.low, s.high), p)
    low = _either(lower, p, s.low)
    done = lower & (np.abs(p.slope) <= -C2 * origin.slope)
    bracketed = s.bracketed | ~lower | turned
    trial = np.where(bracketed, _between(low, high), 2 * p.a)
    return Search(low, high, bracketed, done, trial, s.n + 1)


def _decreases(origin, p):
    exact = p.f <= origin.f + C1 * p.a * origin.slope
    approximate = ((p.f <= origin.f + _noise(origin.f))
                   & (p.slope <= (2 * C1 - 1) * origin.slope))
    return np.isfinite(p.f) & (exact | approximate)


def _noise(f):
    return 10 * np.finfo(dtype_of(f)).eps * np.abs(f)


def _either(condition, p, q):
    return Point(*[np.where(condition, x, y) for x, y in zip(p, q, strict=True)])


def _between(low, high):
    """The minimum of the cubic through both ends (equation 3.59), kept away from them."""
    width = high.a - low.a
    safe = np.where(width == 0, 1.0, width)
    d1 = low.slope + high.slope - 3 * (high.f - low.f) / safe
    d2 = np.sign(width) * np.sqrt(np.maximum(d1 ** 2 - low.slope * high.slope, 0.0))
    below = high.slope - low.slope + 2 * d2
    part = 1 - (high.slope + d2 - d1) / np.where(below == 0, 1.0, below)
    part = np.where(np.isfinite(part) & (below != 0), part, 0.5)
    return low.a + np.clip(part, 0.1, 0.9) * width
