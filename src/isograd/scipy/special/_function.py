"""How a function of scipy.special gets its meaning on traced values."""

from __future__ import annotations

import functools

import scipy.special

from isograd.refimpl.numpy.function import numpy_function

PUBLIC: dict = {}
special_function = functools.partial(numpy_function, module=scipy.special, public=PUBLIC)
