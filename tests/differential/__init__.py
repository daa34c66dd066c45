"""Every backend against the reference, on the same data."""
