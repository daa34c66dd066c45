"""isograd.scipy.linalg has every name of scipy.linalg, its arguments and its results."""

import inspect

import numpy as np
import pytest
import scipy.linalg

import isograd
import isograd.scipy.linalg as sla
from isograd import errors, jit, jvp, tree, vjp, vmap
from isograd.refimpl.numpy.linalg.register import LINALG

from .scipy_calls import CALLS, GAPS

EXAMPLES = [pytest.param(f, args, id=f"{name}-{i}")
            for name, calls in CALLS.items() for i, (f, args) in enumerate(calls)]
LATEST = np.lib.NumpyVersion(scipy.__version__) >= "1.17.0"
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_every_name_of_scipy_is_there():
    theirs = {name for name in scipy.linalg.__all__ if callable(getattr(scipy.linalg, name))}
    if LATEST:
        assert theirs <= set(sla.__all__)
    assert set(sla.GAPS) & set(CALLS) == set()
    with_meaning = set(sla.__all__) - set(sla.GAPS) - set(sla._PLAIN)
    assert with_meaning == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_signatures_are_scipys(name):
    """But for deprecated arguments, whose default is a marker."""
    if not hasattr(scipy.linalg, name):
        pytest.skip("this SciPy is too old to have it")
    theirs = inspect.signature(getattr(scipy.linalg, name)).parameters
    ours = inspect.signature(getattr(sla, name)).parameters
    known = [p for p in theirs if p not in ("disp", "blocksize")]
    assert [p for p in ours if p in known] == known or not LATEST
    if LATEST:
        assert [(p.name, p.kind, p.default) for p in ours.values()] == [
            (theirs[p].name, theirs[p].kind, theirs[p].default) for p in known]
    assert getattr(sla, name).__doc__


def leaves(out):
    return [np.asarray(x) for x in tree.leaves(out)]


@pytest.mark.parametrize(("f", "args"), EXAMPLES)
def test_values_are_scipys(f, args):
    """Plain, staged, and batched."""
    want = leaves(f(scipy.linalg, *args))
    batch = [np.stack([x, x]) for x in args]
    runs = [leaves(f(sla, *args)), leaves(jit(lambda *xs: f(sla, *xs))(*args)),
            [x[1] for x in leaves(vmap(lambda *xs: f(sla, *xs))(*batch))]]
    for got in runs:
        assert len(got) == len(want)
        for x, y in zip(got, want, strict=True):
            assert x.shape == y.shape
            assert x.dtype == y.dtype or x.dtype.kind in "iu"
            np.testing.assert_allclose(x, y, rtol=0, atol=1e-10 * (1 + np.max(np.abs(y))))


OF_VECTORS = """
    block_diag circulant companion convolution_matrix diagsvd eigh_tridiagonal eigvalsh_tridiagonal
    fiedler hankel khatri_rao leslie lstsq matmul_toeplitz norm cho_solve_banded cholesky_banded
    eig_banded eigvals_banded solve_banded solve_circulant solve_discrete_lyapunov solve_toeplitz
    solveh_banded toeplitz eig eigh
""".split()
STACKED = [name for name in CALLS if name not in OF_VECTORS]


@pytest.mark.parametrize("name", STACKED)
def test_stacks_of_matrices(name):
    """The axes before the last two are a stack."""
    for f, args in CALLS[name]:
        if not all(x.ndim == 2 for x in args):
            continue
        stacks = [np.stack([x, x + 0.01 * np.eye(*x.shape)]) for x in args]
        want = [leaves(f(sla, *[x[i] for x in stacks])) for i in range(2)]
        got = leaves(jit(lambda *xs, f=f: f(sla, *xs))(*stacks))
        for x, *rows in zip(got, *want, strict=True):
            bound = 1e-9 * (1 + np.max(np.abs(x)))
            np.testing.assert_allclose(x, np.stack(rows), rtol=0, atol=bound)


@pytest.mark.parametrize(("f", "args"), EXAMPLES)
def test_reverse_mode_is_the_transpose(f, args):
    def g(*xs):
        return [y for y in tree.leaves(f(sla, *xs)) if y.dtype.kind in "fc"]
    rng = np.random.default_rng(0)
    dots = [rng.normal(size=x.shape).astype(x.dtype) for x in args]
    outs, pushed = jvp(g, args, dots)
    cts = [np.asarray(rng.normal(size=np.shape(y)), y.dtype)[()] for y in outs]
    pulled = vjp(g, *args)[1](cts)
    left, right = [sum(np.sum(x * y).real for x, y in zip(*pair, strict=True))
                   for pair in ((cts, pushed), (pulled, dots))]
    np.testing.assert_allclose(right, left, rtol=1e-9, atol=1e-9)


def test_every_gap_has_a_call():
    assert set(GAPS) == set(sla.GAPS)


@pytest.mark.parametrize("name", sorted(GAPS))
def test_gaps_say_what_to_write_instead(name):
    for f, args in GAPS[name]:
        with pytest.raises(errors.MissingRuleError) as caught:
            jit(lambda *xs, f=f: f(sla, *xs))(*args)
        assert name in str(caught.value) and sla.GAPS[name] in str(caught.value)


@pytest.mark.parametrize("name", sorted(GAPS))
def test_gaps_are_scipys_functions_on_plain_arrays(name):
    if not hasattr(scipy.linalg, name):
        pytest.skip("this SciPy is too old to have it")
    for f, args in GAPS[name]:
        for got, want in zip(leaves(f(sla, *args)), leaves(f(scipy.linalg, *args)), strict=True):
            np.testing.assert_array_equal(got, want)


def test_numpys_names_are_all_there():
    assert set(LINALG) == set(np.linalg.__all__) - {"LinAlgError"}
    assert isograd.numpy.linalg.LinAlgError is np.linalg.LinAlgError
