"""What docs/promises.md promises: public names, and their arguments, do not go away.

`python -m tests.test_promises` adds new names to the list.
"""

import importlib
import inspect
from pathlib import Path

LIST = Path(__file__).with_name("public_names.txt")
MODULES = ["isograd", "isograd.debug", "isograd.errors", "isograd.extend", "isograd.lax",
           "isograd.random", "isograd.testing", "isograd.tree"]


def arguments(f):
    """The names of a function's arguments, as far as Python knows them."""
    try:
        return ", ".join(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return ""


def found():
    """One line a public function or class: its full name and arguments."""
    for name in MODULES:
        module = importlib.import_module(name)
        names = getattr(module, "__all__", vars(module))
        for public, value in sorted([(n, getattr(module, n)) for n in names]):
            if not public.startswith("_") and callable(value):
                yield f"{name}.{public}({arguments(value)})"


def test_no_public_name_goes_away():
    gone = set(LIST.read_text().splitlines()) - set(found())
    assert not gone


def test_every_public_name_is_listed():
    new = set(found()) - set(LIST.read_text().splitlines())
    assert not new, "run: python -m tests.test_promises"


if __name__ == "__main__":
    LIST.write_text("\n".join(found()) + "\n")
