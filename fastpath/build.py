"""What setup.py compiles: the engine once, its loops once for every instruction set.

ISOGRAD_SANITIZE=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer (docs/engine.md).
"""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from pathlib import Path

import numpy
from setuptools import Extension

HERE = Path(__file__).parent
X86 = platform.machine().lower() in ("x86_64", "amd64")
MSVC = sys.platform == "win32"

# No contraction to FMA, no reassociation: the same bits on every instruction set. Loops become
# branch-free only if the compiler need not keep errno and traps.
if MSVC:
    EXACT = ["/O2", "/fp:precise"]
    FLAGS = {"v2": [], "v3": ["/arch:AVX2"], "v4": ["/arch:AVX512"], "base": []}
else:
    EXACT = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fwrapv"]
    FLAGS = {"v2": ["-march=x86-64-v2"], "v3": ["-march=x86-64-v3"],
             "v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"], "base": []}
SANITIZE = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer", "-g"]
PARTS = ("pool.pxi", "threads.pxi", "loop.pxi", "tile.pxi", "gemm.pxi", "random.pxi", "calls.pxi",
         "run.pxi", "repeat.pxi", "callcache.pxi")
LOOPS = ("loops.pxi", "loops_generated.h", "counter.h")
ISAS = ("v2", "v3", "v4") if X86 else ("base",)


def write_loops():
    """Write loops_generated.h from table.py (which is loaded by path: nothing is installed yet)."""
    spec = importlib.util.spec_from_file_location("isograd_fastpath_table", HERE / "table.py")
    table = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = table
    spec.loader.exec_module(table)
    text = table.emit_c()
    path = HERE / "loops_generated.h"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def extensions():
    """Return the list of extensions. Paths are relative: setuptools wants them so."""
    write_loops()
    return [*[_extension(f"loops_{isa}", LOOPS, FLAGS[isa]) for isa in ISAS],
            _extension("engine", PARTS, [])]


def _extension(name, parts, flags):
    folder = os.path.relpath(HERE)
    sanitize = SANITIZE if os.environ.get("ISOGRAD_SANITIZE") else []
    return Extension(
        f"isograd.fastpath.{name}", [os.path.join(folder, f"{name}.pyx")],
        depends=[os.path.join(folder, part) for part in parts],
        include_dirs=[folder, numpy.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        extra_compile_args=[*EXACT, *flags, *sanitize], extra_link_args=sanitize)
