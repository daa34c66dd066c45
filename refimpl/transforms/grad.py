"""Reverse mode for users: vjp, grad, value_and_grad; and whole Jacobians in either mode."""

from __future__ import annotations

import functools

import numpy as np

from .. import tree
from ..aval import aval_of, check_array, is_differentiable
from ..errors import ArgumentError, NonDifferentiableError, NonScalarGradError, check_function
from ..ops.linear import broadcast_to, moveaxis, reshape
from .jvp import aux_pair, drop_tracers, instantiate, own
from .linearize import given_back, kept, linearize_flat
from .transpose import cotangent_leaves, pull
from .vmap import vmap_flat


def vjp(f, *primals, has_aux=False):
    """Return `(f(*primals), pullback)`; `pullback(ct)` is a tuple, one cotangent a primal.

    ct has the structure, shapes and dtypes of the result. f runs once, the pullback any number of
    times. Cotangents of integer primals are zeros of dtype `float0`. With `has_aux`, f returns
    (out, aux) and the result is (out, pullback, aux).
    Complex values: the pullback is the plain transpose, without conjugation, as in JAX.

    Arrays that f read (its arguments, captured ones) may be written to before the pullback: small
    ones are copied, and of large ones it is noticed by a checksum, which raises InPlaceError.
    """
    flat, struct = tree.flatten(primals)
    flat = kept([check_array(x, "vjp") for x in flat])
    run = _Run(lambda *leaves: f(*tree.unflatten(struct, leaves)), has_aux)
    active = [is_differentiable(aval_of(x).dtype) for x in flat]
    with np.errstate(all="ignore"):
        outs, linear_map = linearize_flat(run, flat, active, "vjp")
    outs = given_back(linear_map, flat, outs)

    def pullback(ct):
        cts = cotangent_leaves(run.out_tree, outs, ct, "vjp")
        with np.errstate(all="ignore"):
            pulled = list(map(instantiate, pull(linear_map, cts), flat))
        return tree.unflatten(struct, own(pulled, cts))

    out = tree.unflatten(run.out_tree, outs)
    return (out, pullback, drop_tracers(run.aux)) if has_aux else (out, pullback)


class _Run:
    """The user's function on leaves; keeps the structure of its result, and what is auxiliary."""

    def __init__(self, fun, has_aux):
        self.fun = fun
        self.has_aux = has_aux
        self.out_tree = self.aux = None

    def __call__(self, *leaves):
        out = self.fun(*leaves)
        if self.has_aux:
            out, self.aux = aux_pair(out)
        outs, self.out_tree = tree.flatten(out)
        return outs


