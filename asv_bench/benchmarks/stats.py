"""Log-densities and their gradients: isograd's, compiled and not, and SciPy's.

The limit of a compiled normal log-density is one pass over memory; those of gamma and t take one
logarithm an element more. A gradient in the parameters is one more pass that adds up.
"""

import numpy as np
import scipy.stats

import isograd
from isograd.scipy import stats

SHAPES = {"norm": (), "gamma": (2.5,), "t": (4.0,)}


class LogDensity:
    params = [["jitted", "eager", "scipy"], list(SHAPES), [1, 10**5]]
    param_names = ["library", "distribution", "n"]

    def setup(self, library, distribution, n):
        x = np.random.default_rng(0).gamma(2.0, size=n)
        shapes = SHAPES[distribution]
        law = getattr(scipy.stats if library == "scipy" else stats, distribution)
        f = lambda x: law.logpdf(x, *shapes, 0.0, 1.5)
        f = isograd.jit(f) if library == "jitted" else f
        self.run = lambda: f(x)
        self.run()

    def time_logpdf(self, *_):
        self.run()


class Likelihood:
    """The gradient of the mean log-density in the shape and the scale."""

    params = [["jitted", "eager"], ["gamma", "t"], [10**5]]
    param_names = ["library", "distribution", "n"]

    def setup(self, library, distribution, n):
        x = np.random.default_rng(0).gamma(2.0, size=n)
        law = getattr(stats, distribution)
        f = isograd.grad(lambda a, scale: np.mean(law.logpdf(x, a, 0.0, scale)), (0, 1))
        f = isograd.jit(f) if library == "jitted" else f
        self.run = lambda: f(2.5, 1.5)
        self.run()

    def time_gradient(self, *_):
        self.run()
