"""Calls of scipy.linalg's functions as data: SciPy itself says what each must give."""

import numpy as np
import scipy.linalg

rng = np.random.default_rng(11)
A, B = rng.normal(size=(2, 4, 4)) + 2 * np.eye(4)
SPD = A @ A.T + np.eye(4)
HPD = SPD + 0.3j * (B - B.T)
TALL, V, W = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=4)
BANDS = rng.normal(size=(4, 5)) + np.array([0, 0, 4, 0])[:, None]

TURNING = A @ np.diag([1.0, -2.0, 1.0, 3.0]) + 5 * np.roll(np.eye(4), 1, 0)
# Of positive definite matrices; unused corners are 0.
UPPER_BANDS = np.array([[0, 1j, 0.5, 0.3, 0.7j], [3.0, 4.0, 5.0, 4.0, 3.0]])
LOWER_BANDS = np.array([[3.0, 4.0, 5.0, 4.0, 3.0], [1.0, 0.5, 0.3, 0.7, 0.0]])
SPD3 = np.diag([1.0, 2.0, 3.0]) + 0.1


def h(a):
    """The hermitian part."""
    return (a + np.conj(np.swapaxes(a, -1, -2))) / 2


# name: pairs of a function of (module, arrays) and its arrays
CALLS = {
    "block_diag": [(lambda m, a, b: m.block_diag(a, b, b[0]), (A, TALL)),
                   (lambda m, a: m.block_diag(a, np.arange(3)), (A,))],
    "cho_factor": [(lambda m, a: m.cho_factor(a)[0], (SPD,)),
                   (lambda m, a: m.cho_factor(a, True)[0], (HPD,))],
    "cho_solve": [(lambda m, a, b: m.cho_solve(m.cho_factor(a), b), (HPD, W))],
    "cho_solve_banded": [
        (lambda m, c, b, lower=lower: m.cho_solve_banded((c, lower), b), (c, V))
        for c, lower in ((UPPER_BANDS, False), (LOWER_BANDS, True))],
    "cholesky_banded": [
        (lambda m, a: m.cholesky_banded(a * (UPPER_BANDS != 0)), (UPPER_BANDS,)),
        (lambda m, a: m.cholesky_banded(a * (LOWER_BANDS != 0), lower=True), (LOWER_BANDS,))],
    "cholesky": [(lambda m, a: m.cholesky(a), (HPD,)), (lambda m, a: m.cholesky(a, True), (HPD,))],
    "circulant": [(lambda m, c: m.circulant(c), (V,))],
    "companion": [(lambda m, a: m.companion(a), (V,))],
    "convolution_matrix": [(lambda m, a, mode=mode, n=n: m.convolution_matrix(a, n, mode), (W,))
                           for mode in ("full", "same", "valid") for n in (2, 4, 7)],
    "coshm": [(lambda m, a: m.coshm(a), (A,))],
    "cosm": [(lambda m, a: m.cosm(a), (A,)), (lambda m, a: m.cosm(a), (A + 1j * B,))],
    "det": [(lambda m, a: m.det(a), (A,))],
    "diagsvd": [(lambda m, s: m.diagsvd(s, 4, 6), (W,)), (lambda m, s: m.diagsvd(s, 6, 4), (W,))],
    "eig": [(lambda m, a: m.eig(a)[0], (A,)), (lambda m, a, b: m.eig(a, b, right=False), (A, SPD))],
    "eig_banded": [(lambda m, a: m.eig_banded(a)[0], (UPPER_BANDS,)),
                   (lambda m, a: abs(m.eig_banded(a, lower=True)[1]), (LOWER_BANDS,))],
    "eigvals_banded": [(lambda m, a: m.eigvals_banded(a), (UPPER_BANDS,))],
    "hessenberg": [(lambda m, a: m.hessenberg(a, calc_q=True), (a,))
                   for a in (A, A + 1j * B, A[:2, :2], A[:1, :1])]
    + [(lambda m, a: m.hessenberg(a), (A,))],
    "eigh": [(lambda m, a, b, kind=kind: m.eigh(a, b, type=kind)[0], (SPD, HPD))
             for kind in (1, 2, 3)] + [
        (lambda m, a: m.eigh(a, subset_by_index=[1, 2])[0], (SPD,)),
        (lambda m, a, b: abs(m.eigh(a, b)[1]), (SPD, B @ B.T + np.eye(4)))],
    "eigh_tridiagonal": [(lambda m, d, e: m.eigh_tridiagonal(d, e)[0], (V, W))],
    "eigvals": [(lambda m, a: m.eigvals(a), (A,)), (lambda m, a, b: m.eigvals(a, b), (A, SPD))],
    "eigvalsh": [(lambda m, a: m.eigvalsh(a), (HPD,)),
                 (lambda m, a, b: m.eigvalsh(a, b, lower=False, subset_by_index=[0, 1]),
                  (SPD, HPD))],
    "eigvalsh_tridiagonal": [(lambda m, d, e: m.eigvalsh_tridiagonal(d, e), (V, W))],
    "expm": [(lambda m, a: m.expm(a), (A,))],
    "expm_frechet": [(lambda m, a, e: m.expm_frechet(a, e), (A, B)),
                     (lambda m, a, e: m.expm_frechet(a, e, compute_expm=False), (A, B))],
    "fiedler": [(lambda m, a: m.fiedler(a), (V,))],
    "fractional_matrix_power": [
        (lambda m, a, p=p: np.real(m.fractional_matrix_power(a, p)), (SPD,))
        for p in (0.5, -1.3, 2, -2, 0)],
    "hankel": [(lambda m, c: m.hankel(c), (V,)), (lambda m, c, r: m.hankel(c, r), (V, W))],
    "inv": [(lambda m, a: m.inv(a), (A,))],
    "khatri_rao": [(lambda m, a, b: m.khatri_rao(a, b), (A[:, :3], TALL))],
    "leslie": [(lambda m, f, s: m.leslie(f, s), (V, W))],
    "logm": [(lambda m, a: m.logm(a), (SPD,))],
    "lstsq": [(lambda m, a, b: m.lstsq(a, b)[0], (TALL, V)),
              (lambda m, a, b: m.lstsq(a, b)[1], (TALL, V))],
    "lu": [(lambda m, a: m.lu(a), (TALL,)), (lambda m, a: m.lu(a, permute_l=True), (TALL.T,)),
           (lambda m, a: m.lu(a, p_indices=True), (TALL + 1j,)), (lambda m, a: m.lu(a), (HPD,))],
    "lu_factor": [(lambda m, a: m.lu_factor(a), (A,))],
    "lu_solve": [(lambda m, a, b, trans=trans: m.lu_solve(m.lu_factor(a), b, trans), (HPD, W))
                 for trans in (0, 1, 2)],
    "matmul_toeplitz": [(lambda m, c, x: m.matmul_toeplitz(c, x), (V, TALL)),
                        (lambda m, c, r, x: m.matmul_toeplitz((c, r), x), (V, W, A))],
    "norm": [(lambda m, a: m.norm(a, "nuc"), (A,)), (lambda m, a: m.norm(a, 1, axis=0), (A,))],
    "orthogonal_procrustes": [(lambda m, a, b: m.orthogonal_procrustes(a, b), (A, B))],
    "pinv": [(lambda m, a: m.pinv(a, return_rank=True)[0], (TALL,)),
             (lambda m, a: m.pinv(a, rtol=0.1), (TALL,))],
    "pinvh": [(lambda m, a: m.pinvh(a), (HPD,))],
    "polar": [(lambda m, a: m.polar(a), (TALL,)), (lambda m, a: m.polar(a, "left"), (TALL.T,))],
    "qr": [(lambda m, a: m.qr(a, mode="economic"), (TALL,)), (lambda m, a: m.qr(a), (A + 1j * B,)),
           (lambda m, a: m.qr(a, mode="r"), (A,)),
           *[(lambda m, a, mode=mode: m.qr(a, mode=mode, pivoting=True), (A + 1j * B,))
             for mode in ("full", "economic", "r")]],
    "rq": [(lambda m, a, mode=mode: m.rq(a, mode=mode), (x,))
           for mode in ("full", "economic", "r") for x in (A, TALL.T, A + 1j * B)][:-2],
    "solve_continuous_are": [
        (lambda m, a, b, q, r: m.solve_continuous_are(a, b, h(q), h(r)), (A, TALL[:4], SPD, SPD3)),
        (lambda m, a, b, q, r, s: m.solve_continuous_are(a, b, h(q), h(r), s=s),
         (A, TALL[:4], HPD, SPD3, 0.1 * TALL[:4]))],
    "solve_discrete_are": [
        (lambda m, a, b, q, r: m.solve_discrete_are(a, b, h(q), h(r)), (A, TALL[:4], SPD, SPD3)),
        (lambda m, a, b, q, r, s: m.solve_discrete_are(a, b, h(q), h(r), s=s),
         (A, TALL[:4], HPD, SPD3, 0.1 * TALL[:4]))],
    "subspace_angles": [(lambda m, a, b: m.subspace_angles(a, b), (TALL, TALL[::-1, :2])),
                        (lambda m, a, b: m.subspace_angles(a, b), (TALL[:, :1], TALL[::-1] + 1j))],
    "rsf2csf": [(lambda m, t, z: m.rsf2csf(t, z), scipy.linalg.schur(TURNING)),
                (lambda m, t, z: m.rsf2csf(t, z), scipy.linalg.schur(SPD))],
    "schur": [(lambda m, a: m.schur(a), (SPD,)), (lambda m, a: m.schur(a, "complex")[0], (A,))],
    "signm": [(lambda m, a: m.signm(a), (SPD - 2 * np.eye(4),))],
    "sinhm": [(lambda m, a: m.sinhm(a), (A,))],
    "sinm": [(lambda m, a: m.sinm(a), (A,)), (lambda m, a: m.sinm(a), (A + 1j * B,))],
    "solve": [*[(lambda m, a, b, kind=kind, lower=lower: m.solve(a, b, lower, assume_a=kind),
                 (HPD, W)) for kind in ("gen", "her", "pos", "sym", "upper triangular")
                for lower in (True, False)],
              (lambda m, a, b: m.solve(a, b, transposed=True), (A, W)),
              (lambda m, a, b: m.solve(a, b, assume_a="diagonal"), (A, W))],
    "solve_banded": [(lambda m, a, b: m.solve_banded((1, 2), a, b), (BANDS, V))],
    "solve_circulant": [(lambda m, c, b: m.solve_circulant(c, b), (V, V)),
                        (lambda m, c, b: m.solve_circulant(c, b), (V, TALL))],
    "solve_continuous_lyapunov": [(lambda m, a, q: m.solve_continuous_lyapunov(a, q), (A, B)),
                                  (lambda m, a, q: m.solve_continuous_lyapunov(a, q),
                                   (A + 1j * B, B + 0j))],
    "solve_discrete_lyapunov": [
        (lambda m, a, q, kind=kind: m.solve_discrete_lyapunov(a, q, kind), (0.2 * HPD, B + 0j))
        for kind in (None, "direct", "bilinear")],
    "solve_lyapunov": [(lambda m, a, q: m.solve_lyapunov(a, q), (A, B))],
    "solve_sylvester": [(lambda m, a, b, q: m.solve_sylvester(a, b, q), (A, SPD, B))],
    "solve_toeplitz": [(lambda m, c, b: m.solve_toeplitz(c, b), (V, V)),
                       (lambda m, c, b: m.solve_toeplitz((c, b), b), (V, V))],
    "solve_triangular": [
        (lambda m, a, b, trans=trans, lower=lower: m.solve_triangular(a, b, trans, lower), (HPD, W))
        for trans in (0, "T", 2) for lower in (False, True)],
    "solveh_banded": [(lambda m, a, b: m.solveh_banded(a, b),
                       (np.array([[0.1] * 5, [2.0] * 5]), V)),
                      (lambda m, a, b: m.solveh_banded(a, b, lower=True),
                       (np.array([[2.0] * 5, [0.1j] * 5]), V))],
    "sqrtm": [(lambda m, a: m.sqrtm(a), (SPD,)), (lambda m, a: m.sqrtm(a), (HPD,))],
    "svd": [(lambda m, a: m.svd(a, full_matrices=False), (TALL,)),
            (lambda m, a: m.svd(a, compute_uv=False), (TALL,))],
    "svdvals": [(lambda m, a: m.svdvals(a), (TALL,))],
    "tanhm": [(lambda m, a: m.tanhm(a), (0.2 * SPD,))],
    "tanm": [(lambda m, a: m.tanm(a), (A,))],
    "toeplitz": [(lambda m, c: m.toeplitz(c), (V * 1j,)),
                 (lambda m, c, r: m.toeplitz(c, r), (V, W))],
}


