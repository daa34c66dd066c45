"""Python functions as operations: `pure_callback`, `debug.callback`, `debug.print`.

They run on arrays, when the program runs: not while it is traced, and in a compiled function at
each call. An argument is a copy that the function may keep. Under `vmap` it runs once an example,
in order.
"""

from __future__ import annotations

import builtins
import functools
import string
from dataclasses import dataclass

import numpy as np

from . import tree
from .aval import Aval, aval_of, check_array, is_python_scalar
from .errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from .ops.linear import broadcast_to, reshape
from .primitive import Primitive
from .trace import EVAL, Tracer, bind, use

# ---- for users ----

@dataclass(frozen=True)
class ShapeDtypeStruct:
    """The type of an array: a shape, a tuple of ints, and a dtype."""

    shape: tuple
    dtype: object


def pure_callback(callback, result_shape_dtypes, *args, vmap_method="sequential", **kwargs):
    """Return `callback(*args, **kwargs)`, a Python function of arrays, in a traced program.

    result_shape_dtypes: what it returns, as a pytree of ShapeDtypeStruct or of arrays like the
    results. args, kwargs: pytrees of arrays. The function must be pure: it may run more or less
    often than the program says. Under vmap, vmap_method "sequential" calls it for each example;
    "broadcast_all" once, all arguments and results with the batch axis in front; "expand_dims"
    likewise, but an argument that is the same for all has an axis of length 1 there.

    It has no derivative: give it one by custom_jvp or custom_vjp. Raises TreeError, ShapeError or
    DtypeError, naming the leaf, if the function returns something else than it was said to.
    """
    if vmap_method not in VMAP_METHODS:
        raise ArgumentError("pure_callback: an unknown vmap_method", got=repr(vmap_method),
                            wanted=" or ".join(map(repr, VMAP_METHODS)))
    leaves, struct = tree.flatten((args, kwargs))
    leaves = [check_array(x, "pure_callback") for x in leaves]
    avals = tuple(map(_aval_of_spec, tree.leaves(result_shape_dtypes)))
    run = _of_operands(callback, struct, [OPERAND] * len(leaves))
    outs = bind(pure_callback_p, *leaves, fun=_checked(run, result_shape_dtypes), avals=avals,
                looped=(), vmap_method=vmap_method)
    return tree.unflatten(tree.structure(result_shape_dtypes), list(outs))


def debug_callback(callback, *args, ordered=True, **kwargs):
    """Run `callback(*args, **kwargs)` for what it does, each time the program gets here.

    args, kwargs: pytrees; arrays and numbers in them may be traced, anything else is passed on.
    The calls come in the order of the program (ordered=False is no different). In a derivative it
    sees the values, not the tangents, and once: `checkpoint` and reverse mode through a loop do not
    call it again. Under vmap it is called for each example, also in a branch, or at a step of a
    loop, that only other examples take.
    """
    leaves, struct = tree.flatten((args, kwargs))
    fixed = [OPERAND if _is_operand(x) else x for x in leaves]
    operands = [check_array(x, "debug.callback")
                for x, other in zip(leaves, fixed, strict=True) if other is OPERAND]
    bind(debug_callback_p, *operands, fun=_of_operands(callback, struct, fixed), looped=())


def debug_print(fmt, *args, ordered=True, **kwargs):
    """Print `fmt.format(*args, **kwargs)` each time the program gets here; see debug.callback.

    Write the fields into the format, `debug.print("loss {}", x)`: in an f-string they would be
    filled while the program is traced. Raises ArgumentError if format and arguments do not fit.
    """
    try:
        _Fields().vformat(fmt, args, kwargs)
    except LookupError as error:
        raise ArgumentError("debug.print: the format and the arguments do not fit",
                            got=error.args[0], instead="debug.print('x is {}', x), not an f-string"
                            ) from None

    def print_line(*args, **kwargs):
        builtins.print(fmt.format(*args, **kwargs), flush=True)
    debug_callback(print_line, *args, ordered=ordered, **kwargs)


class _Fields(string.Formatter):
    """Look up what a format speaks of, and format nothing."""

    def get_value(self, key, args, kwargs):
        if key not in (kwargs if isinstance(key, str) else range(len(args))):
            raise LookupError(f"no argument for {{{key}}}")
        return super().get_value(key, args, kwargs)

    def check_unused_args(self, used, args, kwargs):
        for key in (*range(len(args)), *kwargs):
            if key not in used:
                raise LookupError(f"no field for the argument {key}")

    def convert_field(self, value, conversion):
        return value

    def format_field(self, value, spec):
        return ""


# ---- arguments and results ----

def _is_operand(x):
    return (isinstance(x, Tracer) or is_python_scalar(x)
            or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "biufc"))


OPERAND = object()      # stands where an operand belongs


