"""pmap and shard_map: one function on many devices, each with a part of the data.

On logical devices that is a map with a named axis for each axis of the mesh, one in the other: what
device (i, j) computes is example (i, j). So a value that is the same on all devices along a mesh
axis is one that does not depend on that axis of the batch, and the collectives of `ops/collective`
are what moves between devices.
"""

from __future__ import annotations

import functools
from math import prod

import numpy as np

from . import tree
from .aval import aval_of, check_array
from .errors import ArgumentError, ShapeError
from .jit import jit
from .mesh import Mesh, PartitionSpec
from .ops.linear import broadcast_to, moveaxis, permute, reshape
from .ops.movement import first_along
from .trace import current_trace
from .transforms.jvp import own
from .transforms.vmap import named_size, vmap, vmap_flat


def shard_map(f=None, /, *, out_specs, in_specs, mesh, axis_names=frozenset(), check_vma=True):
    """Return a function that divides its arguments among the devices of a mesh, runs f there, and
    joins the results. Usable as a decorator, with keywords.

    in_specs: for each argument a PartitionSpec, or a pytree prefix of them; one for all is enough.
    f gets its device's parts: arrays of the same rank. out_specs: likewise, how the results are
    joined; a mesh axis that is not named there says that the result is the same along it, which
    check_vma verifies (without it, the first device's is taken). axis_names: the mesh axes that f
    sees, by default all; along the others nothing is divided.

    In f the names are those of collectives: `lax.psum(x, "x")`. A derivative of the whole is that
    of the mathematical function. A derivative inside f is a device's own, also in what all share,
    except that the transpose of psum is psum (in JAX so with check_vma=False): docs/parallel.md.

    Raises ArgumentError, ShapeError, TreeError, naming the leaf that does not fit.
    """
    if f is None:
        return functools.partial(shard_map, out_specs=out_specs, in_specs=in_specs, mesh=mesh,
                                 axis_names=axis_names, check_vma=check_vma)
    axis_names = {axis_names} if isinstance(axis_names, str) else axis_names
    _check_mesh(mesh, axis_names)
    sizes = {name: n for name, n in mesh.shape.items() if not axis_names or name in axis_names}

    @functools.wraps(f)
    def sharded(*args, **kwargs):
        if kwargs:
            raise ArgumentError("shard_map: arguments are positional, as in_specs is",
                                got=", ".join(kwargs))
        outs, varying, out_tree = _on_parts(f, args, in_specs, sizes)
        specs = _leaf_specs(out_specs, tree.unflatten(out_tree, outs), sizes, "result", "out_specs")
        joined = [join(_along(x, names, spec, sizes, path, check_vma), spec, sizes, path)
                  for x, names, (spec, path) in zip(outs, varying, specs, strict=True)]
        return tree.unflatten(out_tree, own(joined, tree.leaves(args)))
    return sharded


def _on_parts(f, args, in_specs, sizes):
    """Run f on the parts of its arguments: (results, names along which each varies, structure)."""
    leaves, in_tree = tree.flatten(args)
    leaves = [check_array(x, "shard_map") for x in leaves]
    specs = _leaf_specs(in_specs, args, sizes, "argument", "in_specs")
    parts = [split(x, spec, sizes, path) for x, (spec, path) in zip(leaves, specs, strict=True)]
    box = {}

    def fun(*parts):
        lift = current_trace().lift     # also what is not divided: `table[lax.axis_index("x")]`
        parts = [lift(x) if isinstance(x, np.ndarray) else x for x in parts]
        outs, box["out"] = tree.flatten(f(*tree.unflatten(in_tree, parts)))
        return outs

    with np.errstate(all="ignore"):
        outs, varying = _on_mesh(fun, list(sizes.items()), parts,
                                 [spec.names() for spec, _ in specs])
    return outs, varying, box["out"]


def _check_mesh(mesh, axis_names):
    if not isinstance(mesh, Mesh):
        raise ArgumentError("shard_map: mesh is not a Mesh", got=type(mesh).__name__,
                            instead="isograd.make_mesh((n,), ('x',))")
    for name in axis_names:
        if name not in mesh.shape:
            raise ArgumentError("shard_map: the mesh has no such axis", got=repr(name),
                                wanted=", ".join(map(repr, mesh.axis_names)))


def _leaf_specs(specs, values, sizes, role, name):
    """(PartitionSpec, name for errors) of each leaf."""
    specs = tuple(specs) if isinstance(specs, list) else specs
    found = tree.prefix_leaves(specs, values, f"shard_map: {name}")
    paths = [f"shard_map: {role} {path or 'x'}" for path, _ in tree.leaves_with_path(values)]
    for spec, path in zip(found, paths, strict=True):
        if not isinstance(spec, PartitionSpec):
            raise ArgumentError(f"{path}: {name} has no PartitionSpec for it", got=repr(spec),
                                instead="PartitionSpec() for what is not divided")
        for axis in spec.names():
            if axis not in sizes:
                raise ArgumentError(f"{path}: {name} names an axis that the mesh has not",
                                    got=repr(axis), wanted=", ".join(map(repr, sizes)))
    return list(zip(found, paths, strict=True))


