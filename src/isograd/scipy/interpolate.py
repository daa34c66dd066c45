"""scipy.interpolate on arrays and traced values alike: splines through points, tables on grids.

Derivatives are right in the query, in the values, and in the places of the points. The places must
ascend; where their numbers are known, that is checked. Formulas: de Boor, *A Practical Guide to
Splines*, 1978; Fritsch and Butland, *A method for constructing local monotone piecewise cubic
interpolants*, 1984.
"""

from __future__ import annotations

import itertools
from math import factorial, prod

import numpy as np

from isograd.refimpl.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError
from isograd.refimpl.numpy.common import (
    dtype_of,
    has_tracers,
    is_traced,
    ndim_of,
    one_axis,
    shape_of,
    strong_operand,
    to_float,
)
from isograd.refimpl.numpy.concrete import concrete, primal_of
from isograd.refimpl.numpy.indexing import getitem
from isograd.scipy.linalg.banded import solve_banded

__all__ = ["CubicHermiteSpline", "CubicSpline", "PchipInterpolator", "PPoly",
           "RegularGridInterpolator"]


def __dir__():
    return __all__


# ---- piecewise polynomials ----

class PPoly:
    """A polynomial on each interval: sum over k of c[k, i] (q - x[i])^(K - 1 - k) for x[i] <= q.

    c: (K, n - 1, ...), x: n ascending places. extrapolate: beyond them, True for the polynomials
    at the ends, False for NaN, "periodic" for the period x[-1] - x[0]. axis: where the axis of
    places stood in the values.
    """

    def __init__(self, c, x, extrapolate=None, axis=0):
        self.c, self.x = to_float(strong_operand(c)), _places("PPoly", x)
        if ndim_of(self.c) < 2 or shape_of(self.c)[1] != shape_of(self.x)[0] - 1:
            raise ShapeError("PPoly: coefficients for each interval", got=str(shape_of(self.c)),
                             wanted=f"(order, {shape_of(self.x)[0] - 1}, ...)")
        self.extrapolate = True if extrapolate is None else extrapolate
        self.axis = axis

    def __call__(self, x, nu=0, extrapolate=None):
        """The nu-th derivative of the function at x."""
        if nu:
            return self._with(_derived(self.c, nu))(x, 0, extrapolate)
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        q = _real(type(self).__name__, "queries", x)
        if extrapolate == "periodic":
            q = self.x[0] + np.remainder(q - self.x[0], self.x[-1] - self.x[0])
        i = np.clip(np.searchsorted(self.x, q, "right") - 1, 0, shape_of(self.x)[0] - 2)
        trailing = (1,) * (ndim_of(self.c) - 2)
        t = np.reshape(q - getitem(self.x, i), (*shape_of(q), *trailing))
        y = getitem(self.c[0], i)
        for k in range(1, shape_of(self.c)[0]):
            y = y * t + getitem(self.c[k], i)
        if not extrapolate:
            inside = (q >= self.x[0]) & (q <= self.x[-1])
            y = np.where(np.reshape(inside, (*shape_of(q), *trailing)), y, np.nan)
        places = range(ndim_of(q))
        return np.moveaxis(y, list(places), [self.axis + k for k in places])

    def _with(self, c):
        return PPoly(c, self.x, self.extrapolate, self.axis)

    def derivative(self, nu=1):
        """The nu-th derivative as a PPoly; for negative nu the antiderivative."""
        return self.antiderivative(-nu) if nu < 0 else self._with(_derived(self.c, nu))

    def antiderivative(self, nu=1):
        """The nu-th integral from x[0] as a PPoly."""
        c = self.c
        for _ in range(nu):
            c = _integrated(c, self.x)
        end = False if self.extrapolate == "periodic" else self.extrapolate     # it is no period
        return PPoly(c, self.x, end, self.axis)

    def integrate(self, a, b, extrapolate=None):
        """The integral from a to b."""
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        if extrapolate == "periodic":
            raise MissingRuleError("integrate over a periodic extrapolation",
                                   instead="antiderivative() within one period")
        whole = self.antiderivative()
        return whole(b, 0, extrapolate) - whole(a, 0, extrapolate)


