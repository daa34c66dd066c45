# Programs: how a call's arrays become slots, and slots become results.

from cpython.ref cimport Py_REFCNT

cdef enum:
    FEW = 24                    # slots of a program that needs no allocation for them
    SCALAR_BYTES = 16           # room for a number: the longest is complex128

ctypedef int64_t[2] scalar_t

cdef struct InputC:
    int slot, type_num, ndim, contiguous
    cnp.npy_intp shape[MAX_DIMS]
    cnp.npy_intp strides[MAX_DIMS]

cdef struct OutputC:
    int slot, ndim
    bint number                 # 0-d: computed in place, handed out as a NumPy scalar
    size_t nbytes
    cnp.npy_intp shape[MAX_DIMS]

cdef struct StepC:
    LoopC *loop                 # one of these, or none for a Call
    GemmC *gemm
    RandomC *random

cdef struct Stretch:
    int first, end              # steps
    bint release, products      # whether to run without the GIL; whether there are products


@cython.final
cdef class Program:
    """A checked program: `program.run(leaves)` takes one array or number for each input slot.

    An input of another dtype or shape is a TypeError or ValueError; one that is not aligned, in
    native byte order and of the expected strides is copied. Results are fresh C-contiguous arrays,
    0-d results NumPy scalars. `calls` counts the Call steps that ran.
    """

    cdef readonly tuple slots, steps, inputs, outputs
    cdef readonly size_t arena_bytes
    cdef readonly long long calls
    cdef tuple compiled, output_dtypes, input_types
    cdef InputC *ins
    cdef OutputC *outs
    cdef StepC *steps_c
    cdef Stretch *stretches
    cdef char **fixed           # for each slot: address of a constant, or offset in the arena
    cdef int *temps
    cdef int n_slots, n_ins, n_outs, n_temps, n_stretches
    cdef readonly bint has_calls
    cdef bint wants_workers
    cdef Memory arena           # None while a call has it

    def __cinit__(self, slots, steps, inputs, outputs, arena_bytes=0):
        self.slots, self.steps = tuple(slots), tuple(steps)
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        program_module.check_program(self.slots, self.steps, self.inputs, self.outputs, arena_bytes)
        self.arena_bytes = arena_bytes
        self.n_slots, self.n_ins = len(self.slots), len(self.inputs)
        self.n_outs = len(self.outputs)
        self.ins = <InputC *> PyMem_RawCalloc(self.n_ins, sizeof(InputC))
        self.outs = <OutputC *> PyMem_RawCalloc(self.n_outs, sizeof(OutputC))
        self.steps_c = <StepC *> PyMem_RawCalloc(len(self.steps), sizeof(StepC))
        self.stretches = <Stretch *> PyMem_RawCalloc(len(self.steps), sizeof(Stretch))
        self.fixed = <char **> PyMem_RawCalloc(self.n_slots, sizeof(char *))
        self.temps = <int *> PyMem_RawCalloc(self.n_slots, sizeof(int))
        if not (self.ins and self.outs and self.steps_c and self.stretches and self.fixed
                and self.temps):
            raise MemoryError
        self.has_calls = any([isinstance(s, program_module.Call) for s in self.steps])
        self._plan_slots()
        self._plan_steps()

    def __dealloc__(self):
        PyMem_RawFree(self.ins)
        PyMem_RawFree(self.outs)
        PyMem_RawFree(self.steps_c)
        PyMem_RawFree(self.stretches)
        PyMem_RawFree(self.fixed)
        PyMem_RawFree(self.temps)

    cdef _plan_slots(self):
        cdef cnp.ndarray constant
        for i, number in enumerate(self.inputs):
            plan_input(&self.ins[i], number, self.slots[number])
        for i, number in enumerate(self.outputs):
            plan_output(&self.outs[i], number, self.slots[number], self.has_calls)
        self.output_dtypes = tuple([self.slots[n].dtype for n in self.outputs])
        self.input_types = tuple([
            self.slots[n].dtype.type if is_scalar(self.slots[n]) and not self.has_calls else None
            for i, n in enumerate(self.inputs)])
        for i, slot in enumerate(self.slots):
            if slot.kind == "const":
                constant = slot.array
                self.fixed[i] = <char *> cnp.PyArray_DATA(constant)
            elif slot.kind == "temp":
                self.fixed[i] = <char *> <size_t> slot.offset
                self.temps[self.n_temps] = <int> i
                self.n_temps += 1

    cdef _plan_steps(self):
        """Compile the steps, and join those between Calls in stretches."""
        cdef StepC *step
        cdef Stretch *stretch = NULL
        cdef Py_ssize_t i
        self.compiled = tuple([compile_step(s, self.slots) for s in self.steps])
        work = 0
        for i in range(len(self.compiled)):
            step = &self.steps_c[i]
            compiled = self.compiled[i]
            if type(compiled) is LoopStep:
                step.loop = &(<LoopStep> compiled).c
                work += step.loop.work
                self.wants_workers |= step.loop.parallel
            elif type(compiled) is GemmStep:
                step.gemm = &(<GemmStep> compiled).c
                work += step.gemm.work
                self.wants_workers |= step.gemm.parallel
            elif type(compiled) is RandomStep:
                step.random = &(<RandomStep> compiled).c
                work += step.random.work
                self.wants_workers |= step.random.parallel
            if type(compiled) is CallStep or stretch == NULL:
                stretch = &self.stretches[self.n_stretches]
                stretch.first = <int> i
                self.n_stretches += 1
            stretch.end = <int> i + 1
            stretch.products |= step.gemm != NULL
            stretch.release = work >= RELEASE
            if type(compiled) is CallStep:
                stretch, work = NULL, 0

    def __call__(self, *leaves):
        return self.run(leaves)

    cpdef list run(self, leaves):
        """Run on a list or tuple of inputs; return the list of results."""
        cdef char *few[FEW]
        cdef scalar_t few_scalars[FEW]
        cdef char **slots = few
        cdef scalar_t *scalars = few_scalars
        cdef tuple args = leaves if type(leaves) is tuple else tuple(leaves)
        if len(args) != self.n_ins:
            raise TypeError(f"the program takes {self.n_ins} inputs, got {len(args)}")
        if self.wants_workers and worker_count < thread_limit - 1:
            _start_workers()
        if self.n_slots <= FEW:
            return self._run(args, slots, scalars)
        scalars = <scalar_t *> PyMem_RawMalloc(self.n_slots * (sizeof(char *) + sizeof(scalar_t)))
        if scalars == NULL:
            raise MemoryError
        slots = <char **> (scalars + self.n_slots)
        try:
            return self._run(args, slots, scalars)
        finally:
            PyMem_RawFree(scalars)

    cdef list _run(self, tuple leaves, char **slots, scalar_t *scalars):
        cdef list kept = None
        cdef list results = []
        cdef Memory arena = None
        cdef cnp.ndarray array
        cdef int i
        memcpy(slots, self.fixed, self.n_slots * sizeof(char *))
        for i in range(self.n_ins):
            x = self._bind(leaves[i], i, slots, scalars)
            if x is not leaves[i]:
                kept = list(leaves) if kept is None else kept
                kept[i] = x
        for i in range(self.n_outs):
            if self.outs[i].number:
                slots[self.outs[i].slot] = <char *> &scalars[self.outs[i].slot]
                results.append(None)
                continue
            array = new_output(self.output_dtypes[i], self.outs[i].ndim, self.outs[i].shape,
                               self.outs[i].nbytes)
            slots[self.outs[i].slot] = <char *> cnp.PyArray_DATA(array)
            results.append(array)
        if self.arena_bytes:
            arena = self._take_arena()
            for i in range(self.n_temps):
                slots[self.temps[i]] += <size_t> arena.data
        try:
            if self.has_calls:
                self._run_with_calls(slots, kept or leaves, results, arena)
            else:
                for i in range(self.n_stretches):
                    run_stretch(self.steps_c, &self.stretches[i], slots)
        finally:
            if self.arena_bytes:
                self._give_arena(arena)
        for i in range(self.n_outs):
            if self.outs[i].number:
                results[i] = PyArray_Scalar(slots[self.outs[i].slot], self.output_dtypes[i], None)
            elif self.outs[i].ndim == 0:
                results[i] = results[i][()]
        return results

    cdef inline object _bind(self, object x, int i, char **slots, scalar_t *scalars):
        """Point the slot of an input at a value; return the value, converted where it must be."""
        cdef int slot = self.ins[i].slot
        if type(x) is cnp.ndarray and fits(<cnp.ndarray> x, &self.ins[i]):
            slots[slot] = <char *> cnp.PyArray_DATA(<cnp.ndarray> x)
        elif self._is_number(x, i, &scalars[slot]):
            slots[slot] = <char *> &scalars[slot]
        else:
            x = self._converted(x, i)
            slots[slot] = <char *> cnp.PyArray_DATA(<cnp.ndarray> x)
        return x

    cdef _run_with_calls(self, char **slots, leaves, list results, Memory arena):
        """Each view that a Call is given keeps the memory it looks at alive."""
        cdef int i
        owners = [slot.array if slot.kind == "const" else arena for slot in self.slots]
        for numbers, arrays in ((self.inputs, leaves), (self.outputs, results)):
            for number, array in zip(numbers, arrays):
                owners[number] = array
        for i in range(self.n_stretches):
            step = self.compiled[self.stretches[i].first]
            if type(step) is CallStep:
                self.calls += 1
                (<CallStep> step).run(slots, owners)
            else:
                run_stretch(self.steps_c, &self.stretches[i], slots)

    cdef Memory _take_arena(self):
        """The program's arena; another one if a call has it already."""
        cdef Memory arena = self.arena
        self.arena = None
        return new_memory(self.arena_bytes) if arena is None else arena

    cdef _give_arena(self, Memory arena):
        """Keep the arena for the next call, unless a view of it is still around."""
        if not self.has_calls or Py_REFCNT(arena) == 1:
            self.arena = arena

    cdef inline bint _is_number(self, object x, int i, scalar_t *place) except -1:
        """Write a Python float or a NumPy scalar of the wanted dtype; False for anything else."""
        wanted = self.input_types[i]
        if wanted is None:
            return False
        if type(x) is float and self.ins[i].type_num == cnp.NPY_DOUBLE:
            (<double *> place)[0] = x
            return True
        if type(x) is wanted:
            cnp.PyArray_ScalarAsCtype(x, place)
            return True
        return False

    cdef cnp.ndarray _converted(self, object x, int i):
        """An array with the dtype, shape and layout that the program was compiled for."""
        slot = self.slots[self.ins[i].slot]
        array = _as_array(x, slot.dtype, i)
        if array.dtype.newbyteorder("=") != slot.dtype:
            raise TypeError(f"input {i}: got {array.dtype}, wanted {slot.dtype}")
        if array.shape != slot.shape:
            raise ValueError(f"input {i}: got shape {array.shape}, wanted {slot.shape}")
        array = np.asarray(array, slot.dtype, order="C")
        if not array.flags.c_contiguous or not array.flags.aligned:
            array = array.copy(order="C")
        if slot.strides is None or 0 in slot.shape:
            return array
        return _with_strides(array, slot.strides)


