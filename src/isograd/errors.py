"""Every error that isograd raises on purpose; each class says what leads to it."""

from isograd.refimpl.errors import ArgumentError as ArgumentError
from isograd.refimpl.errors import ArrayConversionError as ArrayConversionError
from isograd.refimpl.errors import BackendError as BackendError
from isograd.refimpl.errors import ConcretizationError as ConcretizationError
from isograd.refimpl.errors import DtypeError as DtypeError
from isograd.refimpl.errors import IndexingError as IndexingError
from isograd.refimpl.errors import InPlaceError as InPlaceError
from isograd.refimpl.errors import InvalidGraph as InvalidGraph
from isograd.refimpl.errors import IsogradError as IsogradError
from isograd.refimpl.errors import KeyReuseError as KeyReuseError
from isograd.refimpl.errors import LeakedTracerError as LeakedTracerError
from isograd.refimpl.errors import MissingRuleError as MissingRuleError
from isograd.refimpl.errors import NanError as NanError
from isograd.refimpl.errors import NonDifferentiableError as NonDifferentiableError
from isograd.refimpl.errors import NonScalarGradError as NonScalarGradError
from isograd.refimpl.errors import ShapeError as ShapeError
from isograd.refimpl.errors import TreeError as TreeError
from isograd.refimpl.errors import UnboundAxisError as UnboundAxisError
