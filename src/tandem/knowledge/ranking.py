"""The second stage: found passages ranked by five likenesses to the question, and how likely they are to hold the answer.

Pure functions on arrays; the weights are round numbers around which the ranking is flat (docs/decisions/0006-ranking.md).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tandem.embedding import Vector
from tandem.knowledge import interaction, lexemes
from tandem.knowledge.interaction import Floats
from tandem.knowledge.search import Hit

WEIGHTS: Mapping[str, float] = {"passage": 0.2, "sentence": 0.2, "title": 0.2, "lexemes": 0.2, "words": 0.2}
"""What each likeness counts: all the same, as no weights that were fitted on some collections were better on another."""

RESOLUTION = 0.05
"""What a past resolution has less than an article that fits as well: it was written for one case."""

BACKGROUND = 9
"""Candidates from this place on are what the knowledge has about anything: the best one must stand out from them."""

TYPICAL_MARGIN = 0.25
"""Where there are too few candidates to tell."""

MARGIN = 0.5
"""What standing out counts beside the score itself."""

QUALITY = (-8.32, 17.55)
"""Bias and weight of the evidence, by `bench.evidence_quality`. See docs/decisions/0006-ranking.md."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a vector of the shipped model, lexemes with their weights, and the vectors of those it has read.

    `words` maps a lexeme to its weight, rarity included; `vectors` has shape (n, 64), `weights` (n,).
    """

    vector: Vector
    words: Mapping[str, float]
    vectors: Floats
    weights: Floats


def likenesses(wanted: Wanted, found: Sequence[Hit]) -> dict[str, NDArray[np.float32]]:
    """Between 0 and 1 for each candidate: by its whole, its best sentence, its title, each lexeme's best counterpart, its words."""
    details = [interaction.unpacked(hit.details) if hit.details else None for hit in found]
    sentences = interaction.best([d.sentences if d else NO_SENTENCES for d in details], wanted.vector[:, None])[:, 0]
    passage = np.array([hit.cosine or 0.0 for hit in found], np.float32)
    return {
        "passage": np.where(passage, passage, sentences),
        "sentence": np.where(sentences, sentences, passage),
        "title": interaction.best([d.title[None] if d else NO_SENTENCES for d in details], wanted.vector[:, None])[
            :, 0
        ],
        "lexemes": _by_lexeme(wanted, [d.lexemes if d else NO_LEXEMES for d in details], passage),
        "words": lexemes.bm25(wanted.words, [lexemes.terms(hit.heading, hit.text) for hit in found]),
    }


def scores(like: Mapping[str, NDArray[np.float32]], found: Sequence[Hit]) -> NDArray[np.float32]:
    """The weighted sum for each candidate."""
    total = np.zeros(len(found), np.float32)
    for name, weight in WEIGHTS.items():
        total += np.float32(weight) * like[name]
    return total - np.array([RESOLUTION * (hit.kind == "resolution") for hit in found], np.float32)


def evidence(ranked: Sequence[float]) -> float:
    """The best score, and how far it stands out from the background; `ranked` are all candidates' scores, best first.

    (The margin is a query performance prediction's: Zhou and Croft 2007, weighted information gain.)
    """
    if not ranked:
        return 0.0
    rest = ranked[BACKGROUND:]
    return ranked[0] + MARGIN * (ranked[0] - sum(rest) / len(rest) if len(rest) >= 5 else TYPICAL_MARGIN)


def quality(ranked: Sequence[float]) -> float:
    """The probability that the candidates hold the answer; 0 without candidates."""
    bias, weight = QUALITY
    return 1.0 / (1.0 + math.exp(-(bias + weight * evidence(ranked)))) if ranked else 0.0


def _by_lexeme(wanted: Wanted, stored: Sequence[interaction.Bytes], instead: Floats) -> Floats:
    """MaxSim: the mean, by weight, of each wanted lexeme's cosine to its best counterpart."""
    total = float(wanted.weights.sum())
    if not total:
        return instead
    matched: Floats = interaction.best(stored, wanted.vectors.T) @ wanted.weights / np.float32(total)
    return matched


NO_SENTENCES = np.zeros((0, 384), np.int8)
NO_LEXEMES = np.zeros((0, interaction.NARROW), np.int8)
