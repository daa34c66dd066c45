"""Benchmarks, a file per area. `asv run --quick` tries each once; see README for comparisons."""