cdef int run_stretch(StepC *steps, Stretch *stretch, char **slots) except -1:
    cdef int status
    if stretch.products:
        enter_blas()
    if stretch.release:
        with nogil:
            status = run_steps(steps, stretch.first, stretch.end, slots)
    else:
        status = run_steps(steps, stretch.first, stretch.end, slots)
    if stretch.products:
        leave_blas()
    if status < 0:
        raise MemoryError("no memory for the scratch of a step")
    return 0


cdef int run_steps(StepC *steps, int first, int end, char **slots) noexcept nogil:
    cdef int i, status = 0
    for i in range(first, end):
        if steps[i].loop != NULL:
            status = run_loop(steps[i].loop, slots)
        elif steps[i].gemm != NULL:
            status = run_gemm(steps[i].gemm, slots)
        else:
            status = run_random(steps[i].random, slots)
        if status < 0:
            break
    return status


cdef object compile_step(step, slots):
    if isinstance(step, program_module.Loop):
        return LoopStep(step, slots)
    if isinstance(step, program_module.Gemm):
        return GemmStep(step)
    if isinstance(step, program_module.Random):
        return RandomStep(step)
    return CallStep(step, slots)


# ---- inputs and outputs ----

cdef int plan_input(InputC *c, int number, slot) except -1:
    c.slot, c.type_num, c.ndim = number, slot.dtype.num, len(slot.shape)
    strides = slot.strides or program_module.c_strides(slot.shape, slot.dtype.itemsize)
    c.contiguous = slot.strides is None
    for d in range(len(slot.shape)):
        c.shape[d], c.strides[d] = slot.shape[d], strides[d]
    return 0


