"""Elementwise operations: NumPy's ufuncs, their broadcasting and promotion included.

One row an operation: name, the ufunc, and one derivative formula an argument, in argument order.
In a formula, y (or z) is the result, g the tangent of that argument. `scale(g, d)` is the product
that absorbs: where g is exactly zero the result is zero, whatever d is, so that the branch that
`where` did not take never poisons a gradient. Formulas: Abramowitz and Stegun, *Handbook of
Mathematical Functions*, unless said otherwise.
"""

from __future__ import annotations

import importlib
import math
from functools import lru_cache

import numpy as np

from ..aval import Aval, aval_of, dtype_argument, is_python_scalar
from ..errors import DtypeError
from ..graph import Var
from ..primitive import Primitive, formulas, no_derivative
from ..trace import bind
from .linear import (
    align_batch,
    broadcast_shapes,
    broadcast_to,
    cast_to,
    constant,
    operation,
    unbroadcast,
)


# ---- what all elementwise operations share ----

def ufunc_aval(ufunc):
    """The aval rule of a ufunc: broadcasting, and NumPy's own dtype resolution."""
    def aval(*avals):
        shapes = [a.shape for a in avals]
        shape = shapes[0] if len(shapes) == 1 else broadcast_shapes(*shapes)
        return Aval(shape, result_dtype(ufunc, *map(dtype_argument, avals)))
    return aval


@lru_cache(4096)
def result_dtype(ufunc, *dtypes):
    """The dtype of a ufunc's result. Python's int, float, complex stand for weak scalars."""
    return loop_dtypes(ufunc, *dtypes)[-1]


@lru_cache(4096)
def loop_dtypes(ufunc, *dtypes):
    """The dtypes of the loop that NumPy would run: operands, then result."""
    try:
        return resolve(ufunc).resolve_dtypes((*dtypes, None))
    except TypeError as error:
        names = ", ".join(getattr(d, "name", d.__name__ if isinstance(d, type) else str(d))
                          for d in dtypes)
        raise DtypeError(f"{ufunc.__name__} has no loop for these dtypes", got=names,
                         wanted=str(error).splitlines()[0]) from None


class SciPyUfunc:
    """A ufunc of scipy.special, imported when first used: importing isograd stays quick."""

    def __init__(self, name):
        self.__name__ = name

    def resolve(self):
        return getattr(importlib.import_module("scipy.special"), self.__name__)

    def __call__(self, *args):
        return self.resolve()(*args)


def resolve(ufunc):
    """The np.ufunc itself."""
    return ufunc.resolve() if isinstance(ufunc, SciPyUfunc) else ufunc


def fit(term, out):
    """Bring a term of a derivative to the shape and dtype of the result."""
    want = aval_of(out)
    have = aval_of(term)
    if have.shape != want.shape:
        term = broadcast_to(term, want.shape)
    return term if have.dtype == want.dtype else cast_to(term, want.dtype)


def batch_elementwise(prim, size, args, batched, params):
    """Line up the batch axes: an example with fewer axes gets new ones after the batch axis."""
    ndim = max([aval_of(x).ndim - b for x, b in zip(args, batched, strict=True)])
    args = [align_batch(x, ndim) if b and aval_of(x).ndim - 1 < ndim else x
            for x, b in zip(args, batched, strict=True)]
    return bind(prim, *args, **params), True


def transposed(*rules):
    """A transpose rule from one formula an argument: `rule(ct, *args)`; the rest is broadcasting.
    """
    def transpose(ct, args, params):
        return [unbroadcast(rule(ct, *args), a.aval) if type(a) is Var else None
                for rule, a in zip(rules, args, strict=True)]
    return transpose


def elementwise(name, ufunc, *rules, aval=None, transpose=None, doc=""):
    """Define an elementwise operation. Without formulas its derivative is zero everywhere."""
    jvp = formulas(*rules, fit=fit) if rules else no_derivative
    prim = Primitive(name, "elementwise", ufunc, aval or ufunc_aval(ufunc), jvp,
                     transpose and transposed(*transpose), batch_elementwise,
                     doc=doc or f"numpy.{name}, elementwise.")
    return operation(prim)


# ---- arithmetic ----

def _scale(g, d):
    product = np.multiply(g, d)
    if np.count_nonzero(g) == np.size(g):   # nothing to absorb: the usual case
        return product
    return np.where(np.equal(g, 0), g, product)[()]


scale = elementwise(
    "scale", _scale, lambda t, y, g, d: scale(t, d), lambda t, y, g, d: scale(g, t),
    aval=ufunc_aval(np.multiply),
    transpose=(lambda ct, g, d: scale(ct, d), lambda ct, g, d: scale(g, ct)),
    doc="g * d, but exactly zero where g is: the product of derivative formulas.")

