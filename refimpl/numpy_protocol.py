"""Tracers as arrays: operators, methods, and NumPy's protocols.

`np.sin(tracer)` arrives in `__array_ufunc__` (NEP 13), `np.sum(tracer)` in `__array_function__`
(NEP 18); both look up the function of `refimpl.numpy` that bears the same name.
"""

from __future__ import annotations

import operator

import numpy as np

from . import numpy as inp
from .aval import aval_of, is_python_scalar
from .errors import (
    ArrayConversionError,
    ConcretizationError,
    InPlaceError,
    MissingRuleError,
)
from .numpy.common import operand
from .numpy.elementwise import raise_to
from .numpy.indexing import at, getitem
from .numpy.products import norm
from .ops import elementwise as ops
from .trace import Tracer
from .transforms.jvp import JVPTracer

# ---- operators ----

_PLAIN_OPERANDS = (Tracer, np.ndarray, np.generic, bool, int, float, complex)


def _is_weak(x):
    return x.aval.weak if isinstance(x, Tracer) else is_python_scalar(x) and type(x) is not bool


def _binary(op, reflected=False):
    """An operator; between Python numbers only, the result is a Python number again."""
    def method(self, other):
        if not isinstance(other, _PLAIN_OPERANDS):
            if not isinstance(other, (list, tuple)):
                return NotImplemented
            other = operand(other)
        out = op(other, self) if reflected else op(self, other)
        if _is_number(other) and self.aval.weak:
            return ops.weaken(out)
        return out
    return method


def _is_number(x):
    """Whether the other operand may be a Python number; quick for arrays."""
    return type(x) is not np.ndarray and _is_weak(x)


def _unary(op):
    def method(self):
        out = op(self)
        return ops.weaken(out) if self.aval.weak else out
    return method


def _comparison(op):
    def method(self, other):
        if not isinstance(other, _PLAIN_OPERANDS):
            if not isinstance(other, (list, tuple)):
                return NotImplemented
            other = operand(other)
        return op(self, other)
    return method


BINARY = {"add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide,
          "floordiv": ops.floor_divide, "mod": ops.remainder, "pow": raise_to,
          "matmul": inp.matmul, "and": ops.bitwise_and, "or": ops.bitwise_or,
          "xor": ops.bitwise_xor, "lshift": ops.left_shift, "rshift": ops.right_shift}
UNARY = {"neg": ops.negative, "pos": ops.positive, "abs": ops.absolute, "invert": ops.invert}
COMPARISONS = {"eq": ops.equal, "ne": ops.not_equal, "lt": ops.less, "le": ops.less_equal,
               "gt": ops.greater, "ge": ops.greater_equal}


