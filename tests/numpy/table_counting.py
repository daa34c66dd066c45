"""Calls of functions that count, of polynomials, and of functions applied to lines."""

from __future__ import annotations

import numpy as np

from .calls import F32, K2, NAN, SCALAR, A, B, Fixed, K, S, V, W, call, rough

NUMBERS, EDGES = np.array([0, 3, 1, 1, 0, 5]), np.array([-2.0, -0.5, 0.25, 3.0])

COUNTING = {
    "bincount": [rough(NUMBERS, known=True), rough(NUMBERS, minlength=9, known=True),
                 call(Fixed(NUMBERS), B.ravel()[:6], known=True),
                 call(Fixed(NUMBERS), B.ravel()[:6], 9, known=True),
                 rough(Fixed(NUMBERS), NUMBERS, known=True), rough(NUMBERS[:0], None, 2,
                                                                   known=True)],
    "histogram": [rough(V), rough(S, 4, (-1.0, 1.5)), rough(S, Fixed(EDGES)), rough(K, 3),
                  rough(A, 3, (0.0, 2.0), True), rough(F32, 5), rough(np.zeros(3), 2),
                  call(Fixed(V), 3, weights=W), rough(Fixed(V), 3, weights=K[0]),
                  rough(Fixed(S), Fixed(EDGES), weights=S, tol=1e-13),
                  rough(EDGES, Fixed(EDGES)), rough(V[:0], 3),
                  rough(np.array([0.5, NAN]), 2, (0, 1)),
                  rough(Fixed(V), 2, density=True, weights=W, tol=1e-14)],
    "histogram_bin_edges": [call(V), call(A, 3), rough(A, 3, (0.0, 2.0)), rough(K, 4),
                            rough(EDGES, Fixed(EDGES)), rough(Fixed(V), "sturges"),
                            rough(np.ones(2), 2)],
}

POLYNOMIALS = {
    "polyadd": [call(V, A[0]), call(V, A[0, :2]), call(V[:1], W), rough(K[0], K2[0, :3])],
    "polysub": [call(V, A[0]), call(V, A[0, :2]), rough(K2[0], [1.0, 2])],
    "polymul": [call(V, A[0], tol=1e-14), call(V, A[0, :2], tol=1e-14), call(W, 2.0),
                rough(K2[0], K2[1])],
    "polyint": [call(V), call(V, 2), call(V, 2, [1.0, 2.0]), call(V, 2, SCALAR), rough(K[0]),
                rough(F32[0, 0]), call(V, 0)],
}


def with_squares(x, factor=1.0):
    """Two numbers of a line."""
    return np.stack([np.sum(x), np.sum(x ** 2)]) * factor


MAPPING = {
    "apply_along_axis": [call(np.sum, 0, A, tol=1e-14), call(np.sort, 1, S),
                         call(np.sum, -1, S, tol=1e-14), call(with_squares, 1, S, tol=1e-13),
                         call(with_squares, 0, S, 2.0, tol=1e-13), call(np.diag, 1, A)],
    "apply_over_axes": [call(np.sum, S, (0, 2), tol=1e-14), call(np.max, S, 1)],
}

MORE = {
    "spacing": [rough(A), rough(F32), rough(np.array([0.0, -1.5, NAN, np.inf])), rough(K)],
}
