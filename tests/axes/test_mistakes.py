"""What is said of collectives that ask for what there is not."""

import pytest

import isograd
from isograd import lax
from isograd.errors import ArgumentError, ShapeError, UnboundAxisError

from .test_collectives import X

MISTAKES = {
    "no such name": (lambda x: lax.psum(x, "k"), UnboundAxisError, "'i'"),
    "twice": (lambda x: lax.psum(x, ("i", "i")), ArgumentError, "once"),
    "uneven groups": (lambda x: lax.psum(x, "i", axis_index_groups=[[0], [1, 2, 3]]),
                      ArgumentError, r"range\(4\)"),
    "groups that lack one": (lambda x: lax.psum(x, "i", axis_index_groups=[[0, 1], [1, 2]]),
                             ArgumentError, "partition"),
    "two sources": (lambda x: lax.ppermute(x, "i", [(0, 1), (2, 1)]), ArgumentError, "once"),
    "out of range": (lambda x: lax.ppermute(x, "i", [(0, 4)]), ArgumentError, "below 4"),
    "no pairs": (lambda x: lax.ppermute(x, "i", [0, 1, 2, 3]), ArgumentError, "pairs"),
    "no permutation": (lambda x: lax.pshuffle(x, "i", [0, 0, 1, 2]), ArgumentError, "order"),
    "no such example": (lambda x: lax.pbroadcast(x, "i", 4), ArgumentError, "0 to 3"),
    "wrong length": (lambda x: lax.psum_scatter(x[:3], "i"), ShapeError, "tiled=True"),
    "not a multiple": (lambda x: lax.all_to_all(x[:3], "i", 0, 0, tiled=True), ShapeError,
                       "multiple of 4"),
    "no such axis": (lambda x: lax.all_gather(x, "i", axis=5), ShapeError, "5"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(mistake):
    f, kind, what = MISTAKES[mistake]
    with pytest.raises(kind, match=what) as error:
        isograd.vmap(f, axis_name="i")(X)
    assert "test_mistakes.py" in str(error.value)
