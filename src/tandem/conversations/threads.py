"""A conversation as a whole: opened with its first message, `ai`, `escalated` or `closed`, and always somebody's."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tandem import ids
from tandem.db import Later, Queries, Tx
from tandem.errors import NotFound
from tandem.ids import ConversationId, CustomerId, TurnId

Q = Queries("tandem.conversations")


class Channel(StrEnum):
    """Where the customer writes."""

    WEB_CHAT = "web_chat"
    MOBILE = "mobile"
    EMAIL = "email"
    API = "api"


class Status(StrEnum):
    """Who answers: the assistant, people, or nobody any more."""

    AI = "ai"
    ESCALATED = "escalated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as it stands."""

    id: ConversationId
    customer_id: CustomerId
    channel: Channel
    status: Status
    contact_email: str | None
    last_seq: int
    turn_id: TurnId | None
    turn_attempt: int
    turn_spoke: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a customer's list of conversations."""

    id: ConversationId
    status: Status
    updated_at: datetime
    preview: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """An id."""

    id: ConversationId


async def begin(tx: Tx, customer_id: CustomerId, channel: Channel) -> ConversationId:
    """A new conversation that nothing was said in yet."""
    conversation_id = ConversationId(ids.new())
    await tx.run(Q.add_conversation, id=conversation_id, customer_id=customer_id, channel=channel)
    return conversation_id


def open_later(
    tx: Tx, conversation_id: ConversationId, customer_id: CustomerId, channel: Channel, client_message_id: str | None
) -> Later:
    """A new conversation with the transaction's next round trip; it touches no row where this very message opened one before."""
    new = {"id": conversation_id, "customer_id": customer_id, "channel": channel}
    if client_message_id is None:
        return tx.later(Q.add_conversation, **new)
    first = {"customer_id": customer_id, "client_message_id": client_message_id}
    tx.later(Q.add_conversation_once, **new, client_message_id=client_message_id)
    return tx.later(Q.add_first_message, **first, conversation_id=conversation_id)


async def opened_before(
    tx: Tx, conversation_id: ConversationId, customer_id: CustomerId, client_message_id: str
) -> ConversationId:
    """The conversation that this message opened before, for the one that `open_later` opened for nothing, if it did."""
    await tx.run(
        Q.drop_conversation, id=conversation_id
    )  # the same message came twice at once, and the other was faster
    return (await tx.one(Q.first_conversation, Found, customer_id=customer_id, client_message_id=client_message_id)).id


async def get(
    tx: Tx,
    conversation_id: ConversationId,
    *,
    owner: CustomerId | None = None,
    lock: bool = False,
    asked: str = "conversation",
) -> Conversation:
    """The conversation; with `owner`, only that customer's. Raises NotFound, the same for foreign as for absent.

    `asked`: what the caller named it by, so that a foreign ticket sounds like an absent one.
    """
    found = tx.later(Q.lock_conversation if lock else Q.conversation, id=conversation_id)
    await tx.flush()
    return owned(found, owner, asked)


def lock_later(tx: Tx, conversation_id: ConversationId) -> Later:
    """Lock the conversation with the transaction's next round trip; `owned` reads what came of it."""
    return tx.later(Q.lock_conversation, id=conversation_id)


def owned(locked: Later, owner: CustomerId | None = None, asked: str = "conversation") -> Conversation:
    """As in `get`, from an answer that has come. Raises NotFound."""
    found = locked.maybe(Conversation)
    if found is None or (owner is not None and found.customer_id != owner):
        raise NotFound(f"There is no such {asked}.")
    return found


async def of(tx: Tx, customer_id: CustomerId) -> list[Listed]:
    """A customer's conversations, newest first, 20 at most."""
    return await tx.all(Q.conversations_of, Listed, customer_id=customer_id)


async def set_status(tx: Tx, conversation_id: ConversationId, status: Status) -> None:
    """Hand the conversation over; no turn has the floor after this."""
    await tx.run(Q.set_status, id=conversation_id, status=status)


async def set_contact(tx: Tx, conversation_id: ConversationId, email: str) -> None:
    """Where an answer can go."""
    await tx.run(Q.set_contact, id=conversation_id, email=email)
