"""Calls of numpy.fft."""

from __future__ import annotations

import numpy as np

from .calls import C64, F32, X3, A, C, Fixed, K, S, V, call, each, rough

ROUND = 1e-13
COMPLEX3 = S[0, :, :3] + 1j * S[1, :, :3]

ONE_AXIS = [call(C, tol=ROUND), call(C, 3, tol=ROUND), call(C, 6, 0, tol=ROUND),
            call(A, norm="ortho", tol=ROUND), call(V, norm="forward", tol=ROUND),
            call(S, axis=1, norm="backward", tol=ROUND), rough(C64, tol=1e-6),
            rough(F32, tol=1e-6), rough(K, tol=ROUND), rough([1.0, 2, 3], tol=ROUND)]
REAL_AXIS = [call(A, tol=ROUND), call(A, 3, tol=ROUND), call(S, 6, 0, tol=ROUND),
             call(V, norm="ortho", tol=ROUND), call(V, 5, norm="forward", tol=ROUND),
             rough(F32, tol=1e-6), rough(K, tol=ROUND), call(X3, 1, tol=ROUND)]
TWO_AXES = [call(S, tol=ROUND), call(C, (3, 5), tol=ROUND), call(A, axes=(0, 1), tol=ROUND),
            call(S, (4, 2), (0, 1), "ortho", tol=ROUND), rough(F32, tol=1e-6)]
ALL_AXES = [*TWO_AXES[1:], call(S, norm="forward", tol=ROUND), call(S, axes=(2, 0), tol=ROUND),
            call(A, axes=(), tol=ROUND), call(S, (-1, 3), (0, 2), tol=ROUND)]
TWO_REAL_AXES = [call(S, tol=ROUND), call(A, (3, 5), tol=ROUND), call(A, axes=(1, 0), tol=ROUND),
                 call(S, (4, 2), (0, 1), "ortho", tol=ROUND), rough(F32, tol=1e-6)]
REAL_AXES = [*TWO_REAL_AXES, call(S, norm="forward", tol=ROUND), call(S, axes=(2, 0), tol=ROUND)]

FFT = {
    **each("fft ifft", ONE_AXIS),
    **each("irfft hfft", [*ONE_AXIS, call(COMPLEX3, 5, tol=ROUND), call(COMPLEX3, 3, 0, "ortho",
                                                                        tol=ROUND)]),
    **each("rfft ihfft", REAL_AXIS),
    **each("fft2 ifft2", TWO_AXES), **each("fftn ifftn", ALL_AXES),
    **each("irfft2", [*TWO_AXES, call(COMPLEX3, (3, 5), tol=ROUND)]),
    **each("irfftn", [*(c for c in ALL_AXES if c.kwargs.get("axes") != ()),
                      call(COMPLEX3, (2, 3), (0, 1), tol=ROUND),
                      call(COMPLEX3, (-1, -1), (0, 1), tol=ROUND)]),
    **each("rfft2", TWO_REAL_AXES), **each("rfftn", REAL_AXES),
    **each("fftshift ifftshift", [call(S), call(X3), call(S, 1), call(S, (0, -1)), rough(K)]),
    **each("fftfreq rfftfreq", [rough(5), rough(6, 0.5), call(Fixed(5), np.array(0.3), tol=ROUND)]),
}
