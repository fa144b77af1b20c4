"""Which sentences of the found passages answer the question, by meaning and by words.

Embeddings of sentences are kept in memory: a help centre's sentences are asked for again and again.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tandem.answering import expected, layout, words
from tandem.answering.turn import OF_THE_KIND, Candidate
from tandem.embedding import Embedder
from tandem.knowledge import interaction, lexemes, passages
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
        replace(draft, of_the_kind=kind is not None and kind.search(draft.text) is not None)
        for place, passage in enumerate(ranked.passages[:PASSAGES_READ])
        for draft in _sentences(ranked.words, passage, place)
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
    kept = {id(d.passage): interaction.unpacked(d.passage.details) for d in drafts if d.passage.details}

    def promise(draft: Candidate) -> float:
        details = kept.get(id(draft.passage))
        within = draft.passage.cosine or 0.0
        if details is not None:
            vector = details.sentences[draft.at // details.share].astype(np.float32)
            within = float(vector @ meaning / max(float(np.linalg.norm(vector)), 1e-9))
        return 0.5 * within + 0.3 * draft.passage.score + 0.2 * draft.overlap + OF_THE_KIND * draft.of_the_kind

    return sorted(drafts, key=promise, reverse=True)[:SENTENCES_READ]


def _sentences(wanted: Mapping[str, float], passage: Found, place: int) -> list[Candidate]:
    found = []
    for at, (start, end) in enumerate(passages.sentences(passage.text)):
        text = passage.text[start:end]
        if not layout.is_heading(passage.text, start) and words.content(text):
            found.append(Candidate(passage, place, at, start, end, 0.0, _overlap(wanted, passage.heading, text)))
    return found


def _overlap(wanted: Mapping[str, float], heading: str, text: str) -> float:
    """The share of what is wanted that a sentence has, each lexeme by its rarity; what its headings alone have counts half."""
    total = sum(wanted.values())
    said, _ = lexemes.terms("", text)
    above, _ = lexemes.terms("", heading)
    had = sum(weight * (1.0 if name in said else 0.5 * (name in above)) for name, weight in wanted.items())
    return had / total if total else 0.0


def _fits(passage: Found, categories: frozenset[str]) -> bool:
    """Whether its document is filed under one of these categories, in the singular or the plural."""
    filed = (passage.category or "").lower().rstrip("s")
    return bool(filed) and any(filed == category.rstrip("s") for category in categories)
