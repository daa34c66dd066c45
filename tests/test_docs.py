"""The documentation's examples run, and links lead somewhere."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import isograd

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
MODULES = [name for _, name, _ in pkgutil.walk_packages(isograd.__path__, "isograd.")
           if "loops_" not in name and not name.endswith(".build")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_examples_on_a_page(page):
    result = doctest.testfile(str(page), module_relative=False)
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_readme_program_runs():
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    names = {}
    exec(block, names)
    assert names["value"] < 1.2


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_public_names_are_documented():
    for name in dir(isograd):
        value = getattr(isograd, name)
        if not name.startswith("_") and callable(value):
            assert value.__doc__, name
