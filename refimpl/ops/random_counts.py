"""Poisson and binomial variables: counted where the mean is small, else by transformed rejection.

W. Hörmann, "The transformed rejection method for generating Poisson random variables" (1993), and
"The generation of binomial random variates" (1993): algorithms PTRS and BTRS.
"""

from __future__ import annotations

import numpy as np

from ..primitive import no_derivative
from ..trace import bind
from .elementwise import SciPyUfunc
from .rejection import Elements, sampler, split

_gammaln = SciPyUfunc("gammaln")


# ---- two ways of trying; `places` says which elements, flat ----

def _count(of, places, dtype, step, within, used):
    """The number of random steps that stay `within(sum, places)`, from a sum of 0 on.

    step(u, places): the next step, for a uniform u. used: which of two split keys is drawn from.
    """
    total, keys = np.zeros(len(of.rows), dtype), of.keys
    count = np.full_like(total, -1)
    places = places[within(total, places)]
    count[places] = 0
    while places.size:
        pair = split(keys, 2)
        keys = pair[1 - used]
        total[places] += step(of.draw(pair[used], places, total.dtype.name), places)
        places = places[within(total, places)]
        count[places] += 1
    return count


def _transformed(of, wanted, dtype, attempt):
    """Numbers for the wanted elements; `attempt(u, v, places)`, u uniform in [-1/2, 1/2), v in
    [0, 1), gives (numbers, whether they are accepted).

    JAX tries all elements of a key again until each of them was accepted once, and an element has
    the number that was accepted last. So go forwards until the end is known, then backwards.
    """
    def trial(k, places):
        u_keys, v_keys = trials[k]
        u = of.draw(u_keys, places, dtype.name) - dtype.type(0.5)
        return attempt(u, of.draw(v_keys, places, dtype.name), places)

    keys, trials, last = of.keys, [], np.full(len(of.keys), -1)
    places = np.flatnonzero(of.any(wanted)[of.rows])
    while places.size:
        keys, *used = split(keys, 3)
        trials.append(used)
        last[of.rows[places]] += 1
        places = places[~trial(len(trials) - 1, places)[1]]
    out, open_ = np.zeros(len(of.rows), dtype), wanted.copy()
    for k in reversed(range(len(trials))):
        places = np.flatnonzero(open_ & (last[of.rows] >= k))
        out[places], accepted = trial(k, places)
        open_[places] = ~accepted
    return out


# ---- Poisson ----

def _poisson(key, rate, *, dtype):
    """As JAX, in float32 whatever the dtype of the result; -1 where the rate is no number."""
    of, shape, rate = Elements(key, np.shape(rate)), np.shape(rate), np.ravel(rate)
    with np.errstate(all="ignore"):
        small = np.isnan(rate) | (rate < 10)
        few = _few_events(of, np.flatnonzero(small), rate)
        many = _many_events(of, ~small, np.where(small, rate.dtype.type(1e5), rate))
        out = np.where(small, few, many)
        return np.where(rate == 0, 0, out).astype(dtype).reshape(shape)[()]


def _few_events(of, places, rate):
    """Knuth: the exponential waiting times that fit in the rate, less the one that does not."""
    return _count(of, places, rate.dtype, lambda u, i: np.log(u),
                  lambda total, i: total[i] > -rate[i], 1)


def _many_events(of, wanted, rate):
    """Algorithm PTRS."""
    b = 0.931 + 2.53 * np.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha, v_r = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2)
    log_rate = np.log(rate)

    def attempt(u, v, i):
        distance = 0.5 - np.abs(u)
        k = np.floor((2 * a[i] / distance + b[i]) * u + rate[i] + 0.43)
        score = np.log(v * inverse_alpha[i] / (a[i] / (distance * distance) + b[i]))
        inside = (distance >= 0.07) & (v <= v_r[i])
        outside = (k < 0) | ((distance < 0.013) & (v > distance))
        density = -rate[i] + k * log_rate[i] - _gammaln(k + 1)
        return k, inside | (~outside & (score <= density))
    return _transformed(of, wanted, rate.dtype, attempt)


