"""Giving out work: each ticket that waits in a team which wants that goes to one member who is there and has room.

One transaction gives one ticket; they queue behind one lock a tenant, and each locks the conversation as everybody does,
so that nothing is given twice and nobody is given more than they take. What its assignee has not begun when they have
been away for the team's grace goes back to its place in the queue; what they have begun stays theirs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem import clock, ids
from tandem.conversations import log, threads, turns
from tandem.conversations.log import News
from tandem.conversations.turns import TurnStatus
from tandem.db import Database, Queries, Tx
from tandem.events import Hub
from tandem.hot import Presence, online
from tandem.ids import ConversationId, MemberId, TenantId, TicketId
from tandem.tenants import teams
from tandem.tenants.teams import Assignment, Team
from tandem.tickets import machine, notices, tickets
from tandem.tickets.machine import State, Step
from tandem.tickets.tickets import USUAL_STRANGERS

Q = Queries("tandem.tickets")

KEPT_FREE = 0.5
"""Of a team's places, the share that is never filled with tickets from behind the line (a customer's second, a flood of
strangers): half, so that a flood that fills the rest leaves those the tenant knows the room that they commonly need."""


@dataclass(frozen=True, slots=True)
class ToGive:
    """A ticket that waits in a team which gives out work."""

    ticket_id: TicketId
    conversation_id: ConversationId
    team_id: UUID
    is_behind: bool
    language: str | None


@dataclass(frozen=True, slots=True)
class Hand:
    """A member who is there: what they are given, and have."""

    member_id: MemberId
    name: str
    skills: list[str]
    languages: list[str]
    capacity: int
    has: int
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unbegun:
    """A ticket whose assignee has not begun; `is_over`: they have been away for the team's grace."""

    ticket_id: TicketId
    conversation_id: ConversationId
    assignee_id: MemberId
    is_over: bool
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Each:
    """A tenant's id."""

    tenant_id: TenantId


async def staff_all(db: Database, hub: Hub, presence: Presence) -> int:
    """In every tenant with something to give out or take back; how many tickets were given."""
    async with db.nobody() as tx:
        found = await tx.all(Q.tenants_to_staff, Each)
    given = 0
    for each in found:
        present = online(await presence.states(each.tenant_id))
        await take_back(db, hub, each.tenant_id, present)
        given += await give_out(db, hub, each.tenant_id, present)
    return given


async def give_out(db: Database, hub: Hub, tenant_id: TenantId, present: Collection[UUID]) -> int:
    """Give the tenant's waiting tickets to the members who are there, as far as they have room; how many."""
    given = 0
    while present:
        async with db.tenant(tenant_id) as tx:
            if not await _give_one(tx, hub, present):
                break
            given += 1
    return given


async def take_back(db: Database, hub: Hub, tenant_id: TenantId, present: Collection[UUID]) -> int:
    """Put back into the queue what was given to members who went away before they began; how many."""
    now, back = clock.now(), 0
    async with db.tenant(tenant_id) as tx:
        unbegun = await tx.all(Q.unbegun, Unbegun, now=now)
        for each in unbegun:
            is_away = each.assignee_id not in present
            if is_away is not each.is_marked:
                await tx.run(Q.mark_away, id=each.ticket_id, since=now if is_away else None)
    for each in unbegun:
        if each.is_over and each.assignee_id not in present:
            async with db.tenant(tenant_id) as tx:
                back += await _put_back(tx, hub, each)
    return back


async def give(tx: Tx, hub: Hub, ticket_id: TicketId, member_id: MemberId) -> bool:
    """This ticket to this member, if it still waits in a queue; False when it does not."""
    conversation = await threads.get(tx, (await tickets.get(tx, ticket_id)).conversation_id, lock=True)
    ticket = await tickets.get(tx, ticket_id)
    if machine.state(conversation, ticket) not in (State.QUEUED, State.ASSISTED):
        return False
    await turns.interrupt(tx, hub, conversation, TurnStatus.SILENCED)
    await machine.move(tx, conversation, ticket, Step.GIVE, member_id=member_id)
    await teams.given(tx, member_id)
    await notices.tell(tx, [member_id], "assigned", ticket_id, {"subject": ticket.subject})
    told = {"ticket_id": ids.show("tkt", ticket_id), "member_id": ids.show("mbr", member_id)}
    await log.append(
        tx, hub, conversation.id, [News("assigned", told, for_staff=True), await tickets.news(tx, ticket_id)]
    )
    return True


async def _give_one(tx: Tx, hub: Hub, present: Collection[UUID]) -> bool:
    """The first ticket for which somebody has room; False when there is none."""
    await tx.run(Q.one_at_a_time)
    waiting = await tx.all(Q.to_give, ToGive, usual=USUAL_STRANGERS)
    if not waiting:
        return False
    hands = await tx.all(Q.hands, Hand, present=list(present), capacity=teams.CAPACITY)
    rooms = {team.id: team for team in await teams.every(tx)}
    inside = await teams.members_of(tx)
    for ticket in waiting:
        team = rooms[ticket.team_id]
        named = {each.member_id for each in inside if each.team_id == team.id}
        chosen = choose(team, [hand for hand in hands if not named or hand.member_id in named], ticket)
        if chosen is not None:
            return await give(tx, hub, ticket.ticket_id, chosen.member_id)
    return False


def choose(team: Team, hands: Sequence[Hand], ticket: ToGive) -> Hand | None:
    """Who of the team's members who are there gets the ticket; None when nobody may take it now.

    They need the team's skills and a free place. Who speaks the customer's language comes before who does not; then whose
    turn it is (given nothing for longest), or who has most room. What stands behind the line is given only while more than
    KEPT_FREE of all places are free.
    """
    able = [hand for hand in hands if not hand.skills or set(team.skills) <= set(hand.skills)]
    free = [hand for hand in able if hand.has < hand.capacity]
    places = sum(hand.capacity for hand in able)
    if not free or (ticket.is_behind and sum(hand.capacity - hand.has for hand in free) <= places * KEPT_FREE):
        return None

    def order(hand: Hand) -> tuple[bool, float, float]:
        foreign = ticket.language is not None and bool(hand.languages) and ticket.language not in hand.languages
        turn = hand.given_at.timestamp() if hand.given_at else 0.0
        return foreign, hand.has / hand.capacity if team.assignment is Assignment.BALANCED else 0.0, turn

    return min(free, key=order)


async def _put_back(tx: Tx, hub: Hub, each: Unbegun) -> bool:
    conversation = await threads.get(tx, each.conversation_id, lock=True)
    ticket = await tickets.get(tx, each.ticket_id)
    if machine.state(conversation, ticket) is not State.ASSIGNED or ticket.assignee_id != each.assignee_id:
        return False
    await machine.move(tx, conversation, ticket, Step.PUT_BACK)
    await log.append(tx, hub, conversation.id, [await tickets.news(tx, ticket.id)])
    return True
