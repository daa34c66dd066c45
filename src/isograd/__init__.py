"""isograd: the same gradient everywhere."""
