"""Elementwise operations: NumPy's ufuncs, their broadcasting and promotion included.

One row an operation: name, the ufunc, and one partial derivative an argument, in argument order.
In a formula, y (or z) is the result. Tangents g and partial derivatives d meet in `scale(g, d)`,
the product that absorbs: where g is exactly zero the result is zero, whatever d is, so that the
branch that `where` did not take never poisons a gradient. Formulas: Abramowitz and Stegun,
*Handbook of Mathematical Functions*, unless said otherwise.
"""

from __future__ import annotations

import importlib
import math
from functools import lru_cache

import numpy as np

from ..aval import Aval, aval_of, dtype_argument, is_python_scalar
from ..errors import DtypeError, MissingRuleError
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
    require_zero,
    unbroadcast,
)

# ---- what all elementwise operations share ----

def ufunc_aval(ufunc):
    """The aval rule of a ufunc: broadcasting, and NumPy's own dtype resolution."""
    @lru_cache(4096)
    def aval(*avals):
        shape = broadcast_shapes(*[a.shape for a in avals])
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
        loop = resolve(ufunc).resolve_dtypes((*dtypes, None))
        if loop[0].kind != "O":
            return loop
        # NumPy compares Python ints as objects; here they are numbers of 64 bits.
        return loop_dtypes(ufunc, *[np.dtype(np.int64) if d is int else d for d in dtypes])
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
    """Bring a term of a derivative to the shape and dtype of the result (a value or an Aval)."""
    shape, dtype, _ = out if type(out) is Aval else aval_of(out)
    have_shape, have_dtype, _ = aval_of(term)
    if have_shape != shape:
        term = broadcast_to(term, shape)
    return term if have_dtype == dtype else cast_to(term, dtype)


def batch_elementwise(prim, size, args, batched, params):
    """Line up the batch axes: an example with fewer axes gets new ones after the batch axis."""
    ndim = max([aval_of(x).ndim - b for x, b in zip(args, batched, strict=True)])
    args = [align_batch(x, ndim) if b and aval_of(x).ndim - 1 < ndim else x
            for x, b in zip(args, batched, strict=True)]
    return bind(prim, *args, **params), True


def linear_in_one(*rules):
    """The transpose rule of a product: one formula an argument, `rule(ct, *args)`, None where the
    operation is not linear. All arguments but one must be known."""
    def transpose(ct, args, params):
        place = [i for i, a in enumerate(args) if type(a) is Var]
        if len(place) > 1 or rules[place[0]] is None:
            raise MissingRuleError("not linear: a product of two variables, or a division by one",
                                   instead="a function that is linear in its arguments")
        cts = [None] * len(args)
        cts[place[0]] = unbroadcast(rules[place[0]](ct, *args), args[place[0]].aval)
        return cts
    return transpose


def linear_in_all(*rules):
    """The transpose rule of a sum: one formula an argument, `rule(ct, *args)`, None for arguments
    that are always known. Those that have a formula and are known must be zero."""
    def transpose(ct, args, params):
        cts = []
        for rule, a in zip(rules, args, strict=True):
            linear = type(a) is Var
            if linear and rule is None:
                raise MissingRuleError("not linear: a choice that depends on the argument")
            if not linear and rule is not None:
                require_zero(a)
            cts.append(unbroadcast(rule(ct, *args), a.aval) if linear else None)
        return cts
    return transpose


def elementwise(name, ufunc, *partials, tangents=None, aval=None, transpose=None,
                batch=batch_elementwise, doc=""):
    """Define an elementwise operation by its partial derivatives, one an argument.

    A partial is a formula `d(out, *primals)`, ONE, or None for zero; without any, the derivative
    is zero everywhere. `tangents` replaces them where the derivative is not a product: formulas
    `t(g, out, *primals)`.
    """
    if tangents:
        jvp = formulas(*tangents, fit=fit)
    else:
        jvp = jvp_from_partials if partials else no_derivative
    prim = Primitive(name, "elementwise", ufunc, aval or ufunc_aval(ufunc), jvp,
                     transpose, batch,
                     partials=partials or None, doc=doc or f"numpy.{name}, elementwise.")
    return operation(prim)