add = elementwise("add", np.add, lambda g, z, x, y: g, lambda g, z, x, y: g,
                  transpose=(lambda ct, x, y: ct, lambda ct, x, y: ct))
subtract = elementwise("subtract", np.subtract, lambda g, z, x, y: g, lambda g, z, x, y: -g,
                       transpose=(lambda ct, x, y: ct, lambda ct, x, y: -ct))
multiply = elementwise("multiply", np.multiply,
                       lambda g, z, x, y: scale(g, y), lambda g, z, x, y: scale(g, x),
                       transpose=(lambda ct, x, y: scale(ct, y), lambda ct, x, y: scale(ct, x)))
divide = elementwise("divide", np.divide,
                     lambda g, z, x, y: scale(g, divide(1.0, y)),
                     lambda g, z, x, y: scale(-g, divide(z, y)),
                     transpose=(lambda ct, x, y: ct / y, None))
negative = elementwise("negative", np.negative, lambda g, y, x: -g, transpose=(lambda ct, x: -ct,))
positive = elementwise("positive", np.positive, lambda g, y, x: g, transpose=(lambda ct, x: ct,))
reciprocal = elementwise("reciprocal", np.reciprocal, lambda g, y, x: scale(-g, square(y)))
square = elementwise("square", np.square, lambda g, y, x: scale(g, x + x))
sqrt = elementwise("sqrt", np.sqrt, lambda g, y, x: scale(g, divide(0.5, y)))
cbrt = elementwise("cbrt", np.cbrt, lambda g, y, x: scale(g, divide(y, 3.0 * x)))
floor_divide = elementwise("floor_divide", np.floor_divide)
remainder = elementwise("remainder", np.remainder,
                        lambda g, z, x, y: g,
                        lambda g, z, x, y: scale(-g, floor(divide(x, y))))
fmod = elementwise("fmod", np.fmod,
                   lambda g, z, x, y: g,
                   lambda g, z, x, y: scale(-g, trunc(divide(x, y))))


def _power_base(g, z, x, y):
    if is_python_scalar(y):
        return scale(g, y * power(x, y - 1)) if y else None
    slope = y * power(x, select(equal(y, 0), 1, y - 1))
    return scale(g, slope)


def _power_exponent(g, z, x, y):
    zero = equal(x, 0)
    return scale(g, select(zero, 0, z * log(select(zero, 1, x))))


power = elementwise("power", np.power, _power_base, _power_exponent)
absolute = elementwise(
    "absolute", np.absolute,
    lambda g, y, x: real(scale(g, conjugate(sign(x)))) if _is_complex(x) else scale(g, sign(x)),
    doc="numpy.absolute; its derivative at 0 is 0.")
sign = elementwise("sign", np.sign)
copysign = elementwise("copysign", np.copysign,
                       lambda g, z, x, y: scale(g, sign(x) * copysign(constant(1, x), y)), None)
maximum = elementwise("maximum", np.maximum,
                      lambda g, z, x, y: scale(g, share(x, y, z)),
                      lambda g, z, x, y: scale(g, share(y, x, z)),
                      doc="numpy.maximum; at a tie each argument gets half of the derivative.")
minimum = elementwise("minimum", np.minimum,
                      lambda g, z, x, y: scale(g, share(x, y, z)),
                      lambda g, z, x, y: scale(g, share(y, x, z)),
                      doc="numpy.minimum; at a tie each argument gets half of the derivative.")
fmax = elementwise("fmax", np.fmax,
                   lambda g, z, x, y: scale(g, share(x, y, z)),
                   lambda g, z, x, y: scale(g, share(y, x, z)))
fmin = elementwise("fmin", np.fmin,
                   lambda g, z, x, y: scale(g, share(x, y, z)),
                   lambda g, z, x, y: scale(g, share(y, x, z)))


def share(x, other, chosen):
    """x's share of a choice between two: 1 if it was chosen, 1/2 at a tie, else 0."""
    one, half, zero = (constant(c, chosen) for c in (1, 0.5, 0))
    return select(equal(x, chosen), select(equal(other, chosen), half, one), zero)


def _is_complex(x):
    return aval_of(x).dtype.kind == "c"


# ---- exponentials and logarithms ----

LN2, LN10 = math.log(2), math.log(10)

