"""The same bits from any number of threads, on every instruction set, under concurrent callers."""

import hashlib
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from isograd.fastpath import Program, available_isas, isa, threads
from isograd.fastpath.program import (
    ALL,
    COLUMN,
    COLUMNS,
    ROW,
    ROWS,
    SEGMENT,
    SEGMENTS,
    Call,
    Operand,
    Slot,
    Store,
)

from .builder import LoopBuilder, gemm_program

SIZES = [(700, 900), (3, 200_000), (200_000, 3)]


@pytest.fixture(autouse=True)
def _keep_thread_count():
    before = threads()
    yield
    threads(before)


def everything(shape):
    """Programs of every mode on one shape, with an input for each."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(shape).astype("f")
    for mode, row in ((ROWS, shape[1]), (SEGMENTS, shape[1]), (COLUMNS, shape[1])):
        builder = LoopBuilder(shape, row, mode)
        y = builder.op("ufunc", "f", builder.load(x), ufunc=np.tanh)
        builder.store(builder.op("square", "f", y), shape)
        if mode == ROWS:
            builder.accum("sum", y, ALL, ())
            builder.store(builder.op("sum", "f", y, level=ROW), shape[:1])
            builder.store(builder.op("argmin", np.int64, y, level=ROW), shape[:1])
        kind, out = (SEGMENT, shape[:1]) if mode == SEGMENTS else (COLUMN, shape[1:])
        builder.accum("sum", y, kind, out)
        yield builder.program(), x


def digest():
    """A hash of the bits of many results."""
    text = hashlib.sha256()
    for shape in SIZES:
        for program, x in everything(shape):
            for result in program(x):
                text.update(np.ascontiguousarray(result))
    return text.hexdigest()


def test_any_number_of_threads():
    threads(1)
    alone = digest()
    for n in (2, 3, 5):
        threads(n)
        assert digest() == alone


SHOW = "from tests.engine.test_threads import digest; print(digest())"


def run_python(code, **env):
    """What a new interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env={**os.environ, **env}, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_instruction_set():
    """NumPy's own loops differ between instruction sets: tanh is left out of the comparison."""
    code = SHOW.replace("import digest", "import digest, np").replace(
        "print", "np.tanh = np.negative; print")
    digests = {name: run_python(code, ISOGRAD_ISA=name) for name in available_isas()}
    assert isa in digests
    assert len(set(digests.values())) == 1, digests


def test_unknown_instruction_set():
    code = "import isograd.fastpath.engine"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=False, env={**os.environ, "ISOGRAD_ISA": "v9"}, timeout=120)
    assert done.returncode != 0
    assert "ISOGRAD_ISA='v9': this machine runs" in done.stderr


def test_threads_checks_its_argument():
    for bad in (0, -1, 257, 1.5, True, "2"):
        with pytest.raises(ValueError, match="threads: got"):
            threads(bad)
    assert threads(2) == threads() == 2


# ---- concurrency ----

def in_threads(functions):
    """Run all at once; raise what any of them raises."""
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)

    pool = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for t in pool:
        t.start()
    for t in pool:
        t.join(60)
        assert not t.is_alive()
    if errors:
        raise errors[0]


def chain(n):
    """A program with temporaries: three loops through the arena."""
    dtype = np.dtype("d")
    arena = (n * 8 + 63) // 64 * 64
    slots = [Slot("input", dtype, (n,)), Slot("temp", dtype, (n,)),
             Slot("temp", dtype, (n,), offset=arena), Slot("output", dtype, (n,))]
    steps = []
    for source, target in ((0, 1), (1, 2), (2, 3)):
        builder = LoopBuilder((n,))
        builder.slots = slots
        builder.op("add", "d", builder.load_slot(source, (8,)), 0)
        loop = builder.loop()
        steps.append(loop._replace(stores=(Store(1, target),)))
    return Program(slots, steps, [0], [3], 2 * arena)


