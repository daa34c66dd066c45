"""`pytest --backend NAME` runs the differential suites for that backend only."""

import numpy as np
import pytest

from isograd.refimpl.backend import backend_names


def pytest_addoption(parser):
    parser.addoption("--backend", action="append", metavar="NAME",
                     help="a backend that the differential suites run on (default: all there are)")


def pytest_generate_tests(metafunc):
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", metafunc.config.getoption("--backend") or backend_names())


@pytest.fixture(autouse=True)
def keep_numpy_settings():
    """A test that changes NumPy's error handling does not leak into the next."""
    with np.errstate():
        yield
