"""Conversions and checks of arrays; arrays joined by index tricks; functions of numbers on arrays.
"""

from __future__ import annotations

import functools
import re
from math import prod

import numpy as np

from .. import tree
from ..errors import ArgumentError, ShapeError
from ..ops import elementwise as ops
from ..ops.linear import broadcast_shapes, broadcast_to
from ..transforms.vmap import vmap
from .common import (
    dtype_of,
    has_tracers,
    is_traced,
    ndim_of,
    operand,
    shape_of,
    size_of,
    strong_operand,
)
from .concrete import concrete, places_where, show
from .creation import arange, linspace
from .elementwise import real
from .function import PUBLIC, VIEWS, numpy_function, own_function
from .joining import concatenate
from .manipulation import asarray, atleast_1d, reshape

# ---- conversions ----

@own_function
def asfortranarray(a, dtype=None, *, like=None):
    """An array; a traced one has no order in memory."""
    return asarray(a, dtype) if has_tracers(a) else np.asfortranarray(a, dtype)


@own_function
def asarray_chkfinite(a, dtype=None, order=None):
    """An array, after a check that its numbers, which must be known, are finite."""
    a = asarray(a, dtype, order)
    numbers = concrete(a, "whether all numbers are finite", "np.isfinite(x)")
    if numbers.dtype.kind in "fc" and not np.isfinite(numbers).all():
        raise ArgumentError("asarray_chkfinite: the array has infinities or NaN",
                            got=str(shape_of(a)))
    return a


@own_function
def require(a, dtype=None, requirements=None, *, like=None):
    """An array; a traced one has no place in memory of which to require anything."""
    return asarray(a, dtype) if has_tracers(a) else np.require(a, dtype, requirements)


@own_function
def from_dlpack(x, /, *, device=None, copy=None):
    """An array of another library, or a traced value as it is."""
    return x if is_traced(x) else np.from_dlpack(x, device=device, copy=copy)


@numpy_function
def real_if_close(a, tol=100):
    """The real part, if all imaginary parts are below tol eps (tol > 1) or tol; they are known."""
    a = strong_operand(a)
    if dtype_of(a).kind != "c":
        return a
    bound = tol * np.finfo(dtype_of(a)).eps if tol > 1 else tol
    imaginary = concrete(ops.imag(a), "whether imaginary parts are small, which decides a dtype,",
                         "np.real(x)")
    return real(a) if np.all(np.abs(imaginary) < bound) else a


VIEWS.add(real_if_close.__wrapped__)


@numpy_function
def can_cast(from_, to, casting="safe"):
    """Whether a dtype, or that of an array, may be cast to another."""
    return np.can_cast(dtype_of(from_) if is_traced(from_) else from_, to, casting)


@numpy_function
def min_scalar_type(a, /):
    """The dtype of an array; of a number, which must be known, the smallest that holds it."""
    a = operand(a)
    if ndim_of(a):
        return dtype_of(a)
    return np.min_scalar_type(concrete(a, "the size of a number", "x.dtype"))


@numpy_function
def ix_(*args):
    """Vectors along axes of their own, to index their grid; masks, which are known, as places."""
    grid, n = [], len(args)
    for k, x in enumerate(args):
        x = strong_operand(x)
        if ndim_of(x) != 1:
            raise ShapeError("ix_: vectors", got=str(shape_of(x)))
        if not size_of(x) and not is_traced(x):
            x = x.astype(np.intp)
        if dtype_of(x).kind == "b":
            x, = places_where(x)
        grid.append(reshape(x, (1,) * k + (size_of(x),) + (1,) * (n - k - 1)))
    return tuple(grid)


# ---- as text ----

@numpy_function
def array_repr(arr, max_line_width=None, precision=None, suppress_small=None):
    """The array as text; a traced one as its type, and its numbers if they are known and few."""
    return show(arr)


@numpy_function
def array_str(a, max_line_width=None, precision=None, suppress_small=None):
    """The numbers of an array as text; of a traced one as array_repr."""
    return show(a)


