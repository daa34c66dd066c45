"""The table of rewrite rules: pattern, result, side condition. One rule a line.

Rules keep every bit of the result (payloads of NaN aside), for every input: NaN, infinities, -0.0,
subnormal numbers. So there is no x + 0.0 -> x (-0.0 + 0.0 is +0.0), no x * 0 -> 0, no x - x -> 0,
no x / x -> 1. The exception are powers, which nobody computes exactly: rules marked ULP2 are within
2 units in the last place of the exact result, as every backend must be.

The rules assume explicit dtypes (refimpl/promotion.py): all operands of an operation have the dtype
that it computes in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...refimpl.graph import Lit
from .pattern import Hole, Pattern, apply

BITWISE, ULP2 = "every bit", "2 units in the last place"


def always(m):
    return True


class Rule(NamedTuple):
    """`lhs` becomes `rhs` when `when(bindings)` holds. rhs: a hole, or a function of the bindings
    that returns (operation name, arguments, params); an argument is an atom, a number, or
    (operation name, arguments) again."""

    lhs: Pattern
    rhs: Hole | Callable
    when: Callable = always
    exact: str = BITWISE


# ---- side conditions ----

def has_kind(name, kinds):
    return lambda m: m[name].aval.dtype.kind in kinds


FLOAT, NUMBER, BOOL = has_kind("x", "f"), has_kind("x", "iuf"), has_kind("x", "b")
REAL = has_kind("x", "biuf")    # (x + iy) * (1 + 0i) is not x + iy where either is infinite or -0.0


def has_exact_reciprocal(m):
    """Dividing by a power of two is multiplying by another, both rounded from the same number."""
    c = m["c"].value
    if m["c"].aval.dtype.kind != "f" or not np.isfinite(c) or c == 0:
        return False
    return abs(math.frexp(float(c))[0]) == 0.5 and _is_normal(c) and _is_normal(1 / c)


def _is_normal(c):
    return np.isfinite(c) and abs(c) >= np.finfo(c.dtype).tiny


def cube(m):
    """x * x * x: two roundings. x * x is accurate wherever the cube is not 0 or infinite."""
    return "multiply", (("multiply", (m["x"], m["x"])), m["x"]), {}


def reciprocal_of(m):
    c = m["c"].value
    return c.dtype.type(1) / c


def holds(wide, narrow):
    """Whether a dtype holds every number of another. NumPy calls int64 to float64 safe, too."""
    if narrow.kind in "iu" and wide.kind in "fc":
        digits = np.iinfo(narrow).bits - (narrow.kind == "i")
        return digits <= np.finfo(wide).nmant + 1
    return np.can_cast(narrow, wide, "safe")


def casts_back_exactly(m):
    """x -> wider -> x's own dtype."""
    mine, middle = m["x"].aval.dtype, m["inner"]["dtype"]
    return m["outer"]["dtype"] == mine and holds(middle, mine)


def casts_widen(m):
    """x -> wider -> wider still."""
    mine, middle, last = m["x"].aval.dtype, m["inner"]["dtype"], m["outer"]["dtype"]
    return holds(middle, mine) and holds(last, middle)


def keeps_dtype(m):
    return m["x"].aval.dtype == m["outer"]["dtype"] and not m["x"].aval.weak


def keeps_shape(m):
    return m["x"].aval.shape == m["outer"]["shape"]


def keeps_order(m):
    return m["outer"]["perm"] == tuple(range(m["x"].aval.ndim))


def keeps_everything(m):
    shape, p = m["x"].aval.shape, m["outer"]
    return p["stops"] == shape and not any(p["starts"]) and set(p["steps"]) <= {1}


# ---- detours through float64 ----

def narrow(name):
    """float32 -> float64, one operation, -> float32: the same as the operation in float32.

    Rounding twice does no harm, for 53 bits are at least 2 * 24 + 2. S. A. Figueroa, "When is
    double rounding innocuous?", SIGNUM Newsletter 30 (1995).
    """
    def rhs(m):
        return name, tuple([_narrowed(m[k]) for k in ("x", "y", "c") if k in m]), {}
    return rhs


def narrow_left(name):
    return lambda m: (name, (_narrowed(m["c"]), m["x"]), {})


def _narrowed(atom):
    return np.float32(atom.value) if type(atom) is Lit else atom


def is_detour(m):
    casts = [m[k]["dtype"] for k in ("left", "right") if k in m]
    atoms = [m[k].aval.dtype for k in ("x", "y") if k in m]
    return (m["outer"]["dtype"] == np.float32 and set(casts) == {np.dtype(np.float64)}
            and set(atoms) == {np.dtype(np.float32)} and ("c" not in m or _fits_float32(m["c"])))


def _fits_float32(lit):
    with np.errstate(over="ignore"):
        return lit.aval.dtype == np.float64 and np.float32(lit.value) == lit.value


# ---- composed movements ----

def move(name, arg, params="outer"):
    return apply(name, arg, params=params)


