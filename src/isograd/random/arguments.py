"""What the arguments of samplers have in common: keys, shapes, dtypes, parameters."""

from __future__ import annotations

import functools
import operator

import numpy as np

import isograd.numpy as inp
from isograd.refimpl.errors import ArgumentError, DtypeError, ShapeError
from isograd.refimpl.trace import Tracer

from .keys import Key
from .reuse import WATCH, using

# ---- keys ----

def sampler(function):
    """Let `function(words, ...)` be called with a key; see `single_key`."""
    name = function.__name__

    @functools.wraps(function)
    def sample(key, *args, **kwargs):
        words = single_key(key, name)
        if WATCH.uses is None:
            return function(words, *args, **kwargs)
        with using(words, name):
            return function(words, *args, **kwargs)
    return sample


def single_key(key, name):
    """The two words of one key, given as a Key or (as PRNGKey makes them) as an array of words."""
    words = key.data if isinstance(key, Key) else key
    if not isinstance(words, (np.ndarray, Tracer)) or words.dtype != np.uint32:
        raise DtypeError(f"{name}: the first argument is a random key", got=_spell(key),
                         wanted="a key", instead=_instead_of(key, name))
    if words.shape != (2,):
        raise ShapeError(f"{name} takes a single key", got=_spell(key),
                         wanted="one key", instead=f"isograd.vmap(lambda key: {name}(key, ...))"
                                                   "(keys), or one key and a larger shape")
    return words


def _spell(x):
    if isinstance(x, Key):
        return repr(x)
    if isinstance(x, (np.ndarray, Tracer)):
        return f"an array {x.dtype}{list(x.shape)}"
    return f"{type(x).__name__} {x!r}"


def _instead_of(x, name):
    if isinstance(x, (int, np.integer)):
        return f"{name}(random.key({x}), ...)"
    return "random.key(seed)"


# ---- shapes ----

def shape_argument(shape, name):
    """A shape as a tuple of ints; one int is a vector's length."""
    sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
    try:
        sizes = tuple([operator.index(n) for n in sizes])
    except TypeError:
        raise DtypeError(f"{name}: a shape is a tuple of ints", got=repr(shape),
                         wanted="ints that are known while the function is traced",
                         instead="a static argument of jit, or x.shape") from None
    if any(n < 0 for n in sizes):
        raise ShapeError(f"{name}: a size is negative", got=str(sizes),
                         wanted="sizes of 0 and more", instead="the full size: -1 is not inferred")
    return sizes


def common_shape(shape, name, *parameters):
    """The shape of a result: given, or else that of the parameters, which must fit it."""
    shapes = [np.shape(p) for p in parameters]
    try:
        broadcast = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(f"{name}: the parameters' shapes do not fit together",
                         got=" and ".join(map(str, shapes))) from None
    if shape is None:
        return broadcast
    shape = shape_argument(shape, name)
    fits(shape, name, broadcast)
    return shape


def fits(shape, name, *others):
    """Raise ShapeError unless arrays of the other shapes can be repeated to `shape`."""
    try:
        good = np.broadcast_shapes(shape, *others) == shape
    except ValueError:
        good = False
    if not good:
        raise ShapeError(f"{name}: a parameter does not broadcast to the shape of the result",
                         got=f"parameters {', '.join(map(str, others))} for shape {shape}",
                         wanted="a shape that parameters can be repeated to",
                         instead="shape = samples + parameter.shape")


# ---- dtypes ----

_KINDS = {"f": "float32 or float64", "i": "a signed integer dtype", "iu": "an integer dtype",
          "u": "uint8, uint16, uint32 or uint64", "fc": "a floating-point or complex dtype"}


def dtype_argument(dtype, name, kinds="f", default=np.float64):
    """A dtype of the given kinds; None is the default."""
    dtype = np.dtype(default if dtype is None else dtype)
    real = np.finfo(dtype).dtype if dtype.kind in "fc" else dtype
    if dtype.kind not in kinds or real.itemsize > 8:
        raise DtypeError(f"{name} does not draw numbers of this dtype", got=dtype.name,
                         wanted=_KINDS[kinds])
    return dtype


def parameters(dtype, *values):
    """Parameters as arrays of the result's dtype."""
    return [inp.asarray(x, dtype) for x in values]


def choose(value, name, argument, *allowed):
    """One of a few words."""
    if value not in allowed:
        raise ArgumentError(f"{name}: an unknown {argument}", got=repr(value),
                            wanted=", ".join(map(repr, allowed)))
    return value
