"""Gradients, compiled and by the reference interpreter."""

import numpy as np

import isograd

from . import programs

LOSSES = {
    "fused_sum": (programs.fused_sum, ((100_000,),) * 3),
    "layer_norm": (lambda *xs: np.sum(programs.layer_norm(*xs)), ((512, 768), (768,), (768,))),
    "cross_entropy": (programs.cross_entropy, ((256, 1024), (256, 1024))),
    "gelu": (lambda x: np.sum(programs.gelu(x)), ((512, 1024),)),
}


class Gradient:
    params = [["cpu", "reference"], list(LOSSES)]
    param_names = ["backend", "program"]

    def setup(self, backend, program):
        if backend not in isograd.backend_names():
            raise NotImplementedError(f"no {backend} backend here")
        function, shapes = LOSSES[program]
        self.run = isograd.jit(isograd.value_and_grad(function), backend=backend)
        self.args = programs.arrays(*shapes)
        self.run(*self.args)

    def time_gradient(self, *_):
        self.run(*self.args)


class MLP:
    """A training step 784-512-512-10, batch 128."""

    params = [["cpu", "reference"]]
    param_names = ["backend"]

    def setup(self, backend):
        if backend not in isograd.backend_names():
            raise NotImplementedError(f"no {backend} backend here")
        self.args = programs.mlp_inputs()
        self.step = isograd.jit(self._step, backend=backend)
        self.step(*self.args)

    @staticmethod
    def _step(params, x, onehot):
        loss, gradient = isograd.value_and_grad(programs.mlp_loss)(params, x, onehot)
        return loss, isograd.tree.map(lambda p, g: p - 0.1 * g, params, gradient)

    def time_step(self, _):
        self.step(*self.args)
