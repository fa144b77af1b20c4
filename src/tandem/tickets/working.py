"""What agents do with a ticket. Every step locks the conversation first, so that two of them cannot do it at once."""

from dataclasses import dataclass
from typing import Any

from tandem import ids
from tandem.conversations import log, messages, threads, turns
from tandem.conversations.log import News
from tandem.conversations.messages import Message, Role
from tandem.conversations.threads import Conversation, Status
from tandem.conversations.turns import TurnStatus
from tandem.db import Database, Queries, Tx, Unique
from tandem.errors import Conflict, Malformed
from tandem.events import Hub
from tandem.ids import ConversationId, MemberId, MessageId, TenantId, TicketId
from tandem.tenants.callers import MemberCaller
from tandem.tickets import labels, machine, notices, queue, sla, tickets
from tandem.tickets.labels import Label
from tandem.tickets.machine import State, Step, WrongState
from tandem.tickets.tickets import Priority, Ticket, TicketStatus

Q = Queries("tandem.tickets")


QUIET_S = 30 * 60
"""After an answer and half an hour of silence a ticket counts as resolved, until the customer writes again."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A ticket that nobody has touched for a while."""

    tenant_id: TenantId
    ticket_id: TicketId


class AlreadyClaimed(Conflict):
    """Somebody else has this ticket; `assignee` says who. Ask them, or reassign it."""

    code, title = "already_claimed", "Somebody else was faster"


class NewReplySince(Conflict):
    """Somebody wrote after you had begun; `messages` shows what. Send again without seen_event_id to insist."""

    code, title = "new_reply_since", "There is a new message since you began to write"


class NotYours(Conflict):
    """Only who has claimed a ticket writes to its customer. Claim it first."""

    code, title = "not_claimed", "Claim the ticket before you answer the customer"


class IdReused(Malformed):
    """The same client_message_id came with another text. Use a new id for a new message."""

    code, title = "client_message_id_reused", "This client_message_id was used for another message"


async def claim(tx: Tx, hub: Hub, me: MemberCaller, ticket_id: TicketId) -> None:
    """I take it, or begin what I was given: the assistant falls silent in the same moment. Raises AlreadyClaimed."""
    conversation, ticket = await _newest(tx, ticket_id)
    if machine.state(conversation, ticket) is State.WITH_PERSON and ticket.assignee_id == me.member_id:
        return
    if ticket.status is TicketStatus.ESCALATED and ticket.assignee_id not in (None, me.member_id):
        taken = await tickets.row(tx, ticket_id)
        raise AlreadyClaimed(
            f"{taken.assignee_name} has claimed this ticket.",
            assignee=tickets.person(taken.assignee_id, taken.assignee_name),
        )
    await turns.interrupt(tx, hub, conversation, TurnStatus.SILENCED)
    await _begin(tx, conversation, ticket, Step.CLAIM, me)
    await log.append(tx, hub, conversation.id, [_joined(me, ticket_id), await tickets.news(tx, ticket_id)])


async def reply(
    tx: Tx, hub: Hub, me: MemberCaller, ticket_id: TicketId, text: str, client_message_id: str, seen: int | None
) -> Message:
    """Write to the customer. The same client_message_id again gives the first message again. Raises NotYours, NewReplySince or IdReused."""
    conversation, ticket = await _locked(tx, ticket_id)
    if sent := await messages.sent_before(tx, conversation.id, client_message_id):
        return _same(sent, me, text, internal=False)
    if conversation.status is not Status.ESCALATED or ticket.assignee_id != me.member_id:
        raise NotYours
    if seen is not None:
        missed = [m for m in await messages.since(tx, conversation.id, seen) if m.member_id != me.member_id]
        if missed:
            raise NewReplySince(messages=[message.as_json() for message in missed])
    news: list[News] = []
    if machine.state(conversation, ticket) is State.ASSIGNED:  # given to me, and I begin
        await _begin(tx, conversation, ticket, Step.CLAIM, me)
        news.append(_joined(me, ticket_id))
    message = await _say(tx, conversation, ticket_id, Role.AGENT, text, me.member_id, client_message_id)
    await tx.run(Q.answered, id=ticket_id)
    await sla.answered(tx, ticket_id)
    news += [News("message", {"message": message.as_json()}), await tickets.news(tx, ticket_id)]
    await log.append(tx, hub, conversation.id, news)
    return message


