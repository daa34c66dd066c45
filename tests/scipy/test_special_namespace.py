"""isograd.scipy.special: names, signatures and numbers are SciPy's."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.special

import isograd
from isograd import errors
from isograd.refimpl.ops.special import RECORDS
from isograd.scipy import special

from ..differential.compare import assert_matches
from .calls import CALLS, HAND_MADE, ROUGH, case, listed

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
EACH = [(name, number) for name, calls in CALLS.items() for number in range(len(calls))]
OWN = {"bessel_jn"}     # JAX's


@pytest.mark.parametrize(("name", "number"), EACH)
def test_plain_and_compiled_values_are_scipys(name, number):
    f, arrays = case(name, number)
    want = listed(case(name, number, scipy.special)[0](*arrays))
    for got in listed(f(*arrays)), listed(isograd.jit(f)(*arrays)):
        for y, expected in zip(got, want, strict=True):
            assert np.asarray(y).dtype == np.asarray(expected).dtype
            np.testing.assert_allclose(y, expected, 2e-6 if y.dtype.itemsize == 4 else 1e-13,
                                       1e-14)


MADE = [(name, number) for name, number in EACH if name in HAND_MADE]


@pytest.mark.parametrize(("name", "number"), MADE)
def test_batches(name, number):
    f, arrays = case(name, number)
    stacks = [np.stack([x, x * 0.75]) for x in arrays]
    got = listed(isograd.vmap(f)(*stacks)) if arrays else []
    for n in range(2 if arrays else 0):
        for y, want in zip(got, listed(f(*[s[n] for s in stacks])), strict=True):
            np.testing.assert_allclose(y[n], want, 1e-5 if y.dtype.itemsize == 4 else 1e-11, 1e-13)


SMOOTH = [pair for pair in MADE if pair not in ROUGH and case(*pair)[1]]


def leading(f):
    """The first result: the others are signs."""
    return lambda *xs: listed(f(*xs))[0]


@pytest.mark.parametrize(("name", "number"), SMOOTH)
def test_derivatives(name, number):
    """Forward and reverse mode against differences of SciPy's function."""
    f, arrays = case(name, number)
    f, theirs = leading(f), leading(case(name, number, scipy.special)[0])
    dots = [np.random.default_rng(n).normal(size=np.shape(x)).astype(x.dtype)[()]
            for n, x in enumerate(arrays)]
    h = 1e-6
    want = sum(w * (theirs(*[x + k * h * t for x, t in zip(arrays, dots, strict=True)])
                    - theirs(*[x - k * h * t for x, t in zip(arrays, dots, strict=True)]))
               for k, w in ((1, 8), (2, -1))) / (12 * h)
    out, dot = isograd.jvp(f, tuple(arrays), tuple(dots))
    np.testing.assert_allclose(dot, want, 1e-6, 1e-6 * max(1, np.max(np.abs(want))))
    ct = np.ones_like(out)
    pulled = isograd.vjp(f, *arrays)[1](ct)
    paired = sum(np.sum(p * t) for p, t in zip(pulled, dots, strict=True))
    np.testing.assert_allclose(np.real(paired), np.real(np.sum(dot)), 1e-9, 1e-9)
    compiled = isograd.jit(lambda *xs: isograd.jvp(f, xs, tuple(dots))[1])(*arrays)
    assert_matches(compiled, dot, 2000)


# ---- names ----

def test_names_and_signatures():
    for name in set(special.__all__) - OWN:
        ours, theirs = getattr(special, name), getattr(scipy.special, name)
        assert ours.__doc__, name
        if not isinstance(theirs, np.ufunc) and name in HAND_MADE and name != "sph_harm_y":
            want, got = [inspect.signature(f) for f in (theirs, ours)]
            if name != "softplus":      # **kwargs, which are logaddexp's
                assert list(want.parameters) == list(got.parameters), name


def test_every_record_is_public():
    ufuncs = {name for name in RECORDS if hasattr(scipy.special, name)}
    assert ufuncs <= set(special.__all__)
    assert ufuncs <= set(CALLS) | {"cbrt", "exp2", "expm1", "log1p", "round", "erf", "erfc",
                                   "erfinv", "gammaln", "psi", "expit"}    # tests/table.py


def test_scipys_own_ufuncs_mean_the_same():
    x = np.linspace(0.5, 3, 5)
    for theirs, ours in ((scipy.special.psi, special.digamma), (scipy.special.erf, special.erf)):
        got = isograd.jit(theirs)(x)
        np.testing.assert_array_equal(got, isograd.jit(ours)(x))


