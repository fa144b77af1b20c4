"""A day at the support floor, with and without a flood of abusive escalations: how long do real customers wait?

Time is simulated; who stands where and who is given what are asked of the product, on the real database.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

from tandem.db import Database
from tandem.ids import CustomerId, TicketId
from tandem.tenants import teams
from tandem.tickets import assigning, working
from tests.cast import Cast
from tests.ground import Ground, Place
from tests.tickets.floor import Floor

AGENTS_PLACES = 4
"""Two agents with so many places each."""

HANDLING_MIN = 30.0
GAP_MIN = 4.4
"""A real customer every 4.4 minutes with half an hour of work each, in eight places: they are busy 85 % of the time."""

HOURS = 4

ABUSE_MIN = 5.0
"""What an agent needs to see that something is abuse and to close it."""


@dataclass(slots=True)
class Case:
    """Somebody who will come."""

    at: float
    customer: CustomerId
    is_real: bool
    minutes: float


async def simulate(floor: Floor, seed: int, *, flood: bool) -> float:
    """The mean minutes that real customers wait on a day, with or without a flood, by the product's own queue and giving out.

    Time is simulated; order, fairness and who is given what are asked of the database.
    """
    dice = random.Random(seed)
    await floor.give_work("balanced")
    agents = (floor.cast.ann, floor.cast.bo)
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        for agent in agents:
            await teams.set_workload(tx, teams.Workload(agent.id, [], [], AGENTS_PLACES))
    floor.present = {agent.id for agent in agents}
    cases: list[Case] = []
    at = 0.0
    while (at := at + dice.expovariate(1 / GAP_MIN)) < HOURS * 60:
        customer = await floor.customer(f"real-{len(cases)}", dice.choice(["free", "paid"]))
        cases.append(Case(at, customer, True, dice.expovariate(1 / HANDLING_MIN)))
    if flood:
        abuser = await floor.customer("abuser", "paid")
        for n in range(60):  # one customer, one address, and many sessions from everywhere, within forty minutes
            who = (abuser, await floor.customer(origin="aabbcc"), await floor.customer(origin=f"{n:06x}"))[n % 3]
            cases.append(Case(60 + n * 2 / 3, who, False, ABUSE_MIN))
    waits = await run(floor, sorted(cases, key=lambda case: case.at))
    return sum(waits) / len(waits)


async def run(floor: Floor, cases: list[Case]) -> list[float]:
    """Each comes at their time; what an agent has is done after its minutes. What is still waiting in the end counts as it stands."""
    events = [(case.at, n, "comes", None) for n, case in enumerate(cases)]
    heapq.heapify(events)
    of: dict[TicketId, Case] = {}
    waits: dict[TicketId, float] = {}
    number, now = len(cases), 0.0
    while events:
        now, n, what, ticket_id = heapq.heappop(events)
        if now > HOURS * 60:
            break
        if what == "comes":
            of[await floor.escalated(cases[n].customer, trigger="legal_threat" if not cases[n].is_real else "x")] = (
                cases[n]
            )
        else:
            async with floor.db.tenant(floor.cast.acme.id) as tx:
                await working.resolve(tx, floor.hub, floor.cast.bo.caller, ticket_id, None)  # type: ignore[arg-type]
        if await assigning.give_out(floor.db, floor.hub, floor.cast.acme.id, floor.present):
            rows = floor.sql(b"select id from tickets where status = 'escalated' and assignee_id is not null")
            for (id,) in rows:
                if id not in waits:
                    waits[id] = now - of[id].at
                    number += 1
                    heapq.heappush(events, (now + of[id].minutes, number, "done", id))
    end = HOURS * 60.0
    return [waits.get(id, end - case.at) for id, case in of.items() if case.is_real]


SEED = 7


async def growth(ground: Ground, cast: Cast, prepare: Callable[[Place], None] | None = None) -> float:
    """By how much the mean wait of real customers grows in a flood: 0.1 is 10 %. `prepare`: a mistake for both databases."""
    waits = []
    for has_flood in (False, True):
        with ground.database(ground.template.name) as place:
            if prepare:
                prepare(place)
            db = Database(place.app, size=4)
            await db.open()
            try:
                waits.append(await simulate(Floor(db, place, cast), SEED, flood=has_flood))
            finally:
                await db.close()
    calm, flooded = waits
    print(f"mean wait of real customers: {calm:.2f} min on a calm day, {flooded:.2f} in a flood")
    assert calm > 0.3, "where nobody waits there is nothing to compare"
    return flooded / calm - 1