def outer(name):
    """The result of the last of two movements, applied to x at once."""
    return lambda m: (name, (m["x"],), m["outer"])


def permuted_twice(m):
    first, then = m["inner"]["perm"], m["outer"]["perm"]
    return "permute", (m["x"],), {"perm": tuple([first[i] for i in then])}


def sliced_twice(m):
    p, q = m["inner"], m["outer"]
    steps = tuple([a * b for a, b in zip(p["steps"], q["steps"], strict=True)])
    starts = tuple([a + b * s for a, b, s in zip(p["starts"], q["starts"], p["steps"],
                                                 strict=True)])
    stops = tuple([max(a, min(a + (b - c - 1) * s + 1, e)) if b > c else a for a, b, c, s, e in zip(
        starts, q["stops"], q["starts"], p["steps"], p["stops"], strict=True)])
    return "slice", (m["x"],), {"starts": starts, "stops": stops, "steps": steps}


def same_axes(m):
    return set(m["inner"]["axes"]) == set(m["outer"]["axes"])


# ---- the table ----

x, y, b, c = Hole("x"), Hole("y"), Hole("b"), Hole("c", literal=True)

ROUNDED = ("add", "subtract", "multiply", "divide", "scale")


def detours():
    """cast(op(cast(x), cast(y))), also with a literal in the place of either."""
    left, right = move("cast", x, "left"), move("cast", y, "right")
    for name in ROUNDED:
        yield Rule(move("cast", apply(name, left, right)), narrow(name), is_detour)
        yield Rule(move("cast", apply(name, left, c)), narrow(name), is_detour)
        yield Rule(move("cast", apply(name, c, left)), narrow_left(name), is_detour)
    yield Rule(move("cast", apply("sqrt", left)), narrow("sqrt"), is_detour)
    yield Rule(move("cast", apply("square", left)), narrow("square"), is_detour)


RULES = (
    # arithmetic
    Rule(x * 1, x, REAL),
    Rule(x / 1, x, REAL),
    Rule(x - 0.0, x, FLOAT),
    Rule(x + -0.0, x, FLOAT),
    Rule(x + 0, x, has_kind("x", "iu")),
    Rule(x - 0, x, has_kind("x", "iu")),
    Rule(apply("negative", -x), x, NUMBER),
    Rule(apply("invert", ~x), x),
    Rule(x * x, lambda m: ("square", (m["x"],), {}), NUMBER),
    Rule(apply("power", x, 2), lambda m: ("square", (m["x"],), {}), FLOAT),
    Rule(apply("power", x, 1), x, FLOAT),
    Rule(apply("power", x, 3), cube, FLOAT, ULP2),
    Rule(apply("power", x, -1), lambda m: ("reciprocal", (m["x"],), {}), FLOAT, ULP2),
    Rule(x / c, lambda m: ("multiply", (m["x"], reciprocal_of(m)), {}), has_exact_reciprocal),
    Rule(apply("scale", x, 1), x, NUMBER),
    Rule(apply("positive", x), x, lambda m: not m["x"].aval.weak),
    # choice
    Rule(apply("select", b, x, x), x),
    Rule(apply("select", True, x, y), x),
    Rule(apply("select", False, x, y), y),
    Rule(apply("maximum", x, x), x, NUMBER),
    Rule(apply("minimum", x, x), x, NUMBER),
    Rule(apply("absolute", apply("absolute", x)), lambda m: ("absolute", (m["x"],), {}), NUMBER),
    Rule(apply("absolute", -x), lambda m: ("absolute", (m["x"],), {}), FLOAT),
    # logic
    Rule(apply("logical_not", apply("logical_not", x)), x, BOOL),
    Rule(apply("logical_and", x, x), x, BOOL),
    Rule(apply("logical_or", x, x), x, BOOL),
    Rule(apply("logical_and", x, True), x, BOOL),
    Rule(apply("logical_or", x, False), x, BOOL),
    # complex operations on real numbers
    Rule(apply("real", x), x, NUMBER),
    Rule(apply("conjugate", x), x, NUMBER),
    # casts
    Rule(move("cast", x), x, keeps_dtype),
    Rule(move("cast", move("cast", x, "inner")), x, casts_back_exactly),
    Rule(move("cast", move("cast", x, "inner")), outer("cast"), casts_widen),
    # movement
    Rule(move("reshape", x), x, keeps_shape),
    Rule(move("broadcast_to", x), x, keeps_shape),
    Rule(move("permute", x), x, keeps_order),
    Rule(move("slice", x), x, keeps_everything),
    Rule(move("reshape", move("reshape", x, "inner")), outer("reshape")),
    Rule(move("broadcast_to", move("broadcast_to", x, "inner")), outer("broadcast_to")),
    Rule(move("permute", move("permute", x, "inner")), permuted_twice),
    Rule(move("slice", move("slice", x, "inner")), sliced_twice),
    Rule(move("flip", move("flip", x, "inner")), x, same_axes),
    Rule(apply("stop_gradient", x), x),
    *detours(),
)
