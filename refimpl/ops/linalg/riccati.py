"""Riccati equations of optimal control, by the stationarity of the optimal feedback.

With the feedback k of the solution x, and the closed loop c = a - b k,

    continuous   q + h(k) r k + h(c) x + x c = 0
    discrete     q + h(k) r k + h(c) x c - x = 0

and k minimises x, so terms with dk cancel (Lancaster and Rodman, *Algebraic Riccati Equations*).
"""

from __future__ import annotations

import numpy as np

from ...trace import bind
from .matrices import h, identity, linalg, mm, of_stacks, same_aval, scipy_linalg
from .solving import plus, solve, sylvester


def stein(a, q):
    """x such that x = a x h(a) + q, by Cayley's transform of a: (..., n, n).

    -1 must not be an eigenvalue of a, nor 1 a product of an eigenvalue and a conjugate one.
    """
    one = identity(a)
    inverse = solve(a + one, one)
    turned = mm(inverse, a - one)
    return sylvester(turned, h(turned), -2 * mm(mm(inverse, q), h(inverse)))


def care(a, b, q, r):
    """The stabilising x of h(a) x + x a - x b r^-1 h(b) x + q = 0, q and r hermitian."""
    return bind(care_p, a, b, q, r)


def dare(a, b, q, r):
    """The stabilising x of h(a) x a - x - h(a) x b (r + h(b) x b)^-1 h(b) x a + q = 0."""
    return bind(dare_p, a, b, q, r)


def _value(name):
    def value(a, b, q, r):
        return getattr(scipy_linalg(), name)(a, b, q, r) if a.size else np.zeros_like(a)
    return value


def _source(k, left, tangents):
    """dq + h(k) dr k + m + h(m), m = left (da - db k): what drives dx."""
    da, db, dq, dr = tangents
    drift = plus(da, None if db is None else -mm(db, k))
    m = None if drift is None else mm(left, drift)
    total = plus(dq, None if dr is None else mm(mm(h(k), dr), k))
    return plus(total, None if m is None else m + h(m))


def _care_jvp(prim, primals, tangents, params):
    a, b, _, r = primals
    x = bind(prim, *primals)
    k = solve(r, mm(h(b), x))
    closed = a - mm(b, k)
    return x, sylvester(h(closed), closed, -_source(k, x, tangents))


def _dare_jvp(prim, primals, tangents, params):
    a, b, _, r = primals
    x = bind(prim, *primals)
    k = solve(r + mm(mm(h(b), x), b), mm(mm(h(b), x), a))
    closed = a - mm(b, k)
    return x, stein(h(closed), _source(k, mm(h(closed), x), tangents))


CORES = (2, 2, 2, 2)
care_p = linalg("care", of_stacks(_value("solve_continuous_are"), same_aval, CORES), same_aval,
                _care_jvp, doc="The solution of the continuous algebraic Riccati equation.")
dare_p = linalg("dare", of_stacks(_value("solve_discrete_are"), same_aval, CORES), same_aval,
                _dare_jvp, doc="The solution of the discrete algebraic Riccati equation.")
