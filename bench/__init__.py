"""Benchmarks: each prints a table and writes JSON that docs/benchmarks.md shows."""

import tandem  # noqa: F401 - first of all: it says how many threads numpy may use, as in the product
