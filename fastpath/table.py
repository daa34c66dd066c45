"""The engine's own operations, one row each: name, C expression, dtypes.

From these rows `emit_c` writes the loops that are compiled for every instruction set, and
NATIVE_OPS tells what there is. In an expression a, b, c are the operands and T is the C type of the
first of them. Every expression is what NumPy computes, bit for bit. Everything else (exp, log,
tanh, power, ...) runs NumPy's own inner loops on the engine's tiles.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# dtype character -> C type. NumPy's int64 may be "l" or "q", whichever this platform uses.
INT32, INT64 = np.dtype(np.int32).char, np.dtype(np.int64).char
C_TYPES = {"?": "uint8_t", INT32: "int32_t", INT64: "int64_t", "f": "float", "d": "double"}
BOOL, INTS, FLOATS = "?", INT32 + INT64, "fd"
NUMBERS, EVERY = INTS + FLOATS, "?" + INTS + FLOATS
CHAR_OF = {np.dtype(c): c for c in C_TYPES}     # one for all names of a dtype
SUPPORTED = frozenset(CHAR_OF)


class Row(NamedTuple):
    """`operands`: one letter each, x for the row's dtype, ? for bool. `result`: likewise."""

    name: str
    dtypes: str
    expression: str
    operands: str = "xx"
    result: str = "x"


ROWS = [
    Row("add", NUMBERS, "a + b"),
    Row("subtract", NUMBERS, "a - b"),
    Row("multiply", NUMBERS, "a * b"),
    Row("divide", FLOATS, "a / b"),
    Row("maximum", INTS, "a >= b ? a : b"),
    Row("minimum", INTS, "a <= b ? a : b"),
    Row("maximum", FLOATS, "(a >= b) | (a != a) ? a : b"),
    Row("minimum", FLOATS, "(a <= b) | (a != a) ? a : b"),
    Row("add", BOOL, "a | b"),
    Row("multiply", BOOL, "a & b"),
    Row("maximum", BOOL, "a | b"),
    Row("minimum", BOOL, "a & b"),
    Row("bitwise_and", BOOL + INTS, "a & b"),
    Row("bitwise_or", BOOL + INTS, "a | b"),
    Row("bitwise_xor", BOOL + INTS, "a ^ b"),
    Row("invert", INTS, "~a", "x"),
    Row("invert", BOOL, "!a", "x"),
    Row("negative", NUMBERS, "-a", "x"),
    Row("absolute", INTS, "a < 0 ? -a : a", "x"),
    Row("absolute", "f", "fabsf(a)", "x"),
    Row("absolute", "d", "fabs(a)", "x"),
    Row("absolute", BOOL, "a", "x"),
    Row("square", NUMBERS, "a * a", "x"),
    Row("reciprocal", FLOATS, "1 / a", "x"),
    Row("sqrt", "f", "sqrtf(a)", "x"),
    Row("sqrt", "d", "sqrt(a)", "x"),
    Row("floor", "f", "floorf(a)", "x"),
    Row("floor", "d", "floor(a)", "x"),
    Row("ceil", "f", "ceilf(a)", "x"),
    Row("ceil", "d", "ceil(a)", "x"),
    Row("trunc", "f", "truncf(a)", "x"),
    Row("trunc", "d", "trunc(a)", "x"),
    Row("rint", "f", "rintf(a)", "x"),
    Row("rint", "d", "rint(a)", "x"),
    Row("sign", NUMBERS, "a > 0 ? 1 : a < 0 ? -1 : a == 0 ? 0 : a", "x"),
    Row("copysign", "f", "copysignf(a, b)"),
    Row("copysign", "d", "copysign(a, b)"),
    Row("scale", NUMBERS, "a == 0 ? a : a * b"),
    Row("equal", EVERY, "a == b", result="?"),
    Row("not_equal", EVERY, "a != b", result="?"),
    Row("less", EVERY, "a < b", result="?"),
    Row("less_equal", EVERY, "a <= b", result="?"),
    Row("greater", EVERY, "a > b", result="?"),
    Row("greater_equal", EVERY, "a >= b", result="?"),
    Row("logical_and", EVERY, "(a != 0) & (b != 0)", result="?"),
    Row("logical_or", EVERY, "(a != 0) | (b != 0)", result="?"),
    Row("logical_xor", EVERY, "(a != 0) ^ (b != 0)", result="?"),
    Row("logical_not", EVERY, "a == 0", "x", "?"),
    Row("isnan", FLOATS, "a != a", "x", "?"),
    Row("isinf", "f", "fabsf(a) == INFINITY", "x", "?"),
    Row("isinf", "d", "fabs(a) == INFINITY", "x", "?"),
    Row("isfinite", "f", "fabsf(a) < INFINITY", "x", "?"),
    Row("isfinite", "d", "fabs(a) < INFINITY", "x", "?"),
    Row("signbit", "f", "copysignf(1, a) < 0", "x", "?"),
    Row("signbit", "d", "copysign(1, a) < 0", "x", "?"),
    Row("select", EVERY, "a ? b : c", "?xx"),
    Row("copy", EVERY, "a", "x"),
    *[Row("cast", source, "a != 0" if target == BOOL else f"({C_TYPES[target]}) a", "x", target)
      for source in EVERY for target in EVERY if source != target],
]


