"""The linear operations that every transposition rule is made of.

sum and broadcast_to are each other's transpose; so are reshape and reshape, permute and its
inverse, cast and cast back.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..aval import Aval, aval_of
from ..errors import DtypeError, MissingRuleError, ShapeError
from ..graph import Var
from ..primitive import Primitive, linear, no_derivative
from ..trace import CURRENT, Tracer, bind


def operation(prim):
    """Return the function that applies a primitive: `f(*arrays, **params)`."""
    def apply(*args, **params):
        return CURRENT.trace.process(prim, args, params)
    apply.__name__ = apply.__qualname__ = prim.name
    apply.__doc__ = prim.doc
    apply.prim = prim
    return apply


def unary_batch(shift):
    """The batch rule of an operation on one array: `shift(size, x, params)` adapts the params."""
    def batch(prim, size, args, batched, params):
        return bind(prim, *args, **shift(size, args[0], params)), True
    return batch


def axes_shifted(size, x, params):
    return {**params, "axes": tuple(a + 1 for a in params["axes"])}


# ---- cast ----

def _cast_transpose(ct, args, params):
    return (cast_to(ct, args[0].aval.dtype),)


def cast_to(x, dtype):
    """Convert to a dtype; from complex to real takes the real part, without NumPy's warning."""
    have = aval_of(x)
    if have.dtype == dtype and not have.weak:
        return x
    return bind(cast_p, x, dtype=dtype)


def _cast_impl(x, *, dtype):
    x = np.asarray(x)
    if x.dtype.kind == "c" and dtype.kind != "c":
        x = x != 0 if dtype.kind == "b" else x.real
    with np.errstate(invalid="ignore", over="ignore"):
        return x.astype(dtype)[()]


def _cast_jvp(prim, primals, tangents, params):
    out = bind(prim, *primals, **params)
    if params["dtype"].kind not in "fc":
        return out, None
    return out, cast_to(tangents[0], params["dtype"])


cast_p = Primitive("cast", "elementwise", _cast_impl,
                   lambda x, *, dtype: Aval(x.shape, dtype),
                   _cast_jvp, _cast_transpose, unary_batch(lambda size, x, params: params),
                   doc="x.astype(dtype)")


def _checked_cast_impl(x, *, dtype):
    limits = np.iinfo(dtype)
    if np.any((x < limits.min) | (x > limits.max)):
        raise OverflowError(f"Python integer {x} out of bounds for {dtype}")
    return np.asarray(x).astype(dtype)[()]


checked_cast_p = Primitive("checked_cast", "elementwise", _checked_cast_impl,
                           lambda x, *, dtype: Aval(x.shape, dtype), no_derivative, None,
                           unary_batch(lambda size, x, params: params),
                           doc="Convert integers as NumPy converts Python's: what does not fit "
                               "raises OverflowError.")


# ---- broadcast_to and sum ----

@lru_cache(4096)
def broadcast_shapes(*shapes):
    """NumPy's broadcasting rule; ShapeError if the shapes do not fit."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        spelled = " and ".join(map(str, shapes))
        raise ShapeError("shapes do not broadcast together", got=spelled,
                         wanted="equal sizes, or 1, in each axis counted from the last") from None


def broadcast_to(x, shape):
    """Repeat x along new leading axes and axes of size 1, as np.broadcast_to."""
    return x if aval_of(x).shape == shape else bind(broadcast_to_p, x, shape=shape)


def _broadcast_aval(x, *, shape):
    if broadcast_shapes(x.shape, shape) != shape:
        raise ShapeError("broadcast_to: the array is larger than the shape",
                         got=str(x.shape), wanted=str(shape))
    return Aval(shape, x.dtype)


def _broadcast_batch(prim, size, args, batched, params):
    shape = params["shape"]
    x = align_batch(args[0], len(shape))
    return bind(prim, x, shape=(size, *shape)), True


def align_batch(x, ndim):
    """Insert axes after the batch axis so that each example has `ndim` axes."""
    size, *shape = aval_of(x).shape
    return reshape(x, (size, *(1,) * (ndim - len(shape)), *shape))


def _broadcast_impl(x, *, shape):
    out = np.empty(shape, np.asarray(x).dtype)
    out[...] = x
    return out


broadcast_to_p = Primitive(
    "broadcast_to", "movement", _broadcast_impl, _broadcast_aval,
    linear, lambda ct, args, params: (unbroadcast(ct, args[0].aval),), _broadcast_batch,
    doc="Repeat along axes of size 1 and new leading axes.")


def unbroadcast(ct, aval):
    """Sum a cotangent over broadcast axes and cast it, so that it fits the argument's aval."""
    have = aval_of(ct)
    if have.shape != aval.shape:
        extra = len(have.shape) - len(aval.shape)
        axes = tuple(range(extra)) + tuple(
            i + extra for i, n in enumerate(aval.shape) if n == 1 and have.shape[i + extra] != 1)
        ct = reshape(sum(ct, axes), aval.shape)
    return ct if have.dtype == aval.dtype else cast_to(ct, aval.dtype)


