"""Numbers that an array cannot hold: writing them raises what it raises in NumPy."""

import numpy as np
import pytest

import isograd
import isograd.numpy as inp

MASK = np.array([True, False, True])
WRITES = {
    "x[0] = v": lambda x, v: x.__setitem__(0, v),
    "x[:] = v": lambda x, v: x.__setitem__(slice(None), v),
    "x[mask] = v": lambda x, v: x.__setitem__(MASK, v),
    "x[places] = v": lambda x, v: x.__setitem__(np.array([0, 1]), v),
    "x[:2] = [v, v]": lambda x, v: x.__setitem__(slice(2), [v, v]),
    "x[:] = an array": lambda x, v: x.__setitem__(slice(None), np.array([v] * 3)),
    "x[0] = a NumPy number": lambda x, v: x.__setitem__(0, np.array(v)[()]),
    "fill": lambda x, v: x.fill(v),
    "copyto": np.copyto,
    "copyto where": lambda x, v: np.copyto(x, v, where=MASK),
    "put": lambda x, v: np.put(x, [0], v),
    "place": lambda x, v: np.place(x, MASK, [v]),
    "putmask": lambda x, v: np.putmask(x, MASK, v),
    "put_along_axis": lambda x, v: np.put_along_axis(x, np.array([0]), v, 0),
    "fill_diagonal": lambda x, v: np.fill_diagonal(x.reshape(1, 3), v),
}
NUMBERS = [("uint8", 300), ("uint8", -1), ("int64", np.nan), ("int64", np.inf), ("float64", 1j),
           ("int8", 2.7), ("bool", 7), ("float32", 0.1), ("complex64", 1j)]


def outcome(write, x, v):
    """The array after a write, or the error."""
    try:
        with np.errstate(all="ignore"):
            write(x, v)
    except (OverflowError, ValueError, TypeError) as error:
        return [kind for kind in (OverflowError, ValueError, TypeError) if isinstance(error, kind)]
    return x


@pytest.mark.parametrize(("dtype", "v"), NUMBERS)
@pytest.mark.parametrize("name", WRITES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")       # a NaN that is cast
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_numbers_that_do_not_fit(name, dtype, v):
    write = WRITES[name]
    want = outcome(write, np.zeros(3, dtype), v)
    got = outcome(lambda x, v: isograd.jit(lambda x: write(x, v))(x), np.zeros(3, dtype), v)
    np.testing.assert_array_equal(got, want)


def test_at():
    with pytest.raises(OverflowError):
        inp.at(np.zeros(3, np.uint8))[0].set(300)
