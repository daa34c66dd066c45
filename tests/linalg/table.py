"""One row a function: how it is called, on which matrices, and the oracle that it is held to."""

from __future__ import annotations

import operator
from typing import NamedTuple
from zlib import crc32

import numpy as np
import scipy.linalg

import isograd.scipy.linalg as sla

from . import oracle as o

REAL, BOTH = ("float64",), ("float64", "complex128")


class Arg(NamedTuple):
    """A random matrix: square and far from singular by default.

    kind: "any"; "hermitian"; "positive" definite; "accretive": with its spectrum around 2.
    """

    shape: tuple[int, ...] = (3, 3)
    kind: str = "any"


class Row(NamedTuple):
    """`f` on arrays gives what `oracle` gives on exact ones; both return a list of arrays.

    tol: how far results and derivatives may be apart, relative to the largest number of an array.
    """

    name: str
    f: object
    oracle: object
    args: tuple[Arg, ...] = (Arg(),)
    dtypes: tuple[str, ...] = BOTH
    tol: float = 1e-11


def random(rng, shape, dtype):
    x = rng.normal(size=shape)
    return x + 1j * rng.normal(size=shape) if dtype.startswith("complex") else x


def hermitian(x):
    return (x + np.conj(np.swapaxes(x, -1, -2))) / 2


def make(rng, arg, dtype):
    """The numbers of an argument."""
    x = random(rng, arg.shape, dtype)
    n = arg.shape[-1]
    if arg.kind == "hermitian":
        return hermitian(x) + np.diag(np.arange(n))
    if arg.kind == "positive":
        return x @ np.conj(x.T) + np.eye(n)
    if arg.kind == "accretive":
        return 0.3 * x + 2 * np.eye(n)
    return x + 2 * np.eye(n) if len(arg.shape) == 2 and arg.shape[0] == n else x


def tangent(rng, arg, dtype):
    """A direction in which an argument stays what it is."""
    x = random(rng, arg.shape, dtype)
    return hermitian(x) if arg.kind in ("hermitian", "positive") else x


class Case(NamedTuple):
    row: Row
    dtype: str

    def __str__(self):
        return f"{self.row.name}-{self.dtype}"

    def rng(self, seed):
        return np.random.default_rng((crc32(str(self).encode()), seed))

    def arguments(self, seed=0):
        rng = self.rng(seed)
        return tuple([make(rng, arg, self.dtype) for arg in self.row.args])

    def tangents(self, seed=0):
        rng = self.rng(100 + seed)
        return tuple([tangent(rng, arg, self.dtype) for arg in self.row.args])


def one(f):
    """A function with one result as one with a list of them."""
    return lambda *args: [f(*args)]


def row(name, f, oracle, *args, **options):
    return Row(name, one(f), one(oracle), args or (Arg(),), **options)


def number(f):
    return one(lambda *args: o.boxed(f(*args)))


SQUARE, TALL, WIDE = Arg(), Arg((4, 2)), Arg((2, 4))
HERMITIAN, POSITIVE, ACCRETIVE = [Arg(kind=kind) for kind in ("hermitian", "positive", "accretive")]
COLUMNS, VECTOR = Arg((3, 2)), Arg((3,))

