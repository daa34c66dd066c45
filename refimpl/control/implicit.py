"""Solutions of equations as operations: how they were found does not matter to their derivatives.

`custom_linear_solve`: A(p) x = b(p). Differentiated, A dx = db - dA x: the same solve again with
another right-hand side; transposed, the solve with the transpose of A.

`custom_root`: f(x, p) = 0. By the implicit function theorem (df/dx) dx = -(df/dp) dp, a linear
solve.

p is whatever the functions close over: tracing them makes it explicit. (Griewank and Walther,
*Evaluating Derivatives*, section 15.)
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from .. import tree
from ..backend import executable_of
from ..call import weaken_results
from ..effects import without_effects
from ..errors import MissingRuleError
from ..graph import Graph, Var, eval_graph
from ..ops.elementwise import negative, subtract
from ..primitive import Primitive
from ..trace import EVAL, bind, current_trace
from ..transforms.jvp import all_zero, instantiate, jvp_flat
from ..transforms.linearize import Zero, linearize, linearize_flat
from ..transforms.transpose import linear_transpose
from .equations import Space, batched_graphs, sharing

# ---- for users ----

def custom_linear_solve(matvec, b, solve, transpose_solve=None, symmetric=False, has_aux=False):
    """Return `solve(matvec, b)`, x with matvec(x) = b, differentiated as the solution that it is.

    matvec: a linear function of pytrees like b, of floating-point or complex numbers.
    solve(matvec, b): any way to find x; it is never differentiated. transpose_solve(vecmat, b): the
    same for the transpose of matvec, which reverse mode needs unless `symmetric` says that matvec
    is its own. has_aux: solve (and transpose_solve) return (x, aux), and so does this; aux is taken
    as constant. All functions are traced, and may close over traced values.

    Raises TreeError or DtypeError, naming the leaf, if matvec(b) or x are not like b;
    MissingRuleError in reverse mode without transpose_solve.
    """
    space, b = Space.of("custom_linear_solve", "b", b)
    bodies = [space.stage(matvec, "matvec(x)"),
              space.stage(functools.partial(solve, matvec), "the result of solve", has_aux)]
    if transpose_solve is not None and _is_traced():
        vecmat = matvec if symmetric else functools.partial(_transposed, matvec)
        bodies += [space.stage(vecmat, "the transpose of matvec"),
                   space.stage(functools.partial(transpose_solve, vecmat),
                               "the result of transpose_solve", has_aux)]
    graphs, captured = sharing(bodies)
    forward = Solver(*graphs[:2])
    backward = Solver(*graphs[2:]) if graphs[2:] else forward if symmetric else None
    outs = bind(linear_solve_p, *captured, *b, matvec=forward.matvec, graph=forward.solve,
                transposed=backward)
    x, aux = tree.unflatten(bodies[1].out_tree, list(outs))
    return (x, aux) if has_aux else x


def custom_root(f, initial_guess, solve, tangent_solve, has_aux=False):
    """Return `solve(f, initial_guess)`, x with f(x) = 0, differentiated as the root that it is.

    f: a function of pytrees like initial_guess, of floating-point or complex numbers, with results
    like it. solve: any way to find x; it is never differentiated. tangent_solve(g, y): x with
    g(x) = y, for the derivative g of f at the root; reverse mode transposes it, or where it is not
    a linear program, calls it for the transpose of g. has_aux: solve returns (x, aux), and so does
    this; aux is taken as constant. All functions are traced, and may close over traced values; x is
    differentiable, to every order, in what f closes over.

    >>> import numpy as np, isograd
    >>> def newton(f, x):
    ...     step = lambda x: x - f(x) / isograd.grad(f)(x)
    ...     return isograd.lax.fori_loop(0, 10, lambda i, x: step(x), x)
    >>> def cube_root(a):
    ...     return isograd.lax.custom_root(lambda x: x ** 3 - a, 1.0, newton,
    ...                                    lambda g, y: y / g(1.0))
    >>> isograd.value_and_grad(cube_root)(8.0)
    (np.float64(2.0), np.float64(0.08333333333333333))

    Raises TreeError or DtypeError, naming the leaf, if f(x) or x are not like initial_guess.
    """
    space, guess = Space.of("custom_root", "initial_guess", initial_guess)

    def tangent(x, y):
        return tangent_solve(linearize(f, x)[1], y)

    def transposed(x, ct):
        g = linearize(f, x)[1]
        try:
            return _transposed(functools.partial(tangent_solve, g), ct)
        except MissingRuleError:
            return tangent_solve(functools.partial(_transposed, g), ct)

    bodies = [space.stage(f, "f(x)"),
              space.stage(functools.partial(solve, f), "the result of solve", has_aux)]
    if _is_traced():
        bodies += [space.stage(fun, "the result of tangent_solve", copies=2)
                   for fun in (tangent, transposed)]
    (residual, graph, *tangents), captured = sharing(bodies)
    outs = bind(root_p, *captured, *guess, residual=residual, graph=graph,
                tangents=tuple(tangents))
    x, aux = tree.unflatten(bodies[1].out_tree, list(outs))
    return (x, aux) if has_aux else x


def _is_traced():
    """Whether a derivative may be asked for: what is evaluated at once has none."""
    return current_trace() is not EVAL


def _transposed(fun, ct):
    """The transpose of a linear function, whose arguments are like its results, at ct."""
    return linear_transpose(fun, ct)(ct)[0]


class Solver(NamedTuple):
    """Graphs of the same captured values and a vector: x -> A x, and b -> x (and further results).
    """

    matvec: Graph
    solve: Graph


# ---- what both operations share: `graph` is how the solution is found ----

def _impl(*args, graph, **_):
    return tuple(weaken_results(graph.outputs, executable_of(graph).run(args)))


def _avals(*_, graph, **__):
    return [a.aval for a in graph.outputs]


def _change(graph, fixed, dots, x):
    """The tangents of graph(captured values, x) for those of the captured values."""
    if all_zero(dots):
        return [None] * len(x)
    silent = without_effects(graph)
    return jvp_flat(lambda *cs: eval_graph(silent, [*cs, *x]), fixed, dots)[1]


# ---- linear solves ----

def _solve_jvp(prim, primals, tangents, params):
    """A dx = db - dA x."""
    matvec = params["matvec"]
    n = len(matvec.outputs)
    fixed, dots, db = primals[:-n], tangents[:-n], tangents[-n:]
    outs = bind(prim, *primals, **params)
    x = outs[:n]
    moved = _change(matvec, fixed, dots, x)
    if all_zero((*db, *moved)):
        return outs, (None,) * len(outs)
    rhs = [instantiate(d, v) if m is None else subtract(instantiate(d, v), m)
           for d, m, v in zip(db, moved, x, strict=True)]
    again = {**params, "graph": without_effects(params["graph"])}
    dx = bind(prim, *fixed, *rhs, **again)[:n]
    return outs, (*dx, *(None,) * (len(outs) - n))


def _solve_transpose(cts, args, params):
    matvec, graph, backward = params["matvec"], params["graph"], params["transposed"]
    n = len(matvec.outputs)
    fixed, b = args[:-n], args[-n:]
    if any(type(a) is Var for a in fixed) or not all_zero(cts[n:]):
        raise MissingRuleError("custom_linear_solve is linear only in b, and only x is",
                               instead="a function of b whose result is x")
    if backward is None:
        raise MissingRuleError("custom_linear_solve: reverse mode solves with the transpose",
                               instead="transpose_solve=..., or symmetric=True")
    rhs = [instantiate(ct, Zero(a.aval)) for ct, a in zip(cts[:n], matvec.outputs, strict=True)]
    pulled = bind(linear_solve_p, *fixed, *rhs, matvec=backward.matvec,
                  graph=without_effects(backward.solve), transposed=Solver(matvec, graph))
    return [None] * len(fixed) + [ct if type(a) is Var else None
                                  for ct, a in zip(pulled[:n], b, strict=True)]


def _solve_batch(prim, size, args, batched, params):
    graphs = [params["matvec"], params["graph"], *(params["transposed"] or ())]
    (matvec, graph, *rest), operands, differs = batched_graphs(
        size, args, batched, graphs, len(params["matvec"].outputs))
    outs = bind(prim, *operands, matvec=matvec, graph=graph,
                transposed=Solver(*rest) if rest else None)
    return outs, (differs,) * len(outs)


linear_solve_p = Primitive("custom_linear_solve", "call", _impl, _avals, _solve_jvp,
                           _solve_transpose, _solve_batch, multiple=True,
                           doc="The solution of linear equations, found in a way of the user's.")


# ---- roots ----

def _root_jvp(prim, primals, tangents, params):
    """(df/dx) dx = -(df/dp) dp."""
    residual, n = without_effects(params["residual"]), len(params["residual"].outputs)
    outs = bind(prim, *primals, **params)
    fixed, x = primals[:-n], outs[:n]
    change = _change(residual, fixed, tangents[:-n], x)
    if all_zero(change):
        return outs, (None,) * len(outs)
    rhs = [negative(instantiate(d, v)) for d, v in zip(change, x, strict=True)]
    slope = linearize_flat(lambda *xs: eval_graph(residual, [*fixed, *xs]), x, (True,) * n)[1]

    def matvec(dx):
        return list(map(instantiate, slope.push(dx), x))
    solve, transpose_solve = [lambda _, y, graph=graph: eval_graph(graph, [*fixed, *x, *y])
                              for graph in params["tangents"]]
    dx = custom_linear_solve(matvec, rhs, solve, transpose_solve)
    return outs, (*dx, *(None,) * (len(outs) - n))


def _root_batch(prim, size, args, batched, params):
    graphs = [params["residual"], params["graph"], *params["tangents"]]
    (residual, graph, *tangents), operands, differs = batched_graphs(
        size, args, batched, graphs, len(params["residual"].outputs))
    outs = bind(prim, *operands, residual=residual, graph=graph, tangents=tuple(tangents))
    return outs, (differs,) * len(outs)


root_p = Primitive("custom_root", "call", _impl, _avals, _root_jvp, None, _root_batch,
                   multiple=True, doc="A root, found in a way of the user's.")
