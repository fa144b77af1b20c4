"""Handing a ticket to people, with a briefing that spares the agent the transcript, and a place in the queue."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import clock, ids
from tandem.conversations import log, messages, turns
from tandem.conversations.log import News
from tandem.conversations.messages import Message, Role
from tandem.conversations.threads import Conversation
from tandem.conversations.turns import TurnStatus
from tandem.db import Jsonb, Queries, Tx
from tandem.events import Hub
from tandem.ids import ConversationId, TicketId, TurnId
from tandem.tenants import customers, hours, modes, policy, teams
from tandem.tickets import machine, queue, sla, tickets
from tandem.tickets.machine import State, Step
from tandem.tickets.queue import Place
from tandem.tickets.tickets import Priority, Ticket, TicketStatus

Q = Queries("tandem.tickets")

TIER_PRIORITY = {"enterprise": Priority.HIGH, "paid": Priority.MEDIUM}
"""Priority comes from who the customer is and which rule sent them, never from how loudly they write (security.md T20)."""

TRIGGER_PRIORITY = {
    "account_security": Priority.URGENT,
    "safety": Priority.HIGH,
    "legal_threat": Priority.HIGH,
    "billing_dispute": Priority.HIGH,
    "churn": Priority.MEDIUM,
    "amount": Priority.MEDIUM,
    "word": Priority.HIGH,
    "customer_requested_human": Priority.MEDIUM,
}


REQUESTED = "customer_requested_human"

READ = 12
"""Messages that a briefing is built from."""

QUOTE_CHARS = 200
LINE_CHARS = 140


@dataclass(frozen=True, slots=True)
class Briefing:
    """What the agent reads first: two or three sentences, how pressing, what was tried, what to do next."""

    trigger: str
    reason: str
    summary: str
    urgency: str
    urgency_evidence: str
    next_step: str
    tried: tuple[str, ...] = ()
    citations: tuple[dict[str, Any], ...] = field(default=())
    category: str | None = None
    language: str | None = None


Brief = Callable[[Tx, Ticket, str, str | None, str | None], Awaitable[Briefing]]
"""What makes the briefing of a request: from the ticket, why, a summary and the customer's language where they are known."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """A briefing as stored."""

    id: UUID
    conversation_id: ConversationId
    ticket_id: TicketId
    turn_id: TurnId | None
    trigger: str
    reason: str
    summary: str
    urgency: str
    urgency_evidence: str
    next_step: str
    tried: list[str]
    citations: list[dict[str, Any]]
    created_at: datetime
    label: str | None

    def as_json(self) -> dict[str, Any]:
        """The briefing as the API shows it."""
        return {
            "id": ids.show("hnd", self.id),
            "reason": self.reason,
            "trigger": self.trigger,
            "summary": self.summary,
            "urgency": self.urgency,
            "urgency_evidence": self.urgency_evidence,
            "next_step": self.next_step,
            "tried": self.tried,
            "citations": self.citations,
            "conversation_id": ids.show("cnv", self.conversation_id),
            "created_at": self.created_at,
            "label": self.label,
        }


@dataclass(frozen=True, slots=True)
class Escalated:
    """What became of a handoff."""

    handoff_id: UUID
    ticket_id: TicketId
    place: Place
    news: tuple[News, ...]


async def escalate(
    tx: Tx,
    conversation: Conversation,
    ticket: Ticket,
    briefing: Briefing,
    tier: str,
    *,
    present: Collection[UUID],
    turn_id: TurnId | None = None,
) -> Escalated:
    """Hand over, in a locked conversation, to the team that takes such tickets. Append the returned news.

    `present`: the members who are there. Escalating twice keeps the place in the queue. Outside hours, where the tenant
    wants that, the assistant goes on until a person comes.
    """
    handoff_id = ids.new()
    await _enqueue(tx, conversation, ticket, briefing, tier)
    tx.later(
        Q.add_handoff,
        id=handoff_id,
        conversation_id=conversation.id,
        ticket_id=ticket.id,
        turn_id=turn_id,
        trigger=briefing.trigger,
        reason=briefing.reason,
        summary=briefing.summary,
        urgency=briefing.urgency,
        urgency_evidence=briefing.urgency_evidence,
        next_step=briefing.next_step,
        tried=Jsonb(list(briefing.tried)),
        citations=Jsonb(list(briefing.citations)),
    )
    where = await queue.place(tx, ticket.id, present)
    told = News(
        "escalation_confirmed",
        {
            "handoff_id": ids.show("hnd", handoff_id),
            "ticket_id": ids.show("tkt", ticket.id),
            "queue_position": where.position,
            "estimated_wait_minutes": where.estimated_wait_minutes,
            "people_online": bool(present),
            "hours": where.now.as_json(),
        },
    )
    return Escalated(handoff_id, ticket.id, where, (told, await tickets.news(tx, ticket.id, where.position or None)))


