"""Random bits by counting: Threefry-2x32 with 20 rounds.

A key (two words) picks a bijection of 64-bit counters that no statistical test can tell from a
random one; element i of an array is what the bijection makes of counter i. So every element can be
computed alone, in any order, and equal keys give equal numbers everywhere.
J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple

import numpy as np

from ..aval import Aval
from ..errors import ArgumentError, DtypeError, ShapeError
from ..primitive import Primitive, no_derivative
from ..trace import bind
from .elementwise import batch_elementwise
from .linear import broadcast_shapes, operation

WORD = np.dtype(np.uint32)

# ---- the bijection ----

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = WORD.type(0x1BD11BDA)


def encrypt(k0, k1, x0, x1):
    """Return the two words that Threefry-2x32 makes of the counter (x0, x1) with key (k0, k1)."""
    k0, k1, x0, x1 = [np.asarray(word) for word in (k0, k1, x0, x1)]
    schedule = (k0, k1, k0 ^ k1 ^ PARITY)
    with np.errstate(over="ignore"):
        x0, x1 = x0 + k0, x1 + k1
        for step in range(1, 6):
            for rotation in ROTATIONS[(step - 1) % 2]:
                x0 = x0 + x1
                x1 = x0 ^ (x1 << rotation | x1 >> 32 - rotation)
            x0 = x0 + schedule[step % 3]
            x1 = x1 + schedule[(step + 1) % 3] + WORD.type(step)
    return x0, x1


def _words_aval(*words):
    for word in words:
        if word.dtype != WORD:
            raise DtypeError("threefry2x32 takes words of 32 bits", got=str(word),
                             wanted="uint32", instead="x.astype('uint32')")
    shape = broadcast_shapes(*[word.shape for word in words])
    return Aval(shape, WORD), Aval(shape, WORD)


def _words_batch(prim, size, args, batched, params):
    outs, _ = batch_elementwise(prim, size, args, batched, params)
    return outs, (True, True)


threefry2x32 = operation(Primitive(
    "threefry2x32", "random", encrypt, _words_aval, no_derivative, batch=_words_batch,
    multiple=True, doc="The words (y0, y1) that key (k0, k1) makes of counter (x0, x1)."))


# ---- what the two words of an element become ----

class Form(NamedTuple):
    """`build(x0, x1)` makes an element of `dtype` (and shape `inner`) of an element's words."""

    dtype: np.dtype
    build: Callable
    inner: tuple[int, ...] = ()


def _pair(x0, x1):
    return np.stack([x0, x1], -1)


def _bits64(x0, x1):
    return np.asarray(x0, np.uint64) << 32 | x1


def _narrow(dtype):
    return lambda x0, x1: (x0 ^ x1).astype(dtype)


def _unit(dtype, bits):
    """Numbers in [0, 1): the upper bits become the fraction of a number in [1, 2), less one."""
    info = np.finfo(dtype)
    one = np.ones((), dtype)

    def build(x0, x1):
        fraction = bits(x0, x1) >> info.bits - info.nmant
        return (fraction | one.view(fraction.dtype)).view(dtype) - one
    return build


_UINT8, _UINT16, _UINT32 = map(_narrow, (np.uint8, np.uint16, np.uint32))

FORMS = {
    "pair": Form(WORD, _pair, (2,)),
    "uint8": Form(np.dtype(np.uint8), _UINT8),
    "uint16": Form(np.dtype(np.uint16), _UINT16),
    "uint32": Form(np.dtype(np.uint32), _UINT32),
    "uint64": Form(np.dtype(np.uint64), _bits64),
    "float16": Form(np.dtype(np.float16), _unit(np.float16, _UINT16)),
    "float32": Form(np.dtype(np.float32), _unit(np.float32, _UINT32)),
    "float64": Form(np.dtype(np.float64), _unit(np.float64, _bits64)),
}


# ---- arrays of random bits ----

def random_bits(key, shape, form):
    """An array of random elements for each key.

    key: uint32[..., 2]. form: a name of FORMS; unsigned integers are uniform over all of their
    values, floating-point numbers uniform in [0, 1), a "pair" is the two words as they are.
    Returns an array of shape key.shape[:-1] + shape (+ (2,) for pairs).
    """
    if form not in FORMS:
        raise ArgumentError("random_bits: an unknown form", got=repr(form),
                            wanted=", ".join(FORMS))
    return bind(random_bits_p, key, shape=shape, form=form)


def sample(key, shape, form):
    """The reference of random_bits, in NumPy."""
    key = np.asarray(key)
    counters = np.arange(prod(shape), dtype=np.uint64).reshape(shape)
    key = key.reshape(key.shape[:-1] + (1,) * len(shape) + (2,))
    return np.asarray(elements(key, counters, form))[()]


def elements(keys, counters, form):
    """The elements with the given counters of keys uint32[..., 2]; both broadcast."""
    counters = np.asarray(counters, np.uint64)
    words = encrypt(keys[..., 0], keys[..., 1], (counters >> 32).astype(WORD),
                    counters.astype(WORD))
    return FORMS[form].build(*map(np.asarray, words))


def _random_bits_aval(key, *, shape, form):
    if key.dtype != WORD or key.shape[-1:] != (2,):
        raise ShapeError("random_bits: a key is two words of 32 bits", got=str(key),
                         wanted="uint32[..., 2]")
    return Aval(key.shape[:-1] + shape + FORMS[form].inner, FORMS[form].dtype)


def _random_bits_batch(prim, size, args, batched, params):
    return bind(prim, *args, **params), True


random_bits_p = Primitive(
    "random_bits", "random", lambda key, *, shape, form: sample(key, shape, form),
    _random_bits_aval, no_derivative, batch=_random_bits_batch,
    doc="Element i of `shape` is what the key makes of counter i, in some form.")
