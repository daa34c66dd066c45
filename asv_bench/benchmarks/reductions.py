"""Reductions over rows, columns and everything, compiled and in NumPy."""

import numpy as np

import isograd

from . import programs


class Reduce:
    params = [["isograd", "numpy"], ["sum", "max", "mean", "argmax"], [0, 1, None]]
    param_names = ["library", "operation", "axis"]

    def setup(self, library, operation, axis):
        function = getattr(np, operation)
        self.x, = programs.arrays((1000, 1000))
        self.reduce = lambda x: function(x, axis=axis)
        if library == "isograd":
            self.reduce = isograd.jit(self.reduce)
        self.reduce(self.x)

    def time_reduce(self, *_):
        self.reduce(self.x)
