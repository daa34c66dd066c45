"""Operators, methods and attributes of traced values, as tables.

Arithmetic between traced Python numbers only gives a Python number again (`weaken`), so that it
takes the dtype of the array it meets.
"""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError, InPlaceError, MissingRuleError
from ..mutation import owned, twin
from ..ops import elementwise as ops
from ..ops.linear import cast_to
from ..trace import Tracer
from ..transforms.vmap import BatchTracer
from . import writing
from .common import dtype_of, is_weak, ndim_of, operand, shape_of, size_of
from .concrete import primal_of
from .function import MEANINGS, PUBLIC, numpy_method
from .updates import at

# ---- operators ----

_PYTHON_NUMBERS = frozenset((bool, int, float, complex))
_ARRAY_LIKE = (np.ndarray, np.generic, list, tuple)


def _binary(op):
    def method(self, other):
        if type(other) in _PYTHON_NUMBERS:
            out = op(self, other)
            return ops.weaken(out) if is_weak(self) else out
        if isinstance(other, Tracer):
            out = op(self, other)
            return ops.weaken(out) if is_weak(self) and is_weak(other) else out
        return op(self, operand(other)) if isinstance(other, _ARRAY_LIKE) else NotImplemented
    return method


def _reflected(op):
    return _binary(lambda self, other: op(other, self))


def _comparison(op):
    def method(self, other):
        if type(other) in _PYTHON_NUMBERS or isinstance(other, Tracer):
            return op(self, other)
        return op(self, operand(other)) if isinstance(other, _ARRAY_LIKE) else NotImplemented
    return method


def _unary(op):
    def method(self):
        out = op(self)
        return ops.weaken(out) if is_weak(self) else out
    return method


# What ndarray's ** does for exponents that are Python numbers.
_SHORT_POWERS = {2: ops.square, 0.5: ops.sqrt, -1: ops.reciprocal}


def raise_to(x, y):
    """x ** y."""
    kind = dtype_of(x).kind
    if type(y) in _PYTHON_NUMBERS and y in _SHORT_POWERS and kind in "fc":
        return _SHORT_POWERS[y](x)
    if kind == "b" and type(y) is int and y == 2 and shape_of(x):
        return ops.square(x)        # int8; np.power(x, 2) is int64
    return ops.power(x, y)


BINARY = {"add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide,
          "floordiv": ops.floor_divide, "mod": ops.remainder, "pow": raise_to,
          "matmul": MEANINGS[np.matmul], "and": ops.bitwise_and, "or": ops.bitwise_or,
          "xor": ops.bitwise_xor, "lshift": ops.left_shift, "rshift": ops.right_shift}
UNARY = {"neg": ops.negative, "pos": ops.positive, "abs": ops.absolute, "invert": ops.invert}
COMPARISONS = {"eq": ops.equal, "ne": ops.not_equal, "lt": ops.less, "le": ops.less_equal,
               "gt": ops.greater, "ge": ops.greater_equal}

