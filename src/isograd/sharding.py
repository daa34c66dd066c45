"""How arrays lie on devices: meshes and partitions, by the names of `jax.sharding`."""

from isograd.refimpl.mesh import Device as Device
from isograd.refimpl.mesh import Mesh as Mesh
from isograd.refimpl.mesh import PartitionSpec as PartitionSpec
