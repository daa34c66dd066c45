"""The product of a sparse matrix and an array: an operation whose numbers SciPy computes."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from isograd.extend import Primitive, bind, linear


@dataclass(frozen=True, eq=False)
class Sparse:
    """A constant matrix by its rows."""

    rows: csr_array

    @functools.cached_property
    def T(self):
        return Sparse(csr_array(self.rows.T))


def product(matrix, x):
    """matrix @ x, x of shape (n,) or (n, k), of the matrix's dtype."""
    return bind(product_p, x, matrix=matrix)


def _transpose(ct, args, params):
    return (product(params["matrix"].T, ct),)


def _batch(prim, size, args, batched, params):
    """The examples are further columns."""
    columns = np.moveaxis(args[0], 0, -1)
    y = product(params["matrix"], np.reshape(columns, (columns.shape[0], -1)))
    return np.moveaxis(np.reshape(y, columns.shape), -1, 0), True


product_p = Primitive("isograd.sparse_product", "dot", lambda x, *, matrix: matrix.rows @ x,
                      lambda x, *, matrix: x, jvp=linear, transpose=_transpose, batch=_batch,
                      doc="A constant square sparse matrix times an array.")
