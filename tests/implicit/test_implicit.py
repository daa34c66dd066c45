"""custom_linear_solve and custom_root against closed forms and NumPy's own solve."""

import numpy as np
import pytest

import isograd
from isograd import grad, hessian, jit, jvp, lax, tree, vjp, vmap
from isograd.errors import DtypeError, MissingRuleError, TreeError

rng = np.random.default_rng(0)
A = rng.normal(size=(3, 3)) + 3 * np.eye(3)
S = A @ A.T
B = rng.normal(size=3)
AS = A + 0.1 * rng.normal(size=(4, 3, 3))
BS = rng.normal(size=(4, 3))

WRAPS = {"plain": lambda f: f, "jit": jit}


def dense(matvec, b):
    """The matrix of a linear map, and LAPACK: a way to solve that knows nothing of A."""
    matrix = np.stack([matvec(row) for row in isograd.numpy.eye(len(b), dtype=b.dtype)], 1)
    return np.linalg.solve(matrix, b)


def conjugate_gradients(matvec, b):
    """Hestenes and Stiefel's method: a loop of unknown length."""
    def body(state):
        x, r, p, rr = state
        q = matvec(p)
        alpha = rr / np.sum(p * q)
        x, r = x + alpha * p, r - alpha * q
        new = np.sum(r * r)
        return x, r, r + new / rr * p, new
    start = np.zeros_like(b), b, b, np.sum(b * b)
    return lax.while_loop(lambda s: s[3] > 1e-26, body, start)[0]


SOLVERS = {
    "general": lambda a, b: lax.custom_linear_solve(lambda x: a @ x, b, dense, dense),
    "symmetric": lambda a, b: lax.custom_linear_solve(
        lambda x: (a + a.T) @ x / 2, b, dense, symmetric=True),
    "iterative": lambda a, b: lax.custom_linear_solve(
        lambda x: a.T @ (a @ x), b, conjugate_gradients, symmetric=True),
}
EXACT = {
    "general": np.linalg.solve,
    "symmetric": lambda a, b: np.linalg.solve((a + a.T) / 2, b),
    "iterative": lambda a, b: np.linalg.solve(a.T @ a, b),
}


def close(got, want):
    for x, y in zip(tree.leaves(got), tree.leaves(want), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-8, atol=1e-9)


def loss(solve):
    return lambda a, b: np.sum(np.sin(solve(a, b)))