def _attach_operators():
    for name, op in BINARY.items():
        setattr(Tracer, f"__{name}__", _binary(op))
        setattr(Tracer, f"__r{name}__", _binary(op, reflected=True))
    for name, op in UNARY.items():
        setattr(Tracer, f"__{name}__", _unary(op))
    for name, op in COMPARISONS.items():
        setattr(Tracer, f"__{name}__", _comparison(op))
    Tracer.__divmod__ = lambda self, other: (self // other, self % other)
    Tracer.__rdivmod__ = lambda self, other: (other // self, other % self)
    Tracer.__round__ = lambda self, ndigits=0: inp.round(self, ndigits or 0)
    Tracer.__hash__ = object.__hash__


# ---- container ----

def _len(self):
    if not self.aval.shape:
        raise TypeError("len() of an array without axes")
    return self.aval.shape[0]


def _iter(self):
    return (self[i] for i in range(len(self)))


def _setitem(self, index, value):
    raise InPlaceError("x[index] = value on a traced array", got=repr(self),
                       wanted="a functional update",
                       instead="x = isograd.numpy.at(x)[index].set(value), or .add(value) for +=")


# ---- numbers ----

def _primal(x):
    """The number under a tracer of finished or running derivatives, if it is known."""
    while type(x) is JVPTracer:
        x = x.primal
    return x


def _known(self, what, instead):
    value = _primal(self)
    if isinstance(value, Tracer):
        raise ConcretizationError(
            f"{what} of a traced value: its number is not known under {value.trace.name}",
            got=repr(self), wanted="a number", instead=instead)
    return value


def _bool(self):
    return bool(_known(self, "the truth", "np.where(condition, a, b) for if; "
                                          "np.logical_and(a, b) for and; static_argnums"))


def _index(self):
    return operator.index(_known(self, "the integer value", "static_argnums for sizes and counts; "
                                                            "shapes are always known: x.shape"))


def _int(self):
    return int(_known(self, "int()", "static_argnums for sizes and counts; x.astype(int)"))


def _float(self):
    raise ConcretizationError(
        f"float() of a traced value under {self.trace.name} would lose its derivative",
        got=repr(self), wanted="NumPy functions, which can be traced",
        instead="np.sin(x) for math.sin(x); float(isograd.stop_gradient(x)) where no derivative "
                "is wanted")


def _complex(self):
    return _float(self)


def _array(self, dtype=None, copy=None):
    raise ArrayConversionError(
        f"NumPy cannot store a value traced by {self.trace.name} in an array", got=repr(self),
        wanted="a NumPy function of the traced array",
        instead="isograd.numpy.array([...]) or isograd.numpy.asarray(x), or np.stack([...])")


def _concrete_array(self, what):
    """The numbers, where a result's shape depends on them."""
    return np.asarray(_known(self, what, "np.where(mask, x, y), which needs no mask's numbers"))


def _item(self, *args):
    return getitem(self, args) if args else inp.reshape(self, ())


def _repr(self):
    value = _primal(self)
    state = "" if isinstance(value, Tracer) or np.size(value) > 8 else f" = {value}"
    return f"Traced<{self.aval} in {self.trace.name}{state}>"


def _format(self, spec):
    value = _primal(self)
    return repr(self) if isinstance(value, Tracer) or not spec else format(value, spec)


def _refuse_copying(self, *args):
    raise ConcretizationError("a traced value cannot be pickled or stored", got=repr(self),
                              instead="return it from the traced function")


CONTAINER = {
    "__len__": _len, "__iter__": _iter, "__getitem__": getitem, "__setitem__": _setitem,
    "__bool__": _bool, "__index__": _index, "__int__": _int, "__float__": _float,
    "__complex__": _complex, "__array__": _array, "__concrete_array__": _concrete_array,
    "__repr__": _repr, "__format__": _format, "__reduce__": _refuse_copying,
    "__deepcopy__": _refuse_copying, "item": _item,
}


# ---- methods and attributes ----

METHODS = """
    all any argmax argmin argsort clip compress cumprod cumsum diagonal dot max mean min nonzero
    prod ptp ravel repeat round std sum swapaxes take var conj conjugate squeeze
""".split()


def _reshape(self, *shape, order="C", copy=None):
    return inp.reshape(self, shape[0] if len(shape) == 1 else shape, order)


def _transpose(self, *axes):
    if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0]
    return inp.transpose(self, axes or None)


def _astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
    return inp.astype(self, dtype)


def _copy(self, order="C"):
    return self


def _flatten(self, order="C"):
    return inp.ravel(self, order)


def _sort(self, axis=-1, kind=None, order=None, *, stable=None):
    raise InPlaceError("x.sort() sorts in place", got=repr(self), instead="x = np.sort(x)")


def _fill(self, value):
    raise InPlaceError("x.fill() writes in place", got=repr(self),
                       instead="x = np.full_like(x, value)")


def _tolist(self):
    return [x.tolist() for x in self] if self.aval.shape else self


SHAPED = {"reshape": _reshape, "transpose": _transpose, "astype": _astype, "copy": _copy,
          "flatten": _flatten, "sort": _sort, "fill": _fill, "tolist": _tolist}

PROPERTIES = {
    "shape": lambda self: self.aval.shape,
    "ndim": lambda self: len(self.aval.shape),
    "size": lambda self: self.aval.size,
    "dtype": lambda self: self.aval.dtype,
    "itemsize": lambda self: self.aval.dtype.itemsize,
    "nbytes": lambda self: self.aval.size * self.aval.dtype.itemsize,
    "T": lambda self: inp.transpose(self),
    "mT": lambda self: inp.matrix_transpose(self),
    "real": lambda self: inp.real(self),
    "imag": lambda self: inp.imag(self),
    "at": lambda self: at(self),
    "flat": lambda self: iter(inp.ravel(self)),
}


# ---- NEP 13 and NEP 18 ----

def _tables():
    """{ufunc: function} and {NumPy function: function}, by name."""
    ufuncs, functions = {}, {}
    for name in inp.__all__:
        theirs, ours = getattr(np, name, None), getattr(inp, name)
        if isinstance(theirs, np.ufunc):
            ufuncs[theirs] = ours
        elif callable(theirs) and theirs is not ours:
            functions[theirs] = ours
    functions[np.linalg.norm] = norm
    for name in ("matmul", "cross", "outer", "trace", "diagonal", "tensordot", "vecdot",
                 "matrix_transpose"):
        functions[getattr(np.linalg, name)] = getattr(inp, name)
    return ufuncs, functions


UFUNCS, FUNCTIONS = _tables()
# ufunc methods: np.add.reduce(x), np.add.accumulate(x), np.multiply.outer(x, y)
METHOD_FUNCTIONS = {
    (np.add, "reduce"): inp.sum, (np.multiply, "reduce"): inp.prod,
    (np.maximum, "reduce"): inp.max, (np.minimum, "reduce"): inp.min,
    (np.logical_and, "reduce"): inp.all, (np.logical_or, "reduce"): inp.any,
    (np.add, "accumulate"): inp.cumsum, (np.multiply, "accumulate"): inp.cumprod,
}
IN_PLACE = {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}


def _array_ufunc(self, ufunc, method, *inputs, **kwargs):
    if method == "__call__":
        function = UFUNCS.get(ufunc) or inp.SPECIAL.get(ufunc.__name__)
        if function is not None:
            return function(*inputs, **kwargs)
    return _rare_ufunc(ufunc, method, inputs, kwargs)


def _rare_ufunc(ufunc, method, inputs, kwargs):
    function = METHOD_FUNCTIONS.get((ufunc, method))
    if function is not None:
        kwargs.setdefault("axis", 0)
        return function(*inputs, **kwargs)
    if method == "outer" and ufunc in UFUNCS:
        x, y = map(operand, inputs)
        x = inp.reshape(x, aval_of(x).shape + (1,) * len(aval_of(y).shape))
        return UFUNCS[ufunc](x, y, **kwargs)
    if method == "at":
        raise InPlaceError(f"np.{ufunc.__name__}.at writes into an array", got=repr(inputs[0]),
                           instead="isograd.numpy.at(x)[index].add(values)")
    spelled = ufunc.__name__ + ("" if method == "__call__" else f".{method}")
    raise MissingRuleError(f"no rule is known for the ufunc {spelled}", got=f"np.{spelled}",
                           instead="NumPy functions that isograd.numpy has, or a custom rule")


def _array_function(self, func, types, args, kwargs):
    function = FUNCTIONS.get(func)
    if function is not None:
        return function(*args, **kwargs)
    name = f"{func.__module__}.{func.__name__}"
    if func in IN_PLACE:
        raise InPlaceError(f"{name} writes into an array", got="a traced array",
                           instead="isograd.numpy.at(x)[index].set(values)")
    if func is np.array_repr or func is np.array_str:
        return repr(args[0])
    raise MissingRuleError(f"{name} has no rule for traced arrays", got=name,
                           wanted="one of the functions of isograd.numpy",
                           instead="functions it is made of, or isograd.custom_jvp")


def _attach():
    _attach_operators()
    for name, method in {**CONTAINER, **SHAPED}.items():
        setattr(Tracer, name, method)
    for name in METHODS:
        setattr(Tracer, name, getattr(inp, name))
    for name, getter in PROPERTIES.items():
        setattr(Tracer, name, property(getter))
    Tracer.__array_ufunc__ = _array_ufunc
    Tracer.__array_function__ = _array_function


_attach()
