"""cg, bicgstab, gmres against LAPACK, and step by step against SciPy's."""

import functools
import inspect

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg as theirs

from isograd import grad, hessian, jit, lax, tree, vjp, vmap
from isograd.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError, TreeError
from isograd.scipy.sparse import linalg as ours

from ..implicit.test_implicit import USES, WRAPS, close

rng = np.random.default_rng(3)
N = 24
GENERAL = rng.normal(size=(N, N)) / np.sqrt(N) + 2 * np.eye(N)
DEFINITE = GENERAL.T @ GENERAL + np.diag(np.arange(N) / 4.0)
B, X0 = rng.normal(size=(2, N))

METHODS = {
    "cg": ours.cg,
    "bicgstab": ours.bicgstab,
    "gmres": ours.gmres,
    "gmres, restarted": functools.partial(ours.gmres, restart=7),
    "gmres, incremental": functools.partial(ours.gmres, solve_method="incremental"),
}


def matrix_of(name):
    return DEFINITE if name == "cg" else GENERAL


# ---- values ----

OPERATORS = {
    "array": lambda a: a,
    "nested list": lambda a: a.tolist(),
    "function": lambda a: lambda x: a @ x,
    "sparse array": scipy.sparse.csr_array,
    "sparse matrix": scipy.sparse.coo_matrix,
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
@pytest.mark.parametrize("kind", OPERATORS)
@pytest.mark.parametrize("name", METHODS)
def test_values(name, kind, wrap):
    a = matrix_of(name)
    operator = OPERATORS[kind](a)
    x, info = wrap(lambda b: METHODS[name](operator, b, tol=1e-12))(B)
    close(x, np.linalg.solve(a, B))
    assert info == 0
    loose = METHODS[name](operator, B)[0]
    assert 1e-12 < np.linalg.norm(a @ loose - B) / np.linalg.norm(B) <= 1e-5


DTYPES = {"f4": 1e-4, "f8": 1e-9, "c8": 1e-4, "c16": 1e-9}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", METHODS)
def test_dtypes(name, dtype):
    a = matrix_of(name).astype(dtype)
    if dtype[0] == "c":
        turn = np.triu(rng.normal(size=(N, N)), 1) * 0.1
        a = (a + 1j * (turn - turn.T)).astype(dtype)        # Hermitian for cg
    b = (B + 1j * X0).astype(dtype) if dtype[0] == "c" else B.astype(dtype)
    x, info = METHODS[name](a, b, tol=DTYPES[dtype] / 100)
    assert x.dtype == dtype and info == 0
    np.testing.assert_allclose(x, np.linalg.solve(a.astype("c16"), b), rtol=0,
                               atol=DTYPES[dtype])
    if dtype == "c16":
        pulled = vjp(lambda a, b: METHODS[name](a, b, tol=1e-12)[0], a, b)[1](B * (1 + 0j))
        close(pulled, vjp(np.linalg.solve, a, b)[1](B * (1 + 0j)))


def test_dtypes_of_the_matrix_count():
    assert ours.cg(np.eye(3) * 2, np.ones(3, "f4"))[0].dtype == np.float64
    assert ours.cg(np.eye(3) * 2j * -1j, np.ones(3))[0].dtype == np.complex128
    close(ours.cg(np.eye(3, dtype=int) * 2, np.array([2, 4, 6]))[0], np.array([1.0, 2.0, 3.0]))


STEPS = {
    "cg": (ours.cg, theirs.cg, DEFINITE),
    "bicgstab": (ours.bicgstab, theirs.bicgstab, GENERAL),
    "gmres": (functools.partial(ours.gmres, restart=3), functools.partial(theirs.gmres, restart=3),
              GENERAL),
}
SCALED = np.diag(1 / np.diagonal(DEFINITE))


@pytest.mark.parametrize("precondition", [None, SCALED], ids=["", "preconditioned"])
@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("name", STEPS)
def test_steps_are_scipys(name, steps, precondition):
    if name == "gmres" and precondition is not None:
        pytest.skip("SciPy preconditions from the left")
    mine, scipys, a = STEPS[name]
    got, info = mine(a, B, tol=1e-14, maxiter=steps, M=precondition)
    want, _ = scipys(a, B, rtol=1e-14, maxiter=steps, M=precondition)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)
    assert info == steps


@pytest.mark.parametrize("name", METHODS)
def test_gmres_and_others_on_a_single_number(name):
    close(METHODS[name](lambda x: 4.0 * x, 2.0)[0], np.float64(0.5))


