"""The functions under the names of SciPy: special functions, distributions."""
