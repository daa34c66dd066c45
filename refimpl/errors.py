"""Every error that isograd raises on purpose, one class per mistake.

Each message answers five questions in the same order: *what* happened, *where* in the user's
program, what was *got*, what was *wanted*, and what to write *instead*.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import sys

import numpy as np

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_FACE = os.path.join("src", "isograd")


class IsogradError(Exception):
    """Base class of every error that isograd raises on purpose."""

    def __init__(self, what, *, got=None, wanted=None, instead=None, where=None):
        where = where or user_line()
        lines = [what]
        facts = {"where": where, "got": got, "wanted": wanted, "instead": instead}
        lines += [f"  {name}: {fact}" for name, fact in facts.items() if fact is not None]
        super().__init__("\n".join(lines))

    def because(self, why):
        """Add why it happened, unless that has been said."""
        if "\n  why: " not in str(self):
            self.args = (f"{self}\n  why: {why}",)


class ConcretizationError(IsogradError, TypeError):
    """A traced value was used where Python needs a concrete number.

    Under `jit` and `vmap` the value of a tracer is unknown, so `if`, `int()`, `range()` and boolean
    masks of unknown shape cannot be decided. Under `grad` values are known, but `float(x)` (and so
    `math.sin(x)`) would silently drop the derivative.
    """

    def __init__(self, what, *, got=None, wanted=None, instead=None, where=None):
        theirs = scipy_module()
        if theirs is not None:
            instead = f"{theirs}, which has SciPy's functions for traced values"
        super().__init__(what, got=got, wanted=wanted, instead=instead, where=where)


class ArrayConversionError(ConcretizationError):
    """`np.array([tracer])`, `np.asarray(tracer)`: NumPy cannot store a tracer in an array."""


class LeakedTracerError(IsogradError, RuntimeError):
    """A tracer outlived the transformation that made it: a side effect escaped.

    Typical causes: appending to a global list, setting an attribute, or closing over a variable of
    a function that is being transformed. Return the value from the function instead.
    """


class ArgumentError(IsogradError, ValueError):
    """`argnums`, `in_axes`, `static_argnums`... name an argument that is not there or not fit."""


class NonScalarGradError(IsogradError, TypeError):
    """`grad` was asked of a function whose result is not one real number."""


class NonDifferentiableError(IsogradError, TypeError):
    """A derivative was asked with respect to integers, booleans, or (not `holomorphic`) complex."""


class TreeError(IsogradError, ValueError):
    """Two nests of containers (pytrees) that should have the same structure have not."""


class ShapeError(IsogradError, ValueError):
    """Shapes do not fit together, or an axis is out of range."""


class IndexingError(IsogradError, IndexError):
    """An index does not fit its array: too many index arrays, or shapes that do not broadcast."""


class UnboundAxisError(IsogradError, NameError):
    """A collective names an axis that no enclosing `vmap`, `pmap` or `shard_map` binds."""


class DtypeError(IsogradError, TypeError):
    """A dtype that the operation does not take."""


class InPlaceError(IsogradError, TypeError):
    """A write (`x[i] = v`, `x += v`, `out=`) into an array that cannot take it.

    The array is plain and the value traced, is read-only, belongs to an outer transformation, or is
    reached by two ways under `jit`.
    """


class KeyReuseError(IsogradError, RuntimeError):
    """A random key was used twice, so that two results are not independent of each other."""


class MissingRuleError(IsogradError, NotImplementedError):
    """No rule is known: an honest gap, never a wrong number."""


class NanError(IsogradError, FloatingPointError):
    """Inside `isograd.debug.nans()` an operation made a NaN of numbers that were none."""


class InvalidGraph(IsogradError, ValueError):
    """A Graph breaks one of its invariants. If a transformation made it, that is our bug."""


class BackendError(IsogradError, ValueError):
    """An unknown backend, or one that cannot run on this machine."""


def check_function(name, f):
    """Raise ArgumentError where `name` is not given a function."""
    if not callable(f):
        raise ArgumentError(f"{name} wants a function", got=type(f).__name__)


def user_frame():
    """Return the innermost stack frame of the user's program, or None.

    Frames of isograd, NumPy, SciPy and the standard library do not count.
    """
    frame = sys._getframe(1)
    while frame is not None and _is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def scipy_module():
    """Return isograd's module for the function of SciPy's that the user's line calls, or None."""
    frame, name = sys._getframe(1), None
    while frame is not None and _is_library(frame.f_code.co_filename):
        name = _counterpart(frame.f_globals.get("__name__", "")) or name
        frame = frame.f_back
    return name


@functools.cache
def _counterpart(module):
    """isograd.scipy.linalg for scipy.linalg._basic; None if there is none."""
    public = [part for part in module.split(".") if not part.startswith("_")]
    if len(public) < 2 or public[0] != "scipy":
        return None
    name = ".".join(["isograd", *public])
    try:
        return name if importlib.util.find_spec(name) else None
    except ModuleNotFoundError:     # its parent is not there either
        return None


@functools.cache
def _is_library(filename):
    path = os.path.abspath(filename)
    if path.startswith(_INTERNAL):
        return not path.startswith(_EXTERNAL)
    return path.startswith(_STANDARD) and not _SITES & set(path.split(os.sep))


# Installed, everything lives in one isograd/ folder; in a checkout refimpl/, backends/ and
# src/isograd/ stand side by side.
_INTERNAL = tuple(
    os.path.join(_PACKAGE, name, "")
    for name in ("refimpl", "backends", "fastpath", _FACE, "")
    if name or os.path.basename(_PACKAGE) == "isograd"
) + (os.path.dirname(np.__file__) + os.sep,
     os.path.join(os.path.dirname(importlib.util.find_spec("scipy").origin), ""))
_EXTERNAL = (os.path.join(_PACKAGE, "tests") + os.sep, os.path.join(_PACKAGE, "examples") + os.sep)
_STANDARD = os.path.join(os.path.dirname(os.path.abspath(os.__file__)), "")
_SITES = {"site-packages", "dist-packages"}


def user_line():
    """Return 'file.py:12 in f' for the line of the user's program that is running, or None."""
    frame = user_frame()
    return frame and source_line((frame.f_code, frame.f_lineno))


def source_line(source):
    """Spell a (code object, line number) pair as 'file.py:12 in f'."""
    if source is None:
        return None
    code, line = source
    return f"{os.path.basename(code.co_filename)}:{line} in {code.co_name}"
