"""Was it right? One label an answer, by the strongest source; and the lot that says which answers people judge.

Only what was drawn by lot says how often the assistant is wrong: everybody else's labels are a choice of somebody's. An
answer that was drawn and could not be judged counts as wrong there, so that passing over cannot make the figures better.
Thumbs and stars are the customer's; a handoff that came too late says that the answer before it was wrong, one that was not
needed that it was right. Two of three of the drawn are held: nothing is ever fitted to them, so that a threshold may be chosen by them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tandem import clock, ids
from tandem.answering import score
from tandem.answering.score import Scoring
from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound
from tandem.ids import ConversationId, TurnId
from tandem.learning.fitting import DRAWN, Outcome

Q = Queries("tandem.learning")

WINDOW = timedelta(days=90)
"""Older labels say little about what is answered today."""

DRAWN_FROM = timedelta(days=30)
"""Answers younger than this are in the lot."""

MOST_DRAWN = 200
"""At a time."""

LOOKED_AT = 50
"""For each answer wanted so many turns are looked at: most turns are answers."""

CHOSEN = "chosen"
"""The source of a review of an answer that was not drawn: somebody picked it."""

SOURCES = (DRAWN, CHOSEN, "correction", "handoff", "thumbs", "stars")
"""The strongest first."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An answer with its label. `is_right` None: it could not be told. `parts` None: our own records answered."""

    turn_id: TurnId
    asked_at: datetime
    source: str
    is_right: bool | None
    drawn: bool
    category: str
    parts: dict[str, float] | None
    confidence: float

    @property
    def by(self) -> str:
        """The source; a review of what nobody drew is somebody's choice."""
        return self.source if self.source != DRAWN or self.drawn else CHOSEN

    @property
    def counts(self) -> bool:
        """Whether it says how often the assistant is wrong: drawn by lot, and judged by a person."""
        return self.by == DRAWN

    @property
    def held(self) -> bool:
        """Whether nothing is ever fitted to it: two of three, by a hash of the id."""
        return hashlib.blake2b(self.turn_id.bytes, digest_size=2).digest()[0] % 3 != 0

    def probability(self, scoring: Scoring) -> float:
        """Of being right, by this scoring; of our own records as it was."""
        return probability(self.parts, self.confidence, scoring)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A turn that was answered or went to people. Without `parts` and not an answer: there was nothing to answer with."""

    asked_at: datetime
    kind: str
    category: str
    parts: dict[str, float] | None
    confidence: float

    def probability(self, scoring: Scoring) -> float | None:
        """Of being right, had it been answered; None where there was nothing to answer with."""
        if self.parts is None and self.kind != "answer":
            return None
        return probability(self.parts, self.confidence, scoring)


@dataclass(frozen=True, slots=True)
class ToJudge:
    """An answer that waits for a person's word. `given`: the customer read it; else it was held back."""

    turn_id: TurnId
    conversation_id: ConversationId
    question: str
    reply: str
    given: bool
    sentences: list[Any]
    citations: list[Any]
    category: str
    asked_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As the API shows it. The confidence is not told: it would tell the judge what to say."""
        held_back = "\n\n".join(str(each.get("text", "")) for each in self.sentences if isinstance(each, dict))
        return {
            "turn_id": ids.show("trn", self.turn_id),
            "conversation_id": ids.show("cnv", self.conversation_id),
            "question": self.question,
            "answer": self.reply if self.given else held_back,
            "given": self.given,
            "citations": [
                {"title": cited.get("title"), "quote": cited.get("quote"), "document_id": cited.get("document_id")}
                for cited in self.citations
                if isinstance(cited, dict)
            ],
            "category": self.category,
            "asked_at": self.asked_at,
        }


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A number."""

    n: int


@dataclass(frozen=True, slots=True)
class Judgeable:
    """Whether a turn has an answer that can be judged."""

    has_answer: bool | None


def probability(parts: Mapping[str, float] | None, confidence: float, scoring: Scoring) -> float:
    """By the parts, where there are any."""
    return score.probability(parts, scoring) if parts is not None else min(score.MOST, confidence)


async def labelled(tx: Tx) -> list[Labelled]:
    """Every labelled answer of WINDOW, the oldest first."""
    return await tx.all(Q.labelled, Labelled, since=clock.now() - WINDOW)


async def traffic(tx: Tx, since: timedelta, most: int) -> list[Recorded]:
    """The newest turns, newest first."""
    return await tx.all(Q.traffic, Recorded, since=_first_id(since), most=most)


async def draw(tx: Tx, count: int, author: str) -> int:
    """Draw so many more answers to be judged; how many there were."""
    return await tx.run(
        Q.draw, since=_first_id(DRAWN_FROM), author=author, most=count, looked_at=max(2000, LOOKED_AT * count)
    )


async def queue(tx: Tx, most: int = 20) -> list[ToJudge]:
    """What was drawn and waits for a person's word."""
    return await tx.all(Q.to_judge, ToJudge, most=most)


async def waiting(tx: Tx) -> int:
    """How many wait."""
    return (await tx.one(Q.waiting_to_be_judged, Unjudged)).n


async def judge(tx: Tx, turn_id: TurnId, is_right: bool | None, author: str) -> None:
    """A person's word; a later one replaces it. Raises NotFound, or Conflict where there is no answer to judge."""
    found = await tx.maybe(Q.judgeable, Judgeable, turn_id=turn_id)
    if found is None:
        raise NotFound("There is no such turn.")
    if not found.has_answer:
        raise Conflict("The assistant gave no answer in this turn; there is nothing to judge.")
    await tx.run(Q.judge, turn_id=turn_id, is_right=is_right, author=author)


def for_fitting(labels: Sequence[Labelled]) -> list[Outcome]:
    """What weights may be fitted to: everything with parts and a clear label but what is held."""
    return [
        Outcome(each.parts, each.is_right, each.by)
        for each in labels
        if each.parts is not None and each.is_right is not None and not (each.counts and each.held)
    ]


def for_judging(labels: Sequence[Labelled], scoring: Scoring) -> list[Labelled]:
    """What may judge a scoring: the drawn; of a fitted one those that it was not fitted to."""
    return [each for each in labels if each.counts and (scoring.version == score.VERSION or each.held)]


def by_source(labels: Sequence[Labelled]) -> list[dict[str, Any]]:
    """How many labels each source gave, and how many of them say wrong."""
    found = []
    for source in SOURCES:
        mine = [each for each in labels if each.by == source]
        wrong, unclear = sum(each.is_right is False for each in mine), sum(each.is_right is None for each in mine)
        found.append({"source": source, "labels": len(mine), "wrong": wrong, "unclear": unclear})
    return found


def _first_id(ago: timedelta) -> UUID:
    """No id that was made since then is smaller (RFC 9562: 48 bits of milliseconds lead)."""
    return UUID(int=int((clock.now() - ago).timestamp() * 1000) << 80)