# ---- derivatives: those of LAPACK's solution ----

def solution(name):
    """A function of a general matrix; cg gets a definite one."""
    if name == "cg":
        return lambda a, b: ours.cg(lambda x: a.T @ (a @ x), b, tol=1e-13)[0]
    return lambda a, b: METHODS[name](a, b, tol=1e-13)[0]


def exact(name):
    return (lambda a, b: np.linalg.solve(a.T @ a, b)) if name == "cg" else np.linalg.solve


@pytest.mark.parametrize("use", [use for use in USES if use != "float32"])
@pytest.mark.parametrize("name", ["cg", "bicgstab", "gmres"])
def test_derivatives(name, use):
    close(USES[use](solution(name)), USES[use](exact(name)))


@pytest.mark.parametrize("name", METHODS)
def test_compiled_second_derivatives(name):
    def of(solve):
        return jit(hessian(lambda s: np.sum(np.sin(solve(matrix_of("cg") * s + np.eye(N), B)))))
    close(of(lambda a, b: METHODS[name](a, b, tol=1e-13)[0])(0.7), of(np.linalg.solve)(0.7))


def test_a_batch_stops_one_by_one():
    """Easy and hard equations together: each solution is its own."""
    scales = np.array([0.0, 0.1, 1.0])

    def solve(s):
        return ours.cg(s * DEFINITE + np.eye(N), B, tol=1e-10, maxiter=12)
    x, info = vmap(solve)(scales)
    alone = list(map(solve, scales))
    close(x, np.stack([y for y, _ in alone]))
    assert info.tolist() == [i for _, i in alone]
    assert info[0] == 0 and info[2] == 12


def test_pytrees():
    a, c = DEFINITE, 3.0
    b = {"u": B.reshape(4, 6), "v": (2.0, X0)}

    def operator(x):
        u, (s, v) = x["u"], x["v"]
        return {"u": (a @ u.ravel()).reshape(4, 6) + s, "v": (c * 40 * s + np.sum(u), a @ v)}

    def dense():
        top = np.block([[a, np.ones((N, 1))], [np.ones((1, N)), np.full((1, 1), c * 40)]])
        us = np.linalg.solve(top, np.append(B, 2.0))
        return {"u": us[:-1].reshape(4, 6), "v": (us[-1], np.linalg.solve(a, X0))}
    for method in METHODS.values():
        x, info = method(operator, b, tol=1e-12)
        close(x, dense())
        assert tree.structure(x) == tree.structure(b) and info == 0


# ---- start, preconditioner, ends ----

@pytest.mark.parametrize("name", METHODS)
def test_the_start(name):
    a, method = matrix_of(name), METHODS[name]
    x = np.linalg.solve(a, B)
    near = x + 1e-3 * X0
    got, info = method(a, B, near, maxiter=0)
    assert np.array_equal(got, near) and info == 1
    assert np.array_equal(method(a, B, 1e6 * X0, maxiter=0)[0], np.zeros(N))    # 0 is nearer
    f = lambda s: np.sum(np.sin(method(s * a, B, near * s, tol=1e-13)[0]))
    close(grad(f)(1.0), grad(lambda s: np.sum(np.sin(np.linalg.solve(s * a, B))))(1.0))


@pytest.mark.parametrize("name", METHODS)
def test_an_inverse_as_preconditioner_needs_one_step(name):
    a = matrix_of(name)
    inverse = np.linalg.inv(a)
    for m in (inverse, lambda x: inverse @ x, scipy.sparse.csc_array(inverse)):
        x, info = METHODS[name](a, B, M=m, maxiter=1)
        assert info == 0
        np.testing.assert_allclose(x, np.linalg.solve(a, B), atol=1e-4)
    f = lambda b: np.sum(np.sin(METHODS[name](a, b, M=inverse, maxiter=1, tol=1e-12)[0]))
    close(grad(f)(B), grad(lambda b: np.sum(np.sin(np.linalg.solve(a, b))))(B))


@pytest.mark.parametrize("name", METHODS)
def test_too_few_steps_are_reported(name):
    x, info = jit(lambda b: METHODS[name](matrix_of(name), b, tol=1e-14, maxiter=1,
                                          **({} if name[0] != "g" else {"restart": 3})))(B)
    assert info == 1
    assert np.linalg.norm(matrix_of(name) @ x - B) < np.linalg.norm(B)


