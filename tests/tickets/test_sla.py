"""What is promised: clocks that run in business hours, stand while we wait for the customer, remind, and are broken at the due time."""

from datetime import UTC, datetime, timedelta

import pytest

from tandem import clock
from tandem.db import Database
from tandem.ids import TicketId
from tandem.tenants import hours, teams
from tandem.tenants.hours import Hours
from tandem.tickets import notices, sla, working
from tests.cast import Cast
from tests.ground import Place
from tests.tickets.floor import Floor

PROMISE = {
    "name": "all",
    "priorities": [],
    "tiers": [],
    "first_reply": 60,
    "next_reply": 30,
    "resolution": 480,
    "remind": 15,
}


@pytest.fixture
async def floor(db: Database, place: Place, cast: Cast) -> Floor:
    async with db.tenant(cast.acme.id) as tx:
        await sla.set_policies(tx, [PROMISE])
    return Floor(db, place, cast)


def clocks(floor: Floor, ticket_id: TicketId) -> dict[str, tuple[float | None, float | None]]:
    """Minutes until each open clock is due, and minutes left of one that stands still."""
    query = b"select kind, extract(epoch from due_at - now()) / 60, left_s / 60 from sla_clocks where stopped_at is null and ticket_id = %s"
    rows = floor.sql(query, ticket_id)
    return {kind: (due and round(float(due)), left and round(left)) for kind, due, left in rows}


async def reply(floor: Floor, ticket_id: TicketId, n: int) -> None:
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await working.reply(tx, floor.hub, floor.cast.bo.caller, ticket_id, "Hello", f"r-{n}", None)


async def asked(floor: Floor, ticket_id: TicketId) -> None:
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await sla.asked(tx, ticket_id)


async def claim(floor: Floor, ticket_id: TicketId) -> None:
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await working.claim(tx, floor.hub, floor.cast.bo.caller, ticket_id)


async def test_the_resolution_stands_while_we_wait_for_the_customer(floor: Floor) -> None:
    ticket_id = await floor.escalated(await floor.customer("cy"))
    assert clocks(floor, ticket_id) == {"first_reply": (60, None), "resolution": (480, None)}
    await claim(floor, ticket_id)
    floor.wait(minutes=20)
    await reply(floor, ticket_id, 1)
    assert clocks(floor, ticket_id) == {"resolution": (None, 460)}
    floor.wait(minutes=500)
    await asked(floor, ticket_id)
    assert clocks(floor, ticket_id) == {"next_reply": (30, None), "resolution": (460, None)}
    floor.wait(minutes=5)
    await asked(floor, ticket_id)
    assert clocks(floor, ticket_id)["next_reply"] == (25, None), "asking again does not give us more time"
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await working.resolve(tx, floor.hub, floor.cast.bo.caller, ticket_id, None)
    assert clocks(floor, ticket_id) == {}


async def test_nothing_runs_outside_hours(floor: Floor) -> None:
    now = clock.now()
    tomorrow = hours.DAYS[(now + timedelta(days=1)).weekday()]
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await hours.keep(tx, None, Hours.model_validate({"week": {tomorrow: [{"from": "10:00", "to": "18:00"}]}}))
    ticket_id = await floor.escalated(await floor.customer("cy"))
    due = floor.sql(b"select due_at from sla_clocks where ticket_id = %s and kind = 'first_reply'", ticket_id)[0][0]
    opens = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=10)
    assert due == opens + timedelta(minutes=60)
    row = await floor.ticket(ticket_id)
    assert row.as_json()["sla"] == {"promise": "first_reply", "due_at": due, "left_s": None, "breached": False}


async def test_the_first_promise_that_fits_holds(floor: Floor) -> None:
    enterprise = {**PROMISE, "tiers": ["enterprise"], "first_reply": 10, "next_reply": None, "resolution": None}
    urgent = {**PROMISE, "priorities": ["urgent"], "first_reply": 5}
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await sla.set_policies(tx, [urgent, enterprise, PROMISE])
    of = {
        "u": await floor.escalated(await floor.customer("u", "enterprise"), "account_security"),
        "e": await floor.escalated(await floor.customer("e", "enterprise")),
        "f": await floor.escalated(await floor.customer("f")),
    }
    assert {name: clocks(floor, id)["first_reply"][0] for name, id in of.items()} == {"u": 5, "e": 10, "f": 60}
    assert "resolution" not in clocks(floor, of["e"])


async def test_another_priority_by_a_person_brings_its_own_promise_less_what_has_passed(floor: Floor) -> None:
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await sla.set_policies(tx, [{**PROMISE, "priorities": ["urgent"], "first_reply": 30}, PROMISE])
    ticket_id = await floor.escalated(await floor.customer("cy"))
    floor.wait(minutes=10)
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await working.change(tx, floor.hub, ticket_id, {"priority": "urgent"})
    assert clocks(floor, ticket_id)["first_reply"] == (20, None)


async def test_first_a_reminder_and_then_the_breach_each_told_once(floor: Floor) -> None:
    ticket_id = await floor.escalated(await floor.customer("cy"), "unresolved")
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        (team,) = await teams.every(tx)
        await teams.set_members(tx, team.id, {floor.cast.ann.id: True, floor.cast.bo.id: False})

    async def told() -> list[str]:
        await sla.look_at_the_clock(floor.db, floor.hub)
        await sla.look_at_the_clock(floor.db, floor.hub)
        async with floor.db.tenant(floor.cast.acme.id) as tx:
            return [f"{notice.kind} {notice.data['promise']}" for notice in await notices.of(tx, floor.cast.ann.id)]

    floor.wait(minutes=44)
    assert await told() == []
    floor.wait(minutes=2)
    assert await told() == ["sla_reminder first_reply"]
    assert (await floor.ticket(ticket_id)).priority == "low"
    floor.wait(minutes=15)
    assert await told() == ["sla_breached first_reply", "sla_reminder first_reply"]
    row = await floor.ticket(ticket_id)
    assert (row.priority, row.as_json()["sla"]["breached"]) == ("medium", True)
    kinds = [kind for (kind,) in floor.sql(b"select kind from events where kind like 'sla%%' order by seq")]
    assert kinds == ["sla_reminder", "sla_breached"]
    assert [staff for (staff,) in floor.sql(b"select for_staff from events where kind like 'sla%%'")] == [True, True]
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        assert await notices.of(tx, floor.cast.bo.id) == [], "Bo does not lead the team"
        await notices.read(tx, floor.cast.ann.id)
        assert await notices.of(tx, floor.cast.ann.id) == []


async def test_a_promise_that_was_kept_is_never_broken(floor: Floor) -> None:
    ticket_id = await floor.escalated(await floor.customer("cy"))
    await claim(floor, ticket_id)
    await reply(floor, ticket_id, 1)
    floor.wait(minutes=1000)
    assert await sla.look_at_the_clock(floor.db, floor.hub) == 0
    assert (await floor.ticket(ticket_id)).as_json()["sla"]["due_at"] is None
