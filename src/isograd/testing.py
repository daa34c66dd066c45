"""`audit`: try every rule of a function on example arguments, and compare numbers.

Values are compared between backends, tangents, cotangents and second derivatives with differences,
batches with a loop: nothing here knows a formula. It is imported by name:

>>> import numpy as np
>>> from isograd.testing import audit
>>> print(audit(lambda x: np.sort(x) * x, np.array([3.0, 1.0, 2.0])))
<lambda>
  jit     yes
  jvp     yes
  vjp     yes
  second  yes
  vmap    yes
  complex yes
  engine  sort
"""

from __future__ import annotations

import numpy as np

from isograd._rules import Rules
from isograd.backends.cpu.table import why_unsupported
from isograd.backends.rewrite import simplify
from isograd.errors import ConcretizationError, DtypeError, MissingRuleError
from isograd.refimpl import tree
from isograd.refimpl.backend import backend_names
from isograd.refimpl.jit import jit
from isograd.refimpl.transforms.grad import vjp
from isograd.refimpl.transforms.jvp import jvp
from isograd.refimpl.transforms.stage import make_graph
from isograd.refimpl.transforms.vmap import vmap

__all__ = ["audit"]

# Verdicts; isograd._rules says what they mean.
_YES, _NONE, _NUMBERS, _GAP = "yes", "", "numbers", "gap"
_STEP = 1e-6
_CLOSE = {"rtol": 1e-4, "atol": 1e-5}       # of derivatives


def audit(f, *args, other=None, derivatives=True, real=False):
    """Try every rule of f at `f(*args)`, and return what holds as a Rules record.

    args: pytrees of arrays and numbers; the first two derivatives in the real and complex ones are
    compared with differences, in double precision, if `derivatives`; f must be smooth there.
    other: a second tuple of arguments, of the same shapes, for a batch; without it, the same
    elements in another order. real: f is one of real numbers; else complex arguments are tried too,
    if f takes them. Every backend is tried.

    Raises AssertionError, naming the rule, where one gives a wrong number. A rule that is missing
    is "gap"; see `isograd.rules` for the verdicts.
    """
    leaves, struct = tree.flatten(args)
    arrays = list(map(np.asarray, leaves))
    others = (list(map(_rolled, arrays)) if other is None else
              list(map(np.asarray, tree.flatten_like(struct, other, "audit: other"))))

    def flat(*xs):
        return [y if hasattr(y, "dtype") else np.asarray(y)
                for y in tree.leaves(f(*tree.unflatten(struct, xs)))]
    with np.errstate(all="ignore"):
        found = _rules_of(flat, arrays, others, derivatives, real)
    return found._replace(name=getattr(f, "__name__", type(f).__name__))


def _rules_of(f, arrays, others, derivatives, real):
    moving = [i for i, x in enumerate(arrays) if x.dtype.kind in "fc"]
    smooth = derivatives and moving and any(y.dtype.kind in "fc" for y in f(*arrays))
    first = [_verdict(rule, f, arrays, moving) if smooth else _NONE
             for rule in (_check_jvp, _check_vjp, _check_second)]
    return Rules(_verdict(_check_jit, f, arrays), *first,
                 _verdict(_check_vmap, f, arrays, others),
                 _verdict(_check_complex, f, arrays) if smooth and not real else _NONE,
                 _engine_of(f, arrays))


def _verdict(rule, *args):
    """Whether a rule holds, or how it says that it does not."""
    try:
        return _YES if rule(*args) is not False else _NONE
    except ConcretizationError:
        return _NUMBERS
    except (MissingRuleError, DtypeError):
        return _GAP


def _assert_close(got, want, what):
    assert len(got) == len(want), what
    for x, y in zip(got, want, strict=True):
        np.testing.assert_allclose(x, y, **_CLOSE, err_msg=what)


# ---- the rules ----

