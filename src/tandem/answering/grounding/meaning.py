"""What a claim's words mean in their context: for each that the source does not have, the nearest one that it has.

Greedy matching as in BERTScore (Zhang et al. 2020), with the shipped model's token vectors. It takes a forward pass of the claim,
1 to 3 ms, and one of each passage that is not remembered, some 10 ms, all off the event loop.
"""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tandem.answering.grounding.text import Said, Word
from tandem.embedding import Reader, Reading, tokens
from tandem.knowledge import passages

Floats = NDArray[np.float32]

KEPT = 128
"""Texts whose token vectors are remembered, in half precision: some 150 kB a passage, 20 MB in all."""

STRANGE, SAME = 0.2, 0.8
"""Cosines of token vectors from which a word begins to be, and is fully, said in another form. In this model's last layer words that
have nothing to do with each other are some 0.2 apart, one word in two sentences some 0.8."""


class Memory:
    """Token vectors of passages, least recently used forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, NDArray[np.float16]] = OrderedDict()

    async def tokens(self, text: str, reader: Reader) -> Floats:
        """The vectors of a text's tokens, (n, 384), each of length 1."""
        found = self._kept.get(text)
        if found is None:
            readings = await reader.read_passages(_chunks(text))
            found = np.concatenate([_directions(each) for each in readings]).astype(np.float16)
            self._kept[text] = found
        self._kept.move_to_end(text)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found.astype(np.float32)


MEMORY = Memory()


Likeness = tuple[NDArray[np.int32], Floats]
"""Where each token of a claim stands, and its cosine with the nearest token of the source."""


async def weakest(claim: Said, strange: Sequence[Word], texts: Sequence[str], reader: Reader) -> float:
    """Of the words that the source does not have, how far the one least said there is said after all: 0 to 1; 1 without any."""
    if not strange:
        return 1.0
    return min(nearness(strange, await likeness(claim.text, tuple(text for text in texts if text.strip()), reader)))


async def likeness(claim: str, texts: Sequence[str], reader: Reader) -> Likeness:
    """How near each token of a claim is to a token of these texts."""
    reading = await reader.read_query(claim)
    theirs = [await MEMORY.tokens(text, reader) for text in texts]
    places = reading.places[1:-1]
    if len(reading.tokens) <= 2 or not theirs:
        return places, np.zeros(len(places), np.float32)
    return places, (_directions(reading) @ np.concatenate(theirs).T).max(axis=1)


def nearness(strange: Sequence[Word], like: Likeness) -> list[float]:
    """Of each of these words how far it is said, 0 to 1."""
    places, nearest = like
    found = []
    for word in strange:
        rows = (places[:, 0] >= word.start) & (places[:, 1] <= word.end) & (places[:, 1] > places[:, 0])
        cosine = float(nearest[rows].mean()) if rows.any() else 0.0
        found.append(min(1.0, max(0.0, (cosine - STRANGE) / (SAME - STRANGE))))
    return found


def _directions(reading: Reading) -> Floats:
    vectors = reading.tokens[1:-1]
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled


def _chunks(text: str) -> list[str]:
    """What the model can read at once: a passage of the knowledge is one; longer texts are cut as documents are."""
    if tokens.count(text) <= passages.MAX_TOKENS:
        return [text]
    return [part.text for part in passages.split(text, title="", count_tokens=tokens.count)]
