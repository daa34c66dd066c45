"""Loops: what a step costs, forward and backward, beside a loop in Python on NumPy's arrays.

Divide by the number of steps. The body is compiled, and the engine goes round it; backward through
fori_loop a step costs a call from Python, which keeps some of the states.
"""

import numpy as np

import isograd
from isograd import lax


def step(c):
    return np.sin(c) * 0.9 + 0.1


def by_python(x, steps):
    for _ in range(steps):
        x = step(x)
    return np.sum(x)


def by_scan(x, steps):
    return np.sum(lax.scan(lambda c, _: (step(c), None), x, None, steps)[0])


def by_fori(x, steps):
    return np.sum(lax.fori_loop(0, steps, lambda i, c: step(c), x))


LOOPS = {"python": by_python, "scan": by_scan, "fori_loop": by_fori}


class Steps:
    params = [list(LOOPS), [10, 1000], [100, 2000]]
    param_names = ["loop", "numbers", "steps"]

    def setup(self, loop, numbers, steps):
        compiled = (lambda f: f) if loop == "python" else isograd.jit
        f = lambda x: LOOPS[loop](x, steps)
        self.x = np.linspace(0.0, 1.0, numbers)
        self.run, self.slope = compiled(f), compiled(isograd.grad(f))
        self.run(self.x), self.slope(self.x)

    def time_values(self, *_):
        self.run(self.x)

    def time_gradient(self, *_):
        self.slope(self.x)


class Unjitted:
    """Every un-jitted call traces the body again."""

    def setup(self):
        self.x = np.ones(10)

    def time_cond(self):
        lax.cond(True, step, np.cos, self.x)

    def time_scan_of_ten_steps(self):
        by_scan(self.x, 10)
