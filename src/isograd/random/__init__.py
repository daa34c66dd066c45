"""Random numbers as functions of keys: names, signatures and bits of jax.random.

There is no hidden state. A key gives the same numbers whenever and wherever it is used; new keys
are made by `split`. The default dtype is float64, as NumPy's (JAX's is float32 unless x64 is on).
"""

from .bits import bits as bits
from .bits import randint as randint
from .bits import uniform as uniform
from .continuous import cauchy as cauchy
from .continuous import exponential as exponential
from .continuous import gumbel as gumbel
from .continuous import laplace as laplace
from .continuous import logistic as logistic
from .continuous import pareto as pareto
from .continuous import rayleigh as rayleigh
from .continuous import triangular as triangular
from .continuous import weibull_min as weibull_min
from .counts import binomial as binomial
from .counts import multinomial as multinomial
from .counts import poisson as poisson
from .derive import clone as clone
from .derive import fold_in as fold_in
from .derive import split as split
from .discrete import bernoulli as bernoulli
from .discrete import categorical as categorical
from .discrete import choice as choice
from .discrete import geometric as geometric
from .discrete import permutation as permutation
from .discrete import rademacher as rademacher
from .gammas import beta as beta
from .gammas import chisquare as chisquare
from .gammas import dirichlet as dirichlet
from .gammas import f as f
from .gammas import gamma as gamma
from .gammas import generalized_normal as generalized_normal
from .gammas import loggamma as loggamma
from .gammas import t as t
from .keys import Key as Key
from .keys import PRNGKey as PRNGKey
from .keys import key as key
from .keys import key_data as key_data
from .keys import key_impl as key_impl
from .keys import wrap_key_data as wrap_key_data
from .normal import double_sided_maxwell as double_sided_maxwell
from .normal import lognormal as lognormal
from .normal import maxwell as maxwell
from .normal import normal as normal
from .normal import truncated_normal as truncated_normal
from .normal import wald as wald
from .reuse import check_reuse as check_reuse
from .vectors import ball as ball
from .vectors import multivariate_normal as multivariate_normal
from .vectors import orthogonal as orthogonal
