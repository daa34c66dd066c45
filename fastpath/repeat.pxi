# Loops: a program run again and again, without Python between the steps.

from cpython.exc cimport PyErr_CheckSignals

cdef enum:
    BREATH = 1024               # steps between looks at signals and other threads


def repeat(Program program, args, Py_ssize_t consts, Py_ssize_t carry, Py_ssize_t length,
           bint reverse=False, bint until=False):
    """Run a program as the body of a loop; return (*last state, *ys).

        *state, *y = program(*consts, *state, *x)        x the k-th rows of xs

    args: consts, the state to start from, xs. It goes round `length` times, `reverse` from the last
    row to the first. `until`: there are no xs, and it goes round at least once, until the result
    after the state, a bool, is false; if there are ys behind it, no more than `length` times. A
    program with Call steps is a ProgramError.
    """
    cdef _Loop loop = _Loop(program, tuple(args), consts, carry, length, until)
    cdef Py_ssize_t step = 0
    if program.wants_workers and worker_count < thread_limit - 1:
        _start_workers()
    while until or step < length:
        loop.run_step(length - 1 - step if reverse else step)
        step += 1
        if until and (not loop.rows[0].rows[0] or (step == length and loop.n_rows > 1)):
            break
        if step % BREATH == 0:
            PyErr_CheckSignals()
            with nogil:
                pass
    return loop.results(until)


cdef struct Moving:
    int source, target          # slots
    size_t nbytes, place        # of the state: in each of two buffers that it goes between
    char *rows                  # of xs and ys: the first row


@cython.final
cdef class _Loop:
    """The slots of a program whose inputs and outputs move from step to step."""

    cdef Program program
    cdef char **slots
    cdef scalar_t *scalars
    cdef Moving *state
    cdef Moving *rows           # of xs, then of ys
    cdef Py_ssize_t n_state, n_xs, n_rows
    cdef Memory buffers, arena
    cdef size_t half            # bytes of one buffer
    cdef int now                # which of them holds the state
    cdef list kept, ys          # what the slots point into

    def __cinit__(self, Program program, tuple args, Py_ssize_t consts, Py_ssize_t carry,
                  Py_ssize_t length, bint until):
        if program.has_calls:
            raise program_module.ProgramError("a loop's body runs without Python: no Call steps")
        if (len(args) != program.n_ins or consts + carry > len(args)
                or carry + until > program.n_outs or (until and len(args) > consts + carry)):
            raise program_module.ProgramError(
                f"a loop over {program.n_ins} inputs and {program.n_outs} outputs cannot have "
                f"{consts} constants, {carry} values of state and {len(args)} arguments")
        self.program, self.n_state, self.n_xs = program, carry, len(args) - consts - carry
        self.n_rows = self.n_xs + program.n_outs - carry
        self.kept, self.ys = [], []
        self.slots = <char **> PyMem_RawCalloc(program.n_slots, sizeof(char *))
        self.scalars = <scalar_t *> PyMem_RawCalloc(program.n_slots, sizeof(scalar_t))
        self.state = <Moving *> PyMem_RawCalloc(self.n_state, sizeof(Moving))
        self.rows = <Moving *> PyMem_RawCalloc(self.n_rows, sizeof(Moving))
        if not (self.slots and self.scalars and self.state and self.rows):
            raise MemoryError
        memcpy(self.slots, program.fixed, program.n_slots * sizeof(char *))
        if program.arena_bytes:
            self.arena = program._take_arena()
            for i in range(program.n_temps):
                self.slots[program.temps[i]] += <size_t> self.arena.data
        for i in range(consts + carry):
            self.kept.append(program._bind(args[i], i, self.slots, self.scalars))
        self._place_state(consts)
        self._place_rows(args, consts + carry, max(length, 1) if until else length)
        if until:
            self.rows[0].nbytes = 0         # the flag: of all steps in one place

    def __dealloc__(self):
        PyMem_RawFree(self.slots)
        PyMem_RawFree(self.scalars)
        PyMem_RawFree(self.state)
        PyMem_RawFree(self.rows)

    cdef _place_state(self, Py_ssize_t first):
        """Two buffers: a step reads its state from one and writes the next one to the other."""
        cdef Py_ssize_t i
        cdef Moving *part
        for i in range(self.n_state):
            part = &self.state[i]
            part.source = self.program.ins[first + i].slot
            part.target = self.program.outs[i].slot
            into, out = self.program.slots[part.source], self.program.slots[part.target]
            if (into.dtype, into.shape, into.strides) != (out.dtype, out.shape, None):
                raise program_module.ProgramError(f"the state changes its type: {into}, {out}")
            part.nbytes, part.place = into.nbytes, self.half
            self.half += align_up(part.nbytes, ALIGNMENT)
        self.buffers = new_memory(2 * self.half + ALIGNMENT)
        for i in range(self.n_state):
            part = &self.state[i]
            memcpy(self.buffers.data + part.place, self.slots[part.source], part.nbytes)

    cdef _place_rows(self, tuple args, Py_ssize_t first, Py_ssize_t length):
        cdef Py_ssize_t i
        cdef Moving *part
        for i in range(self.n_rows):
            part = &self.rows[i]
            if i < self.n_xs:
                part.source = self.program.ins[first + i].slot
                slot = self.program.slots[part.source]
                array = np.ascontiguousarray(args[first + i], slot.dtype)
                if array.shape != (length, *slot.shape):
                    raise ValueError(f"the rows of a loop: got shape {array.shape}, wanted "
                                     f"{(length, *slot.shape)}")
                self.kept.append(array)
            else:
                part.source = self.program.outs[self.n_state + i - self.n_xs].slot
                slot = self.program.slots[part.source]
                array = np.empty((length, *slot.shape), slot.dtype)
                self.ys.append(array)
            part.nbytes, part.rows = slot.nbytes, <char *> cnp.PyArray_DATA(array)

    cdef int run_step(self, Py_ssize_t k) except -1:
        cdef char *old = self.buffers.data + self.now * self.half
        cdef char *new = self.buffers.data + (1 - self.now) * self.half
        cdef Py_ssize_t i
        for i in range(self.n_state):
            self.slots[self.state[i].source] = old + self.state[i].place
            self.slots[self.state[i].target] = new + self.state[i].place
        for i in range(self.n_rows):
            self.slots[self.rows[i].source] = self.rows[i].rows + k * self.rows[i].nbytes
        for i in range(self.program.n_stretches):
            run_stretch(self.program.steps_c, &self.program.stretches[i], self.slots)
        self.now = 1 - self.now
        return 0

    cdef tuple results(self, bint until):
        """The state as arrays of its own, and ys without the flag."""
        cdef char *state = self.buffers.data + self.now * self.half
        cdef OutputC *out
        cdef cnp.ndarray array
        cdef Py_ssize_t i
        found = []
        for i in range(self.n_state):
            out, dtype = &self.program.outs[i], self.program.output_dtypes[i]
            if out.ndim == 0:
                found.append(PyArray_Scalar(state + self.state[i].place, dtype, None))
                continue
            array = new_output(dtype, out.ndim, out.shape, out.nbytes)
            memcpy(cnp.PyArray_DATA(array), state + self.state[i].place, out.nbytes)
            found.append(array)
        if self.arena is not None:
            self.program._give_arena(self.arena)
        return (*found, *self.ys[1 if until else 0:])
