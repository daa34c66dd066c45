"""The public names of NumPy that have no meaning on traced arrays, by the reason why not.

A test asserts that every name of np.__all__ is either in isograd.numpy or here, so that what a new
release of NumPy brings is noticed. `ABSENT` maps each name to its reason, which errors quote;
`ABSENT_ATTRIBUTES` does so for the attributes of arrays.
"""

_REASONS = {
    "files hold numbers, which a traced array may not have yet":
        """load loadtxt save savetxt savez savez_compressed genfromtxt fromfile fromregex fromstring
        memmap""",
    "dates and times are no numbers to differentiate":
        """busday_count busday_offset busdaycalendar datetime64 datetime_as_string datetime_data
        is_busday isnat timedelta64""",
    "text, records and objects are no numbers":
        """bytes_ char character flexible object_ rec recarray record str_ strings void""",
    "a traced array has no place and no order in memory":
        """ctypeslib isfortran may_share_memory nditer nested_iters ndenumerate flatiter broadcast
        shares_memory""",
    "a matrix or masked array is another kind of array": "asmatrix bmat ma matrix",
    "a class of its own around plain arrays": "emath poly1d polynomial",
    "extended precision is not the same on every machine":
        "complex256 clongdouble float128 longdouble",
    "a function of Python objects: isograd.numpy.vectorize": "frompyfunc",
    "random numbers with a hidden state: isograd.random": "random",
    "about NumPy itself, not about arrays":
        """__version__ core dtypes exceptions f2py get_include getbufsize geterrcall info lib
        little_endian sctypeDict ScalarType setbufsize seterrcall show_config show_runtime test
        testing typecodes typing""",
}

_REASONS_OF_ATTRIBUTES = {
    "a traced array has no place and no order in memory":
        """__array_interface__ __array_struct__ base ctypes data flags setflags strides""",
    "its bytes are not known while it is traced":
        """byteswap dump dumps getfield setfield tobytes tofile __setstate__""",
    "a traced array is no numpy.ndarray":
        """__array_finalize__ __array_wrap__ __class_getitem__ __delitem__""",
}


def _by_name(reasons):
    return {name: reason for reason, names in reasons.items() for name in names.split()}


ABSENT, ABSENT_ATTRIBUTES = _by_name(_REASONS), _by_name(_REASONS_OF_ATTRIBUTES)