SOLVING = (
    row("solve", np.linalg.solve, lambda a, b: o.inverse(a) @ b, SQUARE, COLUMNS),
    row("solve vector", np.linalg.solve, lambda a, b: o.inverse(a) @ b, SQUARE, VECTOR),
    row("inv", np.linalg.inv, o.inverse),
    row("matrix_power", lambda a: np.linalg.matrix_power(a, -2), lambda a: o.inverse(a @ a)),
    row("tensorinv", lambda a: np.linalg.tensorinv(a.reshape(2, 2, 4)),
        lambda a: o.inverse(a).reshape(4, 2, 2), Arg((4, 4))),
    row("tensorsolve", lambda a, b: np.linalg.tensorsolve(a.reshape(2, 2, 2, 2), b),
        lambda a, b: (o.inverse(a) @ b.reshape(4)).reshape(2, 2), Arg((4, 4)), Arg((2, 2))),
    *[row(f"solve transposed, trans={trans}",
          lambda a, b, trans=trans: sla.lu_solve(sla.lu_factor(a), b, trans),
          lambda a, b, turn=turn: o.inverse(turn(a)) @ b, SQUARE, COLUMNS)
      for trans, turn in enumerate((lambda a: a, lambda a: a.T, o.h))],
    *[row(f"solve_triangular, lower={lower}, trans={trans}",
          lambda a, b, lower=lower, trans=trans: sla.solve_triangular(a, b, trans, lower),
          lambda a, b, lower=lower, turn=turn:
              o.inverse(turn(np.tril(a) if lower else np.triu(a))) @ b, SQUARE, COLUMNS)
      for lower in (True, False)
      for trans, turn in enumerate((lambda a: a, lambda a: a.T, o.h))],
    row("solve_triangular, unit", lambda a, b: sla.solve_triangular(a, b, unit_diagonal=True),
        lambda a, b: o.inverse(np.triu(a, 1) + o.eye(3)) @ b, SQUARE, COLUMNS),
    *[row(f"cho_solve, lower={lower}",
          lambda a, b, lower=lower: sla.cho_solve(sla.cho_factor(a, lower), b),
          lambda a, b: o.inverse(a) @ b, POSITIVE, COLUMNS) for lower in (True, False)],
    *[row(f"solve, {kind}", lambda a, b, kind=kind: sla.solve(a, b, assume_a=kind),
          lambda a, b: o.inverse(a) @ b, POSITIVE, VECTOR) for kind in ("her", "pos")],
    row("solve_banded", lambda ab, b: sla.solve_banded((1, 2), ab, b),
        lambda ab, b: o.inverse(o.dense_banded(ab, 1, 2)) @ b, Arg((4, 4)), Arg((4,))),
    row("solve_toeplitz", lambda c, r, b: sla.solve_toeplitz((c, r), b),
        lambda c, r, b: o.inverse(o.dense_toeplitz(c, r)) @ b, VECTOR, VECTOR, VECTOR, tol=1e-9),
    row("solve_circulant", sla.solve_circulant,
        lambda c, b: o.inverse(o.dense_toeplitz(c, np.roll(c[::-1], 1))) @ b, VECTOR, VECTOR,
        tol=1e-9),
    row("solve_sylvester", sla.solve_sylvester,
        lambda a, b, q: o.vec_solve(lambda x: a @ x + x @ b, q),
        ACCRETIVE, Arg((2, 2), "accretive"), COLUMNS),
    row("solve_continuous_lyapunov", sla.solve_continuous_lyapunov,
        lambda a, q: o.vec_solve(lambda x: a @ x + x @ a.T, q), ACCRETIVE, SQUARE, dtypes=REAL),
    *[row(f"solve_discrete_lyapunov, {method}",
          lambda a, q, method=method: sla.solve_discrete_lyapunov(a, q, method),
          lambda a, q: o.vec_solve(lambda x: x - a @ x @ a.T, q), ACCRETIVE, SQUARE, dtypes=REAL)
      for method in ("direct", "bilinear")],
    *[row(f"solve_{kind}_are", getattr(sla, f"solve_{kind}_are"), oracle, SQUARE, COLUMNS, POSITIVE,
          Arg((2, 2), "positive"), tol=1e-9)
      for kind, oracle in (("continuous", o.care), ("discrete", o.dare))],
    row("pinv, tall", np.linalg.pinv, o.pinv, TALL),
    row("pinv, wide", np.linalg.pinv, o.pinv, WIDE),
    row("pinv, deficient", lambda b, c: np.linalg.pinv(b @ c, 1e-5), o.pinv_of_product,
        Arg((4, 2)), Arg((2, 3)), tol=1e-10),
    row("pinv, hermitian", lambda a: np.linalg.pinv(a, hermitian=True), o.inverse, POSITIVE),
    Row("lstsq, tall", lambda a, b: np.linalg.lstsq(a, b)[:2], o.lstsq, (TALL, Arg((4, 2)))),
    Row("lstsq, wide", lambda a, b: np.linalg.lstsq(a, b)[:1], o.lstsq, (WIDE, Arg((2, 3)))),
)

