"""Reductions: operations that fold the axes in `axes` (a tuple, not negative) to one value.

`sum` stands in linear.py. Inside this file max, min, any and all are the operations.
"""

from __future__ import annotations

import numpy as np

from ..aval import Aval, aval_of
from ..errors import ShapeError
from ..primitive import Primitive, formulas, no_derivative
from ..trace import bind
from .elementwise import divide, equal, maximum, scale, select
from .index import take_range
from .linear import (
    axes_shifted,
    broadcast_to,
    cast_to,
    constant,
    permute,
    reduced_shape,
    reshape,
    spread,
    sum,
    sum_dtype,
    unary_batch,
)
from .movement import concatenate, flip
from .scan import cumprod

INT64, BOOL = np.dtype(np.int64), np.dtype(bool)


def prod(x, axes):
    """The product over axes; NumPy multiplies booleans and small integers in 64 bits."""
    return bind(prod_p, x, axes=axes) if axes else cast_to(x, sum_dtype(aval_of(x).dtype))


def max(x, axes):
    """The largest element; NaN wins. Equal elements share the derivative equally."""
    return bind(max_p, x, axes=axes) if axes else x


def min(x, axes):
    """The smallest element; NaN wins. Equal elements share the derivative equally."""
    return bind(min_p, x, axes=axes) if axes else x


def any(x, axes):
    """Whether an element is not zero; NaN is not zero."""
    return bind(any_p, x, axes=axes) if axes else cast_to(x, BOOL)


def all(x, axes):
    """Whether no element is zero; NaN is not zero."""
    return bind(all_p, x, axes=axes) if axes else cast_to(x, BOOL)


def argmax(x, axes):
    """The place of the first largest element or NaN, counted in C order over axes; int64."""
    return bind(argmax_p, x, axes=axes)


def argmin(x, axes):
    """The place of the first smallest element or NaN, counted in C order over axes; int64."""
    return bind(argmin_p, x, axes=axes)


def _reduction(name, impl, dtype, jvp, doc, empty=True):
    """Define a reduction; `dtype(x's dtype)` is the result's. `empty`: whether it has an identity.
    """
    def aval(x, *, axes):
        if not empty:
            _require_elements(name, x.shape, axes)
        return Aval(reduced_shape(x, axes), dtype(x.dtype))
    return Primitive(name, "reduce", impl, aval, jvp, batch=unary_batch(axes_shifted), doc=doc)


def _ufunc_reduce(ufunc):
    return lambda x, *, axes: ufunc.reduce(x, axis=axes)


# ---- any and all ----

any_p = _reduction("any", _ufunc_reduce(np.logical_or), lambda dtype: BOOL, no_derivative,
                   "Whether an element over `axes` is not zero.")
all_p = _reduction("all", _ufunc_reduce(np.logical_and), lambda dtype: BOOL, no_derivative,
                   "Whether no element over `axes` is zero.")


# ---- product ----

def _prod_tangent(g, out, x, *, axes):
    """The sum of g_i times the product of the others, those before x_i and those behind it.

    Right where elements are zero, and where products of elements far apart overflow.
    """
    x, g = _axes_first(x, axes), _axes_first(g, axes)
    if aval_of(x).shape[0] == 0:
        return sum(g, (0,))
    behind = flip(_products_before(flip(x, axes=(0,))), axes=(0,))
    return sum(scale(g, scale(_products_before(x), behind)), (0,))


def _products_before(x):
    """1, x[0], x[0] x[1], ..., without the product of all."""
    n, *rest = aval_of(x).shape
    one = broadcast_to(constant(1, x), (1, *rest))
    return concatenate([one, cumprod(take_range(x, 0, 0, n - 1), 0)], 0)


def _axes_first(x, axes):
    """Bring axes to the front and join them to one."""
    aval = aval_of(x)
    rest = tuple([i for i in range(aval.ndim) if i not in axes])
    return reshape(permute(x, axes + rest), (_count(aval.shape, axes), *reduced_shape(aval, axes)))


def _count(shape, axes):
    """How many elements are folded to one."""
    return Aval(tuple([shape[i] for i in axes]), None).size


prod_p = _reduction("prod", _ufunc_reduce(np.multiply), sum_dtype, formulas(_prod_tangent),
                    "The product over `axes`.")


# ---- extrema ----

def _require_elements(name, shape, axes):
    for i in axes:
        if shape[i] == 0:
            raise ShapeError(f"{name} over an axis without elements",
                             got=f"axis {i} of shape {shape}", wanted="at least one element",
                             instead="the argument initial=")


def _shared_by_ties(g, out, x, *, axes):
    """The mean of the tangents of all elements that equal the extremum."""
    chosen = equal(x, spread(out, aval_of(x).shape, axes))
    total = sum(select(chosen, g, constant(0, g)), axes)
    ties = maximum(sum(chosen, axes), 1)    # there is none if the extremum is NaN
    return divide(total, cast_to(ties, aval_of(out).dtype))


def _extremum(name, ufunc):
    def impl(x, *, axes):
        _require_elements(name, np.shape(x), axes)
        return ufunc.reduce(x, axis=axes)
    return _reduction(name, impl, lambda dtype: dtype, formulas(_shared_by_ties),
                      f"The {name} over `axes`; NaN wins.", empty=False)


max_p = _extremum("max", np.maximum)
min_p = _extremum("min", np.minimum)


def _place_of_extremum(name, find):
    def impl(x, *, axes):
        x = np.asarray(x)
        _require_elements(name, x.shape, axes)
        rest = tuple([i for i in range(x.ndim) if i not in axes])
        lines = x.transpose(rest + axes).reshape(*[x.shape[i] for i in rest], _count(x.shape, axes))
        return np.asarray(find(lines, -1), INT64)[()]
    return _reduction(name, impl, lambda dtype: INT64, no_derivative,
                      f"The place of the first {name[3:]}imum in C order over `axes`.", empty=False)


argmax_p = _place_of_extremum("argmax", np.argmax)
argmin_p = _place_of_extremum("argmin", np.argmin)
