"""Mutation: traced arrays that are written in place, and views that share their elements.

What the user holds is a *handle*: `x[i] = v` computes the array after the update as a new value,
under the current trace, and then moves that value into the object x. The values themselves never
change, so what a derivative has kept stays right.

A *view* (`x[1:3]`, `x.T`) knows its parent, how to get it from there and how to put it back; a
parent knows its views. A write to any of them goes to the root of the family at once; all other
views lose their value, and take it anew from their parent when they are next read (`refresh`). A
program without writes pays for one note a view, a write for those read since the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from weakref import ref

import numpy as np

from .aval import aval_of
from .errors import DtypeError, InPlaceError, ShapeError
from .ops.elementwise import select
from .ops.linear import broadcast_to, cast_to
from .trace import CURRENT, Tracer, use


class Sharing(NamedTuple):
    """A way in which views share elements, `place` telling one view from another.

    get(parent, place) is the view's value; put(parent, place, view) is the parent's when the view
    was written (None: it is read-only); positions(numbers, place) does to a plain array what made
    the view.
    """

    get: Callable
    put: Callable | None
    positions: Callable


class View(NamedTuple):
    """What a handle knows of the elements that it shares."""

    parent: Tracer
    sharing: Sharing
    place: object


class ReadOnly(NamedTuple):
    """Why a handle cannot be written to."""

    why: str


CLOSED_OVER = ReadOnly("it shares the elements of an array from outside this transformation")
NUMPYS = ReadOnly("it is read-only in NumPy too")


def base_of(x):
    """The View or ReadOnly of a handle; None if it owns its elements."""
    return x._base


def twin(x):
    """Another handle, of the same value, that shares no elements."""
    y = object.__new__(type(x))
    y._trace, y._base = x._trace, None
    _move(y, x)
    return y


def values_of(xs):
    """What a transformation keeps of values from outside: later writes to their handles are not
    seen."""
    return [twin(x) if isinstance(x, Tracer) else x for x in xs]


def _move(x, value):
    """Make a handle hold the value of another handle of its trace."""
    for slot in type(x).__slots__:
        setattr(x, slot, getattr(value, slot))


def owned(y, args=()):
    """The result of a function whose results are new arrays in NumPy: no view, no argument."""
    if isinstance(y, Tracer):
        for a in args:
            if y is a:
                return twin(y)
        return y if y._base is None else twin(y)
    if type(y) is tuple or type(y) is list:
        return type(y)([owned(part, args) for part in y])
    return y


# ---- views ----

def link(y, parent, sharing, place):
    """Make y, the value of sharing.get(parent, place), a view; return the handle of it."""
    trace = parent._trace
    if getattr(y, "_trace", None) is not trace:
        if isinstance(y, Tracer) and not y._trace.encloses(trace):
            return frozen(y, CLOSED_OVER)
        y = trace.lift(y)
    elif y._base is not None:       # of an array that only led from the parent to y
        y = twin(y)
    y._base = _new(View, (parent, sharing, place))
    _note(parent, y)
    return y


_new = tuple.__new__    # View(...) in less time


def _note(parent, view):
    """Let a parent know of a view that has a value."""
    views = parent._views
    if views is None:
        parent._views = [ref(view)]
    else:
        views.append(ref(view))
        count = len(views)
        if count >= 32 and not count & (count - 1):     # at each power of two
            views[:] = [r for r in views if r() is not None]


def refresh(view):
    """Give a view that lost its value the elements that its parent has now."""
    parent, sharing, place = view._base
    trace = view._trace
    with use(trace):
        _move(view, trace.lift(sharing.get(parent, place)))
    _note(parent, view)


def frozen(y, why):
    """Mark a new handle as read-only."""
    y = owned(y)
    if isinstance(y, Tracer):
        y._base = why
    return y


def root_of(x):
    """The handle that owns the elements of x."""
    base = base_of(x)
    while type(base) is View:
        x, base = base.parent, base_of(base.parent)
    return x


def positions_of(x):
    """For each element of a handle, its place among the elements of its root, in C order."""
    base = base_of(x)
    if type(base) is View:
        return base.sharing.positions(positions_of(base.parent), base.place)
    aval = x.aval
    return np.arange(aval.size).reshape(aval.shape)


def overlap(x, y):
    """Whether two handles share an element."""
    return root_of(x) is root_of(y) and bool(
        np.intersect1d(positions_of(x), positions_of(y)).size)


# ---- writing ----

def write(x, value):
    """Make a handle hold a new value of its shape and dtype, and let its family see it."""
    _check_writeable(x, value)
    _move(x, x._trace.adopt(value))
    _outdate_views(x)
    while x._base is not None:
        parent, sharing, place = x._base
        _move(parent, parent._trace.lift(sharing.put(parent, place, x)))
        _outdate_views(parent, but=x)
        x = parent


def _outdate_views(x, but=None):
    """Take their value from the views of x that have one: reading it calls `refresh`."""
    views, x._views = x._views, None if but is None else [ref(but)]
    for r in views or ():
        view = r()
        if view is not None and view is not but:
            for slot in type(view).__slots__:
                delattr(view, slot)
            _outdate_views(view)


def _check_writeable(x, value):
    node = x
    while node is not None:
        base = base_of(node)
        if type(base) is View and base.sharing.put is None:
            base = NUMPYS
        if type(base) is ReadOnly:
            raise InPlaceError("a traced array cannot be written to", got=repr(x),
                               wanted=f"an array of its own: {base.why}", instead="y = x.copy()")
        node = base and base.parent
    trace = x._trace
    if not trace.alive or not trace.encloses(CURRENT.trace):
        raise InPlaceError(f"an array of {trace.name} is written to where that does not run",
                           got=repr(x), instead="return the new array from the function")
    _check_not_staged(x)
    if isinstance(value, Tracer) and not value._trace.encloses(trace):
        raise InPlaceError(f"a value of {value._trace.name} would be written into an array of "
                           f"{trace.name}, outside of it", got=repr(value), wanted=repr(x),
                           instead="y = x.copy() inside the function, and return y")
    if x.aval.weak:
        raise InPlaceError("a Python number cannot be written to", got=repr(x),
                           instead="np.asarray(x, float) outside")


def _check_not_staged(x):
    """A function that is staged runs once, whatever its graph does: outer values stay as they are.
    """
    inner = CURRENT.trace
    while inner is not x._trace:
        if inner.is_staging:
            raise InPlaceError(f"a function that {inner.name} traces writes to an array from "
                               "outside", got=repr(x), wanted="writes to its own arrays",
                               instead="y = x.copy() inside the function, and return y")
        inner = inner.parent


def write_into(out, value, casting="same_kind", where=True):
    """out=: write a result into an array, with NumPy's rules for its shape and dtype.

    Raises InPlaceError for a plain array, which cannot hold a traced value.
    """
    if isinstance(out, tuple):
        return _write_each(out, value, casting, where)
    if not isinstance(out, Tracer):
        raise InPlaceError(
            "out= (or +=) would write a traced value into a plain array", got=repr(out),
            wanted="a traced array",
            instead="y = x + v for x += v; or make the array by np.zeros_like(x), "
                    "np.zeros(n, like=x) or isograd.numpy.zeros(n), x a traced array")
    have, want = aval_of(value), out.aval
    if not np.can_cast(have.dtype, want.dtype, casting):
        raise DtypeError("a result does not fit the array it is written into", got=str(have),
                         wanted=f"what casts to {want} by {casting!r}",
                         instead=f"x = x + v for x += v, or v.astype({want.dtype.name!r})")
    value = cast_to(value, want.dtype)
    if have.shape != want.shape and broadcast_shape(have.shape, want.shape) != want.shape:
        raise ShapeError("a result does not fit the array it is written into",
                         got=str(have), wanted=str(want))
    if where is not True:
        value = select(where, value, out)
    write(out, broadcast_to(value, want.shape))
    return out


def broadcast_shape(*shapes):
    """NumPy's broadcast shape, None if there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def _write_each(outs, value, casting, where):
    values = value if isinstance(value, tuple) else (value,)
    if len(outs) != len(values):
        raise ShapeError("out= has one array for each result", got=f"{len(outs)} arrays",
                         wanted=f"{len(values)}")
    done = tuple([v if out is None else write_into(out, v, casting, where)
                  for out, v in zip(outs, values, strict=True)])
    return done if isinstance(value, tuple) else done[0]


