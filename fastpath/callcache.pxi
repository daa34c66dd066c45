# How a jitted call finds its executable: one walk over the arguments and one dictionary look-up.
#
# The walk writes a *signature* (nesting, dtypes, shapes, layouts, kinds of Python numbers) into a
# byte string and collects the leaves. Whatever it does not know (tracers, subclasses, namedtuples,
# other containers) goes to `miss`, which knows everything.

cdef enum:
    SIGNATURE = 4096            # bytes: longer signatures go to `miss`
    MAX_STATICS = 32


cdef class Entry:
    """What a signature runs: `unflatten(executable.run(captured + leaves))`.

    executable: a Program, or any object with `run(leaves) -> list`. unflatten: None if the result
    is a single leaf.
    """

    cdef readonly object executable, unflatten
    cdef readonly tuple captured
    cdef Program program

    def __init__(self, executable, captured, unflatten):
        self.executable, self.captured, self.unflatten = executable, tuple(captured), unflatten
        program = getattr(executable, "program", executable)
        self.program = program if isinstance(program, Program) else None

    cdef object call(self, list leaves):
        if self.captured:
            leaves = list(self.captured) + leaves
        cdef list results
        if self.program is not None:
            results = self.program.run(leaves)
        else:
            results = list(self.executable.run(leaves))
        return results[0] if self.unflatten is None else self.unflatten(results)


cdef class CallCache:
    """`cache(*args, **kwargs)` runs the entry for these types of arguments.

    miss(args, kwargs) returns (result, Entry or None) for a signature that is not known. While the
    first byte of `staging` is not zero, every call goes to `miss`.
    """

    cdef object miss
    cdef dict entries
    cdef set static_argnums
    cdef set static_argnames
    cdef bint has_statics
    cdef const unsigned char[:] staging

    def __init__(self, miss, static_argnums=(), static_argnames=(), staging=b"\0"):
        self.miss, self.entries, self.staging = miss, {}, staging
        self.static_argnums, self.static_argnames = set(static_argnums), set(static_argnames)
        self.has_statics = bool(self.static_argnums or self.static_argnames)

    def __call__(self, *args, **kwargs):
        cdef char signature[SIGNATURE]
        cdef Py_ssize_t size = 0
        cdef list leaves = []
        cdef list statics = None
        cdef PyObject *found
        if self.staging[0]:
            return self.miss(args, kwargs)[0]
        if self.has_statics:
            statics = []
            size = self._sign_with_statics(signature, args, kwargs, leaves, statics)
        else:
            size = sign(args, signature, 0, leaves)
            if kwargs and size >= 0:
                size = sign(kwargs, signature, size, leaves)
        if size < 0:
            return self.miss(args, kwargs)[0]
        key = PyBytes_FromStringAndSize(signature, size)
        if statics is not None:
            key = (key, *statics)
        found = PyDict_GetItem(self.entries, key)
        if found != NULL:
            return (<Entry> <object> found).call(leaves)
        result, entry = self.miss(args, kwargs)
        if entry is not None:
            self.entries[key] = Entry(entry.executable, entry.captured, entry.unflatten)
        return result

    cdef Py_ssize_t _sign_with_statics(self, char *out, tuple args, dict kwargs, list leaves,
                                       list statics) except -2:
        """Like sign, with the static arguments' types and values in `statics`; -1 if unhashable."""
        cdef Py_ssize_t size = 0
        cdef Py_ssize_t i, n = len(args)
        for i in range(n):
            if i in self.static_argnums or i - n in self.static_argnums:
                statics += (i, type(args[i]), args[i])
            else:
                size = sign(args[i], out, size, leaves)
                if size < 0:
                    return -1
        for name in sorted(kwargs):
            if name in self.static_argnames:
                statics += (name, type(kwargs[name]), kwargs[name])
            else:
                size = sign({name: kwargs[name]}, out, size, leaves)
                if size < 0:
                    return -1
        try:
            hash(tuple(statics))
        except TypeError:
            return -1
        return size

    @property
    def size(self):
        """How many signatures are known."""
        return len(self.entries)

    def clear(self):
        """Forget all entries."""
        self.entries.clear()


