"""Compare isograd with NumPy, Autograd and JAX, side by side.

    python asv_bench/compare.py [--libraries numpy isograd autograd jax] [--rounds 5] [--only TEXT]

Each library runs in a process of its own; the processes take turns, round after round, so that the
machine's moods hit all alike. The table shows each library's best time in microseconds, and its
ratio to isograd's. A library that is not installed is left out.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import timeit
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from benchmarks import programs

# name: (program, shapes of the arguments, what is timed)
WORK = {
    **{f"sum(x + y*z) {n:.0e}": (programs.fused_sum, ((n,),) * 3, "jit")
       for n in (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)},
    **{f"gelu {n:.0e}": (programs.gelu, ((n,),), "jit")
       for n in (100, 10_000, 1_000_000, 10_000_000)},
    **{f"softmax {n}x{m}": (programs.softmax, ((n, m),), "jit")
       for n, m in ((10, 10), (100, 100), (512, 1024), (512, 8192))},
    **{f"layer norm {n}x{m}": (programs.layer_norm, ((n, m), (m,), (m,)), "jit")
       for n, m in ((10, 10), (100, 100), (1024, 768))},
    **{f"cross-entropy {n}x{m}": (programs.cross_entropy, ((n, m), (n, m)), "jit")
       for n, m in ((10, 10), (100, 100), (512, 1024))},
    "gradient of cross-entropy 512x1024": (programs.cross_entropy, ((512, 1024),) * 2, "jit grad"),
    "gradient of rosenbrock 10, compiled": (programs.rosenbrock, ((10,),), "jit grad"),
    "gradient of rosenbrock 10": (programs.rosenbrock, ((10,),), "grad"),
    "gradient of sum(sin(x) * x) 10": (programs.three_operations, ((10,),), "grad"),
    "x * 2 + 1, a number": (programs.scalar, ((),), "jit"),
    "MLP step 784-512-512-10": (programs.mlp_loss, "mlp", "step"),
}


# ---- one library, in its own process ----

def library(name):
    """Return (numpy namespace, jit, grad, wait for the result)."""
    if name == "numpy":
        return np, lambda f: f, None, lambda x: x
    if name == "isograd":
        import isograd
        return np, isograd.jit, isograd.grad, lambda x: x
    if name == "autograd":
        import autograd
        import autograd.numpy as anp
        return anp, lambda f: f, autograd.grad, lambda x: x
    import jax
    jax.config.update("jax_enable_x64", True)
    return jax.numpy, jax.jit, jax.grad, jax.block_until_ready


def prepare(name, work):
    """Return a function without arguments that runs the work once, or None if it cannot."""
    xp, jit, grad, wait = library(name)
    program, shapes, what = WORK[work]
    programs.np = xp
    if ("grad" in what or what == "step") and grad is None:
        return None
    if what == "step":
        args = programs.mlp_inputs()
        f = jit(grad(program))
    else:
        dtype = np.float64 if name_is_small(work) else np.float32
        args = programs.arrays(*shapes, dtype=dtype)
        f = {"jit": jit, "grad": grad, "jit grad": lambda f: jit(grad(f))}
        f = (f[what](program) if what != "jit grad" else jit(grad(program)))
    if name == "jax":
        import jax
        args = jax.tree.map(xp.asarray, args)
    wait(f(*args))
    return lambda: wait(f(*args))


def name_is_small(work):
    return work.endswith(" 10") or "number" in work or ", compiled" in work


def serve(name):
    """Answer each line on standard input (a piece of work) with its best time in seconds."""
    ready = {}
    for line in sys.stdin:
        work = line.strip()
        if work not in ready:
            ready[work] = prepare(name, work)
        run = ready[work]
        if run is None:
            print(json.dumps(None), flush=True)
            continue
        number = max(1, int(0.02 / max(timeit.timeit(run, number=1), 1e-7)))
        print(json.dumps(min(timeit.repeat(run, number=number, repeat=3)) / number), flush=True)


# ---- all libraries, in turn ----

def start(name):
    return subprocess.Popen([sys.executable, __file__, "--serve", name], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)


def measure(process, work):
    process.stdin.write(work + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def compare(names, works, rounds):
    processes = {name: start(name) for name in names}
    print(f"{'us':36}" + "".join(f"{name:>22}" for name in names))
    for work in works:
        best = dict.fromkeys(names)
        for _ in range(rounds):
            for name in names:
                seconds = measure(processes[name], work)
                if seconds is not None:
                    best[name] = min(seconds, best[name] or seconds)
        print(f"{work:36}" + "".join(cell(best[name], best["isograd"]) for name in names),
              flush=True)
    for process in processes.values():
        process.stdin.close()
        process.wait()


def cell(seconds, ours):
    if seconds is None:
        return f"{'-':>22}"
    return f"{1e6 * seconds:>13.4g} ({seconds / ours:5.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = ["numpy", "isograd", "autograd", "jax"]
    parser.add_argument("--libraries", nargs="+", choices=known, default=known)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="work whose name contains this text")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve)
        return
    names = [name for name in args.libraries if importlib.util.find_spec(name)]
    compare(names, [w for w in WORK if args.only in w], args.rounds)


if __name__ == "__main__":
    main()
