"""Products of arrays: matmul, dot, inner, outer, tensordot and their relatives."""

from __future__ import annotations

import functools

import numpy as np

from ..errors import ShapeError
from ..mutation import write_into
from ..ops import elementwise as ops
from ..ops.dot import dot_general
from ..ops.index import gather
from ..ops.linear import permute, reshape
from ..ops.linear import sum as sum_over
from ..ops.movement import pad
from .common import dtype_of, ndim_of, one_axis, sequence, shape_of, strong_operand
from .function import UNSET, numpy_function, refuse, refuse_out
from .joining import stack
from .manipulation import moveaxis, ravel
from .ufuncs import describe

# ---- contraction by names of axes ----

def contract(x, x_names, y, y_names, out_names):
    """The sum of products over the names that are not in the result.

    A name that both operands have is contracted or, if it is in the result, a batch axis. Axes of
    size 1 meet any size, as in broadcasting.
    """
    x, x_names, y, y_names = *_drop_ones(x, x_names, y, y_names), *_drop_ones(
        y, y_names, x, x_names)
    x, x_names = _sum_lone(x, x_names, (*y_names, *out_names))
    y, y_names = _sum_lone(y, y_names, (*x_names, *out_names))
    shared = [name for name in x_names if name in y_names]
    batch = [name for name in shared if name in out_names]
    summed = [name for name in shared if name not in out_names]
    places = [tuple([tuple([names.index(name) for name in group])
                     for names in (x_names, y_names)]) for group in (summed, batch)]
    z = dot_general(x, y, *places)
    names = batch + [name for name in (*x_names, *y_names) if name not in shared]
    return permute(z, tuple([names.index(name) for name in out_names]))


def _drop_ones(x, names, other, other_names):
    """Drop axes of size 1 that meet axes of another size."""
    sizes = dict(zip(other_names, shape_of(other), strict=True))
    kept = [n != 1 or sizes.get(name, 1) == 1
            for name, n in zip(names, shape_of(x), strict=True)]
    shape = tuple([n for n, keep in zip(shape_of(x), kept, strict=True) if keep])
    return reshape(x, shape), [name for name, keep in zip(names, kept, strict=True) if keep]


def _sum_lone(x, names, needed):
    """Sum over the axes whose names nobody else needs."""
    lone = tuple([i for i, name in enumerate(names) if name not in needed])
    return sum_over(x, lone), [name for name in names if name in needed]


# ---- matrix products ----

def _gufunc(meaning):
    """Register the meaning of one of NumPy's generalised ufuncs."""
    @functools.wraps(meaning)
    def with_out(*args, out=None, **kwargs):
        y = meaning(*args, **kwargs)
        return y if out is None else write_into(out, y)

    function = numpy_function(with_out)
    return describe(function, getattr(np, meaning.__name__, None), meaning.__doc__)


@_gufunc
def matmul(x1, x2, /, out=None, *, axes=UNSET, axis=UNSET, keepdims=False, **kwargs):
    """x1 @ x2: matrices in the last two axes, the others broadcast."""
    _refuse_options("matmul", out, axes, axis, keepdims, kwargs)
    x, y = strong_operand(x1), strong_operand(x2)
    x_ndim, y_ndim = ndim_of(x), ndim_of(y)
    if not x_ndim or not y_ndim:
        raise ShapeError("matmul: operands have one axis or more", got="a number",
                         instead="np.multiply")
    _check_inner("matmul", x, y, -1, max(-2, -y_ndim))
    if x_ndim <= 2 and y_ndim <= 2:
        return dot_general(x, y, ((x_ndim - 1,), (max(0, y_ndim - 2),)))
    x_core = ["row", "sum"] if x_ndim > 1 else ["sum"]
    y_core = ["sum", "column"] if y_ndim > 1 else ["sum"]
    return _stacked(x, x_core, y, y_core)


def _check_inner(name, x, y, x_axis, y_axis):
    m, n = shape_of(x)[x_axis], shape_of(y)[y_axis]
    if m != n:
        raise ShapeError(f"{name}: the inner sizes differ", wanted=f"{m} == {n}",
                         got=f"shapes {shape_of(x)} and {shape_of(y)}")


def _stacked(x, x_core, y, y_core):
    """Contract core axes; the axes before them broadcast, counted from the last."""
    x_names, y_names = [[*range(ndim_of(a) - len(core), 0, -1), *core]
                        for a, core in ((x, x_core), (y, y_core))]
    count = max(len(x_names) - len(x_core), len(y_names) - len(y_core))
    core = [name for name in (*x_core, *y_core) if name != "sum"]
    return contract(x, x_names, y, y_names, [*range(count, 0, -1), *core])


def _refuse_options(name, out, *given):
    refuse_out(out, name)
    for option in given:
        refuse(name, "axes=, axis=, keepdims= or dtype=", option is not UNSET and bool(option),
               "np.moveaxis, x.astype(dtype)")


@_gufunc
def vecdot(x1, x2, /, out=None, *, axes=UNSET, axis=UNSET, keepdims=False, **kwargs):
    """The sum of conj(x1) x2 over an axis, by default the last."""
    _refuse_options("vecdot", out, axes, keepdims, kwargs)
    axis = -1 if axis is UNSET else axis
    x, y = [moveaxis(a, axis, -1) for a in (_conjugate(x1), x2)]
    _check_inner("vecdot", x, y, -1, -1)
    return _stacked(x, ["sum"], y, ["sum"])


