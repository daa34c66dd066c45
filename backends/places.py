"""Place: where the value of a variable is to be found, so that moving data needs no kernel."""

from __future__ import annotations

from typing import NamedTuple

from ..refimpl.graph import Var
from . import views
from .axes import regroup
from .views import Layout


class Place(NamedTuple):
    """A value as a view of the variable `base`, which some kernel computes (or which is an input).

    layout: where the elements lie in the buffer of `base`.
    dims: the axes of base's cluster along each dimension, or None if axes cannot say it (a slice).
    key: what readers must have in common to be merged for reading the same thing; normally `base`.
    weak: whether it is a Python scalar.
    """

    base: Var
    layout: Layout
    dims: tuple | None
    key: Var
    weak: bool = False

    @property
    def shape(self):
        return self.layout.shape


def spread(place, shape):
    """The place, repeated as NumPy's broadcasting does."""
    if place.layout.shape == shape:
        return place
    extra = len(shape) - len(place.shape)
    dims = place.dims
    if dims is not None:
        dims = ((),) * extra + tuple([d if n == m else () for d, n, m in zip(
            dims, place.shape, shape[extra:], strict=True)])
    return place._replace(layout=views.broadcast(place.layout, shape), dims=dims)


def permuted(place, perm):
    dims = None if place.dims is None else tuple([place.dims[i] for i in perm])
    return place._replace(layout=views.permuted(place.layout, perm), dims=dims)


def reshaped(place, shape):
    """The place with another shape, or None if no strides can say that."""
    layout = views.reshaped(place.layout, shape)
    if layout is None:
        return None
    dims = None if place.dims is None else regroup(place.dims, place.shape, shape)
    return place._replace(layout=layout, dims=dims)


def _whole_or_none(place, layout, touched):
    """A place whose dimensions `touched` no longer run along whole axes."""
    return place._replace(layout=layout, dims=None if touched else place.dims)


def sliced(place, starts, stops, steps):
    layout = views.sliced(place.layout, starts, stops, steps)
    return _whole_or_none(place, layout, layout.shape != place.shape)


def flipped(place, axes):
    touched = any(place.shape[a] > 1 and place.layout.strides[a] for a in axes)
    return _whole_or_none(place, views.flipped(place.layout, axes), touched)


# Operations that only look at their argument in another way. (Whether the result is a Python scalar
# is up to its type.)
MOVES = {
    "broadcast_to": lambda place, shape: spread(place, shape),
    "permute": lambda place, perm: permuted(place, perm),
    "reshape": lambda place, shape: reshaped(place, shape),
    "slice": sliced,
    "flip": flipped,
    "stop_gradient": lambda place: place,
    "weaken": lambda place: place,
    "positive": lambda place: place,
}
