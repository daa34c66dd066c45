"""What the functions of linear algebra compute, to 50 digits, by routes other than LAPACK's.

An oracle takes arrays of mpmath numbers and returns a list of such arrays. Where a result has a
freedom (the order of eigenvalues, the sign of a vector), it makes the choice that LAPACK makes on
the same numbers.
"""

from __future__ import annotations

import mpmath
import numpy as np
import scipy.linalg

ctx = mpmath.MPContext()
ctx.dps = 50


def exact(x):
    """An array of mpmath numbers."""
    x = np.asarray(x)
    number = (lambda z: ctx.mpc(complex(z))) if x.dtype.kind == "c" else (
        lambda z: ctx.mpf(float(z)))
    return np.asarray(np.frompyfunc(number, 1, 1)(x), object)


def floats(x):
    """The nearest double precision numbers."""
    values = [complex(z) for z in np.ravel(x)]
    out = np.array(values).reshape(np.shape(x))
    return out.real if all(not isinstance(z, ctx.mpc) for z in np.ravel(x)) else out


def matrix(a):
    return ctx.matrix(np.asarray(a, object).tolist())


def array(m):
    return np.array(m.tolist(), object).reshape(m.rows, m.cols)


def through(f):
    """A function of arrays from a function of mpmath's matrices."""
    return lambda *arrays: array(f(*map(matrix, arrays)))


conj = np.frompyfunc(ctx.conj, 1, 1)
real = np.frompyfunc(ctx.re, 1, 1)
size = np.frompyfunc(abs, 1, 1)


def h(a):
    return conj(a.T)


inverse = through(lambda m: m ** -1)
expm = through(ctx.expm)
logm = through(ctx.logm)
sqrtm = through(ctx.sqrtm)
cosm = through(ctx.cosm)
sinm = through(ctx.sinm)
# The hyperbolic ones by their functional equation, for mpmath lacks them.
coshm = through(lambda m: (ctx.expm(m) + ctx.expm(m) ** -1) / 2)
sinhm = through(lambda m: (ctx.expm(m) - ctx.expm(m) ** -1) / 2)


def eye(n):
    return exact(np.eye(n))


def lower_cholesky(a):
    """Gaussian elimination without pivots: a = l d h(l)."""
    low, up = eliminate(a)
    return low * np.array([ctx.sqrt(ctx.re(up[i, i])) for i in range(len(a))], object)


def eliminate(a):
    """(l, u) with a = l u, l unit lower triangular, for a of any shape."""
    m, n = a.shape
    k = min(m, n)
    low, up = exact(np.eye(m, k)), a.copy()
    for j in range(k):
        for i in range(j + 1, m):
            low[i, j] = up[i, j] / up[j, j]
            up[i] = up[i] - low[i, j] * up[j]
    return low, up[:k]


def qr(a):
    """Gram and Schmidt; the signs of LAPACK."""
    m, n = a.shape
    k = min(m, n)
    q = np.empty((m, k), object)
    for j in range(k):
        v = a[:, j]
        for i in range(j):
            v = v - q[:, i] * np.sum(conj(q[:, i]) * a[:, j])
        q[:, j] = v / ctx.sqrt(np.sum(size(v) ** 2))
    signs = np.sign(np.diagonal(np.linalg.qr(floats(a)).R).real)
    q = q * exact(signs)
    return [q, h(q) @ a]


def eigenvalues(a):
    """In the order of numpy.linalg.eig."""
    return eig(a)[0]


def eig(a):
    """Vectors of norm 1 with a real largest component, of LAPACK's sign."""
    w, v = ctx.eig(matrix(a))
    v = array(v)
    theirs = np.linalg.eig(floats(a))
    order = [int(np.argmin([abs(complex(x) - y) for x in w])) for y in theirs.eigenvalues]
    columns = []
    for j, place in enumerate(order):
        x, y = v[:, place], theirs.eigenvectors[:, j]
        k = int(np.argmax(np.abs(y)))
        x = x / ctx.sqrt(np.sum(size(x) ** 2))
        columns.append(x * (abs(x[k]) / x[k]) * int(np.sign(y[k].real)))
    return [np.array([ctx.mpc(w[i]) for i in order], object), np.array(columns, object).T]


def eigh(a):
    """(eigenvalues, projections on the first and the last eigenvector), from mpmath's eighe."""
    w, v = ctx.eighe(matrix((a + h(a)) / 2))
    v = array(v)
    return [np.array(list(w), object), v[:, :1] @ h(v[:, :1]), v[:, -1:] @ h(v[:, -1:])]


def singular_values(a):
    """The square roots of the eigenvalues of h(a) a, descending."""
    small = h(a) @ a if a.shape[0] >= a.shape[1] else a @ h(a)
    w = ctx.eighe(matrix(small), eigvals_only=True)
    return np.array([ctx.sqrt(ctx.re(x)) for x in reversed(list(w))], object)


def projections(a):
    """The singular values, and the products u_1 v_1, u_k v_k of singular vectors."""
    s = singular_values(a)
    left = [_eigenvector(a @ h(a), s[0] ** 2), _eigenvector(a @ h(a), s[-1] ** 2)]
    return [s, *[u @ h(u) @ a / x for u, x in zip(left, (s[0], s[-1]), strict=True)]]


