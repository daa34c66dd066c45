"""Derivatives against differences of SciPy's values, and against each other."""

import numpy as np
import pytest
import scipy.special as sp
import scipy.stats

from isograd import grad, jit, jvp, tree, vjp, vmap
from isograd.scipy import stats

from .table import CASES, DISCRETE, INNER, ROWS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

# ---- differences ----

WEIGHTS = [(-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12)]    # of order 4


def difference(f, i, step):
    """The derivative of f in its argument i, elementwise, by four values."""
    def derivative(*args):
        total = 0
        for shift, weight in WEIGHTS:
            moved = [x + shift * step if i == j else x for j, x in enumerate(args)]
            total = total + weight * f(*moved)
        return total / step
    return derivative


def pushed(f, i):
    """The same by forward mode."""
    def derivative(*args):
        def along(x):
            return f(*args[:i], x, *args[i + 1:])
        return jvp(along, (args[i],), (np.ones_like(args[i]),))[1]
    return derivative


INTEGERS = {"k", "loc", "n", "M", "N", "low", "high"}


def in_range(case, i):
    """Whether SciPy has values on both sides, and the parameter is a number that moves."""
    name = case.names[i]
    if case.name in DISCRETE:
        return case.method not in ("ppf", "isf") and (
            name not in INTEGERS or (case.name, name) == ("nbinom", "n"))
    if case.name == "triang" and name == "c":
        return 0 < case.shapes[0] < 1
    return np.isfinite(case.arguments(0.0)[i])


def moving(case):
    """The numbers of the arguments to differentiate in."""
    return tuple([i for i in range(len(case.names)) if in_range(case, i)])


# Transformations are tried with one choice of shape parameters.
ONE_EACH = [c for c in CASES if c.shapes == tuple(ROWS[c.name].shapes[0]) and moving(c)]


@pytest.mark.parametrize("case", [c for c in CASES if moving(c)], ids=str)
def test_first_derivatives(case):
    args = case.arguments(case.inside(INNER))
    for i in moving(case):
        got = pushed(case.ours, i)(*args)
        want = difference(case.theirs, i, 3e-4)(*args)
        known = np.isfinite(want)       # SciPy's log(0) has no difference
        np.testing.assert_allclose(got[known], want[known], rtol=1e-6, atol=1e-8,
                                   err_msg=case.names[i])


@pytest.mark.parametrize("case", [c for c in CASES if c.method in ("logpdf", "logpmf") or (
    c.method in ("cdf", "logsf", "ppf") and c in ONE_EACH)], ids=str)
def test_second_derivatives(case):
    """Forward over forward mode; the other orders are compared with it below."""
    args = case.arguments(case.inside(INNER))
    step = 4e-4 if case.method == "ppf" else 3e-3
    for i in moving(case):
        for j in moving(case):
            got = pushed(pushed(case.ours, i), j)(*args)
            want = difference(difference(case.theirs, i, step), j, step)(*args)
            known = np.isfinite(want)
            np.testing.assert_allclose(got[known], want[known], rtol=5e-4, atol=3e-6,
                                       err_msg=f"{case.names[i]} {case.names[j]}")


def test_mixed_derivative_where_a_factor_is_zero():
    """(a - 1) log(x) at a = 1, and its like: the derivative in x moves with a."""
    for f, slope in [(sp.xlogy, 0.5), (sp.xlog1py, 1 / 3), (sp.rel_entr, -0.5),
                     (sp.kl_div, -0.5)]:
        assert grad(grad(f, 1), 0)(0.0, 2.0) == pytest.approx(slope)


# ---- one transformation against another ----

def of_moving(case, points):
    """The method as a function of the arguments that move, and these; their argnums."""
    args, n = case.arguments(points), moving(case)

    def f(*xs):
        full = list(args)
        for i, x in zip(n, xs, strict=True):
            full[i] = x
        return case.ours(*full)
    return f, [args[i] for i in n], tuple(range(len(n)))


def directions(args):
    return [np.cos(np.arange(x.size) + i) for i, x in enumerate(args)]


def paired(xs, ys):
    return sum(np.sum(x * y) for x, y in zip(xs, ys, strict=True))


