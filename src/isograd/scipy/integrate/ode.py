"""Ordinary differential equations with a given start: odeint, solve_ivp."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd import tree
from isograd.refimpl.errors import ArgumentError, ShapeError
from isograd.refimpl.numpy.common import (
    has_tracers,
    is_traced,
    ndim_of,
    shape_of,
    strong_operand,
    to_float,
)
from isograd.refimpl.numpy.concrete import primal_of
from isograd.scipy._arguments import bound, refuse
from isograd.scipy._implicit import raveled, raveled_like

from . import stepping


def odeint(func, y0, t, *further, args=(), tfirst=False, rtol=1.4e-8, atol=1.4e-8, h0=0.0,
           hmax=0.0, mxstep=0, Dfun=None, col_deriv=0, ml=None, mu=None, **others):
    """Solve dy/dt = func(y, t, *args) from y(t[0]) = y0; return y at the times t.

    y0: an array, a list of numbers, which means an array, or a pytree of arrays; func returns what
    is like it. t: a vector of ascending or descending times. Each array of the result has the times
    as its first axis. Further arguments of func are given one by one, as in JAX, where a tuple is
    one argument, or by name as the tuple args, as in SciPy. tfirst: whether func takes
    (t, y, *args).

    rtol, atol: bounds on the error of a step, relative to y and absolute. mxstep: the most steps,
    of all; h0: the first one, hmax: the longest; 0 for no choice. Times that are not reached (a
    step became too short, or too many) get NaN. Dfun, col_deriv, ml and mu are about a Jacobian,
    which is not needed.

    Dormand and Prince's method of order 5 with adaptive steps, and its continuous extension.
    Differentiable in y0, t, args, and in what func captures, in both modes and again.
    Raises ShapeError, ArgumentError, MissingRuleError.
    """
    refuse("odeint", others, _REFUSED_BY_ODEINT)
    if further and args != ():
        raise ArgumentError("odeint: further arguments of func are given twice",
                            got=f"{len(further)} by position, and args", wanted="one of these")
    f = bound("odeint", func, further or args)
    t = _times("odeint", t)
    vector, shapes = raveled(y0, "odeint")

    def fun(t, y):
        y = shapes.restored(y)
        return raveled_like(shapes, f(t, y) if tfirst else f(y, t), "odeint: what func returns",
                            "y")
    rtol, atol = [1.4e-8 if x is None else x for x in (rtol, atol)]
    p = stepping.problem(fun, t[0], vector, t[-1], rtol=rtol, atol=atol,
                         longest=_choice(hmax, np.inf), most=_choice(mxstep, np.inf))
    _, ys = stepping.values_at(p, stepping.start(p, t[0], vector, _choice(h0, None)), t[1:])
    ys = np.concatenate([vector[None], ys])
    parts = np.split(ys, np.cumsum([int(np.prod(s)) for s in shapes.shapes])[:-1], 1)
    return tree.unflatten(shapes.struct, [np.reshape(part, (shape_of(t)[0], *shape)) for
                                          part, shape in zip(parts, shapes.shapes, strict=True)])


_ONE_METHOD = "no such argument: the method is explicit, of order 5"
_REFUSED_BY_ODEINT = {
    # argument: (what to write instead, the values that ask for nothing)
    "full_output": ("solve_ivp, whose result says how it went", 0, False),
    "tcrit": ("an integration from each critical time to the next", ),
    "hmin": (_ONE_METHOD, 0.0, 0), "ixpr": (_ONE_METHOD, 0, False), "mxhnil": (_ONE_METHOD, 0),
    "mxordn": (_ONE_METHOD, 12), "mxords": (_ONE_METHOD, 5), "printmessg": (_ONE_METHOD, 0, False)}


def _choice(x, otherwise):
    """SciPy's 0 for what the solver chooses."""
    return x if is_traced(x) or x else otherwise


def _times(name, t):
    t = to_float(strong_operand(t))
    if ndim_of(t) != 1 or not shape_of(t)[0]:
        raise ShapeError(f"{name}: the times are a vector", got=str(shape_of(t)), wanted="(n,)")
    _check_order(name, t)
    return t