def grad(f, argnums=0, has_aux=False, holomorphic=False):
    """Return a function that computes the gradient of f, a function with one real result.

    argnums: an int or a tuple of ints: the positional arguments to differentiate, each a pytree of
    floating-point arrays; the gradient has their structure, shapes and dtypes. has_aux: f returns
    (value, aux), and the result is (gradient, aux). holomorphic: f is complex-differentiable, with
    complex arguments and result. For a complex argument z = x + iy of a real function the gradient
    is df/dx - i df/dy (as in Autograd and JAX).

    Floating-point warnings are off while f and its derivative run. f may write to plain arrays
    that it has used with traced values, as to a buffer: each use means what was in it then.
    Un-jitted that holds up to 16 KB; of a larger one it is noticed by a checksum, which raises
    InPlaceError.
    Raises ArgumentError, NonScalarGradError or NonDifferentiableError.
    """
    compute = value_and_grad(f, argnums, has_aux, holomorphic)

    @functools.wraps(f, assigned=_NAMES, updated=())
    def grad_f(*args, **kwargs):
        value, gradient = compute(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient
    return grad_f


_NAMES = ("__name__", "__doc__")


def value_and_grad(f, argnums=0, has_aux=False, holomorphic=False):
    """Like `grad`, but return `(f(...), gradient)`; with `has_aux`, `((value, aux), gradient)`."""
    _check("grad", f, argnums)

    @functools.wraps(f, assigned=_NAMES, updated=())
    def value_and_grad_f(*args, **kwargs):
        flat, struct, call = select_arguments("grad", f, args, kwargs, argnums)
        check_inputs("grad", flat, holomorphic)
        run = _Run(call, has_aux)
        with np.errstate(all="ignore"):
            outs, linear_map = linearize_flat(run, flat, (True,) * len(flat))
            seed = _seed(outs, run.out_tree, holomorphic)
            cts = own(list(map(instantiate, pull(linear_map, [seed]), flat)))
        value = (outs[0], drop_tracers(run.aux)) if has_aux else outs[0]
        return value, tree.unflatten(struct, cts)
    return value_and_grad_f


def _seed(outs, out_tree, holomorphic):
    """The cotangent 1 of a scalar result, or an error that says why there is none."""
    if len(outs) != 1 or not out_tree.is_leaf():
        raise NonScalarGradError("grad wants a function that returns one number",
                                 got=tree.show(out_tree), wanted="a scalar",
                                 instead="has_aux=True for further results, or isograd.jacrev")
    aval = aval_of(outs[0])
    if aval.shape:
        raise NonScalarGradError("grad wants a function that returns one number",
                                 got=str(aval), wanted="a scalar, shape ()",
                                 instead="np.sum(...) of it, or isograd.jacrev, isograd.vjp")
    kinds = "c" if holomorphic else "f"
    if aval.dtype.kind not in kinds:
        raise NonScalarGradError(
            f"grad wants a {'complex' if holomorphic else 'real floating-point'} result",
            got=str(aval),
            instead="holomorphic=True, or np.real(...)" if aval.dtype.kind == "c"
            else "a floating-point result")
    return aval.dtype.type(1)


# ---- which arguments ----

def _check(name, f, argnums):
    check_function(name, f)
    nums = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not nums or not all(hasattr(n, "__index__") and not isinstance(n, bool) for n in nums):
        raise ArgumentError("argnums is an int or a non-empty tuple of ints", got=repr(argnums),
                            instead="argnums=0; to differentiate by name, pass it by position")


def select_arguments(name, f, args, kwargs, argnums):
    """Return (leaves, structure, function of these leaves) for the arguments chosen by argnums."""
    several = isinstance(argnums, (tuple, list))
    nums = argnums if several else (argnums,)
    for n in nums:
        if not -len(args) <= n < len(args):
            raise ArgumentError(f"{name}: argnums={argnums} is out of range",
                                got=f"{len(args)} positional arguments",
                                instead="pass the differentiated argument by position")
    nums = [n % len(args) for n in nums]
    if len(set(nums)) != len(nums):
        raise ArgumentError(f"{name}: argnums={argnums} names an argument twice")
    chosen = tuple([args[n] for n in nums]) if several else args[nums[0]]
    flat, struct = tree.flatten(chosen)

    def call(*leaves):
        values = tree.unflatten(struct, leaves)
        full = list(args)
        if several:
            for n, value in zip(nums, values, strict=True):
                full[n] = value
        else:
            full[nums[0]] = values
        return f(*full, **kwargs)
    return flat, struct, call


def check_inputs(name, flat, holomorphic, real_only=False):
    """Every differentiated leaf must be floating-point (complex if holomorphic)."""
    for i, x in enumerate(flat):
        flat[i] = x = check_array(x, name)
        aval = aval_of(x)
        if not is_differentiable(aval.dtype):
            raise NonDifferentiableError(
                f"{name} with respect to integers or booleans", got=f"{aval}, leaf {i}",
                wanted="a floating-point array or number",
                instead="float(x) for a number, x.astype(float); or another argnums")
        if holomorphic and aval.dtype.kind != "c":
            raise NonDifferentiableError(f"{name} with holomorphic=True wants complex arguments",
                                         got=str(aval), instead="x.astype(complex)")
        if real_only and not holomorphic and aval.dtype.kind == "c":
            raise NonDifferentiableError(f"{name} wants real arguments", got=str(aval),
                                         instead="holomorphic=True, or real and imaginary parts")


# ---- Jacobians ----

def jacfwd(f, argnums=0, has_aux=False, holomorphic=False):
    """Return a function that computes the Jacobian by forward mode, a column at a time.

    The result has the structure of f's result, each leaf replaced by the structure of the
    argument(s); each array has shape out.shape + in.shape. Best for few inputs, many outputs.
    """
    _check("jacfwd", f, argnums)

    def jacfwd_f(*args, **kwargs):
        flat, struct, call = select_arguments("jacfwd", f, args, kwargs, argnums)
        check_inputs("jacfwd", flat, holomorphic, real_only=True)
        run = _Run(call, has_aux)
        with np.errstate(all="ignore"):
            outs, linear_map = linearize_flat(run, flat, (True,) * len(flat), "jacfwd")
            columns = [_columns(linear_map, flat, outs, i) for i in range(len(flat))]
        blocks = own([column[j] for j in range(len(outs)) for column in columns])
        jacobian = _nest(run.out_tree, struct, blocks)
        return (jacobian, drop_tracers(run.aux)) if has_aux else jacobian
    return jacfwd_f


def _nest(out_tree, in_tree, blocks):
    """Blocks, one for each pair of an output and an input, as a tree of trees."""
    n = in_tree.num_leaves
    return tree.unflatten(out_tree, [tree.unflatten(in_tree, blocks[n * j:n * (j + 1)])
                                     for j in range(out_tree.num_leaves)])


def _columns(linear_map, flat, outs, i):
    """The derivative of every output in input i."""
    def push(basis):
        return linear_map.push([basis if k == i else None for k in range(len(flat))])

    aval = aval_of(flat[i])
    pushed = _over_basis(push, aval)
    return [np.zeros(aval_of(out).shape + aval.shape, aval_of(out).dtype) if t is None
            else reshape(moveaxis(t, 0, -1), aval_of(out).shape + aval.shape)
            for out, t in zip(outs, pushed, strict=True)]


def jacrev(f, argnums=0, has_aux=False, holomorphic=False):
    """Return a function that computes the Jacobian by reverse mode, a row at a time.

    The result is as for `jacfwd`. Best for many inputs, few outputs.
    """
    _check("jacrev", f, argnums)

    def jacrev_f(*args, **kwargs):
        flat, struct, call = select_arguments("jacrev", f, args, kwargs, argnums)
        check_inputs("jacrev", flat, holomorphic)
        run = _Run(call, has_aux)
        with np.errstate(all="ignore"):
            outs, linear_map = linearize_flat(run, flat, (True,) * len(flat), "jacrev")
            _check_outputs(outs, holomorphic)
            blocks = [x for j in range(len(outs)) for x in _rows(linear_map, flat, outs, j)]
        jacobian = _nest(run.out_tree, struct, own(blocks))
        return (jacobian, drop_tracers(run.aux)) if has_aux else jacobian
    return jacrev_f


jacobian = jacrev


def _check_outputs(outs, holomorphic):
    for x in outs:
        aval = aval_of(x)
        if aval.dtype.kind != ("c" if holomorphic else "f"):
            raise NonDifferentiableError(
                f"jacrev wants {'complex' if holomorphic else 'real floating-point'} results",
                got=str(aval), instead="jacfwd, or holomorphic=True for complex functions")


def _rows(linear_map, flat, outs, j):
    """The derivative of output j in every input."""
    def pull_row(basis):
        return pull(linear_map, [basis if k == j else None for k in range(len(outs))])

    aval = aval_of(outs[j])
    pulled = _over_basis(pull_row, aval)
    return [np.zeros(aval.shape + aval_of(x).shape, aval_of(x).dtype) if ct is None
            else reshape(ct, aval.shape + aval_of(x).shape)
            for x, ct in zip(flat, pulled, strict=True)]


def _over_basis(fun, aval):
    """What fun gives for each unit array, stacked; None for zero. A rule may give constants."""
    outs, batched = vmap_flat(fun, aval.size, [standard_basis(aval)], [True])
    return [x if b or x is None else broadcast_to(x, (aval.size, *aval_of(x).shape))
            for x, b in zip(outs, batched, strict=True)]


def standard_basis(aval):
    """The unit arrays of a shape, stacked along a new first axis."""
    return np.eye(aval.size, dtype=aval.dtype).reshape(aval.size, *aval.shape)


def hessian(f, argnums=0, has_aux=False, holomorphic=False):
    """Return a function that computes the Hessian: forward mode over reverse mode.

    For argnums an int, each array has shape out.shape + in.shape + in.shape.
    """
    return jacfwd(jacrev(f, argnums, has_aux, holomorphic), argnums, has_aux, holomorphic)