@_gufunc
def matvec(x1, x2, /, out=None, *, axes=UNSET, axis=UNSET, keepdims=False, **kwargs):
    """Matrices times vectors; the axes before them broadcast."""
    _refuse_options("matvec", out, axes, axis, keepdims, kwargs)
    x, y = strong_operand(x1), strong_operand(x2)
    _check_inner("matvec", x, y, -1, -1)
    return _stacked(x, ["row", "sum"], y, ["sum"])


@_gufunc
def vecmat(x1, x2, /, out=None, *, axes=UNSET, axis=UNSET, keepdims=False, **kwargs):
    """conj(vectors) times matrices; the axes before them broadcast."""
    _refuse_options("vecmat", out, axes, axis, keepdims, kwargs)
    x, y = _conjugate(x1), strong_operand(x2)
    _check_inner("vecmat", x, y, -1, -2)
    return _stacked(x, ["sum"], y, ["sum", "column"])


def _conjugate(x):
    x = strong_operand(x)
    return ops.conjugate(x) if dtype_of(x).kind == "c" else x


# ---- products of axes ----

@numpy_function
def dot(a, b, out=None):
    """The sum over the last axis of a and the second-last (or only) one of b."""
    refuse_out(out, "dot")
    return _sum_last(a, b, 2)


@numpy_function
def inner(a, b, /):
    """The sum over the last axes."""
    return _sum_last(a, b, 1)


def _sum_last(a, b, place):
    """The sum over the last axis of a and the axis of b at a place counted from the end."""
    a, b = strong_operand(a), strong_operand(b)
    if not ndim_of(a) or not ndim_of(b):
        return ops.multiply(a, b)
    return dot_general(a, b, ((ndim_of(a) - 1,), (max(0, ndim_of(b) - place),)))


@numpy_function
def vdot(a, b, /):
    """The sum of conj(a) b over all elements."""
    return dot_general(_conjugate(ravel(a)), ravel(b), ((0,), (0,)))


@numpy_function
def outer(a, b, out=None):
    """a_i b_j of raveled arrays."""
    refuse_out(out, "outer")
    a = ravel(a)
    return ops.multiply(reshape(a, (*shape_of(a), 1)), ravel(b))


@numpy_function
def tensordot(a, b, axes=2):
    """The sum over pairs of axes: the last and first `axes` ones, or two lists of axes."""
    a, b = strong_operand(a), strong_operand(b)
    if np.ndim(axes) == 0:
        left, right = range(-int(axes), 0), range(int(axes))
    else:
        left, right = map(sequence, axes)
    left = tuple([one_axis(i, ndim_of(a), "tensordot") for i in left])
    right = tuple([one_axis(i, ndim_of(b), "tensordot") for i in right])
    return dot_general(a, b, (left, right))


@numpy_function
def kron(a, b):
    """The Kronecker product: blocks a_ij b."""
    a, b = strong_operand(a), strong_operand(b)
    ndim = max(ndim_of(a), ndim_of(b))
    m, n = [(1,) * (ndim - ndim_of(x)) + shape_of(x) for x in (a, b)]
    left = reshape(a, tuple([k for size in m for k in (size, 1)]))
    right = reshape(b, tuple([k for size in n for k in (1, size)]))
    return reshape(ops.multiply(left, right), tuple([i * j for i, j in zip(m, n, strict=True)]))


@numpy_function
def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The vector product of vectors of three elements."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(a, axisa, 0), moveaxis(b, axisb, 0)
    if shape_of(a)[0] != 3 or shape_of(b)[0] != 3:
        raise ShapeError("cross: vectors of three elements",
                         got=f"{shape_of(a)[0]} and {shape_of(b)[0]}")
    parts = [a[i] * b[j] - a[j] * b[i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return moveaxis(stack(parts), 0, axisc)


# ---- convolution ----

@numpy_function
def convolve(a, v, mode="full"):
    """The sums of a[i] v[n - i] for each n: "full", "same" or "valid"."""
    a, v = ravel(a), ravel(v)
    if shape_of(v)[0] > shape_of(a)[0]:
        a, v = v, a
    return _slide(a, v[::-1], mode)


@numpy_function
def correlate(a, v, mode="valid"):
    """The sums of a[n + i] conj(v[i]) for each n: "full", "same" or "valid"."""
    a, v = ravel(a), _conjugate(ravel(v))
    if shape_of(v)[0] > shape_of(a)[0]:
        return _slide(v, a, mode)[::-1]
    return _slide(a, v, mode)


def _slide(a, v, mode):
    """The inner products of v, the shorter one, with a at each place that mode asks for."""
    n, k = shape_of(a)[0], shape_of(v)[0]
    margins = {"full": (k - 1, k - 1), "same": (k // 2, k - 1 - k // 2), "valid": (0, 0)}
    if not k or mode not in margins:
        raise ShapeError("convolve: two vectors with elements, and a mode", wanted=str([*margins]),
                         got=f"sizes {n} and {k}, mode {mode!r}")
    low, high = margins[mode]
    places = np.arange(n + low + high - k + 1)[:, None] + np.arange(k)
    windows = gather(pad(a, ((low, high, 0),)), places)
    return dot_general(windows, v, ((1,), (0,)))
