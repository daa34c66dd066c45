"""New keys from old ones."""

from __future__ import annotations

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.errors import DtypeError, ShapeError
from isograd.refimpl.trace import Tracer

from .arguments import sampler, shape_argument, single_key
from .bits import draw
from .keys import Key, folded, key_array
from .reuse import allow


def split(key, num=2):
    """New keys, independent of each other: an array of `num` keys (an int, or a shape).

    The key itself is used up: draw from the new ones. A key given as plain words gives plain words.
    """
    words = _split(key, num)
    return Key(words) if isinstance(key, Key) else words


@sampler
def _split(words, num):
    return draw(words, shape_argument(num, "split"), "pair")


_split.__name__ = "split"


def fold_in(key, data):
    """The key that a number makes of a key: data is an integer of 32 bits, such as a step's."""
    words = single_key(key, "fold_in")
    new = folded(words, _word(data))
    return Key(new) if isinstance(key, Key) else new


def _word(data):
    if isinstance(data, Key):
        raise DtypeError("fold_in takes a number", got=repr(data), wanted="an integer of 32 bits")
    if type(data) is int and not 0 <= data < 2**32:
        raise DtypeError("fold_in: a number has 32 bits", got=str(data),
                         wanted="0 <= data < 2**32",
                         instead="fold_in(fold_in(key, data >> 32), data & 0xFFFFFFFF)")
    data = data if isinstance(data, Tracer) else np.asarray(data)
    if data.dtype.kind not in "iu":
        raise DtypeError("fold_in takes an integer", got=str(data.dtype), instead="int(data)")
    if data.shape:
        raise ShapeError("fold_in takes one number", got=f"shape {data.shape}", wanted="()",
                         instead="isograd.vmap(random.fold_in, in_axes=(None, 0))(key, data)")
    return inp.asarray(data).astype(np.uint32)


def clone(key):
    """The same key, which may be used once more (see `check_reuse`)."""
    keys = key_array(key, "clone")
    allow(keys.data)
    return key
