"""Gradients of linear algebra: one large matrix, and many small ones."""

import numpy as np

import isograd
import isograd.scipy.linalg as sla


def log_likelihood(a):
    """Of a Gaussian, by the Cholesky factor."""
    low = np.linalg.cholesky(a)
    return np.sum(np.log(np.diagonal(low, 0, -2, -1))) + np.sum(np.linalg.inv(a))


FUNCTIONS = {
    "solve": lambda a: np.sum(np.linalg.solve(a, a[..., :1])),
    "slogdet": lambda a: np.sum(np.linalg.slogdet(a)[1]),
    "log_likelihood": log_likelihood,
    "eigvalsh": lambda a: np.sum(np.linalg.eigvalsh(a) ** 3),
    "svd": lambda a: np.sum(np.linalg.svd(a)[0]),
    "qr": lambda a: np.sum(np.linalg.qr(a)[0]),
}
SHAPES = {"one of 200": (200, 200), "1000 of 3": (1000, 3, 3)}


class Gradient:
    params = [list(FUNCTIONS), list(SHAPES)]
    param_names = ["function", "matrices"]

    def setup(self, function, matrices):
        a = np.random.default_rng(0).normal(size=SHAPES[matrices])
        n = a.shape[-1]
        self.a = a @ np.swapaxes(a, -1, -2) + n * np.eye(n)
        self.run = isograd.jit(isograd.grad(FUNCTIONS[function]))
        self.run(self.a)

    def time_gradient(self, *_):
        self.run(self.a)


OF_SCIPY = {
    "expm": lambda a: np.sum(sla.expm(a)),
    "sqrtm": lambda a: np.sum(sla.sqrtm(a)),
    "cho_solve": lambda a: np.sum(sla.cho_solve(sla.cho_factor(a), a)),
    "solve_sylvester": lambda a: np.sum(sla.solve_sylvester(a, a, a)),
}


class OfSciPy:
    """The value and its gradient cost a few times what SciPy's value does."""

    params = [list(OF_SCIPY), ["value", "gradient"]]
    param_names = ["function", "of"]

    def setup(self, function, of):
        a = np.random.default_rng(0).normal(size=(50, 50))
        self.a = a @ a.T / 50 + np.eye(50)
        f = OF_SCIPY[function]
        self.run = f if of == "value" else isograd.jit(isograd.grad(f))
        self.run(self.a)

    def time_run(self, *_):
        self.run(self.a)


class Hessian:
    def setup(self):
        self.a = np.eye(12) + 0.1
        self.run = isograd.jit(isograd.hessian(lambda a: np.linalg.slogdet(a)[1]))
        self.run(self.a)

    def time_slogdet(self):
        self.run(self.a)
