"""The functions of the Python array API standard, version 2024.12 (data-apis.org/array-api).

name: the arguments by position, then the keywords, as the standard spells them.
"""

_ONE = """abs acos acosh asin asinh atan atanh bitwise_invert ceil conj cos cosh exp expm1 floor
imag isfinite isinf isnan log log1p log2 log10 logical_not negative positive real reciprocal
round sign signbit sin sinh square sqrt tan tanh trunc"""
_TWO = """add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor
copysign divide equal floor_divide greater greater_equal hypot less less_equal logaddexp logical_and
logical_or logical_xor maximum minimum multiply nextafter not_equal pow remainder subtract
matmul"""

MAIN = {
    **dict.fromkeys(_ONE.split(), (1, "")), **dict.fromkeys(_TWO.split(), (2, "")),
    "clip": (3, ""), "where": (3, ""),
    # creation
    "arange": (3, "dtype device"), "asarray": (1, "dtype device copy"),
    "empty": (1, "dtype device"), "empty_like": (1, "dtype device"),
    "eye": (2, "k dtype device"), "from_dlpack": (1, "device copy"),
    "full": (2, "dtype device"), "full_like": (2, "dtype device"),
    "linspace": (3, "dtype device endpoint"), "meshgrid": (2, "indexing"),
    "ones": (1, "dtype device"), "ones_like": (1, "dtype device"), "tril": (1, "k"),
    "triu": (1, "k"), "zeros": (1, "dtype device"), "zeros_like": (1, "dtype device"),
    # dtypes
    "astype": (2, "copy device"), "can_cast": (2, ""), "finfo": (1, ""), "iinfo": (1, ""),
    "isdtype": (2, ""), "result_type": (2, ""),
    # searching, sets, sorting
    "argmax": (1, "axis keepdims"), "argmin": (1, "axis keepdims"),
    "count_nonzero": (1, "axis keepdims"), "nonzero": (1, ""), "searchsorted": (2, "side sorter"),
    "unique_all": (1, ""), "unique_counts": (1, ""), "unique_inverse": (1, ""),
    "unique_values": (1, ""), "argsort": (1, "axis stable"), "sort": (1, "axis stable"),
    # statistics
    "cumulative_sum": (1, "axis dtype include_initial"),
    "cumulative_prod": (1, "axis dtype include_initial"), "max": (1, "axis keepdims"),
    "mean": (1, "axis keepdims"), "min": (1, "axis keepdims"), "prod": (1, "axis dtype keepdims"),
    "std": (1, "axis correction keepdims"), "sum": (1, "axis dtype keepdims"),
    "var": (1, "axis correction keepdims"), "all": (1, "axis keepdims"),
    "any": (1, "axis keepdims"), "diff": (1, "axis n prepend append"),
    # manipulation
    "broadcast_arrays": (2, ""), "broadcast_to": (2, ""), "concat": (1, "axis"),
    "expand_dims": (1, "axis"), "flip": (1, "axis"), "moveaxis": (3, ""), "permute_dims": (2, ""),
    "repeat": (2, "axis"), "reshape": (2, "copy"), "roll": (2, "axis"), "squeeze": (2, ""),
    "stack": (1, "axis"), "tile": (2, ""), "unstack": (1, "axis"), "take": (2, "axis"),
    "take_along_axis": (2, "axis"),
    # linear algebra
    "matrix_transpose": (1, ""), "tensordot": (2, "axes"), "vecdot": (2, "axis"),
    "__array_namespace_info__": (0, ""),
}

CONSTANTS = """e inf nan newaxis pi bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32
float64 complex64 complex128 __array_api_version__"""

LINALG = {
    "cholesky": (1, "upper"), "cross": (2, "axis"), "det": (1, ""), "diagonal": (1, "offset"),
    "eigh": (1, ""), "eigvalsh": (1, ""), "inv": (1, ""), "matmul": (2, ""),
    "matrix_norm": (1, "keepdims ord"), "matrix_power": (2, ""), "matrix_rank": (1, "rtol"),
    "matrix_transpose": (1, ""), "outer": (2, ""), "pinv": (1, "rtol"), "qr": (1, "mode"),
    "slogdet": (1, ""), "solve": (2, ""), "svd": (1, "full_matrices"), "svdvals": (1, ""),
    "tensordot": (2, "axes"), "trace": (1, "offset dtype"), "vecdot": (2, "axis"),
    "vector_norm": (1, "axis keepdims ord"),
}

_ONE_AXIS = "fft ifft rfft irfft hfft ihfft"
_AXES = "fftn ifftn rfftn irfftn"
FFT = {
    **dict.fromkeys(_ONE_AXIS.split(), (1, "n axis norm")),
    **dict.fromkeys(_AXES.split(), (1, "s axes norm")), "fftfreq": (1, "d device"),
    "rfftfreq": (1, "d device"), "fftshift": (1, "axes"), "ifftshift": (1, "axes"),
}

ATTRIBUTES = """dtype device mT ndim shape size T __abs__ __add__ __and__ __array_namespace__
__bool__ __complex__ __dlpack__ __dlpack_device__ __eq__ __float__ __floordiv__ __ge__
__getitem__ __gt__ __index__ __int__ __invert__ __le__ __lshift__ __lt__ __matmul__
__mod__ __mul__ __ne__ __neg__ __or__ __pos__ __pow__ __rshift__ __setitem__
__sub__ __truediv__ __xor__ __radd__ __rand__ __rfloordiv__ __rlshift__ __rmatmul__
__rmod__ __rmul__ __ror__ __rpow__ __rrshift__ __rsub__ __rtruediv__ __rxor__ to_device"""
