"""Hypergeometric functions. DLMF chapters 13, 15, 16. Derivatives in the argument z only."""

from __future__ import annotations

from ..elementwise import divide, exp
from .common import GAP, special

hyp0f1 = special("hyp0f1", "v z", GAP, lambda y, v, z: divide(hyp0f1(v + 1, z), v),
                 doc="The confluent limit function 0F1(; v; z). DLMF 16.2, 16.3.1.")
hyp1f1 = special("hyp1f1", "a b x", GAP, GAP,
                 lambda y, a, b, x: divide(a * hyp1f1(a + 1, b + 1, x), b),
                 doc="Kummer's function M(a, b, x). DLMF 13.2.2, 13.3.15.")
hyperu = special("hyperu", "a b x", GAP, GAP, lambda y, a, b, x: -a * hyperu(a + 1, b + 1, x),
                 doc="Kummer's function U(a, b, x). DLMF 13.2.6, 13.3.22.")
hyp2f1 = special("hyp2f1", "a b c z", GAP, GAP, GAP,
                 lambda y, a, b, c, z: divide(a * b * hyp2f1(a + 1, b + 1, c + 1, z), c),
                 doc="Gauss' function F(a, b; c; z). DLMF 15.2.1, 15.5.1.")
wright_bessel = special("wright_bessel", "a b x", GAP, GAP,
                        lambda y, a, b, x: wright_bessel(a, a + b, x),
                        doc="Wright's function: sum of x**k / (k! Gamma(a k + b)). DLMF 10.46.1.")
log_wright_bessel = special("log_wright_bessel", "a b x", GAP, GAP,
                            lambda y, a, b, x: exp(log_wright_bessel(a, a + b, x) - y),
                            doc="The logarithm of wright_bessel.")
