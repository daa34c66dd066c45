"""Elliptic integrals by Legendre, elliptic functions; m is the parameter k**2. DLMF 19, 22."""

from __future__ import annotations

import math

from ..elementwise import absolute, cos, divide, less, power, rint, select, sin, sqrt, square
from .carlson import elliprd
from .common import special, special_with_results
from .hypergeometric import hyp2f1

# ---- Legendre's integrals: DLMF 19.4; near m = 0 by their hypergeometric series, 19.5 ----


def _near(m):
    return less(absolute(m), 0.3)


def _series(a, b, m):
    """pi/8 F(a, b; 2; m) for small m."""
    return math.pi / 8 * hyp2f1(a, b, 2.0, select(_near(m), m, 0.0))


def _k_slope(k, m):
    return select(_near(m), _series(1.5, 1.5, m), divide(divide(ellipe(m), 1 - m) - k, 2 * m))


def _km1_slope(k, p):
    m = 1 - p
    return -select(_near(m), _series(1.5, 1.5, m), divide(divide(ellipe(m), p) - k, 2 * m))


def _e_slope(e, m):
    return select(_near(m), -_series(0.5, 1.5, m), divide(e - ellipk(m), 2 * m))


ellipk = special("ellipk", "m", _k_slope, doc="The complete integral K(m). DLMF 19.2.8, 19.4.1.")
ellipkm1 = special("ellipkm1", "p", _km1_slope, doc="K(1 - p), accurate near p = 0. DLMF 19.4.1.")
ellipe = special("ellipe", "m", _e_slope, doc="The complete integral E(m). DLMF 19.2.8, 19.4.2.")


def _delta(phi, m):
    return sqrt(1 - m * square(sin(phi)))


def _incomplete_m(phi, m, integral, complete):
    """sin(phi)**3 / 6 R_D within |phi| <= pi / 2, and twice the complete one a half turn."""
    turns = rint(phi / math.pi)
    s = sin(phi - math.pi * turns)
    return power(s, 3) / 6 * integral(square(cos(phi)), 1 - m * square(s)) + 2 * turns * complete


ellipkinc = special(
    "ellipkinc", "phi m", lambda y, phi, m: divide(1.0, _delta(phi, m)),
    lambda y, phi, m: _incomplete_m(phi, m, lambda c, d: elliprd(c, 1.0, d),
                                    _k_slope(ellipk(m), m)),
    doc="The incomplete integral F(phi, m). DLMF 19.2.4, 19.25.5.")
ellipeinc = special(
    "ellipeinc", "phi m", lambda y, phi, m: _delta(phi, m),
    lambda y, phi, m: _incomplete_m(phi, m, lambda c, d: -elliprd(c, d, 1.0),
                                    _e_slope(ellipe(m), m)),
    doc="The incomplete integral E(phi, m). DLMF 19.2.5, 19.25.10.")

# ---- Jacobi's functions: DLMF 22.13.1; in m by the derivative of F(am(u, m), m) = u ----


def _amplitude_m(u, m):
    phi = ellipj_ph(u, m)
    slope = _incomplete_m(phi, m, lambda c, d: elliprd(c, 1.0, d), _k_slope(ellipk(m), m))
    return -ellipj_dn(u, m) * slope


def _dn_m(dn, u, m):
    sn, cn = ellipj_sn(u, m), ellipj_cn(u, m)
    return -divide(square(sn) + 2 * m * sn * cn * _amplitude_m(u, m), 2 * dn)


ellipj_sn, ellipj_cn, ellipj_dn, ellipj_ph = special_with_results(
    "ellipj", "u m", doc="Jacobi's sn, cn, dn and the amplitude am. DLMF 22.2, 22.16.",
    ellipj_sn=(lambda y, u, m: ellipj_cn(u, m) * ellipj_dn(u, m),
               lambda y, u, m: ellipj_cn(u, m) * _amplitude_m(u, m)),
    ellipj_cn=(lambda y, u, m: -ellipj_sn(u, m) * ellipj_dn(u, m),
               lambda y, u, m: -ellipj_sn(u, m) * _amplitude_m(u, m)),
    ellipj_dn=(lambda y, u, m: -m * ellipj_sn(u, m) * ellipj_cn(u, m), _dn_m),
    ellipj_ph=(lambda y, u, m: ellipj_dn(u, m), lambda y, u, m: _amplitude_m(u, m)))

# ---- the arithmetic-geometric mean: M(a, b) = pi a / (2 K(1 - (b / a)**2)), DLMF 19.8.5 ----


def _agm_second(y, a, b):
    m = 1 - square(divide(b, a))
    return divide(4 * b * square(y) * _k_slope(ellipk(m), m), math.pi * power(a, 3))


agm = special("agm", "a b", lambda y, a, b: _agm_second(y, b, a), _agm_second,
              doc="The arithmetic-geometric mean. DLMF 19.8.1, 19.8.5.")
