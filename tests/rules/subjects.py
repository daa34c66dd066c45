"""What is audited: every function of the tables of calls, by the name that users know it by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd import numpy as inp
from isograd.refimpl.numpy import fft, linalg

from ..numpy.calls import split
from ..numpy.table import FFT, LINALG, TABLE


class Subject(NamedTuple):
    """A function of arrays that returns a list of arrays, and arrays to try it on.

    smooth: whether its derivatives can be compared with differences there. other: a second example
    for a batch; without it, the same elements in another order.
    """

    f: object
    arrays: list
    smooth: bool
    other: list | None = None


def size(x):
    """|x|^2: what the phase of a vector leaves alone."""
    return np.real(x) ** 2 + np.imag(x) ** 2


def powers(w):
    """Sums that do not depend on the order of eigenvalues."""
    return [np.sum(w), np.sum(w * w), np.sum(w * w * w)]


# Of decompositions that leave a choice, what does not depend on it.
INVARIANTS = {
    "svd": lambda outs: outs if len(outs) < 3 else [size(outs[0]), outs[1], size(outs[2])],
    "eigh": lambda outs: [outs[0], size(outs[1])],
    "eigvals": lambda outs: powers(outs[0]),
    "eig": lambda outs: [*powers(outs[0]),
                         np.sum(outs[0][..., None, :] ** 2 * size(outs[1]), axis=-1)],
}


def hermitian(a):
    """Functions of Hermitian matrices are tried along Hermitian directions."""
    return (a + np.conj(np.matrix_transpose(a))) / 2


OF_HERMITIAN = {"cholesky", "eigh", "eigvalsh"}


def called(function, example, name):
    """A call of the tables as a Subject."""
    arrays, rebuild = split(example)
    invariant, prepare = INVARIANTS.get(name, list), name in OF_HERMITIAN

    def f(*values):
        args, kwargs = rebuild(list(map(hermitian, values)) if prepare else values)
        out = function(*args, **kwargs)
        outs = out if isinstance(out, (list, tuple)) else [out]
        outs = [np.bool_(y) if isinstance(y, bool) else y for y in outs]
        return invariant(
            [y for y in outs if hasattr(y, "shape") and not isinstance(y, (np.dtype, type))])

    doubles = all(x.dtype.char in "dDlq?" for x in arrays)
    return Subject(f, arrays, (example.smooth or prepare) and doubles)


def of_table(table, functions):
    return {name: [called(getattr(functions, name), example, name) for example in examples]
            for name, examples in table.items() if hasattr(functions, name)}


SECTIONS = {
    "numpy": of_table(TABLE, inp),
    "numpy.linalg": of_table(LINALG, linalg),
    "numpy.fft": of_table(FFT, fft),
}
