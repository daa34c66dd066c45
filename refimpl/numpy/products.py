"""Products of arrays: matmul, dot, einsum, tensordot and their relatives; norms."""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from ..ops import elementwise as ops
from ..ops import reduce
from ..ops.dot import dot_general
from ..ops.index import gather
from ..ops.linear import broadcast_to, cast_to, permute, reshape
from ..ops.linear import sum as sum_over
from ..ops.movement import pad
from .common import dtype_of, keep_axes, many_axes, one_axis, refuse_out, shape_of, strong_operand
from .elementwise import imag, real, root
from .manipulation import moveaxis, ravel, stack
from .reductions import sum as np_sum


def matmul(x1, x2, /, out=None, **kwargs):
    """x1 @ x2: matrices in the last two axes, the others broadcast."""
    refuse_out(out, "matmul")
    x, y = strong_operand(x1), strong_operand(x2)
    if not shape_of(x) or not shape_of(y):
        raise ShapeError("matmul: operands need at least one axis", got="a number",
                         instead="np.multiply")
    k, m = shape_of(x)[-1], shape_of(y)[-2 if len(shape_of(y)) > 1 else 0]
    if k != m:
        raise ShapeError(f"matmul: {shape_of(x)} @ {shape_of(y)}: the inner sizes differ",
                         got=f"{k} and {m}", wanted="equal sizes")
    x_ndim, y_ndim = len(shape_of(x)), len(shape_of(y))
    if y_ndim <= 2:
        return dot_general(x, y, ((x_ndim - 1,), (max(0, y_ndim - 2),)))
    if x_ndim == 1:
        return dot_general(y, x, ((y_ndim - 2,), (0,)))
    batch = np.broadcast_shapes(shape_of(x)[:-2], shape_of(y)[:-2])
    x = broadcast_to(x, (*batch, *shape_of(x)[-2:]))
    y = broadcast_to(y, (*batch, *shape_of(y)[-2:]))
    n = len(batch)
    axes = tuple(range(n))
    return dot_general(x, y, ((n + 1,), (n,)), (axes, axes))


def dot(a, b, out=None):
    """The sum over the last axis of a and the second-last (or only) one of b."""
    refuse_out(out, "dot")
    a, b = strong_operand(a), strong_operand(b)
    if not shape_of(a) or not shape_of(b):
        return ops.multiply(a, b)
    return dot_general(a, b, ((len(shape_of(a)) - 1,), (max(0, len(shape_of(b)) - 2),)))


def inner(a, b, /):
    """The sum over the last axes."""
    a, b = strong_operand(a), strong_operand(b)
    if not shape_of(a) or not shape_of(b):
        return ops.multiply(a, b)
    return dot_general(a, b, ((len(shape_of(a)) - 1,), (len(shape_of(b)) - 1,)))


def outer(a, b, out=None):
    """a_i b_j of raveled arrays."""
    refuse_out(out, "outer")
    a, b = ravel(a), ravel(b)
    return ops.multiply(reshape(a, (*shape_of(a), 1)), b)


def vdot(a, b, /):
    """The sum of conj(a) b over all elements."""
    a, b = ravel(a), ravel(b)
    return dot_general(ops.conjugate(a) if dtype_of(a).kind == "c" else a, b, ((0,), (0,)))


def vecdot(x1, x2, /, axis=-1, **kwargs):
    """The sum of conj(x1) x2 over an axis."""
    x1, x2 = strong_operand(x1), strong_operand(x2)
    x1 = ops.conjugate(x1) if dtype_of(x1).kind == "c" else x1
    return np_sum(ops.multiply(moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)), -1)


def tensordot(a, b, axes=2):
    """The sum over pairs of axes: the last and first `axes` ones, or two lists."""
    a, b = strong_operand(a), strong_operand(b)
    a_ndim, b_ndim = len(shape_of(a)), len(shape_of(b))
    if np.ndim(axes) == 0:
        left, right = range(a_ndim - axes, a_ndim), range(axes)
    else:
        left, right = [x if isinstance(x, (tuple, list)) else (x,) for x in axes]
    left = tuple([one_axis(i, a_ndim, "tensordot") for i in left])
    right = tuple([one_axis(i, b_ndim, "tensordot") for i in right])
    return dot_general(a, b, (left, right))


def kron(a, b):
    """The Kronecker product: blocks a_ij b."""
    a, b = strong_operand(a), strong_operand(b)
    ndim = max(len(shape_of(a)), len(shape_of(b)))
    m, n = [(1,) * (ndim - len(shape_of(x))) + shape_of(x) for x in (a, b)]
    left = reshape(a, tuple([k for size in m for k in (size, 1)]))
    right = reshape(b, tuple([k for size in n for k in (1, size)]))
    return reshape(ops.multiply(left, right), tuple([x * y for x, y in zip(m, n, strict=True)]))


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The vector product of vectors of three elements."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(a, axisa, 0), moveaxis(b, axisb, 0)
    if shape_of(a)[0] != 3 or shape_of(b)[0] != 3:
        raise ShapeError("cross: vectors of three elements",
                         got=f"{shape_of(a)[0]} and {shape_of(b)[0]}")
    x, y = [[v[i] for i in range(3)] for v in (a, b)]
    parts = [x[(i + 1) % 3] * y[(i + 2) % 3] - x[(i + 2) % 3] * y[(i + 1) % 3] for i in range(3)]
    return moveaxis(stack(parts), 0, axisc)


