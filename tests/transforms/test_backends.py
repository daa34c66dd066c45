"""Which backend runs what: programs inside programs, and threads; what is compiled is kept."""

import threading
from typing import NamedTuple

import numpy as np
import pytest

import isograd
from isograd import lax
from isograd.refimpl.backend import LAYOUTS, executable_of, get_backend

X = np.arange(3.0)

PROGRAMS = {
    "scan": lambda x: lax.scan(lambda c, v: (c + v, c * v), 0.0, x)[1],
    "while_loop": lambda x: lax.while_loop(lambda c: c[0] < 9, lambda c: c * 2 + 1, x),
    "cond": lambda x: lax.cond(x[0] < 1, lambda x: x * 2, lambda x: x, x),
    "reverse": isograd.grad(lambda x: np.sum(lax.fori_loop(0, 3, lambda i, c: c * c, x))),
    "jit": lambda x: isograd.jit(lambda x: x * 2)(x),
    "solve": lambda x: lax.custom_linear_solve(lambda v: 2 * v, x, lambda f, b: b / 2),
    "scan in cond": lambda x: lax.cond(
        x[0] < 1, lambda x: lax.scan(lambda c, v: (c + v, c), 0.0, x)[1], lambda x: x, x),
}


@pytest.fixture
def compiled(monkeypatch):
    """The names of the backends that compile a graph."""
    names = []
    for name in isograd.backend_names():
        backend = get_backend(name)

        def compile(graph, layouts=None, backend=backend, original=backend.compile):
            names.append(backend.name)
            return original(graph, layouts)
        monkeypatch.setattr(backend, "compile", compile)
    return names


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_backend_runs_all_of_a_program(name, backend, compiled):
    isograd.jit(PROGRAMS[name], backend=backend)(X)
    assert set(compiled) == {backend}
    del compiled[:]
    with isograd.use_backend(backend):
        isograd.jit(PROGRAMS[name])(X)
        PROGRAMS[name](X)
    assert set(compiled) <= {backend}


def test_a_backend_is_chosen_for_a_thread():
    inside, outside, seen = threading.Event(), threading.Event(), []

    def other():
        inside.wait(10)
        seen.append(isograd.default_backend())
        outside.set()
    default = isograd.default_backend()
    thread = threading.Thread(target=other)
    thread.start()
    with isograd.use_backend("reference"):
        inside.set()
        outside.wait(10)
        assert isograd.default_backend() == "reference"
    thread.join()
    assert seen == [default] == [isograd.default_backend()]


# ---- what is compiled is kept ----

class Pair(NamedTuple):
    first: object
    second: float


TRANSPOSED = np.arange(12.0).reshape(3, 4).T
ARGUMENTS = {       # what a call cache in front of `jit` may not know
    "namedtuple": Pair(TRANSPOSED, 1.0),
    "integer keys": {1: TRANSPOSED, 2: 1.0},
    "many leaves": [TRANSPOSED] * 150,
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_layout_is_compiled_once(name, backend, compiled):
    f = isograd.jit(lambda tree: sum(isograd.tree.leaves(tree)), backend=backend)
    for _ in range(3):
        np.testing.assert_array_equal(f(ARGUMENTS[name]), f.fun(ARGUMENTS[name]))
    assert compiled == [backend]


def test_calls_beside_a_trace_compile_once(backend, compiled):
    """While a thread traces, calls in the others bypass the call cache."""
    f = isograd.jit(lambda x: x * 2, backend=backend)
    inside, called = threading.Event(), threading.Event()

    def traced(x):
        inside.set()
        called.wait(10)
        return x
    thread = threading.Thread(target=lambda: isograd.make_graph(traced)(X))
    thread.start()
    inside.wait(10)
    for _ in range(3):
        f(TRANSPOSED)
    called.set()
    thread.join()
    assert compiled == [backend]


def test_the_latest_layouts_are_kept(backend, compiled):
    graph = isograd.make_graph(lambda x: x + 1)(X).graph
    for n in range(1, LAYOUTS + 3):
        executable_of(graph, backend, ((8 * n,),))
    assert len(graph.derived["executables", backend]) == LAYOUTS
    executable_of(graph, backend, ((8 * n,),))
    assert len(compiled) == LAYOUTS + 2