def _eigenvector(a, w):
    """The eigenvector of a hermitian matrix whose eigenvalue is closest to w."""
    values, vectors = ctx.eighe(matrix(a))
    place = min(range(len(values)), key=lambda i: abs(values[i] - w))
    return array(vectors)[:, place:place + 1]


def schur(a):
    """The eigenvectors, made orthonormal: (diagonal, sizes of t, sizes of z)."""
    _, z = scipy.linalg.schur(floats(a), "complex")
    t = np.diagonal(h(exact(z)) @ a @ exact(z))
    w, v = ctx.eig(matrix(a))
    v = array(v)
    order = [min(range(len(w)), key=lambda i: abs(w[i] - x)) for x in t]
    q = qr(v[:, order])[0]
    triangle = h(q) @ a @ q
    return [np.diagonal(triangle), size(np.triu(triangle)), size(q)]


def lu(a):
    """(l, u) of the rows that LAPACK pivots to."""
    order = scipy.linalg.lu(floats(a), p_indices=True)[0]
    return list(eliminate(a[np.argsort(order)]))


def packed_lu(a):
    low, up = lu(a)
    m, n = a.shape
    out = np.empty((m, n), object)
    for i, j in np.ndindex(m, n):
        out[i, j] = low[i, j] if i > j else up[i, j]
    return [out]


def hessenberg(a):
    """The process of Arnoldi, from the first unit vector; the signs of LAPACK."""
    n = len(a)
    _, q = scipy.linalg.hessenberg(floats(a), calc_q=True)
    columns = [eye(n)[:, 0]]
    for j in range(1, n):
        v = a @ columns[-1]
        for u in columns:
            v = v - u * np.sum(conj(u) * v)
        v = v / ctx.sqrt(np.sum(size(v) ** 2))
        aligned = np.sum(np.conj(floats(v)) * q[:, j]).real
        columns.append(v * int(np.sign(aligned)))
    q = np.array(columns, object).T
    return [h(q) @ a @ q, q]


def polar(a):
    """u = a (h(a) a)^(-1/2)."""
    if a.shape[0] < a.shape[1]:
        u = h(polar(h(a))[0])
        return [u, h(u) @ a]
    p = sqrtm(h(a) @ a)
    return [a @ inverse(p), p]


def pinv(a):
    """The pseudo-inverse of a matrix of full rank."""
    if a.shape[0] >= a.shape[1]:
        return inverse(h(a) @ a) @ h(a)
    return h(a) @ inverse(a @ h(a))


def pinv_of_product(b, c):
    """That of b c, b with independent columns, c with independent rows."""
    return pinv(c) @ pinv(b)


def lstsq(a, b):
    x = pinv(a) @ b
    rest = size(a @ x - b) ** 2
    return [x] + ([np.sum(rest, axis=0)] if a.shape[0] > a.shape[1] else [])


def det(a):
    """The sum over permutations, by expansion along the first row."""
    if len(a) == 0:
        return ctx.mpf(1)
    total = ctx.mpf(0)
    for j in range(len(a)):
        minor = np.delete(a[1:], j, axis=1)
        total = total + (-1) ** j * a[0, j] * det(minor)
    return total


def stable_solution(m, n, stable):
    """u2 u1^-1 of the eigenvectors [u1; u2] whose eigenvalues are stable: Potter (1966)."""
    w, v = ctx.eig(matrix(m))
    chosen = array(v)[:, [i for i in range(2 * n) if stable(w[i])]]
    x = chosen[n:] @ inverse(chosen[:n])
    return x if any(isinstance(z, ctx.mpc) for z in m.flat) else real(x)


def care(a, b, q, r):
    """From the invariant subspace of the Hamiltonian matrix."""
    hamiltonian = np.block([[a, -b @ inverse(r) @ h(b)], [-q, -h(a)]])
    return stable_solution(hamiltonian, len(a), lambda w: ctx.re(w) < 0)


def dare(a, b, q, r):
    """From the invariant subspace of the symplectic matrix."""
    g, back = b @ inverse(r) @ h(b), inverse(h(a))
    symplectic = np.block([[a + g @ back @ q, -g @ back], [-back @ q, back]])
    return stable_solution(symplectic, len(a), lambda w: abs(w) < 1)


def boxed(value):
    out = np.empty((), object)
    out[()] = value
    return out


def slogdet(a):
    d = det(a)
    return [boxed(d / abs(d)), boxed(ctx.log(abs(d)))]


def vec_solve(operator, q):
    """x such that operator(x) = q, by the matrix of the operator in the standard basis."""
    columns = []
    for place in np.ndindex(*q.shape):
        unit = exact(np.zeros(q.shape))
        unit[place] = ctx.mpf(1)
        columns.append(np.ravel(operator(unit)))
    full = np.array(columns, object).T
    return (inverse(full) @ np.ravel(q).reshape(-1, 1)).reshape(q.shape)


def dense_toeplitz(c, r):
    n, m = len(c), len(r)
    return np.array([[c[i - j] if i >= j else r[j - i] for j in range(m)] for i in range(n)],
                    object)


def dense_banded(ab, below, above):
    n = ab.shape[1]
    out = exact(np.zeros((n, n)))
    for i, j in np.ndindex(n, n):
        if -above <= i - j <= below:
            out[i, j] = ab[above + i - j, j]
    return out
