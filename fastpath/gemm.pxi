# Matrix products by the BLAS that SciPy brings (scipy.linalg.cython_blas), found when first needed.
#
# The result is cut into rectangles by the shape alone; threads claim them, and each BLAS call runs
# on one thread, so that the bits do not depend on the number of threads and two thread pools never
# fight. OpenBLAS has one number of threads for the process: it is set to 1 while any product of
# ours runs, and set back when the last of them ends.

ctypedef void (*gemm_t)(char *ta, char *tb, int *m, int *n, int *k, void *alpha, void *a, int *lda,
                        void *b, int *ldb, void *beta, void *c, int *ldc) noexcept nogil
ctypedef void (*gemv_t)(char *trans, int *m, int *n, void *alpha, void *a, int *lda, void *x,
                        int *incx, void *beta, void *y, int *incy) noexcept nogil
ctypedef int (*get_threads_t)() noexcept nogil
ctypedef void (*set_threads_t)(int) noexcept nogil

cdef gemm_t sgemm = NULL
cdef gemm_t dgemm = NULL
cdef gemv_t sgemv = NULL
cdef gemv_t dgemv = NULL
cdef get_threads_t get_blas_threads = NULL
cdef set_threads_t set_blas_threads = NULL
cdef int products_running = 0       # under the GIL
cdef int blas_threads_before = 1

cdef enum:
    GEMM_SIDE = 256                 # a rectangle with longer sides is worth cutting
    GEMM_PARTS = 4                  # so many rectangles are wanted even if their sides are shorter
    GEMM_ALIGN = 16                 # sides are multiples of this

# Work is counted in bytes of multiplications: m * n * k * itemsize.
cdef Py_ssize_t GEMM_WORK = 4 << 20     # of a rectangle: large against the price of claiming it
cdef Py_ssize_t GEMM_SERIAL = 24 << 20  # less work than this stays on the caller
cdef Py_ssize_t GEMM_TO_WORK = 16       # such bytes take the time of one element of a Loop


cdef void *blas_function(object capsules, str name) except NULL:
    return PyCapsule_GetPointer(capsules[name], PyCapsule_GetName(capsules[name]))


def load_blas():
    """Find the products in SciPy, and how to keep OpenBLAS on one thread."""
    global sgemm, dgemm, sgemv, dgemv, get_blas_threads, set_blas_threads
    if sgemm != NULL:
        return
    capsules = importlib.import_module("scipy.linalg.cython_blas").__pyx_capi__
    controls = blas_threads.find_controls()
    get_blas_threads = <get_threads_t> <size_t> controls.get
    set_blas_threads = <set_threads_t> <size_t> controls.set
    dgemv = <gemv_t> blas_function(capsules, "dgemv")
    sgemv = <gemv_t> blas_function(capsules, "sgemv")
    dgemm = <gemm_t> blas_function(capsules, "dgemm")
    sgemm = <gemm_t> blas_function(capsules, "sgemm")


cdef void enter_blas() noexcept:
    global products_running, blas_threads_before
    if products_running == 0 and set_blas_threads != NULL:
        blas_threads_before = get_blas_threads()
        if blas_threads_before != 1:
            set_blas_threads(1)
    products_running += 1


cdef void forget_products() noexcept:
    """In a forked child: no product runs here."""
    global products_running
    if products_running:
        products_running = 1
        leave_blas()


cdef void leave_blas() noexcept:
    global products_running
    products_running -= 1
    if products_running == 0 and set_blas_threads != NULL and blas_threads_before != 1:
        set_blas_threads(blas_threads_before)


def cut_product(m, n, k, itemsize):
    """Return the rectangle (rows, columns) that an m x n result is cut into: by the shape alone."""
    rows, columns, parts = max(1, m), max(1, n), 1
    while rows * columns * k * itemsize > GEMM_WORK and (
            max(rows, columns) > GEMM_SIDE or parts < GEMM_PARTS):
        if max(rows, columns) < 2 * GEMM_ALIGN:
            break
        if rows >= columns:
            rows = align_up(ceil_div(rows, 2), GEMM_ALIGN)
        else:
            columns = align_up(ceil_div(columns, 2), GEMM_ALIGN)
        parts = ceil_div(m, rows) * ceil_div(n, columns)
    return rows, columns


cdef struct GemmC:
    int m, n, k, lda, ldb, ldc, itemsize
    int rows, columns                   # of a rectangle
    Py_ssize_t row_parts, column_parts
    char trans_a, trans_b
    int slot_a, slot_b, slot_c
    Py_ssize_t batch
    Py_ssize_t *offsets                 # byte offsets of a, b, c for each element of the batch
    Py_ssize_t parts, parts_per_block
    Py_ssize_t work
    bint parallel

cdef struct GemmRun:
    GemmC *gemm
    char **slots


