"""What is promised to customers: a first reply, the next reply, a resolution, each within so much business time.

A promise to one customer is a clock in the table `sla_clocks`. It runs in its team's business hours only, and its due
time is stored when it starts or goes on, so that nothing has to be counted while it runs. Waiting for the customer stops
the clock of the resolution. Before a clock is due somebody is reminded; when it is due the ticket's priority goes up one
step and those who lead the team are told.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import clock, ids
from tandem.conversations import log, threads
from tandem.conversations.log import News
from tandem.db import Database, Queries, Tx
from tandem.events import Hub
from tandem.ids import MemberId, TenantId, TicketId
from tandem.tenants import hours, teams
from tandem.tenants.hours import Hours
from tandem.tickets import notices, tickets
from tandem.tickets.tickets import Ticket

Q = Queries("tandem.tickets")


class Kind(StrEnum):
    """What is promised."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    RESOLUTION = "resolution"


REPLIES = (Kind.FIRST_REPLY, Kind.NEXT_REPLY)


@dataclass(frozen=True, slots=True)
class Policy:
    """A promise to the customers of these tiers with tickets of these priorities (none named: all), in business minutes."""

    id: UUID
    name: str
    priorities: list[str]
    tiers: list[str]
    first_reply: int | None
    next_reply: int | None
    resolution: int | None
    remind: int

    def holds(self, priority: str, tier: str) -> bool:
        """Whether it is about such a ticket."""
        return (not self.priorities or priority in self.priorities) and (not self.tiers or tier in self.tiers)

    def minutes(self, kind: Kind) -> int | None:
        """What is promised, if anything."""
        found: int | None = getattr(self, kind)
        return found

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        fields = ("name", "priorities", "tiers", "first_reply", "next_reply", "resolution", "remind")
        return {"id": ids.show("sla", self.id), **{name: getattr(self, name) for name in fields}}


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise to one customer: running until `due_at`, or standing with `left_s` seconds of business time left."""

    id: UUID
    kind: Kind
    target_s: float
    remind_s: float
    due_at: datetime | None
    left_s: float | None
    reminded_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueTicket:
    """A ticket with a clock whose time has come."""

    tenant_id: TenantId
    ticket_id: TicketId


async def policies(tx: Tx) -> list[Policy]:
    """What the tenant promises, in the order in which it is looked at."""
    return await tx.all(Q.sla_policies, Policy)


async def set_policies(tx: Tx, promised: list[dict[str, Any]]) -> None:
    """Promise this instead. Clocks that run keep what was promised to their customers."""
    await tx.run(Q.drop_sla_policies)
    for place, each in enumerate(promised):
        await tx.run(Q.add_sla_policy, id=ids.new(), place=place, **each)


async def escalated(tx: Tx, ticket_id: TicketId) -> None:
    """A customer waits for a person: the first reply and the resolution are promised."""
    await _start(tx, ticket_id, Kind.FIRST_REPLY, Kind.RESOLUTION)


async def answered(tx: Tx, ticket_id: TicketId) -> None:
    """A person wrote: the reply came, and we wait for the customer."""
    await _stop(tx, ticket_id, REPLIES)
    now, open_hours = clock.now(), await _hours(tx, ticket_id)
    for each in await _clocks(tx, ticket_id):
        if each.due_at is not None:
            await _set(tx, replace(each, due_at=None, left_s=hours.between(open_hours, now, each.due_at)), None)


async def asked(tx: Tx, ticket_id: TicketId) -> None:
    """The customer wrote to people: what stood still goes on, and unless the first reply is still to come a next one is promised."""
    now, open_hours = clock.now(), await _hours(tx, ticket_id)
    running = await _clocks(tx, ticket_id)
    for each in running:
        if each.left_s is not None:
            await _run(tx, each, open_hours, now, each.left_s)
    if not any(each.kind in REPLIES for each in running):
        await _start(tx, ticket_id, Kind.NEXT_REPLY)


async def over(tx: Tx, ticket_id: TicketId) -> None:
    """Nobody waits for a person any more."""
    await _stop(tx, ticket_id, tuple(Kind))


async def reprioritised(tx: Tx, ticket_id: TicketId) -> None:
    """A person gave the ticket another priority: what is promised for that one holds, less the time that has passed."""
    (policy, open_hours), now = await _promise(tx, ticket_id), clock.now()
    for each in await _clocks(tx, ticket_id):
        minutes = policy.minutes(each.kind) if policy else None
        if minutes is None or policy is None:
            await _stop(tx, ticket_id, (each.kind,))
            continue
        more = minutes * 60 - each.target_s
        changed = replace(each, target_s=minutes * 60, remind_s=policy.remind * 60)
        if each.left_s is not None:
            await _set(tx, replace(changed, left_s=max(0.0, each.left_s + more)), None)
        elif each.due_at is not None:
            left = hours.between(open_hours, now, each.due_at) - hours.between(open_hours, each.due_at, now)
            await _run(tx, changed, open_hours, now, max(0.0, left + more))


async def look_at_the_clock(db: Database, hub: Hub) -> int:
    """Remind, and mark what is due and not done, in every tenant; how many tickets. Two that do it at once tell once."""
    now = clock.now()
    async with db.nobody() as tx:
        due = await tx.all(Q.clocks_due, DueTicket, now=now)
    for each in due:
        async with db.tenant(each.tenant_id) as tx:
            await _look(tx, hub, each.ticket_id, now)
    return len(due)


async def _look(tx: Tx, hub: Hub, ticket_id: TicketId, now: datetime) -> None:
    ticket = await tickets.get(tx, ticket_id)
    conversation = await threads.get(tx, ticket.conversation_id, lock=True)
    news: list[News] = []
    for each in await _clocks(tx, ticket_id):
        if each.due_at is None or each.breached_at is not None:
            continue
        told = {"ticket_id": ids.show("tkt", ticket_id), "promise": each.kind, "due_at": each.due_at}
        if each.due_at <= now:
            await tx.run(Q.mark_breached, id=each.id, now=now)
            await tx.run(Q.raise_priority, id=ticket_id)
            news.append(News("sla_breached", told, for_staff=True))
            await _tell(tx, ticket, "sla_breached", told)
        elif each.reminded_at is None and await _is_time_to_remind(tx, each, ticket_id, now):
            await tx.run(Q.mark_reminded, id=each.id, now=now)
            news.append(News("sla_reminder", told, for_staff=True))
            await _tell(tx, ticket, "sla_reminder", told)
    if news:
        await log.append(tx, hub, conversation.id, [*news, await tickets.news(tx, ticket_id)])


async def _tell(tx: Tx, ticket: Ticket, kind: str, told: dict[str, Any]) -> None:
    """Whoever has the ticket, and of a broken promise the leads; without an assignee the leads of both."""
    hearers: list[MemberId] = [ticket.assignee_id] if ticket.assignee_id else []
    if (kind == "sla_breached" or not hearers) and ticket.team_id:
        hearers += [lead for lead in await teams.leads(tx, ticket.team_id) if lead not in hearers]
    data = {"promise": told["promise"], "due_at": told["due_at"], "subject": ticket.subject}
    await notices.tell(tx, hearers, kind, ticket.id, data)


async def _is_time_to_remind(tx: Tx, each: Clock, ticket_id: TicketId, now: datetime) -> bool:
    assert each.due_at is not None
    return hours.between(await _hours(tx, ticket_id), now, each.due_at) <= _ahead(each)


def _ahead(each: Clock) -> float:
    """How long before it is due somebody is reminded, in business seconds: never more than half of what was promised."""
    return min(each.remind_s, each.target_s / 2)


async def _start(tx: Tx, ticket_id: TicketId, *kinds: Kind) -> None:
    """Clocks of these kinds begin with the transaction's next round trip, where the tenant promises anything."""
    (policy, open_hours), now = await _promise(tx, ticket_id), clock.now()
    for kind in kinds:
        minutes = policy.minutes(kind) if policy else None
        if policy is None or minutes is None:
            continue
        fresh = Clock(ids.new(), kind, minutes * 60, policy.remind * 60, None, None, None, None)
        due_at = hours.after(open_hours, now, fresh.target_s)
        if due_at is not None:
            tx.later(
                Q.add_clock,
                id=fresh.id,
                ticket_id=ticket_id,
                kind=kind,
                target_s=fresh.target_s,
                remind_s=fresh.remind_s,
                due_at=due_at,
                remind_at=hours.after(open_hours, now, fresh.target_s - _ahead(fresh)),
                now=now,
            )


