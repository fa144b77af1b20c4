"""The queue: in the order of the tenant's rules, fair between customers, and honest about the wait."""

import pytest

from tandem import ids
from tandem.db import Database
from tandem.ids import TicketId
from tandem.tenants import customers, hours, teams
from tandem.tenants.hours import Hours
from tandem.tickets import queue, working
from tandem.tickets.queue import Standing
from tandem.tickets.tickets import USUAL_STRANGERS
from tests.cast import Cast
from tests.ground import Ground, Place
from tests.tickets import flood
from tests.tickets.floor import Floor


@pytest.fixture
def floor(db: Database, place: Place, cast: Cast) -> Floor:
    return Floor(db, place, cast)


# --- the order ---


async def test_priority_comes_from_tier_and_rule_and_then_the_first_come(floor: Floor) -> None:
    free = await floor.escalated(await floor.customer("f"), "unresolved")
    paid = await floor.escalated(await floor.customer("p", "paid"), "unresolved")
    enterprise = await floor.escalated(await floor.customer("e", "enterprise"))
    urgent = await floor.escalated(await floor.customer("u"), trigger="account_security")
    second = await floor.escalated(await floor.customer("f2"), "unresolved")
    assert await floor.line() == [urgent, enterprise, paid, free, second]
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        assert (await queue.place(tx, second, ())).position == 5


async def test_a_customer_s_second_waits_behind_everybody_s_first(floor: Floor) -> None:
    angry = await floor.customer("angry", "enterprise")
    angry_ones = [await floor.escalated(angry, trigger="legal_threat") for _ in range(4)]
    calm = [await floor.escalated(await floor.customer(f"calm-{n}")) for n in range(3)]
    assert await floor.line() == [angry_ones[0], *calm, *angry_ones[1:]]
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await working.claim(tx, floor.hub, floor.cast.bo.caller, angry_ones[0])
    assert await floor.line() == [*calm, *angry_ones[1:]], "the one in hand still counts as theirs"


async def test_anonymous_ones_of_one_place_count_as_one(floor: Floor) -> None:
    same = [await floor.escalated(await floor.customer(origin="aabbcc")) for _ in range(3)]
    other = await floor.escalated(await floor.customer(origin="ddeeff"))
    assert await floor.line() == [same[0], other, *same[1:]]


async def test_a_flood_of_strangers_stands_behind_whom_the_tenant_knows(floor: Floor) -> None:
    strangers = [await floor.escalated(await floor.customer(), trigger="legal_threat") for _ in range(USUAL_STRANGERS)]
    known = await floor.escalated(await floor.customer("known"))
    assert await floor.line() == [*strangers, known], "so many are usual"
    one_more = await floor.escalated(await floor.customer(), trigger="legal_threat")
    assert await floor.line() == [known, *strangers, one_more]


async def test_where_somebody_comes_from_cannot_be_read_from_what_is_kept(cast: Cast) -> None:
    kept = customers.origin(cast.acme.id, "198.51.100.7")
    assert len(kept) == 6
    assert kept == customers.origin(cast.acme.id, "198.51.100.7")
    assert kept != customers.origin(cast.rival.id, "198.51.100.7")
    assert kept != customers.origin(cast.acme.id, "198.51.100.8")


async def test_moving_to_another_team_is_another_line(floor: Floor) -> None:
    one, two = [await floor.escalated(await floor.customer(f"c{n}")) for n in range(2)]
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        other = await teams.add(tx, "Other")
        await working.change(tx, floor.hub, one, {"team_id": other})
    assert [(await floor.ticket(id)).queue_position for id in (one, two)] == [1, 1]
    assert (await floor.ticket(one)).team_name == "Other"


# --- the wait ---


def standing(position: int = 1, **more: float | None) -> Standing:
    told = {"waits": 20, "usual_wait_s": 600.0, "quick_wait_s": 60.0, "handled": 20, "usual_handling_s": 900.0}
    return Standing(position=position, team_id=ids.new(), **{**told, "places": 0, "taken": 0, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "minutes"),
    [
        (standing(waits=4), None),
        (standing(position=9), 10),  # nobody is there: the usual wait
        (standing(places=3, taken=1), 1),  # a place is free: the quick wait
        (standing(position=3, places=3, taken=1), 1 + 5),  # one in front beyond the free ones: 60 + 1 * 900 / 3
        (standing(position=4, places=2, taken=2), 1 + 30),  # 60 + 4 * 900 / 2
        (standing(position=4, places=2, taken=2, handled=4), 10),  # handling is not known well enough
        (standing(quick_wait_s=0.0, places=5), 1),  # never nothing
    ],
)
def test_the_wait_is_estimated_from_what_was_measured(told: Standing, minutes: int | None) -> None:
    assert queue.estimate(told) == minutes


async def test_waits_and_handlings_are_measured_and_then_told(floor: Floor) -> None:
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        assert (await queue.place(tx, await later(floor, "first"), ())).estimated_wait_minutes is None
    for n in range(queue.MEASURED):
        ticket_id = await floor.escalated(await floor.customer(f"m-{n}"))
        floor.wait(minutes=8)
        async with floor.db.tenant(floor.cast.acme.id) as tx:
            await working.claim(tx, floor.hub, floor.cast.bo.caller, ticket_id)
        floor.wait(minutes=20)
        async with floor.db.tenant(floor.cast.acme.id) as tx:
            await working.resolve(tx, floor.hub, floor.cast.bo.caller, ticket_id, None)
    measured = floor.sql(b"select round(waited_s / 60), round(handled_s / 60) from handlings")
    assert measured == [(8, 20)] * queue.MEASURED
    waiting = await later(floor, "waiting")
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        assert (await queue.place(tx, waiting, ())).estimated_wait_minutes == 9  # a little over 8, rounded up
        closed = Hours(week={}, outside="collect", text="We are back {back}.")
        await hours.keep(tx, None, closed)
        place = await queue.place(tx, waiting, ())
        assert (place.estimated_wait_minutes, place.now.text) == (None, "We are back later.")


async def later(floor: Floor, name: str) -> TicketId:
    return await floor.escalated(await floor.customer(name))


# --- a flood ---


async def test_a_flood_of_abusive_escalations_does_not_make_real_customers_wait(ground: Ground, cast: Cast) -> None:
    """Its control is in tests/controls/test_controls_queue.py."""
    assert await flood.growth(ground, cast) <= 0.10