@pytest.mark.parametrize("case", ONE_EACH, ids=str)
def test_reverse_mode_is_the_transpose(case):
    f, args, n = of_moving(case, case.inside(INNER))
    dots = directions(args)
    pulled = grad(lambda *xs: np.sum(f(*xs)), n)(*args)
    want = np.sum(jvp(f, args, dots)[1])
    np.testing.assert_allclose(paired(pulled, dots), want, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("case", [c for c in ONE_EACH if c.method in (
    "logpdf", "logpmf", "logcdf")], ids=str)
def test_second_order_in_reverse(case):
    """The gradient moves as forward over reverse, reverse over reverse, and forward twice say."""
    f, args, n = of_moving(case, case.inside(INNER))
    dots = directions(args)
    gradient = grad(lambda *xs: np.sum(f(*xs)), n)
    forward = jvp(gradient, args, dots)[1]
    reverse = grad(lambda *xs: paired(gradient(*xs), dots), n)(*args)
    twice = np.sum(jvp(lambda *xs: jvp(f, xs, dots)[1], args, dots)[1])
    for x, y in zip(forward, reverse, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(paired(forward, dots), twice, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", [c for c in ONE_EACH if c.method in (
    "pdf", "logpdf", "logpmf", "logcdf", "ppf")], ids=str)
def test_jit_and_vmap(case):
    """Values and gradients, compiled and batched, as one by one."""
    args, n = case.arguments(case.inside(INNER)), moving(case)

    def f(*xs):
        return case.ours(*xs), grad(case.ours, n)(*xs)

    want = np.array([tree.leaves(f(*xs)) for xs in zip(*args, strict=True)]).T
    for got in (vmap(f)(*args), jit(vmap(f))(*args)):
        np.testing.assert_allclose(np.stack(tree.leaves(got)), want, rtol=1e-12, atol=1e-14)


# ---- where there is no density ----

@pytest.mark.parametrize("case", [c for c in CASES if moving(c) and (c.method in (
    "logpdf", "logpmf") or (c in ONE_EACH and c.method not in ("ppf", "isf")))], ids=str)
def test_outside_of_the_support_derivatives_are_zero(case):
    f, args, _ = of_moving(case, case.outside())
    ones = [np.ones_like(x) for x in args]
    for mode in (f, jit(f)) if case.method == "logpdf" else (f,):
        out, dot = jvp(mode, args, ones)
        pulled = vjp(mode, *args)[1](np.ones_like(out))
        assert not np.isnan(out).any()
        for x in (dot, *pulled):
            np.testing.assert_array_equal(x, np.zeros_like(x))


@pytest.mark.parametrize("case", [c for c in ONE_EACH if c.method in ("logpdf", "cdf")], ids=str)
def test_outside_of_the_support_second_derivatives_are_zero(case):
    f, args, _ = of_moving(case, case.outside())
    ones = [np.ones_like(x) for x in args]
    for derivative in (lambda *xs: jvp(f, xs, ones)[1], lambda *xs: vjp(f, *xs)[1](ones[0])[0]):
        second = jvp(derivative, args, ones)[1]
        np.testing.assert_array_equal(second, np.zeros_like(second))


# ---- at the ends of the support, and in the middle ----

@pytest.mark.parametrize("case", [c for c in CASES if c.method in (
    "pdf", "logpdf", "logpmf", "cdf", "sf")], ids=str)
def test_at_the_ends_of_the_support_both_modes_agree(case):
    ends = np.array(getattr(scipy.stats, case.name).support(*case.params))
    args = case.arguments(ends[np.isfinite(ends)])
    for i in moving(case):
        got = vmap(grad(case.ours, i))(*args)
        assert not np.isnan(got).any(), case.names[i]
        np.testing.assert_allclose(got, pushed(case.ours, i)(*args), rtol=1e-11, atol=1e-12)


def test_one_sided_derivatives_at_the_ends():
    assert grad(stats.expon.logpdf)(0.0) == -1
    assert grad(stats.gamma.logpdf)(0.0, 1.0) == -1
    assert grad(stats.beta.pdf)(0.0, 1.0, 3.0) == pytest.approx(-6)
    assert grad(stats.uniform.logpdf, (0, 1, 2))(1.0, 0.0, 1.0) == (0, 0, -1)


