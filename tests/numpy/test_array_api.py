"""isograd.numpy and traced arrays follow the Python array API standard, as far as NumPy does."""

import inspect

import numpy as np
import pytest

import isograd
from isograd import errors
from isograd import numpy as inp
from isograd.refimpl.numpy.absent import ABSENT_ATTRIBUTES

from . import array_api

LATEST = np.lib.NumpyVersion(np.__version__) >= "2.4.0"
# The standard asks for them, NumPy does not have them.
NOT_IN_NUMPY = {("astype", "device")}
FUNCTIONS = [pytest.param(space, name, *call, id=name) for space, table in (
    (inp, array_api.MAIN), (inp.linalg, array_api.LINALG), (inp.fft, array_api.FFT))
    for name, call in table.items()]


@pytest.mark.skipif(not LATEST, reason="the signatures are those of NumPy 2.4")
@pytest.mark.parametrize(("space", "name", "positional", "keywords"), FUNCTIONS)
def test_function_takes_the_arguments_of_the_standard(space, name, positional, keywords):
    function = getattr(space, name)
    assert callable(function)
    keywords = [k for k in keywords.split() if (name, k) not in NOT_IN_NUMPY]
    if function in (inp.finfo, inp.iinfo):
        return      # classes, whose signature is not that of their constructor
    try:
        signature = inspect.signature(function)
    except ValueError:
        signature = inspect.signature(getattr(function, "__wrapped__", lambda *args, **kwargs: 0))
    signature.bind(*[None] * positional, **dict.fromkeys(keywords))


def test_constants_and_dtypes():
    for name in array_api.CONSTANTS.split():
        assert getattr(inp, name) is getattr(np, name)


def tracer_of(x):
    seen = []
    isograd.jit(lambda x: seen.append(x))(x)
    return seen[0]


def test_attributes_of_traced_arrays():
    x = tracer_of(np.ones((2, 3)))
    for name in array_api.ATTRIBUTES.split():
        assert hasattr(type(x), name), name


def test_attributes_of_arrays_are_there_or_have_a_reason():
    lacking = set()

    def f(x):
        lacking.update(name for name in dir(np.ndarray) if not hasattr(x, name))
        with pytest.raises(AttributeError, match="order in memory"):
            _ = x.strides
        return x
    isograd.jit(f)(np.ones((2, 3)))
    assert lacking <= set(ABSENT_ATTRIBUTES)
    if LATEST:
        assert set(ABSENT_ATTRIBUTES) == lacking


def test_namespace_of_a_traced_array():
    def softmax(x):
        xp = x.__array_namespace__(api_version="2022.12")
        y = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
        return y / xp.sum(y, axis=-1, keepdims=True)
    x = np.array([[1.0, 2.0], [0.0, -1.0]])
    for transformed in (isograd.jit(softmax), isograd.vmap(softmax)):
        np.testing.assert_allclose(transformed(x), softmax(x))
    assert tracer_of(x).__array_namespace__() is inp
    with pytest.raises(errors.ArgumentError, match="version"):
        tracer_of(x).__array_namespace__(api_version="2999.12")


def test_devices():
    info = inp.__array_namespace_info__()
    assert info.default_device() == "cpu" and "float64" in info.dtypes()
    double = isograd.jit(lambda x: 2 * x.to_device(x.device))
    np.testing.assert_array_equal(double(np.ones(2)), [2, 2])
    with pytest.raises(errors.ArgumentError, match="cpu"):
        isograd.jit(lambda x: x.to_device("cuda"))(np.ones(2))


def test_dlpack_of_a_traced_array():
    with pytest.raises(errors.ArrayConversionError):
        isograd.jit(lambda x: np.from_dlpack(x))(np.ones(2))


def test_dtype_functions_take_traced_arrays():
    def f(x):
        assert inp.finfo(x).eps == np.finfo(np.float32).eps
        assert inp.result_type(x, np.float64) == np.float64
        assert inp.can_cast(x, np.float64) and not inp.can_cast(x, np.int8)
        assert inp.isdtype(x.dtype, "real floating")
        return inp.astype(x, np.float64)
    assert isograd.jit(f)(np.ones(2, np.float32)).dtype == np.float64
