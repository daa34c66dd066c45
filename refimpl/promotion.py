"""Explicit dtypes: give every operand the dtype that its operation computes in.

NumPy's elementwise operations and products convert their operands first; here the conversion
becomes a `cast` equation, or a literal of the right type. Afterwards no operation depends on
promotion, or on whether a number is a Python scalar (NEP 50).
"""

from __future__ import annotations

import numpy as np

from .aval import Aval, dtype_argument, strong
from .graph import Eqn, Graph, Lit, Var
from .ops.elementwise import SciPyUfunc, loop_dtypes, resolve, weaken
from .ops.linear import cast_p, checked_cast_p

BOOL, INT64 = np.dtype(bool), np.dtype(np.int64)


def _like_ufunc(ufunc):
    return lambda eqn, dtypes: loop_dtypes(ufunc, *dtypes)[:-1]


def _select_dtypes(eqn, dtypes):
    out = eqn.outs[0].aval.dtype
    return BOOL, out, out


def _compared_dtypes(eqn, dtypes):
    """A Python integer need not fit the integers that it is compared with: none is converted."""
    loop = loop_dtypes(ufunc_of(eqn.prim), *dtypes)[:-1]
    if not any(_may_not_fit(a, dtype) for a, dtype in zip(eqn.args, loop, strict=True)):
        return loop
    return None if loop[0] == np.uint64 else (INT64, INT64)


def _result_dtypes(eqn, dtypes):
    return (eqn.outs[0].aval.dtype,) * len(dtypes)


# Operations whose implementation is not itself a ufunc.
_SPECIAL = {
    "select": _select_dtypes,
    "scale": _like_ufunc(np.multiply),
    "logistic": _like_ufunc(np.exp),
    "dot_general": _result_dtypes,
    **dict.fromkeys(("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
                    _compared_dtypes),
}


def operand_dtypes(eqn):
    """The dtypes that the operation computes in, or None if it takes its operands as they are."""
    rule = _SPECIAL.get(eqn.prim.name)
    if rule is None:
        ufunc = ufunc_of(eqn.prim)
        if ufunc is None:
            return None
        rule = _like_ufunc(ufunc)
    return rule(eqn, [dtype_argument(a.aval) for a in eqn.args])


def ufunc_of(prim):
    """The ufunc that a primitive is, or None. (Not all functions of scipy.special are ufuncs.)"""
    if not isinstance(prim.impl, (np.ufunc, SciPyUfunc)):
        return None
    impl = resolve(prim.impl)
    return impl if isinstance(impl, np.ufunc) else None


def explicit_dtypes(graph):
    """Insert the casts that NumPy's promotion implies."""
    eqns = []
    for e in graph.eqns:
        wanted = operand_dtypes(e)
        if wanted is None:
            eqns.append(e)
        else:
            args = tuple([_cast(a, dtype, e, eqns)
                          for a, dtype in zip(e.args, wanted, strict=True)])
            eqns.append(e._replace(args=args))
    return Graph(graph.inputs, tuple(eqns), graph.outputs)


def _may_not_fit(atom, dtype):
    """Whether an atom is a Python integer, yet unknown, that wants to be of a smaller dtype."""
    return (type(atom) is Var and atom.aval.weak and atom.aval.dtype.kind == "i"
            and dtype.kind in "iu" and dtype != INT64)


def _cast(atom, dtype, e, eqns):
    """The atom in the dtype that an equation wants; ufuncs refuse integers that do not fit."""
    is_literal = type(atom) is Lit
    if atom.aval.dtype == dtype and not (is_literal and atom.aval.weak):
        return atom
    if is_literal:
        return _cast_literal(atom, dtype)
    out = Var(Aval(atom.aval.shape, dtype))
    prim = checked_cast_p if e.prim.name != "select" and _may_not_fit(atom, dtype) else cast_p
    eqns.append(Eqn(prim, (atom,), {"dtype": dtype}, (out,), e.source))
    return out


def _cast_literal(lit, dtype):
    """The literal as NumPy converts it; as it is, if NumPy will raise an error when it is run."""
    try:
        with np.errstate(all="ignore"):
            return Lit(np.array(lit.value, dtype)[()])
    except (OverflowError, TypeError, ValueError):
        return lit


def without_weak(graph, first=0):
    """The graph with explicit dtypes, in which nothing is weak but the inputs before `first`.

    Functions that it calls get weak arguments where they want them.
    """
    graph, env, eqns = explicit_dtypes(graph), {}, []
    inputs = [v if i < first else _strong_var(v, env) for i, v in enumerate(graph.inputs)]
    for e in graph.eqns:
        args = [env.get(a, a) for a in e.args]
        if e.prim is weaken.prim and type(args[0]) is Var:
            env[e.outs[0]] = _as_strong(args[0], e, eqns)
            continue
        if e.prim.kind == "call":
            args = [_as_weak(new, a, e, eqns) for new, a in zip(args, e.args, strict=True)]
        eqns.append(e._replace(args=tuple(args)))
    return Graph(tuple(inputs), tuple(eqns), tuple([env.get(a, a) for a in graph.outputs]))


def _strong_var(v, env):
    if not v.aval.weak:
        return v
    env[v] = Var(strong(v.aval))
    return env[v]


def _as_strong(atom, e, eqns):
    if not atom.aval.weak:
        return atom
    out = Var(strong(atom.aval))
    eqns.append(Eqn(cast_p, (atom,), {"dtype": atom.aval.dtype}, (out,), e.source))
    return out


def _as_weak(atom, wanted, e, eqns):
    if atom is wanted or not wanted.aval.weak:
        return atom
    out = Var(wanted.aval)
    eqns.append(Eqn(weaken.prim, (atom,), {}, (out,), e.source))
    return out