Q4 = scipy.linalg.qr(A)[0]

# The same of the functions that refuse traced values.
GAPS = {
    "bandwidth": [(lambda m, a: m.bandwidth(a), (A,))],
    "cdf2rdf": [(lambda m, w, v: m.cdf2rdf(w, v), scipy.linalg.eig(A))],
    "clarkson_woodruff_transform": [(lambda m, a: m.clarkson_woodruff_transform(a, 3, 0), (TALL,))],
    "cossin": [(lambda m, x: m.cossin(x, 2, 2), (Q4,))],
    "expm_cond": [(lambda m, a: m.expm_cond(a), (A,))],
    "fiedler_companion": [(lambda m, a: m.fiedler_companion(a), (V,))],
    "funm": [(lambda m, a: m.funm(a, np.sin), (A,))],
    "ishermitian": [(lambda m, a: m.ishermitian(a), (A,))],
    "issymmetric": [(lambda m, a: m.issymmetric(a), (A,))],
    "ldl": [(lambda m, a: m.ldl(a), (SPD,))],
    "matrix_balance": [(lambda m, a: m.matrix_balance(a), (A,))],
    "null_space": [(lambda m, a: m.null_space(a), (TALL.T,))],
    "ordqz": [(lambda m, a, b: m.ordqz(a, b), (A, B))],
    "orth": [(lambda m, a: m.orth(a), (TALL,))],
    "qr_delete": [(lambda m, q, r: m.qr_delete(q, r, 1), scipy.linalg.qr(A))],
    "qr_insert": [(lambda m, q, r, u: m.qr_insert(q, r, u, 1), (*scipy.linalg.qr(A), W))],
    "qr_multiply": [(lambda m, a, c: m.qr_multiply(a, c), (A, B))],
    "qr_update": [(lambda m, q, r, u, v: m.qr_update(q, r, u, v), (*scipy.linalg.qr(A), W, W))],
    "qz": [(lambda m, a, b: m.qz(a, b), (A, B))],
}
