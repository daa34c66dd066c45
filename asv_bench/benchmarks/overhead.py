"""Costs that do not depend on the size of the arrays: importing, tracing, calling."""

import subprocess
import sys

import numpy as np

import isograd

from . import programs


class Import:
    """Seconds of a fresh interpreter, with and without isograd."""

    timeout = 120

    def time_numpy(self):
        subprocess.run([sys.executable, "-c", "import numpy"], check=True)

    def time_isograd(self):
        subprocess.run([sys.executable, "-c", "import isograd"], check=True)


class Trace:
    """Tracing and planning: linear in the number of equations."""

    params = [10, 100, 1000]
    param_names = ["equations"]

    def setup(self, equations):
        def chain(x):
            for _ in range(equations // 2):
                x = np.sin(x) * 1.5
            return x
        self.chain, self.x = chain, np.ones(8)

    def time_make_graph(self, equations):
        isograd.make_graph(self.chain)(self.x)

    def time_first_call(self, equations):
        isograd.jit(self.chain)(self.x)

    def time_first_gradient(self, equations):
        isograd.jit(isograd.grad(lambda x: np.sum(self.chain(x))))(self.x)


class Call:
    """One call of a compiled function on tiny arguments."""

    def setup(self):
        self.scalar = isograd.jit(lambda x: x * 2.0 + 1.0)
        self.rosenbrock = isograd.jit(isograd.grad(programs.rosenbrock))
        self.tree = isograd.jit(lambda p: {"out": p["a"] + p["b"][0]})
        self.x = np.linspace(0.0, 1.0, 10)
        self.nest = {"a": self.x, "b": [self.x, self.x]}
        self.scalar(1.0), self.scalar(self.x), self.rosenbrock(self.x), self.tree(self.nest)

    def time_scalar(self):
        self.scalar(1.0)

    def time_array(self):
        self.scalar(self.x)

    def time_pytree(self):
        self.tree(self.nest)

    def time_rosenbrock_gradient(self):
        self.rosenbrock(self.x)


class Unjitted:
    """Derivatives without compilation, on ten numbers."""

    def setup(self):
        self.x = np.linspace(0.1, 1.0, 10)
        self.gradient = isograd.grad(lambda x: np.sum(np.sin(x) * x))
        self.rosenbrock = isograd.grad(programs.rosenbrock)

    def time_gradient_of_three_operations(self):
        self.gradient(self.x)

    def time_rosenbrock_gradient(self):
        self.rosenbrock(self.x)

    def time_jvp(self):
        isograd.jvp(lambda x: np.sin(x) * x, (self.x,), (self.x,))

    def time_vmap(self):
        isograd.vmap(lambda x: np.sin(x) * x)(self.x)
