"""A site that is stopped kindly, and one that is frozen for longer than it may be silent."""

import asyncio
import signal

import aiohttp
import pytest

from tests.crash.plant import Plant
from tests.crash.scene import ANSWERABLE, PATIENCE_S, Scene
from tests.crash.writing import Customer

CUSTOMERS = 6
HELD_UP = "graceful shutdown exceeded"
"""What uvicorn says when it stops waiting for somebody."""


@pytest.mark.timeout(600)
async def test_a_site_that_is_told_to_stop_finishes_its_answers(
    whole_plant: Plant, http: aiohttp.ClientSession
) -> None:
    scene = Scene(whole_plant, http)
    await whole_plant.begin_all(model="slow")
    await scene.stock()
    first, second = whole_plant.sites
    customers = [await scene.customer(only=first) for _ in range(CUSTOMERS)]
    opened = asyncio.Event()
    watching = asyncio.create_task(_watch(scene, first.url, await scene.customer(only=second), opened))
    await asyncio.wait_for(opened.wait(), PATIENCE_S)
    writing = [asyncio.create_task(customer.say(ANSWERABLE)) for customer in customers]
    await scene.until(lambda: len(scene.diary.acknowledged) == CUSTOMERS + 1)
    await asyncio.sleep(1)  # in the middle of the silence before their answers
    stopping = asyncio.create_task(asyncio.to_thread(first.stop))
    await asyncio.sleep(0.2)
    for customer in customers:
        customer.only = second  # where they go when their stream ends
    await stopping
    await asyncio.wait_for(asyncio.gather(*writing, watching), PATIENCE_S)
    assert HELD_UP not in first.log.read_text(), "the open page held it up for the 20 s of fault table F19"
    assert scene.findings() == []
    kinds = [event.kind for events in scene.kept().events.values() for event in events]
    assert "restarted" not in kinds
    assert {turn["attempt"] for turn in scene.kept().turns} == {1}


async def _watch(scene: Scene, url: str, customer: Customer, opened: asyncio.Event) -> None:
    """An open page, which listens without end and must not hold the site up."""
    sent = await customer.say("Thank you!")
    events = f"{url}/v1/conversations/{sent.conversation_id}/events"
    async with scene.http.get(
        events, headers=customer.headers, timeout=aiohttp.ClientTimeout(total=PATIENCE_S)
    ) as answer:
        opened.set()
        async for _ in answer.content.iter_any():
            pass


@pytest.mark.timeout(600)
async def test_a_site_that_was_frozen_does_not_answer_a_second_time(
    whole_plant: Plant, http: aiohttp.ClientSession
) -> None:
    scene = Scene(whole_plant, http)
    await whole_plant.begin_all(model="slow")
    await scene.stock()
    first, second = whole_plant.sites
    customer = await scene.customer(only=first)
    asking = asyncio.create_task(customer.say(ANSWERABLE))
    await scene.until(lambda: bool(scene.diary.acknowledged))
    first.signal(signal.SIGSTOP)
    try:
        assert await scene.settled() > 1  # by the other one, after the silence
        adopted = [turn["attempt"] for turn in scene.kept().turns if turn["attempt"] > 1]
        assert adopted
    finally:
        first.signal(signal.SIGCONT)
    await asyncio.wait_for(asking, PATIENCE_S)
    await asyncio.sleep(3)  # its late result comes, and is discarded
    assert scene.findings() == []
    assert await asyncio.to_thread(first.is_ready)
    assert (await (await scene.customer(only=first)).say(ANSWERABLE)).answered
    assert second.is_running
