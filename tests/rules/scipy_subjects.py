"""What is audited of isograd.scipy: every function of its tables of calls."""

from __future__ import annotations

import numpy as np

import isograd.scipy.linalg as sla
from isograd import tree
from isograd.scipy import interpolate, signal
from isograd.scipy.sparse import linalg as sparse

from ..linalg.scipy_calls import CALLS, GAPS
from ..signal.calls import CALLS as SIGNAL
from .subjects import Subject, hermitian, powers, size


def listed(out):
    """The arrays of a result."""
    return [y for y in tree.leaves(out) if hasattr(y, "dtype")]


def larger(arrays):
    """A second example where f may want an order, or positive definite matrices."""
    return [1.1 * x for x in arrays]


# ---- scipy.linalg ----

def row_space(outs):
    """Of the rows that complete an orthogonal basis, only the space that they span matters."""
    r, q = (*outs, None)[:2]
    if q is None:
        return [r]
    n = r.shape[0]
    added = q[:-n]
    return [r, q[-n:], np.conj(added.T) @ added]


# Of decompositions that leave a choice, what does not depend on it.
INVARIANTS = {
    "eig": lambda outs: powers(outs[0]), "eigvals": lambda outs: powers(outs[0]), "rq": row_space,
    "hessenberg": lambda outs: list(map(size, outs)),
    "rsf2csf": lambda outs: list(map(size, outs)),
    "schur": lambda outs: [*powers(np.diagonal(outs[0])), np.sum(size(outs[0])),
                           *map(size, outs[1:])],
    "svd": lambda outs: outs if len(outs) < 3 else [size(outs[0]), outs[1], size(outs[2])],
}
# These read one triangle of a matrix; of the kinds of `solve`, those that are tried do.
OF_HERMITIAN = {"cho_factor", "cho_solve", "cholesky", "eigh", "eigvalsh", "pinvh", "solve"}


def prepared(name, x, example):
    """An argument as a function wants it: hermitian, or real and block triangular."""
    if name in OF_HERMITIAN and x.ndim == 2 and x.shape[0] == x.shape[1]:
        return hermitian(x)
    if name != "rsf2csf":
        return x
    if x.dtype.kind == "c":
        raise TypeError("rsf2csf is a function of real matrices")
    return np.where(example == 0, 0, x)


def of_linalg(name, call, arrays):
    invariant = INVARIANTS.get(name, list)

    def f(*values):
        return invariant(listed(call(sla, *[prepared(name, x, example) for x, example in
                                            zip(values, arrays, strict=True)])))
    return Subject(f, list(arrays), True, larger(arrays))


# ---- scipy.signal ----

def of_signal(function, args, kwargs):
    arrays = [x for x in args if isinstance(x, np.ndarray)]
    rest = args[len(arrays):]

    def f(*values):
        return listed(getattr(signal, function)(*values, *rest, **kwargs))
    return Subject(f, arrays, all(x.dtype.kind in "fc" for x in arrays))


# ---- scipy.interpolate ----

SITES = np.array([0.0, 0.9, 2.1, 3.0])
HEIGHTS = np.array([1.0, -0.5, 0.8, 2.0])
QUERIES = np.array([0.3, 1.7, 2.6])
GRID = np.array([[1.0, 2.0, 0.5], [-1.0, 0.3, 2.0], [0.7, 1.1, -0.2], [0.1, 0.4, 0.9]])
PLACES = np.array([[0.4, 0.3], [2.5, 1.2]])


def splined(name):
    return lambda x, y, q: [getattr(interpolate, name)(x, y)(q)]


def on_grid(method):
    def f(x, values, q):
        return [interpolate.RegularGridInterpolator((x, np.arange(3.0)), values, method,
                                                    bounds_error=False)(q)]
    return f


INTERPOLATE = {
    "CubicHermiteSpline": [(lambda x, y, slopes, q: [
        interpolate.CubicHermiteSpline(x, y, slopes)(q)], (SITES, HEIGHTS, HEIGHTS[::-1].copy(),
                                                          QUERIES))],
    "CubicSpline": [(splined("CubicSpline"), (SITES, HEIGHTS, QUERIES))],
    "PPoly": [(lambda c, x, q: [interpolate.PPoly(c, x)(q)], (GRID.T.copy()[:, :3], SITES,
                                                             QUERIES))],
    "PchipInterpolator": [(splined("PchipInterpolator"), (SITES, HEIGHTS, QUERIES))],
    "RegularGridInterpolator": [(on_grid(method), (SITES, GRID, PLACES))
                                for method in ("linear", "nearest")],
}


# ---- scipy.sparse.linalg ----

SQUARE = np.array([[3.0, 0.4, -0.2], [0.5, 2.0, 0.3], [-0.1, 0.6, 4.0]])


def of_solver(name):
    """cg of the normal equations, the others of the matrix itself."""
    def solve(a, b):
        operator = (lambda x: np.conj(a.T) @ (a @ x)) if name == "cg" else a
        return [getattr(sparse, name)(operator, b, tol=1e-13)[0]]
    return Subject(solve, [SQUARE, SQUARE[0]], True, [1.1 * SQUARE, SQUARE[1]])


SECTIONS = {
    "scipy.sparse.linalg": {name: [of_solver(name)] for name in ("bicgstab", "cg", "gmres")},
    "scipy.linalg": {name: [of_linalg(name, *call) for call in calls]
                     for name, calls in {**CALLS, **GAPS}.items()},
    "scipy.signal": {name: [of_signal(*call) for call in SIGNAL.values() if call[0] == name]
                     for name in sorted({call[0] for call in SIGNAL.values()})},
    "scipy.interpolate": {name: [Subject(f, list(arrays), True, larger(arrays))
                                 for f, arrays in calls]
                          for name, calls in INTERPOLATE.items()},
}
