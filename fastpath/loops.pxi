# The compiled loops of one instruction set. Each loops_*.pyx includes this file; the flags it is
# compiled with make the difference.

cdef extern from "loops_generated.h" nogil:
    ctypedef struct isograd_loop:
        const char *name
        const char *types
        void *loop
    isograd_loop isograd_loops[]
    enum: isograd_loop_count

cdef extern from "counter.h" nogil:
    ctypedef struct isograd_counter_row:
        const char *form
        void *loop
    isograd_counter_row isograd_counter_loops[]
    enum: isograd_counter_loop_count


def addresses():
    """Return {(name, operand types): address} of every compiled loop; random ones by their form."""
    cdef Py_ssize_t i
    found = {(isograd_loops[i].name.decode(), isograd_loops[i].types.decode()):
             <size_t> isograd_loops[i].loop for i in range(isograd_loop_count)}
    for i in range(isograd_counter_loop_count):
        found["random", isograd_counter_loops[i].form.decode()] = (
            <size_t> isograd_counter_loops[i].loop)
    return found
