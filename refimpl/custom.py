"""Derivative rules written by users: custom_jvp and custom_vjp.

Both are primitives that carry functions. Un-jitted, the functions run as they are, Python control
flow included; staging turns the function into a Graph and keeps the rule beside it.
"""

from __future__ import annotations

import functools
import inspect

import numpy as np

from . import tree
from .aval import Aval, aval_of, is_differentiable, strong
from .errors import ArgumentError, MissingRuleError, TreeError
from .graph import eval_graph
from .mutation import twin, values_of
from .ops.linear import broadcast_to, sum
from .ops.movement import first_along
from .primitive import Primitive
from .trace import Tracer, bind, current_trace
from .transforms.jvp import all_zero, check_tangent, instantiate, own
from .transforms.stage import stage
from .transforms.vmap import vmap_flat


class GraphFunction:
    """A Graph as a function of leaves."""

    def __init__(self, graph):
        self.graph = graph

    def __call__(self, *leaves):
        return eval_graph(self.graph, leaves)


def batched_function(fun, size, batched, own=None):
    """fun over batches; every result is made to have the batch axis.

    own: a list, which is told whether each has it by itself.
    """
    def run(*args):
        outs, flags = vmap_flat(fun, size, args, batched)
        if own is not None:
            own[:] = flags
        return [x if b or x is None else broadcast_to(x, (int(size), *aval_of(x).shape))
                for x, b in zip(outs, flags, strict=True)]
    return run


def _once(outs, own):
    """Results over batches, those once that all examples have in common."""
    batched = tuple(own[:len(outs)])
    return [x if b else first_along(x, 0) for x, b in zip(outs, batched, strict=True)], batched


def _staged(args, params, ignoring):
    """Replace params["fun"] by a Graph; `ignoring(n)` adapts the rules to n captured values."""
    graph, captured = stage(params["fun"], [aval_of(x) for x in args], "a custom rule")
    n = len(captured)
    params = {**params, **ignoring(n), "fun": GraphFunction(graph), "hidden": n + params["hidden"]}
    return (*captured, *args), params


def check_hidden(prim, tangents, hidden):
    """The first `hidden` arguments are captured or nondiff ones, of which a rule says nothing."""
    if not all_zero(tangents[:hidden]):
        raise MissingRuleError(
            f"{prim}: a derivative in a value that is not a differentiated argument of the rule",
            got="a captured value, or an argument named in nondiff_argnums",
            instead="pass it as a differentiated argument, or stop_gradient(value)")


def copies(values):
    """Tangents or cotangents that a rule may write to: others read the same arrays."""
    adopt = current_trace().adopt       # a plain array, too, can then take traced values
    return [twin(x) if isinstance(x, Tracer) else adopt(x) if _is_written(x) else x
            for x in values]


def _is_written(x):
    return isinstance(x, np.ndarray) and is_differentiable(x.dtype)


def read_only(values):
    """Residuals, which may be large: a rule that would write to plain ones gets NumPy's error."""
    views = [x.view() if isinstance(x, np.ndarray) else x for x in values_of(values)]
    for x in views:
        if isinstance(x, np.ndarray):
            x.flags.writeable = False
    return views


def _avals(*avals, fun, **_):
    return [a.aval for a in fun.graph.outputs]


def _run(*args, fun, **_):
    return tuple(fun(*args))


# ---- custom_jvp ----

def _custom_jvp_jvp(prim, primals, tangents, params):
    check_hidden(prim, tangents, params["hidden"])
    outs, dots = params["jvp"](primals, list(map(instantiate, tangents, primals)))
    dots = [check_tangent(x, t, f"custom_jvp: tangent {i} of the rule's result")
            for i, (x, t) in enumerate(zip(outs, dots, strict=True))]
    return tuple(outs), tuple(dots)


