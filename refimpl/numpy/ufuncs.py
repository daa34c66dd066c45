"""NumPy's ufuncs: one row an operation, and those that are composed of others."""

from __future__ import annotations

import contextlib
import inspect
import math

import numpy as np

from ..aval import aval_of, dtype_argument
from ..errors import DtypeError, MissingRuleError
from ..mutation import write_into
from ..ops import elementwise as ops
from ..ops import integers, special
from ..ops.linear import cast_to, constant
from .common import dtype_of, operand, promoted_dtype, strong_operand
from .function import MEANINGS, PUBLIC, numpy_function, refuse, sourced

# ---- the table's own operations, under NumPy's names ----

# The ufuncs that are operations: what they compute, and where; elsewhere the result is NaN.
_OPERATIONS = {
    "add": "x1 + x2.",
    "subtract": "x1 - x2.",
    "multiply": "x1 x2.",
    "divide": "x1 / x2, as real numbers; infinite or NaN where x2 is 0.",
    "negative": "-x.",
    "positive": "+x: x.",
    "reciprocal": "1 / x; of integers the whole part.",
    "square": "x x.",
    "sqrt": "The root of x; x >= 0, or complex.",
    "cbrt": "The real cube root of x; its derivative at 0 is infinite.",
    "floor_divide": "The floor of x1 / x2.",
    "remainder": "x1 - x2 floor(x1 / x2), with the sign of x2.",
    "fmod": "x1 - x2 trunc(x1 / x2), with the sign of x1.",
    "absolute": "|x|, sqrt(re(x)^2 + im(x)^2) of a complex one; the derivative at 0 is 0.",
    "sign": "-1, 0 or 1, as x is below, at or above 0; x / |x| of a complex x.",
    "copysign": "|x1| with the sign of x2, that of zeros too.",
    "maximum": "The larger of two; NaN wins; at a tie each gets half of the derivative.",
    "minimum": "The smaller of two; NaN wins; at a tie each gets half of the derivative.",
    "fmax": "The larger of two; NaN loses.",
    "fmin": "The smaller of two; NaN loses.",
    "power": "x1^x2; x1 >= 0 unless x2 is whole, or complex. Integers to x2 >= 0.",
    "exp": "e^x.",
    "exp2": "2^x.",
    "expm1": "e^x - 1, also where x is small.",
    "log": "The y with e^y = x; x > 0 (-inf at 0), or complex with -pi < im(y) <= pi.",
    "log2": "The y with 2^y = x; x > 0 (-inf at 0), or complex.",
    "log10": "The y with 10^y = x; x > 0 (-inf at 0), or complex.",
    "log1p": "log(1 + x), also where x is small; x > -1 (-inf at -1), or complex.",
    "logaddexp": "log(e^x1 + e^x2), without overflow.",
    "logaddexp2": "log2(2^x1 + 2^x2), without overflow.",
    "sin": "The sine of x in radians, (e^ix - e^-ix) / 2i.",
    "cos": "The cosine of x in radians, (e^ix + e^-ix) / 2.",
    "tan": "sin(x) / cos(x).",
    "arcsin": "The y in [-pi/2, pi/2] with sin(y) = x; -1 <= x <= 1, or complex.",
    "arccos": "The y in [0, pi] with cos(y) = x; -1 <= x <= 1, or complex.",
    "arctan": "The y in [-pi/2, pi/2] with tan(y) = x.",
    "sinh": "(e^x - e^-x) / 2.",
    "cosh": "(e^x + e^-x) / 2.",
    "tanh": "sinh(x) / cosh(x).",
    "arcsinh": "The y with sinh(y) = x, log(x + sqrt(x^2 + 1)).",
    "arccosh": "The y >= 0 with cosh(y) = x, log(x + sqrt(x^2 - 1)); x >= 1, or complex.",
    "arctanh": "The y with tanh(y) = x, log((1 + x) / (1 - x)) / 2; -1 <= x <= 1, or complex.",
    "arctan2": "The angle in [-pi, pi] of the point (x2, x1); the derivative at the origin is 0.",
    "hypot": "sqrt(x1^2 + x2^2), without overflow; the derivative at the origin is 0.",
    "floor": "The largest whole number that is not above x.",
    "ceil": "The smallest whole number that is not below x.",
    "trunc": "x without its fraction, towards 0.",
    "rint": "The nearest whole number; of two, the even one.",
    "isnan": "Whether x is NaN.",
    "isinf": "Whether x is infinite.",
    "isfinite": "Whether x is neither infinite nor NaN.",
    "signbit": "Whether x is below 0, or -0.0.",
    "equal": "x1 == x2; NaN equals nothing.",
    "not_equal": "x1 != x2; NaN differs from everything.",
    "less": "x1 < x2.",
    "less_equal": "x1 <= x2.",
    "greater": "x1 > x2.",
    "greater_equal": "x1 >= x2.",
    "logical_and": "Whether neither is 0.",
    "logical_or": "Whether one is not 0.",
    "logical_xor": "Whether just one is not 0.",
    "logical_not": "Whether x is 0.",
    "bitwise_and": "x1 & x2, of integers and booleans.",
    "bitwise_or": "x1 | x2, of integers and booleans.",
    "bitwise_xor": "x1 ^ x2, of integers and booleans.",
    "invert": "~x, of integers and booleans.",
    "left_shift": "x1 << x2, x1 2^x2 of integers; 0 <= x2.",
    "right_shift": "x1 >> x2, the floor of x1 / 2^x2 of integers; 0 <= x2.",
    "nextafter": "The number after x1 on the way to x2.",
    "conjugate": "re(x) - i im(x).",
}

