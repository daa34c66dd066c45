"""Control flow that is traced, and other operations known by their `lax` names."""

from isograd._convolution import ConvDimensionNumbers as ConvDimensionNumbers
from isograd._convolution import conv as conv
from isograd._convolution import conv_dimension_numbers as conv_dimension_numbers
from isograd._convolution import conv_general_dilated as conv_general_dilated
from isograd._convolution import conv_transpose as conv_transpose
from isograd._convolution import conv_with_general_padding as conv_with_general_padding
from isograd._windows import reduce_window as reduce_window
from isograd.refimpl.transforms.jvp import stop_gradient as stop_gradient
