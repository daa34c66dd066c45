"""Matrices in the last two axes: what the operations of linear algebra share."""

from __future__ import annotations

import importlib
from functools import lru_cache
from math import prod

import numpy as np

from ...aval import Aval, aval_of
from ...primitive import Primitive
from ...trace import bind
from ..dot import dot_general
from ..elementwise import conjugate, real, scale, select
from ..index import take_range
from ..linear import broadcast_to, constant, moveaxis, permute, reshape, sum
from ..movement import pad

# ---- products, transposes, parts ----

def mm(a, b):
    """The product of two stacks of matrices, of equal leading axes."""
    n = aval_of(a).ndim
    lead = tuple(range(n - 2))
    return dot_general(a, b, ((n - 1,), (n - 2,)), (lead, lead))


def t(a):
    """The transpose."""
    n = aval_of(a).ndim
    return permute(a, (*range(n - 2), n - 1, n - 2))


def conj(a):
    return conjugate(a) if aval_of(a).dtype.kind == "c" else a


def h(a):
    """The conjugate transpose."""
    return conj(t(a))


def hermitian_part(a):
    return 0.5 * (a + h(a))


def where(mask, a):
    """a where the mask is true, else 0."""
    return select(mask, a, constant(0, a))


def lower_part(a, k=0):
    """The triangle on and below the k-th diagonal."""
    return where(np.tri(*aval_of(a).shape[-2:], k, dtype=bool), a)


def upper_part(a, k=0):
    """The triangle on and above the k-th diagonal."""
    return where(~np.tri(*aval_of(a).shape[-2:], k - 1, dtype=bool), a)


def off_diagonal(a):
    return where(~np.eye(*aval_of(a).shape[-2:], dtype=bool), a)


def diagonal_of(a):
    """The main diagonals: (..., n)."""
    only = where(np.eye(*aval_of(a).shape[-2:], dtype=bool), a)
    rows, columns = aval_of(a).shape[-2:]
    return sum(only, (aval_of(a).ndim - (1 if rows <= columns else 2),))


def as_diagonal(v):
    """Diagonal matrices (..., n, n) of vectors (..., n)."""
    return where(np.eye(aval_of(v).shape[-1], dtype=bool), column(v))


def below_diagonal(v):
    """The matrix (n, n) with the n - 1 elements of a vector below its diagonal."""
    return pad(as_diagonal(v), ((1, 0, 0), (0, 1, 0)))


def row(v):
    """(..., n) as (..., 1, n)."""
    shape = aval_of(v).shape
    return reshape(v, (*shape[:-1], 1, shape[-1]))


def column(v):
    """(..., n) as (..., n, 1)."""
    return reshape(v, (*aval_of(v).shape, 1))


def scale_columns(a, v):
    """a times the diagonal matrix of v; exactly zero where a is."""
    return scale(a, row(v))


def trace_of_product(a, b):
    """tr(a b), exactly zero where a is, even if b is infinite: (...)."""
    n = aval_of(a).ndim
    return sum(scale(a, t(b)), (n - 2, n - 1))


def identity(like):
    """Identity matrices of the shape and dtype of a stack of square ones."""
    shape, dtype, _ = aval_of(like)
    return broadcast_to(np.eye(shape[-1], dtype=dtype), shape)


def block(a, rows, columns):
    """a[..., rows, columns] for pairs (start, stop)."""
    n = aval_of(a).ndim
    return take_range(take_range(a, n - 2, *rows), n - 1, *columns)


def real_diagonal(a):
    return real(diagonal_of(a))


# ---- avals ----

def real_dtype(dtype):
    return np.zeros((), dtype).real.dtype


def complex_dtype(dtype):
    return np.result_type(dtype, np.complex64)


def same_aval(a, *others, **params):
    """The result has the type of the first argument."""
    return Aval(a.shape, a.dtype)


def last_aval(*avals, **params):
    """The result has the type of the last argument."""
    return Aval(avals[-1].shape, avals[-1].dtype)


# ---- values ----

def scipy_linalg():
    """scipy.linalg, imported when first used: importing isograd stays quick."""
    return importlib.import_module("scipy.linalg")


@lru_cache(64)
def lapack(name, dtype):
    """LAPACK's routine for a dtype; `name` has no letter for it."""
    return scipy_linalg().get_lapack_funcs(name, dtype=dtype)


def of_stacks(f, aval, cores, many=None):
    """The implementation for stacks of `f`, a function of single matrices (or vectors).

    cores: how many axes each argument of f has. aval: the primitive's rule, which says what the
    results are. many: the same function of stacks with one leading axis, for many small matrices.
    """
    def impl(*arrays, **params):
        want = aval(*map(aval_of, arrays), **params)
        lead = arrays[0].shape[:arrays[0].ndim - cores[0]]
        several = type(want) is not Aval
        wanted = want if several else (want,)
        count = prod(lead)
        if many and count > arrays[0].shape[-1]:
            flat = [np.reshape(x, (count, *x.shape[len(lead):])) for x in arrays]
            results = many(*flat, **params)
            results = results if several else (results,)
            outs = tuple([np.reshape(y, w.shape) for y, w in zip(results, wanted, strict=True)])
            return outs if several else outs[0]
        outs = [np.empty(w.shape, w.dtype) for w in wanted]
        for i in np.ndindex(*lead):
            results = f(*[np.asarray(x)[i] for x in arrays], **params)
            for out, result in zip(outs, results if several else (results,), strict=True):
                out[i] = result
        return tuple(outs) if several else outs[0][()]
    return impl


# ---- vmap ----

def to_stacks(size, args, batched):
    """Give every argument the batch axis in front."""
    return [x if b else broadcast_to(x, (size, *aval_of(x).shape))
            for x, b in zip(args, batched, strict=True)]


def batch_stacks(prim, size, args, batched, params):
    """The batch axis is one more axis of the stack."""
    out = bind(prim, *to_stacks(size, args, batched), **params)
    return out, (True,) * len(out) if prim.multiple else True


def batch_columns(prim, size, args, batched, params):
    """For equations: a batch of right-hand sides only is a longer list of columns."""
    if any(batched[:-1]):
        return batch_stacks(prim, size, args, batched, params)
    *rest, b = args
    shape = aval_of(b).shape[1:]
    wide = reshape(moveaxis(b, 0, -1), (*shape[:-1], shape[-1] * size))
    out = reshape(bind(prim, *rest, wide, **params), (*shape, size))
    return moveaxis(out, -1, 0), True


# ---- records ----

def linalg(name, impl, aval, jvp, *, transpose=None, batch=batch_stacks, multiple=False, doc):
    """Define an operation of linear algebra."""
    return Primitive(name, "linalg", impl, aval, jvp, transpose, batch, multiple=multiple, doc=doc)
