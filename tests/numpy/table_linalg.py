"""Calls of numpy.linalg's equations and decompositions. tests/linalg tries their derivatives where
they need symmetric matrices, which the differences of these suites do not keep."""

import numpy as np

from .calls import INF, call, rough

rng = np.random.default_rng(5)
SQUARE = rng.normal(size=(4, 4)) + 2 * np.eye(4)
STACK = rng.normal(size=(2, 3, 3)) + 2 * np.eye(3)
TALL, WIDE = rng.normal(size=(4, 3)), rng.normal(size=(3, 4))
POSITIVE = SQUARE @ SQUARE.T
POSITIVES = STACK @ STACK.transpose(0, 2, 1)
COMPLEX = SQUARE + 1j * rng.normal(size=(4, 4))
HERMITIAN = COMPLEX @ COMPLEX.conj().T
# Complex eigenvalues, also when rolled.
TURNING = np.array([[-0.8, -0.3, 0.0], [-0.3, 1.3, 1.0], [-2.7, -1.9, -0.2]])
BASE = np.array([[1.5, 1.0], [2.0, 4.0]])   # each triangle positive definite; also when rolled
BASES = np.stack([BASE, BASE + 0.1])
PHASES = BASE + np.array([[0, -0.3j], [0.5j, 0]])
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
WHOLE = np.array([[2, 1], [1, 3]])
B1, B2 = rng.normal(size=4), rng.normal(size=(4, 2))
SINGLE = POSITIVE.astype(np.float32)
NONE = np.zeros((0, 0))
TOL = 1e-12

LINALG = {
    "cholesky": [rough(BASE, tol=TOL), rough(BASES, tol=TOL), rough(PHASES, tol=TOL),
                 rough(BASE, upper=True, tol=TOL), rough(PHASES, upper=True, tol=TOL),
                 rough(BASE.astype(np.float32), tol=1e-5), rough(NONE), rough(WHOLE, tol=TOL)],
    "qr": [call(SQUARE, tol=TOL), call(TALL, tol=TOL), call(WIDE, tol=TOL), call(STACK, tol=TOL),
           rough(TALL, "complete", tol=TOL), call(TALL, mode="r", tol=TOL),
           rough(COMPLEX, tol=TOL), rough(NONE)],
    "svd": [call(SQUARE, tol=TOL), rough(TALL, tol=TOL), call(TALL, full_matrices=False, tol=TOL),
            call(WIDE, False, tol=TOL), call(STACK, False, True, tol=TOL),
            call(WIDE, compute_uv=False, tol=TOL), rough(COMPLEX, tol=TOL),
            rough(POSITIVE, hermitian=True, tol=TOL), rough(NONE),
            rough(-POSITIVES, compute_uv=False, hermitian=True, tol=TOL)],
    "svdvals": [call(TALL, tol=TOL), call(STACK, tol=TOL), call(COMPLEX, tol=TOL), rough(WHOLE)],
    "eigh": [rough(POSITIVE, tol=TOL), rough(SQUARE, "U", tol=TOL), rough(HERMITIAN, tol=TOL),
             rough(POSITIVES, tol=TOL), rough(SINGLE, tol=1e-5), rough(NONE)],
    "eigvalsh": [rough(POSITIVE, tol=TOL), rough(SQUARE, "U", tol=TOL), rough(HERMITIAN, tol=TOL),
                 rough(WHOLE, tol=TOL)],
    "eig": [call(TURNING, tol=TOL), rough(COMPLEX, tol=TOL)],
    "eigvals": [call(TURNING, tol=TOL), rough(COMPLEX, tol=TOL)],
    "inv": [call(SQUARE, tol=TOL), call(STACK, tol=TOL), call(COMPLEX, tol=TOL), rough(NONE),
            rough(SINGLE, tol=1e-4), rough(WHOLE, tol=TOL)],
    "solve": [call(SQUARE, B1, tol=TOL), call(SQUARE, B2, tol=TOL), call(STACK, WIDE, tol=TOL),
              call(COMPLEX, B1, tol=TOL), rough(WHOLE, np.array([1, 2]), tol=TOL),
              rough(SINGLE, B2.astype(np.float32), tol=1e-4)],
    "lstsq": [call(TALL, B1, tol=TOL), call(TALL, B2, tol=TOL), call(WIDE, B1[:3], tol=TOL),
              call(SQUARE, B2, 1e-6, tol=TOL), rough(COMPLEX[:, :2], B1, -1, tol=TOL)],
    "det": [call(SQUARE, tol=TOL), call(STACK, tol=TOL), call(SINGULAR, tol=TOL),
            call(COMPLEX, tol=TOL), rough(NONE), rough(WHOLE, tol=TOL)],
    "slogdet": [call(SQUARE, tol=TOL), call(STACK, tol=TOL), call(COMPLEX, tol=TOL),
                rough(SINGULAR, tol=TOL), rough(NONE)],
    "pinv": [call(TALL, tol=TOL), call(WIDE, tol=TOL), call(STACK, tol=TOL), call(COMPLEX, tol=TOL),
             rough(POSITIVE, hermitian=True, tol=TOL), rough(SINGULAR, tol=TOL),
             call(TALL, 1e-3, tol=TOL), call(TALL, rtol=1e-3, tol=TOL), call(TALL, rtol=None,
                                                                            tol=TOL)],
    "matrix_rank": [rough(SQUARE), rough(SINGULAR), rough(STACK), rough(POSITIVE, 0.5),
                    rough(STACK, np.array([0.5, 2.5])), rough(POSITIVE, hermitian=True),
                    rough(TALL, rtol=0.5)],
    "cond": [call(SQUARE, tol=TOL), call(STACK, tol=TOL), call(TALL, -2, tol=TOL),
             *[call(SQUARE, p, tol=TOL) for p in (1, -1, INF, "fro", "nuc")],
             rough(SINGULAR, 1), call(STACK, INF, tol=TOL)],
    "tensorinv": [call(SQUARE.reshape(2, 2, 4), tol=TOL),
                  call(SQUARE.reshape(4, 2, 2), 1, tol=TOL)],
    "tensorsolve": [call(SQUARE.reshape(2, 2, 2, 2), B2[:2], tol=TOL),
                    call(SQUARE.reshape(2, 4, 2), B1, (0,), tol=TOL)],
    "norm": [call(SQUARE, 2, tol=TOL), call(TALL, -2, tol=TOL), call(WIDE, "nuc", tol=TOL),
             call(STACK, 2, (0, 2), tol=TOL), call(STACK, "nuc", (2, 0), True, tol=TOL),
             call(COMPLEX, 2, tol=TOL)],
    "matrix_norm": [call(STACK, ord="nuc", tol=TOL), call(STACK, ord=-2, keepdims=True, tol=TOL)],
    "multi_dot": [call([B1, WIDE.T, WIDE, SQUARE], tol=TOL), call([TALL, WIDE, B2], tol=TOL),
                  call([SQUARE, SQUARE], tol=TOL)],
    "matrix_power": [call(SQUARE, -1, tol=TOL), call(STACK, -3, tol=TOL)],
}
