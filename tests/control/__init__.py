"""Loops and branches: the same as Python's, under every transformation."""