exp = elementwise("exp", np.exp, lambda g, y, x: scale(g, y))
exp2 = elementwise("exp2", np.exp2, lambda g, y, x: scale(g, y * LN2))
expm1 = elementwise("expm1", np.expm1, lambda g, y, x: scale(g, y + 1))
log = elementwise("log", np.log, lambda g, y, x: scale(g, divide(1.0, x)))
log2 = elementwise("log2", np.log2, lambda g, y, x: scale(g, divide(1 / LN2, x)))
log10 = elementwise("log10", np.log10, lambda g, y, x: scale(g, divide(1 / LN10, x)))
log1p = elementwise("log1p", np.log1p, lambda g, y, x: scale(g, divide(1.0, x + 1)))
logaddexp = elementwise("logaddexp", np.logaddexp,
                        lambda g, z, x, y: scale(g, _softmax_part(x, z)),
                        lambda g, z, x, y: scale(g, _softmax_part(y, z)))
logaddexp2 = elementwise("logaddexp2", np.logaddexp2,
                         lambda g, z, x, y: scale(g, exp2(_finite_difference(x, z))),
                         lambda g, z, x, y: scale(g, exp2(_finite_difference(y, z))))


def _softmax_part(x, z):
    return exp(_finite_difference(x, z))


def _finite_difference(x, z):
    """x - z, where infinity minus infinity is 0: both sides grow alike."""
    return select(equal(x, z), constant(0, z), x - z)


# ---- trigonometric and hyperbolic functions ----

sin = elementwise("sin", np.sin, lambda g, y, x: scale(g, cos(x)))
cos = elementwise("cos", np.cos, lambda g, y, x: scale(-g, sin(x)))
tan = elementwise("tan", np.tan, lambda g, y, x: scale(g, 1 + square(y)))
arcsin = elementwise("arcsin", np.arcsin,
                     lambda g, y, x: scale(g, divide(1.0, sqrt(1 - square(x)))))
arccos = elementwise("arccos", np.arccos,
                     lambda g, y, x: scale(-g, divide(1.0, sqrt(1 - square(x)))))
arctan = elementwise("arctan", np.arctan, lambda g, y, x: scale(g, divide(1.0, 1 + square(x))))
sinh = elementwise("sinh", np.sinh, lambda g, y, x: scale(g, cosh(x)))
cosh = elementwise("cosh", np.cosh, lambda g, y, x: scale(g, sinh(x)))
tanh = elementwise("tanh", np.tanh, lambda g, y, x: scale(g, 1 - square(y)))
arcsinh = elementwise("arcsinh", np.arcsinh,
                      lambda g, y, x: scale(g, divide(1.0, sqrt(square(x) + 1))))
arccosh = elementwise("arccosh", np.arccosh,
                      lambda g, y, x: scale(g, divide(1.0, sqrt(x - 1) * sqrt(x + 1))))
arctanh = elementwise("arctanh", np.arctanh,
                      lambda g, y, x: scale(g, divide(1.0, 1 - square(x))))
arctan2 = elementwise("arctan2", np.arctan2,
                      lambda g, z, y, x: scale(g, over_square(x, y, x)),
                      lambda g, z, y, x: scale(-g, over_square(y, y, x)),
                      doc="numpy.arctan2(y, x); its derivative at the origin is 0.")
hypot = elementwise("hypot", np.hypot,
                    lambda g, z, x, y: scale(g, or_zero(x, z)),
                    lambda g, z, x, y: scale(g, or_zero(y, z)),
                    doc="numpy.hypot; its derivative at the origin is 0.")


def or_zero(x, z):
    """x / z, but 0 where z is 0."""
    zero = equal(z, 0)
    return select(zero, constant(0, z), divide(x, select(zero, constant(1, z), z)))


def over_square(x, a, b):
    """x / (a^2 + b^2), but 0 at the origin; two divisions by the norm, so that it cannot overflow.
    """
    norm = hypot(a, b)
    return or_zero(or_zero(x, norm), norm)


# ---- special functions (DLMF: https://dlmf.nist.gov) ----

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


def _logistic(x):
    with np.errstate(over="ignore", under="ignore"):
        e = np.exp(-np.absolute(x))
        return np.where(x >= 0, e.dtype.type(1), e)[()] / (1 + e)


logistic = elementwise("logistic", _logistic, lambda g, y, x: scale(g, y * logistic(-x)),
                       aval=ufunc_aval(np.exp),
                       doc="1 / (1 + exp(-x)), computed from exp(-|x|), which cannot overflow.")
erf = elementwise("erf", SciPyUfunc("erf"),
                  lambda g, y, x: scale(g, TWO_OVER_SQRT_PI * exp(-square(x))),
                  doc="The error function. DLMF 7.2.1.")
