"""What is audited of isograd.scipy.stats: density, tail and quantile of each distribution at once.
"""

from __future__ import annotations

import functools

import numpy as np

from isograd.scipy import stats

from ..stats.table import CONTINUOUS, INNER, ROWS, Case
from ..stats.test_derivatives import moving
from ..stats.test_multivariate import CALLS
from .subjects import Subject, hermitian

AUDITED = ["logpdf", "logpmf", "cdf", "ppf"]     # the others are made of these


def methods(name):
    law = getattr(stats, name)
    return [(method, getattr(law, method)) for method in AUDITED if method in law.formulas]


def continuous(name, shapes):
    """Moving are points, probabilities, and the parameters."""
    case = Case(name, "logpdf", shapes)
    arrays = [case.inside(INNER), INNER, *map(np.asarray, case.params)]

    def f(x, q, *params):
        return [method(q if of == "ppf" else x, *params) for of, method in methods(name)]
    return Subject(f, arrays, True, [x + 0.01 for x in arrays])


def discrete(name, shapes):
    """Moving are the parameters that are no integers; k is below the last number, where the
    logarithm of sf has no differences."""
    case = Case(name, "logpmf", shapes)
    k = np.minimum(case.inside(INNER), getattr(stats, name).support(*case.params)[1] - 1)
    numbers = [i - 1 for i in moving(case)]
    arrays = [np.asarray(case.params[i]) for i in numbers]

    def f(k, *values):
        params = list(case.params)
        for i, x in zip(numbers, values, strict=True):
            params[i] = x
        return [method(k, *params) for of, method in methods(name) if of != "ppf"]
    if not numbers:
        return Subject(f, [k], False, [k - 1])
    return Subject(functools.partial(f, k), arrays, True, [x + 0.01 for x in arrays])


def vectors(method, args, places):
    """Matrices are tried along hermitian directions."""
    arrays = [args[i] for i in places]

    def f(*values):
        full = list(args)
        for i, x in zip(places, values, strict=True):
            full[i] = hermitian(x) if i == 2 and x.ndim == 2 else x
        return [method(*full)]
    return Subject(f, arrays, True, [1.1 * x for x in arrays])


SECTIONS = {"scipy.stats": {
    name: [(continuous if name in CONTINUOUS else discrete)(name, tuple(row.shapes[0]))]
    for name, row in ROWS.items()} | {
    name: [vectors(getattr(getattr(stats, name), method), args, places or (2,))
           for distribution, method, args, places in CALLS if distribution == name]
    for name in dict.fromkeys(call[0] for call in CALLS)}}
