"""Effects: what an operation does besides its results, such as printing.

An operation whose record says `effect` runs once for each run of the program that it stands in, in
the program's order, though nobody may use its results. So dead code is not all that has no readers
(`has_effect`), and what is computed for a second time, as derivatives do, must be computed in
silence (`without_effects`).
"""

from __future__ import annotations

from .graph import Graph, graphs_in, remembered


def has_effect(prim, params):
    """Whether an operation, or one in the graphs that it carries, has an effect."""
    return prim.effect or any(graph_has_effect(g) for p in params.values() for g in graphs_in(p))


def graph_has_effect(graph):
    return remembered(graph, "has effect", None, lambda: (
        any(has_effect(e.prim, e.params) for e in graph.eqns), True))


def without_effects(graph):
    """The graph for a second run: without the operations that exist for their effect alone."""
    if not graph_has_effect(graph):
        return graph
    return remembered(graph, "without effects", None, lambda: (_silent_graph(graph), True))


def _silent_graph(graph):
    eqns = [e._replace(params={name: _silent(p) for name, p in e.params.items()})
            for e in graph.eqns if e.outs or not e.prim.effect]
    return Graph(graph.inputs, tuple(eqns), graph.outputs)


def _silent(param):
    """The parameter, its graphs without effects."""
    if isinstance(param, Graph):
        return without_effects(param)
    if not graphs_in(param):
        return param
    if not isinstance(param, tuple):
        return type(param)(without_effects(param.graph))
    make = getattr(type(param), "_make", tuple)
    return make(map(_silent, param))
