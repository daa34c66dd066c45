"""Operations of your own: the very records that isograd's are made of. See docs/extending.md.

Primitive       one record: name, kind, impl, aval, jvp, transpose, batch
elementwise     an elementwise operation by its partial derivatives
bind            apply a primitive to arrays and, by keyword, parameters
operation       the function that applies a primitive
Aval, aval_of   shape and dtype; those of a value
ufunc_aval      the type rule of an elementwise operation: that of a ufunc
formulas        a jvp rule from one formula an argument
linear          the jvp rule of an operation that is linear in its one array argument
no_derivative   the jvp rule of a piecewise constant operation
is_linear       in a transpose rule: whether an argument is the one to be transposed
scale           g * d, but exactly zero where g is: the product of derivative formulas
unbroadcast     sum a cotangent over broadcast axes, so that it fits its argument
"""

from isograd.refimpl.aval import Aval as Aval
from isograd.refimpl.aval import aval_of as aval_of
from isograd.refimpl.ops.elementwise import elementwise as elementwise
from isograd.refimpl.ops.elementwise import scale as scale
from isograd.refimpl.ops.elementwise import ufunc_aval as ufunc_aval
from isograd.refimpl.ops.linear import is_linear as is_linear
from isograd.refimpl.ops.linear import operation as operation
from isograd.refimpl.ops.linear import unbroadcast as unbroadcast
from isograd.refimpl.primitive import Primitive as Primitive
from isograd.refimpl.primitive import formulas as formulas
from isograd.refimpl.primitive import linear as linear
from isograd.refimpl.primitive import no_derivative as no_derivative
from isograd.refimpl.trace import bind as bind
