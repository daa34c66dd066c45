"""Views: which functions share the elements of their argument with it, and how to write back.

    @numpy_function
    @view(back_by_axes)
    def transpose(a, axes=None): ...

The result of such a function is a handle linked to its argument (see `mutation`). NumPy itself says
where a reshaped array is a view and where a copy: a plain array of positions of the same layout
goes through NumPy's own function.
"""

from __future__ import annotations

import functools

import numpy as np

from ..mutation import (
    CLOSED_OVER,
    Sharing,
    base_of,
    frozen,
    link,
    owned,
    positions_of,
    twin,
)
from ..ops.index import scatter
from ..ops.linear import inverse_permutation, permute, reshape
from ..trace import Tracer
from .common import ndim_of, shape_of, size_of
from .function import VIEWS

# ---- how a written view is put back ----

def back_by_shape(theirs, x, y):
    """The same elements in the same order: reshape, squeeze, expand_dims."""
    return reshape(y, shape_of(x))


def back_by_axes(theirs, x, y):
    """The axes in another order. Axes of different sizes tell where each went."""
    sizes = range(2, ndim_of(x) + 2)
    shape = theirs(np.broadcast_to(np.int8(0), tuple(sizes))).shape
    return permute(y, inverse_permutation(tuple([n - 2 for n in shape])))


def back_by_place(theirs, x, y):
    """Any other choice of elements, each at most once."""
    places = theirs(np.arange(size_of(x)).reshape(shape_of(x)))
    flat = scatter(reshape(x, (size_of(x),)), reshape(y, (size_of(y),)), places.ravel(),
                   mode="set", unique=True)
    return reshape(flat, shape_of(x))


# ---- functions that give views ----

def view(back, function=None):
    """Decorate the meaning of a function of NumPy's whose result is a view of its argument.

    back: how a written view is put back; None if the result is read-only.
    """
    def decorate(meaning):
        theirs = function or getattr(np, meaning.__name__)
        sharing = _sharing(meaning, theirs, back)

        @functools.wraps(meaning)
        def viewing(a, *args, **kwargs):
            y = meaning(a, *args, **kwargs)
            kwargs.pop("copy", None)
            if isinstance(a, Tracer) and _is_copied(a, sharing, (args, kwargs)):
                return owned(y, (a,))
            if y is a:
                if back is not None or not isinstance(a, Tracer):
                    return y
                y = twin(y)
            return share(y, a, sharing, (args, kwargs))
        VIEWS.add(viewing)
        return viewing
    return decorate


def _sharing(meaning, theirs, back):
    """The place of such a view are the further arguments of its function."""
    def put(x, place, y):
        how = back_by_place if _is_fortran(place) else back
        return how(lambda numbers: positions(numbers, place), x, y)

    def positions(numbers, place):
        return theirs(numbers, *place[0], **place[1])

    return Sharing(lambda x, place: meaning(x, *place[0], **place[1]), back and put, positions)


def share(y, a, sharing, place):
    """Link a result to its argument. That of a plain array, if traced, cannot write to it."""
    if isinstance(a, Tracer):
        return link(y, a, sharing, place)
    return frozen(y, CLOSED_OVER) if isinstance(a, np.ndarray) else y


def _is_fortran(place):
    args, kwargs = place
    return "F" in args or kwargs.get("order") == "F"


def _is_copied(a, sharing, place):
    """Whether NumPy copies. Arrays that own their elements count as C-contiguous."""
    if base_of(a) is None and not _is_fortran(place):
        return False
    numbers = positions_of(a)
    return not np.shares_memory(sharing.positions(numbers, place), numbers)
