"""Writing into arrays: the same program on NumPy's arrays, traced, compiled, and in a gradient."""

import numpy as np

import isograd


def heat(u):
    """Explicit finite differences, in place."""
    u = u.copy()
    for _ in range(10):
        u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


def elements(u):
    """A write for each of the first 20 elements."""
    u = u.copy()
    for i in range(20):
        u[i] = u[i + 1] * u[0]
    return u


def views(u):
    """Rows of a matrix are views of it, and so are their halves."""
    u = u.copy()
    for row in u.reshape(10, -1):
        first, second = np.split(row, 2)
        first -= second
        second *= first
    return u


PROGRAMS = {f.__name__: f for f in (heat, elements, views)}
WAYS = {"numpy": lambda f: f, "jit": isograd.jit,
        "gradient": lambda f: isograd.grad(lambda u: np.sum(f(u))),
        "jit of gradient": lambda f: isograd.jit(isograd.grad(lambda u: np.sum(f(u))))}


class Write:
    params = [list(PROGRAMS), list(WAYS), [100, 100_000]]
    param_names = ["program", "way", "n"]

    def setup(self, program, way, n):
        self.u = np.linspace(0.5, 1.0, n)
        self.run = WAYS[way](PROGRAMS[program])
        self.run(self.u)

    def time_run(self, *_):
        self.run(self.u)


class WriteBack:
    """A compiled function that writes to its argument."""

    def setup(self):
        self.u = np.ones(10)
        self.run = isograd.jit(lambda u: u.__imul__(0.5) is None)
        self.run(self.u)

    def time_write_back(self):
        self.run(self.u)
