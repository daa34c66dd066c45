"""Layout: where the elements of a view lie in a buffer, as pure arithmetic on strides.

Strides and offsets count elements, not bytes: 0 repeats one element, a negative stride walks
backwards. All functions are pure; none touches memory.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple


class Layout(NamedTuple):
    """Element (i0, i1, ...) of the view is element `offset + sum(i * stride)` of the buffer."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    @property
    def size(self):
        return prod(self.shape)

    @property
    def is_contiguous(self):
        """Whether the elements lie side by side in C order, from the start of the buffer."""
        return self.offset == 0 and is_dense(self.shape, self.strides)


def contiguous(shape):
    """The layout of a C-contiguous array."""
    return Layout(shape, dense_strides(shape))


def dense_strides(shape):
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def is_dense(shape, strides):
    """Whether the strides are those of C order; strides of axes of size 1 do not matter."""
    step = 1
    for n, s in zip(reversed(shape), reversed(strides), strict=True):
        if n == 0:
            return True
        if n != 1 and s != step:
            return False
        step *= n
    return True


def span(layout):
    """(lowest, highest) element that the view reaches; (0, -1) for an empty one."""
    if layout.size == 0:
        return 0, -1
    reach = [(n - 1) * s for n, s in zip(layout.shape, layout.strides, strict=True)]
    low = layout.offset + sum(r for r in reach if r < 0)
    return low, layout.offset + sum(r for r in reach if r > 0)


# ---- movement operations on layouts ----

def permuted(layout, perm):
    return Layout(tuple([layout.shape[i] for i in perm]),
                  tuple([layout.strides[i] for i in perm]), layout.offset)


def broadcast(layout, shape):
    extra = len(shape) - len(layout.shape)
    strides = [s if n == m else 0
               for n, m, s in zip(layout.shape, shape[extra:], layout.strides, strict=True)]
    return Layout(shape, (0,) * extra + tuple(strides), layout.offset)


def sliced(layout, starts, stops, steps):
    shape = tuple([len(range(*t)) for t in zip(starts, stops, steps, strict=True)])
    offset = layout.offset + sum([a * s for a, s in zip(starts, layout.strides, strict=True)])
    strides = tuple([s * k for s, k in zip(layout.strides, steps, strict=True)])
    return Layout(shape, strides, offset if prod(shape) else 0)


def flipped(layout, axes):
    strides, offset = list(layout.strides), layout.offset
    for a in axes:
        offset += max(layout.shape[a] - 1, 0) * strides[a]
        strides[a] = -strides[a]
    return Layout(layout.shape, tuple(strides), offset)


def reshaped(layout, shape):
    """The same elements in C order with another shape, or None if no strides can say that."""
    if 0 in shape or is_dense(layout.shape, layout.strides):
        return Layout(shape, dense_strides(shape), layout.offset)
    runs, (strides,) = collapse(layout.shape, layout.strides)
    runs = list(zip(runs, strides, strict=True))
    out, left, step = [], 1, 0
    for n in reversed(shape):
        if n == 1:
            out.append(0)
            continue
        if left == 1:
            left, step = runs.pop()
        if left % n:
            return None
        out.append(step)
        left, step = left // n, step * n
    return Layout(shape, tuple(reversed(out)), layout.offset)


# ---- merging axes ----

def collapse(shape, *views):
    """Drop axes of size 1 and merge neighbours that every view walks as one axis.

    views: tuples of strides. Returns (shape, [strides of each view]).
    """
    axes = [(n, *steps) for n, *steps in zip(shape, *views, strict=True) if n != 1]
    merged = axes[:1]
    for n, *steps in axes[1:]:
        m, *outer = merged[-1]
        if all(o == s * n for o, s in zip(outer, steps, strict=True)):
            merged[-1] = (m * n, *steps)
        else:
            merged.append((n, *steps))
    columns = list(zip(*merged, strict=True)) or [()] * (1 + len(views))
    return columns[0], columns[1:]


def single_axis(shape, strides):
    """The one (size, stride) that these axes walk together, or None."""
    shape, (strides,) = collapse(shape, strides)
    if not shape:
        return 1, 0
    return (shape[0], strides[0]) if len(shape) == 1 else None
