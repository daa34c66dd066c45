"""Programs with control flow, each beside the Python program that it means.

A program is a function of real arrays; `loop` is the same in plain Python, whose control flow reads
concrete numbers.
"""

from typing import NamedTuple

import numpy as np

from isograd import lax

TIMES = np.linspace(0.1, 0.9, 5)
MATRIX = np.array([[0.3, -0.2, 0.1], [0.5, 0.4, -0.6], [0.2, 0.1, 0.7]])


class Program(NamedTuple):
    """structured: what is under test; loop: the oracle; args: its arguments.

    batched: whether the program's own control flow may differ between examples of a batch.
    """

    structured: object
    loop: object
    args: tuple


def scan_sum(x, w):
    def step(c, t):
        c = np.tanh(w @ c + t)
        return c, np.sum(c * c)
    c, ys = lax.scan(step, x, TIMES)
    return np.sum(c) + np.sum(ys * ys)


def loop_sum(x, w):
    total = 0.0
    for t in TIMES:
        x = np.tanh(w @ x + t)
        total = total + np.sum(x * x) ** 2
    return np.sum(x) + total


def scan_reversed(x, w):
    (a, b), ys = lax.scan(lambda c, t: ((c[1] * t["t"], np.sin(c[0]) + w), {"y": c[0] * c[1]}),
                          (x, x + 1), {"t": TIMES}, reverse=True)
    return np.sum(a * b) + np.sum(ys["y"] * TIMES)


def loop_reversed(x, w):
    a, b, total = x, x + 1, 0.0
    for t in TIMES[::-1]:
        total = total + a * b * t
        a, b = b * t, np.sin(a) + w
    return a * b + total


def scan_rows(x, w):
    """The scanned arrays themselves are differentiated; there is nothing carried."""
    _, ys = lax.scan(lambda c, row: (c, np.sum(np.exp(row)) * row[0]), (), w)
    return np.sum(ys * x)


def loop_rows(x, w):
    return sum(np.sum(np.exp(w[i])) * w[i][0] * x[i] for i in range(3))


def while_newton(x, w):
    """As many steps as it takes: the count depends on the argument."""
    return lax.while_loop(lambda c: np.abs(c * c - x) > 1e-2,
                          lambda c: 0.5 * (c + x / c) + w * 1e-3, x + 1.0)


def loop_newton(x, w):
    c = x + 1.0
    while np.abs(c * c - x) > 1e-2:
        c = 0.5 * (c + x / c) + w * 1e-3
    return c


def while_vector(x, w):
    def body(c):
        i, v = c
        return i + 1, np.sin(w @ v) + x * 0.1
    return np.sum(lax.while_loop(lambda c: c[0] < 40, body, (0, x))[1] ** 2)


def loop_vector(x, w):
    v = x
    for _ in range(40):
        v = np.sin(w @ v) + x * 0.1
    return np.sum(v ** 2)


def fori_static(x, w):
    return lax.fori_loop(2, 7, lambda i, c: c * np.cos(w * i) + i, x)


def fori_dynamic(x, w):
    return lax.fori_loop(np.int64(2), np.int64(7), lambda i, c: c * np.cos(w * i) + i, x)


def loop_fori(x, w):
    for i in range(2, 7):
        x = x * np.cos(w * i) + i
    return x


def cond_poles(x, w):
    """The branch not taken has an infinite derivative at the point."""
    safe = lax.cond(x > 0.5, lambda: np.sqrt(x - 0.5), lambda: x * w)
    return safe + lax.cond(w > 10.0, lambda a: np.log(a - 2.0), lambda a: a * a, w)


def loop_poles(x, w):
    safe = np.sqrt(x - 0.5) if x > 0.5 else x * w
    return safe + (np.log(w - 2.0) if w > 10.0 else w * w)


def switch_three(x, w):
    def shape(i):
        return lax.switch(i, [lambda a: np.sin(a) * w, lambda a: a, lambda a: w ** 3], x)
    return shape(-4) + shape(1) * shape(0) + shape(9)


def loop_three(x, w):
    return np.sin(x) * w + x * np.sin(x) * w + w ** 3


def nested(x, w):
    """A while loop in a branch in a scan, in which a carried count chooses."""
    def halve(c):
        return lax.while_loop(lambda v: v > 0.4, lambda v: v * 0.5 * np.cos(w), c)

    def step(c, t):
        i, v = c
        v = lax.cond(i % 2 == 0, lambda: halve(v + t), lambda: v * w + 1.0)
        return (i + 1, v), v
    (_, v), ys = lax.scan(step, (0, x), TIMES)
    return v + np.sum(ys)


def loop_nested(x, w):
    total, v = 0.0, x
    for i, t in enumerate(TIMES):
        if i % 2 == 0:
            v = v + t
            while v > 0.4:
                v = v * 0.5 * np.cos(w)
        else:
            v = v * w + 1.0
        total = total + v
    return v + total


def prefix_products(x, w):
    """The products of all leading runs of 2 x 2 triangles, by their entries."""
    def join(a, b):
        return a[0] * b[0], a[1] * b[0] + b[1]
    scale, shift = lax.associative_scan(join, (np.sin(TIMES * x), TIMES * w))
    return np.sum(scale + shift * shift)


def loop_products(x, w):
    a, b, total = 1.0, 0.0, 0.0
    for t in TIMES:
        a, b = a * np.sin(t * x), b * np.sin(t * x) + t * w
        total = total + a + b * b
    return total


def mapped(x, w):
    return np.sum(lax.map(lambda t: np.sin(t * x) * w, TIMES, batch_size=2) ** 2)


def loop_mapped(x, w):
    return sum((np.sin(t * x) * w) ** 2 for t in TIMES)


VECTOR = np.array([0.2, -0.4, 0.9])
PROGRAMS = {
    "scan": Program(scan_sum, loop_sum, (VECTOR, MATRIX)),
    "scan reversed": Program(scan_reversed, loop_reversed, (0.4, 0.8)),
    "scan of rows": Program(scan_rows, loop_rows, (VECTOR, MATRIX)),
    "while by value": Program(while_newton, loop_newton, (2.3, 0.7)),
    "while of vectors": Program(while_vector, loop_vector, (VECTOR, MATRIX)),
    "fori static": Program(fori_static, loop_fori, (0.4, 0.8)),
    "fori dynamic": Program(fori_dynamic, loop_fori, (0.4, 0.8)),
    "cond": Program(cond_poles, loop_poles, (0.4, 2.0)),
    "cond, other side": Program(cond_poles, loop_poles, (0.6, 2.0)),
    "switch": Program(switch_three, loop_three, (0.4, 0.8)),
    "nested": Program(nested, loop_nested, (0.9, 0.8)),
    "associative_scan": Program(prefix_products, loop_products, (0.4, 0.8)),
    "map": Program(mapped, loop_mapped, (0.4, 0.8)),
}
