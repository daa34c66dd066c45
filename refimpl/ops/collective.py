"""Collectives: operations on all examples of a batch axis that has a name.

Inside `vmap(f, axis_name="i")`, f sees one example; a collective over "i" is what one example gets
of all of them. Each is a primitive with the parameter `axis_names`. The trace that binds a name
resolves it: there the examples lie along the leading axis of one array, and the collective is a
sum over that axis, a permutation of it, ... Every other trace passes it on: as all of them but
pmax and pmin are linear, their derivatives are collectives again, the plain transposes:

    psum <-> psum    all_gather <-> psum_scatter    ppermute <-> the inverse    all_to_all <-> back

(Vocabulary: the MPI standard, chapter 6; names and arguments as in JAX.)
"""

from __future__ import annotations

import numpy as np

from ..aval import Aval, aval_of
from ..errors import UnboundAxisError
from ..primitive import Primitive, linear, no_derivative
from ..trace import axis_name_of, bind, current_trace
from . import reduce
from .elementwise import divide, equal, multiply, select
from .index import gather, iota, zeros
from .linear import broadcast_to, cast_to, constant, moveaxis, operation, reshape, sum

INT64 = np.dtype(np.int64)


def axis_sizes(axis_names):
    """The sizes of named axes; UnboundAxisError for a name that nothing binds here."""
    bound = current_trace().named_axes()
    for name in axis_names:
        if name not in bound:
            raise UnboundAxisError(
                f"no axis is named {name!r} here", got=repr(name),
                wanted="one of " + ", ".join(map(repr, bound)) if bound else None,
                instead=f"isograd.vmap(f, axis_name={name!r}), or pmap, shard_map")
    return tuple([bound[name] for name in axis_names])


def _unbound(*args, axis_names, **params):
    raise UnboundAxisError(f"a collective over {', '.join(map(repr, axis_names))} was left over",
                           instead="the collective inside the function that is mapped")


def _define(name, aval, resolve, shift, doc, transpose=None, jvp=linear):
    """Define a collective.

    resolve(size, x, batched, params): what it means where its first axis name is bound.
    shift(params): its parameters for an x with a further leading axis.
    """
    def batch(prim, size, args, batched, params):
        name, names = axis_name_of(size), params["axis_names"]
        if name is None or name not in names:
            return bind(prim, *args, **shift(params)), True
        rest = tuple([n for n in names if n != name])
        y, y_batched = resolve(size, *args, *batched, params)
        return (bind(prim, y, **{**params, "axis_names": rest}) if rest else y), y_batched
    prim = Primitive(name, "collective", _unbound, aval, jvp, transpose, batch, doc=doc)
    return operation(prim)


def _unchanged(params):
    return params


def _same_aval(x, **params):
    return Aval(x.shape, x.dtype)


def stacked(size, x, batched):
    """x with the examples in front, repeated if they are all the same."""
    return x if batched else broadcast_to(x, (int(size), *aval_of(x).shape))


# ---- sums and extremes over all examples ----

def _reduction(one, fold):
    """Fold the examples; with `groups` (a tuple of tuples) those of each example's own group.

    one(x, n): the result if all n examples are the same x.
    """
    def resolve(size, x, batched, params):
        groups = params["groups"]
        if not batched:
            return one(x, len(groups[0]) if groups else int(size)), False
        dtype = aval_of(x).dtype
        if not groups:
            return cast_to(fold(x, (0,)), dtype), False
        return cast_to(fold(gather(x, _mates(groups)), (1,)), dtype), True
    return resolve


def _mates(groups):
    """For each example, the members of its group: an index array (n, length of a group)."""
    mates = {i: group for group in groups for i in group}
    return np.array([mates[i] for i in sorted(mates)], INT64)


def _places(groups):
    """For each example, its place in its group."""
    places = {i: k for group in groups for k, i in enumerate(group)}
    return np.array([places[i] for i in sorted(places)], INT64)


def _times(x, n):
    return multiply(x, constant(n, x))


psum = _define("psum", _same_aval, _reduction(_times, sum), _unchanged,
               "The sum over all examples of the named axes.",
               lambda ct, args, params: (psum(ct, **params),))


def _extreme_jvp(prim, primals, tangents, params):
    """The mean of the tangents of the examples that are extreme: ties share."""
    out = bind(prim, *primals, **params)
    won = equal(primals[0], out)
    total = psum(select(won, tangents[0], constant(0, out)), **params)
    return out, divide(total, psum(cast_to(won, aval_of(out).dtype), **params))


