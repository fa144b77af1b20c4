"""The rows of turns: who is thinking, who may speak, and what was finished.

A turn is `waiting` (another is in mid-answer), `thinking`, and then one of `done`, `superseded` (a newer message is
answered with it), `silenced` (a person took over) or `stopped` (the customer pressed Stop). Whoever waits when the turn in
hand is taken over or stopped ends as that one, and its message is over with it. A finished row never changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.conversations import citations, log, messages
from tandem.conversations.log import News
from tandem.conversations.messages import Role
from tandem.conversations.threads import Conversation
from tandem.db import Database, Jsonb, Later, Queries, Tx
from tandem.errors import NotFound
from tandem.events import Hub
from tandem.ids import ConversationId, MessageId, TenantId, TicketId, TurnId

Q = Queries("tandem.conversations")

SILENT_S = 6.0
"""A process unheard of for this long is dead; it beats every second, so that a pause of five is forgiven."""


class TurnStatus(StrEnum):
    """Where a turn stands."""

    WAITING = "waiting"
    THINKING = "thinking"
    DONE = "done"
    SUPERSEDED = "superseded"
    STOPPED = "stopped"
    SILENCED = "silenced"


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn as stored. `reply_id` is reserved from the start: the answer's id is known before the answer."""

    id: TurnId
    conversation_id: ConversationId
    ticket_id: TicketId
    message_id: MessageId
    reply_id: MessageId
    status: TurnStatus
    holder: UUID | None
    attempt: int
    record: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None
    authority: dict[str, Any]
    """How the door knew the customer, and what their session may."""
    metadata: dict[str, Any]
    """What the page said beside the message."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer's message whose turn waits."""

    message_id: MessageId


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A turn that somebody must finish. `is_own`: this process held it and does not work on it."""

    tenant_id: TenantId
    turn_id: TurnId
    is_own: bool


@dataclass(frozen=True, slots=True)
class Released:
    """Text that has left the server, and what it cited."""

    text: str
    citations: list[dict[str, Any]]


def begin(
    tx: Tx,
    conversation: Conversation,
    ticket_id: TicketId,
    message_id: MessageId,
    holder: UUID,
    authority: dict[str, Any],
    metadata: dict[str, Any],
) -> TurnRow:
    """A turn for a customer's message, in a locked conversation. A turn that has not spoken yet makes room for it."""
    waits = conversation.turn_id is not None and conversation.turn_spoke
    tx.later(Q.end_waiting, conversation_id=conversation.id, status=TurnStatus.SUPERSEDED)
    if conversation.turn_id is not None and not waits:
        tx.later(Q.end_turn, id=conversation.turn_id, status=TurnStatus.SUPERSEDED, record=None)
    status = TurnStatus.WAITING if waits else TurnStatus.THINKING
    turn_id, reply_id = TurnId(ids.new()), MessageId(ids.new())
    tx.later(
        Q.add_turn,
        id=turn_id,
        conversation_id=conversation.id,
        ticket_id=ticket_id,
        message_id=message_id,
        reply_id=reply_id,
        status=status,
        holder=holder,
        authority=Jsonb(authority),
        metadata=Jsonb(metadata),
    )
    if not waits:
        tx.later(Q.give_floor, id=conversation.id, turn_id=turn_id, attempt=1)
    return TurnRow(
        turn_id,
        conversation.id,
        ticket_id,
        message_id,
        reply_id,
        status,
        holder,
        1,
        None,
        conversation.created_at,
        None,
        authority,
        metadata,
    )


async def finish(tx: Tx, turn_id: TurnId, status: TurnStatus, record: dict[str, Any] | None) -> bool:
    """The turn is over; False when it was over before."""
    return (
        await tx.run(Q.end_turn, id=turn_id, status=status, record=Jsonb(record) if record is not None else None) == 1
    )


async def end_waiting(tx: Tx, conversation_id: ConversationId, status: TurnStatus) -> list[MessageId]:
    """Nobody waits for the turn in hand any more; the messages that whatever ends it answers too.

    `status`: how the turn in hand ends for them, SILENCED or STOPPED. Never SUPERSEDED: the next turn would answer them again.
    """
    waiting = tx.later(Q.waiting, conversation_id=conversation_id)
    await tx.run(Q.end_waiting, conversation_id=conversation_id, status=status)
    return [turn.message_id for turn in waiting.all(Waiting)]


def covered_later(tx: Tx, turn: TurnRow) -> Later:
    """What a turn answers, as Waiting rows, oldest first: its own message, and those just before it whose turns made room for it."""
    return tx.later(Q.covered, conversation_id=turn.conversation_id, id=turn.id)


def finish_later(tx: Tx, turn_id: TurnId, record: dict[str, Any]) -> None:
    """The turn is done with the transaction's next round trip, for whoever has its conversation locked and the floor."""
    tx.later(Q.end_turn, id=turn_id, status=TurnStatus.DONE, record=Jsonb(record))


