# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The engine: runs the programs of program.py on raw memory, without the GIL.

Parts: threads.pxi (who works), pool.pxi (memory), loop.pxi (the tile machine), gemm.pxi (products),
callcache.pxi (how a call finds its program).
"""

cimport cython
cimport numpy as cnp
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_GetItem
from cpython.object cimport PyObject, PyTypeObject
from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy

import importlib
import itertools
import math
import os
import threading

import numpy as np

from . import blas_threads, program as program_module, table

cnp.import_array()
cnp.import_ufunc()

cdef extern from "numpy/arrayobject.h":
    object PyArray_NewFromDescr(PyTypeObject *subtype, object descr, int ndim, cnp.npy_intp *dims,
                                cnp.npy_intp *strides, void *data, int flags, PyObject *obj)
    object PyArray_Empty(int ndim, cnp.npy_intp *dims, object descr, int fortran)
    object PyArray_Return(cnp.ndarray)
    bint PyArray_ISBEHAVED_RO(cnp.ndarray)
    bint PyTypeNum_ISNUMBER(int)

cdef extern from *:
    """
    /* Which x86-64 levels this processor has: 2, 3, 4, or 0 where the question has no meaning. */
    #if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
    static int isograd_x86_level(void) {
        __builtin_cpu_init();
        if (!__builtin_cpu_supports("sse4.2")) return 1;
        if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
              && __builtin_cpu_supports("bmi2"))) return 2;
        if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
              && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
              && __builtin_cpu_supports("avx512vl"))) return 3;
        return 4;
    }
    #elif defined(_M_X64)
    #include <intrin.h>
    static int isograd_x86_level(void) {
        int r[4];
        __cpuid(r, 1);
        int osxsave = (r[2] >> 27) & 1;
        if (!osxsave || (_xgetbv(0) & 6) != 6) return 2;
        __cpuidex(r, 7, 0);
        if (!((r[1] >> 5) & 1)) return 2;
        return ((r[1] >> 16) & 1) && (_xgetbv(0) & 0xe6) == 0xe6 ? 4 : 3;
    }
    #else
    static int isograd_x86_level(void) { return 0; }
    #endif
    """
    int isograd_x86_level()


# ---- the compiled loops ----

def available_isas():
    """The instruction sets that this build has and this processor runs, slowest first."""
    level = isograd_x86_level()
    if level == 0:
        return ("base",)
    return tuple(f"v{k}" for k in range(2, level + 1))


def _choose_isa():
    isas = available_isas()
    wanted = os.environ.get("ISOGRAD_ISA")
    if wanted is None:
        return isas[len(isas) - 1]
    if wanted not in isas:
        raise ImportError(f"ISOGRAD_ISA={wanted!r}: this machine runs {', '.join(isas)}")
    return wanted


isa = _choose_isa()
_addresses = importlib.import_module(f".loops_{isa}", __package__).addresses()


cdef void *address_of(name, types) except NULL:
    """The compiled loop of an operation."""
    return <void *> <size_t> _addresses[(name, types)]


cdef int find_ufunc_loop(object ufunc, str types, void **loop, void **data) except -1:
    """NumPy's own inner loop of a ufunc for exactly these operand and result types."""
    cdef cnp.ufunc u = ufunc
    available = ufunc.types
    cdef int i, width = u.nargs
    for i in range(len(available)):
        if available[i].replace("->", "") == types:
            loop[0], data[0] = <void *> u.functions[i], u.data[i]
            if loop[0] == NULL:
                break
            return 0
    raise program_module.ProgramError(f"{ufunc.__name__} has no inner loop for {types!r}")


def has_ufunc_loop(ufunc, types):
    """Whether a "ufunc" instruction can run for these type characters, operands then result."""
    cdef void *loop
    cdef void *data
    try:
        find_ufunc_loop(ufunc, types, &loop, &data)
    except program_module.ProgramError:
        return False
    return True


include "pool.pxi"
include "threads.pxi"
include "loop.pxi"
include "gemm.pxi"


# ---- programs ----

@cython.final
cdef class CallStep:
    """One Call: runs Python on views of the slots."""

    cdef object function, ins, outs

    def __init__(self, call, slots):
        self.function = call.function
        self.ins = [(v.slot, v.offset, v.shape, v.strides, slots[v.slot].dtype) for v in call.ins]
        self.outs = call.outs

    cdef run(self, char **slots, object shapes):
        views = [view_of(slots[n] + <Py_ssize_t> offset, shape, strides, dtype)
                 for n, offset, shape, strides, dtype in self.ins]
        results = self.function(*views)
        if not isinstance(results, (tuple, list)):
            results = (results,)
        for number, result in zip(self.outs, results, strict=True):
            slot = shapes[number]
            array = np.asarray(result)
            if array.shape != slot.shape or array.dtype != slot.dtype:
                raise program_module.ProgramError(
                    f"a called function returned {array.dtype}{array.shape}, "
                    f"wanted {slot.dtype}{slot.shape}")
            strides = program_module.c_strides(slot.shape, slot.dtype.itemsize)
            target = view_of(slots[<Py_ssize_t> number], slot.shape, strides, slot.dtype, True)
            target[...] = array


