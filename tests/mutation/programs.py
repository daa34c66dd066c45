"""Programs that write into arrays, as NumPy has them. Each takes one vector of positive numbers.

They run on NumPy arrays and on traced ones alike; what NumPy makes of them is what is expected.
"""

import numpy as np

MASK = np.array([True, False, True, True, False, False])
PLACES = np.array([4, 0, 2])


def total(x):
    return np.sum(np.sin(x) * np.arange(1, x.size + 1).reshape(x.shape))


# ---- small ones: what is written, and how ----

def element(x):
    x[2] = x[0] * x[1]


def last_elements(x):
    x[-2:] = x[0] * 3


def strided(x):
    x[::2] = x[1::2] ** 2


def backwards(x):
    x[::-1] = x * np.arange(6.0)


def everything(x):
    x[...] = x[::-1] * x


def augmented(x):
    x += 1
    x *= x
    x -= x[0]
    x /= 3.0
    x **= 2
    x += 0.5
    x //= 1e9
    x += np.arange(6.0)
    x %= 4.5


def overlapping(x):
    x[1:] += x[:-1]
    x[:-1] *= x[1:]


def mask(x):
    x[MASK] = 2 * x[0]


def mask_values(x):
    x[MASK] = x[:3] * x[3:]


def traced_mask(x):
    x[x > 1.0] = 1 / x[0]


def augmented_mask(x):
    x[x > 1.0] *= 2


def places(x):
    x[PLACES] = x[PLACES[::-1]] * x[1]


def augmented_places(x):
    x[PLACES] += x[:3]


def repeated_places(x):
    x[np.array([1, 1, 3])] = x[:3] * 2


def add_at(x):
    np.add.at(x, np.array([1, 1, 3]), x[:3] * x[3:])


def subtract_at(x):
    np.subtract.at(x, np.array([1, 1, 3]), x[:3])


def multiply_at(x):
    np.multiply.at(x, np.array([1, 1, 3]), 3.0)


def maximum_at(x):
    np.maximum.at(x, np.array([1, 1, 3]), x[:3] + 0.1)


def divide_at(x):
    np.divide.at(x, np.array([5, 1, 3]), x[:3])


def negative_at(x):
    np.negative.at(x, np.array([5, 1]))


def fill(x):
    y = x[1:3]
    y.fill(x[4] * 2)


def sort(x):
    x.sort()
    x[::-2].sort()


def partition_halves(x):
    x[:3].partition(2)
    x[:3].sort()


def put(x):
    x.put([0, 3, 5], x[:2])
    np.put(x, [1, 7], x[2], mode="wrap")


def copyto(x):
    np.copyto(x[:4], x[2:] * 2)
    np.copyto(x, x[0], where=MASK)


def place(x):
    np.place(x, MASK, x[:2] * 2)


def putmask(x):
    np.putmask(x, x > 1.0, x[:4] * 3)


def put_along_axis(x):
    a = x.reshape(2, 3)
    np.put_along_axis(a, np.array([[2], [0]]), a[:, :1] * 5, 1)


def fill_diagonal(x):
    a = np.outer(x[:3], x[3:])
    np.fill_diagonal(a, x[0])
    x[:3] = a[1] + a[2]


def out_of_ufunc(x):
    np.multiply(x, x[0], out=x)
    np.sin(x[1:], out=x[:-1])


def out_and_where(x):
    y = np.zeros_like(x)
    np.divide(x, x - x[0], out=y, where=np.arange(6) > 0)
    x += y


def out_of_functions(x):
    y = np.empty_like(x)
    np.cumsum(x, out=y)
    np.add.accumulate(y, out=y)
    np.clip(y, 1.0, 8.0, out=x)
    np.concatenate([y[3:], x[:3]], out=y)
    np.matmul(y.reshape(2, 3), x[:3], out=x[4:])
    np.sum(y.reshape(2, 3), axis=0, out=x[:3])
    x /= 20
    x.cumprod(out=y)
    x += y


# ---- views ----

def slice_view(x):
    y = x[1:3]
    y[0] = x[5]
    x[2] = y[0] * 2
    y *= y


def view_of_view(x):
    y = x[1:][::2]
    z = y[1:]
    z[0] = x[0] * y[0]
    x[1] += z[0]


def shapes(x):
    a = x.reshape(2, 3)
    a[1] *= a[0]
    a.T[0] = x[5]
    a.ravel()[4] = a[0, 0] * 3
    np.swapaxes(a, 0, 1)[2, 0] += 1
    a[None].squeeze()[0, 1] *= x[2]
    np.moveaxis(a, 0, 1)[1] /= 2
    np.expand_dims(x, 0)[0, 3] -= x[0]


