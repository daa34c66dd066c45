# Threads that claim blocks of work and never spin.
#
# a) Workers are Python daemon threads that sleep on a lock of their own. They start with the first
#    call that has work for them, so importing starts none and a forked child starts its own.
# b) A call with many blocks offers its job to some workers and takes part itself. When no block is
#    left it takes back what no worker has begun with, and waits only for those in a block: a worker
#    that the system does not schedule delays nobody.
# c) One call has the workers at a time; another one meanwhile works alone. Which thread runs a
#    block never matters for the result.

cdef extern from "pythread.h" nogil:
    ctypedef void *PyThread_type_lock
    PyThread_type_lock PyThread_allocate_lock()
    int PyThread_acquire_lock(PyThread_type_lock, int wait)
    void PyThread_release_lock(PyThread_type_lock)
    enum: WAIT_LOCK

cdef extern from *:
    """
    #if defined(_MSC_VER)
    #include <intrin.h>
    static long long isograd_fetch_add(long long volatile *p, long long d) {
        return _InterlockedExchangeAdd64(p, d);
    }
    static long long isograd_exchange(long long volatile *p, long long v) {
        return _InterlockedExchange64(p, v);
    }
    static void *isograd_exchange_pointer(void *volatile *p, void *v) {
        return _InterlockedExchangePointer(p, v);
    }
    #else
    static long long isograd_fetch_add(long long volatile *p, long long d) {
        return __atomic_fetch_add(p, d, __ATOMIC_ACQ_REL);
    }
    static long long isograd_exchange(long long volatile *p, long long v) {
        return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL);
    }
    static void *isograd_exchange_pointer(void *volatile *p, void *v) {
        return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL);
    }
    #endif
    """
    long long isograd_fetch_add(long long *p, long long d) nogil
    long long isograd_exchange(long long *p, long long v) nogil
    void *isograd_exchange_pointer(void **p, void *v) nogil

ctypedef void (*block_function)(void *context, Py_ssize_t block, char *scratch) noexcept nogil

cdef enum:
    MAX_THREADS = 256
    STACK_SCRATCH = 16384       # bytes: less scratch than this needs no allocation

cdef struct Job:
    block_function function
    void *context
    Py_ssize_t blocks
    size_t scratch_bytes
    long long next_block
    long long inside            # threads that may still touch the job, the caller included

cdef struct Worker:
    PyThread_type_lock wake
    long long awake             # `wake` was released and the worker has not taken note of it
    void *job                   # the Job on offer; whoever exchanges it for NULL has it

cdef Worker workers[MAX_THREADS]
cdef int worker_count = 0
cdef int thread_limit = 1             # threads that a call may use, the caller included
cdef long long pool_busy = 0          # a call has the workers
cdef PyThread_type_lock pool_done = NULL    # released by the last worker to leave a job


cdef void work(Job *job, char *scratch) noexcept nogil:
    """Claim and run blocks until there are none."""
    cdef Py_ssize_t block
    while True:
        block = <Py_ssize_t> isograd_fetch_add(&job.next_block, 1)
        if block >= job.blocks:
            return
        job.function(job.context, block, scratch)


cdef void serve(Worker *me) noexcept nogil:
    """The life of a worker."""
    cdef Job *job
    cdef char *scratch
    while True:
        PyThread_acquire_lock(me.wake, WAIT_LOCK)
        isograd_exchange(&me.awake, 0)
        job = <Job *> isograd_exchange_pointer(&me.job, NULL)
        if job == NULL:
            continue
        scratch = aligned_alloc_bytes(job.scratch_bytes)
        if scratch != NULL:
            work(job, scratch)
            aligned_free_bytes(scratch)
        if isograd_fetch_add(&job.inside, -1) == 1:
            PyThread_release_lock(pool_done)


def _serve(int number):
    with nogil:
        serve(&workers[number])


