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
    TILE = 1024             # elements: a few tiles of 8 bytes stay in the first-level cache
    BLOCK = 32768           # elements: large against the price of claiming a block
    COLUMN_BLOCKS = 32      # partial column sums are this many rows of results
    COLUMN_CHUNK = 4096     # elements: columns of one unit of work where rows are long
    RELEASE = 32768         # work: less than this keeps the GIL
    SERIAL = 131072         # work: less than this stays on the caller
    UFUNC_WORK = 8          # work of an element of a NumPy loop; 1 of everything else
    MAX_REGS = 128
    MAX_DIMS = 32

cdef enum Source:
    STREAM                  # contiguous: point into the slot
    GATHER                  # strided: copy into the register, tile by tile
    REPEATED                # the same for every tile: copied once a block

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
        self._plan_blocks(loop)
        self._plan_registers(loop)
        self._plan_loads(loop)
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
            self.c.stores[i].direct = _may_write_directly(loop, slots, i)

    cdef _plan_blocks(self, loop):
        """Choose tile and block sizes from the shape alone."""
        if self.c.n == 0:
            self.c.tile = self.c.block = self.c.blocks = self.c.blocks_per_row = 0
            return
        self.c.blocks_per_row = 1
        if self.c.mode == program_module.COLUMNS:
            self.c.tile = self.c.block = COLUMN_CHUNK
            self.c.blocks = ceil_div(self.c.row, COLUMN_CHUNK)
        elif self.c.mode == program_module.ROWS:
            self.c.tile = max(1, TILE // self.c.row) * self.c.row
            self.c.block = self._rows_in_block(loop) * self.c.row
            self.c.blocks = ceil_div(self.c.n, self.c.block)
        else:
            period = _common_period(loop)
            self.c.tile = TILE // period * period
            self.c.block = BLOCK // self.c.tile * self.c.tile
            length = self.c.row if self.c.mode == program_module.SEGMENTS else self.c.n
            self.c.blocks_per_row = ceil_div(length, self.c.block)
            self.c.blocks = self.c.blocks_per_row * (self.c.n // length)
        if self.c.mode == program_module.MAP and not loop.accums and self._passes_through(loop):
            self.c.tile = self.c.block          # nothing has to stay in the cache
        if self.c.mode in (program_module.MAP, program_module.ROWS):
            self.c.tile = min(self.c.tile, self.c.n)

    cdef Py_ssize_t _rows_in_block(self, loop):
        """Whole tiles; few blocks if each has a partial result for every column."""
        cdef Py_ssize_t tile_rows = self.c.tile // self.c.row
        cdef Py_ssize_t rows = max(1, BLOCK // self.c.tile) * tile_rows
        if any([a.kind == program_module.COLUMN for a in loop.accums]):
            rows = max(rows, align_up(ceil_div(self.c.rows, COLUMN_BLOCKS), tile_rows))
        return rows

    cdef bint _passes_through(self, loop):
        """Whether every register is input or output memory itself."""
        direct = {self.c.stores[i].reg for i in range(self.c.n_stores) if self.c.stores[i].direct}
        return all([i in direct or self._streams(loop, i) for i in range(self.c.n_regs)])

    cdef bint _streams(self, loop, register):
        """Whether a register is only ever a contiguous input."""
        strides = [_collapse(loop.space, x.strides)[1] for x in loop.loads
                   if x.register == register]
        written = any([i.dst == register for i in loop.instrs])
        return strides == [[loop.registers[register].dtype.itemsize]] and not written

    cdef _plan_registers(self, loop):
        cdef size_t place = 0
        for i, r in enumerate(loop.registers):
            self.c.regs[i].itemsize, self.c.regs[i].level = r.dtype.itemsize, r.level
            count = self.c.tile if r.level == program_module.FULL else self.c.tile // max(1, self.c.row)
            self.c.regs[i].scratch = place
            place += (max(1, count) * r.dtype.itemsize + 127) // 64 * 64
        self.c.scratch_bytes = place

    cdef _plan_loads(self, loop):
        outer = program_module.outer_ndim(loop) if loop.mode != program_module.MAP else 0
        for i, load in enumerate(loop.loads):
            self._plan_load(&self.c.loads[i], loop, load, outer)

    cdef _plan_load(self, LoadC *c, loop, load, outer):
        itemsize = self.c.regs[load.register].itemsize
        at_row_level = self.c.regs[load.register].level == program_module.ROW
        ndim = outer if at_row_level else len(loop.space)
        shape, strides = _collapse(loop.space[:ndim], load.strides[:ndim])
        c.reg, c.slot, c.offset, c.ndim = load.register, load.slot, load.offset, len(shape)
        for d in range(len(shape)):
            c.shape[d], c.strides[d] = shape[d], strides[d]
        period = _period(shape, strides)
        count = self.c.tile // self.c.row if at_row_level else self.c.tile
        tiles_repeat = period == 1 or (
            period and count % period == 0
            and self.c.mode in (program_module.MAP, program_module.ROWS))
        if any(i.dst == load.register for i in loop.instrs):
            c.source = GATHER       # the register is used again: it needs memory of its own
        elif tiles_repeat:
            c.source = REPEATED
        else:
            c.source = STREAM if tuple(strides) == (itemsize,) else GATHER

    cdef _plan_instr(self, InstrC *c, loop, instr):
        dst = loop.registers[instr.dst]
        types = "".join(loop.registers[s].dtype.char for s in instr.srcs)
        c.dst, c.level, c.count, c.data = instr.dst, dst.level, len(instr.srcs), NULL
        for i in range(3):
            c.src[i] = instr.srcs[i] if i < len(instr.srcs) else instr.srcs[0]
        if instr.op == "ufunc":
            c.code = UFUNC
            find_ufunc_loop(instr.ufunc, types + dst.dtype.char, &c.loop, &c.data)
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
            types = loop.registers[a.register].dtype.char
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


@cython.wraparound(True)
def _collapse(shape, strides):
    """Drop axes of size 1 and join axes that are one in memory; strides in bytes."""
    out = []
    for n, s in zip(shape, strides):
        if n == 1:
            continue
        if out and out[-1][1] == n * s:
            out[-1] = (out[-1][0] * n, s)
        else:
            out.append((n, s))
    return [n for n, _ in out], [s for _, s in out]


def _period(shape, strides):
    """After how many elements a view repeats itself: 1 for a scalar, 0 for never."""
    period = math.prod(shape)
    for n, s in zip(shape, strides):
        if s != 0:
            break
        period //= n
    return 0 if period == math.prod(shape) and period != 1 else period


def _common_period(loop):
    """The longest period among the loads that fits in a tile: tiles are multiples of it."""
    periods = [_period(*_collapse(loop.space, load.strides)) for load in loop.loads]
    return max([p for p in periods if 0 < p <= TILE], default=1)


def _may_write_directly(loop, slots, i):
    """Whether a register may be the output memory itself.

    Not where a register is stored twice, nor at ROW level, nor where an input of the loop lies in
    the same memory (a temporary reused in place): it might be read after it was written.
    """
    store = loop.stores[i]
    if loop.registers[store.register].level != program_module.FULL or \
            loop.mode in (program_module.SEGMENTS,):
        return False
    if any(s.register == store.register for s in loop.stores[:i]):
        return False
    if any(load.register == store.register for load in loop.loads):
        return False
    return not any(_overlap(slots[load.slot], slots[store.slot]) for load in loop.loads)


def _overlap(a, b):
    if a is b:
        return True
    return (a.kind == b.kind == "temp" and a.offset < b.offset + b.nbytes
            and b.offset < a.offset + a.nbytes)