async def _enqueue(tx: Tx, conversation: Conversation, ticket: Ticket, briefing: Briefing, tier: str) -> None:
    """Into the queue of the team that takes it, unless it is in one; the assistant goes on only where the hours say so."""
    category, chosen = briefing.category or ticket.category, policy.chosen_later(tx)
    team = await teams.pick(tx, category, tier, briefing.language)
    is_queued = machine.state(conversation, ticket) is State.ASSISTED
    now = hours.at(await hours.of_team(tx, ticket.team_id if is_queued else team.id), clock.now())
    goes_on = (
        not now.is_open
        and now.outside == "assist_only"
        and not modes.effective(chosen.one(policy.Chosen).mode).is_peoples
    )
    step = Step.ESCALATE_ASSISTED if goes_on else Step.ESCALATE
    if not machine.allowed(conversation, ticket, step):
        return
    values = {"priority": _priority(briefing.trigger, tier), "category": briefing.category}
    machine.move_later(tx, conversation, ticket, step, team_id=team.id, language=briefing.language, **values)
    if not is_queued:
        await queue.ended(tx, ticket.id)
        await sla.escalated(tx, ticket.id)


async def escalate_now(
    tx: Tx,
    hub: Hub,
    conversation: Conversation,
    ticket: Ticket,
    briefing: Briefing,
    tier: str,
    *,
    present: Collection[UUID],
) -> Escalated:
    """As escalate, from outside a turn: whoever was thinking stops, and the news goes out."""
    await turns.interrupt(tx, hub, conversation, TurnStatus.SILENCED)
    done = await escalate(tx, conversation, ticket, briefing, tier, present=present)
    await log.append(tx, hub, conversation.id, done.news)
    return done


async def requested(
    tx: Tx,
    hub: Hub,
    conversation: Conversation,
    reason: str = REQUESTED,
    summary: str | None = None,
    *,
    present: Collection[UUID],
    brief: Brief | None = None,
) -> Escalated:
    """A person, please, in a locked conversation, in every state. Who has asked already keeps their place and their briefing."""
    ticket = await tickets.current(tx, conversation.id)
    earlier = await of_ticket(tx, ticket.id) if ticket.status is TicketStatus.ESCALATED else []
    if earlier:
        return Escalated(earlier[0].id, ticket.id, await queue.place(tx, ticket.id, present), ())
    customer = await customers.get(tx, conversation.customer_id)
    briefing = await (brief or on_request)(tx, ticket, reason, summary, customer.language)
    return await escalate_now(tx, hub, conversation, ticket, briefing, customer.tier, present=present)


async def on_request(tx: Tx, ticket: Ticket, reason: str, summary: str | None, language: str | None = None) -> Briefing:
    """The briefing when the customer pressed the button, or the tenant's server asked: from what was said so far."""
    said = await messages.last(tx, ticket.conversation_id, most=READ)
    asked = [message.text for message in said if message.role is Role.USER]
    answered = [message for message in said if message.role is Role.ASSISTANT]
    many = len(asked) > 2
    return Briefing(
        trigger=REQUESTED,
        reason="The customer asked for a person." if reason == REQUESTED else reason,
        summary=summary or _summary(asked, answered),
        urgency="medium" if many else "low",
        urgency_evidence=f"they wrote {len(asked)} messages before asking"
        if many
        else "nothing they wrote is pressing",
        next_step="Greet them and answer their last question." if asked else "Greet them and ask what they need.",
        tried=tried([message.text for message in answered]),
        citations=tuple(citation for message in answered[-1:] for citation in message.citations),
        category=ticket.category,
        language=language,
    )


def tried(answers: Sequence[str]) -> tuple[str, ...]:
    """What the assistant said before, the last three times, each in a line."""
    return tuple(f"The assistant answered: “{tickets.shortened(text, LINE_CHARS)}”" for text in answers[-3:])


def _summary(asked: list[str], answered: list[Message]) -> str:
    """Two or three sentences."""
    if not asked:
        return "The customer asked for a person before writing anything."
    sentences = [f"The customer wrote: “{tickets.shortened(asked[-1], QUOTE_CHARS)}”"]
    if answered:
        titles = list(dict.fromkeys(f"“{citation['title']}”" for citation in answered[-1].citations))
        source = " and ".join(titles)
        sentences.append(f"The assistant answered from {source}." if titles else "The assistant had found no answer.")
    sentences.append("Then they asked for a person.")
    return " ".join(sentences)


async def of_ticket(tx: Tx, ticket_id: TicketId) -> list[Handoff]:
    """A ticket's briefings, newest first."""
    return await tx.all(Q.handoffs, Handoff, ticket_id=ticket_id)


async def reword(tx: Tx, handoff_id: UUID, summary: str) -> None:
    """A better-worded summary."""
    await tx.run(Q.set_summary, id=handoff_id, summary=summary)


def _priority(trigger: str, tier: str) -> Priority:
    order = list(Priority)
    by_tier = TIER_PRIORITY.get(tier, Priority.LOW)
    by_rule = TRIGGER_PRIORITY.get(trigger, Priority.LOW)
    return max(by_tier, by_rule, key=order.index)
