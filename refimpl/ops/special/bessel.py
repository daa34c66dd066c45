"""Bessel functions and their relatives. DLMF chapters 9, 10, 11.

Derivatives are known in the argument, not in the order.
"""

from __future__ import annotations

import math

from ..elementwise import divide, maximum, power, sign
from .common import (
    GAP,
    SciPyFunction,
    example_aval,
    refuse_complex,
    special,
    special_with_results,
)
from .gamma import rgamma

SQRT_PI = math.sqrt(math.pi)

# ---- cylinder functions of any order: DLMF 10.6.1, 10.29.1 ----


def _difference(f):
    return lambda y, v, z: 0.5 * (f()(v - 1, z) - f()(v + 1, z))


def _mean(f):
    return lambda y, v, z: 0.5 * (f()(v - 1, z) + f()(v + 1, z))


def _minus_mean(f):
    return lambda y, v, z: -0.5 * (f()(v - 1, z) + f()(v + 1, z))


jv = special("jv", "v z", GAP, _difference(lambda: jv),
             doc="The Bessel function J_v(z). DLMF 10.2.2, 10.6.1.")
yv = special("yv", "v z", GAP, _difference(lambda: yv),
             doc="The Bessel function Y_v(z). DLMF 10.2.3, 10.6.1.")
yn = special("yn", "n x", GAP, _difference(lambda: yn),
             doc="The Bessel function Y_n(x) of integer order. DLMF 10.6.1.")
hankel1 = special("hankel1", "v z", GAP, _difference(lambda: hankel1),
                  doc="Hankel's function J_v + i Y_v. DLMF 10.4.3, 10.6.1.")
hankel2 = special("hankel2", "v z", GAP, _difference(lambda: hankel2),
                  doc="Hankel's function J_v - i Y_v. DLMF 10.4.3, 10.6.1.")
iv = special("iv", "v z", GAP, _mean(lambda: iv),
             doc="The modified Bessel function I_v(z). DLMF 10.25.2, 10.29.1.")
kv = special("kv", "v z", GAP, _minus_mean(lambda: kv),
             doc="The modified Bessel function K_v(z). DLMF 10.25.3, 10.29.1.")
kn = special("kn", "n x", GAP, _minus_mean(lambda: kn),
             doc="The modified Bessel function K_n(x) of integer order. DLMF 10.29.1.")

# ---- the same, scaled; |z| is not analytic, so those with it have real derivatives only ----


def _jve_slope(y, v, z):
    refuse_complex(z, "jve")
    return 0.5 * (jve(v - 1, z) - jve(v + 1, z))


def _yve_slope(y, v, z):
    refuse_complex(z, "yve")
    return 0.5 * (yve(v - 1, z) - yve(v + 1, z))


def _ive_slope(y, v, z):
    refuse_complex(z, "ive")
    return 0.5 * (ive(v - 1, z) + ive(v + 1, z)) - sign(z) * y


jve = special("jve", "v z", GAP, _jve_slope, doc="J_v(z) exp(-|Im z|).")
yve = special("yve", "v z", GAP, _yve_slope, doc="Y_v(z) exp(-|Im z|).")
ive = special("ive", "v z", GAP, _ive_slope, doc="I_v(z) exp(-|Re z|).")
kve = special("kve", "v z", GAP, lambda y, v, z: y - 0.5 * (kve(v - 1, z) + kve(v + 1, z)),
              doc="K_v(z) exp(z).")
hankel1e = special("hankel1e", "v z", GAP,
                   lambda y, v, z: 0.5 * (hankel1e(v - 1, z) - hankel1e(v + 1, z)) - 1j * y,
                   doc="hankel1(v, z) exp(-i z).")
hankel2e = special("hankel2e", "v z", GAP,
                   lambda y, v, z: 0.5 * (hankel2e(v - 1, z) - hankel2e(v + 1, z)) + 1j * y,
                   doc="hankel2(v, z) exp(i z).")

# ---- orders 0 and 1: DLMF 10.6.3, 10.29.3 ----

j0 = special("j0", "x", lambda y, x: -j1(x), doc="J_0(x). DLMF 10.6.3.")
j1 = special("j1", "x", lambda y, x: 0.5 * (j0(x) - jv(2.0, x)), doc="J_1(x). DLMF 10.6.1.")
y0 = special("y0", "x", lambda y, x: -y1(x), doc="Y_0(x). DLMF 10.6.3.")
y1 = special("y1", "x", lambda y, x: y0(x) - divide(y, x), doc="Y_1(x). DLMF 10.6.2.")
i0 = special("i0", "x", lambda y, x: i1(x), doc="I_0(x). DLMF 10.29.3.")
i1 = special("i1", "x", lambda y, x: 0.5 * (i0(x) + iv(2.0, x)), doc="I_1(x). DLMF 10.29.1.")
k0 = special("k0", "x", lambda y, x: -k1(x), doc="K_0(x). DLMF 10.29.3.")
k1 = special("k1", "x", lambda y, x: -k0(x) - divide(y, x), doc="K_1(x). DLMF 10.29.2.")
i0e = special("i0e", "x", lambda y, x: i1e(x) - sign(x) * y,
              doc="I_0(x) exp(-|x|). Its derivative at 0 is 0.")
