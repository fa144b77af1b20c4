"""What every embedder promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tandem.errors import Unavailable

DIMENSIONS = 384
"""Numbers in a vector: all-MiniLM-L6-v2's, and so the width of the database's vector columns."""

Vector = NDArray[np.float32]
"""Shape (384,), of length 1: the dot product of two is their cosine."""

Vectors = NDArray[np.float32]
"""Shape (n, 384), every row of length 1."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a model read it: its vector, and of each of its tokens the vector (n, 384) and the place in the text (n, 2).

    Token vectors are those of the last layer in their context, not of length 1. The two tokens that frame a text stand at (0, 0).
    """

    vector: Vector
    tokens: Vectors
    places: NDArray[np.int32]


class CannotEmbed(Unavailable):
    """A text could not be made into a vector. The detail says whether the model or the endpoint is at fault."""

    code, title = "cannot_embed", "Texts cannot be embedded right now"


class Reader(Protocol):
    """Reads texts token by token, beside embedding them. The shipped model does; an endpoint does not."""

    async def read_query(self, text: str) -> Reading:
        """One short text, ahead of passages that wait."""

    async def read_passages(self, texts: Sequence[str]) -> list[Reading]:
        """Any number of texts, in their order."""


class Embedder(Protocol):
    """Makes vectors whose dot product says how alike two texts are in meaning.

    The asynchronous variants never block the event loop; the others block their thread. All raise `CannotEmbed`.
    A text longer than the model reads is cut, not refused.
    """

    @property
    def model_name(self) -> str:
        """Which model, so that vectors of different models are never compared."""

    @property
    def dimensions(self) -> int:
        """Numbers in a vector; always `DIMENSIONS`."""

    async def embed_query(self, text: str) -> Vector:
        """The vector of one short text, ahead of passages that wait."""

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of any number of texts, in their order; shape (0, 384) for none."""

    def embed_query_sync(self, text: str) -> Vector:
        """As `embed_query`, in the calling thread."""

    def embed_passages_sync(self, texts: Sequence[str]) -> Vectors:
        """As `embed_passages`, in the calling thread."""

    def count_tokens(self, text: str) -> int:
        """How many of MiniLM's tokens the text has, whatever the model, without the two that frame it."""

    async def aclose(self) -> None:
        """Let go of threads and connections. The embedder cannot be used afterwards."""