# ---- derivatives as weighted sums of tangents ----

def ONE(out, *primals):
    """The partial derivative 1."""
    return 1


def jvp_from_partials(prim, primals, tangents, params):
    """The chain rule: the tangent is the sum of g_i times the partial derivative in x_i."""
    out = bind(prim, *primals)
    weights = weights_of(prim, out, primals, tangents)
    return out, weighted_sum(*weights, aval=aval_of(out)) if weights else None


def weights_of(prim, out, primals, tangents):
    """Return [g_1, d_1, g_2, d_2, ...] for the tangents that count; d is None where it is 1."""
    weights = []
    for partial, g in zip(prim.partials, tangents, strict=True):
        if g is not None and partial is not None:
            weights += g, None if partial is ONE else partial(out, *primals)
    return weights


def weighted_sum(*weights, aval):
    """g_1 * d_1 + g_2 * d_2 + ..., in the shape and dtype of the result."""
    total = None
    for g, d in zip(weights[::2], weights[1::2], strict=True):
        term = fit(g if d is None else scale(g, d), aval)
        total = term if total is None else add(total, term)
    return total


def transpose_weighted_sum(ct, weights, params):
    """The cotangent ct * d of each g, summed over broadcast axes."""
    cts = [None] * len(weights)
    for i in range(0, len(weights), 2):
        g, d = weights[i], weights[i + 1]
        cts[i] = unbroadcast(ct if d is None else scale(ct, d), g.aval)
    return cts


# ---- arithmetic ----

def _scale(g, d):
    product = np.multiply(g, d)
    if np.count_nonzero(g) == getattr(g, "size", 1):    # nothing to absorb: the usual case
        return product
    return np.where(np.equal(g, 0), g, product)[()]


scale = elementwise(
    "scale", _scale, aval=ufunc_aval(np.multiply),
    tangents=(lambda t, y, g, d: scale(t, d), lambda t, y, g, d: scale(g, t)),
    transpose=linear_in_one(lambda ct, g, d: scale(ct, d), lambda ct, g, d: scale(g, ct)),
    doc="g * d, but exactly zero where g is: the product of derivative formulas.")

add = elementwise("add", np.add, ONE, ONE,
                  transpose=linear_in_all(lambda ct, x, y: ct, lambda ct, x, y: ct))
subtract = elementwise("subtract", np.subtract, ONE, lambda z, x, y: -1,
                       transpose=linear_in_all(lambda ct, x, y: ct, lambda ct, x, y: -ct))
multiply = elementwise("multiply", np.multiply,
                       lambda z, x, y: y, lambda z, x, y: x,
                       transpose=linear_in_one(lambda ct, x, y: scale(ct, y),
                                               lambda ct, x, y: scale(ct, x)))
divide = elementwise("divide", np.divide,
                     lambda z, x, y: one_over(y), lambda z, x, y: -divide(z, y),
                     transpose=linear_in_one(lambda ct, x, y: scale(ct, one_over(y)), None))


def one_over(y):
    """1 / y, a Python number where y is one: it must not promote."""
    return 1.0 / y if is_python_scalar(y) and y else divide(1.0, y)


negative = elementwise("negative", np.negative, lambda y, x: -1,
                       transpose=linear_in_all(lambda ct, x: -ct))
