"""What every operation computes, in exact or 80-digit arithmetic on Python objects.

No formula here is shared with what is tested: functions come from mpmath, integers and comparisons
from Python, and data movement is spelled out element by element. An oracle takes arrays of objects
(see `exact`) and the operation's params, and returns an array of objects. As it is precise to 80
digits, differences of it are derivatives to 30 digits.
"""

from __future__ import annotations

import itertools
import math
import operator

import mpmath
import numpy as np

ctx = mpmath.MPContext()
ctx.dps = 80

TO_EXACT = {"f": lambda x: ctx.mpf(float(x)), "c": lambda z: ctx.mpc(complex(z)),
            "i": int, "u": int, "b": bool}


def exact(x):
    """Turn an array of numbers into an array of exact Python or mpmath numbers."""
    x = np.asarray(x)
    return elementwise(TO_EXACT[x.dtype.kind])(x)


def elementwise(f, arguments=1):
    """Let f, a function of numbers, take arrays of objects, broadcasting."""
    ufunc = np.frompyfunc(f, arguments, 1)

    def apply(*args, **params):
        out = ufunc(*args)
        return out if isinstance(out, np.ndarray) else boxed(out)
    return apply


def boxed(value):
    """A 0-d array of one object."""
    out = np.empty((), object)
    out[()] = value
    return out


def build(shape, element):
    """The array whose element at each index is `element(index)`."""
    out = np.empty(shape, object)
    for index in np.ndindex(*shape):
        out[index] = element(index)
    return out


# ---- functions of numbers ----

def truncate(x):
    return ctx.mpf(int(x)) if not isinstance(x, int) else x


def round_half_even(x):
    below = ctx.floor(x)
    if x - below == 0.5:
        return below if int(below) % 2 == 0 else below + 1
    return ctx.floor(x + 0.5)


def real_or_complex(f_real, f_complex):
    return lambda z: f_complex(z) if isinstance(z, ctx.mpc) else f_real(z)


def sign(x):
    if isinstance(x, ctx.mpc):
        return x / abs(x)
    return (x > 0) - (x < 0)


def log_gamma(x):
    return ctx.re(ctx.loggamma(x))


def quotient(x, y):
    return ctx.fdiv(ctx.mpmathify(x), y)


def power(x, y):
    return x**y if isinstance(x, int) and isinstance(y, int) else ctx.power(x, y)


def reciprocal(x):
    return int(1 / x) if isinstance(x, int) else 1 / x


UNARY = {
    "negative": operator.neg, "positive": operator.pos, "absolute": abs, "sign": sign,
    "square": lambda x: x * x, "reciprocal": reciprocal, "sqrt": ctx.sqrt, "cbrt": ctx.cbrt,
    "exp": ctx.exp, "exp2": lambda x: ctx.power(2, x), "expm1": ctx.expm1,
    "log": ctx.log, "log2": lambda x: ctx.log(x) / ctx.log(2), "log10": ctx.log10,
    "log1p": lambda x: ctx.log(1 + x),
    "sin": ctx.sin, "cos": ctx.cos, "tan": ctx.tan,
    "arcsin": ctx.asin, "arccos": ctx.acos, "arctan": ctx.atan,
    "sinh": ctx.sinh, "cosh": ctx.cosh, "tanh": ctx.tanh,
    "arcsinh": ctx.asinh, "arccosh": ctx.acosh, "arctanh": ctx.atanh,
    "logistic": lambda x: (1 + ctx.tanh(x / 2)) / 2,
    "erf": ctx.erf, "erfc": ctx.erfc, "erfinv": ctx.erfinv,
    "gammaln": log_gamma, "digamma": ctx.digamma,
    "floor": lambda x: x if isinstance(x, int) else ctx.floor(x),
    "ceil": lambda x: x if isinstance(x, int) else ctx.ceil(x),
    "trunc": truncate, "rint": round_half_even,
    "isnan": ctx.isnan, "isinf": ctx.isinf, "isfinite": ctx.isfinite, "signbit": lambda x: x < 0,
    "logical_not": operator.not_,
    "invert": lambda x: not x if isinstance(x, bool) else ~x,
    "real": ctx.re, "imag": ctx.im, "conjugate": ctx.conj,
    "weaken": lambda x: x, "stop_gradient": lambda x: x,
}

