"""What must be one kernel, compiled and in NumPy; and the memory that it needs."""

import numpy as np

import isograd

from . import programs

CASES = {
    "fused_sum": (programs.fused_sum, ((1_000_000,),) * 3),
    "softmax": (programs.softmax, ((512, 1024),)),
    "layer_norm": (programs.layer_norm, ((1024, 768), (768,), (768,))),
    "cross_entropy": (programs.cross_entropy, ((512, 1024), (512, 1024))),
    "gelu": (programs.gelu, ((1024, 1024),)),
}


class Fused:
    params = [["isograd", "numpy"], list(CASES)]
    param_names = ["library", "program"]

    def setup(self, library, program):
        function, shapes = CASES[program]
        self.run = isograd.jit(function) if library == "isograd" else function
        self.args = programs.arrays(*shapes)
        self.run(*self.args)

    def time_program(self, *_):
        self.run(*self.args)


class FusedSum:
    """The seed example from 1e3 to 1e7 elements."""

    params = [["isograd", "numpy"], [1_000, 10_000, 100_000, 1_000_000, 10_000_000]]
    param_names = ["library", "size"]

    def setup(self, library, size):
        self.run = isograd.jit(programs.fused_sum) if library == "isograd" else programs.fused_sum
        self.args = programs.arrays((size,), (size,), (size,))
        self.run(*self.args)

    def time_sum(self, *_):
        self.run(*self.args)


class Memory:
    """Bytes that a program asks for beside its inputs (planned) and at its peak (measured)."""

    params = [list(CASES)]
    param_names = ["program"]

    def setup(self, program):
        self.function, shapes = CASES[program]
        self.args = programs.arrays(*shapes)

    def track_planned_temporaries(self, program):
        return isograd.explain(self.function)(*self.args).arena_bytes
    track_planned_temporaries.unit = "bytes"

    def peakmem_compiled(self, program):
        isograd.jit(self.function)(*self.args)

    def peakmem_numpy(self, program):
        with np.errstate(all="ignore"):
            self.function(*self.args)