def _check_jit(f, arrays):
    want = f(*arrays)
    for name in backend_names():
        got = jit(f, backend=name)(*arrays)
        for x, y in zip(got, want, strict=True):
            y = np.asarray(y)
            inexact = y.dtype.kind in "fc"
            error = np.sqrt(np.finfo(y.dtype).eps) if inexact else 0
            np.testing.assert_allclose(
                x, y, error, error * np.max(np.abs(y[np.isfinite(y)]), initial=0),
                err_msg=f"jit, on the backend {name!r}, gives another value than the plain call")


def _rolled(x):
    return np.roll(x, 1) if x.ndim else x


def _check_vmap(f, arrays, others):
    if not arrays:
        return False
    batches = [np.stack(pair) for pair in zip(arrays, others, strict=True)]
    got = vmap(f)(*batches)
    for i, row in enumerate((arrays, others)):
        _assert_close([y[i] for y in got], f(*row), f"vmap: example {i} is not that of a loop")
    return True


def _directions(arrays, moving, seed):
    rng = np.random.default_rng(seed)
    dots = [rng.normal(size=np.shape(arrays[i])) for i in moving]
    return tuple([np.asarray(t, arrays[i].dtype)[()] for t, i in zip(dots, moving, strict=True)])


def _on_moving(f, arrays, moving):
    """f as a function of its differentiable arguments, its results the differentiable ones."""
    def g(*xs):
        values = list(arrays)
        for i, x in zip(moving, xs, strict=True):
            values[i] = x
        return [y for y in f(*values) if y.dtype.kind in "fc"]
    return g, tuple([arrays[i] for i in moving])


def _differences(g, primals, dots):
    high, low = [g(*[x + sign * _STEP * t for x, t in zip(primals, dots, strict=True)])
                 for sign in (1, -1)]
    return [(a - b) / (2 * _STEP) for a, b in zip(high, low, strict=True)]


def _check_jvp(f, arrays, moving):
    g, primals = _on_moving(f, arrays, moving)
    dots = _directions(arrays, moving, 1)
    _assert_close(jvp(g, primals, dots)[1], _differences(g, primals, dots),
                  "jvp: a tangent is not the difference")


def _pairing(xs, ys):
    """Re(sum(x y)): what holds also where the function only has a real derivative."""
    return np.real(np.sum([np.sum(x * y) for x, y in zip(xs, ys, strict=True)]))


def _cotangents(outs):
    rng = np.random.default_rng(2)
    return [np.asarray(rng.normal(size=np.shape(y)), y.dtype)[()] for y in outs]


def _check_vjp(f, arrays, moving):
    g, primals = _on_moving(f, arrays, moving)
    dots = _directions(arrays, moving, 1)
    outs, pull = vjp(g, *primals)
    cts = _cotangents(outs)
    _assert_close([_pairing(pull(cts), dots)], [_pairing(cts, _differences(g, primals, dots))],
                  "vjp: the cotangents do not agree with differences")


def _check_second(f, arrays, moving):
    """The derivative of the gradient of a combination of the results along a direction."""
    g, primals = _on_moving(f, arrays, moving)
    dots = _directions(arrays, moving, 3)

    def pulled(*xs):
        outs, pull = vjp(g, *xs)
        return list(pull(_cotangents(outs)))
    _assert_close(jvp(pulled, primals, dots)[1], _differences(pulled, primals, dots),
                  "second derivative: the tangent of a gradient is not the difference")


def _check_complex(f, arrays):
    """Forward mode at complex numbers, where the function takes them."""
    if not all(x.dtype.kind in "fc" for x in arrays) or not arrays:
        return False
    turned = [np.asarray(x * (0.9 + 0.1j)) for x in arrays]
    try:
        f(*turned)
    except (TypeError, ValueError, np.linalg.LinAlgError):
        return False
    _check_jvp(f, turned, list(range(len(turned))))
    return True


def _engine_of(f, arrays):
    """"yes" if the engine runs every operation on real numbers, else the operations it leaves."""
    if any(x.dtype.kind == "c" for x in arrays):
        return _NONE
    try:
        graph = simplify(make_graph(f)(*arrays).graph)
    except ConcretizationError:
        return _NONE
    except (MissingRuleError, DtypeError):
        return _GAP
    left = {e.prim.name for e in graph.eqns if why_unsupported(e)}
    return ", ".join(sorted(left)) or _YES
