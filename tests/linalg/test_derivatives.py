"""Values and derivatives against differences of an oracle of 50 digits; and the laws."""

import numpy as np
import pytest

from isograd import jit, jvp, vjp, vmap

from .oracle import ctx, exact, floats
from .table import CASES, random

STEP = ctx.mpf("1e-14")     # an error of 1e-28, and of 1e-22 in second differences
each = pytest.mark.parametrize("case", CASES, ids=str)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def moved(args, *directions):
    """The exact arguments, moved along (step, tangents)."""
    out = list(map(exact, args))
    for step, dots in directions:
        out = [x + step * exact(t) for x, t in zip(out, dots, strict=True)]
    return out


def first_difference(oracle, args, dots):
    high, low = [oracle(*moved(args, (sign * STEP, dots))) for sign in (1, -1)]
    return [floats((x - y) / (2 * STEP)) for x, y in zip(high, low, strict=True)]


def second_difference(oracle, args, dots, dots2):
    corners = {(a, b): oracle(*moved(args, (a * STEP, dots), (b * STEP, dots2)))
               for a in (1, -1) for b in (1, -1)}
    return [floats((pp - pm - mp + mm) / (4 * STEP**2)) for pp, pm, mp, mm in zip(
        corners[1, 1], corners[1, -1], corners[-1, 1], corners[-1, -1], strict=True)]


def assert_close(got, want, tol):
    """Equal shapes; numbers within tol of the largest."""
    assert len(got) == len(want)
    for x, y in zip(got, want, strict=True):
        assert np.shape(x) == np.shape(y)
        assert np.all(np.isfinite(x))
        assert np.max(np.abs(x - y), initial=0) <= tol * (1 + np.max(np.abs(y), initial=0))


def tangent_of(case, args, dots):
    return jvp(lambda *xs: list(case.row.f(*xs)), args, dots)[1]


def paired(cts, dots):
    return sum(np.sum(c * t).real for c, t in zip(cts, dots, strict=True))


def cotangents(case, outs):
    rng = case.rng(7)
    return [np.asarray(random(rng, np.shape(y), y.dtype.name))[()] for y in outs]


@each
def test_value(case):
    args = case.arguments()
    outs, _ = jvp(lambda *xs: list(case.row.f(*xs)), args, case.tangents())
    assert_close(outs, [floats(y) for y in case.row.oracle(*map(exact, args))], case.row.tol)


@each
def test_jvp(case):
    args, dots = case.arguments(), case.tangents()
    want = first_difference(case.row.oracle, args, dots)
    assert_close(tangent_of(case, args, dots), want, case.row.tol)


@each
def test_second_derivative(case):
    """Forward over forward against differences; the other orders against that."""
    args, dots, dots2 = case.arguments(), case.tangents(), case.tangents(1)
    want = second_difference(case.row.oracle, args, dots, dots2)
    _, got = jvp(lambda *xs: tangent_of(case, xs, dots), args, dots2)
    assert_close(got, want, 100 * case.row.tol)
    cts = cotangents(case, got)
    scale = 1 + paired(map(np.abs, cts), map(np.abs, got))
    pulled = vjp(lambda *xs: tangent_of(case, xs, dots), *args)[1](cts)
    assert abs(paired(pulled, dots2) - paired(cts, got)) <= 100 * case.row.tol * scale
    _, moved_cts = jvp(lambda *xs: vjp(lambda *ys: list(case.row.f(*ys)), *xs)[1](cts), args, dots2)
    assert abs(paired(moved_cts, dots) - paired(cts, got)) <= 100 * case.row.tol * scale


@each
def test_vjp_is_the_transpose_of_jvp(case):
    args, dots = case.arguments(), case.tangents()
    outs, pullback = vjp(lambda *xs: list(case.row.f(*xs)), *args)
    cts = cotangents(case, outs)
    pulled, pushed = pullback(cts), tangent_of(case, args, dots)
    for x, ct in zip(args, pulled, strict=True):
        assert (x.shape, x.dtype) == (ct.shape, ct.dtype)
    scale = 1 + paired(map(np.abs, pulled), map(np.abs, dots))
    assert abs(paired(pulled, dots) - paired(cts, pushed)) <= case.row.tol * scale


def everything(case):
    """Value, tangent and cotangents, as one function of arrays."""
    dots = case.tangents()

    def f(*args):
        outs, pullback = vjp(lambda *xs: list(case.row.f(*xs)), *args)
        return [*outs, *tangent_of(case, args, dots), *pullback(cotangents(case, outs))]
    return f


@each
def test_vmap_is_a_loop(case):
    f = everything(case)
    singles = [case.arguments(seed) for seed in range(2)]
    want = [f(*args) for args in singles]
    batch = [np.stack(xs) for xs in zip(*singles, strict=True)]
    for got, *rows in zip(vmap(f)(*batch), *want, strict=True):
        assert_close([got], [np.stack(rows)], 1e-9)
    if len(batch) > 1:      # one argument for all
        got = vmap(f, (None,) * (len(batch) - 1) + (0,))(*singles[0][:-1], batch[-1])
        want = f(*singles[0])
        assert_close([y[0] for y in got], want, 1e-9)


@each
def test_jit_is_eager(case, backend):
    f, args = everything(case), case.arguments()
    got, want = jit(f, backend=backend)(*args), f(*args)
    for x, y in zip(got, want, strict=True):
        assert (np.shape(x), np.asarray(x).dtype) == (np.shape(y), np.asarray(y).dtype)
        assert np.asarray(x).flags.c_contiguous
    assert_close(got, want, 1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c.dtype == "float64"], ids=str)
def test_single_precision(case):
    """float32 in, float32 (or complex64) out, in every mode."""
    args = [x.astype(np.float32) for x in case.arguments()]
    dots = [t.astype(np.float32) for t in case.tangents()]
    outs, out_dots = jvp(lambda *xs: list(case.row.f(*xs)), args, dots)
    want = case.row.oracle(*map(exact, args))
    for y, t, exact_y in zip(outs, out_dots, want, strict=True):
        assert np.asarray(y).dtype in (np.float32, np.complex64) and t.dtype == y.dtype
        assert_close([y], [floats(exact_y)], 2e-3)
    pulled = vjp(lambda *xs: list(case.row.f(*xs)), *args)[1](
        [np.ones(np.shape(y), np.asarray(y).dtype)[()] for y in outs])
    assert all(ct.dtype == np.float32 for ct in pulled)
