"""What the reverse of a loop says of its memory and its work, counted."""

import pytest

from isograd.refimpl.control.reverse import SLOTS, run_forward, states_backward


class Counted:
    """The loop x -> x + 1 up to `steps`, whose state is the number of the step."""

    def __init__(self, steps):
        self.steps, self.runs = steps, 0

    def going(self, state):
        return state < self.steps

    def forward(self, state):
        self.runs += 1
        return state + 1


@pytest.mark.parametrize(("steps", "passes"), [
    (0, 0), (1, 1), (31, 1), (100, 1.8), (1000, 2), (10_000, 2.9), (100_000, 3.7)])
def test_states_come_backward_in_bounded_memory(steps, passes):
    """passes: how often each step is run at most, on average, the forward pass included."""
    loop, most = Counted(steps), 0
    n, kept = run_forward(0, loop.going, loop.forward)
    assert n == steps and len(kept) <= SLOTS // 2
    wanted = steps
    for state in states_backward(n, kept, loop.forward):
        wanted -= 1
        assert state == wanted
        most = max(most, len(kept))
    assert wanted == 0 and most <= SLOTS
    assert loop.runs <= passes * steps
