"""Quantiles of integers: the smallest one at which a distribution function has reached q."""

from __future__ import annotations

import numpy as np

from isograd.lax import while_loop
from isograd.refimpl.transforms.jvp import stop_gradient

MOST = 64       # steps, of doubling and of halving: more than any integer needs


def smallest(reached, start):
    """The smallest integer k with reached(k), elementwise; derivatives are 0.

    reached: of an array of integers (of floating-point dtype), False up to some one, True from
    there on. start: an array of integers to search from.
    """
    start = stop_gradient(start)

    def is_outside(state):
        low, high, step, n = state
        return (n < MOST) & np.any(reached(low) | ~reached(high))

    def widen(state):
        low, high, step, n = state
        return (np.where(reached(low), start - step, low),
                np.where(reached(high), high, start + step), 2 * step, n + 1)

    def is_wide(state):
        low, high, n = state
        return (n < MOST) & np.any(high - low > 1)

    def halve(state):
        low, high, n = state
        middle = np.floor((low + high) / 2)
        there = reached(middle)
        return np.where(there, low, middle), np.where(there, middle, high), n + 1

    low, high, _, _ = while_loop(is_outside, widen, (start - 1, start, 0 * start + 1, 0))
    return while_loop(is_wide, halve, (low, high, 0))[1]