@cython.final
cdef class GemmStep:
    """One Gemm, ready to run."""

    cdef GemmC c

    def __cinit__(self, gemm):
        load_blas()
        if max(gemm.m, gemm.n, gemm.k, gemm.a.ld, gemm.b.ld) >= 2**31:
            raise program_module.ProgramError("gemm: BLAS takes sizes below 2**31")
        self.c.m, self.c.n, self.c.k = gemm.m, gemm.n, gemm.k
        self.c.lda, self.c.ldb, self.c.ldc = gemm.a.ld, gemm.b.ld, gemm.c.ld
        self.c.trans_a = b"T" if gemm.trans_a else b"N"
        self.c.trans_b = b"T" if gemm.trans_b else b"N"
        self.c.itemsize = gemm.dtype.itemsize
        self.c.slot_a, self.c.slot_b, self.c.slot_c = gemm.a.slot, gemm.b.slot, gemm.c.slot
        self._plan_batch(gemm)
        self._plan_parts()

    def __dealloc__(self):
        PyMem_RawFree(self.c.offsets)

    cdef _plan_batch(self, gemm):
        self.c.batch = math.prod(gemm.batch)
        self.c.offsets = <Py_ssize_t *> PyMem_RawMalloc(
            max(1, self.c.batch * 3) * sizeof(Py_ssize_t))
        if self.c.offsets == NULL:
            raise MemoryError
        for i, index in enumerate(itertools.product(*map(range, gemm.batch))):
            for j, matrix in enumerate((gemm.a, gemm.b, gemm.c)):
                self.c.offsets[3 * i + j] = matrix.offset + sum(
                    [x * s for x, s in zip(index, matrix.batch_strides)])

    cdef _plan_parts(self):
        cdef Py_ssize_t work, total
        self.c.rows, self.c.columns = cut_product(self.c.m, self.c.n, self.c.k, self.c.itemsize)
        self.c.row_parts = ceil_div(self.c.m, self.c.rows)
        self.c.column_parts = ceil_div(self.c.n, self.c.columns)
        self.c.parts = self.c.batch * self.c.row_parts * self.c.column_parts
        work = <Py_ssize_t> self.c.itemsize * max(1, self.c.k) * self.c.rows * self.c.columns
        self.c.parts_per_block = max(1, GEMM_WORK // 2 // work)
        total = self.c.batch * self.c.m * self.c.n * self.c.k * self.c.itemsize
        self.c.parallel = total >= GEMM_SERIAL and set_blas_threads != NULL
        self.c.work = total // GEMM_TO_WORK


cdef int run_gemm(GemmC *s, char **slots) noexcept nogil:
    """Run a product, between enter_blas and leave_blas."""
    cdef GemmRun context
    context.gemm, context.slots = s, slots
    return run_blocks(run_gemm_block, &context, ceil_div(s.parts, s.parts_per_block), 0, s.parallel)


cdef void run_gemm_block(void *context, Py_ssize_t block, char *scratch) noexcept nogil:
    cdef GemmRun *run = <GemmRun *> context
    cdef GemmC *s = run.gemm
    cdef Py_ssize_t part = block * s.parts_per_block
    cdef Py_ssize_t end = min(part + s.parts_per_block, s.parts)
    while part < end:
        run_part(s, run.slots, part)
        part += 1


cdef void run_part(GemmC *s, char **slots, Py_ssize_t part) noexcept nogil:
    """One rectangle of one product: c[i : i + rows, j : j + columns]."""
    cdef Py_ssize_t in_batch = part // s.column_parts // s.row_parts
    cdef Py_ssize_t i = part // s.column_parts % s.row_parts * s.rows
    cdef Py_ssize_t j = part % s.column_parts * s.columns
    cdef int rows = <int> min(s.rows, s.m - i), columns = <int> min(s.columns, s.n - j)
    cdef Py_ssize_t *offsets = s.offsets + 3 * in_batch
    cdef char *a = slots[s.slot_a] + offsets[0]
    cdef char *b = slots[s.slot_b] + offsets[1]
    cdef char *c = slots[s.slot_c] + offsets[2]
    a += i * (1 if s.trans_a == b"T" else s.lda) * s.itemsize
    b += j * (s.ldb if s.trans_b == b"T" else 1) * s.itemsize
    c += (i * s.ldc + j) * s.itemsize
    if s.k == 0:
        zero_rows(c, rows, <size_t> columns * s.itemsize, <Py_ssize_t> s.ldc * s.itemsize)
    elif s.n == 1:
        matvec(s, s.trans_a == b"T", a, s.lda, rows, b, 1 if s.trans_b == b"T" else s.ldb, c)
    elif s.m == 1:
        matvec(s, s.trans_b != b"T", b, s.ldb, columns, a, s.lda if s.trans_a == b"T" else 1, c)
    else:
        matmat(s, a, b, c, rows, columns)


cdef inline void zero_rows(char *c, int rows, size_t nbytes, Py_ssize_t stride) noexcept nogil:
    cdef int i
    for i in range(rows):
        memset(c + i * stride, 0, nbytes)


cdef void matmat(GemmC *s, char *a, char *b, char *c, int rows, int columns) noexcept nogil:
    """BLAS is column-major: it computes c.T = op(b).T @ op(a).T."""
    cdef float one_f = 1, zero_f = 0
    cdef double one_d = 1, zero_d = 0
    if s.itemsize == 4:
        sgemm(&s.trans_b, &s.trans_a, &columns, &rows, &s.k, &one_f, b, &s.ldb, a, &s.lda,
              &zero_f, c, &s.ldc)
    else:
        dgemm(&s.trans_b, &s.trans_a, &columns, &rows, &s.k, &one_d, b, &s.ldb, a, &s.lda,
              &zero_d, c, &s.ldc)


cdef void matvec(GemmC *s, bint transposed, char *a, int lda, int n, char *x, int incx,
                 char *y) noexcept nogil:
    """y = A @ x for A of n rows and k columns, stored row by row or (transposed) by columns."""
    cdef float one_f = 1, zero_f = 0
    cdef double one_d = 1, zero_d = 0
    cdef int one = 1
    cdef int m = n if transposed else s.k, columns = s.k if transposed else n
    cdef char trans = b"N" if transposed else b"T"
    memset(y, 0, <size_t> n * s.itemsize)       # some BLAS multiply what was there by zero
    if s.itemsize == 4:
        sgemv(&trans, &m, &columns, &one_f, a, &lda, x, &incx, &zero_f, y, &one)
    else:
        dgemv(&trans, &m, &columns, &one_d, a, &lda, x, &incx, &zero_d, y, &one)
