"""Primitive: one record that says all there is to know of an operation's meaning.

    impl(*arrays, **params)                what it computes, in NumPy
    aval(*avals, **params)                 shape and dtype of the result
    jvp(prim, primals, tangents, params)   -> results, tangents of the results
    transpose(cts, args, params)           -> cotangent per argument; only for linear operations
    batch(prim, size, args, batched, params) -> results, batched flag(s)

Tangents and cotangents that are `None` are zero. In `transpose` an argument in which the operation
is linear stands as a `Var`, the others as values. A batched value carries its batch axis in front.
The constructors below derive the rules that follow from an operation's *kind*, so that a record
states only what is particular to it: one derivative formula per argument, in argument order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .errors import ArgumentError, MissingRuleError
from .trace import bind


def missing_jvp(prim, primals, tangents, params):
    raise MissingRuleError(f"no derivative is known for {prim.name}",
                           instead="wrap the computation in isograd.custom_jvp or custom_vjp")


@dataclass(frozen=True, eq=False)
class Primitive:
    """A row of the table of operations. `kind` is what a planner may know of it:

    elementwise   a NumPy ufunc: broadcasts and promotes as NumPy does
    reduce        folds the axes in `params["axes"]`
    movement      rearranges elements, computes nothing
    index         gathers or scatters elements by integer arrays
    dot           contracts axes of two operands
    conv          contracts them under a sliding window
    fft           a discrete Fourier transform
    scan          runs along one axis (cumulative sums, sorting)
    linalg        decomposes or solves with the matrices in the last two axes
    random        random numbers of keys and parameters, and how they move with these
    callback      runs a Python function that it carries
    collective    speaks of all examples of the batch axes in `params["axis_names"]`
    call          carries Graphs or functions
    """

    name: str
    kind: str
    impl: Callable
    aval: Callable
    jvp: Callable = missing_jvp
    transpose: Callable | None = None
    batch: Callable | None = None
    partials: tuple | None = None       # elementwise: partial derivatives, one an argument
    linearize: Callable | None = None   # kind "call" only: see transforms/linearize.py
    stage: Callable | None = None       # kind "call" only: see transforms/stage.py
    multiple: bool = False              # the results are a tuple
    effect: bool = False                # see effects.py
    doc: str = ""

    def __post_init__(self):
        """Enter the table of operations; a name with a dot is another package's, and stays out."""
        if "." in self.name:
            return
        if self.name in PRIMITIVES:
            raise ArgumentError(f"primitive {self.name!r} is defined twice",
                                instead=f"a name of your own: 'mypackage.{self.name}'")
        PRIMITIVES[self.name] = self

    def __repr__(self):
        return self.name


PRIMITIVES: dict[str, Primitive] = {}


# ---- derivative rules derived from formulas ----

def formulas(*rules, fit=lambda term, out: term):
    """Make a jvp rule from one formula per argument: `rule(g, out, *primals, **params)`.

    A rule that is None says that the derivative in that argument is zero everywhere.
    `fit` brings a term to the shape and dtype of the result.
    """
    def jvp(prim, primals, tangents, params):
        out = bind(prim, *primals, **params)
        total = None
        for rule, g in zip(rules, tangents, strict=True):
            if g is not None and rule is not None:
                term = fit(rule(g, out, *primals, **params), out)
                total = term if total is None else total + term
        return out, total
    return jvp


def linear(prim, primals, tangents, params):
    """The jvp rule of an operation that is linear in its one array argument."""
    return bind(prim, *primals, **params), bind(prim, *tangents, **params)


def no_derivative(prim, primals, tangents, params):
    """The jvp rule of a piecewise constant or integer-valued operation."""
    out = bind(prim, *primals, **params)
    return out, (None,) * len(out) if prim.multiple else None


def transpose_rule(prim):
    """Return the transpose rule of a primitive that appears in linear code."""
    if prim.transpose is None:
        raise MissingRuleError(f"{prim.name} is not linear, so it cannot be transposed",
                               instead="a function that is linear in its arguments")
    return prim.transpose


def batch_rule(prim):
    if prim.batch is None:
        raise MissingRuleError(f"no vmap rule is known for {prim.name}",
                               instead="a Python loop over the axis")
    return prim.batch