@pytest.mark.parametrize("n", [10, 200_000])
def test_one_program_from_many_threads(n):
    program = chain(n)

    def caller(seed):
        x = np.random.default_rng(seed).standard_normal(n)
        for _ in range(20):
            np.testing.assert_array_equal(program(x)[0], 8 * x)

    threads(3)
    in_threads([lambda s=s: caller(s) for s in range(6)])


def test_different_programs_from_many_threads():
    a = np.random.default_rng(0).standard_normal((300, 300))
    product = gemm_program(a, a)
    want = product(a, a)[0]

    def multiply():
        for _ in range(20):
            np.testing.assert_array_equal(product(a, a)[0], want)

    def others(shape):
        for program, x in everything(shape):
            first = program(x)
            for _ in range(5):
                for got, expected in zip(program(x), first, strict=True):
                    np.testing.assert_array_equal(got, expected)

    threads(3)
    in_threads([multiply, multiply, *[lambda s=s: others(s) for s in SIZES]])


def test_the_number_of_threads_changes_meanwhile():
    program = chain(300_000)
    x = np.arange(300_000.0)
    stop = []

    def change():
        n = 1
        while not stop:
            threads(n)
            n = n % 6 + 1
            time.sleep(0.0005)

    def call():
        try:
            for _ in range(100):
                np.testing.assert_array_equal(program(x)[0], 8 * x)
        finally:
            stop.append(True)

    in_threads([change, call])


def test_a_call_may_run_the_program_that_it_is_part_of():
    dtype, depth = np.dtype("d"), []
    strides = (8,)

    def function(x):
        depth.append(1)
        return x + program(x)[0] if len(depth) < 4 else x.copy()

    slots = [Slot("input", dtype, (5,)), Slot("temp", dtype, (5,)), Slot("output", dtype, (5,))]
    double = LoopBuilder((5,))
    double.slots = slots
    double.op("add", "d", double.load_slot(0, (8,)), 0)
    step = double.loop()._replace(stores=(Store(1, 1),))
    program = Program(slots, [step, Call(function, (Operand(1, 0, (5,), strides),), (2,))],
                      [0], [2], 64)
    x = np.arange(5.0)
    # f(x, 4) = 2x; f(x, k) = 2x + f(2x, k + 1)
    np.testing.assert_array_equal(program(x)[0], 2 * x + 4 * x + 8 * x + 16 * x)
    assert program.calls == 4


# ---- fork and exit ----

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

FORK = """
import os, sys, threading
import numpy as np
from isograd.fastpath import threads
from tests.engine.builder import gemm_program
from tests.engine.test_threads import chain
threads(3)
program, x = chain(300_000), np.arange(300_000.0)
a = np.ones((200, 200))
product = gemm_program(a, a)
stop = []
def busy():
    while not stop:
        program(x)
        product(a, a)
thread = threading.Thread(target=busy)
if {busy}:
    thread.start()
program(x)
for _ in range(5):
    child = os.fork()
    if child == 0:
        ok = all((program(x)[0] == 8 * x).all() and (product(a, a)[0] == 200).all()
                 for _ in range(3))
        os._exit(0 if ok and threads() == 3 else 1)
    assert os.waitpid(child, 0)[1] == 0
stop.append(1)
print((program(x)[0] == 8 * x).all())
"""


@needs_fork
@pytest.mark.parametrize("busy", [False, True])
def test_fork(busy):
    assert run_python("import warnings; warnings.simplefilter('ignore')"
                      + FORK.format(busy=busy)) == "True"


EXIT = """
import threading
import numpy as np
from isograd.fastpath import threads
from tests.engine.test_threads import chain
threads(4)
program, x = chain(500_000), np.arange(500_000.0)
def busy():
    while True:
        program(x)
for _ in range(2):
    threading.Thread(target=busy, daemon=True).start()
program(x)
print("done")
"""


def test_exit_with_sleeping_and_working_threads():
    for _ in range(3):
        assert run_python(EXIT) == "done"


def test_importing_starts_no_thread():
    code = ("import sys, threading, isograd.fastpath.engine as e;"
            "print(any(t.name.startswith('isograd') for t in threading.enumerate()))")
    assert run_python(code) == "False"
