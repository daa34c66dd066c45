"""Random programs with loops, branches and writes, each run in two ways: by `lax`, and by Python.

A program is a list of statements, data; both ways run the same statements on a state (v, s): a
vector of three numbers and a number. What is outside of a loop or branch may be used inside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import isograd
from isograd import lax

from .programs import Program

WEIGHTS = np.array([1.0, -2.0, 0.5])


class Statement(NamedTuple):
    """kind: a name in SIMPLE or in BLOCKS; number: a parameter; blocks: the statements inside."""

    kind: str
    number: float
    blocks: tuple = ()


# ---- statements without control flow: (v, s, number, the v and s outside) -> (v, s) ----

def element(v, s, c, outside):
    v[int(3 * abs(c))] = np.sin(s) + c * v[0]
    return v, s


def shift(v, s, c, outside):
    v[1:] += c * v[:-1] * s
    return v, s


def view(v, s, c, outside):
    ends = v[::2]
    ends *= np.cos(c + s)
    return v, v[0] * c


def from_outside(v, s, c, outside):
    return v * c + np.tanh(outside[0]), s + c * outside[1]


SIMPLE = {
    "turn": lambda v, s, c, outside: (np.sin(v[::-1] + c), s),
    "scale": lambda v, s, c, outside: (v * np.cos(s) + c, s),
    "fold": lambda v, s, c, outside: (v, np.tanh(np.sum(v * WEIGHTS) * c)),
    "choose": lambda v, s, c, outside: (np.where(v > c, v * v * 0.5, v * s), s),
    "sort": lambda v, s, c, outside: (np.sort(v) * c, s),
    "largest": lambda v, s, c, outside: (v - c, np.max(v) * s),
    "matrix": lambda v, s, c, outside: (np.outer(v, v * c)[1] / (1 + np.sum(v * v)), s),
    "element": element, "shift": shift, "view": view, "outside": from_outside,
}


# ---- blocks: (run, blocks, v, s, number) -> (v, s), by lax and by Python ----

def steps_of(c):
    return 1 + int(4 * abs(c))


class ByLax:
    """Control flow that is traced."""

    @staticmethod
    def branch(run, blocks, v, s, c):
        return lax.cond(s > c, lambda v, s: run(blocks[0], v, s), lambda v, s: run(blocks[1], v, s),
                        v, s)

    @staticmethod
    def select(run, blocks, v, s, c):
        branches = [lambda v, s, block=block: run(block, v, s) for block in blocks]
        return lax.switch(np.floor(3 * s).astype(int), branches, v, s)

    @staticmethod
    def count(run, blocks, v, s, c):
        return lax.fori_loop(0, steps_of(c), lambda i, x: run(blocks[0], x[0] + 0.1 * i, x[1]),
                             (v, s))

    @staticmethod
    def shrink(run, blocks, v, s, c):
        def body(state):
            v, s = run(blocks[0], *state)
            return np.tanh(v), 0.6 * state[1] * np.cos(s)
        return lax.while_loop(lambda state: abs(state[1]) > 0.1, body, (v, s))

    @staticmethod
    def along(run, blocks, v, s, c):
        def body(state, t):
            v, s = run(blocks[0], state[0] * t, state[1])
            return (v, s), s * v[1]
        (v, s), ys = lax.scan(body, (v, s), v * c, reverse=c > 0)
        return v + ys, s

    @staticmethod
    def each(run, blocks, v, s, c):
        return lax.map(lambda t: run(blocks[0], v * t, s)[0][0], v + c), s

    @staticmethod
    def apart(run, blocks, v, s, c):
        wrap = isograd.jit if c > 0 else isograd.checkpoint
        return wrap(lambda v, s: run(blocks[0], v, s))(v + 0, s)


class ByPython:
    """The same with Python's own; what a block is given is its own."""

    @staticmethod
    def branch(run, blocks, v, s, c):
        return run(blocks[0] if s > c else blocks[1], v + 0, s)

    @staticmethod
    def select(run, blocks, v, s, c):
        return run(blocks[min(max(int(np.floor(3 * s)), 0), len(blocks) - 1)], v + 0, s)

    @staticmethod
    def count(run, blocks, v, s, c):
        for i in range(steps_of(c)):
            v, s = run(blocks[0], v + 0.1 * i, s)
        return v, s

    @staticmethod
    def shrink(run, blocks, v, s, c):
        while abs(s) > 0.1:
            v, inner = run(blocks[0], v + 0, s)
            v, s = np.tanh(v), 0.6 * s * np.cos(inner)
        return v, s

    @staticmethod
    def along(run, blocks, v, s, c):
        xs, ys = v * c, [0.0] * 3
        for k in (2, 1, 0) if c > 0 else (0, 1, 2):
            v, s = run(blocks[0], v * xs[k], s)
            ys[k] = s * v[1]
        return v + np.stack(ys), s

    @staticmethod
    def each(run, blocks, v, s, c):
        return np.stack([run(blocks[0], v * (v[k] + c), s)[0][0] for k in range(3)]), s

    @staticmethod
    def apart(run, blocks, v, s, c):
        return run(blocks[0], v + 0, s)


BLOCKS = {"branch": 2, "select": 3, "count": 1, "shrink": 1, "along": 1, "each": 1, "apart": 1}


def run(way, statements, v, s, outside):
    for kind, c, blocks in statements:
        if kind in SIMPLE:
            v, s = SIMPLE[kind](v, s, c, outside)
            continue
        around = v + 0, s
        v, s = getattr(way, kind)(
            lambda block, v, s, around=around: run(way, block, v, s, around), blocks, v, s, c)
    return v, s


# ---- random programs ----

def statements(rng, depth):
    """A few statements, of which those with blocks are at most `depth` deep."""
    return tuple([statement(rng, depth) for _ in range(rng.integers(1, 4))])


def statement(rng, depth):
    c = float(rng.uniform(-0.9, 0.9))
    if depth and rng.random() < 0.5:
        kind = str(rng.choice(list(BLOCKS)))
        return Statement(kind, c, tuple([statements(rng, depth - 1) for _ in range(BLOCKS[kind])]))
    return Statement(str(rng.choice(list(SIMPLE))), c)


def program(seed):
    """The Program of a seed: a function of a vector and a number, by lax and by Python."""
    rng = np.random.default_rng(seed)
    block = Statement(str(rng.choice(list(BLOCKS))), float(rng.uniform(-0.9, 0.9)))
    block = block._replace(blocks=tuple([statements(rng, 2) for _ in range(BLOCKS[block.kind])]))
    code = (*statements(rng, 0), block, *statements(rng, 1))

    def by(way):
        def f(x, w):
            v, s = run(way, code, x + 0, w, (x, w))
            return np.sum(v * WEIGHTS) + s
        return f
    return Program(by(ByLax), by(ByPython), (rng.uniform(0.2, 1.2, 3), rng.uniform(0.3, 1.0)))
