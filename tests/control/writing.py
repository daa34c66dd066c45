"""Bodies that write into arrays, each beside a loop in Python that does the same.

A body is written once, as NumPy has it; `loop` runs it on copies, for what a body is given is its
own. Each program takes one vector of six positive numbers and gives an array.
"""

from typing import NamedTuple

import numpy as np

from isograd import jit, lax


class Writing(NamedTuple):
    """structured: the program with control flow of `lax`; loop: the same in Python."""

    structured: object
    loop: object


# ---- bodies of fori_loop: (i, x) -> x ----

def heat(i, u):
    u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


def one_element(i, x):
    """Which element is written depends on the step."""
    x[i] = np.sin(x[i - 1]) * x[5 - i]
    return x


def views(i, x):
    rows = x.reshape(2, 3)
    last = rows[:, -1]
    last *= rows[0, :2]
    rows[1][::-1] = np.cos(rows[0]) + i
    return x


def out(i, x):
    np.multiply(x, x[::-1] * 0.5, out=x)
    np.sin(x[1:], out=x[:-1])
    return x


def made_inside(i, x):
    y = np.zeros_like(x)
    y[1:] = x[:-1] * 2
    y[0] = np.sum(x) / (i + 6)
    np.add.at(y, np.array([4, 4, 2]), x[:3])
    return y / 3


def ordered(i, x):
    x.sort()
    x[::2] = x[::2][::-1] * 0.9
    return x


def masked(i, x):
    x[x > 1.0] = x[i] * 0.5
    np.putmask(x, x < 0.6, x + 0.3)
    return x


def other_handle(i, x):
    """The array that is returned is not the one that was written."""
    y = x
    y[0] = y[1] * 0.7
    return y[::-1]


@jit
def halve(x):
    x *= 0.5


def by_a_compiled_function(i, x):
    halve(x[2:])
    x[0] += x[3]
    return x


FORI = (heat, one_element, views, out, made_inside, ordered, masked, other_handle,
        by_a_compiled_function)


def by_fori(body):
    def loop(x):
        x = x.copy()
        for i in range(1, 4):
            x = body(i, x)
        return x
    return Writing(lambda x: lax.fori_loop(1, 4, body, x), loop)


# ---- the other kinds ----

def forward_sweep(state, row):
    """Elimination of a tridiagonal system; Golub and Van Loan, section 4.3.6."""
    i, d, y = state
    w = row[0] / d[i]
    d[i + 1] -= w * row[1]
    y[i + 1] -= w * y[i]
    row *= d[i]
    return (i + 1, d, y), row


def scanned(x):
    d, y = x + 3.0, x.copy()
    bands = np.stack([x[:5] * 0.1, np.sqrt(x[1:])], 1)
    (_, d, y), rows = lax.scan(forward_sweep, (0, d, y), bands)
    return np.concatenate([d, y, rows[:, 0], bands[:, 1]])


def swept(x):
    d, y = x + 3.0, x.copy()
    bands = np.stack([x[:5] * 0.1, np.sqrt(x[1:])], 1)
    state, rows = (0, d, y), []
    for k in range(5):
        state, row = forward_sweep(state, bands[k].copy())
        rows.append(row[0])
    return np.concatenate([state[1], state[2], np.stack(rows), bands[:, 1]])


def relax(x):
    x[1:-1] = 0.5 * (x[2:] + x[:-2])
    x[-1] = 0.8 * x[-1] + 0.2 * x[0]
    return x


def uneven(x):
    return np.sum((x[1:] - x[:-1]) ** 2) > 0.05


def relaxed(x):
    x = x.copy()
    while uneven(x):
        x = relax(x)
    return x


def raise_ends(x, y):
    x[0] += y[-1]
    y[:] = x[0]
    return x * y


def lower_ends(x, y):
    x[-1] *= x[0]
    x, y = y, x
    x[:2] = y[2:4]
    return x + y


def chosen(x):
    first = lax.cond(x[0] > 0.5, raise_ends, lower_ends, x, x[::-1])
    return first + lax.switch(np.sum(x > 9).astype(int), [lower_ends, raise_ends], x, first)


def by_if(x):
    first = (raise_ends if x[0] > 0.5 else lower_ends)(x.copy(), x[::-1].copy())
    return first + [lower_ends, raise_ends][int(np.sum(x > 9))](x.copy(), first.copy())


def normalised(row):
    row -= row[0] * 0.5
    row[1:].sort()
    row[:2] /= np.sum(row * row)
    return row


def mapped(x):
    rows = x.reshape(3, 2) * np.ones((3, 1))
    return lax.map(normalised, rows) + lax.map(normalised, rows, batch_size=2) + rows


def by_rows(x):
    rows = x.reshape(3, 2)
    return np.stack([2 * normalised(row.copy()) for row in rows]) + rows


def join(a, b):
    """In place, into what it is given: the prefixes must not notice."""
    b *= a
    a += b
    a -= b
    return b


def join_left(a, b):
    a *= b
    return a


def prefixes(x):
    return (lax.associative_scan(join, x) + lax.associative_scan(join_left, x, reverse=True)) * x


def products(x):
    return (np.cumprod(x) + np.cumprod(x[::-1])[::-1]) * x


def nested(x):
    """A branch that writes, in a loop that writes, in a loop."""
    def step(c, t):
        def inner(i, v):
            v[i] = lax.cond(v[i] > 1, lambda w: w.__imul__(t)[i], lambda w: w[i] + 1, v)
            return v
        c[:3] = lax.fori_loop(0, 3, inner, c[3:])
        return c[::-1], c[0]
    c, ys = lax.scan(step, x, np.array([0.5, 0.8]))
    return np.concatenate([c, ys])


def by_nested_loops(x):
    c, ys = x.copy(), []
    for t in (0.5, 0.8):
        v = c[3:].copy()
        for i in range(3):
            v[i] = v[i] * t if v[i] > 1 else v[i] + 1
        c[:3] = v
        ys.append(c[0])
        c = c[::-1].copy()
    return np.concatenate([c, np.stack(ys)])


PROGRAMS = {
    **{body.__name__: by_fori(body) for body in FORI},
    "scan": Writing(scanned, swept),
    "while_loop": Writing(lambda x: lax.while_loop(uneven, relax, x), relaxed),
    "cond and switch": Writing(chosen, by_if),
    "map": Writing(mapped, by_rows),
    "associative_scan": Writing(prefixes, products),
    "nested": Writing(nested, by_nested_loops),
}
