"""Writing into traced arrays: x[i] = v, x += v, x.sort(), np.copyto, np.add.at, ...

Each computes the array after the update by a functional form and writes that into the handle, so
that its views and its base see it. Values are read before anything is written.
"""

from __future__ import annotations

import numpy as np

from ..aval import aval_of, is_python_scalar
from ..errors import ArgumentError, DtypeError, InPlaceError, MissingRuleError, ShapeError
from ..mutation import Sharing, View, base_of, link, twin, write, write_into
from ..ops import elementwise as ops
from ..ops.index import gather
from ..ops.linear import broadcast_to, cast_to, reshape
from ..trace import Tracer
from .common import dtype_of, is_weak, ndim_of, one_axis, operand, shape_of, size_of, stored
from .cumulative import cumsum
from .function import MEANINGS, PUBLIC
from .indexing import getitem
from .selection import places_along
from .updates import at

INSTEAD = ("make the array by np.zeros_like(x), np.zeros(n, like=x) or isograd.numpy.zeros(n), x a "
           "traced array; or y = isograd.numpy.at(array)[index].set(values)")


def target(x, name):
    """The traced array that a function of NumPy's is to write into."""
    if not isinstance(x, Tracer):
        raise InPlaceError(f"{name} would write a traced value into a plain array",
                           got=type(x).__name__, wanted="a traced array", instead=INSTEAD)
    return x


# ---- x[index] and x[index] = values ----

_BASIC = frozenset((int, slice, type(None), type(Ellipsis)))


def is_basic(index):
    """Whether x[index] is a view in NumPy: no index arrays, no masks."""
    return all(type(item) in _BASIC or _is_integer(item)
               for item in (index if type(index) is tuple else (index,)))


def _is_integer(item):
    return isinstance(item, np.integer) or (
        isinstance(item, Tracer) and not item.aval.shape and item.aval.dtype.kind in "iu")


def get_item(x, index):
    """x[index]: a view where NumPy gives one; a single element is a number, not a view."""
    y = getitem(x, index)
    if y is x or not (type(index) in _BASIC or is_basic(index)):
        return y
    if not shape_of(y) and not _has_ellipsis(index):
        return y
    return link(y, x, ITEM, index)


def _has_ellipsis(index):
    return index is Ellipsis or (
        type(index) is tuple and any(item is Ellipsis for item in index))


ITEM = Sharing(getitem, lambda parent, index, values: at(parent)[index].set(values),
               lambda numbers, index: numbers[_without_tracers(index)])


def _without_tracers(index):
    """The same layout with known integers."""
    if type(index) is tuple:
        return tuple([0 if isinstance(item, Tracer) else item for item in index])
    return 0 if isinstance(index, Tracer) else index


def set_item(x, index, values):
    """x[index] = values."""
    base = base_of(values) if isinstance(values, Tracer) else None
    if type(base) is View and base.parent is x and base.place is index:
        return      # the end of x[index] += v, whose view has written already
    write(x, at(x)[index].set(values))


# ---- x += v ----

def in_place(op):
    """The method of `x += v` and the like. Numbers are not written to: the name is bound anew."""
    def method(self, other):
        y = op(self, other)
        if y is NotImplemented or is_weak(self) or (
                not shape_of(self) and type(base_of(self)) is not View):
            return y
        return write_into(self, y)
    return method


# ---- methods ----

def fill(self, value):
    """x.fill(value): every element becomes one number."""
    value = stored(value, dtype_of(self))
    if shape_of(value):
        raise ShapeError("fill takes one number", got=str(aval_of(value)), wanted="shape ()")
    write(self, at(self)[...].set(value))


def sort(self, axis=-1, kind=None, order=None, *, stable=None):
    """x.sort(axis): in ascending order, in place."""
    write(self, MEANINGS[np.sort](self, one_axis(axis, ndim_of(self), "sort")))


def partition(self, kth, axis=-1, kind="introselect", order=None):
    """x.partition(kth, axis), in place."""
    write(self, MEANINGS[np.partition](self, kth, one_axis(axis, ndim_of(self), "partition")))


class Flat:
    """x.flat: the elements in C order, to be read, written and iterated over."""

    def __init__(self, x):
        self.base = x

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __len__(self):
        return size_of(self.base)

    def __getitem__(self, index):
        flat = reshape(self.base, (len(self),))
        picked = getitem(flat, index)
        return twin(picked) if picked is self.base else picked

    def __setitem__(self, index, values):
        values = stored(values, dtype_of(self.base))
        flat = at(reshape(self.base, (len(self),)))[index]
        count = size_of(flat.get())
        values = _repeated(reshape(values, (size_of(values),)), np.arange(count))
        write(self.base, reshape(flat.set(reshape(values, shape_of(flat.get()))),
                                 shape_of(self.base)))


def set_flat(self, values):
    Flat(self)[...] = values


def set_real(self, values):
    write_into(self, _complex(operand(values), PUBLIC["imag"](self), self), "unsafe")


def set_imag(self, values):
    if dtype_of(self).kind != "c":
        raise DtypeError("x.imag = v: the array is not complex", got=str(self.aval))
    write_into(self, _complex(PUBLIC["real"](self), operand(values), self), "unsafe")


def _complex(real, imag, like):
    if dtype_of(like).kind != "c":
        return broadcast_to(cast_to(real, dtype_of(like)), shape_of(like))
    return ops.add(real, ops.multiply(dtype_of(like).type(1j), imag))


# ---- functions ----