DETERMINANTS = (
    Row("det", one(np.linalg.det), number(o.det)),
    Row("det of a product", one(lambda b, c: np.linalg.det(b @ c)),
        number(lambda b, c: o.det(b @ c)), (Arg((3, 2)), Arg((2, 3))), tol=1e-13),
    Row("det of 1 x 1", one(np.linalg.det), number(o.det), (Arg((1, 1)),)),
    Row("slogdet", np.linalg.slogdet, o.slogdet),
)


def eigh_projections(a, **options):
    w, v = np.linalg.eigh(a, **options)
    first, last = v[:, :1], v[:, -1:]
    return [w, first @ np.conj(first.T), last @ np.conj(last.T)]


def svd_products(a, **options):
    u, s, vh = np.linalg.svd(a, **options)
    k = min(a.shape)
    return [s, u[:, :1] @ vh[:1], u[:, k - 1:k] @ vh[k - 1:k]]


def null_projections(a):
    """Onto the spaces that the full sets of singular vectors add: 1 - a pinv(a)."""
    u, s, vh = np.linalg.svd(a)
    k = s.shape[0]
    left, right = u[:, k:], vh[k:]
    return [left @ np.conj(left.T), np.conj(right.T) @ right]


def complete_qr(a):
    q, r = np.linalg.qr(a, "complete")
    rest = q[:, a.shape[1]:]
    return [q @ r, rest @ np.conj(rest.T)]


def schur_sizes(a):
    t, z = sla.schur(a, "complex")
    return [np.diagonal(t), abs(t), abs(z)]


FACTORS = (
    row("cholesky", np.linalg.cholesky, o.lower_cholesky, POSITIVE),
    row("cholesky, upper", lambda a: sla.cholesky(a), lambda a: o.h(o.lower_cholesky(a)), POSITIVE),
    *[Row(f"qr {arg.shape}", np.linalg.qr, o.qr, (arg,), tol=1e-10)
      for arg in (SQUARE, TALL, WIDE)],
    Row("rq", lambda a: sla.rq(a, mode="economic"),
        lambda a: [o.h(x[::-1, ::-1]) for x in o.qr(o.h(a[::-1, ::-1]))[::-1]], (WIDE,)),
    row("qr, pivoted", lambda a: np.diagonal(sla.qr(a, mode="economic", pivoting=True)[1]),
        lambda a: np.diagonal(o.qr(a[:, scipy.linalg.qr(o.floats(a), pivoting=True)[2]])[1])),
    Row("hessenberg", lambda a: sla.hessenberg(a, calc_q=True), o.hessenberg, (Arg((4, 4)),),
        tol=1e-9),
    row("qr, r", lambda a: np.linalg.qr(a, "r"), lambda a: o.qr(a)[1], TALL),
    Row("qr, complete", complete_qr, lambda a: [a, o.eye(4) - a @ o.pinv(a)], (TALL,)),
    *[Row(f"lu {arg.shape}", lambda a: sla.lu(a)[1:], o.lu, (arg,), tol=1e-10)
      for arg in (SQUARE, TALL, WIDE)],
    Row("lu_factor", lambda a: sla.lu_factor(a)[:1], o.packed_lu, tol=1e-10),
    row("lu, permuted", lambda a: operator.matmul(*sla.lu(a, permute_l=True)), lambda a: a),
    *[Row(f"polar {arg.shape}", sla.polar, o.polar, (arg,)) for arg in (SQUARE, TALL, WIDE)],
    row("polar, left", lambda a: sla.polar(a, "left")[1], lambda a: o.sqrtm(a @ o.h(a))),
    row("orthogonal_procrustes", lambda a, b: sla.orthogonal_procrustes(a, b)[0],
        lambda a, b: o.polar(o.h(a) @ b)[0], SQUARE, SQUARE),
)

