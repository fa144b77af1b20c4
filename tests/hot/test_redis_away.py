"""Redis is away, frozen, emptied or back again (fault table F7): everything goes on."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tandem import ids
from tandem.hot import Hot, Limit
from tandem.hot import redis as hot_redis
from tests.conftest import free_port


class Server:
    """A Redis that can be started, frozen and stopped."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        program = shutil.which("redis-server")
        assert program
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        async with Redis.from_url(self.url) as client, asyncio.timeout(60):
            while True:
                with contextlib.suppress(RedisError):
                    await client.ping()
                    return
                await asyncio.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[Server]:
    """Not started yet. `redis_url` says whether there can be one at all."""
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
async def hot(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hot]:
    monkeypatch.setattr(hot_redis, "LEFT_ALONE_S", 0.1)
    monkeypatch.setattr(hot_redis, "PATIENCE_S", 30)  # on a busy machine Redis is slow, not away
    made = hot_redis.open_hot(server.url)
    yield made
    await made.close()


async def test_limits_are_kept_by_this_process_alone(hot: Hot) -> None:
    waits = await asyncio.gather(*(hot.limits.wait("ann", Limit(5, 600)) for _ in range(20)))
    assert waits.count(0.0) == 5
    assert await hot.limits.wait("bo", Limit(5, 600)) == 0.0


async def test_presence_shows_who_beat_here_and_tells_redis_when_it_is_back(server: Server, hot: Hot) -> None:
    team, ann, bo = ids.new(), ids.new(), ids.new()
    assert await hot.presence.beat(team, ann, "online")
    assert not await hot.presence.beat(team, ann, "online")
    assert await hot.presence.states(team) == {ann: "online"}
    await server.start()
    await asyncio.sleep(0.15)
    assert await hot.presence.states(team) == {ann: "online"}
    elsewhere = hot_redis.open_hot(server.url)
    assert await elsewhere.presence.states(team) == {ann: "online"}
    await elsewhere.presence.beat(team, bo, "away")
    assert await hot.presence.states(team) == {ann: "online", bo: "away"}
    await elsewhere.close()


async def test_presence_is_rebuilt_after_redis_was_emptied(server: Server, hot: Hot) -> None:
    await server.start()
    team, ann = ids.new(), ids.new()
    assert await hot.presence.beat(team, ann, "online")
    async with Redis.from_url(server.url) as client:
        await client.flushall()
    assert await hot.presence.states(team) == {ann: "online"}
    elsewhere = hot_redis.open_hot(server.url)
    assert await elsewhere.presence.states(team) == {ann: "online"}
    await elsewhere.close()


async def test_the_scripts_survive_a_restart(server: Server, hot: Hot) -> None:
    await server.start()
    assert await hot.limits.wait("ann", Limit(1, 600)) == 0.0
    server.stop()
    await server.start()
    assert await hot.limits.wait("ann", Limit(1, 600)) == 0.0, "a restarted Redis has forgotten"
    assert await hot.limits.wait("ann", Limit(1, 600)) > 0


async def test_the_bus_refuses_to_send_and_hears_once_redis_is_there(server: Server, hot: Hot) -> None:
    heard: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def listen() -> None:
        async for payload in hot.bus.hear():
            heard.put_nowait(payload)

    listener = asyncio.create_task(listen())
    with pytest.raises(RedisError):
        await hot.bus.send([b"lost"])
    for _ in range(2):
        await server.start()
        async with asyncio.timeout(60):
            assert await heard.get() is None
            await hot.bus.send([b"kept"])
            assert await heard.get() == b"kept"
        server.stop()
    listener.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listener


async def test_a_frozen_redis_is_waited_for_once(
    server: Server, hot: Hot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await server.start()
    assert await hot.limits.wait("ann", Limit(3, 6000)) == 0.0
    server.freeze()
    monkeypatch.setattr(hot_redis, "LEFT_ALONE_S", 6000)
    monkeypatch.setattr(hot_redis, "PATIENCE_S", 0.5)
    hasty = hot_redis.open_hot(server.url)
    waits = [await hasty.limits.wait("ann", Limit(3, 6000)) for _ in range(50)]
    assert waits.count(0.0) == 3, "this process counts alone"
    assert sum("Redis does not answer" in record.message for record in caplog.records) == 1
    await hasty.close()
