"""What distributions have in common that are drawn by trial and error (gamma, Poisson, binomial).

As bits are made by counting, elements that were rejected are drawn again from a later key. The
order in which keys are split is JAX's, and so are the draws, up to rounding.
"""

from __future__ import annotations

import numpy as np

from ..aval import Aval, aval_of
from ..errors import ShapeError
from ..primitive import Primitive
from ..trace import bind
from .linear import broadcast_to
from .random import elements


class Elements:
    """The elements of an array that has a key for each of its leading elements.

    keys: uint32[rows, 2]. Element i belongs to row `rows[i]` and has counter `counters[i]` there.
    """

    def __init__(self, key, shape):
        self.keys = np.reshape(key, (-1, 2))
        self.rows, self.counters = np.indices(
            (len(self.keys), int(np.prod(shape[np.ndim(key) - 1:])))).reshape(2, -1)

    def draw(self, keys, index, form):
        """Numbers for the elements of an index array, from one key for each row."""
        return elements(keys[self.rows[index]], self.counters[index], form)

    def any(self, marks):
        """Whether any element of each key is marked."""
        return np.bincount(self.rows[marks], minlength=len(self.keys)) > 0


def split(keys, n):
    """The first n keys that each key splits into."""
    return [elements(keys, i, "pair") for i in range(n)]


def sampler(name, impl, jvp, doc):
    """Define a primitive of keys uint32[..., 2] and parameters of one shape, which is the result's
    too and starts with that of the array of keys."""
    return Primitive(name, "random", impl, _aval, jvp, batch=_batch, doc=doc)


def _aval(key, *parameters, **params):
    shape = parameters[0].shape
    if shape[:key.ndim - 1] != key.shape[:-1] or any(p.shape != shape for p in parameters):
        raise ShapeError("random numbers: parameters of one shape, which starts with the keys'",
                         got=", ".join(map(str, (key, *parameters))))
    return Aval(shape, params.get("dtype", parameters[0].dtype))


def _batch(prim, size, args, batched, params):
    args = [x if b else broadcast_to(x, (size, *aval_of(x).shape))
            for x, b in zip(args, batched, strict=True)]
    return bind(prim, *args, **params), True
