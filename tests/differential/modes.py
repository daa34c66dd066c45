"""What is done with a primitive before it is compiled: one function a mode.

Each takes a case of tests/cases.py and returns (function of arrays, arguments).
"""

import numpy as np

from isograd import grad, jvp, vjp, vmap

from ..cases import random_like, with_some_fixed


def value(case):
    return case.function(), case.arguments()


def batched(case):
    singles = [case.arguments(seed) for seed in range(3)]
    return vmap(case.function()), [np.stack(xs) for xs in zip(*singles, strict=True)]


def smooth(case):
    """The case as a function of the arguments that have a derivative, their values, directions."""
    args, moving = case.arguments(), case.differentiable()
    primals = [args[n] for n in moving]
    rng = np.random.default_rng(1)
    return with_some_fixed(case.function(), args, moving), primals, [
        random_like(rng, x) for x in primals]


def forward(case):
    f, primals, dots = smooth(case)
    n = len(primals)
    return lambda *xs: jvp(f, xs[:n], xs[n:]), [*primals, *dots]


def reverse(case):
    f, primals, _ = smooth(case)
    ct = random_like(np.random.default_rng(2), np.asarray(f(*primals))[()])
    return lambda *xs: vjp(f, *xs[:-1])[1](xs[-1]), [*primals, ct]


def second(case):
    """Forward over reverse."""
    pullback, args = reverse(case)
    *primals, ct = args
    rng = np.random.default_rng(3)
    dots = [random_like(rng, x) for x in primals]
    n = len(primals)
    return (lambda *xs: jvp(lambda *ys: pullback(*ys, ct), xs[:n], xs[n:])[1],
            [*primals, *dots])


def gradient_of_batches(case):
    """Reverse over a batch, of real results."""
    f, primals, _ = smooth(case)
    batch = [np.stack([x, x]) for x in primals]
    return lambda *xs: grad(lambda *ys: np.sum(np.real(vmap(f)(*ys))),
                            tuple(range(len(xs))))(*xs), batch


EXACT = {"value": value, "vmap": batched}
DERIVATIVES = {"jvp": forward, "vjp": reverse, "second": second,
               "grad of vmap": gradient_of_batches}
