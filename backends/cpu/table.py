"""What the engine runs of each primitive: one row a primitive.

    ENGINE         the engine's own operation of that name where it has one for the dtypes, else the
                   inner loop of the primitive's ufunc: in both cases NumPy's result, bit for bit
    Formula(...)   several instructions: the reference's formula, instruction by instruction
    VIEW           no instruction: data is only looked at in another way
    JOIN           pieces are written side by side, if they lie so in the result
    REDUCE         a fold
    GEMM           a matrix product
    RANDOM         random numbers from keys
    Unsupported    the reference runs it, for the reason given

`why_unsupported(eqn)` says whether an equation runs here.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple

import numpy as np

from ...fastpath import has_ufunc_loop
from ...fastpath.table import NATIVE_OPS, RANDOM_FORMS, ROW_REDUCTIONS, SHORT_LANES, SUPPORTED
from ...refimpl.errors import DtypeError
from ...refimpl.ops.elementwise import SciPyUfunc
from ...refimpl.ops.special import RECORDS
from ...refimpl.promotion import operand_dtypes, ufunc_of

ENGINE, VIEW, JOIN, GEMM, REDUCE = "engine", "view", "join", "gemm", "reduce"
RANDOM = "random"


class Formula(NamedTuple):
    """`build(emit, *registers)` emits instructions and returns the register of the result."""

    build: Callable


class Unsupported(NamedTuple):
    why: str


def _logistic(emit, x):
    e = emit("exp", emit("negative", emit("absolute", x)))
    top = emit("select", emit("greater_equal", x, emit.constant(0)), emit.constant(1), e)
    return emit("divide", top, emit("add", emit.constant(1), e))


_NO_COMPLEX = Unsupported("complex numbers")
_BY_NUMPY = Unsupported("no kernel of this kind yet")
_UNKNOWN = Unsupported("an operation that the engine does not know")
_LAPACK = Unsupported("LAPACK, through NumPy and SciPy")

_NO_LOOP = Unsupported("no ufunc of one result and at most three operands")


def _special_function(op, operands):
    ufunc = isinstance(op.prim.impl, (SciPyUfunc, np.ufunc))
    return ENGINE if ufunc and operands <= 3 else _NO_LOOP


SPECIAL_FUNCTIONS = {
    op.prim.name: _special_function(op, len(record.arguments))
    for record in RECORDS.values() for op in record.operations}

TABLE = {
    **dict.fromkeys((
        "add", "subtract", "multiply", "divide", "negative", "reciprocal", "square", "sqrt", "cbrt",
        "floor_divide", "remainder", "fmod", "power", "absolute", "sign", "copysign", "maximum",
        "minimum", "fmax", "fmin", "scale",
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "logaddexp2",
        "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh",
        "arccosh", "arctanh", "arctan2", "hypot",
        "floor", "ceil", "trunc", "rint", "isnan", "isinf", "isfinite", "signbit",
        "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
        "logical_and", "logical_or", "logical_xor", "logical_not",
        "bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift",
        "nextafter", "select", "cast"), ENGINE),
    **SPECIAL_FUNCTIONS,
    "logistic": Formula(_logistic),
    **dict.fromkeys(("real", "imag", "conjugate"), _NO_COMPLEX),
    **dict.fromkeys(("sum", "prod", "max", "min", "any", "all", "argmax", "argmin"), REDUCE),
    "dot_general": GEMM,
    **dict.fromkeys(("reshape", "permute", "broadcast_to", "slice", "flip", "stop_gradient",
                     "weaken", "positive", "barrier"), VIEW),
    **dict.fromkeys(("pad", "concatenate"), JOIN),
    **dict.fromkeys(("gcd", "lcm", "bitwise_count"), ENGINE),
    **dict.fromkeys(("fft", "conv", "exponent", "mantissa", "gammainc_a",
                     "betainc_ab", "carlson", "zeta_s"), _BY_NUMPY),
    **dict.fromkeys(("gather", "scatter", "cumsum", "cumprod", "cummax",
                     "cummin", "cumlogsumexp", "sort", "argsort"), _BY_NUMPY),
    **dict.fromkeys(("care", "cholesky", "cofactors", "dare", "det", "eig", "eigh", "frechet",
                     "lower_sylvester", "lu", "matrix_function", "pinv", "pivoted_columns", "polar",
                     "qr", "schur", "slogdet", "solve", "sqrtm", "svd", "sylvester",
                     "triangular_solve"), _LAPACK),
    "random_bits": RANDOM,
    **dict.fromkeys(("threefry2x32", "random_gamma", "log_gamma_slope", "random_poisson",
                     "random_binomial"), _BY_NUMPY),
    **dict.fromkeys(("pure_callback", "debug_callback"), Unsupported("a Python function")),
    "checked_cast": Unsupported("it raises an error for a Python integer that does not fit"),
    "cond": Unsupported("a choice of branches, which are compiled"),
    **dict.fromkeys(("while", "reverse_while", "scan"),
                    Unsupported("a loop, whose body is compiled")),
    **dict.fromkeys(("psum", "pmax", "pmin", "all_gather", "psum_scatter", "ppermute", "all_to_all",
                     "axis_index"), Unsupported("a collective that no axis has resolved")),
    **dict.fromkeys(("call", "checkpoint", "custom_jvp", "custom_vjp", "custom_vjp_linear",
                     "custom_linear_solve", "custom_root"),
                    Unsupported("a function of its own backend, or compiled by itself")),
}


# ---- elementwise operations ----

class Engine(NamedTuple):
    """The engine's name of an operation, and the ufunc whose loop it runs if that is "ufunc"."""

    op: str
    ufunc: np.ufunc | None = None