def _on_mesh(fun, axes, args, names):
    """Run fun on all devices; args have an axis in front for each of their names, in mesh order.

    axes: pairs of a name and a size. Returns (results, likewise, and for each the names of the axes
    along which it varies).
    """
    if not axes:
        outs = fun(*args)
        return outs, [()] * len(outs)
    (name, size), *inner = axes
    box = {}

    def one(*args):
        outs, box["varying"] = _on_mesh(fun, inner, args, names)
        return outs
    outs, batched = vmap_flat(one, named_size(size, name), args, [name in own for own in names],
                              "shard_map")
    return outs, [(name, *rest) if b else rest
                  for b, rest in zip(batched, box["varying"], strict=True)]


# ---- from whole arrays to parts, and back ----

def _groups(spec, ndim, shape, path):
    """For each axis of an array, the names that divide it."""
    groups = spec.groups()
    if len(groups) > ndim:
        raise ShapeError(f"{path} has fewer axes than its PartitionSpec", got=str(shape),
                         wanted=repr(spec))
    return groups + [()] * (ndim - len(groups))


def _count(names, sizes):
    return prod([sizes[name] for name in names])


def split(x, spec, sizes, path):
    """The array with an axis in front for each name of its spec, in mesh order: its parts."""
    shape = aval_of(x).shape
    divided, places = [], {}
    for n, names in zip(shape, _groups(spec, len(shape), shape, path), strict=True):
        count = _count(names, sizes)
        if n % count:
            raise ShapeError(f"{path}: an axis does not divide evenly among devices",
                             got=f"length {n}, over {count} devices of {', '.join(names)}",
                             wanted=f"a multiple of {count}", instead="np.pad, and cut the result")
        places.update({name: len(divided) + i for i, name in enumerate(names)})
        divided += [*[sizes[name] for name in names], n // count]
    front = [places[name] for name in sizes if name in places]
    rest = [i for i in range(len(divided)) if i not in front]
    return permute(reshape(x, tuple(divided)), (*front, *rest))


def join(x, spec, sizes, path):
    """The inverse of split."""
    order = [name for name in sizes if name in spec.names()]
    part = aval_of(x).shape[len(order):]
    perm, shape = [], []
    for i, (n, names) in enumerate(zip(part, _groups(spec, len(part), part, path), strict=True)):
        perm += [*map(order.index, names), len(order) + i]
        shape.append(n * _count(names, sizes))
    return reshape(permute(x, tuple(perm)), tuple(shape))


def _along(x, varying, spec, sizes, path, check):
    """A result that varies along the axes of its spec: repeated along others, taken once."""
    varying = list(varying)
    for name in [name for name in varying if name not in spec.names()]:
        if check:
            raise ArgumentError(
                f"{path} is said to be the same along {name!r}, but depends on it",
                instead=f"lax.psum, pmean or all_gather over {name!r}; {name!r} in out_specs; or "
                        "check_vma=False, which takes the first device's")
        x = first_along(x, varying.index(name))
        varying.remove(name)
    wanted = [name for name in sizes if name in spec.names()]
    for i, name in enumerate(wanted):
        if name not in varying:
            x = moveaxis(broadcast_to(x, (sizes[name], *aval_of(x).shape)), 0, i)
    return x


# ---- pmap ----

def pmap(fun, axis_name=None, *, in_axes=0, out_axes=0, static_broadcasted_argnums=(),
         devices=None, axis_size=None):
    """Compile a function, and map it over an axis of its arguments, an example to each device.

    On logical devices it is `jit(vmap(fun, in_axes, out_axes, axis_size, axis_name))`.
    static_broadcasted_argnums: arguments that are hashable constants. devices: a list, as long as
    the axis; by default there are as many as it takes. Raises as vmap does.
    """
    static = ((static_broadcasted_argnums,) if isinstance(static_broadcasted_argnums, int)
              else tuple(static_broadcasted_argnums))
    size = len(devices) if devices is not None else axis_size

    @functools.wraps(fun)
    def mapped(*args, **kwargs):
        fixed = {i % len(args): args[i] for i in static}
        axes = in_axes
        if isinstance(in_axes, (tuple, list)):
            axes = tuple([axis for i, axis in enumerate(in_axes) if i not in fixed])

        def one(*parts, **kwargs):
            parts = iter(parts)
            return fun(*[fixed[i] if i in fixed else next(parts) for i in range(len(args))],
                       **kwargs)
        rest = [x for i, x in enumerate(args) if i not in fixed]
        return vmap(one, axes, out_axes, size, axis_name)(*rest, **kwargs)
    return jit(mapped, static_argnums=static)
