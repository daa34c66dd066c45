# Threads that claim blocks of work and never spin.
#
# Workers are Python daemon threads that sleep on a lock of their own. A call with many blocks wakes
# some of them, takes part itself, and waits on a lock until the last worker is done. Which thread
# runs a block never matters for the result.

cdef extern from "pythread.h" nogil:
    ctypedef void *PyThread_type_lock
    PyThread_type_lock PyThread_allocate_lock()
    void PyThread_free_lock(PyThread_type_lock)
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
    #else
    static long long isograd_fetch_add(long long volatile *p, long long d) {
        return __atomic_fetch_add(p, d, __ATOMIC_ACQ_REL);
    }
    #endif
    """
    long long isograd_fetch_add(long long *p, long long d) nogil

ctypedef void (*block_function)(void *context, Py_ssize_t block, char *scratch) noexcept nogil

cdef enum:
    MAX_WORKERS = 256

cdef struct Job:
    block_function function
    void *context
    Py_ssize_t blocks
    size_t scratch_bytes
    long long next_block
    long long unfinished      # workers that have not left the job yet
    long long failed          # a worker had no memory for its scratch
    PyThread_type_lock done

cdef struct Worker:
    PyThread_type_lock wake
    Job *job

cdef Worker workers[MAX_WORKERS]
cdef int worker_count = 0             # started threads
cdef int thread_limit = 1             # threads that one call may use, the caller included
cdef long long pool_busy = 0          # a call owns the workers


cdef void work(Job *job, char *scratch) noexcept nogil:
    """Claim and run blocks until there are none."""
    cdef Py_ssize_t block
    while True:
        block = isograd_fetch_add(&job.next_block, 1)
        if block >= job.blocks:
            return
        job.function(job.context, block, scratch)


cdef void serve(Worker *me) noexcept nogil:
    """The life of a worker."""
    cdef Job *job
    cdef char *scratch
    while True:
        PyThread_acquire_lock(me.wake, WAIT_LOCK)
        job = me.job
        scratch = aligned_alloc_bytes(job.scratch_bytes)
        if scratch == NULL:
            isograd_fetch_add(&job.failed, 1)
        else:
            work(job, scratch)
            aligned_free_bytes(scratch)
        if isograd_fetch_add(&job.unfinished, -1) == 1:
            PyThread_release_lock(job.done)


def _serve(int number):
    with nogil:
        serve(&workers[number])


cdef int run_blocks(block_function function, void *context, Py_ssize_t blocks,
                    size_t scratch_bytes, bint parallel) noexcept nogil:
    """Run all blocks, on several threads if `parallel`. Return -1 if there is no memory."""
    cdef Job job
    cdef int helpers = 0, i
    cdef char *scratch = aligned_alloc_bytes(scratch_bytes)
    if scratch == NULL:
        return -1
    job.function, job.context, job.blocks = function, context, blocks
    job.scratch_bytes, job.next_block, job.failed = scratch_bytes, 0, 0
    if parallel and blocks > 1:
        helpers = min(thread_limit - 1, worker_count, blocks - 1)
    if helpers > 0 and isograd_fetch_add(&pool_busy, 1) != 0:
        isograd_fetch_add(&pool_busy, -1)     # another call has the workers: do it alone
        helpers = 0
    if helpers <= 0:
        work(&job, scratch)
        aligned_free_bytes(scratch)
        return 0
    job.unfinished = helpers
    job.done = PyThread_allocate_lock()
    if job.done == NULL:
        helpers = 0
    else:
        PyThread_acquire_lock(job.done, WAIT_LOCK)
        for i in range(helpers):
            workers[i].job = &job
            PyThread_release_lock(workers[i].wake)
    work(&job, scratch)
    if helpers:
        PyThread_acquire_lock(job.done, WAIT_LOCK)
        PyThread_release_lock(job.done)
        PyThread_free_lock(job.done)
    isograd_fetch_add(&pool_busy, -1)
    aligned_free_bytes(scratch)
    return 0


def threads(n=None):
    """Return how many threads a call may use; with n, set it first.

    The results do not depend on it. The default is the number of cores this process may run on.
    """
    global thread_limit
    if n is None:
        return thread_limit
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MAX_WORKERS:
        raise ValueError(f"threads: got {n!r}, wanted an int from 1 to {MAX_WORKERS}")
    _start_workers(n - 1)
    thread_limit = n
    return n


def _start_workers(int wanted):
    global worker_count
    while worker_count < wanted:
        workers[worker_count].wake = PyThread_allocate_lock()
        if workers[worker_count].wake == NULL:
            raise MemoryError("threads: no lock for another worker")
        PyThread_acquire_lock(workers[worker_count].wake, WAIT_LOCK)
        threading.Thread(target=_serve, args=(worker_count,), daemon=True,
                         name=f"isograd-{worker_count}").start()
        worker_count += 1


def _forget_workers():
    """After a fork: the threads are gone, and so is whatever they were doing."""
    global worker_count, pool_busy
    worker_count = 0
    pool_busy = 0
    _start_workers(thread_limit - 1)


def _default_threads():
    try:
        return min(len(os.sched_getaffinity(0)), MAX_WORKERS)
    except AttributeError:
        return min(os.cpu_count() or 1, MAX_WORKERS)
