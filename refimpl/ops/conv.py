"""Convolution, as it is called in machine learning: products with a window that slides.

For each group g, example n and output feature o, at each place i (a tuple, one number an axis):

    z[g, n, o, i] = sum over c, k of x[g, n, c, i * stride + k * dilation] * w[g, o, c, k]

Everything else is data movement before and after: zeros around or between the elements of x are
`pad`, groups of features or of examples are a reshape. The derivatives are convolutions too: that
in w is one in which the roles of stride and dilation are exchanged. Dumoulin and Visin, *A guide
to convolution arithmetic for deep learning*, 2016.
"""

from __future__ import annotations

import numpy as np

from ..aval import Aval, aval_of, dtype_argument
from ..errors import MissingRuleError, ShapeError
from ..graph import Var
from ..primitive import Primitive, formulas
from ..trace import bind
from .elementwise import result_dtype
from .linear import broadcast_to, moveaxis, permute, reshape, unbroadcast
from .movement import flip, pad, slice_

N_LEADING = 3       # group, example, feature: the axes before the places


def conv(x, w, strides, dilation):
    """Slide w (group, output feature, input feature, places) over x (group, example, input
    feature, places).

    strides, dilation: tuples of positive ints, one for each axis of places. The result has the
    axes group, example, output feature, places. Raises ShapeError.
    """
    return bind(conv_p, x, w, strides=strides, dilation=dilation)


def extents(sizes, dilation):
    """How far a window reaches: the places from its first to its last element."""
    return tuple([(n - 1) * d + 1 for n, d in zip(sizes, dilation, strict=True)])


def n_places(sizes, window, strides, dilation):
    """How many places the window can take in each axis."""
    return tuple([max((n - reach) // s + 1, 0) for n, reach, s in
                  zip(sizes, extents(window, dilation), strides, strict=True)])


# ---- meaning ----

def _conv_impl(x, w, *, strides, dilation):
    dtype = np.result_type(x, w)
    x, w = np.asarray(x, dtype), np.asarray(w, dtype)
    groups, features, window = w.shape[0], w.shape[1], w.shape[N_LEADING:]
    places = n_places(x.shape[N_LEADING:], window, strides, dilation)
    seen = _windows(x, window, places, strides, dilation)
    rows = seen.reshape(groups, x.shape[1] * _size(places), w.shape[2] * _size(window))
    z = rows @ w.reshape(groups, features, -1).swapaxes(1, 2)
    z = z.reshape(groups, x.shape[1], *places, features)
    return np.ascontiguousarray(np.moveaxis(z, -1, 2))


def _windows(x, window, places, strides, dilation):
    """x[g, n, c, i * stride + k * dilation] with the axes g, n, i, c, k."""
    if not _size(places):
        return np.zeros((*x.shape[:2], *places, x.shape[2], *window), x.dtype)
    n, axes = len(window), tuple(range(N_LEADING, x.ndim))
    seen = np.lib.stride_tricks.sliding_window_view(x, extents(window, dilation), axes)
    seen = seen[(..., *[slice(None, None, s) for s in strides],
                 *[slice(None, None, d) for d in dilation])]
    return np.moveaxis(seen, 2, 2 + n)


def _size(shape):
    return Aval(tuple(shape), None).size


def _conv_aval(x, w, *, strides, dilation):
    window, n = w.shape[N_LEADING:], len(strides)
    if not x.ndim == w.ndim == N_LEADING + n == N_LEADING + len(dilation):
        raise ShapeError("conv: three leading axes, and a stride and a dilation for each other one",
                         got=f"{x}, {w}, strides {strides}, dilation {dilation}")
    if 0 in window:
        raise ShapeError("conv: a window without elements", got=str(w))
    if x.shape[0] != w.shape[0] or x.shape[2] != w.shape[2]:
        raise ShapeError("conv: groups and input features of both operands are equal in number",
                         got=f"{x} and {w}")
    places = n_places(x.shape[N_LEADING:], window, strides, dilation)
    return Aval((x.shape[0], x.shape[1], w.shape[1], *places),
                result_dtype(np.matmul, dtype_argument(x), dtype_argument(w)))


# ---- transposes ----

def _conv_transpose(ct, args, params):
    x, w = args
    if type(x) is type(w) is Var:
        raise MissingRuleError("conv is linear in one operand at a time, not in both")
    if type(x) is Var:
        return unbroadcast(_pull_x(ct, x.aval, w, **params), x.aval), None
    return None, unbroadcast(_pull_w(ct, x, w.aval, **params), w.aval)


def _pull_x(ct, x, w, strides, dilation):
    """ct, its elements a stride apart, in the window turned round: each element of x gets what it
    gave. Behind the last place there may be elements of x that were never seen."""
    sizes, window = x.shape[N_LEADING:], aval_of(w).shape[N_LEADING:]
    if not aval_of(ct).size or not aval_of(w).size:
        return broadcast_to(x.dtype.type(0), x.shape)
    config = []
    for n, m, s, reach in zip(sizes, aval_of(ct).shape[N_LEADING:], strides,
                              extents(window, dilation), strict=True):
        seen = (m - 1) * s + reach
        config.append((reach - 1, reach - 1 + n - seen, s - 1))
    w = flip(w, axes=tuple(range(N_LEADING, N_LEADING + len(window))))
    return conv(pad(ct, ((0, 0, 0),) * N_LEADING + tuple(config)), _swap(w, 1, 2),
                (1,) * len(window), dilation)


def _pull_w(ct, x, w, strides, dilation):
    """Element k of w met x[i * stride + k * dilation] for each i: x under the window ct, with the
    examples for features, and stride and dilation exchanged."""
    window = w.shape[N_LEADING:]
    if not aval_of(ct).size or not aval_of(x).size:
        return broadcast_to(w.dtype.type(0), w.shape)
    out = _swap(conv(_swap(x, 1, 2), _swap(ct, 1, 2), dilation, strides), 1, 2)
    shape = w.shape[:N_LEADING] + window
    return slice_(out, (0,) * len(shape), shape, (1,) * len(shape))


def _swap(x, i, j):
    order = list(range(aval_of(x).ndim))
    order[i], order[j] = order[j], order[i]
    return permute(x, tuple(order))


# ---- batches ----

def _conv_batch(prim, size, args, batched, params):
    """Two batches are more groups; one of x is more examples, one of w more output features."""
    x, w = args
    if all(batched):
        inner = aval_of(x).shape[1]
        return _split(conv(_join(x, 0), _join(w, 0), **params), 0, size, inner), True
    inner = aval_of(x if batched[0] else w).shape[2]
    if batched[0]:
        return _split(conv(_join(moveaxis(x, 0, 1), 1), w, **params), 1, size, inner), True
    return _split(conv(x, _join(moveaxis(w, 0, 1), 1), **params), 2, size, inner), True


def _join(x, axis):
    """Make one axis of an axis and the next."""
    shape = aval_of(x).shape
    return reshape(x, (*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2:]))


def _split(z, axis, size, inner):
    """Take the batch axis out of an axis that it was joined to, and bring it to the front."""
    shape = aval_of(z).shape
    return moveaxis(reshape(z, (*shape[:axis], size, inner, *shape[axis + 1:])), axis, 0)


conv_p = Primitive(
    "conv", "conv", _conv_impl, _conv_aval,
    formulas(lambda g, z, x, w, **params: conv(g, w, **params),
             lambda g, z, x, w, **params: conv(x, g, **params)),
    _conv_transpose, _conv_batch, doc="Products with a window that slides over the last axes.")
