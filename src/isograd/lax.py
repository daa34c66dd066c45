"""Control flow that is traced, and other operations known by their `lax` names."""

from isograd._convolution import ConvDimensionNumbers as ConvDimensionNumbers
from isograd._convolution import conv as conv
from isograd._convolution import conv_dimension_numbers as conv_dimension_numbers
from isograd._convolution import conv_general_dilated as conv_general_dilated
from isograd._convolution import conv_transpose as conv_transpose
from isograd._convolution import conv_with_general_padding as conv_with_general_padding
from isograd._windows import reduce_window as reduce_window
from isograd.refimpl.control.choice import cond as cond
from isograd.refimpl.control.choice import switch as switch
from isograd.refimpl.control.loop import fori_loop as fori_loop
from isograd.refimpl.control.loop import while_loop as while_loop
from isograd.refimpl.control.prefix import associative_scan as associative_scan
from isograd.refimpl.control.sequence import map as map
from isograd.refimpl.control.sequence import scan as scan
from isograd.refimpl.transforms.jvp import stop_gradient as stop_gradient
