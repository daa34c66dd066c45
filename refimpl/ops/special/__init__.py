"""Special functions. Formulas: NIST Digital Library of Mathematical Functions (DLMF).

common          how a row reads; RECORDS, all of them by SciPy's names
hypergeometric  0F1, 1F1, U, 2F1
elementary      logistic, xlogy, boxcox, entropies, losses
taylor          truncated Taylor series in two parameters
zeta            the Hurwitz zeta function, and its derivatives in the order
gamma           gamma and beta functions
parameters      derivatives of incomplete functions in their parameters
incomplete      incomplete gamma and beta functions
error           error functions, the normal distribution
bessel          Bessel, Hankel, Struve, Airy, Kelvin functions
integrals       exponential, sine and cosine integrals, dilogarithm
carlson         symmetric elliptic integrals
elliptic        Legendre's elliptic integrals, elliptic functions
orthogonal      orthogonal polynomials
distributions   distribution functions
"""

from . import bessel as bessel
from . import carlson as carlson
from . import distributions as distributions
from . import elementary as elementary
from . import elliptic as elliptic
from . import error as error
from . import gamma as gamma
from . import hypergeometric as hypergeometric
from . import incomplete as incomplete
from . import integrals as integrals
from . import orthogonal as orthogonal
from . import zeta as zeta
from .common import RECORDS as RECORDS
from .elementary import logistic as logistic
from .error import erf as erf
from .error import erfc as erfc
from .error import erfinv as erfinv
from .gamma import digamma as digamma
from .gamma import gammaln as gammaln
from .zeta import hurwitz_zeta as hurwitz_zeta
