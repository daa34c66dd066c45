"""What is audited of isograd.scipy.special: its calls, and again in arguments with derivatives."""

from __future__ import annotations

from isograd.refimpl.ops.special import RECORDS

from ..cases import with_some_fixed
from ..scipy.calls import CALLS, HAND_MADE, ROUGH, case, listed, traced
from .subjects import Subject


def subject(name, number):
    f, arrays = case(name, number)
    return Subject(lambda *xs: listed(f(*xs)), arrays, (name, number) not in ROUGH)


def where_known(name):
    """A call of a ufunc as a function of the real arguments that have a derivative, if some do."""
    f, arrays = case(name, 0)
    known = [has for has, x in zip(RECORDS[name].known, CALLS[name][0][0], strict=True)
             if traced(x)]
    places = [n for n, has in enumerate(known) if has]
    if not 0 < len(places) < len(known):
        return []
    g = with_some_fixed(lambda *xs: listed(f(*xs)), arrays, places)
    return [Subject(g, [arrays[n] for n in places], True)]


SECTIONS = {"scipy.special": {
    name: [*[subject(name, n) for n in range(len(calls))],
           *([] if name in HAND_MADE else where_known(name))]
    for name, calls in CALLS.items()}}