pmax = _define("pmax", _same_aval, _reduction(lambda x, n: x, reduce.max), _unchanged,
               "The largest of all examples; NaN wins.", jvp=_extreme_jvp)
pmin = _define("pmin", _same_aval, _reduction(lambda x, n: x, reduce.min), _unchanged,
               "The smallest of all examples; NaN wins.", jvp=_extreme_jvp)


# ---- moving data between examples ----
#
# `size` is the number of examples that take part: all, or with `groups` those of a group.

def _shifted(*keys):
    return lambda params: {**params, **{key: params[key] + 1 for key in keys}}


def _all_gather_aval(x, *, axis_names, groups, size, axis):
    return Aval((*x.shape[:axis], size, *x.shape[axis:]), x.dtype)


def _all_gather_resolve(size, x, batched, params):
    axis, groups = params["axis"], params["groups"]
    if batched and groups:
        return moveaxis(gather(x, _mates(groups)), 1, axis + 1), True
    return moveaxis(stacked(params["size"], x, batched), 0, axis), False


all_gather = _define(
    "all_gather", _all_gather_aval, _all_gather_resolve, _shifted("axis"),
    "All examples, stacked along a new axis.",
    lambda ct, args, params: (psum_scatter(ct, **params),))


def _exchanged(x, axis, groups):
    """(n, ..., g, ...) -> (n, g, ...): example i gets its element along `axis` of each mate."""
    x = moveaxis(x, axis + 1, 1)
    n, g, *rest = aval_of(x).shape
    if groups is None:
        return moveaxis(x, 1, 0)
    elements = _mates(groups) * g + _places(groups)[:, None]
    return gather(reshape(x, (n * g, *rest)), elements)


def _psum_scatter_aval(x, *, axis_names, groups, size, axis):
    return Aval((*x.shape[:axis], *x.shape[axis + 1:]), x.dtype)


def _psum_scatter_resolve(size, x, batched, params):
    axis, groups = params["axis"], params["groups"]
    if batched and groups:
        return cast_to(sum(_exchanged(x, axis, groups), (1,)), aval_of(x).dtype), True
    total = cast_to(sum(x, (0,)), aval_of(x).dtype) if batched else _times(x, params["size"])
    parts = moveaxis(total, axis, 0)
    return gather(parts, _places(groups)) if groups else parts, True


psum_scatter = _define(
    "psum_scatter", _psum_scatter_aval, _psum_scatter_resolve, _shifted("axis"),
    "The sum over all examples; example i gets element i along an axis.",
    lambda ct, args, params: (all_gather(ct, **params),))


def _ppermute_resolve(size, x, batched, params):
    x = stacked(size, x, batched)
    source = {destination: source for source, destination in params["perm"]}
    moved = gather(x, np.array([source.get(i, 0) for i in range(size)], INT64))
    if len(source) == size:
        return moved, True
    gets = np.array([i in source for i in range(size)]).reshape(
        (int(size),) + (1,) * (aval_of(x).ndim - 1))
    return select(gets, moved, zeros(aval_of(x))), True


def _ppermute_transpose(ct, args, params):
    back = tuple([(destination, source) for source, destination in params["perm"]])
    return (ppermute(ct, **{**params, "perm": back}),)


ppermute = _define(
    "ppermute", _same_aval, _ppermute_resolve, _unchanged,
    "For pairs (i, j) of perm, example j gets the value of example i; the others get zeros.",
    _ppermute_transpose)


def _all_to_all_aval(x, *, axis_names, groups, size, split, concat):
    shape = list(x.shape)
    del shape[split]
    shape.insert(concat, size)
    return Aval(tuple(shape), x.dtype)


def _all_to_all_resolve(size, x, batched, params):
    """The examples change places with the axis `split`, and come to lie along `concat`."""
    parts = _exchanged(stacked(size, x, batched), params["split"], params["groups"])
    return moveaxis(parts, 1, params["concat"] + 1), True


all_to_all = _define(
    "all_to_all", _all_to_all_aval, _all_to_all_resolve, _shifted("split", "concat"),
    "Example i gets element i along `split` of every example, stacked along `concat`.",
    lambda ct, args, params: (all_to_all(
        ct, **{**params, "split": params["concat"], "concat": params["split"]}),))


# ---- which example this is ----

axis_index_p = Primitive(
    "axis_index", "collective", _unbound, lambda *, axis_names: Aval((), INT64),
    no_derivative, None, lambda prim, size, args, batched, params: (iota(int(size)), True),
    doc="The place of this example in the named axis.")


def axis_index(axis_name):
    axis_sizes((axis_name,))
    return bind(axis_index_p, axis_names=(axis_name,))
