"""Ten times as many slow answers as there are connections: none is held while a model is awaited."""

import asyncio

import aiohttp
import psycopg
import pytest

from tandem import ids
from tests.controls.planted import FEW
from tests.crash.plant import Plant
from tests.crash.scene import ANSWERABLE, Scene

AT_ONCE = 10 * FEW


@pytest.mark.timeout(600)
async def test_no_connection_is_held_while_a_model_is_awaited(plant: Plant, http: aiohttp.ClientSession) -> None:
    scene = Scene(plant, http)
    site = plant.sites[0]
    await plant.begin_all(model="slow", fault="few_connections")
    await scene.stock()
    customers = await asyncio.gather(*(scene.customer(only=site) for _ in range(AT_ONCE)))
    asking = [asyncio.create_task(customer.say(ANSWERABLE)) for customer in customers]
    held = list[int]()
    while not all(task.done() for task in asking):
        thinking, holding = await asyncio.to_thread(_look, plant.superuser_url, plant.tenant["tenant_id"])
        if thinking > FEW:  # more are awaited than there are connections
            held.append(holding)
    await asyncio.gather(*asking)
    assert len(scene.diary.acknowledged) == AT_ONCE
    assert held
    assert sorted(held)[len(held) // 2] == 0
    assert scene.diary.refusals == {}
    assert scene.findings() == []


def _look(superuser_url: str, tenant_id: str) -> tuple[int, int]:
    """Answers that are being thought of; connections in one transaction for a second, of the model's two and a half."""
    query = (
        "select (select count(*) from turns where tenant_id = %s and status = 'thinking'), count(*)"
        " from pg_stat_activity where usename = 'tandem_app' and xact_start < now() - interval '1 s'"
    )
    with psycopg.connect(superuser_url) as connection:
        row = connection.execute(query, [ids.read("tnt", tenant_id)]).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
