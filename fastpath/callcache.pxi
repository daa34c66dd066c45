# How a jitted call finds its executable: one walk over the arguments and one dictionary look-up.
#
# The walk writes a *signature* (nesting, dtypes, shapes, layouts, kinds of Python numbers) into a
# byte string and collects the leaves. Whatever it does not know (tracers, subclasses, namedtuples,
# other containers) goes to `miss`, which knows everything.

cdef enum:
    SIGNATURE = 4096            # bytes: longer signatures go to `miss`
    ROOM = 1024                 # bytes that any one leaf, or key, may take
    NESTING = 32                # deeper containers go to `miss`
    NAME = 256                  # so do longer keys


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
        cdef tuple inputs = tuple(leaves)
        cdef list results
        if self.captured:
            inputs = self.captured + inputs
        if self.program is not None:
            results = self.program.run(inputs)
        else:
            results = list(self.executable.run(inputs))
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
        cdef Py_ssize_t size
        cdef list leaves = []
        cdef list statics = None
        cdef Entry entry
        if self.staging[0]:
            return self.miss(args, kwargs)[0]
        if self.has_statics:
            statics = []
            size = self._sign_with_statics(signature, args, kwargs, leaves, statics)
        else:
            size = sign(args, signature, 0, leaves, 0)
            if kwargs and size >= 0:
                size = sign(kwargs, signature, size, leaves, 0)
        if size < 0:
            return self.miss(args, kwargs)[0]
        key = PyBytes_FromStringAndSize(signature, size)
        if statics is not None:
            key = (key, *statics)
        entry = self.entries.get(key)
        if entry is not None:
            return entry.call(leaves)
        result, found = self.miss(args, kwargs)
        if found is not None:
            self.entries[key] = Entry(found.executable, found.captured, found.unflatten)
        return result

    cdef Py_ssize_t _sign_with_statics(self, char *out, tuple args, dict kwargs, list leaves,
                                       list statics) except -2:
        """Like sign, with what static arguments are in `statics`; -1 if one is unhashable."""
        cdef Py_ssize_t size = 0
        cdef Py_ssize_t i, n = len(args)
        dynamic = {name: kwargs[name] for name in kwargs if name not in self.static_argnames}
        try:
            for i in range(n):
                if i in self.static_argnums or i - n in self.static_argnums:
                    statics += (i, static_key(args[i]))
            for name in sorted(self.static_argnames.intersection(kwargs)):
                statics += (name, static_key(kwargs[name]))
        except TypeError:
            return -1
        for i in range(n):
            if i not in self.static_argnums and i - n not in self.static_argnums:
                size = sign(args[i], out, size, leaves, 0)
                if size < 0:
                    return -1
        if not dynamic:
            return size
        out[size] = b"K"        # keywords, not a positional dict
        return sign(dynamic, out, size + 1, leaves, 0)

    @property
    def size(self):
        """How many signatures are known."""
        return len(self.entries)

    def clear(self):
        """Forget all entries."""
        self.entries.clear()


def static_key(x):
    """What tells static values apart: also 1, 1.0 and True, or 0.0 and -0.0, inside of tuples."""
    if type(x) is tuple:
        return (tuple, *map(static_key, x))
    if type(x) is float or type(x) is complex:
        return type(x), repr(x)
    hash(x)
    return type(x), x


cdef Py_ssize_t sign(object x, char *out, Py_ssize_t at, list leaves, int depth) except -2:
    """Append the signature of an argument to `out`; return the new length, or -1 to give up."""
    cdef type kind = type(x)
    if at > SIGNATURE - ROOM or depth > NESTING:
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
        return sign_sequence(x, b"(" if kind is tuple else b"[", out, at, leaves, depth)
    if kind is dict:
        return sign_dict(<dict> x, out, at, leaves, depth)
    if isinstance(x, _generic):
        return sign_scalar(x, out, at, leaves)
    return -1


cdef type _generic = np.generic


cdef inline bint is_number(int type_num) noexcept:
    return cnp.NPY_BOOL <= type_num <= cnp.NPY_CLONGDOUBLE


cdef Py_ssize_t sign_array(cnp.ndarray x, char *out, Py_ssize_t at, list leaves) except -2:
    """Dtype, shape, and strides if the array is not C-contiguous."""
    cdef int ndim = cnp.PyArray_NDIM(x)
    if (not cnp.PyArray_ISBEHAVED_RO(x) or not is_number(cnp.PyArray_TYPE(x))
            or ndim > MAX_DIMS):
        return -1
    out[at] = b"A" if cnp.PyArray_IS_C_CONTIGUOUS(x) else b"S"
    out[at + 1] = <char> cnp.PyArray_TYPE(x)
    out[at + 2] = <char> ndim
    at = write_numbers(out, at + 3, cnp.PyArray_DIMS(x), ndim)
    if not cnp.PyArray_IS_C_CONTIGUOUS(x):
        at = write_numbers(out, at, cnp.PyArray_STRIDES(x), ndim)
    leaves.append(x)
    return at


cdef inline Py_ssize_t write_numbers(char *out, Py_ssize_t at, const cnp.npy_intp *numbers,
                                     int n) noexcept:
    if n:                       # there may be no numbers at all: NULL
        memcpy(out + at, numbers, n * sizeof(cnp.npy_intp))
    return at + n * sizeof(cnp.npy_intp)


cdef Py_ssize_t sign_scalar(object x, char *out, Py_ssize_t at, list leaves) except -2:
    """A NumPy scalar is an array without axes."""
    cdef cnp.dtype dtype = cnp.PyArray_DescrFromScalar(x)
    cdef type kind = type(x)
    if not is_number(dtype.num) or dtype.typeobj != <PyTypeObject *> kind:
        return -1
    out[at], out[at + 1], out[at + 2] = b"A", <char> dtype.num, 0
    leaves.append(x)
    return at + 3


cdef Py_ssize_t sign_sequence(object xs, char tag, char *out, Py_ssize_t at, list leaves,
                              int depth) except -2:
    out[at] = tag
    at += 1
    for x in xs:
        at = sign(x, out, at, leaves, depth + 1)
        if at < 0:
            return -1
    out[at] = b")"
    return at + 1


cdef Py_ssize_t sign_dict(dict d, char *out, Py_ssize_t at, list leaves, int depth) except -2:
    """Keys in sorted order, as pytrees have them; only strings are known here."""
    cdef const char *name
    cdef Py_ssize_t n = 0
    for key in d:
        if type(key) is not str:
            return -1
    out[at] = b"{"
    at += 1
    for key in sorted(d):
        try:
            name = PyUnicode_AsUTF8AndSize(key, &n)
        except UnicodeEncodeError:      # a lone surrogate
            return -1
        if n > NAME or at > SIGNATURE - ROOM:
            return -1
        memcpy(out + at, &n, sizeof(n))
        memcpy(out + at + sizeof(n), name, n)
        at = sign(d[key], out, at + sizeof(n) + n, leaves, depth + 1)
        if at < 0:
            return -1
    out[at] = b"}"
    return at + 1
