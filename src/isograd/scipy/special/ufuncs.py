"""The ufuncs of scipy.special that have a record, and second names of them."""

from __future__ import annotations

from inspect import Parameter, Signature

import numpy as np
import scipy.special

from isograd.refimpl.numpy.ufuncs import meaning_of
from isograd.refimpl.ops.special import RECORDS
from isograd.scipy.special._function import PUBLIC, special_function

OPTIONS = {"where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True,
           "signature": None}
ALIASES = {"digamma": "psi", "jn": "jv"}


def docstring(record):
    """The definition, and in which arguments there are derivatives."""
    known = [name for name, has in zip(record.arguments, record.known, strict=True) if has]
    missing = [name for name, has in zip(record.arguments, record.known, strict=True) if not has]
    text = f"{record.doc}\n\nDerivatives: in {', '.join(known) or 'no argument'}"
    return text + (f"; none is known in {', '.join(missing)}." if missing else ".")


def _signature(record):
    """That of a ufunc, with the names of the operands."""
    operands = [Parameter(name, Parameter.POSITIONAL_ONLY) for name in record.arguments]
    out = Parameter("out", Parameter.POSITIONAL_OR_KEYWORD, default=None)
    options = [Parameter(name, Parameter.KEYWORD_ONLY, default=value)
               for name, value in OPTIONS.items()]
    return Signature([*operands, out, *options])


def _publish(name, record):
    theirs = getattr(scipy.special, name, None)     # None: this SciPy is too old to have it
    if isinstance(theirs, np.ufunc):
        function = special_function(meaning_of(record, theirs))
        function.__doc__, function.__signature__ = docstring(record), _signature(record)


for _name, _record in RECORDS.items():
    _publish(_name, _record)
for _name, _of in ALIASES.items():
    PUBLIC[_name] = PUBLIC[_of]
UFUNCS = dict(PUBLIC)