USES = {
    "value": lambda f: f(A, B),
    "jvp": lambda f: jvp(f, (A, B), (S, B ** 2)),
    "jvp in b": lambda f: jvp(lambda b: f(A, b), (B,), (B ** 2,)),
    "vjp": lambda f: vjp(f, A, B)[1](B ** 2),
    "grad": lambda f: grad(loss(f), (0, 1))(A, B),
    "hessian": lambda f: hessian(loss(f), (0, 1))(A, B),
    "grad of grad": lambda f: grad(lambda a: np.sum(grad(loss(f))(a, B) ** 2))(A),
    "jvp of jvp": lambda f: jvp(lambda a: jvp(f, (a, B), (S, B))[1], (A,), (S,)),
    "vmap": lambda f: vmap(f)(AS, BS),
    "vmap over b": lambda f: vmap(f, (None, 0))(A, BS),
    "vmap over A": lambda f: vmap(f, (0, None))(AS, B),
    "vmap of grad": lambda f: vmap(grad(loss(f), (0, 1)))(AS, BS),
    "grad of vmap": lambda f: grad(lambda a: np.sum(np.sin(vmap(f, (0, None))(a, B))))(AS),
    "in a scan": lambda f: grad(lambda a: lax.scan(
        lambda c, b: (f(a, c + b), None), B, BS)[0].sum())(A),
    "in a loop": lambda f: grad(lambda a: lax.fori_loop(0, 3, lambda i, c: f(a, c), B).sum())(A),
    "in a branch": lambda f: grad(lambda a: lax.cond(
        a[0, 0] > 0, lambda b: f(a, b), lambda b: b, B).sum())(A),
    "checkpoint": lambda f: grad(isograd.checkpoint(loss(f)))(A, B),
    "float32": lambda f: tree.map(lambda x: np.round(x, 3), f(A.astype("f4"), B.astype("f4"))),
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("solver", SOLVERS)
def test_linear_solves(solver, use, wrap):
    if solver == "iterative" and use == "float32":
        pytest.skip("the method does not converge to its bound in this precision")
    close(USES[use](WRAPS[wrap](SOLVERS[solver])), USES[use](EXACT[solver]))
    if use != "float32":
        close(WRAPS[wrap](lambda: USES[use](SOLVERS[solver]))(), USES[use](EXACT[solver]))


def test_a_complex_system():
    a, b = A + 1j * S, B + 1j * B ** 2
    for f in (SOLVERS["general"], jit(SOLVERS["general"])):
        close(f(a, b), np.linalg.solve(a, b))
        close(vjp(f, a, b)[1](b), vjp(np.linalg.solve, a, b)[1](b))


def block(a, c, b):
    """Two unknowns in a pytree: [[a, 1], [0, c]] [x, y] = b."""
    def matvec(u):
        return {"x": a @ u["x"] + u["y"], "y": c * u["y"]}

    def solve(matvec, b):
        y = b["y"] / c
        return {"x": np.linalg.solve(a, b["x"] - y), "y": y}

    def transpose_solve(vecmat, b):
        x = np.linalg.solve(a.T, b["x"])
        return {"x": x, "y": (b["y"] - x) / c}
    return lax.custom_linear_solve(matvec, b, solve, transpose_solve)


def block_exact(a, c, b):
    y = b["y"] / c
    return {"x": np.linalg.solve(a, b["x"] - y), "y": y}


@pytest.mark.parametrize("wrap", WRAPS)
def test_pytrees(wrap):
    args = A, 2.0, {"x": B, "y": B ** 2}
    total = lambda f: lambda *args: np.sum(f(*args)["x"] ** 2) + np.sum(np.cos(f(*args)["y"]))
    close(WRAPS[wrap](block)(*args), block_exact(*args))
    for n in range(3):
        close(WRAPS[wrap](grad(total(block), n))(*args), grad(total(block_exact), n)(*args))


def test_aux():
    def solve(a, b):
        return lax.custom_linear_solve(lambda x: a @ x, b,
                                       lambda f, b: (dense(f, b), {"norm": np.sum(b * b)}),
                                       lambda f, b: (dense(f, b), None), has_aux=True)
    x, aux = jit(solve)(A, B)
    close(x, np.linalg.solve(A, B))
    close(aux["norm"], np.sum(B * B))
    close(grad(lambda a: np.sum(solve(a, B)[0]))(A),
          grad(lambda a: np.sum(np.linalg.solve(a, B)))(A))
    assert grad(lambda b: solve(A, b)[1]["norm"])(B).tolist() == [0.0, 0.0, 0.0]
    close(vmap(solve)(AS, BS)[1]["norm"], np.sum(BS * BS, 1))


def test_reverse_mode_wants_a_transposed_solve():
    f = lambda a: np.sum(lax.custom_linear_solve(lambda x: a @ x, B, dense))
    close(jvp(f, (A,), (S,)), jvp(lambda a: np.sum(np.linalg.solve(a, B)), (A,), (S,)))
    with pytest.raises(MissingRuleError, match="transpose_solve"):
        grad(f)(A)


def test_the_solver_is_not_differentiated():
    """What it does with b may have no derivative, or a wrong one."""
    def solve(matvec, b):
        return isograd.pure_callback(lambda b: np.linalg.solve(A, b), b, b)
    f = lambda b: lax.custom_linear_solve(lambda x: A @ x, b, solve, lambda _, b: isograd.
                                          pure_callback(lambda b: np.linalg.solve(A.T, b), b, b))
    for g in (f, jit(f)):
        close(isograd.jacrev(g)(B), np.linalg.inv(A))
        close(isograd.jacfwd(g)(B), np.linalg.inv(A))


# ---- roots ----

def newton(f, x):
    def step(i, x):
        return x - f(x) / grad(f)(x)
    return lax.fori_loop(0, 25, step, x)


def scalar(g, y):
    return y / g(1.0)


def bisection(f, guess):
    """A way without any derivative, from 0 to 10."""
    def halve(i, ends):
        middle = (ends[0] + ends[1]) / 2
        low = f(middle) < 0
        return np.where(low, middle, ends[0]), np.where(low, ends[1], middle)
    low, high = lax.fori_loop(0, 80, halve, (0 * guess, 10 + 0 * guess))
    return (low + high) / 2


ROOTS = {
    "cube root": (lambda a: lax.custom_root(lambda x: x ** 3 - a, 1.0, newton, scalar), np.cbrt),
    "by bisection": (lambda a: lax.custom_root(lambda x: x ** 3 - a, 1.0, bisection, scalar),
                     np.cbrt),
    "logarithm": (lambda a: lax.custom_root(lambda x: np.exp(x) - a, 0.5, newton, scalar), np.log),
    "two ways in": (
        lambda a: a * lax.custom_root(lambda x: x * x / a - a ** 3, 2.0, newton, scalar),
        lambda a: a ** 3),
    "root of a root": (lambda a: lax.custom_root(
        lambda x: x * x - lax.custom_root(lambda y: y * y - a, 1.0, newton, scalar), 1.0, newton,
        scalar), lambda a: a ** 0.25),
    "guess that depends": (lambda a: lax.custom_root(lambda x: x * x - a, a, newton, scalar),
                           np.sqrt),
}
SCALAR_USES = {
    "value": lambda f: f(2.0),
    "grad": lambda f: grad(f)(2.0),
    "forward": lambda f: jvp(f, (2.0,), (3.0,)),
    "second": lambda f: grad(grad(f))(2.0),
    "third": lambda f: jvp(grad(grad(f)), (2.0,), (1.0,)),
    "vmap": lambda f: vmap(f)(np.array([1.0, 2.0, 3.0])),
    "vmap of second": lambda f: vmap(grad(grad(f)))(np.array([1.0, 2.0, 3.0])),
    "grad of vmap": lambda f: grad(lambda x: np.sum(vmap(f)(x) ** 2))(np.array([1.0, 2.0, 3.0])),
    "in a loop": lambda f: grad(lambda a: lax.fori_loop(0, 3, lambda i, c: f(c) + 1, a))(2.0),
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("use", SCALAR_USES)
@pytest.mark.parametrize("name", ROOTS)
def test_roots(name, use, wrap):
    f, exact = ROOTS[name]
    close(SCALAR_USES[use](WRAPS[wrap](f)), SCALAR_USES[use](exact))
    close(WRAPS[wrap](lambda: SCALAR_USES[use](f))(), SCALAR_USES[use](exact))


def test_a_root_that_is_a_pytree():
    """x = a y, y = b: two equations; the derivative by LAPACK on the leaves."""
    def linear(g, rhs):
        basis = [{"x": np.array([1.0, 0.0])[i], "y": np.array([0.0, 1.0])[i]} for i in range(2)]
        columns = [np.stack(tree.leaves(g(e))) for e in basis]
        x, y = np.linalg.solve(np.stack(columns, 1), np.stack(tree.leaves(rhs)))
        return {"x": x, "y": y}

    def root(a, b):
        f = lambda u: {"x": u["x"] - a * u["y"], "y": u["y"] ** 2 - b ** 2}
        out, aux = lax.custom_root(f, {"x": 1.0, "y": 1.0},
                                   lambda f, u: ({"x": a * b, "y": b}, {"steps": 7}), linear, True)
        return out["x"] * out["y"] + 0.0 * aux["steps"]
    exact = lambda a, b: a * b * b
    for f in (root, jit(root)):
        close(f(2.0, 3.0), 18.0)
        close(grad(f, (0, 1))(2.0, 3.0), grad(exact, (0, 1))(2.0, 3.0))
        close(hessian(f, (0, 1))(2.0, 3.0), hessian(exact, (0, 1))(2.0, 3.0))
        close(vmap(grad(f), (0, None))(np.array([1.0, 2.0]), 3.0), np.array([9.0, 9.0]))


def test_a_fixed_point_of_vectors():
    """x = tanh(W x + b), by iteration; the derivative by conjugate gradients' normal equations."""
    w = 0.3 * A / np.linalg.norm(A, 2)

    def solve_tangent(g, y):
        transposed = isograd.linear_transpose(g, y)
        return conjugate_gradients(lambda x: transposed(g(x))[0], transposed(y)[0])

    def fixed(w, b):
        f = lambda x: x - np.tanh(w @ x + b)
        return lax.custom_root(f, np.zeros(3), lambda f, x: lax.fori_loop(
            0, 60, lambda i, x: x - f(x), x), solve_tangent)

    def unrolled(w, b):
        x = np.zeros(3)
        for _ in range(60):
            x = np.tanh(w @ x + b)
        return x
    for wrap in WRAPS.values():
        close(wrap(fixed)(w, B), unrolled(w, B))
        close(wrap(grad(loss(fixed), (0, 1)))(w, B), grad(loss(unrolled), (0, 1))(w, B))
        close(wrap(isograd.jacfwd(fixed, 1))(w, B), isograd.jacfwd(unrolled, 1)(w, B))
        close(wrap(vmap(grad(loss(fixed)), (None, 0)))(w, BS),
              vmap(grad(loss(unrolled)), (None, 0))(w, BS))


def test_values_that_only_the_solver_uses_have_no_derivative():
    def root(a, rate):
        def solve(f, x):
            return lax.fori_loop(0, 200, lambda i, x: x - rate * f(x), x)
        return lax.custom_root(lambda x: x * x - a, 1.0, solve, scalar)
    for f in (root, jit(root)):
        close(grad(f, 1)(2.0, 0.3), 0.0)
        close(jvp(lambda rate: f(2.0, rate), (0.3,), (1.0,)), (np.sqrt(2), 0.0))


# ---- mistakes ----

MISTAKES = {
    "matvec": (lambda: lax.custom_linear_solve(lambda x: (x, x), B, dense), TreeError, "matvec"),
    "shape": (lambda: lax.custom_linear_solve(lambda x: x[:2], B, dense), DtypeError, "matvec"),
    "solve": (lambda: lax.custom_linear_solve(
        lambda x: x, {"a": B}, lambda f, b: {"a": b["a"][1:]}), DtypeError, r"solve.*\['a'\]"),
    "dtype": (lambda: lax.custom_linear_solve(lambda x: x, B, lambda f, b: b.astype("f4")),
              DtypeError, "f32"),
    "no pair": (lambda: lax.custom_linear_solve(lambda x: x, B, lambda f, b: b, has_aux=True),
                TreeError, "pair"),
    "residual": (lambda: lax.custom_root(lambda x: (x,), 1.0, newton, scalar), TreeError,
                 r"f\(x\)"),
    "root": (lambda: lax.custom_root(lambda x: x, 1.0, lambda f, x: np.ones(2), scalar), DtypeError,
             "result of solve"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(mistake):
    call, kind, what = MISTAKES[mistake]
    with pytest.raises(kind, match=what) as error:
        call()
    assert "test_implicit.py" in str(error.value)


def test_what_is_not_linear_cannot_be_transposed():
    same = lambda f, b: b
    f = lambda b: np.sum(lax.custom_linear_solve(lambda x: x * x, b, same, same))
    with pytest.raises(MissingRuleError, match="linear"):
        grad(f)(B)