SPECTRA = (
    Row("eigh", eigh_projections, o.eigh, (HERMITIAN,)),
    Row("eigh, upper", lambda a: eigh_projections(a, UPLO="U"), o.eigh, (HERMITIAN,)),
    row("eigvalsh", np.linalg.eigvalsh, lambda a: o.eigh(a)[0], HERMITIAN),
    row("eigh, generalised", lambda a, b: sla.eigvalsh(a, b),
        lambda a, b: np.sort(o.real(o.eigenvalues(o.inverse(b) @ a))), HERMITIAN, POSITIVE,
        tol=1e-9),
    Row("eig", np.linalg.eig, o.eig, tol=1e-10),
    row("eigvals", np.linalg.eigvals, o.eigenvalues, tol=1e-10),
    *[Row(f"svd {arg.shape}", lambda a: svd_products(a, full_matrices=False), o.projections, (arg,),
          tol=1e-9) for arg in (SQUARE, TALL, WIDE)],
    Row("svd, full, tall", null_projections,
        lambda a: [o.eye(4) - a @ o.pinv(a), o.eye(2) - o.pinv(a) @ a], (TALL,)),
    Row("svd, full, wide", null_projections,
        lambda a: [o.eye(2) - a @ o.pinv(a), o.eye(4) - o.pinv(a) @ a], (WIDE,)),
    Row("svd, hermitian", lambda a: svd_products(a, hermitian=True), o.projections, (HERMITIAN,),
        tol=1e-9),
    row("svdvals", np.linalg.svdvals, o.singular_values, TALL),
    row("nuclear norm", lambda a: np.linalg.norm(a, "nuc"),
        lambda a: o.boxed(sum(o.singular_values(a))), WIDE),
    row("spectral norm", lambda a: np.linalg.norm(a, 2),
        lambda a: o.boxed(o.singular_values(a)[0]), WIDE),
    row("cond", np.linalg.cond,
        lambda a: o.boxed(o.singular_values(a)[0] / o.singular_values(a)[-1]), tol=1e-10),
    Row("schur", schur_sizes, o.schur, tol=1e-10),
)

FUNCTIONS = (
    *[row(name, getattr(sla, name), getattr(o, name), ACCRETIVE, tol=1e-10)
      for name in ("expm", "logm", "sqrtm", "cosm", "sinm", "coshm", "sinhm")],
    row("tanm", sla.tanm, lambda a: o.inverse(o.cosm(a)) @ o.sinm(a), ACCRETIVE),
    row("tanhm", sla.tanhm, lambda a: o.inverse(o.coshm(a)) @ o.sinhm(a), ACCRETIVE),
    row("signm", lambda a: sla.signm(a), lambda a: o.inverse(o.sqrtm(a @ a)) @ a,
        Arg(kind="hermitian"), tol=1e-9),
    row("fractional_matrix_power", lambda a: sla.fractional_matrix_power(a, 0.3),
        lambda a: o.expm(o.ctx.mpf(0.3) * o.logm(a)), ACCRETIVE, tol=1e-9),
    row("expm_frechet", lambda a, e: sla.expm_frechet(a, e, compute_expm=False),
        lambda a, e: o.expm(np.block([[a, e], [0 * a, a]]))[:3, 3:], ACCRETIVE, SQUARE,
        tol=1e-10),
)

CASES = [Case(row, dtype) for row in (*SOLVING, *DETERMINANTS, *FACTORS, *SPECTRA, *FUNCTIONS)
         for dtype in row.dtypes]
