"""What is audited of isograd.scipy.stats: all methods of each distribution at once."""

from __future__ import annotations

import numpy as np

from isograd.scipy import stats

from ..stats.table import CONTINUOUS, INNER, METHODS, ROWS, Case
from ..stats.test_multivariate import CALLS
from .subjects import Subject, hermitian


def methods(name):
    law = getattr(stats, name)
    return [(method, getattr(law, method)) for method in METHODS if method in law.formulas]


def continuous(name, shapes):
    """Moving are points, probabilities, and the parameters."""
    case = Case(name, "logpdf", shapes)
    arrays = [case.inside(INNER), INNER, *map(np.asarray, case.params)]

    def f(x, q, *params):
        return [method(q if of in ("ppf", "isf") else x, *params) for of, method in methods(name)]
    return Subject(f, arrays, True, [x + 0.01 for x in arrays])


def discrete(name, shapes):
    """Moving are the parameters but the number of trials; k is below the last number, where the
    logarithm of sf has no differences."""
    case = Case(name, "logpmf", shapes)
    k = np.minimum(case.inside(INNER), getattr(stats, name).support(*case.params)[1] - 1)
    fixed = 1 if name.endswith("binom") else 0
    arrays = list(map(np.asarray, case.params[fixed:-1]))

    def f(*params):
        return [method(k, *case.params[:fixed], *params, 1.0) for _, method in methods(name)]
    return Subject(f, arrays, True, [x + 0.01 for x in arrays])


def vectors(method, args, moving):
    """Matrices are tried along hermitian directions."""
    arrays = [args[i] for i in moving]

    def f(*values):
        full = list(args)
        for i, x in zip(moving, values, strict=True):
            full[i] = hermitian(x) if i == 2 and x.ndim == 2 else x
        return [method(*full)]
    return Subject(f, arrays, True, [1.1 * x for x in arrays])


SECTIONS = {"scipy.stats": {
    name: [(continuous if name in CONTINUOUS else discrete)(name, tuple(row.shapes[0]))]
    for name, row in ROWS.items()} | {
    name: [vectors(getattr(getattr(stats, name), method), args, moving or (2,))
           for distribution, method, args, moving in CALLS if distribution == name]
    for name in dict.fromkeys(call[0] for call in CALLS)}}