# ---- arguments that a compiled function has written to ----

def check_targets(leaves, written, others, name):
    """Refuse arguments that cannot be written to, or for which NumPy's order of reads and writes
    would matter: the same elements reached by two ways."""
    for i in written:
        x = leaves[i]
        if not isinstance(x, (Tracer, np.ndarray)):
            raise InPlaceError(f"jit of {name} writes to its argument, which is a number",
                               got=repr(x), wanted="an array", instead="np.array(x)")
        if isinstance(x, np.ndarray) and not x.flags.writeable:
            raise InPlaceError(f"jit of {name} writes to a read-only array", got=str(aval_of(x)),
                               instead="x.copy()")
        for y in (*leaves[:i], *leaves[i + 1:], *others):
            if _may_overlap(x, y):
                raise InPlaceError(
                    f"jit of {name} writes to an array that it also reaches by another way",
                    got=f"{aval_of(x)} and {aval_of(y)} that share elements",
                    wanted="arrays that share no elements", instead="x.copy() for one of them")


def _may_overlap(x, y):
    if isinstance(x, Tracer) and isinstance(y, Tracer):
        return overlap(x, y)
    if type(x) is not np.ndarray or type(y) is not np.ndarray or not np.may_share_memory(x, y):
        return False
    try:
        return np.shares_memory(x, y, max_work=10_000)
    except np.exceptions.TooHardError:
        return True


def write_back(leaves, written, values, name):
    """Let arguments hold what a compiled function wrote to its copies of them."""
    for i, value in zip(written, values, strict=True):
        if isinstance(leaves[i], Tracer):
            write(leaves[i], value)
        elif isinstance(value, Tracer):
            raise InPlaceError(f"jit of {name} would write a traced value into a plain array",
                               got=repr(value), wanted="a traced array",
                               instead="np.zeros_like(x) of a traced x, or return the array")
        else:
            np.copyto(leaves[i], value)


class WritingExecutable:
    """An executable whose last results are written into its arguments."""

    def __init__(self, executable, captured, written, name):
        self.executable = executable
        self.captured = captured
        self.written = written
        self.name = name

    def run(self, leaves):
        """Run on captured arrays and arguments; write; return the other results."""
        n = len(self.captured)
        return self.run_into(leaves[n:], leaves)

    def run_into(self, targets, leaves):
        """Like run, with other arrays to write into."""
        check_targets(targets, self.written, self.captured, self.name)
        results = self.executable.run(leaves)
        count = len(results) - len(self.written)
        write_back(targets, self.written, results[count:], self.name)
        return results[:count]