def turned(x):
    a = x.reshape(2, 3)
    np.flip(a)[0, 0] *= 2
    np.rot90(a)[0, 1] += a[0, 0]
    a[:, ::-1][0] = a[1]
    np.fliplr(a)[0] **= 2


def copies(x):
    a = x.reshape(2, 3)
    for y in (x[[0, 1]], x.copy(), x + 0, a.flatten(), a.T.ravel(), x[MASK], np.copy(x), +x,
              x.astype(float), x.repeat(1), np.concatenate([x]), a.T.reshape(-1), x.clip(0, 99)):
        y += 1e3
        y[0] = 7.0
    x[0] = x[1]


def parts(x):
    for i, part in enumerate(np.split(x, 3)):
        part *= i + 1
    a, b = np.hsplit(x.reshape(3, 2), 2)
    a += b


def rows(x):
    a = x.reshape(3, 2)
    for row in a:
        row *= row[::-1]
    for i in range(2):
        a[:, i] += i


def numbers_are_not_views(x):
    s = x[0]
    s += 1
    x[1] = s * x[0]


def zero_dimensional(x):
    y = x[2, ...]
    y[...] = x[0] * 5
    y += 1


def complex_parts(x):
    z = x * (1 + 2j)
    z.real[:3] = x[3:]
    z.imag *= 2
    z.real += z.imag
    z.imag = x * z.real
    x[:] = np.abs(z)


def flat(x):
    a = x.reshape(2, 3).T
    a.flat[1] = x[0] * 2
    a.flat[3:] = x[:3] * 3
    x[0] = sum(a.flat)


def made_arrays(x):
    z = np.zeros_like(x)
    z[1:] = x[:-1]
    one = np.ones_like(x) + 1
    one[0] = x[1]
    e = np.zeros((2, 2), like=x)
    e[0, 1] = x[0]
    f = np.full_like(x, 3.0)
    f[2] += x[3] * e[0, 1]
    x[:] = z * one + f


# ---- real ones ----

def heat_equation(x):
    """Explicit finite differences, in place, with the boundary fixed."""
    for _ in range(4):
        x[1:-1] += 0.2 * (x[2:] - 2 * x[1:-1] + x[:-2])


def thomas(x):
    """A tridiagonal system, by elimination in place and back substitution."""
    n = x.size
    lower, diagonal, upper = x * 0.1, x + 3.0, np.sqrt(x)
    y = x.copy()
    for i in range(1, n):
        w = lower[i] / diagonal[i - 1]
        diagonal[i] -= w * upper[i - 1]
        y[i] -= w * y[i - 1]
    y[-1] /= diagonal[-1]
    for i in range(n - 2, -1, -1):
        y[i] = (y[i] - upper[i] * y[i + 1]) / diagonal[i]
    x[:] = y


def histogram(x):
    """Weights collected in bins that do not depend on them."""
    bins = np.zeros_like(x)
    np.add.at(bins, np.arange(6) * 7 % 4, x ** 2)
    x[:] = bins


def gauss_seidel(x):
    a = np.eye(6) * 4 + np.cos(np.arange(36.0)).reshape(6, 6)
    b = np.exp(-x)
    for _ in range(2):
        for i in range(6):
            x[i] = (b[i] - a[i, :i] @ x[:i] - a[i, i + 1:] @ x[i + 1:]) / a[i, i]


def lu(x):
    """LU without pivots, in place; Golub and Van Loan, algorithm 3.2.1."""
    a = np.outer(x[:3], x[3:]) + np.diag(x[:3] + 2)
    for k in range(2):
        a[k + 1:, k] /= a[k, k]
        a[k + 1:, k + 1:] -= np.outer(a[k + 1:, k], a[k, k + 1:])
    x[:] = a.ravel()[:6] * a.ravel()[3:]


def insertion_sort_step(x):
    for i in range(1, 6):
        low, high = np.minimum(x[i - 1], x[i]), np.maximum(x[i - 1], x[i])
        x[i - 1], x[i] = low, high


PROGRAMS = {f.__name__: f for f in (
    element, last_elements, strided, backwards, everything, augmented, overlapping, mask,
    mask_values, traced_mask, augmented_mask, places, augmented_places, repeated_places, add_at,
    subtract_at, multiply_at, maximum_at, divide_at, negative_at, fill, sort, partition_halves,
    put, copyto, place, putmask, put_along_axis, fill_diagonal, out_of_ufunc, out_and_where,
    out_of_functions, slice_view, view_of_view, shapes, turned, copies, parts, rows,
    numbers_are_not_views, zero_dimensional, complex_parts, flat, made_arrays, heat_equation,
    thomas, histogram, gauss_seidel, lu, insertion_sort_step)}

# Programs whose masks decide a shape: they need numbers, which jit and vmap do not have.
CONCRETE = {"augmented_mask"}
