"""What a message looks like to the heads: the model's reading of it (meaning), and its words and letters (wording).

Meaning: the pooled vector, and the highest and lowest value of each dimension over the tokens, which keep what a mean
blurs. Wording: TF-IDF of hashed words, pairs of words and runs of letters. Knows nothing about intents.
"""

import itertools
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.embedding import Reading

Matrix = NDArray[np.float32]
Keys = NDArray[np.uint32]

EXTREMES = 0.7
WORDING = 0.7
"""Length of each part of the extremes and of the wording, where the pooled vector has 1. Chosen by cross-validation on
NLU++ hotels and the training parts of HINT3 and CLINC150; from 0.5 to 1 all is alike."""

LETTERS = (2, 3, 4)
"""Lengths of the runs of letters, within a word and its edges: what typing mistakes leave intact."""

SPOT = 3.0
"""Length of each token's vector among the spots, where the pooled vector has 1: longer ones are penalised less. Not tuned."""

MOST_TOKENS = 64
"""Tokens of a message that are kept one by one: what it is about comes early, and a training keeps them of all examples."""

WORD = re.compile(r"\w+|[^\w\s]")
MOST_CHARS = 2000
"""Of a longer message the wording is read so far: the embedding reads 256 tokens."""


@dataclass(frozen=True, slots=True)
class Looks:
    """One message as the heads see it."""

    text: str
    vector: Matrix
    high: Matrix
    low: Matrix
    tokens: NDArray[np.float16]
    """(up to MOST_TOKENS, 384)"""


def look(text: str, reading: Reading) -> Looks:
    """The message with what the model read in it."""
    tokens = reading.tokens[1:-1] if len(reading.tokens) > 2 else reading.tokens
    return Looks(text, reading.vector, tokens.max(axis=0), tokens.min(axis=0), tokens[:MOST_TOKENS].astype(np.float16))


def centre_of(looks: Sequence[Looks]) -> Matrix:
    """The mean extremes, from which each message's differ. Shape (768,)."""
    extremes = np.stack([np.concatenate((one.high, one.low)) for one in looks])
    return np.asarray(extremes.mean(axis=0), np.float32)


def meaning(one: Looks, centre: Matrix) -> Matrix:
    """Shape (1152,)."""
    half = len(centre) // 2
    return np.concatenate((one.vector, _unit(one.high - centre[:half]), _unit(one.low - centre[half:])))


def middle_of(looks: Sequence[Looks]) -> Matrix:
    """The mean token, from which each differs. Shape (384,)."""
    total = np.sum([one.tokens.sum(axis=0, dtype=np.float32) for one in looks], axis=0)
    return np.asarray(total / sum(len(one.tokens) for one in looks), np.float32)


def spots(one: Looks, middle: Matrix) -> Matrix:
    """The message's tokens, each of length SPOT. Shape (tokens, 384)."""
    apart = one.tokens.astype(np.float32) - middle
    return np.asarray(apart * (SPOT / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)), np.float32)


def _unit(values: Matrix) -> Matrix:
    return np.asarray(values * (EXTREMES / max(float(np.linalg.norm(values)), 1e-9)), np.float32)


def words(text: str) -> list[str]:
    """The words and signs, in order, in small letters."""
    return WORD.findall(text[:MOST_CHARS].lower())


def _hash(kind: str, gram: str) -> int:
    return zlib.crc32(f"{kind}{gram}".encode("utf-8", "replace"))


def grams(text: str, letters: bool) -> tuple[list[int], list[int], list[int]]:
    """Hashes of single words, of words and pairs of them, and of runs of letters, with repetitions."""
    said = words(text)
    single = [_hash("w", word) for word in said]
    pairs = [_hash("w", f"{one} {other}") for one, other in itertools.pairwise(said)]
    runs = []
    if letters:
        for word in said:
            edged = f" {word} "
            runs += [_hash("c", edged[at : at + n]) for n in LETTERS for at in range(len(edged) - n + 1)]
    return single, single + pairs, runs


@dataclass(frozen=True, slots=True)
class Wording:
    """Which words, pairs and letters are known, and how telling each is. `keys` are sorted hashes."""

    keys: Keys
    idf: Matrix
    letters: bool

    def of(self, text: str) -> tuple[NDArray[np.int64], Matrix]:
        """Columns and values of a message: two parts of length WORDING. What is not known has no column."""
        _, said, runs = grams(text, self.letters)
        places, values = [], []
        for part in (said, runs):
            where, value = self._weighed(part)
            places.append(where)
            values.append(value)
        return np.concatenate(places), np.concatenate(values)

    def single_words(self, text: str) -> tuple[NDArray[np.int64], Matrix]:
        """The message's words, each once, with their weights: the column of a known one, -1 of another."""
        found = np.array(sorted(set(grams(text, letters=False)[0])), np.uint32)
        where = self._columns(found)
        weights = np.where(where >= 0, self.idf[np.maximum(where, 0)], self.idf.max(initial=1.0))
        return where, weights.astype(np.float32)

    def _columns(self, hashes: Keys) -> NDArray[np.int64]:
        if not len(self.keys):
            return np.full(len(hashes), -1, np.int64)
        at = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
        return np.where(self.keys[at] == hashes, at, -1).astype(np.int64)

    def _weighed(self, hashes: list[int]) -> tuple[NDArray[np.int64], Matrix]:
        unique, counts = np.unique(np.array(hashes, np.uint32), return_counts=True)
        where = self._columns(unique)
        known = where >= 0
        where = where[known]
        value = (1 + np.log(counts[known])) * self.idf[where]
        return where, np.asarray(value * (WORDING / max(float(np.linalg.norm(value)), 1e-9)), np.float32)


def learn_wording(texts: Sequence[str], letters: bool, at_least: int = 1) -> Wording:
    """The wording of these texts. `at_least`: in so many of them a gram must stand."""
    seen: dict[int, int] = {}
    for text in texts:
        _, said, runs = grams(text, letters)
        for gram in {*said, *runs}:
            seen[gram] = seen.get(gram, 0) + 1
    kept = sorted(gram for gram, count in seen.items() if count >= at_least)
    counts = np.array([seen[gram] for gram in kept], np.float64)
    idf = np.log((1 + len(texts)) / (1 + counts)) + 1
    return Wording(np.array(kept, np.uint32), idf.astype(np.float32), letters)


def table(wording: Wording, texts: Sequence[str]) -> Any:
    """A sparse matrix (scipy CSR) of the messages' wording, row by row."""
    from scipy import sparse  # only who trains pays for it

    rows = [wording.of(text) for text in texts]
    return _sparse(sparse, rows, len(wording.keys))


def word_table(wording: Wording, texts: Sequence[str]) -> tuple[Any, Matrix]:
    """Sparse weights of the messages' known words, and the weight of all their words."""
    from scipy import sparse

    rows = [wording.single_words(text) for text in texts]
    total = np.array([float(weights.sum()) for _, weights in rows], np.float32)
    known = [(where[where >= 0], weights[where >= 0]) for where, weights in rows]
    return _sparse(sparse, known, len(wording.keys)), np.maximum(total, 1e-6)


def _sparse(sparse: Any, rows: Sequence[tuple[NDArray[np.int64], Matrix]], width: int) -> Any:
    ends = np.cumsum([0, *(len(where) for where, _ in rows)])
    columns = np.concatenate([where for where, _ in rows]) if rows else np.empty(0, np.int64)
    values = np.concatenate([value for _, value in rows]) if rows else np.empty(0, np.float32)
    return sparse.csr_matrix((values, columns, ends), shape=(len(rows), max(width, 1)), dtype=np.float32)
