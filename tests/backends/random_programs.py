"""Random well-typed programs over a few axes, with special numbers in arguments and literals.

All operations are exact or correctly rounded, and sums are of small whole numbers, so every way of
running a program gives the same bits (NaN payloads aside).
"""

import numpy as np

from isograd.refimpl.aval import aval_of
from isograd.refimpl.ops import elementwise as e
from isograd.refimpl.ops import linear as li
from isograd.refimpl.ops import movement as mv
from isograd.refimpl.ops import reduce as rd
from isograd.refimpl.ops.dot import dot_general
from isograd.refimpl.transforms.stage import make_graph

SIZES = (1, 2, 3, 4, 6)
WHOLE = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0]
SPECIAL = [*WHOLE, np.inf, -np.inf, np.nan, 5e-324, 1e-40, 0.5, 1e300]
LITERALS = [0.0, -0.0, 1.0, 1, 2.0, 0.5, -1.0, 3, np.float32(2), np.float64(1), True, np.int32(3)]

UNARY = [e.negative, e.absolute, e.floor, e.sign, e.rint, e.positive]
ROUNDED = [e.sqrt, e.square, e.reciprocal, lambda x: e.power(x, 2.0), lambda x: e.divide(x, 4.0)]
BINARY = [e.add, e.subtract, e.maximum, e.minimum]
COMPARE = [e.less, e.equal, e.greater_equal, e.logical_and, e.logical_or]
REDUCE = [li.sum, rd.max, rd.min]
DTYPES = [np.dtype(t) for t in ("float32", "float64", "int32", "int64", "bool")]


