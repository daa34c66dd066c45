"""Random well-typed programs in plain NumPy, as data that hypothesis can shrink.

A program is a list of steps; a step names an operation and the values it reads by distance (how
many values ago they were made). Every operation is total: where operands do not fit, a rule of the
step makes them fit, so that any list of steps is a program, and a shorter list a simpler one.
"""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

SHAPES = [(), (3,), (2, 3), (4, 1), (2, 4, 3)]


class Step(NamedTuple):
    name: str
    first: int
    second: int
    choice: int


def operations(np):
    """The operations in terms of a module with NumPy's functions."""
    def rows(x):
        """x with at least one axis."""
        return np.reshape(x, (1,)) if np.ndim(x) == 0 else x

    def fit(x, y):
        """Two arrays that broadcast together: the second is folded to its mean if it does not."""
        try:
            np.broadcast_shapes(np.shape(x), np.shape(y))
        except ValueError:
            y = np.mean(y)
        return x, y

    def normalise(x, y, k):
        x = rows(x)
        return (x - np.mean(x, axis=-1, keepdims=True)) / (1 + np.std(x, axis=-1, keepdims=True))

    def softmax(x, y, k):
        x = rows(x)
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        return e / np.sum(e, axis=-1, keepdims=True)

    def product(x, y, k):
        x = rows(x)
        return x @ np.tanh(np.swapaxes(x, -1, -2)) if np.ndim(x) > 1 else x @ np.tanh(x)

    return {
        "add": lambda x, y, k: np.add(*fit(x, y)),
        "subtract": lambda x, y, k: np.subtract(*fit(x, y)),
        "multiply": lambda x, y, k: np.multiply(*fit(x, np.tanh(y))),
        "divide": lambda x, y, k: fit(x, y)[0] / (2 + fit(x, y)[1] ** 2),
        "sin": lambda x, y, k: np.sin(x),
        "exp": lambda x, y, k: np.exp(-x * x),
        "log": lambda x, y, k: np.log(1 + x * x),
        "sqrt": lambda x, y, k: np.sqrt(1 + x * x),
        "maximum": lambda x, y, k: np.maximum(*fit(x, y)),
        "where": lambda x, y, k: np.where(fit(x, y)[0] > 0, *fit(x, y)),
        "python": lambda x, y, k: 0.5 * x - k,
        "sum": lambda x, y, k: np.sum(rows(x), axis=k % np.ndim(rows(x))) / 4,
        "sum_keep": lambda x, y, k: np.sum(rows(x), axis=k % np.ndim(rows(x)), keepdims=True) / 4,
        "mean": lambda x, y, k: np.mean(x),
        "max": lambda x, y, k: np.max(rows(x), axis=k % np.ndim(rows(x)), keepdims=True),
        "cumsum": lambda x, y, k: np.cumsum(rows(x), axis=k % np.ndim(rows(x))) / 4,
        "transpose": lambda x, y, k: np.transpose(x),
        "ravel": lambda x, y, k: np.ravel(x),
        "reverse": lambda x, y, k: rows(x)[::-1],
        "slice": lambda x, y, k: rows(x)[k % 2:],
        "pick": lambda x, y, k: rows(x)[np.array([0, -1, 0])[:k + 1]],
        "column": lambda x, y, k: rows(x)[..., None],
        "concatenate": lambda x, y, k: np.concatenate([np.ravel(x), np.ravel(y)]),
        "normalise": normalise,
        "softmax": softmax,
        "product": product,
    }


OPERATIONS = operations(np)


class Program(NamedTuple):
    """A function of its arguments; all of them, and every step, count in the result."""

    shapes: tuple
    steps: tuple
    dtype: str

    def __call__(self, *arguments):
        return self.run(OPERATIONS, arguments)

    def run(self, table, arguments):
        """Run the steps with the operations of a table."""
        values = list(arguments)
        for step in self.steps:
            x, y = (values[-1 - k % len(values)] for k in (step.first, step.second))
            value = table[step.name](x, y, step.choice)
            if np.size(value) and np.size(value) <= 4096 and np.ndim(value) <= 5:
                values.append(value)
        return values[-1]

    def arguments(self, seed=0):
        rng = np.random.default_rng(seed)
        return [np.asarray(rng.uniform(-1, 1, shape)).astype(self.dtype) for shape in self.shapes]


distances = st.integers(0, 3)
steps = st.builds(Step, st.sampled_from(sorted(OPERATIONS)), distances, distances,
                  st.integers(0, 2))
programs = st.builds(
    Program,
    st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3).map(tuple),
    st.lists(steps, min_size=1, max_size=10).map(tuple),
    st.sampled_from(["float32", "float64"]))
