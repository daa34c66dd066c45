"""Fourier transforms: NumPy's own, compiled, and in a gradient; a filter by three transforms."""

import numpy as np

import isograd


def smoothed(x, w):
    return np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(w), x.shape[-1])



WAYS = {"numpy": lambda f: f, "jit": isograd.jit,
        "gradient": lambda f: isograd.jit(isograd.grad(lambda x, w: np.sum(f(x, w) ** 2)))}


class Filter:
    params = [list(WAYS), [64, 2**20]]
    param_names = ["way", "n"]

    def setup(self, way, n):
        rng = np.random.default_rng(0)
        self.x, self.w = rng.normal(size=(2, n))
        self.run = WAYS[way](smoothed)
        self.run(self.x, self.w)

    def time_filter(self, *_):
        self.run(self.x, self.w)


class Batch:
    """Many short transforms at once: `vmap` moves the axis, and transforms once."""

    def setup(self):
        self.x = np.random.default_rng(0).normal(size=(2000, 64))
        self.run = isograd.jit(isograd.vmap(isograd.grad(lambda x: np.sum(
            np.abs(np.fft.rfft(x)) ** 3))))
        self.run(self.x)

    def time_gradients(self):
        self.run(self.x)
