"""Write the clusters down as the kernels of a FusionPlan, in the order in which they run."""

from __future__ import annotations

import heapq

from .axes import resolve
from .places import Place
from .plan import (
    Buffer,
    CallKernel,
    FusionPlan,
    GemmKernel,
    LoopKernel,
    Op,
    RandomKernel,
    Store,
    View,
)
from .views import Layout


def write_plan(graph, planner, outputs):
    """outputs: the variable that is stored as each output."""
    numbers, buffers = {}, []

    def new_buffer(v, *description):
        numbers.setdefault(v, len(buffers))
        buffers.append(Buffer(*description))
        return len(buffers) - 1

    inputs = tuple([new_buffer(v, "input", i, *planner.input_type(v))
                    for i, v in enumerate(graph.inputs)])
    results = tuple([new_buffer(v, "output", i, atom.aval.shape, v.aval.dtype)
                     for i, (v, atom) in enumerate(zip(outputs, graph.outputs, strict=True))])
    order = _needed_clusters(run_order(planner), set(outputs),
                             set(planner.clusters.effects))
    for cluster in order:
        for v in _results(cluster):
            if v in planner.clusters.stored and v not in numbers and v not in planner.parts:
                index = len(buffers) - len(inputs) - len(results)
                new_buffer(v, "temp", index, v.aval.shape, v.aval.dtype)
    kernels = []
    for cluster in order:
        if cluster.kind != "join":
            kernels += _WRITE[cluster.kind](planner, cluster, numbers)
    return FusionPlan(inputs, tuple(buffers), tuple(kernels), results)


def _needed_clusters(order, needed, effects):
    """Leave out the clusters whose results nobody uses; planning may have replaced them."""
    kept = []
    for cluster in reversed(order):
        if cluster in effects or not needed.isdisjoint(_results(cluster)):
            kept.append(cluster)
            needed.update([p.base for node in cluster.nodes for p in node.args
                           if type(p) is Place])
    return kept[::-1]


def _results(cluster):
    for node in cluster.nodes:
        yield from node.out if type(node.out) is tuple else (node.out,)


def run_order(planner):
    """Topological order; among clusters that are ready, the one whose last equation comes first."""
    clusters = planner.clusters.living()
    waiting, readers = {}, {c: [] for c in clusters}
    for c in clusters:
        c.nodes.sort(key=lambda node: node.step)
        sources = _sources(planner, c)
        waiting[c] = len(sources)
        for source in sources:
            readers[source].append(c)
    ready = [(c.nodes[-1].step, c) for c in clusters if not waiting[c]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, cluster = heapq.heappop(ready)
        order.append(cluster)
        for reader in readers[cluster]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, (reader.nodes[-1].step, reader))
    if len(order) != len(clusters):
        raise AssertionError("fusion made a cycle; this is our bug, please report it")
    return order


def _sources(planner, cluster):
    places = [p for node in cluster.nodes for p in node.args if type(p) is Place]
    return {cluster.after, *map(planner.clusters.home, places)} - {None, cluster}


# ---- gemm, random and call ----

def _write_gemm(planner, cluster, numbers):
    (node,) = cluster.nodes
    views = tuple([View(numbers[p.base], p.layout) for p in node.args])
    (out,) = node.out
    yield GemmKernel(views, numbers[out], out.aval.dtype, node.source)


def _write_random(planner, cluster, numbers):
    (node,) = cluster.nodes
    (place,), (out,) = node.args, node.out
    yield RandomKernel(View(numbers[place.base], place.layout), numbers[out],
                       source=node.source, **dict(node.params))


def _write_call(planner, cluster, numbers):
    (node,) = cluster.nodes
    views, args, weak = [], [], []
    for arg in node.args:
        if type(arg) is Place:
            args.append(len(views))
            views.append(View(numbers[arg.base], arg.layout))
            weak.append(arg.weak)
        else:
            args.append(arg)
    outputs = tuple([numbers[v] for v in node.out])
    yield CallKernel(node.prim, tuple(args), node.params, tuple(views), outputs,
                     node.folded, tuple(weak), node.source)


# ---- loops ----

