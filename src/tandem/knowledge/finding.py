"""From a question to its passages: embedded, searched in one snapshot of the knowledge, ranked.

Whatever generation of vectors answers when the search runs, the question is compared with those alone; where another one has
taken its place meanwhile, it is asked again. Where the embedding model does not answer, the search goes by words. What was
mistyped is read as the word of the knowledge that is nearest.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from tandem.db import Database
from tandem.embedding import CannotEmbed, Embedder, Embedders, Reading, Vector
from tandem.ids import TenantId
from tandem.knowledge import interaction, lexemes, ranking, search
from tandem.knowledge.questions import Part, Question
from tandem.knowledge.ranking import Wanted
from tandem.knowledge.search import Found, Hit, State, Word

CANDIDATES = 30
"""Passages of the first stage that are ranked again. More change nothing: the fifty of each leg rank the same."""

TRIES = 3
"""Searches before one by words alone: generations change once in months, and not three times in a row."""

HEARD = 0.25
"""An earlier message of at least this weight is searched for by its words too."""


@dataclass(frozen=True, slots=True)
class Index:
    """The generation of vectors that answers, and the embedding model that made them; None where nothing is known yet."""

    generation: int = 1
    model: str | None = None


NOTHING_YET = Index()


@dataclass(frozen=True, slots=True)
class Ranked:
    """What was found, best first. `quality` is the probability that it holds the answer, `signals` what made it so.

    `vector` is the question's by the shipped model, `words` its lexemes with their weights, rarity included; `corrected` says
    which words were read as which.
    """

    passages: tuple[Found, ...] = ()
    quality: float = 0.0
    signals: dict[str, float] = field(default_factory=dict)
    vector: Vector | None = field(repr=False, default=None)
    corrected: dict[str, str] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message as the shipped model read it."""

    part: Part
    vector: Vector
    lexemes: tuple[str, ...]
    vectors: interaction.Floats


class Finder:
    """Searches the knowledge of any tenant. One in each process."""

    def __init__(self, db: Database, models: Embedders) -> None:
        self._db, self._models = db, models

    async def __call__(
        self,
        tenant_id: TenantId,
        question: Question,
        who: Sequence[str] | None,
        wanted: int,
        *,
        index: Index | None = None,
        draft: UUID | None = None,
    ) -> Ranked:
        """The best passages, best first.

        `who` are the audiences (`search.audiences`); `index` is what the caller has seen answer, and saves a look; `draft`
        searches as if that release were published.
        """
        heard = await self._heard(question)
        hits: list[Hit] = []
        words: list[Word] = []
        corrected: dict[str, str] = {}
        state = search.EMPTY
        for _ in range(TRIES):
            index = index or await self._index(tenant_id)
            text = _searched(question)
            meaning = await self._meaning(heard, index)
            hits, words, state = await self._search(tenant_id, text, meaning, who, index, draft)
            if hits and meaning is not None and hits[0].generation != index.generation:
                index = None
            elif not corrected and (corrected := _corrections(text, words)):
                question = question.respelled(corrected)
                heard = await self._heard(question)
            else:
                break
        ours = _wanted(heard, words, state.passages)
        return _ranked(ours, hits, corrected, wanted, await self._elsewhere(question, hits))

    async def _elsewhere(self, question: Question, hits: Sequence[Hit]) -> list[float] | None:
        """The operator's reranker's scores, where there is one and it answers."""
        if self._models.reranker is None or not hits:
            return None
        return await self._models.reranker.scores(question.text, [f"{hit.heading}\n{hit.text}" for hit in hits])

    async def meaning(self, tenant_id: TenantId, question: Question) -> Vector | None:
        """The question's vector by the model that finds this tenant's passages; None when that is not there."""
        return await self._meaning(await self._heard(question), await self._index(tenant_id))

    async def _heard(self, question: Question) -> list[_Heard]:
        read = await asyncio.gather(*(self._models.shipped.read_query(part.text) for part in question.parts))
        return [_heard(part, reading) for part, reading in zip(question.parts, read, strict=True)]

    async def _search(
        self,
        tenant_id: TenantId,
        text: str,
        meaning: Vector | None,
        who: Sequence[str] | None,
        index: Index,
        draft: UUID | None,
    ) -> tuple[list[Hit], list[Word], State]:
        async with self._db.reading(tenant_id) as tx:
            found = search.search_later(tx, text, meaning, who, CANDIDATES, generation=index.generation, draft=draft)
            words, state = search.words_later(tx, text), search.state_later(tx)
        return found.all(Hit), words.all(Word), state.maybe(State) or search.EMPTY

    async def _index(self, tenant_id: TenantId) -> Index:
        async with self._db.reading(tenant_id) as tx:
            state = await search.state(tx)
        return Index(state.generation, state.model)

    async def _meaning(self, heard: Sequence[_Heard], index: Index) -> Vector | None:
        """The question's vector by the model that finds passages; None when there is none."""
        model = self._models.of(index.model)
        if model is None:
            return None
        if model is self._models.shipped:
            return _together([each.vector for each in heard], heard)
        try:
            return _together(await _embedded(model, heard), heard)
        except CannotEmbed:
            return None


