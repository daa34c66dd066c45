"""Decompositions, with SciPy's arguments and results."""

from __future__ import annotations

import numpy as np

from isograd.refimpl.errors import ArgumentError
from isograd.refimpl.numpy import linalg as nla
from isograd.refimpl.numpy.common import dtype_of, expand, ndim_of, shape_of
from isograd.refimpl.numpy.function import refuse
from isograd.refimpl.numpy.linalg.register import (
    matrices,
    same_dtype,
    square_matrices,
)
from isograd.refimpl.ops import linalg as ops
from isograd.refimpl.ops.elementwise import (
    arccos,
    arcsin,
    equal,
    greater_equal,
    select,
    square,
)
from isograd.refimpl.ops.index import take_along
from isograd.refimpl.ops.linear import broadcast_to, cast_to, constant
from isograd.refimpl.ops.movement import flip
from isograd.refimpl.ops.scan import argsort

from .register import from_triangle, scipy_function


@scipy_function
def cholesky(a, lower=False, overwrite_a=False, check_finite=True):
    """The upper triangular U with a = h(U) U, or if `lower` the L with a = L h(L).

    Only that triangle of a is read; the derivative is that at the hermitian part of a.
    """
    return nla.cholesky(a, upper=not lower)


@scipy_function
def lu(a, permute_l=False, overwrite_a=False, check_finite=True, p_indices=False):
    """(p, l, u) with a = p l u; (p l, u) if permute_l; p as indices, a = (l u)[p], if p_indices."""
    a = matrices("lu", a)
    packed, _, order = ops.lu(a)
    *lead, m, n = shape_of(a)
    k = min(m, n)
    unit = np.eye(m, k, dtype=dtype_of(a))
    low = ops.lower_part(ops.block(packed, (0, m), (0, k)), -1) + unit
    up = ops.upper_part(ops.block(packed, (0, k), (0, n)))
    places = argsort(order, axis=len(lead))
    if p_indices and not permute_l:
        return cast_to(places, np.dtype(np.int32)), low, up
    p = equal(ops.column(places), np.arange(m))
    if permute_l:
        return ops.mm(cast_to(p, dtype_of(a)), low), up
    return cast_to(p, np.zeros((), dtype_of(a)).real.dtype), low, up


QR_MODES = {"full": "complete", "economic": "reduced", "r": "complete"}


@scipy_function
def qr(a, overwrite_a=False, lwork=None, mode="full", pivoting=False, check_finite=True):
    """(q, r) with a = q r; (r,) for mode "r". With pivoting also p, a[:, p] = q r, a constant.

    The derivative of the columns of q beyond those of a is the smallest possible.
    """
    refuse("qr", "mode='raw'", mode == "raw", "mode='full', 'economic' or 'r'")
    if mode not in QR_MODES:
        raise ArgumentError("qr: an unknown mode", got=repr(mode), wanted=", ".join(QR_MODES))
    a, order = matrices("qr", a), ()
    if pivoting:
        order = (ops.pivoted_columns(a),)
        places = broadcast_to(expand(order[0], (ndim_of(a) - 2,)), shape_of(a))
        a = take_along(a, places, ndim_of(a) - 1)
    q, r = ops.qr(a, QR_MODES[mode] == "complete")
    return (r, *order) if mode == "r" else (q, r, *order)


@scipy_function
def rq(a, overwrite_a=False, lwork=None, mode="full", check_finite=True):
    """(r, q) with a = r q, or r for mode "r": the QR decomposition of the reversed rows."""
    if mode not in QR_MODES:
        raise ArgumentError("rq: an unknown mode", got=repr(mode), wanted=", ".join(QR_MODES))
    a = matrices("rq", a)
    both = {"axes": (ndim_of(a) - 2, ndim_of(a) - 1)}
    q, r = ops.qr(ops.h(flip(a, **both)), QR_MODES[mode] == "complete")
    q, r = flip(ops.h(q), **both), flip(ops.h(r), **both)
    return r if mode == "r" else (r, q)


@scipy_function
def svd(a, full_matrices=True, compute_uv=True, overwrite_a=False, check_finite=True,
        lapack_driver="gesdd"):
    """(u, s, vh) with a = u diag(s) vh."""
    out = nla.svd(a, full_matrices, compute_uv)
    return tuple(out) if compute_uv else out


@scipy_function
def svdvals(a, overwrite_a=False, check_finite=True):
    """The singular values, descending."""
    return nla.svdvals(a)


# ---- eigenvalues ----

@scipy_function
def eig(a, b=None, left=False, right=True, overwrite_a=False, overwrite_b=False,
        check_finite=True, homogeneous_eigvals=False):
    """(w, v), or w without `right`, of a v = w v, or a v = w b v for a regular b; complex."""
    refuse("eig", "left=True", left, "eig(a.conj().T)")
    refuse("eig", "homogeneous_eigvals=True", homogeneous_eigvals, "w / 1")
    a = square_matrices("eig", a)
    if b is not None:
        a = nla.solve(*same_dtype(square_matrices("eig", b), a))
    out = ops.eig(a, vectors=bool(right))
    return out if right else out[0]


