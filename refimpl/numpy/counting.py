"""How often numbers occur: bincount, histograms."""

from __future__ import annotations

from math import prod

import numpy as np

from ..aval import Aval
from ..errors import ArgumentError, DtypeError, ShapeError
from ..ops import elementwise as ops
from ..ops.index import scatter, zeros
from ..ops.linear import broadcast_to, cast_to, constant, reshape
from .common import (
    along,
    as_int,
    dtype_of,
    ndim_of,
    shape_of,
    size_of,
    strong_operand,
    to_float,
)
from .concrete import concrete
from .creation import linspace
from .function import numpy_function
from .manipulation import ravel
from .reductions import max, min, sum
from .selection import searchsorted


@numpy_function
def bincount(x, /, weights=None, minlength=0):
    """How often (or with which sum of weights) each number stands in x; x is known."""
    x = concrete(x, "the largest number, which decides a shape,",
                 "isograd.numpy.at(np.zeros(n))[x].add(weights)")
    if x.ndim != 1 or (x.dtype.kind not in "biu" and x.size):
        raise ShapeError("bincount takes one axis of integers", got=f"{x.dtype} of shape {x.shape}")
    if weights is None:
        return np.bincount(x, minlength=minlength)
    weights = to_float(strong_operand(weights), np.float64)
    if shape_of(weights) != x.shape or np.any(x < 0):
        raise ShapeError("bincount: a weight for each number, and none negative",
                         got=f"weights of shape {shape_of(weights)} for {x}")
    size = int(np.max(x, initial=as_int(minlength, "bincount: minlength") - 1)) + 1
    board = zeros(Aval((size,), dtype_of(weights)))
    return scatter(board, weights, x.astype(np.intp), mode="add") if x.size else board


@numpy_function
def histogram_bin_edges(a, bins=10, range=None, weights=None):
    """The edges of equal bins from the smallest to the largest element, or over a range."""
    a = ravel(a)
    if isinstance(bins, str):
        data = concrete(a, "data for bins of a named rule", "a number of bins")
        return np.histogram_bin_edges(data, bins, range)
    bins = strong_operand(bins)
    if ndim_of(bins) > 1:
        raise ShapeError("histogram: the edges of bins are a vector", got=str(shape_of(bins)))
    if ndim_of(bins) == 1:
        return bins
    n = as_int(bins, "histogram: the number of bins")
    if n < 1:
        raise ArgumentError("histogram: at least one bin", got=str(n))
    low, high = _outer_edges(a, range)
    return linspace(low, high, n + 1)


def _outer_edges(a, range):
    """The first and the last edge; apart by 1 where all data are equal."""
    if range is not None:
        low, high = map(strong_operand, range)
    else:
        low, high = (min(a), max(a)) if size_of(a) else (0.0, 1.0)
    low, high = [to_float(strong_operand(x)) for x in (low, high)]
    flat = ops.equal(low, high)
    return [ops.select(flat, ops.add(x, constant(half, x)), x)
            for x, half in ((low, -0.5), (high, 0.5))]


@numpy_function
def histogram(a, bins=10, range=None, density=None, weights=None):
    """How many elements (or which sum of weights) each bin holds, and the edges of the bins.

    A bin holds its lower edge, the last one both. The counts have no derivative in a; those in
    the weights, and those of edges found from a, are right.
    """
    if dtype_of(strong_operand(a)).kind == "c":
        raise DtypeError("histogram: complex numbers have no order", got="complex numbers")
    edges, a = histogram_bin_edges(a, bins, range), ravel(a)
    counts = _counts([edges], [a], weights)
    if not density:
        return counts, edges
    counts = cast_to(counts, dtype_of(to_float(counts)))
    return counts / (edges[1:] - edges[:-1]) / sum(counts), edges


def _counts(edges, columns, weights):
    """How many points (rows), or which sum of their weights, each bin holds."""
    sizes = [shape_of(e)[0] + 1 for e in edges]     # two more than bins: for points outside
    place = 0
    for e, x, n in zip(edges, columns, sizes, strict=True):
        bin_ = ops.subtract(searchsorted(e, x, "right"), ops.equal(x, e[-1]))
        place = ops.add(ops.multiply(place, n), bin_)
    values = np.int64(1) if weights is None else ravel(weights)
    if weights is not None and shape_of(values) != shape_of(columns[0]):
        raise ShapeError("histogram: a weight for each element", got=str(shape_of(values)),
                         wanted=str(shape_of(columns[0])))
    board = zeros(Aval((prod(sizes),), dtype_of(values)))
    board = scatter(board, broadcast_to(values, shape_of(place)), place, mode="add")
    return reshape(board, tuple(sizes))[(slice(1, -1),) * len(sizes)]


# ---- several dimensions ----

@numpy_function
def histogramdd(sample, bins=10, range=None, density=None, weights=None):
    """How many points each box holds, in float64, and the edges of the bins of each dimension.

    sample: a row a point, or a sequence of columns. Derivatives: as for histogram.
    """
    columns = _columns(sample)
    d = len(columns)
    bins = list(bins) if np.iterable(bins) else [bins] * d
    ranges = [None] * d if range is None else list(range)
    if len(bins) != d or len(ranges) != d:
        raise ShapeError("histogramdd: bins and range for each dimension",
                         got=f"{len(bins)} and {len(ranges)}", wanted=str(d))
    edges = [histogram_bin_edges(x, b, r) for x, b, r in zip(columns, bins, ranges, strict=True)]
    counts = to_float(_counts(edges, columns, weights), np.float64)
    if density:
        total = sum(counts)
        for i, e in enumerate(edges):
            counts = counts / along(i, e[1:] - e[:-1], d)
        counts = counts / total
    return counts, edges


def _columns(sample):
    if isinstance(sample, (tuple, list)):
        return [ravel(x) for x in sample]
    sample = strong_operand(sample)
    if ndim_of(sample) == 1:
        return [sample]
    if ndim_of(sample) != 2:
        raise ShapeError("histogramdd: a row a point", got=str(shape_of(sample)))
    return [sample[:, i] for i in np.arange(shape_of(sample)[1]).tolist()]


@numpy_function
def histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    """(counts, edges of x, edges of y) of points in the plane; see histogramdd."""
    if shape_of(strong_operand(x)) != shape_of(strong_operand(y)):
        raise ShapeError("histogram2d: x and y of equal length",
                         got=f"{shape_of(strong_operand(x))} and {shape_of(strong_operand(y))}")
    if np.iterable(bins) and len(bins) not in (1, 2):
        bins = [bins, bins]
    counts, edges = histogramdd([x, y], bins, range, density, weights)
    return counts, edges[0], edges[1]
