"""Means, variances and covariances; ignoring NaN or not."""

from __future__ import annotations

from math import prod

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ops import elementwise as ops
from ..ops.linear import broadcast_to, cast_to, constant, permute, reshape
from .common import (
    dtype_of,
    expand,
    is_traced,
    keep_axes,
    many_axes,
    ndim_of,
    operand,
    promoted_dtype,
    shape_of,
    size_of,
    strong_operand,
    to_float,
)
from .elementwise import clip, imag, real, root
from .function import UNSET, numpy_function, refuse, refuse_out
from .joining import concatenate
from .manipulation import squeeze, transpose
from .matrices import diag
from .products import dot
from .reductions import masked, nansum, prepare, sum, total, without_nan

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


# ---- mean ----

def _count(a, axes, where):
    """How many elements each result has, as a number or, with a mask, an array."""
    if where is UNSET or where is True:
        return prod([shape_of(a)[i] for i in axes])
    return total(broadcast_to(operand(where), shape_of(a)), axes)


def _mean(a, axes, where):
    """The sum divided by the number of elements, axes folded away."""
    return ops.divide(total(masked(a, where, 0), axes), _count(a, axes, where))


def _wide(a):
    """NumPy adds half precision in single precision."""
    return cast_to(a, FLOAT32) if dtype_of(a) == np.float16 else a


@numpy_function
def mean(a, axis=None, dtype=None, out=None, keepdims=UNSET, *, where=UNSET):
    """The sum divided by the number of elements."""
    a = to_float(strong_operand(a), dtype)
    a, axes = prepare("mean", a, axis, None, out)
    y = cast_to(_mean(_wide(a), axes, where), dtype_of(a))
    return keep_axes(y, a, axes, keepdims)


@numpy_function
def average(a, axis=None, weights=None, returned=False, *, keepdims=UNSET):
    """The mean with weights: sum(a w) / sum(w)."""
    a = strong_operand(a)
    if weights is None:
        y = mean(a, axis, keepdims=keepdims)
        weight = constant(size_of(a) / size_of(y), y)
    else:
        weights = _fitting_weights(strong_operand(weights), a, axis)
        dtype = promoted_dtype(a, weights, *[FLOAT64] * (dtype_of(a).kind in "biu"))
        weight = sum(weights, axis, dtype, keepdims=keepdims)
        products = ops.multiply(cast_to(a, dtype), cast_to(weights, dtype))
        y = ops.divide(sum(products, axis, keepdims=keepdims), weight)
    return (y, broadcast_to(weight, shape_of(y))) if returned else y


def _fitting_weights(weights, a, axis):
    """Weights of a's shape, or one for each place along the axes."""
    if shape_of(weights) == shape_of(a):
        return weights
    if axis is None:
        raise ArgumentError("average: weights of another shape than the array need axis=",
                            got=f"{shape_of(weights)} for {shape_of(a)}")
    axes = axis if isinstance(axis, tuple) else (axis,)
    axes = [many_axes(i, ndim_of(a), "average")[0] for i in axes]
    wanted = tuple([shape_of(a)[i] for i in axes])
    if shape_of(weights) != wanted:
        raise ShapeError("average: the weights do not fit the axes", got=str(shape_of(weights)),
                         wanted=f"{shape_of(a)} or {wanted}")
    ordered = permute(weights, tuple(np.argsort(axes).tolist()))
    return reshape(ordered, tuple([n if i in axes else 1 for i, n in enumerate(shape_of(a))]))


# ---- variance ----

@numpy_function
def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=UNSET, *, where=UNSET, mean=UNSET,
        correction=UNSET):
    """sum(|a - mean(a)|^2) / (n - ddof), in two passes."""
    ddof = ddof if correction is UNSET else correction
    a = _deviating("var", a, dtype)
    a, axes = prepare("var", a, axis, None, out)
    center = expand(_mean(a, axes, where), axes) if mean is UNSET else operand(mean)
    squares = masked(squared_size(ops.subtract(a, center)), where, 0)
    n = _count(a, axes, where)
    divisor = ops.maximum(ops.subtract(n, ddof), 0) if is_traced(n) else np.maximum(n - ddof, 0)
    y = ops.divide(total(squares, axes), divisor)
    return keep_axes(cast_to(y, _variance_dtype(a, dtype)), a, axes, keepdims)


