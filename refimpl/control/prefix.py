"""associative_scan: all prefixes of a sequence, in a logarithmic number of vectorised steps."""

from __future__ import annotations

import numpy as np

from .. import tree
from ..aval import aval_of
from ..errors import ShapeError, check_function
from ..mutation import twin
from ..ops.linear import moveaxis, reshape
from ..ops.movement import concatenate, flip, slice_
from ..trace import Tracer
from .bodies import check_same_tree, flat_arrays


def associative_scan(fn, elems, reverse=False, axis=0):
    """Return the prefixes e_0, e_0 * e_1, ..., where a * b = fn(a, b) is associative.

    elems: a pytree of arrays of the same size along `axis`; fn is vectorised: it takes two such
    trees and combines them element by element along the axis. reverse: the suffixes instead.
    About 2 log2(n) calls of fn (Blelloch, *Prefix sums and their applications*, 1990).
    Raises ShapeError if the sizes differ, TreeError if fn returns another structure.
    """
    check_function("associative_scan", fn)
    leaves, struct = flat_arrays(elems, "associative_scan")
    front = [moveaxis(x, _checked(x, axis), 0) for x in leaves]
    sizes = {aval_of(x).shape[0] for x in front}
    if len(sizes) > 1:
        raise ShapeError("associative_scan: the leaves differ in size along the axis",
                         got=", ".join(map(str, sorted(sizes))), wanted="one size")

    def combine(*sides):
        given = [_back(struct, list(map(_own, xs)), axis) for xs in sides]
        out, out_tree = flat_arrays(fn(*given), "associative_scan")
        check_same_tree(out_tree, struct, "associative_scan", "what the function returns")
        return [moveaxis(x, axis % aval_of(x).ndim, 0) for x in out]

    if reverse:
        front = [flip(x, axes=(0,)) for x in front]
    out = _prefixes(combine, front) if front else []
    if reverse:
        out = [flip(x, axes=(0,)) for x in out]
    return _back(struct, out, axis)


def _checked(x, axis):
    ndim = aval_of(x).ndim
    if not -ndim <= axis < ndim:
        raise ShapeError(f"associative_scan: an element has no axis {axis}", got=str(aval_of(x)))
    return axis % ndim


def _own(x):
    """An equal array: the function may write into what it is given."""
    return twin(x) if isinstance(x, Tracer) else np.array(x)


def _back(struct, leaves, axis):
    return tree.unflatten(struct, [moveaxis(x, 0, axis % aval_of(x).ndim) for x in leaves])


def _prefixes(combine, xs):
    """Combine pairs, take the prefixes of the pairs, and fill in what lies between."""
    n = aval_of(xs[0]).shape[0]
    if n <= 1:
        return list(map(_own, xs))
    pairs = combine([every_second(x, 0, n - 1) for x in xs], [every_second(x, 1, n) for x in xs])
    odd = _prefixes(combine, pairs)                 # e_0..e_1, e_0..e_3, ...
    before = odd if n % 2 else [part(x, 0, n // 2 - 1) for x in odd]
    even = [every_second(x, 2, n) for x in xs]      # e_2, e_4, ...
    if n > 2:
        even = combine(before, even)
    return [_interleaved(concatenate([part(x, 0, 1), e], 0), o)
            for x, e, o in zip(xs, even, odd, strict=True)]


def part(x, start, stop, step=1):
    """x[start:stop:step] along the first axis."""
    shape = aval_of(x).shape
    rest = shape[1:]
    return slice_(x, (start, *(0,) * len(rest)), (max(start, stop), *rest),
                  (step, *(1,) * len(rest)))


def every_second(x, start, stop):
    return part(x, start, stop, 2)


def _interleaved(even, odd):
    """even_0, odd_0, even_1, odd_1, ...; even may have one more."""
    n, shape = aval_of(odd).shape[0], aval_of(odd).shape[1:]
    pairs = concatenate([reshape(part(even, 0, n), (n, 1, *shape)), reshape(odd, (n, 1, *shape))],
                        1)
    mixed = reshape(pairs, (2 * n, *shape))
    return concatenate([mixed, part(even, n, n + 1)], 0) if aval_of(even).shape[0] > n else mixed
