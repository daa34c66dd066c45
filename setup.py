"""Build isograd: maps the top-level folders into one package, and compiles the engine.

    refimpl/ -> isograd.refimpl    backends/ -> isograd.backends    fastpath/ -> isograd.fastpath

Without a working C compiler (or with ISOGRAD_NO_EXT=1) the engine is left out, and programs run on
the reference backend. Everything else about the project stands in pyproject.toml.
"""

import importlib.util
import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
ROOMS = {"isograd": "src/isograd", "isograd.refimpl": "refimpl", "isograd.backends": "backends",
         "isograd.fastpath": "fastpath"}


def packages():
    """Return {package name: folder} of every folder that has an __init__.py."""
    found = {}
    for room, folder in ROOMS.items():
        for init in sorted((ROOT / folder).rglob("__init__.py")):
            inner = init.parent.relative_to(ROOT / folder).parts
            found[".".join((room, *inner))] = init.parent.relative_to(ROOT).as_posix()
    return found


def engine_extensions():
    """What fastpath/build.py lists, as C; nothing if the engine is not wanted."""
    if os.environ.get("ISOGRAD_NO_EXT") == "1":
        return []
    spec = importlib.util.spec_from_file_location("isograd_build", ROOT / "fastpath" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    return cythonize(build.extensions(), language_level=3, quiet=True)


class OptionalBuild(build_ext):
    """Compile the engine if that is possible; say so in one line if it is not."""

    def run(self):
        try:
            super().run()
        except Exception as error:
            print(f"isograd: no working C compiler ({type(error).__name__}); installing without the "
                  "engine: programs run on the reference backend", flush=True)
            self.extensions = []


FOUND = packages()
setup(packages=sorted(FOUND), package_dir=FOUND, ext_modules=engine_extensions(),
      cmdclass={"build_ext": OptionalBuild})
