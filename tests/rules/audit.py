"""Try every rule of a function on example arrays, and say which hold.

Values are checked against the plain call, tangents against differences, cotangents and second
derivatives against tangents, batches against a loop: nothing here knows a formula.
"""

from __future__ import annotations

import numpy as np

import isograd
from isograd._rules import Rules
from isograd.backends.cpu.table import why_unsupported
from isograd.backends.rewrite import simplify
from isograd.errors import ConcretizationError, DtypeError, MissingRuleError

# Verdicts; isograd._rules says what they mean.
YES, NONE, NUMBERS, GAP = "yes", "", "numbers", "gap"
STEP, CLOSE = 1e-6, {"rtol": 1e-4, "atol": 1e-5}


def audit(f, arrays, smooth, other=None):
    """Audit `f(*arrays) -> list of arrays`; AssertionError where a rule gives a wrong number.

    smooth: whether derivatives can be compared with differences here. other: the second example of
    a batch.
    """
    with np.errstate(all="ignore"):
        moving = [i for i, x in enumerate(arrays) if x.dtype.kind in "fc"]
        smooth = smooth and moving and any(np.asarray(y).dtype.kind in "fc" for y in f(*arrays))
        derivatives = [verdict(rule, f, arrays, moving) if smooth else NONE
                       for rule in (check_jvp, check_vjp, check_second)]
        return Rules(verdict(check_jit, f, arrays), *derivatives,
                     verdict(check_vmap, f, arrays, other or list(map(rolled, arrays))),
                     verdict(check_complex, f, arrays) if smooth else NONE, engine_of(f, arrays))


def verdict(rule, *args):
    """Whether a rule holds, or how it says that it does not."""
    try:
        return YES if rule(*args) is not False else NONE
    except ConcretizationError:
        return NUMBERS
    except (MissingRuleError, DtypeError):
        return GAP


def assert_all_close(got, want):
    for x, y in zip(got, want, strict=True):
        np.testing.assert_allclose(x, y, **CLOSE)


# ---- the rules ----

def check_jit(f, arrays):
    assert_all_close(isograd.jit(f, backend="reference")(*arrays), f(*arrays))


def rolled(x):
    return np.roll(x, 1) if x.ndim else x


def check_vmap(f, arrays, other):
    if not arrays:
        return False
    batches = [np.stack(pair) for pair in zip(arrays, other, strict=True)]
    got = isograd.vmap(f)(*batches)
    for i, row in enumerate((arrays, other)):
        assert_all_close([y[i] for y in got], f(*row))
    return True


def directions(arrays, moving, seed):
    rng = np.random.default_rng(seed)
    dots = [rng.normal(size=np.shape(arrays[i])) for i in moving]
    return [t.astype(arrays[i].dtype) for t, i in zip(dots, moving, strict=True)]


def on_moving(f, arrays, moving):
    """f as a function of its differentiable arguments, its results the differentiable ones."""
    def g(*xs):
        values = list(arrays)
        for i, x in zip(moving, xs, strict=True):
            values[i] = x
        return [y for y in f(*values) if y.dtype.kind in "fc"]
    return g, tuple(arrays[i] for i in moving)


def differences(g, primals, dots):
    high, low = [g(*[x + sign * STEP * t for x, t in zip(primals, dots, strict=True)])
                 for sign in (1, -1)]
    return [(a - b) / (2 * STEP) for a, b in zip(high, low, strict=True)]


def check_jvp(f, arrays, moving):
    g, primals = on_moving(f, arrays, moving)
    dots = tuple(directions(arrays, moving, 1))
    got = isograd.jvp(g, primals, dots)[1]
    assert_all_close(got, differences(g, primals, dots))


def pairing(xs, ys):
    """Re(sum(x y)): what holds also where the function only has a real derivative."""
    return np.real(np.sum([np.sum(x * y) for x, y in zip(xs, ys, strict=True)]))


def cotangents(outs):
    rng = np.random.default_rng(2)
    return [np.asarray(rng.normal(size=np.shape(y)), y.dtype)[()] for y in outs]


def check_vjp(f, arrays, moving):
    g, primals = on_moving(f, arrays, moving)
    dots = tuple(directions(arrays, moving, 1))
    outs, pull = isograd.vjp(g, *primals)
    cts = cotangents(outs)
    assert_all_close([pairing(pull(cts), dots)],
                     [pairing(cts, isograd.jvp(g, primals, dots)[1])])


def check_second(f, arrays, moving):
    """The derivative of the gradient of a combination of the results along a direction."""
    g, primals = on_moving(f, arrays, moving)
    dots = tuple(directions(arrays, moving, 3))

    def pulled(*xs):
        outs, pull = isograd.vjp(g, *xs)
        return list(pull(cotangents(outs)))

    assert_all_close(isograd.jvp(pulled, primals, dots)[1], differences(pulled, primals, dots))


def check_complex(f, arrays):
    """Forward mode at complex numbers, where the function takes them."""
    if not all(x.dtype.kind in "fc" for x in arrays) or not arrays:
        return False
    turned = [np.asarray(x * (0.9 + 0.1j)) for x in arrays]
    try:
        f(*turned)
    except (TypeError, ValueError, np.linalg.LinAlgError):
        return False
    check_jvp(f, turned, list(range(len(turned))))
    return True


def engine_of(f, arrays):
    """"yes" if the engine runs every operation on real numbers, else the operations it leaves."""
    if any(x.dtype.kind == "c" for x in arrays):
        return NONE
    try:
        graph = simplify(isograd.make_graph(f)(*arrays).graph)
    except ConcretizationError:
        return NONE
    except (MissingRuleError, DtypeError):
        return GAP
    left = {e.prim.name for e in graph.eqns if why_unsupported(e)}
    return ", ".join(sorted(left)) or YES