def _derived(c, nu):
    """The coefficients of the nu-th derivative."""
    order = shape_of(c)[0]
    if nu >= order:
        return c[:1] * 0
    powers = np.arange(order - 1, nu - 1, -1)
    factors = np.array([factorial(p) // factorial(p - nu) for p in powers], dtype_of(c))
    return c[:order - nu] * np.reshape(factors, (-1,) + (1,) * (ndim_of(c) - 1))


def _integrated(c, x):
    """The coefficients of the integral, continuous at the places, 0 at the first."""
    order, n = shape_of(c)[:2]
    powers = np.reshape(np.arange(order, 0, -1), (-1,) + (1,) * (ndim_of(c) - 1))
    c = c / powers
    h = np.reshape(x[1:] - x[:-1], (n,) + (1,) * (ndim_of(c) - 2))
    steps = c[0]
    for k in range(1, order):
        steps = steps * h + c[k]
    reached = np.cumsum(steps * h, 0)
    start = np.concatenate([reached[:1] * 0, reached[:-1]])
    return np.concatenate([c, start[None]])


def _real(name, role, x):
    """Real numbers, as floating-point numbers."""
    x = to_float(strong_operand(x))
    if dtype_of(x).kind == "c":
        raise DtypeError(f"{name}: the {role} are complex, and have no order", got=dtype_of(x).name,
                         wanted="real numbers", instead="x.real and x.imag, one at a time")
    return x


def _places(name, x):
    """Ascending places, as floating-point numbers."""
    x = _real(name, "places", x)
    if ndim_of(x) != 1 or shape_of(x)[0] < 2:
        raise ShapeError(f"{name}: a vector of two places or more", got=str(shape_of(x)))
    numbers = primal_of(x)
    if not is_traced(numbers) and not np.all(np.diff(numbers) > 0):
        raise ArgumentError(f"{name}: the places ascend", got=str(np.asarray(numbers)))
    return x


def _points(name, x, y, axis):
    """(places, values with their axis first, that axis)."""
    x, y = _places(name, x), to_float(strong_operand(y))
    axis = one_axis(axis, ndim_of(y), name)
    if shape_of(y)[axis] != shape_of(x)[0]:
        raise ShapeError(f"{name}: a value for each place", got=f"{shape_of(y)}, axis {axis}",
                         wanted=f"{shape_of(x)[0]} along it")
    return x, np.moveaxis(y, axis, 0), axis


# ---- cubics by values and slopes ----

class CubicHermiteSpline(PPoly):
    """The piecewise cubic with values y and slopes dydx at the places x."""

    def __init__(self, x, y, dydx, axis=0, extrapolate=None):
        x, y, axis = _points("CubicHermiteSpline", x, y, axis)
        super().__init__(_hermite(x, y, np.moveaxis(strong_operand(dydx), axis, 0)), x,
                         extrapolate, axis)


def _column(h, y):
    """A vector as a column beside values with further axes."""
    return np.reshape(h, (-1,) + (1,) * (ndim_of(y) - 1))


def _hermite(x, y, s):
    """The coefficients of the cubics with values y and slopes s."""
    h = _column(np.diff(x), y)
    slope = np.diff(y, axis=0) / h
    t = (s[:-1] + s[1:] - 2 * slope) / h
    return np.stack([t / h, (slope - s[:-1]) / h - t, s[:-1], y[:-1]])


class PchipInterpolator(CubicHermiteSpline):
    """The monotone piecewise cubic: slopes are weighted harmonic means of those of the intervals,
    and 0 where these differ in sign. There the derivative in the values is one-sided."""

    def __init__(self, x, y, axis=0, extrapolate=None):
        values = _real("PchipInterpolator", "values", y)
        places, values, axis = _points("PchipInterpolator", x, values, axis)
        slopes = np.moveaxis(_monotone_slopes(places, values), 0, axis)
        super().__init__(x, y, slopes, axis, extrapolate)


def _monotone_slopes(x, y):
    h = _column(np.diff(x), y)
    m = np.diff(y, axis=0) / h
    if shape_of(m)[0] == 1:
        return np.concatenate([m, m])
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    monotone = m[:-1] * m[1:] > 0
    safe = [np.where(monotone, part, 1.0) for part in (m[:-1], m[1:])]
    inside = np.where(monotone, (w1 + w2) / (w1 / safe[0] + w2 / safe[1]), 0.0)
    return np.concatenate([_end_slope(h[0], h[1], m[0], m[1])[None], inside,
                           _end_slope(h[-1], h[-2], m[-1], m[-2])[None]])


def _end_slope(h0, h1, m0, m1):
    """The slope at the end of the parabola through three points, bounded to keep the shape."""
    s = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    s = np.where((np.sign(m0) != np.sign(m1)) & (np.abs(s) > 3 * np.abs(m0)), 3 * m0, s)
    return np.where(np.sign(s) != np.sign(m0), 0.0, s)


# ---- cubic splines ----

class CubicSpline(PPoly):
    """The piecewise cubic with values y at the places x and two continuous derivatives.

    bc_type: what holds at the ends: "not-a-knot" (the first and last two pieces are one cubic
    each), "natural" (the second derivative is 0), "clamped" (the first is), "periodic", or a pair,
    one an end, of the first three or of (order, value of the derivative of that order, 1 or 2).
    """

    def __init__(self, x, y, axis=0, bc_type="not-a-knot", extrapolate=None):
        x, y, axis = _points("CubicSpline", x, y, axis)
        ends = _end_conditions(bc_type, y)
        if extrapolate is None:
            extrapolate = "periodic" if ends == "periodic" else True
        slopes = _periodic_slopes(x, y) if ends == "periodic" else _spline_slopes(x, y, *ends)
        super().__init__(_hermite(x, y, slopes), x, extrapolate, axis)


_NAMED = {"clamped": (1, 0.0), "natural": (2, 0.0), "not-a-knot": "not-a-knot"}


def _end_conditions(bc_type, y):
    """"periodic", or for each end "not-a-knot" or (order, value)."""
    if isinstance(bc_type, str) and bc_type == "periodic":
        first, last = primal_of(y[0]), primal_of(y[-1])
        if not has_tracers([first, last]) and not np.allclose(first, last, rtol=1e-15, atol=1e-15):
            raise ArgumentError("CubicSpline: of a periodic function the first and last values "
                                "are equal", got=f"{first} and {last}")
        return "periodic"
    pair = (bc_type, bc_type) if isinstance(bc_type, str) else tuple(bc_type)
    ends = [_NAMED.get(end) if isinstance(end, str) else tuple(end) for end in pair]
    if len(ends) != 2 or not all(map(_is_end, ends)):
        raise ArgumentError("CubicSpline: an unknown bc_type", got=repr(bc_type),
                            wanted="'not-a-knot', 'natural', 'clamped', 'periodic', or a pair of "
                                   "these or of (order 1 or 2, value)")
    return ends


def _is_end(end):
    return end == "not-a-knot" if isinstance(end, str) else (
        end is not None and len(end) == 2 and end[0] in (1, 2))


def _spline_slopes(x, y, first, last):
    """Solve h[i] s[i-1] + 2 (h[i-1] + h[i]) s[i] + h[i-1] s[i+1] = 3 (h[i] m[i-1] + h[i-1] m[i])
    for the slopes, with a condition at each end; m are the slopes of the intervals."""
    n, h = shape_of(x)[0], np.diff(x)
    m = np.diff(y, axis=0) / _column(h, y)
    if n == 2:      # no knot inside: the line
        first, last = [(1, m[0]) if end == "not-a-knot" else end for end in (first, last)]
    if n == 3 and isinstance(first, str) and isinstance(last, str):     # the parabola
        first, last = ("sum", 2 * m[0]), ("sum", 2 * m[1])
    one = np.ones(1, dtype_of(h))
    d0, u0, b0 = _end_row(first, h, m, -0.5)
    dn, ln, bn = _end_row(last, h[::-1], m[::-1], 0.5)
    upper = np.concatenate([one, one * u0, h[:-1]])
    middle = np.concatenate([one * d0, 2 * (h[:-1] + h[1:]), one * dn])
    lower = np.concatenate([h[1:], one * ln, one])
    hc = _column(h, y)
    inside = 3 * (hc[1:] * m[:-1] + hc[:-1] * m[1:])
    b = np.concatenate([np.broadcast_to(b0, shape_of(m)[1:])[None], inside,
                        np.broadcast_to(bn, shape_of(m)[1:])[None]])
    bands = np.stack([upper, middle, lower])
    s = solve_banded((1, 1), bands, np.reshape(b, (n, -1)))
    return np.reshape(s, shape_of(b))


def _end_row(end, h, m, half):
    """The condition d s[0] + u s[1] = b; for the last end everything is turned round."""
    if isinstance(end, str):
        d = h[0] + h[1]
        b = ((h[0] + 2 * d) * h[1] * m[0] + h[0] ** 2 * m[1]) / d
        return h[1], d, b
    order, value = end
    if order == "sum":
        return 1.0, 1.0, value
    if order == 1:
        return 1.0, 0.0, value
    return 2 * h[0], h[0], 3 * h[0] * m[0] + half * h[0] ** 2 * value


def _periodic_slopes(x, y):
    """The same equations around the circle."""
    h = np.diff(x)
    n = shape_of(h)[0]
    m = np.diff(y, axis=0) / _column(h, y)
    before = np.roll(h, 1)
    unit = np.eye(n)
    a = (np.reshape(h, (-1, 1)) * np.roll(unit, -1, 1) + 2 * np.reshape(before + h, (-1, 1)) * unit
         + np.reshape(before, (-1, 1)) * np.roll(unit, 1, 1))
    b = 3 * (_column(h, y) * np.roll(m, 1, 0) + _column(before, y) * m)
    s = np.linalg.solve(a, np.reshape(b, (n, -1)))
    s = np.reshape(s, shape_of(b))
    return np.concatenate([s, s[:1]])


# ---- tables on grids ----

_GRID = "RegularGridInterpolator"


class RegularGridInterpolator:
    """A function given by its values on a grid with ascending places in each dimension.

    points: a vector of places a dimension; values: one for each point of the grid, and further
    axes. method: "linear" (in each dimension) or "nearest". bounds_error: refuse queries beyond
    the grid, whose numbers must be known then; else they get fill_value, or with None the values
    of the nearest cell, continued.
    """

    def __init__(self, points, values, method="linear", bounds_error=True, fill_value=np.nan):
        self.grid = tuple([_places(_GRID, x) for x in points])
        self.values = to_float(strong_operand(values))
        self.method, self.bounds_error, self.fill_value = method, bounds_error, fill_value
        sizes = tuple([shape_of(x)[0] for x in self.grid])
        if shape_of(self.values)[:len(sizes)] != sizes:
            raise ShapeError("RegularGridInterpolator: a value for each point of the grid",
                             got=str(shape_of(self.values)), wanted=f"{sizes} in front")

    def __call__(self, xi, method=None):
        """The values at xi: an array whose last axis is the dimension, or an array a dimension."""
        method = self.method if method is None else method
        if method not in _METHODS:
            raise ArgumentError("RegularGridInterpolator: an unknown method", got=repr(method),
                                wanted="'linear' or 'nearest'")
        queries = _queries(xi, len(self.grid))
        inside = np.ones((), bool)
        for x, q in zip(self.grid, queries, strict=True):
            inside = inside & (q >= x[0]) & (q <= x[-1])
        if self.bounds_error and not np.all(concrete(
                inside, "whether queries are beyond the grid", "bounds_error=False")):
            raise ArgumentError("RegularGridInterpolator: a query is beyond the grid",
                                instead="bounds_error=False, fill_value=None")
        y = _METHODS[method](self.values, *_cells(self.grid, queries))
        if self.bounds_error or self.fill_value is None:
            return y
        trailing = (1,) * (ndim_of(y) - ndim_of(inside))
        return np.where(np.reshape(inside, shape_of(inside) + trailing), y, self.fill_value)


def _queries(xi, n):
    """A vector of queries a dimension."""
    if isinstance(xi, tuple):
        columns = np.broadcast_arrays(*[_real(_GRID, "queries", x) for x in xi])
    else:
        xi = _real(_GRID, "queries", xi)
        xi = np.reshape(xi, (-1, n)) if ndim_of(xi) == 1 else xi
        columns = [xi[..., k] for k in range(shape_of(xi)[-1])] if ndim_of(xi) else []
    if len(columns) != n:
        raise ShapeError("RegularGridInterpolator: a coordinate for each dimension",
                         got=str(len(columns)), wanted=str(n))
    return columns


def _cells(grid, queries):
    """The number of the cell of each query in each dimension, and where in the cell it is."""
    cells, places = [], []
    for x, q in zip(grid, queries, strict=True):
        i = np.clip(np.searchsorted(x, q, "right") - 1, 0, shape_of(x)[0] - 2)
        cells.append(i)
        low, high = getitem(x, i), getitem(x, i + 1)
        places.append((q - low) / (high - low))
    return cells, places


def _linear(values, cells, places):
    """The mean of the corners of the cell, weighted by the opposite volumes."""
    trailing = (1,) * (ndim_of(values) - len(cells))
    total = 0
    for corner in itertools.product((0, 1), repeat=len(cells)):
        weight = prod([t if k else 1 - t for k, t in zip(corner, places, strict=True)])
        at_corner = getitem(values, tuple([i + k for i, k in zip(cells, corner, strict=True)]))
        total = total + np.reshape(weight, shape_of(weight) + trailing) * at_corner
    return total


def _nearest(values, cells, places):
    """The value of the nearest point of the grid, of two as near the lower one."""
    return getitem(values, tuple([np.where(t <= 0.5, i, i + 1)
                                  for i, t in zip(cells, places, strict=True)]))


_METHODS = {"linear": _linear, "nearest": _nearest}
