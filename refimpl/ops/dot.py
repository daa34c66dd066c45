"""Contraction of two operands: matrix products and everything that is made of them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..aval import Aval, aval_of, dtype_argument
from ..errors import MissingRuleError, ShapeError
from ..graph import Var
from ..primitive import Primitive, formulas
from ..trace import bind
from .elementwise import result_dtype
from .linear import inverse_permutation, moveaxis, permute, unbroadcast


def dot_general(x, y, contract, batch=((), ())):
    """Sum products of elements over the contracted axes.

    contract, batch: pairs (axes of x, axes of y) of tuples, not negative, that belong together one
    by one. The result's axes are the batch axes, then the free axes (neither contracted nor batch)
    of x, then those of y:

        z[b..., i..., j...] = sum over k of x[b, i, k] * y[b, j, k]

    The dtype is that of np.matmul; booleans are combined by `and`, then `or`.
    Raises ShapeError unless C1 the axes of each operand exist and are named once; C2 each axis has
    a partner in the other operand; C3 partners are of equal size.
    """
    return bind(dot_p, x, y, contract=contract, batch=batch)


# ---- which axes ----

class Axes(NamedTuple):
    """The axes of one operand by role. All are batch, free or contracted."""

    batch: tuple[int, ...]
    free: tuple[int, ...]
    contract: tuple[int, ...]


def _axes(ndim, batch, contract):
    free = tuple([i for i in range(ndim) if i not in batch and i not in contract])
    return Axes(batch, free, contract)


def _both_axes(x_ndim, y_ndim, contract, batch):
    return _axes(x_ndim, batch[0], contract[0]), _axes(y_ndim, batch[1], contract[1])


def _sizes(shape, axes):
    return tuple([shape[i] for i in axes])


@lru_cache(4096)
def _result_shape(x_shape, y_shape, contract, batch):
    """The shape of the result, after checking the constraints C1 to C3."""
    for name, shape, axes in (("x", x_shape, contract[0] + batch[0]),
                              ("y", y_shape, contract[1] + batch[1])):
        if len(set(axes)) < len(axes) or not all(0 <= i < len(shape) for i in axes):
            raise ShapeError(f"dot_general C1: an axis of {name} is out of range or named twice",
                             got=f"axes {axes} of shape {shape}",
                             wanted=f"different axes from 0 to {len(shape) - 1}")
    for role, (x_axes, y_axes) in (("contracted", contract), ("batch", batch)):
        if len(x_axes) != len(y_axes):
            raise ShapeError(f"dot_general C2: {role} axes without a partner",
                             got=f"{len(x_axes)} of x and {len(y_axes)} of y")
        if _sizes(x_shape, x_axes) != _sizes(y_shape, y_axes):
            raise ShapeError(
                f"dot_general C3: {role} axes have different sizes",
                got=f"{_spell(x_shape, x_axes)} and {_spell(y_shape, y_axes)}")
    x, y = _both_axes(len(x_shape), len(y_shape), contract, batch)
    return _sizes(x_shape, x.batch + x.free) + _sizes(y_shape, y.free)


def _spell(shape, axes):
    return f"{_sizes(shape, axes)} (axes {axes} of shape {shape})"


# ---- meaning ----

class Layout(NamedTuple):
    """How to turn an operand into a stack of matrices."""

    perm: tuple[int, ...]
    shape: tuple[int, ...]


def _layout(shape, batch, rows, columns):
    """Bring the axes into this order and join the rows to one axis, the columns to another."""
    n_rows, n_columns = [Aval(_sizes(shape, axes), None).size for axes in (rows, columns)]
    return Layout(batch + rows + columns, (*_sizes(shape, batch), n_rows, n_columns))


@lru_cache(4096)
def _matmul_plan(x_shape, y_shape, contract, batch):
    """Return the layouts of both operands for np.matmul, and the shape of the result."""
    shape = _result_shape(x_shape, y_shape, contract, batch)
    x, y = _both_axes(len(x_shape), len(y_shape), contract, batch)
    return (_layout(x_shape, x.batch, x.free, x.contract),
            _layout(y_shape, y.batch, y.contract, y.free), shape)


def _dot_impl(x, y, *, contract, batch):
    dtype = np.result_type(x, y)
    x, y = np.asarray(x, dtype), np.asarray(y, dtype)
    x_layout, y_layout, shape = _matmul_plan(x.shape, y.shape, contract, batch)
    z = np.matmul(x.transpose(x_layout.perm).reshape(x_layout.shape),
                  y.transpose(y_layout.perm).reshape(y_layout.shape))
    return z.reshape(shape)[()]


def _dot_aval(x, y, *, contract, batch):
    return Aval(_result_shape(x.shape, y.shape, contract, batch),
                result_dtype(np.matmul, dtype_argument(x), dtype_argument(y)))


# ---- derivatives ----

def _dot_transpose(ct, args, params):
    """ct has the axes batch, free of x, free of y; so x's cotangent contracts the free axes of y.
    """
    x, y = args
    if type(x) is type(y) is Var:
        raise MissingRuleError("dot_general is linear in one operand at a time, not in both")
    if type(x) is Var:
        return _pull(ct, x.aval, y, False, **params), None
    return None, _pull(ct, y.aval, x, True, **params)


def _pull(ct, aval, other, flipped, *, contract, batch):
    """The cotangent of one operand; `flipped`: it is the second."""
    mine, its = _both_axes(aval.ndim, aval_of(other).ndim,
                           contract[::-1] if flipped else contract,
                           batch[::-1] if flipped else batch)
    n = len(mine.batch)
    first_of_its = n if flipped else n + len(mine.free)
    ct_axes = tuple(range(first_of_its, first_of_its + len(its.free)))
    out = dot_general(ct, other, (ct_axes, its.free), (tuple(range(n)), its.batch))
    partner = dict(zip(its.contract, mine.contract, strict=True))
    order = mine.batch + mine.free + tuple([partner[i] for i in sorted(its.contract)])
    return unbroadcast(permute(out, inverse_permutation(order)), aval)


def _dot_batch(prim, size, args, batched, params):
    """Two batches are one more batch axis; one batch is one more free axis."""
    def shifted(pair):
        return tuple([tuple([i + b for i in axes]) for axes, b in zip(pair, batched, strict=True)])

    contract, batch = shifted(params["contract"]), shifted(params["batch"])
    if all(batched):
        batch = ((0, *batch[0]), (0, *batch[1]))
        return dot_general(*args, contract, batch), True
    z = dot_general(*args, contract, batch)
    n_before = len(batch[0])
    if batched[1]:
        x = _axes(aval_of(args[0]).ndim, batch[0], contract[0])
        n_before += len(x.free)
    return moveaxis(z, n_before, 0), True


dot_p = Primitive(
    "dot_general", "dot", _dot_impl, _dot_aval,
    formulas(lambda g, z, x, y, **axes: dot_general(g, y, **axes),
             lambda g, z, x, y, **axes: dot_general(x, g, **axes)),
    _dot_transpose, _dot_batch, doc="Contract axes of two operands.")
