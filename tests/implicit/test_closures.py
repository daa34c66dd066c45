"""What the functions of an equation close over, print and return beside its solution."""

import numpy as np
import pytest

import isograd
from isograd import debug, grad, jit, jvp, lax, linear_transpose, make_graph, vjp, vmap
from isograd.errors import ArgumentError, DtypeError, MissingRuleError

from .test_implicit import AS, BS, WRAPS, A, B, S, close, dense, newton, scalar

LOWER = np.array([[2.0, 0.0], [5.0, 3.0]])      # far from symmetric


def by_matrix(a, b):
    """The functions know the matrix, and do not look at the maps that they are given."""
    return lax.custom_linear_solve(lambda x: a @ x, b, lambda _, b: np.linalg.solve(a, b),
                                   lambda _, b: np.linalg.solve(a.T, b))


COMPOSED = {
    "grad of jit": lambda f: grad(jit(lambda a: np.sum(np.sin(f(a, B)))))(A),
    "jit of vmap of grad": lambda f: jit(vmap(grad(lambda a: np.sum(np.sin(f(a, B))))))(AS),
    "vjp of jvp": lambda f: vjp(lambda a: jvp(lambda b: f(a, b), (B,), (B ** 2,))[1], A)[1](B),
    "jvp of vjp": lambda f: jvp(lambda a: vjp(lambda b: f(a, b), B)[1](B)[0], (A,), (S,)),
    "inner variable": lambda f: grad(lambda a: np.sum(grad(
        lambda b: np.sum(f(a, b) ** 3))(B)))(A),
    "over an outer batch": lambda f: vmap(lambda a: grad(lambda b: np.sum(f(a, b) ** 2))(B))(AS),
    "in a while": lambda f: jvp(lambda a: lax.while_loop(
        lambda s: s[0] < 3, lambda s: (s[0] + 1, f(a, s[1])), (0, B))[1], (A,), (S,)),
    "grad of a while": lambda f: grad(lambda a: np.sum(lax.while_loop(
        lambda s: s[0] < 3, lambda s: (s[0] + 1, f(a, s[1])), (0, B))[1]))(A),
}


@pytest.mark.parametrize("use", COMPOSED)
def test_every_function_may_close_over_traced_values(use):
    close(COMPOSED[use](by_matrix), COMPOSED[use](np.linalg.solve))


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_the_transposed_solve_gives_the_cotangents(wrap):
    """A fault in transpose_solve is seen in reverse mode, and in no other."""
    def faulty(a, b):
        return lax.custom_linear_solve(lambda x: a @ x, b, dense, lambda f, b: 2 * dense(f, b))
    f = wrap(faulty)
    close(jvp(f, (A, B), (S, B)), jvp(np.linalg.solve, (A, B), (S, B)))
    close(vjp(f, A, B)[1](B), [2 * ct for ct in vjp(np.linalg.solve, A, B)[1](B)])


def test_a_symmetric_map_may_have_a_transposed_solve_of_its_own():
    f = lambda b: lax.custom_linear_solve(lambda x: S @ x, b, dense,
                                          lambda f, b: 3 * dense(f, b), symmetric=True)
    close(vjp(f, B)[1](B), (3 * np.linalg.solve(S, B),))


def test_batches_of_batches():
    many = np.stack([AS, AS + np.eye(3)])
    close(vmap(vmap(by_matrix, (0, None)), (0, None))(many, B), np.linalg.solve(many, B))
    close(vmap(vmap(by_matrix, (None, 0)), (0, None))(AS, BS),
          np.stack([[np.linalg.solve(a, b) for b in BS] for a in AS]))
    root = lambda a, b: lax.custom_root(lambda x: x * x - a * b, 1.0, newton, scalar)
    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
    close(vmap(vmap(grad(root), (None, 0)), (0, None))(a, b), np.sqrt(b / a[:, None]) / 2)


def test_batches_that_only_the_solver_sees():
    """Values that do not change the solution, but how it is found."""
    def f(scale, b):
        return lax.custom_linear_solve(lambda x: A @ x, b,
                                       lambda f, b: dense(f, scale * b) / scale, dense)
    scales = np.array([1.0, 2.0, 3.0, 4.0])
    for g in (f, jit(f)):
        close(vmap(g, (0, None))(scales, B), np.stack([np.linalg.solve(A, B)] * 4))
        close(grad(lambda s: np.sum(vmap(g)(s, BS)))(scales), np.zeros(4))


# ---- roots ----

def affine_root(b, tangent_solve):
    """LOWER x = b, as a root that LAPACK finds."""
    return lax.custom_root(lambda x: LOWER @ x - b, np.zeros(2),
                           lambda f, x: np.linalg.solve(LOWER, b), tangent_solve)