positive = elementwise("positive", np.positive, ONE, transpose=linear_in_all(lambda ct, x: ct))
reciprocal = elementwise("reciprocal", np.reciprocal, lambda y, x: -square(y))
square = elementwise("square", np.square, lambda y, x: x + x)
sqrt = elementwise("sqrt", np.sqrt, lambda y, x: divide(0.5, y))
cbrt = elementwise("cbrt", np.cbrt, lambda y, x: divide(1.0, 3.0 * square(y)))
floor_divide = elementwise("floor_divide", np.floor_divide)
remainder = elementwise("remainder", np.remainder,
                        ONE,
                        lambda z, x, y: -floor_divide(x, y))
fmod = elementwise("fmod", np.fmod,
                   ONE,
                   lambda z, x, y: -trunc(divide(x, y)))


def _power_base(z, x, y):
    if is_python_scalar(y):
        return y * power(x, y - 1) if y else 0
    return y * power(x, select(equal(y, 0), 1, y - 1))


def _power_exponent(z, x, y):
    zero = equal(x, 0)
    return select(zero, 0, z * log(select(zero, 1, x)))


power = elementwise("power", np.power, _power_base, _power_exponent)
absolute = elementwise(
    "absolute", np.absolute,
    tangents=(lambda g, y, x: real(scale(g, conjugate(sign(x)))),),
    doc="numpy.absolute; its derivative at 0 is 0.")


def _sign_jvp(prim, primals, tangents, params):
    """Real signs are constant; a complex sign, x / |x|, moves along the unit circle."""
    x, g, y = primals[0], tangents[0], sign(primals[0])
    if aval_of(x).dtype.kind != "c":
        return y, None
    return y, or_zero(g - y * real(conjugate(y) * g), absolute(x))


sign = operation(Primitive("sign", "elementwise", np.sign, ufunc_aval(np.sign), _sign_jvp,
                           batch=batch_elementwise, doc="numpy.sign, elementwise."))
copysign = elementwise("copysign", np.copysign,
                       lambda z, x, y: sign(x) * copysign(constant(1, x), y), None)
maximum = elementwise("maximum", np.maximum,
                      lambda z, x, y: share(x, y, z),
                      lambda z, x, y: share(y, x, z),
                      doc="numpy.maximum; at a tie each argument gets half of the derivative.")
minimum = elementwise("minimum", np.minimum,
                      lambda z, x, y: share(x, y, z),
                      lambda z, x, y: share(y, x, z),
                      doc="numpy.minimum; at a tie each argument gets half of the derivative.")
fmax = elementwise("fmax", np.fmax,
                   lambda z, x, y: share(x, y, z),
                   lambda z, x, y: share(y, x, z))
fmin = elementwise("fmin", np.fmin,
                   lambda z, x, y: share(x, y, z),
                   lambda z, x, y: share(y, x, z))


def share(x, other, chosen):
    """x's share of a choice between two: 1 if it was chosen, 1/2 at a tie, else 0."""
    one, half, zero = (constant(c, chosen) for c in (1, 0.5, 0))
    return select(equal(x, chosen), select(equal(other, chosen), half, one), zero)


# ---- exponentials and logarithms ----

LN2, LN10 = math.log(2), math.log(10)

exp = elementwise("exp", np.exp, lambda y, x: y)
exp2 = elementwise("exp2", np.exp2, lambda y, x: y * LN2)
expm1 = elementwise("expm1", np.expm1, lambda y, x: y + 1)
log = elementwise("log", np.log, lambda y, x: divide(1.0, x))
log2 = elementwise("log2", np.log2, lambda y, x: divide(1 / LN2, x))
log10 = elementwise("log10", np.log10, lambda y, x: divide(1 / LN10, x))
log1p = elementwise("log1p", np.log1p, lambda y, x: divide(1.0, x + 1))
logaddexp = elementwise("logaddexp", np.logaddexp,
                        lambda z, x, y: exp(_share_exponent(x, y, z, LN2)),
                        lambda z, x, y: exp(_share_exponent(y, x, z, LN2)))
logaddexp2 = elementwise("logaddexp2", np.logaddexp2,
                         lambda z, x, y: exp2(_share_exponent(x, y, z, 1)),
                         lambda z, x, y: exp2(_share_exponent(y, x, z, 1)))


