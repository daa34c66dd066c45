"""Opt-in watch over keys that are used twice."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import NamedTuple

from isograd.refimpl.errors import KeyReuseError, user_line
from isograd.refimpl.trace import Tracer


class Use(NamedTuple):
    """What used a key, and where; `key` is kept, so that no other one gets its identity."""

    function: str
    line: str
    key: object


class _Watch(threading.local):
    """uses: {identity of a key: [Use or None, ...]} while keys are watched; None stands for a use
    that `clone` allows. nested: whether a function of this package runs."""

    uses = None
    nested = False


WATCH = _Watch()


@contextmanager
def check_reuse():
    """Within this context, using a key a second time raises KeyReuseError with both lines.

    Every function that draws from a key uses it, and so does `split`; `fold_in` does not, as it is
    made to be called often, and `clone` gives a copy that may be used again. Keys that have numbers
    are known by these; in a function that is traced, by the traced object, while it is traced.

    >>> from isograd import random
    >>> with random.check_reuse():
    ...     a_key, b_key = random.split(random.key(0))
    ...     a, b = random.normal(a_key, 3), random.normal(b_key, 3)
    """
    before = WATCH.uses
    WATCH.uses = {}
    try:
        yield
    finally:
        WATCH.uses = before


class using:
    """Context manager: note a use of a key's words; what runs inside belongs to this use.

    (A class, as a generator would put contextlib's frames between us and the user's line.)
    """

    def __init__(self, data, function):
        self.data = data
        self.function = function

    def __enter__(self):
        self.outermost = not WATCH.nested
        if self.outermost:
            _note(self.data, Use(self.function, user_line() or "an unknown line", self.data))
            WATCH.nested = True

    def __exit__(self, *exception):
        if self.outermost:
            WATCH.nested = False


def allow(data):
    """Let a key be used once more."""
    if WATCH.uses is not None:
        WATCH.uses.setdefault(_identity(data), []).append(None)


def _identity(data):
    return id(data) if isinstance(data, Tracer) else data.tobytes()


def _note(data, use):
    uses = WATCH.uses.setdefault(_identity(data), [])
    earlier = [u for u in uses if u is not None]
    if len(earlier) > uses.count(None):
        raise KeyReuseError("a random key is used twice: both draws see the same bits",
                            got=f"{use.function} at {use.line}, after {earlier[-1].function} at "
                                f"{earlier[-1].line}",
                            wanted="one use of a key", where=use.line,
                            instead="k1, k2 = random.split(key); or random.clone(key) if the same "
                                    "numbers are wanted")
    uses.append(use)
