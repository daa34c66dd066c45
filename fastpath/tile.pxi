# Running a Loop: tiles, blocks, and results across blocks.

cdef int run_loop(LoopC *s, char **slots) noexcept nogil:
    """Run a loop; -1 if there is no memory."""
    cdef LoopRun context
    cdef int status
    context.loop, context.slots, context.workspace = s, slots, NULL
    if s.workspace_bytes:
        context.workspace = aligned_alloc_bytes(s.workspace_bytes)
        if context.workspace == NULL:
            return -1
    status = run_blocks(run_block, &context, s.blocks, s.scratch_bytes, s.parallel)
    if status == 0:
        combine(s, &context)
    aligned_free_bytes(context.workspace)
    return status


# ---- loads ----

ctypedef fused word:
    uint8_t
    int32_t
    int64_t


cdef void gather(LoadC *load, char *dst, const char *base, int itemsize, Py_ssize_t start,
                 Py_ssize_t count) noexcept nogil:
    """Copy elements start, start + 1, ... of a strided view, in C order."""
    cdef Py_ssize_t index[MAX_DIMS]
    cdef Py_ssize_t rest = start, run, rows, width
    cdef int d, last = load.ndim - 1
    cdef const char *src = base + load.offset
    if load.ndim == 0:
        fill(dst, src, itemsize, 0, count)
        return
    for d in range(last, -1, -1):
        index[d] = rest % load.shape[d]
        rest //= load.shape[d]
        src += index[d] * load.strides[d]
    width = load.shape[last]
    while count > 0:
        rows = 1
        if load.turned and index[last] == 0 and count >= width:
            rows = min(count // width, load.shape[last - 1] - index[last - 1])
            run = rows * width
            turn(dst, src, itemsize, rows, width, load.strides[last - 1], load.strides[last])
        else:
            run = min(count, width - index[last])
            fill(dst, src, itemsize, load.strides[last], run)
        dst += run * itemsize
        count -= run
        src = advance(load, index, src, rows)


cdef inline const char *advance(LoadC *load, Py_ssize_t *index, const char *src,
                                Py_ssize_t rows) noexcept nogil:
    """Go to the start of the last axis, `rows` further on the axis before."""
    cdef int d = load.ndim - 1
    src -= index[d] * load.strides[d]
    index[d] = 0
    d -= 1
    while d >= 0:
        index[d] += rows
        src += rows * load.strides[d]
        if index[d] < load.shape[d]:
            break
        src -= load.shape[d] * load.strides[d]
        index[d] = 0
        rows = 1
        d -= 1
    return src


cdef void turn(char *dst, const char *src, int itemsize, Py_ssize_t rows, Py_ssize_t columns,
               Py_ssize_t row_step, Py_ssize_t column_step) noexcept nogil:
    """dst = a matrix whose columns, not rows, lie close together: read a cache line of each."""
    if itemsize == 4:
        turn_typed[int32_t](<int32_t *> dst, src, rows, columns, row_step, column_step)
    elif itemsize == 8:
        turn_typed[int64_t](<int64_t *> dst, src, rows, columns, row_step, column_step)
    else:
        turn_typed[uint8_t](<uint8_t *> dst, src, rows, columns, row_step, column_step)


cdef inline void turn_typed(word *dst, const char *src, Py_ssize_t rows, Py_ssize_t columns,
                            Py_ssize_t row_step, Py_ssize_t column_step) noexcept nogil:
    cdef Py_ssize_t line = min(16, 64 // <Py_ssize_t> sizeof(word))
    cdef Py_ssize_t i, j, count
    while rows > 0:
        count = min(line, rows)
        for j in range(columns):
            for i in range(count):
                dst[i * columns + j] = (<const word *> (src + i * row_step + j * column_step))[0]
        dst += count * columns
        src += count * row_step
        rows -= count


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

cdef void run_tile(LoopC *s, LoopRun *run, char **reg, char *scratch, Py_ssize_t block_start,
                   Py_ssize_t start, Py_ssize_t n) noexcept nogil:
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
        if load.source == PANEL:
            reg[load.reg] = (scratch + s.regs[load.reg].scratch
                             + (start - block_start) * itemsize)
        elif load.source == STREAM:
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
    for i in range(s.n_loads):
        if s.loads[i].source == PANEL:
            gather(&s.loads[i], reg[s.loads[i].reg], run.slots[s.loads[i].slot],
                   s.regs[s.loads[i].reg].itemsize, lo, hi - lo)
    t = lo
    while t < hi:
        n = min(s.tile, hi - t)
        run_tile(s, run, reg, scratch, lo, t, n)
        for i in range(s.n_accums):
            a = &s.accums[i]
            partial = partial_of(s, run, a, block)
            if a.kind == 1:
                a.columns(partial, reg[a.reg], n // s.row, s.row)
            else:
                a.fold(value, reg[a.reg], 1, n if s.regs[a.reg].level == 0 else n // s.row)
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
        run_tile(s, run, reg, scratch, 0, r * s.row + c0, n)
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
        width = s.row if a.kind == 1 else 1
        if s.n == 0:
            a.start(out, NULL, s.rows if a.kind == 2 else width, 1)
            continue
        rows = s.rows if a.kind == 2 else 1
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
