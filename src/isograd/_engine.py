"""Make the CPU backend known, if its engine was built here."""

import warnings

from isograd.refimpl.backend import get_backend, register_backend

try:
    from isograd.backends.cpu import CpuBackend, threads
except ImportError as error:
    warnings.warn(f"isograd runs on the reference backend, without its compiled engine ({error})",
                  RuntimeWarning, stacklevel=3)

    def threads(n=None):
        """Without the compiled engine there is one thread."""
        return 1
else:
    register_backend(CpuBackend())


def default_backend():
    """The name of the backend that jitted functions use unless told otherwise."""
    return get_backend().name
