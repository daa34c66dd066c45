"""Rows of test data of transforms and convolutions."""

from __future__ import annotations

from .table import COMPLEX, FLOAT, NUMBER, Arg, Example, Row, on


def transform(shape, form, *axes, norm="backward", size=None):
    """An example; rfft takes real numbers only, whatever the dtype of the case."""
    dtype = "float64" if form == "rfft" else None
    return Example((Arg(shape, dtype=dtype),),
                   {"form": form, "axes": axes, "norm": norm, "size": size})


SQUARE = (transform((4,), "fft", 0), transform((2, 3), "fft", 1), transform((3, 2), "fft", 1, 0),
          transform((2, 3), "ifft", 0, norm="forward"), transform((5,), "ifft", 0),
          transform((3,), "fft", 0, norm="ortho"))
HALF = (transform((3,), "irfft", 0, size=4), transform((2, 3), "irfft", 1, size=5),
        transform((3, 2), "irfft", 0, 1, size=3), transform((3, 4), "irfft", 1, 0, size=4),
        transform((2,), "irfft", 0, size=3, norm="ortho"), transform((1,), "irfft", 0, size=1))
REAL_INPUT = (transform((4,), "rfft", 0), transform((2, 5), "rfft", 1),
              transform((3, 2), "rfft", 0, 1), transform((3, 4), "rfft", 1, 0, norm="forward"),
              transform((3,), "rfft", 0, norm="ortho"), transform((1,), "rfft", 0))


def sliding(x, w, strides, dilation):
    return on(x, w, strides=strides, dilation=dilation)


SIGNAL = (
    Row("fft", (*SQUARE, *HALF, *REAL_INPUT), (*FLOAT, *COMPLEX), 0, (True,), accumulates=True),
    Row("conv", (
        sliding((1, 2, 2, 5), (1, 3, 2, 2), (1,), (1,)),
        sliding((2, 1, 1, 6), (2, 2, 1, 2), (2,), (3,)),
        sliding((1, 1, 2, 4, 3), (1, 2, 2, 2, 2), (2, 1), (1, 2)),
        sliding((1, 2, 3), (1, 1, 3), (), ()),
        sliding((1, 1, 1, 2), (1, 1, 1, 3), (1,), (1,)),
        sliding((1, 1, 1, 7), (1, 1, 1, 2), (3,), (2,)),
    ), NUMBER, 0, (True, True), accumulates=True),
)
