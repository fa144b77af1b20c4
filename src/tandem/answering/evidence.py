"""Which sentences of the found passages answer the question, by meaning and by words.

Embeddings of sentences are kept in memory: a help centre's sentences are asked for again and again.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tandem.answering import expected, layout, orders, words
from tandem.answering.turn import OF_THE_KIND, Candidate
from tandem.embedding import Embedder
from tandem.knowledge import interaction, lexemes
from tandem.knowledge.finding import Ranked
from tandem.knowledge.search import Found

PASSAGES_READ = 6
"""Of the passages found, so many are read sentence by sentence."""

SENTENCES_READ = 12
"""Sentences that are read on their own in one turn. Of a golden question's they hold the answer as often as all thirty do."""

KEPT = 20_000
"""Sentence embeddings kept in memory, in half precision: 15 MB."""


class Memory:
    """Sentence embeddings, least recently used forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, NDArray[np.float16]] = OrderedDict()

    async def vectors(self, texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
        """The embeddings, (len(texts), dimensions)."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if missing:
            for text, vector in zip(missing, await embedder.embed_passages(missing), strict=True):
                self._kept[text] = vector.astype(np.float16)
        for text in texts:
            self._kept.move_to_end(text)
        found = np.stack([self._kept[text] for text in texts]).astype(np.float32)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found


MEMORY = Memory()


async def rank(
    question: str, ranked: Ranked, embedder: Embedder, categories: frozenset[str] = frozenset()
) -> tuple[Candidate, ...]:
    """The sentences of the best passages, likeliest answer first; `categories` are those of what the customer wants."""
    meaning = ranked.vector
    kind = expected.kind(question)
    drafts = [
        draft
        for place, passage in enumerate(ranked.passages[:PASSAGES_READ])
        for draft in _sentences(ranked.words, kind, passage, place)
    ]
    if meaning is None or not drafts:
        return ()
    drafts = _promising(drafts, meaning)
    vectors = await MEMORY.vectors([f"{draft.passage.heading}\n{draft.text}" for draft in drafts], embedder)
    scored = [
        replace(draft, cosine=float(cosine), fits=_fits(draft.passage, categories))
        for draft, cosine in zip(drafts, vectors @ meaning, strict=True)
    ]
    return tuple(sorted(scored, key=lambda candidate: -candidate.score))


def _promising(drafts: Sequence[Candidate], meaning: NDArray[np.float32]) -> list[Candidate]:
    """The SENTENCES_READ that are worth a reading of their own, by the meaning they have within their passage, and by words."""
    within = {place: _within(passage, meaning) for place, passage in {d.place: d.passage for d in drafts}.items()}

    def promise(draft: Candidate) -> float:
        share, likeness = within[draft.place]
        meant = likeness[draft.at // share] if likeness else draft.passage.cosine or 0.0
        return 0.5 * meant + 0.3 * draft.passage.score + 0.2 * draft.overlap + OF_THE_KIND * draft.of_the_kind

    return sorted(drafts, key=promise, reverse=True)[:SENTENCES_READ]


def _within(passage: Found, meaning: NDArray[np.float32]) -> tuple[int, list[float]]:
    """How like the question each of a passage's stored sentence vectors is, and how many sentences share one; none, where none are kept."""
    if not passage.details:
        return 1, []
    details = interaction.unpacked(passage.details)
    vectors = details.sentences.astype(np.float32)
    lengths = np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), 1e-9)
    return details.share, (vectors @ meaning / lengths).tolist()


def _sentences(
    wanted: Mapping[str, float], kind: re.Pattern[str] | None, passage: Found, place: int
) -> list[Candidate]:
    total = sum(wanted.values()) or 1.0
    above = _said(passage.heading)  # what the heading alone says counts half
    found = []
    for at, start, end, said in _units(passage.text):
        had = sum(weight * (1.0 if word in said else 0.5 * (word in above)) for word, weight in wanted.items())
        fitting = kind is not None and kind.search(passage.text, start, end) is not None
        found.append(Candidate(passage, place, at, start, end, 0.0, had / total, of_the_kind=fitting))
    return found


@lru_cache(maxsize=5_000)
def _units(text: str) -> tuple[tuple[int, int, int, frozenset[str]], ...]:
    """Of each sentence that says something to a customer: its number, start and end, its lexemes. Remembered: passages come again."""
    return tuple(
        (at, start, end, _said(text[start:end]))
        for at, (start, end) in enumerate(layout.sentences(text))
        if not layout.is_heading(text, start) and words.content(text[start:end]) and not orders.stand_at(text, start)
    )


def _said(text: str) -> frozenset[str]:
    return frozenset(lexemes.terms("", text)[0])


def _fits(passage: Found, categories: frozenset[str]) -> bool:
    """Whether its document is filed under one of these categories, in the singular or the plural."""
    filed = (passage.category or "").lower().rstrip("s")
    return bool(filed) and any(filed == category.rstrip("s") for category in categories)