async def write_in(tx: Tx, hub: Hub, me: MemberCaller, conversation: Conversation, text: str, sent_as: str) -> Message:
    """Write to a customer whose conversation need not be mine, about what they were told before; the caller has it locked.

    Whoever answers goes on answering. A closed conversation is reopened and is mine, as ever when an agent writes there. The
    same `sent_as` again gives the first message again.
    """
    if sent := await messages.sent_before(tx, conversation.id, sent_as):
        return sent
    ticket = await tickets.current(tx, conversation.id)
    if conversation.status is Status.CLOSED:
        await reopen(tx, hub, me, ticket.id)
    message = await _say(tx, conversation, ticket.id, Role.AGENT, text, me.member_id, sent_as)
    await log.append(
        tx, hub, conversation.id, [News("message", {"message": message.as_json()}), await tickets.news(tx, ticket.id)]
    )
    return message


async def note(tx: Tx, hub: Hub, me: MemberCaller, ticket_id: TicketId, text: str, client_message_id: str) -> Message:
    """An internal note; the customer never sees it. Sent twice as in reply."""
    conversation, _ = await _locked(tx, ticket_id)
    if sent := await messages.sent_before(tx, conversation.id, client_message_id):
        return _same(sent, me, text, internal=True)
    message = await _say(tx, conversation, ticket_id, Role.AGENT, text, me.member_id, client_message_id, internal=True)
    await log.append(tx, hub, conversation.id, [News("message", {"message": message.as_json()}, for_staff=True)])
    return message


async def resolve(
    tx: Tx, hub: Hub, me: MemberCaller, ticket_id: TicketId, closing: str | None, label: Label | None = None
) -> None:
    """The issue is settled: the customer reads so and is asked how it was. `label`: whether the handoff was needed."""
    conversation, ticket = await _locked(tx, ticket_id)
    if ticket.status is TicketStatus.HUMAN_RESOLVED:
        if label is not None:  # said a moment later
            await labels.put(tx, ticket_id, label, me.member_id)
        return
    await _require_newest(tx, conversation, ticket)
    await turns.interrupt(tx, hub, conversation, TurnStatus.SILENCED)
    shown = await _say(tx, conversation, ticket_id, Role.AGENT, closing, me.member_id, None) if closing else None
    how = {"status": TicketStatus.HUMAN_RESOLVED, "how": "person", "member_id": me.member_id}
    await machine.move(tx, conversation, ticket, Step.RESOLVE, **how)
    await _put_down(tx, ticket_id)
    if label is not None:
        await labels.put(tx, ticket_id, label, me.member_id)
    told = {
        "ticket_id": ids.show("tkt", ticket_id),
        "message": shown.as_json() if shown else None,
        "ask_rating": True,
        "agent": _me(me),
    }
    await log.append(tx, hub, conversation.id, [News("resolved", told), await tickets.news(tx, ticket_id)])


async def reopen(tx: Tx, hub: Hub, me: MemberCaller, ticket_id: TicketId) -> None:
    """Not settled after all; it is mine. Raises WrongState."""
    conversation, ticket = await _newest(tx, ticket_id)
    if not machine.allowed(conversation, ticket, Step.REOPEN):
        raise WrongState("Only a resolved ticket can be reopened.")
    await turns.interrupt(tx, hub, conversation, TurnStatus.SILENCED)
    await _begin(tx, conversation, ticket, Step.REOPEN, me)
    news = [News("reopened", {"ticket_id": ids.show("tkt", ticket_id)}), _joined(me, ticket_id)]
    await log.append(tx, hub, conversation.id, [*news, await tickets.news(tx, ticket_id)])


