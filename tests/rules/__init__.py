"""The rule matrix: which rules hold for which function, found by trying."""
