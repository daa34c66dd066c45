# Memory: aligned buffers, and a pool that gives the memory of dead results to new ones.
#
# Writing a fresh large array costs more in page faults than in computation, so results of 64 KB and
# more come from size classes (powers of two and their halves) that keep what was freed.

from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawMalloc
from libc.string cimport memset

cdef enum:
    ALIGNMENT = 64
    POOL_FROM = 65536               # bytes: smaller results come from NumPy's own allocator
    CLASSES = 64
    KEPT = 8                        # free buffers of a class
    POOL_LIMIT = 268435456          # bytes kept free in all

cdef char *free_buffers[CLASSES][KEPT]
cdef int free_count[CLASSES]
cdef size_t free_bytes = 0
cdef size_t reused = 0, allocated = 0


cdef inline Py_ssize_t ceil_div(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return (a + b - 1) // b


cdef inline Py_ssize_t align_up(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return ceil_div(a, b) * b


cdef char *aligned_alloc_bytes(size_t size) noexcept nogil:
    """Allocate with alignment; the true start is kept in front of the result."""
    cdef char *raw = NULL
    cdef size_t place
    if size <= <size_t> 1 << 62:
        raw = <char *> PyMem_RawMalloc(size + ALIGNMENT + sizeof(void *))
    if raw == NULL:
        return NULL
    place = (<size_t> raw + sizeof(void *) + ALIGNMENT - 1) & ~(<size_t> ALIGNMENT - 1)
    (<char **> (place - sizeof(void *)))[0] = raw
    return <char *> place


cdef void aligned_free_bytes(char *place) noexcept nogil:
    if place != NULL:
        PyMem_RawFree((<char **> (place - sizeof(void *)))[0])


cdef int size_class(size_t size) noexcept nogil:
    """The smallest class whose size is not less."""
    cdef int k = 0
    while class_size(k) < size:
        k += 1
    return k


cdef size_t class_size(int k) noexcept nogil:
    """64 KB, 96 KB, 128 KB, 192 KB, 256 KB, ..."""
    return (<size_t> (3 if k & 1 else 2) << (k >> 1)) * (POOL_FROM // 2)


@cython.final
cdef class PoolBuffer:
    """The owner of a pooled result's memory: gives it back when the array dies."""

    cdef char *data
    cdef int kind

    def __dealloc__(self):
        global free_bytes
        cdef size_t size
        if self.data == NULL:
            return
        size = class_size(self.kind)
        if free_count[self.kind] < KEPT and free_bytes + size <= POOL_LIMIT:
            free_buffers[self.kind][free_count[self.kind]] = self.data
            free_count[self.kind] += 1
            free_bytes += size
        else:
            aligned_free_bytes(self.data)


cdef PoolBuffer pool_take(size_t size):
    """Return a buffer of at least `size` bytes."""
    global free_bytes, reused, allocated
    cdef PoolBuffer buffer = PoolBuffer.__new__(PoolBuffer)
    buffer.kind = size_class(size)
    if free_count[buffer.kind]:
        free_count[buffer.kind] -= 1
        buffer.data = free_buffers[buffer.kind][free_count[buffer.kind]]
        free_bytes -= class_size(buffer.kind)
        reused += 1
        return buffer
    buffer.data = aligned_alloc_bytes(class_size(buffer.kind))
    if buffer.data == NULL:
        raise MemoryError(f"no memory for a result of {size} bytes")
    allocated += 1
    return buffer


@cython.final
cdef class Memory:
    """Aligned memory that lives as long as this object."""

    cdef char *data

    def __dealloc__(self):
        aligned_free_bytes(self.data)


cdef Memory new_memory(size_t size):
    cdef Memory memory = Memory.__new__(Memory)
    memory.data = aligned_alloc_bytes(size)
    if memory.data == NULL:
        raise MemoryError(f"no memory for {size} bytes of temporaries")
    return memory


cdef cnp.ndarray new_output(cnp.dtype dtype, int ndim, cnp.npy_intp *dims, size_t nbytes):
    """A fresh C-contiguous array, its contents not set."""
    cdef cnp.ndarray array
    cdef PoolBuffer buffer
    if nbytes < POOL_FROM or nbytes > class_size(CLASSES - 1):
        Py_INCREF(dtype)
        return PyArray_Empty(ndim, dims, dtype, 0)
    buffer = pool_take(nbytes)
    Py_INCREF(dtype)
    array = <cnp.ndarray> PyArray_NewFromDescr(
        <PyTypeObject *> cnp.ndarray, dtype, ndim, dims, NULL, buffer.data,
        cnp.NPY_ARRAY_CARRAY, NULL)
    cnp.set_array_base(array, buffer)
    return array


def pool_clear():
    """Free the memory that the pool keeps for results to come."""
    global free_bytes
    cdef int k
    for k in range(CLASSES):
        while free_count[k]:
            free_count[k] -= 1
            aligned_free_bytes(free_buffers[k][free_count[k]])
    free_bytes = 0


def pool_stats():
    """Return {"free_bytes", "reused", "allocated"}: bytes kept free, results from either source."""
    return {"free_bytes": free_bytes, "reused": reused, "allocated": allocated}
