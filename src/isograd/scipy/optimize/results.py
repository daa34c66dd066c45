"""What the solvers return: named tuples, so they go through jit, vmap and grad."""

from __future__ import annotations

from typing import NamedTuple

MESSAGES = {
    0: "the gradient is as small as asked",
    1: "the largest number of iterations was reached",
    2: "no step along the direction decreases the function: the precision of the numbers, or a "
       "function that is not smooth",
    3: "the function or its gradient is not finite",
    4: "the function hardly changes any more, as asked by ftol",
}


class OptimizeResults(NamedTuple):
    """A minimum. x and jac have the structure of x0; fun is the value and jac the gradient at x.

    status: a key of MESSAGES; success: whether it is 0 or 4. hess_inv: the estimate of the inverse
    Hessian, (n, n), None for L-BFGS. nfev, njev: evaluations of function and gradient; nit: steps.
    """

    x: object
    success: object
    status: object
    fun: object
    jac: object
    hess_inv: object
    nfev: object
    njev: object
    nit: object

    @property
    def message(self):
        """The status in words."""
        return MESSAGES[int(self.status)]


class RootResults(NamedTuple):
    """A root of a function of several variables. x: as x0; fun: the residuals at x, a vector.

    success: whether the norm of fun is within tol; nfev: evaluations; nit: steps.
    """

    x: object
    success: object
    fun: object
    nfev: object
    nit: object


class ScalarRootResults(NamedTuple):
    """A root of a function of one number, as scipy.optimize.RootResults."""

    root: object
    iterations: object
    function_calls: object
    converged: object


class LeastSquaresResults(NamedTuple):
    """A minimum of a sum of squares.

    cost: half of it at x; fun: the residuals, a vector; jac: their Jacobian, (residuals, n); grad:
    that of cost, a vector as jac's rows are; optimality: its largest entry.
    status: 1 grad is within gtol, 2 cost hardly changes (ftol), 3 x hardly changes (xtol), 0 too
    many iterations, -1 not finite; success: whether it is above 0.
    """

    x: object
    cost: object
    fun: object
    jac: object
    grad: object
    optimality: object
    nfev: object
    njev: object
    status: object
    success: object