def signature(row, dtype):
    """Return (operand dtype characters, result dtype character) of a row for one dtype."""
    return tuple(o.replace("x", dtype) for o in row.operands), row.result.replace("x", dtype)


def _native_ops():
    """(name, operand characters..., [result for casts]) -> result character."""
    ops = {}
    for row in ROWS:
        for dtype in row.dtypes:
            operands, result = signature(row, dtype)
            name = f"cast_{result}" if row.name == "cast" else row.name
            ops[(name, *operands)] = result
    return ops


NATIVE_OPS = _native_ops()


# ---- reductions: op -> {(operand character,): result character} ----

class Fold(NamedTuple):
    """`expression` folds x into the accumulator m; `start` is where the fold begins.

    `without_nan` is faster, one element after another, and right where there is no NaN.
    """

    name: str
    dtypes: str
    expression: str
    start: dict
    without_nan: str = ""


def _same(dtypes, value):
    return dict.fromkeys(dtypes, value)


LOWEST = {INT32: "INT32_MIN", INT64: "INT64_MIN", "f": "-INFINITY", "d": "-INFINITY", "?": "0"}
HIGHEST = {INT32: "INT32_MAX", INT64: "INT64_MAX", "f": "INFINITY", "d": "INFINITY", "?": "1"}

FOLDS = [
    Fold("sum", NUMBERS, "m + x", _same(NUMBERS, "0")),
    Fold("prod", NUMBERS, "m * x", _same(NUMBERS, "1")),
    Fold("max", BOOL + INTS, "x > m ? x : m", LOWEST),
    Fold("min", BOOL + INTS, "x < m ? x : m", HIGHEST),
    Fold("max", FLOATS, "(x > m) | (x != x) ? x : m", LOWEST, "x > m ? x : m"),
    Fold("min", FLOATS, "(x < m) | (x != x) ? x : m", HIGHEST, "x < m ? x : m"),
    Fold("any", BOOL, "m | x", _same(BOOL, "0")),
    Fold("all", BOOL, "m & x", _same(BOOL, "1")),
]
SEARCHES = {"argmax": "max", "argmin": "min"}      # the first place of a fold's result

ROW_REDUCTIONS = {
    **{name: {(c,): c for fold in FOLDS if fold.name == name for c in fold.dtypes}
       for name in dict.fromkeys(fold.name for fold in FOLDS)},
    **{name: {(c,): INT64 for c in EVERY} for name in SEARCHES},
}

# ---- random numbers: form -> (dtype, how many of it make an element); counter.h has the loops ----

RANDOM_FORMS = {
    "pair": (np.dtype(np.uint32), 2),
    **{name: (np.dtype(name), 1)
       for name in ("uint8", "uint16", "uint32", "uint64", "float32", "float64")},
}

# Partial results of a fold, the same for every instruction set: few for short rows, which end in
# combining them, many for long ones, which need many additions in flight.
# (Compilers unroll loops of 16 wholly, and then do not vectorise them.)
LANES, SHORT_LANES, SHORT = 64, 32, 256
PIECE = 4096    # elements: longer rows are folded piece by piece, so that errors stay small


# ---- C text ----

