"""Where SciPy's OpenBLAS keeps its per-thread thread count, if it has one."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

SYMBOLS = ("scipy_openblas_set_num_threads_local", "openblas_set_num_threads_local")
FOLDERS = ("../scipy.libs", ".dylibs")      # where wheels keep their libraries


def find_set_threads_local():
    """Return the address of OpenBLAS' `int set_num_threads_local(int)`, or 0.

    It sets the number of threads for BLAS calls of the calling thread and returns the previous one.
    Without it (another BLAS) products still run, on whatever threads that BLAS chooses.
    """
    spec = importlib.util.find_spec("scipy")
    root = Path(spec.origin).parent
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*openblas*")):
            library = ctypes.CDLL(str(path))
            for symbol in SYMBOLS:
                function = getattr(library, symbol, None)
                if function is not None:
                    return ctypes.cast(function, ctypes.c_void_p).value
    return 0
