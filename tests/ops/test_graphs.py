"""Staged operations: the graph is valid, and means what running at once means, bit by bit.

Complex products may differ in the last bit: NumPy multiplies scalars in another loop than arrays.
"""

import numpy as np
import pytest

from isograd.refimpl.graph import eval_graph
from isograd.refimpl.primitive import PRIMITIVES
from isograd.refimpl.trace import bind
from isograd.refimpl.transforms.grad import vjp
from isograd.refimpl.transforms.jvp import jvp
from isograd.refimpl.transforms.stage import make_graph
from isograd.refimpl.transforms.vmap import vmap

from ..cases import ALL, SMOOTH, SPECIAL, random_like, special_arguments, with_some_fixed
from ..table import ROWS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def assert_staged_equals_eager(f, args):
    closed = make_graph(f)(*args)
    closed.graph.check()
    assert str(closed.graph).startswith("graph(")
    got = eval_graph(closed.graph, [*closed.captured, *args])
    want = f(*args)
    for x, y in zip(got, want if isinstance(want, (list, tuple)) else [want], strict=True):
        if np.asarray(y).dtype.kind == "c":
            np.testing.assert_allclose(x, y, 4 * np.finfo(np.asarray(y).dtype).eps)
        else:
            np.testing.assert_array_equal(x, y)
        assert np.asarray(x).dtype == np.asarray(y).dtype
        assert np.shape(x) == np.shape(y)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_graph_of_an_operation(case):
    assert_staged_equals_eager(case.function(), case.arguments())


@pytest.mark.parametrize(("prim", "dtype"), SPECIAL)
def test_graph_on_special_values(prim, dtype):
    args = special_arguments(ROWS[prim], dtype)
    assert_staged_equals_eager(lambda *xs: bind(PRIMITIVES[prim], *xs), args)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_graph_of_vmap(case):
    if case.row.prim != "weaken":
        args = [np.stack([x, x]) for x in case.arguments()]
        assert_staged_equals_eager(vmap(case.function()), args)


@pytest.mark.parametrize("case", SMOOTH, ids=str)
def test_graph_of_derivatives(case):
    moving = case.differentiable()
    rng = np.random.default_rng(0)
    out = np.asarray(case.function()(*case.arguments()))
    if out.dtype.kind not in "fc":
        pytest.skip("the result is not floating-point")
    dots = tuple(random_like(rng, case.arguments()[n]) for n in moving)
    ct = random_like(rng, out)

    def derivatives(*args):
        f = with_some_fixed(case.function(), args, moving)
        primals = tuple(args[n] for n in moving)
        return [jvp(f, primals, dots)[1], *vjp(f, *primals)[1](ct)]

    assert_staged_equals_eager(derivatives, case.arguments())