# ---- einsum ----

def einsum(subscripts, /, *operands, out=None, dtype=None, order="K", casting="safe",
           optimize=True):
    """Sums of products named by letters, as "ij,jk->ik"; contracted two operands at a time."""
    refuse_out(out, "einsum")
    if not isinstance(subscripts, str):
        raise ShapeError("einsum takes a string of subscripts", got=type(subscripts).__name__)
    operands = [strong_operand(x) for x in operands]
    if dtype is not None:
        operands = [cast_to(x, np.dtype(dtype)) for x in operands]
    inputs, output = _parse(subscripts, [shape_of(x) for x in operands])
    _check_sizes(inputs, operands)
    terms = [_diagonals(x, letters) for x, letters in zip(operands, inputs, strict=True)]
    for pair in _contraction_order(inputs, output, operands)[:-1]:
        chosen = [terms.pop(i) for i in sorted(pair, reverse=True)][::-1]
        kept = set(output).union(*[letters for _, letters in terms])
        terms.append(_contract(*chosen, kept))
    x, letters = _sum_out(*terms[0], set(output)) if len(terms) == 1 else \
        _contract(*terms, set(output))
    return permute(x, tuple([letters.index(c) for c in output]))


def _contraction_order(inputs, output, operands):
    """Pairs of operands to contract, found by NumPy from the shapes."""
    if len(operands) <= 2:
        return [()]
    spelled = f"{','.join(inputs)}->{output}"
    shapes = [np.broadcast_to(np.float64(0), shape_of(x)) for x in operands]
    path = np.einsum_path(spelled, *shapes, optimize="greedy")[0][1:]
    pairs = []
    for group in path:
        pairs += [tuple(group[:2])] if len(group) == 2 else _pairs_of(group)
    return pairs


def _pairs_of(group):
    """A group of more than two, two at a time: the newest term always stands last."""
    return [tuple(group[:2])] * (len(group) - 1) if list(group) == list(range(len(group))) else \
        [tuple(group)]


def _parse(subscripts, shapes):
    """Return (letters of each operand, letters of the result), with `...` spelled out."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(shapes):
        raise ShapeError("einsum: as many subscripts as operands",
                         got=f"{len(inputs)} for {len(shapes)} operands")
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in text]
    widths = [len(s) - len(t.replace("...", "")) for t, s in zip(inputs, shapes, strict=True)]
    widest = max([w for t, w in zip(inputs, widths, strict=True) if "..." in t], default=0)
    dots = "".join(spare[:widest])
    inputs = [t.replace("...", dots[widest - w:] if w > 0 else "")
              for t, w in zip(inputs, widths, strict=True)]
    if arrow:
        return inputs, right.replace("...", dots)
    joined = "".join(inputs)
    free = [c for c in sorted(set(joined)) if joined.count(c) == 1 and c not in dots]
    return inputs, dots + "".join(free)


def _check_sizes(inputs, operands):
    sizes = {}
    for letters, x in zip(inputs, operands, strict=True):
        if len(letters) != len(shape_of(x)):
            raise ShapeError("einsum: one letter for each axis",
                             got=f"{letters!r} for shape {shape_of(x)}")
        for c, n in zip(letters, shape_of(x), strict=True):
            if sizes.setdefault(c, n) != n and 1 not in (n, sizes[c]):
                raise ShapeError(f"einsum: axis {c!r} has two sizes", got=f"{sizes[c]} and {n}")
            sizes[c] = max(sizes[c], n)


def _diagonals(x, letters):
    """Take the diagonal of axes that share a letter."""
    for c in dict.fromkeys(letters):
        while letters.count(c) > 1:
            i, j = [k for k, d in enumerate(letters) if d == c][:2]
            x = _diagonal_last(x, i, j)
            letters = "".join(d for k, d in enumerate(letters) if k not in (i, j)) + c
    return x, letters


def _diagonal_last(x, i, j):
    n = shape_of(x)[i]
    rest = tuple([k for k in range(len(shape_of(x))) if k not in (i, j)])
    moved = permute(x, (i, j, *rest))
    places = np.arange(n)
    return moveaxis(gather(moved, places, places), 0, -1)


def _sum_out(x, letters, kept):
    axes = tuple([i for i, c in enumerate(letters) if c not in kept])
    return sum_over(x, axes), "".join(c for c in letters if c in kept)


def _contract(left, right, kept):
    """Contract two terms over the letters that nobody else needs."""
    (x, a), (y, b) = _sum_out(*left, kept | set(right[1])), _sum_out(*right, kept | set(left[1]))
    x, y = _widen(x, a, y, b), _widen(y, b, x, a)
    batch = [c for c in a if c in b and c in kept]
    summed = [c for c in a if c in b and c not in kept]
    places = [[tuple([t.index(c) for c in group]) for t in (a, b)] for group in (summed, batch)]
    z = dot_general(x, y, *map(tuple, places))
    free = [c for c in a if c not in b] + [c for c in b if c not in a]
    return z, "".join(batch + free)


def _widen(x, a, y, b):
    """Repeat axes of size 1 that meet larger ones."""
    sizes = dict(zip(b, shape_of(y), strict=True))
    return broadcast_to(x, tuple([sizes.get(c, n) if n == 1 else n
                                  for c, n in zip(a, shape_of(x), strict=True)]))


# ---- diagonals and triangles ----

def diagonal(a, offset=0, axis1=0, axis2=1):
    """The elements a[..., i, i + offset], along a last axis."""
    a = strong_operand(a)
    ndim = len(shape_of(a))
    i, j = one_axis(axis1, ndim, "diagonal"), one_axis(axis2, ndim, "diagonal")
    rest = tuple([k for k in range(ndim) if k not in (i, j)])
    rows, columns = shape_of(a)[i], shape_of(a)[j]
    n = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    places = np.arange(n)
    picked = gather(permute(a, (i, j, *rest)), places - min(offset, 0),
                           places + max(offset, 0))
    return moveaxis(picked, 0, -1)


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum of a diagonal."""
    return np_sum(diagonal(a, offset, axis1, axis2), -1, dtype, out)


