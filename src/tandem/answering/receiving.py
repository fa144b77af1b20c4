"""Taking a customer's message in: stored once, under the id that the customer gave it, with its ticket and its turn.

Knows nothing about how it will be answered.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tandem import clock, ids
from tandem.actions.session import Authority
from tandem.answering import tools
from tandem.answering.matters import CameBack, Earlier
from tandem.answering.tools import Standing
from tandem.conversations import log, messages, threads, turns
from tandem.conversations.log import News
from tandem.conversations.messages import Message, Role
from tandem.conversations.threads import Channel, Conversation, Status
from tandem.conversations.turns import TurnRow
from tandem.db import Later, Tx
from tandem.errors import Malformed
from tandem.events import Hub, Listener
from tandem.ids import ConversationId, CustomerId, MessageId, TenantId
from tandem.tickets import machine, returning, sla, tickets
from tandem.tickets.machine import Step
from tandem.tickets.tickets import Ticket


class MessageTooLong(Malformed):
    """The message has more characters than the tenant's rules take. Shorten it, or send it in parts."""

    code, title = "message_too_long", "The message is too long"


class KeyReused(Malformed):
    """The same client_message_id came with another text. Use a new id for a new message."""

    code, title = "client_message_id_reused", "This client_message_id was used for another message"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer's message as the door let it in."""

    tenant_id: TenantId
    customer_id: CustomerId
    verified: bool
    text: str
    conversation_id: ConversationId | None = None
    client_message_id: str | None = None
    channel: Channel = Channel.WEB_CHAT
    scopes: frozenset[str] = frozenset()
    """What the session may, beside what everybody may."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the page said beside the message: `page_url`."""

    @property
    def authority(self) -> Authority:
        """How the door knew the customer."""
        return Authority("verified" if self.verified else "anyone", self.scopes)


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is safely stored. `after`: the event number before its own; follow from there. `turn`: what was opened, if any.

    `ears` have heard everything since then; None where the table has to be read. `standing` is what held when it was stored.
    """

    conversation_id: ConversationId
    message_id: MessageId
    after: int
    turn: TurnRow | None
    ears: Listener | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class _Looked:
    """What has to be known before a message is written; all answers but `opened`'s under the conversation's lock."""

    conversation_id: ConversationId
    standing: Later
    opened: Later | None
    locked: Later
    before: Later
    current: Later
    moment: Later


async def store(tx: Tx, hub: Hub, incoming: Incoming, text: str, *, is_same: bool | None = None) -> Received:
    """Store a customer's message and open its turn, in two round trips.

    First everything that has to be known, under the conversation's lock; then everything that is written. Raises CameBack
    when the conversation's matter was settled lately and the caller has not said whether the message is about the same.
    """
    found = await _look(tx, incoming)
    conversation = threads.owned(found.locked, incoming.customer_id)
    if (sent := found.before.maybe(Message)) is not None:
        return await _again(tx, conversation, sent, text)
    now = found.standing.one(Standing)
    _refuse_too_long(text, now)
    ticket_id = await _ticket(tx, conversation, text, found.current.maybe(Ticket), is_same, now.understood_by)
    message = _message(incoming, conversation, ticket_id, text, found.moment.one(messages.Moment).now)
    messages.add_later(tx, message)
    row = None
    if conversation.status is not Status.ESCALATED:
        authority = incoming.authority.as_json()
        row = turns.begin(tx, conversation, ticket_id, message.id, hub.process_id, authority, incoming.metadata)
    news = [News("accepted", _accepted(message, row))]
    if conversation.status is Status.CLOSED:
        news.insert(0, News("reopened", {"ticket_id": ids.show("tkt", ticket_id)}))
    if row is None:
        await tx.run(tickets.Q.waits, id=ticket_id)
        await sla.asked(tx, ticket_id)
        news += [News("done", _left_to_people(message)), await tickets.news(tx, ticket_id)]
    ears = Listener()
    hub.attach(ears, conversation.id)  # the lock is ours: nobody else's news can come between
    log.append_later(tx, hub, conversation.id, news)
    return Received(conversation.id, message.id, conversation.last_seq, row, ears, now)


async def _look(tx: Tx, incoming: Incoming) -> _Looked:
    """One round trip, and two more where the very message opened a conversation before."""
    if incoming.conversation_id is not None:
        found = _look_later(tx, incoming, incoming.conversation_id)
        await tx.flush()
        return found
    found = _look_later(tx, incoming, ConversationId(ids.new()), opens=True)
    await tx.flush()
    if incoming.client_message_id is not None and found.opened is not None and not found.opened.result.touched:
        sent = (incoming.customer_id, incoming.client_message_id)
        found = _look_later(tx, incoming, await threads.opened_before(tx, found.conversation_id, *sent))
        await tx.flush()
    return found


def _look_later(tx: Tx, incoming: Incoming, conversation_id: ConversationId, *, opens: bool = False) -> _Looked:
    standing, client_id = tools.standing_later(tx), incoming.client_message_id
    new = (incoming.customer_id, incoming.channel, client_id)
    opened = threads.open_later(tx, conversation_id, *new) if opens else None
    locked = threads.lock_later(tx, conversation_id)
    before = messages.sent_before_later(tx, conversation_id, client_id)
    current = tickets.current_later(tx, conversation_id)
    return _Looked(conversation_id, standing, opened, locked, before, current, messages.moment_later(tx))


async def _ticket(
    tx: Tx, conversation: Conversation, text: str, current: Ticket | None, is_same: bool | None, understood_by: int
) -> ids.TicketId:
    """The ticket that a message belongs to: the current one, reopened when it is the same matter, or a new one."""
    if current is None:
        return tickets.open_later(tx, conversation.id, text)
    if current.resolved_at is None:
        return current.id
    if returning.may_reopen(current, clock.now()):
        if is_same is None:
            raise CameBack(Earlier(tuple(await returning.said_in(tx, current)), current.category, understood_by))
        if is_same:
            machine.move_later(tx, conversation, current, Step.COME_BACK)
            return current.id
    machine.move_later(tx, conversation, current, Step.TURN_TO_OTHER)
    return tickets.open_later(tx, conversation.id, text)


async def _again(tx: Tx, conversation: Conversation, sent: Message, text: str) -> Received:
    """The same message again: the same turn again, from its beginning."""
    if sent.text != text:
        raise KeyReused
    async for event in _accepted_events(tx, conversation.id, sent.id):
        return Received(conversation.id, sent.id, event - 1, None)
    return Received(conversation.id, sent.id, 0, None)


async def _accepted_events(tx: Tx, conversation_id: ConversationId, message_id: MessageId) -> Any:
    shown = ids.show("msg", message_id)
    after = 0
    while rows := await tx.all(log.Q.events_after, log.Stored, id=conversation_id, after=after, staff=False):
        for row in rows:
            if row.kind == "accepted" and row.data["message_id"] == shown:
                yield row.seq
        after = rows[-1].seq


def _refuse_too_long(text: str, standing: Standing) -> None:
    most = standing.rules.rules.message_max_chars
    if len(text) > most:
        sentence = f"The message has {len(text):,} characters; {most:,} are the most."
        raise MessageTooLong(sentence, errors=[{"field": "message", "message": f"must have at most {most} characters"}])


def _message(
    incoming: Incoming, conversation: Conversation, ticket_id: ids.TicketId, text: str, at: datetime
) -> Message:
    """The customer's message."""
    message_id, client_id = MessageId(ids.new()), incoming.client_message_id
    return Message(message_id, conversation.id, ticket_id, Role.USER, False, text, None, None, [], client_id, None, at)


def _accepted(message: Message, row: TurnRow | None) -> dict[str, Any]:
    shown = message.as_json()
    return {
        "conversation_id": shown["conversation_id"],
        "ticket_id": shown["ticket_id"],
        "message_id": shown["id"],
        "turn_id": ids.show("trn", row.id) if row else None,
        "message": shown,
    }


def _left_to_people(message: Message) -> dict[str, Any]:
    """`done` for a message that a person will answer: the assistant stays silent."""
    return turns.ended(message.conversation_id, message.ticket_id, "with_people", [message.id], escalated=True)
