"""Finding the passages that bear on a question: by meaning and by words, fused, within the tenant and the audience."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tandem.db import Later, Queries, Tx
from tandem.ids import DocumentId, PassageId

Q = Queries("tandem.knowledge")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that the first stage found. `start` and `end` are offsets in the body of the document's version.

    `score` is the fused rank, `cosine` the likeness of meaning (-1..1, None without embeddings), `words` ts_rank.
    `details` are the vectors inside it (see `interaction`), where they are known. `release` and `generation` name the state
    of the knowledge and the embedding model's vectors that it was found in.
    """

    passage_id: PassageId
    document_id: DocumentId
    external_id: str | None
    version: int
    title: str
    url: str | None
    category: str | None
    kind: str
    heading: str
    text: str
    start: int
    end: int
    score: float
    cosine: float | None
    words: float
    details: bytes | None = field(repr=False, default=None)
    release: int = 0
    generation: int = 1


@dataclass(frozen=True, slots=True)
class Found(Hit):
    """A passage in its final place. `score` is the second stage's, and `why` says what it was made of (see `ranking`)."""

    why: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Word:
    """What the knowledge makes of a question's lexeme: in how many live passages it stands; where in none, which ones begin alike."""

    lexeme: str
    passages: int
    alike: list[str]


@dataclass(frozen=True, slots=True)
class State:
    """Which state of the knowledge answers, how much it holds, and which vectors of which embedding model find it."""

    release: int
    passages: int
    generation: int
    model: str | None


EMPTY = State(0, 0, 1, None)
"""Nothing is known yet."""


def audiences(*, verified: bool, tier: str = "") -> list[str]:
    """Whose documents a customer may be answered from: a tier counts only for those who are known."""
    return ["public", "verified", f"tier:{tier}"] if verified else ["public"]


EVERYBODYS = None
"""Instead of a list of audiences: the documents of every audience, for the staff."""


def search_later(
    tx: Tx,
    question: str,
    meaning: NDArray[np.float32] | None,
    who: Sequence[str] | None,
    wanted: int,
    *,
    generation: int = 1,
    draft: UUID | None = None,
) -> Later:
    """The first stage's Hits, best first, with the transaction's next round trip. Without `meaning` by words alone.

    `generation` is that of the model that made it; `draft` searches as if that release were published.
    """
    vector = as_text(meaning) if meaning is not None else None
    return tx.later(
        Q.search,
        question=question[:2000],
        meaning=vector,
        generation=generation,
        audiences=None if who is None else list(who),
        wanted=wanted,
        draft=draft,
    )


async def fetch(tx: Tx, passages: Sequence[PassageId], who: Sequence[str] | None) -> tuple[Found, ...]:
    """These passages in this order, without those that do not answer any more or that the audiences may not read."""
    audiences = None if who is None else list(who)
    hits = await tx.all(Q.fetch, Hit, ids=list(passages), audiences=audiences)
    return tuple(Found(**{name: getattr(hit, name) for name in Hit.__dataclass_fields__}) for hit in hits)


def words_later(tx: Tx, question: str) -> Later:
    """The Words of a question, with the transaction's next round trip."""
    return tx.later(Q.question_words, question=question[:2000])


def state_later(tx: Tx) -> Later:
    """The State of the tenant's knowledge, with the transaction's next round trip."""
    return tx.later(Q.state)


async def state(tx: Tx) -> State:
    """The state of the tenant's knowledge."""
    return await tx.maybe(Q.state, State) or EMPTY


def as_text(vector: NDArray[np.float32]) -> str:
    """The vector as pgvector reads it. Half precision keeps three to four digits, so does this."""
    return "[" + ("%.4f," * len(vector) % tuple(vector.tolist()))[:-1] + "]"
