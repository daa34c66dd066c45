"""Logarithms and exponentials made for accuracy, information theory, losses, degrees."""

from __future__ import annotations

import math

import numpy as np

from ...aval import aval_of, dtype_argument
from ..elementwise import (
    absolute,
    cbrt,
    divide,
    exp,
    exp2,
    expm1,
    less,
    less_equal,
    log,
    log1p,
    power,
    result_dtype,
    rint,
    scale,
    select,
    sign,
    sin,
    sqrt,
    square,
    ufunc_aval,
)
from .common import RECORDS, Record, special
from .hypergeometric import hyp1f1, hyp2f1

for _op in (cbrt, exp2, expm1, log1p):      # SciPy's ufuncs of these names mean NumPy's
    RECORDS[_op.__name__] = Record(("x",), (True,), (_op,), _op.__doc__)
RECORDS["round"] = Record(("x",), (True,), (rint,), "The nearest integer, ties to even.")


# ---- the logistic function ----

def _logistic(x):
    x = np.asarray(x, result_dtype(np.cbrt, dtype_argument(aval_of(x))))
    with np.errstate(over="ignore", under="ignore"):
        e = np.exp(-np.absolute(x))
        return np.where(x >= 0, e.dtype.type(1), e)[()] / (1 + e)


logistic = special("expit", "x", lambda y, x: y * logistic(-x), prim="logistic",
                   impl=_logistic, aval=ufunc_aval(np.cbrt),    # real, like cbrt
                   doc="1 / (1 + exp(-x)), computed from exp(-|x|), which cannot overflow.")
logit = special("logit", "p", lambda y, p: divide(1.0, p * (1 - p)),
                doc="log(p / (1 - p)).")
log_expit = special("log_expit", "x", lambda y, x: logistic(-x),
                    doc="log(1 / (1 + exp(-x))).")


# ---- powers and their inverses ----

def exprel_slope(x):
    """The derivative of (exp(x) - 1) / x: M(2, 3, x) / 2 near 0. DLMF 13.3.15, 13.6.2."""
    near = less(absolute(x), 2)
    x_far = select(near, 2.0, x)
    far = divide(exp(x_far) - exprel(x_far), x_far)
    return select(near, 0.5 * hyp1f1(2.0, 3.0, select(near, x, 0.0)), far)


def _boxcox_lambda(y, log_x, lmbda):
    """y = L exprel(lmbda L) with L = log(x)."""
    return square(log_x) * exprel_slope(lmbda * log_x)


def _inverse_boxcox_lambda(x, y, lmbda):
    """log(x) = y g(lmbda y), where g(t) = log(1 + t) / t = F(1, 1; 2; -t). DLMF 15.4.1."""
    return -0.5 * x * square(y) * hyp2f1(2.0, 2.0, 3.0, -lmbda * y)


exp10 = special("exp10", "x", lambda y, x: math.log(10) * y, doc="10 ** x.")
exprel = special("exprel", "x", lambda y, x: exprel_slope(x), doc="(exp(x) - 1) / x, 1 at 0.")
cosm1 = special("cosm1", "x", lambda y, x: -sin(x), doc="cos(x) - 1.")
powm1 = special("powm1", "x y", lambda z, x, y: y * power(x, y - 1),
                lambda z, x, y: (z + 1) * log(x), doc="x ** y - 1.")
boxcox = special("boxcox", "x lmbda", lambda y, x, lmbda: power(x, lmbda - 1),
                 lambda y, x, lmbda: _boxcox_lambda(y, log(x), lmbda),
                 doc="(x ** lmbda - 1) / lmbda, log(x) at lmbda = 0.")
boxcox1p = special("boxcox1p", "x lmbda",
                   lambda y, x, lmbda: exp((lmbda - 1) * log1p(x)),
                   lambda y, x, lmbda: _boxcox_lambda(y, log1p(x), lmbda),
                   doc="((1 + x) ** lmbda - 1) / lmbda, log1p(x) at lmbda = 0.")
inv_boxcox = special("inv_boxcox", "y lmbda", lambda x, y, lmbda: power(x, 1 - lmbda),
                     _inverse_boxcox_lambda,
                     doc="The inverse of boxcox: (1 + lmbda y) ** (1 / lmbda).")
inv_boxcox1p = special("inv_boxcox1p", "y lmbda",
                       lambda x, y, lmbda: power(x + 1, 1 - lmbda),
                       lambda x, y, lmbda: _inverse_boxcox_lambda(x + 1, y, lmbda),
                       doc="The inverse of boxcox1p.")


# ---- information ----

xlogy = special("xlogy", "x y", lambda z, x, y: log(y),
                lambda z, x, y: scale(x, divide(1.0, y)),
                doc="x log(y), 0 at x = 0.")
xlog1py = special("xlog1py", "x y", lambda z, x, y: log1p(y),
                  lambda z, x, y: scale(x, divide(1.0, 1 + y)),
                  doc="x log(1 + y), 0 at x = 0.")
entr = special("entr", "x", lambda y, x: select(less(x, 0), 0.0, -log(x) - 1),
               doc="-x log(x), 0 at 0, -inf below.")
rel_entr = special("rel_entr", "x y", lambda z, x, y: log(divide(x, y)) + 1,
                   lambda z, x, y: -scale(x, divide(1.0, y)),
                   doc="x log(x / y), 0 at x = 0 <= y.")
kl_div = special("kl_div", "x y", lambda z, x, y: log(divide(x, y)),
                 lambda z, x, y: 1 - scale(x, divide(1.0, y)),
                 doc="x log(x / y) - x + y, y at x = 0 <= y.")


# ---- losses ----

def _pseudo_huber_delta(z, delta, r):
    u = square(divide(r, delta))
    s = sqrt(1 + u)
    return divide(delta * square(u), s * square(s + 1))


huber = special("huber", "delta r",
                lambda z, d, r: select(less_equal(absolute(r), d), 0.0, absolute(r) - d),
                lambda z, d, r: select(less_equal(absolute(r), d), r, d * sign(r)),
                doc="r**2 / 2 where |r| <= delta, delta (|r| - delta / 2) elsewhere.")
pseudo_huber = special("pseudo_huber", "delta r", _pseudo_huber_delta,
                       lambda z, d, r: divide(r, sqrt(1 + square(divide(r, d)))),
                       doc="delta**2 (sqrt(1 + (r / delta)**2) - 1).")


# ---- angles in degrees ----

DEGREE = math.pi / 180

sindg = special("sindg", "x", lambda y, x: DEGREE * cosdg(x), doc="sin of x degrees.")
cosdg = special("cosdg", "x", lambda y, x: -DEGREE * sindg(x), doc="cos of x degrees.")
tandg = special("tandg", "x", lambda y, x: DEGREE * (1 + square(y)), doc="tan of x degrees.")
cotdg = special("cotdg", "x", lambda y, x: -DEGREE * (1 + square(y)), doc="cot of x degrees.")
radian = special("radian", "d m s", lambda y, d, m, s: DEGREE, lambda y, d, m, s: DEGREE / 60,
                 lambda y, d, m, s: DEGREE / 3600,
                 doc="The angle of d degrees, m minutes and s seconds in radians.")
