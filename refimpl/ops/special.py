"""Special functions. Formulas: NIST Digital Library of Mathematical Functions (DLMF).

SciPy's own loops compute the values; see elementwise.py for how a row reads.
"""

from __future__ import annotations

import math

import numpy as np

from ..aval import aval_of, dtype_argument
from ..errors import MissingRuleError
from .elementwise import SciPyUfunc, elementwise, exp, result_dtype, square, ufunc_aval
from .linear import constant

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


def _logistic(x):
    x = np.asarray(x, result_dtype(np.cbrt, dtype_argument(aval_of(x))))
    with np.errstate(over="ignore", under="ignore"):
        e = np.exp(-np.absolute(x))
        return np.where(x >= 0, e.dtype.type(1), e)[()] / (1 + e)


logistic = elementwise("logistic", _logistic, lambda y, x: y * logistic(-x),
                       aval=ufunc_aval(np.cbrt),    # real, like cbrt
                       doc="1 / (1 + exp(-x)), computed from exp(-|x|), which cannot overflow.")
erf = elementwise("erf", SciPyUfunc("erf"),
                  lambda y, x: TWO_OVER_SQRT_PI * exp(-square(x)),
                  doc="The error function. DLMF 7.2.1.")
erfc = elementwise("erfc", SciPyUfunc("erfc"),
                   lambda y, x: -TWO_OVER_SQRT_PI * exp(-square(x)),
                   doc="The complementary error function. DLMF 7.2.2.")
erfinv = elementwise("erfinv", SciPyUfunc("erfinv"),
                     lambda y, x: exp(square(y)) / TWO_OVER_SQRT_PI,
                     doc="The inverse of erf. DLMF 7.17.")
gammaln = elementwise("gammaln", SciPyUfunc("gammaln"), lambda y, x: digamma(x),
                      doc="The logarithm of the absolute value of Gamma. DLMF 5.2.")
digamma = elementwise("digamma", SciPyUfunc("psi"),
                      lambda y, x: hurwitz_zeta(constant(2, x), x),
                      doc="The logarithmic derivative of Gamma. DLMF 5.2.2, 5.15.1.")


def _zeta_order(z, s, a):
    raise MissingRuleError("no derivative is known for hurwitz_zeta in its order s")


hurwitz_zeta = elementwise(
    "hurwitz_zeta", SciPyUfunc("zeta"), _zeta_order, lambda z, s, a: -s * hurwitz_zeta(s + 1, a),
    aval=ufunc_aval(SciPyUfunc("beta")),    # zeta is a Python function, beta a ufunc like it
    doc="The Hurwitz zeta function of order s > 1 at a. DLMF 25.11.1, 25.11.17.")
