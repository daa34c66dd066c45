"""Looking into a program while it runs."""

from isograd.refimpl.nans import nans as nans
