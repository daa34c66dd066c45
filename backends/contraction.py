"""The canonical form of a contraction: a batch of matrix products."""

from __future__ import annotations

from math import prod

from .places import permuted, reshaped
from .views import single_axis


def matrices(x, y, contract, batch):
    """Bring the operands of dot_general to (batch..., m, k) and (batch..., k, n).

    Returns two pairs (place, shape): where the shape is not None, the place has to be copied and
    then reshaped to that, for no strides make it a matrix that BLAS takes.
    """
    (x_sum, y_sum), (x_batch, y_batch) = contract, batch
    x_free = _others(x, x_sum, x_batch)
    y_free = _others(y, y_sum, y_batch)
    return (_matrix(x, x_batch, x_free, x_sum), _matrix(y, y_batch, y_sum, y_free))


def _others(place, *used):
    taken = [a for axes in used for a in axes]
    return tuple([i for i in range(len(place.shape)) if i not in taken])


def _matrix(place, batch, rows, columns):
    """Merge the axes of rows and of columns into one each, if that needs no copy."""
    place = permuted(place, (*batch, *rows, *columns))
    shape, strides = place.shape, place.layout.strides
    cut = len(batch), len(batch) + len(rows)
    target = (*shape[:cut[0]], prod(shape[cut[0]:cut[1]]), prod(shape[cut[1]:]))
    row = single_axis(shape[cut[0]:cut[1]], strides[cut[0]:cut[1]])
    column = single_axis(shape[cut[1]:], strides[cut[1]:])
    matrix = reshaped(place, target) if row and column else None
    if matrix is not None and is_blas_matrix(matrix.layout):
        return matrix, None
    return place, target


def is_blas_matrix(layout):
    """Whether the last two axes make a matrix in C or Fortran order with a leading dimension."""
    *_, m, n = layout.shape
    *_, row, column = layout.strides
    if 0 in layout.shape:
        return True
    c_order = (n == 1 or column == 1) and (m == 1 or row >= n)
    f_order = (m == 1 or row == 1) and (n == 1 or column >= m)
    return c_order or f_order
