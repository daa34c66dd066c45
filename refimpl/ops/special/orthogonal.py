"""Orthogonal polynomials, and the functions that they are for real degrees. DLMF chapter 18.

The derivative in x is a polynomial of the next family: DLMF 18.9.15 to 18.9.26.
"""

from __future__ import annotations

import numpy as np

from ..elementwise import maximum, sqrt
from .common import GAP, SciPyFunction, example_aval, lowered, special, unless_zero

eval_jacobi = special(
    "eval_jacobi", "n alpha beta x", GAP, GAP, GAP,
    lambda y, n, a, b, x: unless_zero(
        n, 0.5 * (n + a + b + 1) * eval_jacobi(lowered(n), a + 1, b + 1, x)),
    doc="Jacobi's P_n(x) with alpha, beta. DLMF 18.9.15.")
eval_gegenbauer = special(
    "eval_gegenbauer", "n alpha x", GAP, GAP,
    lambda y, n, a, x: unless_zero(n, 2 * a * eval_gegenbauer(lowered(n), a + 1, x)),
    doc="Gegenbauer's C_n(x) with alpha. DLMF 18.9.19.")
eval_legendre = special("eval_legendre", "n x", GAP, lambda y, n, x: _legendre_slope(n, x),
                        doc="Legendre's P_n(x). DLMF 18.7.9, 18.9.19.")
eval_chebyt = special("eval_chebyt", "n x", GAP, lambda y, n, x: _chebyt_slope(n, x),
                      doc="Chebyshev's T_n(x). DLMF 18.9.21.")
eval_chebyu = special("eval_chebyu", "n x", GAP, lambda y, n, x: _chebyu_slope(n, x),
                      doc="Chebyshev's U_n(x). DLMF 18.7.4, 18.9.19.")
eval_chebyc = special("eval_chebyc", "n x", GAP, lambda y, n, x: _chebyt_slope(n, 0.5 * x),
                      doc="C_n(x) = 2 T_n(x / 2). DLMF 18.1.3.")
eval_chebys = special("eval_chebys", "n x", GAP, lambda y, n, x: 0.5 * _chebyu_slope(n, 0.5 * x),
                      doc="S_n(x) = U_n(x / 2). DLMF 18.1.3.")
eval_sh_legendre = special("eval_sh_legendre", "n x", GAP,
                           lambda y, n, x: 2 * _legendre_slope(n, 2 * x - 1),
                           doc="P_n(2 x - 1). DLMF 18.7.10.")
eval_sh_chebyt = special("eval_sh_chebyt", "n x", GAP,
                         lambda y, n, x: 2 * _chebyt_slope(n, 2 * x - 1),
                         doc="T_n(2 x - 1). DLMF 18.7.7.")
eval_sh_chebyu = special("eval_sh_chebyu", "n x", GAP,
                         lambda y, n, x: 2 * _chebyu_slope(n, 2 * x - 1),
                         doc="U_n(2 x - 1). DLMF 18.7.8.")
eval_genlaguerre = special(
    "eval_genlaguerre", "n alpha x", GAP, GAP,
    lambda y, n, a, x: unless_zero(n, -eval_genlaguerre(lowered(n), a + 1, x)),
    doc="Laguerre's L_n(x) with alpha. DLMF 18.9.23.")
eval_laguerre = special(
    "eval_laguerre", "n x", GAP,
    lambda y, n, x: unless_zero(n, -eval_genlaguerre(lowered(n), 1.0, x)),
    doc="Laguerre's L_n(x). DLMF 18.9.23.")
eval_hermite = special("eval_hermite", "n x", GAP,
                       lambda y, n, x: 2 * n * eval_hermite(lowered(n), x),
                       doc="Hermite's H_n(x). DLMF 18.9.25.")
eval_hermitenorm = special("eval_hermitenorm", "n x", GAP,
                           lambda y, n, x: n * eval_hermitenorm(lowered(n), x),
                           doc="Hermite's He_n(x). DLMF 18.9.27.")


def _legendre_slope(n, x):
    return unless_zero(n, eval_gegenbauer(lowered(n), 1.5, x))


def _chebyt_slope(n, x):
    return n * eval_chebyu(lowered(n), x)


def _chebyu_slope(n, x):
    return unless_zero(n, 2 * eval_gegenbauer(lowered(n), 2.0, x))


# ---- spherical harmonics: the factor of the angle theta ----

def _sph_legendre(n, m, theta):
    return np.real(_sph_harm_y(n, m, theta, 0.0))[()]


def _ladder(n, m):
    """sqrt((n - m) (n + m + 1)), 0 at the ends of the ladder."""
    return sqrt(maximum((n - m) * (n + m + 1), 0))


def _sph_legendre_slope(y, n, m, theta):
    """Half a step up and half a step down in m, as angular momentum has them."""
    up = _ladder(n, m) * sph_legendre(n, m + 1, theta)
    return 0.5 * (up - _ladder(n, m - 1) * sph_legendre(n, m - 1, theta))


_sph_harm_y = SciPyFunction("sph_harm_y")
sph_legendre = special(
    "sph_legendre", "n m theta", GAP, GAP, _sph_legendre_slope, impl=_sph_legendre,
    aval=example_aval(_sph_legendre),
    doc="The spherical harmonic of degree n and order m at phi = 0. DLMF 14.30.1.")
