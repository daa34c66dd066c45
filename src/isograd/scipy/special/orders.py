"""Functions of an order that must be known, and others that are made of the ufuncs."""

from __future__ import annotations

from math import comb

import numpy as np

from isograd.refimpl.errors import ArgumentError
from isograd.refimpl.numpy.common import dtype_of, operand, strong_operand
from isograd.refimpl.numpy.concrete import concrete
from isograd.refimpl.numpy.function import refuse
from isograd.refimpl.ops import special
from isograd.scipy.special._function import PUBLIC, special_function
from isograd.scipy.special.ufuncs import UFUNCS

gamma, gammaln, psi, zetac = [UFUNCS[name] for name in ("gamma", "gammaln", "psi", "zetac")]

# ---- gamma and zeta functions ----

@special_function
def polygamma(n, x):
    """The n-th derivative of digamma, for integers n. DLMF 5.15.1. Derivatives: in x."""
    n, x = strong_operand(n), strong_operand(x)
    order = np.where(n == 0, 1, n)
    rest = (-1.0) ** (order + 1) * gamma(order + 1.0) * special.hurwitz_zeta(order + 1, x)
    return np.where(n == 0, psi(x), rest)


@special_function
def multigammaln(a, d):
    """The logarithm of the multivariate gamma function of dimension d. DLMF 35.3.1.

    d (d - 1) / 4 log(pi) + the sum of gammaln(a - j / 2) for j = 0, ..., d - 1.
    """
    d = _order("multigammaln", "d", d, least=1)
    a = strong_operand(a)
    return d * (d - 1) / 4 * np.log(np.pi) + sum(
        gammaln(a - j / 2) for j in range(d))


@special_function
def zeta(x, q=None, out=None):
    """Riemann's zeta function, or Hurwitz' with q. DLMF 25.2.1, 25.11.1. Derivatives: in both."""
    x = operand(x)
    if q is not None:
        return special.hurwitz_zeta(x, operand(q))
    refuse("zeta", "x of complex numbers", dtype_of(x).kind == "c", "real numbers")
    return zetac(x) + 1


@special_function
def lambertw(z, k=0, tol=1e-8):
    """Lambert's W on its branch k: W exp(W) = z; complex. DLMF 4.13. Derivatives: in z."""
    return special.gamma.lambertw(operand(z), operand(k))


def _order(function, name, n, least=0):
    """A known integer."""
    value = np.asarray(concrete(n, f"{function}: {name}", "a number that is known"))
    if value.ndim or value != np.floor(value) or value < least:
        raise ArgumentError(f"{function}: {name} is an integer", got=repr(value[()]),
                            wanted=f"at least {least}")
    return int(value)


# ---- derivatives of Bessel functions: DLMF 10.6.7, 10.29.5 ----

def _bessel_derivative(name, of, alternating, sign=1):
    """f^(n)(z) = (sign / 2)^n times the sum of (-1)^k or 1, C(n, k) f(v - n + 2 k, z)."""
    def derivative(v, z, n=1):
        n, v, z = _order(name, "n", n), operand(v), operand(z)
        terms = [(-1) ** (k * alternating) * comb(n, k) * UFUNCS[of](v - n + 2 * k, z)
                 for k in range(n + 1)]
        return (sign / 2) ** n * sum(terms)
    derivative.__name__ = derivative.__qualname__ = name
    derivative.__doc__ = (f"The n-th derivative of {of}(v, z) in z. DLMF 10.6.7, 10.29.5.\n\n"
                          "Derivatives: in z; none is known in v.")
    special_function(derivative)


for _name, _of in {"jvp": "jv", "yvp": "yv", "h1vp": "hankel1", "h2vp": "hankel2"}.items():
    _bessel_derivative(_name, _of, True)
_bessel_derivative("ivp", "iv", False)
_bessel_derivative("kvp", "kv", False, -1)


# ---- spherical Bessel functions ----

def _spherical(op):
    name = op.prim.name

    def function(n, z, derivative=False):
        n, z = operand(n), operand(z)
        return op.prim.partials[1](None, n, z) if derivative else op(n, z)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{op.prim.doc}\n\nOr its derivative in z. Derivatives: in z."
    special_function(function)


for _op in (special.bessel.spherical_jn, special.bessel.spherical_yn,
            special.bessel.spherical_in, special.bessel.spherical_kn):
    _spherical(_op)


def bessel_jn(z, *, v, n_iter=50):
    """J_0(z), ..., J_v(z) along a new first axis, by the name that JAX has for it.

    n_iter is JAX's, and not needed.
    """
    return np.stack([UFUNCS["jv"](k, strong_operand(z)) for k in range(v + 1)])


PUBLIC["bessel_jn"] = bessel_jn

# ---- polynomials and harmonics ----

@special_function
def assoc_laguerre(x, n, k=0.0):
    """Laguerre's polynomial L_n(x) with alpha = k. DLMF 18.5.12. Derivatives: in x."""
    return UFUNCS["eval_genlaguerre"](operand(n), operand(k), operand(x))


@special_function
def sph_harm_y(n, m, theta, phi, *, diff_n=0):
    """The spherical harmonic of degree n and order m at the angles theta (from the pole) and phi.

    sqrt((2 n + 1) / (4 pi) (n - m)! / (n + m)!) P_n^m(cos(theta)) exp(i m phi). DLMF 14.30.1.
    Derivatives: in theta and phi.
    """
    refuse("sph_harm_y", "diff_n=", diff_n != 0, "isograd.jacfwd")
    n, m = operand(n), operand(m)
    return special.orthogonal.sph_legendre(n, m, operand(theta)) * np.exp(1j * m * operand(phi))


# ---- elementary ----

@special_function
def softplus(x):
    """log(1 + exp(x))."""
    return np.logaddexp(0, operand(x))


@special_function
def diric(x, n):
    """Dirichlet's kernel sin(n x / 2) / (n sin(x / 2)), of period 2 pi or 4 pi; n a known integer.

    At multiples k of 2 pi it is (-1)**(k (n - 1)), and its derivative is 0. NaN for n < 1.
    """
    n, x = _order("diric", "n", n, least=1), strong_operand(x)
    turns = np.round(x / (2 * np.pi))
    t = x - 2 * np.pi * turns
    near = np.abs(t) < 1e-9
    kernel = np.sin(n * t / 2) / np.where(near, 1, n * np.sin(t / 2))
    return np.where(turns * (n - 1) % 2, -1, 1) * np.where(near, 1, kernel)


PUBLIC["sinc"] = np.sinc
