# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The engine: runs the programs of program.py on raw memory, without the GIL.

Parts: pool.pxi (memory), threads.pxi (who works), loop.pxi and tile.pxi (the tile machine: planning
and running), gemm.pxi (products), random.pxi (random numbers), calls.pxi (Python functions),
run.pxi (Program), repeat.pxi (loops of programs), callcache.pxi (how a call finds its program).
"""

cimport cython
cimport numpy as cnp
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.object cimport PyObject, PyTypeObject
from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer
from cpython.ref cimport Py_INCREF
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

import importlib
import itertools
import math
import os
import threading

import numpy as np

from . import blas_threads, program as program_module, table, tiling

cnp.import_array()
cnp.import_ufunc()

cdef extern from "numpy/arrayobject.h":
    object PyArray_NewFromDescr(PyTypeObject *subtype, cnp.dtype descr, int ndim,
                                cnp.npy_intp *dims, cnp.npy_intp *strides, void *data, int flags,
                                PyObject *obj)
    object PyArray_Empty(int ndim, cnp.npy_intp *dims, cnp.dtype descr, int fortran)
    object PyArray_Scalar(void *data, cnp.dtype descr, object base)

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
    if ufunc.signature is not None or u.nout != 1:
        raise program_module.ProgramError(
            f"{ufunc.__name__} is not elementwise with one result: its loop takes other arguments")
    available = ufunc.types
    cdef int i
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
include "tile.pxi"
include "gemm.pxi"
include "random.pxi"
include "calls.pxi"
include "run.pxi"
include "repeat.pxi"
include "callcache.pxi"


def _after_fork():
    _forget_workers()
    forget_products()


threads(_default_threads())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
