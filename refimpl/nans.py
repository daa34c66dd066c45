"""The report of the first NaN: the bottom trace, with its eyes open.

Un-jitted operations, and the equations of jitted functions and of the bodies of loops, run one by
one, as on the reference; one that makes a NaN of numbers that were none raises NanError with the
user's line.
"""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np

from .backend import ReferenceBackend, running_on
from .errors import NanError, source_line
from .graph import eval_graph, graph_of_call
from .trace import EvalTrace, count_staging, source_here, use

# What to write instead, for the operations that are known to lead there.
INSTEAD = {
    "exp": "np.logaddexp(x, 0) for np.log(np.exp(x) + 1); x - np.max(x) first",
    "log": "np.log1p(x) near 1, np.logaddexp for sums of exponentials, or "
           "np.where(x > 0, np.log(np.where(x > 0, x, 1)), other)",
    "sqrt": "np.where(x > 0, np.sqrt(np.where(x > 0, x, 1)), other); np.abs(x) for np.sqrt(x * x)",
    "power": "np.where(x > 0, np.where(x > 0, x, 1) ** y, other)",
    "divide": "np.where(y != 0, x / np.where(y != 0, y, 1), other)",
    "arcsin": "np.arcsin(np.clip(x, -1, 1))",
    "arccos": "np.arccos(np.clip(x, -1, 1))",
    "multiply": "np.where for the factor that is infinite; np.logaddexp(x, 0) for "
                "np.log(np.exp(x) + 1)",
    "scale": "a formula whose derivative is finite here: np.abs(x) for np.sqrt(x * x), "
             "np.logaddexp(x, 0) for np.log(np.exp(x) + 1)",
}


class WatchTrace(EvalTrace):
    """Evaluate, and look at every result."""

    def __init__(self, infinities):
        super().__init__()
        self.name = "the report of NaNs"
        self.found = is_not_finite if infinities else is_nan

    def process(self, prim, args, params):
        graph = graph_of_call(prim, params)
        if graph is not None:
            return tuple(eval_graph(graph, args))
        if prim.kind == "call":     # a loop or a choice, whose bodies the reference runs, down here
            with use(self), running_on(ReferenceBackend.name):
                out = super().process(prim, args, params)
        else:
            out = super().process(prim, args, params)
        results = out if prim.multiple else (out,)
        if any(map(self.found, results)) and not any(map(self.found, args)):
            raise self.report(prim, args, results)
        return out

    def report(self, prim, args, results):
        what = "a NaN" if any(map(is_nan, results)) else "an infinity"
        spelled = ", ".join(np.array2string(np.asarray(a), threshold=6, edgeitems=2) for a in args)
        return NanError(f"{prim} made {what} of numbers that were none",
                        where=source_line(source_here()), got=spelled,
                        instead=INSTEAD.get(prim.name))


def is_nan(x):
    x = np.asarray(x)
    return x.dtype.kind in "fc" and bool(np.isnan(x).any())


def is_not_finite(x):
    x = np.asarray(x)
    return x.dtype.kind in "fc" and not np.isfinite(x).all()


@contextmanager
def nans(infinities=False):
    """Context manager: raise NanError at the first operation that makes a NaN.

    Inside, every operation is watched, of functions, of their derivatives, and of jitted functions,
    which run equation by equation. A NaN in a branch that `np.where` does not take counts, too.
    infinities: raise also where a finite operand gives an infinite result.
    """
    count_staging(1)        # no compiled function may run past the watch
    try:
        with use(WatchTrace(infinities)), np.errstate(all="ignore"):
            yield
    finally:
        count_staging(-1)