def _share_exponent(x, other, z, half):
    """x - z, the logarithm of x's share of the sum; equal infinities have a half each."""
    infinite = equal(x, z)
    shared = select(equal(x, other), constant(-half, z), constant(0, z))
    return select(infinite, shared, x - z)


# ---- trigonometric and hyperbolic functions ----

sin = elementwise("sin", np.sin, lambda y, x: cos(x))
cos = elementwise("cos", np.cos, lambda y, x: -sin(x))
tan = elementwise("tan", np.tan, lambda y, x: 1 + square(y))
arcsin = elementwise("arcsin", np.arcsin,
                     lambda y, x: divide(1.0, sqrt(1 - square(x))))
arccos = elementwise("arccos", np.arccos,
                     lambda y, x: -divide(1.0, sqrt(1 - square(x))))
arctan = elementwise("arctan", np.arctan, lambda y, x: divide(1.0, 1 + square(x)))
sinh = elementwise("sinh", np.sinh, lambda y, x: cosh(x))
cosh = elementwise("cosh", np.cosh, lambda y, x: sinh(x))
tanh = elementwise("tanh", np.tanh, lambda y, x: 1 - square(y))
arcsinh = elementwise("arcsinh", np.arcsinh,
                      lambda y, x: divide(1.0, sqrt(square(x) + 1)))
arccosh = elementwise("arccosh", np.arccosh,
                      lambda y, x: divide(1.0, sqrt(x - 1) * sqrt(x + 1)))
arctanh = elementwise("arctanh", np.arctanh,
                      lambda y, x: divide(1.0, 1 - square(x)))
arctan2 = elementwise("arctan2", np.arctan2,
                      lambda z, y, x: over_square(x, y, x),
                      lambda z, y, x: -over_square(y, y, x),
                      doc="numpy.arctan2(y, x); its derivative at the origin is 0.")
hypot = elementwise("hypot", np.hypot,
                    lambda z, x, y: or_zero(x, z),
                    lambda z, x, y: or_zero(y, z),
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
    "select", _select, aval=_select_aval,
    tangents=(None, lambda g, z, c, x, y: select(c, g, constant(0, g)),
              lambda g, z, c, x, y: select(c, constant(0, g), g)),
    transpose=linear_in_all(None, lambda ct, c, x, y: select(c, ct, constant(0, ct)),
               lambda ct, c, x, y: select(c, constant(0, ct), ct)),
    doc="numpy.where(condition, x, y).")


# ---- complex numbers: derivatives are real-linear, transposes do not conjugate ----

def _real_aval(x):
    return Aval(x.shape, np.zeros((), x.dtype).real.dtype)


real = elementwise("real", lambda x: np.asarray(x).real[()], aval=_real_aval,
                   tangents=(lambda g, y, x: real(g),),
                   transpose=linear_in_all(lambda ct, x: ct), doc="The real part.")
imag = elementwise("imag", lambda x: np.asarray(x).imag[()], aval=_real_aval,
                   tangents=(lambda g, y, x: imag(g),),
                   transpose=linear_in_all(lambda ct, x: ct * -1j), doc="The imaginary part.")
conjugate = elementwise("conjugate", np.conjugate,
                        tangents=(lambda g, y, x: conjugate(g),),
                        transpose=linear_in_all(lambda ct, x: conjugate(ct)))


# ---- Python scalars ----

weaken = elementwise(
    "weaken", lambda x: x.item() if hasattr(x, "item") else x, ONE,
    aval=lambda x: Aval(x.shape, x.dtype, True), transpose=linear_in_all(lambda ct, x: ct),
    batch=lambda prim, size, args, batched, params: (args[0], True),    # an array is never weak
    doc="Mark the result of Python arithmetic on Python scalars as a Python scalar again.")
