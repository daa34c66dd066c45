"""The Hurwitz zeta function and its derivatives in the order. DLMF 25.11.

    zeta_s(s, q, n)     the n-th derivative of zeta(s, q) in s, for s > -1 and q > 0
"""

from __future__ import annotations

from math import factorial

import numpy as np

from ...trace import bind
from ..elementwise import scale
from .common import SciPyFunction, example_aval, operation_of_orders, special
from .taylor import constant_series, parameter_series, product, quotient

SHIFT = 16
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510,
             43867 / 798, -174611 / 330)     # B_2, B_4, ...


def _power(base, s, n):
    """The Taylor series of base**-s in s."""
    order = np.arange(n + 1).reshape(-1, 1, *[1] * s.ndim)
    factorials = np.array(list(map(factorial, range(n + 1))), float).reshape(order.shape)
    return base ** -s * (-np.log(base)) ** order / factorials


def _zeta_s(s, q, *, n):
    """Euler's and Maclaurin's formula, after SHIFT terms of the sum. DLMF 25.11.3, 25.11.28."""
    s, q = [np.asarray(x, np.float64) for x in np.broadcast_arrays(s, q)]
    one, order = constant_series(np.ones_like(s), (n, 0)), parameter_series(s, 0, (n, 0))
    base = q + SHIFT
    with np.errstate(all="ignore"):
        power = _power(base, s, n)
        tail = base * quotient(one, order - one) + 0.5 * one
        rising = order
        for j, bernoulli in enumerate(BERNOULLI, 1):
            tail += bernoulli / factorial(2 * j) * base ** (1.0 - 2 * j) * rising
            rising = product(product(rising, order + (2 * j - 1) * one), order + 2 * j * one)
        total = sum(_power(q + k, s, n) for k in range(SHIFT)) + product(power, tail)
        return np.where((s > -1) & (q > 0), factorial(n) * total[n, 0], np.nan)


def _zeta_s_q(g, y, s, q, *, n):
    """The n-th derivative of -s zeta(s + 1, q) in s. DLMF 25.11.17."""
    below = n * (zeta_s(s + 1, q, n - 1) if n > 1 else hurwitz_zeta(s + 1, q))
    return scale(g, -s * zeta_s(s + 1, q, n) - below)


zeta_s_p = operation_of_orders(
    "zeta_s", _zeta_s, lambda g, y, s, q, *, n: scale(g, zeta_s(s, q, n + 1)), _zeta_s_q,
    like="beta", doc="The n-th derivative of the Hurwitz zeta function in its order.")


def zeta_s(s, q, n=1):
    return bind(zeta_s_p, s, q, n=n)


_scipy_zeta = SciPyFunction("zeta")
hurwitz_zeta = special(
    "zeta", "x q", lambda y, x, q: zeta_s(x, q), lambda y, x, q: -x * hurwitz_zeta(x + 1, q),
    prim="hurwitz_zeta", impl=_scipy_zeta, aval=example_aval(_scipy_zeta),
    doc="The Hurwitz zeta function of order x > 1 at q. DLMF 25.11.1, 25.11.17.")
