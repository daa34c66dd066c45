"""Quasi-Newton methods: BFGS, and L-BFGS with a limited memory.

Nocedal and Wright, *Numerical Optimization*, 2006, algorithms 6.1, 7.4 and 7.5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd.refimpl.control.loop import while_loop
from isograd.refimpl.numpy.common import dtype_of, shape_of

from .line_search import line_search


class Method(NamedTuple):
    """start(x): what is known of the curvature; direction(known, g); update(known, s, y, k)."""

    start: object
    direction: object
    update: object


class State(NamedTuple):
    x: object
    f: object
    g: object
    known: object       # of the curvature, as the Method keeps it
    k: object
    nfev: object
    status: object      # a key of results.MESSAGES, or GOING


GOING = -1


class Limits(NamedTuple):
    """gtol: on the norm of the gradient; ftol: on the change of the function, relative to it."""

    gtol: float
    ftol: float
    norm: float
    maxiter: int


def descend(value_and_grad, x0, method, limits):
    """Return the State in which the method stops."""
    f, g = value_and_grad(x0)
    at_rest = np.linalg.norm(g, limits.norm) <= limits.gtol
    status = np.where(_finite(f, g), np.where(at_rest, 0, GOING), 3)
    state = State(x0, f, g, method.start(x0), np.int64(0), np.int64(1), status)
    state = while_loop(lambda s: (s.status == GOING) & (s.k < limits.maxiter),
                       lambda s: _step(value_and_grad, s, method, limits), state)
    return state._replace(status=np.where(state.status == GOING, 1, state.status))


def _step(value_and_grad, s, method, limits):
    d = method.direction(s.known, s.g)
    d = np.where(np.sum(d * s.g) < 0, d, -s.g)      # not one of descent: start again
    size = np.sqrt(np.sum(s.g ** 2))
    first = np.where(s.k == 0, np.minimum(1.0, 1 / size), 1.0).astype(dtype_of(s.x))
    p, lower, n = line_search(value_and_grad, s.x, d, s.f, s.g, first)
    x = s.x + p.a * d
    known = method.update(s.known, x - s.x, p.g - s.g, s.k)
    at_rest = np.linalg.norm(p.g, limits.norm) <= limits.gtol
    scale = np.maximum(np.maximum(np.abs(s.f), np.abs(p.f)), 1.0)
    slow = (s.f - p.f) <= limits.ftol * scale
    status = np.where(at_rest, 0, np.where(~lower, 2, np.where(
        slow & (limits.ftol > 0), 4, GOING)))
    status = np.where(_finite(p.f, p.g), status, 3)
    return State(x, p.f, p.g, known, s.k + 1, s.nfev + n, status)


def _finite(f, g):
    return np.isfinite(f) & np.all(np.isfinite(g))


# ---- BFGS: the inverse Hessian ----

def _identity(x):
    return np.eye(shape_of(x)[0], dtype=dtype_of(x))


def _newton_direction(h, g):
    return -h @ g


def _bfgs_update(h, s, y, k):
    """Equation 6.17; before the first update, the scale of equation 6.20."""
    sy, yy = np.sum(s * y), np.sum(y * y)
    curved = sy > 0
    sy = np.where(curved, sy, 1.0)
    scaled = np.where((k == 0) & curved, sy / np.where(yy > 0, yy, 1.0), 1.0) * h
    hy = scaled @ y
    new = (scaled + (sy + np.sum(y * hy)) / sy ** 2 * np.outer(s, s)
           - (np.outer(hy, s) + np.outer(s, hy)) / sy)
    return np.where(curved, new, h)


BFGS = Method(_identity, _newton_direction, _bfgs_update)


# ---- L-BFGS: the last pairs of steps and changes of the gradient ----

class Pairs(NamedTuple):
    """The newest first. rho = 1 / s'y, 0 for pairs that are not there."""

    s: object
    y: object
    rho: object


def limited_memory(m):
    """L-BFGS that remembers m pairs."""
    def start(x):
        empty = np.zeros((m, shape_of(x)[0]), dtype_of(x))
        return Pairs(empty, empty, empty[:, 0])
    return Method(start, _two_loops, _remember)


def _two_loops(pairs, g):
    """-H g; algorithm 7.4."""
    q, alphas = g, []
    for s, y, rho in zip(*pairs, strict=True):
        alphas.append(rho * np.sum(s * q))
        q = q - alphas[-1] * y
    s, y, rho = [part[0] for part in pairs]
    yy = np.sum(y * y)
    r = np.where(rho > 0, 1 / np.where(rho > 0, rho * yy, 1.0), 1.0) * q     # equation 7.20
    rows = list(zip(*pairs, strict=True))
    for (s, y, rho), alpha in zip(rows[::-1], alphas[::-1], strict=True):
        r = r + s * (alpha - rho * np.sum(y * r))
    return -r


def _remember(pairs, s, y, k):
    """Keep a pair, if the function curves upwards along it, and drop the oldest."""
    sy = np.sum(s * y)
    curved = sy > 0
    rho = 1 / np.where(curved, sy, 1.0)
    new = [np.concatenate([row[None], old[:-1]]) for row, old in
           zip((s, y, rho), pairs, strict=True)]
    return Pairs(*[np.where(curved, x, old) for x, old in zip(new, pairs, strict=True)])
