"""What is audited of integrals, equations and minima, and of `lax` for many examples at once."""

from __future__ import annotations

import numpy as np

from isograd import grad, lax, vmap
from isograd.scipy import integrate, optimize

from .subjects import Subject

A, B = np.array(1.3), np.array(0.4)
SAMPLES = np.array([[0.3, -0.2, 0.9, 1.4, 0.2], [1.1, 0.5, -0.7, 0.3, 0.8]])
TIMES = np.array([0.0, 0.4, 0.9, 1.0, 1.7])
MATRIX = np.array([[3.0, 0.4, -0.2], [0.1, 2.0, 0.3], [-0.5, 0.2, 4.0]])
VECTOR = np.array([0.5, -1.0, 2.0])


# ---- scipy.integrate ----

def swing(t, y, a):
    return np.stack([y[1], -a * np.sin(y[0])])


def of_samples(name):
    """Of samples at equal distances, and with places."""
    rule = getattr(integrate, name)
    calls = [(lambda y: [rule(y, axis=0)], (SAMPLES.T.copy(),))]
    if name != "romb":
        calls.append((lambda y, x: [rule(y, x)], (SAMPLES, TIMES)))
    return calls


PRECISE = {"rtol": 1e-10, "atol": 1e-10}
INTEGRATE = {
    **{name: of_samples(name) for name in ("cumulative_trapezoid", "romb", "simpson",
                                           "trapezoid")},
    "fixed_quad": [(lambda a, b: [integrate.fixed_quad(lambda x: np.exp(-a * x) * x, 0.0, b)[0]],
                    (A, B))],
    "quad": [(lambda a, b: [integrate.quad(lambda x: np.sin(a * x), b, 2.0)[0]], (A, B)),
             (lambda a: [integrate.quad(lambda x: np.exp(-a * x * x), -np.inf, np.inf)[0]], (A,))],
    "odeint": [(lambda y, t, a: [integrate.odeint(lambda y, t: swing(t, y, a), y, t, **PRECISE)],
                (np.array([0.5, 0.0]), TIMES, A))],
    "solve_ivp": [(lambda y, a: [integrate.solve_ivp(
        swing, (0.0, 1.7), y, t_eval=TIMES, args=(a,), **PRECISE).y],
        (np.array([0.5, 0.0]), A))],
}


# ---- scipy.optimize ----

def cubic(x, a):
    return x ** 3 - a * x - 1


def bowl(x, a):
    return np.sum((x - a) ** 4 + (x - 1) ** 2) + x[0] * x[1]


def decay(t, a, b):
    return a * np.exp(-b * t)


def bracketed(name):
    return lambda a: [getattr(optimize, name)(cubic, 0.5, 4.0, (a,), xtol=1e-14)]


OPTIMIZE = {
    **{name: [(bracketed(name), (A,))] for name in ("bisect", "brentq")},
    "curve_fit": [(lambda y: [optimize.curve_fit(decay, TIMES, y, np.array([1.0, 1.0]))[0]],
                   (np.array([1.5, 1.1, 0.7, 0.72, 0.4]),))],
    "fixed_point": [(lambda a: [optimize.fixed_point(lambda x: np.cos(a * x), 0.7, xtol=1e-12)],
                     (A,))],
    "least_squares": [(lambda a: [optimize.least_squares(
        lambda x: np.stack([x[0] - a, x[0] * x[1] - 1, x[1] + x[0] ** 2]), np.ones(2),
        xtol=1e-14, ftol=1e-14, gtol=1e-12).x], (A,))],
    "minimize": [(lambda a: [optimize.minimize(bowl, np.zeros(2), (a,), tol=1e-12).x],
                  (np.array([1.3, 0.4]),))],
    "newton": [(lambda a: [optimize.newton(cubic, 2.0, args=(a,), tol=1e-13)], (A,))],
    "root": [(lambda a: [optimize.root(lambda x: np.stack([x[0] ** 3 - a[0], x[0] * x[1] - a[1]]),
                                       np.ones(2), tol=1e-13).x], (np.array([1.3, 0.4]),))],
    "root_scalar": [(lambda a: [optimize.root_scalar(cubic, (a,), bracket=(0.5, 4.0)).root], (A,)),
                    (lambda a: [optimize.root_scalar(cubic, (a,), x0=2.0).root], (A,))],
}


# ---- lax: equations, and the examples of a named axis ----

def newton(f, x):
    return lax.fori_loop(0, 30, lambda i, x: x - f(x) / grad(f)(x), x)


def divided(g, y):
    return y / g(1.0)


def solved(matvec, b):
    return np.linalg.solve(np.stack([matvec(row) for row in np.eye(b.shape[0])], 1), b)


def over_examples(f):
    return lambda x: [vmap(f, axis_name="i")(x)]


def reduced(name):
    return over_examples(lambda x: getattr(lax, name)(x * x, "i") * x)


def ring(x):
    return lax.ppermute(x * x, "i", [(0, 1), (1, 2), (2, 0)])


LAX = {
    "custom_root": [(lambda a: [lax.custom_root(lambda x: cubic(x, a), 2.0, newton, divided)],
                     (A,))],
    "custom_linear_solve": [(lambda a, b: [lax.custom_linear_solve(
        lambda x: a @ x, b, solved, transpose_solve=solved)], (MATRIX, VECTOR))],
    **{name: [(reduced(name), (MATRIX,))] for name in ("pmax", "pmean", "pmin", "psum")},
    "all_gather": [(over_examples(lambda x: lax.all_gather(x * x, "i") @ x), (MATRIX,))],
    "all_to_all": [(over_examples(lambda x: lax.all_to_all(x * x, "i", 0, 0)), (MATRIX,))],
    "pbroadcast": [(over_examples(lambda x: lax.pbroadcast(x * x, "i", 1) * x), (MATRIX,))],
    "ppermute": [(over_examples(ring), (MATRIX,))],
    "pshuffle": [(over_examples(lambda x: lax.pshuffle(x * x, "i", [2, 0, 1])), (MATRIX,))],
    "psum_scatter": [(over_examples(lambda x: lax.psum_scatter(x * x, "i")), (MATRIX,))],
    "pswapaxes": [(over_examples(lambda x: lax.pswapaxes(x * x, "i", 0)), (MATRIX,))],
    "axis_index": [(over_examples(lambda x: lax.axis_index("i") + 0 * x.astype(int)), (MATRIX,))],
}


def subjects(table):
    return {name: [Subject(f, list(arrays), True, [1.05 * x for x in arrays])
                   for f, arrays in calls] for name, calls in table.items()}


SECTIONS = {"scipy.integrate": subjects(INTEGRATE), "scipy.optimize": subjects(OPTIMIZE),
            "lax": subjects(LAX)}
