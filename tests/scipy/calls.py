"""Calls of isograd.scipy.special as data: name: [(arguments, keywords)]; SciPy says what they give.

Floating-point arrays are traced; integers and Python numbers are not.
"""

from __future__ import annotations

import numpy as np

from isograd.refimpl.ops.special import RECORDS
from isograd.scipy import special

from ..table_special import SPECIAL_ROWS

INF = float("inf")
rng = np.random.default_rng(0)
A = rng.normal(size=(2, 3))
P = np.array([[0.5, 1.25, 3.5], [2.0, 4.75, 6.5]])      # positive
B = np.array([1.0, -0.5, 2.0])
Z = A + 1j * P
WITH_INF = np.array([[-INF, 0.5, -INF], [0.25, -1.0, 2.0]])
N = np.arange(4)


def call(*args, **kwargs):
    return args, kwargs


SUMS = {
    "logsumexp": [
        call(A), call(A, 0), call(A, (0, 1), keepdims=True), call(P * 400, axis=-1),
        call(WITH_INF, 1), call(A, 1, b=B), call(A, b=np.array([1.0, 0.0, 2.0]), axis=1),
        call(A, 1, b=-P, return_sign=True), call(A, return_sign=True, keepdims=True),
        call(A.astype(np.float32), 1), call(Z, 1), call(A[0, 0]), call(np.zeros((2, 0)), 1),
        call(np.array([0.0, -50.0]))],
    "softmax": [call(A), call(A, 1), call(A, (0, 1)), call(WITH_INF[:, 1:], 1), call(P * 400, 0)],
    "log_softmax": [call(A), call(A, 1), call(P * 400, 0), call(WITH_INF[:, 1:], 1)],
}

COUNTING = {
    "factorial": [call(P), call(N), call(-P), call(P, extend="complex")],
    "comb": [call(P + 3, N[:3]), call(N[:3], P), call(P, P / 2, repetition=True), call(P, -2)],
    "perm": [call(P + 3, N[:3]), call(P, P + 1), call(P + 5, P)],
}

ORDERS = {
    "polygamma": [call(n, P) for n in (0, 1, 2, 5)] + [call(N[:, None, None], P)],
    "multigammaln": [call(P + 2, 1), call(P + 2, 4)],
    "zeta": [call(P + 1, 2.5), call(3.0, P), call(P + 1), call(P.astype(np.float32) + 1, 1.0)],
    "lambertw": [call(P), call(A, 1), call(P, -1), call(Z, N[:3])],
    **{name: [call(2.5, P), call(1.5, P, 0), call(0.5, P, 3)]
       for name in ("jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp")},
    **{name: [call(N[:3], P), call(2, P, derivative=True)]
       for name in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn")},
    "assoc_laguerre": [call(P, 3), call(P, N[:3], 1.5)],
    "sph_harm_y": [call(3, -2, P / 3, A), call(N[1:], N[:3], P / 3, 0.5)],
    "softplus": [call(A), call(A * 500), call(A.astype(np.float32))],
    "diric": [call(A, 5), call(A * 9, 4), call(np.array([0.0, 2.0, -2.0]) * np.pi, 3)],
    "sinc": [call(A), call(np.array([0.0, 1.0]))],
    "jn": [call(2.0, P)], "digamma": [call(P)],
}


def _of_record(name):
    """The numbers of the test table, in double precision."""
    row = SPECIAL_ROWS[RECORDS[name].operations[0].prim.name].row
    dtype = "complex128" if "complex128" in row.dtypes and name.startswith("hank") else "float64"
    args = []
    for arg in row.examples[0].args:
        if arg.value is not None:
            args.append(np.array(arg.value))
        else:
            x = rng.uniform(*arg.domain, arg.shape)
            args.append(x + 0.5j * x if (arg.dtype or dtype)[0] == "c" else x)
    return call(*args)


HAND_MADE = {**SUMS, **COUNTING, **ORDERS}
UFUNCS = {name: [_of_record(name)] for name, record in RECORDS.items()
          if name in special.__all__ and name not in HAND_MADE
          and record.operations[0].prim.name in SPECIAL_ROWS}
CALLS = {**UFUNCS, **HAND_MADE}

# Calls where a derivative is missing, or is no limit of differences.
ROUGH = {("logsumexp", 4), ("logsumexp", 9), ("logsumexp", 12), ("softmax", 3), ("log_softmax", 3),
         ("zeta", 3), ("comb", 3), ("softplus", 2), ("perm", 1), ("diric", 2)}


# ---- a call as a function of its floating-point arrays ----

def traced(x):
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc"


def case(name, number, space=special):
    """The function of the floating-point arrays of a call, and these."""
    args, kwargs = CALLS[name][number]
    places = [n for n, x in enumerate(args) if traced(x)]
    named = [k for k, x in kwargs.items() if traced(x)]

    def f(*xs):
        full = list(args)
        for n, x in zip(places, xs, strict=False):
            full[n] = x
        extra = dict(zip(named, xs[len(places):], strict=True))
        return getattr(space, name)(*full, **{**kwargs, **extra})
    return f, [args[n] for n in places] + [kwargs[k] for k in named]


def listed(out):
    return list(out) if isinstance(out, tuple) else [out]