cdef int run_blocks(block_function function, void *context, Py_ssize_t blocks,
                    size_t scratch_bytes, bint parallel) noexcept nogil:
    """Run all blocks, on several threads if `parallel`. Return -1 if there is no memory."""
    cdef char small[STACK_SCRATCH + ALIGNMENT]
    cdef Job job
    cdef int helpers = 0
    cdef char *scratch
    if scratch_bytes <= STACK_SCRATCH:
        scratch = <char *> ((<size_t> small + ALIGNMENT - 1) & ~(<size_t> ALIGNMENT - 1))
    else:
        scratch = aligned_alloc_bytes(scratch_bytes)
        if scratch == NULL:
            return -1
    job.function, job.context, job.blocks = function, context, blocks
    job.scratch_bytes, job.next_block = scratch_bytes, 0
    if parallel and blocks > 1:
        helpers = <int> min(min(thread_limit - 1, worker_count), blocks - 1)
    if helpers > 0 and isograd_fetch_add(&pool_busy, 1) == 0:
        work_together(&job, scratch, helpers)
        isograd_fetch_add(&pool_busy, -1)
    else:
        if helpers > 0:
            isograd_fetch_add(&pool_busy, -1)
        work(&job, scratch)
    if scratch_bytes > STACK_SCRATCH:
        aligned_free_bytes(scratch)
    return 0


cdef void work_together(Job *job, char *scratch, int helpers) noexcept nogil:
    """Offer the job to `helpers` workers, do what they leave, return when nobody is at it."""
    cdef int i
    cdef long long leaving = 1
    job.inside = helpers + 1
    for i in range(helpers):
        isograd_exchange_pointer(&workers[i].job, job)
        if isograd_exchange(&workers[i].awake, 1) == 0:
            PyThread_release_lock(workers[i].wake)
    work(job, scratch)
    for i in range(helpers):
        if isograd_exchange_pointer(&workers[i].job, NULL) != NULL:
            leaving += 1
    if isograd_fetch_add(&job.inside, -leaving) != leaving:
        PyThread_acquire_lock(pool_done, WAIT_LOCK)


def threads(n=None):
    """Return how many threads a call may use; with n, set it first.

    The results do not depend on it. The default is the number of cores this process may run on.
    """
    global thread_limit
    if n is None:
        return thread_limit
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MAX_THREADS:
        raise ValueError(f"threads: got {n!r}, wanted an int from 1 to {MAX_THREADS}")
    thread_limit = n
    return n


cdef PyThread_type_lock closed_lock() except NULL:
    """A lock that is taken, until some thread releases it to wake another one."""
    cdef PyThread_type_lock lock = PyThread_allocate_lock()
    if lock == NULL:
        raise MemoryError("threads: the system gives no lock")
    PyThread_acquire_lock(lock, WAIT_LOCK)
    return lock


def _start_workers():
    """Start the workers that are missing, as many as the system gives."""
    global worker_count, pool_done, thread_limit
    with _starting:
        if pool_done == NULL:
            pool_done = closed_lock()
        while worker_count < thread_limit - 1:
            workers[worker_count].wake = closed_lock()
            workers[worker_count].awake, workers[worker_count].job = 0, NULL
            thread = threading.Thread(target=_serve, args=(worker_count,), daemon=True,
                                      name=f"isograd-{worker_count}")
            try:
                thread.start()
            except RuntimeError:        # no more threads, or the interpreter is shutting down
                thread_limit = worker_count + 1
                return
            worker_count += 1


def _forget_workers():
    """In a forked child: the parent's threads are not here, nor is what they were doing."""
    global worker_count, pool_busy, pool_done, _starting
    worker_count, pool_busy, pool_done = 0, 0, NULL
    _starting = threading.Lock()


def _default_threads():
    try:
        return min(len(os.sched_getaffinity(0)), MAX_THREADS)
    except AttributeError:
        return min(os.cpu_count() or 1, MAX_THREADS)


_starting = threading.Lock()
