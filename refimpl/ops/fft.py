"""The discrete Fourier transform: one linear operation in four forms.

With w = exp(-2 pi i / n), along each of `axes`:

    fft    y[k] = sum over j of x[j] w^(jk)
    ifft   y[k] = sum over j of x[j] w^(-jk)
    rfft   fft of real x; of the last axis only k = 0, ..., n // 2 are kept, which tell the rest
    irfft  ifft of y[0], ..., y[n // 2], completed to y[n - k] = conj(y[k]); real

and scaled as `norm` says: fft and rfft by 1 ("backward"), 1 / n ("forward") or 1 / sqrt(n)
("ortho"), ifft and irfft the other way round. Oppenheim and Schafer, *Discrete-Time Signal
Processing*, chapter 8.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..aval import Aval, aval_of
from ..errors import ArgumentError, DtypeError, ShapeError
from ..primitive import Primitive, linear
from ..trace import bind
from .elementwise import conjugate, multiply, real
from .linear import axes_shifted, constant, unary_batch, unbroadcast
from .movement import pad

FORMS = {"fft": np.fft.fftn, "ifft": np.fft.ifftn, "rfft": np.fft.rfftn, "irfft": np.fft.irfftn}
NORMS = ("backward", "ortho", "forward")
OPPOSITE = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


def fft(x, form, axes, norm="backward", size=None):
    """Transform axes (a tuple, not negative, none twice).

    size: for "irfft", how long the last of the axes becomes. Results are complex but for "irfft",
    in the precision of x, or in double precision for integers.
    Raises ArgumentError, DtypeError (rfft of complex numbers), ShapeError.
    """
    return bind(fft_p, x, form=form, axes=axes, norm=norm, size=size)


# ---- meaning ----

def _fft_impl(x, *, form, axes, norm, size):
    x = np.asarray(x)
    sizes = [x.shape[i] for i in axes[:-1]] + [size] if form == "irfft" else None
    return FORMS[form](x, sizes, axes, norm)


def _fft_aval(x, *, form, axes, norm, size):
    if form not in FORMS or norm not in NORMS:
        raise ArgumentError("fft: an unknown form or norm", got=f"{form!r}, {norm!r}",
                            wanted=f"one of {', '.join(FORMS)}, and one of {', '.join(NORMS)}")
    shape = list(x.shape)
    if form == "irfft":
        _require_half(x, axes[-1], size)
        shape[axes[-1]] = size
    for i in axes:
        if shape[i] < 1:
            raise ShapeError(f"{form} of no numbers", got=f"axis {i} of shape {x.shape}",
                             wanted="at least one number")
    if form == "rfft":
        shape[axes[-1]] = shape[axes[-1]] // 2 + 1
    return Aval(tuple(shape), _fft_dtype(form, x.dtype))


def _require_half(x, axis, size):
    if x.shape[axis] != size // 2 + 1:
        raise ShapeError("irfft: half of the frequencies, and the one in the middle",
                         got=f"{x.shape[axis]} for {size} real numbers",
                         wanted=str(size // 2 + 1))


@lru_cache(256)
def _fft_dtype(form, dtype):
    """NumPy's choice: the precision of x, real results of irfft only."""
    if form == "rfft" and dtype.kind == "c":
        raise DtypeError("rfft of complex numbers", got=dtype.name, wanted="real numbers",
                         instead="fft(x), or rfft(np.real(x))")
    return FORMS[form](np.zeros(2, dtype), axes=(0,)).dtype


# ---- transposes ----

def _transpose_square(ct, aval, params):
    """The matrix of the DFT is symmetric."""
    return bind(fft_p, ct, **params)


def _transpose_rfft(ct, aval, params):
    """The frequencies that rfft left out have cotangent zero; then the real part, as x is real."""
    last = params["axes"][-1]
    missing = aval.shape[last] - aval_of(ct).shape[last]
    config = tuple([(0, missing, 0) if i == last else (0, 0, 0) for i in range(aval.ndim)])
    return real(fft(pad(ct, config), "fft", params["axes"], params["norm"]))


def _transpose_irfft(ct, aval, params):
    """irfft(y)[j] = Re sum over k of m[k] y[k] w^(-jk) / n: the frequencies that stand for two
    have m = 2, the first one and, for even n, the one in the middle m = 1."""
    axes, n = params["axes"], params["size"]
    y = conjugate(fft(ct, "rfft", axes, OPPOSITE[params["norm"]]))
    count = np.full(n // 2 + 1, 2.0)
    count[0] = 1
    if n % 2 == 0:
        count[-1] = 1
    shape = [len(count) if i == axes[-1] else 1 for i in range(aval.ndim)]
    return multiply(y, count.reshape(shape).astype(constant(0, ct).dtype))


_TRANSPOSES = {"fft": _transpose_square, "ifft": _transpose_square, "rfft": _transpose_rfft,
               "irfft": _transpose_irfft}


def _fft_transpose(ct, args, params):
    aval = args[0].aval
    return (unbroadcast(_TRANSPOSES[params["form"]](ct, aval, params), aval),)


fft_p = Primitive("fft", "fft", _fft_impl, _fft_aval, linear, _fft_transpose,
                  unary_batch(axes_shifted), doc="The discrete Fourier transform along `axes`.")
