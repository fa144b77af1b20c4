"""Two sites at once: notices between them are lost, people take over on one while the other is answering."""

import asyncio
from functools import partial

import aiohttp
import pytest

from tests.crash.plant import Plant
from tests.crash.reading import Frame
from tests.crash.scene import ANSWERABLE, PATIENCE_S, Scene, speaks
from tests.crash.writing import Customer

RACES, MOST_RACES = 4, 16
"""More than four only where the machine was too busy to come before any of the answers."""


@pytest.mark.timeout(600)
async def test_the_other_site_hears_of_it_although_every_notice_is_lost(
    plant: Plant, http: aiohttp.ClientSession
) -> None:
    scene = Scene(plant, http)
    await plant.begin_all(fault="loses_notices", worker=False)
    customer = await scene.customer(only=plant.sites[0])
    await customer.say("Hello!")
    for number in range(4):
        await _shown(scene, customer, f"Thank you, {number} times!")
    assert scene.findings() == []


@pytest.mark.timeout(600)
async def test_a_person_who_takes_over_is_not_interrupted(plant: Plant, http: aiohttp.ClientSession) -> None:
    scene = Scene(plant, http)
    await plant.begin_all(model="slow")
    await scene.stock()
    first, second = plant.sites
    agent = await scene.agent()
    agent.plant = type(plant)(plant.data_dir, [second], plant.worker, plant.models, plant.tenant)
    for race in range(MOST_RACES):
        if race >= RACES and _silenced(scene):
            break
        customer = await scene.customer(only=first)
        asking = asyncio.create_task(customer.say(ANSWERABLE))
        if race % 2:
            await scene.until(speaks(customer, scene))
        else:
            await scene.until(partial(_is_stored, customer))
        await asyncio.sleep(0.05 * (race % RACES))
        found = await agent.ask("GET", f"/v1/tickets?conversation_id={customer.conversation_id}")
        assert await agent.claim(found["items"][0]["id"])
        await agent.reply(found["items"][0]["id"], "I am looking into it.")
        await asyncio.wait_for(asking, PATIENCE_S)
    await asyncio.sleep(3)  # whatever the model had left to say
    assert scene.findings() == []
    taken = [events for events in scene.kept().events.values() if any(event.kind == "joined" for event in events)]
    assert len(taken) >= RACES
    assert _silenced(scene), [turn["status"] for turn in scene.kept().turns]


def _silenced(scene: Scene) -> bool:
    return any(turn["status"] == "silenced" for turn in scene.kept().turns)


async def _shown(scene: Scene, customer: Customer, text: str) -> None:
    """A message is answered on one site, and the other one's stream shows it. Raises TimeoutError."""
    after = customer.seen

    async def write() -> None:
        await customer.say(text)

    def is_new(frame: Frame) -> bool:
        return frame.kind == "accepted" and (frame.seq or 0) > after

    await scene.hears(customer, scene.plant.sites[1], is_new, write)


def _is_stored(customer: Customer) -> bool:
    return customer.conversation_id is not None
