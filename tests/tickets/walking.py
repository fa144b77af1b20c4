"""A random walk through the life of conversations, on the real database: customers, the assistant, two agents and the clock.

Each step is done by the product's own functions; after each one the invariants are looked at. What has to hold is said
here a second time, in other words than the product's: by what the customer was told, and by counting.
Run it for long: `python -m tests.tickets.walking --steps 100000 [--seed N]`.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import psycopg

from tandem import ids
from tandem.answering import matters
from tandem.answering.desk import Desk
from tandem.answering.job import Job
from tandem.answering.receiving import Incoming
from tandem.answering.turn import Decision, Draft, Route
from tandem.conversations import log, threads, turns
from tandem.conversations.log import Floor, News
from tandem.conversations.turns import TurnStatus
from tandem.db import Database
from tandem.errors import Conflict
from tandem.events import Hub
from tandem.hot import online
from tandem.hot.local import LocalPresence
from tandem.ids import ConversationId, CustomerId, MemberId, TicketId
from tandem.llm import Account
from tandem.tenants import hours, teams
from tandem.tenants.hours import Hours
from tandem.tenants.teams import Workload
from tandem.tickets import assigning, handoffs, labels, sla, tickets, working
from tests.answering import making
from tests.cast import Cast, Colleague
from tests.ground import Place
from tests.tickets.invariants import INVARIANTS

TALKS = 4
"""Conversations that live at once; one that is STEPS_OLD old makes room for a new one."""

STEPS_OLD = 150

FRESH = 1000
"""Steps in one database of the long walk: looking at all of it after each step takes longer the more there is."""

SHIFTED = {
    "tickets": "created_at updated_at escalated_at assigned_at claimed_at away_since waiting_since resolved_at",
    "sla_clocks": "started_at due_at remind_at",
    "handlings": "began_at",
}
"""What moves into the past when the clock goes on: instants that rules compare with now."""


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass(slots=True)
class Talk:
    """A conversation as its customer and the test know it."""

    id: ConversationId
    customer: CustomerId
    born: int
    seen: int = 0
    silent: bool = False
    """A person has spoken or joined, and nobody has invited the assistant back."""
    jobs: list[Job] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    """Messages that some end has named."""


@dataclass(slots=True)
class Walk:
    """The world, and the dice."""

    db: Database
    place: Place
    cast: Cast
    dice: random.Random
    hub: Hub = field(default_factory=lambda: Hub(ids.new()))
    presence: LocalPresence = field(default_factory=LocalPresence)
    talks: list[Talk] = field(default_factory=list)
    count: int = 0
    given: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    present: set[UUID] = field(default_factory=set)
    desk: Desk = field(init=False)
    connection: psycopg.Connection = field(init=False)

    def __post_init__(self) -> None:
        tools = cast(Any, SimpleNamespace(db=self.db, model=None, summarising=None))
        hot = cast(Any, SimpleNamespace(presence=self.presence))
        self.desk = Desk(tools, self.hub, hot, cast(Any, None))
        self.desk.begin = self._think  # type: ignore[method-assign]  # the dice say when it goes on
        self.connection = psycopg.connect(self.place.superuser, autocommit=True)

    @property
    def tenant_id(self) -> Any:
        return self.cast.acme.id

    async def prepare(self) -> None:
        """Two teams, promises, and two agents with little room."""
        async with self.db.tenant(self.tenant_id) as tx:
            (default,) = await teams.every(tx)
            await teams.change(tx, default.id, {"assignment": "balanced", "grace_s": 60})
            vips = await teams.add(tx, "Money")
            await teams.change(tx, vips, {"categories": ["billing_dispute"], "assignment": "round_robin"})
            for who in (self.cast.ann, self.cast.bo):
                await teams.set_workload(tx, Workload(who.id, [], [], 3))
            promise = {"name": "all", "priorities": [], "tiers": [], "first_reply": 10, "next_reply": 20}
            await sla.set_policies(tx, [{**promise, "resolution": 240, "remind": 5}])

    # ------------------------------------------------------------ a step

    async def step(self) -> None:
        """Something happens to one conversation, and everything still holds."""
        self.count += 1
        talk = await self._talk()
        actions = [*self._customer(), *self._assistant(talk), *self._agents(), *self._clock()]
        name, _, action = self.dice.choices(actions, [weight for _, weight, _ in actions])[0]
        try:
            await action(talk)
            self.done[name] += 1
        except Conflict as problem:
            self.refused[f"{name}: {problem.code}"] += 1
        await self.look(name)

    def _customer(self) -> "Actions":
        return [("writes", 5, self._writes), ("asks for a person", 2, self._asks), ("stops", 1, self._stops),
                ("rates", 1, self._rates)]  # fmt: skip

    def _assistant(self, talk: Talk) -> "Actions":
        if not talk.jobs:
            return []
        return [("says", 4, self._says), ("answers", 6, self._answers), ("fails", 1, self._fails)]

    def _agents(self) -> "Actions":
        return [("claims", 3, self._claims), ("replies", 4, self._replies), ("notes", 1, self._notes),
                ("resolves", 2, self._resolves), ("reopens", 1, self._reopens), ("hands back", 1, self._hands_back),
                ("gives on", 1, self._gives_on), ("puts back", 1, self._puts_back), ("ranks", 1, self._ranks),
                ("comes or goes", 1, self._comes_or_goes)]  # fmt: skip

    def _clock(self) -> "Actions":
        return [("time passes", 2, self._passes), ("worker", 3, self._works), ("opens or closes", 1, self._hours)]

    async def _talk(self) -> Talk:
        for talk in [talk for talk in self.talks if self.count - talk.born >= STEPS_OLD]:
            self.talks.remove(talk)
            async with self.db.tenant(self.tenant_id) as tx:  # lest it keep an agent's hands full for ever
                newest = await tickets.current(tx, talk.id)
                await working.resolve(tx, self.hub, self.cast.ann.caller, newest.id, None)
        if len(self.talks) < TALKS:
            customer = self.dice.choice([self.cast.cy, self.cast.dee]).id
            talk = Talk(ConversationId(ids.new()), customer, self.count)
            received = await self.desk.receive(Incoming(self.tenant_id, customer, True, "Hello there"))
            talk.id = received.conversation_id
            self.talks.append(talk)
            self._take_jobs()
            await self.look("opens")
        return self.dice.choice(self.talks)

    def _think(self, job: Job) -> None:
        self._fresh.append(job)

    _fresh: list[Job] = field(default_factory=list)

    def _take_jobs(self) -> None:
        for job in self._fresh:
            for talk in self.talks:
                if talk.id == job.row.conversation_id:
                    talk.jobs.append(job)
        self._fresh.clear()

    # ------------------------------------------------------------ the customer

    async def _writes(self, talk: Talk) -> None:
        same = self.dice.random() < 0.4

        async def is_same(*_: Any) -> bool:
            return same

        matters.is_same = is_same  # type: ignore[assignment]  # the dice know nothing of texts
        await self.desk.receive(Incoming(self.tenant_id, talk.customer, True, f"Word {self.count}", talk.id))
        self._take_jobs()

    async def _asks(self, talk: Talk) -> None:
        async with self.db.tenant(self.tenant_id) as tx:
            found = await threads.get(tx, talk.id, lock=True)
            await handoffs.requested(tx, self.hub, found, present=self.present)
            ticket = await tickets.current(tx, talk.id)
            briefings = await handoffs.of_ticket(tx, ticket.id)
        if ticket.status != "escalated" or not briefings:
            raise Broken("who asked for a person is in no queue, or came without a briefing")

    async def _stops(self, talk: Talk) -> None:
        async with self.db.tenant(self.tenant_id) as tx:
            found = await threads.get(tx, talk.id, lock=True)
            await turns.interrupt(tx, self.hub, found, TurnStatus.STOPPED)

    async def _rates(self, talk: Talk) -> None:
        rating: int | str = self.dice.choice([1, 5, "up", "down"])  # type: ignore[assignment]  # of two kinds
        async with self.db.tenant(self.tenant_id) as tx:
            found = await threads.get(tx, talk.id, lock=True)
            await working.rate(tx, self.hub, found, rating, None, None)

    # ------------------------------------------------------------ the assistant

    async def _says(self, talk: Talk) -> None:
        """A checked sentence goes out while the model still writes, as `releasing` does it; now and then too late."""
        job = talk.jobs[-1] if self.dice.random() < 0.8 else self.dice.choice(talk.jobs)
        shown = {"turn_id": ids.show("trn", job.row.id), "message_id": ids.show("msg", job.row.reply_id)}
        async with self.db.tenant(self.tenant_id) as tx:
            floor = Floor(job.row.id, job.row.attempt, keep=True)
            await log.append(tx, self.hub, talk.id, [News("delta", {**shown, "text": "So. "})], floor)

    async def _answers(self, talk: Talk) -> None:
        job = talk.jobs.pop(self.dice.randrange(len(talk.jobs)))
        kind = self.dice.choice(["answer", "answer", "no_answer", "handover"])
        category = self.dice.choice(["billing_dispute", "order_status"])
        asked = making.asked("Hello", conversation_id=talk.id, ticket_id=job.row.ticket_id, customer_id=talk.customer)
        people = Route("people", "They asked.", "customer_requested_human")
        route = people if kind == "handover" else Route("assist", "", "default")
        turn = replace(
            making.turn(),
            asked=asked,
            understanding=making.understood(category),
            route=route,
            draft=Draft(text="Here you are."),
            decision=Decision(kind, 0.9, "because"),
        )
        teller = cast(Any, SimpleNamespace(unsaid=[]))
        async with self.db.reading(self.tenant_id) as tx:
            covered = turns.covered_later(tx, job.row)
        await self.desk._write(
            job, turn, teller, [each.message_id for each in covered.all(turns.Waiting)], 5, Account()
        )
        self._take_jobs()

    async def _fails(self, talk: Talk) -> None:
        await self.desk.ending.give_up(talk.jobs.pop(self.dice.randrange(len(talk.jobs))))

    # ------------------------------------------------------------ the agents

    def _agent(self) -> Colleague:
        return self.dice.choice([self.cast.ann, self.cast.bo])

    async def _ticket(self, talk: Talk) -> TicketId:
        """Mostly the newest; now and then any of its tickets."""
        async with self.db.tenant(self.tenant_id) as tx:
            if self.dice.random() < 0.75:
                return (await tickets.current(tx, talk.id)).id
            found = await tickets.page(tx, tickets.Wanted(conversation_id=talk.id))
        return self.dice.choice(found).id

    async def _claims(self, talk: Talk) -> None:
        who, ticket_id = self._agent(), await self._ticket(talk)
        before = await self._row(ticket_id)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.claim(tx, self.hub, who.caller, ticket_id)
        if before.status == "escalated" and before.assignee_id not in (None, who.id):
            raise Broken("two agents had the same ticket")
        if (await self._row(ticket_id)).assignee_id != who.id:
            raise Broken("who claimed it does not have it")

    async def _replies(self, talk: Talk) -> None:
        who, ticket_id = self._agent(), await self._ticket(talk)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.reply(tx, self.hub, who.caller, ticket_id, "Hello, a person here.", f"r{self.count}", None)

    async def _notes(self, talk: Talk) -> None:
        ticket_id = await self._ticket(talk)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.note(tx, self.hub, self._agent().caller, ticket_id, "Hm.", f"n{self.count}")

    async def _resolves(self, talk: Talk) -> None:
        ticket_id, label = await self._ticket(talk), self.dice.choice([None, *labels.Label])
        async with self.db.tenant(self.tenant_id) as tx:
            await working.resolve(tx, self.hub, self._agent().caller, ticket_id, None, label)

    async def _reopens(self, talk: Talk) -> None:
        ticket_id = await self._ticket(talk)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.reopen(tx, self.hub, self._agent().caller, ticket_id)

    async def _hands_back(self, talk: Talk) -> None:
        ticket_id = await self._ticket(talk)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.hand_back(tx, self.hub, self._agent().caller, ticket_id)

    async def _gives_on(self, talk: Talk) -> None:
        me, other, ticket_id = self._agent(), self._agent(), await self._ticket(talk)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.change(tx, self.hub, ticket_id, {"assignee_id": other.id}, me.caller)

    async def _puts_back(self, talk: Talk) -> None:
        ticket_id = await self._ticket(talk)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.change(tx, self.hub, ticket_id, {"assignee_id": None}, self._agent().caller)

    async def _ranks(self, talk: Talk) -> None:
        ticket_id = await self._ticket(talk)
        async with self.db.tenant(self.tenant_id) as tx:
            await working.change(tx, self.hub, ticket_id, {"priority": self.dice.choice(list(tickets.Priority))})

    async def _comes_or_goes(self, talk: Talk) -> None:
        state = self.dice.choice(["online", "online", "away"])
        await self.presence.beat(self.tenant_id, self._agent().id, state)
        self.present = set(online(await self.presence.states(self.tenant_id)))

    # ------------------------------------------------------------ the clock

    async def _passes(self, talk: Talk) -> None:
        minutes = self.dice.choice([1, 5, 31, 24 * 60, 8 * 24 * 60])
        for table, columns in SHIFTED.items():
            moved = ", ".join(f"{name} = {name} - %(by)s" for name in columns.split())
            where = "conversation_id" if table == "tickets" else "ticket_id"
            of = "(%(id)s)" if table == "tickets" else "(select id from tickets where conversation_id = %(id)s)"
            self.connection.execute(
                f"update {table} set {moved} where {where} in {of}".encode(),
                {"by": timedelta(minutes=minutes), "id": talk.id},
            )

    async def _works(self, talk: Talk) -> None:
        before = await self._held()
        await assigning.staff_all(self.db, self.hub, self.presence)
        for ticket_id, holder in (await self._held()).items():
            self.given += ticket_id not in before
            if ticket_id not in before and holder not in self.present:
                raise Broken("a ticket was given to somebody who is not there")
        await sla.look_at_the_clock(self.db, self.hub)
        await working.resolve_quiet(self.db, self.hub)

    async def _hours(self, talk: Talk) -> None:
        outside = self.dice.choice([None, None, "queue", "collect", "assist_only"])
        found = Hours(time_zone="Europe/Berlin", outside=cast(Any, outside)) if outside else None  # closed all week
        async with self.db.tenant(self.tenant_id) as tx:
            await hours.keep(tx, None, found)

    # ------------------------------------------------------------ what holds

    async def look(self, after: str) -> None:
        """Raises Broken, saying which invariant and after what."""
        wrong = [f"{name}: {row[0]}" for name, query in INVARIANTS.items() for row in self.connection.execute(query)]
        for talk in self.talks:
            wrong += self._listen(talk)
        if wrong:
            raise Broken(f"after step {self.count} ({after}): " + "; ".join(wrong))

    def _listen(self, talk: Talk) -> list[str]:
        """What the customer heard since: nothing of the assistant's after a person's word, no end without a word, none twice."""
        query = (
            b"select seq, kind, data from events where conversation_id = %s and seq > %s and not for_staff order by seq"
        )
        wrong: list[str] = []
        ends = set[str]()
        for seq, kind, data in self.connection.execute(query, [talk.id, talk.seen]):
            if seq <= talk.seen:
                wrong.append("an event came twice")
            talk.seen = seq
            spoken = kind == "delta" or (kind == "done" and data["message"] and data["resolution_state"] != "silenced")
            if spoken and talk.silent:
                wrong.append(f"the assistant spoke after a person had joined ({kind} {seq})")
            if kind == "joined" or (kind == "message" and data["message"]["role"] == "agent"):
                talk.silent = True
            elif kind in ("handed_back", "resolved"):  # invited back, or over: whoever comes back is met by it again
                talk.silent = False
            if kind == "done":
                wrong += [f"{each} was answered twice" for each in data["answers"] if each in talk.answered]
                talk.answered.update(data["answers"])
            if kind in ("resolved", "settled"):
                ends.add(data["ticket_id"])
        for ticket_id, status in self._ends(talk).items():
            if status == "now" and ids.show("tkt", ticket_id) not in ends:
                wrong.append("a ticket was closed silently")
        return wrong

    def _ends(self, talk: Talk) -> dict[UUID, str]:
        """Tickets that are settled now and were not at the last look."""
        query = b"select id from tickets where conversation_id = %s and status in ('ai_resolved', 'human_resolved')"
        settled = {row[0] for row in self.connection.execute(query, [talk.id])}
        before = self._settled.get(talk.id, set())
        self._settled[talk.id] = settled
        return dict.fromkeys(settled - before, "now")

    _settled: dict[UUID, set[UUID]] = field(default_factory=dict)

    async def _row(self, ticket_id: TicketId) -> tickets.TicketRow:
        async with self.db.tenant(self.tenant_id) as tx:
            return await tickets.row(tx, ticket_id)

    async def _held(self) -> dict[UUID, MemberId]:
        query = b"select id, assignee_id from tickets where status = 'escalated' and assignee_id is not null and claimed_at is null"
        return {row[0]: MemberId(row[1]) for row in self.connection.execute(query)}


Actions = list[tuple[str, int, Callable[[Talk], Awaitable[None]]]]


async def walk(place: Place, cast: Cast, seed: int, steps: int) -> Walk:
    """So many steps. Raises Broken."""
    db = Database(place.app, size=4)
    await db.open()
    world = Walk(db, place, cast, random.Random(seed))
    is_same = matters.is_same
    try:
        await world.prepare()
        for _ in range(steps):
            await world.step()
    finally:
        matters.is_same = is_same
        world.connection.close()
        await db.close()
    return world


def main() -> None:
    """The long walk, on a database of its own."""
    from tempfile import TemporaryDirectory

    from tests import cast as casting
    from tests import ground as grounds

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=None)
    options = asked.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}, {options.steps} steps", flush=True)
    with TemporaryDirectory() as folder, grounds.stand(Path(folder), "walk", 18, None) as ground:

        def fill(place: Place) -> str:
            async def play() -> Cast:
                db = Database(place.app)
                await db.open()
                try:
                    return await casting.assemble(db)
                finally:
                    await db.close()

            return casting.PAPERS.dump_json(asyncio.run(play())).decode()

        people = casting.PAPERS.validate_json(ground.prepare_template(fill))
        done, refused, began = Counter[str](), Counter[str](), time.perf_counter()
        for first in range(0, options.steps, FRESH):
            steps = min(FRESH, options.steps - first)
            with ground.database(ground.template.name) as place:
                try:
                    world = asyncio.run(walk(place, people, seed + first, steps))
                except Broken as broken:
                    print(f"BROKEN, repeat with --steps {steps} --seed {seed + first}: {broken}")
                    sys.exit(1)
            done, refused = done + world.done, refused + world.refused
            print(f"{first + steps:7} steps, {time.perf_counter() - began:6.0f} s", flush=True)
        print("0 invariants broken; done:", dict(done.most_common()))
        print("refused:", dict(refused.most_common()))


if __name__ == "__main__":
    main()
