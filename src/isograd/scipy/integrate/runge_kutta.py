"""One step of an explicit Runge-Kutta pair, its error, and the next step's length.

Hairer, Norsett and Wanner, *Solving Ordinary Differential Equations I*, 1993, section II.4. Stages
are rows of k: k[0] is the slope at the start of a step, k[-1] the slope at its end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd.refimpl.numpy.common import shape_of
from isograd.refimpl.transforms.jvp import stop_gradient

SAFETY, SHRINK, GROW = 0.9, 0.2, 10.0       # bounds on the ratio of successive steps


class Pair(NamedTuple):
    """A method, its error estimate, and its continuous extension.

    a: the stages' weights of earlier stages; b: the step's weights; c: the stages' places;
    e: weights of the difference of both orders, the slope at the end included;
    p: row i holds the coefficients of theta, theta^2, ... of the weight of stage i at theta;
    order: of the error estimate.
    """

    a: tuple
    b: np.ndarray
    c: np.ndarray
    e: np.ndarray
    p: np.ndarray
    order: int


# Bogacki and Shampine, A 3(2) pair of Runge-Kutta formulas, 1989.
RK23 = Pair(
    a=((), (1/2,), (0, 3/4)),
    b=np.array([2/9, 1/3, 4/9]),
    c=np.array([0, 1/2, 3/4]),
    e=np.array([5/72, -1/12, -1/9, 1/8]),
    p=np.array([[1, -4/3, 5/9], [0, 1, -2/3], [0, 4/3, -8/9], [0, -1, 1]]),
    order=2)

# Dormand and Prince, A family of embedded Runge-Kutta formulae, 1980; its continuous extension is
# that of Shampine, Some practical Runge-Kutta formulas, 1986.
RK45 = Pair(
    a=((),
       (1/5,),
       (3/40, 9/40),
       (44/45, -56/15, 32/9),
       (19372/6561, -25360/2187, 64448/6561, -212/729),
       (9017/3168, -355/33, 46732/5247, 49/176, -5103/18656)),
    b=np.array([35/384, 0, 500/1113, 125/192, -2187/6784, 11/84]),
    c=np.array([0, 1/5, 3/10, 4/5, 8/9, 1]),
    e=np.array([-71/57600, 0, 71/16695, -71/1920, 17253/339200, -22/525, 1/40]),
    p=np.array([
        [1, -8048581381/2820520608, 8663915743/2820520608, -12715105075/11282082432],
        [0, 0, 0, 0],
        [0, 131558114200/32700410799, -68118460800/10900136933, 87487479700/32700410799],
        [0, -1754552775/470086768, 14199869525/1410260304, -10690763975/1880347072],
        [0, 127303824393/49829197408, -318862633887/49829197408, 701980252875/199316789632],
        [0, -282668133/205662961, 2019193451/616988883, -1453857185/822651844],
        [0, 40617522/29380423, -110615467/29380423, 69997945/29380423]]),
    order=4)

METHODS = {"RK45": RK45, "RK23": RK23}


def attempt(pair, fun, t, y, slope, h):
    """Return (y at t + h, the stages) of one step."""
    k = [slope]
    for weights, place in zip(pair.a[1:], pair.c[1:], strict=True):
        k.append(fun(t + place * h, y + h * combined(weights, k)))
    y_new = y + h * combined(pair.b, k)
    return y_new, np.stack([*k, fun(t + h, y_new)])


def combined(weights, rows):
    """The sum of weights * rows; rows without weight are left out."""
    return sum([float(w) * row for w, row in zip(weights, rows, strict=True) if w])


def extended(pair, theta, y, k, h):
    """The continuous extension at theta = (t - start) / h, 0 <= theta <= 1; equation II.6.2."""
    weights = 0.0
    for column in pair.p.T[::-1]:
        weights = (weights + column) * theta
    return y + h * np.sum(np.reshape(weights, (-1, 1)).astype(k.dtype) * k, 0)


def error_of(pair, h, y, y_new, k, rtol, atol):
    """The norm of the error estimate in units of the tolerance; equations II.4.10 and 4.11."""
    y, y_new, k = stop_gradient((y, y_new, k))
    scale = atol + rtol * np.maximum(np.abs(y), np.abs(y_new))
    return rms(h * combined(pair.e, [k[i] for i in range(len(pair.e))]) / scale)


def rms(x):
    return np.sqrt(np.sum(np.abs(x) ** 2) / max(shape_of(x)[0], 1))


def step_factor(pair, error, rejected):
    """By how much to change the step: equation II.4.13; no growth just after a rejected step."""
    factor = SAFETY * np.where(error > 0, error, 1.0) ** (-1 / (pair.order + 1))
    longer = np.minimum(np.where(rejected, 1.0, GROW), np.where(error > 0, factor, GROW))
    return np.where(error < 1, longer, np.fmax(SHRINK, factor))     # SHRINK where it is NaN


def first_step(pair, fun, span, y, slope, tolerances):
    """A first step length for (t, sign, length of the interval); page 169."""
    t, sign, length = span
    rtol, atol, longest = tolerances
    scale = atol + np.abs(y) * rtol
    d0, d1 = rms(y / scale), rms(slope / scale)
    small = (d0 < 1e-5) | (d1 < 1e-5)
    h0 = np.minimum(np.where(small, 1e-6, 0.01 * d0 / np.where(small, 1.0, d1)), length)
    change = fun(t + h0 * sign, y + h0 * sign * slope) - slope
    d2 = rms(change / scale) / np.where(h0 > 0, h0, 1.0)
    largest = np.maximum(d1, d2)
    flat = largest <= 1e-15
    h1 = np.where(flat, np.maximum(1e-6, h0 * 1e-3),
                  (0.01 / np.where(flat, 1.0, largest)) ** (1 / (pair.order + 1)))
    return np.minimum(np.minimum(100 * h0, h1), np.minimum(length, longest))
