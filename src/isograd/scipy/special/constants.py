"""SciPy's own functions of known integers, whose results are numbers: nothing to differentiate."""

from __future__ import annotations

import scipy.special

from isograd.scipy.special._function import PUBLIC

_NAMES = """
    bernoulli euler stirling2 factorial2 factorialk
    ai_zeros bi_zeros jn_zeros jnp_zeros yn_zeros ynp_zeros
    roots_chebyt roots_chebyu roots_gegenbauer roots_genlaguerre roots_hermite roots_hermitenorm
    roots_jacobi roots_laguerre roots_legendre
"""

for _name in _NAMES.split():
    PUBLIC[_name] = getattr(scipy.special, _name)
