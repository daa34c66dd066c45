"""The places where a mask holds: as many as there are, or as many as asked for.

How many there are decides a shape, so the mask must be known, unless `size=` says it.
"""

from __future__ import annotations

from ..ops import elementwise as ops
from ..ops.index import gather, iota
from ..ops.linear import reshape
from ..ops.linear import sum as sum_over
from ..ops.scan import argsort
from .common import as_int, ndim_of, shape_of, size_of, strong_operand
from .concrete import places_where


def nonzero_places(condition, size=None, fill_value=None):
    """An index array an axis, for the elements that are not zero, in C order.

    size: how many places; those beyond the last are fill_value (0; one number, or one an axis).
    """
    if size is None:
        return places_where(condition)
    condition = strong_operand(condition)
    found, valid = _first_places(condition, as_int(size, "size"))
    fills = fill_value if isinstance(fill_value, tuple) else (fill_value or 0,) * ndim_of(condition)
    places = []
    for n in reversed(shape_of(condition)):
        places.append(ops.remainder(found, max(n, 1)))
        found = ops.floor_divide(found, max(n, 1))
    return tuple([ops.select(valid, place, fill)
                  for place, fill in zip(reversed(places), fills, strict=True)])


def _first_places(condition, size):
    """The first places of the raveled array, and which of them are there."""
    n = size_of(condition)
    if not n:
        return iota(size) * 0, iota(size) < 0
    mask = ops.not_equal(reshape(condition, (n,)), 0)
    order = argsort(ops.logical_not(mask), 0)       # stable: the places in order, then the others
    return gather(order, iota(size).clip(max=n - 1)), ops.less(iota(size), sum_over(mask, (0,)))