def _write_loop(planner, cluster, numbers):
    """One kernel; two if its results cannot be made in one pass (see `_conflict`)."""
    space = resolve(cluster.space)
    stored = [node for node in cluster.nodes
              if node.out in planner.clusters.stored and _whole(planner, node)[0] in numbers]
    level = _folded_inside(cluster, space)
    if level:
        full = [node for node in stored if not node.result_level(space)]
        if full:
            yield _loop(planner, cluster, space, None, full, numbers)
        stored = [node for node in stored if node.result_level(space)]
        space = tuple([a for a in space if a not in level] + [a for a in space if a in level])
    yield _loop(planner, cluster, space, level, stored, numbers)


def _folded_inside(cluster, space):
    """The level, if there is one, that is neither the last axes nor the first.

    Then the space is reordered so that they come last. But what is stored for each point must keep
    its order, so those results get a kernel of their own, which computes common values again.
    """
    for level in cluster.levels_now():
        kept = frozenset(space) - level
        n, m = len(level), len(kept)
        if level and kept and level != frozenset(space[m:]) and level != frozenset(space[:n]):
            return level
    return None


def _loop(planner, cluster, space, level, stored, numbers):
    """The kernel that computes the stored nodes over a space in the given order."""
    wanted = _needed(planner, cluster, stored)
    nodes = [node for node in cluster.nodes if node.out in wanted]
    place_of = {axis: i for i, axis in enumerate(space)}
    inputs, loads = {}, {}
    for node in nodes:
        for i, arg in enumerate(node.args):
            if type(arg) is Place and arg.base not in wanted:
                view = View(numbers[arg.base], _over_space(arg.layout, node.dims, place_of))
                loads[node, i] = inputs.setdefault(view, len(inputs))
    values, body = {}, []
    for node in nodes:
        args = tuple([arg if type(arg) is not Place else
                      values[arg.base] if arg.base in wanted else loads[node, i]
                      for i, arg in enumerate(node.args)])
        if node.prim is None:
            values[node.out] = args[0]
        else:
            values[node.out] = len(inputs) + len(body)
            body.append(_op(node, args, place_of))
    outputs = tuple([_store(planner, node, values[node.out], place_of, numbers)
                     for node in stored])
    rows = level or cluster.row_now() or _last_axes(cluster, space)
    shape = tuple([a.size for a in space])
    rows = tuple(sorted([place_of[a] for a in rows]))
    return LoopKernel(shape, rows, cluster.row is not None, tuple(inputs), tuple(body), outputs)


def _whole(planner, node):
    """(the variable that a result is stored in, from which element on); nobody may want it."""
    return planner.parts.get(node.out, (node.out, 0))


def _store(planner, node, value, place_of, numbers):
    whole, offset = _whole(planner, node)
    return Store(value, _positions(node.result_dims(), place_of), numbers[whole], offset)


def _needed(planner, cluster, stored):
    """The variables that have to be computed here for the stored ones."""
    wanted = {node.out for node in stored}
    for node in reversed(cluster.nodes):
        if node.out in wanted:
            wanted.update([p.base for p in node.args
                           if type(p) is Place and planner.clusters.home(p) is cluster])
    return wanted


def _op(node, args, place_of):
    over = _positions(node.dims, place_of)
    axes = _positions(node.result_dims(), place_of)
    params = () if node.folded else node.params
    return Op(node.prim, args, params, over, axes, node.out.aval.dtype, node.source)


def _positions(dims, place_of):
    return tuple(sorted([place_of[a] for d in dims for a in resolve(d)]))


def _last_axes(cluster, space):
    """The level that folds trailing axes, if there is one besides the sum over everything."""
    for level in cluster.levels_now():
        kept = len(space) - len(level)
        if level and kept and level == frozenset(space[kept:]):
            return level
    return ()


def _over_space(layout, dims, place_of):
    """The layout of what is read, with an axis for each axis of the space."""
    shape, strides = [1] * len(place_of), [0] * len(place_of)
    for axes, stride in zip(dims, layout.strides, strict=True):
        for axis in reversed(resolve(axes)):
            if stride or axis.size == 0:
                shape[place_of[axis]], strides[place_of[axis]] = axis.size, stride
            stride *= axis.size
    return Layout(tuple(shape), tuple(strides), layout.offset)


_WRITE = {"loop": _write_loop, "gemm": _write_gemm, "random": _write_random, "call": _write_call}
