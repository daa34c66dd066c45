"""Many small matrices at once: textbook algorithms, each step of which serves the whole stack.

LAPACK is called for one matrix after another; with more matrices than columns, this is faster.
"""

from __future__ import annotations

import numpy as np


def lu_of_stack(a):
    """(packed factors, pivots, permutations) of (k, m, n): Gaussian elimination, partial pivoting.

    Golub and Van Loan, *Matrix Computations*, algorithm 3.4.1; ties and complex sizes as LAPACK.
    """
    a = a.copy()
    count, m, n = a.shape
    each, steps = np.arange(count), min(m, n)
    order = np.tile(np.arange(m, dtype=np.int32), (count, 1))
    pivots = np.zeros((count, steps), np.int32)
    for j in range(steps):
        column = a[:, j:, j]
        pivot = j + np.argmax(np.abs(column.real) + np.abs(column.imag), axis=1)
        pivots[:, j] = pivot
        for x in (a, order):
            x[each, j], x[each, pivot] = x[each, pivot], x[each, j]
        divisor = a[:, j, j, None]
        a[:, j + 1:, j] /= np.where(divisor == 0, 1, divisor)
        a[:, j + 1:, j + 1:] -= a[:, j + 1:, j, None] * a[:, j, None, j + 1:]
    return a, pivots, order


def substitute(a, b, lower, unit):
    """x with triangle(a) x = b for (k, n, n) and (k, n, c). Algorithms 3.1.1 and 3.1.2."""
    if not unit and not np.all(np.diagonal(a, 0, 1, 2)):
        raise np.linalg.LinAlgError("Singular matrix")
    n, x = a.shape[-1], np.empty_like(b)
    for i in range(n) if lower else range(n - 1, -1, -1):
        known = slice(0, i) if lower else slice(i + 1, n)
        rest = b[:, i] - np.einsum("kj,kjc->kc", a[:, i, known], x[:, known])
        x[:, i] = rest if unit else rest / a[:, i, i, None]
    return x


def solve_stack(packed, pivots, b, transposed):
    """x with a x = b, or t(a) x = b, by the factors of `lu_of_stack`."""
    if transposed:
        turned = packed.transpose(0, 2, 1)
        x = substitute(turned, substitute(turned, b, True, False), False, True)
        return _swap_rows(x, pivots, backward=True)
    x = _swap_rows(b.copy(), pivots)
    return substitute(packed, substitute(packed, x, True, True), False, False)


def _swap_rows(x, pivots, backward=False):
    each, steps = np.arange(len(x)), range(pivots.shape[1])
    for j in reversed(steps) if backward else steps:
        pivot = pivots[:, j]
        x[each, j], x[each, pivot] = x[each, pivot], x[each, j]
    return x
