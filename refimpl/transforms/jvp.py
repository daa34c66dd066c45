"""Forward mode: carry a tangent beside each value."""

from __future__ import annotations

import numpy as np

from .. import tree
from ..aval import aval_of, check_array, float0, is_differentiable
from ..errors import DtypeError, ShapeError, TreeError
from ..mutation import values_of
from ..ops.linear import cast_to
from ..ops.movement import stop_gradient_p
from ..trace import Trace, Tracer, bind, check_alive, current_trace, running, use


class JVPTracer(Tracer):
    """A value and its tangent. The value is concrete unless an outer transformation hides it."""

    __slots__ = ("primal", "tangent")

    def __init__(self, trace, primal, tangent):
        self._trace = trace
        self.primal = primal
        self.tangent = tangent
        self._base = None

    @property
    def aval(self):
        return aval_of(self.primal)


class JVPTrace(Trace):
    """Apply each primitive's jvp rule. A tangent of None is zero, and costs nothing."""

    def process(self, prim, args, params):
        primals, tangents = self.split(args)
        if all_zero(tangents):
            return self.constant(prim, args, self.pass_on(prim, primals, params))
        with use(self.parent):
            out, dot = self.rule(prim)(prim, primals, tangents, params)
        if prim.multiple:
            return tuple(map(self.join, out, dot))
        return self.join(out, dot)

    def rule(self, prim):
        return prim.jvp

    def split(self, args):
        """Return the primals and the tangents of some values."""
        primals, tangents = [], []
        for a in args:
            if type(a) is JVPTracer and a._trace is self:
                primals.append(a.primal)
                tangents.append(a.tangent)
            else:
                primals.append(self.held(a) if type(a) is np.ndarray else a)
                tangents.append(None)
        if self.is_inner:       # what is kept for later must not be a handle of an outer trace
            primals = values_of(primals)
        return primals, tangents

    def held(self, x):
        """A plain array as what is done with it later may keep it: forward mode keeps nothing."""
        return x

    def join(self, primal, tangent):
        """A result. Floating-point arrays stay traced without a tangent: they can be written to."""
        if tangent is None and not (getattr(primal, "shape", ())
                                    and is_differentiable(primal.dtype)):
            return primal
        return JVPTracer(self, primal, tangent)

    def lift(self, x):
        mine = type(x) is JVPTracer and x._trace is self
        return x if mine else JVPTracer(self, x, None)



def all_zero(tangents):
    """Whether every tangent (or cotangent) is None, the symbolic zero."""
    for t in tangents:
        if t is not None:
            return False
    return True


def jvp_flat(fun, primals, tangents):
    """Run `fun(*primals) -> list` forward; return (results, tangents), None where zero."""
    trace = JVPTrace("jvp", current_trace())
    if trace.is_inner:
        primals, tangents = values_of(primals), values_of(tangents)
    with running(trace):
        outs = fun(*map(trace.join, primals, tangents))
    outs, dots = trace.split(outs)
    return check_alive(outs), dots


# ---- tangents at the border to the user: zeros are spelled out there ----

def tangent_dtype(dtype):
    return dtype if is_differentiable(dtype) else float0


def zeros_like_aval(aval):
    """The zero tangent of a value; for integers and booleans it is of dtype float0."""
    zeros = np.zeros(aval.shape, tangent_dtype(aval.dtype))
    return zeros if aval.shape or zeros.dtype == float0 else zeros[()]


def instantiate(tangent, primal):
    return zeros_like_aval(aval_of(primal)) if tangent is None else tangent


def own(values, others=()):
    """Copy results that are read-only, or share memory with one another or with the others."""
    seen = {id(_root(x)) for x in others if x is not None}
    return [_own(x, seen) for x in values]


def _own(x, seen):
    if type(x) is not np.ndarray:
        return x
    root = id(_root(x))
    if root in seen or not x.flags.writeable:
        return x.copy()
    seen.add(root)
    return x


def _root(x):
    base = getattr(x, "base", None)
    return x if base is None else base


def check_tangent(primal, tangent, what):
    """Return the tangent, or None if its primal has no derivative; it must match the primal."""
    want = aval_of(primal)
    if not is_differentiable(want.dtype):
        _check_no_tangent(want, tangent, what)
        return None
    if tangent is None:
        return None
    got = aval_of(tangent)
    if got.shape != want.shape:
        raise ShapeError(f"{what} has another shape than its value",
                         got=str(got), wanted=str(want))
    if (got.weak and want.weak) or (got.dtype == want.dtype and not got.weak):
        return tangent
    if got.weak:
        return want.dtype.type(tangent) if not isinstance(tangent, Tracer) else cast_to(
            tangent, want.dtype)
    if got.dtype.kind not in "biufc" or not np.can_cast(got.dtype, want.dtype, "same_kind"):
        raise DtypeError(f"{what} has another dtype than its value",
                         got=str(got), wanted=str(want), instead=f"x.astype({want.dtype.name!r})")
    return tangent.astype(want.dtype)


def _check_no_tangent(aval, tangent, what):
    if tangent is not None and aval_of(tangent).dtype.kind not in "Vbiu":
        raise DtypeError(f"{what} belongs to {aval}, which has no derivative",
                         got=str(aval_of(tangent)), wanted="None or zeros of isograd.float0")


def jvp(f, primals, tangents, has_aux=False):
    """Return `(f(*primals), J @ tangents)`: the value and its directional derivative.

    primals, tangents: tuples (or lists) of pytrees of the same structure; tangents of integer
    arguments are None or zeros of dtype `float0`. With `has_aux`, f returns (out, aux) and the
    result is (out, tangent, aux). Floating-point warnings are off while f runs.
    Raises TreeError, ShapeError or DtypeError on a mismatch.
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TreeError("jvp takes tuples of primals and of tangents",
                        got=f"{type(primals).__name__} and {type(tangents).__name__}",
                        instead="isograd.jvp(f, (x,), (x_dot,))")
    flat, struct = tree.flatten(tuple(primals))
    flat = [check_array(x, "jvp") for x in flat]
    dots = _tangent_leaves(struct, flat, tuple(tangents))
    box = {}

    def fun(*leaves):
        out = f(*tree.unflatten(struct, leaves))
        if has_aux:
            out, box["aux"] = aux_pair(out)
        outs, box["out"] = tree.flatten(out)
        return outs

    with np.errstate(all="ignore"):
        outs, out_dots = jvp_flat(fun, flat, dots)
    out_dots = own(map(instantiate, out_dots, outs), [*flat, *dots, *outs])
    result = tree.unflatten(box["out"], outs), tree.unflatten(box["out"], out_dots)
    return (*result, drop_tracers(box["aux"])) if has_aux else result


def aux_pair(out):
    """Check the result of a function with auxiliary output."""
    if not isinstance(out, tuple) or len(out) != 2:
        raise TreeError("has_aux=True wants a function that returns a pair (out, aux)",
                        got=type(out).__name__)
    return out


def _tangent_leaves(struct, primals, tangents):
    flat = tree.flatten_up_to(struct, tangents, "jvp: the tangents")
    return [check_tangent(x, t, f"jvp: tangent {i}")
            for i, (x, t) in enumerate(zip(primals, flat, strict=True))]


def drop_tracers(aux):
    """Return the auxiliary output with the values of finished JVP tracers in their place."""
    def value(x):
        while type(x) is JVPTracer and not x._trace.alive:
            x = x.primal
        return x
    return tree.map(value, aux)


def stop_gradient(x):
    """Return x, as a constant of every differentiation (works on pytrees)."""
    return tree.map(lambda leaf: bind(stop_gradient_p, leaf), x)
