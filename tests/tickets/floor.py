"""A support floor for tests: customers who escalate and agents who are there, by the product's own functions."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from tandem import ids
from tandem.conversations import threads
from tandem.conversations.threads import Channel
from tandem.db import Database
from tandem.events import Hub
from tandem.ids import ConversationId, CustomerId, TicketId
from tandem.tenants import customers, teams
from tandem.tickets import handoffs, tickets
from tandem.tickets.handoffs import Briefing
from tests.cast import Cast
from tests.ground import Place


@dataclass(slots=True)
class Floor:
    """One tenant's."""

    db: Database
    place: Place
    cast: Cast
    hub: Hub = field(default_factory=lambda: Hub(ids.new()))
    present: set[UUID] = field(default_factory=set)

    async def customer(self, sub: str | None = None, tier: str = "free", origin: str | None = None) -> CustomerId:
        """A known customer, or an anonymous one from somewhere."""
        async with self.db.tenant(self.cast.acme.id) as tx:
            if sub:
                return (await customers.meet(tx, sub, name=sub, tier=tier)).id
            return (await customers._anonymous(tx, origin)).id

    async def escalated(self, customer: CustomerId, trigger: str = "customer_requested_human", **more: Any) -> TicketId:
        """A ticket of theirs that has gone to people."""
        async with self.db.tenant(self.cast.acme.id) as tx:
            conversation_id = await threads.begin(tx, customer, Channel.WEB_CHAT)
            ticket_id = await tickets.open_for(tx, conversation_id, "Something is wrong")
            conversation = await threads.get(tx, conversation_id, lock=True)
            tier = (await customers.get(tx, customer)).tier
            words = ("why", "They wrote.", "low", "nothing", "Answer.")
            ticket = await tickets.get(tx, ticket_id)
            await handoffs.escalate_now(
                tx, self.hub, conversation, ticket, Briefing(trigger, *words, **more), tier, present=self.present
            )
        return ticket_id

    async def ticket(self, ticket_id: TicketId) -> tickets.TicketRow:
        """As the inbox shows it."""
        async with self.db.tenant(self.cast.acme.id) as tx:
            return await tickets.row(tx, ticket_id)

    async def line(self) -> list[TicketId]:
        """Who waits, in order, over all teams."""
        async with self.db.tenant(self.cast.acme.id) as tx:
            rows = await tickets.page(tx, tickets.Wanted(statuses=(tickets.TicketStatus.ESCALATED,), most=500))
        waiting = [row for row in rows if row.queue_position is not None]
        return [row.id for row in sorted(waiting, key=lambda row: row.queue_position or 0)]

    async def give_work(self, assignment: str = "round_robin", **more: Any) -> UUID:
        """The default team gives out its tickets."""
        async with self.db.tenant(self.cast.acme.id) as tx:
            (team,) = await teams.every(tx)
            await teams.change(tx, team.id, {"assignment": assignment, **more})
        return team.id

    def sql(self, statement: bytes, *values: Any) -> list[Any]:
        """What the database says, as nobody's program."""
        with psycopg.connect(self.place.superuser, autocommit=True) as connection:
            found = connection.execute(statement, values)
            return found.fetchall() if found.description else []

    def wait(self, **time: float) -> None:
        """The clock goes on: every instant that rules look at moves into the past."""
        by = timedelta(**time)
        moved = {
            "tickets": ("escalated_at", "away_since", "resolved_at"),
            "sla_clocks": ("started_at", "due_at", "remind_at"),
        }
        for table, columns in {**moved, "handlings": ("began_at",)}.items():
            for column in columns:
                self.sql(f"update {table} set {column} = {column} - %s".encode(), by)

    def conversation_of(self, ticket_id: TicketId) -> ConversationId:
        """Where it is talked about."""
        return ConversationId(self.sql(b"select conversation_id from tickets where id = %s", ticket_id)[0][0])
