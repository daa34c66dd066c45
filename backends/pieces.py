"""Arrays that are put together from pieces: concatenate and pad."""

from __future__ import annotations

from ..refimpl.graph import Lit


def _lie_side_by_side(shape, axis):
    """Whether parts along this axis are runs of elements, one after the other."""
    return all(n == 1 for n in shape[:axis])


def pieces_of_concatenate(eqn):
    """[(atom, its shape), ...] in the order in which they lie in memory, or None."""
    if not _lie_side_by_side(eqn.outs[0].aval.shape, eqn.params["axis"]):
        return None
    return _not_empty([(a, a.aval.shape) for a in eqn.args])


def _not_empty(pieces):
    return [(atom, shape) for atom, shape in pieces if 0 not in shape]


def pieces_of_pad(eqn):
    """Zeros, the array, zeros; None if the zeros are not in front and behind only."""
    (x,), shape = eqn.args, eqn.outs[0].aval.shape
    padded = [i for i, widths in enumerate(eqn.params["config"]) if any(widths)]
    if len(padded) != 1 or not _lie_side_by_side(shape, padded[0]):
        return None
    (axis,) = padded
    low, high, between = eqn.params["config"][axis]
    if between and shape[axis] - low - high > 1:
        return None
    zero = Lit(x.aval.dtype.type(0))

    def zeros(n):
        return zero, tuple([n if i == axis else m for i, m in enumerate(shape)])
    return _not_empty([zeros(low), (x, x.aval.shape), zeros(high)])


PIECES = {"concatenate": pieces_of_concatenate, "pad": pieces_of_pad}
