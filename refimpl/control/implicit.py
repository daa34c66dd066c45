"""Solutions of equations as operations: how they were found does not matter to their derivatives.

`custom_linear_solve`: A(p) x = b(p). Differentiated, A dx = db - dA x: the same solve again with
another right-hand side; transposed, the solve with the transpose of A.

`custom_root`: f(x, p) = 0. By the implicit function theorem (df/dx) dx = -(df/dp) dp, a linear
solve.

p is whatever the functions close over: tracing them makes it explicit. (Griewank and Walther,
*Evaluating Derivatives*, section 15.)
"""

from __future__ import annotations

from .. import tree
from ..aval import aval_of, strong
from ..backend import executable_of
from ..custom import batched_function
from ..errors import DtypeError, MissingRuleError, TreeError
from ..graph import Var, eval_graph
from ..ops.elementwise import negative, subtract
from ..primitive import Primitive
from ..trace import bind
from ..transforms.jvp import all_zero, instantiate, jvp_flat
from ..transforms.linearize import Zero
from ..transforms.transpose import linear_transpose
from ..transforms.vmap import batch_graph
from .bodies import (
    Body,
    check_same_tree,
    converted,
    flat_arrays,
    force_batched,
    paths,
    spread_captured,
    stage_body,
    with_batch_axis,
)

# ---- for users ----

def custom_linear_solve(matvec, b, solve, transpose_solve=None, symmetric=False, has_aux=False):
    """Return `solve(matvec, b)`, x with matvec(x) = b, differentiated as the solution that it is.

    matvec: a linear function of pytrees like b. solve(matvec, b): any way to find x; it is never
    differentiated. transpose_solve(vecmat, b): the same for the transpose of matvec, which reverse
    mode needs unless `symmetric` says that matvec is its own. has_aux: solve (and transpose_solve)
    return (x, aux), and so does this; aux is taken as constant. Both functions may close over
    traced values, and are traced.

    Raises TreeError or DtypeError, naming the leaf, if matvec(b) or x are not like b;
    MissingRuleError in reverse mode without transpose_solve.
    """
    name = "custom_linear_solve"
    leaves, struct = _strong_leaves(b, name)

    def staged(fun, role, aux=False):
        return _stage_like(lambda x: fun(x), leaves, struct, name, role, aux)

    def vecmat(ct):
        return linear_transpose(matvec, tree.unflatten(struct, leaves))(ct)[0]

    bodies = [staged(matvec, "matvec(x)"),
              staged(lambda b: solve(matvec, b), "the result of solve", has_aux)]
    if transpose_solve is not None and not symmetric:
        bodies += [staged(vecmat, "the transpose of matvec"),
                   staged(lambda b: transpose_solve(vecmat, b), "the result of transpose_solve",
                          has_aux)]
    graphs, captured = spread_captured(bodies)
    if symmetric:
        graphs = graphs * 2
    outs = bind(solve_p, *captured, *leaves, graphs=tuple(graphs), n=len(leaves))
    x = tree.unflatten(struct, list(outs[:len(leaves)]))
    if not has_aux:
        return x
    return x, tree.unflatten(bodies[1].out_tree.child(1), list(outs[len(leaves):]))


