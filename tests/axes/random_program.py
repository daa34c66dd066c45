"""Random programs `program(lax, x)` of one example x of shape (4, 4).

They are on an axis "i" of 4, and some on an axis "j" of 2 also.
"""

from functools import partial

import numpy as np

N = 4
GROUPS = [[0, 3], [2, 1]]


def ring(lax, x):
    return lax.ppermute(x, "i", [(j, (j + 1) % N) for j in range(N)])


# A step is fun(lax, x) -> an array of the shape of x, smooth and of moderate size.
COLLECTIVES = {
    "psum": lambda lax, x: np.sin(lax.psum(x, "i")),
    "psum of groups": lambda lax, x: np.sin(x * lax.psum(x, "i", axis_index_groups=GROUPS)),
    "pmean": lambda lax, x: x - lax.pmean(x, "i"),
    "pmax": lambda lax, x: x - lax.pmax(x, "i"),
    "pmin of groups": lambda lax, x: lax.pmin(np.sin(3 * x), "i", axis_index_groups=GROUPS),
    "pbroadcast": lambda lax, x: x + lax.pbroadcast(np.cos(x), "i", 2),
    "ring": lambda lax, x: np.cos(x) * ring(lax, x),
    "partial": lambda lax, x: x - lax.ppermute(np.sin(x), "i", [(0, 2), (2, 1)]),
    "all_gather": lambda lax, x: np.tanh(np.sum(
        lax.all_gather(x, "i", axis=1) * np.arange(1.0, 5)[:, None], 1)),
    "all_gather tiled": lambda lax, x: np.tanh(
        lax.all_gather(x, "i", axis=1, tiled=True)[:, 2:6] + x),
    "psum_scatter": lambda lax, x: x * np.sin(lax.psum_scatter(x, "i", scatter_dimension=1)),
    "psum_scatter tiled": lambda lax, x: np.cos(
        lax.psum_scatter(np.concatenate([x] * 4), "i", tiled=True)) + x,
    "all_to_all": lambda lax, x: np.sin(lax.all_to_all(x, "i", 0, 1)),
    "all_to_all tiled": lambda lax, x: np.sin(x) * lax.all_to_all(
        x, "i", 1, 0, tiled=True).reshape(4, 4),
    "all_gather of groups": lambda lax, x: np.cos(x + lax.all_gather(
        x, "i", axis_index_groups=GROUPS)[1]),
    "psum_scatter of groups": lambda lax, x: np.tanh(lax.psum_scatter(
        np.concatenate([x, x * x]), "i", tiled=True, axis_index_groups=GROUPS)) - x,
    "all_to_all of groups": lambda lax, x: np.sin(x) * lax.all_to_all(
        x, "i", 1, 0, tiled=True, axis_index_groups=GROUPS).reshape(4, 4),
    "axis_index": lambda lax, x: x * np.cos(lax.axis_index("i")),
    "psum of a constant": lambda lax, x: x / lax.psum(1.0, "i") + 0.1,
    "same for all": lambda lax, x: np.cos(x) + 0.1 * ring(lax, lax.pmean(x, "i")),
}
TWO_NAMES = {
    "psum of both": lambda lax, x: np.cos(x) * np.sin(lax.psum(x, ("i", "j"))),
    "pmean of the other": lambda lax, x: np.sin(x - 2 * lax.pmean(x, "j")),
    "pmax of both": lambda lax, x: x - lax.pmax(np.sin(2 * x), ("j", "i")),
    "ppermute of the other": lambda lax, x: x * lax.ppermute(np.cos(x), "j", [(0, 1), (1, 0)]),
    "all_gather of both": lambda lax, x: np.tanh(
        lax.all_gather(x, ("j", "i"), axis=1)[:, 2:6].mean(2) + x),
    "psum_scatter of both": lambda lax, x: np.sin(lax.psum_scatter(
        np.concatenate([x, 2 * x]), ("i", "j"), tiled=True)) * x,
    "all_to_all of the other": lambda lax, x: np.sin(
        lax.all_to_all(x, "j", 0, 1, tiled=True).reshape(4, 4)),
    "index of both": lambda lax, x: x + 0.1 * lax.axis_index(("j", "i")),
    "sum of sums": lambda lax, x: np.sin(lax.psum(np.cos(lax.psum(x, "j")), "i")) + x,
}
PLAIN = {
    "sin": lambda lax, x: np.sin(x),
    "product": lambda lax, x: np.tanh(x @ x.T),
    "sort of": lambda lax, x: np.where(x > 0, x, 0.1 * x),
    "sum": lambda lax, x: x - x.mean(0),
}


def chain(steps, lax, x):
    for step in steps:
        x = step(lax, x)
    return x


def scanned(steps, lax, x):
    def step(c, t):
        c = chain(steps, lax, c * t)
        return c, np.sum(c)
    x, ys = lax.scan(step, x, np.array([1.0, 0.5]))
    return x + np.mean(ys)


def chosen_together(axes, one, other, lax, x):
    return lax.cond(lax.pmean(np.sum(x), axes) > 0.1, partial(chain, one, lax),
                    partial(chain, other, lax), x)


def chosen_alone(one, other, lax, x):
    """The branches are plain: processes that go different ways cannot meet."""
    return lax.cond(np.sum(x) > 0.1, partial(chain, one, lax), partial(chain, other, lax), x)


def looped(steps, lax, x):
    return lax.fori_loop(0, 2, lambda i, c: chain(steps, lax, c) + 0.1 * i, x)


def until_all(axes, steps, lax, x):
    """At most three rounds, until the largest element of all is small."""
    def going(state):
        return (lax.pmax(np.max(state[0]), axes) > 0.3) & (state[1] < 3)

    def step(state):
        return 0.7 * chain(steps, lax, state[0]), state[1] + 1
    return lax.while_loop(going, step, (x, 0))[0]


def program_of(seed, collectives=COLLECTIVES, axes=("i",)):
    """A function program(lax, x), a chain of steps, some of them loops and choices over others.

    axes: all names that the collectives speak of.
    """
    rng = np.random.default_rng(seed)

    def pick(table):
        return table[rng.choice(list(table))]

    def simple(n):
        return [pick(collectives if rng.random() < 0.6 else PLAIN) for _ in range(n)]

    def plain(n):
        return [pick(PLAIN) for _ in range(n)]
    compound = [
        lambda: partial(scanned, simple(2)), lambda: partial(looped, simple(2)),
        lambda: partial(chosen_together, axes, simple(2), simple(1)),
        lambda: partial(chosen_alone, plain(2), plain(1)),
        lambda: partial(until_all, axes, simple(2)),
        lambda: partial(scanned, [partial(chosen_together, axes, simple(1), simple(1))]),
    ]
    steps = simple(2)
    for _ in range(2):
        steps.append(compound[rng.integers(len(compound))]())
        steps += simple(1)
    return partial(chain, steps)