HEADER = """/* Written by fastpath/table.py. */
#include <math.h>
#include <stdint.h>
#include <stddef.h>
/* Results may be written over operands, element by element: nothing else may overlap. */
#if defined(_MSC_VER)
#define restrict __restrict
#define SAME_PLACE_ONLY __pragma(loop(ivdep))
#elif defined(__clang__)
#define SAME_PLACE_ONLY _Pragma("clang loop vectorize(assume_safety)")
#else
#define SAME_PLACE_ONLY _Pragma("GCC ivdep")
#endif
typedef struct { const char *name; const char *types; void *loop; } isograd_loop;
"""

LOOP = """static void {symbol}(char *o, char *p, char *q, char *r, ptrdiff_t n) {{
    {out} *y = ({out} *) o;
{operands}    SAME_PLACE_ONLY
    for (ptrdiff_t i = 0; i < n; i++) {{
{reads}        y[i] = ({out}) ({expression});
    }}
}}
"""

LANES_FOLD = """static {T} {symbol}_{lanes}(const {T} *x, ptrdiff_t n) {{
    {T} lane[{lanes}];
    for (int j = 0; j < {lanes}; j++) lane[j] = x[j];
    ptrdiff_t i = {lanes};
    for (; i + {lanes} <= n; i += {lanes})
        for (int j = 0; j < {lanes}; j++) {{
            {T} m = lane[j], x_ = x[i + j];
            lane[j] = {step};
        }}
    for (int j = 0; i + j < n; j++) {{ {T} m = lane[j], x_ = x[i + j]; lane[j] = {step}; }}
{tree}    return lane[0];
}}
"""
FEW = "    for (ptrdiff_t i = 0; i < n; i++) {{ {T} x_ = x[i]; m = {step}; }}\n"
FEW_WITHOUT_NAN = """    int nan = 0;
    for (ptrdiff_t i = 0; i < n; i++) {{ {T} x_ = x[i]; m = {without_nan}; nan |= x_ != x_; }}
    if (nan) return NAN;
"""
HALVE = ("    for (int j = 0; j < {w}; j++) {{ {T} m = lane[j], x_ = lane[j + {w}]; "
         "lane[j] = {step}; }}\n")

# A run of n elements to one; each of `rows` rows to one; rows into columns; where folds begin.
FOLD = """static {T} {symbol}_piece(const {T} *x, ptrdiff_t n) {{
    if (n >= {short}) return {symbol}_{many}(x, n);
    if (n >= {few}) return {symbol}_{few}(x, n);
    {T} m = {start};
{few_elements}    return m;
}}
static {T} {symbol}_run(const {T} *x, ptrdiff_t n) {{
    {T} m = {symbol}_piece(x, n < {piece} ? n : {piece});
    for (ptrdiff_t i = {piece}; i < n; i += {piece}) {{
        {T} x_ = {symbol}_piece(x + i, n - i < {piece} ? n - i : {piece});
        m = {step};
    }}
    return m;
}}
static void {symbol}_rows(char *o, char *p, ptrdiff_t rows, ptrdiff_t columns) {{
    {T} *y = ({T} *) o;
    const {T} *x = (const {T} *) p;
    for (ptrdiff_t i = 0; i < rows; i++) y[i] = {symbol}_run(x + i * columns, columns);
}}
static void {symbol}_columns(char *o, char *p, ptrdiff_t rows, ptrdiff_t columns) {{
    {T} *restrict y = ({T} *) o;
    const {T} *restrict x = (const {T} *) p;
    for (ptrdiff_t i = 0; i < rows; i++, x += columns)
        for (ptrdiff_t j = 0; j < columns; j++) {{ {T} m = y[j], x_ = x[j]; y[j] = {step}; }}
}}
static void {symbol}_start(char *o, char *p, ptrdiff_t rows, ptrdiff_t columns) {{
    {T} *y = ({T} *) o;
    for (ptrdiff_t i = 0; i < rows; i++) y[i] = {start};
}}
"""

