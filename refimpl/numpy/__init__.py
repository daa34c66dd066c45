"""NumPy's functions, made of the operations. Each keeps NumPy's name, signature and results.

common         operands, axes, unsupported arguments
elementwise    ufuncs and other elementwise functions
reductions     sums, extrema, statistics, cumulative functions
manipulation   shapes, joining, splitting
indexing       x[i], at(x)[i].set(v), take
products       matmul, einsum, norms, triangles
creation       arrays from nothing
"""

from types import FunctionType

from . import creation, elementwise, indexing, manipulation, products, reductions
from .elementwise import SPECIAL as SPECIAL

_MODULES = (creation, elementwise, indexing, manipulation, products, reductions)
_HELPERS = {"ufunc", "concrete", "nonzero_of", "raise_to", "abs_int", "a_size", "where_present",
            "as_shape", "fill_in", "take_places", "read_index", "getitem", "places_of", "root"}


def _public(module):
    """The functions that a module defines, and the names it takes over from NumPy."""
    taken = getattr(module, "PLAIN", []) + getattr(module, "CONSTANTS", [])
    made = [name for name, value in vars(module).items()
            if not name.startswith("_") and name not in _HELPERS
            and isinstance(value, FunctionType) and value.__module__ == module.__name__]
    return {name: getattr(module, name) for name in [*made, *taken]}


for _module in _MODULES:
    globals().update(_public(_module))

__all__ = sorted(name for _module in _MODULES for name in _public(_module) if name != "norm")
