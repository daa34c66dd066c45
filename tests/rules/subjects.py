"""What is audited: every function of the tables of calls, by the name that users know it by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isograd import numpy as inp
from isograd.refimpl.numpy import linalg

from ..numpy.calls import split
from ..numpy.table import LINALG, TABLE


class Subject(NamedTuple):
    """A function of arrays that returns a list of arrays, and arrays to try it on.

    smooth: whether its derivatives can be compared with differences there.
    """

    f: object
    arrays: list
    smooth: bool


def called(function, example):
    """A call of the tables as a Subject."""
    arrays, rebuild = split(example)

    def f(*values):
        args, kwargs = rebuild(values)
        out = function(*args, **kwargs)
        outs = out if isinstance(out, (list, tuple)) else [out]
        outs = [np.bool_(y) if isinstance(y, bool) else y for y in outs]
        return [y for y in outs if hasattr(y, "shape") and not isinstance(y, (np.dtype, type))]

    doubles = all(x.dtype.char in "dDlq?" for x in arrays)
    return Subject(f, arrays, example.smooth and doubles)


def of_table(table, functions):
    return {name: [called(getattr(functions, name), example) for example in examples]
            for name, examples in table.items() if hasattr(functions, name)}


SECTIONS = {
    "numpy": of_table(TABLE, inp),
    "numpy.linalg": of_table(LINALG, linalg),
}
