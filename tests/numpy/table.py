"""Calls of NumPy's functions by name; the suites try every function on every row."""

from . import table_arrays as arrays
from . import table_counting as counting
from . import table_fft as fft
from . import table_linalg as linalg
from . import table_namespace as namespace
from . import table_numbers as numbers

TABLE = {**numbers.UFUNCS, **numbers.ELEMENTWISE, **numbers.REDUCTIONS, **numbers.STATISTICS,
         **numbers.CUMULATIVE, **arrays.SHAPES, **arrays.JOINING, **arrays.REARRANGING,
         **arrays.SELECTION, **arrays.PRODUCTS, **arrays.MATRICES, **arrays.CREATION,
         **counting.COUNTING, **counting.POLYNOMIALS, **counting.MAPPING, **counting.MORE}
TABLE |= {name: [*TABLE.get(name, ()), *calls] for name, calls in namespace.NAMESPACE.items()}
OWN = {**arrays.OWN, **namespace.OWN}
LINALG = {name: [*arrays.LINALG.get(name, ()), *linalg.LINALG.get(name, ())]
          for name in {**arrays.LINALG, **linalg.LINALG}}
FFT = fft.FFT
