"""Sums of products by Einstein's convention, contracted two operands at a time."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_letters

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..mutation import Sharing
from ..ops.index import gather
from ..ops.linear import cast_to, permute
from ..ops.linear import sum as sum_over
from .common import promote, shape_of, strong_operand
from .function import VIEWS, numpy_function, refuse_out
from .manipulation import moveaxis
from .products import contract
from .views import back_by_place, share


@numpy_function
def einsum(*operands, out=None, optimize=False, **kwargs):
    """Sums of products named by letters, as in "ij,jk->ik"; axes of size 1 broadcast.

    Three operands or more are contracted in an order that NumPy's einsum_path finds from the
    shapes. Raises ArgumentError for subscripts that make no sense, ShapeError if they do not fit.
    """
    refuse_out(out, "einsum")
    subscripts, arrays = _subscripts(operands)
    arrays = promote(*map(strong_operand, arrays))
    if kwargs.get("dtype") is not None:
        arrays = [cast_to(x, np.dtype(kwargs["dtype"])) for x in arrays]
    inputs, output, path = _plan(subscripts, tuple(map(shape_of, arrays)))
    terms = [_diagonals(x, letters) for x, letters in zip(arrays, inputs, strict=True)]
    for group in path:
        chosen = [terms[i] for i in group]
        terms = [term for i, term in enumerate(terms) if i not in group]
        terms.append(_contract_group(chosen, set(output).union(*[t[1] for t in terms])))
    x, letters = _sum_out(*terms[0], set(output))
    y = permute(x, tuple([letters.index(c) for c in output]))
    if len(inputs) > 1 or set(inputs[0]) != set(output):
        return y
    return y if y is arrays[0] else share(y, arrays[0], SHARING, subscripts)


VIEWS.add(einsum.__wrapped__)
# Without a sum the result is a view: np.einsum("ii->i", x)[:] = 1 writes a diagonal.
SHARING = Sharing(
    lambda x, subscripts: einsum.__wrapped__(subscripts, x),
    lambda x, subscripts, y: back_by_place(lambda numbers: np.einsum(subscripts, numbers), x, y),
    lambda numbers, subscripts: np.einsum(subscripts, numbers))


@numpy_function
def einsum_path(*operands, optimize="greedy", einsum_call=False):
    """The order of contractions that NumPy proposes, which depends on shapes only."""
    subscripts, arrays = _subscripts(operands)
    shapes = [shape_of(strong_operand(x)) for x in arrays]
    return np.einsum_path(subscripts, *map(_stand_in, shapes), optimize=optimize)


def _stand_in(shape):
    """An array of some shape that takes no memory."""
    return np.broadcast_to(np.float64(0), shape)


@lru_cache(1024)
def _plan(subscripts, shapes):
    """Return (letters of each operand, letters of the result, order of contractions)."""
    inputs, output = _parse(subscripts, list(map(len, shapes)))
    _check_sizes(inputs, shapes)
    return inputs, output, _path(inputs, output, shapes)


# ---- subscripts ----

def _subscripts(operands):
    """Return (subscripts, arrays); the form einsum(x, [0, 1], y, [1, 2], [0, 2]) is spelled out."""
    if operands and isinstance(operands[0], str):
        return operands[0], operands[1:]
    arrays, lists = operands[:len(operands) // 2 * 2:2], operands[1::2]
    spelled = ",".join(map(_letters, lists))
    return (f"{spelled}->{_letters(operands[-1])}" if len(operands) % 2 else spelled), arrays


def _letters(numbers):
    return "".join("..." if k is Ellipsis else ascii_letters[k] for k in numbers)


def _parse(subscripts, ndims):
    """Return (letters of each operand, letters of the result), with `...` spelled out."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise ArgumentError("einsum: one group of subscripts for each operand",
                            got=f"{len(inputs)} groups for {len(ndims)} operands")
    widths = [ndim - len(t.replace("...", "")) if "..." in t else 0
              for t, ndim in zip(inputs, ndims, strict=True)]
    spare = [c for c in reversed(ascii_letters) if c not in text]
    dots = "".join(spare[:max(widths, default=0)])
    inputs = [t.replace("...", dots[len(dots) - width:]) if width >= 0 else t
              for t, width in zip(inputs, widths, strict=True)]
    joined = "".join(inputs)
    free = "".join(c for c in sorted(set(joined)) if joined.count(c) == 1 and c not in dots)
    output = right.replace("...", dots) if arrow else dots + free
    _check_letters(subscripts, joined, output)
    return inputs, output


def _check_letters(subscripts, joined, output):
    if not set(joined + output) <= set(ascii_letters):
        raise ArgumentError("einsum: subscripts are letters, ',', '->' and '...'",
                            got=repr(subscripts))
    if len(set(output)) < len(output) or not set(output) <= set(joined):
        raise ArgumentError("einsum: a letter of the result occurs in it once, and in an operand",
                            got=repr(subscripts))


def _check_sizes(inputs, shapes):
    sizes = {}
    for letters, shape in zip(inputs, shapes, strict=True):
        if len(letters) != len(shape):
            raise ShapeError("einsum: one letter for each axis",
                             got=f"{letters!r} for shape {shape}")
        for c, n in zip(letters, shape, strict=True):
            have = sizes.setdefault(c, n)
            if have != n and 1 not in (have, n):
                raise ShapeError(f"einsum: the axis {c!r} has two sizes", got=f"{have} and {n}")
            sizes[c] = n if have == 1 else have


# ---- contraction ----

def _path(inputs, output, shapes):
    """Groups of terms to contract; the result of each stands last among those that are left."""
    if len(shapes) == 1:
        return []
    if len(shapes) == 2:
        return [(0, 1)]
    spelled = f"{','.join(inputs)}->{output}"
    return np.einsum_path(spelled, *map(_stand_in, shapes), optimize="greedy")[0][1:]


def _contract_group(terms, kept):
    """Contract terms from left to right; `kept` are the letters that are needed later."""
    x = terms[0]
    for i, y in enumerate(terms[1:], 1):
        x = _contract(x, y, kept.union(*[letters for _, letters in terms[i + 1:]]))
    return x


def _contract(left, right, kept):
    """Contract two terms over the letters that nobody else needs."""
    (x, a), (y, b) = left, right
    letters = "".join(c for c in dict.fromkeys(a + b) if c in kept)
    return contract(x, a, y, b, letters), letters


def _sum_out(x, letters, kept):
    """Sum over the axes of one term that nobody else has."""
    axes = tuple([i for i, c in enumerate(letters) if c not in kept])
    return sum_over(x, axes), "".join(c for c in letters if c in kept)


def _diagonals(x, letters):
    """Take the diagonal of axes that share a letter; it stands last."""
    for c in dict.fromkeys(letters):
        while letters.count(c) > 1:
            i = letters.index(c)
            j = letters.index(c, i + 1)
            x = _diagonal(x, i, j)
            letters = letters[:i] + letters[i + 1:j] + letters[j + 1:] + c
    return x, letters


def _diagonal(x, i, j):
    shape = shape_of(x)
    rest = tuple([k for k in range(len(shape)) if k not in (i, j)])
    moved = permute(x, (i, j, *rest))
    n = max(shape[i], shape[j])
    places = [np.zeros(n, int) if shape[k] == 1 else np.arange(n) for k in (i, j)]
    return moveaxis(gather(moved, *places), 0, -1)
