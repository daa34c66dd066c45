"""Calls of isograd.random whose results are compared with those of JAX, one a line.

record.py runs them with JAX and keeps the results in recorded.npz; test_recorded.py runs them here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Call(NamedTuple):
    """`function(key(seed), *args, **kwargs)`.

    ulp: how far results may be apart, in units in the last place of the larger of the result and
    `scale`. share: the share of the elements that must be so close; the others may be anything.
    """

    function: str
    args: tuple = ()
    kwargs: dict = {}
    ulp: float = 0
    scale: float = 0
    share: float = 1
    seed: int = 42


F32, F64 = {"dtype": "float32"}, {"dtype": "float64"}
INT32, INT64, UINT8 = {"dtype": "int32"}, {"dtype": "int64"}, {"dtype": "uint8"}


def floats(function, *args, named=(), ulp=0, ulp64=0, **data):
    """The same call in both precisions, which parameters that are arrays have too.

    ulp64: the bound for float64, where that is wider: XLA's log1p and erfinv of doubles are off by
    up to 120 and 20 units. (test_bits.py bounds the error of ours.)
    """
    return [Call(function, tuple([x.astype(dtype["dtype"]) if isinstance(x, np.ndarray) else x
                                  for x in args]), {**dict(named), **dtype}, bound, **data)
            for dtype, bound in ((F32, ulp), (F64, ulp64 or ulp))]


def array(*values):
    return np.array(values, np.float64)


HALVES = array(0.5, 1.0, 1.5)
LOGITS = np.linspace(-1, 2, 12).reshape(3, 4)

BITS = [
    *[Call("bits", ((3, 5), f"uint{n}"), seed=seed)
      for n in (8, 16, 32, 64) for seed in (0, 2**40)],
    Call("bits", ((), "uint32")), Call("bits", ((0, 3), "uint32")),
    Call("bits", ((7,), "uint64"), seed=-1), Call("bits", ((7,), "uint64"), seed=2**63 - 1),
    *[Call("split", (n,)) for n in (2, 5, (2, 3))],
    *[Call("fold_in", (n,)) for n in (0, 1, 2**32 - 1)],
    Call("randint", ((50,), 0, 10), INT32), Call("randint", ((50,), -5, 2**31 - 1), INT32),
    Call("randint", ((50,), 0, 10), INT64), Call("randint", ((50,), -2**62, 2**62 + 7), INT64),
    Call("randint", ((50,), 0, 256), UINT8), Call("randint", ((50,), 3, 200), UINT8),
    Call("randint", ((50,), 0, 2**31), INT32), Call("randint", ((50,), -2**31, 2**31), INT32),
    Call("randint", ((50,), 0, 1000), {"dtype": "uint32"}),
    Call("randint", ((50,), -100, 100), {"dtype": "int16"}), Call("randint", ((9,), 5, 5), INT32),
    Call("randint", ((4, 3), np.array([0, 10, 20]), np.array([1, 20, 400])), INT64),
    Call("permutation", (17,)), Call("permutation", (np.arange(12).reshape(3, 4),)),
    Call("permutation", (np.arange(12).reshape(3, 4), 1)),
    Call("permutation", (np.arange(12).reshape(3, 4), 1, True)), Call("permutation", (5000,)),
    Call("choice", (10, (20,))), Call("choice", (10, (4,), False)),
    Call("choice", (np.arange(12.0).reshape(3, 4), (2, 3)), {"axis": 1}),
    Call("choice", (3, (30,), True, array(0.2, 0.5, 0.3))),
    Call("choice", (5, (4,), False, array(0.1, 0.2, 0.3, 0.2, 0.2))),
    Call("categorical", (LOGITS,)), Call("categorical", (LOGITS, 0)),
    Call("categorical", (LOGITS, 1, (5, 2, 3))), Call("categorical", (LOGITS,), {"mode": "high"}),
    Call("categorical", (LOGITS, -1, (2, 3), False)),
    Call("bernoulli", (0.3, (40,))), Call("bernoulli", (np.float32(0.3), (40,))),
    Call("bernoulli", (array(0.1, 0.9),)), Call("bernoulli", (0.3, (40,), "high")),
    Call("rademacher", ((30,), "int32")), Call("rademacher", ((30,), "float32")),
]

INVERTED = [
    *floats("uniform", (50,)), Call("uniform", ((20,), "float16")),
    *floats("uniform", (20,), named={"minval": -1.0, "maxval": 3.0}),
    *floats("uniform", (20,), named={"minval": -0.7, "maxval": 0.9}, ulp=1, scale=1),
    *floats("exponential", (50,), ulp=2, ulp64=256),
    *floats("gumbel", (50,), ulp=4, ulp64=256, scale=1),
    *floats("gumbel", (50,), named={"mode": "high"}, ulp=4, ulp64=256, scale=1),
    *floats("laplace", (50,), ulp=3, ulp64=256),
    *floats("logistic", (50,), ulp=4, ulp64=256, scale=1),
    *floats("cauchy", (50,), ulp=16, scale=1),
    *floats("pareto", HALVES, (20, 3), ulp=8, ulp64=256), *floats("pareto", HALVES, ulp=8),
    *floats("rayleigh", HALVES, (20, 3), ulp=4),
    *floats("triangular", 0.0, 0.3, 2.0, (30,), ulp=8),
    *floats("weibull_min", 2.0, 1.5, (30,), ulp=16, ulp64=256),
    Call("geometric", (0.2, (50,))), Call("geometric", (HALVES / 2, (20, 3))),
]

NORMAL = [
    *floats("normal", (100,), ulp=8, ulp64=32), Call("normal", ((30,), "complex64"), ulp=8),
    Call("normal", ((30,), "complex128"), ulp=8), Call("normal", ((4,), "float64"), seed=7, ulp=8),
    *floats("truncated_normal", -1.0, 2.0, (30,), ulp=16, scale=1),
    *floats("lognormal", 0.5, (30,), ulp=8), *floats("maxwell", (30,), ulp=8),
    *floats("double_sided_maxwell", 1.0, 2.0, (30,), ulp=16, scale=1),
    *floats("wald", HALVES, (20, 3), ulp=64, scale=1),
]

SHAPES = array(0.1, 0.7, 1.0, 3.0, 40.0)

GAMMAS = [
    *floats("gamma", SHAPES, (40, 5), ulp=64, share=0.99), *floats("gamma", 2.5, ulp=64),
    *floats("loggamma", SHAPES, (40, 5), ulp=64, ulp64=512, scale=1, share=0.99),
    *floats("beta", SHAPES, SHAPES[::-1], (40, 5), ulp=256, ulp64=512, share=0.99),
    *floats("dirichlet", SHAPES, (40,), ulp=256, ulp64=512, share=0.98),
    *floats("t", SHAPES + 1, (40, 5), ulp=256, share=0.99),
    *floats("chisquare", SHAPES, (40, 5), ulp=256, share=0.99),
    *floats("f", np.tile(SHAPES + 1, (40, 1)), np.tile(SHAPES + 2, (40, 1)), (40, 5), ulp=256,
            share=0.99),
    *floats("generalized_normal", 1.5, (100,), ulp=256, share=0.99),
    *floats("ball", 3, 2, (40,), ulp=256, share=0.99),
]

COUNTS = [
    *[Call("poisson", (lam, (100,)), share=0.99) for lam in (0.3, 5.0, 9.9, 10.0, 77.0, 500.0)],
    Call("poisson", (array(0.0, 1.0, 20.0, np.nan), (20, 4)), INT32, share=0.97),
    *[Call("binomial", (np.float64(n), np.float64(p), (100,)), share=0.99)
      for n, p in ((10, 0.3), (40, 0.1), (1000, 0.4), (1000, 0.9), (30, 1.0), (30, 0.0))],
    Call("binomial", (np.float32(500), np.float32(0.2), (50,), "float32"), share=0.98),
    Call("binomial", (array(-1.0, np.nan, 5.0, np.inf), array(0.5, 0.5, np.nan, 0.5))),
    Call("multinomial", (np.float64(100), array(0.2, 0.5, 0.3))),
    Call("multinomial", (array(20.0, 5000.0), np.full((2, 4), 0.25))),
]

COVARIANCE = array(2.0, 0.5, 0.5, 1.0).reshape(2, 2)

VECTORS = [
    *floats("multivariate_normal", array(1.0, 2.0), COVARIANCE, (30,), ulp=64, scale=4),
    *floats("multivariate_normal", np.zeros((3, 2)), COVARIANCE, ulp=64, scale=4),
    *floats("orthogonal", 4, (3,), ulp=64, scale=1),
    *floats("orthogonal", 4, named={"m": 2}, ulp=64, scale=1),
]

CALLS = [*BITS, *INVERTED, *NORMAL, *GAMMAS, *COUNTS, *VECTORS]
