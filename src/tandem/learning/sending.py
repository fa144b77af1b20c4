"""Corrections on their way: worded by an agent, sent once into the customer's conversation, or let be.

What is sent is what somebody has seen beside the article as it answers now: when the article has changed since, it is not
sent but drafted or read again. A correction that gives the article's own words rests on them like any other answer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.conversations import citations, threads
from tandem.conversations.citations import Cited
from tandem.conversations.messages import Message
from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound
from tandem.events import Hub
from tandem.ids import ConversationId, DocumentId, MessageId
from tandem.learning import correcting, recalls, wording
from tandem.learning.recalls import ItemStatus
from tandem.tenants.callers import MemberCaller
from tandem.tickets import working

Q = Queries("tandem.learning")

SENT_AS = "rcl_"
"""Corrections bear client message ids that begin so."""


class Settled(Conflict):
    """The correction was sent or let be before. Look at it again."""

    code, title = "already_settled", "Somebody has dealt with this answer"


class Outdated(Conflict):
    """The article has changed since the correction was drafted. Look at the article and save the correction again."""

    code, title = "correction_outdated", "The article has changed since this was drafted"


@dataclass(frozen=True, slots=True)
class Standing:
    """An answer of a recall, locked."""

    conversation_id: ConversationId
    said_at: datetime
    said: str
    quotes: list[dict[str, Any]]
    correction: str
    drafted_for: int | None
    edited: bool
    status: ItemStatus
    sent_id: MessageId | None


@dataclass(frozen=True, slots=True)
class Answering:
    """The version of a document that answers."""

    document_id: DocumentId
    version: int | None


async def reword(tx: Tx, recall_id: UUID, message_id: MessageId, text: str) -> None:
    """An agent's own words, said beside the article as it is now. Raises NotFound or Settled."""
    standing = await _locked(tx, recall_id, message_id)
    if standing.status is not ItemStatus.OPEN:
        raise Settled
    now = await tx.one(Q.answering, Answering, id=recall_id)
    await tx.run(Q.reword, recall_id=recall_id, message_id=message_id, correction=text, drafted_for=now.version)


async def send(tx: Tx, hub: Hub, me: MemberCaller, recall_id: UUID, message_id: MessageId) -> None:
    """The customer reads it. Sent once, however often this is called. Raises NotFound, Settled or Outdated."""
    item = await recalls.item(tx, recall_id, message_id)
    conversation = await threads.get(tx, item.conversation_id, lock=True)  # always the first row that a change locks
    standing = await _locked(tx, recall_id, message_id)
    if standing.status is ItemStatus.SENT:
        return
    if standing.status is ItemStatus.DISMISSED:
        raise Settled
    now = await tx.one(Q.answering, Answering, id=recall_id)
    if standing.drafted_for != now.version:
        raise Outdated
    sent_as = f"{ids.show('rcl', recall_id)} {ids.show('msg', message_id)}"
    message = await working.write_in(tx, hub, me, conversation, standing.correction, sent_as)
    citations.keep_later(tx, message.id, _rests_on(message, standing, now))
    await _settle(tx, recall_id, message_id, ItemStatus.SENT, me.name, message.id)


async def dismiss(tx: Tx, me: MemberCaller, recall_id: UUID, message_id: MessageId) -> None:
    """It needs no correction. Raises NotFound, or Settled when it was sent."""
    standing = await _locked(tx, recall_id, message_id)
    if standing.status is ItemStatus.SENT:
        raise Settled
    await _settle(tx, recall_id, message_id, ItemStatus.DISMISSED, me.name, None)


async def _settle(
    tx: Tx, recall_id: UUID, message_id: MessageId, status: ItemStatus, name: str, sent_id: MessageId | None
) -> None:
    await tx.run(
        Q.settle_item, recall_id=recall_id, message_id=message_id, status=status, sent_id=sent_id, done_by=name
    )
    await tx.run(Q.close_done, id=recall_id)


async def _locked(tx: Tx, recall_id: UUID, message_id: MessageId) -> Standing:
    found = await tx.maybe(Q.lock_item, Standing, recall_id=recall_id, message_id=message_id)
    if found is None:
        raise NotFound("This answer is not part of the recall.")
    return found


def _rests_on(message: Message, standing: Standing, now: Answering) -> tuple[Cited, ...]:
    """The sentences of the article as it is now that the correction gives as they were drafted."""
    if now.version is None:
        return ()
    said = wording.plain(message.text)
    there = [each for quote in standing.quotes for each in quote.get("instead", ()) if each["now"]]
    return tuple(
        Cited(now.document_id, now.version, UUID(each["passage_id"]), each["now"])
        for each in there
        if wording.plain(correcting.shortened(each["now"])) in said
    )
