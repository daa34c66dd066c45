"""`rules`: which derivative and transformation rules hold for a function, as the tests found."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from isograd.refimpl.errors import ArgumentError


class Rules(NamedTuple):
    """The verdicts on one function. "yes"; "" does not apply; "partly", "gap": some or all of it
    raises MissingRuleError; "numbers": the numbers of the arguments must be known.

    engine: "yes", or the operations that the CPU engine leaves to the reference.
    """

    jit: str
    jvp: str
    vjp: str
    second: str
    vmap: str
    complex: str
    engine: str
    name: str = ""

    def __repr__(self):
        return "\n".join([self.name, *[f"  {rule:8}{verdict}" for rule, verdict in
                                       zip(VERDICTS, self, strict=False) if verdict]])


class RulesByName(dict):
    """{full name: Rules}; prints all of them."""

    def __repr__(self):
        return "\n".join(map(repr, self.values()))


VERDICTS = Rules._fields[:-1]


@cache
def _table():
    """{name: Rules} of every function that the tests audit, by its full name."""
    found = json.loads(files("isograd").joinpath("rules.json").read_text())
    return RulesByName({f"{section}.{name}": Rules(**verdicts, name=f"{section}.{name}")
                        for section, functions in found.items()
                        for name, verdicts in functions.items()})


def rules(name=None):
    """Say which rules hold for a function, as a Rules record.

    name: as "expm", "lax.scan" or "numpy.linalg.qr". Several functions of that name, as of NumPy
    and SciPy, give a dict of their Rules by full name; None gives that of all functions.
    docs/rules.md shows the whole table. Raises ArgumentError for a name that no function has.

    >>> import isograd
    >>> isograd.rules("numpy.sin").vjp
    'yes'
    >>> list(isograd.rules("qr"))
    ['numpy.linalg.qr', 'scipy.linalg.qr']
    """
    table = _table()
    if name is None:
        return table
    if name in table:
        return table[name]
    matches = RulesByName({full: found for full, found in table.items()
                           if full.endswith(f".{name}")})
    if not matches:
        raise ArgumentError(f"rules: no function is called {name!r}", got=repr(name),
                            wanted="a name of docs/rules.md, as 'qr' or 'numpy.linalg.qr'")
    return next(iter(matches.values())) if len(matches) == 1 else matches
