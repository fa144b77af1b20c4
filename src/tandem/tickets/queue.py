"""The queue for a person: who is where in it, and how long it takes.

The order is the database's function `waiting_line`: by what the tenant's rules say of a ticket, never by how loudly its
customer writes, and fair between customers. The wait is estimated from what was measured of the same team:

    nobody is there                       the median of its last 50 waits
    a place is free for this ticket       their lower quartile: the wait when nobody is in front
    else                                  that, and (tickets in front beyond the free places, itself too) · h / s

with s the places (capacity) of the members who are there and h the median time a ticket holds one. The last is the
queue-length estimator of Ibrahim and Whitt (2009, Real-time delay estimation based on delay history), whose first case is
theirs too. All times are business time. Nothing is said before MEASURED waits.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem import clock, ids
from tandem.db import Queries, Tx
from tandem.ids import MemberId, TicketId
from tandem.tenants import hours, policy, teams
from tandem.tenants.modes import Mode
from tandem.tickets.tickets import USUAL_STRANGERS, Ticket

Q = Queries("tandem.tickets")

MEASURED = 5
"""Waits to have been measured before one is estimated: the middle of all waits lies between the least and the greatest of
five with a probability of 1 - 2 / 2^5 = 94 %."""


WHERE_TO = "Where should we send the answer?"
"""Asked by the card that takes an address, below what the assistant has said."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was measured of a ticket's team, and where the ticket stands (0: in no queue)."""

    position: int
    team_id: UUID | None
    waits: int
    usual_wait_s: float | None
    quick_wait_s: float | None
    handled: int
    usual_handling_s: float | None
    places: int
    taken: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands in its team's queue (0: not in it), the estimated wait, and whether people are there at all."""

    position: int
    estimated_wait_minutes: int | None
    now: hours.Now


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait in a team."""

    team_id: UUID
    waiting: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A person works on a ticket."""

    id: UUID
    team_id: UUID
    began_at: datetime


async def place(tx: Tx, ticket_id: TicketId, present: Collection[UUID]) -> Place:
    """Where a ticket stands; `present`: the members who are there. While messages are taken nobody is, whatever the hours say."""
    chosen, open_hours = policy.chosen_later(tx), hours.of_ticket_later(tx, ticket_id)
    standing = await tx.one(
        Q.standing,
        Standing,
        id=ticket_id,
        present=list(present),
        capacity=teams.CAPACITY,
        usual=USUAL_STRANGERS,
    )
    now = hours.at(hours.kept(open_hours), clock.now())
    if chosen.one(policy.Chosen).mode is Mode.TAKE_A_MESSAGE:
        now = hours.Now(is_open=False, outside="collect", text=WHERE_TO)
    return Place(standing.position, estimate(standing) if standing.position and now.is_open else None, now)


def estimate(standing: Standing) -> int | None:
    """Minutes until a person begins, at least 1; None until enough was measured."""
    if standing.waits < MEASURED or standing.usual_wait_s is None or standing.quick_wait_s is None:
        return None
    seconds = standing.usual_wait_s
    in_front = standing.position - max(0, standing.places - standing.taken)
    if standing.places > 0 and in_front <= 0:
        seconds = standing.quick_wait_s
    elif standing.places > 0 and standing.handled >= MEASURED and standing.usual_handling_s is not None:
        seconds = standing.quick_wait_s + in_front * standing.usual_handling_s / standing.places
    return max(1, math.ceil(seconds / 60))


async def waiting(tx: Tx) -> dict[UUID, int]:
    """How many wait in each team."""
    return {row.team_id: row.waiting for row in await tx.all(Q.waiting, Waiting)}


async def move_all(tx: Tx, from_team: UUID, to_team: UUID) -> None:
    """Whatever people have or wait with in one team is another's from now on."""
    await tx.run(Q.move_all, from_team=from_team, to_team=to_team)


async def begun(tx: Tx, ticket: Ticket, member_id: MemberId) -> None:
    """A person begins: how long it waited is measured. `ticket` as it was before; without a team it never waited."""
    await ended(tx, ticket.id)
    team_id = ticket.team_id or (await teams.every(tx))[-1].id
    since = ticket.escalated_at if ticket.escalated_at and ticket.claimed_at is None else None
    waited_s = hours.between(await hours.of_team(tx, team_id), since, clock.now()) if since else 0.0
    sizes = {"team_id": team_id, "member_id": member_id, "waited_s": waited_s}
    await tx.run(Q.begin_handling, id=ids.new(), ticket_id=ticket.id, **sizes)


async def ended(tx: Tx, ticket_id: TicketId) -> None:
    """The person is done with it, if one had begun: how long it held one of their places is measured."""
    found = await tx.maybe(Q.open_handling, Begun, ticket_id=ticket_id)
    if found is not None:
        held = hours.between(await hours.of_team(tx, found.team_id), found.began_at, clock.now())
        await tx.run(Q.end_handling, id=found.id, handled_s=held)
