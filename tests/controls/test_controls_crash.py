"""Would the crash harness notice? Each well-known mistake is planted into a running site, and the check has to say so.

That the check has nothing to say of a sound program is seen here where the scene is special, else in `tests/crash`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.crash import forking
from tests.crash import plant as plants
from tests.crash.plant import Plant, Site
from tests.crash.scene import ANSWERABLE, PATIENCE_S, Scene

ANSWERED_S = 12.0
"""A dead process's turn is answered by then: 6 s of silence, up to 2 until somebody looks, and the turn itself."""


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A plant for all of them."""
    with plants.stand(tmp_path_factory.mktemp("planted")) as standing, forking.forked(standing) as quick:
        yield quick


@pytest.fixture
async def scene(standing: Plant) -> AsyncIterator[Scene]:
    """The plant with a tenant of its own, nothing running."""
    standing.move_in()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Scene(standing, http)
    standing.end_all()


@pytest.mark.timeout(600)
async def test_a_job_promised_after_the_commit_is_missed(scene: Scene) -> None:
    await scene.plant.begin_all(fault="promises_after_commit")
    site = scene.plant.sites[0]
    editor = scene.editor()
    editor.plant = only(scene.plant, site)
    await editor.add()
    site.kill()
    found = await unsettled_after(scene, 6)
    assert any("is processing" in sentence for sentence in found)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", ["new_key_per_try", None])
async def test_a_new_key_for_each_try_is_seen_as_a_double(scene: Scene, fault: str | None) -> None:
    await scene.plant.begin_all(fault=fault, worker=False)
    first, second = scene.plant.sites
    customer = await scene.customer(only=first)
    asking = asyncio.create_task(customer.say(ANSWERABLE))
    customer.deaf = True  # the answer to the first try is lost on the way
    await scene.until(lambda: bool(scene.kept().messages))
    first.kill()
    customer.only, customer.deaf = second, False
    with contextlib.suppress(TimeoutError):
        await (wrong_in_the_end(scene, "doubled") if fault else asyncio.wait_for(asking, PATIENCE_S))
    asking.cancel()
    assert any("doubled" in sentence for sentence in scene.findings()) is bool(fault)


@pytest.mark.timeout(600)
async def test_an_acknowledgement_before_the_commit_is_seen_as_a_loss(scene: Scene) -> None:
    await scene.plant.begin_all(fault="acknowledges_before_commit", worker=False)
    first, second = scene.plant.sites
    customer = await scene.customer(only=first)
    asking = asyncio.create_task(customer.say(ANSWERABLE))
    await scene.until(lambda: bool(scene.diary.acknowledged))
    first.kill()
    customer.only = second
    await asyncio.wait({asking}, timeout=1)
    asking.cancel()
    found = scene.findings()
    assert any(sentence.startswith("lost") for sentence in found)


@pytest.mark.timeout(600)
async def test_words_without_the_floor_are_heard(scene: Scene) -> None:
    await scene.plant.begin_all(model="slow", fault="ignores_the_floor")
    await scene.stock()
    customer = await scene.customer()
    await customer.say(ANSWERABLE, patient=False)
    await asyncio.wait_for(customer.say("And by which date?"), PATIENCE_S)
    await wrong_in_the_end(scene, "superseded", "out of turn")  # the first answer, which nobody waits for any more


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", ["never_adopts", None])
async def test_a_turn_that_nobody_takes_up_is_missed(scene: Scene, fault: str | None) -> None:
    await scene.plant.begin_all(model="slow", fault=fault)
    await scene.stock()
    first, second = scene.plant.sites
    customer = await scene.customer(only=first)
    asking = asyncio.create_task(customer.say(ANSWERABLE))
    await scene.until(lambda: bool(scene.diary.acknowledged))
    first.kill()
    customer.only = second
    await asyncio.wait({asking}, timeout=ANSWERED_S if fault else PATIENCE_S)
    asking.cancel()
    found = scene.findings()
    assert any(sentence.startswith("unanswered") for sentence in found) if fault else found == []


def only(plant: Plant, site: Site) -> Plant:
    """The plant as somebody sees it who uses one site."""
    return Plant(plant.data_dir, [site], plant.worker, plant.models, plant.tenant)


async def wrong_in_the_end(scene: Scene, *words: str) -> None:
    """Wait until the check finds something with one of these words. Raises TimeoutError."""
    await scene.until(lambda: any(word in sentence for sentence in scene.findings() for word in words))


async def unsettled_after(scene: Scene, seconds: float) -> list[str]:
    """What is still wrong when it has had its time."""
    with contextlib.suppress(TimeoutError):
        await scene.settled(seconds)
    return scene.findings()
