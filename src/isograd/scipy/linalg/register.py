"""The names of isograd.scipy.linalg, and what its functions share."""

from __future__ import annotations

import functools

import numpy as np
import scipy.linalg

from isograd.refimpl.errors import MissingRuleError
from isograd.refimpl.numpy.common import has_tracers, shape_of
from isograd.refimpl.numpy.function import numpy_function
from isograd.refimpl.ops import linalg as ops
from isograd.refimpl.ops.elementwise import select
from isograd.refimpl.transforms.jvp import stop_gradient

PUBLIC: dict = {}
scipy_function = functools.partial(numpy_function, module=scipy.linalg, public=PUBLIC)


def gap(name, instead):
    """Publish SciPy's function of this name, which refuses traced values."""
    theirs = getattr(scipy.linalg, name, None)
    if theirs is None:      # another SciPy
        return

    @functools.wraps(theirs)
    def function(*args, **kwargs):
        if has_tracers([*args, *kwargs.values()]):
            raise MissingRuleError(f"scipy.linalg.{name} has no rule for traced arrays",
                                   instead=instead)
        return theirs(*args, **kwargs)
    PUBLIC[name] = function


def from_triangle(a, lower, symmetric=False):
    """The hermitian (or symmetric) matrix of which only a triangle is given.

    Its derivative is that of the hermitian part of a, so that gradients are hermitian too.
    """
    turned = ops.t(a) if symmetric else ops.h(a)
    kept = np.tri(shape_of(a)[-1], dtype=bool)
    mirrored = select(kept if lower else kept.T, a, turned)
    part = 0.5 * (a + turned)
    return part + stop_gradient(mirrored - part)
