"""Linear equations in matrices that are known by what they do: see `linalg`."""