class RandomProgram:
    """A function of `arguments` that makes the same random choices each time it is run.

    whole: only small whole numbers, and sums of them.
    """

    def __init__(self, seed, length=12, whole=True):
        self.seed = seed
        self.length = length
        self.whole = whole
        rng = np.random.default_rng(seed)
        self.sizes = rng.choice(SIZES, 3)
        self.arguments = [self.argument(rng) for _ in range(rng.integers(1, 4))]

    def argument(self, rng):
        shape = self.shape(rng)
        dtype = DTYPES[rng.choice(5, p=[.35, .35, .1, .1, .1])]
        pool = WHOLE if self.whole or dtype.kind != "f" else SPECIAL
        with np.errstate(all="ignore"):
            return rng.choice(pool, shape).astype(dtype)

    def shape(self, rng):
        axes = [i for i in range(3) if rng.random() < 0.7]
        return tuple(int(self.sizes[i]) if rng.random() < 0.85 else 1 for i in axes)

    def graph(self):
        return make_graph(self)(*self.arguments).graph

    def __call__(self, *arguments):
        rng = np.random.default_rng(self.seed + 1)
        values = list(arguments)
        products = 0
        for _ in range(self.length):
            step = self.STEPS[rng.integers(len(self.STEPS))]
            if step is RandomProgram.product:
                products += 1
            if products > 4 and step is RandomProgram.product:
                continue
            value = step(self, rng, values)
            if value is not None:
                values.append(value)
        keep = rng.integers(1, 4)
        return [values[-1], *[values[i] for i in rng.integers(0, len(values), keep)]]

    # ---- steps: each returns a new value, or None if it does not fit ----

    def pick(self, rng, values):
        recent = min(len(values), 5)
        return values[-1 - rng.integers(recent)]

    def unary(self, rng, values):
        x = self.pick(rng, values)
        if aval_of(x).dtype.kind == "b":
            return e.logical_not(x)
        choices = UNARY if self.whole or aval_of(x).dtype.kind != "f" else UNARY + ROUNDED
        return choices[rng.integers(len(choices))](x)

    def pair(self, rng, values):
        """Two values that broadcast together; the second may be a literal."""
        x, y = self.pick(rng, values), self.pick(rng, values)
        if rng.random() < 0.3:
            y = LITERALS[rng.integers(len(LITERALS))]
        try:
            np.broadcast_shapes(aval_of(x).shape, aval_of(y).shape)
        except ValueError:
            return None
        return (x, y) if rng.random() < 0.7 else (y, x)

    def binary(self, rng, values):
        pair = self.pair(rng, values)
        if pair is None or all(aval_of(x).dtype.kind == "b" for x in pair):
            return None
        return BINARY[rng.integers(len(BINARY))](*pair)

    def product(self, rng, values):
        pair = self.pair(rng, values)
        return pair and e.multiply(*pair)

    def compare(self, rng, values):
        pair = self.pair(rng, values)
        return pair and COMPARE[rng.integers(len(COMPARE))](*pair)

    def select(self, rng, values):
        pair = self.pair(rng, values)
        condition = self.pick(rng, values)
        if pair is None:
            return None
        try:
            np.broadcast_shapes(*[aval_of(x).shape for x in (*pair, condition)])
        except ValueError:
            return None
        return e.select(condition, *pair)

    def cast(self, rng, values):
        x = self.pick(rng, values)
        wanted = DTYPES[rng.integers(2)] if aval_of(x).dtype.kind == "f" else DTYPES[
            rng.integers(4)]
        return li.cast_to(x, wanted)

    def reduce(self, rng, values):
        x = self.pick(rng, values)
        shape = aval_of(x).shape
        axes = tuple(i for i in range(len(shape)) if rng.random() < 0.5)
        if not axes:
            return None
        operations = REDUCE if self.whole else [rd.any, rd.all, rd.argmax]
        y = operations[rng.integers(len(operations))](x, axes)
        if rng.random() < 0.6:
            y = li.reshape(y, tuple(1 if i in axes else n for i, n in enumerate(shape)))
        return y

    def permute(self, rng, values):
        x = self.pick(rng, values)
        return li.permute(x, tuple(int(i) for i in rng.permutation(aval_of(x).ndim)))

    def reshape(self, rng, values):
        x = self.pick(rng, values)
        size = aval_of(x).size
        shapes = [(size,), (1, size), (size, 1)] + [(n, size // n) for n in SIZES if size % n == 0]
        return li.reshape(x, shapes[rng.integers(len(shapes))])

    def broadcast(self, rng, values):
        x = self.pick(rng, values)
        shape = tuple(n if n != 1 or rng.random() < 0.5 else 3 for n in aval_of(x).shape)
        return li.broadcast_to(x, (2, *shape) if rng.random() < 0.5 else shape)

    def slice(self, rng, values):
        x = self.pick(rng, values)
        shape = aval_of(x).shape
        starts = tuple(int(rng.integers(0, 2)) if n > 1 else 0 for n in shape)
        steps = tuple(int(rng.integers(1, 3)) for _ in shape)
        return mv.slice_(x, starts, shape, steps)

    def flip(self, rng, values):
        x = self.pick(rng, values)
        return mv.flip(x, axes=tuple(i for i in range(aval_of(x).ndim) if rng.random() < 0.5))

    def dot(self, rng, values):
        x, y = self.pick(rng, values), self.pick(rng, values)
        if not self.whole or {aval_of(x).dtype, aval_of(y).dtype} - set(DTYPES[:2]):
            return None
        for i, n in enumerate(aval_of(x).shape):
            for j, m in enumerate(aval_of(y).shape):
                if n == m:
                    return dot_general(x, y, ((i,), (j,)))
        return None

    def concatenate(self, rng, values):
        x, y = self.pick(rng, values), self.pick(rng, values)
        shape, other = aval_of(x).shape, aval_of(y).shape
        if not shape or aval_of(x).dtype != aval_of(y).dtype or shape[1:] != other[1:]:
            return None
        axis = int(rng.integers(len(shape)))
        return mv.concatenate([x, y, x], 0) if axis == 0 else mv.concatenate([x, x], axis)

    def pad(self, rng, values):
        x = self.pick(rng, values)
        config = [(0, 0, 0)] * aval_of(x).ndim
        if config:
            config[rng.integers(len(config))] = tuple(int(n) for n in rng.integers(0, 3, 3))
        return mv.pad(x, tuple(config))

    STEPS = (concatenate, pad, unary, binary, binary, binary, product, compare, select, cast,
             reduce, reduce, permute, reshape, broadcast, slice, flip, dot)


def assert_same_bits(got, want, what=""):
    """Shape, dtype, and every bit, but for the payload of NaN."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape and got.dtype == want.dtype, (what, got, want)
    both_nan = (got != got) & (want != want)
    same = (np.ascontiguousarray(got).view(f"V{got.itemsize}")
            == np.ascontiguousarray(want).view(f"V{got.itemsize}"))
    assert not got.size or np.all(both_nan | np.reshape(same, got.shape)), (what, got, want)


def assert_same_numbers(got, want, what=""):
    """Shape, dtype, and every number. The sign of zero is left open: sums may begin with +0.0."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape and got.dtype == want.dtype, (what, got, want)
    np.testing.assert_array_equal(got, want, what)
