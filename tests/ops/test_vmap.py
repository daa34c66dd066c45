"""A batched operation does to each example what the operation does to one; so do its derivatives.
"""

from itertools import product

import numpy as np
import pytest

from isograd.refimpl.transforms.grad import vjp
from isograd.refimpl.transforms.jvp import jvp
from isograd.refimpl.transforms.vmap import vmap

from ..cases import ALL, SMOOTH, random_like, with_some_fixed

SIZE = 3
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
BATCHABLE = [case for case in ALL if case.row.prim != "weaken"]    # a Python scalar has no axes
SMOOTH_BATCHABLE = [case for case in SMOOTH if case.row.prim != "weaken"]


def close(got, want, case):
    """Equal, up to a few units: NumPy's loops may round otherwise in other places of an array."""
    got, want = np.asarray(got), np.asarray(want)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    if got.dtype.kind not in "fc":
        np.testing.assert_array_equal(got, want)
        return
    eps = np.finfo(got.dtype).eps
    np.testing.assert_allclose(got, want, 64 * eps, 64 * eps * np.max(np.abs(want), initial=0))


def batches(case):
    """Yield (in_axes, arguments, function from a row's number to its example)."""
    singles = case.arguments()
    stacks = [np.stack([case.arguments(seed)[n] for seed in range(SIZE)])
              for n in range(len(singles))]
    for axes in product((0, None), repeat=len(singles)):
        if any(ax == 0 for ax in axes):
            args = [x if ax is None else stack
                    for x, stack, ax in zip(singles, stacks, axes, strict=True)]
            yield axes, args, lambda k, args=args, axes=axes: [
                x if ax is None else x[k] for x, ax in zip(args, axes, strict=True)]


@pytest.mark.parametrize("case", BATCHABLE, ids=str)
def test_vmap_is_a_loop(case):
    f = case.function()
    for axes, args, example in batches(case):
        want = np.stack([f(*example(k)) for k in range(SIZE)])
        close(vmap(f, axes)(*args), want, case)


@pytest.mark.parametrize("case", [case for case in BATCHABLE if len(case.example.args) == 1
                                  and case.example.args[0].shape], ids=str)
def test_vmap_over_the_last_axis_and_twice(case):
    f = case.function()
    x = np.stack([case.arguments(seed)[0] for seed in range(SIZE)])
    want = np.stack([f(example) for example in x])
    close(vmap(f, -1, -1)(np.moveaxis(x, 0, -1)), np.moveaxis(want, 0, -1), case)
    close(vmap(vmap(f))(np.stack([x, x])), np.stack([want, want]), case)


@pytest.mark.parametrize("case", [case for case in SMOOTH_BATCHABLE if case.dtype != "float32"],
                         ids=str)
def test_vmap_of_jvp_and_vjp_is_a_loop(case):
    moving = case.differentiable()
    rng = np.random.default_rng(0)
    single = np.asarray(case.function()(*case.arguments()))
    if single.dtype.kind not in "fc":
        pytest.skip("the result is not floating-point")
    dots = tuple(random_like(rng, case.arguments()[n]) for n in moving)
    ct = random_like(rng, single)

    def derivatives(*args):
        f = with_some_fixed(case.function(), args, moving)
        primals = tuple(args[n] for n in moving)
        return [jvp(f, primals, dots)[1], *vjp(f, *primals)[1](ct)]

    for axes, args, example in batches(case):
        want = [derivatives(*example(k)) for k in range(SIZE)]
        for n, got in enumerate(vmap(derivatives, axes)(*args)):
            close(got, np.stack([w[n] for w in want]), case)


@pytest.mark.parametrize("case", [case for case in SMOOTH_BATCHABLE if case.dtype == "float64"],
                         ids=str)
def test_vjp_of_vmap_sums_over_what_is_not_batched(case):
    moving = case.differentiable()
    single = np.asarray(case.function()(*case.arguments()))
    if single.dtype.kind not in "fc":
        pytest.skip("the result is not floating-point")
    ct = random_like(np.random.default_rng(0), np.stack([single] * SIZE))
    for axes, args, example in batches(case):
        mapped = with_some_fixed(vmap(case.function(), axes), args, moving)
        got = vjp(mapped, *[args[n] for n in moving])[1](ct)
        each = [vjp(with_some_fixed(case.function(), example(k), moving),
                    *[example(k)[n] for n in moving])[1](ct[k]) for k in range(SIZE)]
        for n, pulled in enumerate(got):
            rows = np.stack([cts[n] for cts in each])
            close(pulled, rows if axes[moving[n]] == 0 else rows.sum(0), case)
