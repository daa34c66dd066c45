"""The states of a loop, last first, in bounded memory: which are kept, which computed again.

A loop of n steps has states s_0 .. s_n; its reverse wants s_{n-1}, ..., s_0. At most SLOTS are kept
at a time, half of them as checkpoints, half as the states of one segment of the loop, one after
the other. A loop that is one segment long runs once. Going forward through a longer one, every
2^k-th segment's start is kept, and the distance doubles when the checkpoints are full (online
checkpointing: Stumm and Walther, *New algorithms for optimal online checkpointing*, 2010). Going
backward, free checkpoints are spread over the gap before the wanted segment (compare revolve:
Griewank and Walther, *Algorithm 799*, 2000). `tests/control/test_reverse.py` counts the steps.

    run(state, n)       (state, number of steps) after at most n steps, fewer where the loop ends
    record(state, n)    likewise, and the states before each of these steps
"""

from __future__ import annotations

SLOTS = 64                  # states that are kept at a time
SEGMENT = SLOTS // 2        # states of the segment that is at hand


def run_forward(state, run, record):
    """Run a loop; return (its number of steps, [(step, state)], the states if it is one segment)"""
    kept, distance = [(0, state)], SEGMENT
    state, step, states = record(state, SEGMENT)
    made = step
    if step < SEGMENT:
        return step, kept, states
    while made == distance:
        kept.append((step, state))
        if len(kept) > (SLOTS - SEGMENT) // 2:
            kept, distance = kept[::2], 2 * distance
        state, made = run(state, distance)
        step += made
    return step, kept, None


def segments_backward(steps, kept, run):
    """Yield (state, n), the last first: where a segment of at most SEGMENT steps starts."""
    end = steps
    while end:
        while kept[-1][0] >= end:
            kept.pop()
        start, state = kept[-1]
        while end - start > SEGMENT:
            gap, free = end - SEGMENT - start, SLOTS - SEGMENT - len(kept)
            ahead = min(gap, _whole_segments(-(-gap // (free // 2 + 1))))
            state, _ = run(state, ahead)
            start += ahead
            if free:
                kept.append((start, state))
        yield state, end - start
        end = start


def _whole_segments(n):
    return -(-n // SEGMENT) * SEGMENT
