"""How a row of the special functions reads, and the record of all of them.

    special("ellipeinc", "phi m", d_phi, d_m, doc=...)

defines the ufunc of that name in scipy.special, with one partial derivative an argument: a formula
`d(out, *arguments)`, or GAP where none is known. SciPy's own loops compute the values.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ...aval import Aval, aval_of, dtype_argument, is_python_scalar
from ...errors import DtypeError, MissingRuleError
from ...primitive import Primitive, formulas
from ..elementwise import (
    SciPyUfunc,
    batch_elementwise,
    elementwise,
    equal,
    fit,
    select,
    ufunc_aval,
)
from ..linear import broadcast_shapes

GAP = "no derivative is known"


class Record(NamedTuple):
    """A function: the names of its arguments, whether the derivative in each is known (or zero
    everywhere), and one operation per result."""

    arguments: tuple[str, ...]
    known: tuple[bool, ...]
    operations: tuple
    doc: str

    def __call__(self, *args):
        results = tuple([op(*args) for op in self.operations])
        return results if len(results) > 1 else results[0]


RECORDS: dict[str, Record] = {}     # by the name of SciPy's ufunc


def special(name, arguments, *partials, ufunc=None, prim=None, impl=None, aval=None, doc=""):
    """Define a function of scipy.special with one result; return its operation.

    ufunc: SciPy's name, if it is another one; prim: the primitive's, likewise. impl: what computes
    it, if not the ufunc.
    """
    arguments = tuple(arguments.split())
    known = tuple([p is not GAP for p in partials]) or (True,) * len(arguments)
    op = elementwise(prim or name, impl or SciPyUfunc(ufunc or name),
                     *_with_gaps(name, arguments, partials), aval=aval, doc=doc)
    RECORDS[ufunc or name] = Record(arguments, known, (op,), doc)
    return op


def special_with_results(name, arguments, doc="", **results):
    """Define a function of several results: an operation each, `prim=(partials...)`."""
    arguments = tuple(arguments.split())
    operations = []
    for number, (prim, partials) in enumerate(results.items()):
        impl = OneResult(name, number)
        operations.append(elementwise(prim, impl, *_with_gaps(name, arguments, partials),
                                      aval=example_aval(impl), doc=f"{doc} Result {number}."))
    RECORDS[name] = Record(arguments, (True,) * len(arguments), tuple(operations), doc)
    return operations


def _with_gaps(name, arguments, partials):
    return [_gap(name, arg) if p is GAP else p
            for arg, p in zip(arguments, partials, strict=True)] if partials else ()


def _gap(name, argument):
    def missing(*args):
        raise MissingRuleError(
            f"no derivative is known for {name} in its argument {argument}",
            instead=f"isograd.stop_gradient({argument}), or isograd.custom_jvp with a rule of "
                    "your own")
    return missing


# ---- functions of scipy.special that are no ufuncs of one result ----

class OneResult:
    """One of the results of a ufunc of scipy.special."""

    def __init__(self, name, number):
        self.__name__ = name
        self.ufunc, self.number = SciPyUfunc(name), number

    def __call__(self, *args):
        return self.ufunc(*args)[self.number]


class SciPyFunction:
    """A Python function of scipy.special that works elementwise, imported when first used."""

    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *args):
        function = getattr(importlib.import_module("scipy.special"), self.__name__)
        return np.asarray(function(*args))[()]


def example_aval(function):
    """The aval rule of an elementwise function whose dtype only running it can tell."""
    @lru_cache(1024)
    def dtype_for(*dtypes):
        examples = [d(1) if isinstance(d, type) else np.ones((), d)[()] for d in dtypes]
        try:
            with np.errstate(all="ignore"):
                return np.asarray(function(*examples)).dtype
        except TypeError as error:
            raise DtypeError(f"{function.__name__} does not take these dtypes",
                             got=", ".join(map(str, dtypes)),
                             wanted=str(error).splitlines()[0]) from None

    def aval(*avals):
        shape = broadcast_shapes(*[a.shape for a in avals])
        return Aval(shape, dtype_for(*map(dtype_argument, avals)))
    return aval


# ---- derivatives of functions in a parameter, of any order, that are operations of their own ----

def operation_of_orders(name, impl, *rules, like, doc):
    """A primitive that broadcasts and promotes like a ufunc of SciPy; its params are orders.

    impl computes in double precision; rules are formulas `rule(g, out, *primals, **orders)`.
    """
    aval = ufunc_aval(SciPyUfunc(like))

    def in_dtype(*args, **orders):
        dtype = aval(*map(aval_of, args)).dtype
        return impl(*args, **orders).astype(dtype)[()]

    return Primitive(name, "elementwise", in_dtype, lambda *avals, **orders: aval(*avals),
                     formulas(*rules, fit=fit), batch=batch_elementwise, doc=doc)


# ---- what formulas share ----

def is_complex(x):
    return aval_of(x).dtype.kind == "c"


def refuse_complex(x, name):
    """For formulas that hold on the real line only."""
    if is_complex(x):
        raise MissingRuleError(f"the derivative of {name} is known for real arguments only",
                               got=str(aval_of(x)), instead="isograd.custom_jvp")


def lowered(n):
    """n - 1, but 0 where n is 0: the degree of the derivative of a polynomial of degree n."""
    if is_python_scalar(n):
        return n - 1 if n else n
    return select(equal(n, 0), n, n - 1)


def unless_zero(x, value):
    """The value, but exactly 0 where x is 0."""
    return select(equal(x, 0), 0.0, value)
