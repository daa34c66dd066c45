"""The layout shows the architecture: imports run one way, every primitive has its rows."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = {"isograd": ROOT / "src" / "isograd", "isograd.refimpl": ROOT / "refimpl",
           "isograd.backends": ROOT / "backends", "isograd.fastpath": ROOT / "fastpath"}
MAY_IMPORT = {
    "isograd": {"isograd", "isograd.backends", "isograd.refimpl"},
    "isograd.backends": {"isograd.backends", "isograd.refimpl", "isograd.fastpath"},
    "isograd.refimpl": {"isograd.refimpl"},
    "isograd.fastpath": {"isograd.fastpath"},
}
FILES = [(package, path) for package, folder in FOLDERS.items()
         for path in sorted(folder.rglob("*.py"))]


def module_name(package, path):
    parts = path.relative_to(FOLDERS[package]).with_suffix("").parts
    return ".".join((package, *(p for p in parts if p != "__init__")))


def imported_modules(package, path):
    """Yield the absolute names of everything of ours that a file imports."""
    here = module_name(package, path).split(".")
    if path.name != "__init__.py":
        here = here[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("isograd"))
        elif isinstance(node, ast.ImportFrom):
            base = here[:len(here) - node.level + 1] if node.level else []
            base = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            if base.startswith("isograd"):
                yield from (f"{base}.{alias.name}" for alias in node.names)


def owner(module):
    return max((p for p in FOLDERS if module == p or module.startswith(p + ".")), key=len)


@pytest.mark.parametrize(("package", "path"), FILES, ids=lambda x: getattr(x, "name", x))
def test_imports_run_one_way(package, path):
    for module in imported_modules(package, path):
        assert owner(module) in MAY_IMPORT[package], f"{path.name} imports {module}"


REFIMPL_ORDER = """errors aval trace primitive tree graph effects ops mutation promotion
                   transforms backend nans call custom callbacks jit mesh parallel control numpy
                   numpy_protocol""".split()


def test_refimpl_is_read_from_top_to_bottom():
    """A file imports only from files above it in the order that refimpl/__init__.py states."""
    text = (ROOT / "refimpl" / "__init__.py").read_text()
    names = [line.split()[0].rstrip("/") for line in text.splitlines()
             if line.strip() and line.split()[0].rstrip("/") in REFIMPL_ORDER]
    assert list(dict.fromkeys(names)) == REFIMPL_ORDER
    for package, path in FILES:
        if package != "isograd.refimpl" or (path.parent == ROOT and path.name == "__init__.py"):
            continue
        names = module_name(package, path).split(".")
        if len(names) < 3:
            continue
        rank = REFIMPL_ORDER.index(names[2])
        for module in imported_modules(package, path):
            other = module.split(".")[2]
            if other in REFIMPL_ORDER:
                assert REFIMPL_ORDER.index(other) <= rank, f"{path.name} imports {module}"


def test_functions_are_imported_at_the_top():
    """No import hides in a function, but for optional packages in the CUDA backend."""
    for _, path in FILES:
        if path.name == "build.py":     # runs before anything is installed
            continue
        tree = ast.parse(path.read_text())
        for function in ast.walk(tree):
            if isinstance(function, (ast.FunctionDef, ast.Lambda)):
                hidden = [n for n in ast.walk(function)
                          if isinstance(n, (ast.Import, ast.ImportFrom))]
                assert not hidden, f"{path.name}:{hidden[0].lineno}"


@pytest.mark.parametrize(("package", "path"), FILES, ids=lambda x: getattr(x, "name", x))
def test_files_and_lines_stay_readable(package, path):
    lines = path.read_text().splitlines()
    assert len(lines) <= 450
    assert max(map(len, lines), default=0) <= 100
