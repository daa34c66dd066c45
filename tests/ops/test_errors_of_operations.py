"""What each operation refuses, with which kind of error; the same whether it is staged or not."""

import numpy as np
import pytest

from isograd.refimpl import errors
from isograd.refimpl.jit import jit
from isograd.refimpl.ops.dot import dot_general
from isograd.refimpl.ops.index import gather, scatter
from isograd.refimpl.ops.reduce import argmax, max, min
from isograd.refimpl.transforms.vmap import vmap

X = np.ones((3, 4))
Y = np.ones((4, 5))
AT = np.array([0, 2])


def at(*axes, batch=((), ())):
    return lambda x, y: dot_general(x, y, axes, batch)


CASES = {
    # name: (class, builtin class it also is, function, arguments, part of the message)
    "dot_c1_out_of_range": (errors.ShapeError, ValueError, at((2,), (0,)), (X, Y), "C1"),
    "dot_c1_named_twice": (errors.ShapeError, ValueError, at((1, 1), (0, 0)), (X, Y), "C1"),
    "dot_c1_contracted_and_batch": (errors.ShapeError, ValueError,
                                    at((1,), (0,), batch=((1,), (1,))), (X, Y), "C1"),
    "dot_c2_no_partner": (errors.ShapeError, ValueError, at((0, 1), (0,)), (X, Y), "C2"),
    "dot_c3_sizes": (errors.ShapeError, ValueError, at((0,), (0,)), (X, Y), "C3"),
    "dot_c3_batch_sizes": (errors.ShapeError, ValueError,
                           at((), (), batch=((0,), (0,))), (X, Y), "C3: batch"),
    "max_of_nothing": (errors.ShapeError, ValueError, lambda x: max(x, (0,)),
                       (np.ones((0, 3)),), "max over an axis without elements"),
    "min_of_nothing": (errors.ShapeError, ValueError, lambda x: min(x, (0, 1)),
                       (np.ones((2, 0)),), "min over an axis"),
    "argmax_of_nothing": (errors.ShapeError, ValueError, lambda x: argmax(x, (0,)),
                          (np.ones(0),), "argmax over an axis"),
    "gather_by_floats": (errors.DtypeError, TypeError, gather, (X, np.ones(2)), "not an integer"),
    "gather_by_mask": (errors.DtypeError, TypeError, gather, (X, np.ones(3, bool)), "np.nonzero"),
    "gather_too_many": (errors.IndexingError, IndexError, gather, (X, AT, AT, AT),
                        "3 for f64[3,4]"),
    "gather_shapes": (errors.IndexingError, IndexError, gather,
                      (X, AT, np.array([0, 1, 2])), "do not broadcast"),
    "gather_out_of_range": (IndexError, IndexError, gather, (X, AT + 1), "out of bounds"),
    "scatter_out_of_range": (IndexError, IndexError,
                             lambda x, i: scatter(x, 1.0, i, mode="add"), (X, -AT - 2), "out of"),
    "scatter_values": (ValueError, ValueError,
                       lambda x, i: scatter(x, np.ones(3), i, mode="set"), (X, AT), "broadcast"),
    "scatter_dtype": (errors.DtypeError, TypeError,
                      lambda x, i: scatter(x, 1.5, i, mode="add"), (np.arange(3), AT), "astype"),
    "scatter_mode": (errors.ArgumentError, ValueError,
                     lambda x, i: scatter(x, 1.5, i, mode="divide"), (X, AT), "multiply"),
}
every_case = pytest.mark.parametrize("name", CASES)


@every_case
@pytest.mark.parametrize("transform", [lambda f: f, lambda f: jit(f, backend="reference")],
                         ids=["eager", "jit"])
def test_error(name, transform):
    kind, builtin, f, args, message = CASES[name]
    with pytest.raises(kind) as caught:
        transform(f)(*args)
    assert isinstance(caught.value, builtin)
    assert message in str(caught.value)


@every_case
def test_error_under_vmap(name):
    kind, _, f, args, _ = CASES[name]
    with pytest.raises(kind):
        vmap(f)(*[np.stack([x, x]) for x in args])


def test_scatter_promotes_as_in_place_operators_do():
    """uint8 += 1 works in NumPy, although int64 does not fit."""
    x = scatter(np.zeros(3, np.uint8), 1, AT, mode="add")
    assert x.dtype == np.uint8
    np.testing.assert_array_equal(x, [1, 0, 1])