async def _embedded(model: Embedder, heard: Sequence[_Heard]) -> list[Vector]:
    if len(heard) == 1:
        return [await model.embed_query(heard[0].part.text)]
    return list(await model.embed_passages([each.part.text for each in heard]))


def _heard(part: Part, reading: Reading) -> _Heard:
    found, vectors = interaction.by_lexeme(part.text, reading)
    return _Heard(part, reading.vector, tuple(found), vectors)


def _together(vectors: Sequence[Vector], heard: Sequence[_Heard]) -> Vector:
    """The vectors added by weight."""
    total: Vector = np.sum([each.part.weight * vector for each, vector in zip(heard, vectors, strict=True)], axis=0)
    return interaction.unit(total.astype(np.float32))


def _searched(question: Question) -> str:
    """The words that are searched for."""
    return " ".join(part.text for part in question.parts if part.speaks and part.weight >= HEARD)


def _corrections(text: str, words: Sequence[Word]) -> dict[str, str]:
    """What was mistyped, and how it was meant."""
    nowhere = {word.lexeme: word.alike for word in words if not word.passages and word.alike}
    return lexemes.respelled(text, nowhere) if nowhere else {}


def _wanted(heard: Sequence[_Heard], words: Sequence[Word], size: int) -> Wanted:
    """What to look for, each lexeme weighed by how rare it is and by the message it stands in."""
    frequencies = {word.lexeme: word.passages for word in words}
    weights: dict[str, float] = {}
    vectors, counts = [], []
    for each in heard:
        if not each.part.speaks:
            continue
        for lexeme, vector in zip(each.lexemes, each.vectors, strict=True):
            worth = each.part.weight * lexemes.rarity(frequencies.get(lexeme, 0), size)
            weights[lexeme] = max(weights.get(lexeme, 0.0), worth)
            vectors.append(vector)
            counts.append(worth)
    known = np.stack(vectors) if vectors else np.zeros((0, interaction.NARROW), np.float32)
    return Wanted(_together([each.vector for each in heard], heard), weights, known, np.array(counts, np.float32))


def _ranked(
    wanted: Wanted, hits: Sequence[Hit], corrected: dict[str, str], most: int, elsewhere: Sequence[float] | None = None
) -> Ranked:
    """The hits in order: the reranker's, where it gave one. How likely they hold the answer is judged by our scores alone, on
    which that probability was fitted.
    """
    if not hits:
        return Ranked(vector=wanted.vector, corrected=corrected, words=wanted.words)
    like = ranking.likenesses(wanted, hits)
    scores = ranking.scores(like, hits)
    if elsewhere is not None:
        like = {**like, "reranker": np.array(elsewhere, np.float32)}
    final = scores if elsewhere is None else like["reranker"]
    passages = tuple(
        Found(
            **{name: getattr(hits[at], name) for name in HIT if name != "score"},
            score=float(final[at]),
            why={name: float(values[at]) for name, values in like.items()},
        )
        for at in np.argsort(-final, kind="stable")[:most]
    )
    ranked = sorted((float(score) for score in scores), reverse=True)
    signals = {**passages[0].why, "best": ranked[0], "margin": ranking.evidence(ranked) - ranked[0]}
    return Ranked(passages, ranking.quality(ranked), signals, wanted.vector, corrected, wanted.words)


HIT = tuple(Hit.__dataclass_fields__)
