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
    SERIAL = 65536          # elements x instructions: less work stays on the caller
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
    fold_loop rows, columns, start
    size_t partial          # place of this accumulation's partial results in the workspace


cdef inline Py_ssize_t ceil_div(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return (a + b - 1) // b


cdef struct LoopC:
    Py_ssize_t n, row, tile, block, blocks, blocks_per_row
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
        self.c.regs = <RegisterC *> PyMem_RawMalloc(max(1, self.c.n_regs) * sizeof(RegisterC))
        self.c.loads = <LoadC *> PyMem_RawMalloc(max(1, self.c.n_loads) * sizeof(LoadC))
        self.c.instrs = <InstrC *> PyMem_RawMalloc(max(1, self.c.n_instrs) * sizeof(InstrC))
        self.c.stores = <StoreC *> PyMem_RawMalloc(max(1, self.c.n_stores) * sizeof(StoreC))
        self.c.accums = <AccumC *> PyMem_RawMalloc(max(1, self.c.n_accums) * sizeof(AccumC))
        if not (self.c.regs and self.c.loads and self.c.instrs and self.c.stores and self.c.accums):
            raise MemoryError

    def __dealloc__(self):
        PyMem_RawFree(self.c.regs)
        PyMem_RawFree(self.c.loads)
        PyMem_RawFree(self.c.instrs)
        PyMem_RawFree(self.c.stores)
        PyMem_RawFree(self.c.accums)

    def __init__(self, loop, slots):
        self.keep = [i.ufunc for i in loop.instrs]
        self.c.n, self.c.row, self.c.mode = math.prod(loop.space), loop.row, loop.mode
        self._plan_blocks(loop)
        self._plan_registers(loop)
        outer = program_module.outer_ndim(loop) if self.c.n else 0
        for i, load in enumerate(loop.loads):
            self._plan_load(&self.c.loads[i], loop, load, outer)
        for i, instr in enumerate(loop.instrs):
            self._plan_instr(&self.c.instrs[i], loop, instr)
        for i, store in enumerate(loop.stores):
            self.c.stores[i].reg, self.c.stores[i].slot = store.register, store.slot
            self.c.stores[i].offset = store.offset
            self.c.stores[i].direct = _may_write_directly(loop, slots, i)
        self._plan_accums(loop)
        self.c.parallel = self.c.n * max(1, self.c.n_instrs) >= SERIAL

    cdef _plan_blocks(self, loop):
        """Choose tile and block sizes from the shape alone."""
        cdef Py_ssize_t period = 1
        if self.c.n == 0:
            self.c.tile = self.c.block = self.c.blocks = self.c.blocks_per_row = 0
            return
        if self.c.mode == program_module.ROWS:
            self.c.tile = max(1, TILE // self.c.row) * self.c.row
            rows = self.c.n // self.c.row
            per_block = max(1, BLOCK // self.c.tile) * self.c.tile
            if any(a.kind == program_module.COLUMN for a in loop.accums):
                share = ceil_div(rows, COLUMN_BLOCKS) * self.c.row
                per_block = max(per_block, ceil_div(share, self.c.tile) * self.c.tile)
            self.c.block = per_block
        elif self.c.mode == program_module.COLUMNS:
            self.c.tile = self.c.block = COLUMN_CHUNK
        else:
            period = _common_period(loop)
            self.c.tile = TILE // period * period
            self.c.block = BLOCK // self.c.tile * self.c.tile
        if self.c.mode == program_module.SEGMENTS:
            self.c.blocks_per_row = ceil_div(self.c.row, self.c.block)
            self.c.blocks = self.c.blocks_per_row * (self.c.n // self.c.row)
        elif self.c.mode == program_module.COLUMNS:
            self.c.blocks = ceil_div(self.c.row, self.c.block)
        else:
            self.c.blocks = ceil_div(self.c.n, self.c.block)

    cdef _plan_registers(self, loop):
        cdef size_t place = 0
        for i, r in enumerate(loop.registers):
            self.c.regs[i].itemsize, self.c.regs[i].level = r.dtype.itemsize, r.level
            count = self.c.tile if r.level == program_module.FULL else self.c.tile // max(1, self.c.row)
            self.c.regs[i].scratch = place
            place += (max(1, count) * r.dtype.itemsize + 127) // 64 * 64
        self.c.scratch_bytes = place

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
            c.rows = <fold_loop> address_of(a.op + "_rows", types)
            c.columns = <fold_loop> address_of(a.op + "_columns", types)
            c.start = <fold_loop> address_of(a.op + "_start", types)
            c.partial = place
            per_block = self.c.row if a.kind == program_module.COLUMN else 1
            if self.c.mode != program_module.COLUMNS:
                size = self.c.blocks * per_block * self.c.regs[a.register].itemsize
                place += (size + 127) // 64 * 64
        self.c.workspace_bytes = place

    cdef int run(self, char **slots) noexcept nogil:
        """Run the loop; -1 if there is no memory."""
        cdef LoopRun context
        cdef int status
        context.loop, context.slots, context.workspace = &self.c, slots, NULL
        if self.c.workspace_bytes:
            context.workspace = aligned_alloc_bytes(self.c.workspace_bytes)
            if context.workspace == NULL:
                return -1
        status = run_blocks(run_block, &context, self.c.blocks, self.c.scratch_bytes, self.c.parallel)
        if status == 0:
            combine(&self.c, &context)
        aligned_free_bytes(context.workspace)
        return status


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


# ---- loads ----

cdef void gather(LoadC *load, char *dst, const char *base, int itemsize, Py_ssize_t start,
                 Py_ssize_t count) noexcept nogil:
    """Copy elements start, start + 1, ... of a strided view, in C order."""
    cdef Py_ssize_t index[MAX_DIMS]
    cdef Py_ssize_t rest = start, run, step, last = load.ndim - 1
    cdef const char *src = base + load.offset
    cdef int d
    if load.ndim == 0:
        fill(dst, src, itemsize, 0, count)
        return
    for d in range(last, -1, -1):
        index[d] = rest % load.shape[d]
        rest //= load.shape[d]
        src += index[d] * load.strides[d]
    step = load.strides[last]
    while count > 0:
        run = min(count, load.shape[last] - index[last])
        fill(dst, src, itemsize, step, run)
        dst += run * itemsize
        count -= run
        src += (load.shape[last] - index[last]) * step
        index[last] = 0
        src -= load.shape[last] * step
        d = <int> last - 1
        while d >= 0:
            index[d] += 1
            src += load.strides[d]
            if index[d] < load.shape[d]:
                break
            src -= load.shape[d] * load.strides[d]
            index[d] = 0
            d -= 1


cdef void fill(char *dst, const char *src, int itemsize, Py_ssize_t step,
               Py_ssize_t n) noexcept nogil:
    """dst[:n] = src[::step]."""
    if step == itemsize:
        memcpy(dst, src, n * itemsize)
    elif itemsize == 4:
        fill_typed[int32_t](<int32_t *> dst, src, step, n)
    elif itemsize == 8:
        fill_typed[int64_t](<int64_t *> dst, src, step, n)
    elif step == 0:
        memset(dst, (<unsigned char *> src)[0], n)
    else:
        fill_typed[uint8_t](<uint8_t *> dst, src, step, n)


ctypedef fused word:
    uint8_t
    int32_t
    int64_t


cdef inline void fill_typed(word *dst, const char *src, Py_ssize_t step,
                            Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef word value = (<const word *> src)[0]
    if step == 0:
        for i in range(n):
            dst[i] = value
        return
    for i in range(n):
        dst[i] = (<const word *> (src + i * step))[0]


# ---- one tile ----

cdef void run_tile(LoopC *s, LoopRun *run, char **reg, char *scratch, Py_ssize_t start,
                   Py_ssize_t n) noexcept nogil:
    """Load, compute and store the elements [start, start + n) of the space."""
    cdef Py_ssize_t rows = n // s.row if s.mode == 1 else 0
    cdef Py_ssize_t first_row = start // s.row if s.mode == 1 else 0
    cdef Py_ssize_t i, first, count
    cdef LoadC *load
    cdef StoreC *store
    cdef int itemsize
    for i in range(s.n_loads):
        load = &s.loads[i]
        if load.source == REPEATED:
            continue
        itemsize = s.regs[load.reg].itemsize
        first, count = (start, n) if s.regs[load.reg].level == 0 else (first_row, rows)
        if load.source == STREAM:
            reg[load.reg] = run.slots[load.slot] + load.offset + first * itemsize
        else:
            gather(load, reg[load.reg], run.slots[load.slot], itemsize, first, count)
    for i in range(s.n_stores):
        store = &s.stores[i]
        if store.direct:
            reg[store.reg] = (run.slots[store.slot] + store.offset
                              + start * s.regs[store.reg].itemsize)
    for i in range(s.n_instrs):
        execute(s, &s.instrs[i], reg, n, rows)
    for i in range(s.n_stores):
        store = &s.stores[i]
        if not store.direct:
            itemsize = s.regs[store.reg].itemsize
            first, count = (start, n) if s.regs[store.reg].level == 0 else (first_row, rows)
            memcpy(run.slots[store.slot] + store.offset + first * itemsize, reg[store.reg],
                   count * itemsize)


cdef void execute(LoopC *s, InstrC *instr, char **reg, Py_ssize_t n,
                  Py_ssize_t rows) noexcept nogil:
    """Run one instruction on a tile."""
    cdef char *args[4]
    cdef cnp.npy_intp dims[1]
    cdef cnp.npy_intp steps[4]
    cdef Py_ssize_t i, row
    cdef Py_ssize_t count = n if instr.level == 0 else rows
    cdef int itemsize
    if instr.code == NATIVE:
        (<elementwise_loop> instr.loop)(reg[instr.dst], reg[instr.src[0]], reg[instr.src[1]],
                                        reg[instr.src[2]], count)
    elif instr.code == UFUNC:
        for i in range(instr.count):
            args[i] = reg[instr.src[i]]
            steps[i] = s.regs[instr.src[i]].itemsize
        args[instr.count] = reg[instr.dst]
        steps[instr.count] = s.regs[instr.dst].itemsize
        dims[0] = count
        (<ufunc_loop> instr.loop)(args, dims, steps, instr.data)
    elif instr.code == FOLD_ROWS:
        (<fold_loop> instr.loop)(reg[instr.dst], reg[instr.src[0]], rows, s.row)
    else:
        itemsize = s.regs[instr.dst].itemsize
        for row in range(rows):
            fill(reg[instr.dst] + row * s.row * itemsize, reg[instr.src[0]] + row * itemsize,
                 itemsize, 0, s.row)


# ---- one block ----

cdef void prepare(LoopC *s, LoopRun *run, char **reg, char *scratch) noexcept nogil:
    """Give each register its scratch, and load what is the same for every tile."""
    cdef Py_ssize_t i, count
    cdef LoadC *load
    for i in range(s.n_regs):
        reg[i] = scratch + s.regs[i].scratch
    for i in range(s.n_loads):
        load = &s.loads[i]
        if load.source == REPEATED:
            count = s.tile if s.regs[load.reg].level == 0 else s.tile // s.row
            if s.mode == 0 or s.mode == 1:
                count = min(count, s.n if s.regs[load.reg].level == 0 else s.n // s.row)
            gather(load, reg[load.reg], run.slots[load.slot], s.regs[load.reg].itemsize, 0, count)


cdef void run_block(void *context, Py_ssize_t block, char *scratch) noexcept nogil:
    cdef LoopRun *run = <LoopRun *> context
    cdef LoopC *s = run.loop
    cdef char *reg[MAX_REGS]
    prepare(s, run, reg, scratch)
    if s.mode == 3:
        run_columns(s, run, reg, scratch, block)
    else:
        run_tiles(s, run, reg, scratch, block)


cdef void run_tiles(LoopC *s, LoopRun *run, char **reg, char *scratch,
                    Py_ssize_t block) noexcept nogil:
    """The tiles of one block, and their share of every accumulation."""
    cdef Py_ssize_t lo, hi, t, n, i
    cdef AccumC *a
    cdef char *partial
    cdef int64_t memory = 0
    cdef char *value = <char *> &memory
    if s.mode == 2:
        lo = (block // s.blocks_per_row) * s.row + (block % s.blocks_per_row) * s.block
        hi = min(lo + s.block, (block // s.blocks_per_row + 1) * s.row)
    else:
        lo, hi = block * s.block, min((block + 1) * s.block, s.n)
    for i in range(s.n_accums):
        a = &s.accums[i]
        a.start(partial_of(s, run, a, block), NULL, s.row if a.kind == 1 else 1, 1)
    t = lo
    while t < hi:
        n = min(s.tile, hi - t)
        run_tile(s, run, reg, scratch, t, n)
        for i in range(s.n_accums):
            a = &s.accums[i]
            partial = partial_of(s, run, a, block)
            if a.kind == 1:
                a.columns(partial, reg[a.reg], n // s.row, s.row)
            else:
                a.rows(value, reg[a.reg], 1, n if s.regs[a.reg].level == 0 else n // s.row)
                a.columns(partial, value, 1, 1)
        t += n


cdef void run_columns(LoopC *s, LoopRun *run, char **reg, char *scratch,
                      Py_ssize_t block) noexcept nogil:
    """Some columns of all rows, accumulated straight into the result."""
    cdef Py_ssize_t c0 = block * s.block, n = min(s.block, s.row - block * s.block)
    cdef Py_ssize_t r, i
    cdef AccumC *a
    cdef char *out
    for i in range(s.n_accums):
        a = &s.accums[i]
        out = run.slots[a.slot] + a.offset + c0 * s.regs[a.reg].itemsize
        a.start(out, NULL, n, 1)
    for r in range(s.n // s.row):
        run_tile(s, run, reg, scratch, r * s.row + c0, n)
        for i in range(s.n_accums):
            a = &s.accums[i]
            out = run.slots[a.slot] + a.offset + c0 * s.regs[a.reg].itemsize
            a.columns(out, reg[a.reg], 1, n)


# ---- results across blocks ----

cdef inline char *partial_of(LoopC *s, LoopRun *run, AccumC *a, Py_ssize_t block) noexcept nogil:
    cdef Py_ssize_t count = s.row if a.kind == 1 else 1
    return run.workspace + a.partial + block * count * s.regs[a.reg].itemsize


cdef void combine(LoopC *s, LoopRun *run) noexcept nogil:
    """Fold the blocks' partial results, pairwise in the order of the blocks, into the slots."""
    cdef Py_ssize_t i, r, rows, width
    cdef AccumC *a
    cdef char *out
    if s.mode == 3 and s.n > 0:
        return
    for i in range(s.n_accums):
        a = &s.accums[i]
        out = run.slots[a.slot] + a.offset
        width = (s.row if a.kind == 1 else 1)
        if s.n == 0:
            a.start(out, NULL, width, 1)
            continue
        rows = s.n // s.row if a.kind == 2 else 1
        for r in range(rows):
            fold_pairwise(a, partial_of(s, run, a, r * s.blocks_per_row),
                          s.blocks_per_row if a.kind == 2 else s.blocks,
                          width, width * s.regs[a.reg].itemsize)
            memcpy(out + r * width * s.regs[a.reg].itemsize,
                   partial_of(s, run, a, r * s.blocks_per_row), width * s.regs[a.reg].itemsize)


cdef void fold_pairwise(AccumC *a, char *parts, Py_ssize_t count, Py_ssize_t width,
                        Py_ssize_t nbytes) noexcept nogil:
    """parts[0] = the fold of all parts: neighbours first, then neighbours of these, ..."""
    cdef Py_ssize_t gap = 1, i
    while gap < count:
        i = 0
        while i + gap < count:
            a.columns(parts + i * nbytes, parts + (i + gap) * nbytes, 1, width)
            i += 2 * gap
        gap *= 2