async def hand_back(tx: Tx, hub: Hub, me: MemberCaller, ticket_id: TicketId) -> None:
    """The assistant is invited back. Raises WrongState when it has the conversation already."""
    conversation, ticket = await _locked(tx, ticket_id)
    if not machine.allowed(conversation, ticket, Step.HAND_BACK):
        raise WrongState("Only a ticket that is with people can be handed back.")
    await machine.move(tx, conversation, ticket, Step.HAND_BACK)
    await _put_down(tx, ticket_id)
    told = News("handed_back", {"agent": _me(me), "ticket_id": ids.show("tkt", ticket_id)})
    await log.append(tx, hub, conversation.id, [told, await tickets.news(tx, ticket_id)])


async def change(
    tx: Tx, hub: Hub, ticket_id: TicketId, changes: dict[str, Any], me: MemberCaller | None = None
) -> None:
    """Priority, category, team, assignee; what is not named stays. `assignee_id` None puts it back into the queue.

    An assignee has it and has not begun, unless it is me who takes it. Raises WrongState for a ticket that is not with people.
    """
    conversation, ticket = await _locked(tx, ticket_id)
    priority = Priority(changes["priority"]) if changes.get("priority") else None
    await tx.run(Q.set_properties, id=ticket_id, priority=priority, category=changes.get("category"))
    news: list[News] = []
    if changes.get("team_id"):
        await tx.run(Q.set_team, id=ticket_id, team_id=changes["team_id"])
    if priority is not None and priority is not ticket.priority:
        await sla.reprioritised(tx, ticket_id)
    if "assignee_id" in changes:
        news = await _assign(tx, hub, conversation, ticket, changes["assignee_id"], me)
    await log.append(tx, hub, conversation.id, [*news, await tickets.news(tx, ticket_id)])


async def _assign(
    tx: Tx, hub: Hub, conversation: Conversation, ticket: Ticket, who: MemberId | None, me: MemberCaller | None
) -> list[News]:
    """To this member, or back to the queue."""
    if who == ticket.assignee_id and machine.state(conversation, ticket) is State.WITH_PERSON:
        return []
    await _require_newest(tx, conversation, ticket)
    if who is None:
        if machine.allowed(conversation, ticket, Step.PUT_BACK):
            await machine.move(tx, conversation, ticket, Step.PUT_BACK)
            await queue.ended(tx, ticket.id)
        return []
    if me is not None and who == me.member_id:
        await turns.interrupt(tx, hub, conversation, TurnStatus.SILENCED)
        await _begin(tx, conversation, ticket, Step.CLAIM, me)
        return [_joined(me, ticket.id)]
    if not machine.allowed(conversation, ticket, Step.GIVE):
        raise WrongState("Only a ticket that is with people can be given to somebody.")
    await turns.interrupt(tx, hub, conversation, TurnStatus.SILENCED)
    await machine.move(tx, conversation, ticket, Step.GIVE, member_id=who)
    await queue.ended(tx, ticket.id)
    await notices.tell(tx, [who], "assigned", ticket.id, {"subject": ticket.subject})
    return []


async def resolve_quiet(db: Database, hub: Hub) -> int:
    """Whoever was answered and has left it at that for a while counts as helped: assumed, not confirmed. How many."""
    async with db.nobody() as tx:
        found = await tx.all(Q.quiet, Quiet, seconds=QUIET_S)
    for quiet in found:
        async with db.tenant(quiet.tenant_id) as tx:
            conversation, ticket = await _locked(tx, quiet.ticket_id)
            if not machine.allowed(conversation, ticket, Step.HELP) or conversation.turn_id is not None:
                continue
            how = {"status": TicketStatus.AI_RESOLVED, "how": "assumed", "member_id": None}
            await machine.move(tx, conversation, ticket, Step.HELP, **how)
            await log.append(tx, hub, conversation.id, [_settled(ticket, how), await tickets.news(tx, ticket.id)])
    return len(found)


