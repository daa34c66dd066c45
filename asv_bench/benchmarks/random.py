"""Random numbers: isograd's, compiled and not, NumPy's Philox (counter-based too) and its default.

The limit: 20 rounds of 3 operations and 10 additions of key words are 70 operations for an element,
on 16 lanes (AVX-512, 2 a cycle) 2.2 cycles: 9 ms for 10^7 elements at 2.6 GHz. Measured there on
one core: 11 ms for float32, 13 ms for float64.
"""

import numpy as np

import isograd


class Draw:
    params = [["jitted", "eager", "philox", "pcg64"], ["uniform", "normal"],
              ["float32", "float64"], [10, 10**4, 10**7]]
    param_names = ["library", "distribution", "dtype", "n"]

    def setup(self, library, distribution, dtype, n):
        if library in ("philox", "pcg64"):
            bits = {"philox": np.random.Philox, "pcg64": np.random.PCG64}[library]
            generator = np.random.Generator(bits(0))
            method = {"uniform": generator.random, "normal": generator.standard_normal}
            self.draw = lambda: method[distribution](n, dtype=dtype)
            return
        sampler, key = getattr(isograd.random, distribution), isograd.random.key(0)
        function = lambda key: sampler(key, (n,), dtype)
        function = isograd.jit(function) if library == "jitted" else function
        self.draw = lambda: function(key)
        self.draw()

    def time_draw(self, *_):
        self.draw()
