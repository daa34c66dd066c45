"""How SciPy's OpenBLAS is told on how many threads it may run."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path
from typing import NamedTuple

FOLDERS = ("../scipy.libs", ".dylibs")      # where wheels keep their libraries
PREFIXES = ("scipy_openblas", "openblas")
PTHREADS = 1                                # what openblas_get_parallel() says of such a build


class Controls(NamedTuple):
    """Addresses of `int get_num_threads(void)` and `void set_num_threads(int)`; 0 if absent."""

    get: int = 0
    set: int = 0


def find_controls():
    """Return the Controls of the OpenBLAS that scipy.linalg uses.

    They act on the whole process. Only builds with a thread pool of their own (those of SciPy's
    wheels) are taken: an OpenMP build keeps a number for each thread.
    """
    root = Path(importlib.util.find_spec("scipy").origin).parent
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*openblas*")):
            controls = _controls(ctypes.CDLL(str(path)))
            if controls.set:
                return controls
    return Controls()


def _controls(library):
    for prefix in PREFIXES:
        names = [f"{prefix}_{end}" for end in ("get_parallel", "get_num_threads",
                                               "set_num_threads")]
        parallel, get, set_ = [getattr(library, name, None) for name in names]
        if parallel and get and set_ and parallel() == PTHREADS:
            return Controls(*[ctypes.cast(f, ctypes.c_void_p).value for f in (get, set_)])
    return Controls()