def diag(v, k=0):
    """The diagonal of a matrix, or the matrix with a diagonal."""
    v = strong_operand(v)
    if len(shape_of(v)) == 2:
        return diagonal(v, k)
    if len(shape_of(v)) != 1:
        raise ShapeError("diag: one or two axes", got=str(shape_of(v)))
    n = shape_of(v)[0] + abs(k)
    spread = reshape(v, (shape_of(v)[0], 1))
    mask = np.eye(shape_of(v)[0], n, max(k, 0), dtype=bool)
    rows = ops.select(mask, spread, dtype_of(v).type(0))
    if k >= 0:
        return _pad_rows(rows, 0, k)
    return _pad_rows(ops.select(np.eye(shape_of(v)[0], n, dtype=bool), spread,
                                dtype_of(v).type(0)), -k, 0)


def _pad_rows(rows, above, below):
    return pad(rows, ((above, below, 0), (0, 0, 0)))


def diagflat(v, k=0):
    """The matrix whose diagonal is the raveled array."""
    return diag(ravel(v), k)


def tril(m, k=0):
    """The lower triangle; zero elsewhere."""
    return _triangle(m, lambda n: np.tri(*n, k=k, dtype=bool))


def triu(m, k=0):
    """The upper triangle; zero elsewhere."""
    return _triangle(m, lambda n: ~np.tri(*n, k=k - 1, dtype=bool))


def _triangle(m, mask):
    m = strong_operand(m)
    return ops.select(mask(shape_of(m)[-2:]), m, dtype_of(m).type(0))


# ---- norms ----

def norm(x, ord=None, axis=None, keepdims=False):
    """numpy.linalg.norm of vectors and the Frobenius norm; the derivative at 0 is 0."""
    x = strong_operand(x)
    if dtype_of(x).kind not in "fc":
        x = cast_to(x, np.dtype(np.float64))
    axes = many_axes(axis, len(shape_of(x)), "norm")
    vector = ord is None or len(axes) == 1 or ord in ("fro",)
    if not vector:
        raise ShapeError("norm: this matrix norm is not supported on traced arrays",
                         got=f"ord={ord!r}", wanted="ord=None or 'fro', or one axis")
    y = _vector_norm(x, 2 if ord in (None, "fro") else ord, axes)
    return keep_axes(y, x, axes, keepdims)


def _vector_norm(x, ord, axes):
    if ord == 2:
        squares = ops.square(real(x)) + ops.square(imag(x)) if dtype_of(x).kind == "c" \
            else ops.square(x)
        return root(sum_over(squares, axes))
    size = ops.absolute(x)
    if ord == np.inf:
        return reduce.max(size, axes)
    if ord == -np.inf:
        return reduce.min(size, axes)
    if ord == 0:
        return sum_over(cast_to(ops.not_equal(size, 0), dtype_of(size)), axes)
    if ord == 1:
        return sum_over(size, axes)
    return ops.power(sum_over(ops.power(size, ord), axes), 1.0 / ord)


def convolve(a, v, mode="full"):
    """The sums of a[i] v[n - i] for each n: "full", "same" or "valid"."""
    a, v = ravel(a), ravel(v)
    if shape_of(v)[0] > shape_of(a)[0]:
        a, v = v, a
    n, k = shape_of(a)[0], shape_of(v)[0]
    wide = pad(a, ((k - 1, k - 1, 0),))
    places = np.arange(n + k - 1)[:, None] + np.arange(k)[::-1]
    full = dot_general(gather(wide, places), v, ((1,), (0,)))
    low, high = {"full": (0, n + k - 1), "same": ((k - 1) // 2, (k - 1) // 2 + n),
                 "valid": (k - 1, n)}[mode]
    return full[low:high]

