"""Exponential, sine and cosine integrals, the dilogarithm. DLMF chapters 6, 8, 25."""

from __future__ import annotations

from ..elementwise import (
    absolute,
    cos,
    cosh,
    divide,
    equal,
    exp,
    less,
    log,
    negative,
    select,
)
from .bessel import spherical_in, spherical_jn
from .common import GAP, lowered, special, special_with_results
from .hypergeometric import hyp2f1


def _expn_slope(y, n, x):
    """-E_{n-1}(x), where E_0(x) = exp(-x) / x. DLMF 8.19.13."""
    return select(equal(n, 0), -y * (1 + divide(1.0, x)), negative(expn(lowered(n), x)))


def _spence_slope(y, z):
    """-log(z) / (z - 1), near 1 as -F(1, 1; 2; 1 - z). DLMF 25.12.2, 15.4.1."""
    near = less(absolute(z - 1), 0.3)
    return -select(near, hyp2f1(1.0, 1.0, 2.0, select(near, 1 - z, 0.0)),
                   divide(log(z), z - 1))


expn = special("expn", "n x", GAP, _expn_slope,
               doc="The exponential integral E_n(x) of integer order. DLMF 8.19.2.")
exp1 = special("exp1", "z", lambda y, z: -divide(exp(-z), z),
               doc="The exponential integral E_1(z). DLMF 6.2.1.")
expi = special("expi", "x", lambda y, x: divide(exp(x), x),
               doc="The exponential integral Ei(x). DLMF 6.2.5.")
spence = special("spence", "z", _spence_slope,
                 doc="The dilogarithm Li_2(1 - z). DLMF 25.12.2.")

# sin(z) / z and sinh(z) / z are spherical Bessel functions: smooth at 0 to any order.

sici_si, sici_ci = special_with_results(
    "sici", "z", doc="The sine and cosine integrals Si(z), Ci(z). DLMF 6.2.9, 6.2.11.",
    sici_si=(lambda y, z: spherical_jn(0, z),), sici_ci=(lambda y, z: divide(cos(z), z),))
shichi_shi, shichi_chi = special_with_results(
    "shichi", "z", doc="The hyperbolic integrals Shi(z), Chi(z). DLMF 6.2.15, 6.2.16.",
    shichi_shi=(lambda y, z: spherical_in(0, z),), shichi_chi=(lambda y, z: divide(cosh(z), z),))
