"""NumPy's API on arrays and traced values alike; see the NumPy function of the same name."""

import isograd.refimpl.numpy_protocol  # makes tracers behave as arrays
from isograd.refimpl import numpy as _numpy
from isograd.refimpl.numpy import *

__all__ = _numpy.__all__
