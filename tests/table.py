"""One row of test data per primitive. The suites, for every backend, run over these rows.

A row says with which arguments a primitive is tried, how exact its values must be, in which
arguments it has a derivative, and what it makes of special values. Its oracle is the function of
the same name in oracle.py.

A layout test asserts that every primitive has a row. To add an operation, add one row here, and
its oracle.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd.refimpl.ops.special import RECORDS

INF, NAN = float("inf"), float("nan")

FLOAT = ("float32", "float64")
COMPLEX = ("complex64", "complex128")
INT = ("int32", "int64")
BOOL = ("bool",)
REAL = (*FLOAT, *INT)
NUMBER = (*FLOAT, *COMPLEX, *INT)


class Arg(NamedTuple):
    """An argument: random numbers in a closed domain, or fixed numbers.

    dtype None is the dtype of the case. Real and imaginary parts are both in the domain.
    """

    shape: tuple[int, ...] = ()
    domain: tuple[float, float] = (-2, 2)
    dtype: str | None = None
    value: tuple | None = None


NO_PARAMS = {}


class Example(NamedTuple):
    args: tuple[Arg, ...]
    params: dict = NO_PARAMS


class Row(NamedTuple):
    """The test data of a primitive.

    ulp: how far a real result may be from the exact one, in units in the last place; 0 is exact,
        0.5 correctly rounded (IEEE). With `accumulates`, the bound is (n + 1) eps times the same
        operation on absolute values, n the number of operands.
    derivative: for each argument whether it has one; a result without derivative has zeros.
    special: pairs (arguments, result) of numbers, in the floating-point dtypes of the row.
    kinks: triples (arguments, tangents, tangent of the result) at points where the derivative is a
        convention, or infinite.
    elsewhere: the test file of a primitive that carries functions, which no data can describe.
    """

    prim: str
    examples: tuple[Example, ...] = ()
    dtypes: tuple[str, ...] = FLOAT
    ulp: float = 0
    derivative: tuple[bool, ...] = ()
    accumulates: bool = False
    special: tuple = ()
    kinks: tuple = ()
    elsewhere: str = ""


# ---- how rows of a kind look alike ----

UNARY_SHAPES = ((7,), (), (2, 3), (0, 2))
BINARY_SHAPES = (((2, 3), (2, 3)), ((2, 1), (3,)), ((), (4,)), ((), ()), ((0,), (1,)))


def unary(prim, domain=(-2, 2), dtypes=FLOAT, ulp=4, derivative=(True,), **data):
    """A function of one number; by default transcendental, differentiable."""
    examples = tuple(Example((Arg(shape, domain),)) for shape in UNARY_SHAPES)
    return Row(prim, examples, dtypes, ulp, derivative, **data)


def binary(prim, x=(-2, 2), y=(-2, 2), dtypes=FLOAT, ulp=0.5, derivative=(True, True), **data):
    """A function of two numbers; by default correctly rounded, differentiable in both."""
    examples = tuple(Example((Arg(a, x), Arg(b, y))) for a, b in BINARY_SHAPES)
    return Row(prim, examples, dtypes, ulp, derivative, **data)


def step(prim, dtypes=FLOAT, domain=(-3, 3), **data):
    """A piecewise constant function of one number."""
    return unary(prim, domain, dtypes, 0, (False,), **data)


def relation(prim, dtypes=(*REAL, *BOOL), **data):
    """A comparison or a logical function of two numbers; small integers, so that some are equal."""
    return binary(prim, (-1, 1), (-1, 1), dtypes, 0, (False, False), **data)


def bits(prim, dtypes=INT, y=(-9, 9)):
    return binary(prim, (-9, 9), y, dtypes, 0, (False, False))


def movement(prim, *examples, arguments=1, **data):
    """Placement of elements of any dtype, exact and linear."""
    return Row(prim, tuple(examples), (*NUMBER, *BOOL), 0, (True,) * arguments, **data)


def on(*shapes, domain=(-2, 2), **params):
    """An example: arrays of these shapes, and params."""
    return Example(tuple(Arg(shape, domain) for shape in shapes), params)


def fixed(dtype, *value):
    return Arg(value=value, dtype=dtype)


# ---- arithmetic ----

ARITHMETIC = (
    binary("scale", dtypes=NUMBER, special=(((0.0, INF), 0.0), ((-0.0, NAN), -0.0),
                                            ((1.0, NAN), NAN), ((INF, 0.0), NAN))),
    binary("add", dtypes=NUMBER, special=(
        ((-0.0, -0.0), -0.0), ((-0.0, 0.0), 0.0), ((INF, -INF), NAN), ((INF, 1), INF))),
    binary("subtract", dtypes=NUMBER, special=(
        ((-0.0, 0.0), -0.0), ((0.0, 0.0), 0.0), ((INF, INF), NAN))),
    binary("multiply", dtypes=NUMBER, special=(
        ((0.0, INF), NAN), ((-0.0, 3), -0.0), ((-INF, -2), INF))),
    binary("divide", y=(1, 3), dtypes=NUMBER, special=(
        ((1, 0.0), INF), ((1, -0.0), -INF), ((0.0, 0.0), NAN), ((1, INF), 0.0),
        ((INF, INF), NAN)), kinks=(((1.0, INF), (1.0, 0.0), 0.0),)),
    unary("negative", dtypes=NUMBER, ulp=0, special=(((0.0,), -0.0), ((-0.0,), 0.0))),
    unary("positive", dtypes=NUMBER, ulp=0, special=(((-0.0,), -0.0),)),
    unary("reciprocal", (1, 3), (*FLOAT, *COMPLEX), 0.5, special=(
        ((0.0,), INF), ((-0.0,), -INF), ((-INF,), -0.0))),
    unary("square", dtypes=NUMBER, ulp=0.5, special=(((-0.0,), 0.0), ((-INF,), INF))),
    unary("sqrt", (0.1, 4), (*FLOAT, *COMPLEX), 0.5, special=(
        ((-0.0,), -0.0), ((INF,), INF), ((-1,), NAN)), kinks=(
        ((0.0,), (1.0,), INF), ((0.0,), (0.0,), 0.0))),
    unary("cbrt", (0.1, 4), special=(((-8,), -2), ((-0.0,), -0.0), ((-INF,), -INF))),
    binary("floor_divide", y=(1, 3), dtypes=REAL, ulp=0, derivative=(False, False), special=(
        ((-7, 2), -4), ((7, -2), -4), ((INF, 2), NAN), ((1, 0.0), INF), ((0.0, 0.0), NAN))),
    binary("remainder", y=(1, 3), dtypes=REAL, ulp=1, special=(
        ((-7, 2), 1), ((7, -2), -1), ((-0.0, 2), 0.0), ((1, 0.0), NAN), ((3, INF), 3))),
    binary("fmod", y=(1, 3), dtypes=REAL, ulp=0.5, special=(
        ((-7, 2), -1), ((7, -2), 1), ((-0.0, 2), -0.0), ((1, 0.0), NAN), ((3, INF), 3))),
    binary("power", (0.2, 3), (-2, 3), (*FLOAT, *COMPLEX), 4, special=(
        ((0.0, 0.0), 1), ((-2, 3), -8), ((-8, 1 / 3), NAN), ((0.0, -1), INF), ((1, NAN), 1),
        ((NAN, 0.0), 1)), kinks=(
        ((0.0, 2.0), (1.0, 1.0), 0.0), ((0.0, 1.0), (3.0, 0.0), 3.0),
        ((0.0, 0.0), (1.0, 0.0), 0.0), ((-2.0, 3.0), (1.0, 0.0), 12.0))),
    unary("absolute", dtypes=NUMBER, ulp=2, special=(((-0.0,), 0.0), ((-INF,), INF)), kinks=(
        ((0.0,), (1.0,), 0.0),)),
    unary("sign", dtypes=NUMBER, ulp=1, special=(
        ((-0.0,), 0.0), ((-INF,), -1), ((NAN,), NAN))),
    binary("copysign", (0.5, 2), ulp=0, derivative=(True, False), special=(
        ((2, -0.0), -2), ((-0.0, 1), 0.0), ((INF, -1), -INF))),
    binary("maximum", dtypes=REAL, ulp=0, special=(((NAN, 1), NAN), ((1, NAN), NAN)),
           kinks=(((1.0, 1.0), (3.0, 5.0), 4.0),)),
    binary("minimum", dtypes=REAL, ulp=0, special=(((NAN, 1), NAN), ((1, NAN), NAN)),
           kinks=(((1.0, 1.0), (3.0, 5.0), 4.0),)),
    binary("fmax", dtypes=REAL, ulp=0, special=(((NAN, 1), 1), ((1, NAN), 1), ((NAN, NAN), NAN)),
           kinks=(((1.0, 1.0), (3.0, 5.0), 4.0), ((NAN, 1.0), (3.0, 5.0), 5.0))),
    binary("fmin", dtypes=REAL, ulp=0, special=(((NAN, 1), 1), ((1, NAN), 1), ((NAN, NAN), NAN)),
           kinks=(((1.0, 1.0), (3.0, 5.0), 4.0), ((NAN, 1.0), (3.0, 5.0), 5.0))),
)

# ---- transcendental functions ----

ANALYTIC = (*FLOAT, *COMPLEX)

EXPONENTIAL = (
    unary("exp", dtypes=ANALYTIC, special=(((-INF,), 0.0), ((0.0,), 1), ((1000,), INF))),
    unary("exp2", dtypes=ANALYTIC, special=(((-INF,), 0.0), ((10,), 1024))),
    unary("expm1", dtypes=ANALYTIC, special=(((-INF,), -1), ((-0.0,), -0.0))),
    unary("log", (0.1, 4), ANALYTIC, special=(
        ((0.0,), -INF), ((-0.0,), -INF), ((-1,), NAN), ((1,), 0.0), ((INF,), INF))),
    unary("log2", (0.1, 4), ANALYTIC, special=(((0.0,), -INF), ((8,), 3), ((-1,), NAN))),
    unary("log10", (0.1, 4), ANALYTIC, special=(((0.0,), -INF), ((-1,), NAN))),
    unary("log1p", (-0.9, 50), ANALYTIC, special=(
        ((-1,), -INF), ((-2,), NAN), ((-0.0,), -0.0), ((INF,), INF))),
    binary("logaddexp", (0.5, 3), (0.5, 3), ulp=4, special=(
        ((-INF, -INF), -INF), ((INF, 0.0), INF), ((1000, 1000), 1000 + np.log(2))), kinks=(
        ((-INF, 0.0), (1.0, 1.0), 1.0), ((0.0, 0.0), (1.0, 3.0), 2.0))),
    binary("logaddexp2", (0.5, 3), (0.5, 3), ulp=4,
           special=(((-INF, -INF), -INF), ((1000, 1000), 1001)),
           kinks=(((0.0, 0.0), (1.0, 3.0), 2.0),)),
)

TRIGONOMETRIC = (
    unary("sin", (-7, 7), FLOAT, special=(((-0.0,), -0.0), ((INF,), NAN))),
    unary("cos", (-7, 7), FLOAT, special=(((0.0,), 1), ((INF,), NAN))),
    unary("tan", (-1.5, 1.5), ANALYTIC, special=(((-0.0,), -0.0), ((INF,), NAN))),
    unary("arcsin", (-0.9, 0.9), ANALYTIC, special=(((-0.0,), -0.0), ((2,), NAN))),
    unary("arccos", (-0.9, 0.9), ANALYTIC, special=(((1,), 0.0), ((2,), NAN))),
    unary("arctan", (-5, 5), ANALYTIC, special=(((-0.0,), -0.0), ((-INF,), -np.pi / 2))),
    unary("sinh", dtypes=ANALYTIC, special=(((-0.0,), -0.0), ((-INF,), -INF))),
    unary("cosh", dtypes=ANALYTIC, special=(((0.0,), 1), ((-INF,), INF))),
    unary("tanh", dtypes=ANALYTIC, special=(((-0.0,), -0.0), ((INF,), 1), ((-1000,), -1))),
    unary("arcsinh", dtypes=ANALYTIC, special=(((-0.0,), -0.0), ((-INF,), -INF))),
    unary("arccosh", (1.2, 5), ANALYTIC, special=(((1,), 0.0), ((0.5,), NAN))),
    unary("arctanh", (-0.9, 0.9), ANALYTIC, special=(((1,), INF), ((2,), NAN), ((-0.0,), -0.0))),
    binary("arctan2", ulp=4, special=(
        ((0.0, -0.0), np.pi), ((-0.0, -0.0), -np.pi), ((-0.0, 1), -0.0), ((INF, INF), np.pi / 4)),
        kinks=(((0.0, 0.0), (1.0, 1.0), 0.0),)),
    binary("hypot", ulp=1, special=(((3, -4), 5), ((INF, NAN), INF), ((0.0, -0.0), 0.0)),
           kinks=(((0.0, 0.0), (1.0, 1.0), 0.0), ((1e200, 1e200), (1.0, 0.0), np.sqrt(0.5)))),
)

SPECIAL = (
    unary("logistic", (-9, 9), special=(
        ((-INF,), 0.0), ((INF,), 1), ((0.0,), 0.5), ((-1000,), 0.0), ((NAN,), NAN))),
    unary("erf", ulp=8, special=(((-INF,), -1), ((-0.0,), -0.0), ((NAN,), NAN))),
    unary("erfc", ulp=8, special=(((-INF,), 2), ((INF,), 0.0), ((0.0,), 1))),
    unary("erfinv", (-0.95, 0.95), ulp=8, special=(((1,), INF), ((-1,), -INF), ((2,), NAN))),
    unary("gammaln", (3, 20), ulp=8, special=(((1,), 0.0), ((INF,), INF), ((0.0,), INF))),
    unary("digamma", (2, 20), ulp=8, special=(((INF,), INF), ((-1,), NAN))),
    binary("hurwitz_zeta", (1.5, 5), (1, 6), ulp=16,
           special=(((2, 1), np.pi**2 / 6), ((1, 2), INF))),
)

# ---- rounding, comparison, logic, bits ----

DISCRETE = (
    step("floor", special=(((-0.0,), -0.0), ((-0.5,), -1), ((INF,), INF), ((NAN,), NAN))),
    step("ceil", special=(((-0.5,), -0.0), ((0.5,), 1), ((-INF,), -INF))),
    step("trunc", special=(((-0.5,), -0.0), ((-1.5,), -1), ((NAN,), NAN))),
    step("rint", special=(((0.5,), 0.0), ((1.5,), 2), ((-0.5,), -0.0), ((2.5,), 2))),
    step("isnan", NUMBER, special=(((NAN,), True), ((INF,), False))),
    step("isinf", NUMBER, special=(((NAN,), False), ((-INF,), True))),
    step("isfinite", NUMBER, special=(((NAN,), False), ((INF,), False), ((1,), True))),
    step("signbit", FLOAT, special=(((-0.0,), True), ((0.0,), False), ((-INF,), True))),
    relation("equal", (*NUMBER, *BOOL), special=(((0.0, -0.0), True), ((NAN, NAN), False))),
    relation("not_equal", (*NUMBER, *BOOL), special=(((0.0, -0.0), False), ((NAN, NAN), True))),
    relation("less", special=(((-0.0, 0.0), False), ((NAN, 1), False), ((1, INF), True))),
    relation("less_equal", special=(((0.0, -0.0), True), ((NAN, NAN), False))),
    relation("greater", special=(((0.0, -0.0), False), ((1, NAN), False), ((INF, 1), True))),
    relation("greater_equal", special=(((-0.0, 0.0), True), ((NAN, NAN), False))),
    relation("logical_and", special=(((NAN, 1), True), ((-0.0, 1), False))),
    relation("logical_or", special=(((NAN, 0.0), True), ((-0.0, 0.0), False))),
    relation("logical_xor", special=(((NAN, 0.0), True), ((NAN, 1), False))),
    step("logical_not", (*REAL, *BOOL), (-1, 1), special=(((NAN,), False), ((-0.0,), True))),
    bits("bitwise_and", (*INT, *BOOL)),
    bits("bitwise_or", (*INT, *BOOL)),
    bits("bitwise_xor", (*INT, *BOOL)),
    step("invert", (*INT, *BOOL), (-9, 9)),
    bits("left_shift", y=(0, 8)),
    bits("right_shift", y=(0, 8)),
    binary("nextafter", ulp=1, derivative=(False, False), special=(
        ((1.0, 1.0), 1.0), ((NAN, 1.0), NAN), ((INF, INF), INF))),
)

CONDITION = Arg((2, 3), dtype="bool")

CHOICE = (
    Row("select", (
        Example((CONDITION, Arg((2, 3)), Arg((2, 3)))),
        Example((Arg((3,), dtype="bool"), Arg((2, 1)), Arg(()))),
        Example((Arg((), dtype="bool"), Arg((2,)), Arg((2,)))),
    ), (*NUMBER, *BOOL), 0, (False, True, True), special=(
        ((True, 1.0, NAN), 1.0), ((False, INF, -0.0), -0.0)),
        kinks=(((True, 2.0, NAN), (0.0, 1.0, 3.0), 1.0),)),
    unary("real", dtypes=ANALYTIC, ulp=0),
    unary("imag", dtypes=ANALYTIC, ulp=0),
    unary("conjugate", dtypes=NUMBER, ulp=0),
)

# ---- casts and data movement ----

def casts(*dtypes):
    return tuple(Example((Arg((5,), (-3, 3)),), {"dtype": np.dtype(d)}) for d in dtypes)


PLACES = (((1, 0), (3, 4), (2, 1)), ((0, 2), (0, 2), (1, 3)), ((0, 0), (3, 4), (1, 2)))

MOVEMENT = (
    Row("cast", casts("bool", "int32", "int64", "float32", "float64", "complex128"),
        (*NUMBER, *BOOL), 0.5, (True,)),
    Row("checked_cast", casts("int8", "int32", "int64"), INT, 0, (False,)),
    movement("broadcast_to", on((3, 1), shape=(3, 4)), on((), shape=(2,)), on((3,), shape=(2, 3)),
             on((1,), shape=(0,)), on((2, 1, 3), shape=(2, 2, 2, 3))),
    movement("reshape", on((2, 6), shape=(3, 4)), on((), shape=(1, 1)), on((4,), shape=(4,)),
             on((0, 3), shape=(2, 0))),
    movement("permute", on((2, 3, 4), perm=(2, 0, 1)), on((2, 3), perm=(1, 0)),
             on((3,), perm=(0,))),
    movement("slice", *[on((3, 4), starts=a, stops=b, steps=s) for a, b, s in PLACES]),
    movement("pad", on((2, 3), config=((1, 0, 0), (0, 2, 1))), on((3,), config=((2, 2, 2),)),
             on((0,), config=((1, 1, 3),))),
    movement("flip", on((2, 3), axes=(1,)), on((2, 3), axes=(0, 1)), on((4,), axes=())),
    movement("concatenate", on((2, 3), (2, 1), axis=1), on((1, 2), (2, 2), axis=0),
             on((0,), (3,), axis=0), arguments=2),
    Row("stop_gradient", (on((2, 3)),), FLOAT, 0, (False,)),
    Row("weaken", (on(()),), ("int64", "float64", "complex128"), 0, (True,)),
)

# ---- reductions ----

REDUCED = ((2, 3, 4), ((1,), (0, 2), (0, 1, 2)))


def reduction(prim, dtypes=(*REAL, *BOOL), ulp=0, derivative=(True,), empty=True, **data):
    """A fold over one, some and all axes; of no elements, if it has an identity."""
    shape, axes = REDUCED
    examples = [on(shape, axes=a) for a in axes] + [on((5,), axes=(0,))]
    if empty:
        examples += [on((2, 0), axes=(1,)), on((0, 3), axes=(1,))]
    return Row(prim, tuple(examples), dtypes, ulp, derivative, **data)


REDUCTION = (
    reduction("sum", (*NUMBER, *BOOL), accumulates=True),
    reduction("prod", (*NUMBER, *BOOL), accumulates=True),
    reduction("max", empty=False),
    reduction("min", empty=False),
    reduction("any", derivative=(False,)),
    reduction("all", derivative=(False,)),
    reduction("argmax", derivative=(False,), empty=False),
    reduction("argmin", derivative=(False,), empty=False),
)

# ---- along one axis ----

def along_axis(prim, dtypes=REAL, ulp=0, derivative=(True,), **data):
    examples = (on((2, 5), axis=1), on((3, 2), axis=0), on((1,), axis=0), on((0, 2), axis=0))
    return Row(prim, examples, dtypes, ulp, derivative, **data)


SCAN = (
    along_axis("cumsum", (*NUMBER, *BOOL), accumulates=True),
    along_axis("cumprod", (*NUMBER, *BOOL), accumulates=True),
    along_axis("cumlogsumexp", FLOAT, 16),
    along_axis("cummax"),
    along_axis("cummin"),
    along_axis("sort", (*REAL, *BOOL)),
    along_axis("argsort", (*REAL, *BOOL), derivative=(False,)),
)

# ---- indexing; index arrays with repeated and negative indices ----

ROWS_REPEATED = fixed("int64", 0, 2, -1, 0)
COLUMN = fixed("int32", (1,), (3,))

INDEX = (
    movement("gather",
             Example((Arg((3, 4)), ROWS_REPEATED)),
             Example((Arg((3, 4)), ROWS_REPEATED, COLUMN)),
             Example((Arg((3, 4, 2)), Arg(value=1, dtype="int64"), COLUMN)),
             Example((Arg((3,)), Arg(value=-3, dtype="int64"))),
             Example((Arg((3, 2)), Arg(value=(), dtype="int64")))),
    Row("scatter", tuple(
        Example((Arg((3, 4)), values, *indices), {"mode": mode, "unique": unique})
        for mode in ("set", "add", "minimum", "maximum", "multiply")
        for values, indices, unique in (
            (Arg((2, 4)), (fixed("int64", 2, -3),), True),
            (Arg((2, 2)), (fixed("int64", 2, -3), COLUMN), True),
            *(((Arg((4, 4)), (ROWS_REPEATED,), False),
               (Arg((2, 4)), (ROWS_REPEATED, COLUMN), False)) if mode != "multiply" else ()),
        )), REAL, 1, (True, True), accumulates=True),
)

# ---- contraction ----

DOT = (
    Row("dot_general", (
        on((2, 3), (3, 4), contract=((1,), (0,)), batch=((), ())),
        on((3, 2), (4, 3), contract=((0,), (1,)), batch=((), ())),
        on((5,), (5,), contract=((0,), (0,)), batch=((), ())),
        on((2, 3, 4), (4, 2, 5), contract=((2,), (0,)), batch=((0,), (1,))),
        on((2, 3, 4), (4, 3, 2), contract=((1, 0), (1, 2)), batch=((), ())),
        on((2, 3), (2, 3), contract=((), ()), batch=((0, 1), (0, 1))),
        on((2,), (3,), contract=((), ()), batch=((), ())),
        on((2, 0), (0, 3), contract=((1,), (0,)), batch=((), ())),
    ), (*NUMBER, *BOOL), 0, (True, True), accumulates=True),
)

# ---- linear algebra: tests/linalg has its own table ----

LINALG = tuple(Row(name, elsewhere="tests/linalg/table.py") for name in (
    "care", "cholesky", "cofactors", "dare", "det", "eig", "eigh", "frechet", "lower_sylvester",
    "lu", "matrix_function", "pinv", "pivoted_columns", "polar", "qr", "schur", "slogdet", "solve",
    "sqrtm", "svd", "sylvester", "triangular_solve"))

# ---- primitives that carry functions ----

CALL = tuple(Row(name, elsewhere="tests/ops/test_calls.py") for name in (
    "barrier", "call", "checkpoint", "custom_jvp", "custom_vjp", "custom_vjp_linear"))
CONTROL = tuple(Row(name, elsewhere="tests/control") for name in (
    "cond", "while", "reverse_while", "scan"))

RANDOM = tuple(Row(name, elsewhere="tests/random") for name in (
    "threefry2x32", "random_bits", "random_gamma", "log_gamma_slope", "random_poisson",
    "random_binomial"))

SCIPY = tuple(Row(name, dtypes=(), elsewhere="tests/table_special.py")
              for record in RECORDS.values() for op in record.operations
              for name in (op.prim.name,))

SLOPES = tuple(Row(name, elsewhere="tests/scipy") for name in (
    "gammainc_a", "betainc_ab", "carlson", "zeta_s"))

COLLECTIVE = tuple(Row(name, elsewhere="tests/axes") for name in (
    "psum", "pmax", "pmin", "all_gather", "psum_scatter", "ppermute", "all_to_all", "axis_index"))

IMPLICIT = tuple(Row(name, elsewhere="tests/implicit") for name in (
    "custom_linear_solve", "custom_root"))

CALLBACK = tuple(Row(name, elsewhere="tests/effects") for name in (
    "pure_callback", "debug_callback"))

ROWS = {row.prim: row for row in (
    *SCIPY, *SLOPES, *ARITHMETIC, *EXPONENTIAL, *TRIGONOMETRIC, *SPECIAL, *DISCRETE, *CHOICE,
    *MOVEMENT, *REDUCTION, *SCAN, *INDEX, *DOT, *LINALG, *CALL, *CONTROL,
    *COLLECTIVE, *CALLBACK, *IMPLICIT, *RANDOM)}

from .table_integers import INTEGERS  # noqa: E402
from .table_signal import SIGNAL  # noqa: E402

ROWS |= {row.prim: row for row in (*SIGNAL, *INTEGERS)}
