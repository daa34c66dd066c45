"""isograd.scipy.interpolate against SciPy: values, derivatives in everything, compiled, batched."""

import numpy as np
import pytest
import scipy.interpolate

import isograd
from isograd import errors
from isograd.scipy import interpolate

rng = np.random.default_rng(0)
Q = np.linspace(-0.4, 3.4, 9)


def points(n):
    return np.linspace(0, 3, n) + 0.1 * np.sin(5 * np.arange(n)), rng.normal(size=(n, 2))


ENDS = {
    "not-a-knot": "not-a-knot", "natural": "natural", "clamped": "clamped", "periodic": "periodic",
    "slopes": ((1, np.array([0.3, -0.1])), (1, np.array([1.0, 0.5]))),
    "mixed": ("not-a-knot", (2, np.array([1.0, 2.0]))), "pair": ("natural", "clamped"),
}
SPLINES = [(n, ends) for n in (2, 3, 4, 7) for ends in ENDS]


def spline_case(n, ends):
    """Functions (x, y, q) -> values of ours and theirs, and arguments."""
    x, y = points(n)
    if ends == "periodic":
        y[-1] = y[0]
    ours, theirs = [lambda x, y, q, space=space: space.CubicSpline(x, y, bc_type=ENDS[ends])(q)
                    for space in (interpolate, scipy.interpolate)]
    return ours, theirs, (x, y, Q)


splines = pytest.mark.parametrize(("n", "ends"), SPLINES)


