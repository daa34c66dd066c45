"""Keys: made of a seed, split into others, never changed."""

from __future__ import annotations

from math import prod

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.aval import aval_of
from isograd.refimpl.errors import ArgumentError, DtypeError, IndexingError, ShapeError
from isograd.refimpl.ops.random import threefry2x32
from isograd.refimpl.trace import Tracer
from isograd.tree import register

IMPL = "threefry2x32"


class Key:
    """An array of random keys (most often one): `data` is its words, uint32[..., 2].

    Indexing, iteration, `reshape` and `==` treat it as an array of keys. It is a pytree, so keys
    are arguments and results of transformed functions; `vmap` maps over a leading axis of keys.
    """

    __slots__ = ("data",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data):
        self.data = data

    @property
    def shape(self):
        """The shape of the array of keys: () for a single one."""
        return tuple(self.data.shape[:-1])

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return prod(self.shape)

    def __repr__(self):
        words = ""
        if isinstance(self.data, np.ndarray) and self.data.shape == (2,):
            words = " ({}, {})".format(*self.data.tolist())
        dims = ",".join(map(str, getattr(self.data, "shape", ())[:-1]))
        return f"key<{IMPL}>[{dims}]{words}"

    def __eq__(self, other):
        if not isinstance(other, Key):
            return NotImplemented
        return inp.all(inp.equal(self.data, other.data), axis=-1)

    def __len__(self):
        self._require_axes()
        return self.shape[0]

    def __iter__(self):
        self._require_axes()
        return (Key(self.data[i]) for i in range(self.shape[0]))

    def __getitem__(self, index):
        self._require_axes()
        index = index if isinstance(index, tuple) else (index,)
        words = (slice(None),) if any(i is Ellipsis for i in index) else (Ellipsis, slice(None))
        return Key(self.data[index + words])

    def _require_axes(self):
        if not self.shape:
            raise IndexingError("a single key has no axes", got=repr(self),
                                instead="random.split(key, n), which makes an array of n keys")

    def reshape(self, *shape):
        """The same keys with another shape."""
        shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return Key(inp.reshape(self.data, (*shape, 2)))

    def ravel(self):
        """The keys in one axis."""
        return self.reshape(self.size)

    def __array__(self, dtype=None, copy=None):
        raise DtypeError("a key is not an array of numbers", got=repr(self),
                         instead="random.key_data(key) for its words")


register(Key, lambda key: ((key.data,), None), lambda _, children: Key(children[0]))


# ---- from seeds, and from words ----

def key(seed, *, impl=None):
    """A key made of a seed, an integer of up to 64 bits: its upper and its lower 32 bits."""
    check_impl(impl, "key")
    return Key(_seeded(seed, "key"))


def PRNGKey(seed, *, impl=None):
    """Like `key`, but returns the plain array of words uint32[2], as older programs expect."""
    check_impl(impl, "PRNGKey")
    return _seeded(seed, "PRNGKey")


def check_impl(impl, name):
    if impl not in (None, IMPL):
        raise ArgumentError(f"{name}: an unknown random number generator", got=repr(impl),
                            wanted=repr(IMPL))


def _seeded(seed, name):
    if isinstance(seed, Key):
        raise DtypeError(f"{name}: a seed is an integer", got=repr(seed),
                         instead="the key itself, or random.fold_in(key, n)")
    if type(seed) is int:
        if not -2**63 <= seed < 2**64:
            raise ArgumentError(f"{name}: a seed has 64 bits", got=str(seed),
                                wanted="-2**63 <= seed < 2**64",
                                instead="random.fold_in(random.key(a), b)")
        return np.array([seed >> 32 & 0xFFFFFFFF, seed & 0xFFFFFFFF], np.uint32)
    aval = aval_of(seed) if isinstance(seed, Tracer) else aval_of(np.asarray(seed))
    if aval.dtype.kind not in "iu":
        raise DtypeError(f"{name}: a seed is an integer", got=f"{type(seed).__name__} {aval}",
                         instead=f"{name}(int(seed))")
    if aval.shape:
        raise ShapeError(f"{name}: a seed is one integer", got=str(aval),
                         instead=f"isograd.vmap(random.{name})(seeds)")
    seed = inp.asarray(seed)
    high = seed >> 32 if aval.dtype.itemsize == 8 else inp.zeros_like(seed)
    return inp.astype(inp.stack([high, seed]), np.uint32)


def wrap_key_data(key_bits_array, *, impl=None):
    """The key array with these words, uint32[..., 2]."""
    check_impl(impl, "wrap_key_data")
    data = key_bits_array
    if not isinstance(data, (np.ndarray, Tracer)) or data.dtype != np.uint32 \
            or data.shape[-1:] != (2,):
        raise DtypeError("wrap_key_data: the words of keys", got=str(aval_of(np.asarray(data)))
                         if not isinstance(data, Tracer) else str(data.aval),
                         wanted="uint32[..., 2]", instead="np.asarray(words, np.uint32)")
    return Key(data)


def key_data(keys):
    """The words of keys: uint32[..., 2]."""
    return key_array(keys, "key_data").data


def key_impl(keys):
    """The name of the generator that keys are for."""
    key_array(keys, "key_impl")
    return IMPL


def key_array(keys, name):
    if isinstance(keys, Key):
        return keys
    if isinstance(keys, (np.ndarray, Tracer)) and keys.dtype == np.uint32 \
            and keys.shape[-1:] == (2,):
        return Key(keys)
    raise DtypeError(f"{name} takes random keys", got=type(keys).__name__, wanted="a key",
                     instead="random.key(seed)")


# ---- the words of derived keys ----

def folded(words, data):
    """The words of the key derived from another one by a number of 32 bits."""
    first, second = words[0], words[1]
    return inp.stack(threefry2x32(first, second, inp.zeros_like(data), data), axis=-1)
