"""The ufuncs of scipy.special that have a record, and second names of them."""

from __future__ import annotations

import numpy as np
import scipy.special

from isograd.refimpl.numpy.ufuncs import describe, meaning_of
from isograd.refimpl.ops.special import RECORDS
from isograd.scipy.special._function import PUBLIC, special_function

ALIASES = {"digamma": "psi", "jn": "jv"}


def docstring(record):
    """The definition, and in which arguments there are derivatives."""
    known = [name for name, has in zip(record.arguments, record.known, strict=True) if has]
    missing = [name for name, has in zip(record.arguments, record.known, strict=True) if not has]
    text = f"{record.doc}\n\nDerivatives: in {', '.join(known) or 'no argument'}"
    return text + (f"; none is known in {', '.join(missing)}." if missing else ".")


def _publish(name, record):
    theirs = getattr(scipy.special, name, None)     # None: this SciPy is too old to have it
    if isinstance(theirs, np.ufunc):
        describe(special_function(meaning_of(record, theirs)), theirs, docstring(record))


for _name, _record in RECORDS.items():
    _publish(_name, _record)
for _name, _of in ALIASES.items():
    PUBLIC[_name] = PUBLIC[_of]
UFUNCS = dict(PUBLIC)
