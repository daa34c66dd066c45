"""Each benchmark runs once, so that none can rot."""

import importlib
import inspect
import itertools
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "asv_bench"
AREAS = ["overhead", "elementwise", "reductions", "fusion", "gradients", "linalg", "random",
         "control", "fft", "mutation", "stats"]
PREFIXES = ("time_", "track_", "peakmem_")


@pytest.fixture(autouse=True)
def benchmarks_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    yield
    for name in [n for n in sys.modules if n.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def combinations(cls):
    params = getattr(cls, "params", [])
    nested = params if params and isinstance(params[0], list) else [params] if params else []
    return itertools.product(*nested)


def test_every_area_is_listed():
    found = {p.stem for p in (ROOT / "benchmarks").glob("*.py")} - {"__init__", "programs"}
    assert found == set(AREAS)


@pytest.mark.parametrize("area", AREAS)
def test_benchmarks_run(area):
    module = importlib.import_module(f"benchmarks.{area}")
    classes = [c for _, c in inspect.getmembers(module, inspect.isclass)
               if c.__module__ == module.__name__]
    ran = 0
    for cls in classes:
        for values in combinations(cls):
            ran += run_once(cls, values)
    assert ran


def run_once(cls, values):
    instance = cls()
    try:
        if hasattr(instance, "setup"):
            instance.setup(*values)
    except NotImplementedError:
        return 0
    methods = [getattr(instance, n) for n in dir(instance) if n.startswith(PREFIXES)]
    for method in methods:
        method(*values)
    return len(methods)
