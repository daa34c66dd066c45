"""Calls on arrays of every dtype and awkward shape: what NumPy gives, or its kind of error.

The table tries what functions are for; here they meet truth values, half precision, complex
numbers, NaN, numbers without axes and arrays without elements, in axes that may not exist.
"""

import numpy as np
import pytest

import isograd
from isograd import errors, tree
from isograd.refimpl.graph import eval_graph

rng = np.random.default_rng(3)
REAL = rng.normal(size=(2, 3, 4))
WHOLE = rng.integers(-4, 5, (2, 3, 4))
ARRAYS = {
    "float64": REAL, "float32": REAL.astype(np.float32), "float16": REAL.astype(np.float16),
    "int64": WHOLE, "int8": WHOLE.astype(np.int8), "uint8": np.abs(WHOLE).astype(np.uint8),
    "bool": REAL > 0, "complex": REAL + 1j * rng.normal(size=REAL.shape),
    "nan": np.where(rng.random(REAL.shape) > 0.7, np.nan, REAL),
    "number": np.array(0.5), "integer": np.array(3), "empty": np.zeros((2, 0, 4)),
    "vector": rng.normal(size=5), "matrix": rng.normal(size=(4, 4)),
}
ROUGH = {"float16": 2e-3, "float32": 1e-5}
WHERE = rng.random(REAL.shape) > 0.4
# Where we differ, and why:
#   NumPy cannot tell the last element of no elements from that of some
#   truth values have no difference, no sum of squares; NumPy is of two minds
#   NumPy overlooks arguments out of range where there are no elements
#   NumPy's half-precision spacing has no sign
EXCEPT = {("median", "empty"), ("unwrap", "bool"), ("spacing", "float16"), ("spacing", "int8"),
          ("spacing", "uint8"), ("select", "uint8"), ("repeat", "empty"),
          ("tile", "empty"), ("take", "empty"), ("quantile", "bool"), ("percentile", "bool"),
          ("nanvar", "integer"), ("nanstd", "integer"), ("histogram", "complex")}


def attempt(f, x):
    try:
        out = f(x)
    except Exception as error:
        return error
    return list(out) if isinstance(out, (list, tuple)) else [out]


def staged(f, x):
    closed = isograd.make_graph(f)(x)
    outs = eval_graph(closed.graph.check(), [*closed.captured, x])
    return tree.unflatten(closed.out_tree, outs)


KINDS = (np.exceptions.AxisError, IndexError, ValueError, TypeError, ArithmeticError)


def expect_error(want, got, case):
    kind = next(kind for kind in KINDS if isinstance(want, kind))
    assert isinstance(got, kind), (case, want, got)
    ours = isinstance(got, errors.IsogradError)
    assert ours or "out of bounds for" in str(got) or "negative integer powers" in str(got), case


