"""Control flow that is traced, and other operations known by their `lax` names."""

from isograd.refimpl.transforms.jvp import stop_gradient as stop_gradient
from isograd._convolution import ConvDimensionNumbers as ConvDimensionNumbers
