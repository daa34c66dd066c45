"""isograd: the same gradient everywhere.

Differentiate, vectorise, fuse and compile ordinary NumPy programs:

>>> import numpy as np, isograd
>>> def loss(w, x, y):
...     return np.mean((np.tanh(x @ w) - y) ** 2)
>>> step = isograd.jit(isograd.value_and_grad(loss))

Arrays are plain `numpy.ndarray`. `isograd.numpy` is NumPy's API for what NumPy itself cannot
dispatch to traced values (`array`, `zeros`, ...) and for what it lacks (`at`).
"""

from isograd import debug as debug
from isograd import errors as errors
from isograd import extend as extend
from isograd import lax as lax
from isograd import numpy as numpy
from isograd import random as random
from isograd import sharding as sharding
from isograd import tree as tree
from isograd._engine import default_backend as default_backend
from isograd._engine import threads as threads
from isograd._explain import explain as explain
from isograd._rules import rules as rules
from isograd._version import __version__ as __version__
from isograd.refimpl.aval import float0 as float0
from isograd.refimpl.backend import backend_names as backend_names
from isograd.refimpl.backend import register_backend as register_backend
from isograd.refimpl.backend import use_backend as use_backend
from isograd.refimpl.callbacks import ShapeDtypeStruct as ShapeDtypeStruct
from isograd.refimpl.callbacks import pure_callback as pure_callback
from isograd.refimpl.custom import custom_jvp as custom_jvp
from isograd.refimpl.custom import custom_vjp as custom_vjp
from isograd.refimpl.jit import checkpoint as checkpoint
from isograd.refimpl.jit import jit as jit
from isograd.refimpl.jit import remat as remat
from isograd.refimpl.mesh import devices as devices
from isograd.refimpl.mesh import make_mesh as make_mesh
from isograd.refimpl.parallel import pmap as pmap
from isograd.refimpl.parallel import shard_map as shard_map
from isograd.refimpl.primitive import Primitive as Primitive
from isograd.refimpl.transforms.grad import grad as grad
from isograd.refimpl.transforms.grad import hessian as hessian
from isograd.refimpl.transforms.grad import jacfwd as jacfwd
from isograd.refimpl.transforms.grad import jacobian as jacobian
from isograd.refimpl.transforms.grad import jacrev as jacrev
from isograd.refimpl.transforms.grad import value_and_grad as value_and_grad
from isograd.refimpl.transforms.grad import vjp as vjp
from isograd.refimpl.transforms.jvp import jvp as jvp
from isograd.refimpl.transforms.jvp import stop_gradient as stop_gradient
from isograd.refimpl.transforms.linearize import linearize as linearize
from isograd.refimpl.transforms.stage import make_graph as make_graph
from isograd.refimpl.transforms.transpose import linear_transpose as linear_transpose
from isograd.refimpl.transforms.vmap import vmap as vmap
