"""Everything hot, on PostgreSQL and on Redis: the same test runs through both."""

from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
import pytest
from redis.asyncio import Redis

from tandem.db import Database
from tandem.hot import Hot, postgres
from tandem.hot import redis as hot_redis

Passes = Callable[[float], Awaitable[None]]


@pytest.fixture(params=["postgres", "redis"])
async def hot(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hot]:
    """Empty at first. A Redis on a busy machine is slow, not away."""
    monkeypatch.setattr(hot_redis, "PATIENCE_S", 30)
    if request.param == "redis":
        url: str = request.getfixturevalue("redis_url")
        async with Redis.from_url(url) as client:
            await client.flushall()
        made = hot_redis.open_hot(url)
        yield made
        await made.close()
    else:
        db = Database(request.getfixturevalue("place").app)
        await db.open()
        yield postgres.open_hot(db)
        await db.close()


@pytest.fixture
def passes(hot: Hot, request: pytest.FixtureRequest) -> Passes:
    """`await passes(60)`: for the limits a minute passes, and nobody waits for it."""

    async def in_redis(seconds: float) -> None:
        async with Redis.from_url(request.getfixturevalue("redis_url")) as client:
            for key in await client.keys("tandem:limit:*"):
                await client.set(key, float(await client.get(key) or 0) - seconds)

    async def in_postgres(seconds: float) -> None:
        moved = "update rate_limits set tat = tat - make_interval(secs => %s)"
        with psycopg.connect(request.getfixturevalue("place").superuser, autocommit=True) as connection:
            connection.execute(moved, [seconds])

    return in_redis if isinstance(hot.limits, hot_redis.RedisLimits) else in_postgres
