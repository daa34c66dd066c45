# Call steps: Python functions on views of the slots.

@cython.final
cdef class CallStep:
    """One Call: runs Python on views of the slots, and copies what it returns."""

    cdef object function, ins, outs

    def __cinit__(self, call, slots):
        self.function = call.function
        self.ins = [(v.slot, v.offset, v.shape, v.strides, slots[v.slot].dtype) for v in call.ins]
        self.outs = [(number, slots[number], program_module.c_strides(
            slots[number].shape, slots[number].dtype.itemsize)) for number in call.outs]

    cdef run(self, char **slots, list owners):
        views = [view_of(slots[n] + <Py_ssize_t> offset, shape, strides, dtype, False, owners[n])
                 for n, offset, shape, strides, dtype in self.ins]
        results = self.function(*views)
        if not isinstance(results, (tuple, list)):
            results = (results,)
        if len(results) != len(self.outs):
            raise program_module.ProgramError(
                f"a called function returned {len(results)} results, wanted {len(self.outs)}")
        for (number, slot, strides), result in zip(self.outs, results):
            array = np.asarray(result)
            if array.shape != slot.shape or array.dtype != slot.dtype:
                raise program_module.ProgramError(
                    f"a called function returned {array.dtype}{array.shape}, "
                    f"wanted {slot.dtype}{slot.shape}")
            target = view_of(slots[<Py_ssize_t> number], slot.shape, strides, slot.dtype, True,
                             owners[number])
            target[...] = array


cdef object view_of(char *data, tuple shape, tuple strides, cnp.dtype dtype, bint writeable,
                    object owner):
    """An ndarray over memory that `owner` keeps alive."""
    cdef cnp.npy_intp dims[MAX_DIMS]
    cdef cnp.npy_intp steps[MAX_DIMS]
    cdef int i
    for i in range(len(shape)):
        dims[i], steps[i] = shape[i], strides[i]
    Py_INCREF(dtype)
    view = PyArray_NewFromDescr(<PyTypeObject *> cnp.ndarray, dtype, <int> len(shape), dims, steps,
                                data, cnp.NPY_ARRAY_WRITEABLE if writeable else 0, NULL)
    cnp.set_array_base(<cnp.ndarray> view, owner)
    return view
