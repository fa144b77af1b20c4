"""Texts as vectors: the shipped MiniLM on this machine, or any embedding endpoint that speaks OpenAI's protocol.

`load("minilm", cache_dir)` or `load("openai:MODEL@https://host/v1", cache_dir, api_key=...)` gives an `Embedder`.
Knows nothing about passages, questions or who asks.
"""

from tandem.embedding.embedder import DIMENSIONS, CannotEmbed, Embedder, Reader, Reading, Vector, Vectors
from tandem.embedding.loading import Embedders, default_cache_dir, from_settings, load, load_all

__all__ = [
    "DIMENSIONS",
    "CannotEmbed",
    "Embedder",
    "Embedders",
    "Reader",
    "Reading",
    "Vector",
    "Vectors",
    "default_cache_dir",
    "from_settings",
    "load",
    "load_all",
]
