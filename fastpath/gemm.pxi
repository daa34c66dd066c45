# Matrix products by the BLAS that SciPy brings (scipy.linalg.cython_blas), found when first needed.
#
# The rows of the result are cut into blocks by the shape alone; threads claim blocks, and each BLAS
# call runs on one thread, so that the bits do not depend on the number of threads and two thread
# pools never fight. OpenBLAS is told so for the calling thread only, where it can be
# (openblas_set_num_threads_local): the user's own NumPy and SciPy keep their threads.

ctypedef void (*sgemm_t)(char *ta, char *tb, int *m, int *n, int *k, float *alpha, float *a,
                         int *lda, float *b, int *ldb, float *beta, float *c, int *ldc) noexcept nogil
ctypedef void (*dgemm_t)(char *ta, char *tb, int *m, int *n, int *k, double *alpha, double *a,
                         int *lda, double *b, int *ldb, double *beta, double *c, int *ldc) noexcept nogil
ctypedef int (*set_threads_t)(int) noexcept nogil

cdef sgemm_t sgemm = NULL
cdef dgemm_t dgemm = NULL
cdef set_threads_t set_threads_local = NULL

cdef enum:
    GEMM_ROWS = 64                  # rows of a block are a multiple of this
    GEMM_BLOCK_FLOPS = 4000000      # work of a block: large against the price of claiming it


def load_blas():
    """Find sgemm and dgemm in SciPy, and how to keep OpenBLAS on one thread."""
    global sgemm, dgemm, set_threads_local
    if sgemm != NULL:
        return
    blas = importlib.import_module("scipy.linalg.cython_blas").__pyx_capi__
    dgemm = <dgemm_t> PyCapsule_GetPointer(blas["dgemm"], PyCapsule_GetName(blas["dgemm"]))
    sgemm = <sgemm_t> PyCapsule_GetPointer(blas["sgemm"], PyCapsule_GetName(blas["sgemm"]))
    address = blas_threads.find_set_threads_local()
    if address:
        set_threads_local = <set_threads_t> <size_t> address


cdef struct GemmC:
    int m, n, k, lda, ldb, ldc, itemsize, rows, row_blocks
    char trans_a, trans_b
    int slot_a, slot_b, slot_c
    Py_ssize_t batch
    Py_ssize_t *offsets         # byte offsets of a, b, c for each element of the batch
    bint parallel

cdef struct GemmRun:
    GemmC *gemm
    char **slots


@cython.final
cdef class GemmStep:
    """One Gemm, ready to run."""

    cdef GemmC c

    def __cinit__(self, gemm):
        self.c.batch = math.prod(gemm.batch)
        self.c.offsets = <Py_ssize_t *> PyMem_RawMalloc(max(1, self.c.batch * 3) * sizeof(Py_ssize_t))
        if self.c.offsets == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_RawFree(self.c.offsets)

    def __init__(self, gemm):
        load_blas()
        if max(gemm.m, gemm.n, gemm.k, gemm.a.ld, gemm.b.ld) >= 2**31:
            raise program_module.ProgramError("gemm: BLAS takes sizes below 2**31")
        self.c.m, self.c.n, self.c.k = gemm.m, gemm.n, gemm.k
        self.c.lda, self.c.ldb, self.c.ldc = gemm.a.ld, gemm.b.ld, gemm.c.ld
        self.c.trans_a, self.c.trans_b = b"T" if gemm.trans_a else b"N", b"T" if gemm.trans_b else b"N"
        self.c.itemsize = gemm.dtype.itemsize
        self.c.slot_a, self.c.slot_b, self.c.slot_c = gemm.a.slot, gemm.b.slot, gemm.c.slot
        for i, index in enumerate(itertools.product(*map(range, gemm.batch))):
            for j, matrix in enumerate((gemm.a, gemm.b, gemm.c)):
                self.c.offsets[3 * i + j] = matrix.offset + sum(
                    x * s for x, s in zip(index, matrix.batch_strides))
        per_row = max(1, 2 * self.c.n * self.c.k)
        rows = max(1, GEMM_BLOCK_FLOPS // per_row)
        self.c.rows = min(max(1, self.c.m), (rows + GEMM_ROWS - 1) // GEMM_ROWS * GEMM_ROWS)
        self.c.row_blocks = (self.c.m + self.c.rows - 1) // self.c.rows
        self.c.parallel = self.c.batch * self.c.m * per_row >= 2 * GEMM_BLOCK_FLOPS

    cdef int run(self, char **slots) noexcept nogil:
        cdef GemmRun context
        if self.c.batch == 0 or self.c.m == 0 or self.c.n == 0:
            return 0
        context.gemm, context.slots = &self.c, slots
        return run_blocks(run_gemm_block, &context, self.c.batch * self.c.row_blocks, 0, self.c.parallel)


cdef void run_gemm_block(void *context, Py_ssize_t block, char *scratch) noexcept nogil:
    """Some rows of one product. BLAS is column-major: it computes c.T = op(b).T @ op(a).T."""
    cdef GemmRun *run = <GemmRun *> context
    cdef GemmC *s = run.gemm
    cdef Py_ssize_t *offsets = s.offsets + 3 * (block // s.row_blocks)
    cdef Py_ssize_t first = (block % s.row_blocks) * s.rows
    cdef int rows = <int> min(s.rows, s.m - first), previous = 0
    cdef char *a = run.slots[s.slot_a] + offsets[0]
    cdef char *b = run.slots[s.slot_b] + offsets[1]
    cdef char *c = run.slots[s.slot_c] + offsets[2] + first * s.ldc * s.itemsize
    cdef float one_f = 1, zero_f = 0
    cdef double one_d = 1, zero_d = 0
    if s.k == 0:
        memset(c, 0, <size_t> rows * s.n * s.itemsize)
        return
    a += first * (s.itemsize if s.trans_a == b"T" else <Py_ssize_t> s.lda * s.itemsize)
    if set_threads_local != NULL:
        previous = set_threads_local(1)
    if s.itemsize == 4:
        sgemm(&s.trans_b, &s.trans_a, &s.n, &rows, &s.k, &one_f, <float *> b, &s.ldb,
              <float *> a, &s.lda, &zero_f, <float *> c, &s.ldc)
    else:
        dgemm(&s.trans_b, &s.trans_a, &s.n, &rows, &s.k, &one_d, <double *> b, &s.ldb,
              <double *> a, &s.lda, &zero_d, <double *> c, &s.ldc)
    if set_threads_local != NULL:
        set_threads_local(previous)