def waiting_later(tx: Tx, conversation_id: ConversationId) -> Later:
    """The TurnRow that waits in this conversation, if one does, with the transaction's next round trip."""
    return tx.later(Q.next_waiting, conversation_id=conversation_id)


def give_way(tx: Tx, waiting: TurnRow, holder: UUID) -> None:
    """The floor goes to the turn that waited, after what has been sent before."""
    tx.later(Q.hold_turn, id=waiting.id, holder=holder, step=0)
    tx.later(Q.give_floor, id=waiting.conversation_id, turn_id=waiting.id, attempt=waiting.attempt)


async def take_over(tx: Tx, hub: Hub, turn_id: TurnId, conversation: Conversation, holder: UUID) -> TurnRow | None:
    """An abandoned turn is this process's now, at a new attempt; None when it was finished or taken meanwhile.

    `conversation` is locked. What the dead attempt had released is withdrawn, visibly.
    """
    row = await tx.maybe(Q.lock_turn, TurnRow, id=turn_id)
    if row is None or row.status not in (TurnStatus.WAITING, TurnStatus.THINKING):
        return None
    if conversation.turn_id not in (None, turn_id):
        return None  # it waits for a turn that is alive
    await tx.run(Q.hold_turn, id=turn_id, holder=holder, step=1)
    await tx.run(Q.give_floor, id=conversation.id, turn_id=turn_id, attempt=row.attempt + 1)
    if conversation.turn_spoke:
        await log.append(tx, hub, conversation.id, [News("restarted", {"turn_id": ids.show("trn", turn_id)})])
    return await tx.one(Q.lock_turn, TurnRow, id=turn_id)


async def interrupt(tx: Tx, hub: Hub, conversation: Conversation, status: TurnStatus) -> MessageId | None:
    """Whoever was thinking in this locked conversation stops here; what it had released becomes a message. Its id, if any."""
    if conversation.turn_id is None:
        return None
    waiting = await end_waiting(tx, conversation.id, status)
    row = await tx.one(Q.lock_turn, TurnRow, id=conversation.turn_id)
    message_id: MessageId | None = None
    said = await released(tx, conversation.id, row.id)
    await finish(tx, row.id, status, {"interrupted": status, "released": said.text})
    await tx.run(Q.set_status, id=conversation.id, status=conversation.status)
    if said.text:
        message_id = await messages.add(
            tx,
            conversation.id,
            row.ticket_id,
            Role.ASSISTANT,
            said.text,
            id=row.reply_id,
            turn_id=row.id,
            citations=said.citations,
        )
        citations.keep_later(tx, message_id, citations.shown(said.citations))
    shown = (await messages.get(tx, message_id)).as_json() if message_id else None
    answers, silenced = [row.message_id, *waiting], status is TurnStatus.SILENCED
    over = ended(conversation.id, row.ticket_id, status, answers, escalated=silenced, row=row, message=shown)
    await log.append(tx, hub, conversation.id, [News("done", over)])
    return message_id


async def released(tx: Tx, conversation_id: ConversationId, turn_id: TurnId) -> Released:
    """What a turn has released so far."""
    return await tx.one(Q.released, Released, id=conversation_id, turn=ids.show("trn", turn_id))


async def get(tx: Tx, any_id: UUID) -> TurnRow:
    """A turn, by its id or either message's. Raises NotFound."""
    found = await tx.maybe(Q.turn, TurnRow, id=any_id)
    if found is None:
        raise NotFound("There is no such turn.")
    return found


async def beat(db: Database, process_id: UUID) -> None:
    """This process is alive."""
    async with db.nobody() as tx:
        await tx.run(Q.beat, id=process_id)


async def leave(db: Database, process_id: UUID) -> None:
    """This process stops: its turns are anybody's at once."""
    async with db.nobody() as tx:
        await tx.run(Q.gone, id=process_id)


async def abandoned(db: Database, me: UUID, in_hand: Iterable[UUID]) -> list[Abandoned]:
    """Turns, of any tenant, that nobody works on: of dead processes, and of this one beside those it has in hand."""
    async with db.nobody() as tx:
        return await tx.all(Q.abandoned, Abandoned, silent_s=SILENT_S, me=me, in_hand=list(in_hand))


def ended(
    conversation_id: ConversationId,
    ticket_id: TicketId,
    state: str,
    answers: Sequence[MessageId],
    *,
    escalated: bool,
    row: TurnRow | None = None,
    message: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """`done` for what ended without an answer of its own: in the same shape as an answer, with nothing claimed."""
    return {
        "turn_id": ids.show("trn", row.id) if row else None,
        "message_id": ids.show("msg", row.reply_id) if row else None,
        "conversation_id": ids.show("cnv", conversation_id),
        "ticket_id": ids.show("tkt", ticket_id),
        "response": message["text"] if message else "",
        "intent": "unknown",
        "confidence": 0.0,
        "actions_available": [],
        "escalated": escalated,
        "sources": [],
        "citations": [],
        "resolution_state": state,
        "response_latency_ms": 0,
        "message": message,
        "answers": [ids.show("msg", message_id) for message_id in answers],
    }