def expect_same(want, got, case, tol):
    assert not isinstance(got, Exception), (case, got)
    assert len(want) == len(got), case
    for a, b in zip(want, got, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert (a.dtype, a.shape) == (b.dtype, b.shape), case
        tol = max(tol, ROUGH.get(a.dtype.name, 1e-5 if a.dtype == np.complex64 else 0))
        np.testing.assert_allclose(b, a, rtol=tol, atol=tol, equal_nan=True, err_msg=str(case))


@pytest.mark.filterwarnings("ignore")
def check(text, name, arrays=ARRAYS):
    f = eval(f"lambda x: {text}", {"np": np, "WHERE": WHERE})
    for kind, x in arrays.items():
        if (name, kind) in EXCEPT:
            continue
        with np.errstate(all="ignore"):
            want, got = attempt(f, x), attempt(lambda x: staged(f, x), x)
        if isinstance(want, Exception):
            expect_error(want, got, (text, kind))
        else:
            expect_same(want, got, (text, kind), ROUGH.get(kind, 1e-11))


UNARY = """
    abs negative positive reciprocal square sqrt cbrt sign exp exp2 expm1 log log2 log10 log1p sin
    cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil trunc rint isnan
    isinf isfinite signbit logical_not invert conjugate fabs deg2rad rad2deg spacing real imag angle
    isreal iscomplex round fix nan_to_num isposinf isneginf sinc ravel squeeze transpose flip flipud
    fliplr atleast_1d atleast_2d atleast_3d copy zeros_like ones_like diff ediff1d gradient unwrap
    trapezoid sort_complex diag diagonal trace diagflat vander matrix_transpose rot90 cov
    corrcoef cumulative_sum count_nonzero modf average histogram unstack
""".split()
REDUCTIONS = """
    sum prod max min any all mean var std ptp argmax argmin median nansum nanprod nanmax nanmin
    nanvar nanstd nanmedian
""".split()
WITH_NUMBER = """
    round(x,{k}) diag(x,{k}) diagonal(x,{k}) trace(x,{k}) rot90(x,{k}) roll(x,{k}) roll(x,{k},0)
    roll(x,({k},1),(0,-1)) expand_dims(x,{k}) squeeze(x,{k}) swapaxes(x,0,{k}) moveaxis(x,0,{k})
    rollaxis(x,{k}) rollaxis(x,0,{k}) repeat(x,{k}) tile(x,({k},2)) split(x,{k}) array_split(x,{k})
    take(x,{k}) take(x,[[{k},0]],-1) unstack(x,axis={k}) delete(x,{k}) delete(x,[{k},0],0)
    insert(x,{k},9) insert(x,[0,{k}],7,axis=-1) diff(x,{k}) diff(x,prepend={k}) vander(x,{k})
    power(x,{k}) remainder(x,{k}) floor_divide(x,{k}) divide(x,{k}) bitwise_and(x,{k})
    clip(x,-1,{k}) clip(x,max={k}) maximum(x,{k}) divmod(x,{k}) arctan2(x,{k}) hypot(x,{k})
    copysign(x,{k}) heaviside(x,{k}) float_power(x,{k}) fmod(x,{k}) ldexp(x,{k}) isclose(x,{k})
    isin(x,[{k},0]) equal(x,{k}) where(x>0,x,{k}) select([x>0,x<{k}],[x,{k}],-1) full_like(x,{k})
    nextafter(x,{k}) logaddexp(x,{k}) nan_to_num(x,nan={k}) linspace(x,{k},3)
    linspace(x,{k},3,axis=-1,dtype=int) linspace(0,x,1,retstep=True) logspace(x,{k},3)
    geomspace(abs(x)+1,3,4) interp(x,[-2.0,0.0,9.0],[1,2,{k}]) polyval([{k},1,2],x)
    searchsorted([-1,0,9],x) digitize(x,[3,1,-1]) unwrap(x,discont={k}) trapezoid(x,dx={k})
    cumsum(x,{k}) cumprod(x,{k}) argsort(x,{k},kind="stable") sort(x,{k}) concatenate([x,x],{k})
    stack([x,x],{k}) percentile(x,{k}) quantile(x,{k},method="lower") resize(x,({k},3))
""".split()


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_array(name):
    arrays = ARRAYS
    if name in ("squeeze", "unstack", "histogram"):     # several results need care with lists
        arrays = {k: x for k, x in ARRAYS.items() if x.ndim == 3 and k != "nan"}
    check(f"np.{name}(x)", name, arrays)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name):
    for axis in (None, 0, -1, 1, (0, 2), (), (2, 0, 1), 3, (1, 1)):
        check(f"np.{name}(x, axis={axis})", name)
        check(f"np.{name}(x, axis={axis}, keepdims=True)", name)


@pytest.mark.parametrize("name", "sum prod max min nansum nanmax any all mean var std".split())
def test_reductions_of_some_elements(name):
    arrays = {k: x for k, x in ARRAYS.items() if x.shape == WHERE.shape}
    for axis in (None, 1, (0, 2)):
        check(f"np.{name}(x, axis={axis}, where=WHERE)", name, arrays)
        if name in ("sum", "prod", "max", "min", "nansum", "nanmax"):
            check(f"np.{name}(x, axis={axis}, where=WHERE, initial=1)", name, arrays)


@pytest.mark.parametrize("call", WITH_NUMBER)
def test_functions_of_an_array_and_a_number(call):
    for k in (-2, 1, 5):
        check(f"np.{call.format(k=k)}", call.split("(")[0])


METHODS = """
    linear lower higher nearest midpoint hazen weibull median_unbiased normal_unbiased
    interpolated_inverted_cdf
""".split()


@pytest.mark.parametrize("method", METHODS)
def test_quantiles(method):
    arrays = {k: ARRAYS[k] for k in "float64 float32 float16 int64 uint8 nan number".split()}
    for q in (0.3, 0.5, 1, [0.1, 0.9], np.float64(0.25)):
        for axis in (None, 1, (0, 2)):
            for name in ("quantile", "nanquantile"):
                check(f"np.{name}(x, {q!r}, {axis}, method='{method}')", name, arrays)
