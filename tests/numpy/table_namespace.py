"""Calls of sets, places, polynomials, bits, and of what converts."""

from __future__ import annotations

import numpy as np

from .calls import (
    F32,
    I8,
    K2,
    MASK,
    NAN,
    SCALAR,
    TIES,
    U8,
    X3,
    A,
    B,
    C,
    Fixed,
    K,
    S,
    V,
    W,
    call,
    each,
    rough,
)

ROUND = 1e-10
POINTS = np.linspace(-1.0, 2.0, 7)
VALUES = np.array([0.3, -1.0, 0.7, 2.0, 0.1, -0.4, 1.5])
TWO_VALUES = np.stack([VALUES, VALUES[::-1] ** 2], 1)

SETS = {
    "unique": [call(A, known=True), rough(K, True, True, True, known=True),
               rough(TIES, axis=0, known=True), rough(TIES, return_counts=True, axis=1, known=True),
               rough(np.array([NAN, 1.0, NAN]), known=True),
               rough(np.array([NAN, 1.0, NAN]), equal_nan=False, known=True)],
    **each("unique_all unique_counts unique_inverse",
           [rough(TIES, known=True), rough(K, known=True)]),
    "union1d": [call(A, B, known=True), rough(K, K2, known=True), rough(V, [1, 2], known=True)],
    "intersect1d": [rough(K, K2, known=True), rough(K, K2, return_indices=True, known=True),
                    rough(V, V[1:3], known=True)],
    "setdiff1d": [rough(K, K2, known=True), rough(V, Fixed(V[:2]), known=True),
                  rough(V, Fixed(V[:2]), True, known=True)],
    "setxor1d": [rough(K, K2, known=True), call(V, W, known=True)],
}

PLACES = {
    "unravel_index": [rough(K2, (4, 5)), rough(K2, (4, 5), "F"), rough(np.array(7), (2, 3, 4))],
    "ravel_multi_index": [rough((K2, K2), (7, 8)), rough((K2, K2), (7, 8), order="F"),
                          rough((K, K2), (4, 8), mode=("wrap", "clip"))],
    "ix_": [rough(np.array([0, 2]), np.array([1, 3, 0])), call(V, X3),
            rough(Fixed(MASK[0]), np.array([1, 2]))],
}

POLYNOMIALS = {
    "poly": [call(V, tol=ROUND), call(X3[:1]), rough([1, 2, -1.0], tol=ROUND), rough(V[:0]),
             rough(C[0], tol=ROUND)],
    "polydiv": [call(np.array([1.0, 3, -2, 5]), np.array([2.0, -1]), tol=ROUND),
                call(V[:2], W[:3]), rough(K2[0], K2[1, :2], tol=ROUND)],
    "polyfit": [call(POINTS, VALUES, 2, tol=ROUND), call(POINTS, TWO_VALUES, 1, tol=ROUND),
                call(POINTS, VALUES, 3, w=W[[0, 1, 2, 3, 0, 1, 2]], tol=ROUND),
                rough(POINTS, VALUES, 1, cov=True, tol=ROUND),
                rough(POINTS, TWO_VALUES, 1, cov="unscaled", tol=ROUND),
                rough(POINTS, VALUES, 2, None, True, tol=ROUND)],
}

COUNTING = {
    "histogramdd": [rough(S[:, 0], 3), rough([V, W], (2, 3)),
                    rough([V, W], 2, ((-1, 1), (0.0, 2.0))),
                    call([Fixed(V), Fixed(V)], 2, weights=W, tol=1e-13),
                    rough(S[0], (2, 2, 3, 1), density=True, tol=1e-13)],
    "histogram2d": [rough(V, W, 3), rough(V, W, [2, 3]), rough(V, W, density=True, tol=1e-13),
                    rough(V, W, [-1.0, 0.0, 0.5, 1.0]), call(Fixed(V), Fixed(V), 2, weights=W)],
}

BITS = {
    **each("gcd lcm", [rough(K, K2), rough(K, 6), rough(U8, U8[:, ::-1])]),
    "i0": [call(A, tol=1e-14), call(S, tol=1e-14), rough(K, tol=1e-14), rough(F32, tol=1e-6),
           rough(np.array([0.0, -0.0, 800.0, -np.inf, NAN]), tol=1e-14)],
    "bitwise_count": [rough(K), rough(U8), rough(I8)],
    "frexp": [call(A), rough(F32), rough(K), rough(np.array([0.0, -3.0, np.inf, NAN, 5e-324]))],
    "packbits": [rough(MASK), rough(MASK, 0), rough(K, 1, "little"), rough(U8, axis=-1)],
    "unpackbits": [rough(U8), rough(U8, 1), rough(U8, 0, 9), rough(U8, -1, -3, "little"),
                   rough(U8[:1], count=99)],
}

CONVERTING = {
    "real_if_close": [call(A, known=True), rough(C, known=True), rough(C * 1e-9 + 1, known=True),
                      rough(A + 1e-16j, known=True), rough(A + 1e-3j, 1e-2, known=True)],
    "can_cast": [rough(A, np.float32), rough(K, float), rough(np.int8, np.int16)],
    "min_scalar_type": [rough(A), rough(K)],
    **each("array_repr array_str array2string", [rough(A)]),
}

NAMESPACE = {**SETS, **PLACES, **POLYNOMIALS, **COUNTING, **BITS, **CONVERTING}
# Functions that cannot leave traced values to NumPy, as NumPy does not dispatch them.
OWN = {
    "kaiser": [call(5, SCALAR, tol=1e-14), rough(1, SCALAR), rough(4, 2), rough(0, SCALAR),
               call(4, np.array(14.0), tol=1e-14)],
    "asfortranarray": [call(A), rough(A, np.float32)],
    "asarray_chkfinite": [call(A, known=True)],
    "require": [call(A), rough(A, np.float32)],
}
