"""Late interaction: what is kept of a passage's inner vectors when it is embedded, and how a question compares with them.

Everything comes from the passage's own forward pass through the shipped model, whichever model finds passages: a vector for
each sentence, one for each lexeme, and the title's. Pure functions on arrays.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tandem.embedding import DIMENSIONS, Reading
from tandem.knowledge import lexemes, passages

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]

NARROW = 64
"""Numbers of a lexeme's vector. 48 and 96 rank alike."""

MOST_LEXEMES = 64
"""Lexemes of a passage that have a vector: the first. The rarest would be a little better, but depend on the rest."""

MOST_SENTENCES = 16
"""Sentences of a passage that have a vector of their own; where there are more, neighbours share one."""


@dataclass(frozen=True, slots=True)
class Details:
    """The vectors inside a passage, one byte a number; their lengths say nothing.

    `title` has shape (384,), `sentences` (n, 384), `lexemes` (m, 64). Sentence number i of the passage has the vector
    `sentences[i // share]`.
    """

    title: Bytes
    sentences: Bytes
    lexemes: Bytes
    share: int = 1

    def packed(self) -> bytes:
        """As the database keeps them."""
        head = bytes([len(self.sentences), len(self.lexemes), min(self.share, 255)])
        return head + self.title.tobytes() + self.sentences.tobytes() + self.lexemes.tobytes()


def unpacked(data: bytes) -> Details:
    """The vectors as they were packed."""
    sentences, found, share = data[0], data[1], data[2]
    numbers = np.frombuffer(data, np.int8, offset=3)
    split = DIMENSIONS * (1 + sentences)
    return Details(
        numbers[:DIMENSIONS],
        numbers[DIMENSIONS:split].reshape(sentences, DIMENSIONS),
        numbers[split:].reshape(found, NARROW),
        share,
    )


def inside(heading: str, text: str, reading: Reading, title: Floats) -> Details:
    """The details of a passage that was read as its heading, a line end and its text (`generations.embedded`)."""
    whole = f"{heading}\n{text}"
    spans = [(start + len(heading) + 1, end + len(heading) + 1) for start, end in passages.sentences(text)]
    share = max(1, -(-len(spans) // MOST_SENTENCES))
    _, vectors = by_lexeme(whole, reading)
    return Details(small(title), small(_by_sentence(spans, share, reading)), small(vectors[:MOST_LEXEMES]), share)


def by_lexeme(text: str, reading: Reading) -> tuple[list[str], Floats]:
    """Each different lexeme of a text with one vector, (n, 64) of length 1: the mean of its tokens' in the model's last layer.

    ColBERT's late interaction (Khattab and Zaharia 2020) with the tokens pooled by word. A text of stop words alone gives theirs.
    """
    rows: dict[str, list[int]] = {}
    spare: dict[str, list[int]] = {}
    words = [(match.start(), match.end(), lexemes.plain(match)) for match in lexemes.WORD.finditer(text)]
    at = 0
    for row, (start, end) in enumerate(reading.places.tolist()):
        while at < len(words) and words[at][1] <= start:
            at += 1
        if end <= start or at == len(words) or words[at][0] > start:
            continue  # what frames the text, and punctuation
        word = words[at][2]
        kept, name = (spare, word) if word in lexemes.STOP else (rows, lexemes.root(word))
        kept.setdefault(name, []).append(row)
    rows = rows or spare
    if not rows:
        return [], np.zeros((0, NARROW), np.float32)
    return list(rows), unit(_means(reading.tokens, list(rows.values())) @ projection())


def _means(vectors: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    """The mean of each group of rows, of which none is empty: all in one sweep, as there are some sixty in a passage."""
    sizes = np.array([len(group) for group in groups])
    rows = vectors[[row for group in groups for row in group]]
    sums: Floats = np.add.reduceat(rows, np.cumsum(sizes) - sizes, axis=0)
    return sums / sizes.astype(np.float32)[:, None]


def _by_sentence(spans: Sequence[tuple[int, int]], share: int, reading: Reading) -> Floats:
    """A vector for each `share` sentences, (n, 384): the mean of their tokens', so that each knows its context.

    Late chunking (Günther et al. 2024). Sentences beyond what the model reads have that of the passage.
    """
    places, tokens = (
        reading.places[1:-1],
        reading.tokens[1:-1],
    )  # what frames the text stands nowhere; the rest is in order
    groups = [(spans[at][0], spans[min(at + share, len(spans)) - 1][1]) for at in range(0, len(spans), share)]
    firsts = np.searchsorted(places[:, 0], [start for start, _ in groups], side="left").tolist()
    lasts = np.searchsorted(places[:, 1], [end for _, end in groups], side="right").tolist()
    found = [
        tokens[first:last].mean(axis=0) if first < last else reading.vector
        for first, last in zip(firsts, lasts, strict=True)
    ]
    return unit(np.stack(found)) if found else np.zeros((0, DIMENSIONS), np.float32)


@cache
def projection() -> Floats:
    """NARROW directions, (384, 64), that keep likenesses and need no fitting: random signs (Achlioptas 2003).

    Stored vectors rest on them, so they come from a hash and are the same everywhere and for ever.
    """
    bits = np.frombuffer(hashlib.shake_256(b"tandem").digest(DIMENSIONS * NARROW // 8), np.uint8)
    signs: Floats = np.unpackbits(bits).reshape(DIMENSIONS, NARROW).astype(np.float32) * 2 - 1
    return signs / np.float32(np.sqrt(DIMENSIONS))


def small(vectors: Floats) -> Bytes:
    """Directions in one byte a number."""
    largest = np.maximum(np.abs(vectors).max(axis=-1, keepdims=True, initial=0.0), 1e-9)
    scaled: Bytes = np.rint(vectors * (127.0 / largest)).astype(np.int8)
    return scaled


def unit(vectors: Floats) -> Floats:
    """The same directions, of length 1."""
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled


def best(parts: Sequence[Bytes], directions: Floats) -> Floats:
    """For each part, (rows, n), its best row's cosine to each of the directions, (n, d): (parts, d); 0 without rows."""
    sizes = np.array([len(part) for part in parts])
    found = np.zeros((len(parts), directions.shape[1]), np.float32)
    full = np.flatnonzero(sizes)
    if len(full):
        rows = np.concatenate([part for part in parts if len(part)]).astype(np.float32)
        cosines = (rows @ directions) / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        found[full] = np.maximum.reduceat(cosines, np.concatenate([[0], np.cumsum(sizes[full])[:-1]]), axis=0)
    return found
