"""NumPy's ufuncs and other elementwise functions."""

from __future__ import annotations

import math

import numpy as np

from ..aval import aval_of, is_python_scalar
from ..errors import DtypeError
from ..ops import elementwise as ops
from ..ops import special
from ..ops.linear import cast_to, constant
from .common import dtype_of, operand, refuse_out, strong_operand


def ufunc(name, numpy_name=None):
    """The function of a ufunc's name that applies the operation of the same name."""
    op = getattr(ops, name)
    numpy_ufunc = getattr(np, numpy_name or name)

    def function(*args, out=None, where=True, dtype=None, **kwargs):
        if out is not None or where is not True or dtype is not None or kwargs:
            return _with_options(function, args, out, where, dtype, kwargs)
        if len(args) != numpy_ufunc.nin:
            raise TypeError(f"{numpy_ufunc.__name__}() takes {numpy_ufunc.nin} positional "
                            f"arguments but {len(args)} were given")
        return op(*[operand(x) for x in args])

    function.__name__ = function.__qualname__ = numpy_name or name
    function.__doc__ = op.prim.doc
    function.ufunc = numpy_ufunc
    return function


def _with_options(function, args, out, where, dtype, kwargs):
    """The rarer arguments of a ufunc call."""
    name = function.__name__
    refuse_out(out, name)
    if where is not True:
        raise DtypeError(f"{name}: where= leaves elements unset without out=",
                         got="where=...", instead=f"np.where(mask, {name}(x), other)")
    neutral = {"casting": "same_kind", "order": "K", "subok": True, "signature": None}
    for key, value in kwargs.items():
        if key not in neutral or value != neutral[key]:
            raise TypeError(f"{name}() got an unexpected keyword argument {key!r}")
    return function(*[x if dtype is None else cast_to(operand(x), np.dtype(dtype)) for x in args])


# ---- the table's own ufuncs, under NumPy's names ----

NAMES = """
    add subtract multiply divide negative positive reciprocal square sqrt cbrt floor_divide
    remainder fmod absolute sign copysign maximum minimum fmax fmin
    exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2
    sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh arctan2 hypot
    floor ceil trunc rint isnan isinf isfinite signbit equal not_equal less less_equal greater
    greater_equal logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor
    invert left_shift right_shift nextafter conjugate power
""".split()
UFUNCS = {name: ufunc(name) for name in NAMES}
globals().update(UFUNCS)

ALIASES = {
    "abs": "absolute", "true_divide": "divide", "mod": "remainder", "conj": "conjugate",
    "bitwise_not": "invert", "bitwise_invert": "invert", "bitwise_left_shift": "left_shift",
    "bitwise_right_shift": "right_shift", "pow": "power", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "atan2": "arctan2",
}
globals().update({alias: UFUNCS[name] for alias, name in ALIASES.items()})


# ---- composed ufuncs ----

def float_power(x1, x2):
    """x1 ** x2 in at least float64."""
    return ops.power(*[cast_to(x, np.result_type(dtype_of(x), np.float64))
                       for x in (strong_operand(x1), strong_operand(x2))])


def fabs(x):
    """|x| of real x, always floating-point."""
    x = strong_operand(x)
    return ops.absolute(x if dtype_of(x).kind == "f" else cast_to(x, np.dtype(np.float64)))


def deg2rad(x):
    """x * pi / 180."""
    return ops.multiply(operand(x), math.pi / 180)


def rad2deg(x):
    """x * 180 / pi."""
    return ops.multiply(operand(x), 180 / math.pi)


radians, degrees = deg2rad, rad2deg


def heaviside(x1, x2):
    """0 where x1 < 0, x2 where x1 == 0, 1 where x1 > 0; its derivative in x1 is 0."""
    x1, x2 = operand(x1), operand(x2)
    dtype = ops.result_dtype(np.heaviside, dtype_of(x1), dtype_of(x2))
    x1, x2 = cast_to(x1, dtype), cast_to(x2, dtype)
    one, zero = dtype.type(1), dtype.type(0)
    step = ops.select(ops.less(x1, 0), zero, one)
    return ops.select(ops.equal(x1, 0), x2, ops.select(ops.isnan(x1), dtype.type(np.nan), step))


def divmod(x1, x2):
    """(x1 // x2, x1 % x2)."""
    x1, x2 = operand(x1), operand(x2)
    return ops.floor_divide(x1, x2), ops.remainder(x1, x2)


def modf(x):
    """(fractional part, integral part), both with the sign of x."""
    x = strong_operand(x)
    whole = ops.trunc(x)
    return ops.copysign(ops.select(ops.isinf(x), constant(0, whole), x - whole), x), whole


# ---- functions that are no ufuncs ----

def where(condition, x=None, y=None):
    """x where the condition holds, else y. With the condition alone: np.nonzero."""
    if x is None and y is None:
        return nonzero_of(condition)
    return ops.select(operand(condition), operand(x), operand(y))


