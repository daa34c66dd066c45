"""Build isograd: maps the top-level folders into one package, and compiles what is hot.

    refimpl/ -> isograd.refimpl    backends/ -> isograd.backends    fastpath/ -> isograd.fastpath

Two things are compiled: the engine (fastpath/), and, as they are, the Python files of the heart
that every un-jitted operation passes through. An editable installation leaves these as Python, to
be edited and stepped through. Without a working C compiler (or with ISOGRAD_NO_EXT=1) nothing is
compiled, and programs run on the reference backend. The rest stands in pyproject.toml.
"""

import importlib.util
import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError, ExecError, PlatformError

ROOT = Path(__file__).parent
ROOMS = {"isograd": "src/isograd", "isograd.refimpl": "refimpl", "isograd.backends": "backends",
         "isograd.fastpath": "fastpath"}
HEART = ["trace", "aval", "primitive", "tree", "ops/linear", "ops/elementwise", "transforms/jvp",
         "transforms/linearize", "transforms/transpose", "transforms/grad", "numpy_protocol"]


def packages():
    """Return {package name: folder} of every folder that has an __init__.py."""
    found = {}
    for room, folder in ROOMS.items():
        for init in sorted((ROOT / folder).rglob("__init__.py")):
            inner = init.parent.relative_to(ROOT / folder).parts
            found[".".join((room, *inner))] = init.parent.relative_to(ROOT).as_posix()
    return found


def extensions():
    """The engine as fastpath/build.py lists it, and the heart; nothing if that is not wanted."""
    if os.environ.get("ISOGRAD_NO_EXT") == "1":
        return []
    spec = importlib.util.spec_from_file_location("isograd_build", ROOT / "fastpath" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    heart = [Extension(f"isograd.refimpl.{name.replace('/', '.')}", [f"refimpl/{name}.py"])
             for name in HEART]
    return (cythonize(build.extensions(), language_level=3, quiet=True)
            + cythonize(heart, language_level=3, quiet=True, build_dir="build/cython"))


class OptionalBuild(build_ext):
    """Compile if that is possible; say so in one line if it is not."""

    def run(self):
        self.parallel = self.parallel or os.cpu_count()
        if self.editable_mode or self.inplace:
            self.extensions = [e for e in self.extensions if "refimpl" not in e.name]
        try:
            super().run()
        except (CCompilerError, ExecError, PlatformError) as error:
            print(f"isograd: no working C compiler ({type(error).__name__}, see above); "
                  "installing without the engine: programs run on the reference backend",
                  flush=True)
            self.remove_half_built()
            self.extensions = []

    def remove_half_built(self):
        """All or nothing: what had compiled before the error must not be installed."""
        for extension in self.extensions:
            built = Path(self.build_lib, self.get_ext_filename(extension.name))
            built.unlink(missing_ok=True)


FOUND = packages()
setup(packages=sorted(FOUND), package_dir=FOUND, ext_modules=extensions(),
      cmdclass={"build_ext": OptionalBuild})
