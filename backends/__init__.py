"""isograd.backends: how a Graph is run fast. Each stage is a pure function and prints.

Reading order; a file imports only from files above it:

rewrite/      Graph -> Graph: inline, explicit dtypes, rules as data, dead code
views  axes   where elements lie; which loop is which
plan          FusionPlan: buffers, and kernels of three kinds
places        moving data without a kernel
cluster       which equations may share a kernel
contraction   dot_general as a batch of matrix products
pieces        arrays put together from pieces
joining       which clusters merge
recompute     cheap values computed again instead of stored
kernels       clusters written down as kernels
fusion        Graph -> FusionPlan
memory        FusionPlan -> MemoryPlan
cpu/          plans -> programs of the engine `isograd.fastpath`
explain       what a plan does, as text
"""