def sum(x, axes):
    """Sum over a tuple of axes (none: x itself)."""
    return bind(sum_p, x, axes=axes) if axes else x


def reduced_shape(x, axes):
    return tuple([n for i, n in enumerate(x.shape) if i not in axes])


def _sum_aval(x, *, axes):
    return Aval(reduced_shape(x, axes), sum_dtype(x.dtype))


def sum_dtype(dtype):
    """NumPy adds booleans and small integers in 64 bits."""
    if dtype.kind in "bi" and dtype.itemsize < 8:
        return np.dtype(np.int64)
    return np.dtype(np.uint64) if dtype.kind == "u" else dtype


def spread(y, shape, axes):
    """Undo a reduction's loss of axes: repeat y along `axes` of `shape`."""
    if axes == tuple(range(len(axes))):
        return broadcast_to(y, shape)
    kept = tuple([1 if i in axes else n for i, n in enumerate(shape)])
    return broadcast_to(reshape(y, kept), shape)


sum_p = Primitive(
    "sum", "reduce", lambda x, *, axes: np.add.reduce(x, axis=axes), _sum_aval, linear,
    lambda ct, args, params: (spread(ct, args[0].aval.shape, params["axes"]),),
    unary_batch(axes_shifted), doc="The sum over `axes`.")


# ---- reshape and permute ----

def reshape(x, shape):
    """The same elements in C order with another shape (a tuple without -1)."""
    return x if aval_of(x).shape == shape else bind(reshape_p, x, shape=shape)


def _reshape_aval(x, *, shape):
    out = Aval(shape, x.dtype)
    if out.size != x.size:
        raise ShapeError("reshape: the number of elements changes",
                         got=f"{x.shape} ({x.size})", wanted=f"{shape} ({out.size})")
    return out


reshape_p = Primitive(
    "reshape", "movement", lambda x, *, shape: np.reshape(x, shape)[()], _reshape_aval, linear,
    lambda ct, args, params: (reshape(ct, args[0].aval.shape),),
    unary_batch(lambda size, x, params: {"shape": (size, *params["shape"])}),
    doc="The same elements in C order with another shape.")


def permute(x, perm):
    """Reorder axes: axis i of the result is axis perm[i] of x, as np.transpose."""
    return x if perm == tuple(range(len(perm))) else bind(permute_p, x, perm=perm)


def inverse_permutation(perm):
    return tuple(sorted(range(len(perm)), key=perm.__getitem__))


permute_p = Primitive(
    "permute", "movement", lambda x, *, perm: np.transpose(x, perm),
    lambda x, *, perm: Aval(tuple(x.shape[i] for i in perm), x.dtype), linear,
    lambda ct, args, params: (permute(ct, inverse_permutation(params["perm"])),),
    unary_batch(lambda size, x, params: {"perm": (0, *(i + 1 for i in params["perm"]))}),
    doc="Reorder axes.")


def moveaxis(x, source, destination):
    """Move one axis to another place."""
    ndim = aval_of(x).ndim
    order = [i for i in range(ndim) if i != source % ndim]
    order.insert(destination % ndim, source % ndim)
    return permute(x, tuple(order))


# ---- helpers for rules ----

def is_linear(arg):
    """In a transpose rule: whether the operation is linear in this argument."""
    return type(arg) is Var


def require_zero(x):
    """In a transpose rule: a known term of a sum must be zero, or the sum is not linear.

    A traced term gets the benefit of the doubt: rules often multiply by a zero tangent.
    """
    if not isinstance(x, Tracer) and np.any(x):
        raise MissingRuleError("not linear: a constant is added", got=str(aval_of(x)),
                               instead="a function f with f(0) = 0")


def constant(value, like):
    """A NumPy scalar with the dtype of an array: constants in rules do not promote."""
    return aval_of(like).dtype.type(value)


def require_kind(x, kinds, name, wanted):
    if x.dtype.kind not in kinds:
        raise DtypeError(f"{name} does not take this dtype", got=str(x), wanted=wanted)
