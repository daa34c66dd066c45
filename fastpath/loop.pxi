# The tile machine: runs one Loop of program.py.
#
# a) A tile is a contiguous range of the space. Registers are tiles in scratch memory, or point
#    straight into a contiguous input or output.
# b) Blocks are runs of tiles; their borders depend on the shape alone, so results do not depend on
#    the number of threads.
# c) What does not change from tile to tile (scalars, a bias along rows) is loaded once a block.

ctypedef void (*elementwise_loop)(char *o, char *p, char *q, char *r, Py_ssize_t n) noexcept nogil
ctypedef void (*ufunc_loop)(char **args, const cnp.npy_intp *dims, const cnp.npy_intp *steps,
                           void *data) noexcept nogil
ctypedef void (*fold_loop)(char *o, char *p, Py_ssize_t rows, Py_ssize_t columns) noexcept nogil

cdef enum:
    PANEL_ELEMENTS = 65536  # of a block: a panel stays in the second-level cache
    RELEASE = 32768         # work: less than this keeps the GIL
    SERIAL = 524288         # work: less (40 us, what waking a thread costs) stays on the caller
    UFUNC_WORK = 3          # work of an element of a NumPy loop; 1 of everything else
    MAX_REGS = 128
    MAX_DIMS = 32

cdef enum Source:
    STREAM                  # contiguous: point into the slot
    GATHER                  # strided: copy into the register, tile by tile
    REPEATED                # the same for every tile: copied once a block
    PANEL                   # transposed: copied for the whole block at once

cdef enum Code:
    NATIVE
    UFUNC
    EXPAND
    FOLD_ROWS

cdef struct RegisterC:
    int itemsize
    int level
    size_t scratch          # place in the scratch memory

cdef struct LoadC:
    int reg, slot, source, ndim
    bint turned             # the axis before the last one has the shorter stride
    Py_ssize_t offset
    Py_ssize_t shape[MAX_DIMS]
    Py_ssize_t strides[MAX_DIMS]

cdef struct InstrC:
    int code, level, count, dst
    int src[3]
    void *loop
    void *data              # of a ufunc's loop

cdef struct StoreC:
    int reg, slot, direct
    Py_ssize_t offset

cdef struct AccumC:
    int reg, slot, kind
    Py_ssize_t offset
    fold_loop fold, columns, start
    size_t partial          # place of this accumulation's partial results in the workspace


cdef struct LoopC:
    Py_ssize_t n, row, tile, block, blocks, blocks_per_row
    Py_ssize_t rows, work
    int mode, n_regs, n_loads, n_instrs, n_stores, n_accums
    bint parallel
    size_t scratch_bytes, workspace_bytes
    RegisterC *regs
    LoadC *loads
    InstrC *instrs
    StoreC *stores
    AccumC *accums

cdef struct LoopRun:
    LoopC *loop
    char **slots
    char *workspace