def test_docstrings_name_the_derivatives():
    assert special.jv.__doc__.endswith("Derivatives: in z; none is known in v.")
    assert special.betainc.__doc__.endswith("Derivatives: in a, b, x.")


def test_options_of_ufuncs():
    x = np.array([0.5, 1.5])
    out = isograd.jit(lambda x: special.gamma(x, dtype="float32"))(x)
    assert out.dtype == np.float32


# ---- awkward arguments ----

def test_gradient_of_logsumexp_is_softmax():
    x = np.array([-np.inf, 1.0, 3.0, 3.0])
    np.testing.assert_allclose(isograd.grad(special.logsumexp)(x), scipy.special.softmax(x), 1e-15)


def test_terms_without_weight():
    a, b = np.array([1e4, 0.5]), np.array([0.0, 2.0])
    got = isograd.jit(lambda a: special.logsumexp(a, b=b))(a)
    np.testing.assert_allclose(got, 0.5 + np.log(2), 1e-15)
    np.testing.assert_array_equal(isograd.grad(lambda a: special.logsumexp(a, b=b))(a), [0, 1])


def test_small_terms_of_logsumexp_count():
    got = isograd.jit(special.logsumexp)(np.array([0.0, -50.0]))
    np.testing.assert_allclose(got, np.exp(-50.0), 1e-15)


@pytest.mark.parametrize("x", [[np.inf, 0.0], [-np.inf, -np.inf], [np.inf, -np.inf], [np.nan, 0.0],
                               [np.inf, np.inf]])
@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_infinities_as_scipy(name, x):
    f = getattr(special, name)
    np.testing.assert_array_equal(isograd.jit(f)(np.array(x)), f(np.array(x)))


def test_kernel_of_dirichlet_is_flat_at_its_peaks():
    np.testing.assert_allclose(isograd.vmap(isograd.grad(special.diric), (0, None))(
        np.array([0.0, 2 * np.pi]), 3), 0, atol=1e-7)


def test_bessel_functions_up_to_an_order():
    z = np.array([0.5, 2.0])
    want = scipy.special.jv(np.arange(4)[:, None], z)
    np.testing.assert_allclose(isograd.jit(lambda z: special.bessel_jn(z, v=3))(z), want, 1e-15)


def test_harmonics_at_the_poles():
    """Smooth in theta there, too, to second order."""
    def y(theta):
        return np.real(special.sph_harm_y(3, 2, theta, 0.0))
    want = 0.5 * np.sqrt(105 / (2 * np.pi)) / 2 * 2        # of sqrt(105 / 2 pi) / 4 sin^2 cos
    np.testing.assert_allclose(isograd.grad(isograd.grad(y))(0.0), want, 1e-12)


REFUSED = {
    "exact": (lambda x: special.factorial(x, exact=True), errors.MissingRuleError, "exact=True"),
    "extend": (lambda x: special.factorial(x, extend="real"), errors.ArgumentError, "'real'"),
    "dimension": (lambda x: special.multigammaln(x, 1.5), errors.ArgumentError, "1.5"),
    "order": (lambda x: special.jvp(1, x, -1), errors.ArgumentError, "-1"),
    "traced order": (lambda x: special.jvp(1, 2.0, x), errors.ConcretizationError, "jvp: n"),
    "complex zeta": (lambda x: special.zeta(x * 1j), errors.MissingRuleError, "complex"),
    "order of jv": (lambda x: isograd.grad(special.jv)(x, 2.0), errors.MissingRuleError,
                    "argument v"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    f, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        isograd.jit(f)(2.0)


# ---- docs/special.md ----

PAGE = Path(__file__).parents[2] / "docs" / "special.md"


def tables():
    """The rows of the tables: [(first cell, names in the second)]."""
    rows = re.findall(r"^\| (.+?) \| `(.+)` \|$", PAGE.read_text(), re.MULTILINE)
    return [(first, second.split()) for first, second in rows]


def test_the_page_names_every_function():
    named = [name for first, names in tables() if not first.startswith("`") for name in names]
    assert sorted(named) == special.__all__


def test_the_page_names_every_gap():
    stated = {(name, first.strip("`")) for first, names in tables() if first.startswith("`")
              for name in names}
    gaps = {(name, arg) for name, record in RECORDS.items() if name in special.__all__
            for arg, known in zip(record.arguments, record.known, strict=True) if not known}
    assert stated == gaps