OPERATORS = {
    **{f"__{name}__": _binary(op) for name, op in BINARY.items()},
    **{f"__r{name}__": _reflected(op) for name, op in BINARY.items()},
    **{f"__i{name}__": writing.in_place(_binary(op)) for name, op in BINARY.items()},
    **{f"__{name}__": _unary(op) for name, op in UNARY.items()},
    **{f"__{name}__": _comparison(op) for name, op in COMPARISONS.items()},
    "__divmod__": lambda self, other: (self // other, self % other),
    "__rdivmod__": lambda self, other: (other // self, other % self),
    "__round__": lambda self, ndigits=0: PUBLIC["round"](self, ndigits or 0),
    "__hash__": object.__hash__,
}


# ---- container ----

def _len(self):
    if not ndim_of(self):
        raise TypeError("len() of an array without axes")
    return shape_of(self)[0]


def _iter(self):
    return (self[i] for i in range(len(self)))


CONTAINER = {
    "__len__": _len, "__iter__": _iter, "__getitem__": writing.get_item,
    "__setitem__": writing.set_item,
    "__contains__": lambda self, x: bool(PUBLIC["any"](self == x)),
}


# ---- methods ----

_SAME_AS_FUNCTION = """all any argmax argmin argpartition argsort choose clip
cumprod cumsum diagonal dot max mean min nonzero prod ravel repeat round searchsorted
squeeze std sum swapaxes take trace var"""


def _reshape(self, *shape, order="C", copy=None):
    """reshape(shape) or reshape(n1, n2, ...)."""
    return PUBLIC["reshape"](self, shape[0] if len(shape) == 1 else shape, order)


def _transpose(self, *axes):
    """transpose(), transpose(axes) or transpose(i1, i2, ...)."""
    if len(axes) == 1 and not hasattr(axes[0], "__index__"):
        axes = axes[0]
    return PUBLIC["transpose"](self, axes or None)


def _item(self, *index):
    """The one element, or the one at an index, as a Python number (a traced one)."""
    if len(index) == 1 and isinstance(index[0], tuple):
        index = index[0]
    if not index:
        return _python_number(PUBLIC["reshape"](self, ()))
    return _python_number(PUBLIC["ravel"](self)[index[0]] if len(index) == 1 else self[index])


# Under vmap a number is an array underneath, which cannot be weak.
_PYTHON_DTYPES = {"i": np.int64, "u": np.int64, "f": np.float64, "c": np.complex128}


def _python_number(x):
    dtype = _PYTHON_DTYPES.get(dtype_of(x).kind)
    if dtype is None:
        return x
    x = cast_to(x, np.dtype(dtype))
    return x if isinstance(primal_of(x), BatchTracer) else ops.weaken(x)


def _tolist(self):
    return [x.tolist() for x in self] if ndim_of(self) else _python_number(self)


def _compress(self, condition, axis=None, out=None):
    return PUBLIC["compress"](condition, self, axis, out)


def _astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
    return PUBLIC["astype"].__wrapped__(self, dtype, copy=copy)


def _conjugate(self):
    """x.conj(), which of real numbers is x itself; np.conj(x) is a new array."""
    return ops.conjugate(self) if dtype_of(self).kind == "c" else self


def _view(self, dtype=None, type=None):
    if dtype is None or np.dtype(dtype) == dtype_of(self):
        return PUBLIC["reshape"](self, shape_of(self))
    raise MissingRuleError("x.view(dtype) reads bits as another dtype, which has no derivative",
                           got=repr(self), instead="x.astype(dtype)")


def _to_device(self, device, /, *, stream=None):
    if device != "cpu" or stream is not None:
        raise ArgumentError("to_device: arrays are in memory, on the device 'cpu'",
                            got=f"{device!r}, stream={stream!r}")
    return self


METHODS = {
    **{name: numpy_method(PUBLIC[name].__wrapped__) for name in _SAME_AS_FUNCTION.split()},
    "reshape": _reshape, "transpose": _transpose, "item": _item, "tolist": _tolist,
    "astype": _astype, "conj": _conjugate, "conjugate": _conjugate,
    "view": _view, "compress": _compress, "to_device": _to_device,
    "copy": lambda self, order="C": twin(self),
    "flatten": lambda self, order="C": owned(PUBLIC["ravel"](self, order), (self,)),
    **writing.METHODS,
}

def _resize(self, *shape, refcheck=True):
    raise InPlaceError("x.resize() would change the shape of a traced array", got=repr(self),
                       instead="x = np.resize(x, shape)")


PROPERTIES = {
    "shape": shape_of, "ndim": ndim_of, "size": size_of, "dtype": dtype_of,
    "itemsize": lambda self: dtype_of(self).itemsize,
    "nbytes": lambda self: size_of(self) * dtype_of(self).itemsize,
    "T": PUBLIC["transpose"].__wrapped__, "mT": PUBLIC["matrix_transpose"].__wrapped__,
    "at": at, "device": lambda self: "cpu",
}
WRITABLE_PROPERTIES = {
    "real": (PUBLIC["real"].__wrapped__, writing.set_real),
    "imag": (PUBLIC["imag"].__wrapped__, writing.set_imag),
    "flat": (writing.Flat, writing.set_flat),
}

ATTRIBUTES = {
    **OPERATORS, **CONTAINER, **METHODS, "resize": _resize,
    **{name: property(getter) for name, getter in PROPERTIES.items()},
    **{name: property(*pair) for name, pair in WRITABLE_PROPERTIES.items()},
}