@splines
def test_values_are_scipys(n, ends):
    ours, theirs, args = spline_case(n, ends)
    want = theirs(*args)
    np.testing.assert_allclose(ours(*args), want, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(isograd.jit(ours)(*args), want, rtol=1e-9, atol=1e-9)


@splines
def test_derivatives_in_places_values_and_queries(n, ends):
    ours, theirs, args = spline_case(n, ends)
    dots = [rng.normal(size=a.shape) for a in args]
    if ends == "periodic":
        dots[1][-1] = dots[1][0]
    out, dot = isograd.jvp(ours, args, tuple(dots))
    h = 1e-6
    want = (theirs(*[a + h * t for a, t in zip(args, dots, strict=True)])
            - theirs(*[a - h * t for a, t in zip(args, dots, strict=True)])) / (2 * h)
    np.testing.assert_allclose(dot, want, rtol=1e-5, atol=1e-5)
    ct = rng.normal(size=out.shape)
    pulled = isograd.vjp(ours, *args)[1](ct)
    paired = sum(np.sum(p * t) for p, t in zip(pulled, dots, strict=True))
    np.testing.assert_allclose(paired, np.sum(ct * dot), rtol=1e-9)


@pytest.mark.parametrize("ends", ENDS)
def test_derivatives_and_integrals_of_splines(ends):
    _, _, (x, y, _) = spline_case(6, ends)
    if ends == "periodic":
        y[-1] = y[0]
    ours, theirs = [space.CubicSpline(x, y, bc_type=ENDS[ends])
                    for space in (interpolate, scipy.interpolate)]
    np.testing.assert_allclose(ours.c, theirs.c, atol=1e-9)
    for nu in (1, 2, 3, 4):
        np.testing.assert_allclose(ours(Q, nu), theirs(Q, nu), atol=1e-9)
        np.testing.assert_allclose(ours.derivative(nu)(Q), theirs.derivative(nu)(Q), atol=1e-9)
    np.testing.assert_allclose(ours.antiderivative(2)(x), theirs.antiderivative(2)(x), atol=1e-9)
    if ends != "periodic":
        np.testing.assert_allclose(ours.integrate(-0.2, 2.2), theirs.integrate(-0.2, 2.2))
    first = isograd.vmap(isograd.grad(lambda q: ours(q)[0]))(Q)
    np.testing.assert_allclose(first, ours(Q, 1)[:, 0], atol=1e-12)


def test_a_natural_spline_is_a_linear_function_of_its_values():
    """The second derivative of the roughness is what theory says: it is a square."""
    x, _ = points(6)
    def roughness(y):
        c = interpolate.CubicSpline(x, y, bc_type="natural").derivative(2).c
        h = np.diff(x)
        return np.sum((c[0] * h) ** 2 * h / 3 + c[0] * h * c[1] * h + c[1] ** 2 * h)
    y = rng.normal(size=6)
    np.testing.assert_allclose(y @ isograd.hessian(roughness)(y) @ y / 2, roughness(y))


@pytest.mark.parametrize("n", [2, 3, 7])
def test_monotone_cubics(n):
    x, y = points(n)
    ours, theirs = [lambda x, y, q, space=space: space.PchipInterpolator(x, y)(q)
                    for space in (interpolate, scipy.interpolate)]
    np.testing.assert_allclose(isograd.jit(ours)(x, y, Q), theirs(x, y, Q), atol=1e-10)
    dots = [rng.normal(size=a.shape) for a in (x, y, Q)]
    h = 1e-6
    want = (theirs(x + h * dots[0], y + h * dots[1], Q + h * dots[2])
            - theirs(x - h * dots[0], y - h * dots[1], Q - h * dots[2])) / (2 * h)
    got = isograd.jvp(ours, (x, y, Q), tuple(dots))[1]
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_level_data_have_a_finite_gradient():
    f = lambda y: np.sum(interpolate.PchipInterpolator(np.arange(4.0), y)(np.array([0.5, 1.5])))
    assert np.isfinite(isograd.grad(f)(np.ones(4))).all()


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("name", ["CubicSpline", "PchipInterpolator"])
def test_axis_and_shape_of_the_query(name, axis):
    y = rng.normal(size=(5, 5, 5))
    x, _ = points(5)
    q = Q[:6].reshape(2, 3)
    ours, theirs = [getattr(space, name)(x, y, axis=axis)
                    for space in (interpolate, scipy.interpolate)]
    np.testing.assert_allclose(ours(q), theirs(q), atol=1e-10)
    np.testing.assert_allclose(ours(0.7), theirs(0.7), atol=1e-10)


@pytest.mark.parametrize("extrapolate", [True, False, "periodic"])
def test_extrapolation(extrapolate):
    x, y = points(5)
    ours, theirs = [space.CubicSpline(x, y, extrapolate=extrapolate)(Q)
                    for space in (interpolate, scipy.interpolate)]
    np.testing.assert_allclose(ours, theirs, atol=1e-10)


def test_hermite_splines_and_polynomials_by_coefficients():
    x, y = points(4)
    slopes, c = rng.normal(size=(4, 2)), rng.normal(size=(3, 3, 2))
    np.testing.assert_allclose(interpolate.CubicHermiteSpline(x, y, slopes)(Q),
                               scipy.interpolate.CubicHermiteSpline(x, y, slopes)(Q))
    np.testing.assert_allclose(interpolate.PPoly(c, x)(Q), scipy.interpolate.PPoly(c, x)(Q))


# ---- grids ----

GRID = (np.array([0.0, 0.5, 2.0]), np.array([-1.0, 0.0, 0.3, 1.0]))
TABLE = rng.normal(size=(3, 4, 2))
INSIDE = rng.uniform((0, -1), (2, 1), (5, 2))
BEYOND = np.concatenate([INSIDE, [[2.5, 0.0], [1.0, -1.5]]])


def table(space, q, values=TABLE, grid=GRID, **options):
    return space.RegularGridInterpolator(grid, values, **options)(q)


@pytest.mark.parametrize("method", ["linear", "nearest"])
def test_grids(method):
    want = table(scipy.interpolate, INSIDE, method=method)
    np.testing.assert_allclose(table(interpolate, INSIDE, method=method), want)
    for fill in (np.nan, -7.0, None):
        options = {"method": method, "bounds_error": False, "fill_value": fill}
        want = table(scipy.interpolate, BEYOND, **options)
        np.testing.assert_allclose(table(interpolate, BEYOND, **options), want)
        got = isograd.jit(lambda q, v, options=options: table(interpolate, q, v, **options))(
            BEYOND, TABLE)
        np.testing.assert_allclose(got, want)
        rows = isograd.vmap(lambda q, options=options: table(interpolate, q, **options)[0])(BEYOND)
        np.testing.assert_allclose(rows, want)


def test_derivatives_on_grids():
    """Multilinear in the cell: differences are derivatives; in grid and values too."""
    def f(space, q, values, x0, x1):
        return table(space, q, values, (x0, x1), bounds_error=False)
    args = (INSIDE, TABLE, *GRID)
    dots = tuple(rng.normal(size=a.shape) for a in args)
    _, dot = isograd.jvp(lambda *a: f(interpolate, *a), args, dots)
    h = 1e-6
    want = (f(scipy.interpolate, *[a + h * t for a, t in zip(args, dots, strict=True)])
            - f(scipy.interpolate, *[a - h * t for a, t in zip(args, dots, strict=True)])) / (2 * h)
    np.testing.assert_allclose(dot, want, rtol=1e-5, atol=1e-6)
    slope = isograd.grad(lambda q: table(interpolate, q, method="nearest")[0, 0])(INSIDE[:1])
    assert not slope.any()


def test_queries_as_a_tuple():
    q = (np.array([0.1, 1.0])[:, None], np.array([-0.5, 0.2, 0.9]))
    np.testing.assert_allclose(table(interpolate, q), table(scipy.interpolate, q))


X, Y = points(4)
BAD = {
    "order": (lambda: interpolate.CubicSpline(X[::-1], Y), errors.ArgumentError, "ascend"),
    "lengths": (lambda: interpolate.CubicSpline(X[:3], Y), errors.ShapeError, "value for each"),
    "bc_type": (lambda: interpolate.CubicSpline(X, Y, bc_type="free"), errors.ArgumentError,
                "natural"),
    "order of end": (lambda: interpolate.CubicSpline(X, Y, bc_type=((3, 0.0), "natural")),
                     errors.ArgumentError, "order 1 or 2"),
    "period": (lambda: interpolate.CubicSpline(X, Y, bc_type="periodic"), errors.ArgumentError,
               "equal"),
    "beyond": (lambda: table(interpolate, BEYOND), errors.ArgumentError, "beyond the grid"),
    "unknown": (lambda: isograd.jit(lambda q: table(interpolate, q))(INSIDE),
                errors.ConcretizationError, "bounds_error=False"),
    "method": (lambda: table(interpolate, INSIDE, method="cubic"), errors.ArgumentError, "nearest"),
    "dimension": (lambda: table(interpolate, INSIDE[:, :1]), errors.ShapeError, "coordinate"),
    "complex places": (lambda: interpolate.CubicSpline(X * 1j, Y), errors.DtypeError, "order"),
    "complex queries": (lambda: interpolate.CubicSpline(X, Y)(1j), errors.DtypeError, "order"),
    "complex values": (lambda: interpolate.PchipInterpolator(X, Y * 1j), errors.DtypeError,
                       "real and"),
    "complex query": (lambda: table(interpolate, INSIDE + 0j), errors.DtypeError, "queries"),
    "grid": (lambda: table(interpolate, INSIDE, TABLE[:2]), errors.ShapeError, "each point"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments(name):
    call, error, says = BAD[name]
    with pytest.raises(error, match=says):
        call()
