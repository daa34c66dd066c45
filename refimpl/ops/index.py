"""Indexing by integer arrays: gather reads elements, scatter updates them.

The index arrays stand for the leading axes and broadcast together, as in `x[i1, ..., ik]`; negative
indices count from the end, and NumPy itself raises IndexError for those out of range.
"""

from __future__ import annotations

import operator
from functools import lru_cache

import numpy as np

from ..aval import Aval, aval_of, dtype_argument
from ..errors import ArgumentError, DtypeError, IndexingError, MissingRuleError, ShapeError
from ..graph import Var
from ..primitive import Primitive
from ..trace import bind
from .elementwise import divide, equal, maximum, result_dtype, scale, select
from .linear import align_batch, broadcast_to, cast_to, constant, reshape
from .movement import slice_

# ---- index arrays ----

@lru_cache(256)
def iota(n):
    """The read-only array 0, 1, ..., n - 1."""
    numbers = np.arange(n)
    numbers.flags.writeable = False
    return numbers


def iota_along(axis, shape):
    """0, 1, ... along one axis, of size 1 along the others."""
    return iota(shape[axis]).reshape([n if i == axis else 1 for i, n in enumerate(shape)])


@lru_cache(4096)
def index_shape(*shapes):
    """The shape that index arrays broadcast to."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise IndexingError("index arrays do not broadcast together",
                            got=" and ".join(map(str, shapes))) from None


def _picked_shape(name, x, indices):
    """The shape of x[indices], after checking what can be checked without the numbers."""
    for i in indices:
        if i.dtype.kind not in "iu":
            raise DtypeError(f"{name}: an index is not an integer", got=str(i),
                             wanted="integer arrays", instead="np.nonzero(mask) for a mask")
    if not 1 <= len(indices) <= x.ndim:
        raise IndexingError(f"{name}: as many index arrays as leading axes",
                            got=f"{len(indices)} for {x}", wanted=f"1 to {x.ndim}")
    return index_shape(*[i.shape for i in indices]) + x.shape[len(indices):]


def _batched_indices(size, indices, batched, own_batch):
    """Line up the batch axes of index arrays; `own_batch`: example n looks into row n."""
    ndim = max([aval_of(i).ndim - b for i, b in zip(indices, batched, strict=True)])
    aligned = [align_batch(i, ndim) if b else i for i, b in zip(indices, batched, strict=True)]
    return [iota(size).reshape((size, *(1,) * ndim)), *aligned] if own_batch else aligned


def zeros(aval):
    """The constant zero of some type, as an operation rather than a captured array."""
    return broadcast_to(aval.dtype.type(0), aval.shape)


# ---- ranges ----

def take_range(x, axis, start, stop):
    """x[..., start:stop, ...] along one axis, 0 <= start <= stop <= size."""
    shape = aval_of(x).shape
    starts = tuple([start if i == axis else 0 for i in range(len(shape))])
    stops = tuple([stop if i == axis else n for i, n in enumerate(shape)])
    return slice_(x, starts, stops, (1,) * len(shape))


# ---- gather ----

def gather(x, *indices):
    """x[i1, ..., ik]: shape broadcast(i1, ..., ik) + x.shape[k:]."""
    _picked_shape("gather", aval_of(x), list(map(aval_of, indices)))
    return bind(gather_p, x, *indices)


def take_along(x, index, axis):
    """np.take_along_axis: element `index` of each line along an axis (not negative)."""
    shape = aval_of(index).shape
    return gather(x, *[index if i == axis else iota_along(i, shape) for i in range(len(shape))])


def _gather_aval(x, *indices):
    return Aval(_picked_shape("gather", x, indices), x.dtype)


def _gather_jvp(prim, primals, tangents, params):
    return bind(prim, *primals), gather(tangents[0], *primals[1:])


def _gather_transpose(ct, args, params):
    x, *indices = args
    return scatter(zeros(x.aval), ct, *indices, mode="add"), *(None,) * len(indices)


def _gather_batch(prim, size, args, batched, params):
    indices = _batched_indices(size, args[1:], batched[1:], batched[0])
    return gather(args[0], *indices), True


gather_p = Primitive(
    "gather", "index", lambda x, *indices: np.asarray(x)[indices], _gather_aval, _gather_jvp,
    _gather_transpose, _gather_batch, doc="x[i1, ..., ik] for integer arrays.")


# ---- scatter ----

_UPDATES = {"set": operator.setitem, "add": np.add.at, "multiply": np.multiply.at,
            "minimum": np.minimum.at, "maximum": np.maximum.at}


def scatter(x, v, *indices, mode, unique=False):
    """A copy of x in which x[i1, ..., ik] is updated by v, which is broadcast and cast to fit.

    mode: "set"; or "add", "multiply", "minimum", "maximum", which apply every one of the values at
    a repeated index, as np.add.at does. "set" keeps the last value, counted in C order.
    unique: a promise that no index is repeated; "multiply" needs it for the derivative in v.
    Raises IndexError, ShapeError, DtypeError where the dtype would change, ArgumentError.
    """
    value, want = aval_of(v), aval_of(x)
    _check_mode(mode, value, want)
    shape = _picked_shape("scatter", want, list(map(aval_of, indices)))
    n_updates = Aval(shape[:len(shape) - want.ndim + len(indices)], None).size
    v = broadcast_to(cast_to(v, want.dtype), shape)
    return bind(scatter_p, x, v, *indices, mode=mode, unique=unique or n_updates <= 1)


def _check_mode(mode, v, x):
    """Modes other than "set" promote as `x[i] += v` does, and cannot change the dtype either."""
    if mode not in _UPDATES:
        raise ArgumentError("scatter: an unknown mode", got=repr(mode), wanted=", ".join(_UPDATES))
    if mode == "set":
        return
    promoted = result_dtype(np.add, x.dtype, dtype_argument(v))
    if not np.can_cast(promoted, x.dtype, "same_kind"):
        raise DtypeError(f"scatter: mode {mode!r} would change the array's dtype",
                         got=str(v), wanted=str(x), instead=f"x.astype({promoted.name!r})")


def _scatter_impl(x, v, *indices, mode, unique):
    out = np.array(x)
    # In C order, whatever the layout: NumPy would visit arrays in Fortran order column by column.
    indices = tuple([np.asarray(i, order="C") for i in indices])
    _UPDATES[mode](out, indices, np.asarray(v, order="C"))
    return out


def _scatter_aval(x, v, *indices, mode, unique):
    picked = _picked_shape("scatter", x, indices)
    if v.shape != picked or v.dtype != x.dtype:
        raise ShapeError("scatter: the values do not fit the elements they update",
                         got=str(v), wanted=str(Aval(picked, x.dtype)))
    return Aval(x.shape, x.dtype)


def _scatter_jvp(prim, primals, tangents, params):
    out = bind(prim, *primals, **params)
    x, v, *indices = primals
    return out, _TANGENTS[params["mode"]](tangents[0], tangents[1], out, x, v, indices, params)


def _or_zeros(g, x):
    return zeros(aval_of(x)) if g is None else g


def _linear_tangent(gx, gv, out, x, v, indices, params):
    return bind(scatter_p, _or_zeros(gx, x), _or_zeros(gv, v), *indices, **params)


def _product_tangent(gx, gv, out, x, v, indices, params):
    """x * v where v is written: the product rule, for indices that are not repeated in v."""
    if gv is not None and not params["unique"]:
        raise MissingRuleError("scatter: the derivative of mode 'multiply' in the values, "
                               "where an index may be repeated",
                               instead="unique=True, or set to the product: at(x)[i].set(x[i] * v)")
    ones = broadcast_to(constant(1, x), aval_of(x).shape)
    factors = bind(scatter_p, ones, v, *indices, **params)
    from_x = scale(_or_zeros(gx, x), factors)
    from_v = scale(_or_zeros(gv, v), gather(x, *indices))
    return scatter(from_x, from_v, *indices, mode="add", unique=params["unique"])


def _extremum_tangent(gx, gv, out, x, v, indices, params):
    """The mean of the tangents of what equals the extremum: x itself and all that was written."""
    x_won, v_won = equal(x, out), equal(v, gather(out, *indices))
    count = scatter(cast_to(x_won, np.dtype(np.int64)), v_won, *indices, mode="add")
    total = scatter(select(x_won, _or_zeros(gx, x), constant(0, x)),
                    select(v_won, _or_zeros(gv, v), constant(0, v)), *indices, mode="add")
    return divide(total, cast_to(maximum(count, 1), aval_of(out).dtype))


_TANGENTS = {"set": _linear_tangent, "add": _linear_tangent, "multiply": _product_tangent,
             "minimum": _extremum_tangent, "maximum": _extremum_tangent}


def _scatter_transpose(ct, args, params):
    x, v, *indices = args
    if params["mode"] not in ("set", "add"):
        raise MissingRuleError(f"scatter with mode {params['mode']!r} is not linear",
                               instead="mode 'set' or 'add'")
    ct_x = ct_v = None
    if type(x) is Var:
        ct_x = ct if params["mode"] == "add" else scatter(
            ct, constant(0, ct), *indices, mode="set", unique=params["unique"])
    if type(v) is Var:
        ct_v = gather(ct, *indices)
        if params["mode"] == "set" and not params["unique"]:
            ct_v = select(_written_last(aval_of(x), aval_of(v), indices), ct_v, constant(0, ct_v))
    return ct_x, ct_v, *(None,) * len(indices)


def _written_last(x, v, indices):
    """Whether each value is the last one written to its element; broadcasts against v."""
    picked, k = index_shape(*[aval_of(i).shape for i in indices]), len(indices)
    number = iota(Aval(picked, None).size).reshape(picked)
    board = scatter(zeros(Aval(x.shape[:k], number.dtype)), number, *indices, mode="set")
    return reshape(equal(gather(board, *indices), number), picked + (1,) * (v.ndim - len(picked)))


def _scatter_batch(prim, size, args, batched, params):
    x, v = [a if b else broadcast_to(a, (size, *aval_of(a).shape))
            for a, b in zip(args[:2], batched, strict=False)]
    indices = _batched_indices(size, args[2:], batched[2:], True)
    return bind(prim, x, v, *indices, **params), True


scatter_p = Primitive(
    "scatter", "index", _scatter_impl, _scatter_aval, _scatter_jvp, _scatter_transpose,
    _scatter_batch, doc="A copy of x with x[i1, ..., ik] updated by v.")
