"""Tickets as they stand: opening, listing, and how they look to the staff."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.conversations.log import News
from tandem.conversations.threads import Channel, Status
from tandem.db import Later, Queries, Tx
from tandem.errors import NotFound
from tandem.ids import ConversationId, CustomerId, MemberId, TicketId

Q = Queries("tandem.tickets")

SAME_ISSUE = timedelta(days=7)
"""A customer who comes back with the issue within this time reopens the ticket; later it is a new one (design.md)."""

USUAL_STRANGERS = 5
"""Anonymous sources that may ask for people within an hour and be taken for people. More are a flood, and stand behind those
whom the tenant knows. As many as one member has places: what a flood can take before it is known is one person's work."""

SUBJECT_CHARS = 90
MARKS = re.compile(r"\s*\[\d+\]")


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    AI_RESOLVED = "ai_resolved"
    ESCALATED = "escalated"
    HUMAN_RESOLVED = "human_resolved"


class Priority(StrEnum):
    """Who is helped first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One issue."""

    id: TicketId
    conversation_id: ConversationId
    status: TicketStatus
    subject: str
    priority: Priority
    category: str | None
    team_id: UUID | None
    assignee_id: MemberId | None
    escalated_at: datetime | None
    claimed_at: datetime | None
    waiting_since: datetime | None
    resolved_at: datetime | None
    csat_score: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A line of the inbox."""

    id: TicketId
    conversation_id: ConversationId
    status: TicketStatus
    mode: Status
    priority: Priority
    category: str | None
    subject: str
    customer_id: CustomerId
    customer_name: str | None
    customer_email: str | None
    customer_known: bool
    tier: str
    assignee_id: MemberId | None
    assignee_name: str | None
    last_role: str | None
    last_text: str | None
    last_at: datetime | None
    waiting_since: datetime | None
    channel: Channel
    created_at: datetime
    updated_at: datetime
    csat_score: int | None
    team_id: UUID | None
    team_name: str | None
    queue_position: int | None
    claimed_at: datetime | None
    due_kind: str | None
    due_at: datetime | None
    due_left_s: float | None
    breached_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The line as the API shows it."""
        return {
            "id": ids.show("tkt", self.id),
            "conversation_id": ids.show("cnv", self.conversation_id),
            "status": self.status,
            "mode": {"ai": "ai", "escalated": "people", "closed": "closed"}[self.mode],
            "priority": self.priority,
            "category": self.category,
            "subject": self.subject,
            "customer": {
                "id": ids.show("cus", self.customer_id),
                "name": self.customer_name,
                "email": self.customer_email,
                "verified": self.customer_known,
                "tier": self.tier,
            },
            "assignee": person(self.assignee_id, self.assignee_name),
            "assigned_agent": self.assignee_name,
            "begun": self.claimed_at is not None,
            "team": {"id": ids.show("tem", self.team_id), "name": self.team_name} if self.team_id else None,
            "queue_position": self.queue_position,
            "sla": self._due(),
            "last_message": {"role": self.last_role, "text": self.last_text, "created_at": self.last_at}
            if self.last_role
            else None,
            "waiting_since": self.waiting_since,
            "channel": self.channel,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "csat_score": self.csat_score,
        }

    def _due(self) -> dict[str, Any] | None:
        """The promise that is due next; `due_at` None while it stands still because we wait for the customer."""
        if self.due_kind is None:
            return None
        return {
            "promise": self.due_kind,
            "due_at": self.due_at,
            "left_s": self.due_left_s,
            "breached": self.breached_at is not None,
        }


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets stand where."""

    unassigned: int
    mine: int
    escalated: int
    ai: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter for the list: every field is a bound value, none is SQL."""

    statuses: tuple[TicketStatus, ...] = ()
    assignee: MemberId | None = None
    unassigned: bool = False
    team: UUID | None = None
    conversation_id: ConversationId | None = None
    customer_id: CustomerId | None = None
    words: str | None = None
    before: tuple[datetime, UUID] | None = None
    most: int = 50


async def open_for(tx: Tx, conversation_id: ConversationId, text: str) -> TicketId:
    """A new ticket; its subject is how the customer put it."""
    ticket_id = open_later(tx, conversation_id, text)
    await tx.flush()
    return ticket_id


def open_later(tx: Tx, conversation_id: ConversationId, text: str) -> TicketId:
    """The same, with the transaction's next round trip."""
    ticket_id = TicketId(ids.new())
    tx.later(Q.add_ticket, id=ticket_id, conversation_id=conversation_id, subject=subject(text))
    return ticket_id


async def current(tx: Tx, conversation_id: ConversationId) -> Ticket:
    """The ticket that the conversation is about now."""
    return await tx.one(Q.current, Ticket, conversation_id=conversation_id)


def current_later(tx: Tx, conversation_id: ConversationId) -> Later:
    """The Ticket that the conversation is about now, with the transaction's next round trip."""
    return tx.later(Q.current, conversation_id=conversation_id)


async def get(tx: Tx, ticket_id: TicketId) -> Ticket:
    """One ticket. Raises NotFound."""
    found = tx.later(Q.ticket, id=ticket_id)
    await tx.flush()
    return the(found)


def the(found: Later) -> Ticket:
    """The Ticket of an answer that has come. Raises NotFound."""
    ticket = found.maybe(Ticket)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    return ticket


async def row(tx: Tx, ticket_id: TicketId, place: int | None = None) -> TicketRow:
    """One ticket as the inbox shows it. `place`: in the queue, where the caller has just looked. Raises NotFound."""
    found = await tx.maybe(Q.row, TicketRow, id=ticket_id, usual=USUAL_STRANGERS, place=place)
    if found is None:
        raise NotFound("There is no such ticket.")
    return found


async def page(tx: Tx, wanted: Wanted) -> list[TicketRow]:
    """A page of the list."""
    words = wanted.words and "%" + wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return await tx.all(
        Q.rows,
        TicketRow,
        statuses=[str(status) for status in wanted.statuses] or None,
        assignee=wanted.assignee,
        unassigned=wanted.unassigned,
        team=wanted.team,
        usual=USUAL_STRANGERS,
        conversation_id=wanted.conversation_id,
        customer_id=wanted.customer_id,
        words=words,
        before=wanted.before and wanted.before[0],
        before_id=wanted.before and wanted.before[1],
        most=wanted.most,
    )


async def counts(tx: Tx, me: MemberId | None) -> Counts:
    """How many stand where, for this member."""
    return await tx.one(Q.counts, Counts, me=me)


async def news(tx: Tx, ticket_id: TicketId, place: int | None = None) -> News:
    """The event that tells the staff how a ticket stands now. `place`: in the queue, where the caller has just looked."""
    return News("ticket", {"ticket": (await row(tx, ticket_id, place)).as_json()}, for_staff=True)


def subject(text: str) -> str:
    """A ticket's title: how the customer put it."""
    return shortened(text, SUBJECT_CHARS)


def shortened(text: str, most: int) -> str:
    """The text on one line, without citation marks, cut at a word."""
    line = " ".join(MARKS.sub(" ", text).split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def person(member_id: UUID | None, name: str | None) -> dict[str, Any] | None:
    """A member as the API shows one."""
    return {"id": ids.show("mbr", member_id), "name": name or "Former member"} if member_id else None
