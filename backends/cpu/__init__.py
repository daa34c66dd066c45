"""The CPU backend: plans become programs of the engine `isograd.fastpath`.

table     what the engine runs of each primitive, and in how many instructions
loops     one LoopKernel -> the engine's Loops
lower     FusionPlan -> steps and slots; with a MemoryPlan -> Program
runtime   CpuBackend: Graph -> executable
"""

from ...fastpath import threads as threads
from .runtime import FALLBACKS as FALLBACKS
from .runtime import CpuBackend as CpuBackend
