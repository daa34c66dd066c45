"""Where linear algebra goes wrong: singular matrices, repeated values, no elements, bad input."""

import numpy as np
import pytest
import scipy.linalg

import isograd
import isograd.scipy.linalg as sla
from isograd import errors, grad, jit, jvp, vjp, vmap

from .table import hermitian

rng = np.random.default_rng(3)
A, E = rng.normal(size=(2, 4, 4))
EYE = np.eye(3)
E3 = rng.normal(size=(3, 3))
SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
RANK_ONE = np.outer([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
ZERO = np.zeros((3, 3))
ROTATION, _ = np.linalg.qr(rng.normal(size=(4, 4)))
REPEATED = ROTATION @ np.diag([1.0, 2.0, 2.0, 5.0]) @ ROTATION.T
TWICE = ROTATION @ np.diag([3.0, 3.0, 1.0, 1.0])    # singular values 3, 3, 1, 1


# ---- singular determinants: derivatives of polynomials ----

def cofactors_by_hand(a):
    """Cross products of the other two rows."""
    return np.array([np.cross(a[1], a[2]), np.cross(a[2], a[0]), np.cross(a[0], a[1])])


@pytest.mark.parametrize("a", [SINGULAR, RANK_ONE, ZERO, EYE, E3, 1e-9 * E3], ids=str)
def test_gradient_of_det(a):
    np.testing.assert_allclose(grad(np.linalg.det)(a), cofactors_by_hand(a), rtol=1e-12,
                               atol=1e-14 * np.linalg.norm(a) ** 2)


@pytest.mark.parametrize("a", [SINGULAR, RANK_ONE, ZERO, EYE, E3], ids=str)
def test_higher_derivatives_of_det(a):
    """d^2 det(a + s e + t f) and d^3 are those of the polynomial."""
    f, g = np.random.default_rng(4).normal(size=(2, 3, 3))

    def second(a):
        return jvp(grad(np.linalg.det), (a,), (E3,))[1]

    want = cofactors_by_hand(a + E3) - cofactors_by_hand(a) - cofactors_by_hand(E3)
    np.testing.assert_allclose(second(a), want, atol=1e-12)
    if a is EYE or a is E3:
        want = cofactors_by_hand(f + E3) - cofactors_by_hand(f) - cofactors_by_hand(E3)
        np.testing.assert_allclose(jvp(second, (a,), (f,))[1], want, atol=1e-10)
        np.testing.assert_allclose(vjp(second, a)[1](g)[0], cofactors_by_hand(g + E3)
                                   - cofactors_by_hand(g) - cofactors_by_hand(E3), atol=1e-10)


def test_slogdet_of_a_singular_matrix():
    sign, log = jit(np.linalg.slogdet)(ZERO)
    assert sign == 0 and log == -np.inf
    assert np.all(np.isinf(grad(lambda a: np.linalg.slogdet(a)[1])(ZERO)))

    def not_taken(a):
        return np.where(True, 1.0, np.linalg.slogdet(a)[1])

    np.testing.assert_array_equal(grad(not_taken)(ZERO), ZERO)


@pytest.mark.parametrize("f", [
    lambda a: np.linalg.inv(a), lambda a: np.linalg.solve(a, EYE), lambda a: sla.inv(a),
    lambda a: np.linalg.cholesky(a - 9 * EYE), lambda a: np.linalg.tensorinv(a.reshape(3, 3), 1),
    lambda a: sla.solve_triangular(a * 0, EYE), lambda a: sla.lu_solve(sla.lu_factor(a), EYE),
    lambda a: sla.solve(a, EYE, assume_a="diagonal") if a.ndim == 3 else np.linalg.inv(a)])
@pytest.mark.parametrize("mode", ["jit", "grad", "vmap", "jvp"])
def test_singular_matrices_raise_numpys_error(f, mode):
    a = np.array(ZERO)
    runs = {"jit": lambda: jit(f)(a), "vmap": lambda: vmap(f)(np.stack([a] * 5)),
            "grad": lambda: grad(lambda a: np.sum(f(a)))(a), "jvp": lambda: jvp(f, (a,), (EYE,))}
    with pytest.raises(np.linalg.LinAlgError):
        runs[mode]()


def test_condition_of_a_singular_matrix():
    for p in (None, 1, "fro"):
        assert jit(lambda a, p=p: np.linalg.cond(a, p))(ZERO + np.diag([1, 0, 0])) == np.inf


# ---- repeated values ----

def differences(f, x, e, step=1e-6):
    return (f(x + step * e) - f(x - step * e)) / (2 * step)


SYMMETRIC = hermitian(E)
INVARIANT = {
    # functions of all eigenvalues, or singular values, alike
    "trace of the exponential": (lambda a: np.sum(np.exp(np.linalg.eigvalsh(a))), REPEATED),
    "product of eigenvalues": (lambda a: np.prod(np.linalg.eigvalsh(a)), REPEATED),
    "eigenvalues of the identity": (lambda a: np.sum(np.linalg.eigvalsh(a) ** 3), np.eye(4)),
    "nuclear norm": (lambda a: np.linalg.norm(a, "nuc"), TWICE),
    "sum of powers": (lambda a: np.sum(np.linalg.svdvals(a) ** 4), TWICE),
    "exponential": (lambda a: np.sum(sla.expm(a) * E), REPEATED),
    "square root": (lambda a: np.sum(sla.sqrtm(a) * E), np.eye(4)),
    "logarithm": (lambda a: np.sum(sla.logm(a) * E), np.eye(4)),
    "polar factor": (lambda a: np.sum(sla.polar(a)[0] * E), ROTATION),
    "inverse by lstsq": (lambda a: np.sum(np.linalg.lstsq(a, E)[0] * E), TWICE),
    "eigenvectors not used": (lambda a: np.sum(np.linalg.eigh(a)[0] ** 2), REPEATED),
}


@pytest.mark.parametrize("name", INVARIANT)
def test_functions_that_have_a_derivative_at_repeated_values(name):
    f, x = INVARIANT[name]
    want = differences(f, x, SYMMETRIC)
    np.testing.assert_allclose(np.sum(grad(f)(x) * SYMMETRIC), want, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(jvp(jit(f), (x,), (SYMMETRIC,))[1], want, rtol=1e-6, atol=1e-7)


def test_cotangents_of_vectors_that_are_zero_are_absorbed():
    def f(a):
        w, v = np.linalg.eigh(a)
        return np.sum(w) + np.sum(0 * v)
    np.testing.assert_array_equal(grad(f)(np.eye(4)), np.eye(4))


@pytest.mark.parametrize("f", [lambda a: np.linalg.eigh(a)[1], lambda a: np.linalg.svd(a)[0],
                               lambda a: np.linalg.eig(a)[1]])
def test_vectors_have_no_derivative_at_repeated_values(f):
    """Never a wrong number."""
    assert not np.all(np.isfinite(jvp(f, (np.eye(4),), (SYMMETRIC,))[1]))


def test_eigenvalues_of_a_batch_with_a_repeated_one():
    batch = np.stack([REPEATED, np.eye(4), hermitian(A)])
    slopes = vmap(grad(lambda a: np.sum(np.linalg.eigvalsh(a))))(batch)
    np.testing.assert_allclose(slopes, np.stack([np.eye(4)] * 3), atol=1e-12)


@pytest.mark.parametrize("ord", [None, 2, "nuc", "fro"])
def test_norms_of_zero_have_derivative_zero_or_a_subgradient(ord):
    slope = grad(lambda a: np.linalg.norm(a, ord))(ZERO)
    assert np.all(np.isfinite(slope)) and np.linalg.norm(slope, 2) <= 1 + 1e-12
    if ord != 2:
        np.testing.assert_array_equal(slope, ZERO)


# ---- conventions of triangles ----

def test_one_triangle_is_read_and_the_gradient_is_hermitian():
    spoiled = hermitian(A) @ hermitian(A) + np.eye(4)
    want = np.linalg.cholesky(spoiled)
    spoiled[np.triu_indices(4, 1)] = np.nan
    np.testing.assert_array_equal(jit(np.linalg.cholesky)(spoiled), want)
    low = grad(lambda a: np.sum(np.log(np.diagonal(np.linalg.cholesky(a)))))(want @ want.T)
    np.testing.assert_allclose(low, np.linalg.inv(want @ want.T) / 2, rtol=1e-10)
    np.testing.assert_allclose(low, low.T, rtol=1e-12)


@pytest.mark.parametrize("lower", [True, False])
def test_bands_are_parameters(lower):
    bands = np.array([[5.0] * 5, [1.0, 0.5, 0.3, 0.7, 0.0]])
    bands = bands if lower else np.stack([np.roll(bands[1], 1), bands[0]])
    e, b = np.where(bands != 0, rng.normal(size=(2, 5)), 0), np.arange(5.0)

    for f in (lambda ab: sla.solveh_banded(ab, b, lower=lower),
              lambda ab: sla.cholesky_banded(ab, lower=lower),
              lambda ab: sla.cho_solve_banded((ab, lower), b),
              lambda ab: sla.eigvals_banded(ab, lower)):
        np.testing.assert_allclose(jvp(f, (bands,), (e,))[1], differences(f, bands, e), atol=1e-8)


# ---- stacks ----

@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("count", [2, 9])
def test_many_small_matrices_are_solved_as_one_after_another(count, dtype):
    """More matrices than columns go another way than fewer."""
    a, b = rng.normal(size=(count, 4, 4)), rng.normal(size=(count, 4, 2))
    a = (a + 1j * rng.normal(size=a.shape) if np.dtype(dtype).kind == "c" else a).astype(dtype)
    b = b.astype(dtype)
    for f in (sla.solve, lambda a, b: sla.lu_solve(sla.lu_factor(a), b, 1),
              lambda a, b: sla.lu_solve(sla.lu_factor(a), b, 2), lambda a, b: sla.lu(a)[1],
              sla.solve_triangular, lambda a, b: sla.lu(a[:3])[2],
              lambda a, b: sla.lu(a[:, :3])[1], lambda a, b: sla.lu_factor(a)[1],
              lambda a, b: sla.solve_triangular(a, b, lower=True, unit_diagonal=True)):
        got, want = vmap(f)(a, b), np.stack([f(x, y) for x, y in zip(a, b, strict=True)])
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, rtol=0, atol=np.finfo(dtype).eps * 3e4
                                   * np.max(np.abs(want)))


def test_a_singular_matrix_among_many():
    with pytest.raises(np.linalg.LinAlgError):
        jit(np.linalg.inv)(np.stack([EYE] * 9 + [ZERO]))


def test_axes_before_the_matrices_broadcast():
    a, b = rng.normal(size=(2, 1, 3, 3)) + 3 * EYE, rng.normal(size=(5, 3, 2))
    want = np.linalg.solve(a, b)
    np.testing.assert_allclose(jit(np.linalg.solve)(a, b), want, rtol=1e-11)
    cts = vjp(np.linalg.solve, a, b)[1](np.ones_like(want))
    assert [c.shape for c in cts] == [a.shape, b.shape]


def test_equations_are_linear_in_the_right_hand_side():
    a, b = A + 4 * np.eye(4), E[0]
    ct, = isograd.linear_transpose(lambda b: np.linalg.solve(a, b), b)(b)
    np.testing.assert_allclose(ct, np.linalg.solve(a.T, b), rtol=1e-12)
    with pytest.raises(errors.MissingRuleError, match="right-hand side"):
        isograd.linear_transpose(lambda a: np.linalg.solve(a, b), a)(b)


# ---- no elements ----

NONE = np.zeros((0, 0))
EMPTY = {
    "inv": np.linalg.inv, "det": np.linalg.det, "slogdet": lambda a: np.linalg.slogdet(a)[1],
    "cholesky": np.linalg.cholesky, "qr": lambda a: np.linalg.qr(a)[0],
    "eigh": lambda a: np.linalg.eigh(a)[1], "eigvalsh": np.linalg.eigvalsh,
    "svd": lambda a: np.linalg.svd(a)[0], "svdvals": np.linalg.svdvals, "pinv": np.linalg.pinv,
    "expm": sla.expm, "sqrtm": sla.sqrtm, "logm": sla.logm, "lu": lambda a: sla.lu(a)[1],
    "polar": lambda a: sla.polar(a)[0], "schur": lambda a: sla.schur(a)[0],
    "solve": lambda a: sla.solve(a, a), "solve_sylvester": lambda a: sla.solve_sylvester(a, a, a),
    "solve_triangular": lambda a: sla.solve_triangular(a, a),
}


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("shape", [(0, 0), (2, 0, 0), (0, 3, 3)], ids=str)
def test_matrices_without_elements(name, shape):
    f = EMPTY[name]
    x = np.zeros(shape)
    out, dot = jvp(f, (x,), (x,))
    assert np.shape(out) == np.shape(dot) == np.shape(jit(f)(x))
    assert vjp(f, x)[1](np.ones_like(out))[0].shape == shape


# ---- values of the other kinds ----

def test_matrix_rank_of_a_vector():
    assert jit(np.linalg.matrix_rank)(np.array([0.0, 2.0])) == 1
    assert jit(np.linalg.matrix_rank)(np.zeros(2)) == 0


def test_results_are_numpys_named_tuples():
    for f in (np.linalg.eigh, np.linalg.eig, np.linalg.qr, np.linalg.svd, np.linalg.slogdet):
        assert type(jit(f)(A)) is type(f(A))
        assert jit(f)(A)._fields == f(A)._fields


def test_lstsq_of_a_deficient_matrix_is_the_least_norm_solution():
    a, b = RANK_ONE, np.array([1.0, -1.0, 2.0])
    x, _, rank, _ = jit(np.linalg.lstsq)(a, b)
    np.testing.assert_allclose(x, np.linalg.lstsq(a, b)[0], atol=1e-14)
    assert rank == 1


def test_eig_keeps_its_gauge_along_a_path():
    """Norm 1 and a real largest component, to first order."""
    v, dv = jvp(lambda a: np.linalg.eig(a)[1], (A,), (E,))
    np.testing.assert_allclose(np.sum(np.real(np.conj(v) * dv), 0), 0, atol=1e-12)
    largest = np.argmax(np.abs(v), 0)
    np.testing.assert_allclose(dv[largest, np.arange(4)].imag, 0, atol=1e-12)


def test_the_complex_form_of_a_real_schur_form():
    """Against differences of SciPy's, along a direction that keeps the 2 x 2 blocks."""
    blocks = [[1.0, -4, 2, 1], [3, 1, 0, 2], [0, 0, 2, 5], [0, 0, -1, 2]]
    form = scipy.linalg.schur(np.array(blocks))
    dots = np.where(form[0] != 0, E, 0), A
    high, low = [scipy.linalg.rsf2csf(*[x + step * t for x, t in zip(form, dots, strict=True)])
                 for step in (1e-6, -1e-6)]
    for dot, x, y in zip(jvp(sla.rsf2csf, form, dots)[1], high, low, strict=True):
        np.testing.assert_allclose(dot, (x - y) / 2e-6, atol=1e-7)


# ---- bad input ----

BAD = {
    "not square": (lambda a: np.linalg.inv(a[:2]), np.linalg.LinAlgError, "(2, 3)"),
    "a vector": (lambda a: np.linalg.det(a[0]), np.linalg.LinAlgError, "two axes"),
    "half precision": (lambda a: np.linalg.inv(a.astype(np.float16)), errors.DtypeError, "float64"),
    "right-hand side": (lambda a: np.linalg.solve(a, np.ones(2)), errors.ShapeError, "(3,)"),
    "qr mode": (lambda a: np.linalg.qr(a, "thin"), errors.ArgumentError, "reduced"),
    "raw": (lambda a: np.linalg.qr(a, "raw"), errors.MissingRuleError, "complete"),
    "UPLO": (lambda a: np.linalg.eigh(a, "X"), errors.ArgumentError, "'L' or 'U'"),
    "norm": (lambda a: np.linalg.norm(a, 3), errors.ArgumentError, "'nuc'"),
    "rcond and rtol": (lambda a: np.linalg.pinv(a, 1e-3, rtol=1e-3), errors.ArgumentError, "rtol"),
    "tensorinv": (lambda a: np.linalg.tensorinv(a, 0), errors.ArgumentError, "positive"),
    "tensorsolve": (lambda a: np.linalg.tensorsolve(a, a[0, :2]), errors.ShapeError, "prod"),
    "lstsq": (lambda a: np.linalg.lstsq(a, np.ones(2)), errors.ShapeError, "(m,)"),
    "assume_a": (lambda a: sla.solve(a, a, assume_a="odd"), errors.ArgumentError, "'her'"),
    "trans": (lambda a: sla.solve_triangular(a, a, 3), errors.ArgumentError, "'T'"),
    "side": (lambda a: sla.polar(a, "up"), errors.ArgumentError, "'left'"),
    "rq mode": (lambda a: sla.rq(a, mode="raw"), errors.ArgumentError, "economic"),
    "e": (lambda a: sla.solve_continuous_are(a, a, a, a, e=a), errors.MissingRuleError, "inv(e)"),
    "exponent": (lambda a: sla.fractional_matrix_power(a, a[0, 0]), errors.DtypeError, "logm"),
    "null_space": (sla.null_space, errors.MissingRuleError, "pinv"),
    "toeplitz": (sla.toeplitz, errors.ShapeError, "vmap"),
    "bands": (lambda a: sla.solve_banded((1, 2), a, a), errors.ShapeError, "(4, n)"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    f, kind, part = BAD[name]
    with pytest.raises(kind) as caught:
        jit(f)(EYE + 0.1)
    assert part in str(caught.value)
    assert name == "not square" or isinstance(caught.value, errors.IsogradError)


def test_a_complex_principal_root_of_a_real_matrix():
    turned = -EYE
    for f in (sla.sqrtm, sla.logm, lambda a: sla.fractional_matrix_power(a, 0.5)):
        with pytest.raises(np.linalg.LinAlgError, match=r"astype\(complex\)"):
            jit(f)(turned)
        np.testing.assert_allclose(jit(f)(turned.astype(complex)), f(turned), atol=1e-14)


def test_a_real_schur_form_with_blocks_has_no_derivative():
    turn = np.array([[0.0, -1.0], [2.0, 0.0]])
    with pytest.raises(errors.MissingRuleError, match="complex"):
        jvp(lambda a: sla.schur(a)[0], (turn,), (turn,))
    assert isograd.jvp(lambda a: sla.schur(a, "complex")[0], (turn,), (turn,))
