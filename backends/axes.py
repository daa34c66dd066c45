"""Axis: one loop of an iteration space, told apart by identity.

While kernels are being fused nobody knows yet which loops will turn out to be the same, or that
one has to be seen as two (a reshape inside of a kernel). So an axis can be *united* with another
and *split* into an outer and an inner part; `resolve` says what has become of it. Sizes are never
1: such axes carry nothing and are left out. A dimension of an array runs along a tuple of axes in
C order; the empty tuple means that the array is constant (repeated, or of size 1) along it.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod


class Axis:
    __slots__ = ("parts", "size")

    def __init__(self, size):
        self.size = size
        self.parts = None       # what it has become: a tuple of axes of the same total size

    def __repr__(self):
        return f"Axis({self.size})"


def resolve(axes):
    """The axes of today that a tuple of axes stands for."""
    for a in axes:
        if a.parts is not None:
            return tuple([b for a in axes for b in _today(a)])
    return axes


def _today(axis):
    """What one axis has become; what is found is remembered, so that chains stay short."""
    if axis.parts is None:
        return (axis,)
    axis.parts = resolve(axis.parts)
    return axis.parts


def unite(axis, other):
    """Let `axis` be `other` from now on."""
    if axis is not other:
        axis.parts = (other,)


def split(axis, inner):
    """Split an axis into (outer, inner) of the given inner size."""
    axis.parts = (Axis(axis.size // inner), Axis(inner))
    return axis.parts


def align(xs, ys):
    """Split the axes of two tuples of the same total size until they correspond one to one.

    Returns whether they can. Sizes that do not divide each other cannot: (2, 3) and (3, 2).
    """
    xs, ys = list(resolve(xs)), list(resolve(ys))
    if not _nested([a.size for a in xs], [a.size for a in ys]):
        return False
    while xs:
        x, y = xs.pop(), ys.pop()
        if x.size > y.size:
            xs += split(x, y.size)
            xs.pop()
        elif y.size > x.size:
            ys += split(y, x.size)
            ys.pop()
    return True


def _nested(sizes, others):
    """Whether, counted from the innermost, every partial product divides the next of both."""
    if prod(sizes) != prod(others) or 0 in sizes or 0 in others:
        return sizes == others
    products = sorted({*_products(sizes), *_products(others)})
    return all(big % small == 0 for small, big in pairwise(products))


def _products(sizes):
    product = 1
    for n in reversed(sizes):
        product *= n
        yield product


def regroup(dims, old, new):
    """The dims of a reshape from shape `old` to `new`, or None if no split of axes says it.

    A repeated dimension (no axes, size > 1) can be kept or cut, but not merged with others.
    """
    if 0 in old:
        return None
    pieces = []
    for axes, n in zip(dims, old, strict=True):
        pieces += resolve(axes) if axes else [n] * (n != 1)
    out = []
    for n in reversed(new):
        taken = _take(pieces, n)
        repeated = [p for p in taken or () if type(p) is int]
        if taken is None or (repeated and len(repeated) != len(taken)):
            return None
        out.append(() if repeated else tuple(taken))
    return tuple(reversed(out))


def _take(pieces, size):
    """Take axes (or repeat counts) of this total size from the inner end, or None."""
    taken = []
    while size != 1:
        piece = pieces.pop()
        n = piece if type(piece) is int else piece.size
        if size % n == 0:
            taken.insert(0, piece)
            size //= n
        elif n % size == 0:
            outer, inner = (n // size, size) if type(piece) is int else split(piece, size)
            pieces.append(outer)
            return [inner, *taken]
        else:
            return None
    return taken
