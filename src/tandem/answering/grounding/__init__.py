"""Whether a sentence is supported by the passages it rests on: exact comparisons that stand before everything, and a score."""
