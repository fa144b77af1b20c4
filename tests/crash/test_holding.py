"""Two hundred slow answers on a pool of twenty connections: none is held while a model is awaited."""

import asyncio

import aiohttp
import psycopg
import pytest

from tandem import app
from tests.crash.plant import Plant
from tests.crash.scene import ANSWERABLE, Scene

AT_ONCE = 200


@pytest.mark.timeout(180)
async def test_no_connection_is_held_while_a_model_is_awaited(plant: Plant, http: aiohttp.ClientSession) -> None:
    scene = Scene(plant, http)
    site = plant.sites[0]
    await plant.begin_all(model="slow")
    await scene.stock()
    customers = await asyncio.gather(*(scene.customer(only=site) for _ in range(AT_ONCE)))
    asking = [asyncio.create_task(customer.say(ANSWERABLE)) for customer in customers]
    await scene.until(lambda: len(scene.diary.acknowledged) == AT_ONCE, 60)
    held = [await asyncio.to_thread(_held, plant.superuser_url) for _ in range(20)]
    thinking = sum(turn["status"] == "thinking" for turn in scene.kept().turns)
    await asyncio.wait_for(asyncio.gather(*asking), 90)
    assert thinking > app.POOL  # it was looked at while more were awaited than there are connections
    assert sorted(held)[len(held) // 2] == 0
    assert scene.diary.refusals == {}
    assert scene.findings() == []


def _held(superuser_url: str) -> int:
    """Connections that have been in one transaction for a second; the model is silent for two and a half."""
    query = "select count(*) from pg_stat_activity where usename = 'tandem_app' and xact_start < now() - interval '1 s'"
    with psycopg.connect(superuser_url) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
