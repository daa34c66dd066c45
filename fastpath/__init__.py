"""isograd.fastpath: the engine that runs flat programs over raw buffers.

It knows nothing of graphs. program.py is the format and its checker, table.py the engine's own
operations, engine.pyx runs programs, docs/engine.md says how and why.
"""

from .engine import CallCache as CallCache
from .engine import Entry as Entry
from .engine import Program as Program
from .engine import available_isas as available_isas
from .engine import has_ufunc_loop as has_ufunc_loop
from .engine import isa as isa
from .engine import pool_clear as pool_clear
from .engine import pool_stats as pool_stats
from .engine import repeat as repeat
from .engine import threads as threads
from .program import ProgramError as ProgramError
from .table import NATIVE_OPS as native_ops
