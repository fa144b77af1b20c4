"""Recalls as they stand: which answers are to be taken back, and the same answers found by document before that.

Knows nothing about why a recall opens (`recalling`) or how a correction is worded (`correcting`) and sent (`sending`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import NotFound
from tandem.ids import ConversationId, CustomerId, DocumentId, MessageId

Q = Queries("tandem.learning")

Place = tuple[datetime, UUID]
"""Where a page ended: when something was said, in which message."""


class ItemStatus(StrEnum):
    """What became of an answer that is to be taken back."""

    OPEN = "open"
    SENT = "sent"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that rests on a document. `quotes`: version, passage and text of each stretch."""

    message_id: MessageId
    conversation_id: ConversationId
    customer_id: CustomerId
    customer_name: str | None
    customer_email: str | None
    said_at: datetime
    said: str
    quotes: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "message_id": ids.show("msg", self.message_id),
            "conversation_id": ids.show("cnv", self.conversation_id),
            "customer": _customer(self.customer_id, self.customer_name, self.customer_email),
            "said_at": self.said_at,
            "text": self.said,
            "quotes": [_quote(quote) for quote in self.quotes],
        }


@dataclass(frozen=True, slots=True)
class Recall:
    """Answers of one document that are to be taken back. `version` and `passage_id` are those found wrong; None: any."""

    id: UUID
    document_id: DocumentId
    title: str
    version: int | None
    passage_id: UUID | None
    trigger: str
    reason: str
    status: str
    created_by: str
    created_at: datetime
    closed_at: datetime | None
    answers: int
    waiting: int

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": ids.show("rcl", self.id),
            "document_id": ids.show("doc", self.document_id),
            "title": self.title,
            "version": self.version,
            "passage_id": ids.show("psg", self.passage_id) if self.passage_id else None,
            "trigger": self.trigger,
            "reason": self.reason,
            "status": self.status,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "closed_at": self.closed_at,
            "answers": self.answers,
            "open": self.waiting,
        }


@dataclass(frozen=True, slots=True)
class Item:
    """One answer of a recall, with the correction that is drafted for it and what became of it."""

    message_id: MessageId
    conversation_id: ConversationId
    customer_id: CustomerId
    customer_name: str | None
    customer_email: str | None
    said_at: datetime
    said: str
    quotes: list[dict[str, Any]]
    correction: str
    drafted_for: int | None
    edited: bool
    status: ItemStatus
    sent_id: MessageId | None
    done_by: str | None
    done_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "message_id": ids.show("msg", self.message_id),
            "conversation_id": ids.show("cnv", self.conversation_id),
            "customer": _customer(self.customer_id, self.customer_name, self.customer_email),
            "said_at": self.said_at,
            "said": self.said,
            "quotes": [_quote(quote) for quote in self.quotes],
            "correction": self.correction,
            "edited": self.edited,
            "status": self.status,
            "sent_id": ids.show("msg", self.sent_id) if self.sent_id else None,
            "done_by": self.done_by,
            "done_at": self.done_at,
        }


async def answers(
    tx: Tx,
    document_id: DocumentId,
    *,
    version: int | None = None,
    passage_id: UUID | None = None,
    before: Place | None = None,
    most: int = 50,
) -> list[Answer]:
    """Who was told something that rests on the document (on one version, or one passage of it), newest first."""
    return await tx.all(
        Q.answers,
        Answer,
        document_id=document_id,
        version=version,
        passage_id=passage_id,
        before=before and before[0],
        before_id=before and before[1],
        most=most,
    )


async def page(tx: Tx, status: str | None) -> list[Recall]:
    """The newest 200 recalls."""
    return await tx.all(Q.recalls, Recall, status=status, id=None)


async def get(tx: Tx, recall_id: UUID) -> Recall:
    """One recall. Raises NotFound."""
    found = await tx.maybe(Q.recalls, Recall, status=None, id=recall_id)
    if found is None:
        raise NotFound("There is no such recall.")
    return found


async def items(tx: Tx, recall_id: UUID, *, after: Place | None = None, most: int = 200) -> list[Item]:
    """Its answers, oldest first."""
    place = {"after": after and after[0], "after_id": after and after[1]}
    return await tx.all(Q.items, Item, recall_id=recall_id, message_id=None, most=most, **place)


async def item(tx: Tx, recall_id: UUID, message_id: MessageId) -> Item:
    """One of its answers. Raises NotFound."""
    one = {"message_id": message_id, "after": None, "after_id": None}
    found = await tx.maybe(Q.items, Item, recall_id=recall_id, most=1, **one)
    if found is None:
        raise NotFound("This answer is not part of the recall.")
    return found


async def close(tx: Tx, recall_id: UUID, author: str) -> None:
    """Nothing more is to be done about it; what is open needs no correction. Raises NotFound."""
    await get(tx, recall_id)
    await tx.run(Q.let_be, recall_id=recall_id, done_by=author)
    await tx.run(Q.close_recall, id=recall_id)


def _customer(id: UUID, name: str | None, email: str | None) -> dict[str, Any]:
    return {"id": ids.show("cus", id), "name": name, "email": email}


def _quote(quote: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "version": quote["version"],
        "passage_id": ids.show("psg", UUID(quote["passage_id"])),
        "quote": quote["quote"],
    }
    if "instead" in quote:
        shown["instead"] = [{"said": each["said"], "now": each["now"]} for each in quote["instead"]]
    return shown
