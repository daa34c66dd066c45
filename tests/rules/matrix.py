"""The rule matrix as data: `python -m tests.rules.matrix` writes it where isograd reads it.

It goes to src/isograd/rules.json, for `isograd.rules`, and to docs/rules.md, to be read.
"""

from __future__ import annotations

import json
from pathlib import Path

from isograd._rules import VERDICTS
from isograd.testing import audit

from . import (
    lax_subjects,
    scipy_subjects,
    solver_subjects,
    special_subjects,
    stats_subjects,
    subjects,
)

ROOT = Path(__file__).parents[2]
DATA, PAGE = ROOT / "src" / "isograd" / "rules.json", ROOT / "docs" / "rules.md"
MODULES = (subjects, scipy_subjects, special_subjects, stats_subjects, solver_subjects,
           lax_subjects)
EXAMPLES = 4        # of each function, those with derivatives first
YES, NONE, NUMBERS, GAP, PARTLY = "yes", "", "numbers", "gap", "partly"

HEAD = """# Which rules hold for which function

Generated from the tests by `python -m tests.rules.matrix`, which tries every rule on the calls of
the tables, and compares numbers: values between backends, tangents, cotangents and second
derivatives with differences, batches with a loop. The same answers come from `isograd.rules("qr")`;
`isograd.testing.audit(f, *args)` does the same with a function of yours. A test asserts that this
page is what the tests find.

**yes**: the rule holds. Nothing: it does not apply (an integer result has no derivative).
**numbers**: the numbers of the arguments decide a shape, so they must be known; under `grad` they
are. **partly**: some options lack the rule. **gap**: no rule; the call raises `MissingRuleError`.
*engine* names the operations that the CPU engine leaves to the reference.
"""


def row(subjects):
    """The verdicts on a function: of all examples, those without derivative for the rest."""
    chosen = sorted(subjects, key=lambda s: not s.smooth)[:EXAMPLES]
    found = [audit(s.f, *s.arrays, other=s.other and tuple(s.other), derivatives=s.smooth)
             [:len(VERDICTS)] for s in chosen]
    return dict(zip(VERDICTS, map(joined, zip(*found, strict=True)), strict=True))


def joined(verdicts):
    """What several examples say together."""
    kinds = {v for v in verdicts if v != NONE}
    if not kinds:
        return NONE
    if kinds <= {YES, NUMBERS, GAP}:
        if len(kinds) == 1:
            return kinds.pop()
        return PARTLY if GAP in kinds else NUMBERS
    operations = {name for v in kinds - {YES, NUMBERS, GAP} for name in v.split(", ")}
    return ", ".join(sorted(operations))


def matrix():
    """{section: {function: {rule: verdict}}}"""
    sections = {}
    for module in MODULES:
        for section, functions in module.SECTIONS.items():
            sections.setdefault(section, {}).update(functions)
    return {section: {name: row(subjects) for name, subjects in sorted(functions.items())}
            for section, functions in sections.items()}


def page(found):
    """The matrix as Markdown."""
    lines = [HEAD]
    for section, functions in found.items():
        lines += [f"## {section}", "", f"| function | {' | '.join(VERDICTS)} |",
                  "|---" * (len(VERDICTS) + 1) + "|"]
        lines += [f"| {name} | {' | '.join(verdicts.values())} |"
                  for name, verdicts in functions.items()]
        lines.append("")
    return "\n".join(lines)


def text(found):
    return json.dumps(found, indent=0) + "\n"


if __name__ == "__main__":
    found = matrix()
    DATA.write_text(text(found))
    PAGE.write_text(page(found))