cdef bint is_scalar(slot):
    """Whether a slot is one number that fits in a scalar_t."""
    return slot.shape == () and slot.nbytes <= SCALAR_BYTES and slot.dtype.alignment <= 8


cdef int plan_output(OutputC *c, int number, slot, bint has_calls) except -1:
    c.slot, c.ndim, c.nbytes = number, len(slot.shape), slot.nbytes
    c.number = is_scalar(slot) and not has_calls
    for d in range(len(slot.shape)):
        c.shape[d] = slot.shape[d]
    return 0


cdef inline bint fits(cnp.ndarray x, InputC *want) noexcept:
    """Whether an array has the dtype, shape and layout that the program was compiled for."""
    cdef int d
    if (cnp.PyArray_TYPE(x) != want.type_num or cnp.PyArray_NDIM(x) != want.ndim
            or not cnp.PyArray_ISBEHAVED_RO(x)):
        return False
    for d in range(want.ndim):
        if cnp.PyArray_DIMS(x)[d] != want.shape[d]:
            return False
    if want.contiguous:
        return cnp.PyArray_IS_C_CONTIGUOUS(x)
    for d in range(want.ndim):
        if want.shape[d] != 1 and cnp.PyArray_STRIDES(x)[d] != want.strides[d]:
            return False
    return True


def _as_array(x, dtype, i):
    """Python numbers take the dtype of the input; floats do not become ints."""
    if type(x) not in (bool, int, float):
        return np.asarray(x)
    if type(x) is float and dtype.kind not in "fc" or type(x) is int and dtype.kind == "b":
        raise TypeError(f"input {i}: got a Python {type(x).__name__}, wanted {dtype}")
    try:
        return np.asarray(x, dtype)
    except OverflowError:
        raise OverflowError(f"input {i}: got a Python {type(x).__name__} that does not fit "
                            f"{dtype}; pass a float, or an array") from None


def _with_strides(array, strides):
    """A copy of an array whose layout has exactly these strides."""
    low, high = program_module.extent(array.shape, strides, array.dtype.itemsize)
    memory = np.zeros(high - low, np.uint8)
    view = np.ndarray(array.shape, array.dtype, memory, -low, strides)
    view[...] = array
    return view
