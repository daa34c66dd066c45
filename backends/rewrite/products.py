"""Contractions: compute the transposed product where that is what is wanted.

These two rewrites look at shapes, not at bits. The first leaves the order of summation to the
backend, as every contraction does; the second is exact.
"""

from __future__ import annotations

from ...refimpl.aval import Aval
from ...refimpl.graph import Eqn, Graph, Lit, Var
from ...refimpl.ops.elementwise import multiply
from ...refimpl.ops.linear import permute_p, reshape_p


def simplify_products(graph):
    """(x y)^T is y^T x^T, without a copy; a contraction over no axes is an outer product."""
    uses = _count_uses(graph)
    products, dropped, replaced = {}, set(), {}
    for e in graph.eqns:
        if e.prim.name == "dot_general":
            products[e.outs[0]] = e
        elif e.prim is permute_p and e.args[0] in products and uses[e.args[0]] == 1:
            product = products[e.args[0]]
            if e.params["perm"] == _swap(product):
                dropped.add(product.outs)
                replaced[e.outs] = _swapped(product, e.outs)
    eqns = []
    for e in graph.eqns:
        if e.outs in dropped:
            continue
        e = replaced.get(e.outs, e)
        if e.prim.name == "dot_general" and e.params["contract"] == ((), ()):
            eqns += _outer_product(e)
        else:
            eqns.append(e)
    return Graph(graph.inputs, tuple(eqns), graph.outputs)


def _count_uses(graph):
    uses = {}
    for atom in (*[a for e in graph.eqns for a in e.args], *graph.outputs):
        if type(atom) is not Lit:
            uses[atom] = uses.get(atom, 0) + 1
    return uses


def _free(atom, contract, batch):
    return tuple([i for i in range(atom.aval.ndim) if i not in contract and i not in batch])


def _blocks(e):
    """How many batch axes, free axes of x and free axes of y the result has."""
    (x, y), contract, batch = e.args, e.params["contract"], e.params["batch"]
    return (len(batch[0]), len(_free(x, contract[0], batch[0])),
            len(_free(y, contract[1], batch[1])))


def _swap(e):
    """The permutation that exchanges the free axes of x and of y."""
    n_batch, n_x, n_y = _blocks(e)
    batch = tuple(range(n_batch))
    of_x = tuple(range(n_batch, n_batch + n_x))
    return batch + tuple(range(n_batch + n_x, n_batch + n_x + n_y)) + of_x


def _swapped(e, outs):
    """The equation of the product with its operands exchanged."""
    params = {"contract": e.params["contract"][::-1], "batch": e.params["batch"][::-1]}
    return e._replace(args=e.args[::-1], params=params, outs=outs)


def _outer_product(e):
    """z[b, i, j] = x[b, i, 1] * y[b, 1, j]"""
    n_batch, n_x, n_y = _blocks(e)
    eqns = []
    args = []
    for atom, batch, before, after in zip(e.args, e.params["batch"], (0, n_x), (n_y, 0),
                                          strict=True):
        atom = _permuted(atom, batch + _free(atom, (), batch), e, eqns)
        shape = atom.aval.shape
        shape = (*shape[:n_batch], *(1,) * before, *shape[n_batch:], *(1,) * after)
        args.append(_reshaped(atom, shape, e, eqns))
    eqns.append(Eqn(multiply.prim, tuple(args), {}, e.outs, e.source))
    return eqns


def _permuted(atom, perm, e, eqns):
    if perm == tuple(range(len(perm))):
        return atom
    shape = tuple([atom.aval.shape[i] for i in perm])
    return _emit(permute_p, atom, {"perm": perm}, shape, e, eqns)


def _reshaped(atom, shape, e, eqns):
    if atom.aval.shape == shape:
        return atom
    return _emit(reshape_p, atom, {"shape": shape}, shape, e, eqns)


def _emit(prim, atom, params, shape, e, eqns):
    out = Var(Aval(shape, atom.aval.dtype))
    eqns.append(Eqn(prim, (atom,), params, (out,), e.source))
    return out
