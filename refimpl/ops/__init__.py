"""The table of operations, a file per kind. Reading order:

linear       cast, broadcast_to, sum, reshape, permute: what transposition rules are made of
elementwise  NumPy's ufuncs and a few of our own
integers     divisors, bits, parts of floating-point numbers
special/     the functions of scipy.special, a file per family
movement     slice, pad, concatenate, flip, stop_gradient
index        gather, scatter
reduce       prod, max, argmax, any...
scan         cumulative sums, sorting
dot          contraction
linalg/      decompositions, equations and functions of matrices
random       random bits by counting; rejection, random_gamma, random_counts build on it
fft          discrete Fourier transforms
conv         sliding products: convolution
"""
