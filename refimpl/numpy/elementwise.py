"""Elementwise functions that are no ufuncs: choice, rounding, complex parts, closeness."""

from __future__ import annotations

import math

import numpy as np

from ..aval import aval_of
from ..errors import ArgumentError, DtypeError
from ..mutation import NUMPYS, frozen, owned, write_into
from ..ops import elementwise as ops
from ..ops import reduce
from ..ops.linear import cast_to, constant
from .common import (
    dtype_of,
    many_axes,
    ndim_of,
    operand,
    promoted_dtype,
    shape_of,
    strong_operand,
    to_float,
    zeros_of,
)
from .function import (
    UNSET,
    VIEWS,
    alias,
    extended_function,
    numpy_function,
    refuse,
    refuse_out,
)
from .places import nonzero_places
from .views import view

# ---- choice ----

@extended_function("size", "fill_value")
def where(condition, x=None, y=None, /, *, size=None, fill_value=None):
    """x where the condition holds, else y. With the condition alone: nonzero, with its keywords."""
    if x is None and y is None:
        return nonzero_places(condition, size, fill_value)
    if x is None or y is None:
        raise ArgumentError("where: either both x and y or neither", got="one of them")
    return ops.select(operand(condition), operand(x), operand(y))


@numpy_function
def clip(a, a_min=UNSET, a_max=UNSET, out=None, *, min=UNSET, max=UNSET, **kwargs):
    """minimum(maximum(a, min), max); at a bound the derivative is that of a tie, 1/2."""
    refuse_out(out, "clip")
    refuse("clip", "dtype= or where=", kwargs, "x.astype(dtype), np.where")
    low = min if a_min is UNSET else a_min
    high = max if a_max is UNSET else a_max
    a = strong_operand(a)
    if not _binds_nothing(low, a, -1):
        a = ops.maximum(a, operand(low))
    return a if _binds_nothing(high, a, 1) else ops.minimum(a, operand(high))


def _binds_nothing(bound, a, side):
    """No bound, or a Python integer beyond all integers of a's dtype."""
    if bound is None or bound is UNSET:
        return True
    if type(bound) is not int or dtype_of(a).kind not in "iu":
        return False
    limits = np.iinfo(dtype_of(a))
    return bound < limits.min if side < 0 else bound > limits.max


@numpy_function
def select(condlist, choicelist, default=0):
    """The first choice whose condition holds, else the default."""
    if len(condlist) != len(choicelist):
        raise ArgumentError("select: as many conditions as choices",
                            got=f"{len(condlist)} and {len(choicelist)}")
    choices = [operand(x) for x in choicelist]
    dtype = promoted_dtype(*choices, operand(default))
    result = cast_to(operand(default), dtype)
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        result = ops.select(operand(condition), cast_to(choice, dtype), result)
    return result


@numpy_function
def piecewise(x, condlist, funclist, *args, **kw):
    """Functions of x, each where its condition holds; every one is computed everywhere."""
    x = strong_operand(x)
    conditions = _several(condlist, ndim_of(x))
    values = [f(x, *args, **kw) if callable(f) else f for f in funclist]
    y = values.pop() if len(values) == len(conditions) + 1 else 0
    for condition, value in zip(conditions, values, strict=True):
        y = ops.select(operand(condition), operand(value), operand(y))
    return cast_to(y, dtype_of(x))


def _several(conditions, ndim):
    """A list of conditions; NumPy takes a single one too, also as a list of truth values."""
    if isinstance(conditions, (list, tuple)) and (ndim == 0 or ndim_of(operand(conditions[0]))):
        return conditions
    conditions = operand(conditions)
    return list(conditions) if ndim_of(conditions) > ndim else [conditions]


# ---- complex numbers ----

def _back_to_real(theirs, x, y):
    return ops.add(y, ops.multiply(constant(1j, x), ops.imag(x)))


def _back_to_imag(theirs, x, y):
    return ops.add(ops.real(x), ops.multiply(constant(1j, x), y))


@numpy_function
@view(_back_to_real)
def real(val):
    """The real part."""
    val = strong_operand(val)
    return ops.real(val) if dtype_of(val).kind == "c" else val


@numpy_function
def imag(val):
    """The imaginary part; zeros for real arrays."""
    val = strong_operand(val)
    if dtype_of(val).kind == "c":
        return _imag(val)
    return frozen(zeros_of(shape_of(val), dtype_of(val)), NUMPYS)


VIEWS.add(imag.__wrapped__)


@view(_back_to_imag, np.imag)
def _imag(val):
    return ops.imag(val)


@numpy_function
def angle(z, deg=False):
    """arctan2(imag(z), real(z)), in radians or degrees."""
    z = strong_operand(z)
    result = ops.arctan2(imag(z), real(z)) if dtype_of(z).kind == "c" else ops.arctan2(0, z)
    return ops.multiply(result, 180 / math.pi) if deg else result


@numpy_function
def isreal(x):
    """imag(x) == 0."""
    return ops.equal(imag(x), 0)


@numpy_function
def iscomplex(x):
    """imag(x) != 0."""
    return ops.not_equal(imag(x), 0)


@numpy_function
def iscomplexobj(x):
    """Whether the dtype is complex."""
    return dtype_of(operand(x)).kind == "c"


@numpy_function
def isrealobj(x):
    """Whether the dtype is not complex."""
    return dtype_of(operand(x)).kind != "c"


# ---- rounding and special values ----