def _check_order(name, t):
    numbers = primal_of(t)
    if has_tracers([numbers]):
        return
    steps = np.diff(numbers)
    if not (np.all(steps >= 0) or np.all(steps <= 0)):
        raise ArgumentError(f"{name}: the times are not in order", got=str(numbers))


class OdeResult(NamedTuple):
    """What solve_ivp found: a pytree, so it goes through jit and vmap.

    t: times; y: (n, times); status: 0, or -1 if the steps became too short: then times that were
    not reached have NaN. nfev: evaluations of fun.
    """

    t: object
    y: object
    nfev: object
    status: object
    success: object

    @property
    def message(self):
        """The status in words."""
        return _MESSAGES[int(self.status)]


_MESSAGES = {0: "the end of the interval was reached",
             -1: "the step became shorter than the spacing of the numbers"}


def solve_ivp(fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None,
              vectorized=False, args=None, *, rtol=1e-3, atol=1e-6, first_step=None,
              max_step=np.inf, **others):
    """Solve dy/dt = fun(t, y, *args) from y(t_span[0]) = y0 to t_span[1]; return an OdeResult.

    y0: a vector, real or complex. method: "RK45" (Dormand and Prince) or "RK23" (Bogacki and
    Shampine). t_eval: the times to report, within t_span and in order; None for the ends of the
    steps taken, whose number must be known: not under jit or vmap. The steps are those of SciPy.
    vectorized is taken as a hint, and does not change the result.

    Differentiable in y0, args, both ends, t_eval, and in what fun captures.
    Raises MissingRuleError for events, dense_output and other methods; ShapeError, ArgumentError.
    """
    refuse("solve_ivp", {"dense_output": dense_output, "events": events, **others},
           _REFUSED_BY_SOLVE_IVP)
    t0, t1 = [to_float(strong_operand(t)) for t in t_span]
    y0 = to_float(strong_operand(y0))
    if ndim_of(y0) != 1:
        raise ShapeError("solve_ivp: y0 is a vector", got=str(shape_of(y0)), wanted="(n,)",
                         instead="odeint for pytrees")
    given = bound("solve_ivp", fun, () if args is None else tuple(args))
    p = stepping.problem(given, t0, y0, t1, method=method, rtol=rtol, atol=atol, longest=max_step)
    s = stepping.start(p, t0, y0, first_step)
    times = _reported(p, s, t0, t1) if t_eval is None else _within(t_eval, t0, t1)
    s, ys = stepping.values_at(p, s, times)
    return OdeResult(times, np.swapaxes(ys, 0, 1), s.nfev, np.where(s.failed, -1, 0), ~s.failed)


_NO_JACOBIAN = "no such argument: the methods are explicit, and need no Jacobian"
_REFUSED_BY_SOLVE_IVP = {
    # argument: (what to write instead, the values that ask for nothing)
    "dense_output": ("t_eval=times", False), "events": ("t_eval=times", ),
    "min_step": (_NO_JACOBIAN, 0.0, 0), "jac": (_NO_JACOBIAN, ), "jac_sparsity": (_NO_JACOBIAN, ),
    "lband": (_NO_JACOBIAN, ), "uband": (_NO_JACOBIAN, )}


def _reported(p, s, t0, t1):
    """The ends of all steps; the two ends of the interval with their derivatives."""
    times = stepping.natural_times(p, s, "solve_ivp")
    arrived = times and times[-1] == primal_of(t1)
    return np.stack([t0, *times[:-1], t1] if arrived else [t0, *times])


def _within(t_eval, t0, t1):
    times = _times("solve_ivp", t_eval)
    first, last, numbers = map(primal_of, (t0, t1, times))
    if not has_tracers([first, last, numbers]):
        ends = sorted([first, last])
        if np.any(numbers < ends[0]) or np.any(numbers > ends[1]):
            raise ArgumentError("solve_ivp: t_eval goes beyond t_span", got=str(numbers),
                                wanted=f"between {ends[0]} and {ends[1]}")
        if np.any(np.diff(numbers) * (last - first) < 0):
            raise ArgumentError("solve_ivp: t_eval is not in the direction of t_span",
                                got=str(numbers), wanted=f"from {first} to {last}")
    return times
