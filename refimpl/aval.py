"""Aval, the abstract value: what is known of an array before its numbers are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .errors import DtypeError

# The dtype of the tangents of integers and booleans: there is one such tangent, and it is zero.
float0 = np.dtype([("float0", np.void, 0)])

_CODES = {"b": "bool", "i": "i", "u": "u", "f": "f", "c": "c", "V": "float"}
_PYTHON_SCALARS = {bool: np.dtype(bool), int: np.dtype(np.int64),
                   float: np.dtype(np.float64), complex: np.dtype(np.complex128)}


class Aval(NamedTuple):
    """Shape, dtype, and whether the value is a Python scalar.

    A Python scalar is *weak*, as in NumPy (NEP 50): it takes the dtype of the array it meets.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    weak: bool = False

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        size = 1
        for n in self.shape:
            size *= n
        return size

    def __str__(self):
        bits = "" if self.dtype.kind == "b" else self.dtype.itemsize * 8
        dims = ",".join(map(str, self.shape))
        return f"{_CODES.get(self.dtype.kind, self.dtype.name)}{bits}[{dims}]{'*' * self.weak}"


_ARRAYS = (np.ndarray, np.generic)
_new = tuple.__new__    # Aval(...) without the checks of its constructor


def aval_of(x):
    """Return the Aval of an ndarray, NumPy scalar, Python scalar or tracer."""
    if isinstance(x, _ARRAYS):
        return _new(Aval, (x.shape, x.dtype, False))
    dtype = _PYTHON_SCALARS.get(type(x))
    if dtype is not None:
        return Aval((), dtype, dtype.kind != "b")
    aval = getattr(x, "aval", None)
    if aval is None:
        raise DtypeError(f"{type(x).__name__} is not an array",
                         wanted="an ndarray, a NumPy or Python number, or a tracer",
                         instead="a static argument (static_argnums), a closure or a partial for "
                                 "what is no number; isograd.tree.register for a class that holds "
                                 "arrays")
    return aval


def check_array(x, where):
    """Return x if it is an array or number that can be traced, else raise DtypeError.

    Byte-swapped arrays are converted. Subclasses with another meaning (masked arrays, matrices)
    are refused, for their extra meaning would be lost.
    """
    aval = aval_of(x)
    if aval.dtype.kind not in "biufc" and aval.dtype != float0:
        raise DtypeError(f"{where}: arrays of this dtype cannot be traced", got=str(aval.dtype),
                         wanted="booleans, integers, floating-point or complex numbers",
                         instead="x.astype(float), or a static argument")
    if not isinstance(x, np.ndarray):
        if type(x) is int and not -2**63 <= x < 2**63:
            raise DtypeError(f"{where}: an integer that 64 bits cannot hold", got=str(x),
                             wanted="-2**63 <= n < 2**63", instead="float(n), or a static argument")
        return x
    if type(x) not in _PLAIN_ARRAYS:
        masked = isinstance(x, np.ma.MaskedArray)
        raise DtypeError(f"{where}: {type(x).__name__} is not a plain array",
                         wanted="numpy.ndarray", instead="x.filled(value), and np.where(mask, a, b)"
                         if masked else "np.asarray(x)")
    return x if x.dtype.isnative else x.astype(x.dtype.newbyteorder("="))


_PLAIN_ARRAYS = (np.ndarray, np.memmap)


def strong(aval):
    """The aval of an array of this type: not weak."""
    return Aval(aval.shape, aval.dtype) if aval.weak else aval


def is_python_scalar(x):
    return type(x) in _PYTHON_SCALARS


def is_differentiable(dtype):
    """Real and complex floating-point values have tangents; integers and booleans have none."""
    return dtype.kind in "fc"


def dtype_argument(aval):
    """What stands for a value in NumPy's dtype resolution: its dtype, if weak the Python type."""
    return _WEAK[aval.dtype.kind] if aval.weak else aval.dtype


_WEAK = {"i": int, "f": float, "c": complex}
