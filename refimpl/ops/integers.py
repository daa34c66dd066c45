"""Divisors and bits of integers, and the two parts of a floating-point number."""

from __future__ import annotations

import numpy as np

from ..aval import Aval, aval_of, dtype_argument
from .elementwise import elementwise, exp2, loop_dtypes, negative
from .linear import cast_to

gcd = elementwise("gcd", np.gcd, doc="The greatest common divisor; that of 0 and 0 is 0.")
lcm = elementwise("lcm", np.lcm, doc="The least common multiple.")
bitwise_count = elementwise("bitwise_count", np.bitwise_count,
                            doc="How many bits of |x| are set, as uint8.")


def _part_aval(number):
    def aval(x):
        return Aval(x.shape, np.frexp(np.zeros((), _frexp_dtype(x)))[number].dtype)
    return aval


def _frexp_dtype(x):
    return loop_dtypes(np.fabs, dtype_argument(x))[0]


exponent = elementwise(
    "exponent", lambda x: np.frexp(x)[1], aval=_part_aval(1),
    doc="The integer e of x = m 2^e with 1/2 <= |m| < 1; 0 for 0, infinities and NaN.")
mantissa = elementwise(
    "mantissa", lambda x: np.frexp(x)[0],
    lambda y, x: exp2(cast_to(negative(exponent(x)), aval_of(y).dtype)), aval=_part_aval(0),
    doc="The m of x = m 2^e with 1/2 <= |m| < 1; x itself for 0, infinities and NaN.")
