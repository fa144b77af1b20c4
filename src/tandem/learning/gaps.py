"""Gaps: questions that the knowledge has no good answer to, grouped by meaning, the costliest first; and what people do about them.

A gap is open until a draft article is made of it, later questions are answered (`noticing` closes it then and says why), or
somebody says that it is none. Knows nothing about how questions are grouped.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound
from tandem.ids import ConversationId, DocumentId, TurnId

Q = Queries("tandem.learning")

PERSON_MIN = 8.0
"""Minutes that a person needs for a question handed over, until the tenant's own tickets tell. An assumption."""

NEAREST = 3
"""Passages shown beside a gap."""


class Status(StrEnum):
    """How a gap stands."""

    OPEN = "open"
    DRAFTED = "drafted"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Outcome(StrEnum):
    """Why a question counts as without a good answer."""

    NO_ANSWER = "no_answer"
    WITHHELD = "withheld"
    HANDED_OVER = "handed_over"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap. `cost` is in minutes: PERSON_MIN, or as the tenant's tickets tell, for each question handed over, one for the others."""

    id: UUID
    question: str
    questions: int
    handed_over: int
    cost: float
    status: Status
    first_asked_at: datetime
    last_asked_at: datetime
    document_id: DocumentId | None
    closed_because: str | None
    ended_at: datetime | None
    passages: list[list[dict[str, Any]]]

    @property
    def nearest(self) -> list[dict[str, Any]]:
        """The passages that came nearest to its newest questions, each once."""
        best: dict[str, dict[str, Any]] = {}
        for passage in (each for passages in self.passages for each in passages):
            known = best.get(passage["passage_id"])
            if known is None or passage["cosine"] > known["cosine"]:
                best[passage["passage_id"]] = passage
        return sorted(best.values(), key=lambda passage: -passage["cosine"])[:NEAREST]

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": ids.show("gap", self.id),
            "question": self.question,
            "questions": self.questions,
            "handed_over": self.handed_over,
            "cost": round(self.cost, 1),
            "status": self.status,
            "first_asked_at": self.first_asked_at,
            "last_asked_at": self.last_asked_at,
            "document_id": ids.show("doc", self.document_id) if self.document_id else None,
            "closed_because": self.closed_because,
            "ended_at": self.ended_at,
            "nearest": self.nearest,
        }


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a gap."""

    turn_id: TurnId
    conversation_id: ConversationId
    text: str
    outcome: Outcome
    quality: float
    asked_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "turn_id": ids.show("trn", self.turn_id),
            "conversation_id": ids.show("cnv", self.conversation_id),
            "text": self.text,
            "outcome": self.outcome,
            "quality": round(self.quality, 4),
            "asked_at": self.asked_at,
        }


@dataclass(frozen=True, slots=True)
class Stand:
    """How a gap stands."""

    question: str
    status: Status


async def page(tx: Tx, status: Status | None) -> list[Gap]:
    """The 200 that cost most."""
    return await tx.all(Q.gaps, Gap, status=status, id=None, minutes=PERSON_MIN)


async def get(tx: Tx, gap_id: UUID) -> Gap:
    """One gap. Raises NotFound."""
    found = await tx.maybe(Q.gaps, Gap, status=None, id=gap_id, minutes=PERSON_MIN)
    if found is None:
        raise NotFound("There is no such gap.")
    return found


async def asked(tx: Tx, gap_id: UUID) -> list[Question]:
    """Its newest questions."""
    return await tx.all(Q.asked, Question, gap_id=gap_id)


async def locked(tx: Tx, gap_id: UUID) -> Stand:
    """How it stands, while nobody else changes it. Raises NotFound."""
    found = await tx.maybe(Q.lock_gap, Stand, id=gap_id)
    if found is None:
        raise NotFound("There is no such gap.")
    return found


async def dismiss(tx: Tx, gap_id: UUID) -> None:
    """No article is wanted: later questions like these are counted and bring it back no more. Raises NotFound."""
    await locked(tx, gap_id)
    await tx.run(Q.set_gap, id=gap_id, status=Status.DISMISSED, document_id=None)


async def reopen(tx: Tx, gap_id: UUID) -> None:
    """It is one after all. Raises NotFound, or Conflict when it is open."""
    if (await locked(tx, gap_id)).status is Status.OPEN:
        raise Conflict("This gap is open.")
    await tx.run(Q.set_gap, id=gap_id, status=Status.OPEN, document_id=None)
