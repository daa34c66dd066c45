"""Pytrees: functions on any nest of list, tuple, dict, namedtuple and registered classes."""

from isograd.refimpl.tree import all as all
from isograd.refimpl.tree import flatten as flatten
from isograd.refimpl.tree import leaves as leaves
from isograd.refimpl.tree import leaves_with_path as leaves_with_path
from isograd.refimpl.tree import map as map
from isograd.refimpl.tree import reduce as reduce
from isograd.refimpl.tree import register as register
from isograd.refimpl.tree import structure as structure
from isograd.refimpl.tree import unflatten as unflatten