cdef object view_of(char *data, tuple shape, tuple strides, object dtype, bint writeable=False):
    """An ndarray over memory of a running program; it must not outlive the call."""
    cdef cnp.npy_intp dims[MAX_DIMS]
    cdef cnp.npy_intp steps[MAX_DIMS]
    cdef int i
    for i in range(len(shape)):
        dims[i], steps[i] = shape[i], strides[i]
    Py_INCREF(dtype)
    return PyArray_NewFromDescr(<PyTypeObject *> cnp.ndarray, dtype, <int> len(shape), dims, steps,
                                data, cnp.NPY_ARRAY_WRITEABLE if writeable else 0, NULL)


cdef struct InputC:
    int slot, type_num, ndim, contiguous
    cnp.npy_intp shape[MAX_DIMS]
    cnp.npy_intp strides[MAX_DIMS]

cdef struct OutputC:
    int slot, ndim
    size_t nbytes
    cnp.npy_intp shape[MAX_DIMS]


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
    cdef tuple compiled
    cdef tuple output_dtypes
    cdef InputC *ins
    cdef OutputC *outs
    cdef int n_slots, n_ins, n_outs
    cdef bint has_calls, heavy
    cdef char *arena
    cdef bint arena_in_use

    def __cinit__(self, slots, steps, inputs, outputs, arena_bytes=0):
        self.ins = <InputC *> PyMem_RawMalloc(max(1, len(inputs)) * sizeof(InputC))
        self.outs = <OutputC *> PyMem_RawMalloc(max(1, len(outputs)) * sizeof(OutputC))
        if self.ins == NULL or self.outs == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_RawFree(self.ins)
        PyMem_RawFree(self.outs)
        aligned_free_bytes(self.arena)

    def __init__(self, slots, steps, inputs, outputs, arena_bytes=0):
        self.slots, self.steps = tuple(slots), tuple(steps)
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        self.arena_bytes = arena_bytes
        program_module.check_program(self.slots, self.steps, self.inputs, self.outputs, arena_bytes)
        self.n_slots, self.n_ins, self.n_outs = len(self.slots), len(inputs), len(outputs)
        for i, number in enumerate(self.inputs):
            _plan_input(&self.ins[i], number, self.slots[number])
        for i, number in enumerate(self.outputs):
            slot = self.slots[number]
            self.outs[i].slot, self.outs[i].ndim = number, len(slot.shape)
            self.outs[i].nbytes = slot.nbytes
            for d in range(len(slot.shape)):
                self.outs[i].shape[d] = slot.shape[d]
        self.output_dtypes = tuple(self.slots[n].dtype for n in self.outputs)
        self.compiled = tuple(_compile_step(step, self.slots) for step in self.steps)
        self.has_calls = any(isinstance(step, CallStep) for step in self.compiled)
        self.heavy = any(_is_heavy(step) for step in self.compiled)

    def __call__(self, *leaves):
        return self.run(leaves)

    cpdef list run(self, leaves):
        """Run on a list or tuple of inputs; return the list of results."""
        cdef char *few[32]
        cdef int64_t few_scalars[32]
        cdef char **slots = few
        cdef int64_t *scalars = few_scalars
        if len(leaves) != self.n_ins:
            raise TypeError(f"the program takes {self.n_ins} inputs, got {len(leaves)}")
        cdef bint many = self.n_slots > 32
        if many:
            slots = <char **> PyMem_RawMalloc(self.n_slots * (sizeof(char *) + sizeof(int64_t)))
            if slots == NULL:
                raise MemoryError
            scalars = <int64_t *> (slots + self.n_slots)
        try:
            return self._run(leaves, slots, scalars)
        finally:
            if many:
                PyMem_RawFree(slots)

    cdef list _run(self, leaves, char **slots, int64_t *scalars):
        cdef list kept = []
        cdef list results = []
        cdef char *arena = NULL
        cdef int i
        for i in range(self.n_ins):
            slots[self.ins[i].slot] = self._input(leaves[i], i, &scalars[i], kept)
        for i in range(self.n_outs):
            array = new_output(self.output_dtypes[i], self.outs[i].ndim, self.outs[i].shape,
                               self.outs[i].nbytes)
            slots[self.outs[i].slot] = <char *> cnp.PyArray_DATA(<cnp.ndarray> array)
            results.append(array)
        arena = self._take_arena()
        try:
            self._fill_slots(slots, arena)
            self._run_steps(slots)
        finally:
            self._give_arena(arena)
        for i in range(self.n_outs):
            if self.outs[i].ndim == 0:
                array = results[i]
                results[i] = array[()]
        return results

    cdef char *_take_arena(self) except? NULL:
        cdef char *arena
        if self.arena_bytes == 0:
            return NULL
        if not self.arena_in_use:
            self.arena_in_use = True
            if self.arena == NULL:
                self.arena = aligned_alloc_bytes(self.arena_bytes)
            if self.arena != NULL:
                return self.arena
            self.arena_in_use = False
        arena = aligned_alloc_bytes(self.arena_bytes)
        if arena == NULL:
            raise MemoryError(f"no memory for {self.arena_bytes} bytes of temporaries")
        return arena

    cdef void _give_arena(self, char *arena) noexcept:
        if arena == NULL:
            return
        if arena == self.arena:
            self.arena_in_use = False
        else:
            aligned_free_bytes(arena)

    cdef int _fill_slots(self, char **slots, char *arena) except -1:
        cdef int i
        for i in range(self.n_slots):
            slot = self.slots[i]
            kind = slot.kind
            if kind == "temp":
                slots[i] = arena + <Py_ssize_t> slot.offset
            elif kind == "const":
                slots[i] = <char *> cnp.PyArray_DATA(<cnp.ndarray> slot.array)
        return 0

    cdef int _run_steps(self, char **slots) except -1:
        cdef int status = 0
        for step in self.compiled:
            if type(step) is LoopStep:
                if self.heavy:
                    with nogil:
                        status = (<LoopStep> step).run(slots)
                else:
                    status = (<LoopStep> step).run(slots)
            elif type(step) is GemmStep:
                with nogil:
                    status = (<GemmStep> step).run(slots)
            else:
                self.calls += 1
                (<CallStep> step).run(slots, self.slots)
            if status < 0:
                raise MemoryError("no memory for the scratch of a step")
        return 0

    cdef char *_input(self, object x, int i, int64_t *scalar, list kept) except NULL:
        """The memory of an input, copied first if its layout is not the one compiled for."""
        cdef InputC *want = &self.ins[i]
        cdef cnp.ndarray array
        if type(x) is float and want.type_num == cnp.NPY_DOUBLE and want.ndim == 0:
            (<double *> scalar)[0] = x
            return <char *> scalar
        if type(x) is cnp.ndarray and _fits(<cnp.ndarray> x, want):
            return <char *> cnp.PyArray_DATA(<cnp.ndarray> x)
        array = self._converted(x, i)
        kept.append(array)
        return <char *> cnp.PyArray_DATA(array)

    cdef cnp.ndarray _converted(self, object x, int i):
        slot = self.slots[self.ins[i].slot]
        if type(x) in (bool, int, float):
            x = np.asarray(x, slot.dtype)
        array = np.asarray(x)
        if array.dtype.newbyteorder("=") != slot.dtype:
            raise TypeError(f"input {i}: got {array.dtype}, wanted {slot.dtype}")
        if array.shape != slot.shape:
            raise ValueError(f"input {i}: got shape {array.shape}, wanted {slot.shape}")
        array = np.asarray(array, slot.dtype, order="C")
        if not array.flags.c_contiguous or not array.flags.aligned:
            array = array.copy(order="C")
        if slot.strides is None or math.prod(slot.shape) == 0:
            return array
        return _with_strides(array, slot.strides)