random_poisson_p = sampler("random_poisson", _poisson, no_derivative,
                           "Poisson variables of a rate (float32), as integers.")


def random_poisson(key, rate, dtype):
    """Poisson variables for keys uint32[..., 2], as integers of a dtype."""
    return bind(random_poisson_p, key, rate, dtype=dtype)


# ---- binomial ----

def _binomial(key, n, p):
    """How many of n trials succeed: those with the rarer of the two outcomes are counted."""
    shape, of, n, p = np.shape(n), Elements(key, np.shape(n)), np.ravel(n), np.ravel(p)
    with np.errstate(all="ignore"):
        rare = p < 0.5
        q = np.where(rare, p, 1 - p)
        undefined = np.isnan(n) | (n < 0) | np.isnan(q) | (q < 0)
        q = np.where(np.isnan(q) | (q < 0), q.dtype.type(0.01), q)
        small = np.isnan(n) | (n < 0) | (n * q <= 10)
        endless, n = np.isinf(n) & ~undefined, np.floor(n)
        few = _few_successes(of, np.flatnonzero(small), n, q)
        many = _many_successes(of, ~small, np.where(small, n.dtype.type(1e4), n),
                               np.where(small, q.dtype.type(0.5), q))
        out = np.where(small, few, many)
        out = np.where(rare, out, n - out)
    out = np.where(undefined, np.nan, np.where(endless, np.inf, out))
    return out.astype(p.dtype).reshape(shape)[()]


def _few_successes(of, places, n, q):
    """The geometric waiting times that fit in n trials, less the one that does not."""
    log_failure = np.log1p(-q)
    return _count(of, places, q.dtype, lambda u, i: np.ceil(np.log(u) / log_failure[i]),
                  lambda total, i: total[i] <= n[i], 0)


def _many_successes(of, wanted, n, q):
    """Algorithm BTRS."""
    deviation = np.sqrt(n * q * (1 - q))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * q
    center, v_r = n * q + 0.5, 0.92 - 4.2 / b
    odds, alpha = q / (1 - q), (2.83 + 5.1 / b) * deviation
    mode = np.floor((n + 1) * q)

    def attempt(u, v, i):
        distance = 0.5 - np.abs(u)
        k = np.floor((2 * a[i] / distance + b[i]) * u + center[i])
        inside = (distance >= 0.07) & (v <= v_r[i])
        outside = (k < 0) | (k > n[i])
        score = np.log(v * alpha[i] / (a[i] / (distance * distance) + b[i]))
        return k, inside | (~outside & (score <= _log_ratio(k, mode[i], n[i], odds[i])))
    return _transformed(of, wanted, q.dtype, attempt)


def _log_ratio(k, mode, n, odds):
    """The logarithm of the probability of k over that of the mode."""
    return ((mode + 0.5) * np.log((mode + 1) / (odds * (n - mode + 1)))
            + (n + 1) * np.log((n - mode + 1) / (n - k + 1))
            + (k + 0.5) * np.log(odds * (n - k + 1) / (k + 1))
            + _stirling(mode) + _stirling(n - mode) - _stirling(k) - _stirling(n - k))


# log(k!) less Stirling's approximation, for k = 0, ..., 9
STIRLING = np.array([
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
    0.0166446911898211, 0.0138761288230707, 0.0118967099458917, 0.010411265261972,
    0.00925546218271273, 0.00833056343336287])


def _stirling(k):
    """log(k!) - ((k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2), as Hörmann computes it."""
    few = STIRLING.astype(k.dtype)[np.where((k >= 0) & (k <= 9), k, 0).astype(int)]
    square = (k + 1) * (k + 1)
    return np.where(k <= 9, few, (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1))


random_binomial_p = sampler("random_binomial", _binomial, no_derivative,
                            "Binomial variables: successes of n trials of probability p.")


def random_binomial(key, n, p):
    """Binomial variables for keys uint32[..., 2]; n and p of one floating-point dtype and shape."""
    return bind(random_binomial_p, key, n, p)