def custom_root(f, initial_guess, solve, tangent_solve, has_aux=False):
    """Return `solve(f, initial_guess)`, x with f(x) = 0, differentiated as the root that it is.

    f: a function of pytrees like initial_guess, with results like it. solve: any way to find x; it
    is never differentiated. tangent_solve(g, y): the solution of g(x) = y for a linear function g,
    the derivative of f at the root or the transpose of that. has_aux: solve returns (x, aux), and
    so does this; aux is taken as constant. f and solve may close over traced values, and are
    traced; x is differentiable, to every order, in what f closes over.

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
    name = "custom_root"
    leaves, struct = _strong_leaves(initial_guess, name)
    bodies = [_stage_like(f, leaves, struct, name, "f(x)"),
              _stage_like(lambda x: solve(f, x), leaves, struct, name, "the result of solve",
                          has_aux)]
    graphs, captured = spread_captured(bodies)
    n = len(leaves)
    outs = bind(root_p, *captured, *leaves, graphs=tuple(graphs), n=n,
                linear_solve=_linear_solve_of(graphs[0], struct, tangent_solve))
    x = tree.unflatten(struct, list(outs[:n]))
    return (x, tree.unflatten(bodies[1].out_tree.child(1), list(outs[n:]))) if has_aux else x


def _strong_leaves(x, name):
    leaves, struct = flat_arrays(x, name)
    return converted(leaves, [strong(aval_of(leaf)) for leaf in leaves]), struct


def _stage_like(fun, leaves, struct, name, role, aux=False):
    """Stage fun, whose result (of a pair with aux, the first part) is like its argument."""
    avals = list(map(aval_of, leaves))
    in_tree = tree.structure((tree.unflatten(struct, range(len(leaves))),))
    body = stage_body(fun, name, in_tree, avals)
    out_tree = body.out_tree
    if aux:
        if out_tree.type is not tuple or out_tree.num_children != 2:
            raise TreeError(f"{name}: {role} is a pair (x, aux)", got=tree.show(out_tree))
        out_tree = out_tree.child(0)
    check_same_tree(out_tree, struct, name, role)
    for path, atom, want in zip(paths(struct), body.graph.outputs[:len(avals)], avals,
                                strict=True):
        if strong(atom.aval) != want:
            raise DtypeError(f"{name}: {role} has another type than what it belongs to, at {path}",
                             got=str(atom.aval), wanted=str(want))
    return body


# ---- what both operations share ----

def _impl(*args, graphs, **_):
    return tuple(executable_of(graphs[1]).run(args))


def _avals(*_, graphs, **__):
    return tuple([a.aval for a in graphs[1].outputs])


def _change(graph, consts, dots, x):
    """The tangents of graph(consts, x) for those of the constants."""
    return jvp_flat(lambda *cs: eval_graph(graph, [*cs, *x]), consts, dots)[1]


def _batched(size, args, batched, graphs, n):
    """(graphs, operands, flags, number of new constants): all but the constants is batched."""
    flags = (*batched[:-n], *(True,) * n)
    bodies = []
    for graph in graphs:
        mapped, captured, own = batch_graph(graph, size, flags)
        bodies.append(Body(force_batched(mapped, size, own, (True,) * len(own)), captured, None))
    mapped, captured = spread_captured(bodies)
    x = with_batch_axis(args[-n:], batched[-n:], flags[-n:], size)
    return tuple(mapped), [*captured, *args[:-n], *x], flags, len(captured)


# ---- roots ----

def _linear_solve_of(residual, struct, tangent_solve):
    """The solution of (df/dx) dx = rhs at a root, as a function of leaves: constants, x, rhs."""
    n = struct.num_leaves

    def linear_solve(*leaves):
        consts, x, rhs = leaves[:-2 * n], leaves[-2 * n:-n], leaves[-n:]

        def slope(dx):
            dots = jvp_flat(lambda *xs: eval_graph(residual, [*consts, *xs]), x, tree.leaves(dx))[1]
            return tree.unflatten(struct, list(map(instantiate, dots, x)))
        return tree.leaves(custom_linear_solve(slope, tree.unflatten(struct, list(rhs)),
                                               tangent_solve, tangent_solve))
    return linear_solve


def _root_jvp(prim, primals, tangents, params):
    n = params["n"]
    outs = bind(prim, *primals, **params)
    consts, x = primals[:-n], outs[:n]
    change = _change(params["graphs"][0], consts, tangents[:-n], x)
    if all_zero(change):
        return outs, (None,) * len(outs)
    rhs = [negative(instantiate(d, v)) for d, v in zip(change, x, strict=True)]
    dx = params["linear_solve"](*consts, *x, *rhs)
    return outs, (*dx, *(None,) * (len(outs) - n))


def _root_batch(prim, size, args, batched, params):
    n = params["n"]
    graphs, operands, flags, new = _batched(size, args, batched, params["graphs"], n)
    one = batched_function(params["linear_solve"], size, [*flags, *(True,) * n])
    outs = bind(prim, *operands, graphs=graphs, n=n,
                linear_solve=lambda *leaves: one(*leaves[new:]))
    return outs, (True,) * len(outs)


root_p = Primitive("custom_root", "call", _impl, _avals, _root_jvp, None, _root_batch,
                   multiple=True, doc="A root, found in a way of the user's.")


# ---- linear solves ----

def _solve_jvp(prim, primals, tangents, params):
    """A dx = db - dA x."""
    matvec, n = params["graphs"][0], params["n"]
    consts, dots, db = primals[:-n], tangents[:-n], tangents[-n:]
    outs = bind(prim, *primals, **params)
    x = outs[:n]
    moved = _change(matvec, consts, dots, x)
    if all_zero((*db, *moved)):
        return outs, (None,) * len(outs)
    rhs = [instantiate(d, v) if m is None else subtract(instantiate(d, v), m)
           for d, m, v in zip(db, moved, x, strict=True)]
    dx = bind(prim, *consts, *rhs, **params)[:n]
    return outs, (*dx, *(None,) * (len(outs) - n))


def _solve_transpose(cts, args, params):
    graphs, n = params["graphs"], params["n"]
    if len(graphs) == 2:
        raise MissingRuleError("custom_linear_solve: reverse mode solves with the transpose",
                               instead="transpose_solve=..., or symmetric=True")
    consts = args[:-n]
    rhs = [instantiate(ct, Zero(strong(a.aval)))
           for ct, a in zip(cts[:n], graphs[0].outputs, strict=True)]
    pulled = bind(solve_p, *consts, *rhs, graphs=(*graphs[2:], *graphs[:2]), n=n)[:n]
    return [None] * len(consts) + [ct if type(a) is Var else None
                                   for ct, a in zip(pulled, args[-n:], strict=True)]


def _solve_batch(prim, size, args, batched, params):
    graphs, operands, _, _ = _batched(size, args, batched, params["graphs"], params["n"])
    outs = bind(prim, *operands, graphs=graphs, n=params["n"])
    return outs, (True,) * len(outs)


solve_p = Primitive("custom_linear_solve", "call", _impl, _avals, _solve_jvp, _solve_transpose,
                    _solve_batch, multiple=True,
                    doc="The solution of linear equations, found in a way of the user's.")