@cython.final
cdef class LoopStep:
    """One Loop, ready to run."""

    cdef LoopC c
    cdef object keep        # ufuncs whose loops are used

    def __cinit__(self, loop, slots):
        self.c.n_regs, self.c.n_loads = len(loop.registers), len(loop.loads)
        self.c.n_instrs, self.c.n_stores = len(loop.instrs), len(loop.stores)
        self.c.n_accums = len(loop.accums)
        self.c.regs = <RegisterC *> PyMem_RawCalloc(self.c.n_regs, sizeof(RegisterC))
        self.c.loads = <LoadC *> PyMem_RawCalloc(self.c.n_loads, sizeof(LoadC))
        self.c.instrs = <InstrC *> PyMem_RawCalloc(self.c.n_instrs, sizeof(InstrC))
        self.c.stores = <StoreC *> PyMem_RawCalloc(self.c.n_stores, sizeof(StoreC))
        self.c.accums = <AccumC *> PyMem_RawCalloc(self.c.n_accums, sizeof(AccumC))
        if not (self.c.regs and self.c.loads and self.c.instrs and self.c.stores and self.c.accums):
            raise MemoryError
        self.keep = [i.ufunc for i in loop.instrs]
        self.c.n, self.c.row, self.c.mode = math.prod(loop.space), loop.row, loop.mode
        self.c.rows = program_module.count_rows(loop)
        self._plan_stores(loop, slots)
        self.c.tile, self.c.block, self.c.blocks, self.c.blocks_per_row = tiling.tile_loop(
            loop, slots)
        self._plan_loads(loop)
        self._plan_registers(loop)
        for i, instr in enumerate(loop.instrs):
            self._plan_instr(&self.c.instrs[i], loop, instr)
        self._plan_accums(loop)
        per_element = sum([UFUNC_WORK if i.op == "ufunc" else 1 for i in loop.instrs])
        self.c.work = self.c.n * max(1, per_element)
        self.c.parallel = self.c.work >= SERIAL

    def __dealloc__(self):
        PyMem_RawFree(self.c.regs)
        PyMem_RawFree(self.c.loads)
        PyMem_RawFree(self.c.instrs)
        PyMem_RawFree(self.c.stores)
        PyMem_RawFree(self.c.accums)

    cdef _plan_stores(self, loop, slots):
        for i, store in enumerate(loop.stores):
            self.c.stores[i].reg, self.c.stores[i].slot = store.register, store.slot
            self.c.stores[i].offset = store.offset
            self.c.stores[i].direct = tiling.may_write_directly(loop, slots, i)

    cdef _plan_registers(self, loop):
        cdef size_t place = 0
        direct = {self.c.stores[i].reg for i in range(self.c.n_stores) if self.c.stores[i].direct}
        panels = {self.c.loads[i].reg for i in range(self.c.n_loads)
                  if self.c.loads[i].source == PANEL}
        for i, r in enumerate(loop.registers):
            self.c.regs[i].itemsize, self.c.regs[i].level = r.dtype.itemsize, r.level
            count = min(self.c.block, self.c.n) if i in panels else self.c.tile
            if r.level == program_module.ROW:
                count //= max(1, self.c.row)
            self.c.regs[i].scratch = place
            if i in direct or tiling.streams(loop, i):
                continue                # the tile is input or output memory
            place += (max(1, count) * r.dtype.itemsize + 127) // 64 * 64
        self.c.scratch_bytes = place

    cdef _plan_loads(self, loop):
        outer = program_module.outer_ndim(loop) if loop.mode != program_module.MAP else 0
        for i, load in enumerate(loop.loads):
            self._plan_load(&self.c.loads[i], loop, load, outer)

    cdef bint _is_panel(self, LoadC *c, loop, load):
        """Whether whole rows, of which a block has several, are worth copying at once."""
        return (c.turned and self.c.mode in (program_module.MAP, program_module.ROWS)
                and loop.registers[load.register].level == program_module.FULL
                and self.c.block <= PANEL_ELEMENTS and 2 * c.shape[c.ndim - 1] <= self.c.block)

    cdef _plan_load(self, LoadC *c, loop, load, outer):
        itemsize = loop.registers[load.register].dtype.itemsize
        at_row_level = loop.registers[load.register].level == program_module.ROW
        ndim = outer if at_row_level else len(loop.space)
        shape, strides = tiling.collapse(loop.space[:ndim], load.strides[:ndim])
        c.reg, c.slot, c.offset, c.ndim = load.register, load.slot, load.offset, len(shape)
        for d in range(len(shape)):
            c.shape[d], c.strides[d] = shape[d], strides[d]
        c.turned = c.ndim > 1 and abs(c.strides[c.ndim - 1]) > max(
            <Py_ssize_t> itemsize, abs(c.strides[c.ndim - 2]))
        period = tiling.period(shape, strides)
        count = self.c.tile // self.c.row if at_row_level else self.c.tile
        tiles_repeat = period == 1 or (
            period and count % period == 0
            and self.c.mode in (program_module.MAP, program_module.ROWS))
        if any(i.dst == load.register for i in loop.instrs):
            c.source = GATHER       # the register is used again: it needs memory of its own
        elif tiles_repeat:
            c.source = REPEATED
        else:
            c.source = STREAM if strides == (itemsize,) else GATHER
        if c.source == GATHER and self._is_panel(c, loop, load):
            c.source = PANEL

    cdef _plan_instr(self, InstrC *c, loop, instr):
        dst = loop.registers[instr.dst]
        types = "".join([table.CHAR_OF[loop.registers[s].dtype] for s in instr.srcs])
        c.dst, c.level, c.count, c.data = instr.dst, dst.level, len(instr.srcs), NULL
        for i in range(3):
            c.src[i] = instr.srcs[i] if i < len(instr.srcs) else instr.srcs[0]
        if instr.op == "ufunc":
            c.code = UFUNC
            find_ufunc_loop(instr.ufunc, types + table.CHAR_OF[dst.dtype], &c.loop, &c.data)
        elif instr.op == "expand":
            c.code, c.loop = EXPAND, NULL
        elif instr.op in table.ROW_REDUCTIONS:
            c.code = FOLD_ROWS
            c.loop = address_of(instr.op + "_rows", types)
        else:
            c.code = NATIVE
            c.loop = address_of(instr.op, types)

    cdef _plan_accums(self, loop):
        cdef size_t place = 0
        cdef AccumC *c
        cdef int i
        for i in range(self.c.n_accums):
            a = loop.accums[i]
            types = table.CHAR_OF[loop.registers[a.register].dtype]
            c = &self.c.accums[i]
            c.reg, c.slot, c.kind, c.offset = a.register, a.slot, a.kind, a.offset
            c.fold = <fold_loop> address_of(a.op + "_rows", types)
            c.columns = <fold_loop> address_of(a.op + "_columns", types)
            c.start = <fold_loop> address_of(a.op + "_start", types)
            c.partial = place
            per_block = self.c.row if a.kind == program_module.COLUMN else 1
            if self.c.mode != program_module.COLUMNS:
                size = self.c.blocks * per_block * self.c.regs[a.register].itemsize
                place += (size + 127) // 64 * 64
        self.c.workspace_bytes = place
