"""What the reverse of a loop says of its memory and its work, counted."""

import pytest

from isograd.refimpl.control.checkpoints import SEGMENT, SLOTS, run_forward, segments_backward


class Counted:
    """The loop x -> x + 1 up to `steps`, whose state is the number of the step."""

    def __init__(self, steps):
        self.steps, self.runs = steps, 0

    def run(self, state, n):
        made = min(n, self.steps - state)
        self.runs += made
        return state + made, made

    def record(self, state, n):
        after, made = self.run(state, n)
        return after, made, range(state, after)


@pytest.mark.parametrize(("steps", "passes"), [
    (0, 0), (1, 1), (31, 1), (32, 2), (100, 2), (1000, 2.5), (10_000, 3.4), (100_000, 4.1),
    (1_000_000, 5.1)])
def test_states_come_backward_in_bounded_memory(steps, passes):
    """passes: how often each step is run at most, on average, the forward pass included."""
    loop, most = Counted(steps), 0
    n, kept, states = run_forward(0, loop.run, loop.record)
    assert n == steps and len(kept) <= SLOTS - SEGMENT
    wanted = steps
    for state, count in segments_backward(n, kept, loop.run):
        assert 0 < count <= SEGMENT
        if states is None:
            after, made, found = loop.record(state, count)
        else:
            after, made, found = n, n, states
        assert (after, made) == (wanted, count)
        assert list(found) == list(range(wanted - count, wanted))
        wanted -= count
        most = max(most, len(kept) + count)
    assert wanted == 0 and most <= SLOTS
    assert loop.runs <= passes * steps
