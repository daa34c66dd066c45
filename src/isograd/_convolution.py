"""`isograd.lax`: convolutions of machine learning, for any layout, padding, dilation and groups.

All of them are one operation (isograd.refimpl.ops.conv) with data movement around it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd._windows import crop_or_pad, extents, one_each, window_pads
from isograd.refimpl.errors import ArgumentError, ShapeError
from isograd.refimpl.numpy.common import as_int, ndim_of, promote, shape_of, strong_operand
from isograd.refimpl.numpy.manipulation import moveaxis, reshape, transpose
from isograd.refimpl.numpy.rearranging import flip
from isograd.refimpl.ops import conv as windowed
from isograd.refimpl.ops.linear import cast_to


class ConvDimensionNumbers(NamedTuple):
    """Which axis of each array is which.

    lhs_spec: (batch, feature, *spatial); rhs_spec: (output feature, input feature, *spatial);
    out_spec: as lhs_spec.
    """

    lhs_spec: tuple[int, ...]
    rhs_spec: tuple[int, ...]
    out_spec: tuple[int, ...]


def conv_dimension_numbers(lhs_shape, rhs_shape, dimension_numbers):
    """Return the ConvDimensionNumbers that were given in one of the following forms.

    None: batch and features lead, as NCHW, OIHW, NCHW. Three strings, as ("NHWC", "HWIO", "NHWC"):
    N and C mark batch and features, O and I output and input features, other letters the spatial
    axes. Or a ConvDimensionNumbers. Raises ArgumentError.
    """
    if isinstance(dimension_numbers, ConvDimensionNumbers):
        return dimension_numbers
    ndim = len(lhs_shape)
    if len(rhs_shape) != ndim or ndim < 2:
        raise ShapeError("a convolution takes two arrays with as many axes, at least two",
                         got=f"{tuple(lhs_shape)} and {tuple(rhs_shape)}")
    if dimension_numbers is None:
        return ConvDimensionNumbers(*(tuple(range(ndim)),) * 3)
    specs = tuple(dimension_numbers)
    if len(specs) != 3 or not all(_is_spec(s, letters, ndim)
                                  for s, letters in zip(specs, ("NC", "OI", "NC"), strict=True)):
        raise ArgumentError("dimension_numbers: three strings, a letter an axis", got=repr(specs),
                            wanted=f"{ndim} different letters each: N and C, O and I, N and C, "
                                   "and letters of spatial axes",
                            instead='dimension_numbers=("NHWC", "HWIO", "NHWC")')
    lhs, rhs, out = specs
    spatial = [letter for letter in rhs if letter not in "OI"]
    if not set(spatial) == set(lhs) - set("NC") == set(out) - set("NC"):
        raise ArgumentError("dimension_numbers: the spatial letters differ", got=repr(specs))
    return ConvDimensionNumbers(*[tuple(map(spec.index, [*letters, *spatial]))
                                  for spec, letters in ((lhs, "NC"), (rhs, "OI"), (out, "NC"))])


def _is_spec(spec, letters, ndim):
    return (isinstance(spec, str) and len(spec) == len(set(spec)) == ndim
            and set(letters) <= set(spec))


def conv_general_dilated(lhs, rhs, window_strides, padding, lhs_dilation=None, rhs_dilation=None,
                         dimension_numbers=None, feature_group_count=1, batch_group_count=1,
                         precision=None, preferred_element_type=None):
    """Products with a window that slides (a correlation: the window is not turned round).

        out[n, o, i] = sum over c, k of x[n, c, i * stride + k * rhs_dilation] * rhs[o, c, k]

    lhs: (batch, features, *spatial); rhs: (output features, features / feature_group_count,
    *spatial), or as dimension_numbers says (see conv_dimension_numbers). x is lhs with
    lhs_dilation - 1 zeros between its elements and `padding` around it: "VALID" (none), "SAME" or
    "SAME_LOWER" (the result has the size of lhs divided by the stride, rounded up), or a pair
    (low, high) an axis, negative to crop. feature_group_count, batch_group_count: the features, or
    the examples, and the output features fall into as many groups, which do not mix.
    preferred_element_type: the dtype to compute in. precision: for compatibility; products are
    computed in the dtype of the arrays. Raises ShapeError, ArgumentError.
    """
    lhs, rhs = promote(strong_operand(lhs), strong_operand(rhs))
    if preferred_element_type is not None:
        lhs, rhs = [cast_to(x, np.dtype(preferred_element_type)) for x in (lhs, rhs)]
    numbers = conv_dimension_numbers(shape_of(lhs), shape_of(rhs), dimension_numbers)
    x, w = transpose(lhs, numbers.lhs_spec), transpose(rhs, numbers.rhs_spec)
    n = ndim_of(x) - 2
    strides = one_each("conv: window_strides", window_strides, n)
    stretch = one_each("conv: lhs_dilation", lhs_dilation, n)
    dilation = one_each("conv: rhs_dilation", rhs_dilation, n)
    if isinstance(padding, str) and padding != "VALID" and stretch != (1,) * n:
        raise ArgumentError("conv: padding by name and lhs_dilation", got=padding,
                            instead="pairs (low, high), or conv_transpose")
    reach = extents(shape_of(w)[2:], dilation)
    pads = window_pads("conv", padding, shape_of(x)[2:], reach, strides)
    x = crop_or_pad(x, ((0, 0), (0, 0), *pads), (1, 1, *stretch))
    out = _grouped(x, w, strides, dilation, as_int(feature_group_count, "feature_group_count"),
                   as_int(batch_group_count, "batch_group_count"))
    return transpose(out, tuple(np.argsort(numbers.out_spec).tolist()))


def _grouped(x, w, strides, dilation, feature_groups, batch_groups):
    """Give x and w an axis of groups in front, convolve, and join the groups again."""
    if min(feature_groups, batch_groups) < 1 or feature_groups > 1 < batch_groups:
        raise ArgumentError("conv: groups of features or of examples, not both",
                            got=f"{feature_groups} and {batch_groups}")
    groups, axis = (batch_groups, 0) if batch_groups > 1 else (feature_groups, 1)
    x, w = _with_groups(x, axis, groups), _with_groups(w, 0, groups)
    if shape_of(x)[2] != shape_of(w)[2]:
        raise ShapeError("conv: the window has another number of input features than the array",
                         got=f"{shape_of(w)[2]} and {shape_of(x)[2]} in each of {groups} group(s)")
    z = moveaxis(windowed.conv(x, w, strides, dilation), 0, 1)
    n, groups, features, *places = shape_of(z)
    return reshape(z, (n, groups * features, *places))


def _with_groups(x, axis, groups):
    shape = shape_of(x)
    if shape[axis] % groups:
        raise ShapeError("conv: the groups are of equal size",
                         got=f"{groups} groups of axis {axis} of shape {shape}")
    x = reshape(x, (*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1:]))
    return moveaxis(x, axis, 0)


def conv(lhs, rhs, window_strides, padding, precision=None, preferred_element_type=None):
    """conv_general_dilated without dilation or groups."""
    return conv_general_dilated(lhs, rhs, window_strides, padding, precision=precision,
                                preferred_element_type=preferred_element_type)


def conv_with_general_padding(lhs, rhs, window_strides, padding, lhs_dilation, rhs_dilation,
                              precision=None, preferred_element_type=None):
    """conv_general_dilated without groups."""
    return conv_general_dilated(lhs, rhs, window_strides, padding, lhs_dilation, rhs_dilation,
                                precision=precision, preferred_element_type=preferred_element_type)


# ---- the other way round ----

_LAYOUTS = {2: ("NC", "IO", "NC"), 3: ("NHC", "HIO", "NHC"), 4: ("NHWC", "HWIO", "NHWC"),
            5: ("NHWDC", "HWDIO", "NHWDC")}


def conv_transpose(lhs, rhs, strides, padding, rhs_dilation=None, dimension_numbers=None,
                   transpose_kernel=False, precision=None, preferred_element_type=None,
                   use_consistent_padding=False):
    """A convolution that enlarges: the elements of lhs lie `strides` apart, the window in between.

    The shape of the result is that of the array whose convolution, with this stride and padding,
    has the shape of lhs. By default the features are last, as in NHWC, HWIO. padding: "SAME" or
    "VALID", of that other convolution; pairs (low, high) are those of this one, unless
    use_consistent_padding. transpose_kernel: turn the window round and exchange its features, for
    the exact transpose.
    """
    ndim = len(shape_of(strong_operand(lhs)))
    if dimension_numbers is None and ndim not in _LAYOUTS:
        raise ArgumentError("conv_transpose: no default layout for so many axes", got=str(ndim),
                            instead='dimension_numbers=("NC...", "IO...", "NC...")')
    rhs = strong_operand(rhs)
    numbers = conv_dimension_numbers(shape_of(strong_operand(lhs)), shape_of(rhs),
                                     dimension_numbers or _LAYOUTS[ndim])
    n = ndim - 2
    strides = one_each("conv_transpose: strides", strides, n)
    dilation = one_each("conv_transpose: rhs_dilation", rhs_dilation, n)
    if isinstance(padding, str) or use_consistent_padding:
        reach = extents([shape_of(rhs)[i] for i in numbers.rhs_spec[2:]], dilation)
        paddings = [padding] * n if isinstance(padding, str) else padding
        padding = [_transposed_pads(*t) for t in zip(reach, strides, paddings, strict=True)]
    if transpose_kernel:
        o, i, *spatial = numbers.rhs_spec
        rhs = flip(rhs, tuple(spatial)) if spatial else rhs
        order = list(range(ndim))
        order[o], order[i] = i, o
        rhs = transpose(rhs, tuple(order))
    return conv_general_dilated(lhs, rhs, (1,) * n, padding, strides, dilation, numbers,
                                precision=precision, preferred_element_type=preferred_element_type)


def _transposed_pads(reach, stride, padding):
    """The zeros around the enlarged array, for the padding of the convolution that it undoes."""
    if padding == "SAME":
        total = reach + stride - 2
        low = reach - 1 if stride > reach - 1 else -(-total // 2)
        return low, total - low
    if padding == "VALID":
        return reach - 1, stride - 1 + max(reach - stride, 0)
    if isinstance(padding, str):
        raise ArgumentError("conv_transpose: an unknown padding", got=repr(padding),
                            wanted="'SAME', 'VALID' or pairs (low, high)")
    low, high = padding
    return reach - low - 1, reach - high - 1
