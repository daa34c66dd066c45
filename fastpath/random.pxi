# Random numbers: every element is computed from its place alone (counter.h), so pieces may run
# anywhere and in any order, and the bits depend neither on threads nor on the instruction set.

ctypedef void (*counter_loop)(char *y, uint32_t k0, uint32_t k1, uint64_t start,
                              Py_ssize_t n) noexcept nogil

cdef enum:
    RANDOM_BLOCK = 32768        # elements; divides 2**32, so that a piece has one upper word
    RANDOM_WORK = 4             # an element takes the time of so many of a Loop

cdef struct RandomC:
    counter_loop loop
    int key_slot, out_slot
    Py_ssize_t *offsets                 # of each key, in bytes
    Py_ssize_t word_step                # from a key's first word to its second
    Py_ssize_t keys, count, nbytes      # how many keys, elements of each, bytes of an element
    Py_ssize_t pieces, keys_per_block   # a block is a piece of one key's elements, or some keys
    Py_ssize_t blocks, work
    bint parallel

cdef struct RandomRun:
    RandomC *random
    char **slots


@cython.final
cdef class RandomStep:
    """One Random, ready to run."""

    cdef RandomC c
    cdef object offsets

    def __cinit__(self, step):
        cdef cnp.ndarray offsets = key_offsets(step.key)
        dtype, width = table.RANDOM_FORMS[step.form]
        self.offsets = offsets      # keeps the memory alive
        self.c.word_step = step.key.strides[len(step.key.shape) - 1]
        self.c.loop = <counter_loop> address_of("random", step.form)
        self.c.key_slot, self.c.out_slot = step.key.slot, step.out
        self.c.offsets = <Py_ssize_t *> cnp.PyArray_DATA(offsets)
        self.c.keys, self.c.count = offsets.size, step.count
        self.c.nbytes = dtype.itemsize * width
        self.c.pieces = max(1, ceil_div(self.c.count, RANDOM_BLOCK))
        self.c.keys_per_block = max(1, RANDOM_BLOCK // max(1, self.c.count))
        self.c.blocks = self.c.pieces * ceil_div(self.c.keys, self.c.keys_per_block)
        self.c.work = self.c.keys * self.c.count * RANDOM_WORK
        self.c.parallel = self.c.work >= SERIAL


def key_offsets(key):
    """How many bytes from its slot on the first word of each key of a view lies, in C order."""
    shape, strides = key.shape[:len(key.shape) - 1], key.strides
    offsets = np.full(shape, key.offset, np.intp)
    for axis, n in enumerate(shape):
        offsets += strides[axis] * np.arange(n).reshape((n, *(1,) * (len(shape) - axis - 1)))
    return offsets


cdef int run_random(RandomC *s, char **slots) noexcept nogil:
    cdef RandomRun context
    context.random, context.slots = s, slots
    return run_blocks(run_random_block, &context, s.blocks, 0, s.parallel)


cdef void run_random_block(void *context, Py_ssize_t block, char *scratch) noexcept nogil:
    """A piece of a key's elements; or, if that would be little, all elements of some keys."""
    cdef RandomRun *run = <RandomRun *> context
    cdef RandomC *s = run.random
    cdef Py_ssize_t start = block % s.pieces * RANDOM_BLOCK
    cdef Py_ssize_t n = min(RANDOM_BLOCK, s.count - start)
    cdef Py_ssize_t i = block // s.pieces * s.keys_per_block
    cdef Py_ssize_t end = min(i + s.keys_per_block, s.keys)
    cdef char *y = run.slots[s.out_slot]
    cdef const char *key
    while i < end:
        key = run.slots[s.key_slot] + s.offsets[i]
        s.loop(y + (i * s.count + start) * s.nbytes, (<const uint32_t *> key)[0],
               (<const uint32_t *> (key + s.word_step))[0], start, n)
        i += 1
