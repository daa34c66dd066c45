"""Meshes: devices in rows and columns that have names, and how arrays lie on them.

The devices here are logical: parts of one process, as many as a program asks for. What a program
means on them is what it must mean on real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from .errors import ArgumentError


@dataclass(frozen=True)
class Device:
    """A logical device: a number."""

    id: int
    platform: str = "logical"


def devices(n=8):
    """The first n logical devices, as a list; there is no end of them."""
    return list(map(Device, range(n)))


class Mesh:
    """An array of devices with a name for each of its axes.

    devices: an array, or a nested list, of Device. axis_names: a name, or one for each axis.
    shape: {name: number of devices}. Raises ArgumentError for names that do not fit.
    """

    def __init__(self, devices, axis_names):
        self.devices = np.array(devices, dtype=object)
        self.axis_names = (tuple(axis_names) if isinstance(axis_names, (tuple, list))
                           else (axis_names,))
        if len(self.axis_names) != self.devices.ndim or (
                len(set(self.axis_names)) != len(self.axis_names)):
            raise ArgumentError("Mesh: one name for each axis of the devices",
                                got=f"{self.axis_names} for shape {self.devices.shape}")
        self.shape = dict(zip(self.axis_names, self.devices.shape, strict=True))

    @property
    def size(self):
        """The number of devices."""
        return self.devices.size

    def __eq__(self, other):
        return isinstance(other, Mesh) and self._key() == other._key()

    def __hash__(self):
        return hash(self._key())

    def _key(self):
        return self.axis_names, self.devices.shape, tuple(self.devices.flat)

    def __repr__(self):
        return f"Mesh({', '.join(f'{name}={n}' for name, n in self.shape.items())})"


def make_mesh(axis_shapes, axis_names, *, devices=None):
    """A Mesh of this shape, of logical devices or the first of the given ones.

    >>> make_mesh((2, 4), ("x", "y"))
    Mesh(x=2, y=4)
    """
    axis_shapes = (axis_shapes,) if isinstance(axis_shapes, int) else tuple(axis_shapes)
    count = prod(axis_shapes)
    given = list(map(Device, range(count))) if devices is None else list(devices)[:count]
    if len(given) < count:
        raise ArgumentError("make_mesh: too few devices", got=str(len(given)), wanted=str(count))
    array = np.empty(count, dtype=object)
    array[:] = given
    return Mesh(array.reshape(axis_shapes), axis_names)


class PartitionSpec:
    """How the axes of an array are divided among the axes of a mesh.

    One entry for each axis of the array, from the first: the name of a mesh axis that divides it,
    a tuple of names (row-major), or None for an axis that is not divided, as are those without an
    entry. An array lies in full on each device along mesh axes that are not named.
    """

    __slots__ = ("parts",)

    def __init__(self, *parts):
        self.parts = tuple([tuple(part) if isinstance(part, (tuple, list)) else part
                            for part in parts])
        names = self.names()
        if len(set(names)) != len(names):
            raise ArgumentError("PartitionSpec: a mesh axis divides one axis of an array",
                                got=repr(self))

    def groups(self):
        """For each entry, the names that divide that axis."""
        return [() if part is None else part if isinstance(part, tuple) else (part,)
                for part in self.parts]

    def names(self):
        return [name for group in self.groups() for name in group]

    def __eq__(self, other):
        return isinstance(other, PartitionSpec) and self.groups() == other.groups()

    def __hash__(self):
        return hash(tuple(self.groups()))

    def __repr__(self):
        return f"PartitionSpec({', '.join(map(repr, self.parts))})"
