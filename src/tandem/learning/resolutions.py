"""What people answered when the assistant could not: proposed when they resolve a ticket, and knowledge once approved.

An approved resolution is a document of its own kind, which search ranks below articles; its question is its title. Knows
nothing about how that ranking is done.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound
from tandem.ids import DocumentId, TicketId
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.documents import PUBLIC, Kind, Labels, Origin, Written
from tandem.knowledge.reading import Format
from tandem.tickets import tickets

Q = Queries("tandem.learning")

SOURCE = "resolutions"
"""What the documents' source is called."""

TITLE_CHARS = 200


class Status(StrEnum):
    """What became of a resolution."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class Decided(Conflict):
    """Somebody has decided about this resolution. Look at it again."""

    code, title = "already_decided", "Somebody has decided about this"


@dataclass(frozen=True, slots=True)
class Resolution:
    """A question, and what a person answered. `document_id`: the knowledge that it became."""

    id: UUID
    ticket_id: TicketId
    question: str
    answer: str
    status: Status
    document_id: DocumentId | None
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": ids.show("rsn", self.id),
            "ticket_id": ids.show("tkt", self.ticket_id),
            "question": self.question,
            "answer": self.answer,
            "status": self.status,
            "document_id": ids.show("doc", self.document_id) if self.document_id else None,
            "created_at": self.created_at,
            "decided_by": self.decided_by,
            "decided_at": self.decided_at,
        }


@dataclass(frozen=True, slots=True)
class Approval:
    """How a resolution is approved; None leaves a text as it was proposed."""

    question: str | None = None
    answer: str | None = None
    category: str | None = None
    audience: str = PUBLIC


async def page(
    tx: Tx, status: Status | None, *, before: tuple[datetime, UUID] | None = None, most: int = 50
) -> list[Resolution]:
    """A page of them, newest first."""
    place = {"before": before and before[0], "before_id": before and before[1]}
    return await tx.all(Q.resolutions, Resolution, status=status, most=most, **place)


async def approve(tx: Tx, queue: Queue, resolution_id: UUID, approval: Approval, author: str) -> Resolution:
    """It answers customers once the worker has read it. Raises NotFound or Decided."""
    found = await _undecided(tx, resolution_id)
    question, answer = approval.question or found.question, approval.answer or found.answer
    title = tickets.shortened(question, TITLE_CHARS)
    body = answer if title == " ".join(question.split()) else f"{question}\n\n{answer}"
    saved = await documents.save(
        tx,
        queue,
        Labels(title, approval.category, approval.audience),
        Written(Format.MARKDOWN, body),
        Origin(source=SOURCE, author=author, kind=Kind.RESOLUTION),
    )
    decided = {"question": question, "answer": answer, "document_id": saved.id, "decided_by": author}
    await tx.run(Q.decide, id=resolution_id, status=Status.APPROVED, **decided)
    return await tx.one(Q.resolution, Resolution, id=resolution_id)


async def reject(tx: Tx, resolution_id: UUID, author: str) -> Resolution:
    """It never answers anybody. Raises NotFound or Decided."""
    found = await _undecided(tx, resolution_id)
    decided = {"question": found.question, "answer": found.answer, "document_id": None, "decided_by": author}
    await tx.run(Q.decide, id=resolution_id, status=Status.REJECTED, **decided)
    return await tx.one(Q.resolution, Resolution, id=resolution_id)


async def _undecided(tx: Tx, resolution_id: UUID) -> Resolution:
    found = await tx.maybe(Q.resolution, Resolution, id=resolution_id)
    if found is None:
        raise NotFound("There is no such resolution.")
    if found.status is not Status.PROPOSED:
        raise Decided(f"{found.decided_by} has {found.status} this resolution.")
    return found
