"""NumPy's API on arrays and traced values alike; see the NumPy function of the same name.

It follows the Python array API standard where NumPy's main namespace does.
"""

import sys

import isograd.refimpl.numpy_protocol  # makes tracers behave as arrays
from isograd.refimpl import numpy as _numpy
from isograd.refimpl.errors import ArgumentError as _ArgumentError
from isograd.refimpl.numpy import *
from isograd.refimpl.trace import Tracer as _Tracer

__all__ = _numpy.__all__


def _array_namespace(self, *, api_version=None):
    """The array API standard's `x.__array_namespace__()`: this module."""
    if api_version is not None and api_version > _numpy.__array_api_version__:
        raise _ArgumentError("a version of the array API standard that is not there yet",
                             got=api_version, wanted=_numpy.__array_api_version__)
    return sys.modules[__name__]


_Tracer.__array_namespace__ = _array_namespace  # type: ignore[attr-defined]
