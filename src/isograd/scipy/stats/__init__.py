"""Distributions of scipy.stats on arrays and traced values alike: densities, tails, quantiles.

Names, argument order and broadcasting are those of scipy.stats (and jax.scipy.stats).

real_line     norm, t, cauchy, laplace, logistic, gumbel_r, gumbel_l, gennorm, vonmises, ...
half_line     expon, gamma, chi2, lognorm, weibull_min, pareto, invgauss, f, ...
tails         genextreme, genpareto, fisk, gompertz, halfcauchy, ...
interval      uniform, beta, triang, truncnorm, wrapcauchy, powerlaw, ...
discrete      bernoulli, binom, poisson, geom, nbinom, betabinom, hypergeom, ...
multivariate  multivariate_normal, multivariate_t, dirichlet, multinomial
samples       moment, sem, skew, kurtosis, zscore, gmean, hmean, entropy, rankdata, mode
kde           gaussian_kde
"""

from isograd.scipy._arguments import names_in as _names_in

from .discrete import bernoulli as bernoulli
from .discrete import betabinom as betabinom
from .discrete import betanbinom as betanbinom
from .discrete import binom as binom
from .discrete import dlaplace as dlaplace
from .discrete import geom as geom
from .discrete import hypergeom as hypergeom
from .discrete import logser as logser
from .discrete import nbinom as nbinom
from .discrete import planck as planck
from .discrete import poisson as poisson
from .discrete import randint as randint
from .discrete import skellam as skellam
from .half_line import chi as chi
from .half_line import chi2 as chi2
from .half_line import expon as expon
from .half_line import f as f
from .half_line import gamma as gamma
from .half_line import halfnorm as halfnorm
from .half_line import invgamma as invgamma
from .half_line import invgauss as invgauss
from .half_line import lognorm as lognorm
from .half_line import maxwell as maxwell
from .half_line import pareto as pareto
from .half_line import rayleigh as rayleigh
from .half_line import weibull_min as weibull_min
from .interval import arcsine as arcsine
from .interval import beta as beta
from .interval import loguniform as loguniform
from .interval import powerlaw as powerlaw
from .interval import semicircular as semicircular
from .interval import triang as triang
from .interval import truncnorm as truncnorm
from .interval import uniform as uniform
from .interval import wrapcauchy as wrapcauchy
from .kde import gaussian_kde as gaussian_kde
from .multivariate import dirichlet as dirichlet
from .multivariate import multinomial as multinomial
from .multivariate import multivariate_normal as multivariate_normal
from .multivariate import multivariate_t as multivariate_t
from .real_line import cauchy as cauchy
from .real_line import exponnorm as exponnorm
from .real_line import gennorm as gennorm
from .real_line import gumbel_l as gumbel_l
from .real_line import gumbel_r as gumbel_r
from .real_line import hypsecant as hypsecant
from .real_line import johnsonsu as johnsonsu
from .real_line import laplace as laplace
from .real_line import logistic as logistic
from .real_line import moyal as moyal
from .real_line import norm as norm
from .real_line import skewnorm as skewnorm
from .real_line import t as t
from .real_line import vonmises as vonmises
from .samples import entropy as entropy
from .samples import gmean as gmean
from .samples import hmean as hmean
from .samples import kurtosis as kurtosis
from .samples import mode as mode
from .samples import moment as moment
from .samples import rankdata as rankdata
from .samples import sem as sem
from .samples import skew as skew
from .samples import zscore as zscore
from .tails import betaprime as betaprime
from .tails import fisk as fisk
from .tails import genextreme as genextreme
from .tails import genpareto as genpareto
from .tails import gompertz as gompertz
from .tails import halfcauchy as halfcauchy
from .tails import halflogistic as halflogistic
from .tails import invweibull as invweibull
from .tails import levy as levy
from .tails import lomax as lomax
from .tails import nakagami as nakagami
from .tails import weibull_max as weibull_max

__all__ = _names_in(globals())


def __dir__():
    return __all__