cdef int _plan_input(InputC *c, int number, slot) except -1:
    c.slot, c.type_num, c.ndim = number, slot.dtype.num, len(slot.shape)
    strides = slot.strides or program_module.c_strides(slot.shape, slot.dtype.itemsize)
    c.contiguous = slot.strides is None
    for d in range(len(slot.shape)):
        c.shape[d], c.strides[d] = slot.shape[d], strides[d]
    return 0


cdef inline bint _fits(cnp.ndarray x, InputC *want) noexcept:
    """Whether an array has the dtype, shape and layout that the program was compiled for."""
    cdef int d
    if (cnp.PyArray_TYPE(x) != want.type_num or cnp.PyArray_NDIM(x) != want.ndim
            or not PyArray_ISBEHAVED_RO(x)):
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


def _with_strides(array, strides):
    """A copy of an array whose layout has exactly these strides."""
    low, high = program_module.extent(array.shape, strides, array.dtype.itemsize)
    memory = np.zeros(ceil_div(high - low, array.dtype.itemsize), array.dtype)
    view = np.ndarray(array.shape, array.dtype, memory, -low, strides)
    view[...] = array
    return view


cdef object _compile_step(step, slots):
    if isinstance(step, program_module.Loop):
        return LoopStep(step, slots)
    if isinstance(step, program_module.Gemm):
        return GemmStep(step)
    return CallStep(step, slots)


cdef bint _is_heavy(step):
    return type(step) is GemmStep or (type(step) is LoopStep and (<LoopStep> step).c.parallel)


include "callcache.pxi"

threads(_default_threads())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_workers)
