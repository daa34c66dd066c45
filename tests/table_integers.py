"""Rows of test data of divisors, bits, and parts of floating-point numbers."""

from __future__ import annotations

from .table import FLOAT, INF, INT, NAN, binary, step, unary


def divisors(prim):
    return binary(prim, (-12, 12), (-12, 12), INT, 0, (False, False))


INTEGERS = (
    divisors("gcd"), divisors("lcm"), step("bitwise_count", INT, (-99, 99)),
    unary("mantissa", (0.1, 9), FLOAT, 0, special=(
        ((INF,), INF), ((NAN,), NAN), ((-0.0,), -0.0), ((-3.0,), -0.75), ((0.5,), 0.5))),
    step("exponent", FLOAT, (-9, 9)),
)