def _deviating(name, a, dtype):
    """Numbers that have a variance: real or complex, in the dtype that the caller asks for."""
    a = strong_operand(a)
    kinds = {"c": "c"}.get(dtype_of(a).kind, "fc")
    refuse(name, f"dtype={dtype}", dtype is not None and np.dtype(dtype).kind not in kinds,
           "x.astype(dtype)")
    return to_float(a, dtype)


def squared_size(x):
    """|x|^2, without a square root."""
    if dtype_of(x).kind != "c":
        return ops.square(x)
    return ops.add(ops.square(real(x)), ops.square(imag(x)))


def _variance_dtype(a, dtype):
    return np.zeros((), dtype_of(a)).real.dtype if dtype is None else np.dtype(dtype)


@numpy_function
def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=UNSET, *, where=UNSET, mean=UNSET,
        correction=UNSET):
    """The square root of var; its derivative at constant a is 0."""
    return root(var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean,
                    correction=correction))


# ---- ignoring NaN ----

def _present(a):
    return ops.logical_not(ops.isnan(a))


@numpy_function
def nanmean(a, axis=None, dtype=None, out=None, keepdims=UNSET, *, where=UNSET):
    """The mean of the elements that are not NaN."""
    a = to_float(strong_operand(a), dtype)
    n = sum(_present(a), axis, keepdims=keepdims, where=where)
    y = ops.divide(nansum(_wide(a), axis, None, out, keepdims, where=where), n)
    return cast_to(y, dtype_of(a))


@numpy_function
def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=UNSET, *, where=UNSET, mean=UNSET,
           correction=UNSET):
    """The variance of the elements that are not NaN; NaN where there are no more than ddof."""
    refuse_out(out, "nanvar")
    ddof = ddof if correction is UNSET else correction
    a = to_float(strong_operand(a), dtype)
    center = nanmean(a, axis, keepdims=True, where=where) if mean is UNSET else operand(mean)
    n = sum(_present(a), axis, keepdims=keepdims, where=where)
    squares = without_nan(squared_size(ops.subtract(a, center)), 0)
    y = ops.divide(sum(squares, axis, keepdims=keepdims, where=where), ops.subtract(n, ddof))
    enough = ops.greater(n, ddof)
    return cast_to(ops.select(enough, y, constant(np.nan, y)), _variance_dtype(a, dtype))


@numpy_function
def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=UNSET, *, where=UNSET, mean=UNSET,
           correction=UNSET):
    """The square root of nanvar."""
    return root(nanvar(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean,
                       correction=correction))


# ---- covariance ----

@numpy_function
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *,
        dtype=None):
    """The covariance of the rows of m (and y): mean((x - mean x) conj(y - mean y))."""
    vector = ndim_of(strong_operand(m)) < 2
    m = _two_axes(m)
    x = m if rowvar or vector else transpose(m)
    if y is not None:
        y = _two_axes(y)
        x = concatenate([x, y if rowvar or shape_of(y)[0] == 1 else transpose(y)], 0)
    x = cast_to(x, np.dtype(dtype) if dtype else promoted_dtype(x, FLOAT64))
    ddof = (0 if bias else 1) if ddof is None else ddof
    w = _sample_weights(fweights, aweights)
    mean_x, weight = average(x, 1, w, returned=True)
    if w is None:
        n = shape_of(x)[1] - ddof
    else:
        loss = ddof if aweights is None else ddof * sum(w * operand(aweights)) / weight[0]
        n = weight[0] - loss
    centered = x - mean_x[:, None]
    weighted = centered if w is None else centered * w
    return squeeze(dot(centered, ops.conjugate(transpose(weighted))) * ops.divide(1.0, n))


def _two_axes(x):
    """Variables in rows, samples in columns."""
    x = strong_operand(x)
    if ndim_of(x) > 2:
        raise ShapeError("cov: at most two axes", got=str(shape_of(x)))
    return x if ndim_of(x) == 2 else reshape(x, (1, size_of(x)))


def _sample_weights(fweights, aweights):
    given = [to_float(strong_operand(w)) for w in (fweights, aweights) if w is not None]
    return ops.multiply(*given) if len(given) == 2 else given[0] if given else None


@numpy_function
def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    """cov(x, y) / sqrt(var x var y), clipped to [-1, 1]."""
    c = cov(x, y, rowvar, dtype=dtype)
    if not ndim_of(c):
        return ops.divide(c, c)
    size = ops.sqrt(real(diag(c)))
    c = c / size[:, None] / size[None, :]
    if dtype_of(c).kind == "c":
        return clip(real(c), -1, 1) + 1j * clip(imag(c), -1, 1)
    return clip(c, -1, 1)
