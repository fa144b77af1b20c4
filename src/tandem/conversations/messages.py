"""What was said. A message is stored once and never copied elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tandem import ids
from tandem.db import Jsonb, Later, Queries, Tx
from tandem.errors import NotFound
from tandem.ids import ConversationId, MemberId, MessageId, TicketId, TurnId

Q = Queries("tandem.conversations")


class Role(StrEnum):
    """Who speaks."""

    USER = "user"
    ASSISTANT = "assistant"
    AGENT = "agent"
    SYSTEM = "system"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    id: MessageId
    conversation_id: ConversationId
    ticket_id: TicketId
    role: Role
    internal: bool
    text: str
    member_id: MemberId | None
    member_name: str | None
    citations: list[dict[str, Any]]
    client_message_id: str | None
    turn_id: TurnId | None
    created_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The message as the API shows it."""
        return {
            "id": ids.show("msg", self.id),
            "conversation_id": ids.show("cnv", self.conversation_id),
            "ticket_id": ids.show("tkt", self.ticket_id),
            "role": self.role,
            "visibility": "internal" if self.internal else "public",
            "text": self.text,
            "author": {"id": ids.show("mbr", self.member_id), "name": self.member_name or "Former member"}
            if self.member_id
            else None,
            "citations": self.citations,
            "created_at": self.created_at,
            "client_message_id": self.client_message_id,
            "turn_id": ids.show("trn", self.turn_id) if self.turn_id else None,
        }


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at the database."""

    now: datetime


async def add(
    tx: Tx,
    conversation_id: ConversationId,
    ticket_id: TicketId,
    role: Role,
    text: str,
    *,
    id: MessageId | None = None,
    internal: bool = False,
    member_id: MemberId | None = None,
    citations: list[dict[str, Any]] | None = None,
    client_message_id: str | None = None,
    turn_id: TurnId | None = None,
) -> MessageId:
    """Store a message. Raises db.Unique when its client_message_id was used in this conversation."""
    message_id = id or MessageId(ids.new())
    await tx.run(
        Q.add_message,
        id=message_id,
        conversation_id=conversation_id,
        ticket_id=ticket_id,
        role=role,
        internal=internal,
        text=text,
        member_id=member_id,
        citations=Jsonb(citations or []),
        client_message_id=client_message_id,
        turn_id=turn_id,
        created_at=None,
    )
    return message_id


def add_later(tx: Tx, message: Message) -> None:
    """Store a message made here, with the transaction's next round trip. `created_at` is a `Moment` of a locked conversation."""
    tx.later(
        Q.add_message,
        id=message.id,
        conversation_id=message.conversation_id,
        ticket_id=message.ticket_id,
        role=message.role,
        internal=message.internal,
        text=message.text,
        member_id=message.member_id,
        citations=Jsonb(message.citations),
        client_message_id=message.client_message_id,
        turn_id=message.turn_id,
        created_at=message.created_at,
    )


async def get(tx: Tx, message_id: MessageId) -> Message:
    """One message. Raises NotFound."""
    found = await tx.maybe(Q.message, Message, id=message_id)
    if found is None:
        raise NotFound("There is no such message.")
    return found


def moment_later(tx: Tx) -> Later:
    """The `Moment` for a message, after whatever has been sent before."""
    return tx.later(Q.moment)


async def sent_before(tx: Tx, conversation_id: ConversationId, client_message_id: str) -> Message | None:
    """The message that came under this id before."""
    return await tx.maybe(
        Q.message_by_client_id, Message, conversation_id=conversation_id, client_message_id=client_message_id
    )


def sent_before_later(tx: Tx, conversation_id: ConversationId, client_message_id: str | None) -> Later:
    """The Message that came under this id before, with the transaction's next round trip."""
    return tx.later(Q.message_by_client_id, conversation_id=conversation_id, client_message_id=client_message_id)


def last_later(tx: Tx, conversation_id: ConversationId, *, most: int) -> Later:
    """What `last` finds, with the transaction's next round trip."""
    return tx.later(Q.messages, conversation_id=conversation_id, most=most, internal=False)


async def last(tx: Tx, conversation_id: ConversationId, *, most: int = 500, internal: bool = False) -> list[Message]:
    """The last messages, oldest first; with internal notes when asked."""
    return await tx.all(Q.messages, Message, conversation_id=conversation_id, most=most, internal=internal)


async def since(tx: Tx, conversation_id: ConversationId, after: int) -> list[Message]:
    """What customer and agents wrote after an event's number."""
    return await tx.all(Q.messages_since, Message, conversation_id=conversation_id, after=after)