async def rate(
    tx: Tx, hub: Hub, conversation: Conversation, rating: int | str, message_id: MessageId | None, free_text: str | None
) -> None:
    """What the customer says: 1 to 5 for the ticket, `up` or `down` for one answer. `up` confirms that it helped."""
    ticket = await tickets.current(tx, conversation.id)
    await tx.run(
        Q.add_feedback,
        id=ids.new(),
        conversation_id=conversation.id,
        message_id=message_id,
        ticket_id=ticket.id,
        rating=str(rating),
        free_text=free_text,
    )
    if isinstance(rating, int):
        await tx.run(Q.rate, id=ticket.id, score=rating, comment=free_text)
        news = [
            News("rated", {"ticket_id": ids.show("tkt", ticket.id), "score": rating}),
            await tickets.news(tx, ticket.id),
        ]
        await log.append(tx, hub, conversation.id, news)
    elif rating == "up" and machine.allowed(conversation, ticket, Step.HELP):
        how = {"status": TicketStatus.AI_RESOLVED, "how": "confirmed", "member_id": None}
        await machine.move(tx, conversation, ticket, Step.HELP, **how)
        await log.append(tx, hub, conversation.id, [_settled(ticket, how), await tickets.news(tx, ticket.id)])


async def _locked(tx: Tx, ticket_id: TicketId) -> tuple[Conversation, Ticket]:
    """Conversation first, then the ticket as it stands under that lock."""
    conversation_id: ConversationId = (await tickets.get(tx, ticket_id)).conversation_id
    conversation = await threads.get(tx, conversation_id, lock=True)
    return conversation, await tickets.get(tx, ticket_id)


async def _newest(tx: Tx, ticket_id: TicketId) -> tuple[Conversation, Ticket]:
    """The same for a step that only the conversation's newest ticket can take. Raises WrongState."""
    conversation, ticket = await _locked(tx, ticket_id)
    await _require_newest(tx, conversation, ticket)
    return conversation, ticket


async def _require_newest(tx: Tx, conversation: Conversation, ticket: Ticket) -> None:
    newest = await tickets.current(tx, conversation.id)
    if newest.id != ticket.id:
        raise WrongState("The customer has come with another matter since.", ticket_id=ids.show("tkt", newest.id))


async def _begin(tx: Tx, conversation: Conversation, ticket: Ticket, step: Step, me: MemberCaller) -> None:
    """It is mine from now on: the step, and how long it waited."""
    await machine.move(tx, conversation, ticket, step, member_id=me.member_id)
    await queue.begun(tx, ticket, me.member_id)
    if ticket.status is not TicketStatus.ESCALATED:
        await sla.escalated(tx, ticket.id)


async def _put_down(tx: Tx, ticket_id: TicketId) -> None:
    """No person has it any more: what they held is measured, and every promise is over."""
    await queue.ended(tx, ticket_id)
    await sla.over(tx, ticket_id)


async def _say(
    tx: Tx,
    conversation: Conversation,
    ticket_id: TicketId,
    role: Role,
    text: str,
    member_id: MemberId,
    client_message_id: str | None,
    *,
    internal: bool = False,
) -> Message:
    try:
        message_id = await messages.add(
            tx,
            conversation.id,
            ticket_id,
            role,
            text,
            member_id=member_id,
            client_message_id=client_message_id,
            internal=internal,
        )
    except Unique as problem:
        raise Conflict("This message was sent before.") from problem
    return await messages.get(tx, message_id)


def _same(sent: Message, me: MemberCaller, text: str, *, internal: bool) -> Message:
    if (sent.member_id, sent.text, sent.internal) != (me.member_id, text, internal):
        raise IdReused
    return sent


def _settled(ticket: Ticket, how: dict[str, Any]) -> News:
    """Nothing ends silently: the customer's side hears of it too."""
    return News("settled", {"ticket_id": ids.show("tkt", ticket.id), "how": how["how"]})


def _joined(me: MemberCaller, ticket_id: TicketId) -> News:
    return News("joined", {"agent": _me(me), "ticket_id": ids.show("tkt", ticket_id)})


def _me(me: MemberCaller) -> dict[str, Any]:
    return {"id": ids.show("mbr", me.member_id), "name": me.name}