ALIASES = {
    "abs": "absolute", "true_divide": "divide", "mod": "remainder", "conj": "conjugate",
    "bitwise_not": "invert", "bitwise_invert": "invert", "bitwise_left_shift": "left_shift",
    "bitwise_right_shift": "right_shift", "pow": "power", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "atan2": "arctan2", "degrees": "rad2deg", "radians": "deg2rad",
}


def _ufunc(op, doc):
    """Register an operation as the meaning of NumPy's ufunc of the same name."""
    theirs = getattr(np, op.prim.name)
    return describe(numpy_function(meaning_of(op, theirs)), theirs, doc)


def meaning_of(op, theirs):
    """A function of operands as a ufunc: with its options, for any array-like."""
    def meaning(*args, **kwargs):
        if kwargs or len(args) != theirs.nin:
            return _with_options(op, theirs, args, **kwargs)
        return op(*[operand(x) for x in args])

    meaning.__name__ = meaning.__qualname__ = theirs.__name__
    meaning.__doc__ = getattr(op, "doc", op.__doc__)
    return meaning


def describe(function, ufunc, doc):
    """Give a public function the docstring, and the signature if NumPy tells it, of its ufunc."""
    function.__wrapped__.__doc__ = doc
    function.__doc__ = sourced(doc, f"numpy.{ufunc.__name__}")
    with contextlib.suppress(ValueError, TypeError):    # before NumPy 2.4 a ufunc does not tell
        function.__signature__ = inspect.signature(ufunc)
    return function


def _with_options(op, ufunc, args, out=None, *, where=True, dtype=None, casting="same_kind",
                  order="K", subok=True, signature=None):
    """A ufunc call with arguments beyond its operands."""
    name = ufunc.__name__
    if len(args) > ufunc.nin:
        *args, out = args
    if len(args) != ufunc.nin:
        raise TypeError(f"{name}() takes {ufunc.nin} operands but {len(args)} were given")
    refuse(name, "signature=", signature is not None, "dtype=, or x.astype(dtype)")
    args = [operand(x) for x in args]
    y = op(*args) if dtype is None else op(*_cast_to_loop(ufunc, args, dtype, casting))
    if out is not None:
        return write_into(out, y, casting, operand(where))
    return y if where is True else _masked(y, operand(where))


def _masked(y, where):
    """A result where a mask holds; elsewhere NumPy leaves any numbers: here, zeros."""
    if isinstance(y, tuple):
        return tuple([_masked(part, where) for part in y])
    return ops.select(where, y, constant(0, y))


def _cast_to_loop(ufunc, args, dtype, casting):
    """Cast the operands to the dtypes of the loop that gives this dtype of result."""
    wanted = (None,) * ufunc.nin + (np.dtype(dtype),)
    have = tuple([dtype_argument(aval_of(x)) for x in args])
    try:
        loop = ufunc.resolve_dtypes((*have, None), signature=wanted, casting=casting)
    except TypeError as error:
        raise DtypeError(f"{ufunc.__name__} has no loop for dtype={np.dtype(dtype)}",
                         got=str(error).splitlines()[0], instead="x.astype(dtype)") from None
    return [cast_to(x, d) for x, d in zip(args, loop, strict=False)]


for _name, _doc in _OPERATIONS.items():
    _ufunc(getattr(ops, _name), _doc)
for _op in (integers.gcd, integers.lcm, integers.bitwise_count):
    _ufunc(_op, _op.prim.doc)


# ---- composed ufuncs ----

