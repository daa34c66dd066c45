"""Record what JAX draws: `python -m tests.random.record`, where JAX is installed.

Writes recorded.npz: one array for each call in calls.py, and the version. The numbers are results
of running JAX (Apache License 2.0), x64 enabled; no text of it is kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .calls import CALLS

PATH = Path(__file__).parent / "recorded.npz"


def run(random, call):
    """The result of a call with the functions of a module, as a NumPy array; of keys the words."""
    key = random.key(call.seed)
    out = getattr(random, call.function)(key, *call.args, **call.kwargs)
    if call.function in ("split", "fold_in"):
        out = random.key_data(out)
    if call.function == "categorical":      # some of JAX's are int32
        out = np.asarray(out, np.int64)
    return np.asarray(out)


def name(index, call):
    return f"{index:03d}_{call.function}"


def main():
    import jax
    jax.config.update("jax_enable_x64", True)
    results = {name(i, call): run(jax.random, call) for i, call in enumerate(CALLS)}
    np.savez_compressed(PATH, version=np.array(f"jax {jax.__version__}"), **results)


if __name__ == "__main__":
    main()