erfc = elementwise("erfc", SciPyUfunc("erfc"),
                   lambda g, y, x: scale(g, -TWO_OVER_SQRT_PI * exp(-square(x))),
                   doc="The complementary error function. DLMF 7.2.2.")
erfinv = elementwise("erfinv", SciPyUfunc("erfinv"),
                     lambda g, y, x: scale(g, exp(square(y)) / TWO_OVER_SQRT_PI),
                     doc="The inverse of erf. DLMF 7.17.")
gammaln = elementwise("gammaln", SciPyUfunc("gammaln"), lambda g, y, x: scale(g, digamma(x)),
                      doc="The logarithm of the absolute value of Gamma. DLMF 5.2.")
digamma = elementwise("digamma", SciPyUfunc("psi"),
                      lambda g, y, x: scale(g, hurwitz_zeta(constant(2, x), x)),
                      doc="The logarithmic derivative of Gamma. DLMF 5.2.2, 5.15.1.")
hurwitz_zeta = elementwise(
    "hurwitz_zeta", SciPyUfunc("zeta"), None,
    lambda g, z, s, a: scale(g, -s * hurwitz_zeta(s + 1, a)),
    doc="The Hurwitz zeta function of order s > 1 at a. DLMF 25.11.1; its derivative in a 25.11.17.")


# ---- rounding, comparison, logic, bits: derivative zero ----

floor = elementwise("floor", np.floor)
ceil = elementwise("ceil", np.ceil)
trunc = elementwise("trunc", np.trunc)
rint = elementwise("rint", np.rint)
isnan = elementwise("isnan", np.isnan)
isinf = elementwise("isinf", np.isinf)
isfinite = elementwise("isfinite", np.isfinite)
signbit = elementwise("signbit", np.signbit)
equal = elementwise("equal", np.equal)
not_equal = elementwise("not_equal", np.not_equal)
less = elementwise("less", np.less)
less_equal = elementwise("less_equal", np.less_equal)
greater = elementwise("greater", np.greater)
greater_equal = elementwise("greater_equal", np.greater_equal)
logical_and = elementwise("logical_and", np.logical_and)
logical_or = elementwise("logical_or", np.logical_or)
logical_xor = elementwise("logical_xor", np.logical_xor)
logical_not = elementwise("logical_not", np.logical_not)
bitwise_and = elementwise("bitwise_and", np.bitwise_and)
bitwise_or = elementwise("bitwise_or", np.bitwise_or)
bitwise_xor = elementwise("bitwise_xor", np.bitwise_xor)
invert = elementwise("invert", np.invert)
left_shift = elementwise("left_shift", np.left_shift)
right_shift = elementwise("right_shift", np.right_shift)
nextafter = elementwise("nextafter", np.nextafter)


# ---- choice ----

def _select_aval(condition, x, y):
    shape = broadcast_shapes(condition.shape, x.shape, y.shape)
    return Aval(shape, _select_dtype(dtype_argument(x), dtype_argument(y)))


@lru_cache(1024)
def _select_dtype(x, y):
    return np.result_type(*(d(0) if isinstance(d, type) else d for d in (x, y)))


def _select(condition, x, y):
    return np.where(condition, x, y)[()]


select = elementwise(
    "select", _select, None,
    lambda g, z, c, x, y: select(c, g, constant(0, g)),
    lambda g, z, c, x, y: select(c, constant(0, g), g),
    aval=_select_aval,
    transpose=(None, lambda ct, c, x, y: select(c, ct, constant(0, ct)),
               lambda ct, c, x, y: select(c, constant(0, ct), ct)),
    doc="numpy.where(condition, x, y).")


# ---- complex numbers: derivatives are real-linear, transposes do not conjugate ----

def _real_aval(x):
    return Aval(x.shape, np.zeros((), x.dtype).real.dtype)


real = elementwise("real", lambda x: np.real(x)[()], lambda g, y, x: real(g), aval=_real_aval,
                   transpose=(lambda ct, x: ct,), doc="The real part.")
imag = elementwise("imag", lambda x: np.imag(x)[()], lambda g, y, x: imag(g), aval=_real_aval,
                   transpose=(lambda ct, x: ct * -1j,), doc="The imaginary part.")
conjugate = elementwise("conjugate", np.conjugate, lambda g, y, x: conjugate(g),
                        transpose=(lambda ct, x: conjugate(ct),))


# ---- Python scalars ----

weaken = elementwise(
    "weaken", lambda x: x.item() if hasattr(x, "item") else x, lambda g, y, x: g,
    aval=lambda x: Aval(x.shape, x.dtype, True), transpose=(lambda ct, x: ct,),
    doc="Mark the result of Python arithmetic on Python scalars as a Python scalar again.")