def _of_operands(callback, struct, fixed):
    """The function as one of operands; what is `fixed` it gets at every call."""
    def run(*operands):
        values = iter(operands)
        args, kwargs = tree.unflatten(struct, [next(values) if x is OPERAND else x for x in fixed])
        with use(EVAL):     # nothing that it does with arrays is traced
            return callback(*args, **kwargs)
    return functools.update_wrapper(run, callback, ("__name__",), ())


def _checked(run, like):
    """The function with a list of arrays as its result, each of which has the type it should."""
    struct = tree.structure(like)
    places = [f", at {name}" if name else "" for name, _ in tree.leaves_with_path(like)]
    what = f"pure_callback: what {getattr(run, '__name__', 'the function')} returned"

    def checked(avals, *operands):
        outs = tree.flatten_like(struct, run(*operands), what)
        return [_fitting(x, aval, what + place)
                for x, aval, place in zip(outs, avals, places, strict=True)]
    return functools.update_wrapper(checked, run, ("__name__",), ())


def _fitting(x, aval, what):
    got = np.asarray(x)
    if got.shape != aval.shape:
        raise ShapeError(f"{what} has another shape than it was said to have",
                         got=str(got.shape), wanted=str(aval.shape))
    fits = (np.can_cast(got.dtype, aval.dtype, "same_kind") if is_python_scalar(x)
            else got.dtype == aval.dtype)
    if not fits:
        raise DtypeError(f"{what} has another dtype than it was said to have",
                         got=str(got.dtype), wanted=str(aval.dtype),
                         instead=f"x.astype({aval.dtype.name!r})")
    return got


def _aval_of_spec(spec):
    if hasattr(spec, "shape") and hasattr(spec, "dtype"):
        return Aval(tuple(spec.shape), np.dtype(spec.dtype))
    return Aval(*aval_of(spec)[:2])


def _of_example(args, index):
    """Copies of the arguments of one call: what they lie in may be used again."""
    return [np.array(x[index])[()] if isinstance(x, np.ndarray) else x for x in args]


# ---- the operations ----

def _pure_impl(*args, fun, avals, looped, vmap_method):
    outs = [np.empty((*looped, *a.shape), a.dtype) for a in avals]
    for index in np.ndindex(*looped):
        for out, x in zip(outs, fun(avals, *_of_example(args, index)), strict=True):
            out[index] = x
    return tuple([x[()] for x in outs])


def _pure_avals(*_, fun, avals, looped, vmap_method):
    return tuple([Aval((*looped, *a.shape), a.dtype) for a in avals])


def _no_derivative(prim, primals, tangents, params):
    raise MissingRuleError("pure_callback: a Python function has no derivative",
                           got=getattr(params["fun"], "__name__", "a function"),
                           instead="isograd.custom_jvp or custom_vjp around the call, or "
                                   "stop_gradient of its arguments")


def _with_axis(size, args, batched):
    return [x if b else broadcast_to(x, (int(size), *aval_of(x).shape))
            for x, b in zip(args, batched, strict=True)]


def _sequential(size, args, batched, params):
    return _with_axis(size, args, batched), {**params, "looped": (int(size), *params["looped"])}


def _at_once(size, params):
    avals = [a._replace(shape=(int(size), *a.shape)) for a in params["avals"]]
    return {**params, "avals": tuple(avals)}


def _broadcast_all(size, args, batched, params):
    return _with_axis(size, args, batched), _at_once(size, params)


def _expand_dims(size, args, batched, params):
    args = [x if b else reshape(x, (1, *aval_of(x).shape))
            for x, b in zip(args, batched, strict=True)]
    return args, _at_once(size, params)


VMAP_METHODS = {"sequential": _sequential, "broadcast_all": _broadcast_all,
                "expand_dims": _expand_dims}


def _pure_batch(prim, size, args, batched, params):
    args, params = VMAP_METHODS[params["vmap_method"]](size, args, batched, params)
    outs = bind(prim, *args, **params)
    return outs, (True,) * len(outs)


pure_callback_p = Primitive(
    "pure_callback", "callback", _pure_impl, _pure_avals, _no_derivative, None, _pure_batch,
    multiple=True, doc="The results of a Python function of arrays.")


def _debug_impl(*args, fun, looped):
    for index in np.ndindex(*looped):
        fun(*_of_example(args, index))
    return ()


def _debug_jvp(prim, primals, tangents, params):
    return bind(prim, *primals, **params), ()


def _debug_batch(prim, size, args, batched, params):
    args, params = _sequential(size, args, batched, params)
    return bind(prim, *args, **params), ()


debug_callback_p = Primitive(
    "debug_callback", "callback", _debug_impl, lambda *_, **params: (), _debug_jvp, None,
    _debug_batch, multiple=True, effect=True, doc="Run a Python function for what it does.")