def nonzero_of(condition):
    condition = operand(condition)
    return np.nonzero(np.asarray(concrete(condition)))


def concrete(x):
    """The numbers of an array whose shape decides a result's shape."""
    return x.__concrete_array__("a mask or a list of places") if hasattr(x, "trace") else x


def clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None):
    """minimum(maximum(a, a_min), a_max); at a bound the derivative is that of a tie, 1/2."""
    refuse_out(out, "clip")
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = strong_operand(a)
    if low is not None:
        a = ops.maximum(a, operand(low))
    return a if high is None else ops.minimum(a, operand(high))


def real(val):
    """The real part."""
    val = strong_operand(val)
    return ops.real(val) if dtype_of(val).kind == "c" else val


def imag(val):
    """The imaginary part; zeros for real arrays."""
    val = strong_operand(val)
    if dtype_of(val).kind == "c":
        return ops.imag(val)
    return ops.multiply(val, constant(0, val))


def angle(z, deg=False):
    """The argument arctan2(imag z, real z), in radians or degrees."""
    result = ops.arctan2(imag(z), real(z))
    return ops.multiply(result, 180 / math.pi) if deg else result


def round(a, decimals=0, out=None):
    """Round to decimals, halves to even; the derivative is 0."""
    refuse_out(out, "round")
    a = strong_operand(a)
    if dtype_of(a).kind in "biu":
        return a
    if decimals == 0:
        return ops.rint(a)
    power = 10.0 ** abs_int(decimals)
    if decimals > 0:
        return ops.divide(ops.rint(ops.multiply(a, power)), power)
    return ops.multiply(ops.rint(ops.divide(a, power)), power)


def abs_int(n):
    return n if n >= 0 else -n


around = round


def root(x):
    """sqrt(x) of a sum of squares: its derivative at 0 is 0, so that norms of zeros have one."""
    zero = ops.equal(x, 0)
    return ops.select(zero, x, ops.sqrt(ops.select(zero, constant(1, x), x)))


def fix(x, out=None):
    """Round towards zero."""
    refuse_out(out, "fix")
    return ops.trunc(operand(x))


def sinc(x):
    """sin(pi x) / (pi x), and 1 at 0; the derivative at 0 is 0."""
    x = strong_operand(x)
    if dtype_of(x).kind not in "fc":
        x = cast_to(x, np.dtype(np.float64))
    zero = ops.equal(x, 0)
    scaled = ops.multiply(ops.select(zero, constant(1, x), x), math.pi)
    return ops.select(zero, constant(1, x), ops.divide(ops.sin(scaled), scaled))


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Replace nan and infinities by numbers; their derivative is 0."""
    x = strong_operand(x)
    if dtype_of(x).kind != "f":
        return x
    info = np.finfo(dtype_of(x))
    high = info.max if posinf is None else posinf
    low = info.min if neginf is None else neginf
    x = ops.select(ops.isnan(x), nan, x)
    x = ops.select(ops.equal(x, np.inf), constant(high, x), x)
    return ops.select(ops.equal(x, -np.inf), constant(low, x), x)


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """|a - b| <= atol + rtol |b|, elementwise."""
    a, b = operand(a), operand(b)
    near = ops.less_equal(ops.absolute(a - b), atol + rtol * ops.absolute(b))
    result = ops.select(ops.logical_and(ops.isfinite(a), ops.isfinite(b)), near, ops.equal(a, b))
    if not equal_nan:
        return result
    return ops.logical_or(result, ops.logical_and(ops.isnan(a), ops.isnan(b)))


def isposinf(x, out=None):
    refuse_out(out, "isposinf")
    return ops.equal(operand(x), np.inf)


def isneginf(x, out=None):
    refuse_out(out, "isneginf")
    return ops.equal(operand(x), -np.inf)


def isreal(x):
    return ops.equal(imag(x), 0)


def iscomplex(x):
    return ops.not_equal(imag(x), 0)


def iscomplexobj(x):
    return dtype_of(operand(x)).kind == "c"


def isrealobj(x):
    return not iscomplexobj(x)


def astype(x, dtype, /, *, copy=True, device=None):
    """x with another dtype; complex to real takes the real part."""
    return cast_to(operand(x), np.dtype(dtype))


def raise_to(x, y):
    """x ** y as the operator: NumPy's short cuts for the Python exponents 2, 1/2 and -1."""
    if is_python_scalar(y) and y in _POWERS and aval_of(x).dtype.kind in "fc":
        return _POWERS[y](x)
    return ops.power(x, y)


_POWERS = {2: ops.square, 0.5: ops.sqrt, -1: ops.reciprocal}

# SciPy's ufuncs, by the names that scipy.special gives them.
SPECIAL = {"erf": special.erf, "erfc": special.erfc, "erfinv": special.erfinv,
           "gammaln": special.gammaln, "psi": special.digamma, "digamma": special.digamma,
           "expit": special.logistic}
