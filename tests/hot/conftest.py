"""Everything hot, on PostgreSQL and on Redis: the same test runs through both."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tandem.db import Database
from tandem.hot import Hot, postgres
from tandem.hot import redis as hot_redis


@pytest.fixture(params=["postgres", "redis"])
async def hot(request: pytest.FixtureRequest) -> AsyncIterator[Hot]:
    """Empty at first."""
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
