"""Calls of scipy.signal's functions as data: name: (function, arguments, keywords)."""

import numpy as np

rng = np.random.default_rng(0)
V, W, K = rng.normal(size=9), rng.normal(size=4), rng.integers(-5, 6, 7)
A, B = rng.normal(size=(5, 6)), rng.normal(size=(2, 3))
C, D = A + 1j * A[::-1], B * (1 - 2j)
T = rng.normal(size=(2, 4, 5))

MODES = ("full", "same", "valid")
PAIRS = {"vectors": (V, W), "short first": (W, V), "matrices": (A, B), "complex": (C, D),
         "mixed": (A, D), "integers": (K, K[:3]), "numbers": (np.array(2.0), np.array(3.0)),
         "3 axes": (T, T[:, :2, 1:3])}
PAIRS_2D = {"matrices": (A, B), "complex": (C, D), "even": (A, A[:2, :4]),
            "integers": (np.arange(12).reshape(3, 4), np.arange(6).reshape(2, 3))}
CALLS = {
    **{f"{f} {pair} {mode} {method}": (f, args, {"mode": mode, "method": method})
       for f in ("convolve", "correlate") for pair, args in PAIRS.items() for mode in MODES
       for method in ("direct", "fft")},
    **{f"{f} {pair} {mode}": (f, args, {"mode": mode})
       for f in ("fftconvolve", "oaconvolve") for pair, args in PAIRS.items() for mode in MODES},
    **{f"{f} {pair} {mode} {boundary}": (f, args, {"mode": mode, "boundary": boundary})
       for f in ("convolve2d", "correlate2d") for pair, args in PAIRS_2D.items() for mode in MODES
       for boundary in ("fill", "wrap", "symm")},
    "fillvalue": ("convolve2d", (A, B), {"fillvalue": 2.0}),
    "one axis": ("fftconvolve", (A, A[:, :3]), {"axes": 1}),
    "detrend": ("detrend", (A,), {}),
    "detrend pieces": ("detrend", (V,), {"bp": [2, 5]}),
    "detrend first axis": ("detrend", (A,), {"axis": 0}),
    "detrend constant": ("detrend", (A,), {"type": "constant"}),
    "hilbert": ("hilbert", (A,), {}), "hilbert odd": ("hilbert", (V,), {}),
    "hilbert longer": ("hilbert", (A, 8, 0), {}),
}