BINARY = {
    "scale": operator.mul, "add": operator.add, "subtract": operator.sub,
    "multiply": operator.mul, "divide": quotient,
    "floor_divide": lambda x, y: x // y if isinstance(x, int) else ctx.floor(x / y),
    "remainder": lambda x, y: x % y if isinstance(x, int) else x - y * ctx.floor(x / y),
    "fmod": lambda x, y: int(math.fmod(x, y)) if isinstance(x, int) else x - y * truncate(x / y),
    "power": power, "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),
    "maximum": lambda x, y: x if x >= y else y, "minimum": lambda x, y: x if x <= y else y,
    "fmax": lambda x, y: x if x >= y else y, "fmin": lambda x, y: x if x <= y else y,
    "logaddexp": lambda x, y: ctx.log(ctx.exp(x) + ctx.exp(y)),
    "logaddexp2": lambda x, y: ctx.log(2**x + 2**y) / ctx.log(2),
    "arctan2": ctx.atan2, "hypot": ctx.hypot, "hurwitz_zeta": ctx.zeta,
    "equal": operator.eq, "not_equal": operator.ne, "less": operator.lt,
    "less_equal": operator.le, "greater": operator.gt, "greater_equal": operator.ge,
    "logical_and": lambda x, y: bool(x) and bool(y), "logical_or": lambda x, y: bool(x) or bool(y),
    "logical_xor": lambda x, y: bool(x) != bool(y),
    "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
    "left_shift": operator.lshift, "right_shift": operator.rshift,
    "nextafter": lambda x, y: x,    # to one unit in the last place
}


def cast(x, *, dtype):
    """Conversion truncates towards zero, drops imaginary parts, and tests against zero for bool."""
    convert = {"b": bool, "i": lambda z: int(ctx.re(z)), "c": ctx.mpc,
               "f": lambda z: ctx.mpf(ctx.re(z))}
    return elementwise(convert[dtype.kind])(x)


# ---- data movement ----

def broadcast_to(x, *, shape):
    """Axes are lined up from the last; those of size 1 are repeated."""
    lead = len(shape) - x.ndim
    return build(shape, lambda out: x[tuple(0 if n == 1 else i for i, n in
                                            zip(out[lead:], x.shape, strict=True))])


def reshape(x, *, shape):
    elements = iter([x[i] for i in np.ndindex(*x.shape)])
    return build(shape, lambda out: next(elements))


def permute(x, *, perm):
    shape = tuple(x.shape[p] for p in perm)
    return build(shape, lambda out: x[tuple(out[perm.index(i)] for i in range(x.ndim))])