def composed_ufunc(meaning):
    """Register a function of other operations as the meaning of the ufunc of its name."""
    theirs = getattr(np, meaning.__name__, None)
    if theirs is None:
        return numpy_function(meaning)

    def with_options(*args, **kwargs):
        if kwargs or len(args) != theirs.nin:
            return _with_options(meaning, theirs, args, **kwargs)
        return meaning(*args)

    with_options.__name__ = with_options.__qualname__ = meaning.__name__
    return describe(numpy_function(with_options), theirs, meaning.__doc__)


def _result_dtype(ufunc, *args):
    return ops.result_dtype(ufunc, *[dtype_argument(aval_of(x)) for x in args])


def _cast_to_result(ufunc, x):
    return cast_to(x, _result_dtype(ufunc, x))


@composed_ufunc
def float_power(x1, x2):
    """x1 ** x2 in at least float64."""
    x1, x2 = strong_operand(x1), strong_operand(x2)
    dtype = promoted_dtype(x1, x2, np.dtype(np.float64))
    return ops.power(cast_to(x1, dtype), cast_to(x2, dtype))


@composed_ufunc
def fabs(x):
    """|x| of real x, as a floating-point number."""
    return ops.absolute(_cast_to_result(np.fabs, operand(x)))


@composed_ufunc
def deg2rad(x):
    """x * pi / 180."""
    x = _cast_to_result(np.deg2rad, operand(x))
    return ops.multiply(x, constant(math.pi, x) / constant(180, x))


@composed_ufunc
def rad2deg(x):
    """x * 180 / pi."""
    x = _cast_to_result(np.rad2deg, operand(x))
    return ops.multiply(x, constant(180, x) / constant(math.pi, x))


@composed_ufunc
def heaviside(x1, x2):
    """0 where x1 < 0, x2 where x1 == 0, 1 where x1 > 0; its derivative in x1 is 0."""
    x1, x2 = [operand(x) for x in (x1, x2)]
    dtype = _result_dtype(np.heaviside, x1, x2)
    x1, x2 = cast_to(x1, dtype), cast_to(x2, dtype)
    step = ops.select(ops.less(x1, 0), dtype.type(0), dtype.type(1))
    step = ops.select(ops.equal(x1, 0), x2, step)
    return ops.select(ops.isnan(x1), dtype.type(np.nan), step)


@composed_ufunc
def divmod(x1, x2):
    """(x1 // x2, x1 % x2)."""
    x1, x2 = operand(x1), operand(x2)
    return ops.floor_divide(x1, x2), ops.remainder(x1, x2)


@composed_ufunc
def modf(x):
    """(fractional part, integral part), both with the sign of x."""
    x = _cast_to_result(np.fabs, operand(x))
    whole = ops.trunc(x)
    fraction = ops.select(ops.isinf(x), constant(0, whole), ops.subtract(x, whole))
    return ops.copysign(fraction, x), whole


@composed_ufunc
def frexp(x):
    """(m, e) with x = m 2**e and 1/2 <= |m| < 1, e an integer; the derivative of m is 2**-e."""
    x = operand(x)
    return integers.mantissa(x), integers.exponent(x)


@composed_ufunc
def ldexp(x1, x2):
    """x1 * 2 ** x2, x2 an integer."""
    x1, x2 = _cast_to_result(np.fabs, operand(x1)), strong_operand(x2)
    if dtype_of(x2).kind not in "biu":
        raise DtypeError("ldexp: the exponent is an integer", got=str(dtype_of(x2)),
                         instead="x * np.exp2(y)")
    return ops.multiply(x1, ops.exp2(cast_to(x2, dtype_of(x1))))


@composed_ufunc
def spacing(x):
    """The distance from x to the next number away from 0; its derivative is 0."""
    x = _cast_to_result(np.spacing, operand(x))
    return ops.subtract(ops.nextafter(x, ops.copysign(constant(np.inf, x), x)), x)


for _name, _of in ALIASES.items():
    PUBLIC[_name] = PUBLIC[_of]
    MEANINGS[getattr(np, _name)] = PUBLIC[_of].__wrapped__


# ---- ufuncs of scipy.special ----

def special_function(ufunc):
    """The meaning of a ufunc of scipy.special, or MissingRuleError."""
    record = special.RECORDS.get(ufunc.__name__)
    if record is None or ops.SciPyUfunc(ufunc.__name__).resolve() is not ufunc:
        raise MissingRuleError(f"no rule is known for the ufunc {ufunc.__name__}",
                               got=f"np.{ufunc.__name__} of a traced value",
                               wanted="one of the functions of isograd.numpy",
                               instead="functions it is made of, or isograd.custom_jvp")
    return meaning_of(record, ufunc)