TANGENT_SOLVERS = {
    "of the map": dense,
    "of a matrix": lambda _, y: np.linalg.solve(LOWER, y),
    "not linear as a program": lambda g, y: np.exp(np.log(dense(g, y) + 100.0)) - 100.0,
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
@pytest.mark.parametrize("name", TANGENT_SOLVERS)
def test_reverse_mode_of_a_root_that_is_not_symmetric(name, wrap):
    f = wrap(lambda b: affine_root(b, TANGENT_SOLVERS[name]))
    b = np.array([1.0, -2.0])
    close(isograd.jacfwd(f)(b), np.linalg.inv(LOWER))
    close(isograd.jacrev(f)(b), np.linalg.inv(LOWER))


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_tangent_solve_may_close_over_what_is_differentiated(wrap):
    """The slope of x^2 - a at the root is 2 sqrt(a): known without asking."""
    def root(a):
        return lax.custom_root(lambda x: x * x - a, 1.0, newton,
                               lambda g, y: y / (2 * np.sqrt(a)))
    for use in (grad, lambda f: grad(grad(f)), lambda f: grad(jit(f)), lambda f: grad(vmap_one(f))):
        close(wrap(use(root))(2.0), use(np.sqrt)(2.0))


def vmap_one(f):
    return lambda a: vmap(f)(a * np.ones(1))[0]


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_a_complex_root(wrap):
    def step(f, x):
        return lax.fori_loop(0, 30, lambda i, x: x - f(x) / grad(f, holomorphic=True)(x), x)

    def root(a):
        return lax.custom_root(lambda x: x * x - a, 1 + 1j, step, scalar)
    f = wrap(root)
    a = 3.0 + 4.0j
    close(f(a), 2 + 1j)
    close(grad(f, holomorphic=True)(a), 1 / (2 * (2 + 1j)))
    close(grad(grad(f, holomorphic=True), holomorphic=True)(a), -1 / (4 * (2 + 1j) ** 3))


# ---- what stands beside the solution ----

def test_a_solver_prints_once(capsys):
    def solve(f, b):
        debug.print("solving")
        return dense(f, b)

    def linear(a):
        return np.sum(lax.custom_linear_solve(lambda x: (a + a.T) @ x, B, solve, symmetric=True))

    def root(a):
        def found(f, x):
            debug.print("solving")
            return newton(f, x)
        return lax.custom_root(lambda x: x * x - a, 1.0, found, scalar)
    for f, x in ((linear, S), (root, 2.0)):
        for use in (f, jit(f), grad(f), jit(grad(f)), lambda x, f=f: jvp(f, (x,), (x,))):
            use(x)
            assert capsys.readouterr().out == "solving\n"


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_numbers_of_python_stay_weak(wrap):
    def f(x):
        y, steps = lax.custom_linear_solve(lambda x: 2 * x, x, lambda _, b: (0.5 * b, 3),
                                           symmetric=True, has_aux=True)
        return y * steps
    out = wrap(f)(np.ones(2, "f4"))
    assert out.dtype == np.float32
    close(out, np.array([1.5, 1.5]))
    assert lax.custom_linear_solve(lambda x: x, np.float32(3), lambda _, b: 3.0).dtype == "f4"
    assert lax.custom_root(lambda x: x - 1.0, 0.0, lambda f, x: 1.0, scalar) == 1.0


def test_a_graph_shows_the_functions_inside():
    text = str(make_graph(by_matrix)(A, B).graph)
    assert "custom_linear_solve a b\n" in text        # every captured value once
    assert "dot" in text and text.count("solve[") + text.count(" solve ") >= 2
    assert "cos" in str(make_graph(lambda a: lax.custom_root(
        lambda x: np.cos(x) - a, 1.0, lambda f, x: np.arccos(a), scalar))(0.5).graph)


# ---- mistakes ----

MISTAKES = {
    "integers": (lambda: lax.custom_linear_solve(lambda x: x, np.arange(3), dense), DtypeError,
                 r"b\.astype\(float\)"),
    "integer guess": (lambda: lax.custom_root(lambda x: x, {"a": 1}, newton, scalar), DtypeError,
                      r"\['a'\]"),
    "nothing": (lambda: lax.custom_linear_solve(lambda x: x, (), dense), ArgumentError,
                "no number"),
    "tangent": (lambda: jit(lambda b: lax.custom_root(
        lambda x: x - b, b, newton_less, lambda g, y: y[:2]))(B), DtypeError, "tangent_solve"),
    "linear in the matrix": (lambda: linear_transpose(lambda a: by_matrix(a, B), A)(B),
                             MissingRuleError, "only in b"),
    "linear in a guess": (lambda: linear_transpose(lambda a: lax.custom_root(
        lambda x: x - a, 1.0, newton, scalar), 2.0)(1.0), MissingRuleError, "not linear"),
}


def newton_less(f, x):
    return x - f(x)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(mistake):
    call, kind, what = MISTAKES[mistake]
    with pytest.raises(kind, match=what):
        call()