def slice_(x, *, starts, stops, steps):
    shape = tuple(max(0, -(-(b - a) // s)) for a, b, s in zip(starts, stops, steps, strict=True))
    return build(shape, lambda out: x[tuple(a + i * s for a, i, s in
                                            zip(starts, out, steps, strict=True))])


def pad(x, *, config):
    shape = [low + high + n + (n - 1) * inner if n else low + high
             for n, (low, high, inner) in zip(x.shape, config, strict=True)]
    out = build(tuple(shape), lambda out: 0)
    for i in np.ndindex(*x.shape):
        out[tuple(low + k * (inner + 1) for k, (low, _, inner) in
                  zip(i, config, strict=True))] = x[i]
    return out


def flip(x, *, axes):
    return build(x.shape, lambda out: x[tuple(n - 1 - i if d in axes else i for d, (i, n) in
                                              enumerate(zip(out, x.shape, strict=True)))])


def concatenate(*arrays, axis):
    def element(out):
        place = out[axis]
        for x in arrays:
            if place < x.shape[axis]:
                return x[(*out[:axis], place, *out[axis + 1:])]
            place -= x.shape[axis]
    shape = list(arrays[0].shape)
    shape[axis] = sum(x.shape[axis] for x in arrays)
    return build(tuple(shape), element)


# ---- folding and running along axes ----

def folding(f):
    """Reduce by f, a function of the list of elements in C order."""
    def reduce(x, *, axes):
        kept = [i for i in range(x.ndim) if i not in axes]
        groups = {}
        for i in np.ndindex(*[x.shape[d] for d in (*kept, *axes)]):
            full = dict(zip((*kept, *axes), i, strict=True))
            groups.setdefault(i[:len(kept)], []).append(x[tuple(full[d] for d in range(x.ndim))])
        return build(tuple(x.shape[d] for d in kept), lambda out: f(groups.get(out, [])))
    return reduce


def running(f):
    """Apply f, from a list to a list of the same length, to each line along an axis."""
    def run(x, *, axis):
        def line(out):
            return [x[(*out[:axis], k, *out[axis + 1:])] for k in range(x.shape[axis])]
        return build(x.shape, lambda out: f(line(out))[out[axis]])
    return run


def accumulating(f):
    return running(lambda xs: list(itertools.accumulate(xs, f)))


# ---- indexing ----

def at_each(indices):
    """Yield (place in the index arrays, the element of each)."""
    indices = np.broadcast_arrays(*indices)
    for place in np.ndindex(*indices[0].shape):
        yield place, tuple(int(i[place]) for i in indices)


def gather(x, *indices):
    shape = np.broadcast_shapes(*[i.shape for i in indices])
    out = np.empty(shape + x.shape[len(indices):], object)
    for place, index in at_each(indices):
        out[place] = x[index]
    return out


UPDATES = {"set": lambda old, new: new, "add": operator.add, "multiply": operator.mul,
           "minimum": min, "maximum": max}


def scatter(x, v, *indices, mode, unique):
    out = x.copy()
    for place, index in at_each(indices):
        update = np.frompyfunc(UPDATES[mode], 2, 1)
        out[index] = update(out[index], v[place])
    return out


# ---- contraction ----

def dot_general(x, y, *, contract, batch):
    x_free = [i for i in range(x.ndim) if i not in contract[0] + batch[0]]
    y_free = [i for i in range(y.ndim) if i not in contract[1] + batch[1]]
    n, m = len(batch[0]), len(x_free)

    def element(out):
        def term(k):
            i = dict(zip((*batch[0], *x_free, *contract[0]), (*out[:n + m], *k), strict=True))
            j = dict(zip((*batch[1], *y_free, *contract[1]),
                         (*out[:n], *out[n + m:], *k), strict=True))
            a, b = x[tuple(i[d] for d in range(x.ndim))], y[tuple(j[d] for d in range(y.ndim))]
            return a and b if isinstance(a, bool) else a * b
        terms = [term(k) for k in np.ndindex(*[x.shape[d] for d in contract[0]])]
        return any(terms) if terms and isinstance(terms[0], bool) else sum(terms)

    shape = [x.shape[d] for d in (*batch[0], *x_free)] + [y.shape[d] for d in y_free]
    return build(tuple(shape), element)


from . import oracle_signal  # noqa: E402

ORACLES = {
    **{name: elementwise(f) for name, f in UNARY.items()},
    **{name: elementwise(f, 2) for name, f in BINARY.items()},
    "select": elementwise(lambda c, x, y: x if c else y, 3),
    "cast": cast, "checked_cast": cast,
    "broadcast_to": broadcast_to, "reshape": reshape, "permute": permute,
    "slice": slice_, "pad": pad, "flip": flip, "concatenate": concatenate,
    "sum": folding(sum), "prod": folding(math.prod), "max": folding(max), "min": folding(min),
    "any": folding(any), "all": folding(all),
    "argmax": folding(lambda xs: xs.index(max(xs))),
    "argmin": folding(lambda xs: xs.index(min(xs))),
    "cumsum": accumulating(operator.add), "cumprod": accumulating(operator.mul),
    "cummax": accumulating(max), "cummin": accumulating(min),
    "cumlogsumexp": accumulating(lambda a, b: ctx.log(ctx.exp(a) + ctx.exp(b))),
    "sort": running(sorted),
    "argsort": running(lambda xs: sorted(range(len(xs)), key=xs.__getitem__)),
    "gather": gather, "scatter": scatter, "dot_general": dot_general,
    **oracle_signal.ORACLES,
}
SIZES = oracle_signal.SIZES     # how large the terms of sums are, but for the oracle of |x|
