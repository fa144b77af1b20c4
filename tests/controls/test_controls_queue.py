"""Would the simulation of a flood notice a queue that is not fair? Each half of the fairness is taken away, and the wait has to grow."""

import psycopg
import pytest

from tandem.tickets import assigning
from tests.cast import Cast
from tests.ground import Ground, Place
from tests.tickets import flood


def first_come_first_served(place: Place) -> None:
    """By priority and time alone, whoever it is and however often they came."""
    with psycopg.connect(place.owner, autocommit=True) as connection:
        found = connection.execute("select pg_get_functiondef('waiting_line'::regproc)").fetchone()
        assert found
        fair = "order by l.flooded, l.nth, l.rank, l.escalated_at, l.id"
        assert fair in found[0], "the function does not read like that any more"
        unfair = found[0].replace(fair, "order by l.rank, l.escalated_at, l.id")
        assert unfair.count("l.flooded or l.nth > 1") == 1, "the function does not read like that any more"
        connection.execute(unfair.replace("l.flooded or l.nth > 1", "false").encode())


async def test_a_queue_without_fairness_is_noticed(ground: Ground, cast: Cast) -> None:
    assert await flood.growth(ground, cast, first_come_first_served) > 0.10


async def test_giving_the_last_free_place_to_a_flood_is_noticed(
    ground: Ground, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigning, "KEPT_FREE", -1.0)
    assert await flood.growth(ground, cast) > 0.10
