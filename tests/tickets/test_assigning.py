"""Giving out work: to who is there and has room, once, in turn; what nobody began returns."""

import asyncio
from collections import Counter

import pytest

from tandem.db import Database
from tandem.ids import TicketId
from tandem.tenants import teams
from tandem.tenants.teams import Workload
from tandem.tickets import assigning, working
from tests.cast import Cast
from tests.ground import Place
from tests.tickets.floor import Floor


@pytest.fixture
def floor(db: Database, place: Place, cast: Cast) -> Floor:
    return Floor(db, place, cast)


async def give_out(floor: Floor) -> int:
    return await assigning.give_out(floor.db, floor.hub, floor.cast.acme.id, floor.present)


async def work(floor: Floor, **capacity: int) -> None:
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        for name, most in capacity.items():
            await teams.set_workload(tx, Workload(getattr(floor.cast, name).id, [], [], most))


async def many(floor: Floor, number: int) -> list[TicketId]:
    return [await floor.escalated(await floor.customer(f"c-{n}")) for n in range(number)]


async def test_nobody_is_given_anything_in_a_team_where_people_take_it(floor: Floor) -> None:
    floor.present = {floor.cast.ann.id}
    await many(floor, 1)
    assert await give_out(floor) == 0


async def test_only_who_is_there_is_given_work_and_never_a_viewer(floor: Floor) -> None:
    await floor.give_work()
    waiting = await many(floor, 3)
    assert await give_out(floor) == 0, "nobody is there"
    floor.present = {floor.cast.vi.id}
    assert await give_out(floor) == 0
    floor.present = {floor.cast.vi.id, floor.cast.bo.id}
    assert await give_out(floor) == 3
    assert {(await floor.ticket(id)).assignee_id for id in waiting} == {floor.cast.bo.id}


async def test_it_goes_round_and_ends_where_nobody_has_room(floor: Floor) -> None:
    await floor.give_work()
    await work(floor, ann=2, bo=3)
    floor.present = {floor.cast.ann.id, floor.cast.bo.id}
    waiting = await many(floor, 7)
    assert await give_out(floor) == 5
    rows = [await floor.ticket(id) for id in waiting]
    order = [row.assignee_name for row in rows]
    assert order[:4] in (["Ann", "Bo", "Ann", "Bo"], ["Bo", "Ann", "Bo", "Ann"])
    assert Counter(order) == {"Ann": 2, "Bo": 3, None: 2}


async def test_balanced_it_goes_to_who_has_most_room(floor: Floor) -> None:
    await floor.give_work("balanced")
    await work(floor, ann=10, bo=2)
    floor.present = {floor.cast.ann.id, floor.cast.bo.id}
    waiting = await many(floor, 6)
    await give_out(floor)
    counts = Counter([(await floor.ticket(id)).assignee_name for id in waiting])
    assert counts == {"Ann": 5, "Bo": 1}


async def test_skills_are_needed_and_languages_preferred(floor: Floor) -> None:
    await floor.give_work(skills=["refunds"])
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await teams.set_workload(tx, Workload(floor.cast.ann.id, ["refunds"], ["en"], 5))
        await teams.set_workload(tx, Workload(floor.cast.bo.id, ["refunds"], ["de"], 5))
    floor.present = {floor.cast.ann.id, floor.cast.bo.id}
    german = [await floor.escalated(await floor.customer(f"g-{n}"), language="de") for n in range(2)]
    await give_out(floor)
    assert {(await floor.ticket(id)).assignee_name for id in german} == {"Bo"}
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await teams.set_workload(tx, Workload(floor.cast.bo.id, ["shipping"], ["de"], 5))
    third = await floor.escalated(await floor.customer("g-3"), language="de")
    await give_out(floor)
    assert (await floor.ticket(third)).assignee_name == "Ann", "who lacks the skill gets none; somebody beats nobody"


async def test_many_who_give_out_at_once_give_each_ticket_once(floor: Floor) -> None:
    await floor.give_work()
    await work(floor, ann=6, bo=6)
    floor.present = {floor.cast.ann.id, floor.cast.bo.id}
    waiting = await many(floor, 14)
    given = await asyncio.gather(*(give_out(floor) for _ in range(4)))
    assert sum(given) == 12
    rows = floor.sql(b"select data->>'ticket_id' from events where kind = 'assigned'")
    assert len(rows) == len(set(rows)) == 12
    assert Counter([(await floor.ticket(id)).assignee_name for id in waiting]) == {"Ann": 6, "Bo": 6, None: 2}


async def test_giving_out_and_claiming_at_once_end_with_one_assignee(floor: Floor) -> None:
    await floor.give_work()
    floor.present = {floor.cast.ann.id}
    waiting = await many(floor, 6)

    async def claim(ticket_id: TicketId) -> bool:
        try:
            async with floor.db.tenant(floor.cast.acme.id) as tx:
                await working.claim(tx, floor.hub, floor.cast.bo.caller, ticket_id)
        except working.AlreadyClaimed:
            return False
        return True

    _, *claimed = await asyncio.gather(give_out(floor), *(claim(id) for id in waiting))
    names = [(await floor.ticket(id)).assignee_name for id in waiting]
    assert [name == "Bo" for name in names] == claimed


async def test_what_was_not_begun_returns_after_the_grace_and_what_was_begun_stays(floor: Floor) -> None:
    await floor.give_work(grace_s=120)
    floor.present = {floor.cast.bo.id}
    begun, unbegun = await many(floor, 2)
    await give_out(floor)
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await working.claim(tx, floor.hub, floor.cast.bo.caller, begun)

    async def take_back() -> int:
        return await assigning.take_back(floor.db, floor.hub, floor.cast.acme.id, floor.present)

    floor.present = set()
    assert await take_back() == 0, "they have only just gone"
    floor.wait(seconds=100)
    assert await take_back() == 0
    floor.present = {floor.cast.bo.id}
    assert await take_back() == 0, "they are back, and it starts anew"
    floor.present = set()
    floor.wait(seconds=100)
    assert await take_back() == 0
    floor.wait(seconds=130)
    assert await take_back() == 1
    assert (await floor.ticket(begun)).assignee_name == "Bo"
    row = await floor.ticket(unbegun)
    assert (row.assignee_name, row.queue_position) == (None, 1)


async def test_replying_begins_what_one_was_given(floor: Floor) -> None:
    await floor.give_work()
    floor.present = {floor.cast.bo.id}
    (ticket_id,) = await many(floor, 1)
    await give_out(floor)
    assert (await floor.ticket(ticket_id)).claimed_at is None
    async with floor.db.tenant(floor.cast.acme.id) as tx:
        await working.reply(tx, floor.hub, floor.cast.bo.caller, ticket_id, "Hello", "r-1", None)
    assert (await floor.ticket(ticket_id)).claimed_at is not None
    assert floor.sql(b"select kind from events where kind = 'joined'")