i1e = special("i1e", "x", lambda y, x: 0.5 * (i0e(x) + ive(2.0, x)) - sign(x) * y,
              doc="I_1(x) exp(-|x|).")
k0e = special("k0e", "x", lambda y, x: y - k1e(x), doc="K_0(x) exp(x).")
k1e = special("k1e", "x", lambda y, x: y - k0e(x) - divide(y, x), doc="K_1(x) exp(x).")

# ---- spherical Bessel functions: (2 n + 1) f_n' by f_{n-1} and f_{n+1}, DLMF 10.51 ----


def _spherical(name, below, above, doc):
    """(2 n + 1) f_n' = below n f_{n-1} + above (n + 1) f_{n+1}."""
    def slope(y, n, z):
        lower, upper = op(maximum(n - 1, 0), z), op(n + 1, z)
        return divide(below * n * lower + above * (n + 1) * upper, 2 * n + 1)

    impl = SciPyFunction(name)
    op = special(name, "n z", GAP, slope, impl=impl, aval=example_aval(impl), doc=doc)
    return op


spherical_jn = _spherical("spherical_jn", 1, -1, "The spherical Bessel function j_n(z). "
                                                 "DLMF 10.47.3, 10.51.2.")
spherical_yn = _spherical("spherical_yn", 1, -1, "The spherical Bessel function y_n(z). "
                                                 "DLMF 10.47.4, 10.51.2.")
spherical_in = _spherical("spherical_in", 1, 1, "The spherical Bessel function i_n(z) of the first "
                                                "kind. DLMF 10.47.7, 10.51.5.")
spherical_kn = _spherical("spherical_kn", -1, -1, "The spherical Bessel function k_n(z). "
                                                  "DLMF 10.47.9, 10.51.5.")

# ---- Struve functions: DLMF 11.4.30, 11.4.34 ----


def _struve_term(v, x):
    return power(0.5 * x, v) * rgamma(v + 1.5) / SQRT_PI


struve = special("struve", "v x", GAP,
                 lambda y, v, x: 0.5 * (struve(v - 1, x) - struve(v + 1, x) + _struve_term(v, x)),
                 doc="Struve's function H_v(x). DLMF 11.2.1, 11.4.27.")
modstruve = special(
    "modstruve", "v x", GAP,
    lambda y, v, x: 0.5 * (modstruve(v - 1, x) + modstruve(v + 1, x) + _struve_term(v, x)),
    doc="The modified Struve function L_v(x). DLMF 11.2.2, 11.4.29.")

# ---- Airy functions: w'' = z w ----

airy_ai, airy_aip, airy_bi, airy_bip = special_with_results(
    "airy", "z", doc="Airy's functions Ai, Ai', Bi, Bi'. DLMF 9.2.1.",
    airy_ai=(lambda y, z: airy_aip(z),), airy_aip=(lambda y, z: z * airy_ai(z),),
    airy_bi=(lambda y, z: airy_bip(z),), airy_bip=(lambda y, z: z * airy_bi(z),))

# ---- Kelvin functions: x**2 w'' + x w' = i x**2 w, w = ber + i bei or ker + i kei ----

ber = special("ber", "x", lambda y, x: berp(x), doc="ber_0(x). DLMF 10.61.1.")
bei = special("bei", "x", lambda y, x: beip(x), doc="bei_0(x). DLMF 10.61.1.")
ker = special("ker", "x", lambda y, x: kerp(x), doc="ker_0(x). DLMF 10.61.2.")
kei = special("kei", "x", lambda y, x: keip(x), doc="kei_0(x). DLMF 10.61.2.")
berp = special("berp", "x", lambda y, x: -bei(x) - divide(y, x), doc="The derivative of ber.")
beip = special("beip", "x", lambda y, x: ber(x) - divide(y, x), doc="The derivative of bei.")
kerp = special("kerp", "x", lambda y, x: -kei(x) - divide(y, x), doc="The derivative of ker.")
keip = special("keip", "x", lambda y, x: ker(x) - divide(y, x), doc="The derivative of kei.")
