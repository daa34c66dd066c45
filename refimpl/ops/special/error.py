"""Error functions, normal distribution, Fresnel integrals. DLMF chapter 7."""

from __future__ import annotations

import math

from ..elementwise import (
    absolute,
    cos,
    divide,
    exp,
    greater,
    imag,
    real,
    select,
    sin,
    square,
)
from .common import is_complex, special, special_with_results

SQRT_PI, SQRT_2 = math.sqrt(math.pi), math.sqrt(2)
TWO_OVER_SQRT_PI = 2 / SQRT_PI
ROOT_TAU = math.sqrt(2 * math.pi)

erf = special("erf", "z", lambda y, z: TWO_OVER_SQRT_PI * exp(-square(z)),
              doc="The error function. DLMF 7.2.1.")
erfc = special("erfc", "z", lambda y, z: -TWO_OVER_SQRT_PI * exp(-square(z)),
               doc="The complementary error function. DLMF 7.2.2.")
erfi = special("erfi", "z", lambda y, z: TWO_OVER_SQRT_PI * exp(square(z)),
               doc="-i erf(i z). DLMF 7.2.1.")
erfinv = special("erfinv", "y", lambda x, y: exp(square(x)) / TWO_OVER_SQRT_PI,
                 doc="The inverse of erf. DLMF 7.17.")
erfcinv = special("erfcinv", "y", lambda x, y: -exp(square(x)) / TWO_OVER_SQRT_PI,
                  doc="The inverse of erfc. DLMF 7.17.")
wofz = special("wofz", "z", lambda y, z: 1j * TWO_OVER_SQRT_PI - 2 * z * y,
               doc="Faddeeva's function w(z) = exp(-z**2) erfc(-i z). DLMF 7.2.3, 7.10.2.")


# ---- functions whose differential equation cancels in their tails ----

FAR, TERMS = 30, 8


def _slope(x, near, far):
    """`near(x)`, but its asymptotic series `far(x)` where |x| is large."""
    if is_complex(x):
        return near(x)
    large = greater(absolute(x), FAR)
    return select(large, far(select(large, x, float(FAR))), near(x))


def _double_factorials(t):
    """1 + 3 t + 15 t**2 + ... + (2 n + 1)!! t**n: 15 t**8 is below rounding for |x| > FAR."""
    total = 1.0
    for n in range(TERMS, 0, -1):
        total = 1 + (2 * n + 1) * t * total
    return total


def _erfcx_far(x):
    """erfcx(x) is the sum of (-1)**n (2 n - 1)!! / (2 x**2)**n over x sqrt(pi). DLMF 7.12.1."""
    s = divide(0.5, square(x))
    decay = -TWO_OVER_SQRT_PI * s * _double_factorials(-s)
    return select(greater(x, 0), decay, 4 * x * exp(square(x)) + decay)


def _dawsn_far(x):
    """dawsn(x) is the sum of (2 n - 1)!! / (2 x**2)**n over 2 x. DLMF 7.12.1."""
    s = divide(0.5, square(x))
    return -s * _double_factorials(s)


erfcx = special("erfcx", "z",
                lambda y, z: _slope(z, lambda z: 2 * z * y - TWO_OVER_SQRT_PI, _erfcx_far),
                doc="exp(z**2) erfc(z). DLMF 7.2.3, 7.10.2, 7.12.1.")
dawsn = special("dawsn", "z", lambda y, z: _slope(z, lambda z: 1 - 2 * z * y, _dawsn_far),
                doc="Dawson's integral exp(-z**2) int_0^z exp(t**2) dt. DLMF 7.2.5, 7.10.3.")


# ---- the normal distribution ----

def _mills_slope(x):
    """The derivative of log(ndtr): the density over the distribution function."""
    return divide(2 / ROOT_TAU, erfcx(-x / SQRT_2))


ndtr = special("ndtr", "x", lambda y, x: exp(-0.5 * square(x)) / ROOT_TAU,
               doc="The normal distribution function: erfc(-x / sqrt(2)) / 2.")
log_ndtr = special("log_ndtr", "x", lambda y, x: _mills_slope(x),
                   doc="The logarithm of ndtr.")
ndtri = special("ndtri", "y", lambda x, y: ROOT_TAU * exp(0.5 * square(x)),
                doc="The inverse of ndtr.")
ndtri_exp = special("ndtri_exp", "y", lambda x, y: divide(1.0, _mills_slope(x)),
                    doc="The inverse of log_ndtr.")
owens_t = special(
    "owens_t", "h a",
    lambda y, h, a: -exp(-0.5 * square(h)) * erf(a * h / SQRT_2) / (2 * ROOT_TAU),
    lambda y, h, a: divide(exp(-0.5 * square(h) * (1 + square(a))),
                           2 * math.pi * (1 + square(a))),
    doc="Owen's T: int_0^a exp(-h**2 (1 + t**2) / 2) / (1 + t**2) dt / (2 pi).")


def _faddeeva_of(x, sigma, gamma):
    """z = (x + i gamma) / (sigma sqrt(2)) and w'(z)."""
    z = divide(x + 1j * gamma, SQRT_2 * sigma)
    return z, 1j * TWO_OVER_SQRT_PI - 2 * z * wofz(z)


def _voigt_x(y, x, sigma, gamma):
    return divide(real(_faddeeva_of(x, sigma, gamma)[1]), 2 * SQRT_PI * square(sigma))


def _voigt_sigma(y, x, sigma, gamma):
    z, slope = _faddeeva_of(x, sigma, gamma)
    return -divide(y + divide(real(z * slope), ROOT_TAU * sigma), sigma)


def _voigt_gamma(y, x, sigma, gamma):
    return -divide(imag(_faddeeva_of(x, sigma, gamma)[1]), 2 * SQRT_PI * square(sigma))


voigt_profile = special("voigt_profile", "x sigma gamma", _voigt_x, _voigt_sigma, _voigt_gamma,
                        doc="Re w((x + i gamma) / (sigma sqrt 2)) / (sigma sqrt(2 pi)). "
                            "DLMF 7.19.")

# ---- Fresnel integrals ----

fresnel_s, fresnel_c = special_with_results(
    "fresnel", "z", doc="Fresnel's integrals S(z), C(z). DLMF 7.2.7, 7.2.8.",
    fresnel_s=(lambda y, z: sin(math.pi / 2 * square(z)),),
    fresnel_c=(lambda y, z: cos(math.pi / 2 * square(z)),))
