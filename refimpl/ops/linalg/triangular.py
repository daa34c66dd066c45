"""The Schur decomposition, whose derivative solves a triangular equation of Sylvester's kind."""

from __future__ import annotations

import numpy as np

from ...aval import Aval
from ...errors import MissingRuleError
from ...trace import bind
from .matrices import h, last_aval, linalg, mm, of_stacks, scipy_linalg, t, upper_part
from .solving import only_last_is_linear

# ---- the rotation ----

def lower_sylvester(s, e, transposed=False):
    """The strictly lower x with low(x s - s x) = low(e), s upper triangular, low strictly lower.

    transposed: of the transposed map, low(x t(s) - t(s) x) = low(e). Infinite where two numbers on
    the diagonal of s are equal, unless what is divided by their difference is exactly zero.
    """
    return bind(lower_sylvester_p, s, e, transposed=transposed)


def _lower_sylvester(s, e, *, transposed):
    """Element (i, j) stands in the equation with those to the left and below, times s_jj - s_ii;
    in the transposed one with those to the right and above."""
    if np.any(np.tril(s, -1)):
        raise MissingRuleError("schur: no derivative is known of a real form with 2 x 2 blocks",
                               got="a real matrix with complex eigenvalues",
                               instead="schur(a, output='complex')")
    n, x = len(s), np.zeros_like(e)
    d = np.diagonal(s)
    order = range(n - 1, -1, -1) if transposed else range(n)
    for j in order:
        for i in (range(j + 1, n) if transposed else range(n - 1, j, -1)):
            if transposed:
                known = x[i, j + 1:i] @ s[j, j + 1:i] - s[j + 1:i, i] @ x[j + 1:i, j]
            else:
                known = x[i, :j] @ s[:j, j] - s[i, i + 1:] @ x[i + 1:, j]
            rest = e[i, j] - known
            x[i, j] = rest / (d[j] - d[i]) if rest else 0
    return x


def _lower_sylvester_jvp(prim, primals, tangents, params):
    """low(dx s - s dx) = low(de - (x ds - ds x))."""
    s = primals[0]
    ds, de = tangents
    x = bind(prim, *primals, **params)
    if ds is not None:
        ds = t(ds) if params["transposed"] else ds
        term = mm(ds, x) - mm(x, ds)
        de = term if de is None else de + term
    return x, bind(prim, s, de, **params)


def _lower_sylvester_transpose(ct, args, params):
    only_last_is_linear(args, "lower_sylvester")
    return None, lower_sylvester(args[0], ct, not params["transposed"])


lower_sylvester_p = linalg(
    "lower_sylvester", of_stacks(_lower_sylvester, last_aval, (2, 2)), last_aval,
    _lower_sylvester_jvp, transpose=_lower_sylvester_transpose,
    doc="The strictly lower x with low(x s - s x) = low(e).")


# ---- schur ----

def schur(a):
    """(s, z) with a = z s h(z), z unitary, s upper triangular: (..., n, n).

    A real a with complex eigenvalues has 2 x 2 blocks on the diagonal of s, and no derivative here;
    cast it to complex. Gauge: h(z_i) dz_i = 0. The eigenvalues on the diagonal of s are in LAPACK's
    order. At repeated ones there is no derivative.
    """
    return bind(schur_p, a)


def _schur_aval(a):
    return (Aval(a.shape, a.dtype),) * 2


def _schur(a):
    if not a.size:
        return a, a
    return scipy_linalg().schur(a, "real" if a.dtype.kind == "f" else "complex")


def _schur_jvp(prim, primals, tangents, params):
    """With e = h(z) da z and dz = z x, x skew-hermitian: ds = e - x s + s x is upper triangular."""
    s, z = bind(prim, *primals)
    e = mm(h(z), mm(tangents[0], z))
    below = lower_sylvester(s, e)
    x = below - h(below)
    ds = e - mm(x, s) + mm(s, x)
    return (s, z), (upper_part(ds), mm(z, x))


schur_p = linalg("schur", of_stacks(_schur, _schur_aval, (2,)), _schur_aval, _schur_jvp,
                 multiple=True, doc="a = z s h(z), z unitary, s upper triangular.")
