"""What a compiled graph does, as text: rewrites, kernels, bytes, memory, and what fell back."""

from __future__ import annotations

from math import prod

from ..refimpl.errors import source_line
from .plan import format_kernel, short_name

UNITS = ((1e3, "KB"), (1e6, "MB"), (1e9, "GB"))


def traffic(plan, kernel):
    """(bytes read, bytes written) by a kernel; what a view repeats is counted once."""
    read = {}
    for view in kernel.inputs:
        layout = view.layout
        elements = 1
        for n, s in zip(layout.shape, layout.strides, strict=True):
            elements *= n if s else 1 if n else 0
        key = view.buffer, layout.offset, layout.strides
        read[key] = max(read.get(key, 0), elements * plan.buffers[view.buffer].dtype.itemsize)
    return sum(read.values()), _bytes_written(plan, kernel)


def _bytes_written(plan, kernel):
    if kernel.kind != "loop":
        return sum([plan.buffers[b].nbytes for b in kernel.writes])
    return sum([plan.buffers[s.buffer].dtype.itemsize * prod([kernel.shape[a] for a in s.axes])
                for s in kernel.outputs])


def spell_bytes(n):
    if n < 1000:
        return f"{n} bytes"
    unit, name = next(u for u in UNITS if n < 1000 * u[0] or u is UNITS[-1])
    return f"{n / unit:.3g} {name}"


def describe(compiled):
    """Spell what an executable does: an object with graph, simplified, plan, memory, fallbacks,
    bodies, steps."""
    fallbacks = list(_fallbacks(compiled))
    return "\n".join([*_summary(compiled), "", *_kernels(compiled),
                      *(["run by the reference:", *fallbacks] if fallbacks else [])])


def _summary(compiled):
    plan, memory = compiled.plan, compiled.memory
    before, after = len(compiled.graph.eqns), len(compiled.simplified.eqns)
    read, written = _total_traffic(plan)
    yield f"equations       {before} as traced, {after} after inlining and rewrites"
    yield f"kernels         {_count(plan)}"
    yield f"bytes moved     {spell_bytes(read)} read, {spell_bytes(written)} written"
    yield (f"temporaries     {len(plan.temporaries)} in {spell_bytes(memory.arena_bytes)}"
           f" (at once at most {spell_bytes(memory.peak)})")
    yield f"fallbacks       {len(compiled.fallbacks)}"


def _count(plan):
    kinds = ", ".join([f"{plan.count(kind)} {kind}" for kind in ("loop", "gemm", "random", "call")
                       if plan.count(kind)])
    return f"{len(plan.kernels)}{f' ({kinds})' if kinds else ''}"


def _total_traffic(plan):
    pairs = [traffic(plan, kernel) for kernel in plan.kernels]
    return sum([r for r, _ in pairs]), sum([w for _, w in pairs])


def _kernels(compiled):
    plan, bodies, steps = compiled.plan, compiled.bodies, compiled.steps
    for i, kernel in enumerate(plan.kernels):
        read, written = traffic(plan, kernel)
        reads = ", ".join(dict.fromkeys([short_name(plan, b) for b in kernel.reads]))
        lines = format_kernel(plan, i).splitlines()
        yield (f"{lines[0]}   # reads {spell_bytes(read)}{f' of {reads}' if reads else ''}, "
               f"writes {spell_bytes(written)}")
        yield from lines[1:]
        for name, body in bodies.get(i, ()):
            yield f"    kernels of {name}: {_count(body.plan)}"
        if i in steps:
            yield f"    steps: {steps[i]}"
        yield from _lines_of_source(kernel)
        yield ""


def _lines_of_source(kernel):
    """The user's lines that a kernel stems from, in order, each once."""
    sources = [op.source for op in kernel.body] if kernel.kind == "loop" else [kernel.source]
    lines = dict.fromkeys([source_line(s) for s in sources if s])
    if lines:
        yield f"    from {', '.join(_by_file(lines))}"


def _by_file(lines):
    """'model.py:12 in f', 'model.py:14 in f' -> 'model.py:12,14 in f'."""
    places = {}
    for line in lines:
        place, _, function = line.partition(" in ")
        file, _, number = place.rpartition(":")
        places.setdefault((file, function), []).append(number)
    return [f"{file}:{','.join(numbers)} in {function}"
            for (file, function), numbers in places.items()]


def _fallbacks(compiled, indent="    "):
    """What the reference runs; of a body, one level in."""
    bodies = compiled.bodies
    calls = [i for i, kernel in enumerate(compiled.plan.kernels) if kernel.kind == "call"]
    for i, f in zip(calls, compiled.fallbacks, strict=True):
        yield f"{indent}{f.primitive}: {f.reason}{f' ({f.line})' if f.line else ''}"
        for name, body in bodies.get(i, ()):
            inner = list(_fallbacks(body, indent + "    "))
            yield from [f"{indent}  in {name}:", *inner] if inner else ()