def copyto(dst, src, casting="same_kind", where=True):
    """dst[...] = src, where a mask holds."""
    if is_python_scalar(src):
        np.copyto(np.empty((), dtype_of(target(dst, "np.copyto"))), src, casting)   # NumPy's errors
    src = operand(src)
    write_into(target(dst, "np.copyto"), src, "unsafe" if aval_of(src).weak else casting,
               operand(where))


def put(a, ind, v, mode="raise"):
    """a.flat[ind] = v, whose values are repeated; of several for one place the last stays."""
    a = target(a, "np.put")
    ind, v = operand(ind), stored(v, dtype_of(a))
    places = reshape(ind, (size_of(ind),))
    if mode != "raise":
        places = MEANINGS[np.clip](places, 0, size_of(a) - 1) if mode == "clip" else (
            ops.remainder(places, size_of(a)))
    if size_of(places) and size_of(v):
        values = _repeated(reshape(v, (size_of(v),)), np.arange(size_of(places)))
        flat = at(reshape(a, (size_of(a),)))[places].set(values)
        write(a, reshape(flat, shape_of(a)))


def _repeated(values, places):
    """values[places], counted round and round."""
    return gather(values, ops.remainder(places, size_of(values)))


def place(arr, mask, vals):
    """The n-th element where the mask holds becomes vals[n], counted round and round."""
    arr = target(arr, "np.place")
    mask, vals = _flat_mask("np.place", arr, mask), stored(vals, dtype_of(arr))
    if not size_of(vals):
        raise ArgumentError("np.place: no values", got="an empty array")
    numbers = ops.subtract(cumsum(cast_to(mask, np.dtype(np.int64))), 1)
    _choose(arr, mask, _repeated(reshape(vals, (size_of(vals),)), numbers))


def putmask(a, mask, values):
    """The n-th element becomes values[n], counted round and round, where the mask holds."""
    a = target(a, "np.putmask")
    mask, values = _flat_mask("np.putmask", a, mask), stored(values, dtype_of(a))
    if size_of(values):
        values = _repeated(reshape(values, (size_of(values),)), np.arange(size_of(a)))
        _choose(a, mask, values)


def _flat_mask(name, a, mask):
    mask = operand(mask)
    if size_of(mask) != size_of(a):
        raise ShapeError(f"{name}: the mask and the array differ in size",
                         got=f"{shape_of(mask)} for {shape_of(a)}")
    return reshape(cast_to(mask, np.dtype(bool)), (size_of(a),))


def _choose(a, mask, values):
    flat = ops.select(mask, cast_to(values, dtype_of(a)), reshape(a, (size_of(a),)))
    write(a, reshape(flat, shape_of(a)))


def put_along_axis(arr, indices, values, axis):
    """arr[..., indices, ...] = values, with places given for each line along an axis."""
    arr, indices = target(arr, "np.put_along_axis"), operand(indices)
    if axis is None:
        flat = at(reshape(arr, (size_of(arr),)))[indices].set(values)
        return write(arr, reshape(flat, shape_of(arr)))
    grid = places_along(arr, indices, axis, "put_along_axis")
    write(arr, at(arr)[tuple(grid)].set(values))


def fill_diagonal(a, val, wrap=False):
    """The diagonal of an array of two or more axes becomes val, repeated or cut off."""
    sizes = shape_of(target(a, "np.fill_diagonal"))
    if len(sizes) < 2 or (len(sizes) > 2 and len(set(sizes)) > 1):
        raise ShapeError("fill_diagonal: two axes, or more of one size", got=str(sizes))
    step = 1 + sum(int(np.prod(sizes[i:])) for i in range(1, len(sizes)))
    end = sizes[1] ** 2 if len(sizes) == 2 and not wrap else None
    Flat(a)[:end:step] = val


# ---- ufunc.at ----

_AT = {np.add: "add", np.subtract: "subtract", np.multiply: "multiply", np.minimum: "min",
       np.maximum: "max"}


def ufunc_at(ufunc, a, indices, *operands):
    """ufunc.at(a, indices, b): a[indices] = ufunc(a[indices], b), for each repeated index."""
    name = f"np.{ufunc.__name__}.at"
    a = target(a, name)
    method = _AT.get(ufunc)
    if method:
        return write(a, getattr(at(a)[indices], method)(*operands))
    _require_unique(name, a, indices)
    value = MEANINGS[ufunc](getitem(a, indices), *operands)
    if not np.can_cast(dtype_of(value), dtype_of(a), "same_kind"):
        raise DtypeError(f"{name} would change the array's dtype", got=str(aval_of(value)),
                         wanted=str(a.aval), instead="x.astype(dtype)")
    return write(a, at(a)[indices].set(value))


def _require_unique(name, a, indices):
    """A ufunc without a rule of its own needs to know that no element is named twice."""
    items = indices if type(indices) is tuple else (indices,)
    if any(isinstance(item, Tracer) and item.aval.shape for item in items):
        raise MissingRuleError(f"{name} with traced indices has no rule",
                               wanted=", ".join(f"np.{u.__name__}.at" for u in _AT))
    picked = np.arange(size_of(a)).reshape(shape_of(a))[indices]
    if np.unique(picked).size != picked.size:
        raise MissingRuleError(f"{name} with an element named twice has no rule",
                               wanted=", ".join(f"np.{u.__name__}.at" for u in _AT))


METHODS = {"fill": fill, "sort": sort, "partition": partition, "put": put}
FUNCTIONS = {np.copyto: copyto, np.put: put, np.place: place, np.putmask: putmask,
             np.put_along_axis: put_along_axis, np.fill_diagonal: fill_diagonal}
