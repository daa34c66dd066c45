"""scipy.special on arrays and traced values alike, by SciPy's names and with its arguments.

On plain arrays, outside of transformations, each function is SciPy's own. What has derivatives in
which arguments is listed in docs/special.md, and said by the functions' docstrings.

ufuncs        the elementwise functions, from the records of isograd.refimpl.ops.special
orders        functions of an integer order: polygamma, spherical Bessel functions, harmonics
counting      factorials and binomial coefficients
sums          logsumexp, softmax, log_softmax
constants     numbers, zeros and nodes of quadrature, for orders that are known
"""

from isograd.scipy.special import constants as constants
from isograd.scipy.special import counting as counting
from isograd.scipy.special import orders as orders
from isograd.scipy.special import sums as sums
from isograd.scipy.special import ufuncs as ufuncs
from isograd.scipy.special._function import PUBLIC

globals().update(PUBLIC)
__all__ = sorted(PUBLIC)


def __dir__():
    return __all__
