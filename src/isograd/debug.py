"""Looking into a program while it runs."""

from isograd.refimpl.callbacks import debug_callback as callback
from isograd.refimpl.callbacks import debug_print as print
from isograd.refimpl.nans import nans

__all__ = ["callback", "nans", "print"]