def test_where_a_density_is_0_or_infinite_its_derivative_is_zero():
    assert grad(stats.gamma.logpdf, (0, 1, 3))(0.0, 2.0, 0.0, 1.5) == (0, 0, 0)
    assert grad(stats.gamma.pdf, (0, 1, 3))(0.0, 2.0, 0.0, 1.5) == (0, 0, 0)
    assert grad(stats.gamma.pdf, (0, 1, 3))(0.0, 0.5, 0.0, 1.5) == (0, 0, 0)


@pytest.mark.parametrize(("name", "method", "args"), [
    ("gamma", "logsf", (2000.0, 2.0)), ("gamma", "logcdf", (1e-9, 40.0)),
    ("chi2", "logsf", (5000.0, 3.0)), ("beta", "logcdf", (1e-9, 50.0, 2.0)),
    ("t", "logcdf", (-1e9, 60.0)), ("f", "logcdf", (1e-9, 100.0, 3.0)),
    ("gennorm", "logsf", (50.0, 2.0)), ("poisson", "logsf", (400.0, 1.0))])
def test_where_a_probability_underflows_its_logarithm_has_derivative_zero(name, method, args):
    f = getattr(getattr(stats, name), method)
    assert f(*args) == -np.inf
    for i in range(len(args)):
        assert grad(f, i)(*args) == pushed(f, i)(*args) == 0


@pytest.mark.parametrize(("name", "shapes", "second"), [
    ("norm", (), -1), ("logistic", (), -0.5), ("cauchy", (), -2), ("t", (3.0,), -4 / 3),
    ("gennorm", (2.0,), -2), ("gennorm", (4.0,), 0), ("laplace", (), 0), ("gennorm", (1.0,), 0)])
def test_in_the_middle(name, shapes, second):
    """At the point of symmetry the first derivative is 0, the second what calculus says; that of a
    cusp is 0."""
    f = getattr(stats, name).logpdf
    assert grad(f)(0.0, *shapes) == 0
    for derivative in (grad(grad(f))(0.0, *shapes), jvp(grad(f), (0.0, *shapes), (
            1.0, *[0.0] * len(shapes)))[1]):
        assert derivative == pytest.approx(second)


@pytest.mark.parametrize("name", ["cauchy.ppf", "cauchy.isf", "wrapcauchy.ppf", "wrapcauchy.isf"])
def test_the_middle_quantile_is_a_place_like_others(name):
    distribution, method = name.split(".")
    shapes = (0.4,) if distribution == "wrapcauchy" else ()
    slope = grad(lambda q: getattr(getattr(stats, distribution), method)(q, *shapes))
    assert abs(slope(0.5) / slope(0.5 + 1e-9) - 1) < 1e-6


def test_the_far_side_of_the_circle():
    for method, sign in (("cdf", 1), ("sf", -1)):
        slope = grad(lambda x, m=method: getattr(stats.wrapcauchy, m)(x, 0.4))(np.pi)
        assert abs(sign * slope / stats.wrapcauchy.pdf(np.pi, 0.4) - 1) < 1e-9


def test_the_mode_is_a_place_like_others():
    for dtype, rtol in ((np.float64, 1e-9), (np.float32, 1e-4)):
        for beta in (1.6, 2.0, 3.5):
            zero, half, beta = dtype(0), dtype(0.5), dtype(beta)
            density = stats.gennorm.pdf(zero, beta)
            np.testing.assert_allclose(grad(stats.gennorm.cdf)(zero, beta), density, rtol)
            np.testing.assert_allclose(grad(stats.gennorm.sf)(zero, beta), -density, rtol)
            np.testing.assert_allclose(grad(stats.gennorm.ppf)(half, beta), 1 / density, rtol)


@pytest.mark.parametrize(("method", "x"), [("cdf", 0.0), ("sf", 0.0), ("ppf", 0.5), ("isf", 0.5)])
def test_the_mixed_derivatives_of_t_in_the_middle(method, x):
    f = getattr(stats.t, method)
    both = [grad(grad(f, n), 1 - n)(x, 4.3) for n in (0, 1)]
    step = 1e-5
    want = (grad(f)(x, 4.3 + step) - grad(f)(x, 4.3 - step)) / (2 * step)
    np.testing.assert_allclose(both, [want, want], rtol=1e-6)
