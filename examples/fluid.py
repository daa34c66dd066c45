"""Differentiable fluid: find the first wind that stirs a plain smoke column into a given picture.

The program is plain NumPy: semi-Lagrangian advection and a pressure projection (Stam, *Stable
Fluids*, 1999) on a periodic grid. The gradient goes through all time steps, and SciPy's own L-BFGS
takes it. The picture is a handwritten digit of scikit-learn's UCI digits (CC BY 4.0).

    python examples/fluid.py [--short] [--size N] [--steps N] [--iterations N] [--out FILE.png]
"""

import argparse

import matplotlib
import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from tqdm import tqdm

import isograd

matplotlib.use("Agg")
import matplotlib.pyplot as plt

DT, JACOBI = 1.0, 12


# ---- the fluid: plain NumPy, arrays [n, n], unit grid spacing ----

def project(vx, vy):
    """Take away the divergence of a velocity field: subtract the gradient of the pressure."""
    divergence = 0.5 * (np.roll(vx, -1, 0) - np.roll(vx, 1, 0)
                        + np.roll(vy, -1, 1) - np.roll(vy, 1, 1))
    p = np.zeros_like(divergence)
    for _ in range(JACOBI):     # Jacobi iterations for the Poisson equation
        p = (np.roll(p, 1, 0) + np.roll(p, -1, 0) + np.roll(p, 1, 1) + np.roll(p, -1, 1)
             - divergence) / 4
    return (vx - 0.5 * (np.roll(p, -1, 0) - np.roll(p, 1, 0)),
            vy - 0.5 * (np.roll(p, -1, 1) - np.roll(p, 1, 1)))


def advect(f, vx, vy):
    """Carry a field along: look up, by bilinear interpolation, where each cell came from."""
    n, m = f.shape
    x, y = np.meshgrid(np.arange(n), np.arange(m), indexing="ij")
    from_x, from_y = x - DT * vx, y - DT * vy
    left, low = np.floor(from_x), np.floor(from_y)
    wx, wy = from_x - left, from_y - low
    i, j = left.astype(int) % n, low.astype(int) % m
    i1, j1 = (i + 1) % n, (j + 1) % m
    return ((1 - wx) * ((1 - wy) * f[i, j] + wy * f[i, j1])
            + wx * ((1 - wy) * f[i1, j] + wy * f[i1, j1]))


def simulate(vx, vy, smoke, steps):
    """Return the smoke after each time step."""
    frames = [smoke]
    for _ in range(steps):
        vx, vy = project(advect(vx, vx, vy), advect(vy, vx, vy))
        smoke = advect(smoke, vx, vy)
        frames.append(smoke)
    return frames


def distance(wind, smoke, target, steps):
    """Mean square difference of the last frame from the target; wind [2, n, n]."""
    vx, vy = project(wind[0], wind[1])
    return np.mean((simulate(vx, vy, smoke, steps)[-1] - target) ** 2)


# ---- the run ----

def picture(size):
    """A handwritten 8x8 digit, enlarged and smoothed, between 0 and 1."""
    digit = load_digits().images[0] / 16.0
    grid = (np.arange(size) + 0.5) / size * 10 - 1.5     # a margin around the digit
    rows = np.stack([np.interp(grid, np.arange(8), row, 0, 0) for row in digit])
    return np.stack([np.interp(grid, np.arange(8), column, 0, 0) for column in rows.T], axis=1)


def optimise(size, steps, iterations):
    """Return (wind, the distance at each iteration, frames of the final flow)."""
    target = picture(size)
    smoke = np.tile(np.hanning(size), (size, 1))
    value_and_grad = isograd.jit(isograd.value_and_grad(distance), static_argnums=3)
    history = []

    def objective(flat):
        value, gradient = value_and_grad(flat.reshape(2, size, size), smoke, target, steps)
        history.append(float(value))
        return value, gradient.ravel()

    with tqdm(total=iterations, desc="L-BFGS", unit="iteration") as bar:
        def show(intermediate_result):
            bar.update()
            bar.set_postfix(distance=f"{intermediate_result.fun:.5f}")
        found = minimize(objective, np.zeros(2 * size * size), jac=True, method="L-BFGS-B",
                         options={"maxiter": iterations}, callback=show)
    wind = found.x.reshape(2, size, size)
    return wind, history, simulate(*project(*wind), smoke, steps), target


def plot(path, wind, history, frames, target):
    shown = [frames[k] for k in np.linspace(0, len(frames) - 1, 4).astype(int)]
    fig, axes = plt.subplots(1, 6, figsize=(14, 2.6), layout="constrained")
    titles = ["first", "", "", "last frame", "target"]
    for ax, frame, title in zip(axes, [*shown, target], titles, strict=False):
        ax.imshow(frame, cmap="magma", vmin=0, vmax=1)
        ax.set(title=title, xticks=[], yticks=[])
    axes[5].semilogy(history)
    axes[5].set(title="distance", xlabel="evaluation")
    fig.savefig(path, dpi=120)
    plt.close(fig)


def main(argv=None):
    """Run, and return how much of the first distance is left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a small grid, for a quick check")
    parser.add_argument("--size", type=int, default=40)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--out", default="fluid.png", help="where to save the picture")
    args = parser.parse_args(argv)
    if args.short:
        args.size, args.steps, args.iterations = 20, 5, 12
    wind, history, frames, target = optimise(args.size, args.steps, args.iterations)
    plot(args.out, wind, history, frames, target)
    left = min(history) / history[0]
    print(f"distance from the picture  {history[0]:.5f} -> {min(history):.5f} "
          f"({left:.1%} left after {len(history)} evaluations)")
    print(f"picture                    {args.out}")
    return left


if __name__ == "__main__":
    main()
