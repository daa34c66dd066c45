"""Where the engine was not compiled, there is nothing to test here."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("isograd.fastpath.engine") else ["test_*.py"]
