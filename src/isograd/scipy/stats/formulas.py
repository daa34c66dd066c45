"""The formulas of one distribution, and those that follow from them.

A formula is a function of the standardised variable z = (x - loc) / scale, or of a probability q,
and of the shape parameters. A distribution states few of them; `completed` adds the others:

    pdf, logpdf              the density and its logarithm (pmf, logpmf: the mass)
    cdf, logcdf, sf, logsf   P(Z <= z) and P(Z > z)
    ppf, isf                 the inverses of cdf and sf
    ilogcdf, ilogsf          the inverses of logcdf and logsf: not public, but ppf and isf follow
    mean, var, std, entropy  of Z: functions of the shape parameters only
"""

from __future__ import annotations

import math

import numpy as np

from isograd.refimpl.transforms.jvp import stop_gradient


def log1mexp(x):
    """log(1 - exp(x)) for x <= 0, accurate at both ends. M. Maechler, *Accurately computing
    log(1 - exp(-|a|))* (2012)."""
    return np.where(x > -math.log(2), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def settled(y):
    """The same numbers, but where they are infinite all derivatives are 0."""
    return np.where(np.isinf(y), stop_gradient(y), y)


def exp_settled(log_density):
    return np.exp(settled(log_density))


def one_minus(p):
    return 1 - p


def one_minus_exp(log_p):
    return -np.expm1(log_p)


def log_smaller(p, rest):
    """log(p), where 1 - p is known as `rest`, from the smaller of the two; -inf if p underflows."""
    return settled(np.where(p < rest, np.log(p), np.log1p(-rest)))


# (what follows, from what, by what function of these values), in order of preference
FOLLOW = [
    ("pdf", ["logpdf"], exp_settled),
    ("pmf", ["logpmf"], np.exp),
    ("cdf", ["logcdf"], np.exp),
    ("sf", ["logsf"], np.exp),
    ("cdf", ["logsf"], one_minus_exp),
    ("sf", ["logcdf"], one_minus_exp),
    ("logcdf", ["logsf"], log1mexp),
    ("logsf", ["logcdf"], log1mexp),
    ("cdf", ["sf"], one_minus),
    ("sf", ["cdf"], one_minus),
    ("logcdf", ["cdf", "sf"], log_smaller),
    ("logsf", ["sf", "cdf"], log_smaller),
    ("std", ["var"], np.sqrt),
]

# (what follows, from what, at what function of the probability q)
INVERSES = [
    ("ppf", "ilogcdf", np.log),
    ("isf", "ilogsf", np.log),
    ("ppf", "ilogsf", lambda q: np.log1p(-q)),
    ("isf", "ilogcdf", lambda q: np.log1p(-q)),
    ("isf", "ppf", one_minus),
]

# the tail on the other side
MIRRORED = {"cdf": "sf", "sf": "cdf", "logcdf": "logsf", "logsf": "logcdf"}
MIRRORED_INVERSE = {"ppf": "isf", "isf": "ppf", "ilogcdf": "ilogsf", "ilogsf": "ilogcdf"}


def completed(formulas, symmetric=False):
    """The formulas with all that follow. symmetric: z and -z have the same distribution."""
    formulas = dict(formulas)
    if symmetric:
        formulas = mirrored(formulas) | formulas
    for name, sources, function in FOLLOW:
        if name not in formulas and all(s in formulas for s in sources):
            formulas[name] = _of_values(function, [formulas[s] for s in sources])
    for name, source, function in INVERSES:
        if name not in formulas and source in formulas:
            formulas[name] = _at(function, formulas[source])
    return formulas


def mirrored(formulas):
    """The formulas of -Z from those of Z."""
    turned = {name: _at(np.negative, f) for name, f in formulas.items() if name == "logpdf"}
    turned |= {name: f for name, f in formulas.items() if name in ("var", "entropy")}
    turned |= {name: _of_values(np.negative, [f]) for name, f in formulas.items() if name == "mean"}
    turned |= {MIRRORED[name]: _at(np.negative, f)
               for name, f in formulas.items() if name in MIRRORED}
    turned |= {MIRRORED_INVERSE[name]: _of_values(np.negative, [f])
               for name, f in formulas.items() if name in MIRRORED_INVERSE}
    return turned


def _of_values(function, sources):
    return lambda *args: function(*[f(*args) for f in sources])


def _at(function, formula):
    return lambda z, *shapes: formula(function(z), *shapes)