SKEW = np.array([[0.0, 1.0], [-1.0, 0.0]])
SINGULAR = np.diag([1.0, 1.0, 0.0])
BREAKDOWNS = {
    "cg": (ours.cg, np.diag([1.0, -1.0, 2.0]), np.ones(3)),
    "bicgstab": (ours.bicgstab, SKEW, np.array([1.0, 0.0])),
    "gmres": (ours.gmres, SINGULAR, np.ones(3)),
    "gmres, at once": (ours.gmres, np.zeros((2, 2)), np.ones(2)),
}


@pytest.mark.parametrize("name", BREAKDOWNS)
def test_a_breakdown_is_reported(name):
    method, a, b = BREAKDOWNS[name]
    x, info = method(a, b)
    assert info == -1 and np.all(np.isfinite(x))


def test_gmres_where_others_break_down():
    x, info = ours.gmres(SKEW, np.array([1.0, 0.0]))
    close(x, np.linalg.solve(SKEW, np.array([1.0, 0.0])))
    assert info == 0
    close(ours.gmres(SINGULAR, np.array([1.0, 2.0, 0.0]))[0], np.array([1.0, 2.0, 0.0]))


@pytest.mark.parametrize("name", METHODS)
def test_zero_and_nan(name):
    a, method = matrix_of(name), METHODS[name]
    x, info = method(a, np.zeros(N), X0)
    assert not x.any() and info == 0
    for bad in ((a, np.full(N, np.nan)), (a * np.nan, B)):
        x, info = method(*bad)
        assert np.all(np.isnan(x)) and info == -1


def test_a_linear_layer_inside_a_loop():
    """Implicit Euler steps of heat conduction: 3 solves, differentiated through a scan."""
    laplace = 2 * np.eye(N) - np.eye(N, k=1) - np.eye(N, k=-1)

    def by(solve):
        def end(conductivity):
            a = np.eye(N) + conductivity * laplace
            return np.sum(lax.scan(lambda u, _: (solve(a, u), None), B, None, 3)[0] ** 2)
        return jit(grad(end))(0.3)
    close(by(lambda a, b: ours.cg(a, b, tol=1e-13)[0]), by(np.linalg.solve))


# ---- the face ----

JAX_ARGUMENTS = {
    "cg": "A b x0 tol atol maxiter M", "bicgstab": "A b x0 tol atol maxiter M",
    "gmres": "A b x0 tol atol restart maxiter M solve_method",
}


@pytest.mark.parametrize("name", JAX_ARGUMENTS)
def test_arguments_are_those_of_jax(name):
    assert list(inspect.signature(getattr(ours, name)).parameters) == JAX_ARGUMENTS[name].split()


MISTAKES = {
    "not square": (lambda: ours.cg(np.ones((3, 2)), np.ones(3)), ShapeError, "A does not fit b"),
    "preconditioner": (lambda: ours.cg(np.eye(3), np.ones(3), M=np.eye(2)), ShapeError, "M"),
    "pytree": (lambda: ours.cg(np.eye(3), [np.ones(3)]), TreeError, "function"),
    "structure": (lambda: ours.gmres(lambda x: [x], np.ones(3)), TreeError, r"A\(x\)"),
    "shape": (lambda: ours.gmres(lambda x: x[:2], np.ones(3)), ShapeError, r"A\(x\)"),
    "dtype": (lambda: ours.bicgstab(lambda x: 1j * x, np.ones(3)), DtypeError, r"A\(x\)"),
    "precision": (lambda: ours.cg(np.eye(3, dtype="f4"), np.ones(3, "f4"),
                                  M=lambda x: x * np.ones(3)), DtypeError, r"M\(x\)"),
    "start": (lambda: ours.cg(np.eye(3), np.ones(3), np.ones(2)), TreeError, "x0"),
    "method": (lambda: ours.gmres(np.eye(3), np.ones(3), solve_method="qr"), ArgumentError, "qr"),
    "restart": (lambda: ours.gmres(np.eye(3), np.ones(3), restart=0), ArgumentError, "restart"),
    "operator": (lambda: ours.cg(theirs.aslinearoperator(np.eye(3)), np.ones(3)),
                 MissingRuleError, "LinearOperator"),
    "empty": (lambda: ours.cg(lambda x: x, ()), ArgumentError, "no number"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(mistake):
    call, kind, what = MISTAKES[mistake]
    with pytest.raises(kind, match=what):
        call()
