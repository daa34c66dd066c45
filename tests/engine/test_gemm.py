"""Matrix products: every transposition, batches, sizes 0 and 1, against NumPy within the bound."""

import math

import numpy as np
import pytest

from isograd.fastpath import Program, threads
from isograd.fastpath.engine import cut_product
from isograd.fastpath.program import Call, Gemm, Matrix, Operand, ProgramError, Slot, c_strides

from .builder import gemm_program

RNG = np.random.default_rng(3)


def stored(shape, transposed, dtype):
    """A random array; the matrix is the transpose of what is stored, if asked for."""
    *batch, m, n = shape
    return RNG.standard_normal((*batch, n, m) if transposed else shape).astype(dtype)


def matrix(x, transposed):
    return np.swapaxes(x, -1, -2) if transposed else x


def assert_product(got, a, b):
    """|error| <= (k + 2) * eps * |a| @ |b|, element by element, both products counted."""
    wide_a, wide_b = a.astype(np.longdouble), b.astype(np.longdouble)
    want, size = wide_a @ wide_b, np.abs(wide_a) @ np.abs(wide_b)
    assert got.shape == want.shape and got.dtype == a.dtype
    assert np.all(np.abs(got - want) <= (a.shape[-1] + 2) * np.finfo(a.dtype).eps * size)


SIZES = [(1, 1, 1), (2, 3, 4), (1, 7, 5), (7, 1, 5), (7, 5, 1), (1, 1, 300), (1, 300, 1),
         (300, 1, 1), (17, 33, 65), (64, 128, 64), (200, 3, 150), (3, 200, 150), (130, 140, 150),
         (1, 3000, 500), (3000, 1, 500)]


@pytest.mark.parametrize("dtype", "fd")
@pytest.mark.parametrize("trans_b", [False, True])
@pytest.mark.parametrize("trans_a", [False, True])
@pytest.mark.parametrize(("m", "n", "k"), SIZES)
def test_product(m, n, k, trans_a, trans_b, dtype):
    a, b = stored((m, k), trans_a, dtype), stored((k, n), trans_b, dtype)
    (got,) = gemm_program(a, b, trans_a, trans_b)(a, b)
    assert_product(got, matrix(a, trans_a), matrix(b, trans_b))


@pytest.mark.parametrize("trans", [False, True])
@pytest.mark.parametrize(("batch_a", "batch_b"), [((5,), (5,)), ((2, 3), (2, 3)), ((4,), ()),
                                                  ((), (4,)), ((2, 1), (1, 3)), ((0,), (0,))])
def test_batches_broadcast(batch_a, batch_b, trans):
    for m, n, k in ((3, 4, 5), (1, 6, 2), (6, 1, 2)):
        a, b = stored((*batch_a, m, k), trans, "d"), stored((*batch_b, k, n), trans, "d")
        (got,) = gemm_program(a, b, trans, trans)(a, b)
        assert_product(got, matrix(a, trans), matrix(b, trans))


@pytest.mark.parametrize("dtype", "fd")
@pytest.mark.parametrize(("m", "n", "k"), [(3, 4, 0), (1, 4, 0), (3, 1, 0), (0, 4, 3), (3, 0, 4),
                                           (0, 0, 0)])
def test_sizes_of_zero(m, n, k, dtype):
    a, b = np.zeros((2, m, k), dtype), np.zeros((2, k, n), dtype)
    program = gemm_program(a, b)
    for _ in range(3):
        (got,) = program(a, b)
        np.testing.assert_array_equal(got, np.zeros((2, m, n), dtype))


@pytest.mark.parametrize(("m", "n"), [(4, 4), (1, 4), (4, 1)])
def test_what_was_in_the_result_does_not_matter(m, n):
    """A temporary full of NaN is overwritten."""
    nan = np.full((m, n), np.nan)
    slots = [Slot("input", nan.dtype, (m, 3)), Slot("input", nan.dtype, (3, n)),
             Slot("temp", nan.dtype, (m, n)), Slot("output", nan.dtype, (m, n))]
    strides = c_strides((m, n), 8)
    steps = [Call(lambda: nan, (), (2,)),
             Gemm(nan.dtype, False, False, (), m, n, 3, Matrix(0, 0, 3), Matrix(1, 0, n),
                  Matrix(2, 0, n)),
             Call(lambda x: x, (Operand(2, 0, (m, n), strides),), (3,))]
    program = Program(slots, steps, [0, 1], [3], 1024)
    a, b = RNG.standard_normal((m, 3)), RNG.standard_normal((3, n))
    assert_product(program(a, b)[0], a, b)


def test_part_of_a_matrix_and_nan():
    """Leading dimensions beyond the width, offsets, and NaN that stays in its row."""
    a, b = RNG.standard_normal((10, 20)), RNG.standard_normal((20, 30))
    a[2, 3] = np.nan
    slots = [Slot("input", a.dtype, a.shape), Slot("input", b.dtype, b.shape),
             Slot("output", a.dtype, (4, 5))]
    step = Gemm(a.dtype, False, False, (), 4, 5, 6, Matrix(0, (1 * 20 + 2) * 8, 20),
                Matrix(1, (3 * 30 + 4) * 8, 30), Matrix(2, 0, 5))
    (got,) = Program(slots, [step], [0, 1], [2])(a, b)
    want = a[1:5, 2:8] @ b[3:9, 4:9]
    assert np.isnan(got[1]).all()
    np.testing.assert_allclose(np.delete(got, 1, 0), np.delete(want, 1, 0), rtol=1e-12)


@pytest.mark.parametrize("dtype", "fd")
def test_rectangles_cover_the_result(dtype):
    """Large products, cut both ways: the same bits for any number of threads, on every run."""
    before = threads()
    try:
        for m, n, k in ((400, 300, 350), (37, 3000, 200), (3000, 37, 200)):
            rows, columns = cut_product(m, n, k, np.dtype(dtype).itemsize)
            assert (rows, columns) != (m, n)
            a, b = stored((m, k), False, dtype), stored((k, n), False, dtype)
            program = gemm_program(a, b)
            results = []
            for count in (1, 2, 3, 2):
                threads(count)
                results.append(program(a, b)[0])
            assert_product(results[0], a, b)
            for other in results[1:]:
                np.testing.assert_array_equal(other, results[0])
    finally:
        threads(before)


def test_cut_is_a_function_of_the_shape():
    for m, n, k in ((1, 1, 1), (10**6, 1, 1), (512, 512, 512), (5000, 5000, 5000), (3, 10**6, 9)):
        rows, columns = cut_product(m, n, k, 8)
        assert 1 <= rows <= max(m, 16) and 1 <= columns <= max(n, 16)
        assert math.ceil(m / rows) * math.ceil(n / columns) <= 4096


def test_blas_keeps_its_threads():
    threadpoolctl = pytest.importorskip("threadpoolctl", reason="threadpoolctl shows the threads")
    a = RNG.standard_normal((300, 300))
    program = gemm_program(a, a)
    program(a, a)
    before = threadpoolctl.threadpool_info()
    program(a, a)
    assert threadpoolctl.threadpool_info() == before


def test_integers_are_refused():
    a = np.zeros((2, 2), np.int64)
    with pytest.raises(ProgramError, match="gemm takes float32 or float64"):
        gemm_program(a, a)
