"""Tandem: a self-hosted AI customer support platform that answers only what it can prove."""

import os

__version__ = "0.1.0"

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # our matrices are small: threads that share one only get in each other's way
