"""The counter loops: the reference's bits for every form, layout of keys and number of threads."""

import numpy as np
import pytest

from isograd.fastpath import Program, ProgramError, available_isas, threads
from isograd.fastpath.program import Operand, Random, Slot
from isograd.fastpath.table import RANDOM_FORMS
from isograd.refimpl.ops.random import FORMS, sample

from .test_threads import run_python

KEYS = np.random.default_rng(3).integers(0, 2**32, (3, 4, 2), np.uint32)
COUNTS = (0, 1, 7, 64, 32768, 32769, 100_003)


def run(key, count, form):
    """The elements that a program of one Random makes for each key."""
    dtype, width = RANDOM_FORMS[form]
    shape = (*key.shape[:-1], count, *(width,) * (width > 1))
    strides = None if key.flags.c_contiguous else key.strides
    slots = [Slot("input", key.dtype, key.shape, strides), Slot("output", dtype, shape)]
    step = Random(form, Operand(0, 0, key.shape, key.strides), count, 1)
    return Program(slots, [step], [0], [1])(key)[0]


def test_the_engine_and_the_reference_have_the_same_forms():
    assert {name: (dtype, (width,) * (width > 1)) for name, (dtype, width) in
            RANDOM_FORMS.items()} == {name: (form.dtype, form.inner)
                                      for name, form in FORMS.items() if name != "float16"}


@pytest.mark.parametrize("form", RANDOM_FORMS)
@pytest.mark.parametrize("count", COUNTS)
def test_one_key(form, count):
    np.testing.assert_array_equal(run(KEYS[1, 2], count, form), sample(KEYS[1, 2], (count,), form))


@pytest.mark.parametrize("form", RANDOM_FORMS)
@pytest.mark.parametrize("keys", [KEYS, KEYS[::2, ::-1], KEYS[..., ::-1], KEYS[:0],
                                  KEYS.transpose(1, 0, 2), np.broadcast_to(KEYS[0, 0], (5, 2))],
                         ids=["dense", "steps", "words turned", "none", "turned", "repeated"])
def test_many_keys(form, keys):
    for count in (1, 5, 33_000):
        np.testing.assert_array_equal(run(keys, count, form), sample(keys, (count,), form))


def test_the_number_of_threads_does_not_matter():
    before, results = threads(), []
    try:
        for n in (1, 4):
            threads(n)
            results.append(run(KEYS[0, 0], 1_000_000, "float64"))
    finally:
        threads(before)
    np.testing.assert_array_equal(*results)


DIGEST = """
import hashlib
from tests.engine.test_random import KEYS, RANDOM_FORMS, run
numbers = b"".join(run(KEYS, 1003, form).tobytes() for form in RANDOM_FORMS)
print(hashlib.sha256(numbers).hexdigest())
"""


def test_every_instruction_set_makes_the_same_bits():
    assert len({run_python(DIGEST, ISOGRAD_ISA=isa) for isa in available_isas()}) == 1


KEY, OUT = Slot("input", np.dtype(np.uint32), (3, 2)), Slot("output", np.dtype("d"), (3, 5))
GOOD = Random("float64", Operand(0, 0, (3, 2), (8, 4)), 5, 1)


@pytest.mark.parametrize(("change", "message"), [
    ({"form": "normal"}, "form 'normal'"),
    ({"count": 6}, "outside slot 1"),
    ({"count": -1}, "too many elements"),
    ({"out": 0}, "is uint32, not float64"),
    ({"form": "float32"}, "is float64, not float32"),
    ({"key": Operand(0, 0, (3, 3), (8, 4))}, "two words"),
    ({"key": Operand(0, 0, (4, 2), (8, 4))}, "outside slot 0"),
    ({"key": Operand(0, 2, (3, 2), (8, 4))}, "parts of elements"),
    ({"key": Operand(0, 0, (3, 2), (8,))}, "one stride for each axis"),
    ({"key": Operand(1, 0, (3, 2), (8, 4))}, "is float64, not uint32"),
])
def test_steps_outside_their_slots_are_refused(change, message):
    Program([KEY, OUT], [GOOD], [0], [1])
    with pytest.raises(ProgramError, match=message):
        Program([KEY, OUT], [GOOD._replace(**change)], [0], [1])
