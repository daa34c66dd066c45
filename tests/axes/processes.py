"""The meaning of named axes, by another route: a thread for each example.

Each thread runs the program on plain NumPy arrays of its own. A collective is a meeting of all
threads: each puts down its value, and takes what is its due of what lies there.
"""

import threading
from itertools import product

import numpy as np


class Processes:
    """The functions of `isograd.lax` that a program may use, for one of the threads."""

    def __init__(self, place, sizes, table, barrier):
        self.place, self.sizes, self.table, self.barrier = place, sizes, table, barrier

    def along(self, name):
        """The places that differ from this one along the named axes only, row-major; its own."""
        names = name if isinstance(name, tuple) else (name,)
        places = [{**self.place, **dict(zip(names, where, strict=True))}
                  for where in product(*[range(self.sizes[n]) for n in names])]
        return places, places.index(self.place)

    def mates(self, x, name, groups=None):
        """What those along the axes (of its own group) have put down; which of them this is."""
        self.table[key(self.place)] = np.array(x)
        self.barrier.wait()
        places, own = self.along(name)
        values = [self.table[key(place)] for place in places]
        self.barrier.wait()         # all have looked before anyone puts down the next
        group = list(next((g for g in groups or () if own in g), range(len(values))))
        return [values[i] for i in group], group.index(own)

    def axis_index(self, name):
        return self.along(name)[1]

    def axis_size(self, name):
        return len(self.along(name)[0])

    def psum(self, x, name, *, axis_index_groups=None):
        return sum(self.mates(x, name, axis_index_groups)[0])

    def pmean(self, x, name, *, axis_index_groups=None):
        mates = self.mates(x, name, axis_index_groups)[0]
        return sum(mates) / len(mates)

    def pmax(self, x, name, *, axis_index_groups=None):
        return np.max(self.mates(x, name, axis_index_groups)[0], axis=0)

    def pmin(self, x, name, *, axis_index_groups=None):
        return np.min(self.mates(x, name, axis_index_groups)[0], axis=0)

    def pbroadcast(self, x, name, source):
        return self.mates(x, name)[0][source]

    def ppermute(self, x, name, perm):
        values, own = self.mates(x, name)
        return next((values[i] for i, j in perm if j == own), np.zeros_like(x))

    def all_gather(self, x, name, *, axis=0, tiled=False, axis_index_groups=None):
        join = np.concatenate if tiled else np.stack
        return join(self.mates(x, name, axis_index_groups)[0], axis=axis)

    def psum_scatter(self, x, name, *, scatter_dimension=0, tiled=False, axis_index_groups=None):
        mates, place = self.mates(x, name, axis_index_groups)
        return _part(sum(mates), place, len(mates), scatter_dimension, tiled)

    def all_to_all(self, x, name, split, concat, *, tiled=False, axis_index_groups=None):
        mates, place = self.mates(x, name, axis_index_groups)
        parts = [_part(y, place, len(mates), split, tiled) for y in mates]
        return np.concatenate(parts, concat) if tiled else np.stack(parts, concat)

    # ---- control flow is Python's ----

    def cond(self, pred, yes, no, *operands):
        return yes(*operands) if pred else no(*operands)

    def while_loop(self, going, step, state):
        while going(state):
            state = step(state)
        return state

    def fori_loop(self, start, stop, step, state):
        for i in range(start, stop):
            state = step(i, state)
        return state

    def scan(self, step, carry, xs):
        outs = []
        for x in xs:
            carry, y = step(carry, x)
            outs.append(y)
        return carry, np.stack(outs)


def _part(x, i, n, axis, tiled):
    part = np.split(x, n, axis)[i]
    return part if tiled else part.squeeze(axis)


def key(place):
    return tuple(place.values())


def run(program, X, names=("i",), seconds=5):
    """The results of `program(lax, x)` for all x of X at once, stacked as they are in X.

    names: of the leading axes of X.
    """
    sizes = dict(zip(names, X.shape, strict=False))
    places = [dict(zip(names, where, strict=True))
              for where in product(*map(range, sizes.values()))]
    table, outs, errors = {}, {}, []
    barrier = threading.Barrier(len(places), timeout=seconds)

    def one(place):
        try:
            processes = Processes(place, sizes, table, barrier)
            outs[key(place)] = np.array(program(processes, X[key(place)].copy()))
        except Exception as error:      # the others must not wait for this one
            errors.append(error)
            barrier.abort()
    threads = [threading.Thread(target=one, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise next((e for e in errors if not isinstance(e, threading.BrokenBarrierError)),
                   errors[0])
    stacked = np.stack([outs[key(place)] for place in places])
    return stacked.reshape(*sizes.values(), *stacked.shape[1:])
