"""The transformations. Reading order: stage, jvp, vmap, linearize, transpose, grad."""