# The fold finds the best value, then a search its first place: both run many elements at a time.
FIRST = """static ptrdiff_t first_{name}_{T}(const {T} *x, ptrdiff_t n, {T} best) {{
    ptrdiff_t j = 0;
    for (; j + {lanes} <= n; j += {lanes}) {{
        {mask} found = 0;
        for (int k = 0; k < {lanes}; k++) found |= {same};
        if (found) break;
    }}
    {mask} first = {lanes}, count = ({mask}) (n - j < {lanes} ? n - j : {lanes});
    for ({mask} k = 0; k < count; k++) {{
        {mask} place = {same} ? k : {lanes};
        first = place < first ? place : first;
    }}
    return j + first;
}}
"""
SEARCH = """static void {symbol}_rows(char *o, char *p, ptrdiff_t rows, ptrdiff_t columns) {{
    int64_t *y = (int64_t *) o;
    const {T} *x = (const {T} *) p;
    for (ptrdiff_t i = 0; i < rows; i++, x += columns) {{
        {T} best = {fold}_run(x, columns);
        y[i] = {find};
    }}
}}
"""
FIND = "first_equal_{T}(x, columns, best)"
FIND_OR_NAN = f"best == best ? {FIND} : first_nan_{{T}}(x, columns, best)"
MASKS = {1: "uint8_t", 4: "int32_t", 8: "int64_t"}      # as wide as the elements
SAME = {"equal": "x[j + k] == best", "nan": "x[j + k] != x[j + k]"}


def fold_symbol(name, dtype):
    return f"fold_{name}_{C_TYPES[dtype]}"


def emit_c():
    """Return the C text of all loops and of the table `isograd_loops` that lists them."""
    parts, entries = [HEADER], []
    for emit in (_emit_rows, _emit_folds, _emit_searches):
        emit(parts, entries)
    lines = [f'    {{"{name}", "{types}", (void *) {symbol}}},' for name, types, symbol in entries]
    parts.append("static const isograd_loop isograd_loops[] = {\n" + "\n".join(lines)
                 + f"\n}};\nenum {{ isograd_loop_count = {len(entries)} }};\n")
    return "".join(parts)


def _emit_rows(parts, entries):
    for row in ROWS:
        for dtype in row.dtypes:
            operands, result = signature(row, dtype)
            symbol = f"loop_{len(entries)}_{row.name}"
            parts.append(_emit_loop(symbol, row.expression, operands, result))
            name = f"cast_{result}" if row.name == "cast" else row.name
            entries.append((name, "".join(operands), symbol))


def _emit_folds(parts, entries):
    for fold in FOLDS:
        for dtype in fold.dtypes:
            symbol = fold_symbol(fold.name, dtype)
            names = {"symbol": symbol, "T": C_TYPES[dtype], "start": fold.start[dtype],
                     "step": fold.expression.replace("x", "x_"),
                     "without_nan": fold.without_nan.replace("x", "x_")}
            few = (FEW_WITHOUT_NAN if fold.without_nan else FEW).format(**names)
            parts += [_emit_lanes(n, names) for n in (SHORT_LANES, LANES)]
            parts.append(FOLD.format(few_elements=few, few=SHORT_LANES, many=LANES, short=SHORT,
                                     piece=PIECE, **names))
            entries += [(f"{fold.name}_{shape}", dtype, f"{symbol}_{shape}")
                        for shape in ("rows", "columns", "start")]


def _emit_searches(parts, entries):
    for dtype in EVERY:
        names = {"T": C_TYPES[dtype], "mask": MASKS[np.dtype(dtype).itemsize]}
        parts += [FIRST.format(name=name, lanes=SHORT_LANES, same=same, **names)
                  for name, same in SAME.items() if name == "equal" or dtype in FLOATS]
        find = FIND_OR_NAN if dtype in FLOATS else FIND
        for name, fold_name in SEARCHES.items():
            symbol = f"search_{name}_{C_TYPES[dtype]}"
            parts.append(SEARCH.format(symbol=symbol, fold=fold_symbol(fold_name, dtype),
                                       find=find.format(**names), **names))
            entries.append((f"{name}_rows", dtype, f"{symbol}_rows"))


def _emit_lanes(lanes, names):
    """A fold of many elements at once, whose lanes are then combined by halves."""
    halves = [lanes >> k for k in range(1, lanes.bit_length())]
    tree = "".join([HALVE.format(w=w, **names) for w in halves])
    return LANES_FOLD.format(lanes=lanes, tree=tree, **names)


def _emit_loop(symbol, expression, operands, result):
    names = list(zip("abc", "pqr", operands, strict=False))
    pointers = [f"    const {C_TYPES[t]} *x{v} = (const {C_TYPES[t]} *) {p};\n"
                for v, p, t in names]
    reads = [f"        {C_TYPES[t]} {v} = x{v}[i];\n" for v, p, t in names]
    return LOOP.format(symbol=symbol, out=C_TYPES[result], operands="".join(pointers),
                       reads="".join(reads), expression=expression)
