"""What directed tests share: customers on one site, a moment to wait for, the check at the end."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import aiohttp

from tests.crash import history, reading
from tests.crash.plant import Plant, Site
from tests.crash.reading import Frame
from tests.crash.writing import Agent, Customer, Diary, Editor

PATIENCE_S = 90.0
"""How long anything may take on two cores that others use too."""

ANSWERABLE = "How long do I have to return an item?"
RETURNS = (
    "# Returns\n\nYou can return any unused item within 60 days of delivery. Send it back with the label in the box."
)


class Scene:
    """A plant in which one thing after the other happens."""

    def __init__(self, plant: Plant, http: aiohttp.ClientSession, seed: int = 1) -> None:
        self.plant, self.http, self.diary, self.dice = plant, http, Diary(), random.Random(seed)

    async def customer(self, only: Site | None = None) -> Customer:
        """A customer who has just arrived."""
        someone = Customer(self.plant, self.http, self.diary, random.Random(self.dice.getrandbits(64)))
        await someone.arrive()
        someone.only = only
        return someone

    async def agent(self) -> Agent:
        """An agent, signed in."""
        someone = Agent(self.plant, self.http, self.diary, random.Random(self.dice.getrandbits(64)))
        await someone.sign_in()
        return someone

    def editor(self) -> Editor:
        """Somebody who adds articles."""
        return Editor(self.plant, self.http, self.diary, random.Random(self.dice.getrandbits(64)))

    async def stock(self) -> None:
        """One article, ready to answer from."""
        await self.editor().put("returns", "Returns", RETURNS)
        await self.until(lambda: not history.unsettled(self.kept(), self.diary))

    def kept(self) -> history.Kept:
        """What the database has."""
        return history.read(self.plant.superuser_url, self.plant.tenant["tenant_id"])

    def findings(self) -> list[str]:
        """What is wrong by now."""
        return history.findings(self.kept(), self.diary)

    async def settled(self, seconds: float = PATIENCE_S) -> float:
        """Wait until everything is answered; how long it took. Raises TimeoutError."""
        return await self.until(lambda: not history.unsettled(self.kept(), self.diary), seconds)

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE_S) -> float:
        """Wait until something is true; how long it took. Raises TimeoutError."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(true):
                await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def hears(
        self, customer: Customer, site: Site, seen: Callable[[Frame], bool], then: Callable[[], Awaitable[None]]
    ) -> float:
        """On a site's live events: do `then`, and wait for the frame; the seconds between."""
        url = f"{site.url}/v1/conversations/{customer.conversation_id}/events"
        headers = {**customer.headers, "last-event-id": str(customer.seen)}
        async with reading.stream(self.http, "GET", url, headers) as frames:
            await asyncio.sleep(0.3)
            await then()
            began = time.monotonic()
            async with asyncio.timeout(PATIENCE_S):
                async for frame in frames:
                    if seen(frame):
                        return time.monotonic() - began
        raise AssertionError("the stream ended")


def speaks(customer: Customer, scene: Scene) -> Callable[[], bool]:
    """Whether the customer's latest connection has brought words of an answer."""
    return lambda: any(
        frame.kind == "delta"
        for heard in scene.diary.heard
        if heard.conversation_id == customer.conversation_id and customer.conversation_id
        for frame in heard.frames
    )
