"""Fit a damped pendulum to noisy observations of its angle, by the gradient through the solver.

The equation is  angle'' = -stiffness sin(angle) - friction angle' ; unknown are both constants and
where the pendulum started. The data are made here: the true pendulum, at 60 uneven times, with
noise of 0.05 radians. `odeint` solves the equation for 20 starting guesses at once, by vmap; the
loss is differentiated through it, and L-BFGS goes down, a few steps at a time. The best fit is
compared with the truth, in units of the deviations that its Jacobian gives.

    python examples/ode_fit.py [--short] [--rounds N] [--out FILE.png]
"""

import argparse

import matplotlib
import numpy as np
from tqdm import tqdm

import isograd
from isograd.scipy.integrate import odeint
from isograd.scipy.optimize import minimize

matplotlib.use("Agg")
import matplotlib.pyplot as plt

TRUTH = np.array([4.0, 0.3, 1.2, 0.0])
NAMES = "stiffness", "friction", "first angle", "first speed"
NOISE = 0.05


# ---- the model: plain NumPy, and the solver ----

def slope(state, t, stiffness, friction):
    angle, speed = state
    return speed, -stiffness * np.sin(angle) - friction * speed


def angles(params, times):
    """The angle at the times, after the first of them."""
    stiffness, friction, angle, speed = params
    return odeint(slope, (angle, speed), times, stiffness, friction, rtol=1e-6, atol=1e-6)[0]


def loss(params, times, data):
    """Mean square of the residuals, in units of the noise."""
    return np.mean(((angles(params, times) - data) / NOISE) ** 2)


# ---- the run ----

def observe(rng):
    """Times, and noisy angles."""
    times = np.concatenate([[0.0], np.sort(rng.uniform(0, 8, 59))])
    return times, angles(TRUTH, times) + NOISE * rng.normal(size=60)


def guesses(rng, n):
    return np.stack([rng.uniform(1, 8, n), rng.uniform(0, 1, n), rng.uniform(-2, 2, n),
                     rng.uniform(-2, 2, n)], 1)


def fit(starts, times, data, rounds, steps=5):
    """All starts improved together; return (params, losses a round)."""
    @isograd.jit
    @isograd.vmap
    def improve(params):
        found = minimize(loss, params, (times, data), method="L-BFGS",
                         options={"maxiter": steps, "ftol": 0.0})
        return found.x, found.fun

    params, history = starts, []
    for _ in (bar := tqdm(range(rounds), desc="L-BFGS", unit="round")):
        params, losses = improve(params)
        history.append(losses)
        bar.set_postfix(best=f"{np.nanmin(losses):.4f}", median=f"{np.nanmedian(losses):.2f}")
    return params, np.array(history)


def deviations(params, times):
    """Of the parameters, from the Jacobian of the angles: the square root of the diagonal of the
    inverse of the information matrix."""
    jacobian = isograd.jacfwd(angles)(params, times) / NOISE
    return np.sqrt(np.diagonal(np.linalg.inv(jacobian.T @ jacobian)))


def plot(path, times, data, params, history):
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    fine = np.linspace(0, 8, 300)
    left.plot(times, data, ".", label="observed")
    left.plot(fine, angles(TRUTH, fine), ":", color="gray", label="truth")
    left.plot(fine, angles(params, fine), label="fit")
    left.set(xlabel="time", ylabel="angle", title="damped pendulum")
    left.legend()
    right.semilogy(np.arange(1, len(history) + 1), history, color="C1", alpha=0.6)
    right.axhline(1, color="gray", linestyle=":")
    right.set(xlabel="round", ylabel="mean square / noise", title="every guess")
    fig.savefig(path, dpi=120)
    plt.close(fig)


def main(argv=None):
    """Run, and return the mean square residual in units of the noise; the truth has about 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="few guesses, for a quick check")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--out", default="ode_fit.png", help="where to save the picture")
    args = parser.parse_args(argv)

    rng = np.random.default_rng(0)
    times, data = observe(rng)
    starts = guesses(rng, 4 if args.short else 20)
    params, history = fit(starts, times, data, 5 if args.short else args.rounds)
    best = params[np.nanargmin(history[-1])]
    plot(args.out, times, data, best, history)
    for name, value, deviation, truth in zip(NAMES, best, deviations(best, times), TRUTH,
                                             strict=True):
        print(f"{name:12} {value:8.4f} +- {deviation:.4f}   (truth {truth:.1f})")
    final = np.nanmin(history[-1])
    print(f"mean square  {final:8.4f} of the noise, {loss(TRUTH, times, data):.4f} for the truth")
    print(f"picture      {args.out}")
    return final


if __name__ == "__main__":
    main()