@scipy_function
def eigvals(a, b=None, overwrite_a=False, check_finite=True, homogeneous_eigvals=False):
    """The eigenvalues w of a v = w v, or a v = w b v for a regular b; complex."""
    return eig(a, b, right=False, homogeneous_eigvals=homogeneous_eigvals)


@scipy_function
def eigh(a, b=None, *, lower=True, eigvals_only=False, overwrite_a=False, overwrite_b=False,
         type=1, check_finite=True, subset_by_index=None, subset_by_value=None, driver=None):
    """(w, v), or w, of the hermitian problem a v = w v, or with a positive definite b

    a v = w b v (type 1), a b v = w v (type 2), b a v = w v (type 3).
    """
    refuse("eigh", "subset_by_value", subset_by_value is not None, "subset_by_index")
    a = square_matrices("eigh", a)
    first, last = (0, shape_of(a)[-1] - 1) if subset_by_index is None else subset_by_index
    kept = slice(first, last + 1)
    if b is None:
        out = ops.eigh(a, bool(lower), vectors=not eigvals_only)
        return out[0][..., kept] if eigvals_only else (out[0][..., kept], out[1][..., kept])
    a, b = same_dtype(from_triangle(a, lower), square_matrices("eigh", b))
    low = ops.cholesky(b if lower else ops.h(b))
    if type == 1:
        standard = ops.hermitian_inverse_sandwich(low, a)
    else:
        standard = ops.mm(ops.mm(ops.h(low), a), low)
    w, v = ops.eigh(standard)
    if eigvals_only:
        return w[..., kept]
    v = ops.mm(low, v) if type == 3 else ops.triangular_solve(ops.h(low), v, False)
    return w[..., kept], v[..., kept]


@scipy_function
def eigvalsh(a, b=None, *, lower=True, overwrite_a=False, overwrite_b=False, type=1,
             check_finite=True, subset_by_index=None, subset_by_value=None, driver=None):
    """The eigenvalues of a hermitian problem; see `eigh`."""
    return eigh(a, b, lower=lower, eigvals_only=True, type=type, subset_by_index=subset_by_index,
                subset_by_value=subset_by_value)


# ---- Schur and polar ----

@scipy_function
def schur(a, output="real", lwork=None, overwrite_a=False, sort=None, check_finite=True):
    """(t, z) with a = z t h(z), z unitary, t triangular.

    The real form of a real a with complex eigenvalues has 2 x 2 blocks and no derivative:
    output="complex" has one. At repeated eigenvalues there is none.
    """
    refuse("schur", "sort", sort is not None, "the order of LAPACK")
    if output not in ("real", "r", "complex", "c"):
        raise ArgumentError("schur: an unknown output", got=repr(output),
                            wanted="'real' or 'complex'")
    a = square_matrices("schur", a)
    if output in ("complex", "c"):
        a = cast_to(a, np.result_type(dtype_of(a), np.complex64))
    return ops.schur(a)


@scipy_function
def polar(a, side="right"):
    """(u, p) with a = u p (or a = p u, side "left"), p positive semidefinite.

    The derivative wants a of full rank.
    """
    if side not in ("right", "left"):
        raise ArgumentError("polar: side is 'right' or 'left'", got=repr(side))
    a = matrices("polar", a)
    u = ops.polar_factor(a)
    p = ops.mm(ops.h(u), a) if side == "right" else ops.mm(a, ops.h(u))
    return u, 0.5 * (p + ops.h(p))


@scipy_function
def orthogonal_procrustes(A, B, check_finite=True):
    """(r, scale): the orthogonal r that minimises |A r - B|, and the sum of the singular values of
    h(A) B."""
    A, B = same_dtype(matrices("orthogonal_procrustes", A), matrices("orthogonal_procrustes", B))
    product = ops.mm(ops.h(A), B)
    return ops.polar_factor(product), nla.matrix_norm(product, ord="nuc")


@scipy_function
def subspace_angles(A, B):
    """The angles between the spaces that the columns of A and of B span, the largest first.

    Knyazev and Argentati (2002): by their sines where these are small. At angle 0 there is no
    derivative.
    """
    A, B = same_dtype(matrices("subspace_angles", A), matrices("subspace_angles", B))
    qa, qb = ops.qr(A)[0], ops.qr(B)[0]
    inner = ops.mm(ops.h(qa), qb)
    cosines = nla.svdvals(inner)
    wide = shape_of(qa)[-1] >= shape_of(qb)[-1]
    rest = qb - ops.mm(qa, inner) if wide else qa - ops.mm(qb, ops.h(inner))
    sines, axes = nla.svdvals(rest), {"axes": (ndim_of(cosines) - 1,)}
    near = greater_equal(square(cosines), 0.5)
    angles = select(near, arcsin(select(near, flip(sines, **axes), constant(0, sines))),
                    arccos(select(near, constant(0, sines), cosines)))
    return flip(angles, **axes)
