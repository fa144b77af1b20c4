"""The bus: what one process sends every process hears, and after a gap it says so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import psycopg
import pytest
from redis.asyncio import Redis

from tandem.hot import Bus, Hot


class Ear:
    """Listens to a bus in the background."""

    def __init__(self, bus: Bus) -> None:
        self.heard: list[bytes | None] = []
        self._bus = bus
        self._more = asyncio.Event()

    async def listen(self) -> None:
        async for payload in self._bus.hear():
            self.heard.append(payload)
            self._more.set()

    async def until(self, *wanted: bytes | None, seconds: float = 60) -> None:
        """Wait until it has heard exactly this, in this order."""
        async with asyncio.timeout(seconds):
            while self.heard != list(wanted):
                self._more.clear()
                await self._more.wait()

    async def count(self, wanted: int, seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while len(self.heard) < wanted:
                self._more.clear()
                await self._more.wait()


@contextlib.asynccontextmanager
async def listening(bus: Bus) -> AsyncIterator[Ear]:
    ear = Ear(bus)
    task = asyncio.create_task(ear.listen())
    try:
        await ear.until(None)
        yield ear
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_everyone_hears_what_is_sent_in_order(hot: Hot) -> None:
    async with listening(hot.bus) as one, listening(hot.bus) as other:
        await hot.bus.send([b"first", b"second"])
        await hot.bus.send([b"third"])
        for ear in (one, other):
            await ear.until(None, b"first", b"second", b"third")


async def test_it_carries_many_at_once_and_text_of_any_kind(hot: Hot) -> None:
    payloads = [f'{{"n": {number}, "word": "naïve \'quoted\' %s"}}' for number in range(1000)]
    async with listening(hot.bus) as ear:
        await hot.bus.send([payload.encode() for payload in payloads])
        await ear.count(1001)
    assert ear.heard[1:] == [payload.encode() for payload in payloads]


async def test_it_says_that_there_was_a_gap_and_goes_on(hot: Hot, request: pytest.FixtureRequest) -> None:
    async with listening(hot.bus) as ear:
        await hot.bus.send([b"before"])
        await ear.until(None, b"before")
        await cut(request)
        await ear.until(None, b"before", None)
        await hot.bus.send([b"after"])
        await ear.until(None, b"before", None, b"after")


async def test_a_listener_who_leaves_leaves_nothing_behind(hot: Hot, request: pytest.FixtureRequest) -> None:
    async with listening(hot.bus):
        assert await listeners(request) == 1
    async with asyncio.timeout(60):
        while await listeners(request):
            await asyncio.sleep(0.02)


async def cut(request: pytest.FixtureRequest) -> None:
    """End every listener's connection, from the server's side."""
    if request.node.callspec.params["hot"] == "redis":
        async with Redis.from_url(request.getfixturevalue("redis_url")) as client:
            await client.client_kill_filter(_type="pubsub")
    else:
        with psycopg.connect(request.getfixturevalue("place").superuser, autocommit=True) as connection:
            connection.execute(f"select pg_terminate_backend(pid, 2000) from ({LISTENERS}) x")


async def listeners(request: pytest.FixtureRequest) -> int:
    if request.node.callspec.params["hot"] == "redis":
        async with Redis.from_url(request.getfixturevalue("redis_url")) as client:
            return int((await client.pubsub_numsub("tandem"))[0][1])
    with psycopg.connect(request.getfixturevalue("place").superuser, autocommit=True) as connection:
        return len(connection.execute(LISTENERS).fetchall())


LISTENERS = """select pid from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen %'"""
