"""Elementwise chains, compiled and in NumPy."""

import numpy as np

import isograd

from . import programs


class Chain:
    params = [["isograd", "numpy"], ["float32", "float64"], [100, 10_000, 1_000_000]]
    param_names = ["library", "dtype", "size"]

    def setup(self, library, dtype, size):
        wrap = isograd.jit if library == "isograd" else lambda f: f
        self.x, self.y = programs.arrays((size,), (size,), dtype=dtype)
        self.gelu = wrap(programs.gelu)
        self.arithmetic = wrap(lambda x, y: np.where(x > y, x * y - x, y / (x + 1)))
        self.exp = wrap(np.exp)
        self.gelu(self.x), self.arithmetic(self.x, self.y), self.exp(self.x)

    def time_gelu(self, *_):
        self.gelu(self.x)

    def time_arithmetic(self, *_):
        self.arithmetic(self.x, self.y)

    def time_exp(self, *_):
        self.exp(self.x)


class Broadcast:
    params = [["isograd", "numpy"]]
    param_names = ["library"]

    def setup(self, library):
        wrap = isograd.jit if library == "isograd" else lambda f: f
        self.args = programs.arrays((1000, 768), (768,), (1000, 1))
        self.rows_and_columns = wrap(lambda x, row, column: x * row + column)
        self.transposed = wrap(lambda x, row, column: x.T + column[:, 0])
        self.rows_and_columns(*self.args), self.transposed(*self.args)

    def time_rows_and_columns(self, _):
        self.rows_and_columns(*self.args)

    def time_transposed(self, _):
        self.transposed(*self.args)