async def _run(tx: Tx, each: Clock, open_hours: Hours | None, now: datetime, left_s: float) -> None:
    due_at = hours.after(open_hours, now, left_s)
    remind_at = hours.after(open_hours, now, max(0.0, left_s - _ahead(each)))
    await _set(tx, replace(each, due_at=due_at, left_s=None if due_at else left_s), remind_at)


async def _set(tx: Tx, each: Clock, remind_at: datetime | None) -> None:
    times = {"due_at": each.due_at, "remind_at": remind_at, "left_s": each.left_s}
    await tx.run(Q.set_clock, id=each.id, target_s=each.target_s, **times)


async def _stop(tx: Tx, ticket_id: TicketId, kinds: tuple[Kind, ...]) -> None:
    await tx.run(Q.stop_clocks, ticket_id=ticket_id, kinds=[str(kind) for kind in kinds], now=clock.now())


async def _clocks(tx: Tx, ticket_id: TicketId) -> list[Clock]:
    return await tx.all(Q.clocks, Clock, ticket_id=ticket_id)


async def _promise(tx: Tx, ticket_id: TicketId) -> tuple[Policy | None, Hours | None]:
    """What holds for a ticket, and the hours in which its clocks run."""
    found, tier = tx.later(Q.ticket, id=ticket_id), tx.later(Q.tier_of, id=ticket_id)
    kept, promised = hours.of_ticket_later(tx, ticket_id), await policies(tx)
    ticket = tickets.the(found)
    return next((each for each in promised if each.holds(ticket.priority, tier.one(str))), None), hours.kept(kept)


async def _hours(tx: Tx, ticket_id: TicketId) -> Hours | None:
    found = hours.of_ticket_later(tx, ticket_id)
    await tx.flush()
    return hours.kept(found)