cdef Py_ssize_t sign(object x, char *out, Py_ssize_t at, list leaves) except -2:
    """Append the signature of an argument to `out`; return the new length, or -1 to give up."""
    cdef type kind = type(x)
    if at > SIGNATURE - 256 - 16 * MAX_DIMS:
        return -1
    if kind is cnp.ndarray:
        return sign_array(<cnp.ndarray> x, out, at, leaves)
    if kind is float or kind is int or kind is complex or kind is bool:
        out[at] = b"f" if kind is float else b"i" if kind is int else \
            b"c" if kind is complex else b"b"
        leaves.append(x)
        return at + 1
    if x is None:
        out[at] = b"N"
        return at + 1
    if kind is tuple or kind is list:
        return sign_sequence(x, b"(" if kind is tuple else b"[", out, at, leaves)
    if kind is dict:
        return sign_dict(<dict> x, out, at, leaves)
    if isinstance(x, np.generic):
        return sign_scalar(x, out, at, leaves)
    return -1


cdef Py_ssize_t sign_array(cnp.ndarray x, char *out, Py_ssize_t at, list leaves) except -2:
    """Dtype, shape, and strides if the array is not C-contiguous."""
    cdef int ndim = cnp.PyArray_NDIM(x)
    cdef int number = cnp.PyArray_TYPE(x)
    if not PyArray_ISBEHAVED_RO(x) or not PyTypeNum_ISNUMBER(number) and number != cnp.NPY_BOOL:
        return -1
    out[at] = b"A" if cnp.PyArray_IS_C_CONTIGUOUS(x) else b"S"
    out[at + 1] = <char> number
    out[at + 2] = <char> ndim
    memcpy(out + at + 3, cnp.PyArray_DIMS(x), ndim * sizeof(cnp.npy_intp))
    at += 3 + ndim * sizeof(cnp.npy_intp)
    if not cnp.PyArray_IS_C_CONTIGUOUS(x):
        memcpy(out + at, cnp.PyArray_STRIDES(x), ndim * sizeof(cnp.npy_intp))
        at += ndim * sizeof(cnp.npy_intp)
    leaves.append(x)
    return at


cdef Py_ssize_t sign_scalar(object x, char *out, Py_ssize_t at, list leaves) except -2:
    """A NumPy scalar is an array without axes."""
    cdef int number = x.dtype.num
    if not PyTypeNum_ISNUMBER(number) and number != cnp.NPY_BOOL:
        return -1
    out[at], out[at + 1], out[at + 2] = b"A", <char> number, 0
    leaves.append(x)
    return at + 3


cdef Py_ssize_t sign_sequence(object xs, char tag, char *out, Py_ssize_t at,
                              list leaves) except -2:
    out[at] = tag
    at += 1
    for x in xs:
        at = sign(x, out, at, leaves)
        if at < 0:
            return -1
    out[at] = b")"
    return at + 1


cdef Py_ssize_t sign_dict(dict d, char *out, Py_ssize_t at, list leaves) except -2:
    """Keys in sorted order, as pytrees have them; only strings are known here."""
    cdef bytes name
    cdef Py_ssize_t n
    for key in d:
        if type(key) is not str:
            return -1
    out[at] = b"{"
    at += 1
    for key in sorted(d):
        name = (<str> key).encode()
        n = len(name)
        if n > 128 or at > SIGNATURE - 256 - 16 * MAX_DIMS:
            return -1
        memcpy(out + at, <char *> name, n)
        out[at + n] = b":"
        at = sign(d[key], out, at + n + 1, leaves)
        if at < 0:
            return -1
    out[at] = b"}"
    return at + 1