def _custom_jvp_batch(prim, size, args, batched, params):
    n, own_axis = len(args), []

    def jvp(primals, tangents):
        flat = [*primals, *tangents]
        has_axis = [aval_of(x).ndim > a.ndim - b for x, a, b in
                    zip(flat, [aval_of(x) for x in args] * 2, list(batched) * 2, strict=True)]
        both = batched_function(lambda *xs: joined(params["jvp"](xs[:n], xs[n:])), size, has_axis,
                                own_axis)
        outs = both(*flat)
        return outs[:len(outs) // 2], outs[len(outs) // 2:]

    fun = batched_function(params["fun"], size, batched, own_axis)
    return _once(bind(prim, *args, fun=fun, jvp=jvp, hidden=params["hidden"]), own_axis)


def joined(pair):
    return [*pair[0], *pair[1]]


def _custom_jvp_stage(args, params):
    def ignoring(n):
        return {"jvp": lambda primals, tangents: params["jvp"](primals[n:], tangents[n:])}
    return _staged(args, params, ignoring)


custom_jvp_p = Primitive("custom_jvp", "call", _run, _avals, _custom_jvp_jvp, None,
                         _custom_jvp_batch, stage=_custom_jvp_stage, multiple=True,
                         doc="A function with its own forward-mode rule.")


class _Custom:
    """What custom_jvp and custom_vjp share: which arguments the rule sees as constants."""

    def __init__(self, fun, nondiff_argnums=()):
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.name = getattr(fun, "__name__", type(fun).__name__)
        self.nondiff_argnums = tuple(nondiff_argnums)

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def arguments(self, args, kwargs):
        return _Arguments(_positional(self.fun, self.name, args, kwargs), self.nondiff_argnums)


class _Arguments:
    """The arguments of one call: constants (those of nondiff_argnums), and the rest as leaves.

    Traced values among the constants are leaves too, the first `hidden` ones: a rule that runs
    later gets what they have become.
    """

    def __init__(self, args, nondiff_argnums):
        self._nums = [n % len(args) for n in nondiff_argnums]
        self._constants, self._constants_tree = tree.flatten([args[n] for n in self._nums])
        traced = [x for x in self._constants if isinstance(x, Tracer)]
        rest = [x for i, x in enumerate(args) if i not in self._nums]
        leaves, self.struct = tree.flatten(rest)
        self.hidden = len(traced)
        self.leaves = traced + leaves

    def filled(self, traced):
        """Return the constants, with these values in place of the traced ones."""
        traced = iter(traced)
        return tree.unflatten(self._constants_tree, [
            next(traced) if isinstance(x, Tracer) else x for x in self._constants])

    def split(self, leaves):
        """Return (constants, differentiated arguments), made of these leaves."""
        n = self.hidden
        return self.filled(leaves[:n]), tuple(tree.unflatten(self.struct, leaves[n:]))

    def positional(self, leaves):
        """Return all arguments, made of these leaves."""
        return merged(self._nums, *self.split(leaves))


def merged(nums, constants, rest):
    """Put the constants back in their places, `nums`, among all arguments."""
    args = list(rest)
    for n, x in sorted(zip(nums, constants, strict=True), key=lambda pair: pair[0]):
        args.insert(n, x)
    return args


def _positional(fun, name, args, kwargs):
    """Resolve keyword arguments and defaults, as the rule takes everything by position."""
    try:
        signature = inspect.signature(fun)
    except ValueError:
        return args
    bound = signature.bind(*args, **kwargs)
    if bound.kwargs:
        raise ArgumentError(f"{name} has keyword-only arguments, which a custom rule "
                            "cannot see", got=", ".join(bound.kwargs),
                            instead="positional arguments, or functools.partial")
    bound.apply_defaults()
    return bound.args


class custom_jvp(_Custom):
    """Give a function its own forward-mode rule (reverse mode follows by transposition).

    >>> import numpy as np, isograd
    >>> @isograd.custom_jvp
    ... def log1pexp(x):
    ...     return np.logaddexp(x, 0)
    >>> @log1pexp.defjvp
    ... def log1pexp_jvp(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     return log1pexp(x), x_dot / (1 + np.exp(-x))

    The rule takes `(primals, tangents)` (with nondiff_argnums: these arguments first) and returns
    `(out, tangent of out)`; it must be linear in the tangents, to which it may write. Tangents of
    integer arguments are zeros of dtype float0.
    """

    def __init__(self, fun, nondiff_argnums=()):
        super().__init__(fun, nondiff_argnums)
        self.jvp = None

    def defjvp(self, jvp):
        """Set the rule `jvp(*nondiff_args, primals, tangents) -> (out, out_dot)`."""
        self.jvp = jvp
        return jvp

    def defjvps(self, *rules):
        """Set one rule a differentiated argument, `rule(g, out, *primals)`; None says zero."""
        def jvp(*args):
            *constants, primals, tangents = args
            n = len(constants) + len(primals)
            out = self(*merged([i % n for i in self.nondiff_argnums], constants, primals))
            terms = [rule(t, out, *primals)
                     for rule, t in zip(rules, tangents, strict=True) if rule is not None]
            if not terms:
                return out, tree.map(lambda x: None, out)
            return out, tree.map(lambda *xs: functools.reduce(lambda a, b: a + b, xs), *terms)
        self.jvp = jvp

    def __call__(self, *args, **kwargs):
        if self.jvp is None:
            raise MissingRuleError(f"custom_jvp function {self.name} has no rule yet",
                                   instead=f"@{self.name}.defjvp")
        arguments = self.arguments(args, kwargs)
        box = {}

        def fun(*leaves):
            outs, box["tree"] = tree.flatten(self.fun(*arguments.positional(leaves)))
            return outs

        def jvp(primals, tangents):
            constants, primals = arguments.split(values_of(primals))
            pair = self.jvp(*constants, primals, arguments.split(copies(tangents))[1])
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TreeError("a custom_jvp rule returns a pair (out, tangent of out)",
                                got=type(pair).__name__)
            outs, box["tree"] = tree.flatten(pair[0])
            return outs, tree.flatten_up_to(box["tree"], pair[1], "custom_jvp: the tangents")

        outs = bind(custom_jvp_p, *arguments.leaves, fun=fun, jvp=jvp, hidden=arguments.hidden)
        return tree.unflatten(box["tree"], list(outs))


# ---- custom_vjp ----

def _custom_vjp_jvp(prim, primals, tangents, params):
    raise MissingRuleError("forward mode through a custom_vjp function",
                           instead="custom_jvp, which gives both modes")


def _custom_vjp_linearize(prim, primals, tangents, params):
    check_hidden(prim, tangents, params["hidden"])
    outs, residuals = params["fwd"](*primals)
    out_avals = tuple([strong(aval_of(x)) for x in outs])
    active = tuple([t is not None for t in tangents])
    dots = bind(custom_vjp_linear_p, *residuals, *[t for t in tangents if t is not None],
                bwd=params["bwd"], avals=out_avals, active=active,
                in_avals=tuple([strong(aval_of(x)) for x in primals]))
    return tuple(outs), tuple(t if is_differentiable(a.dtype) else None
                              for t, a in zip(dots, out_avals, strict=True))


def _custom_vjp_batch(prim, size, args, batched, params):
    box, own_axis = {}, []

    def fwd(*xs):
        def both(*ys):
            outs, residuals = params["fwd"](*ys)
            box["n"] = len(outs)
            return [*outs, *residuals]
        values = batched_function(both, size, batched, own_axis)(*xs)
        return values[:box["n"]], values[box["n"]:]

    def bwd(residuals, cts):
        n = len(residuals)
        pulled = batched_function(lambda *ys: params["bwd"](ys[:n], ys[n:]), size,
                                  [True] * (n + len(cts)))(*residuals, *cts)
        return [ct if b or ct is None else sum(ct, (0,))
                for ct, b in zip(pulled, batched, strict=True)]

    fun = batched_function(params["fun"], size, batched, own_axis)
    return _once(bind(prim, *args, fun=fun, fwd=fwd, bwd=bwd, hidden=params["hidden"]), own_axis)


def _custom_vjp_stage(args, params):
    def ignoring(n):
        return {"fwd": lambda *xs: params["fwd"](*xs[n:]),
                "bwd": lambda res, cts: [None] * n + list(params["bwd"](res, cts))}
    return _staged(args, params, ignoring)


custom_vjp_p = Primitive("custom_vjp", "call", _run, _avals, _custom_vjp_jvp, None,
                         _custom_vjp_batch, linearize=_custom_vjp_linearize,
                         stage=_custom_vjp_stage, multiple=True,
                         doc="A function with its own reverse-mode rule.")


def _no_push(*args, **params):
    raise MissingRuleError("forward mode through a custom_vjp function",
                           instead="custom_jvp, which gives both modes")


def _custom_vjp_linear_avals(*_, avals, **params):
    return avals


def _custom_vjp_transpose(cts, args, params):
    n = len(args) - params["active"].count(True)
    full = [instantiate(ct, _Typed(aval)) for ct, aval in zip(cts, params["avals"], strict=True)]
    pulled = [check_tangent(_Typed(aval), ct, f"custom_vjp: cotangent {i} of bwd")
              for i, (aval, ct) in enumerate(zip(params["in_avals"],
                                                 params["bwd"](args[:n], full), strict=True))]
    pulled = own(pulled, args[:n])      # a rule may return a residual as it is
    return [None] * n + [ct for ct, a in zip(pulled, params["active"], strict=True) if a]


class _Typed:
    """Something of which only the aval matters."""

    def __init__(self, aval: Aval):
        self.aval = aval


custom_vjp_linear_p = Primitive("custom_vjp_linear", "call", _no_push,
                                _custom_vjp_linear_avals, _custom_vjp_jvp,
                                _custom_vjp_transpose, _no_push, multiple=True,
                                doc="The derivative of a custom_vjp function: only transposed.")


class custom_vjp(_Custom):
    """Give a function its own reverse-mode rule.

    >>> import numpy as np, isograd
    >>> @isograd.custom_vjp
    ... def clip_gradient(x):
    ...     return x
    >>> clip_gradient.defvjp(lambda x: (x, None), lambda residual, ct: (np.clip(ct, -1, 1),))

    `fwd(*args)` returns (out, residual), a pytree; `bwd(*nondiff_args, residual, ct)` returns a
    tuple of cotangents, one a differentiated argument, None where zero. It may write to `ct`, which
    is its own; residuals that are plain arrays are read-only.
    """

    def __init__(self, fun, nondiff_argnums=()):
        super().__init__(fun, nondiff_argnums)
        self.fwd = self.bwd = None

    def defvjp(self, fwd, bwd):
        """Set the rule."""
        self.fwd, self.bwd = fwd, bwd

    def __call__(self, *args, **kwargs):
        if self.fwd is None:
            raise MissingRuleError(f"custom_vjp function {self.name} has no rule yet",
                                   instead=f"{self.name}.defvjp(fwd, bwd)")
        arguments = self.arguments(args, kwargs)
        n, box = arguments.hidden, {}

        def fun(*leaves):
            outs, box["out"] = tree.flatten(self.fun(*arguments.positional(leaves)))
            return outs

        def fwd(*leaves):
            pair = self.fwd(*arguments.positional(values_of(leaves)))
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TreeError("the fwd of a custom_vjp returns a pair (out, residual)",
                                got=type(pair).__name__)
            outs, box["out"] = tree.flatten(pair[0])
            residuals, box["residual"] = tree.flatten(pair[1])
            return outs, [*leaves[:n], *residuals]

        def bwd(residuals, cts):
            kept = read_only(residuals)
            pulled = self.bwd(*arguments.filled(kept[:n]),
                              tree.unflatten(box["residual"], kept[n:]),
                              tree.unflatten(box["out"], copies(cts)))
            pulled = list(pulled) if isinstance(pulled, tuple) else pulled
            return [None] * n + _spread_none(arguments.struct, pulled)

        outs = bind(custom_vjp_p, *arguments.leaves, fun=fun, fwd=fwd, bwd=bwd, hidden=n)
        return tree.unflatten(box["out"], list(outs))


def _spread_none(struct, cts):
    """Flatten a rule's cotangents; a None may stand for a whole argument."""
    if not isinstance(cts, list) or len(cts) != struct.num_children:
        raise TreeError("the bwd of a custom_vjp returns a tuple, one cotangent an argument",
                        got=str(type(cts).__name__ if not isinstance(cts, list) else len(cts)),
                        wanted=f"a tuple of {struct.num_children}")
    flat = []
    for child, ct in zip(struct.children(), cts, strict=True):
        flat += ([None] * child.num_leaves if ct is None
                 else tree.flatten_up_to(child, ct, "custom_vjp: a cotangent"))
    return flat

