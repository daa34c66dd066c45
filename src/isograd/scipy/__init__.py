"""SciPy's functions on arrays and traced values alike. Import its modules by name."""
