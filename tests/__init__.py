"""The tests: rows of data (table), an exact oracle, and the suites that run one on the other."""