@numpy_function
def round(a, decimals=0, out=None):
    """rint(a * 10**decimals) / 10**decimals; the derivative is 0."""
    refuse_out(out, "round")
    a = strong_operand(a)
    kind = dtype_of(a).kind
    if kind == "b" and decimals:
        raise DtypeError("round: a truth value has no decimals", got=str(aval_of(a)))
    if kind in "iu":
        return a if decimals >= 0 else cast_to(round(to_float(a), decimals), dtype_of(a))
    if decimals == 0:
        return ops.rint(a)
    if kind == "c":
        return _round_complex(a, decimals)
    scale, unscale = (ops.multiply, ops.divide) if decimals > 0 else (ops.divide, ops.multiply)
    power = 10.0 ** (decimals if decimals > 0 else -decimals)
    return unscale(ops.rint(scale(a, power)), power)


def _round_complex(a, decimals):
    """The parts, rounded: x + 1j y. For an infinite y, 1j y has a NaN; rint(a) has y as it is."""
    x, y = ops.real(a), ops.imag(a)
    rounded = round(x, decimals)
    joined = ops.add(rounded, ops.multiply(constant(1j, a), round(y, decimals)))
    more = ops.select(ops.isfinite(x), ops.subtract(rounded, ops.rint(x)), constant(0, x))
    return ops.select(ops.isfinite(y), joined, ops.add(ops.rint(a), more))


alias("around", round)


@numpy_function
def fix(x, out=None):
    """Round towards zero."""
    refuse_out(out, "fix")
    x = strong_operand(x)
    return x if dtype_of(x).kind in "biu" else ops.trunc(x)


@numpy_function
def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Replace NaN and infinities by numbers; their derivative is 0."""
    x = strong_operand(x)
    y = _without_nan(x, nan, posinf, neginf)
    return owned(y, (x,)) if copy else write_into(x, y)


VIEWS.add(nan_to_num.__wrapped__)


def _without_nan(x, nan, posinf, neginf):
    if dtype_of(x).kind == "c":
        parts = [_without_nan(part, nan, posinf, neginf) for part in (ops.real(x), ops.imag(x))]
        return ops.add(parts[0], ops.multiply(parts[1], 1j))
    if dtype_of(x).kind != "f":
        return x
    limits = np.finfo(dtype_of(x))
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    y = ops.select(ops.isnan(x), constant(nan, x), x)
    y = ops.select(ops.equal(x, np.inf), constant(high, x), y)
    return ops.select(ops.equal(x, -np.inf), constant(low, x), y)


@numpy_function
def isposinf(x, out=None):
    """x == inf."""
    return _is_infinity("isposinf", x, np.inf, out)


@numpy_function
def isneginf(x, out=None):
    """x == -inf."""
    return _is_infinity("isneginf", x, -np.inf, out)


def _is_infinity(name, x, infinity, out):
    refuse_out(out, name)
    x = operand(x)
    if dtype_of(x).kind == "c":
        raise DtypeError(f"{name}: complex numbers have no sign", got=str(aval_of(x)))
    return ops.equal(x, infinity)


@numpy_function
def sinc(x):
    """sin(pi x) / (pi x), and 1 at 0; near 0 by its series, for the quotient's derivatives cancel.
    """
    y = ops.multiply(math.pi, to_float(strong_operand(x)))
    near = ops.less(ops.absolute(y), 0.5)
    far = ops.select(near, constant(1, y), y)
    return ops.select(near, _sinc_series(ops.select(near, y, constant(0, y))),
                      ops.divide(ops.sin(far), far))


def _sinc_series(y):
    """1 - y^2 / 3! + y^4 / 5! - ... to y^14: what is left is below 1e-19 for |y| < 1/2."""
    square, series = ops.square(y), constant(1, y)
    for n in (14, 12, 10, 8, 6, 4, 2):
        series = ops.subtract(constant(1, y), ops.multiply(ops.divide(square, n * (n + 1)), series))
    return series


def root(x):
    """sqrt of a sum of squares: its derivative at 0 is finite, so that norms of zeros have one."""
    zero = ops.equal(x, 0)
    return ops.select(zero, x, ops.sqrt(ops.select(zero, constant(1, x), x)))


# ---- closeness ----

@numpy_function
def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """|a - b| <= atol + rtol |b|, elementwise; infinities of one sign are close."""
    a, b = operand(a), to_float(strong_operand(b))
    bound = ops.add(operand(atol), ops.multiply(operand(rtol), ops.absolute(b)))
    near = ops.less_equal(ops.absolute(ops.subtract(a, b)), bound)
    result = ops.logical_or(ops.logical_and(near, ops.isfinite(b)), ops.equal(a, b))
    if not equal_nan:
        return result
    return ops.logical_or(result, ops.logical_and(ops.isnan(a), ops.isnan(b)))


@numpy_function
def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all elements are close, as isclose says."""
    return _all(isclose(a, b, rtol, atol, equal_nan))


@numpy_function
def array_equal(a1, a2, equal_nan=False):
    """Whether two arrays have one shape and equal elements."""
    a1, a2 = strong_operand(a1), strong_operand(a2)
    if shape_of(a1) != shape_of(a2):
        return False
    same = ops.equal(a1, a2)
    if equal_nan:
        same = ops.logical_or(same, ops.logical_and(ops.isnan(a1), ops.isnan(a2)))
    return _all(same)


@numpy_function
def array_equiv(a1, a2):
    """Whether two arrays broadcast together and have equal elements."""
    a1, a2 = strong_operand(a1), strong_operand(a2)
    try:
        return _all(ops.equal(a1, a2))
    except ValueError:
        return False


def _all(x):
    return reduce.all(x, many_axes(None, ndim_of(x), "all"))


@numpy_function
def astype(x, dtype, /, *, copy=True, device=None):
    """x with another dtype (complex to real: the real part); copy=False gives x if it has it."""
    y = cast_to(operand(x), np.dtype(dtype))
    return owned(y, (x,)) if copy else y


VIEWS.add(astype.__wrapped__)