@numpy_function
def array2string(a, max_line_width=None, precision=None, suppress_small=None, separator=" ",
                 prefix="", *, formatter=None, threshold=None, edgeitems=None, sign=None,
                 floatmode=None, suffix="", legacy=None):
    """The numbers of an array as text; of a traced one as array_repr."""
    return show(a)


# ---- index tricks ----

class _Joined:
    """`r_[1.0, x, 0:3]` joins numbers, arrays and ranges to a vector, `c_[x, y]` columns.

    A range with an imaginary step, 0:1:5j, is linspace. NumPy's directives in strings have no
    meaning here: np.concatenate and np.stack do all that they do.
    """

    def __init__(self, numpys, columns):
        self.numpys, self.columns = numpys, columns

    def __getitem__(self, items):
        items = items if isinstance(items, tuple) else (items,)
        if not any(map(has_tracers, items)):
            return self.numpys[items]
        if any(isinstance(x, str) for x in items):
            raise ArgumentError("r_: a directive in a string", got=repr(items[0]),
                                instead="np.concatenate, np.stack or np.column_stack")
        return concatenate([self.part(x) for x in items], -1 if self.columns else 0)

    def part(self, x):
        if isinstance(x, slice):
            x = _range(x)
        x = atleast_1d(strong_operand(x))
        return x[:, None] if self.columns and ndim_of(x) == 1 else x


def _range(item):
    start = 0 if item.start is None else item.start
    if isinstance(item.step, complex):
        return linspace(start, item.stop, int(abs(item.step)))
    return arange(start, item.stop, 1 if item.step is None else item.step)


PUBLIC["r_"], PUBLIC["c_"] = _Joined(np.r_, False), _Joined(np.c_, True)


# ---- functions of numbers ----

@own_function
def vectorize(pyfunc, otypes=None, doc=None, excluded=None, cache=False, signature=None):
    """A function of numbers as one of arrays, which broadcast: on traced values by isograd.vmap.

    excluded: positions and names of arguments that are passed as they are. signature: core axes,
    as "(n),(n)->()", of the arrays that the function takes and returns. otypes, cache: for plain
    arrays, on which this is np.vectorize, a loop in Python.
    """
    plain = np.vectorize(pyfunc, otypes, doc, excluded, cache, signature)
    excluded = set() if excluded is None else set(excluded)

    @functools.wraps(pyfunc)
    def vectorized(*args, **kwargs):
        if not has_tracers([*args, *kwargs.values()]):
            return plain(*args, **kwargs)
        if set(kwargs) - excluded:
            raise ArgumentError("vectorize: arrays are passed by position on traced values",
                                got=", ".join(kwargs), instead="excluded={name}")
        places = [i for i in range(len(args)) if i not in excluded]
        return _mapped(functools.partial(pyfunc, **kwargs), args, places, signature)
    return vectorized


def _mapped(pyfunc, args, places, signature):
    """Broadcast the arguments at these places over all but their core axes, and map pyfunc."""
    arrays = [strong_operand(args[i]) for i in places]
    cores = [0] * len(arrays) if signature is None else _core_axes(signature)
    if len(cores) != len(arrays) or any(ndim_of(x) < k for x, k in zip(arrays, cores, strict=True)):
        raise ArgumentError("vectorize: the arguments do not fit the signature",
                            got=", ".join(str(shape_of(x)) for x in arrays), wanted=signature)
    split = [ndim_of(x) - k for x, k in zip(arrays, cores, strict=True)]
    outer = broadcast_shapes(*[shape_of(x)[:n] for x, n in zip(arrays, split, strict=True)])
    rows = [reshape(broadcast_to(x, outer + shape_of(x)[n:]), (prod(outer), *shape_of(x)[n:]))
            for x, n in zip(arrays, split, strict=True)]

    def example(*values):
        full = list(args)
        for i, x in zip(places, values, strict=True):
            full[i] = x
        return pyfunc(*full)
    return tree.map(lambda y: reshape(y, outer + shape_of(y)[1:]), vmap(example)(*rows))


def _core_axes(signature):
    """How many core axes each argument has: "(n),(n,m)->()" gives [1, 2]."""
    inputs = re.findall(r"\(([^)]*)\)", signature.split("->")[0])
    return [len([name for name in axes.split(",") if name.strip()]) for axes in inputs]
