"""Every primitive x dtype x {value, vmap, jvp, vjp, second order, ...} x backend, compiled,
against the un-jitted reference."""

import numpy as np
import pytest

from isograd import jit

from ..cases import ALL, SMOOTH
from .compare import assert_matches
from .modes import DERIVATIVES, EXACT

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
CASES = [case for case in ALL if case.row.prim != "weaken"]
FLOATING = [case for case in SMOOTH if case.row.prim != "weaken"
            and (np.dtype(case.dtype).kind in "fc")
            and not ("dtype" in case.example.params
                     and case.example.params["dtype"].kind not in "fc")]


@pytest.mark.parametrize("mode", EXACT)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(backend, mode, case):
    """Bit-equal, but for what accumulates."""
    f, args = EXACT[mode](case)
    units = 64 if case.row.accumulates or _is_complex(case) else 0
    assert_matches(jit(f, backend=backend)(*args), f(*args), units)


@pytest.mark.parametrize("mode", DERIVATIVES)
@pytest.mark.parametrize("case", FLOATING, ids=str)
def test_derivatives(backend, mode, case):
    """Within rounding of the sums that transposition makes."""
    f, args = DERIVATIVES[mode](case)
    assert_matches(jit(f, backend=backend)(*args), f(*args), 64)


def _is_complex(case):
    """NumPy multiplies complex scalars and arrays in different loops."""
    return case.dtype.startswith("complex") or "complex" in str(case.example.params.get("dtype"))
