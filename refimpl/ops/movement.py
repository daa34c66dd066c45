"""Data movement: operations that place elements and compute nothing."""

from __future__ import annotations

import numpy as np

from ..aval import Aval, aval_of
from ..errors import DtypeError, ShapeError
from ..graph import Var
from ..primitive import Primitive, linear, no_derivative
from ..trace import bind
from .linear import broadcast_to, operation, reshape, unary_batch

# ---- slice and pad: each other's transpose ----

def slice_(x, starts, stops, steps):
    """x[starts:stops:steps], one entry an axis, steps >= 1, 0 <= start <= stop <= size."""
    return bind(slice_p, x, starts=starts, stops=stops, steps=steps)


def _slice_impl(x, *, starts, stops, steps):
    return np.asarray(x)[tuple(map(slice, starts, stops, steps))]


def _slice_aval(x, *, starts, stops, steps):
    shape = tuple(len(range(*t)) for t in zip(starts, stops, steps, strict=True))
    return Aval(shape, x.dtype)


def _slice_transpose(ct, args, params):
    shape, starts, steps = args[0].aval.shape, params["starts"], params["steps"]
    used = [a + (n - 1) * s + 1 if n else a
            for a, n, s in zip(starts, aval_of(ct).shape, steps, strict=True)]
    config = tuple((a, n - u, s - 1)
                   for a, n, u, s in zip(starts, shape, used, steps, strict=True))
    return (pad(ct, config),)


slice_p = Primitive(
    "slice", "movement", _slice_impl, _slice_aval, linear, _slice_transpose,
    unary_batch(lambda size, x, params: {
        "starts": (0, *params["starts"]), "stops": (size, *params["stops"]),
        "steps": (1, *params["steps"])}),
    doc="x[start:stop:step] in each axis.")


def first_along(x, axis):
    """The first element along an axis, which goes."""
    shape = aval_of(x).shape
    stops = (*shape[:axis], 1, *shape[axis + 1:])
    first = slice_(x, (0,) * len(shape), stops, (1,) * len(shape))
    return reshape(first, (*shape[:axis], *shape[axis + 1:]))


def pad(x, config):
    """Put zeros around and between: (low, high, interior) for each axis, none negative."""
    return x if not any(map(any, config)) else bind(pad_p, x, config=config)


def _pad_shape(shape, config):
    return tuple(low + n + max(n - 1, 0) * inner + high
                 for n, (low, high, inner) in zip(shape, config, strict=True))


def _pad_impl(x, *, config):
    x = np.asarray(x)
    out = np.zeros(_pad_shape(x.shape, config), x.dtype)
    out[_pad_place(x.shape, config)] = x
    return out


def _pad_place(shape, config):
    return tuple(slice(low, low + n + max(n - 1, 0) * inner, inner + 1)
                 for n, (low, _, inner) in zip(shape, config, strict=True))


def _pad_transpose(ct, args, params):
    place = _pad_place(args[0].aval.shape, params["config"])
    return (slice_(ct, *(tuple(getattr(s, name) for s in place)
                         for name in ("start", "stop", "step"))),)


pad_p = Primitive(
    "pad", "movement", _pad_impl,
    lambda x, *, config: Aval(_pad_shape(x.shape, config), x.dtype), linear, _pad_transpose,
    unary_batch(lambda size, x, params: {"config": ((0, 0, 0), *params["config"])}),
    doc="Zeros around and between the elements.")


# ---- flip ----

flip_p = Primitive(
    "flip", "movement", lambda x, *, axes: np.flip(x, axes),
    lambda x, *, axes: Aval(x.shape, x.dtype), linear,
    lambda ct, args, params: (bind(flip_p, ct, **params),),
    unary_batch(lambda size, x, params: {"axes": tuple(a + 1 for a in params["axes"])}),
    doc="Reverse the order of elements along `axes`.")
flip = operation(flip_p)


# ---- concatenate ----

def concatenate(arrays, axis):
    """Join arrays of one dtype along an existing axis (not negative)."""
    return bind(concatenate_p, *arrays, axis=axis)


def _concatenate_aval(*avals, axis):
    first = avals[0]
    for a in avals:
        if a.dtype != first.dtype:
            raise DtypeError("concatenate: the arrays have different dtypes",
                             got=f"{a} and {first}")
        if a.ndim != first.ndim or any(
                n != m for i, (n, m) in enumerate(zip(a.shape, first.shape, strict=True))
                if i != axis):
            raise ShapeError("concatenate: shapes differ outside the joined axis",
                             got=f"{a.shape} and {first.shape}, axis {axis}")
    joined = sum(a.shape[axis] for a in avals)
    return Aval((*first.shape[:axis], joined, *first.shape[axis + 1:]), first.dtype)


def _concatenate_jvp(prim, primals, tangents, params):
    dots = [_zero_view(aval_of(x)) if t is None else t
            for x, t in zip(primals, tangents, strict=True)]
    return bind(prim, *primals, **params), bind(prim, *dots, **params)


def _zero_view(aval):
    """Zeros that take no memory: one number seen from everywhere."""
    return np.broadcast_to(np.zeros((), aval.dtype), aval.shape)


def _concatenate_transpose(ct, args, params):
    axis = params["axis"]
    shape = aval_of(ct).shape
    offset, cts = 0, []
    for a in args:
        n = aval_of(a).shape[axis]
        starts = tuple(offset if i == axis else 0 for i in range(len(shape)))
        stops = tuple(offset + n if i == axis else m for i, m in enumerate(shape))
        cts.append(slice_(ct, starts, stops, (1,) * len(shape)) if type(a) is Var else None)
        offset += n
    return cts


def _concatenate_batch(prim, size, args, batched, params):
    args = [x if b else broadcast_to(x, (size, *aval_of(x).shape))
            for x, b in zip(args, batched, strict=True)]
    return bind(prim, *args, axis=params["axis"] + 1), True


concatenate_p = Primitive(
    "concatenate", "movement", lambda *arrays, axis: np.concatenate(arrays, axis),
    _concatenate_aval, _concatenate_jvp, _concatenate_transpose, _concatenate_batch,
    doc="Join arrays along an axis.")


# ---- identities with a meaning for transformations ----

def _same(x):
    return Aval(x.shape, x.dtype, x.weak)


stop_gradient_p = Primitive(
    "stop_gradient", "movement", lambda x: x, _same, no_derivative, None,
    unary_batch(lambda size, x, params: params), doc="x, as a constant of differentiation.")


def _barrier_jvp(prim, primals, tangents, params):
    return bind(prim, *primals), tuple(tangents)


def _barrier_batch(prim, size, args, batched, params):
    return bind(prim, *args), batched


barrier_p = Primitive(
    "barrier", "call", lambda *xs: xs, lambda *avals: avals, _barrier_jvp,
    lambda cts, args, params: cts, _barrier_batch, multiple=True,
    doc="Its arguments, which no rewrite may see through: keeps a recomputation a recomputation.")
