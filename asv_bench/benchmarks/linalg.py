"""Gradients of linear algebra: one large matrix, and many small ones."""

import numpy as np

import isograd


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


class Hessian:
    def setup(self):
        self.a = np.eye(12) + 0.1
        self.run = isograd.jit(isograd.hessian(lambda a: np.linalg.slogdet(a)[1]))
        self.run(self.a)

    def time_slogdet(self):
        self.run(self.a)