# Which of two zeros is the larger depends on the processor in NumPy: only its own loop knows.
_NUMPYS_CHOICE = frozenset({"maximum", "minimum"})


def code(dtype):
    """The character of a dtype; the one of int64 for C's other integer of that size."""
    return np.dtype(dtype.str).char


def engine_op(prim, dtypes, out):
    """What the engine runs for `prim` on these operand dtypes, or None."""
    *chars, result = map(code, (*dtypes, out))
    name = f"cast_{result}" if prim.name == "cast" else prim.name
    by_numpy = name in _NUMPYS_CHOICE and out.kind == "f"
    if not by_numpy and NATIVE_OPS.get((name, *chars)) == result:
        return Engine(name)
    ufunc = _usable_ufunc(prim, dtypes)
    if ufunc is not None and has_ufunc_loop(ufunc, "".join([*chars, result])):
        return Engine("ufunc", ufunc)
    return None


def _usable_ufunc(prim, dtypes):
    """NumPy's integer power raises a Python error in the middle of its loop: not here."""
    if prim.name == "power" and dtypes[0].kind in "iu":
        return None
    return ufunc_of(prim)


# ---- dtypes that reductions work in ----

def reduction_dtype(name, dtype, out):
    """The dtype to which the argument of a reduction is converted first."""
    if name in ("sum", "prod"):
        return out
    return np.dtype(bool) if name in ("any", "all") else dtype


# ---- what runs here ----

def why_unsupported(eqn):
    """None if the engine runs the equation, else the reason why the reference must."""
    row = TABLE.get(eqn.prim.name, _UNKNOWN)
    if type(row) is Unsupported:
        return row.why
    for x in (*eqn.args, *eqn.outs):
        if row is not RANDOM and x.aval.dtype not in SUPPORTED:
            return f"dtype {x.aval.dtype.name}"
    return _WHY[row if type(row) is str else ENGINE](eqn, row)


def _why_engine(eqn, row):
    dtypes = tuple([a.aval.dtype for a in eqn.args])
    try:
        wanted = operand_dtypes(eqn) or dtypes
    except DtypeError as error:
        return str(error)
    if dtypes != tuple(wanted):
        return "a Python number that does not fit the dtype"
    if row is ENGINE and engine_op(eqn.prim, dtypes, eqn.outs[0].aval.dtype) is None:
        return f"no loop for {', '.join([d.name for d in dtypes])}"
    return None


def _why_reduce(eqn, row):
    dtype = reduction_dtype(eqn.prim.name, eqn.args[0].aval.dtype, eqn.outs[0].aval.dtype)
    if (code(dtype),) not in ROW_REDUCTIONS[eqn.prim.name]:
        return f"no reduction of {dtype.name}"
    if eqn.prim.name == "prod" and dtype.kind == "f" and not _folds_in_order(eqn):
        return "a product in NumPy's order, which decides what overflows"
    return None


def _folds_in_order(eqn):
    """Whether the engine folds one element after the other: rows so short that it has one lane."""
    shape, axes = eqn.args[0].aval.shape, eqn.params["axes"]
    n = prod([shape[a] for a in axes])
    trailing = tuple(range(len(shape) - len(axes), len(shape)))
    return n <= 1 or (axes == trailing and n < SHORT_LANES)


def _why_gemm(eqn, row):
    dtype = eqn.outs[0].aval.dtype
    return None if dtype.char in "fd" else f"no matrix product of {dtype.name}"


def _why_random(eqn, row):
    form = eqn.params["form"]
    return None if form in RANDOM_FORMS else f"no random numbers of {form}"


def _why_not(eqn, row):
    return None


_WHY = {ENGINE: _why_engine, REDUCE: _why_reduce, GEMM: _why_gemm, VIEW: _why_not,
        JOIN: _why_not, RANDOM: _why_random}
